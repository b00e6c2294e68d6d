//! The table of `law assess` for people: Spanish holds no English, and both hold what the interface says.

use std::process::Command;

/// Words that only English has, of those that the law files and the engine use.
const ENGLISH: &[&str] = &[
    "the",
    "and",
    "not",
    "of",
    "is",
    "are",
    "years",
    "days",
    "fine",
    "more",
    "limit",
    "unknown",
    "deadline",
    "stated",
    "text",
    "loaded",
    "facts",
    "with",
    "by",
    "whether",
    "increased",
    "source",
    "date",
    "law",
    "met",
    "given",
    "open",
    "if",
    "was",
    "were",
    "at",
    "up",
    "before",
    "after",
];

const CASES: &[&str] = &[
    r#"{"date":"2024-07-01","entity":"MX-TLA","forum":"local","facts":{"act_intentional":true,"act_recruit":true,"purpose_sexual_exploitation":true,"agg_two_or_more_countries":true,"agg_life_endangered":true,"agg_directs_or_finances_others":true,"victim_consented":true}}"#,
    r#"{"date":"2026-01-01","entity":"MX-PUE","stage":"attempt","facts":{"sexual_exploitation_benefit":true,"form_prostitution":true,"victim_age_undetermined_or_doubted":true,"medical_age_report_available":false,"attempt_executive_acts":true}}"#,
    r#"{"date":"2010-03-01","entity":"MX-DIF","facts":{"lpstp5_act_promote":true,"victim_minor":true,"agg_author_public_official":true}}"#,
    r#"{"date":"2012-01-01/2013-05-01","entity":"MX-CHP","forum":"federal","facts":{"act_recruit":true,"fem_kills_woman":true,"fem_circumstance_VIII":true}}"#,
    r#"{"facts":{}}"#,
    r#"{"date":"2001-01-01","forum":"local","entity":"MX-NLE","facts":{"fem_kills_woman":true}}"#,
    r#"{"date":"2024-06-08","entity":"MX-OAX","facts":{"begging_uses_person":true,"begging_benefit":true,"begging_against_will":true,"victim_pregnant":true,"fem_kills_woman":true,"fem_circumstance_I":true}}"#,
];

fn table(case: &str, language: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.jsonl");
    std::fs::write(&file, case).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["law", "assess", "--lang", language])
        .arg(&file)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// Text without names in brackets and without codes of flags: they are the interface's, in any language.
fn prose(line: &str) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for character in line.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            other if depth == 0 => text.push(other),
            _ => {}
        }
    }
    let words = text.split_whitespace().filter(|word| !word.contains('_'));
    words.collect::<Vec<_>>().join(" ")
}

fn english_in(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines() {
        for word in prose(line).to_lowercase().split(|c: char| !c.is_alphabetic()) {
            if ENGLISH.contains(&word) {
                found.push((word.to_owned(), line.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_spanish_table_holds_no_english() {
    for case in CASES {
        let text = table(case, "es");
        let found = english_in(&text);
        assert!(found.is_empty(), "{found:#?}");
        assert!(
            !english_in(&table(case, "en")).is_empty(),
            "the words above are seen where they are"
        );
    }
}

#[test]
fn both_languages_tell_the_same_lines() {
    let (es, en) = (table(CASES[0], "es"), table(CASES[0], "en"));
    assert_eq!(es.lines().count(), en.lines().count());
    for words in [
        "art. 43: hasta dos terceras partes más",
        "de 5 a 32.5 años de prisión",
        "fine_increase_43",
    ] {
        assert!(es.contains(words), "{words} in {es}");
    }
    assert!(en.contains("art. 43 (ag43): up to 2/3 more"), "{en}");
}

/// A fraction that is a fact and nothing else is explained by its citation; what is not loaded is said not to be.
#[test]
fn a_fraction_is_explained_by_its_citation() {
    let explain = |art: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
            .args(["law", "explain", art])
            .output()
            .unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    for (art, fact) in [("23-II", "work_civic_obligation"), ("23", "work_civic_obligation")] {
        let (code, text) = explain(art);
        assert_eq!(code, Some(0), "{art}");
        assert!(text.contains(fact), "{art}: {text}");
    }
    assert_eq!(explain("999").0, Some(3));
}
