//! What a message to her should not ask for (§9.4): a meeting, money, her words, who she is.
//!
//! It helps an honest custodian who writes in a hurry. It stops nobody who means to ask: whoever wants to writes it otherwise, or
//! with other software.

use std::collections::BTreeSet;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

/// Something that a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Asks {
    /// To meet, or to come somewhere.
    Meeting,
    /// Money, or an account.
    Money,
    /// The eight words, or another secret.
    Words,
    /// Who or where she is.
    Identity,
}

impl Asks {
    /// Its name, as in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Money => "money",
            Self::Words => "words",
            Self::Identity => "identity",
        }
    }
}

/// Kinds, and under each a language and words.
const LIST: &str = include_str!("asks.txt");

/// What a text seems to ask for, in Spanish or English.
pub fn asks(text: &str) -> BTreeSet<Asks> {
    let words = words(text);
    let mut kind = None;
    let mut found = BTreeSet::new();
    for line in LIST.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(' ') {
            None => kind = named(line).or(kind),
            Some((_, pattern)) if stands(pattern, &words) => found.extend(kind),
            Some(_) => {}
        }
    }
    found
}

fn named(line: &str) -> Option<Asks> {
    let all = [Asks::Meeting, Asks::Money, Asks::Words, Asks::Identity];
    all.into_iter().find(|asks| asks.name() == line)
}

/// The words of a text in lower case, without accents; what is no letter or digit parts them, what does not show does not.
fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .nfkd()
        .filter(|character| !is_passed_over(*character))
        .flat_map(char::to_lowercase)
        .collect();
    let words = plain.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Marks of accents, soft hyphens and what has no width.
fn is_passed_over(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether the pattern's words stand in the text, one after another.
fn stands(pattern: &str, words: &[String]) -> bool {
    let pattern: Vec<&str> = pattern.split(' ').collect();
    let is = |wanted: &str, word: &String| match wanted.strip_suffix('*') {
        Some(begins) => word.starts_with(begins),
        None => word == wanted,
    };
    words
        .windows(pattern.len())
        .any(|window| pattern.iter().zip(window).all(|(wanted, word)| is(wanted, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text asks for, by name.
    const TABLE: &[(&str, &[&str])] = &[
        ("¿Podemos vernos el martes?", &["meeting"]),
        ("Nos VEMOS en la plaza.", &["meeting"]),
        ("Te esperamos a las 5.", &["meeting"]),
        ("Hay que hacer una reunión.", &["meeting"]),
        ("¿Dónde estás?", &["meeting"]),
        ("Could we meet on Tuesday?", &["meeting"]),
        ("Please come to our office, in person.", &["meeting"]),
        ("Haz un depósito en esta cuenta.", &["money"]),
        ("No te vamos a cobrar.", &["money"]),
        ("Dinos un número de cuenta", &["money"]),
        ("There is a reward, paid in cash.", &["money"]),
        ("Send your bank account", &["money"]),
        ("Mándanos tus ocho palabras.", &["words"]),
        ("¿Cuál es tu contraseña?", &["words"]),
        ("Tell us your eight words.", &["words"]),
        ("your pass\u{ad}word", &["words"]),
        ("tu contra\u{200b}sen\u{303}a", &["words"]),
        ("¿Cómo te llamas y dónde vives?", &["identity"]),
        ("Danos tu teléfono.", &["identity"]),
        ("What is your name?", &["identity"]),
        (
            "Ven a la oficina con tu INE, tus palabras y el pago",
            &["meeting", "money", "words", "identity"],
        ),
        ("Leímos tu mensaje. No tienes que hacer nada.", &[]),
        ("Tu relato está completo y guardado.", &[]),
        ("We have read your message. You need not do anything.", &[]),
        ("En otras palabras, nadie lo ha abierto.", &[]),
        ("Excitante, recitar, felicitar", &[]),
        ("", &[]),
    ];

    #[test]
    fn a_text_asks_for_what_the_table_says() {
        for (text, wanted) in TABLE {
            let found: Vec<&str> = asks(text).into_iter().map(Asks::name).collect();
            assert_eq!(found, *wanted, "{text}");
        }
    }

    /// Every line of the list is found in a text that holds it; it is written as it is compared, and there once.
    #[test]
    fn every_line_of_the_list_is_of_use() {
        let mut seen = BTreeSet::new();
        let mut kind = None;
        for line in LIST.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let Some((language, pattern)) = line.split_once(' ') else {
                kind = named(line);
                assert!(kind.is_some(), "{line} is no kind");
                continue;
            };
            assert!(["es", "en"].contains(&language), "{line}");
            assert!(seen.insert((language, pattern)), "{line} is there twice");
            let text = pattern.replace('*', "");
            assert_eq!(
                words(&text).join(" "),
                text,
                "{line} is written otherwise than it is compared"
            );
            assert!(
                !pattern.split(' ').any(|word| word.trim_end_matches('*').contains('*')),
                "{line}"
            );
            assert!(
                asks(&format!("¡{}!", text.to_uppercase())).contains(&kind.expect("a kind")),
                "{line}"
            );
        }
        assert!(seen.len() > 100);
    }
}
