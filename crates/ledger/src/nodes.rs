//! Nodes of the tree, for proofs.

use std::sync::Arc;

use tlog::Hash;
use tlog::edge;
use tlog::proof::HashReader;

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

    fn node(&self, level: u8, index: u64) -> Result<Hash, Error> {
        edge::node(level, index, |level, index| {
            hashes(&self.shared, &self.view, level, index)
        })?
        .ok_or_else(beyond)
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
