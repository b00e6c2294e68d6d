//! A council's fingerprint in words, as every page shows it: in each list, so that a paper in one language can be compared
//! with a screen in another.

use protocol::Digest;
use protocol::phrase::fingerprint_words;
use protocol::statement::Council;

use crate::Language;

/// Eight words of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordList {
    /// Whose list.
    pub language: Language,
    /// Its words.
    pub words: Vec<String>,
}

impl WordList {
    /// The fingerprint of the council with this digest (§3), in every list, the page's language first.
    #[must_use]
    pub fn of_council(digest: Digest, first: Language) -> [Self; 2] {
        let bits = Council::fingerprint(digest);
        let mut languages = Language::ALL;
        languages.sort_by_key(|language| *language != first);
        languages.map(|language| {
            let words = fingerprint_words(&bits, language.words());
            Self {
                language,
                words: words.split_whitespace().map(ToOwned::to_owned).collect(),
            }
        })
    }
}
