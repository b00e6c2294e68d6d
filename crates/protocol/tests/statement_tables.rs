//! The field tables of docs/protocol.md, «Statements, field by field», name the fields that the examples beneath them have.

use std::collections::BTreeSet;

/// Fields of every statement, told once and not in each table.
const COMMON: [&str; 5] = ["v", "origin", "nonce", "time", "day"];

/// The names between backticks in the first column of a section's table.
fn tabled(section: &str) -> BTreeSet<&str> {
    let rows = section.lines().take_while(|line| !line.starts_with("Valid"));
    let cells = rows.filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split(", "));
    names.map(|name| name.trim_matches('`')).collect()
}

/// The fields of each valid example.
fn examples(section: &str) -> Vec<BTreeSet<String>> {
    let valid = section.split("Valid:\n```json\n").skip(1);
    let texts = valid.filter_map(|rest| rest.split("\n```").next());
    let objects = texts.map(|text| serde_json::from_str::<serde_json::Map<_, _>>(text).expect("an example is JSON"));
    objects.map(|fields| fields.keys().cloned().collect()).collect()
}

#[test]
fn every_table_names_the_fields_of_its_examples() {
    let text = include_str!("../../../docs/protocol.md");
    let (_, part) = text.split_once("## 22. Statements").expect("the part on statements");
    let sections = part
        .split("\n### 22.")
        .skip(1)
        .filter(|section| section.contains("Valid:"));
    let mut seen = 0;
    for section in sections {
        let name = section.lines().next().expect("a heading");
        let tabled = tabled(section);
        for fields in examples(section) {
            let own: BTreeSet<&str> = fields
                .iter()
                .map(String::as_str)
                .filter(|field| !COMMON.contains(field))
                .collect();
            assert_eq!(own, tabled, "22.{name}");
            seen += 1;
        }
    }
    assert!(seen >= 16, "only {seen} examples were found");
}
