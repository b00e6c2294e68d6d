//! Codes that an answer carries, each whenever its condition holds (laws/mx/flags.toml).

use std::collections::BTreeSet;

use crate::answer::{Answer, PenaltyStep};
use crate::case::{Case, Days, Forum, Stage};
use crate::choose::{Choice, after_text};
use crate::facts::Facts;
use crate::library::{CommonRule, Library, Reading};
use crate::offence::{Fraction, Worded};
use crate::ratio::Ratio;
use crate::truth::Truth;

/// What flags are derived from.
pub(crate) struct Seen<'a> {
    pub(crate) library: &'a Library,
    pub(crate) case: &'a Case,
    pub(crate) days: Days,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) choice: &'a Choice<'a>,
    pub(crate) holding: &'a [&'a Fraction],
}

/// All flags of an answer whose results stand already.
pub(crate) fn flags(seen: &Seen<'_>, answer: &Answer) -> BTreeSet<String> {
    let mut flags: BTreeSet<String> = BTreeSet::new();
    let mut say = |code: &str, holds: bool| {
        if holds {
            flags.insert(code.to_owned());
        }
    };
    let general = seen.choice.general.is_some();
    let unknown = seen.case.forum == Forum::Unknown;
    let early = seen.library.general_since().is_some_and(|since| seen.days.last < since);
    say("general_law_not_in_force_until_2012-06-15", early);
    say("forum_unknown_same_law", general && unknown);
    say(
        "state_law_not_loaded",
        seen.choice.local_not_loaded || code_is_local(seen),
    );
    say("rules_not_loaded", seen.choice.too_old);
    say("text_as_of", after_text(seen.library, seen.choice, seen.days));
    say("secondary_source", seen.choice.secondary.is_some());
    say("local_code_not_loaded_if_local", unknown && code_applies(seen));
    for flag in seen.facts.claimed_too_early() {
        say(flag, true);
    }
    say("local_law_loaded", seen.choice.local_if);
    rules(seen, answer, &mut say);
    if general {
        readings(seen, answer, &mut say);
        ranges(seen, answer, &mut say);
    }
    flags
}

/// Flags of the rules of the laws that govern.
fn rules(seen: &Seen<'_>, answer: &Answer, say: &mut dyn FnMut(&str, bool)) {
    let governs = |rule: &&CommonRule| {
        let mut laws = [seen.choice.general, seen.choice.local].into_iter().flatten();
        laws.any(|law| law.id == rule.instrument) && rule.in_force(seen.days.last)
    };
    for rule in seen.library.rules.iter().filter(governs) {
        if let Some(flag) = &rule.flag {
            say(flag, rule_holds(seen, answer, rule));
        }
    }
}

/// Flags of other readings that the texts allow.
fn readings(seen: &Seen<'_>, answer: &Answer, say: &mut dyn FnMut(&str, bool)) {
    let last = seen.days.last;
    let allowed = |reading: &&Reading| {
        reading.since.is_none_or(|since| since <= last) && reading.until.is_none_or(|until| last <= until)
    };
    for reading in seen.library.readings.iter().filter(allowed) {
        let strict = answer.proven.contains(&reading.offence);
        let judged =
            !answer.wording_not_loaded.contains(&reading.offence) && !answer.not_in_force.contains(&reading.offence);
        let other = reading.other.value(&|fact| seen.facts.value(fact)) == Truth::True;
        say(&reading.flag, judged && !strict && other);
    }
    say("purpose_wording_not_loaded", seen.facts.claimed_without_wording());
}

fn rule_holds(seen: &Seen<'_>, answer: &Answer, rule: &CommonRule) -> bool {
    if rule.presumes.is_some() {
        return seen.facts.presumed() == rule.presumes;
    }
    if let Some(given) = rule.given {
        return seen.facts.is_given(given);
    }
    if !rule.of.is_empty() {
        let proven = rule.of.iter().any(|id| answer.proven.contains(id));
        let holds = |tree: &crate::Tree| tree.value(&|fact| seen.facts.value(fact)) == Truth::True;
        return proven && rule.tree.as_ref().is_none_or(holds);
    }
    if !rule.except.is_empty() {
        return !answer.proven.is_empty() && answer.proven.iter().all(|id| rule.except.contains(id));
    }
    let holds = |tree: &crate::Tree| tree.value(&|fact| seen.facts.value(fact)) == Truth::True;
    rule.tree.as_ref().is_some_and(holds)
}

/// Flags of aggravations, attempts and high limits.
fn ranges(seen: &Seen<'_>, answer: &Answer, say: &mut dyn FnMut(&str, bool)) {
    let of = |increase: &str| {
        seen.holding
            .iter()
            .filter(|fraction| fraction.increase == increase)
            .count()
    };
    let (art42, art43) = (of("art42"), of("art43"));
    say("several_fractions_one_increase", art42 > 1);
    say("stacking_42_43", art42 > 0 && art43 > 0);
    say("fine_increase_43", art43 > 0);
    let twice = |fraction: &&Fraction| fraction.double_count.iter().any(|id| answer.proven.contains(id));
    say("double_count", seen.holding.iter().any(twice));
    say(
        "attempt_floor",
        seen.case.stage == Stage::Attempt && !floor_is_settled(seen, answer),
    );
    let capped = |sentence: &crate::Sentence| {
        sentence
            .steps
            .iter()
            .any(|step| matches!(step, PenaltyStep::Cap { .. }))
    };
    say("cap_60", answer.sentence.values().any(capped));
    let sixty = Ratio::new(60, 1);
    let over = |sentence: &crate::Sentence| {
        let compounded = sentence.compounded.map(|shown| shown.years.max);
        [Some(sentence.shown.years.max), compounded]
            .into_iter()
            .flatten()
            .any(|max| Some(max) > sixty)
    };
    say("over_60", answer.sentence.values().any(over));
}

/// Whether the law settles the lower limit of every attempt here (CPF 63 p3, while CFPP 194 said which offences are grave).
fn floor_is_settled(seen: &Seen<'_>, answer: &Answer) -> bool {
    let mut ids = answer.sentence.keys();
    let of = |id: &String| seen.library.offence(id);
    ids.all(|id| of(id).is_some_and(|offence| crate::sentence::floor_is_settled(seen.library, offence, seen.days.last)))
        && crate::sentence::some_floor_is_settled(seen.library, seen.days.last)
}

/// Whether the code's offence comes into question: something that only it asks about is claimed.
fn code_in_question(seen: &Seen<'_>) -> bool {
    let mut offences = seen.library.code();
    offences.any(|offence| seen.facts.claims_any(&offence.asked))
}

fn code_in_force(seen: &Seen<'_>) -> bool {
    let mut offences = seen.library.code();
    offences.any(|offence| offence.first_day() <= seen.days.last)
}

fn code_applies(seen: &Seen<'_>) -> bool {
    code_in_question(seen) && code_in_force(seen)
}

fn code_is_local(seen: &Seen<'_>) -> bool {
    seen.case.forum == Forum::Local && seen.choice.local.is_none() && code_applies(seen)
}

/// The law by which its facts are cited, and where each law that governs says what an attempt is.
pub(crate) fn attempt_art<'a>(seen: &Seen<'a>) -> (&'a str, String) {
    let local = seen.choice.local.map_or("", |law| law.id.as_str());
    let general = local.is_empty() || seen.choice.general.is_some();
    let of_it = |rule: &&CommonRule| rule.instrument == local;
    let mut rules = seen.library.rules.iter().filter(of_it);
    let own = rules.find(|rule| rule.factor.is_some() && rule.of.is_empty());
    let own = own.and_then(|rule| rule.art.clone());
    let parts = general.then(|| "39; CPF 12".to_owned()).into_iter().chain(own);
    let law = if general { "" } else { local };
    (law, parts.collect::<Vec<_>>().join("; "))
}
