//! What law files hold, loaded: facts, instruments, offences, aggravations, rules, entities, measures, flags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use crate::ratio::Ratio;
use crate::truth::{Leaf, Tree, Truth};

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

/// What a part was before its present wording began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It did not exist.
    Absent,
    /// It had another wording, which is not at hand.
    NotLoaded,
}

/// A fact that a law may ask about.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Name in cases and trees.
    pub id: String,
    /// The same, as answers share it: an answer names hundreds.
    pub(crate) name: Arc<str>,
    /// Label in Spanish.
    pub es: String,
    /// Article and fraction.
    pub cite: String,
    /// Words of the law.
    pub text: Option<String>,
    /// Remark.
    pub note: Option<String>,
    /// First day of its wording, and what was before.
    pub since: Option<(Date, Before)>,
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
    /// Further statements, by name.
    pub notes: BTreeMap<String, String>,
}

/// A day on which wording changes.
#[derive(Clone, Debug)]
pub struct Change {
    /// First day of the new wording.
    pub since: Date,
    /// Where it was published.
    pub source: String,
    /// Whether conduct across it is always shown in parts; else only where the answers differ.
    pub main: bool,
}

/// One measure of assistance or protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// From, to; both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Lower limit.
    pub min: Ratio,
    /// Upper limit.
    pub max: Ratio,
}

impl Range {
    /// Upper limit times `factor`, lower limit unchanged: how «hasta» grows a penalty.
    #[must_use]
    pub fn up_to(self, factor: Ratio) -> Self {
        Self {
            max: self.max.times(factor),
            ..self
        }
    }
}

/// What the law gives for an offence.
#[derive(Clone, Debug)]
pub struct Penalty {
    /// Prison, years.
    pub years: Range,
    /// Fine, days.
    pub fine_days: Range,
    /// Words of the law.
    pub text: String,
    /// What a source says of it, in Spanish, where `text` is not.
    pub es: Option<String>,
}

/// A part of an offence with a wording of its own.
#[derive(Clone, Debug)]
pub struct Part {
    /// Fraction or paragraph.
    pub part: String,
    /// The fact that stands for it.
    pub fact: Option<usize>,
    /// First day of its wording.
    pub since: Date,
    /// What was before.
    pub before: Before,
}

/// Another penalty of the same offence under a condition.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Article.
    pub art: String,
    /// Condition.
    pub tree: Tree,
    /// Prison in years instead of the base.
    pub years: Option<Range>,
    /// Added part of the penalty.
    pub increase: Option<Ratio>,
    /// What the source says.
    pub text: String,
    /// The same in Spanish.
    pub es: Option<String>,
}

/// What a tree asks about, gathered once: of most trees nothing is known in any one case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Facts.
    pub(crate) facts: Vec<usize>,
    /// Their names, and those of open questions.
    pub(crate) names: Arc<BTreeSet<Arc<str>>>,
}

impl Asked {
    pub(crate) fn of(tree: &Tree, facts: &[Fact]) -> Self {
        let (mut asked, mut leaves) = (BTreeSet::new(), BTreeSet::new());
        tree.facts(&mut asked);
        tree.missing(&|_| Truth::Unknown, &mut leaves);
        let name = |leaf: Leaf<'_>| match leaf {
            Leaf::Fact(fact) => Arc::clone(&facts[fact].name),
            Leaf::Open(question) => question.into(),
        };
        Self {
            facts: asked.into_iter().collect(),
            names: Arc::new(leaves.into_iter().map(name).collect()),
        }
    }
}

/// An offence.
#[derive(Clone, Debug)]
pub struct Offence {
    /// Name.
    pub id: String,
    /// Its law.
    pub instrument: String,
    /// Article.
    pub art: String,
    /// Label in Spanish.
    pub es: String,
    /// Elements together with the facts that exclude it.
    pub tree: Tree,
    /// Elements alone.
    pub elements: Tree,
    /// What the tree asks about.
    pub(crate) asked: Asked,
    /// The offence of which it is the qualified form.
    pub supersedes: Option<String>,
    /// First day of its wording.
    pub since: Date,
    /// What was before.
    pub before: Option<Before>,
    /// Penalty.
    pub penalty: Penalty,
    /// Parts with their own wording.
    pub parts: Vec<Part>,
    /// Penalties under conditions.
    pub variants: Vec<Variant>,
    /// Rests on secondary sources as a whole: stands apart from what is proven.
    pub secondary: bool,
    /// Last day of a wording known from secondary sources only.
    pub secondary_until: Option<Date>,
    /// Remark on how the text was read.
    pub note: Option<String>,
    /// The same in Spanish.
    pub note_es: Option<String>,
    /// With what it adds up.
    pub cumulates: Option<String>,
    /// What is ordered besides.
    pub also: Option<String>,
}

/// A rule by which penalties grow.
#[derive(Clone, Debug)]
pub struct Increase {
    /// Name.
    pub id: String,
    /// Its law.
    pub instrument: String,
    /// Article.
    pub art: String,
    /// At most this part more.
    pub up_to: Ratio,
    /// Words of the law.
    pub text: String,
}

/// One circumstance of an increase.
#[derive(Clone, Debug)]
pub struct Fraction {
    /// Name.
    pub id: String,
    /// Article and fraction.
    pub art: String,
    /// Which [`Increase`].
    pub increase: String,
    /// Condition.
    pub tree: Tree,
    /// What the tree asks about.
    pub(crate) asked: Asked,
    /// Offences that it does not touch.
    pub not_for: Vec<String>,
    /// Offences whose element or reason it repeats.
    pub double_count: Vec<String>,
    /// First day of its wording.
    pub since: Date,
    /// What was before.
    pub before: Option<Before>,
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
}

/// A rule common to the offences of a law.
#[derive(Clone, Debug)]
pub struct Rule {
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
    /// Offences that it excepts.
    pub except: Vec<String>,
    /// Factor on upper limits.
    pub factor: Option<Ratio>,
    /// Flag when it holds.
    pub flag: Option<String>,
    /// Words of the law.
    pub text: Option<String>,
    /// Further statements, by name.
    pub notes: BTreeMap<String, String>,
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

/// A measure of assistance or protection, and when it is owed.
#[derive(Clone, Debug)]
pub struct Owed {
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
pub struct Item {
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
    pub sentence: BTreeMap<String, [String; 4]>,
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
    /// Number of a fact by its id or another name of it.
    pub index: BTreeMap<String, usize>,
    /// Laws.
    pub instruments: Vec<Instrument>,
    /// Days of change, in order.
    pub changes: Vec<Change>,
    /// Offences.
    pub offences: Vec<Offence>,
    /// Increases.
    pub increases: Vec<Increase>,
    /// Fractions.
    pub fractions: Vec<Fraction>,
    /// Other readings.
    pub readings: Vec<Reading>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// Entities.
    pub entities: Vec<Entity>,
    /// Measures.
    pub measures: Vec<Owed>,
    /// Flags.
    pub flags: Vec<Flag>,
    /// Statements.
    pub items: Vec<Item>,
    /// Examples.
    pub examples: Vec<Example>,
}

impl Library {
    /// The offence of this id.
    pub fn offence(&self, id: &str) -> Option<&Offence> {
        self.offences.iter().find(|offence| offence.id == id)
    }

    /// The law of this id.
    pub fn instrument(&self, id: &str) -> Option<&Instrument> {
        self.instruments.iter().find(|instrument| instrument.id == id)
    }

    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
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
