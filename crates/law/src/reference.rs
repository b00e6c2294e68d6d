//! What people write to name an article: `5`, `art. 10`, `«42-VII»`, `artículo 23, fracción II`, `CPF 325`.

use crate::library::{Library, Status};

/// An article as somebody named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its law, where one was named.
    pub law: Option<String>,
    /// `5`, `42-VII`; or an id, as `a13`.
    pub art: String,
}

/// Words around a number that say nothing of it.
const AROUND: &[&str] = &[
    "art",
    "arts",
    "artículo",
    "articulo",
    "artículos",
    "article",
    "articles",
    "de",
    "del",
    "la",
    "el",
    "of",
    "the",
    "ley",
    "law",
    "código",
    "codigo",
    "code",
    "penal",
    "cp",
];
/// Words before a fraction.
const FRACTION: &[&str] = &["fracción", "fraccion", "fraction", "fr", "inciso", "item"];

impl Reference {
    /// Reads it. A law is named by its id, by the name of its entity, or as «ley general».
    pub fn read(library: &Library, text: &str) -> Self {
        let mut law = None;
        let mut parts: Vec<String> = Vec::new();
        let mut joined = false;
        let outside = |c: char| "«»\"'“”(),;:".contains(c);
        for word in text.split(|c: char| c.is_whitespace() || outside(c)) {
            let word = word.trim_end_matches(['.', '-']);
            let lower = word.to_lowercase();
            if word.is_empty() || AROUND.contains(&lower.as_str()) {
                continue;
            }
            if let Some(named) = named_law(library, &lower) {
                law = Some(named);
            } else if FRACTION.contains(&lower.as_str()) {
                joined = true;
            } else {
                let part = part(word);
                match parts.last_mut().filter(|_| joined) {
                    Some(before) => before.push_str(&format!("-{part}")),
                    None => parts.push(part),
                }
                joined = false;
            }
        }
        Self {
            law,
            art: parts.join(" "),
        }
    }
}

/// `5o` is `5`, `42-vii` is `42-VII`; an id stays as it is.
fn part(word: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = word.strip_suffix(['o', 'º', '°']).filter(|number| digits(number)) {
        return number.to_owned();
    }
    let roman = |text: &str| !text.is_empty() && text.bytes().all(|byte| b"ivxlcIVXLC".contains(&byte));
    let mut parts = word.split('-');
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| {
        if roman(part) && part != "c" {
            part.to_uppercase()
        } else {
            part.to_owned()
        }
    });
    let first = match first.to_lowercase().as_str() {
        "bis" => "Bis".to_owned(),
        "ter" => "Ter".to_owned(),
        _ if roman(first) => first.to_uppercase(),
        _ => first.to_owned(),
    };
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join("-")
}

fn named_law(library: &Library, word: &str) -> Option<String> {
    let general = library
        .instruments
        .iter()
        .find(|law| word == "general" && law.forum == "any");
    let by_id = library.instruments.iter().find(|law| law.id.to_lowercase() == word);
    let entity = library
        .entities
        .iter()
        .find(|entity| entity.name_es().to_lowercase() == word);
    let of_entity = entity.and_then(|entity| {
        let own = |law: &&crate::Instrument| law.entity.as_ref() == Some(&entity.id) && law.status == Status::Loaded;
        library.instruments.iter().find(own)
    });
    general.or(by_id).or(of_entity).map(|law| law.id.clone())
}
