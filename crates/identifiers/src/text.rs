//! What is done to every text first: compatibility forms become plain, what is not seen goes, blanks at the ends go.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

use crate::{IdentifierError, TEXT_MAX};

/// NFKD, without what is not seen, without blanks at the ends. What is accepted in the end is ASCII, so that a mark that
/// stays is refused.
pub fn plain(text: &str) -> Result<Zeroizing<String>, IdentifierError> {
    gather(text, text.nfkd())
}

/// The same without marks: `ñ` is `n`, `é` is `e`.
pub fn plain_without_marks(text: &str) -> Result<Zeroizing<String>, IdentifierError> {
    gather(text, text.nfkd().filter(|letter| !is_combining_mark(*letter)))
}

/// Room is made once, so that no copy is left behind by a string that grows.
fn gather(text: &str, letters: impl Iterator<Item = char>) -> Result<Zeroizing<String>, IdentifierError> {
    if text.len() > TEXT_MAX {
        return Err(IdentifierError::TooLong);
    }
    let mut seen = Zeroizing::new(String::with_capacity(TEXT_MAX));
    for letter in letters.filter(|letter| !is_unseen(*letter)) {
        if seen.len() + letter.len_utf8() > TEXT_MAX {
            return Err(IdentifierError::TooLong);
        }
        if !(seen.is_empty() && letter.is_whitespace()) {
            seen.push(letter);
        }
    }
    let end = seen.trim_end().len();
    seen.truncate(end);
    if seen.is_empty() {
        return Err(IdentifierError::Empty);
    }
    Ok(seen)
}

/// Soft hyphen, joiners, marks of direction, which telephones and pages put around what is copied.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// Blanks, dots and every dash: what people put between digits and letters to read them better.
pub fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '.' | '·' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
