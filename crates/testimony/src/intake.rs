//! The form of an intake as a typed schema: fields, kinds and codes (intake/fields.tsv).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

/// Longest text of an answer, in characters.
const WORD_MAX: usize = 200;
/// Longest text of [`AnswerKind::Text`], in characters.
pub const DESCRIPTION_MAX: usize = 2000;
/// Most entries of a list.
const LIST_MAX: usize = 64;

/// What an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// One of the codes.
    One,
    /// A list of codes.
    Many,
    /// A short text.
    Word,
    /// Some sentences.
    Text,
    /// A list of short texts.
    Words,
    /// True or false.
    Yes,
    /// A list of objects.
    Record,
    /// Computed, never asked.
    Derived,
}

impl AnswerKind {
    /// Whether an answer is one of the codes, or several.
    fn is_coded(self) -> bool {
        matches!(self, Self::One | Self::Many)
    }
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name among the answers.
    pub name: &'static str,
    /// What an answer may be.
    pub kind: AnswerKind,
    /// Codes, for [`AnswerKind::One`] and [`AnswerKind::Many`]; for [`AnswerKind::Record`] its keys and their codes, or nothing
    /// where any will do.
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

/// A question that she is asked beside her account, none of which she must answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is asked with.
    pub group: &'static str,
    /// The field that its answer fills.
    pub field: &'static Field,
    /// Codes that she may choose, in their order: the field's, or some of them.
    pub codes: Vec<&'static str>,
    /// Asked only where one of these is answered, as `field:code`; empty: always.
    pub follows: Vec<&'static str>,
}

static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(|| {
    rows(include_str!("intake/questions.tsv"))
        .filter_map(question)
        .collect()
});

/// Every question, in the order of the page, group by group.
pub fn questions() -> &'static [Question] {
    &QUESTIONS
}

fn question(row: Vec<&'static str>) -> Option<Question> {
    let column = |number: usize| row.get(number).copied().unwrap_or_default();
    let list = |number: usize| column(number).split('|').filter(|code| !code.is_empty()).collect();
    Some(Question {
        group: column(0),
        field: fields().iter().find(|field| field.name == column(1))?,
        codes: list(2),
        follows: list(3),
    })
}

/// A text in the two languages of the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BilingualText {
    /// In Spanish.
    pub es: String,
    /// In English.
    pub en: String,
}

/// An answer as people read it: the question, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The field of the form.
    pub field: BilingualText,
    /// The answer.
    pub answer: BilingualText,
}

/// Field, code, Spanish, English; the rows of a field stand before those of every field.
static WORDS: LazyLock<Vec<[&str; 4]>> = LazyLock::new(|| {
    let columns = |row: Vec<&'static str>| row.try_into().ok();
    rows(include_str!("intake/words.tsv")).filter_map(columns).collect()
});

/// Answers in words (intake/words.tsv), in the order of the form. What is in no form, for other software wrote it, stays as
/// it stands, and comes last.
pub fn in_words(answers: &BTreeMap<String, Value>) -> Vec<Answered> {
    let mut all: Vec<(usize, Answered)> = answers
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let place = fields().iter().position(|field| field.name == name);
            let field = word(name, "");
            let answer = BilingualText {
                es: said(name, value, |words| words.es),
                en: said(name, value, |words| words.en),
            };
            (place.unwrap_or(usize::MAX), Answered { field, answer })
        })
        .collect();
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, answered)| answered).collect()
}

/// A field, or a code of it, in words; where the table has none, as it stands.
fn word(field: &str, code: &str) -> BilingualText {
    let is_it = |row: &&[&str; 4]| (row[0] == field || row[0] == "*") && row[1] == code;
    let [es, en] = match WORDS.iter().find(is_it) {
        Some([_, _, es, en]) => [*es, *en],
        None if code.is_empty() => [field, field],
        None => [code, code],
    };
    BilingualText {
        es: es.to_owned(),
        en: en.to_owned(),
    }
}

fn said(field: &str, value: &Value, language: fn(BilingualText) -> String) -> String {
    let is_coded = fields()
        .iter()
        .any(|known| known.name == field && known.kind.is_coded());
    match value {
        Value::Bool(yes) => language(word("*", if *yes { "yes" } else { "no" })),
        Value::String(text) if is_coded => language(word(field, text)),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let each: Vec<String> = list.iter().map(|value| said(field, value, language)).collect();
            each.join(", ")
        }
        Value::Object(record) => {
            // `kind` is a code; all else is as it was written, whatever it reads like.
            let words = |name: &str, value: &Value| match value {
                Value::String(text) if name == "kind" => language(word(field, text)),
                other => said("", other, language),
            };
            let each = record
                .iter()
                .map(|(name, value)| format!("{}: {}", language(word(field, name)), words(name, value)));
            each.collect::<Vec<_>>().join("; ")
        }
        Value::Null | Value::Number(_) => value.to_string(),
    }
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
    let at_most = |value: &Value, max| value.as_str().is_some_and(|text| text.chars().count() <= max);
    let short = |value: &Value| at_most(value, WORD_MAX);
    let code = |value: &Value| value.as_str().is_some_and(|text| field.codes.contains(&text));
    let record = |value: &Value| {
        let known = |name: &String| field.codes.is_empty() || field.codes.contains(&name.as_str());
        value.as_object().is_some_and(|record| record.keys().all(known))
    };
    let list = |each: &dyn Fn(&Value) -> bool| {
        let list = value.as_array();
        list.is_some_and(|list| list.len() <= LIST_MAX && list.iter().all(each))
    };
    let (fits, reason) = match field.kind {
        _ if value.is_null() => (true, ""),
        _ if name == crate::named::FIELD => return crate::named::fault(value),
        AnswerKind::One => (code(value), "is not one of the codes"),
        AnswerKind::Many => (list(&code), "is not a list of the codes"),
        AnswerKind::Word => (short(value), "is not a short text"),
        AnswerKind::Text => (at_most(value, DESCRIPTION_MAX), "is no text, or one that is too long"),
        AnswerKind::Words => (list(&short), "is not a list of short texts"),
        AnswerKind::Yes => (value.is_boolean(), "is neither true nor false"),
        AnswerKind::Record => (list(&record), "is not a list of records"),
        AnswerKind::Derived => (false, "is computed, never asked"),
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
        "one" => AnswerKind::One,
        "many" => AnswerKind::Many,
        "word" => AnswerKind::Word,
        "text" => AnswerKind::Text,
        "words" => AnswerKind::Words,
        "yes" => AnswerKind::Yes,
        "record" => AnswerKind::Record,
        _ => AnswerKind::Derived,
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

    /// A code of the form never stands before a person: each field and code has its words in both languages, each row of the
    /// table is used, and no words are a code.
    #[test]
    fn every_field_and_code_has_words_in_both_languages() {
        let mut codes: Vec<(&str, &str)> = Vec::new();
        for field in fields() {
            codes.push((field.name, ""));
            codes.extend(field.codes.iter().map(|code| (field.name, *code)));
        }
        for row in WORDS.iter() {
            let [field, code, es, en] = *row;
            assert!(!es.is_empty() && !en.is_empty(), "{field} {code}");
            let is_used = |(of, it): &(&str, &str)| (field == "*" || field == *of) && code == *it;
            assert!(codes.iter().any(is_used) || field == "*", "{field} {code}");
            assert!(![es, en].iter().any(|words| words.contains('_')), "{field} {code}");
        }
        for (field, code) in codes {
            let is_it = |row: &&[&str; 4]| (row[0] == field || row[0] == "*") && row[1] == code;
            assert!(WORDS.iter().any(|row| is_it(&row)), "{field} {code} has no words");
        }
        let table = include_str!("intake/words.tsv");
        assert_eq!(rows(table).count(), WORDS.len(), "each row has four columns");
    }

    #[test]
    fn answers_are_said_in_words_and_what_no_form_has_stays_as_it_stands() {
        let answers = answers(
            json!({"x-else": "kept_as_is", "acts": ["recruit", "hook"], "interpreter_needed": true,
            "age_band": "48+", "official_involved": "unknown", "languages": ["nah"], "needs": ["legal", "water"],
            "event": [{"kind": "transit", "place": "Huixtla"}],
            "status": null}),
        );
        let said: Vec<_> = in_words(&answers)
            .into_iter()
            .map(|it| (it.field.es, it.answer.es, it.answer.en))
            .collect();
        let said: Vec<_> = said
            .iter()
            .map(|(field, es, en)| (field.as_str(), es.as_str(), en.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("Edad", "48 años o más", "48 years or more"),
                ("Lenguas que habla", "nah", "nah"),
                ("Necesita intérprete", "sí", "yes"),
                ("Lo que le hicieron", "captar, enganchar", "recruit, hook"),
                (
                    "Hechos",
                    "qué: por dónde la llevaron; lugar: Huixtla",
                    "what: where she was taken through; place: Huixtla"
                ),
                ("Hay un servidor público implicado", "no se sabe", "unknown"),
                ("Lo que necesita", "abogada o abogado, agua", "a lawyer, water"),
                ("x-else", "kept_as_is", "kept_as_is"),
            ]
        );
    }

    fn answers(value: Value) -> BTreeMap<String, Value> {
        value.as_object().unwrap().clone().into_iter().collect()
    }

    #[test]
    fn every_field_is_whole() {
        assert_eq!(fields().len(), 33);
        for field in fields() {
            let coded = matches!(field.kind, AnswerKind::One | AnswerKind::Many);
            let may_be = coded || field.kind == AnswerKind::Record;
            assert!(!coded || !field.codes.is_empty(), "{}", field.name);
            assert!(may_be || field.codes.is_empty(), "{}", field.name);
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

    /// Each question fills a field with codes that it has, is asked once, stands with its group, and follows a question before it.
    #[test]
    fn questions_ask_for_fields_of_the_form() {
        assert_eq!(rows(include_str!("intake/questions.tsv")).count(), questions().len());
        let mut groups: Vec<&str> = questions().iter().map(|question| question.group).collect();
        groups.dedup();
        assert_eq!(groups, ["what", "start", "control", "where", "you", "others", "needs"]);
        for (at, question) in questions().iter().enumerate() {
            let name = question.field.name;
            let before = &questions()[..at];
            assert!(
                question.codes.iter().all(|code| question.field.codes.contains(code)),
                "{name}"
            );
            assert_eq!(question.codes.is_empty(), !question.field.kind.is_coded(), "{name}");
            assert!(
                before.iter().all(|other| other.field.name != name),
                "{name} is asked twice"
            );
            for follows in &question.follows {
                let (field, code) = follows.split_once(':').unwrap();
                let is_it = |other: &Question| other.field.name == field && other.codes.contains(&code);
                assert!(before.iter().any(is_it), "{name} follows {follows}");
            }
        }
    }

    #[test]
    fn answers_fit_or_are_named() {
        let good = json!({ "acts": ["recruit"], "minor_at_entry": "unknown", "citizenship": ["GT"],
            "interpreter_needed": true, "event": [{ "kind": "transit" }], "age_band": null });
        assert_eq!(check(&answers(good)), Ok(()));
        let unknown = json!({ "event": [{ "kind": "transit", "shoe_size": 39 }] });
        assert_eq!(check(&answers(unknown)).unwrap_err().len(), 1);
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
