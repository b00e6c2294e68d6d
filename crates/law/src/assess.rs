//! From a case to an answer: which law, which offences, which ranges, what is missing, and why.

mod parts;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::answer::{Answer, Because, DerivationReason, Secondary};
use crate::assist::assist;
use crate::case::{Case, Days, Forum, Stage};
use crate::change::smallest;
use crate::choose::{Choice, choose};
use crate::fact::Before;
use crate::facts::Facts;
use crate::flags::{Seen, attempt_art, flags};
use crate::library::{Instrument, Library};
use crate::offence::{Fraction, Offence, Worded};
use crate::ratio::Ratio;
use crate::sentence::sentence;
use crate::truth::{Tree, Truth};
use crate::undetermined::Undetermined;

/// Answers a case. Never fails: what cannot be answered is said in the answer.
pub fn assess(library: &Library, case: &Case) -> Answer {
    match case.days {
        None => undated(library, case),
        Some(days) => parts::assess(library, case, days),
    }
}

/// What is known of a fact that an offence asks about, on the days of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Number in [`Library::facts`].
    pub fact: usize,
    /// Its value, as the offence was judged by it.
    pub value: Truth,
    /// Whether a presumption of the law made it true (art. 3-X).
    pub presumed: bool,
    /// Whether the wording of that day is at hand; without it nothing can be known of the fact.
    pub loaded: bool,
}

/// Every fact that an offence asks about, in the order of the vocabulary, with what is known of it. `answer`: of this
/// case, or a part of it.
pub fn known(library: &Library, case: &Case, answer: &Answer, offence: &Offence) -> Vec<Known> {
    let days = answer.date.as_deref().and_then(Days::parse);
    let offence = days.and_then(|days| offence.on(days.first)).unwrap_or(offence);
    let general = days.is_some_and(|days| choose(library, case, days).general.is_some());
    let facts = Facts::new(library, case, days.map(|days| days.last), general);
    let mut asked = BTreeSet::new();
    offence.elements.facts(&mut asked);
    for exclusion in &offence.exclusions {
        exclusion.tree.facts(&mut asked);
    }
    let known = |fact| Known {
        fact,
        value: facts.value_in(offence, fact),
        presumed: facts.presumed() == Some(fact),
        loaded: facts.can_be_known(offence, fact),
    };
    asked.into_iter().map(known).collect()
}

/// Without a date no law can be chosen; what is owed to her does not wait for one.
fn undated(library: &Library, case: &Case) -> Answer {
    let facts = Facts::new(library, case, None, false);
    let mut answer = Answer {
        law_status: "unknown",
        flags: BTreeSet::from(["date_needed".to_owned()]),
        reasons: vec![plain("applicable_law", "no date, no law: when did it happen?")],
        ..Answer::default()
    };
    unknown_names(&facts, &mut answer);
    assist(library, case, None, &|fact| facts.value(fact), &mut answer);
    answer
}

/// Answers for days during which no wording changes.
fn assess_days(library: &Library, case: &Case, days: Days) -> Answer {
    let choice = choose(library, case, days);
    let facts = Facts::new(library, case, Some(days.last), choice.general.is_some());
    let mut answer = Answer {
        date: Some(days.shown()),
        applicable_law: choice.shown.clone(),
        law_status: choice.status,
        reasons: choice.reasons.clone(),
        undetermined: Undetermined::of(&library.ids),
        ..Answer::default()
    };
    unknown_names(&facts, &mut answer);
    let mut holding = Vec::new();
    for law in [choice.general, choice.local].into_iter().flatten() {
        fractions(library, law, &facts, days, &mut holding, &mut answer);
        for offence in library.offences_of(law) {
            judge(library, offence, &facts, days, &mut answer);
        }
    }
    if choice.local.is_none() {
        code(library, case, &facts, days, &mut answer);
    }
    secondary(library, &choice, &facts, &mut answer);
    let seen = Seen {
        library,
        case,
        days,
        facts: &facts,
        choice: &choice,
        holding: &holding,
    };
    sentences(&seen, &mut answer);
    answer.flags = flags(&seen, &answer);
    say_rules(library, &facts, &mut answer);
    assist(library, case, Some(days), &|fact| facts.value(fact), &mut answer);
    answer
}

/// Says which names in the case no law asks about.
fn unknown_names(facts: &Facts<'_>, answer: &mut Answer) {
    let left_out = |name: &&str| plain(name, "no fact of this name; it was left out");
    answer.reasons.extend(facts.unlisted.iter().map(left_out));
}

/// Notes why a part is not judged on these days: it had not begun, or it was repealed.
fn absent(
    id: &str,
    since: jiff::civil::Date,
    until: Option<jiff::civil::Date>,
    before: Option<Before>,
    days: Days,
    answer: &mut Answer,
) {
    let (list, says) = match (until, before) {
        (Some(until), _) if since <= days.first => (&mut answer.not_in_force, format!("was in force until {until}")),
        (_, Some(Before::NotLoaded)) => {
            let says = format!("wording then in force is not loaded; the present one starts on {since}");
            (&mut answer.wording_not_loaded, says)
        }
        _ => {
            let says = format!("did not exist yet; the present one starts on {since}");
            (&mut answer.not_in_force, says)
        }
    };
    list.insert(id.to_owned());
    answer.reasons.push(plain(id, &says));
}

fn fractions<'a>(
    library: &'a Library,
    law: &'a Instrument,
    facts: &Facts<'_>,
    days: Days,
    holding: &mut Vec<&'a Fraction>,
    answer: &mut Answer,
) {
    for fraction in library.fractions_of(law) {
        let Some(fraction) = fraction.on(days.first) else {
            absent(
                &fraction.id,
                fraction.first_day(),
                fraction.until,
                fraction.before,
                days,
                answer,
            );
            continue;
        };
        if facts.says_nothing(&fraction.asked) {
            answer
                .undetermined
                .set(fraction.rank, Arc::clone(&fraction.asked.names));
            continue;
        }
        let of = |fact| facts.value(fact);
        match fraction.tree.value(&of) {
            Truth::True => {
                holding.push(fraction);
                answer.aggravations.insert(fraction.id.clone());
                let reason = reason(
                    (&fraction.id, &law.id),
                    "holds",
                    &fraction.art,
                    &fraction.tree,
                    facts,
                    &of,
                );
                answer.reasons.push(reason);
            }
            Truth::Unknown => answer
                .undetermined
                .set(fraction.rank, Arc::new(missing(&fraction.tree, facts, &of))),
            Truth::False => {}
        }
    }
}

fn judge(library: &Library, offence: &Offence, facts: &Facts<'_>, days: Days, answer: &mut Answer) {
    let Some(offence) = offence.on(days.first) else {
        absent(
            &offence.id,
            offence.first_day(),
            offence.until,
            offence.before,
            days,
            answer,
        );
        return;
    };
    let of = |fact| facts.value_in(offence, fact);
    let nothing = facts.says_nothing_of(offence);
    let value = if nothing {
        Truth::Unknown
    } else {
        offence.elements.value(&of)
    };
    // An offence that cannot be met needs no exclusion; all others are excluded by what is known to be so.
    if value != Truth::False
        && let Some(exclusion) = facts
            .exclusions(offence)
            .find(|exclusion| exclusion.tree.value(&of) == Truth::True)
    {
        answer.contradicted.insert(offence.id.clone());
        let art = &exclusion.art;
        let reason = reason(
            (&offence.id, &offence.instrument),
            "contradicted",
            art,
            &exclusion.tree,
            facts,
            &of,
        );
        answer.reasons.push(reason);
        return;
    }
    if nothing {
        answer.undetermined.set(offence.rank, Arc::clone(&offence.asked.names));
        return;
    }
    let (list, says) = match value {
        Truth::True => {
            let unraised = open_exclusions(library, offence, facts, &of);
            answer.exclusions_to_check.insert(offence.id.clone(), unraised);
            (&mut answer.proven, "proven")
        }
        Truth::False => (&mut answer.contradicted, "contradicted"),
        Truth::Unknown => {
            answer
                .undetermined
                .set(offence.rank, Arc::new(missing(&offence.elements, facts, &of)));
            if facts.touches(&offence.asked) {
                let named = |set: Vec<(usize, bool)>| {
                    let entries = set.into_iter();
                    entries.map(|(fact, value)| (facts.name(fact), value)).collect()
                };
                let sets = smallest(&offence.elements, &of, &|fact| facts.can_be_known(offence, fact))
                    .into_iter()
                    .map(named)
                    .collect();
                answer.change.insert(Arc::clone(&library.ids[offence.rank]), sets);
            }
            return;
        }
    };
    list.insert(offence.id.clone());
    let reason = reason(
        (&offence.id, &offence.instrument),
        says,
        &offence.art,
        &offence.elements,
        facts,
        &of,
    );
    answer.reasons.push(reason);
    for note in [&offence.note, &offence.cumulates, &offence.also].into_iter().flatten() {
        if says == "proven" {
            answer.reasons.push(plain(&offence.id, note));
        }
    }
}

/// The unknown facts of the exclusions that nobody has raised.
fn open_exclusions(
    library: &Library,
    offence: &Offence,
    facts: &Facts<'_>,
    of: &dyn Fn(usize) -> Truth,
) -> BTreeSet<Arc<str>> {
    let mut leaves = Vec::with_capacity(LEAVES);
    for exclusion in library.exclusions(offence) {
        exclusion.tree.missing(of, &mut leaves);
    }
    leaves.into_iter().map(|leaf| facts.leaf(leaf)).collect()
}

/// Leaves that most trees have at most.
const LEAVES: usize = 32;

/// Names of the unknown facts that a tree hangs on.
fn missing(tree: &Tree, facts: &Facts<'_>, of: &dyn Fn(usize) -> Truth) -> BTreeSet<Arc<str>> {
    let mut leaves = Vec::with_capacity(LEAVES);
    tree.missing(of, &mut leaves);
    leaves.into_iter().map(|leaf| facts.leaf(leaf)).collect()
}

/// What is found of `about`, an id and its law, and by which facts.
fn reason(
    about: (&str, &str),
    says: &str,
    art: &str,
    tree: &Tree,
    facts: &Facts<'_>,
    of: &dyn Fn(usize) -> Truth,
) -> DerivationReason {
    let (id, law) = about;
    DerivationReason {
        about: id.to_owned(),
        says: says.to_owned(),
        cite: Some(["art. ", art].concat()),
        because: because(law, &tree.because(of), facts, of),
    }
}

fn because(law: &str, deciding: &[usize], facts: &Facts<'_>, of: &dyn Fn(usize) -> Truth) -> Vec<Because> {
    let fact = |fact: &usize| Because {
        fact: facts.name(*fact),
        value: of(*fact) == Truth::True,
        cite: facts.cite(law, *fact),
    };
    deciding.iter().map(fact).collect()
}

fn plain(about: &str, says: &str) -> DerivationReason {
    DerivationReason {
        about: about.to_owned(),
        says: says.to_owned(),
        cite: None,
        because: Vec::new(),
    }
}

/// Offences of the federal code, which the local codes replace in the local forum.
fn code(library: &Library, case: &Case, facts: &Facts<'_>, days: Days, answer: &mut Answer) {
    for offence in library.code() {
        let claimed = facts.claims_any(&offence.asked);
        if case.forum == Forum::Local {
            if claimed {
                let entity = case.entity.as_deref().unwrap_or("the entity");
                let says = format!(
                    "the code of {entity} is not loaded; CPF {} is the federal rule",
                    offence.art
                );
                answer.reasons.push(plain(&offence.id, &says));
            }
        } else if claimed || offence.first_day() <= days.first {
            judge(library, offence, facts, days, answer);
        }
    }
}

fn sentences(seen: &Seen<'_>, answer: &mut Answer) {
    let Seen { library, days, .. } = *seen;
    if seen.case.stage == Stage::Attempt
        && let Some(tree) = library.rule("attempt").and_then(|rule| rule.tree.as_ref())
    {
        let of = |fact| seen.facts.value(fact);
        let value = tree.value(&of);
        let says = match value {
            Truth::True => "attempt: punishable",
            Truth::Unknown => "attempt: as the case says; its own facts are not all known",
            Truth::False => "attempt: not punishable, no range",
        };
        let (law, art) = attempt_art(seen);
        let reason = reason(("attempt", law), says, &art, tree, seen.facts, &of);
        answer.reasons.push(reason);
        if value == Truth::False {
            return;
        }
    }
    let proven: Vec<_> = answer.proven.iter().filter_map(|id| library.offence(id)).collect();
    let qualified = |id: &String| proven.iter().any(|other| other.supersedes.as_ref() == Some(id));
    for offence in &proven {
        if let (false, Some(wording)) = (qualified(&offence.id), offence.on(days.first)) {
            let range = sentence(library, wording, seen.holding, seen.case.stage, days.last);
            answer.sentence.insert(offence.id.clone(), range);
        }
    }
}

/// Offences known from secondary sources only: never proven, never a sentence.
fn secondary(library: &Library, choice: &Choice<'_>, facts: &Facts<'_>, answer: &mut Answer) {
    let Some(law) = choice.secondary else { return };
    for offence in library.offences_of(law) {
        let of = |fact| facts.value_in(offence, fact);
        let result = match offence.elements.value(&of) {
            Truth::True => "met",
            Truth::False => "not_met",
            Truth::Unknown => "undetermined",
        };
        let (mut years, mut fine) = (offence.penalty.years, offence.penalty.fine_days);
        let mut penalty = vec![offence.penalty.text.clone()];
        for variant in &offence.variants {
            if variant.tree.value(&of) != Truth::True {
                continue;
            }
            penalty.push(variant.text.clone());
            if let Some(other) = variant.years {
                (years, fine) = (other, None);
            }
            if let Some(increase) = variant.increase {
                let factor = Ratio::ONE.plus(increase);
                years = years.up_to(factor);
                fine = fine.map(|fine| fine.up_to(factor));
            }
        }
        let pair = |range: crate::Range| [range.min.to_string(), range.max.to_string()];
        let answered = Secondary {
            result,
            undetermined: missing(&offence.elements, facts, &of),
            years: Some(pair(years)),
            fine_days: fine.map(pair),
            penalty,
            because: because(&law.id, &offence.elements.because(&of), facts, &of),
        };
        answer.secondary.insert(offence.id.clone(), answered);
    }
}

/// Says the rule behind each flag, in the words of the law.
fn say_rules(library: &Library, facts: &Facts<'_>, answer: &mut Answer) {
    for code in answer.flags.clone() {
        let flag = library.flags.iter().find(|flag| flag.code == code);
        let rules = library.rules.iter().filter(|rule| rule.flag.as_ref() == Some(&code));
        let mut said = false;
        for rule in rules {
            let of = |fact| facts.value(fact);
            let holds = rule.tree.as_ref().is_none_or(|tree| tree.value(&of) == Truth::True);
            if holds && let Some(text) = &rule.text {
                let deciding = rule.tree.as_ref().map(|tree| tree.because(&of)).unwrap_or_default();
                answer.reasons.push(DerivationReason {
                    about: code.clone(),
                    says: text.clone(),
                    cite: rule.art.as_ref().map(|art| format!("art. {art}")),
                    because: because(&rule.instrument, &deciding, facts, &of),
                });
                said = true;
            }
        }
        if let Some(flag) = flag.filter(|_| !said) {
            answer.reasons.push(plain(&code, &flag.when));
        }
    }
}
