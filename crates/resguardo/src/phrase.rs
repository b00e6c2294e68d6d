//! Reading the eight words, and saying which of them is wrong.

use crate::declare;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use protocol::phrase::{Phrase, PhraseError, PhraseRoot};

/// Root  the words. Where both lists read them, the one whose first filing is in the log, else the first.
///
/// # Errors
/// Exit 7; names the positions of wrong words with suggestions, never the words that were given.
pub fn root_of(text: &str, follow: &Follow) -> Outcome<PhraseRoot> {
    let candidates = Phrase::read(text).map_err(|error| wrong_words(&error))?;
    let mut first = None;
    for phrase in &candidates {
        let root = declare::derive(phrase, follow.trust().origin())?;
        if follow.log().fold().slots().is_taken(&root.case(0).case_salt, 0) {
            return Ok(root);
        }
        first.get_or_insert(root);
    }
    first.ok_or_else(|| CliError::bug("a phrase without a candidate"))
}

/// Says which word is wrong and what is near.
pub fn wrong_words(error: &PhraseError) -> CliError {
    let wrong = CliError::new(CliCode::WrongWords, t!("these are not eight words of a testimony"));
    match error {
        PhraseError::Count(_) => wrong
            .why(error)
            .remedy(t!("give exactly eight words, separated by spaces")),
        PhraseError::Checksum => wrong.why(error).remedy(t!(
            "compare each word and their order with the paper; nothing was changed"
        )),
        PhraseError::Unknown(words) => {
            let list: Vec<String> = words
                .iter()
                .map(|word| match word.suggestions.as_slice() {
                    [] => t!("word {} is in no list", word.position),
                    near => t!("word {}: perhaps {}", word.position, near.join(", ")),
                })
                .collect();
            wrong
                .why(list.join("; "))
                .remedy(t!("correct these words and run it again; nothing was changed"))
        }
    }
}
