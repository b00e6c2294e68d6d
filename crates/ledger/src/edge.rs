//! The right edge of the tree: of every level of tiles the hashes of the last, unfinished one.
//!
//! Full tiles lie in the database, once and for ever; the edge is derived from them and from the last entries. An
//! append costs one hash, and another 255 at each 256th entry: the same for a thousand entries as for a million.

use tlog::Hash;
use tlog::hash::{empty_root, node_hash};
use tlog::tree::Frontier;

use crate::error::Error;

/// Hashes in a full tile.
pub(crate) const WIDTH: usize = 256;

/// A tile that an append finished.
pub(crate) struct Full {
    pub(crate) level: u8,
    pub(crate) index: u64,
    pub(crate) hashes: Vec<Hash>,
}

/// The unfinished tiles, lowest level first. A level that has just been finished is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// From the hashes of each level's unfinished tile.
    pub(crate) fn from_levels(size: u64, levels: Vec<Vec<Hash>>) -> Self {
        Self { size, levels }
    }

    /// Number of leaves.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Hashes of the unfinished tile of a level.
    pub(crate) fn level(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Index of the unfinished tile of a level.
    pub(crate) fn tile_index(&self, level: u8) -> u64 {
        self.size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0)
    }

    /// Appends a leaf hash; tiles that it finishes go to `full`.
    pub(crate) fn append(&mut self, leaf: Hash, full: &mut Vec<Full>) {
        let mut hash = leaf;
        for level in 0_u8.. {
            let place = usize::from(level);
            if self.levels.len() == place {
                self.levels.push(Vec::with_capacity(WIDTH));
            }
            let index = self.tile_index(level);
            let tile = &mut self.levels[place];
            tile.push(hash);
            if tile.len() < WIDTH {
                break;
            }
            let hashes = std::mem::replace(tile, Vec::with_capacity(WIDTH));
            hash = subtree(&hashes);
            full.push(Full { level, index, hashes });
        }
        self.size += 1;
    }

    /// The root of the whole tree.
    pub(crate) fn root(&self) -> Result<Hash, Error> {
        if self.size == 0 {
            return Ok(empty_root());
        }
        let mut nodes = Vec::new();
        for tile in self.levels.iter().rev() {
            let mut rest = tile.as_slice();
            for bit in (0..8).rev() {
                if rest.len() & (1 << bit) != 0 {
                    let (head, tail) = rest.split_at(1 << bit);
                    nodes.push(subtree(head));
                    rest = tail;
                }
            }
        }
        let frontier = Frontier::from_parts(self.size, nodes);
        Ok(frontier
            .ok_or_else(|| Error::Damaged("the edge of the tree has gaps".into()))?
            .root())
    }
}

/// Root of a complete subtree over the given nodes; their number is a power of two.
pub(crate) fn subtree(nodes: &[Hash]) -> Hash {
    match nodes {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = nodes.split_at(nodes.len() / 2);
            node_hash(&subtree(left), &subtree(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tlog::leaf_hash;

    /// Sizes around every border of a tile, up to the first tile of level 2.
    #[test]
    fn its_root_is_the_frontiers_and_full_tiles_come_once() {
        let (mut edge, mut frontier) = (Edge::default(), Frontier::default());
        let mut full = Vec::new();
        assert_eq!(edge.root().unwrap(), frontier.root());
        for leaf in 0_u32..66_000 {
            let hash = leaf_hash(&leaf.to_be_bytes());
            edge.append(hash, &mut full);
            frontier.append(hash);
            if leaf < 1_030 || leaf % 256 > 253 || leaf % 256 < 2 {
                assert_eq!(edge.root().unwrap(), frontier.root(), "{} leaves", leaf + 1);
            }
        }
        let mut names: Vec<(u8, u64)> = full.iter().map(|tile| (tile.level, tile.index)).collect();
        names.sort_unstable();
        let expected: Vec<(u8, u64)> = (0..257).map(|index| (0, index)).chain([(1, 0)]).collect();
        assert_eq!(names, expected);
        assert!(full.iter().all(|tile| tile.hashes.len() == WIDTH));
        assert_eq!(
            (edge.tile_index(0), edge.tile_index(1), edge.tile_index(2)),
            (257, 1, 0)
        );
        assert_eq!(
            (edge.level(0).len(), edge.level(1).len(), edge.level(2).len()),
            (66_000 % 256, 1, 1)
        );
    }
}
