//! From the answers of an intake to facts of the law, by data (intake/facts.tsv).
//!
//! An unanswered field gives no fact. «No sé» about her age gives only that it is in doubt: protection then treats her
//! as a minor, offences by the presumption of the law alone (LGPSEDMTP 3-X).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::intake::rows;

/// One row: an answer and the fact that it gives.
struct Row {
    field: &'static str,
    code: &'static str,
    fact: &'static str,
    value: bool,
}

fn table() -> impl Iterator<Item = Row> {
    rows(include_str!("intake/facts.tsv")).map(|row| {
        let column = |number: usize| row.get(number).copied().unwrap_or_default();
        Row {
            field: column(0),
            code: column(1),
            fact: column(2),
            value: column(3) == "true",
        }
    })
}

/// Facts that the answers give, by their names in the law files. They are what she told, not what is proven.
pub fn facts(answers: &BTreeMap<String, Value>) -> BTreeMap<String, bool> {
    let mut facts = BTreeMap::new();
    for row in table() {
        if answers.get(row.field).is_some_and(|answer| gives(answer, row.code)) {
            *facts.entry(row.fact.to_owned()).or_insert(row.value) |= row.value;
        }
    }
    facts
}

/// Whether the answer is the code or holds it; `!code`: whether something was answered and the code is not in it.
fn gives(answer: &Value, code: &str) -> bool {
    let answered: Vec<_> = match answer {
        Value::String(text) => vec![text.as_str()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match code.strip_prefix('!') {
        Some(other) => !answered.is_empty() && !answered.contains(&other),
        None => answered.contains(&code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::{AnswerKind, fields};
    use serde_json::json;

    fn of(answers: Value) -> Vec<(String, bool)> {
        let answers = answers.as_object().unwrap().clone().into_iter().collect();
        facts(&answers).into_iter().collect()
    }

    fn fact(name: &str, value: bool) -> (String, bool) {
        (name.to_owned(), value)
    }

    #[test]
    fn unanswered_gives_no_fact() {
        assert_eq!(of(json!({})), []);
        assert_eq!(of(json!({ "acts": [], "minor_at_entry": null, "citizenship": [] })), []);
        assert_eq!(
            of(json!({ "indigenous_or_afromexican": "declined", "official_involved": "no" })),
            []
        );
    }

    #[test]
    fn not_knowing_her_age_gives_doubt_and_no_minority() {
        let doubt = fact("victim_age_undetermined_or_doubted", true);
        for field in ["minor_at_entry", "minor_during_exploitation"] {
            assert_eq!(of(json!({ field: "unknown" })), std::slice::from_ref(&doubt));
        }
        assert_eq!(of(json!({ "minor_at_entry": "no" })), [fact("victim_minor", false)]);
        assert_eq!(
            of(json!({ "minor_during_exploitation": "no" })),
            [],
            "she may have been one at entry"
        );
        let told = json!({ "minor_at_entry": "no", "age_band": "9-17" });
        assert_eq!(
            of(told),
            [fact("victim_minor", true)],
            "where answers disagree, she is a minor"
        );
    }

    #[test]
    fn answers_give_facts_of_both_laws() {
        let facts =
            of(json!({ "acts": ["deliver"], "citizenship": ["GT", "HN"], "exploitation": ["sexual", "other"] }));
        let wanted = [
            "act_deliver",
            "lpstp5_act_deliver",
            "lpstp5_form_sexual_exploitation",
            "purpose_sexual_exploitation",
            "victim_foreign",
        ];
        assert_eq!(facts, wanted.map(|name| fact(name, true)));
        assert_eq!(
            of(json!({ "citizenship": ["GT", "MX"] })),
            [fact("victim_foreign", false)]
        );
    }

    #[test]
    fn every_row_names_a_field_a_code_and_a_fact_of_the_law() {
        let law = include_str!("../../../laws/mx/vocabulary.toml");
        for row in table() {
            let field = fields().iter().find(|field| field.name == row.field).unwrap();
            let known = field.codes.contains(&row.code) || field.kind == AnswerKind::Words;
            assert!(known, "{} {}", row.field, row.code);
            assert!(law.contains(&format!("\nid = \"{}\"\n", row.fact)), "{}", row.fact);
        }
    }
}
