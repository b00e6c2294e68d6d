//! Nodes of the tree, for proofs.

use std::sync::Arc;

use tlog::Hash;
use tlog::proof::HashReader;
use tlog::tile::TILE_WIDTH;

use crate::edge::subtree;
use crate::error::Error;
use crate::sequencer::{Shared, View};

/// Reads tree nodes for proofs.
pub struct NodeReader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) view: Arc<View>,
}

impl NodeReader {
    /// Leaves of the tree that it reads: the pending one's, if there is one, else the published one's.
    pub fn size(&self) -> u64 {
        self.view.edge.size()
    }
}

impl HashReader for NodeReader {
    type Error = Error;

    /// A node of 2^level leaves lies in the tile of level ⌊level / 8⌋, and is a subtree within it.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Error> {
        let first = index.checked_shl(u32::from(level % 8)).ok_or_else(beyond)?;
        let hashes = hashes(&self.shared, &self.view, level / 8, first / TILE_WIDTH)?;
        let start = (first % TILE_WIDTH) as usize;
        Ok(subtree(
            hashes.get(start..start + (1 << (level % 8))).ok_or_else(beyond)?,
        ))
    }
}

/// Hashes of a tile, full or unfinished.
pub(crate) fn hashes(shared: &Shared, view: &View, level: u8, index: u64) -> Result<Vec<Hash>, Error> {
    if view.edge.tile_index(level) == index {
        return Ok(view.edge.level(level).to_vec());
    }
    shared.ask(|store| store.tile(level, index))?.ok_or_else(beyond)
}

/// A part of the tree that must be there is not.
pub(crate) fn beyond() -> Error {
    Error::Damaged("a part of the tree is missing".into())
}
