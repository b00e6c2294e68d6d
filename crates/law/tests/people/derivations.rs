//! Derivations in prose: some word by word, and what must hold of every one.

use std::collections::{BTreeMap, BTreeSet};

use law::{Answer, Case, Paragraph, Passages, Tongue};
use proptest::prelude::*;
use serde_json::json;

use crate::law_files::library;

/// Words of a paragraph that name no fact; and those that each fact may add: its clause, its article, a passage.
const WORDS_BASE: usize = 110;
const WORDS_A_FACT: usize = 60;

/// Each: the case, then what is said in Spanish, then in English; paragraphs on a line each.
const GOLDEN: &str = include_str!("derivations.txt");

fn said(case: &str, passages: &Passages, tongue: Tongue) -> (Answer, Vec<Paragraph>) {
    let case = Case::from_json(case).unwrap();
    let answer = law::assess(library(), &case);
    let prose = law::prose(library(), &case, &answer, passages, tongue);
    (answer, prose)
}

fn passages(case: &str) -> Passages {
    let value: serde_json::Value = serde_json::from_str(case).unwrap();
    let given = value["passages"].as_object().cloned().unwrap_or_default();
    given
        .into_iter()
        .map(|(fact, words)| (fact, vec![words.as_str().unwrap().to_owned()]))
        .collect()
}

#[test]
fn derivations_read_as_written() {
    let mut made = String::new();
    for block in GOLDEN.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let case = block.lines().next().unwrap();
        made.push_str(case);
        made.push('\n');
        for tongue in [Tongue::Es, Tongue::En] {
            for paragraph in said(case, &passages(case), tongue).1 {
                made.push_str(&paragraph.text);
                made.push('\n');
            }
        }
        made.push('\n');
    }
    assert_eq!(GOLDEN.trim_end(), made.trim_end(), "what is made now:\n{made}");
    assert!(GOLDEN.split("\n\n").count() >= 6);
}

/// A passage is one line, quoted, and of a long one the beginning.
#[test]
fn a_passage_is_quoted_and_cut() {
    let case = r#"{"date":"2019-05-10","facts":{"act_intentional":true,"act_recruit":true,"purpose_slavery":true}}"#;
    let long = "me dijo\nque  había trabajo ".repeat(40);
    let passages = BTreeMap::from([("act_recruit".to_owned(), vec![long])]);
    let (_, prose) = said(case, &passages, Tongue::Es);
    let text = &prose.iter().find(|one| one.about == "a10").unwrap().text;
    assert!(
        text.contains("según el pasaje «me dijo que había trabajo me dijo"),
        "{text}"
    );
    assert!(text.contains("[...]»") && text.chars().count() < 700, "{text}");
}

/// A fact that two laws share stands, in prose and in questions, where the law that is applied has it.
#[test]
fn prose_and_questions_cite_the_law_that_is_applied() {
    for (facts, about) in [
        (
            r#""act_recruit":true,"means_deception":true,"purpose_slavery":true,"victim_minor":true"#,
            "chh198",
        ),
        (r#""means_deception":true,"purpose_slavery":true"#, "chh198"),
    ] {
        let case = |date: &str| {
            format!(
                r#"{{"date":"{date}","entity":"MX-CHH","forum":"local","facts":{{"act_intentional":true,{facts}}}}}"#
            )
        };
        for tongue in [Tongue::Es, Tongue::En] {
            let (_, old) = said(&case("2010-03-01"), &Passages::new(), tongue);
            let text = &old.iter().find(|one| one.about == about).unwrap().text;
            assert!(text.contains("198") || text.contains("Chihuahua"), "{text}");
            let article = tongue.pick("artículo 10", "article 10");
            assert!(!text.contains(article), "{text}");
            let (_, new) = said(&case("2019-03-01"), &Passages::new(), tongue);
            assert!(
                new.iter().any(|one| one.text.to_lowercase().contains(article)),
                "{new:?}"
            );
        }
        for question in law::ask(library(), &Case::from_json(&case("2010-03-01")).unwrap()) {
            assert!(
                question.cite(library()).starts_with("CP Chihuahua "),
                "{question:?}: {}",
                question.cite(library())
            );
        }
    }
}

/// Facts, mostly true.
fn facts() -> impl Strategy<Value = BTreeMap<String, bool>> {
    let names: Vec<_> = library().facts.iter().map(|fact| fact.id.clone()).collect();
    prop::collection::btree_map(prop::sample::select(names), prop::bool::weighted(0.85), 0..40)
}

fn dates() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2010-03-01",
        "2012-06-15",
        "2019-05-10",
        "2024-06-08",
        "2012-01-01/2013-05-01",
    ])
}

/// First number of each article that a citation names.
fn articles(cite: &str) -> BTreeSet<String> {
    law::cites(cite).into_iter().map(|cite| cite.art).collect()
}

/// Everything that the derivation of a conclusion names stands in its paragraph.
fn holds(answer: &Answer, prose: &[Paragraph], tongue: Tongue) {
    let library = library();
    let about = |id: &str| prose.iter().find(|one| one.about == id).map(|one| one.text.as_str());
    let clause = |fact: &str| library.clause(library.index[fact], tongue);
    let ids: BTreeSet<&String> = answer.proven.iter().chain(&answer.aggravations).collect();
    for id in &ids {
        assert!(about(id).is_some(), "{id} is not named");
    }
    let exclusions = about("exclusions").unwrap_or_default();
    for (id, open) in &answer.exclusions_to_check {
        let text = about(id).unwrap();
        for fact in open {
            assert!(
                text.contains(clause(fact)) || exclusions.contains(clause(fact)),
                "{id}: {fact}"
            );
        }
    }
    for reason in &answer.reasons {
        let Some(text) = about(&reason.about) else { continue };
        for number in reason.cite.iter().flat_map(|cite| articles(cite)).take(1) {
            let named = format!("{} {number}", tongue.pick("rtículo", "rticle"));
            assert!(text.contains(&named), "{}: {named}: {text}", reason.about);
        }
        for because in &reason.because {
            assert!(
                text.contains(clause(&because.fact)),
                "{}: {}: {text}",
                reason.about,
                because.fact
            );
        }
    }
    for (id, sets) in &answer.change {
        let Some(text) = about(id) else {
            let others = about("others").unwrap();
            let art = &library.offence(id).unwrap().art;
            assert!(
                articles(art).iter().all(|number| others.contains(number.as_str())),
                "{id}: {others}"
            );
            continue;
        };
        for fact in sets.iter().flat_map(BTreeMap::keys) {
            assert!(text.contains(clause(fact)), "{id}: {fact}: {text}");
        }
    }
    for paragraph in prose {
        let clauses = (0..library.facts.len()).filter(|fact| paragraph.text.contains(library.clause(*fact, tongue)));
        let most = WORDS_BASE + WORDS_A_FACT * clauses.count();
        let words = paragraph.text.split_whitespace().count();
        assert!(words <= most, "{words} words: {}", paragraph.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_fact_and_article_of_a_derivation_is_said(date in dates(), known in facts(), attempt: bool, spanish: bool) {
        let stage = if attempt { "attempt" } else { "consummated" };
        let case = json!({ "date": date, "forum": "federal", "stage": stage, "facts": known }).to_string();
        let tongue = if spanish { Tongue::Es } else { Tongue::En };
        let (answer, prose) = said(&case, &Passages::new(), tongue);
        if answer.parts.is_empty() {
            holds(&answer, &prose, tongue);
        } else {
            let starts: Vec<_> = (0..prose.len()).filter(|n| prose[*n].about == "law").collect();
            prop_assert_eq!(starts.len(), answer.parts.len());
            for (n, part) in answer.parts.iter().enumerate() {
                let end = starts.get(n + 1).copied().unwrap_or(prose.len());
                holds(part, &prose[starts[n]..end], tongue);
            }
        }
    }
}
