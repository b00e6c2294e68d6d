//! What law files hold, loaded: facts, instruments, offences, aggravations, rules, entities, measures, flags.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use crate::fact::{Earlier, Fact};
use crate::offence::{Exclusion, Fraction, Increase, Offence, PenaltyShown};
use crate::ratio::Ratio;
use crate::search::Index;
use crate::speech::{Bilingual, Speech};
use crate::truth::Tree;

/// How much of a text is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The official text.
    Loaded,
    /// Part of it, the rest from secondary sources.
    Partial,
    /// Nothing but its name.
    NotLoaded,
}

/// A law, or a code.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// Short name.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Where it was published.
    pub gazette: Option<String>,
    /// Day of publication.
    pub published: Option<Date>,
    /// First day in force.
    pub since: Option<Date>,
    /// Last day in force.
    pub until: Option<Date>,
    /// Date of the consolidated text at hand.
    pub text_as_of: Option<Date>,
    /// How much is at hand.
    pub status: Status,
    /// `any`, `federal` or `local`.
    pub forum: String,
    /// The entity whose law it is.
    pub entity: Option<String>,
    /// Where the text comes from.
    pub source: String,
    /// The same in Spanish, where it differs.
    pub source_es: Option<String>,
    /// Its identifier, where it is not made of the fields above ([`Instrument::iri`]).
    pub iri: Option<String>,
    /// Folder of its law file, where its official text lies beside it.
    pub folder: String,
    /// Further statements, by name.
    pub notes: BTreeMap<String, String>,
    /// Numbers of its offences, in [`Library::offences`].
    pub(crate) offences: Vec<usize>,
    /// Numbers of its fractions, in [`Library::fractions`].
    pub(crate) fractions: Vec<usize>,
}

/// A day on which wording changes.
#[derive(Clone, Debug)]
pub struct WordingChange {
    /// First day of the new wording.
    pub since: Date,
    /// Day on which its decree was published.
    pub published: Option<Date>,
    /// Where it was published.
    pub source: String,
    /// What the decree says of its entry into force.
    pub text: Option<String>,
    /// The entity whose law changes; nothing: federal.
    pub entity: Option<String>,
    /// Whether conduct across it is always shown in parts; else only where the answers differ.
    pub main: bool,
}

/// One measure of assistance or protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "exchange", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "exchange", schemars(deny_unknown_fields))]
pub struct Measure {
    /// Name.
    pub id: String,
    /// Law.
    pub law: String,
    /// Article.
    pub article: String,
    /// The law's own term.
    pub deadline: String,
    /// What, in Spanish.
    pub measure: String,
    /// Who owes it.
    pub owed_by: String,
    /// The law's own condition.
    pub trigger: String,
    /// `loaded` or `cited`.
    pub status: String,
    /// Where the text comes from.
    pub source: String,
}

/// Another reading of an offence that its text allows.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Flag that says so.
    pub flag: String,
    /// Offence.
    pub offence: String,
    /// Its elements in the other reading.
    pub other: Tree,
    /// First day of the wording that allows it.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// A rule common to the offences of a law.
#[derive(Clone, Debug)]
pub struct CommonRule {
    /// Name.
    pub id: String,
    /// Its law.
    pub instrument: String,
    /// Article.
    pub art: Option<String>,
    /// When it holds.
    pub tree: Option<Tree>,
    /// The fact that it presumes when nothing is known of it.
    pub presumes: Option<usize>,
    /// The fact whose mention calls for it.
    pub given: Option<usize>,
    /// Offences that it is about: it holds when one of them is proven.
    pub of: Vec<String>,
    /// Offences that it excepts.
    pub except: Vec<String>,
    /// Factor on upper limits.
    pub factor: Option<Ratio>,
    /// Factor on lower limits; nothing: they stay.
    pub floor: Option<Ratio>,
    /// Most years of prison.
    pub cap: Option<Ratio>,
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Earlier words of it, newest first.
    pub earlier: Vec<Earlier>,
    /// Flag when it holds.
    pub flag: Option<String>,
    /// Words of the law.
    pub text: Option<String>,
    /// Further statements, by name.
    pub notes: BTreeMap<String, String>,
}

impl CommonRule {
    /// Whether it is in force on a day.
    pub fn in_force(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// One of the 32 entities.
#[derive(Clone, Debug)]
pub struct Entity {
    /// ISO 3166-2.
    pub id: String,
    /// Name.
    pub name: String,
    /// Older codes.
    pub aliases: Vec<String>,
    /// What is known of its law, by name; in Spanish under the name with `_es`, where it differs.
    pub notes: BTreeMap<String, String>,
}

impl Entity {
    /// Its name in Spanish.
    pub fn name_es(&self) -> &str {
        self.notes.get("name_es").unwrap_or(&self.name)
    }

    /// What is known under a name, in Spanish.
    pub fn note_es(&self, name: &str) -> Option<&str> {
        let own = self.notes.get(&format!("{name}_es"));
        own.or_else(|| self.notes.get(name)).map(String::as_str)
    }
}

/// A law, code, decree or agreement of an entity of which only its title and its place are known.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The entity whose law it is.
    pub entity: String,
    /// Official title.
    pub title: String,
    /// Number in the catalogue of the Secretaría de Gobernación.
    pub record: String,
    /// Where it was published.
    pub gazette: Option<String>,
    /// Day of publication.
    pub published: Option<Date>,
    /// Where its official text lies.
    pub address: String,
}

/// A measure of assistance or protection, and when it is owed.
#[derive(Clone, Debug)]
pub struct MeasureOwed {
    /// As answers show it.
    pub shown: Arc<Measure>,
    /// Condition in facts.
    pub when: Option<Tree>,
    /// Entity whose law it is.
    pub entity: Option<String>,
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// A code that an answer may carry.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Code.
    pub code: String,
    /// When it is said.
    pub when: String,
    /// The same in Spanish.
    pub es: String,
}

/// A single statement of a source.
#[derive(Clone, Debug)]
pub struct SourceItem {
    /// Name.
    pub id: String,
    /// Its law.
    pub instrument: String,
    /// `loaded`, `cited` or `unknown`.
    pub status: String,
    /// What it states.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// First day of what it states.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// A worked example in a law file, which `law check` and the tests run.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The question.
    pub case: crate::Case,
    /// Ids that must be proven.
    pub proven: Vec<String>,
    /// Ids that must not be proven.
    pub not_proven: Vec<String>,
    /// Facts that must be listed as exclusions to check, for each offence proven.
    pub exclusions: Vec<String>,
    /// Ids that must be contradicted.
    pub contradicted: Vec<String>,
    /// Flags that must be said.
    pub flags: Vec<String>,
    /// Flags that must not be said.
    pub no_flags: Vec<String>,
    /// Offences that must have no range.
    pub no_sentence: Vec<String>,
    /// Fractions that must hold.
    pub aggravations: Option<Vec<String>>,
    /// Years and fine days of an offence, exactly.
    pub sentence: BTreeMap<String, PenaltyShown>,
    /// Whether leaving out any one fact undoes what is proven, flagged or aggravated.
    pub each_needed: bool,
    /// File and line.
    pub place: String,
}

/// Everything loaded.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Facts, in the order of the files.
    pub facts: Vec<Fact>,
    /// Facts that follow from others.
    pub(crate) derived: Vec<usize>,
    /// Facts whose wording has a first day.
    pub(crate) dated: Vec<usize>,
    /// Number of a fact by its id or another name of it.
    pub index: BTreeMap<String, usize>,
    /// How a law cites facts that another has, too: by its id and the number of the fact.
    pub(crate) cites: BTreeMap<String, BTreeMap<usize, String>>,
    /// Laws.
    pub instruments: Vec<Instrument>,
    /// Days of change, in order.
    pub changes: Vec<WordingChange>,
    /// Offences.
    pub offences: Vec<Offence>,
    /// Ids of all offences and fractions, sorted, as answers share them.
    pub(crate) ids: Arc<[Arc<str>]>,
    /// Numbers of those that stand in a federal code, loaded.
    pub(crate) in_codes: Vec<usize>,
    /// Increases.
    pub increases: Vec<Increase>,
    /// Fractions.
    pub fractions: Vec<Fraction>,
    /// Exclusions that hold for every offence of a law (CPF 15).
    pub exclusions: Vec<Exclusion>,
    /// Other readings.
    pub readings: Vec<Reading>,
    /// Rules.
    pub rules: Vec<CommonRule>,
    /// Entities.
    pub entities: Vec<Entity>,
    /// Index of instruments of the entities that are not loaded; in the order of the files.
    pub listed: Vec<Listed>,
    /// Measures.
    pub measures: Vec<MeasureOwed>,
    /// Flags.
    pub flags: Vec<Flag>,
    /// Statements.
    pub items: Vec<SourceItem>,
    /// How people say a fact, by its number.
    pub speech: BTreeMap<usize, Speech>,
    /// Short names of laws and offences, by id.
    pub names: BTreeMap<String, Bilingual<String>>,
    /// By what words facts are found.
    pub(crate) search: Index,
    /// Examples.
    pub examples: Vec<Example>,
}

/// Before the name of a measure of assistance that no law file has.
pub const UNLISTED: &str = "x-";

impl Library {
    /// The offence of this id.
    pub fn offence(&self, id: &str) -> Option<&Offence> {
        self.offences.iter().find(|offence| offence.id == id)
    }

    /// Offences of a law.
    pub(crate) fn offences_of<'a>(&'a self, law: &'a Instrument) -> impl Iterator<Item = &'a Offence> {
        law.offences.iter().map(|number| &self.offences[*number])
    }

    /// Fractions of a law.
    pub(crate) fn fractions_of<'a>(&'a self, law: &'a Instrument) -> impl Iterator<Item = &'a Fraction> {
        law.fractions.iter().map(|number| &self.fractions[*number])
    }

    /// Offences that stand in a federal code, loaded: the codes of the entities replace them in the local forum.
    pub(crate) fn code(&self) -> impl Iterator<Item = &Offence> {
        self.in_codes.iter().map(|number| &self.offences[*number])
    }

    /// A measure of assistance in words, by its id; a name that no law file has, without the `x-` that marks it so.
    pub fn measure<'a>(&'a self, name: &'a str) -> &'a str {
        let owed = self.measures.iter().find(|owed| owed.shown.id == name);
        owed.map_or(name.strip_prefix(UNLISTED).unwrap_or(name), |owed| {
            owed.shown.measure.as_str()
        })
    }

    /// The law of this id.
    pub fn instrument(&self, id: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|instrument| instrument.id == id)
    }

    /// Where a fact stands in a law, by its id; in the law that has it first, where that one does not cite it.
    pub fn cite(&self, law: &str, fact: usize) -> &str {
        let own = self.cites.get(law).and_then(|cites| cites.get(&fact));
        own.unwrap_or(&self.facts[fact].cite)
    }

    /// The entity's own laws whose text is loaded.
    pub fn loaded_of<'a>(&'a self, entity: &'a Entity) -> impl Iterator<Item = &'a Instrument> {
        let own = |law: &&Instrument| law.entity.as_ref() == Some(&entity.id) && law.status == Status::Loaded;
        self.instruments.iter().filter(own)
    }

    /// What the index names of an entity.
    pub fn listed_of<'a>(&'a self, entity: &'a Entity) -> impl Iterator<Item = &'a Listed> {
        self.listed.iter().filter(|listed| listed.entity == entity.id)
    }

    /// Everything that excludes an offence: what its own articles say, then what holds for all of its law.
    pub fn exclusions<'a>(&'a self, offence: &'a Offence) -> impl Iterator<Item = &'a Exclusion> {
        let general = self.exclusions.iter();
        let general = general.filter(|exclusion| exclusion.laws.contains(&offence.instrument));
        offence.exclusions.iter().chain(general)
    }

    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&CommonRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The increase of this id.
    pub fn increase(&self, id: &str) -> Option<&Increase> {
        self.increases.iter().find(|increase| increase.id == id)
    }

    /// The entity of this code or of an older one.
    pub fn entity(&self, code: &str) -> Option<&Entity> {
        self.entities
            .iter()
            .find(|entity| entity.id == code || entity.aliases.iter().any(|alias| alias == code))
    }
}
