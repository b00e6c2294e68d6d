//! Evidence as a stream: constant memory, 64 KiB chunks (§5.2; age.md payload).

use super::AgeError;
use super::file::{sealed_len, unwrap_exactly};
use super::format::{AgeHeader, draw_file_key, write_header};
pub use super::payload::CHUNK;
use super::payload::{NONCE_LEN, PayloadReader, PayloadWriter, TAG_LEN};
use super::recipient::{self, Identity, Recipient};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Length of a header with one hybrid stanza, in bytes.
const HEADER_LEN: usize = sealed_len(0, 1) - NONCE_LEN - TAG_LEN;

/// Seals a stream to one recipient.
pub struct StreamSealer(PayloadWriter);

impl StreamSealer {
    /// A sealer and the bytes that begin the file (header and payload nonce).
    pub fn new(recipient: &Recipient, rng: &mut impl CryptoRng) -> (Self, Vec<u8>) {
        let file_key = draw_file_key(rng);
        let stanza = recipient::wrap(recipient, &file_key, rng);
        let mut begin = write_header(&[stanza], &file_key);
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let writer = PayloadWriter::new(&file_key, &nonce, &mut begin);
        (Self(writer), begin)
    }

    /// Takes plaintext of any length, gives the ciphertext that is complete so far (may be empty).
    pub fn push(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        self.0.push(plain, out);
    }

    /// The last chunk.
    pub fn finish(self, out: &mut Vec<u8>) {
        self.0.finish(&[], out);
    }
}

/// Opens a stream of one stanza. Plaintext is given chunk by chunk; the caller MUST NOT show any of it
/// before [`Opener::finish`] returns `Ok` (§0).
pub struct Opener(State);

enum State {
    /// Waits for the whole header, of which the length is known.
    Header {
        identity: Identity,
        begin: Vec<u8>,
    },
    Payload(PayloadReader),
    /// After an error: nothing more comes out.
    Failed(AgeError),
}

impl Opener {
    /// An opener for a file sealed to `identity`.
    pub fn new(identity: &Identity) -> Self {
        Self(State::Header {
            identity: Identity::from_seed(*identity.seed()),
            begin: Vec::with_capacity(HEADER_LEN),
        })
    }

    /// Takes file bytes of any length, appends the plaintext that verified so far.
    ///
    /// # Errors
    /// [`AgeError`]; the opener is then useless and repeats the error.
    pub fn push(&mut self, file: &[u8], out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        let pushed = self.take(file, out);
        if let Err(error) = pushed {
            self.0 = State::Failed(error);
        }
        pushed
    }

    /// The last chunk.
    ///
    /// # Errors
    /// [`AgeError::Payload`] when the file is cut short, [`AgeError::Header`] when it ends within header or nonce.
    pub fn finish(self, out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        match self.0 {
            State::Header { .. } => Err(AgeError::Header),
            State::Payload(reader) => reader.finish(out),
            State::Failed(error) => Err(error),
        }
    }

    fn take(&mut self, mut file: &[u8], out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        if let State::Header { identity, begin } = &mut self.0 {
            let (now, rest) = file.split_at(file.len().min(HEADER_LEN - begin.len()));
            begin.extend_from_slice(now);
            file = rest;
            if begin.len() < HEADER_LEN {
                return Ok(());
            }
            let header = AgeHeader::parse(begin)?;
            if header.len != HEADER_LEN {
                return Err(AgeError::Header);
            }
            let file_key = unwrap_exactly(identity, &header.stanzas, 1)?.ok_or(AgeError::NoMatch)?;
            header.verify(&file_key)?;
            self.0 = State::Payload(PayloadReader::new(file_key));
        }
        match &mut self.0 {
            State::Payload(reader) => reader.push(file, out),
            State::Failed(error) => Err(*error),
            State::Header { .. } => Ok(()),
        }
    }
}
