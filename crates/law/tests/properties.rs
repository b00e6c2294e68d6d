//! What must hold of every case.

use std::collections::{BTreeMap, BTreeSet};

use crate::law_files::library;
use law::{Answer, Case, Tree, Truth, Worded as _};
use proptest::prelude::*;
use serde_json::json;

/// Facts whose mention can end a presumption, or what was concluded from other facts: more facts may then take it back.
const PRESUMPTION: [&str; 7] = [
    "victim_minor",
    "victim_age_undetermined_or_doubted",
    "medical_age_report_available",
    "victim_indigenous_or_afromexican",
    "victim_over_60",
    "agg_violence_deceit_or_cruelty",
    "work_judicial_sentence",
];

/// Whether a fact belongs to an exclusion: one that becomes known defeats what was proven.
fn excludes(fact: &str) -> bool {
    let number = library().index[fact];
    let mut exclusions = library().exclusions.iter();
    let mut own = library().offences.iter().flat_map(|offence| &offence.exclusions);
    let asks = |tree: &law::Tree| {
        let mut facts = std::collections::BTreeSet::new();
        tree.facts(&mut facts);
        facts.contains(&number)
    };
    exclusions.any(|exclusion| asks(&exclusion.tree))
        || own.any(|exclusion| asks(&exclusion.tree))
        || fact.starts_with("work_")
}

fn assess(date: &str, stage: &str, facts: &BTreeMap<String, bool>) -> Answer {
    let case = json!({ "date": date, "forum": "federal", "stage": stage, "facts": facts });
    law::assess(library(), &Case::from_json(&case.to_string()).unwrap())
}

fn dates() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2012-06-15",
        "2018-01-15",
        "2018-01-19",
        "2023-04-26",
        "2024-06-07",
        "2024-06-08",
        "2026-01-01",
    ])
}

fn stages() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["consummated", "attempt"])
}

/// Facts, mostly true, so that offences are met often.
fn facts() -> impl Strategy<Value = BTreeMap<String, bool>> {
    let names: Vec<_> = library().facts.iter().map(|fact| fact.id.clone()).collect();
    prop::collection::btree_map(prop::sample::select(names), prop::bool::weighted(0.8), 0..150)
}

/// Names of the unknown leaves of branches that are open, written down once more from their definition.
fn missing(tree: &Tree, of: &dyn Fn(usize) -> Truth, into: &mut BTreeSet<String>) {
    if tree.value(of) != Truth::Unknown {
        return;
    }
    match tree {
        Tree::Fact(fact) => drop(into.insert(library().facts[*fact].id.clone())),
        Tree::Open(question) => drop(into.insert(question.clone())),
        Tree::Not(part) => missing(part, of, into),
        Tree::All(parts) | Tree::Any(parts) => parts.iter().for_each(|part| missing(part, of, into)),
    }
}

/// Names of the facts that decide, likewise.
fn because(tree: &Tree, of: &dyn Fn(usize) -> Truth, into: &mut Vec<String>) {
    let value = tree.value(of);
    match tree {
        _ if value == Truth::Unknown => {}
        Tree::Fact(fact) => into.push(library().facts[*fact].id.clone()),
        Tree::Open(_) => {}
        Tree::Not(part) => because(part, of, into),
        Tree::All(parts) | Tree::Any(parts) => {
            let one = Truth::from(matches!(tree, Tree::Any(_)));
            let deciding = |part: &&Tree| value != one || part.value(of) == one;
            let most = if value == one { 1 } else { parts.len() };
            let deciding = parts.iter().filter(deciding).take(most);
            deciding.for_each(|part| because(part, of, into));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn more_facts_never_turn_proven_into_missing(date in dates(), known in facts(), more in facts()) {
        let without = |facts: BTreeMap<String, bool>| {
            facts.into_iter().filter(|(fact, _)| !PRESUMPTION.contains(&fact.as_str())).collect::<BTreeMap<_, _>>()
        };
        let known = without(known);
        let mut all = without(more);
        all.extend(known.clone());
        let (before, after) = (assess(date, "consummated", &known), assess(date, "consummated", &all));
        let excluded = all.iter().any(|(fact, value)| *value && excludes(fact));
        for id in &before.proven {
            let defeated = excluded && after.contradicted.contains(id);
            prop_assert!(after.proven.contains(id) || defeated, "{id} is proven no more");
        }
        prop_assert!(before.contradicted.is_subset(&after.contradicted));
        prop_assert!(before.aggravations.is_subset(&after.aggravations));
        for (id, missing) in after.undetermined.iter() {
            let earlier = before.undetermined.get(id).unwrap();
            prop_assert!(missing.is_subset(earlier), "{id} hangs on facts that it did not hang on before");
        }
    }

    #[test]
    fn ranges_are_ordered_and_grow_only_upwards(date in dates(), stage in stages(), known in facts()) {
        let answer = assess(date, stage, &known);
        for (id, sentence) in &answer.sentence {
            prop_assert!(answer.proven.contains(id));
            let (shown, base) = (sentence.shown, &library().offence(id).unwrap().penalty);
            prop_assert!(shown.years.min <= shown.years.max && shown.fine_days.is_none_or(|days| days.min <= days.max));
            if stage == "consummated" {
                prop_assert!(shown.years.min == base.years.min && shown.years.max >= base.years.max);
            }
            if let Some(compounded) = sentence.compounded {
                prop_assert!(compounded.years.max >= shown.years.max && compounded.years.min == shown.years.min);
            }
        }
    }

    #[test]
    fn every_part_has_exactly_one_result(date in dates(), known in facts()) {
        let answer = assess(date, "consummated", &known);
        for offence in library().offences.iter().filter(|offence| !offence.secondary && !offence.instrument.starts_with("MX-")) {
            let lists = [&answer.proven, &answer.contradicted, &answer.not_in_force, &answer.wording_not_loaded];
            let listed = lists.iter().filter(|list| list.contains(&offence.id)).count();
            let open = usize::from(answer.undetermined.contains_key(offence.id.as_str()));
            prop_assert_eq!(listed + open, 1, "{}", &offence.id);
        }
    }

    #[test]
    fn what_is_missing_and_what_decides_is_what_the_trees_say(date in dates(), known in facts(), few in prop::bool::ANY) {
        let known: BTreeMap<_, _> = known.into_iter().take(if few { 8 } else { 150 }).collect();
        let case = Case::from_json(&json!({ "date": date, "forum": "federal", "facts": known }).to_string()).unwrap();
        let answer = law::assess(library(), &case);
        let day = law::Days::parse(date).unwrap().first;
        for offence in &library().offences {
            let (Some(wording), missed) = (offence.on(day), answer.undetermined.get(&offence.id)) else { continue };
            let values = law::known(library(), &case, &answer, offence);
            let of = |fact| values.iter().find(|known| known.fact == fact).unwrap().value;
            if let Some(missed) = missed {
                let mut expected = BTreeSet::new();
                missing(&wording.elements, &of, &mut expected);
                prop_assert_eq!(missed.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), expected, "{}", offence.id);
            }
            for reason in answer.reasons.iter().filter(|reason| reason.about == offence.id && reason.says == "proven") {
                let mut expected = Vec::new();
                because(&wording.elements, &of, &mut expected);
                let mut seen = BTreeSet::new();
                expected.retain(|fact| seen.insert(fact.clone()));
                let because: Vec<_> = reason.because.iter().map(|one| one.fact.to_string()).collect();
                prop_assert_eq!(because, expected, "{}", offence.id);
            }
        }
    }

    #[test]
    fn each_smallest_set_completes_its_offence(date in dates(), known in facts()) {
        let answer = assess(date, "consummated", &known);
        for (id, sets) in &answer.change {
            prop_assert!(sets.len() <= 5);
            for set in sets {
                let mut all = known.clone();
                all.extend(set.iter().map(|(fact, value)| (fact.to_string(), *value)));
                let completed = assess(date, "consummated", &all).proven.contains(&**id);
                let parted = set.keys().any(|fact| PRESUMPTION.contains(&&**fact));
                prop_assert!(completed || parted, "{id} is not completed by {set:?}");
            }
        }
    }
}

#[test]
fn the_order_of_facts_is_of_no_effect() {
    let one = r#"{"date":"2019-05-10","facts":{"act_intentional":true,"act_recruit":true,"purpose_slavery":true}}"#;
    let other = r#"{"facts":{"purpose_slavery":true,"act_recruit":true,"act_intentional":true},"date":"2019-05-10"}"#;
    let answer = |line| law::assess(library(), &Case::from_json(line).unwrap());
    assert_eq!(answer(one), answer(other));
}

#[test]
fn every_flag_that_is_said_is_one_of_the_codes() {
    for example in &library().examples {
        let answer = law::assess(library(), &example.case);
        for flag in answer.flags {
            assert!(library().flags.iter().any(|known| known.code == flag), "{flag}");
        }
    }
}

#[test]
fn a_fault_is_told_with_line_and_column() {
    let text = "[[fact]]\nid = \"a\"\nes = \"á\"\ncite = 3\n\n[[tree]]\nid = \"t\"\ntree = { all = [\"a\", \"aa\"] }\nnope = 1\n";
    let files = [law::File { path: "x.toml", text }];
    let faults: Vec<_> = law::load(&files).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(faults[0], "x.toml:4:8: `cite` must be a text in quotes, not integer");
    assert!(
        faults[1].starts_with("x.toml:8:22: `aa` is neither a fact nor a tree"),
        "{}",
        faults[1]
    );
    assert!(faults[1].ends_with("is `a` meant?"), "{}", faults[1]);
    assert!(
        faults[2].starts_with("x.toml:9:1: `nope` is not known here"),
        "{}",
        faults[2]
    );
    let broken = law::load(&[law::File {
        path: "y.toml",
        text: "a = [1,\nb",
    }])
    .unwrap_err();
    assert!(broken[0].line >= 1 && broken[0].file == "y.toml");
}
