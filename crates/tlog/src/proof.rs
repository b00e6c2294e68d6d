//! Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2; verification as RFC 9162 §2.1.3.2, §2.1.4.2).

use crate::hash::Hash;

/// Gives the root of the complete subtree at `level` (0 = leaf hashes) and `index` (of 2^level leaves each).
pub trait HashReader {
    /// What can go wrong in reading.
    type Error;
    /// Reads one node.
    ///
    /// # Errors
    /// The reader's own.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Why a proof fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Index or sizes are impossible.
    #[error("the proof's index or sizes are impossible")]
    Range,
    /// Wrong number of hashes, or the root differs.
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// Root of the first `size` leaves.
///
/// # Errors
/// The reader's.
pub fn root<R: HashReader>(_size: u64, _reader: &R) -> Result<Hash, R::Error> {
    todo!()
}
/// Proof that leaf `index` is in the tree of `size` leaves. `None` when index ≥ size.
///
/// # Errors
/// The reader's.
pub fn inclusion<R: HashReader>(_index: u64, _size: u64, _reader: &R) -> Result<Option<Vec<Hash>>, R::Error> {
    todo!()
}
/// Proof that the tree of `old` leaves is a prefix of the tree of `size`. `None` when old > size.
///
/// # Errors
/// The reader's.
pub fn consistency<R: HashReader>(_old: u64, _size: u64, _reader: &R) -> Result<Option<Vec<Hash>>, R::Error> {
    todo!()
}
/// Verifies an inclusion proof.
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(_leaf: Hash, _index: u64, _size: u64, _proof: &[Hash], _root: Hash) -> Result<(), ProofError> {
    todo!()
}
/// Verifies a consistency proof.
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(
    _old: u64,
    _old_root: Hash,
    _size: u64,
    _root: Hash,
    _proof: &[Hash],
) -> Result<(), ProofError> {
    todo!()
}
