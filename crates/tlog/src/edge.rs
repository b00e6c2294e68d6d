//! The right edge of the tree: of every level of tiles the hashes of the last, unfinished one.
//!
//! Full tiles are kept elsewhere, once and for ever; the edge is derived from them and from the last entries. An
//! append costs one hash, and another 255 at each 256th entry: the same for a thousand entries as for a million.

use crate::hash::{Hash, empty_root, node_hash};
use crate::tile::{TILE_WIDTH, TileKind, TileName};

/// Hashes in a full tile.
const WIDTH: usize = TILE_WIDTH as usize;
/// Levels of tiles that a tree of less than 2^64 leaves has.
const LEVELS: u8 = 8;

/// A tile of hashes that an append finished.
pub struct Full {
    /// Its level, of tiles.
    pub level: u8,
    /// Its index within the level.
    pub index: u64,
    /// Its 256 hashes.
    pub hashes: Vec<Hash>,
}

impl Full {
    /// Its name.
    pub fn name(&self) -> TileName {
        TileName {
            kind: TileKind::Hash(self.level),
            index: self.index,
            width: TILE_WIDTH as u16,
        }
    }
}

/// The unfinished tiles, lowest level first. A level that has just been finished is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// From the hashes of each level's unfinished tile; `None` when their numbers are not those of a tree of `size`.
    pub fn from_levels(size: u64, levels: Vec<Vec<Hash>>) -> Option<Self> {
        let edge = Self { size, levels };
        let fits = |level: u8| edge.level(level).len() as u64 == (size >> (8 * level)) % TILE_WIDTH;
        let is_whole = edge.levels.len() <= usize::from(LEVELS) && (0..LEVELS).all(fits);
        is_whole.then_some(edge)
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Hashes of the unfinished tile of a level.
    pub fn level(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Index of the unfinished tile of a level.
    pub fn tile_index(&self, level: u8) -> u64 {
        self.size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0)
    }

    /// Levels whose unfinished tile holds something, with its name and hashes.
    pub fn unfinished(&self) -> impl Iterator<Item = (TileName, &[Hash])> {
        let levels = (0..).zip(&self.levels).filter(|(_, hashes)| !hashes.is_empty());
        levels.map(|(level, hashes)| {
            let name = TileName {
                kind: TileKind::Hash(level),
                index: self.tile_index(level),
                width: hashes.len() as u16,
            };
            (name, hashes.as_slice())
        })
    }

    /// Appends a leaf hash; tiles that it finishes go to `full`.
    pub fn append(&mut self, leaf: Hash, full: &mut Vec<Full>) {
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
    pub fn root(&self) -> Hash {
        // Narrowest first: each complete subtree on the right edge is the left sibling of all that follows it.
        let mut root = None;
        for tile in &self.levels {
            let mut rest = tile.as_slice();
            for bit in 0..8 {
                if rest.len() & (1 << bit) != 0 {
                    let (head, tail) = rest.split_at(rest.len() - (1 << bit));
                    let node = subtree(tail);
                    root = Some(root.map_or(node, |right| node_hash(&node, &right)));
                    rest = head;
                }
            }
        }
        root.unwrap_or_else(empty_root)
    }
}

/// The node of 2^level leaves at `index` of its level, which lies in one tile of hashes: `tile` gives that of a level of tiles
/// and an index. `None` when the tile is too short.
///
/// # Errors
/// The tile's.
pub fn node<E>(level: u8, index: u64, tile: impl FnOnce(u8, u64) -> Result<Vec<Hash>, E>) -> Result<Option<Hash>, E> {
    let within = 1 << (level % 8);
    let Some(first) = index.checked_mul(within as u64) else {
        return Ok(None);
    };
    let hashes = tile(level / 8, first / TILE_WIDTH)?;
    let start = (first % TILE_WIDTH) as usize;
    Ok(hashes.get(start..start + within).map(subtree))
}

/// Root of a complete subtree over the given nodes; their number is a power of two.
pub fn subtree(nodes: &[Hash]) -> Hash {
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
    use crate::hash::leaf_hash;
    use crate::tree::Frontier;

    /// Sizes around every border of a tile, up to the first tile of level 2.
    #[test]
    fn its_root_is_the_frontiers_and_full_tiles_come_once() {
        let (mut edge, mut frontier) = (Edge::default(), Frontier::default());
        let mut full = Vec::new();
        assert_eq!(edge.root(), frontier.root());
        for leaf in 0_u32..66_000 {
            let hash = leaf_hash(&leaf.to_be_bytes());
            edge.append(hash, &mut full);
            frontier.append(hash);
            if leaf < 1_030 || leaf % 256 > 253 || leaf % 256 < 2 {
                assert_eq!(edge.root(), frontier.root(), "{} leaves", leaf + 1);
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
        let levels: Vec<Vec<Hash>> = (0..3).map(|level| edge.level(level).to_vec()).collect();
        assert_eq!(
            Edge::from_levels(66_000, levels.clone()).map(|edge| edge.root()),
            Some(frontier.root())
        );
        for size in [65_999, 66_001, 66_000 + 256, 66_000 - 65_536, 1] {
            assert_eq!(Edge::from_levels(size, levels.clone()), None, "{size}");
        }
    }
}
