//! Reading a log from its tiles, by a closure, and checking all of it against a trusted checkpoint.

use crate::hash::Hash;
use crate::policy::Trusted;
use crate::tile::TileName;
use crate::tree::Frontier;

/// Why reading failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The closure's.
    #[error("a tile could not be read")]
    Fetch(#[source] E),
    /// A tile is malformed or does not lead to the root.
    #[error("tile {0} does not belong to this checkpoint")]
    Tile(String),
    /// The checkpoint is smaller than what was read before, or its root contradicts it: a fork.
    #[error("the log's history changed")]
    Fork,
}

/// A reader that follows a log: what it has read so far is fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follower {
    frontier: Frontier,
}

impl Follower {
    /// From nothing.
    pub fn new() -> Self {
        Self::default()
    }
    /// Continues from a stored frontier.
    pub fn resume(frontier: Frontier) -> Self {
        Self { frontier }
    }
    /// What has been read.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }
    /// Reads all entries from the last position to the checkpoint's size (entry tiles only), checks the new root,
    /// and gives the new entries. On an error nothing has advanced.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn advance<E>(
        &mut self,
        _to: &Trusted,
        _fetch: impl FnMut(&TileName) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<Vec<u8>>, ReadError<E>> {
        todo!()
    }
}

/// Checks that a full read of hash tiles agrees with the entry tiles for a tree of `size` (log verify, fsck).
///
/// # Errors
/// [`ReadError`].
pub fn check_hash_tiles<E>(
    _size: u64,
    _root: Hash,
    _fetch: impl FnMut(&TileName) -> Result<Vec<u8>, E>,
) -> Result<(), ReadError<E>> {
    todo!()
}
