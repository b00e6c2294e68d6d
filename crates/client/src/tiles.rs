//! Entry tiles, each fetched once at its widest; narrower ones are cut from it.

use std::collections::BTreeMap;

use protocol::Digest;
use protocol::slot::Entry;
use tlog::tile::{self, TILE_WIDTH, TileKind, TileName};

use crate::failure::{Failure, Outcome};
use crate::wire::{BATCH, Wire};

/// The entry tiles of a part of the log, as served.
pub(crate) struct Tiles(BTreeMap<u64, Vec<u8>>);

impl Tiles {
    /// Fetches the tiles with the entries from `from` on, in a tree of `size`.
    ///
    /// # Errors
    /// The network; [`crate::Local::LogNotVerifiable`] when one is missing.
    pub async fn fetch(wire: &Wire, from: u64, size: u64) -> Outcome<Self> {
        let names: Vec<TileName> = (from / TILE_WIDTH..size.div_ceil(TILE_WIDTH))
            .map(|index| entry_tile(index, size))
            .collect();
        let mut tiles = BTreeMap::new();
        for batch in names.chunks(BATCH) {
            wire.progress(tiles.len() as u64, names.len() as u64);
            let fetched = fetch(wire, batch).await?;
            tiles.extend(batch.iter().map(|name| name.index).zip(fetched));
        }
        Ok(Self(tiles))
    }

    /// A tile at the width asked for.
    pub fn cut(&self, name: &TileName) -> Option<Vec<u8>> {
        if name.kind != TileKind::Entries {
            return None;
        }
        let entries = tile::decode_entries(self.0.get(&name.index)?)?;
        Some(tile::encode_entries(entries.into_iter().take(name.width.into())))
    }

    /// An entry, as far as these tiles reach.
    pub fn entry(&self, index: u64) -> Option<Vec<u8>> {
        let entries = tile::decode_entries(self.0.get(&(index / TILE_WIDTH))?)?;
        Some(entries.get((index % TILE_WIDTH) as usize)?.to_vec())
    }

    /// The public entries from `from` up to `end`: index and digest.
    ///
    /// # Errors
    /// [`crate::Local::LogNotVerifiable`] for a tile that is malformed.
    pub fn public(&self, from: u64, end: u64) -> Outcome<Vec<(u64, Digest)>> {
        let mut public = Vec::new();
        for (index, bytes) in &self.0 {
            let entries =
                tile::decode_entries(bytes).ok_or_else(|| Failure::log("a bundle of entries is malformed"))?;
            let placed = (index * TILE_WIDTH..end)
                .zip(entries)
                .filter(|(index, _)| *index >= from);
            public.extend(placed.filter_map(|(index, entry)| match Entry::parse(entry) {
                Some(Entry::Public(digest)) => Some((index, digest)),
                _ => None,
            }));
        }
        Ok(public)
    }
}

/// The widest entry tile of this index in a tree of `size`.
pub(crate) fn entry_tile(index: u64, size: u64) -> TileName {
    TileName {
        kind: TileKind::Entries,
        index,
        width: size.saturating_sub(index * TILE_WIDTH).clamp(1, TILE_WIDTH) as u16,
    }
}

/// Tiles as served, in the order of their names.
///
/// # Errors
/// The network; [`crate::Local::LogNotVerifiable`] when one is missing.
pub(crate) async fn fetch(wire: &Wire, names: &[TileName]) -> Outcome<Vec<Vec<u8>>> {
    let paths = names.iter().map(|name| format!("/log/{}", name.path())).collect();
    let tiles = wire.several(paths).await?.into_iter();
    tiles
        .map(|bytes| bytes.ok_or_else(|| Failure::log("a tile is missing")))
        .collect()
}

/// An entry of a log that has `size` of them, unverified: a proof then shows whether it is the right one.
///
/// # Errors
/// As for every tile.
pub async fn entry(wire: &Wire, size: u64, index: u64) -> Outcome<Vec<u8>> {
    let within = (index / TILE_WIDTH + 1).saturating_mul(TILE_WIDTH).min(size);
    let bytes = fetch(wire, &[entry_tile(index / TILE_WIDTH, within)]).await?;
    let tiles = Tiles((index / TILE_WIDTH..).zip(bytes).collect());
    tiles
        .entry(index)
        .ok_or_else(|| Failure::log("a bundle of entries is too short"))
}
