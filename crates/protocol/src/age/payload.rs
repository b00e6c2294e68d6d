//! The payload of an age file: STREAM in chunks of 64 KiB (C2SP `age.md`, «Payload»).
//!
//! Both directions hold back at most one chunk, because only the end of the data tells which chunk is the
//! last: memory stays flat, whatever the length.

use super::AgeError;
use chacha20poly1305::aead::{AeadInOut, KeyInit, Tag};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// The key that a file's stanzas wrap: 16 bytes.
pub type FileKey = Zeroizing<[u8; 16]>;

/// Plaintext bytes in one chunk.
pub const CHUNK: usize = 65_536;
/// Length of the payload's own nonce in bytes; the chunks follow it.
pub const NONCE_LEN: usize = 16;
/// Length of a chunk's tag in bytes.
pub const TAG_LEN: usize = 16;
/// Length of a full chunk in the file, in bytes.
const SEALED_CHUNK: usize = CHUNK + TAG_LEN;

/// Writes a payload: nonce first, then chunks.
pub struct PayloadWriter {
    chunks: Chunks,
    /// Plaintext held back, at most one chunk.
    held: Zeroizing<Vec<u8>>,
}

impl PayloadWriter {
    /// A writer under `file_key`; appends `nonce` to `out`. One file key and nonce serve one payload only.
    pub fn new(file_key: &FileKey, nonce: &[u8; NONCE_LEN], out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(nonce);
        Self {
            chunks: Chunks::new(file_key, nonce),
            held: Zeroizing::new(Vec::new()),
        }
    }

    /// Takes plaintext of any length, appends the chunks that are now known not to be the last.
    pub fn push(&mut self, mut plain: &[u8], out: &mut Vec<u8>) {
        while !plain.is_empty() {
            if self.held.len() == CHUNK {
                self.chunks.seal(&self.held, false, out);
                self.held.clear();
            }
            while self.held.is_empty() && plain.len() > CHUNK {
                let (chunk, rest) = plain.split_at(CHUNK);
                self.chunks.seal(chunk, false, out);
                plain = rest;
            }
            let take = plain.len().min(CHUNK - self.held.len());
            let (now, rest) = plain.split_at(take);
            append_erasing(&mut self.held, now);
            plain = rest;
        }
    }

    /// Takes the last of the plaintext and appends the last chunk.
    pub fn finish(mut self, plain: &[u8], out: &mut Vec<u8>) {
        if self.held.is_empty() && plain.len() <= CHUNK {
            return self.chunks.seal(plain, true, out);
        }
        self.push(plain, out);
        self.chunks.seal(&self.held, true, out);
    }
}

/// Reads a payload: what it appends has been verified, but only [`PayloadReader::finish`] tells that it is complete.
pub struct PayloadReader {
    file_key: FileKey,
    chunks: Option<Chunks>,
    /// File bytes held back: a part of the nonce, then at most one chunk.
    held: Vec<u8>,
}

impl PayloadReader {
    /// A reader under `file_key`.
    pub fn new(file_key: FileKey) -> Self {
        Self {
            file_key,
            chunks: None,
            held: Vec::new(),
        }
    }

    /// Takes payload bytes of any length, appends the chunks that verified and are not the last.
    ///
    /// # Errors
    /// [`AgeError::Payload`]; the reader is then useless.
    pub fn push(&mut self, mut file: &[u8], out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        while !file.is_empty() {
            let Some(chunks) = &mut self.chunks else {
                let (now, rest) = file.split_at(file.len().min(NONCE_LEN - self.held.len()));
                self.held.extend_from_slice(now);
                file = rest;
                if let Ok(nonce) = <&[u8; NONCE_LEN]>::try_from(self.held.as_slice()) {
                    self.chunks = Some(Chunks::new(&self.file_key, nonce));
                    self.held.clear();
                }
                continue;
            };
            if self.held.len() == SEALED_CHUNK {
                chunks.open(&self.held, false, out)?;
                self.held.clear();
            }
            while self.held.is_empty() && file.len() > SEALED_CHUNK {
                let (chunk, rest) = file.split_at(SEALED_CHUNK);
                chunks.open(chunk, false, out)?;
                file = rest;
            }
            let (now, rest) = file.split_at(file.len().min(SEALED_CHUNK - self.held.len()));
            self.held.extend_from_slice(now);
            file = rest;
        }
        Ok(())
    }

    /// Appends the last chunk.
    ///
    /// # Errors
    /// [`AgeError::Payload`] when a chunk is cut short or missing, or the last is empty and not the first;
    /// [`AgeError::Header`] when not even the nonce is whole.
    pub fn finish(mut self, out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        let chunks = self.chunks.as_mut().ok_or(AgeError::Header)?;
        if self.held.len() == TAG_LEN && chunks.counter > 0 {
            return Err(AgeError::Payload);
        }
        chunks.open(&self.held, true, out)
    }
}

/// The cipher of one payload, and the number of the next chunk.
struct Chunks {
    cipher: ChaCha20Poly1305,
    counter: u64,
}

impl Chunks {
    fn new(file_key: &FileKey, nonce: &[u8; NONCE_LEN]) -> Self {
        let mut key = Zeroizing::new([0u8; 32]);
        Hkdf::<Sha256>::new(Some(nonce), file_key.as_slice())
            .expand(b"payload", key.as_mut_slice())
            .expect("never: 32 bytes are fewer than HKDF's limit");
        Self {
            cipher: ChaCha20Poly1305::new((&*key).into()),
            counter: 0,
        }
    }

    /// Counter of 11 bytes, then 1 for the last chunk and 0 for the others.
    fn nonce(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.counter.to_be_bytes());
        nonce[11] = u8::from(last);
        self.counter += 1;
        nonce.into()
    }

    fn seal(&mut self, plain: &[u8], last: bool, out: &mut Vec<u8>) {
        let nonce = self.nonce(last);
        let begin = out.len();
        out.reserve(plain.len() + TAG_LEN);
        out.extend_from_slice(plain);
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, &[], (&mut out[begin..]).into())
            .expect("never: a chunk is shorter than the cipher's limit");
        out.extend_from_slice(&tag);
    }

    fn open(&mut self, sealed: &[u8], last: bool, out: &mut Zeroizing<Vec<u8>>) -> Result<(), AgeError> {
        let nonce = self.nonce(last);
        let (body, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(AgeError::Payload)?;
        let begin = out.len();
        append_erasing(out, body);
        let opened = self.cipher.decrypt_inout_detached(
            &nonce,
            &[],
            (&mut out[begin..]).into(),
            <&Tag<ChaCha20Poly1305>>::from(tag),
        );
        opened.map_err(|_| {
            out.truncate(begin);
            AgeError::Payload
        })
    }
}

/// Appends `bytes`; when the vector must move, erases the place that it leaves.
fn append_erasing(to: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let need = to.len() + bytes.len();
    if need > to.capacity() {
        let mut wider = Vec::with_capacity(need.max(2 * to.capacity()));
        wider.extend_from_slice(to);
        to.zeroize();
        **to = wider;
    }
    to.extend_from_slice(bytes);
}
