//! Tiles that were read of late, with every node within them. What a log has once committed never changes, so a tile of this
//! place and width is right for as long as the process lives; only how many are kept is bounded.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash as Key;
use std::sync::{Arc, Mutex, PoisonError};

use tlog::{Hash, node_hash};

/// Tiles of hashes that are kept: 16 KiB each at most.
const NODES_MAX: usize = 512;
/// Bundles of entries that are kept: 17 KiB each at most.
const BUNDLES_MAX: usize = 256;

/// The hashes of a tile, full or unfinished, and the complete subtrees over them.
pub(crate) struct TileNodes {
    /// `rows[h]`: roots of the subtrees of 2^h hashes.
    rows: Vec<Vec<Hash>>,
}

impl TileNodes {
    /// Over at most 256 hashes.
    pub fn new(hashes: Vec<Hash>) -> Self {
        let above = |row: &Vec<Hash>| {
            let pairs = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1]));
            (row.len() > 1).then(|| pairs.collect())
        };
        Self {
            rows: std::iter::successors(Some(hashes), above).collect(),
        }
    }

    /// The hashes themselves.
    pub fn hashes(&self) -> &[Hash] {
        self.rows.first().map_or(&[], Vec::as_slice)
    }

    /// The root of the subtree of 2^height hashes at this place among its like.
    pub fn node(&self, height: u8, place: usize) -> Option<Hash> {
        self.rows.get(usize::from(height))?.get(place).copied()
    }
}

/// Values by their keys, the oldest of which gives way.
struct Kept<K, V> {
    values: HashMap<K, Arc<V>>,
    order: VecDeque<K>,
    max: usize,
}

impl<K: Key + Eq + Copy, V> Kept<K, V> {
    fn new(max: usize) -> Mutex<Self> {
        Mutex::new(Self {
            values: HashMap::new(),
            order: VecDeque::new(),
            max,
        })
    }

    fn keep(&mut self, key: K, value: Arc<V>) {
        if self.values.insert(key, value).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > self.max {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.values.remove(&oldest));
        }
    }
}

/// What is kept of a key, or what `read` gives, which is then kept.
fn kept<K: Key + Eq + Copy, V, E>(
    of: &Mutex<Kept<K, V>>,
    key: K,
    read: impl FnOnce() -> Result<V, E>,
) -> Result<Arc<V>, E> {
    let lock = || of.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = lock().values.get(&key) {
        return Ok(Arc::clone(value));
    }
    let value = Arc::new(read()?);
    lock().keep(key, Arc::clone(&value));
    Ok(value)
}

/// Where a tile of hashes stands, and how many hashes it has: level, index, width.
type Place = (u8, u64, usize);

/// The tiles that were read of late.
pub(crate) struct KeptTiles {
    nodes: Mutex<Kept<Place, TileNodes>>,
    bundles: Mutex<Kept<u64, Vec<u8>>>,
}

impl Default for KeptTiles {
    fn default() -> Self {
        Self {
            nodes: Kept::new(NODES_MAX),
            bundles: Kept::new(BUNDLES_MAX),
        }
    }
}

impl KeptTiles {
    /// The tile of hashes at a level and index, of this width.
    pub fn nodes<E>(&self, place: Place, read: impl FnOnce() -> Result<Vec<Hash>, E>) -> Result<Arc<TileNodes>, E> {
        kept(&self.nodes, place, || Ok(TileNodes::new(read()?)))
    }

    /// The bundle of 256 entries at an index, as it is served.
    pub fn bundle<E>(&self, index: u64, read: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Arc<Vec<u8>>, E> {
        kept(&self.bundles, index, read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use tlog::edge;

    fn hashes(count: u8) -> Vec<Hash> {
        (0..count).map(|byte| Hash([byte; 32])).collect()
    }

    #[test]
    fn every_node_of_a_tile_is_the_root_over_its_hashes() {
        for count in [0, 1, 2, 3, 128, 200, 255] {
            let (all, nodes) = (hashes(count), TileNodes::new(hashes(count)));
            assert_eq!(nodes.hashes(), all);
            for height in 0..8_u8 {
                let within = 1 << height;
                for place in 0..all.len() / within {
                    let over = &all[place * within..(place + 1) * within];
                    assert_eq!(
                        nodes.node(height, place),
                        Some(edge::subtree(over)),
                        "{count} {height} {place}"
                    );
                }
                assert_eq!(nodes.node(height, all.len() / within), None, "{count} {height}");
            }
        }
    }

    #[test]
    fn what_is_kept_is_not_read_again_and_the_oldest_gives_way() {
        let kept_tiles = KeptTiles::default();
        let is_read = |place: Place| {
            let mut is_read = false;
            let read = || {
                is_read = true;
                Ok::<_, Infallible>(hashes(1))
            };
            assert!(kept_tiles.nodes(place, read).is_ok());
            is_read
        };
        assert!(is_read((0, 0, 1)) && !is_read((0, 0, 1)));
        assert!(
            is_read((0, 0, 2)) && is_read((1, 0, 1)),
            "another width or level is another tile"
        );
        (1..NODES_MAX as u64 - 2).for_each(|index| assert!(is_read((0, index, 1))));
        assert!(!is_read((0, 0, 1)), "there is room");
        assert!(
            is_read((0, NODES_MAX as u64, 1)) && is_read((0, 0, 1)),
            "the oldest went"
        );
        let lock = kept_tiles.nodes.lock().expect("not poisoned");
        assert_eq!((lock.values.len(), lock.order.len()), (NODES_MAX, NODES_MAX));
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let tiles = KeptTiles::default();
        assert!(tiles.bundle(3, || Err("away")).is_err());
        let read = tiles.bundle(3, || Ok::<_, &str>(vec![7]));
        assert_eq!(read.as_deref(), Ok(&vec![7]));
    }
}
