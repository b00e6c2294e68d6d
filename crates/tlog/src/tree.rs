//! The growing edge of the tree: append in O(log n), root at any time.

use crate::hash::{Hash, empty_root, node_hash};
use crate::proof::HashReader;

/// Roots of the complete subtrees on the right edge, widest first, and the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves from its subtree roots, one for each bit that is set in `size`.
    ///
    /// `None` if their number is wrong, or the size 2^63 or more, which no log reaches.
    pub fn from_parts(size: u64, nodes: Vec<Hash>) -> Option<Self> {
        (size < 1 << 63 && nodes.len() == size.count_ones() as usize).then_some(Self { size, nodes })
    }

    /// The frontier of the first `size` leaves, from the nodes of a tree that has at least as many.
    ///
    /// # Errors
    /// The reader's.
    pub fn read<R: HashReader>(size: u64, reader: &R) -> Result<Self, R::Error> {
        let widths = (0..63).rev().filter(|level| size >> level & 1 == 1);
        let node = |level: u8| reader.node(level, (size >> level) - 1);
        let nodes = widths.map(node).collect::<Result<_, _>>()?;
        Ok(Self { size, nodes })
    }

    /// Appends a leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each set bit at the low end is a complete subtree of the same width as `node`: they merge.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut narrowest_first = self.nodes.iter().rev();
        match narrowest_first.next() {
            Some(last) => narrowest_first.fold(*last, |right, left| node_hash(left, &right)),
            None => empty_root(),
        }
    }

    /// The subtree roots, widest first.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }
}

impl Extend<Hash> for Frontier {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.append(leaf));
    }
}

impl FromIterator<Hash> for Frontier {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut frontier = Self::default();
        frontier.extend(leaves);
        frontier
    }
}
