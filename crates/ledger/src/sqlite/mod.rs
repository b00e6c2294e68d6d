//! The embedded backend: one SQLite database, small blobs in packs, large ones and uploads as files, all in one folder
//! on one disk. Nothing outside this module names a path or a statement of SQL.

pub mod backup;
pub mod disk;
mod error;
mod folder;
pub mod fsck;
mod pack;
mod reader;
pub mod rebuild;
mod schema;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::ledger::Ledger;
use crate::store::{Store, StoreReader};

use disk::{Disk, Metered, Native};
use folder::{Files, Folder, Lock};
use pack::{Packs, Place};
use reader::Readers;
use writer::SqliteWriter;

pub use folder::FORMAT;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder that holds everything.
    pub folder: PathBuf,
    /// Blobs up to this many bytes lie in packs; larger ones are files.
    pub inline_max: usize,
}

/// Opens or makes a store and starts its ledger.
///
/// # Errors
/// [`Error::Busy`], [`Error::Newer`], [`Error::Damaged`], [`Error::Full`], [`Error::Storage`].
pub fn open(options: &Options) -> Result<Ledger, Error> {
    open_on(options, Arc::new(Native))
}

/// As [`open`], on a disk of the caller's: tests make it fail.
///
/// # Errors
/// As [`open`].
pub fn open_on(options: &Options, disk: Arc<dyn Disk>) -> Result<Ledger, Error> {
    let store = Arc::new(Sqlite::open(&options.folder, disk)?);
    let files = Arc::new(store.files());
    Ledger::start(store, files, options.inline_max)
}

/// The [`Store`] of a folder.
pub struct Sqlite {
    kept: Arc<Kept>,
    readers: Readers,
    /// Guards the lock file: dropped when the store is closed.
    lock: Mutex<Option<Lock>>,
}

/// What the writer shares with the store.
struct Kept {
    folder: Folder,
    disk: Arc<Metered>,
    packs: Arc<Packs>,
    /// Guards the places that were overwritten, until a transaction forgets them.
    overwritten: Mutex<Vec<Place>>,
    /// Guards the packs that a transaction forgot, until their files are removed.
    emptied: Mutex<Vec<i64>>,
}

impl Sqlite {
    /// Opens or makes the store of a folder.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(folder: &Path, disk: Arc<dyn Disk>) -> Result<Self, Error> {
        let folder = Folder::new(folder);
        let disk = Arc::new(Metered::new(disk));
        disk.make_folder(folder.root())?;
        let lock = folder.lock()?;
        let is_new = folder.format()?.is_none();
        folder.prepare(&disk)?;
        schema::make_tables(&schema::open_writer(&folder)?)?;
        if is_new {
            folder.seal_format(&disk)?;
        }
        folder.settle(&disk)?;
        let packs = Arc::new(Packs::new(&folder));
        Ok(Self {
            readers: Readers::new(&folder, &packs),
            kept: Arc::new(Kept {
                folder,
                disk,
                packs,
                overwritten: Mutex::default(),
                emptied: Mutex::default(),
            }),
            lock: Mutex::new(Some(lock)),
        })
    }

    /// The [`crate::store::Blobs`] of the same folder.
    pub fn files(&self) -> impl crate::store::Blobs + use<> {
        Files::new(&self.kept.folder, &self.kept.disk)
    }
}

impl Store for Sqlite {
    fn writer(&self) -> Result<Box<dyn crate::store::StoreWriter>, Error> {
        Ok(Box::new(SqliteWriter::open(&self.kept)?))
    }

    fn read(&self, question: &mut dyn FnMut(&dyn StoreReader) -> Result<(), Error>) -> Result<(), Error> {
        self.readers.ask(|db| question(db))
    }

    fn overwrite(&self) -> Result<bool, Error> {
        let (places, is_due) = self.readers.ask(|db| Ok((db.to_erase()?, db.has_empty_packs()?)))?;
        for place in &places {
            self.kept.packs.erase(*place, &self.kept.disk)?;
        }
        let is_due = is_due || !places.is_empty();
        guard(&self.kept.overwritten).extend(places);
        Ok(is_due)
    }

    fn release(&self) -> Result<(), Error> {
        let emptied = std::mem::take(&mut *guard(&self.kept.emptied));
        for pack in emptied {
            // A transaction that was undone has forgotten nothing.
            if !self.readers.ask(|db| db.has_pack(pack))? {
                self.kept.packs.forget(pack);
                self.kept.disk.remove(&self.kept.folder.pack(pack))?;
            }
        }
        Ok(())
    }

    fn copy(&self, to: &str) -> Result<(), Error> {
        backup::backup(&self.kept.folder, &self.readers, &self.kept.disk, Path::new(to))
    }

    fn fsyncs(&self) -> u64 {
        self.kept.disk.fsyncs()
    }

    fn close(&self) {
        self.readers.close();
        guard(&self.lock).take();
    }
}

fn guard<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SQLite's integers are signed; times, steps and sizes beyond its range mean «never» and are held at its end.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Back from SQLite; what we stored is never negative.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
