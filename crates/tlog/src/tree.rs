//! The growing edge of the tree: append in O(log n), root at any time.

use crate::hash::Hash;

/// Roots of the complete subtrees on the right edge, widest first, and the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves from its subtree roots (count_ones of them); `None` if the number is wrong.
    pub fn from_parts(_size: u64, _nodes: Vec<Hash>) -> Option<Self> {
        todo!()
    }
    /// Appends a leaf hash.
    pub fn append(&mut self, _leaf: Hash) {
        todo!()
    }
    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }
    /// The root.
    pub fn root(&self) -> Hash {
        todo!()
    }
    /// The subtree roots, widest first.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }
}
