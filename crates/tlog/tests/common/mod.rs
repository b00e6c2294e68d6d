//! A log in memory, for tests: every complete subtree's root, and tiles made from them.
#![allow(dead_code, reason = "each test uses a part")]

use std::convert::Infallible;

use tlog::proof::HashReader;
use tlog::tile::{TileKind, TileName, encode_entries, encode_hashes};
use tlog::{Hash, leaf_hash, node_hash};

/// Entries and `levels[l][i]`, the root of the i-th complete subtree of 2^l leaves.
#[derive(Clone, Default)]
pub struct Log {
    pub entries: Vec<Vec<u8>>,
    levels: Vec<Vec<Hash>>,
}

impl Log {
    pub fn of(count: u64) -> Self {
        let mut log = Self::default();
        (0..count).for_each(|i| log.push(format!("entry {i}").as_bytes()));
        log
    }

    pub fn push(&mut self, entry: &[u8]) {
        self.entries.push(entry.to_vec());
        let mut node = leaf_hash(entry);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(node);
            if nodes.len() % 2 == 1 {
                break;
            }
            node = node_hash(&nodes[nodes.len() - 2], &nodes[nodes.len() - 1]);
        }
    }

    pub fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    pub fn root(&self) -> Hash {
        match tlog::proof::root(self.size(), self) {
            Ok(root) => root,
        }
    }

    /// A tile's bytes; `None` where the log does not reach.
    pub fn tile(&self, name: &TileName) -> Option<Vec<u8>> {
        let start = usize::try_from(name.index).ok()? * 256;
        let end = start + usize::from(name.width);
        match name.kind {
            TileKind::Entries => Some(encode_entries(self.entries.get(start..end)?.iter().map(Vec::as_slice))),
            TileKind::Hash(level) => Some(encode_hashes(self.levels.get(usize::from(level) * 8)?.get(start..end)?)),
        }
    }
}

impl HashReader for Log {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        Ok(self.levels[usize::from(level)][usize::try_from(index).expect("test sizes")])
    }
}

/// MTH exactly as RFC 6962 §2.1 defines it, by recursion: the second opinion.
pub fn mth(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => tlog::hash::empty_root(),
        [one] => leaf_hash(one),
        many => {
            let k = many.len().next_power_of_two() / 2;
            node_hash(&mth(&many[..k]), &mth(&many[k..]))
        }
    }
}
