//! Whole age files: seal to recipients, open with an identity.

use super::recipient::{Identity, Recipient};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Why a file did not open. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgeError {
    /// The header is not age v1 as this protocol uses it: wrong stanza count or kind, bad base64, low-order share.
    #[error("the file's header is not that of an age file of this protocol")]
    Header,
    /// No stanza opens with this identity.
    #[error("the file is not sealed to this key")]
    NoMatch,
    /// The header's MAC does not verify.
    #[error("the file's header was altered")]
    Mac,
    /// A chunk does not verify, or the file is cut short or too long.
    #[error("the file's content was altered or cut")]
    Payload,
}

/// Length of the age file for a plaintext of `plain` bytes and `stanzas` hybrid stanzas (§16).
pub const fn sealed_len(_plain: usize, _stanzas: usize) -> usize {
    todo!()
}

/// Seals `plaintext` to every one of `recipients`, one stanza each, in order.
pub fn seal(_recipients: &[&Recipient], _plaintext: &[u8], _rng: &mut impl CryptoRng) -> Vec<u8> {
    todo!()
}

/// Opens a file that has exactly one stanza (§0).
///
/// # Errors
/// [`AgeError`]; nothing is given out before the last chunk verifies.
pub fn open(_identity: &Identity, _file: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    todo!()
}

/// Opens a file that has exactly `stanzas` stanzas, of which at least one is for `identity` (office cells, §9.3).
///
/// # Errors
/// As [`open`].
pub fn open_cell(_identity: &Identity, _file: &[u8], _stanzas: usize) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    todo!()
}
