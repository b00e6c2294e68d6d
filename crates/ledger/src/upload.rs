//! Chunked uploads that become large blobs: resumable, durable before they count.
//!
//! A chunk is durable when it is answered. At the last one the name and the digest are noted in the store, then the
//! upload becomes a blob; a crash between the two is made good at the next question.

use std::sync::{Arc, PoisonError};

use sha2::Digest as _;

use crate::error::Error;
use crate::inner::Inner;
use crate::progress::Progress;
use crate::store::{Blobs, Change};
use crate::submission::Digest;

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

impl Uploads {
    /// Bytes so far; a finished upload gives its blob's size.
    ///
    /// # Errors
    /// Storage.
    pub fn offset(&self, name: &Digest) -> Result<u64, Error> {
        let slot = self.inner.uploads.slot(name);
        let _guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, size)) = self.finished(name)? {
            return Ok(size);
        }
        Ok(self.blobs().upload_size(name)?.unwrap_or(0))
    }

    /// Appends a chunk at `at`; `total` stands in the last chunk. Repeating a chunk that was taken is harmless.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`].
    pub fn put(&self, name: &Digest, at: u64, chunk: &[u8], total: Option<u64>, max: u64) -> Result<Chunk, Error> {
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
        let current = match progress.take() {
            Some(known) if self.blobs().upload_size(name)?.unwrap_or(0) == known.size => known,
            _ => Progress::of(self.blobs().open_upload(name)?.as_deref())?,
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
            self.append(current, name, chunk)?
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

    /// Removes what nobody added to for two days.
    pub(crate) fn expire(&self, now: u64) -> Result<(), Error> {
        for name in self.blobs().uploads()? {
            let slot = self.inner.uploads.slot(&name);
            let mut progress = slot.lock().unwrap_or_else(PoisonError::into_inner);
            let grew_at = self.blobs().grew_at(&name)?;
            if grew_at.is_some_and(|at| at.saturating_add(KEPT_S) <= now) {
                progress.take();
                let dropped = self.blobs().drop_upload(&name);
                dropped.inspect_err(|error| self.inner.shared.note(error))?;
            }
        }
        Ok(())
    }

    /// Forgets uploads that were finished two days before `now`, and the blobs of those that nothing else holds.
    pub(crate) fn expire_finished(&self, now: u64) -> Result<(), Error> {
        for (name, digest) in self.inner.act(move |batch| batch.old_uploads(now))? {
            self.inner.act(move |batch| batch.drop_upload(&name, &digest))?;
        }
        Ok(())
    }

    /// Writes a chunk and makes it durable. Without room the upload begins anew: after a sync that failed nobody
    /// knows which of its earlier bytes are on the disk.
    fn append(&self, mut current: Progress, name: &Digest, chunk: &[u8]) -> Result<Progress, Error> {
        let (at, hash) = (current.size, &mut current.hash);
        let write = || self.blobs().append(name, at, chunk);
        let written = if chunk.len() < BESIDE {
            write().inspect(|()| hash.update(chunk))
        } else {
            // The disk is waited for, so the arithmetic costs no time of its own.
            std::thread::scope(|scope| {
                let writing = scope.spawn(write);
                hash.update(chunk);
                let panicked = |_| Err(Error::Storage("writing a chunk was cut off".into()));
                writing.join().unwrap_or_else(panicked)
            })
        };
        if let Err(error) = written {
            let note = |error: &Error| self.inner.shared.note(error);
            note(&error);
            if matches!(error, Error::Full) {
                self.blobs().drop_upload(name).inspect_err(note)?;
            }
            return Err(error);
        }
        current.size += chunk.len() as u64;
        Ok(current)
    }

    /// The blob of a finished upload. What a crash cut off between note and blob is done now; a name whose blob was
    /// deleted since is free again.
    fn finished(&self, name: &Digest) -> Result<Option<(Digest, u64)>, Error> {
        let shared = &self.inner.shared;
        let Some((digest, size)) = shared.ask(|store| store.upload(name))? else {
            return Ok(None);
        };
        if self.blobs().size(&digest)?.is_some() {
            return Ok(Some((digest, size)));
        }
        if self.blobs().upload_size(name)? == Some(size) {
            let adopted = self.blobs().adopt(name, &digest);
            adopted.inspect_err(|error| shared.note(error))?;
            return Ok(Some((digest, size)));
        }
        let name = *name;
        self.inner.act(move |batch| batch.apply(Change::DropUpload(&name)))?;
        Ok(None)
    }

    fn finish(&self, name: &Digest, digest: &Digest, size: u64) -> Result<(), Error> {
        let (row, found) = (*name, *digest);
        self.inner.act(move |batch| batch.note_upload(&row, &found, size))?;
        self.blobs().adopt(name, digest)
    }

    fn blobs(&self) -> &dyn Blobs {
        &*self.inner.shared.blobs
    }
}
