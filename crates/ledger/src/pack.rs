//! Packs: files to which the small blobs of a whole batch are appended at once and made durable just before the
//! commit that names them. So their bytes are written once, not first to a log and then to a database.
//!
//! What counts is what the database says: bytes beyond a pack's size there belong to acts that were never committed,
//! and the next batch overwrites them. Only the sequencer writes to the last pack; nothing in a pack moves.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::disk::{Handle, Metered};
use crate::error::Error;
use crate::folder::Folder;
use crate::writer::{signed, unsigned};

/// Bytes after which the next pack begins.
const PACK_MAX: u64 = 256 << 20;

/// Files kept open for readers.
const OPEN_MAX: usize = 64;

/// Where a small blob lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) pack: i64,
    pub(crate) start: u64,
    pub(crate) size: u64,
}

/// The last pack, open for appending, and what the open transaction adds to it.
pub(crate) struct Packer {
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
    /// Goes on where the database says that the last pack ends.
    pub(crate) fn open(db: &Connection, folder: &Folder, disk: Arc<Metered>) -> Result<Self, Error> {
        let sql =
            "SELECT coalesce(max(id), 1), coalesce((SELECT size FROM pack ORDER BY id DESC LIMIT 1), 0) FROM pack";
        let (pack, end): (i64, i64) = db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (handle, fresh) = (None, Vec::new());
        Ok(Self {
            folder: folder.clone(),
            disk,
            pack,
            end: unsigned(end),
            handle,
            fresh,
            blobs: 0,
        })
    }

    /// Takes a blob into the open transaction.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Place {
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
    pub(crate) fn forget_one(&mut self) {
        self.blobs -= 1;
    }

    /// Makes the bytes of the open transaction durable; gives the pack, its new size and the number of blobs added.
    pub(crate) fn write(&mut self) -> Result<Option<(i64, i64, i64)>, Error> {
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
    pub(crate) fn commit(&mut self) {
        self.end += self.fresh.len() as u64;
        self.rollback();
    }

    /// The transaction was undone; its bytes will be overwritten.
    pub(crate) fn rollback(&mut self) {
        self.fresh.clear();
        self.blobs = 0;
    }
}

/// Reads from packs, with files kept open.
pub(crate) struct Packs {
    folder: Folder,
    /// Guards the open files, never while one is read.
    open: Mutex<HashMap<i64, Arc<File>>>,
}

impl Packs {
    pub(crate) fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            open: Mutex::default(),
        }
    }

    pub(crate) fn read(&self, place: Place) -> Result<Vec<u8>, Error> {
        let known = self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&place.pack)
            .map(Arc::clone);
        let file = match known {
            Some(file) => file,
            None => {
                let file = Arc::new(File::open(self.folder.pack(place.pack)).map_err(|_| torn())?);
                let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// A pack was removed.
    pub(crate) fn forget(&self, pack: i64) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&pack);
    }
}

fn torn() -> Error {
    Error::Damaged("a pack does not hold what it should".into())
}

/// Overwrites what was deleted, as far as that has not been done, and forgets that it was to be done.
pub(crate) fn erase(db: &Connection, folder: &Folder, disk: &Metered) -> Result<Vec<Place>, Error> {
    let mut statement = db.prepare_cached("SELECT pack, start, size FROM erase")?;
    let rows = statement.query_map([], |row| {
        Ok(Place {
            pack: row.get(0)?,
            start: unsigned(row.get(1)?),
            size: unsigned(row.get(2)?),
        })
    })?;
    let places: Vec<Place> = rows.collect::<Result<_, _>>()?;
    for place in &places {
        let zeros = vec![0; usize::try_from(place.size).map_err(|_| torn())?];
        disk.write(&folder.pack(place.pack), place.start, &zeros)?;
    }
    Ok(places)
}

/// Notes a commit's part of a pack in the open transaction.
pub(crate) const GROW: &str = "INSERT INTO pack (id, size, live) VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET size = excluded.size, live = live + excluded.live";

/// Values for a row of `blob`.
pub(crate) fn row(digest: &crate::submission::Digest, place: Place) -> impl rusqlite::Params {
    (digest.to_vec(), place.pack, signed(place.start), signed(place.size))
}
