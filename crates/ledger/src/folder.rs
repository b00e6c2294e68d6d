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
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;

use crate::disk::Metered;
use crate::error::Error;
use crate::submission::Digest;

/// Format of stores that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// A store's folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Guards the digests whose file has its name already, but perhaps not durably: they count as not here.
    unsettled: Arc<Mutex<HashSet<Digest>>>,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            unsettled: Arc::default(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("ledger.sqlite")
    }

    /// Bytes in the database's write-ahead log. It never shrinks while it is in use.
    pub(crate) fn log_size(&self) -> Result<u64, Error> {
        Ok(size_of(&self.log())?.unwrap_or(0))
    }

    /// The database's write-ahead log.
    pub(crate) fn log(&self) -> PathBuf {
        let mut log = self.database().into_os_string();
        log.push("-wal");
        log.into()
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(crate) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    pub(crate) fn packs(&self) -> PathBuf {
        self.root.join("packs")
    }

    /// A file of small blobs.
    pub(crate) fn pack(&self, pack: i64) -> PathBuf {
        self.packs().join(pack.to_string())
    }

    /// Where a large blob lies.
    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        let name = HEXLOWER.encode(digest);
        self.blobs().join(&name[..2]).join(name)
    }

    /// Where an upload grows.
    pub(crate) fn upload(&self, name: &[u8; 32]) -> PathBuf {
        self.uploads().join(HEXLOWER.encode(name))
    }

    /// Where a large blob of a submission is written before it gets its name.
    pub(crate) fn draft(&self, number: u64) -> PathBuf {
        self.uploads().join(format!("{number}.draft"))
    }

    /// Size of a large blob, if it is here, durable.
    pub(crate) fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        if self
            .unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(digest)
        {
            return Ok(None);
        }
        size_of(&self.blob(digest))
    }

    /// Gives a complete, durable file the name of its digest; it counts once that name is durable too.
    pub(crate) fn adopt(&self, from: &Path, digest: &Digest, disk: &Metered) -> Result<(), Error> {
        let to = self.blob(digest);
        if let Some(folder) = to.parent().filter(|folder| !folder.is_dir()) {
            disk.make_folder(folder)?;
        }
        self.unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(*digest);
        // After an error the mark stays: nobody knows whether the name will survive.
        disk.rename(from, &to)?;
        self.unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(digest);
        Ok(())
    }

    /// Takes the lock; it is held as long as the file lives.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.root.join("LOCK"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::Busy(self.root.clone())),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The format on disk, `None` in a folder without a store; a newer one is refused.
    pub(crate) fn format(&self) -> Result<Option<u32>, Error> {
        let text = match std::fs::read_to_string(self.root.join("format")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found = text
            .trim_end()
            .parse()
            .map_err(|_| Error::Damaged("the format is no number".into()))?;
        if found > FORMAT {
            return Err(Error::Newer { found, known: FORMAT });
        }
        Ok(Some(found))
    }

    /// Makes the folders, and the database's file so that it is its owner's from the first byte.
    pub(crate) fn prepare(&self, disk: &Metered) -> Result<(), Error> {
        for folder in [self.blobs(), self.packs(), self.uploads()] {
            disk.make_folder(&folder)?;
        }
        disk.write(&self.database(), 0, &[])?;
        disk.sync_folder(&self.root)
    }

    /// Writes the format: from here on this is a store.
    pub(crate) fn seal_format(&self, disk: &Metered) -> Result<(), Error> {
        let draft = self.root.join("format.new");
        disk.write(&draft, 0, format!("{FORMAT}\n").as_bytes())?;
        disk.rename(&draft, &self.root.join("format"))
    }

    /// Clears what a crash left: drafts go, and every name that may be in the cache only is made durable, for large
    /// blobs are judged by their name.
    pub(crate) fn settle(&self, disk: &Metered) -> Result<(), Error> {
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

/// Size of a file, if it is there.
pub(crate) fn size_of(path: &Path) -> Result<Option<u64>, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
