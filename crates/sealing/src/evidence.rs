//! Evidence, sealed as a stream: constant memory, whatever the file's size (§5.2).

use protocol::Digest;
use protocol::age::pad::evidence_size;
use protocol::age::stream::StreamSealer;
use protocol::age::{self, Recipient};
use protocol::http::FILING_LARGE_MAX;
use protocol::seal::OBJECTS_MAX;
use protocol::statement::{ObjectKind, ObjectRef};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use testimony::{EvidenceFile, FileDigest};

use crate::SealingError;

/// What documents, header and share files may take of it.
const HEADROOM: u64 = 1 << 20;
/// Zeros given at once.
const ZEROS: [u8; 4_096] = [0; 4_096];
/// Longest name, type and date in bytes.
const NAME_MAX: usize = 255;

/// What is known of a file before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// Its name on her device.
    pub name: String,
    /// Its media type; empty where the browser does not know.
    pub media_type: String,
    /// Its day, as her device tells it; empty where it does not.
    pub date: String,
    /// Bytes.
    pub size: u64,
}

/// Bytes of the age file that a piece of evidence of `size` bytes becomes; `u64::MAX` for what fits into no filing.
pub fn sealed_size(size: u64) -> u64 {
    let padded = evidence_size(size);
    match usize::try_from(padded) {
        Ok(len) if padded <= FILING_LARGE_MAX => age::sealed_len(len, 1) as u64,
        _ => u64::MAX,
    }
}

/// Whether objects of these sizes, originals and copies, fit into one filing of `max` bytes, beside the documents of all three
/// compartments, whatever she chooses.
pub fn fits(sizes: &[u64], max: u64) -> bool {
    let sealed = sizes
        .iter()
        .fold(HEADROOM, |sum, size| sum.saturating_add(sealed_size(*size)));
    sizes.len() + 3 <= OBJECTS_MAX && sealed <= max
}

/// One file under way.
pub struct EvidenceSealer {
    sealer: StreamSealer,
    info: FileInfo,
    plain: Sha256,
    sealed: Sha256,
    read: u64,
    written: u64,
}

/// A file that is sealed: what `core` and what the document say of it.
#[derive(Clone, Debug)]
pub struct SealedEvidence {
    /// For `core`.
    pub(crate) object: ObjectRef,
    /// For `core`: its copy without metadata.
    pub(crate) copy: Option<ObjectRef>,
    /// For the document.
    pub(crate) file: EvidenceFile,
}

impl SealedEvidence {
    /// Takes its copy without metadata, which was sealed as a file of its own.
    pub(crate) fn set_copy(&mut self, copy: SealedEvidence) {
        self.file.copy = Some(copy.file.object);
        self.file.copy_size = Some(copy.file.size);
        self.copy = Some(ObjectRef {
            kind: ObjectKind::Copy,
            ..copy.object
        });
    }

    /// Bytes of the file, and of its copy, before they were sealed.
    pub fn sizes(&self) -> impl Iterator<Item = u64> {
        [Some(self.file.size), self.file.copy_size].into_iter().flatten()
    }

    /// Digest of the ciphertext: what the upload must answer.
    pub fn digest(&self) -> Digest {
        self.object.digest
    }
}

impl EvidenceSealer {
    /// Begins; `out` gets the first bytes of the age file.
    pub(crate) fn new(recipient: &Recipient, info: FileInfo, out: &mut Vec<u8>, rng: &mut impl CryptoRng) -> Self {
        let (sealer, begin) = StreamSealer::new(recipient, rng);
        let mut this = Self {
            sealer,
            info,
            plain: Sha256::new(),
            sealed: Sha256::new(),
            read: 0,
            written: 0,
        };
        out.extend_from_slice(&begin);
        this.account(&begin);
        this
    }

    /// Takes the next bytes of the file; `out` gets the ciphertext that is complete.
    ///
    /// # Errors
    /// [`SealingError::FileChanged`] when there are more than were announced.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), SealingError> {
        self.read += bytes.len() as u64;
        if self.read > self.info.size {
            return Err(SealingError::FileChanged);
        }
        self.plain.update(bytes);
        self.seal(bytes, out);
        Ok(())
    }

    /// Ends it: zeros up to the Padmé size, and the last chunk.
    ///
    /// # Errors
    /// [`SealingError::FileChanged`] when there were fewer bytes than announced.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<SealedEvidence, SealingError> {
        if self.read != self.info.size {
            return Err(SealingError::FileChanged);
        }
        let mut padding = evidence_size(self.read) - self.read;
        while padding > 0 {
            let now = padding.min(ZEROS.len() as u64) as usize;
            self.seal(&ZEROS[..now], out);
            padding -= now as u64;
        }
        let before = out.len();
        self.sealer.finish(out);
        self.sealed.update(&out[before..]);
        self.written += (out.len() - before) as u64;
        let digest = Digest(self.sealed.finalize().into());
        Ok(SealedEvidence {
            object: ObjectRef {
                digest,
                size: self.written,
                kind: ObjectKind::Evidence,
            },
            copy: None,
            file: EvidenceFile {
                object: FileDigest(digest.0),
                copy: None,
                size: self.read,
                copy_size: None,
                sha256: FileDigest(self.plain.finalize().into()),
                name: or(&self.info.name, "file"),
                date: Some(or(&self.info.date, "")).filter(|date| !date.is_empty()),
                media_type: or(&self.info.media_type, "application/octet-stream"),
            },
        })
    }

    fn seal(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        self.sealer.push(plain, out);
        let new = out.split_at(before).1;
        self.sealed.update(new);
        self.written += new.len() as u64;
    }

    fn account(&mut self, bytes: &[u8]) {
        self.sealed.update(bytes);
        self.written += bytes.len() as u64;
    }
}

/// At most 255 bytes of a text, its ending kept if it is a name; something else where it is empty.
fn or(text: &str, instead: &str) -> String {
    testimony::shortened(if text.is_empty() { instead } else { text }, NAME_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::http::FILING_MAX;

    #[test]
    fn a_filing_holds_64_mib_and_21_files_with_room_for_all_documents() {
        let fits = |sizes: &[u64]| fits(sizes, FILING_MAX);
        let most = 62 << 20;
        assert!(fits(&[most]));
        assert!(!fits(&[64 << 20]));
        assert!(!fits(&[32 << 20, 32 << 20]));
        assert!(fits(&[1; 21]));
        assert!(!fits(&[1; 22]));
        assert!(!fits(&[u64::MAX, u64::MAX]));
    }

    #[test]
    fn with_an_upload_code_it_holds_2_gib_and_no_more_files() {
        let fits = |sizes: &[u64]| fits(sizes, FILING_LARGE_MAX);
        assert!(fits(&[1_990 << 20]) && fits(&[900 << 20, 900 << 20]));
        assert!(!fits(&[2 << 30]) && !fits(&[1 << 30, 1 << 30]) && !fits(&[1; 22]));
        assert_eq!(sealed_size(2_048 << 20), (2 << 30) + 1_643 + 16 * 32_768);
        assert_eq!(sealed_size((2 << 30) + 1), u64::MAX);
    }

    #[test]
    fn a_sealed_size_is_that_of_the_age_file() {
        assert_eq!(sealed_size(0), 65_536 + 1_643 + 16);
        assert_eq!(sealed_size(65_537), 67_584 + 1_643 + 32);
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let long = "ñ".repeat(200);
        assert_eq!(or(&long, "file").len(), 254);
        assert!(or(&format!("{long}.jpeg"), "file").ends_with("ñ.jpeg"));
        assert_eq!(or("", "file"), "file");
    }
}
