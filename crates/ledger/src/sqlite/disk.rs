//! Every call that can fail for the disk's sake goes through here, so that tests can make each of them fail.
//!
//! Contract of a [`Disk`]: what was written is there for other readers at once, and survives a power cut once
//! [`Handle::sync`] has returned; a new name or a removed one survives once [`Disk::sync_folder`] of its folder has
//! returned; a rename is all or nothing. Calls to the database come with the act itself: the database keeps its own
//! files, and its own contract is that a commit which returned survives and one that did not leaves nothing.

use std::fs::{DirBuilder, File, FileTimes, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::Error;

/// Which call to the database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseCall {
    /// Opens a transaction.
    Begin,
    /// Changes something within one.
    Statement,
    /// Makes it durable.
    Commit,
    /// Moves what the write-ahead log holds into the database file.
    Checkpoint,
}

/// A file opened for writing.
pub trait Handle: Send {
    /// Writes all bytes at an offset.
    ///
    /// # Errors
    /// The system's.
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything written is durable.
    ///
    /// # Errors
    /// The system's; afterwards nothing is known about the file.
    fn sync(&mut self) -> io::Result<()>;
}

/// The disk as the ledger uses it.
pub trait Disk: Send + Sync + 'static {
    /// Performs a call to the database.
    ///
    /// # Errors
    /// The act's, or the disk's own.
    fn database(&self, call: DatabaseCall, act: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error>;
    /// Opens a file for writing, readable by its owner only; makes it when it is not there.
    ///
    /// # Errors
    /// The system's.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Handle>>;
    /// Makes a folder that only its owner enters, with those above it, and closes one that was open to others.
    ///
    /// # Errors
    /// The system's.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Renames a file, replacing what has the new name.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// The system's.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// The system's own disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

impl Disk for Native {
    fn database(&self, _call: DatabaseCall, act: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        act()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Handle>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        Ok(Box::new(file))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o700))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

impl Handle for File {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }

    fn sync(&mut self) -> io::Result<()> {
        // A file's times would tell when it came; they tell the day only, by its end, so that no age is measured too
        // long.
        let end = day_end(SystemTime::now());
        // Read later than written: so the system does not note when it is read (`relatime`).
        let times = FileTimes::new()
            .set_modified(end)
            .set_accessed(end + Duration::from_secs(DAY_S));
        self.set_times(times)?;
        // Length included; only times are left out.
        self.sync_data()
    }
}

/// Seconds of a day.
const DAY_S: u64 = 86_400;

/// The end of the day (UTC) in which a moment lies.
fn day_end(at: SystemTime) -> SystemTime {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    UNIX_EPOCH + Duration::from_secs((seconds / DAY_S + 1) * DAY_S)
}

/// A disk that counts how often bytes were waited for until they were durable.
pub(super) struct Metered {
    disk: Arc<dyn Disk>,
    fsyncs: AtomicU64,
}

impl Metered {
    pub(super) fn new(disk: Arc<dyn Disk>) -> Self {
        let fsyncs = AtomicU64::new(0);
        Self { disk, fsyncs }
    }

    pub(super) fn fsyncs(&self) -> u64 {
        self.fsyncs.load(Ordering::Relaxed)
    }

    /// As [`Disk::database`]; a commit is one fsync, a checkpoint two (log, then database).
    pub(super) fn database(&self, call: DatabaseCall, act: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        let fsyncs = match call {
            DatabaseCall::Begin | DatabaseCall::Statement => 0,
            DatabaseCall::Commit => 1,
            DatabaseCall::Checkpoint => 2,
        };
        self.fsyncs.fetch_add(fsyncs, Ordering::Relaxed);
        self.disk.database(call, act)
    }

    pub(super) fn open(&self, path: &Path) -> Result<Box<dyn Handle>, Error> {
        Ok(self.disk.open(path)?)
    }

    pub(super) fn sync(&self, handle: &mut dyn Handle) -> Result<(), Error> {
        self.fsyncs.fetch_add(1, Ordering::Relaxed);
        Ok(handle.sync()?)
    }

    /// Writes bytes into a file at an offset and makes them durable.
    pub(super) fn write(&self, path: &Path, at: u64, bytes: &[u8]) -> Result<(), Error> {
        let mut handle = self.disk.open(path)?;
        handle.write(at, bytes)?;
        self.sync(handle.as_mut())
    }

    /// Makes a folder, durable when it is new.
    pub(super) fn make_folder(&self, path: &Path) -> Result<(), Error> {
        let is_new = !path.is_dir();
        self.disk.make_folder(path)?;
        let parent = path.parent().filter(|parent| is_new && !parent.as_os_str().is_empty());
        parent.map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    /// Gives a file a new name in another folder (or the same) and makes both folders durable, the new name first.
    pub(super) fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.disk.rename(from, to)?;
        let (from, to) = (from.parent(), to.parent());
        for folder in to.into_iter().chain(from.filter(|from| Some(*from) != to)) {
            self.sync_folder(folder)?;
        }
        Ok(())
    }

    /// Removes a file for good; one that is not there is no error.
    pub(super) fn remove(&self, path: &Path) -> Result<(), Error> {
        match self.disk.remove(path) {
            Ok(()) => path.parent().map_or(Ok(()), |folder| self.sync_folder(folder)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn sync_folder(&self, path: &Path) -> Result<(), Error> {
        self.fsyncs.fetch_add(1, Ordering::Relaxed);
        Ok(self.disk.sync_folder(path)?)
    }
}
