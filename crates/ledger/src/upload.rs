//! Chunked uploads that become large blobs: resumable, durable before they count.
//!
//! A chunk is on the disk when it is answered. At the last one the name and the digest are noted in the database,
//! then the file is renamed to its digest; a crash between the two is made good at the next question.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use rusqlite::OptionalExtension;
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::folder::size_of;
use crate::inner::Inner;
use crate::reader::digest;
use crate::submission::Digest;
use crate::writer::unsigned;

/// Uploads whose running hash is remembered; the others are read again when they go on.
const REMEMBERED: usize = 1_024;

/// Seconds for which an upload without a new chunk is kept, and a finished one with its name while no act names it
/// (docs/protocol.md §5.7).
pub(crate) const KEPT_S: u64 = 172_800;

/// From this many bytes on a chunk is hashed beside its writing; for fewer a thread costs more than it saves.
const BESIDE: usize = 256 << 10;

/// Uploads by a name of 32 bytes that the client draws.
#[derive(Clone)]
pub struct Uploads {
    pub(crate) inner: Arc<Inner>,
}

/// What came of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Taken; the upload now has this many bytes.
    Taken(u64),
    /// It does not begin where the upload ends; that is here.
    Offset(u64),
    /// That was the last: the blob is durable under this digest.
    Done(Digest, u64),
    /// It would pass the limit.
    TooLarge,
}

/// One upload as far as it came, with the hash of that.
#[derive(Clone, Default)]
pub(crate) struct Progress {
    size: u64,
    pub(crate) hash: Sha256,
}

impl Progress {
    /// Reads a file, with flat memory; one that is not there is empty.
    pub(crate) fn of_file(path: &std::path::Path) -> Result<Self, Error> {
        let mut progress = Self::default();
        if size_of(path)?.is_none() {
            return Ok(progress);
        }
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok(progress);
            }
            progress.hash.update(&buffer[..count]);
            progress.size += count as u64;
        }
    }
}

/// Guards one upload's file.
type Slot = Arc<Mutex<Option<Progress>>>;

/// The uploads that this process knows; the inner lock lets one chunk of an upload in at a time.
#[derive(Default)]
pub(crate) struct Known {
    /// Guards the map only, never while a file is touched.
    uploads: Mutex<HashMap<[u8; 32], Slot>>,
}

impl Known {
    fn slot(&self, name: &[u8; 32]) -> Slot {
        let mut uploads = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
        if uploads.len() >= REMEMBERED {
            // Those in use stay, so that two chunks of one upload never run side by side.
            uploads.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(uploads.entry(*name).or_default())
    }

    fn forget(&self, name: &[u8; 32]) {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Uploads {
    /// Bytes so far; a finished upload gives its blob's size.
    ///
    /// # Errors
    /// Storage.
    pub fn offset(&self, name: &[u8; 32]) -> Result<u64, Error> {
        let slot = self.inner.uploads.slot(name);
        let _guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, size)) = self.finished(name)? {
            return Ok(size);
        }
        Ok(size_of(&self.inner.shared.folder.upload(name))?.unwrap_or(0))
    }

    /// Appends a chunk at `at`; `total` stands in the last chunk. Repeating a chunk that was taken is harmless.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`].
    pub fn put(&self, name: &[u8; 32], at: u64, chunk: &[u8], total: Option<u64>, max: u64) -> Result<Chunk, Error> {
        let shared = &self.inner.shared;
        shared.healthy()?;
        let slot = self.inner.uploads.slot(name);
        let mut progress = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(end) = at.checked_add(chunk.len() as u64).filter(|end| *end <= max) else {
            return Ok(Chunk::TooLarge);
        };
        if let Some((digest, size)) = self.finished(name)? {
            return Ok(if end == size {
                Chunk::Done(digest, size)
            } else {
                Chunk::Offset(size)
            });
        }
        let path = shared.folder.upload(name);
        let current = match progress.take() {
            Some(known) if size_of(&path)?.unwrap_or(0) == known.size => known,
            _ => Progress::of_file(&path)?,
        };
        let is_repeated = end <= current.size && at < current.size;
        if (at != current.size && !is_repeated) || total.is_some_and(|total| total != end || end < current.size) {
            let size = current.size;
            *progress = Some(current);
            return Ok(Chunk::Offset(size));
        }
        let current = if is_repeated {
            current
        } else {
            self.append(current, &path, chunk)?
        };
        if total.is_none() {
            let size = current.size;
            *progress = Some(current);
            return Ok(Chunk::Taken(size));
        }
        let done = (current.hash.finalize().into(), current.size);
        self.finish(name, &done.0, done.1)
            .inspect_err(|error| shared.note(error))?;
        self.inner.uploads.forget(name);
        Ok(Chunk::Done(done.0, done.1))
    }

    /// Removes what nobody added to for two days, measured by the file's own time, which is the end of a day.
    pub(crate) fn expire(&self, now: u64) -> Result<(), Error> {
        let shared = &self.inner.shared;
        for file in std::fs::read_dir(shared.folder.uploads())? {
            let path = file?.path();
            let name = path
                .file_name()
                .and_then(|name| HEXLOWER.decode(name.as_encoded_bytes()).ok());
            let slot = name.and_then(|name| Some(self.inner.uploads.slot(&name.try_into().ok()?)));
            let mut progress = slot
                .as_ref()
                .map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner));
            let Ok(changed) = std::fs::metadata(&path).and_then(|metadata| metadata.modified()) else {
                continue;
            };
            let age = UNIX_EPOCH
                .checked_add(Duration::from_secs(now))
                .map(|now| now.duration_since(changed));
            if age.is_some_and(|age| age.is_ok_and(|age| age.as_secs() >= KEPT_S)) {
                if let Some(progress) = &mut progress {
                    progress.take();
                }
                shared.disk.remove(&path).inspect_err(|error| shared.note(error))?;
            }
        }
        Ok(())
    }

    /// Forgets uploads that were finished two days before `now`, and the blobs of those that nothing else holds.
    pub(crate) fn expire_finished(&self, now: u64) -> Result<(), Error> {
        for (name, digest) in self.inner.act(move |writer| writer.old_uploads(now))? {
            self.inner.act(move |writer| writer.drop_upload(&name, &digest))?;
        }
        Ok(())
    }

    /// Writes a chunk and makes it durable. Without room the upload begins anew: after a sync that failed nobody
    /// knows which of its earlier bytes are on the disk.
    fn append(&self, mut current: Progress, path: &std::path::Path, chunk: &[u8]) -> Result<Progress, Error> {
        let shared = &self.inner.shared;
        let is_new = size_of(path)?.is_none();
        let write = |at: u64| {
            shared.disk.write(path, at, chunk)?;
            if is_new {
                shared.disk.sync_folder(&shared.folder.uploads())?;
            }
            Ok(())
        };
        let at = current.size;
        let hash = &mut current.hash;
        let written = if chunk.len() < BESIDE {
            write(at).inspect(|()| hash.update(chunk))
        } else {
            // The disk is waited for, so the arithmetic costs no time of its own.
            std::thread::scope(|scope| {
                let writing = scope.spawn(|| write(at));
                hash.update(chunk);
                let panicked = |_| Err(Error::Storage("writing a chunk was cut off".into()));
                writing.join().unwrap_or_else(panicked)
            })
        };
        if let Err(error) = written {
            shared.note(&error);
            if matches!(error, Error::Full) {
                shared.disk.remove(path).inspect_err(|error| shared.note(error))?;
            }
            return Err(error);
        }
        current.size += chunk.len() as u64;
        Ok(current)
    }

    /// The blob of a finished upload. What a crash cut off between note and rename is done now; a name whose blob
    /// was deleted since is free again.
    fn finished(&self, name: &[u8; 32]) -> Result<Option<(Digest, u64)>, Error> {
        let shared = &self.inner.shared;
        let sql = "SELECT digest, size FROM upload WHERE name = ?1";
        let row = shared.readers.ask(|db| {
            let row = db.prepare_cached(sql)?.query_row([name.as_slice()], |row| {
                Ok((
                    row.get_ref(0)?.as_blob().ok().map(<[u8]>::to_vec),
                    row.get::<_, i64>(1)?,
                ))
            });
            Ok(row.optional()?)
        })?;
        let Some((bytes, size)) = row else { return Ok(None) };
        let (found, size) = (digest(bytes.as_deref())?, unsigned(size));
        if shared.folder.blob_size(&found)?.is_some() {
            return Ok(Some((found, size)));
        }
        if size_of(&shared.folder.upload(name))? == Some(size) {
            self.rename(name, &found).inspect_err(|error| shared.note(error))?;
            return Ok(Some((found, size)));
        }
        let name = *name;
        self.inner
            .act(move |writer| writer.run("DELETE FROM upload WHERE name = ?1", [name.as_slice()]))?;
        Ok(None)
    }

    fn finish(&self, name: &[u8; 32], digest: &Digest, size: u64) -> Result<(), Error> {
        let (row, found) = (*name, *digest);
        self.inner.act(move |writer| writer.note_upload(&row, &found, size))?;
        self.rename(name, digest)
    }

    fn rename(&self, name: &[u8; 32], digest: &Digest) -> Result<(), Error> {
        let shared = &self.inner.shared;
        shared.folder.adopt(&shared.folder.upload(name), digest, &shared.disk)
    }
}
