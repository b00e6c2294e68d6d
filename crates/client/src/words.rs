//! What the page says of the eight words, in codes for which it has sentences (§4 «Reading»).

use protocol::phrase::{Phrase, PhraseError, UnknownWord};
use serde::Serialize;

/// Why words are no phrase.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Unread {
    /// Not eight of them.
    Count {
        /// How many.
        n: usize,
    },
    /// Some that no list holds.
    Unknown {
        /// They.
        words: Vec<Unknown>,
    },
    /// Each is known, and together they are no phrase.
    Checksum,
}

/// A word that no list holds.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// Its place, from 1.
    place: usize,
    /// Words of the list that are near, nearest first.
    near: Vec<String>,
}

impl From<UnknownWord> for Unknown {
    fn from(word: UnknownWord) -> Self {
        Self {
            place: word.position,
            near: word.suggestions,
        }
    }
}

impl From<PhraseError> for Unread {
    fn from(error: PhraseError) -> Self {
        match error {
            PhraseError::Count(n) => Self::Count { n },
            PhraseError::Unknown(words) => Self::Unknown {
                words: words.into_iter().map(Unknown::from).collect(),
            },
            PhraseError::Checksum => Self::Checksum,
        }
    }
}

/// Why a text is no phrase; `None` where it is one.
pub fn unread(text: &str) -> Option<Unread> {
    Phrase::read(text).err().map(Unread::from)
}

/// The unknown ones of as many words as are written; an empty text is a place that is still empty.
pub fn unknown(places: &[String]) -> Vec<Unknown> {
    let written: Vec<_> = places
        .iter()
        .map(|word| Some(word.trim()).filter(|word| !word.is_empty()))
        .collect();
    Phrase::unknown(&written).into_iter().map(Unknown::from).collect()
}
