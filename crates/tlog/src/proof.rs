//! Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2; verification as RFC 9162 §2.1.3.2, §2.1.4.2).

use crate::hash::{Hash, empty_root, node_hash};

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
pub fn root<R: HashReader>(size: u64, reader: &R) -> Result<Hash, R::Error> {
    subtree(0, size, reader)
}

/// Proof that leaf `index` is in the tree of `size` leaves, sibling first. `None` when index ≥ size.
///
/// # Errors
/// The reader's.
pub fn inclusion<R: HashReader>(index: u64, size: u64, reader: &R) -> Result<Option<Vec<Hash>>, R::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(subtree(middle, end, reader)?);
            end = middle;
        } else {
            proof.push(subtree(start, middle, reader)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Proof that the tree of `old` leaves is a prefix of the tree of `size`. `None` when old > size.
///
/// Empty for `old` = 0 (RFC 6962 leaves it out; `tlog-witness` wants it empty) and for equal sizes.
///
/// # Errors
/// The reader's.
pub fn consistency<R: HashReader>(old: u64, size: u64, reader: &R) -> Result<Option<Vec<Hash>>, R::Error> {
    if old > size {
        return Ok(None);
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while old != 0 && old != end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(subtree(middle, end, reader)?);
            end = middle;
        } else {
            proof.push(subtree(start, middle, reader)?);
            start = middle;
        }
    }
    // The verifier knows the old root, which is this last subtree unless the old tree ends in a narrower one.
    if old != 0 && start != 0 {
        proof.push(subtree(start, end, reader)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Verifies an inclusion proof.
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut at, mut last) = (index, size - 1);
    let mut computed = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Mismatch);
        }
        if at & 1 == 1 || at == last {
            computed = node_hash(sibling, &computed);
            (at, last) = skip_lone(at, last);
        } else {
            computed = node_hash(&computed, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && computed == root {
        Ok(())
    } else {
        Err(ProofError::Mismatch)
    }
}

/// Verifies a consistency proof. From the empty tree and between equal sizes the proof must be empty.
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(old: u64, old_root: Hash, size: u64, root: Hash, proof: &[Hash]) -> Result<(), ProofError> {
    if old > size {
        return Err(ProofError::Range);
    }
    if old == size || old == 0 {
        let expected = if old == 0 { empty_root() } else { root };
        let holds = proof.is_empty() && old_root == expected && (old != size || old_root == root);
        return if holds { Ok(()) } else { Err(ProofError::Mismatch) };
    }
    // An old tree that is one complete subtree is its own first hash, and the proof leaves it out.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::Mismatch)?;
        (*first, rest)
    };
    let ones = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> ones, (size - 1) >> ones);
    let (mut old_computed, mut computed) = (first, first);
    for hash in rest {
        if last == 0 {
            return Err(ProofError::Mismatch);
        }
        if at & 1 == 1 || at == last {
            old_computed = node_hash(hash, &old_computed);
            computed = node_hash(hash, &computed);
            (at, last) = skip_lone(at, last);
        } else {
            computed = node_hash(&computed, hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    let holds = last == 0 && old_computed == old_root && computed == root;
    if holds { Ok(()) } else { Err(ProofError::Mismatch) }
}

/// Passes over the levels where a node on the right edge has no sibling and rises as it is.
///
/// `at` is odd or equals `last`, which is not 0; so `at` is never 0 here.
fn skip_lone(at: u64, last: u64) -> (u64, u64) {
    let levels = at.trailing_zeros();
    (
        at.checked_shr(levels).unwrap_or(0),
        last.checked_shr(levels).unwrap_or(0),
    )
}

/// Largest power of two below `count` (≥ 2): where RFC 6962 splits a tree.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// `MTH(D[start:end])` for a range that is a node of the tree: complete subtrees from the widest, folded from the right.
fn subtree<R: HashReader>(start: u64, end: u64, reader: &R) -> Result<Hash, R::Error> {
    let (mut at, mut nodes) = (start, Vec::new());
    while at < end {
        let level = u64::BITS - 1 - (end - at).leading_zeros();
        nodes.push(reader.node(level as u8, at >> level)?);
        at += 1 << level;
    }
    let last = nodes.pop().unwrap_or_else(empty_root);
    Ok(nodes.iter().rev().fold(last, |right, left| node_hash(left, &right)))
}
