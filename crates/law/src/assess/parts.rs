//! Conduct that runs across changes of the law: one answer for each part.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::answer::{Answer, Reason};
use crate::assess::{assess_days, plain};
use crate::case::{Case, Days};
use crate::library::Library;

/// Answers for days that changes of the law may divide.
pub(super) fn assess(library: &Library, case: &Case, days: Days) -> Answer {
    let mut parts: Vec<(Days, Answer)> = Vec::new();
    for (part, main) in split(library, days) {
        let answer = assess_days(library, case, part);
        match parts.last_mut() {
            Some((before, earlier)) if !main && same(earlier, &answer) => {
                before.last = part.last;
                earlier.date = Some(before.shown());
                for (id, facts) in answer.undetermined {
                    Arc::make_mut(earlier.undetermined.entry(id).or_default()).extend(facts.iter().cloned());
                }
            }
            _ => parts.push((part, answer)),
        }
    }
    let mut answers: Vec<_> = parts.into_iter().map(|(_, answer)| answer).collect();
    match answers.len() {
        1 => answers.remove(0),
        _ => whole(days, answers),
    }
}

/// Days without a change within; with each, whether the change before it always divides.
fn split(library: &Library, days: Days) -> Vec<(Days, bool)> {
    let mut parts = Vec::new();
    let mut rest = days;
    let mut main = true;
    for change in &library.changes {
        if let (true, Ok(eve)) = (
            rest.first < change.since && change.since <= rest.last,
            change.since.yesterday(),
        ) {
            parts.push((
                Days {
                    first: rest.first,
                    last: eve,
                },
                main,
            ));
            rest.first = change.since;
            main = change.main;
        }
    }
    parts.push((rest, main));
    parts
}

/// Whether a minor change makes no difference to what is found.
fn same(a: &Answer, b: &Answer) -> bool {
    let keys = |answer: &Answer| answer.undetermined.keys().cloned().collect::<BTreeSet<_>>();
    a.applicable_law == b.applicable_law
        && (&a.proven, &a.contradicted, &a.aggravations) == (&b.proven, &b.contradicted, &b.aggravations)
        && (&a.sentence, &a.flags) == (&b.sentence, &b.flags)
        && keys(a) == keys(b)
}

/// What holds in every part, and what the parts say together.
fn whole(days: Days, parts: Vec<Answer>) -> Answer {
    let every = |of: fn(&Answer) -> &BTreeSet<String>| {
        let sets = parts.iter().map(of).cloned();
        sets.reduce(|a, b| a.intersection(&b).cloned().collect())
            .unwrap_or_default()
    };
    let some = |of: fn(&Answer) -> &BTreeSet<String>| parts.iter().flat_map(of).cloned().collect::<BTreeSet<_>>();
    let mut flags = some(|part| &part.flags);
    if !parts.iter().all(|part| part.flags.contains(NOT_YET)) {
        flags.remove(NOT_YET);
    }
    flags.insert(CONTINUING.to_owned());
    let laws: Vec<_> = parts
        .iter()
        .filter_map(|part| part.applicable_law.clone())
        .fold(Vec::new(), once);
    let statuses: BTreeSet<_> = parts.iter().map(|part| part.law_status).collect();
    let mut answer = Answer {
        date: Some(days.shown()),
        applicable_law: (!laws.is_empty()).then(|| laws.join("; ")),
        law_status: if statuses.len() == 1 {
            parts[0].law_status
        } else {
            "partial"
        },
        proven: every(|part| &part.proven),
        contradicted: every(|part| &part.contradicted),
        not_in_force: every(|part| &part.not_in_force),
        wording_not_loaded: every(|part| &part.wording_not_loaded),
        aggravations: every(|part| &part.aggravations),
        flags,
        reasons: vec![plain(CONTINUING, SETTLED_BY_COURT)],
        ..Answer::default()
    };
    for part in &parts {
        for (id, facts) in &part.undetermined {
            let whole = answer.undetermined.entry(id.clone()).or_default();
            Arc::make_mut(whole).extend(facts.iter().cloned());
        }
        for (list, whole) in [
            (&part.assistance, &mut answer.assistance),
            (&part.assistance_if, &mut answer.assistance_if),
        ] {
            for measure in list
                .iter()
                .filter(|measure| !whole.contains(measure))
                .collect::<Vec<_>>()
            {
                whole.push(measure.clone());
            }
        }
    }
    answer.reasons.extend(favourable(&parts));
    answer.parts = parts;
    answer
}

/// CPF 56: the most favourable law, where two loaded wordings give different ranges.
fn favourable(parts: &[Answer]) -> Vec<Reason> {
    let ids: BTreeSet<_> = parts.iter().flat_map(|part| part.sentence.keys()).collect();
    let mut reasons = Vec::new();
    for id in ids {
        let ranges = parts.iter().filter_map(|part| Some((part, part.sentence.get(id)?)));
        let mut ranges: Vec<_> = ranges.map(|(part, sentence)| (part, sentence.shown.years)).collect();
        ranges.sort_by_key(|(_, years)| (years.max, years.min));
        if let [(lowest, years), .., (_, highest)] = ranges[..]
            && years != highest
        {
            let date = lowest.date.as_deref().unwrap_or_default();
            let says = format!(
                "most favourable: {date}, {} to {} years, the lower limits",
                years.min, years.max
            );
            reasons.push(Reason {
                cite: Some("CPF 56".to_owned()),
                ..plain(id, &says)
            });
        }
    }
    if reasons.is_empty() {
        let says = "most favourable (CPF 56): the loaded wordings of the parts give no two different ranges to compare";
        reasons.push(plain(CONTINUING, says));
    }
    reasons
}

fn once(mut laws: Vec<String>, law: String) -> Vec<String> {
    if !laws.contains(&law) {
        laws.push(law);
    }
    laws
}

const CONTINUING: &str = "continuing_offence_not_settled";
const NOT_YET: &str = "general_law_not_in_force_until_2012-06-15";
const SETTLED_BY_COURT: &str =
    "whether the later law governs the whole of a permanent offence is for the court; not settled by the loaded text";
