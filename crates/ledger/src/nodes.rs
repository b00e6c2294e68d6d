//! Nodes of the tree, for proofs.

use std::sync::Arc;

use tlog::Hash;
use tlog::proof::HashReader;
use tlog::tile::TILE_WIDTH;

use crate::error::Error;
use crate::sequencer::{Shared, View};
use crate::tiles::TileNodes;

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

    fn node(&self, level: u8, index: u64) -> Result<Hash, Error> {
        let (height, within) = (level % 8, 1 << (level % 8));
        let first = index.checked_mul(within).ok_or_else(beyond)?;
        let tile = tile(&self.shared, &self.view, level / 8, first / TILE_WIDTH)?;
        let place = (first % TILE_WIDTH / within) as usize;
        tile.node(height, place).ok_or_else(beyond)
    }
}

/// A tile of hashes, full or unfinished.
pub(crate) fn tile(shared: &Shared, view: &View, level: u8, index: u64) -> Result<Arc<TileNodes>, Error> {
    let unfinished = (view.edge.tile_index(level) == index).then(|| view.edge.level(level));
    let width = unfinished.map_or(TILE_WIDTH as usize, <[Hash]>::len);
    shared.tiles.nodes((level, index, width), || match unfinished {
        Some(hashes) => Ok(hashes.to_vec()),
        None => shared.ask(|store| store.tile(level, index))?.ok_or_else(beyond),
    })
}

/// A part of the tree that must be there is not.
pub(crate) fn beyond() -> Error {
    Error::Damaged("a part of the tree is missing".into())
}
