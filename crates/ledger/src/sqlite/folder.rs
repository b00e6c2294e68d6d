//! The layout of a store's folder, its lock and its format.
//!
//! ```text
//! LOCK            held by the process that has the store open
//! format          one decimal number
//! ledger.sqlite   everything else, with its write-ahead log beside it
//! packs/<n>       small blobs, appended batch by batch
//! blobs/ab/<hex>  large blobs by digest, complete and durable
//! uploads/<hex>   what is still arriving
//! ```

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use super::disk::Metered;
use super::guard;
use crate::error::Error;
use crate::store::{Blobs, Content};
use crate::submission::Digest;

/// Format of stores that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// The lock of a folder, held as long as this lives.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file is not enough: a child that another thread has just forked shares the lock until it runs
        // its program. Where unlocking fails, closing is what is left.
        let _ = self.0.unlock();
    }
}

/// A store's folder.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Guards the digests whose file has its name already, but perhaps not durably: they count as not here.
    unsettled: Arc<Mutex<HashSet<Digest>>>,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            unsettled: Arc::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn database(&self) -> PathBuf {
        self.root.join("ledger.sqlite")
    }

    /// Bytes in the database's write-ahead log. It never shrinks while it is in use.
    pub(super) fn log_size(&self) -> Result<u64, Error> {
        Ok(size_of(&self.log())?.unwrap_or(0))
    }

    /// The database's write-ahead log.
    pub(super) fn log(&self) -> PathBuf {
        let mut log = self.database().into_os_string();
        log.push("-wal");
        log.into()
    }

    /// Whether something of this name belongs to a store.
    pub(super) fn is_part(name: &OsStr) -> bool {
        let name = name.to_string_lossy();
        let fixed = ["blobs", "packs", "uploads", "LOCK", "format", "format.new"];
        fixed.contains(&name.as_ref()) || name.starts_with("ledger.sqlite")
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(super) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    pub(super) fn packs(&self) -> PathBuf {
        self.root.join("packs")
    }

    /// A file of small blobs.
    pub(super) fn pack(&self, pack: i64) -> PathBuf {
        self.packs().join(pack.to_string())
    }

    /// Where a large blob lies.
    pub(super) fn blob(&self, digest: &Digest) -> PathBuf {
        let name = base16ct::lower::encode_string(digest);
        self.blobs().join(&name[..2]).join(name)
    }

    /// Where an upload grows.
    pub(super) fn upload(&self, name: &[u8; 32]) -> PathBuf {
        self.uploads().join(base16ct::lower::encode_string(name))
    }

    /// Where a large blob of a submission is written before it gets its name.
    pub(super) fn draft(&self, number: u64) -> PathBuf {
        self.uploads().join(format!("{number}.draft"))
    }

    /// Where it is tried whether the disk is full.
    pub(super) fn probe(&self) -> PathBuf {
        self.uploads().join("probe.draft")
    }

    /// Size of a large blob, if it is here, durable.
    pub(super) fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        if guard(&self.unsettled).contains(digest) {
            return Ok(None);
        }
        size_of(&self.blob(digest))
    }

    /// Gives a complete, durable file the name of its digest; it counts once that name is durable too.
    pub(super) fn adopt(&self, from: &Path, digest: &Digest, disk: &Metered) -> Result<(), Error> {
        let to = self.blob(digest);
        if let Some(folder) = to.parent().filter(|folder| !folder.is_dir()) {
            disk.make_folder(folder)?;
        }
        guard(&self.unsettled).insert(*digest);
        // After an error the mark stays: nobody knows whether the name will survive.
        disk.rename(from, &to)?;
        guard(&self.unsettled).remove(digest);
        Ok(())
    }

    /// Takes the lock of the folder.
    pub(super) fn lock(&self) -> Result<Lock, Error> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.root.join("LOCK"))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(Error::Busy(self.root.display().to_string())),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The format on disk, `None` in a folder without a store; a newer one is refused.
    pub(super) fn format(&self) -> Result<Option<u32>, Error> {
        let text = match std::fs::read_to_string(self.root.join("format")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found = text
            .trim_end()
            .parse()
            .map_err(|_| Error::Damaged("the format is not a number".into()))?;
        if found > FORMAT {
            return Err(Error::Newer { found, known: FORMAT });
        }
        Ok(Some(found))
    }

    /// Makes the folders, and the database's file so that it is its owner's from the first byte.
    pub(super) fn prepare(&self, disk: &Metered) -> Result<(), Error> {
        for folder in [self.blobs(), self.packs(), self.uploads()] {
            disk.make_folder(&folder)?;
        }
        disk.write(&self.database(), 0, &[])?;
        disk.sync_folder(&self.root)
    }

    /// Writes the format: from here on this is a store.
    pub(super) fn seal_format(&self, disk: &Metered) -> Result<(), Error> {
        let draft = self.root.join("format.new");
        disk.write(&draft, 0, format!("{FORMAT}\n").as_bytes())?;
        disk.rename(&draft, &self.root.join("format"))
    }

    /// Clears what a crash left: drafts go, and every name that may be in the cache only is made durable, for large
    /// blobs are judged by their name.
    pub(super) fn settle(&self, disk: &Metered) -> Result<(), Error> {
        for file in std::fs::read_dir(self.uploads())? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "draft") {
                disk.remove(&path)?;
            }
        }
        for folder in std::fs::read_dir(self.blobs())? {
            disk.sync_folder(&folder?.path())?;
        }
        disk.sync_folder(&self.blobs())?;
        disk.sync_folder(&self.packs())?;
        disk.sync_folder(&self.uploads())
    }
}

/// Large blobs and uploads, as files.
pub(super) struct Files {
    folder: Folder,
    disk: Arc<Metered>,
    drafts: AtomicU64,
}

impl Files {
    pub(super) fn new(folder: &Folder, disk: &Arc<Metered>) -> Self {
        Self {
            folder: folder.clone(),
            disk: Arc::clone(disk),
            drafts: AtomicU64::new(0),
        }
    }
}

impl Blobs for Files {
    fn size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        self.folder.blob_size(digest)
    }

    fn open(&self, digest: &Digest) -> Result<Option<Box<dyn Content>>, Error> {
        match self.folder.blob_size(digest)? {
            Some(_) => open(&self.folder.blob(digest)),
            None => Ok(None),
        }
    }

    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        let draft = self.folder.draft(self.drafts.fetch_add(1, Ordering::Relaxed));
        if let Err(error) = self.disk.write(&draft, 0, bytes) {
            // Full: what was begun goes. The error that counts is the first.
            let _ = self.disk.remove(&draft);
            return Err(error);
        }
        self.folder.adopt(&draft, digest, &self.disk)
    }

    fn remove(&self, digest: &Digest) -> Result<(), Error> {
        self.disk.remove(&self.folder.blob(digest))
    }

    fn upload_size(&self, name: &Digest) -> Result<Option<u64>, Error> {
        size_of(&self.folder.upload(name))
    }

    fn open_upload(&self, name: &Digest) -> Result<Option<Box<dyn Content>>, Error> {
        open(&self.folder.upload(name))
    }

    fn append(&self, name: &Digest, at: u64, chunk: &[u8]) -> Result<(), Error> {
        let path = self.folder.upload(name);
        let is_new = size_of(&path)?.is_none();
        self.disk.write(&path, at, chunk)?;
        if is_new {
            self.disk.sync_folder(&self.folder.uploads())?;
        }
        Ok(())
    }

    fn adopt(&self, name: &Digest, digest: &Digest) -> Result<(), Error> {
        self.folder.adopt(&self.folder.upload(name), digest, &self.disk)
    }

    fn drop_upload(&self, name: &Digest) -> Result<(), Error> {
        self.disk.remove(&self.folder.upload(name))
    }

    fn uploads(&self) -> Result<Vec<Digest>, Error> {
        let mut uploads = Vec::new();
        for file in std::fs::read_dir(self.folder.uploads())? {
            let name = base16ct::lower::decode_vec(file?.file_name().as_encoded_bytes()).ok();
            uploads.extend(name.and_then(|name| Digest::try_from(name).ok()));
        }
        Ok(uploads)
    }

    /// Its file's own time, which is the end of a day.
    fn grew_at(&self, name: &Digest) -> Result<Option<u64>, Error> {
        let modified = match std::fs::metadata(self.folder.upload(name)) {
            Ok(metadata) => metadata.modified()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(
            modified.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        ))
    }
}

/// A file as it was opened: it is read to its end even when it is removed meanwhile.
struct Opened {
    file: File,
    size: u64,
}

pub(super) fn open(path: &Path) -> Result<Option<Box<dyn Content>>, Error> {
    match File::open(path) {
        Ok(file) => {
            let size = file.metadata()?.len();
            Ok(Some(Box::new(Opened { file, size })))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Content for Opened {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, at: u64, limit: usize) -> Result<Vec<u8>, Error> {
        let rest = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; rest.min(limit)];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }
}

/// Size of a file, if it is there.
pub(super) fn size_of(path: &Path) -> Result<Option<u64>, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that was forked while the lock was held has the file open as well.
    #[test]
    fn the_lock_is_free_although_a_child_has_the_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path());
        let lock = store.lock().unwrap();
        let of_a_child = lock.0.try_clone().unwrap();
        assert!(matches!(store.lock(), Err(Error::Busy(_))));
        drop(lock);
        store.lock().unwrap();
        drop(of_a_child);
    }
}
