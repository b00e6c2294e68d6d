//! The acts of one transaction, and the rules for them. An act reads and refuses before it writes, so that acts of
//! one transaction need no savepoints: a refused one has nothing to undo ([`Batch::perform`] asserts it).

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, Refused};
use crate::store::{Blobs, Change, Store, StoreReader, StoreWriter};
use crate::submission::{Accepted, Digest, ENTRY_MAX, ITEM_MAX, Order, Stay, Submission};

/// Change of the number of waiting entries: class, first step, difference.
pub(crate) type Waited = (u8, u64, i64);

/// See the module.
pub(crate) struct Batch {
    writer: Box<dyn StoreWriter>,
    pub(crate) blobs: Arc<dyn Blobs>,
    inline_max: usize,
    waited: Vec<Waited>,
    wrote: bool,
}

impl Batch {
    pub(crate) fn new(store: &dyn Store, blobs: Arc<dyn Blobs>, inline_max: usize) -> Result<Self, Error> {
        Ok(Self {
            writer: store.writer()?,
            blobs,
            inline_max,
            waited: Vec::new(),
            wrote: false,
        })
    }

    /// Opens a transaction.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        self.waited.clear();
        self.writer.begin()
    }

    /// Performs one act of the open transaction. When it is refused it must have written nothing.
    pub(crate) fn perform<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.wrote = false;
        match act(self) {
            Err(Error::Refused(_) | Error::Moved) if self.wrote => {
                Err(Error::Damaged("an act was refused after it had begun to write".into()))
            }
            outcome => outcome,
        }
    }

    /// Makes the transaction durable; gives what changed in the waiting entries.
    pub(crate) fn commit(&mut self) -> Result<Vec<Waited>, Error> {
        self.writer.commit()?;
        Ok(std::mem::take(&mut self.waited))
    }

    /// Undoes the transaction, if one is open.
    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.waited.clear();
        self.writer.rollback()
    }

    /// See [`StoreWriter::maintain`].
    pub(crate) fn maintain(&mut self, all: bool) -> Result<(), Error> {
        self.writer.maintain(all)
    }

    /// What is kept, with what the open transaction changed.
    pub(crate) fn read(&self) -> &dyn StoreReader {
        self.writer.read()
    }

    /// Changes something.
    pub(crate) fn apply(&mut self, change: Change<'_>) -> Result<(), Error> {
        self.writer.apply(change)?;
        self.wrote = true;
        Ok(())
    }

    /// Notes that the number of waiting entries changes with this transaction.
    pub(crate) fn waited(&mut self, class: u8, step: u64, difference: i64) {
        self.waited.push((class, step, difference));
    }

    /// Puts an act into the open transaction, or refuses it.
    pub(crate) fn submit(&mut self, submission: &Submission) -> Result<Accepted, Error> {
        if let Some(form) = &submission.form
            && let Some(answer) = self.read().answer(form)?
        {
            if submission.is_fresh {
                self.check_once(submission)?;
                self.use_up(submission)?;
            }
            return Ok(Accepted::Again(answer));
        }
        self.check(submission)?;
        self.use_up(submission)?;
        self.put_entries(&submission.entries)?;
        self.put_blobs(submission)?;
        for item in &submission.items {
            let seq = match item.order {
                Order::Arrival => None,
                Order::Drawn => Some(draw()?),
            };
            self.apply(Change::Item { item, seq })?;
        }
        for (list, seq) in &submission.removes {
            self.drop_item(list, *seq)?;
        }
        if let Some(form) = &submission.form {
            self.put_form(form, submission)?;
        }
        Ok(Accepted::New)
    }

    fn check(&self, submission: &Submission) -> Result<(), Error> {
        if submission.entries.iter().any(|entry| entry.bytes.len() > ENTRY_MAX)
            || submission.items.iter().any(|item| item.bytes.len() > ITEM_MAX)
        {
            return Err(Refused::Oversize.into());
        }
        let mut seen = HashSet::new();
        for entry in &submission.entries {
            if !seen.insert(&entry.key) || self.read().is_taken(&entry.key)? {
                return Err(Refused::Taken.into());
            }
        }
        self.check_once(submission)?;
        for (list, seq) in &submission.removes {
            if self.read().item(list, *seq)?.is_none() {
                return Err(Refused::Changed.into());
            }
        }
        let mut missing = Vec::new();
        let here: HashSet<&Digest> = submission.blobs.iter().map(|(digest, _)| digest).collect();
        for named in named(submission) {
            if !here.contains(named) && !self.has_blob(named)? {
                missing.push(*named);
            }
        }
        // Large ones were written before the act was handed over; one that was deleted since is asked for again.
        for (digest, bytes) in &submission.blobs {
            if bytes.len() > self.inline_max && !self.has_blob(digest)? {
                missing.push(*digest);
            }
        }
        if !missing.is_empty() {
            return Err(Refused::Missing(missing).into());
        }
        let mut foreign = Vec::new();
        for (digest, _) in names(submission) {
            if self.read().stay(digest)?.is_some() {
                foreign.push(*digest);
            }
        }
        if !foreign.is_empty() {
            return Err(Refused::Named(foreign).into());
        }
        Ok(())
    }

    fn check_once(&self, submission: &Submission) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for once in &submission.once {
            if !seen.insert(&once.key) || self.read().is_used(&once.key)? {
                return Err(Refused::Used.into());
            }
        }
        Ok(())
    }

    fn use_up(&mut self, submission: &Submission) -> Result<(), Error> {
        for once in &submission.once {
            let (key, expires) = (&once.key, once.expires);
            self.apply(Change::Use { key, expires })?;
        }
        Ok(())
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.read().blob_size(digest)?.is_some() || self.blobs.size(digest)?.is_some())
    }

    fn put_blobs(&mut self, submission: &Submission) -> Result<(), Error> {
        let mut wanted: HashSet<&Digest> = named(submission).collect();
        for (digest, bytes) in &submission.blobs {
            if bytes.len() <= self.inline_max && wanted.remove(digest) && self.read().blob_size(digest)?.is_none() {
                self.apply(Change::Blob { digest, bytes })?;
            }
        }
        Ok(())
    }

    fn put_form(&mut self, form: &Digest, submission: &Submission) -> Result<(), Error> {
        let keys: Vec<Digest> = submission.entries.iter().map(|entry| entry.key).collect();
        let (answer, keys) = (submission.answer.as_slice(), keys.as_slice());
        self.apply(Change::Answer { form, answer, keys })?;
        for (blob, stay) in &submission.names {
            let stay = *stay;
            self.apply(Change::Name { form, blob, stay })?;
        }
        Ok(())
    }
}

/// Blobs that an act or its items name.
fn named(submission: &Submission) -> impl Iterator<Item = &Digest> {
    let items = submission.items.iter().filter_map(|item| item.blob.as_ref());
    names(submission).iter().map(|(digest, _)| digest).chain(items)
}

/// What an act names: it is its form that does.
fn names(submission: &Submission) -> &[(Digest, Stay)] {
    if submission.form.is_some() {
        &submission.names
    } else {
        &[]
    }
}

/// Positions from here on are drawn; those below are given out one after another.
pub(crate) const DRAWN: u64 = 1 << 61;

/// A number between [`DRAWN`] and its double, from the system's randomness.
pub(crate) fn draw() -> Result<u64, Error> {
    let number = getrandom::u64().map_err(|_| Error::Storage("the system gives no randomness".into()))?;
    Ok((number >> 3) | DRAWN)
}
