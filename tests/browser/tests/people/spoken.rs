//! The language that she reads. The tests play her stories in Spanish; `cargo xtask pictures` has them played in English as
//! well, so that what is shown is looked at in both.

use std::path::PathBuf;

use browser::{Person, Size, Stage};

use anyhow::Result;

/// `es` or `en`.
pub fn tag() -> &'static str {
    match std::env::var("RESGUARDO_LANGUAGE").as_deref() {
        Ok("en") => "en",
        _ => "es",
    }
}

/// She comes with a phone that is set to her language.
pub fn arrive<'a>(stage: &'a Stage, name: &str) -> Result<Person<'a>> {
    let languages = match tag() {
        "en" => "en-GB,en",
        _ => "es-MX,es",
    };
    Person::arrive(stage, name, languages, Size::PHONE)
}

/// A page of hers.
pub fn page(name: &str) -> String {
    format!("/{}/{name}", tag())
}

/// Looks at a state of the page, in pictures that are named after the language.
pub fn examine(she: &Person<'_>, name: &str) -> Result<()> {
    she.examine(&format!("{name}-{}", tag()))
}

/// What a message says: the longest part of it that no value interrupts.
pub fn says(id: &str) -> String {
    let locales = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/locales");
    let files = ["", ".person", ".volver"].map(|part| locales.join(format!("{}{part}.ftl", tag())));
    let texts = files.map(|file| std::fs::read_to_string(file).expect("the words of the pages"));
    let mut lines = texts.iter().flat_map(|text| text.lines());
    let said = lines.find_map(|line| line.strip_prefix(id)?.strip_prefix(" = "));
    let parts = said.expect(id).split(['{', '}']).step_by(2);
    let longest = parts.max_by_key(|part| part.len()).unwrap_or_default();
    longest.trim().to_owned()
}
