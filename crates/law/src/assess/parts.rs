//! Conduct that runs across changes of the law: one answer for each part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::answer::{Answer, DerivationReason};
use crate::assess::{assess_days, plain};
use crate::case::{Case, Days, Forum};
use crate::library::Library;
use crate::offence::{Fraction, Range};
use crate::undetermined::Undetermined;

/// Answers for days that changes of the law may divide.
pub(super) fn assess(library: &Library, case: &Case, days: Days) -> Answer {
    if days.first == days.last {
        return assess_days(library, case, days);
    }
    let mut parts: Vec<(Days, Answer)> = Vec::new();
    for (part, main) in split(library, case, days) {
        let answer = assess_days(library, case, part);
        match parts.last_mut() {
            Some((before, earlier)) if !main && same(earlier, &answer) => {
                before.last = part.last;
                earlier.date = Some(before.shown());
                gather(earlier, &answer);
                let new: Vec<_> = without(&earlier.reasons, answer.reasons);
                earlier.reasons.extend(new);
            }
            _ => parts.push((part, answer)),
        }
    }
    let mut answers: Vec<_> = parts.into_iter().map(|(_, answer)| answer).collect();
    match answers.len() {
        1 => answers.remove(0),
        _ => whole(library, days, answers),
    }
}

/// Days without a change within; with each, whether the change before it always divides. In the local forum a law of the
/// entity that begins is a change too.
fn split(library: &Library, case: &Case, days: Days) -> Vec<(Days, bool)> {
    let entity = case.entity.as_deref().and_then(|code| library.entity(code));
    let own_entity = |of: &Option<String>| {
        case.forum == Forum::Local && of.is_some() && of.as_ref() == entity.map(|entity| &entity.id)
    };
    let own = library.instruments.iter().filter(|law| own_entity(&law.entity));
    let own = own.filter_map(|law| Some((law.since?, false)));
    let mut changes: Vec<_> = library
        .changes
        .iter()
        .filter(|change| change.entity.is_none() || own_entity(&change.entity))
        .map(|change| (change.since, change.main))
        .collect();
    changes.extend(own);
    // At one day, the change that always divides comes first and leaves nothing for the other.
    changes.sort_by_key(|(since, main)| (*since, !main));
    let mut parts = Vec::new();
    let mut rest = days;
    let mut divides = true;
    for (since, main) in changes {
        if let (true, Ok(last)) = (rest.first < since && since <= rest.last, since.yesterday()) {
            let first = rest.first;
            parts.push((Days { first, last }, divides));
            rest.first = since;
            divides = main;
        }
    }
    parts.push((rest, divides));
    parts
}

/// Adds what is owed, and what hangs on unknown facts.
fn gather(whole: &mut Answer, part: &Answer) {
    whole.undetermined.extend(&part.undetermined);
    let owed = without(&whole.assistance, part.assistance.clone());
    whole.assistance.extend(owed);
    let perhaps = without(&whole.assistance_if, part.assistance_if.clone());
    whole.assistance_if.extend(perhaps);
}

/// What is not there already.
fn without<T: PartialEq>(there: &[T], more: Vec<T>) -> Vec<T> {
    more.into_iter().filter(|one| !there.contains(one)).collect()
}

/// Whether a minor change makes no difference to what is found.
fn same(a: &Answer, b: &Answer) -> bool {
    a.applicable_law == b.applicable_law
        && (&a.proven, &a.contradicted, &a.aggravations) == (&b.proven, &b.contradicted, &b.aggravations)
        && (&a.sentence, &a.flags) == (&b.sentence, &b.flags)
        && a.undetermined.keys().eq(b.undetermined.keys())
}

/// What holds in every part, and what the parts say together.
fn whole(library: &Library, days: Days, parts: Vec<Answer>) -> Answer {
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
        exclusions_to_check: exclusions(&parts),
        aggravations: every(|part| &part.aggravations),
        flags,
        undetermined: Undetermined::of(&library.ids),
        reasons: vec![plain(CONTINUING, SETTLED_BY_COURT)],
        ..Answer::default()
    };
    for part in &parts {
        gather(&mut answer, part);
    }
    answer.reasons.extend(favourable(library, &parts));
    answer.parts = parts;
    answer
}

/// What is to be checked in any part, of the offences that are proven in every part.
fn exclusions(parts: &[Answer]) -> BTreeMap<String, BTreeSet<Arc<str>>> {
    let mut all: BTreeMap<String, BTreeSet<Arc<str>>> = BTreeMap::new();
    for (id, open) in parts.iter().flat_map(|part| &part.exclusions_to_check) {
        if parts.iter().all(|part| part.proven.contains(id)) {
            all.entry(id.clone()).or_default().extend(open.iter().cloned());
        }
    }
    all
}

/// CPF 56: the most favourable law, where two loaded wordings give different ranges. A qualified form that did not exist
/// yet is compared with the form that it qualifies; what hangs on a wording that is not at hand is not compared.
fn favourable(library: &Library, parts: &[Answer]) -> Vec<DerivationReason> {
    let ids = parts.iter().flat_map(|part| part.sentence.keys());
    let families: BTreeSet<_> = ids.map(|id| base(library, id)).collect();
    let mut reasons = Vec::new();
    for family in families {
        let of = |part: &'_ Answer| part.sentence.keys().find(|id| base(library, id) == family).cloned();
        let mut ranges: Vec<_> = parts
            .iter()
            .filter_map(|part| of(part).map(|id| (part, part.sentence[&id].shown.years, id)))
            .collect();
        ranges.sort_by_key(|(_, years, _)| (years.max, years.min));
        let [(lowest, years, id), .., (_, highest, _)] = &ranges[..] else {
            continue;
        };
        if years == highest {
            continue;
        }
        let date = lowest.date.as_deref().unwrap_or_default();
        let says = match unread(library, &ranges) {
            Some((part, date)) => format!(
                "most favourable (CPF 56): not compared, for the ranges differ by {part}, whose wording on {date} is not loaded"
            ),
            None => format!(
                "most favourable: {date}, {} to {} years, the lower limits",
                years.min, years.max
            ),
        };
        reasons.push(DerivationReason {
            cite: Some("CPF 56".to_owned()),
            ..plain(id, &says)
        });
    }
    if reasons.is_empty() {
        let says = "most favourable (CPF 56): the loaded wordings of the parts give no two different ranges to compare";
        reasons.push(plain(CONTINUING, says));
    }
    reasons
}

/// The offence at the end of the line of those that `id` qualifies.
fn base<'a>(library: &'a Library, id: &'a str) -> &'a str {
    let above = library.offence(id).and_then(|offence| offence.supersedes.as_deref());
    above.map_or(id, |above| base(library, above))
}

/// A fraction that counts in one of these ranges and whose wording on the days of another is not at hand, and those days.
fn unread(library: &Library, ranges: &[(&Answer, Range, String)]) -> Option<(String, String)> {
    let counts = |fraction: &&Fraction| {
        ranges
            .iter()
            .any(|(part, _, id)| part.aggravations.contains(&fraction.id) && !fraction.not_for.contains(id))
    };
    library.fractions.iter().filter(counts).find_map(|fraction| {
        let (part, ..) = ranges
            .iter()
            .find(|(part, ..)| part.wording_not_loaded.contains(&fraction.id))?;
        Some((format!("art. {}", fraction.art), part.date.clone().unwrap_or_default()))
    })
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
