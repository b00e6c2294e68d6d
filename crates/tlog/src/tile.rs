//! Tiles: names, paths, bytes (`tlog-tiles`).

use std::fmt::Write;

use crate::decimal;
use crate::hash::Hash;

/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// Longest entry that a bundle can hold, in bytes.
pub const ENTRY_SIZE_MAX: usize = u16::MAX as usize;

/// Tile levels that a tree of less than 2^64 leaves can have.
const LEVELS: u8 = 8;
/// Greatest level that a path may name.
const LEVEL_MAX: u64 = 63;

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
        let mut path = match self.kind {
            TileKind::Hash(level) => format!("tile/{level}"),
            TileKind::Entries => "tile/entries".to_owned(),
        };
        let mut unit = 1;
        while self.index / unit >= 1000 {
            unit *= 1000;
        }
        // Writing into a string cannot fail.
        while unit > 1 {
            let _ = write!(path, "/x{:03}", self.index / unit % 1000);
            unit /= 1000;
        }
        let _ = write!(path, "/{:03}", self.index % 1000);
        if u64::from(self.width) < TILE_WIDTH {
            let _ = write!(path, ".p/{}", self.width);
        }
        path
    }

    /// Reads a path that [`Self::path`] would write, without a leading slash; anything else is `None`.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let kind = match level {
            "entries" => TileKind::Entries,
            _ => TileKind::Hash(u8::try_from(decimal::parse(level).filter(|level| *level <= LEVEL_MAX)?).ok()?),
        };
        let (digits, width) = match rest.split_once(".p/") {
            Some((digits, width)) => (digits, decimal::parse(width).filter(|w| (1..TILE_WIDTH).contains(w))?),
            None => (rest, TILE_WIDTH),
        };
        let mut index: u64 = 0;
        for part in digits.split('/') {
            let group = part
                .strip_prefix('x')
                .unwrap_or(part)
                .parse::<u16>()
                .ok()
                .filter(|group| *group < 1000)?;
            index = index.checked_mul(1000)?.checked_add(group.into())?;
        }
        let name = Self {
            kind,
            index,
            width: u16::try_from(width).ok()?,
        };
        // Whatever the loop above was too lenient about is no path that we would write.
        (name.path() == path).then_some(name)
    }
}

/// The tiles that a tree of `size` leaves has, of both kinds, that a tree of `old_size` had not (partial ones included).
///
/// Entries come first, then hashes by level.
pub fn new_tiles(old_size: u64, size: u64) -> Vec<TileName> {
    let mut tiles = Vec::new();
    push_new(&mut tiles, TileKind::Entries, old_size, size);
    for level in 0..LEVELS {
        push_new(
            &mut tiles,
            TileKind::Hash(level),
            old_size >> (8 * level),
            size >> (8 * level),
        );
    }
    tiles
}

/// Every tile of a tree of `size` leaves, each once, partial ones only where the tree ends.
pub fn tiles_of(size: u64) -> Vec<TileName> {
    new_tiles(0, size)
}

/// The new tiles of one kind, which has grown from `old_count` to `count` hashes or entries.
fn push_new(tiles: &mut Vec<TileName>, kind: TileKind, old_count: u64, count: u64) {
    if old_count >= count {
        return;
    }
    tiles.extend((old_count / TILE_WIDTH..count / TILE_WIDTH).map(|index| TileName {
        kind,
        index,
        width: 256,
    }));
    let width = (count % TILE_WIDTH) as u16;
    if width > 0 {
        tiles.push(TileName {
            kind,
            index: count / TILE_WIDTH,
            width,
        });
    }
}

/// Entry bundle: u16 big-endian length before each entry.
///
/// # Panics
/// On an entry above [`ENTRY_SIZE_MAX`], which no bundle can hold: the writer of a log bounds its entries before.
pub fn encode_entries<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bundle = Vec::new();
    for entry in entries {
        assert!(entry.len() <= ENTRY_SIZE_MAX, "an entry is at most 65,535 bytes");
        bundle.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    bundle
}

/// Splits an entry bundle; `None` when it is malformed or holds more than 256 entries.
pub fn decode_entries(bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        rest = after;
    }
    (entries.len() as u64 <= TILE_WIDTH).then_some(entries)
}

/// Joins hashes.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Splits hashes; `None` when the length is not a multiple of 32 or there are more than 256.
pub fn decode_hashes(tile: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = tile.as_chunks::<32>();
    (rest.is_empty() && hashes.len() as u64 <= TILE_WIDTH).then(|| hashes.iter().copied().map(Hash).collect())
}
