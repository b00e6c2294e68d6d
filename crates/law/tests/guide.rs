//! The worked examples of docs/guides/lawyer.es.md and lawyer.md.

use std::path::Path;

use crate::law_files;
use law::Case;
use serde_json::{Value, json};

/// The blocks of this kind, in order.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let open = format!("```json {kind}\n");
    let parts = text.split(open.as_str()).skip(1);
    parts.map(|part| part.split("\n```").next().unwrap()).collect()
}

#[test]
fn every_worked_example_comes_out_as_written() {
    let guides = ["lawyer.es.md", "lawyer.md"].map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/guides")
            .join(name);
        std::fs::read_to_string(path).unwrap()
    });
    let [spanish, english] = guides
        .each_ref()
        .map(|text| (blocks(text, "case"), blocks(text, "answer")));
    assert_eq!(spanish, english, "both languages have the same examples");
    let (cases, answers) = spanish;
    assert!(cases.len() >= 5 && cases.len() == answers.len());
    for (case, wanted) in cases.iter().zip(answers) {
        let answer = json!(law::assess(law_files::library(), &Case::from_json(case).unwrap()));
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        for (field, value) in wanted.as_object().unwrap() {
            assert_eq!(&answer[field], value, "{field} of {case}");
        }
    }
}
