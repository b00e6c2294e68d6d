//! Proof bundles (`tlog-proof@v1`): index, inclusion proof and checkpoint, verifiable offline.

use base64ct::{Base64, Encoding as _};

use crate::checkpoint::Checkpoint;
use crate::decimal;
use crate::hash::{Hash, leaf_hash};
use crate::note::{NOTE_SIZE_MAX, Note};
use crate::policy::{Policy, Trusted, Untrusted};
use crate::proof::{self, ProofError};

/// First line of a bundle.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Longest bundle that is read, in bytes: a note, a proof, and the longest entry as `extra`.
const SIZE_MAX: usize = NOTE_SIZE_MAX + 128 * 1024;
/// Most hashes in an inclusion proof: a path in a tree of less than 2^64 leaves.
const PROOF_MAX: usize = 64;

/// A proof bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The `extra` line's bytes, if there is one. Nothing vouches for them.
    pub extra: Option<Vec<u8>>,
    /// Leaf index.
    pub index: u64,
    /// Inclusion proof.
    pub proof: Vec<Hash>,
    /// Cosigned checkpoint.
    pub checkpoint: Note,
}

/// Why a receipt fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not a proof bundle.
    #[error("not a tlog-proof")]
    Form,
    /// Checkpoint not trusted.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// Proof does not lead to the root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl Receipt {
    /// Reads one.
    ///
    /// # Errors
    /// [`ReceiptError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        Self::read(bytes).ok_or(ReceiptError::Form)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > SIZE_MAX {
            return None;
        }
        let (head, note) = str::from_utf8(bytes).ok()?.split_once("\n\n")?;
        let mut lines = head.split('\n');
        if lines.next()? != HEADER {
            return None;
        }
        let mut line = lines.next()?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = Some(Base64::decode_vec(encoded).ok().filter(|bytes| !bytes.is_empty())?);
            line = lines.next()?;
        }
        let index = decimal::parse(line.strip_prefix("index ")?)?;
        let proof = lines.map(Hash::from_base64).collect::<Option<Vec<_>>>()?;
        let checkpoint = Note::parse(note.as_bytes()).ok()?;
        Checkpoint::parse(checkpoint.text())?;
        (proof.len() <= PROOF_MAX).then_some(Self {
            extra,
            index,
            proof,
            checkpoint,
        })
    }

    /// Writes it. Empty `extra` is left out, as if there were none.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        if let Some(extra) = self.extra.as_ref().filter(|extra| !extra.is_empty()) {
            text.push_str(&format!("extra {}\n", Base64::encode_string(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.proof {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.to_string());
        text
    }

    /// Verifies that `entry` is in a checkpoint that satisfies `policy`, at [`Self::index`].
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(&self, entry: &[u8], policy: &Policy, origin: &str) -> Result<Trusted, ReceiptError> {
        let trusted = policy.check(&self.checkpoint, origin)?;
        let checkpoint = trusted.checkpoint();
        proof::verify_inclusion(
            leaf_hash(entry),
            self.index,
            checkpoint.size,
            &self.proof,
            checkpoint.root,
        )?;
        Ok(trusted)
    }
}
