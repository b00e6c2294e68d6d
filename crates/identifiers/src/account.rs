//! Account: a CLABE, or the number of a card. Both end in a digit that tells a slip of the hand.

use zeroize::Zeroizing;

use crate::text::{is_separator, plain};
use crate::{IdentifierError, normal_form};

normal_form! {
    /// A CLABE of 18 digits or a card's number.
    Account
}

const CLABE_LEN: usize = 18;
/// Lengths of cards that are about.
const CARD_LENS: [usize; 4] = [14, 15, 16, 19];

impl Account {
    /// Reads a CLABE or a card's number.
    ///
    /// # Errors
    /// [`IdentifierError`] says what is wrong.
    pub fn read(text: &str) -> Result<Self, IdentifierError> {
        let text = plain(text)?;
        let mut digits = Zeroizing::new(String::with_capacity(text.len()));
        for letter in text.chars().filter(|letter| !is_separator(*letter)) {
            if !letter.is_ascii_digit() {
                return Err(IdentifierError::AccountCharacter);
            }
            digits.push(letter);
        }
        match digits.len() {
            CLABE_LEN if !is_clabe(&digits) => Err(IdentifierError::ClabeCheck),
            len if CARD_LENS.contains(&len) && !is_card(&digits) => Err(IdentifierError::CardCheck),
            len if len == CLABE_LEN || CARD_LENS.contains(&len) => Ok(Self(digits)),
            _ => Err(IdentifierError::AccountLength),
        }
    }
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> {
    digits.bytes().map(|digit| u32::from(digit - b'0'))
}

/// Weights 3, 7, 1; each product without its tens. No bank has number 000.
fn is_clabe(digits: &str) -> bool {
    let weighed = values(digits).zip([3, 7, 1].into_iter().cycle()).take(CLABE_LEN - 1);
    let sum: u32 = weighed.map(|(digit, weight)| digit * weight % 10).sum();
    !digits.starts_with("000") && values(digits).next_back() == Some((10 - sum % 10) % 10)
}

/// Luhn's sum (ISO/IEC 7812). No card begins with 0.
fn is_card(digits: &str) -> bool {
    let sum: u32 = values(digits)
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            if at % 2 == 1 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                digit
            }
        })
        .sum();
    !digits.starts_with('0') && sum.is_multiple_of(10)
}
