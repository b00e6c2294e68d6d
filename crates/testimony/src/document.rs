//! The document of compartments 1 and 2 (§19): strict when written, lenient when read, for nothing that she
//! wrote may be refused for its form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::FileDigest;
use crate::syntax::{self, SyntaxError};

/// Longest document in bytes, before it is filled with spaces.
pub const DOCUMENT_MAX: usize = 256 * 1024;
/// Most files: `core` holds 24 objects, and the document is one of them.
pub const FILES_MAX: usize = 23;

const VERSION: u64 = 1;
const NAME_MAX: usize = 255;
const SIZE_MAX: u64 = (1 << 53) - 1;

/// What she tells: her words, her answers, and what belongs to each piece of evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Her own words.
    pub text: String,
    /// Answers to the form, by field.
    pub answers: BTreeMap<String, Value>,
    /// One for each piece of evidence, in the order of `core`.
    pub files: Vec<EvidenceFile>,
}

/// A piece of evidence. What is true of the original is told here only, inside the seal (§5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFile {
    /// Digest of the sealed original, as in `core`.
    pub object: FileDigest,
    /// Digest of the sealed copy without metadata, as in `core`.
    pub copy: Option<FileDigest>,
    /// Bytes of the original before padding.
    pub size: u64,
    /// Bytes of the copy before padding; null together with `copy`.
    pub copy_size: Option<u64>,
    /// SHA-256 of the original before padding.
    pub sha256: FileDigest,
    /// Its name on her device. Data, not a path: see [`crate::safe_file_name`].
    pub name: String,
    /// Its date, as her device tells it.
    pub date: Option<String>,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: String,
}

impl EvidenceFile {
    /// If `object` is of this piece: its bytes before padding, and whether it is the original.
    pub fn tells(&self, object: &FileDigest) -> Option<(u64, bool)> {
        let copy = self.copy_size.filter(|_| self.copy == Some(*object));
        match self.object == *object {
            true => Some((self.size, true)),
            false => copy.map(|size| (size, false)),
        }
    }
}

/// What came out of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A document of version 1; fields that this version does not know are left out.
    Document(Document),
    /// Anything else, as text to be shown. Bytes that are no UTF-8 show as U+FFFD.
    Raw(String),
}

/// Why a document is not written. Names the field or file at fault, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Longer than [`DOCUMENT_MAX`].
    #[error("a document of {size} bytes is over the limit of {DOCUMENT_MAX}")]
    Size {
        /// Bytes.
        size: usize,
    },
    /// More than [`FILES_MAX`].
    #[error("{count} files are over the limit of {FILES_MAX}")]
    Files {
        /// How many.
        count: usize,
    },
    /// An answer holds a number that is not an integer below 2^53, or is nested too deep.
    #[error("an answer cannot be written in the protocol's JSON")]
    Answer,
    /// File number `index`, from 0.
    #[error("file {index}: {reason}")]
    File {
        /// From 0.
        index: usize,
        /// Which rule it breaks.
        reason: &'static str,
    },
}

/// Field order on the wire.
#[derive(Serialize)]
struct Writing<'a> {
    v: u64,
    text: &'a str,
    answers: &'a BTreeMap<String, Value>,
    files: &'a [EvidenceFile],
}

/// Unknown fields are ignored; a missing list or map is empty.
#[derive(Deserialize)]
struct Reading {
    v: u64,
    text: String,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
    #[serde(default)]
    files: Vec<EvidenceFile>,
}

impl Document {
    /// Compact JSON, unpadded: the same bytes for the same document.
    ///
    /// # Errors
    /// [`WriteError`] for what a strict reader would refuse.
    ///
    /// # Panics
    /// Never, because strings, integers and maps with text keys can always be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, WriteError> {
        self.check_files()?;
        let writing = Writing {
            v: VERSION,
            text: &self.text,
            answers: &self.answers,
            files: &self.files,
        };
        let bytes = serde_json::to_vec(&writing).expect("a document is plain data");
        if bytes.len() > DOCUMENT_MAX {
            return Err(WriteError::Size { size: bytes.len() });
        }
        // Asserted by the second path, the strict reader: only answers hold what the types above do not bound.
        match syntax::parse(&bytes) {
            Ok(_) => Ok(bytes),
            Err(SyntaxError { .. }) => Err(WriteError::Answer),
        }
    }

    fn check_files(&self) -> Result<(), WriteError> {
        if self.files.len() > FILES_MAX {
            return Err(WriteError::Files {
                count: self.files.len(),
            });
        }
        for (index, file) in self.files.iter().enumerate() {
            let repeated = self.files[..index].iter().any(|other| other.object == file.object);
            let broken = match file.broken_rule() {
                None if repeated => Some("its object is named twice"),
                broken => broken,
            };
            if let Some(reason) = broken {
                return Err(WriteError::File { index, reason });
            }
        }
        Ok(())
    }
}

impl EvidenceFile {
    fn broken_rule(&self) -> Option<&'static str> {
        let texts = [&self.name, &self.media_type].into_iter().chain(&self.date);
        let rules = [
            (
                self.copy.is_some() == self.copy_size.is_some(),
                "copy and copy_size are null together",
            ),
            (self.copy != Some(self.object), "the copy is the original"),
            (
                self.size <= SIZE_MAX && self.copy_size.is_none_or(|size| size <= SIZE_MAX),
                "a size is below 2^53",
            ),
            (
                texts.into_iter().all(|text| (1..=NAME_MAX).contains(&text.len())),
                "name, type and date take 1 to 255 bytes",
            ),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, reason)| reason)
    }
}

/// Reads what came out of a seal, with or without the spaces that filled it.
pub fn read(plain: &[u8]) -> Read {
    match read_document(plain) {
        Some(document) => Read::Document(document),
        None => Read::Raw(raw_text(plain)),
    }
}

fn read_document(plain: &[u8]) -> Option<Document> {
    let value = syntax::parse(plain).ok()?;
    let reading: Reading = serde_json::from_value(value).ok()?;
    (reading.v == VERSION).then_some(Document {
        text: reading.text,
        answers: reading.answers,
        files: reading.files,
    })
}

fn raw_text(plain: &[u8]) -> String {
    let end = plain.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    String::from_utf8_lossy(&plain[..end]).into_owned()
}
