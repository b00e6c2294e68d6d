//! The parts of law files, from tables to their types.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::library::{
    CommonRule, Entity, Example, Flag, Instrument, Library, Listed, Measure, MeasureOwed, SourceItem, Status,
    WordingChange,
};
use crate::load::wordings::earlier_words;
use crate::load::{Names, trees};
use crate::offence::PenaltyShown;
use crate::read::Table;

const STATUS: &[(&str, Status)] = &[
    ("loaded", Status::Loaded),
    ("partial", Status::Partial),
    ("not_loaded", Status::NotLoaded),
];
const FORUMS: &[(&str, &str)] = &[("any", "any"), ("federal", "federal"), ("local", "local")];
const SEEN: &[(&str, &str)] = &[("loaded", "loaded"), ("cited", "cited"), ("unknown", "unknown")];

/// `[instrument]`, `[[change]]`, `[[item]]`, `[[flag]]`.
pub(super) fn instruments(root: &Table<'_>, library: &mut Library) {
    // `instrument = "…"` at the head of a file names the law of its parts; a table describes a law.
    let described = if root.law_is_named() {
        Vec::new()
    } else {
        root.tables("instrument")
    };
    let folder = root.source.file.rsplit_once('/').map_or("", |(folder, _)| folder);
    for table in &described {
        library.instruments.push(Instrument {
            id: table.text("id"),
            name: table.text("name"),
            gazette: table.text_opt("gazette"),
            published: table.date_opt("published"),
            since: table.date_opt("since"),
            until: table.date_opt("until"),
            text_as_of: table.date_opt("text_as_of"),
            status: table.choice("status", STATUS).unwrap_or(Status::NotLoaded),
            forum: table.choice("forum", FORUMS).unwrap_or("any").to_owned(),
            entity: table.text_opt("entity"),
            source: table.text("source"),
            source_es: table.text_opt("source_es"),
            iri: table.text_opt("iri"),
            folder: folder.to_owned(),
            notes: table.notes(&["logic", "mental_element", "cap", "duty_to_assist", "note"]),
            offences: Vec::new(),
            fractions: Vec::new(),
        });
        ordered(table, "since", "until");
        table.done();
    }
    for table in root.tables("change") {
        library.changes.push(WordingChange {
            since: table.date("since"),
            published: table.date_opt("published"),
            source: table.text("source"),
            text: table.text_opt("text"),
            entity: described.first().and_then(|law| law.text_opt("entity")),
            main: table.yes("main"),
        });
        table.done();
    }
    for table in root.tables("item") {
        library.items.push(SourceItem {
            id: table.text("id"),
            instrument: law_of(root),
            status: table.choice("status", SEEN).unwrap_or("unknown").to_owned(),
            value: table.text("value"),
            source: table.text_opt("source").unwrap_or_default(),
            since: table.date_opt("since"),
            until: table.date_opt("until"),
        });
        table.notes(&["item", "art", "penalty", "note"]);
        ordered(&table, "since", "until");
        table.done();
    }
    for table in root.tables("flag") {
        library.flags.push(Flag {
            code: table.text("code"),
            when: table.text("when"),
            es: table.text("es"),
        });
        table.done();
    }
}

/// The law of a file's parts: named at its head, or described in it.
pub(super) fn law_of(root: &Table<'_>) -> String {
    if root.law_is_named() {
        return root.text("instrument");
    }
    let described = root.tables("instrument");
    described.first().map_or_else(String::new, |table| table.text("id"))
}

fn ordered(table: &Table<'_>, first: &str, last: &str) {
    if let (Some(since), Some(until)) = (table.date_opt(first), table.date_opt(last))
        && until < since
    {
        table.fault(format!("`{last}` is before `{first}`"));
    }
}

/// `[[cite]]`: where facts that another law has, too, stand in this one.
pub(super) fn cites(root: &Table<'_>, library: &mut Library) {
    for table in root.tables("cite") {
        let art = table.text("art");
        for (id, at) in table.texts("facts") {
            let Some(&fact) = library.index.get(&id) else {
                table.source.fault(at, format!("`{id}` is not a fact"));
                continue;
            };
            let cites = library.cites.entry(law_of(root)).or_default();
            if cites.insert(fact, art.clone()).is_some() {
                table.source.fault(at, format!("`{id}` is cited twice"));
            }
        }
        table.done();
    }
}

/// `[[rule]]`.
pub(super) fn rules(root: &Table<'_>, library: &mut Library, names: &Names) {
    for table in root.tables("rule") {
        let rule = CommonRule {
            id: table.text("id"),
            instrument: law_of(root),
            art: table.text_opt("art"),
            tree: trees::field_opt(&table, "tree", library, names),
            presumes: fact_opt(&table, "presumes", library),
            given: fact_opt(&table, "given", library),
            of: known_list(&table, "of", library),
            except: known_list(&table, "except", library),
            factor: table.ratio_opt("factor"),
            floor: table.ratio_opt("floor"),
            cap: table.ratio_opt("cap"),
            since: table.date_opt("since"),
            until: table.date_opt("until"),
            earlier: earlier_words(&table, table.date_opt("since")),
            flag: table.text_opt("flag"),
            text: table.text_opt("text"),
            notes: table.notes(&[
                "penalty",
                "penalty_es",
                "effect",
                "effect_es",
                "say",
                "say_es",
                "also",
                "note",
                "note_es",
            ]),
        };
        table.done();
        library.rules.push(rule);
    }
}

/// `[[measure]]`.
pub(super) fn measures(root: &Table<'_>, library: &mut Library, names: &Names) {
    for table in root.tables("measure") {
        let shown = Measure {
            id: table.text("id"),
            law: table.text("law"),
            article: table.text("art"),
            deadline: table.text("deadline"),
            measure: table.text("es"),
            owed_by: table.text("owed_by"),
            trigger: table.text("trigger"),
            status: table.choice("status", SEEN).unwrap_or("unknown").to_owned(),
            source: table.text("source"),
        };
        let measure = MeasureOwed {
            when: trees::field_opt(&table, "when", library, names),
            entity: table.text_opt("entity"),
            since: table.date_opt("since"),
            until: table.date_opt("until"),
            shown: Arc::new(shown),
        };
        table.notes(&["note"]);
        ordered(&table, "since", "until");
        table.done();
        library.measures.push(measure);
    }
}

/// `[[entity]]`.
pub(super) fn entities(root: &Table<'_>, library: &mut Library) {
    const NOTES: &[&str] = &[
        "name_es",
        "pre_law",
        "pre_law_es",
        "pre_offence_article",
        "pre_mandates_assistance",
        "pre_text",
        "post_law",
        "post_law_es",
        "post_mandates_assistance",
        "post_text",
        "court",
        "source",
        "note",
    ];
    for table in root.tables("entity") {
        library.entities.push(Entity {
            id: table.text("id"),
            name: table.text("name"),
            aliases: table.texts("aliases").into_iter().map(|(alias, _)| alias).collect(),
            notes: table.notes(NOTES),
        });
        table.done();
    }
}

/// `[[listed]]`: of an entity that is there, with an address of its own.
pub(super) fn listed(root: &Table<'_>, library: &mut Library) {
    for table in root.tables("listed") {
        let listed = Listed {
            entity: table.text("entity"),
            title: table.text("title"),
            record: table.text("record"),
            gazette: table.text_opt("gazette"),
            published: table.date_opt("published"),
            address: table.text("address"),
        };
        if !library.entities.iter().any(|entity| entity.id == listed.entity) {
            table.fault(format!("`{}` is not an entity", listed.entity));
        }
        if listed.title.trim().is_empty() {
            table.fault("`title` is empty");
        }
        if !["http://", "https://"]
            .iter()
            .any(|scheme| listed.address.starts_with(scheme))
        {
            table.fault("`address` must begin with http:// or https://");
        }
        if listed.gazette.is_none() && listed.published.is_some() {
            table.fault("a day of publication needs its `gazette`");
        }
        if library.listed.iter().any(|other| other.address == listed.address) {
            table.fault(format!("{} is listed twice", listed.address));
        }
        table.done();
        library.listed.push(listed);
    }
}

/// `[[case]]`.
pub(super) fn examples(root: &Table<'_>, library: &mut Library) {
    for table in root.tables("case") {
        let name = table.text("name");
        let json = table.text("case");
        let case = crate::Case::from_json(&json).unwrap_or_else(|error| {
            table.fault(error.to_string());
            crate::Case::default()
        });
        for fact in case.facts.keys().filter(|fact| !library.index.contains_key(*fact)) {
            table.fault(format!("the case names `{fact}`, which is not a fact"));
        }
        let mut sentence = BTreeMap::new();
        for given in table.tables("sentence") {
            let (years, fine_days) = (given.range("years"), given.range_or_none("fine_days"));
            sentence.insert(known(&given, "offence", library), PenaltyShown { years, fine_days });
            given.done();
        }
        let (line, _) = table.source.place(table.at());
        let aggravations = table.get("aggravations").map(|_| plain(&table, "aggravations"));
        library.examples.push(Example {
            name,
            case,
            proven: known_list(&table, "proven", library),
            not_proven: known_list(&table, "not_proven", library),
            exclusions: plain(&table, "exclusions"),
            contradicted: known_list(&table, "contradicted", library),
            flags: plain(&table, "flags"),
            no_flags: plain(&table, "no_flags"),
            no_sentence: known_list(&table, "no_sentence", library),
            aggravations,
            sentence,
            each_needed: table.yes("each_needed"),
            place: format!("{}:{line}", table.source.file),
        });
        table.done();
    }
}

/// Every flag that a rule or reading names must be one of the codes, when codes are loaded.
pub(super) fn flag_codes(roots: &[Table<'_>], library: &Library) {
    if library.flags.is_empty() {
        return;
    }
    for table in roots
        .iter()
        .flat_map(|root| [root.tables("rule"), root.tables("reading")])
        .flatten()
    {
        if let Some(code) = table.text_opt("flag")
            && !library.flags.iter().any(|flag| flag.code == code)
        {
            table.fault(format!("`{code}` is not a flag"));
        }
    }
}

pub(super) fn plain(table: &Table<'_>, key: &str) -> Vec<String> {
    table.texts(key).into_iter().map(|(text, _)| text).collect()
}

pub(super) fn fact_opt(table: &Table<'_>, key: &str, library: &Library) -> Option<usize> {
    let id = table.text_opt(key)?;
    let fact = library.index.get(&id).copied();
    if fact.is_none() {
        table.fault(format!("`{key}`: `{id}` is not a fact"));
    }
    fact
}

pub(super) fn known(table: &Table<'_>, key: &str, library: &Library) -> String {
    let id = table.text(key);
    if library.offence(&id).is_none() {
        table.fault(format!("`{key}`: `{id}` is not an offence that stands before"));
    }
    id
}

pub(super) fn known_list(table: &Table<'_>, key: &str, library: &Library) -> Vec<String> {
    let texts = table.texts(key);
    for (id, at) in texts.iter().filter(|(id, _)| library.offence(id).is_none()) {
        table.source.fault(*at, format!("`{id}` is not an offence"));
    }
    texts.into_iter().map(|(id, _)| id).collect()
}
