//! Quotations: every `text` of a law file stands in the official text beside it.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::load::File;
use crate::read::LawFileFault;

/// Words that a law file gives as the law's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// Paths of the official texts, one of which holds them; as `official` names them, beside the law file.
    pub official: Vec<String>,
    /// The words. `[...]` stands for what was left out between two parts.
    pub text: String,
    /// Law file.
    pub file: String,
    /// Byte of it where they begin.
    pub at: usize,
}

/// Every quotation of a law file: each `text` of its tables, but of a part that rests on secondary sources. The official
/// text is named by `official`, of the table itself or of one around it. A file that is no TOML has none: loading tells.
pub fn quotations(file: &File<'_>) -> Vec<Quotation> {
    let mut found = Vec::new();
    if let Ok(table) = DeTable::parse(file.text) {
        gather(file, table.get_ref(), &[], &mut found);
    }
    found
}

fn gather(file: &File<'_>, table: &DeTable<'_>, around: &[String], found: &mut Vec<Quotation>) {
    let is = |key: &str| {
        table
            .get(key)
            .is_some_and(|value| value.get_ref().as_bool() == Some(true))
    };
    if is("secondary") {
        return;
    }
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let named = table.get("official").map(|value| match value.get_ref() {
        DeValue::Array(paths) => paths.iter().filter_map(|path| path.get_ref().as_str()).collect(),
        path => path.as_str().into_iter().collect::<Vec<_>>(),
    });
    let official = named.map(|paths| paths.into_iter().map(|path| beside(folder, path)).collect());
    let official: Vec<String> = official.unwrap_or_else(|| around.to_vec());
    for (key, value) in table {
        match value.get_ref() {
            DeValue::String(text) if key.get_ref() == "text" => found.push(Quotation {
                official: official.clone(),
                text: text.to_string(),
                file: file.path.to_owned(),
                at: value.span().start,
            }),
            DeValue::Table(inner) => gather(file, inner, &official, found),
            DeValue::Array(parts) => {
                let tables = parts.iter().filter_map(|part| part.get_ref().as_table());
                tables.for_each(|inner| gather(file, inner, &official, found));
            }
            _ => {}
        }
    }
}

/// A path from a folder, `..` taken out.
fn beside(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// Official texts, made comparable once.
pub struct Official(BTreeMap<String, String>);

impl Official {
    /// `texts`: path and content of each.
    pub fn new<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let plain = |(path, text): (&str, &str)| (path.to_owned(), comparable(text));
        Self(texts.into_iter().map(plain).collect())
    }

    /// Every quotation of these law files that no official text beside it holds, or that names none.
    pub fn faults(&self, files: &[File<'_>]) -> Vec<LawFileFault> {
        let mut faults = Vec::new();
        for file in files {
            let untrue = quotations(file).into_iter().filter_map(|quotation| {
                let what = self.fault(&quotation)?;
                let (line, column) = crate::read::place(file.text, quotation.at);
                Some(LawFileFault {
                    file: quotation.file,
                    line,
                    column,
                    what,
                })
            });
            faults.extend(untrue);
        }
        faults
    }

    fn fault(&self, quotation: &Quotation) -> Option<String> {
        if quotation.official.is_empty() {
            return Some("no `official` says which text holds these words".to_owned());
        }
        let missing = quotation.official.iter().find(|path| !self.0.contains_key(*path));
        if let Some(path) = missing {
            return Some(format!("the official text {path} is not there"));
        }
        let mut texts = quotation.official.iter().filter_map(|path| self.0.get(path));
        let parts: Vec<_> = quotation.text.split("[...]").map(comparable).collect();
        let holds = texts.any(|text| {
            let mut rest = text.as_str();
            parts.iter().all(|part| match rest.find(part.as_str()) {
                Some(at) => {
                    rest = &rest[at + part.len()..];
                    true
                }
                None => false,
            })
        });
        (!holds).then(|| {
            let places = quotation.official.join(", ");
            format!("«{}» does not stand in {places}", quotation.text)
        })
    }
}

/// A text without spaces and hyphens, which a printed line may add: nothing else is forgiven.
fn comparable(text: &str) -> String {
    let of_lines =
        |character: &char| !character.is_whitespace() && !matches!(character, '-' | '\u{ad}' | '\u{2010}' | '\u{2011}');
    text.chars().filter(of_lines).collect()
}
