//! Drafts (§9.5): what she has written so far, sealed to herself by her eight words, and by which key she replaces it.

use crate::age::payload::{FileKey, NONCE_LEN, PayloadReader, PayloadWriter, TAG_LEN};
use crate::digest::Digest;
use crate::ids::Version;
use crate::json;
use crate::keys::hkdf;
use crate::label;
use crate::secret::Secret;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::{Zeroize, Zeroizing};

/// Plaintext of a draft in bytes, whatever it holds.
pub const DRAFT_LEN: usize = 32_768;
/// A draft as it is stored, in bytes.
pub const DRAFT_FILE_LEN: usize = NONCE_LEN + DRAFT_LEN + TAG_LEN;
/// Most bytes of what a draft holds, as JSON.
pub const TEXT_MAX: usize = DRAFT_LEN - 2;
/// Name of the header that replaces or erases a draft.
pub const DRAFT_HEADER: &str = "Resguardo-Draft";

/// What she has written so far: the fields of the page, by name. Erased when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// 1.
    v: Version,
    /// When it was saved, by the clock of her device, in POSIX seconds.
    pub saved: u64,
    /// Her words and choices. `account` is what happened; whoever reads passes over names that it does not know.
    pub fields: BTreeMap<String, String>,
}

impl Draft {
    /// As it is saved at a time in POSIX seconds.
    pub fn new(saved: u64, fields: BTreeMap<String, String>) -> Self {
        Self {
            v: Version,
            saved,
            fields,
        }
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draft(…)")
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.fields.values_mut().for_each(Zeroize::zeroize);
    }
}

/// It has more than [`TEXT_MAX`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than a draft holds")]
pub struct TooLong;

/// What opens, names and replaces the draft of one phrase.
pub struct DraftKeys {
    key: FileKey,
    write: Secret<[u8; 32]>,
    name: Digest,
}

impl DraftKeys {
    /// From the draft key of case 0 (§4).
    pub fn derive(draft: &Secret<[u8; 32]>) -> Self {
        let long = hkdf(draft.expose(), &[label::DRAFT_KEY]);
        let mut key = FileKey::default();
        key.copy_from_slice(&long[..16]);
        let write = hkdf(draft.expose(), &[label::DRAFT_WRITE]);
        Self {
            key,
            name: name(&write),
            write: Secret::new(*write),
        }
    }

    /// Where it is asked for: whoever knows it can fetch the bytes, and nothing else.
    pub fn name(&self) -> &Digest {
        &self.name
    }

    /// The value of [`DRAFT_HEADER`]. `replaces`: the SHA-256 of the draft that stands there.
    pub fn header(&self, replaces: Option<&Digest>) -> Zeroizing<String> {
        let replaces = replaces.map_or_else(|| "-".to_owned(), Digest::to_hex);
        Zeroizing::new(format!(
            "{} {replaces}",
            base16ct::lower::encode_string(self.write.expose())
        ))
    }

    /// Seals a draft, always to [`DRAFT_FILE_LEN`] bytes.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn seal(&self, draft: &Draft, rng: &mut impl CryptoRng) -> Result<Vec<u8>, TooLong> {
        let text = Zeroizing::new(json::write(draft));
        if text.len() > TEXT_MAX {
            return Err(TooLong);
        }
        let length = (text.len() as u16).to_be_bytes();
        let mut plain = Zeroizing::new(Vec::with_capacity(DRAFT_LEN));
        plain.extend_from_slice(&length);
        plain.extend_from_slice(&text);
        plain.resize(DRAFT_LEN, 0);
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let mut file = Vec::with_capacity(DRAFT_FILE_LEN);
        PayloadWriter::new(&self.key, &nonce, &mut file).finish(&plain, &mut file);
        Ok(file)
    }

    /// Opens a draft; `None` for bytes that these words did not seal.
    pub fn open(&self, file: &[u8]) -> Option<Draft> {
        if file.len() != DRAFT_FILE_LEN {
            return None;
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(DRAFT_LEN));
        let mut reader = PayloadReader::new(self.key.clone());
        reader.push(file, &mut plain).ok()?;
        reader.finish(&mut plain).ok()?;
        let (length, rest) = plain.split_first_chunk()?;
        let (text, padding) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let draft: Draft = serde_json::from_slice(text).ok()?;
        padding.iter().all(|byte| *byte == 0).then_some(draft)
    }
}

/// Reads [`DRAFT_HEADER`]: the name of the draft that its author may replace, and the SHA-256 of what is to be replaced.
pub fn parse_draft_header(value: &str) -> Option<(Digest, Option<Digest>)> {
    let (write, replaces) = value.split_once(' ')?;
    let write = Digest::from_hex(write)?;
    let replaces = match replaces {
        "-" => None,
        digest => Some(Digest::from_hex(digest)?),
    };
    Some((name(&write.0), replaces))
}

/// The name that belongs to a write key: who shows the key may write there, and the name gives nobody the key.
fn name(write: &[u8; 32]) -> Digest {
    Digest::of_parts(&[label::DRAFT_NAME, write])
}
