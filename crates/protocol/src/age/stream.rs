//! Evidence as a stream: constant memory, 64 KiB chunks (§5.2; age.md payload).

use super::file::AgeError;
use super::recipient::{Identity, Recipient};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Plaintext bytes in one chunk.
pub const CHUNK: usize = 65_536;

/// Seals a stream to one recipient.
pub struct Sealer {
    _private: (),
}

impl Sealer {
    /// A sealer and the bytes that begin the file (header and payload nonce).
    pub fn new(_recipient: &Recipient, _rng: &mut impl CryptoRng) -> (Self, Vec<u8>) {
        todo!()
    }
    /// Takes plaintext of any length, gives the ciphertext that is complete so far (may be empty).
    pub fn push(&mut self, _plain: &[u8], _out: &mut Vec<u8>) {
        todo!()
    }
    /// The last chunk.
    pub fn finish(self, _out: &mut Vec<u8>) {
        todo!()
    }
}

/// Opens a stream of one stanza. Plaintext is given chunk by chunk; the caller MUST NOT show any of it
/// before [`Opener::finish`] returns `Ok` (§0).
pub struct Opener {
    _private: (),
}

impl Opener {
    /// An opener for a file sealed to `identity`.
    pub fn new(_identity: &Identity) -> Self {
        todo!()
    }
    /// Takes file bytes of any length, appends the plaintext that verified so far.
    ///
    /// # Errors
    /// [`AgeError`]; the opener is then useless.
    pub fn push(&mut self, _file: &[u8], _out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        todo!()
    }
    /// The last chunk.
    ///
    /// # Errors
    /// [`AgeError::Payload`] when the file is cut short.
    pub fn finish(self, _out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        todo!()
    }
}
