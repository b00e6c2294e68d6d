//! Worked examples of law files: what they say must come out.

use std::collections::BTreeMap;

use crate::assess::assess;
use crate::library::{Example, Library};
use crate::offence::{PenaltyShown, Range};

/// Runs an example; every difference in words, none when it holds.
pub fn run(library: &Library, example: &Example) -> Vec<String> {
    let answer = assess(library, &example.case);
    let mut wrong = Vec::new();
    let mut say = |what: String| wrong.push(format!("{}: {}: {what}", example.place, example.name));
    for id in example.proven.iter().filter(|id| !answer.proven.contains(*id)) {
        let missing = answer.undetermined.get(id.as_str());
        say(format!(
            "`{id}` is not proven; missing: {}",
            list(missing.map(|missing| &**missing))
        ));
    }
    for id in example.not_proven.iter().filter(|id| answer.proven.contains(*id)) {
        say(format!("`{id}` is proven"));
    }
    for id in example
        .contradicted
        .iter()
        .filter(|id| !answer.contradicted.contains(*id))
    {
        say(format!("`{id}` is not contradicted"));
    }
    let open = |fact: &&String| {
        !answer
            .exclusions_to_check
            .values()
            .any(|open| open.contains(fact.as_str()))
    };
    for fact in example.exclusions.iter().filter(open) {
        say(format!("`{fact}` is not among the exclusions to check"));
    }
    for flag in example.flags.iter().filter(|flag| !answer.flags.contains(*flag)) {
        say(format!("flag `{flag}` is not said"));
    }
    for flag in example.no_flags.iter().filter(|flag| answer.flags.contains(*flag)) {
        say(format!("flag `{flag}` is said"));
    }
    for id in example
        .no_sentence
        .iter()
        .filter(|id| answer.sentence.contains_key(*id))
    {
        say(format!("`{id}` has a range"));
    }
    if let Some(wanted) = &example.aggravations
        && !answer.aggravations.iter().eq(wanted)
    {
        say(format!("aggravations are {}", list(Some(&answer.aggravations))));
    }
    for (id, wanted) in &example.sentence {
        let found = answer.sentence.get(id).map(|sentence| sentence.shown);
        if found != Some(*wanted) {
            let found = found.map_or_else(|| "none".to_owned(), numbers);
            say(format!("sentence of `{id}` is {found}, not {}", numbers(*wanted)));
        }
    }
    if example.each_needed {
        without_each(library, example, &mut say);
    }
    wrong
}

/// Leaving out any one fact must undo something of what is proven, flagged or aggravated.
fn without_each(library: &Library, example: &Example, say: &mut dyn FnMut(String)) {
    for fact in example.case.facts.keys() {
        let mut case = example.case.clone();
        case.facts.remove(fact);
        let answer = assess(library, &case);
        let proven = example.proven.iter().all(|id| answer.proven.contains(id));
        let flagged = example.flags.iter().all(|flag| answer.flags.contains(flag));
        let wanted = example.aggravations.as_ref();
        let aggravated = wanted.is_none_or(|wanted| answer.aggravations.iter().eq(wanted));
        let ranged = example.sentence.keys().all(|id| answer.sentence.contains_key(id));
        if proven && flagged && aggravated && ranged {
            say(format!("holds without `{fact}` too"));
        }
    }
}

/// Years and fine days, as a fault names them.
fn numbers(shown: PenaltyShown) -> String {
    let pair = |range: Range| format!("{} {}", range.min, range.max);
    let fine = shown.fine_days.map_or_else(|| "no fine".to_owned(), pair);
    format!("{} {fine}", pair(shown.years))
}

fn list<T: AsRef<str>>(ids: Option<&std::collections::BTreeSet<T>>) -> String {
    let ids = ids.into_iter().flatten().map(T::as_ref).collect::<Vec<_>>();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

/// How many examples name each offence as proven.
pub fn coverage(library: &Library) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in library.examples.iter().flat_map(|example| &example.proven) {
        *counts.entry(id.clone()).or_default() += 1;
    }
    counts
}
