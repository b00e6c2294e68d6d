//! E-mail: ASCII lower case and nothing else, for only the domain knows which of its names are one.

use zeroize::Zeroizing;

use crate::text::plain;
use crate::{IdentifierError, normal_form};

normal_form! {
    /// An e-mail address: `alguien@example.com`.
    Email
}

/// Longest address, longest name before the `@`, longest part of a domain (RFC 5321, 1035).
const ADDRESS_MAX: usize = 254;
const NAME_MAX: usize = 64;
const LABEL_MAX: usize = 63;

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// [`IdentifierError`] says what is wrong.
    pub fn read(text: &str) -> Result<Self, IdentifierError> {
        let mut text: Zeroizing<String> = plain(text)?;
        text.make_ascii_lowercase();
        let (name, domain) = text.split_once('@').ok_or(IdentifierError::EmailForm)?;
        if !text.is_ascii() {
            return Err(IdentifierError::EmailLetter);
        }
        if text.len() > ADDRESS_MAX || !is_name(name) || !is_domain(domain) {
            return Err(IdentifierError::EmailForm);
        }
        Ok(Self(text))
    }
}

/// The «dot-atom» of RFC 5322.
fn is_name(name: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&letter);
    name.len() <= NAME_MAX
        && name
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_letter))
}

/// Names of hosts with a dot; the last is no number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    top.is_some_and(|top| top.len() >= 2 && top.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        && domain.split('.').all(is_label)
}
