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
    r#"{"date":"2010","entity":"MX-CHH","forum":"local","stage":"attempt","facts":{"act_recruit":true,"means_physical_violence":true,"purpose_slavery":true,"victim_minor":true,"victim_consented":true}}"#,
    r#"{"date":"2018","entity":"MX-CHH","forum":"local","facts":{"fem_kills_woman":true,"chh_fem_misogyny":true,"chh_fem_agg_two_authors":true}}"#,
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

/// A penalty without a fine says so, in the answer and in the article.
#[test]
fn a_text_without_a_fine_is_said_to_have_none() {
    let explained = |tongue: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
            .args(["law", "explain", "chh200_II", "--lang", tongue])
            .output()
            .unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    for (tongue, says) in [("es", "el texto no señala multa"), ("en", "the text states no fine")] {
        for text in [table(CASES[5], tongue), table(CASES[6], tongue), explained(tongue)] {
            assert!(
                text.contains(says) && !text.contains("0 a 0") && !text.contains("0 to 0"),
                "{text}"
            );
        }
    }
    assert!(!explained("es").contains("Fraction II states"));
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

fn assess(lines: &[u8], more: &[&str]) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, lines).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["law", "assess", "--json"])
        .args(more)
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let (answers, events): (Vec<_>, Vec<_>) = lines.partition(|line| line["event"].is_null());
    let told: Vec<_> = events.iter().map(ToString::to_string).collect();
    let told = told.join("\n") + &String::from_utf8(run.stderr).unwrap();
    (run.status.code(), answers, told)
}

/// Each line that is no case is refused by its number, the others are answered, and no file is blamed.
#[test]
fn a_line_that_is_no_case_is_refused_alone() {
    let good = br#"{"date":"2019","facts":{"act_recruit":true}}"#;
    for (bad, says) in [
        (&b"[]"[..], "a JSON object"),
        (b"{\"date\":\"2019\",\"date\":\"2020\"}", "duplicate field `date`"),
        (
            b"{\"facts\":{\"act_recruit\":true,\"act_recruit\":false}}",
            "stands twice",
        ),
        (b"{\"passages\":{\"a\":1,\"a\":2}}", "stands twice"),
        (b"{\"fact\":{}}", "unknown field `fact`"),
        (b"{\"entity\":\"\xff\xfe\"}", "no UTF-8"),
        (b"\xff", "no UTF-8"),
    ] {
        let lines = [b"\xef\xbb\xbf", good.as_slice(), b"\n", bad, b"\r\n\n", good.as_slice()].concat();
        let (code, answers, told) = assess(&lines, &[]);
        assert_eq!((code, answers.len()), (Some(2), 3), "{says}: {told}");
        let error = answers[1]["error"].as_str().unwrap();
        assert!(error.starts_with("line 2: ") && error.contains(says), "{says}: {error}");
        for answered in [&answers[0], &answers[2]] {
            assert_eq!(answered["date"], "2019-01-01/2019-12-31", "{says}");
        }
        assert!(
            told.contains("line 2") && !told.contains("read") && !told.contains("disk"),
            "{told}"
        );
    }
}

#[test]
fn fields_are_left_out_or_chosen() {
    let line = br#"{"date":"2019-05-10","facts":{"act_recruit":true}}"#;
    let names = |more: &[&str]| {
        let (code, answers, told) = assess(line, more);
        assert_eq!(code, Some(0), "{told}");
        let names = answers[0].as_object().unwrap().keys().cloned();
        names.collect::<Vec<_>>()
    };
    let all = names(&[]);
    let without: Vec<_> = all
        .iter()
        .filter(|name| !name.starts_with("assistance"))
        .cloned()
        .collect();
    assert_eq!(names(&["--without", "assistance,assistance_if"]), without);
    assert_eq!(names(&["--only", "proven", "--only", "flags"]), ["flags", "proven"]);
    assert_eq!(names(&["--only", "proven,flags", "--without", "flags"]), ["proven"]);
    let (code, _, told) = assess(line, &["--only", "provn"]);
    assert!(code == Some(2) && told.contains("provn"), "{told}");
}
