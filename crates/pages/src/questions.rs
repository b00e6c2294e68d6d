//! How the messages of the questions beside her account are called.

use testimony::Question;

use crate::{Language, Strings};

/// What is asked of where and when.
pub(crate) const EVENT_PARTS: [&str; 5] = ["recruitment", "transit", "exploitation", "date_from", "date_to"];

/// The message of a question, or of something that it offers: the field's name, and the code as an attribute, which must begin
/// with a letter.
pub(crate) fn wording(field: &str, code: &str) -> String {
    let field = field.replace('_', "-");
    if code.is_empty() {
        return format!("q-{field}");
    }
    let code = code.to_ascii_lowercase().replace('_', "-").replace('+', "-plus");
    let digit = if code.starts_with(|first: char| first.is_ascii_digit()) {
        "n"
    } else {
        ""
    };
    format!("q-{field}.{digit}{code}")
}

/// The message of what a question hints at, where it has one; a test holds both languages to the same.
pub(crate) fn hint(field: &str) -> Option<String> {
    let id = wording(field, "hint");
    (Strings::of(Language::Spanish).get(&id) != id).then_some(id)
}

/// What a question offers: its codes, or the parts in which it is asked.
pub(crate) fn offered(question: &Question) -> Vec<&'static str> {
    match question.field.name {
        "event" => EVENT_PARTS.to_vec(),
        "citizenship" => vec!["MX", "other"],
        _ => question.codes.clone(),
    }
}
