//! The language of this run, and its sentences. Each stands in the code, in English, where it is said ([`t!`]); its Spanish
//! stands in `web/locales/es.cli.po`, by the English. What other crates say of themselves (`why(error)`) is found by its
//! form in `es.errors.po` ([`of_error`]). A test finds what lacks a language.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

pub use pages::Language;

/// The command line's own sentences.
pub const SENTENCES: &str = include_str!("../../../web/locales/es.cli.po");
/// Sentences of errors that other crates, the parser of the command line and the operating system make.
pub const ERRORS: &str = include_str!("../../../web/locales/es.errors.po");

static CHOSEN: OnceLock<Language> = OnceLock::new();

/// Chooses the language of this run, once.
pub fn set(language: Language) {
    let _ = CHOSEN.set(language);
}

/// The language that was chosen for this run, if one was.
pub fn chosen() -> Option<Language> {
    CHOSEN.get().copied()
}

/// The language of this run; English where none was chosen.
pub fn of_process() -> Language {
    chosen().unwrap_or(Language::English)
}

/// The language that a command line asks for, read before anything else of it is.
pub fn asked_for(words: impl IntoIterator<Item = std::ffi::OsString>) -> Option<Language> {
    let mut words = words.into_iter().take_while(|word| word != "--");
    let mut found = None;
    while let Some(word) = words.next() {
        let Some(word) = word.to_str() else { continue };
        let tag = match word.strip_prefix("--lang") {
            Some("") => words.next().and_then(|word| word.into_string().ok()),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => continue,
        };
        found = tag.as_deref().and_then(Language::from_tag).or(found);
    }
    found
}

/// A sentence in the language of this run. Every `{}` stands for a value, in order.
///
/// ```ignore
/// t!("there is no account")
/// t!("{} is too long for a text", path.display())
/// ```
macro_rules! t {
    ($text:literal) => {
        $crate::language::said($text)
    };
    ($text:literal, $($value:expr),+ $(,)?) => {
        $crate::language::filled($text, &[$(&$value as &dyn std::fmt::Display),+])
    };
}
pub(crate) use t;

/// A sentence without values, in the language of this run. What the table does not hold stays as it is.
pub fn said(text: &str) -> &str {
    match of_process() {
        Language::English => text,
        Language::Spanish => spanish().get(text).copied().unwrap_or(text),
    }
}

/// A sentence with its values, in the language of this run.
pub fn filled(text: &str, values: &[&dyn Display]) -> String {
    fill(said(text), values)
}

/// `{}` is the next value, `{1}` the second.
fn fill(text: &str, values: &[&dyn Display]) -> String {
    let (mut out, mut rest, mut next) = (String::with_capacity(text.len()), text, 0);
    while let Some((before, hole, after)) = hole(rest) {
        out.push_str(before);
        let at = hole.parse().unwrap_or(next);
        if let Some(value) = values.get(at) {
            out.push_str(&value.to_string());
        }
        next += 1;
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What stands before the first hole of a sentence, the number in it, and what stands after it.
fn hole(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(at, _)| {
        let (inside, after) = text.get(at + 1..)?.split_once('}')?;
        let is_hole = inside.bytes().all(|byte| byte.is_ascii_digit());
        is_hole.then(|| (text.get(..at).unwrap_or_default(), inside, after))
    })
}

/// What an error of another crate says, in the language of this run: its sentence is known by its form, and what stands in
/// its holes may be such a sentence again.
pub fn of_error(text: &str) -> String {
    match of_process() {
        Language::English => text.to_owned(),
        Language::Spanish => errors()
            .iter()
            .find_map(|known| known.read(text))
            .unwrap_or_else(|| text.to_owned()),
    }
}

/// A sentence that is known by its form.
struct Form {
    /// What stands around its holes.
    parts: Vec<&'static str>,
    spanish: &'static str,
}

impl Form {
    fn of((english, spanish): (&'static str, &'static str)) -> Self {
        let (mut parts, mut rest) = (Vec::new(), english);
        while let Some((before, _, after)) = hole(rest) {
            parts.push(before);
            rest = after;
        }
        parts.push(rest);
        Self { parts, spanish }
    }

    /// The Spanish of a text of this form.
    fn read(&self, text: &str) -> Option<String> {
        let (first, rest) = self.parts.split_first()?;
        let Some((last, between)) = rest.split_last() else {
            return (text == *first).then(|| self.spanish.to_owned());
        };
        let mut inside = text.strip_prefix(first)?.strip_suffix(last)?;
        let mut values = Vec::new();
        for part in between {
            let (value, after) = inside.split_once(part)?;
            values.push(of_error(value));
            inside = after;
        }
        values.push(of_error(inside));
        let values: Vec<&dyn Display> = values.iter().map(|value| value as &dyn Display).collect();
        Some(fill(self.spanish, &values))
    }

    /// Letters that a text of this form has for certain.
    fn length(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }
}

fn spanish() -> &'static HashMap<&'static str, &'static str> {
    static TABLE: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| entries(SENTENCES).into_iter().collect())
}

/// The one that says most comes first.
fn errors() -> &'static [Form] {
    static TABLE: OnceLock<Vec<Form>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut forms: Vec<Form> = entries(ERRORS).into_iter().map(Form::of).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.length()));
        forms
    })
}

/// The entries of a table: `msgid` and `msgstr`, each on a line, quoted as in JSON.
pub fn entries(table: &str) -> Vec<(&'static str, &'static str)> {
    let text = |line: &str| serde_json::from_str::<String>(line).ok().map(|text| &*text.leak());
    let mut lines = table.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let english = line.strip_prefix("msgid ").and_then(text);
        let Some(english) = english else { continue };
        let spanish = lines
            .next()
            .and_then(|line| line.strip_prefix("msgstr "))
            .and_then(text);
        found.extend(spanish.map(|spanish| (english, spanish)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_sentence_wants_them() {
        let values: [&dyn Display; 2] = [&"a", &7];
        assert_eq!(fill("{} of {}: {kept}", &values), "a of 7: {kept}");
        assert_eq!(fill("{1} y {0}", &values), "7 y a");
        assert_eq!(fill("nada", &[]), "nada");
    }

    #[test]
    fn the_language_is_read_before_the_command_line_is() {
        let asked = |line: &str| asked_for(line.split(' ').map(Into::into));
        assert_eq!(asked("resguardo --lang es seal"), Some(Language::Spanish));
        assert_eq!(asked("resguardo seal --lang=es --nonsense"), Some(Language::Spanish));
        assert_eq!(asked("resguardo seal --lang en"), Some(Language::English));
        for none in [
            "resguardo seal",
            "resguardo -- --lang es",
            "resguardo --lang",
            "resguardo --language es",
        ] {
            assert_eq!(asked(none), None, "{none}");
        }
    }

    #[test]
    fn a_sentence_of_another_crate_is_known_by_its_form() {
        let form = Form::of(("seat {} has {} of it", "de eso el asiento {} tiene {}"));
        assert_eq!(
            form.read("seat 3 has 2 of it").as_deref(),
            Some("de eso el asiento 3 tiene 2")
        );
        assert_eq!(form.read("seat 3 has it"), None);
        assert_eq!(Form::of(("nothing", "nada")).read("nothing").as_deref(), Some("nada"));
    }
}
