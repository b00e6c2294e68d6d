//! An answer of the law as a table for people.

use super::explain::{cited, label as label_of};
use super::words::{of, range};
use crate::args::Tongue;
use crate::language::t;
use law::{Answer, Case, Library, Measure, Sentence};
use reports::words;
use std::fmt::Write as _;
use std::sync::Arc;

/// The whole table.
pub(super) fn answer(library: &Library, case: &Case, answer: &Answer, tongue: Tongue) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", of(tongue, "banner"));
    if answer.parts.is_empty() {
        part(library, answer, tongue, &mut text);
    } else {
        date(answer, tongue, &mut text);
        flags(library, answer, tongue, &mut text);
        for one in &answer.parts {
            let _ = writeln!(text, "\n── {} ──", of(tongue, "part"));
            part(library, one, tongue, &mut text);
        }
    }
    if let Some(entity) = case.entity.as_deref().and_then(|code| library.entity(code)) {
        let name = if tongue == Tongue::Es {
            entity.name_es()
        } else {
            &entity.name
        };
        let _ = writeln!(text, "{name} ({})", entity.id);
    }
    measures(of(tongue, "owed"), &answer.assistance, tongue, &mut text);
    measures(of(tongue, "owed_if"), &answer.assistance_if, tongue, &mut text);
    text
}

fn date(answer: &Answer, tongue: Tongue, text: &mut String) {
    let date = answer.date.as_deref().unwrap_or("—");
    let _ = writeln!(text, "{}: {date}", of(tongue, "date"));
}

fn part(library: &Library, answer: &Answer, tongue: Tongue, text: &mut String) {
    date(answer, tongue, text);
    let law = answer.applicable_law.as_deref();
    let name = law
        .and_then(|id| library.instrument(id))
        .map(|law| law.name.as_str())
        .or(law);
    let name = name.unwrap_or_else(|| of(tongue, "none"));
    let _ = writeln!(
        text,
        "{}: {name} ({})",
        of(tongue, "law"),
        of(tongue, answer.law_status)
    );
    heading(of(tongue, "proven"), answer.proven.len(), text);
    for id in &answer.proven {
        let _ = writeln!(text, "  ✓ {}", label(library, id));
        because(library, answer, id, text);
        if let Some(found) = answer.sentence.get(id) {
            sentence(found, tongue, text);
        }
        if let Some(open) = answer.exclusions_to_check.get(id).filter(|open| !open.is_empty()) {
            let labels: Vec<_> = open.iter().map(|fact| fact_label(library, fact, true)).collect();
            let _ = writeln!(text, "      {}: {}", of(tongue, "to_check"), labels.join("; "));
        }
    }
    heading(of(tongue, "aggravations"), answer.aggravations.len(), text);
    for id in &answer.aggravations {
        let _ = writeln!(text, "  + {}", label(library, id));
        because(library, answer, id, text);
    }
    let touched: Vec<_> = answer.change.iter().collect();
    heading(of(tongue, "undetermined"), touched.len(), text);
    for (id, sets) in touched {
        let _ = writeln!(text, "  ? {}", label(library, id));
        for set in sets {
            let facts = set
                .iter()
                .map(|(fact, value)| fact_label(library, fact, *value))
                .collect::<Vec<_>>();
            let _ = writeln!(text, "      {}: {}", of(tongue, "missing"), facts.join("; "));
        }
    }
    heading(of(tongue, "contradicted"), answer.contradicted.len(), text);
    for id in &answer.contradicted {
        let _ = writeln!(text, "  ✗ {}", label(library, id));
        because(library, answer, id, text);
    }
    line(of(tongue, "not_in_force"), answer.not_in_force.iter(), text);
    line(of(tongue, "wording"), answer.wording_not_loaded.iter(), text);
    for (id, found) in &answer.secondary {
        let _ = writeln!(
            text,
            "{}: {} {}",
            of(tongue, "secondary"),
            label(library, id),
            pick(tongue, words::result, found.result)
        );
        for penalty in &found.penalty {
            let penalty = pick(tongue, |penalty| words::cited(library, id, penalty), penalty);
            let _ = writeln!(text, "  {penalty}");
        }
        for fact in &found.undetermined {
            let name = if library.index.contains_key(&**fact) {
                fact_label(library, fact, true)
            } else {
                format!("{} [{fact}]", of(tongue, "open"))
            };
            let _ = writeln!(text, "  ? {name}");
        }
    }
    flags(library, answer, tongue, text);
}

/// What the data says, in Spanish where that is asked for.
fn pick<'a>(tongue: Tongue, spanish: impl Fn(&'a str) -> &'a str, said: &'a str) -> &'a str {
    match tongue {
        Tongue::Es => spanish(said),
        Tongue::En => said,
    }
}

fn heading(title: &str, count: usize, text: &mut String) {
    if count > 0 {
        let _ = writeln!(text, "{title}:");
    }
}

fn line<'a>(title: &str, ids: impl Iterator<Item = &'a String>, text: &mut String) {
    let ids: Vec<_> = ids.map(String::as_str).collect();
    if !ids.is_empty() {
        let _ = writeln!(text, "{title}: {}", ids.join(", "));
    }
}

fn because(library: &Library, answer: &Answer, id: &str, text: &mut String) {
    for reason in answer.reasons.iter().filter(|reason| reason.about == *id) {
        for fact in &reason.because {
            let mark = if fact.value { "=" } else { "≠" };
            let _ = writeln!(
                text,
                "      {mark} {} ({})",
                fact_label(library, &fact.fact, true),
                cited(&fact.cite, Tongue::of_law())
            );
        }
    }
}

fn sentence(sentence: &Sentence, tongue: Tongue, text: &mut String) {
    let _ = writeln!(text, "      → {}", range(sentence.shown, tongue));
    if let Some(compounded) = sentence.compounded {
        let _ = writeln!(
            text,
            "      → {}: {}",
            of(tongue, "compounded"),
            range(compounded, tongue)
        );
    }
    for (step, spanish) in sentence.steps.iter().zip(words::steps(sentence)) {
        let line = if tongue == Tongue::Es {
            spanish
        } else {
            step.to_string()
        };
        let _ = writeln!(text, "        · {line}");
    }
}

fn flags(library: &Library, answer: &Answer, tongue: Tongue, text: &mut String) {
    heading(of(tongue, "flags"), answer.flags.len(), text);
    for code in &answer.flags {
        let flag = library.flags.iter().find(|flag| flag.code == *code);
        let says = match tongue {
            Tongue::Es => words::flag(library, code),
            Tongue::En => flag.map_or("", |flag| flag.when.as_str()),
        };
        let _ = writeln!(text, "  ! {code}: {says}");
    }
}

fn measures(title: &str, measures: &[Arc<Measure>], tongue: Tongue, text: &mut String) {
    heading(title, measures.len(), text);
    for measure in measures {
        let _ = writeln!(
            text,
            "  · {} ({} {}): {}; {} [{}]",
            match tongue {
                Tongue::Es => words::label(&measure.measure),
                Tongue::En => measure.measure.clone(),
            },
            measure.law,
            pick(tongue, words::term, &measure.article),
            pick(tongue, words::term, &measure.deadline),
            measure.trigger,
            measure.id
        );
    }
}

/// Id, article and label of an offence or fraction.
fn label(library: &Library, id: &str) -> String {
    if let Some(offence) = library.offence(id) {
        let name = library.offence_name(offence, Tongue::of_law().of_data());
        return t!("{} (art. {}): {}", id, offence.art, name);
    }
    let fraction = library.fractions.iter().find(|fraction| fraction.id == id);
    fraction.map_or_else(|| id.to_owned(), |fraction| t!("{} (art. {})", id, fraction.art))
}

fn fact_label(library: &Library, id: &str, value: bool) -> String {
    let tongue = Tongue::of_law();
    let fact = library.index.get(id).map(|number| label_of(library, *number, tongue));
    let not = if value { "" } else { of(tongue, "denied") };
    format!("{not}{} [{id}]", fact.unwrap_or(id))
}
