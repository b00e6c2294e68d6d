//! age files under a passphrase (stanza `scrypt`), for key files only (§2).

use super::file::AgeError;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Seals under a passphrase with work factor 2^`log_n` (18 in earnest, low in a demo).
pub fn seal_passphrase(_passphrase: &str, _log_n: u8, _plaintext: &[u8], _rng: &mut impl CryptoRng) -> Vec<u8> {
    todo!()
}

/// Opens a file whose only stanza is `scrypt`, of work factor at most 22.
///
/// # Errors
/// [`AgeError::NoMatch`] for a wrong passphrase.
pub fn open_passphrase(_passphrase: &str, _file: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    todo!()
}
