//! Proof bundles (`tlog-proof@v1`): index, inclusion proof and checkpoint, verifiable offline.

use crate::hash::Hash;
use crate::note::Note;
use crate::policy::{Policy, Trusted, Untrusted};
use crate::proof::ProofError;

/// A proof bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The `extra` line's bytes, if there is one.
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
    pub fn parse(_bytes: &[u8]) -> Result<Self, ReceiptError> {
        todo!()
    }
    /// Writes it.
    pub fn to_text(&self) -> String {
        todo!()
    }
    /// Verifies that `entry` is in a checkpoint that satisfies `policy`.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(&self, _entry: &[u8], _policy: &Policy, _origin: &str) -> Result<Trusted, ReceiptError> {
        todo!()
    }
}
