//! Tiles: names, paths, bytes (`tlog-tiles`).

use crate::hash::Hash;

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileKind {
    /// Hashes at level L (0 to 63 of tiles: tree level 8·L).
    Hash(u8),
    /// Entries (`tile/entries/…`).
    Entries,
}

/// A tile's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TileName {
    /// Kind and level.
    pub kind: TileKind,
    /// Index within the level.
    pub index: u64,
    /// 1 to 256.
    pub width: u16,
}

impl TileName {
    /// `tile/0/x001/067`, `tile/entries/000.p/3`.
    pub fn path(&self) -> String {
        todo!()
    }
    /// Reads a path that [`Self::path`] would write, without a leading slash; anything else is `None`.
    pub fn parse(_path: &str) -> Option<Self> {
        todo!()
    }
}

/// The tiles that a tree of `size` leaves has, of both kinds, that a tree of `old_size` had not (partial ones included).
pub fn new_tiles(_old_size: u64, _size: u64) -> Vec<TileName> {
    todo!()
}

/// Every tile of a tree of `size` leaves, each once, partial ones only where the tree ends.
pub fn tiles_of(_size: u64) -> Vec<TileName> {
    todo!()
}

/// Entry bundle: u16 big-endian length before each entry.
pub fn encode_entries<'a>(_entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    todo!()
}
/// Splits an entry bundle; `None` when it is malformed.
pub fn decode_entries(_bundle: &[u8]) -> Option<Vec<&[u8]>> {
    todo!()
}
/// Joins hashes.
pub fn encode_hashes(_hashes: &[Hash]) -> Vec<u8> {
    todo!()
}
/// Splits hashes; `None` when the length is not a multiple of 32.
pub fn decode_hashes(_tile: &[u8]) -> Option<Vec<Hash>> {
    todo!()
}
