//! Reading a log from its tiles, by a closure, and checking all of it against a trusted checkpoint.
//!
//! A tile may hold more than its name says: clients may fall back to the full tile where the partial one is gone
//! (`tlog-tiles`, «Partial Tiles»). What lies beyond the width that the checkpoint covers is left alone.

use crate::hash::{Hash, leaf_hash};
use crate::policy::Trusted;
use crate::tile::{TILE_WIDTH, TileKind, TileName, decode_entries, decode_hashes};
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
    /// and gives the new entries. On an error nothing has advanced. Memory: the new entries and one tile.
    ///
    /// When the new entries do not lead to the root, the whole log is read once more to tell the two reasons apart:
    /// if it leads to the root from its beginning, then what was read before is no part of it.
    ///
    /// # Errors
    /// [`ReadError`]; [`ReadError::Tile`] names the first tile that cannot be right, or the last one read where
    /// only their sum is wrong.
    pub fn advance<E>(
        &mut self,
        to: &Trusted,
        mut fetch: impl FnMut(&TileName) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<Vec<u8>>, ReadError<E>> {
        let (size, root) = (to.checkpoint().size, to.checkpoint().root);
        if size < self.frontier.size() {
            return Err(ReadError::Fork);
        }
        let mut frontier = self.frontier.clone();
        let mut entries = Vec::new();
        let mut wrong = None;
        while frontier.size() < size {
            let name = entry_tile(frontier.size(), size);
            let bundle = fetch(&name).map_err(ReadError::Fetch)?;
            let all = entries_of(&name, &bundle)?;
            let (known, new) = all.split_at(usize::from((frontier.size() % TILE_WIDTH) as u8));
            if !ends_in(&frontier, known) {
                wrong = Some(name);
                break;
            }
            frontier.extend(new.iter().map(|entry| leaf_hash(entry)));
            entries.extend(new.iter().map(|entry| entry.to_vec()));
        }
        if wrong.is_none() && frontier.root() == root {
            self.frontier = frontier;
            return Ok(entries);
        }
        if self.frontier.size() == size {
            return Err(ReadError::Fork);
        }
        drop(entries);
        let whole = frontier_of(size, &mut fetch)?;
        let last = wrong.unwrap_or_else(|| entry_tile(size - 1, size));
        Err(if self.frontier.size() > 0 && whole.root() == root {
            ReadError::Fork
        } else {
            tile_error(&last)
        })
    }
}

/// Checks that a full read of hash tiles agrees with the entry tiles for a tree of `size` (log verify, fsck).
///
/// Memory: one tile of each level.
///
/// # Errors
/// [`ReadError`]; [`ReadError::Fork`] when all tiles agree with one another and the root is another.
pub fn check_hash_tiles<E>(
    size: u64,
    root: Hash,
    mut fetch: impl FnMut(&TileName) -> Result<Vec<u8>, E>,
) -> Result<(), ReadError<E>> {
    let mut frontier = Frontier::default();
    // `levels[l]`: hashes of the tile at level l that is not full yet, and how many full ones stand before it.
    let mut levels: Vec<(Vec<Hash>, u64)> = Vec::new();
    while frontier.size() < size {
        let name = entry_tile(frontier.size(), size);
        let bundle = fetch(&name).map_err(ReadError::Fetch)?;
        let leaves: Vec<Hash> = entries_of(&name, &bundle)?
            .iter()
            .map(|entry| leaf_hash(entry))
            .collect();
        frontier.extend(leaves.iter().copied());
        let mut full = check_level(&mut levels, 0, leaves, &mut fetch)?;
        for level in 1.. {
            let Some(hash) = full else { break };
            full = check_level(&mut levels, level, vec![hash], &mut fetch)?;
        }
    }
    for (level, (hashes, index)) in (0..).zip(&levels) {
        if !hashes.is_empty() {
            compare(level, *index, hashes, &mut fetch)?;
        }
    }
    if frontier.root() == root {
        Ok(())
    } else {
        Err(ReadError::Fork)
    }
}

/// Adds hashes to a level's last tile. Once it is full, compares it with the tile that is served, and gives its root.
fn check_level<E>(
    levels: &mut Vec<(Vec<Hash>, u64)>,
    level: u8,
    mut new: Vec<Hash>,
    fetch: &mut impl FnMut(&TileName) -> Result<Vec<u8>, E>,
) -> Result<Option<Hash>, ReadError<E>> {
    if levels.len() == usize::from(level) {
        levels.push((Vec::new(), 0));
    }
    let (hashes, index) = &mut levels[usize::from(level)];
    hashes.append(&mut new);
    if (hashes.len() as u64) < TILE_WIDTH {
        return Ok(None);
    }
    compare(level, *index, hashes, fetch)?;
    let root = hashes.drain(..).collect::<Frontier>().root();
    *index += 1;
    Ok(Some(root))
}

/// Compares hashes with those of the tile that is served under this name.
fn compare<E>(
    level: u8,
    index: u64,
    hashes: &[Hash],
    fetch: &mut impl FnMut(&TileName) -> Result<Vec<u8>, E>,
) -> Result<(), ReadError<E>> {
    let name = TileName {
        kind: TileKind::Hash(level),
        index,
        width: hashes.len() as u16,
    };
    let served = decode_hashes(&fetch(&name).map_err(ReadError::Fetch)?);
    let agrees = served.is_some_and(|served| served.starts_with(hashes));
    if agrees { Ok(()) } else { Err(tile_error(&name)) }
}

/// The frontier of the first `size` entries as they are served now.
fn frontier_of<E>(
    size: u64,
    fetch: &mut impl FnMut(&TileName) -> Result<Vec<u8>, E>,
) -> Result<Frontier, ReadError<E>> {
    let mut frontier = Frontier::default();
    while frontier.size() < size {
        let name = entry_tile(frontier.size(), size);
        let bundle = fetch(&name).map_err(ReadError::Fetch)?;
        frontier.extend(entries_of(&name, &bundle)?.iter().map(|entry| leaf_hash(entry)));
    }
    Ok(frontier)
}

/// Whether these, the entries since the last full tile, are the ones that the frontier was made of.
fn ends_in(frontier: &Frontier, known: &[&[u8]]) -> bool {
    let recomputed: Frontier = known.iter().map(|entry| leaf_hash(entry)).collect();
    frontier.nodes().ends_with(recomputed.nodes())
}

/// The entry tile that holds the entry at `position`, as wide as a tree of `size` (> position) has it.
fn entry_tile(position: u64, size: u64) -> TileName {
    let index = position / TILE_WIDTH;
    let width = (size - index * TILE_WIDTH).min(TILE_WIDTH) as u16;
    TileName {
        kind: TileKind::Entries,
        index,
        width,
    }
}

/// The entries that the tile's name speaks of.
fn entries_of<'a, E>(name: &TileName, bundle: &'a [u8]) -> Result<Vec<&'a [u8]>, ReadError<E>> {
    let mut entries = decode_entries(bundle).ok_or_else(|| tile_error(name))?;
    if entries.len() < usize::from(name.width) {
        return Err(tile_error(name));
    }
    entries.truncate(name.width.into());
    Ok(entries)
}

fn tile_error<E>(name: &TileName) -> ReadError<E> {
    ReadError::Tile(name.path())
}
