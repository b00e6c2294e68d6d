//! The law as it is loaded, for people: an article, and the sources.

use super::words::of;
use crate::args::Tongue;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use law::{Before, Library, Offence, Status, Tree, Worded};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Everything that is loaded under an article or an id.
pub(super) fn article(library: &Library, art: &str, tongue: Tongue) -> Outcome<String> {
    let matches = |id: &str, found: &str| {
        id == art || found == art || found.starts_with(&format!("{art} ")) || found.starts_with(&format!("{art}-"))
    };
    let mut text = String::new();
    for one in library
        .offences
        .iter()
        .filter(|offence| matches(&offence.id, &offence.art))
    {
        offence(library, one, tongue, &mut text);
    }
    for fraction in library
        .fractions
        .iter()
        .filter(|fraction| matches(&fraction.id, &fraction.art))
    {
        let _ = writeln!(text, "{} · art. {}", fraction.id, fraction.art);
        for one in fraction.wordings() {
            tree(library, &fraction.instrument, &one.tree, tongue, 1, &mut text);
            held(
                one.since,
                one.until,
                one.decree.as_deref(),
                one.text.as_deref(),
                tongue,
                &mut text,
            );
        }
        before(fraction.before, tongue, &mut text);
    }
    for increase in library
        .increases
        .iter()
        .filter(|increase| matches(&increase.id, &increase.art))
    {
        let _ = writeln!(text, "art. {}: «{}»", increase.art, increase.text);
    }
    for rule in &library.rules {
        if matches(&rule.id, rule.art.as_deref().unwrap_or_default()) {
            let _ = writeln!(text, "{} · art. {}", rule.id, rule.art.as_deref().unwrap_or("—"));
            for said in rule.text.iter().chain(rule.notes.values()) {
                let _ = writeln!(text, "  {said}");
            }
        }
    }
    let measures = library.measures.iter().map(|owed| &owed.shown);
    for measure in measures.filter(|measure| matches(&measure.id, &measure.article)) {
        let _ = writeln!(
            text,
            "{} · {} {}: {}; {}",
            measure.id, measure.law, measure.article, measure.measure, measure.deadline
        );
    }
    let nothing_else = text.is_empty();
    for fact in library
        .facts
        .iter()
        .filter(|fact| fact.id == art || nothing_else && matches(&fact.id, fact.cite.trim_start_matches("art. ")))
    {
        let _ = writeln!(text, "{} · {}: {}", fact.id, fact.cite, fact.es);
        if let Some(said) = &fact.text {
            let _ = writeln!(text, "  «{said}»");
        }
        for one in &fact.earlier {
            held(
                one.since,
                Some(one.until),
                Some(&one.decree),
                Some(&one.text),
                tongue,
                &mut text,
            );
        }
    }
    if text.is_empty() {
        let what = t!("`{}` is not among what is loaded", art);
        return Err(CliError::new(CliCode::NotLoaded, what)
            .why(t!("this program carries the instruments that it can answer from"))
            .remedy(t!("see `resguardo law sources`")));
    }
    Ok(text)
}

fn offence(library: &Library, offence: &Offence, tongue: Tongue, text: &mut String) {
    let law = library
        .instrument(&offence.instrument)
        .map_or("", |law| law.name.as_str());
    let _ = writeln!(text, "{} · art. {} · {}\n  {law}", offence.id, offence.art, offence.es);
    if offence.secondary {
        let _ = writeln!(text, "  {}", of(tongue, "secondary"));
    }
    let _ = writeln!(text, "  {}:", of(tongue, "elements"));
    tree(library, &offence.instrument, &offence.elements, tongue, 2, text);
    if !offence.exclusions.is_empty() {
        let _ = writeln!(text, "  {}:", of(tongue, "excluded_by"));
    }
    for exclusion in &offence.exclusions {
        tree(library, &offence.instrument, &exclusion.tree, tongue, 2, text);
    }
    penalty(offence, tongue, text);
    held(
        offence.since,
        offence.until,
        offence.decree.as_deref(),
        offence.text.as_deref(),
        tongue,
        text,
    );
    for part in &offence.parts {
        let _ = write!(text, "  {}:", part.part);
        held(part.since, None::<&str>, None, None, tongue, text);
        before(Some(part.before), tongue, text);
    }
    for one in &offence.earlier {
        let _ = writeln!(text, "  {}:", of(tongue, "earlier"));
        tree(library, &offence.instrument, &one.elements, tongue, 2, text);
        penalty(one, tongue, text);
        held(
            one.since,
            one.until,
            one.decree.as_deref(),
            one.text.as_deref(),
            tongue,
            text,
        );
    }
    before(offence.before, tongue, text);
    let note = match tongue {
        Tongue::Es => &offence.note_es,
        Tongue::En => &offence.note,
    };
    for note in [note, &offence.cumulates, &offence.also].into_iter().flatten() {
        let _ = writeln!(text, "  {}: {note}", of(tongue, "note"));
    }
}

/// The range of a wording, and the words of the law for it.
fn penalty(wording: &Offence, tongue: Tongue, text: &mut String) {
    let law::Penalty { years, fine_days, .. } = wording.penalty;
    let range = super::table::range(law::Shown { years, fine_days }, tongue);
    let _ = writeln!(
        text,
        "  {}: {range}\n    «{}»",
        of(tongue, "penalty"),
        wording.penalty.text
    );
}

/// From when to when a wording held, by which decree, and the words that tell it from the next.
fn held(
    since: impl std::fmt::Display,
    until: Option<impl std::fmt::Display>,
    decree: Option<&str>,
    words: Option<&str>,
    tongue: Tongue,
    text: &mut String,
) {
    let _ = write!(text, "  {} {since}", of(tongue, "since"));
    if let Some(until) = until {
        let _ = write!(text, " {} {until}", of(tongue, "and_until"));
    }
    if let Some(decree) = decree {
        let _ = write!(text, " ({decree})");
    }
    text.push('\n');
    if let Some(words) = words {
        let _ = writeln!(text, "    «{words}»");
    }
}

/// What was there before the oldest wording.
fn before(before: Option<Before>, tongue: Tongue, text: &mut String) {
    let before = before.map(|before| match before {
        Before::Absent => of(tongue, "absent"),
        Before::NotLoaded => of(tongue, "not_loaded"),
    });
    if let Some(word) = before {
        let _ = writeln!(text, "  {}: {word}", of(tongue, "before"));
    }
}

fn tree(library: &Library, law: &str, node: &Tree, tongue: Tongue, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match node {
        Tree::Fact(fact) => {
            let (cite, fact) = (library.cite(law, *fact), &library.facts[*fact]);
            let _ = writeln!(text, "{indent}– {} [{}] ({cite})", fact.es, fact.id);
        }
        Tree::All(parts) if parts.len() == 1 => tree(library, law, &parts[0], tongue, depth, text),
        Tree::All(parts) | Tree::Any(parts) => {
            let word = if matches!(node, Tree::All(_)) { "all" } else { "any" };
            let _ = writeln!(text, "{indent}{}:", of(tongue, word));
            for part in parts {
                tree(library, law, part, tongue, depth + 1, text);
            }
        }
        Tree::Not(part) => {
            let _ = writeln!(text, "{indent}{}:", of(tongue, "not"));
            tree(library, law, part, tongue, depth + 1, text);
        }
        Tree::Open(question) => {
            let _ = writeln!(text, "{indent}{}: {question}", of(tongue, "open"));
        }
    }
}

/// What is loaded, from where, of which date; what is not.
pub(super) fn sources(library: &Library, tongue: Tongue) -> String {
    let mut text = String::new();
    for law in &library.instruments {
        let _ = writeln!(text, "{} · {}", law.id, law.name);
        let day = |date: Option<_>| date.map_or_else(|| "—".to_owned(), |date: jiff::civil::Date| date.to_string());
        let _ = writeln!(
            text,
            "  {}; {} {} {}; {} {}",
            of(tongue, status(law.status)),
            day(law.since),
            of(tongue, "and_until"),
            day(law.until),
            of(tongue, "text_of"),
            day(law.text_as_of)
        );
        let _ = writeln!(text, "  {}: {}", of(tongue, "source"), law.source);
    }
    let _ = writeln!(text, "{}:", of(tongue, "entities"));
    for entity in &library.entities {
        let note = |key: &str| entity.notes.get(key).map_or("unknown", String::as_str);
        let _ = writeln!(
            text,
            "  {} {}: {} | {}",
            entity.id,
            entity.name,
            note("pre_law"),
            note("post_law")
        );
        for law in library.loaded_of(entity) {
            let _ = writeln!(text, "    {}: {} · {}", of(tongue, "loaded"), law.id, law.name);
        }
    }
    text
}

/// The same for programs.
pub(super) fn sources_json(library: &Library) -> Value {
    let laws = library.instruments.iter().map(|law| {
        json!({ "id": law.id, "name": law.name, "status": status(law.status), "forum": law.forum,
            "since": law.since.map(|date| date.to_string()), "until": law.until.map(|date| date.to_string()),
            "text_as_of": law.text_as_of.map(|date| date.to_string()), "source": law.source })
    });
    let entities = library.entities.iter();
    let loaded = |entity| library.loaded_of(entity).map(|law| law.id.as_str()).collect::<Vec<_>>();
    let entities = entities
        .map(|entity| json!({ "id": entity.id, "name": entity.name, "loaded": loaded(entity), "known": entity.notes }));
    json!({ "laws": laws.collect::<Vec<_>>(), "entities": entities.collect::<Vec<_>>() })
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Loaded => "loaded",
        Status::Partial => "partial",
        Status::NotLoaded => "not_loaded",
    }
}
