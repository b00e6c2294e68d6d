//! The form of an intake as a typed schema: fields, kinds and codes (intake/fields.tsv).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// Longest text of an answer, in characters.
const WORD_MAX: usize = 200;
/// Most entries of a list.
const LIST_MAX: usize = 64;

/// What an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of the codes.
    One,
    /// A list of codes.
    Many,
    /// A short text.
    Word,
    /// A list of short texts.
    Words,
    /// True or false.
    Yes,
    /// A list of objects.
    Record,
    /// Computed, never asked.
    Derived,
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name among the answers.
    pub name: &'static str,
    /// What an answer may be.
    pub kind: Kind,
    /// Codes, for [`Kind::One`] and [`Kind::Many`].
    pub codes: Vec<&'static str>,
    /// The standard that it follows.
    pub source: &'static str,
}

/// Why an answer does not fit the form. Names the field, never the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer to `{field}` {reason}")]
pub struct AnswerFault {
    /// Field.
    pub field: String,
    /// Which rule it breaks.
    pub reason: &'static str,
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| rows(include_str!("intake/fields.tsv")).map(field).collect());

/// Every field of the form, in its order.
pub fn fields() -> &'static [Field] {
    &FIELDS
}

/// Checks answers against the form; a field without an answer, or with `null`, is unanswered.
///
/// # Errors
/// One [`AnswerFault`] for each answer that does not fit, in the order of their names.
pub fn check(answers: &BTreeMap<String, Value>) -> Result<(), Vec<AnswerFault>> {
    let faults: Vec<_> = answers
        .iter()
        .filter_map(|(name, value)| {
            let reason = fault(name, value)?;
            let field = name.clone();
            Some(AnswerFault { field, reason })
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn fault(name: &str, value: &Value) -> Option<&'static str> {
    let Some(field) = fields().iter().find(|field| field.name == name) else {
        return Some("belongs to no field of the form");
    };
    let short = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() <= WORD_MAX);
    let code = |value: &Value| value.as_str().is_some_and(|text| field.codes.contains(&text));
    let list = |each: &dyn Fn(&Value) -> bool| {
        let list = value.as_array();
        list.is_some_and(|list| list.len() <= LIST_MAX && list.iter().all(each))
    };
    let (fits, reason) = match field.kind {
        _ if value.is_null() => (true, ""),
        Kind::One => (code(value), "is not one of the codes"),
        Kind::Many => (list(&code), "is not a list of the codes"),
        Kind::Word => (short(value), "is not a short text"),
        Kind::Words => (list(&short), "is not a list of short texts"),
        Kind::Yes => (value.is_boolean(), "is neither true nor false"),
        Kind::Record => (list(&Value::is_object), "is not a list of records"),
        Kind::Derived => (false, "is computed, never asked"),
    };
    (!fits).then_some(reason)
}

/// Rows of a table: columns between tabs; comments and empty lines left out.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}

fn field(row: Vec<&'static str>) -> Field {
    let column = |number: usize| row.get(number).copied().unwrap_or_default();
    let kind = match column(1) {
        "one" => Kind::One,
        "many" => Kind::Many,
        "word" => Kind::Word,
        "words" => Kind::Words,
        "yes" => Kind::Yes,
        "record" => Kind::Record,
        _ => Kind::Derived,
    };
    Field {
        name: column(0),
        kind,
        codes: column(2).split('|').filter(|code| !code.is_empty()).collect(),
        source: column(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answers(value: Value) -> BTreeMap<String, Value> {
        value.as_object().unwrap().clone().into_iter().collect()
    }

    #[test]
    fn every_field_is_whole() {
        assert_eq!(fields().len(), 30);
        for field in fields() {
            let coded = matches!(field.kind, Kind::One | Kind::Many);
            assert_eq!(coded, !field.codes.is_empty(), "{}", field.name);
            assert!(!field.source.is_empty(), "{}", field.name);
            assert_eq!(fields().iter().filter(|other| other.name == field.name).count(), 1);
        }
        assert_eq!(
            fields()
                .iter()
                .find(|field| field.name == "means_of_control")
                .unwrap()
                .codes
                .len(),
            17
        );
    }

    #[test]
    fn answers_fit_or_are_named() {
        let good = json!({ "acts": ["recruit"], "minor_at_entry": "unknown", "citizenship": ["GT"],
            "interpreter_needed": true, "event": [{ "kind": "transit" }], "age_band": null });
        assert_eq!(check(&answers(good)), Ok(()));
        let bad = json!({ "acts": ["steal"], "age_band": "17", "citizenship": "MX", "event": [1],
            "interpreter_needed": "yes", "shoe_size": 39, "stats_export": {}, "case_ref": 7 });
        let faults = check(&answers(bad)).unwrap_err();
        let names: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        let all = [
            "acts",
            "age_band",
            "case_ref",
            "citizenship",
            "event",
            "interpreter_needed",
            "shoe_size",
            "stats_export",
        ];
        assert_eq!(names, all);
        assert_eq!(faults[0].to_string(), "the answer to `acts` is not a list of the codes");
    }
}
