//! Deletion: blobs that are given up, list items, and all that expires. Bytes go when nothing holds them any more.

use crate::batch::Batch;
use crate::error::Error;
use crate::store::Change;
use crate::submission::{Deleted, Digest, GivenUp, Stay};
use crate::upload::KEPT_S;

/// Items and keys deleted in one act, so that expiry never keeps filings waiting.
pub(crate) const CHUNK: usize = 1_000;

impl Batch {
    /// Takes a blob from the act that names it, unless it stays there as long as the log.
    pub(crate) fn give_up(&mut self, digest: &Digest) -> Result<GivenUp, Error> {
        match self.read().stay(digest)? {
            None => Ok(GivenUp::Unnamed),
            Some(Stay::Lasting) => Ok(GivenUp::Lasting),
            Some(Stay::UntilGivenUp) => {
                self.apply(Change::GiveUp(digest))?;
                self.let_go(digest)?;
                Ok(GivenUp::Done)
            }
        }
    }

    /// Notes that the bytes of a blob go, unless something still holds them. From here on nobody finds a small one.
    fn let_go(&mut self, digest: &Digest) -> Result<(), Error> {
        if self.read().is_held(digest)? {
            return Ok(());
        }
        if self.read().blob_size(digest)?.is_some() {
            self.apply(Change::DropBlob(digest))?;
        }
        if self.blobs.size(digest)?.is_some() {
            self.apply(Change::LetGo(digest))?;
        }
        Ok(())
    }

    /// Removes the large blobs that nothing held when they were let go, and still nothing does.
    pub(crate) fn remove_let_go(&mut self) -> Result<(), Error> {
        for digest in self.read().let_go()? {
            if !self.read().is_held(&digest)? {
                self.blobs.remove(&digest)?;
            }
            self.apply(Change::Removed(&digest))?;
        }
        Ok(())
    }

    /// Deletes one item of a list, if it is there; its position is not given out again.
    pub(crate) fn drop_item(&mut self, list: &str, seq: u64) -> Result<(), Error> {
        match self.read().item(list, seq)? {
            Some(item) => self.drop(list, seq, item.blob.as_ref()),
            None => Ok(()),
        }
    }

    /// Deletes the items of these lists that name a blob and are `owner`'s. One without expiry stays, and then all do.
    pub(crate) fn delete_own(&mut self, lists: &[String], owner: u16, blob: &Digest) -> Result<Deleted, Error> {
        let mut naming = self.read().items_naming(blob)?;
        naming.retain(|(list, _)| lists.contains(list));
        let count = naming.len();
        naming.retain(|(_, item)| owner != 0 && item.owner == owner);
        if naming.iter().any(|(_, item)| item.expires.is_none()) {
            return Ok(Deleted::Lasting);
        }
        if naming.is_empty() {
            return Ok(if count > 0 { Deleted::Foreign } else { Deleted::Absent });
        }
        for (list, item) in naming {
            self.drop(&list, item.seq, Some(blob))?;
        }
        Ok(Deleted::Done)
    }

    fn drop(&mut self, list: &str, seq: u64, blob: Option<&Digest>) -> Result<(), Error> {
        self.apply(Change::DropItem { list, seq })?;
        blob.map_or(Ok(()), |blob| self.let_go(blob))
    }

    /// Forgets up to [`CHUNK`] keys and items that expired by `now`, with what only they named; gives whether there may
    /// be more.
    pub(crate) fn expire(&mut self, now: u64) -> Result<bool, Error> {
        self.apply(Change::ForgetKeys { now, limit: CHUNK })?;
        let expired = self.read().expired_items(now, CHUNK)?;
        for (list, item) in &expired {
            self.drop(list, item.seq, item.blob.as_ref())?;
        }
        Ok(expired.len() == CHUNK || self.read().has_expired_keys(now)?)
    }

    /// Notes a finished upload: it holds its blob for two days, whether an act names that or not.
    pub(crate) fn note_upload(&mut self, name: &Digest, digest: &Digest, size: u64) -> Result<(), Error> {
        self.apply(Change::Upload { name, digest, size })
    }

    /// Uploads that were finished [`KEPT_S`] before `now`, with their digests; those never met here are met now.
    pub(crate) fn old_uploads(&mut self, now: u64) -> Result<Vec<(Digest, Digest)>, Error> {
        self.apply(Change::NoteUploads { now: now.max(1) })?;
        self.read().old_uploads(now.saturating_sub(KEPT_S))
    }

    /// Forgets a finished upload. Its blob goes too, unless something else holds it.
    pub(crate) fn drop_upload(&mut self, name: &Digest, digest: &Digest) -> Result<(), Error> {
        self.apply(Change::DropUpload(name))?;
        self.let_go(digest)
    }

    /// Sets a named value.
    pub(crate) fn set_value(&mut self, name: &str, value: &[u8]) -> Result<(), Error> {
        if self.read().value(name)?.as_deref() == Some(value) {
            return Ok(());
        }
        self.apply(Change::Value { name, value })
    }
}
