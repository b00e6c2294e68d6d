//! The one door to what is stored. Cloneable handle; methods block (call them from blocking tasks), except the
//! `async` ones, which await their batch.

use std::sync::{Arc, PoisonError};

use tlog::Hash;
use tlog::tile::{TILE_WIDTH, TileKind, TileName, encode_entries, encode_hashes};

use crate::inner::Inner;
use crate::nodes::{NodeReader, beyond, tile};
use crate::publish::Plan;
use crate::sequencer::View;
use crate::store::{Blobs, Store};
use crate::upload::Uploads;

pub use crate::error::{Error, Refused};
pub use crate::store::Blob;
pub use crate::submission::{
    Accepted, Counters, Deleted, Digest, GivenUp, Item, ListEntry, NewEntry, Once, Order, Snapshot, Stay, Submission,
    WaitingEntries,
};

/// A ledger on some backend.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) inner: Arc<Inner>,
}

impl Ledger {
    /// Starts the sequencer of a ledger that these keep. Blobs of up to `inline_max` bytes go to the store, within the
    /// transaction of the act that brings them; larger ones go to `blobs` before it.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Full`], [`Error::Storage`].
    pub fn start(store: Arc<dyn Store>, blobs: Arc<dyn Blobs>, inline_max: usize) -> Result<Self, Error> {
        Ok(Self {
            inner: Arc::new(Inner::start(store, blobs, inline_max)?),
        })
    }

    /// Hands an act to the sequencer; returns when it is durable or refused.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Full`], [`Error::Storage`].
    pub async fn submit(&self, submission: Submission) -> Result<Accepted, Error> {
        self.inner.submit(submission).await
    }

    /// The stored answer of a form, if it was accepted before.
    ///
    /// # Errors
    /// Storage.
    pub fn answer(&self, form: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.inner.shared.ask(|store| store.answer(form))
    }

    /// Entries that wait.
    ///
    /// # Errors
    /// Storage.
    pub fn waiting(&self) -> Result<WaitingEntries, Error> {
        self.inner.shared.healthy()?;
        let mut by_class = [0; 3];
        self.inner.shared.waiting(|waiting| {
            for ((class, _), count) in waiting {
                by_class[usize::from(*class).min(2)] += count;
            }
        });
        Ok(WaitingEntries { by_class })
    }

    /// Entries of a class that wait, by their first step, ascending: for choosing a step with room.
    ///
    /// # Errors
    /// Storage.
    pub fn waiting_by_step(&self, class: u8) -> Result<Vec<(u64, u64)>, Error> {
        self.inner.shared.healthy()?;
        let range = (class, 0)..=(class, u64::MAX);
        Ok(self
            .inner
            .shared
            .waiting(|waiting| waiting.range(range).map(|((_, step), count)| (*step, *count)).collect()))
    }

    /// Owners of waiting entries, ascending, and how many wait of each.
    ///
    /// # Errors
    /// Storage.
    pub fn waiting_by_owner(&self) -> Result<Vec<(u16, u64)>, Error> {
        self.inner.shared.ask(|store| store.waiting_by_owner())
    }

    /// Appends to the tree, in one transaction: up to `limits[class]` waiting entries of each class due by `step` (those
    /// with owners in turns, one of each owner first; the others oldest step first), all public ones (class 2), then as
    /// many `padding` entries as make the number of class 0, 1 and padding together `fill`, never more. Public ones
    /// come first, in order of arrival; `shuffle(n)` permutes the n opaque ones behind them. `padding` gives key and
    /// bytes, for a padding entry takes its key like any other
    /// (docs/protocol.md §6.2, §6.3). The new root is signed by `sign(size, root)` and kept as the *pending*
    /// checkpoint (signed, not yet cosigned); entries, tiles and note become durable together, before the note is
    /// given out. Entries appended twice are impossible. If a pending checkpoint exists that was not published, it is
    /// returned instead and nothing is appended.
    ///
    /// # Errors
    /// Storage. [`Error::Damaged`] when `padding` repeats a key or `shuffle` gives no permutation.
    pub fn extend(
        &self,
        step: u64,
        limits: [usize; 2],
        fill: usize,
        padding: &mut dyn FnMut() -> (Digest, Vec<u8>),
        shuffle: &mut dyn FnMut(usize) -> Vec<usize>,
        sign: &dyn Fn(u64, Hash) -> Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let shared = &self.inner.shared;
        let mut writer = self.inner.borrow()?;
        shared.healthy()?;
        let view = shared.view();
        if let Some(pending) = &view.pending {
            return Ok(pending.note.to_vec());
        }
        let mut edge = (*view.edge).clone();
        let mut plan = Plan {
            step,
            limits,
            fill,
            padding,
            shuffle,
            sign,
        };
        let pending = writer.transaction(shared, |batch| batch.extend(&mut edge, &mut plan))?;
        let note = pending.note.to_vec();
        let published = view.published.clone();
        shared.set_view(View {
            edge: Arc::new(edge),
            published,
            pending: Some(pending),
        });
        Ok(note)
    }

    /// Publishes a cosigned checkpoint of `size`, by compare-and-swap on the previously published size, and keeps it
    /// under `step`. The steps since the last that had one keep that one.
    ///
    /// # Errors
    /// [`Error::Moved`].
    pub fn publish(&self, step: u64, old_size: u64, size: u64, note: &[u8]) -> Result<(), Error> {
        let shared = &self.inner.shared;
        let mut writer = self.inner.borrow()?;
        let published = writer.transaction(shared, |batch| batch.publish(step, old_size, size, note))?;
        let edge = Arc::clone(&shared.view().edge);
        shared.set_view(View {
            edge,
            published: Some(published),
            pending: None,
        });
        Ok(())
    }

    /// The pending checkpoint that waits for its cosignature, if any: (size, note).
    ///
    /// # Errors
    /// Storage.
    pub fn pending(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        self.inner.shared.healthy()?;
        Ok(self
            .inner
            .shared
            .view()
            .pending
            .as_ref()
            .map(|pending| (pending.size, pending.note.to_vec())))
    }

    /// The last published checkpoint, `None` before the first.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let view = self.inner.shared.view();
        let published = view.published.as_ref()?;
        Some(Snapshot {
            size: published.size,
            checkpoint: Arc::clone(&published.note),
        })
    }

    /// The checkpoint published at `step`.
    ///
    /// # Errors
    /// Storage.
    pub fn step(&self, step: u64) -> Result<Option<Vec<u8>>, Error> {
        let steps = self.inner.shared.ask(|store| store.steps(step))?;
        Ok(steps.filter(|steps| steps.last >= step).map(|steps| steps.note))
    }

    /// A tile's bytes as of the published size (or, within it, any narrower width).
    ///
    /// # Errors
    /// Storage.
    pub fn tile(&self, name: &TileName) -> Result<Option<Vec<u8>>, Error> {
        let view = self.inner.shared.view();
        let size = view.published.as_ref().map_or(0, |published| published.size);
        let width = u64::from(name.width);
        let have = match name.kind {
            TileKind::Hash(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
            TileKind::Entries => size,
        };
        let end = name
            .index
            .checked_mul(TILE_WIDTH)
            .and_then(|first| first.checked_add(width));
        if width == 0 || width > TILE_WIDTH || end.is_none_or(|end| end > have) {
            return Ok(None);
        }
        match name.kind {
            TileKind::Hash(level) => {
                let tile = tile(&self.inner.shared, &view, level, name.index)?;
                let hashes = tile.hashes().get(..usize::from(name.width)).ok_or_else(beyond)?;
                Ok(Some(encode_hashes(hashes)))
            }
            TileKind::Entries if width == TILE_WIDTH => {
                let bundle = self.inner.shared.tiles.bundle(name.index, || self.bundle(name))?;
                Ok(Some(bundle.to_vec()))
            }
            TileKind::Entries => self.bundle(name).map(Some),
        }
    }

    /// A bundle of entries that the store has.
    fn bundle(&self, name: &TileName) -> Result<Vec<u8>, Error> {
        let (first, width) = (name.index * TILE_WIDTH, u64::from(name.width));
        let entries = self.inner.shared.ask(|store| store.entries(first, width))?;
        if entries.len() != usize::from(name.width) {
            return Err(beyond());
        }
        Ok(encode_entries(entries.iter().map(Vec::as_slice)))
    }

    /// One entry of the published tree.
    ///
    /// # Errors
    /// Storage.
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        if self.snapshot().is_none_or(|snapshot| index >= snapshot.size) {
            return Ok(None);
        }
        let entries = self.inner.shared.ask(|store| store.entries(index, 1))?;
        Ok(entries.into_iter().next())
    }

    /// Position of an entry in the tree (published or pending) by its key, if it has one already.
    ///
    /// # Errors
    /// Storage.
    pub fn position(&self, key: &Digest) -> Result<Option<u64>, Error> {
        self.inner.shared.ask(|store| store.position(key))
    }

    /// Whether any entry, placed or waiting, has this key.
    ///
    /// # Errors
    /// Storage.
    pub fn is_taken(&self, key: &Digest) -> Result<bool, Error> {
        self.inner.shared.ask(|store| store.is_taken(key))
    }

    /// Reads nodes of the tree of the published or pending size.
    pub fn nodes(&self) -> NodeReader {
        NodeReader {
            shared: Arc::clone(&self.inner.shared),
            view: self.inner.shared.view(),
        }
    }

    /// Whether a blob is here, and its size.
    ///
    /// # Errors
    /// Storage.
    pub fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        let shared = &self.inner.shared;
        match shared.ask(|store| store.blob_size(digest))? {
            Some(size) => Ok(Some(size)),
            None => shared.blobs.size(digest),
        }
    }

    /// A blob.
    ///
    /// # Errors
    /// Storage.
    pub fn blob(&self, digest: &Digest) -> Result<Option<Blob>, Error> {
        let shared = &self.inner.shared;
        match shared.ask(|store| store.blob(digest))? {
            Some(bytes) => Ok(Some(Blob::Small(bytes))),
            None => Ok(shared.blobs.open(digest)?.map(Blob::Large)),
        }
    }

    /// As [`Self::blob`], for blobs that an act or an item names: an upload that none names is nobody's to read.
    ///
    /// # Errors
    /// Storage.
    pub fn named_blob(&self, digest: &Digest) -> Result<Option<Blob>, Error> {
        if self.is_named(digest)? {
            self.blob(digest)
        } else {
            Ok(None)
        }
    }

    /// Whether an act or an item names a blob.
    ///
    /// # Errors
    /// Storage.
    pub fn is_named(&self, digest: &Digest) -> Result<bool, Error> {
        self.inner.shared.ask(|store| store.is_named(digest))
    }

    /// How long a blob stays with the act that names it; `None` when none does, or none any more.
    ///
    /// # Errors
    /// Storage.
    pub fn stay(&self, digest: &Digest) -> Result<Option<Stay>, Error> {
        self.inner.shared.ask(|store| store.stay(digest))
    }

    /// Takes a blob from the act that names it; its bytes go unless an item names them too. Who may ask for it, the
    /// caller knows.
    ///
    /// # Errors
    /// Storage.
    pub async fn give_up(&self, digest: Digest) -> Result<GivenUp, Error> {
        let outcome = self.inner.act_async(0, move |batch| batch.give_up(&digest)).await?;
        self.erase().await?;
        Ok(outcome)
    }

    /// Deletes the items that name `blob` and are `owner`'s in any of these lists; nobody else's. An item without
    /// expiry stays.
    ///
    /// # Errors
    /// Storage.
    pub async fn delete_own(&self, lists: Vec<String>, owner: u16, blob: Digest) -> Result<Deleted, Error> {
        let delete = move |batch: &mut crate::batch::Batch| batch.delete_own(&lists, owner, &blob);
        let outcome = self.inner.act_async(0, delete).await?;
        self.erase().await?;
        Ok(outcome)
    }

    /// Removes the bytes that nothing holds any more.
    async fn erase(&self) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        self.blocking(move || inner.erase()).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let done = tokio::task::spawn_blocking(act).await;
        done.map_err(|_| Error::Storage("a task on files was cut off".into()))?
    }

    /// Items of a list from `seq` on, at most `limit`, without those that expired by `now`.
    ///
    /// # Errors
    /// Storage.
    pub fn list(&self, list: &str, from: u64, limit: usize, now: u64) -> Result<Vec<ListEntry>, Error> {
        self.inner.shared.ask(|store| store.list(list, from, limit, now))
    }

    /// Last position given out in a list plus one.
    ///
    /// # Errors
    /// Storage.
    pub fn list_len(&self, list: &str) -> Result<u64, Error> {
        self.inner.shared.ask(|store| store.list_len(list))
    }

    /// Small named values (which steps were delivered, …); `set` is durable when it returns.
    ///
    /// # Errors
    /// Storage.
    pub fn value(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.inner.shared.ask(|store| store.value(name))
    }

    /// Sets one.
    ///
    /// # Errors
    /// Storage.
    pub async fn set_value(&self, name: String, value: Vec<u8>) -> Result<(), Error> {
        self.inner
            .act_async(value.len(), move |batch| batch.set_value(&name, &value))
            .await
    }

    /// Forgets what expired: once-keys, list items, and uploads that nobody went on with for two days, or that nothing
    /// names two days after they were finished. Bytes go that only these held.
    ///
    /// # Errors
    /// Storage.
    pub async fn expire(&self, now: u64) -> Result<(), Error> {
        while self.inner.act_async(0, move |batch| batch.expire(now)).await? {}
        let (inner, uploads) = (Arc::clone(&self.inner), self.uploads());
        self.blocking(move || {
            uploads.expire(now)?;
            uploads.expire_finished(now)?;
            inner.erase()
        })
        .await
    }

    /// Where uploads and large blobs lie.
    pub fn uploads(&self) -> Uploads {
        Uploads {
            inner: Arc::clone(&self.inner),
        }
    }

    /// Counters for metrics and benches: fsyncs, batches, bytes written.
    pub fn counters(&self) -> Counters {
        self.inner.shared.counters()
    }

    /// Waits until the sequencer has finished what it had, and stops it.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        // Fails only when the runtime ends first; then the last handle stops the sequencer.
        let _ = tokio::task::spawn_blocking(move || inner.stop()).await;
    }

    /// Writes a consistent copy of everything, while running, to a place where nothing is yet: the backend says how it
    /// is named. The copy appears there when it is complete and durable.
    ///
    /// # Errors
    /// Storage; the running store is as good as before.
    pub fn backup(&self, to: &str) -> Result<(), Error> {
        let shared = &self.inner.shared;
        {
            // The copy is of one moment: what is held then must be there until it is copied.
            let _copying = shared.copying.read().unwrap_or_else(PoisonError::into_inner);
            shared.store.copy(to)?;
        }
        self.inner.erase()
    }
}
