//! Packs: files to which the small blobs of a whole batch are appended at once and made durable just before the
//! commit that names them. So their bytes are written once, not first to a log and then to a database.
//!
//! What counts is what the database says: bytes beyond a pack's size there belong to acts that were never committed,
//! and the next batch overwrites them. Only the sequencer writes to the last pack; nothing in a pack moves.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

use rusqlite::Row;

use super::disk::{Handle, Metered};
use super::folder::Folder;
use super::{guard, signed, unsigned};
use crate::error::Error;

/// Bytes after which the next pack begins.
const PACK_MAX: u64 = 256 << 20;

/// Files kept open for readers.
const OPEN_MAX: usize = 64;

/// Where a small blob lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) pack: i64,
    pub(super) start: u64,
    pub(super) size: u64,
}

impl Place {
    /// From the first three columns of a row.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            pack: row.get(0)?,
            start: unsigned(row.get(1)?),
            size: unsigned(row.get(2)?),
        })
    }
}

/// The last pack, open for appending, and what the open transaction adds to it.
pub(super) struct Packer {
    folder: Folder,
    disk: Arc<Metered>,
    pack: i64,
    /// Committed bytes.
    end: u64,
    handle: Option<Box<dyn Handle>>,
    fresh: Vec<u8>,
    blobs: i64,
}

impl Packer {
    /// Goes on where the database says that the last pack ends: its number and size.
    pub(super) fn new(last: Option<(i64, i64)>, folder: &Folder, disk: Arc<Metered>) -> Self {
        let (pack, end) = last.unwrap_or((1, 0));
        let (handle, fresh) = (None, Vec::new());
        Self {
            folder: folder.clone(),
            disk,
            pack,
            end: unsigned(end),
            handle,
            fresh,
            blobs: 0,
        }
    }

    /// Takes a blob into the open transaction.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Place {
        if self.fresh.is_empty() && self.end >= PACK_MAX {
            (self.pack, self.end, self.handle) = (self.pack + 1, 0, None);
        }
        let place = Place {
            pack: self.pack,
            start: self.end + self.fresh.len() as u64,
            size: bytes.len() as u64,
        };
        self.fresh.extend_from_slice(bytes);
        self.blobs += 1;
        place
    }

    /// One of the open transaction's blobs was deleted in it.
    pub(super) fn forget_one(&mut self) {
        self.blobs -= 1;
    }

    /// Makes the bytes of the open transaction durable; gives the pack, its new size and the number of blobs added.
    pub(super) fn write(&mut self) -> Result<Option<(i64, i64, i64)>, Error> {
        if self.blobs == 0 && self.fresh.is_empty() {
            return Ok(None);
        }
        let handle = match &mut self.handle {
            Some(handle) => handle,
            none => {
                let handle = self.disk.open(&self.folder.pack(self.pack))?;
                self.disk.sync_folder(&self.folder.packs())?;
                none.insert(handle)
            }
        };
        handle.write(self.end, &self.fresh)?;
        self.disk.sync(handle.as_mut())?;
        Ok(Some((
            self.pack,
            signed(self.end + self.fresh.len() as u64),
            self.blobs,
        )))
    }

    /// The transaction is durable.
    pub(super) fn commit(&mut self) {
        self.end += self.fresh.len() as u64;
        self.rollback();
    }

    /// The transaction was undone; its bytes will be overwritten.
    pub(super) fn rollback(&mut self) {
        self.fresh.clear();
        self.blobs = 0;
    }
}

/// Reads from packs, with files kept open.
pub(super) struct Packs {
    folder: Folder,
    /// Guards the open files, never while one is read.
    open: Mutex<HashMap<i64, Arc<File>>>,
}

impl Packs {
    pub(super) fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            open: Mutex::default(),
        }
    }

    pub(super) fn read(&self, place: Place) -> Result<Vec<u8>, Error> {
        let known = guard(&self.open).get(&place.pack).map(Arc::clone);
        let file = match known {
            Some(file) => file,
            None => {
                let file = Arc::new(File::open(self.folder.pack(place.pack)).map_err(|_| torn())?);
                let mut open = guard(&self.open);
                if open.len() >= OPEN_MAX {
                    open.clear();
                }
                open.insert(place.pack, Arc::clone(&file));
                file
            }
        };
        let mut bytes = vec![0; usize::try_from(place.size).map_err(|_| torn())?];
        file.read_exact_at(&mut bytes, place.start).map_err(|_| torn())?;
        Ok(bytes)
    }

    /// Overwrites a place.
    pub(super) fn erase(&self, place: Place, disk: &Metered) -> Result<(), Error> {
        let zeros = vec![0; usize::try_from(place.size).map_err(|_| torn())?];
        disk.write(&self.folder.pack(place.pack), place.start, &zeros)
    }

    /// A pack was removed.
    pub(super) fn forget(&self, pack: i64) {
        guard(&self.open).remove(&pack);
    }
}

fn torn() -> Error {
    Error::Damaged("a pack does not hold what it should".into())
}

/// Notes a commit's part of a pack in the open transaction.
pub(super) const GROW: &str = "INSERT INTO pack (id, size, live) VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET size = excluded.size, live = live + excluded.live";
