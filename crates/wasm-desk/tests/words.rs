//! Every code that an act may fail with has its sentence in both languages, from one table.

use std::collections::BTreeSet;

use client::Local;
use protocol::problem::Problem;

/// Rules of the log, as their enum writes them.
const RULES: &str = include_str!("../../casework/src/release.rs");
const TABLES: [&str; 2] = [
    include_str!("../../../web/locales/es.desk.ftl"),
    include_str!("../../../web/locales/en.desk.ftl"),
];
/// What the page says beside a code.
const BESIDE: [&str; 6] = [
    "file-empty",
    "file-large",
    "file-unreadable",
    "from",
    "no-module",
    "other",
];

fn rules() -> BTreeSet<String> {
    let (_, after) = RULES.split_once("pub enum Why {").expect("the rules");
    let (inside, _) = after.split_once("\n}\n").expect("their end");
    let names = inside.lines().filter_map(|line| line.strip_prefix("    "));
    let names = names.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let kebab = |name: &str| {
        let name = name.trim_end_matches([' ', ',', '{']);
        let pieces = name
            .split_inclusive(|_| true)
            .map(|letter| match letter.chars().next() {
                Some(upper) if upper.is_ascii_uppercase() => format!("-{}", upper.to_ascii_lowercase()),
                _ => letter.to_owned(),
            });
        pieces.collect::<String>().trim_start_matches('-').to_owned()
    };
    names.map(kebab).collect()
}

/// Every code that an act may fail with.
fn codes() -> BTreeSet<String> {
    let rules = rules();
    assert!(rules.contains("too-few-grants"), "they are found");
    let problems = Problem::ALL.iter().map(|problem| problem.code().to_owned());
    let local = Local::ALL.iter().map(|local| local.code().to_owned());
    local.chain(problems).chain(rules).collect()
}

#[test]
fn her_inbox_names_no_code_that_does_not_exist() {
    let script = include_str!("../../../web/scripts/volver.js");
    let (_, table) = script.split_once("const REFUSED = {").expect("the table");
    let (table, _) = table.split_once("};").expect("its end");
    let named: Vec<&str> = table
        .lines()
        .filter_map(|line| Some(line.split_once(": \"")?.0.trim().trim_matches('"')))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    let codes = codes();
    for code in named {
        assert!(codes.contains(code), "{code} is not a code");
    }
}

#[test]
fn every_code_has_its_sentence_in_both_languages_and_every_sentence_its_code() {
    let codes = codes();
    assert!(codes.len() > 80, "{}", codes.len());
    for table in TABLES {
        let ids = table.lines().filter_map(|line| line.strip_prefix("desk-err-"));
        let ids = ids.filter_map(|rest| Some(rest.split_once(" = ")?.0.to_owned()));
        let said: BTreeSet<String> = ids.filter(|id| !BESIDE.contains(&id.as_str())).collect();
        assert_eq!(said, codes);
    }
}
