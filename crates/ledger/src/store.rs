//! What a backend keeps, in the words of the ledger: [`Store`] for everything that changes in one transaction,
//! [`Blobs`] for bytes too large for one. Every rule is above these traits, written once; a backend only keeps.
//!
//! **Contract of a [`Store`].** It has one [`StoreWriter`]. What a transaction changed is there as a whole once
//! [`StoreWriter::commit`] has returned, whatever crash comes after, and not at all before; readers see committed
//! transactions only, the writer's own [`StoreReader`] also what it has changed. An error that is not harmless
//! ([`Error::is_harmless`]) says that nobody knows what is kept: the ledger then asks nothing more of the backend.

use tlog::Hash;

use crate::error::Error;
use crate::submission::{Digest, Item, ListEntry, NewEntry, Stay};

/// A checkpoint as the ledger keeps it: it does not read the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
    /// The signed note.
    pub note: std::sync::Arc<[u8]>,
}

/// The two checkpoints of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointKind {
    /// Cosigned and given out.
    Published = 0,
    /// Signed, not yet cosigned.
    Pending = 1,
}

/// Steps one after another that answer with one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The step at which it was published.
    pub first: u64,
    /// The last that answers with it.
    pub last: u64,
    /// Its note.
    pub note: Vec<u8>,
}

/// How many entries of a class wait from a step on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// 0, 1 or 2.
    pub class: u8,
    /// First step at which they may be placed.
    pub step: u64,
    /// Their number.
    pub count: u64,
}

/// An entry on its way into the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Class, step and number under which it waited; `None` for padding, which never waits.
    pub waited: Option<(u8, u64, u64)>,
    /// Its key.
    pub key: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Questions about what is kept. Each fails only because storage does.
pub trait StoreReader {
    /// The answer kept with a form.
    fn answer(&self, form: &Digest) -> Result<Option<Vec<u8>>, Error>;
    /// Whether a key good for one use was used.
    fn is_used(&self, key: &Digest) -> Result<bool, Error>;
    /// Whether a used key may be forgotten at `now`.
    fn has_expired_keys(&self, now: u64) -> Result<bool, Error>;

    /// Entries in the tree, published or pending.
    fn size(&self) -> Result<u64, Error>;
    /// Entries from `first` on, `count` of them; fewer where the tree ends.
    fn entries(&self, first: u64, count: u64) -> Result<Vec<Vec<u8>>, Error>;
    /// A full hash tile: 256 hashes, else [`Error::Damaged`].
    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Error>;
    /// Position in the tree of the entry with this key.
    fn position(&self, key: &Digest) -> Result<Option<u64>, Error>;
    /// Whether an entry, placed or waiting, has this key.
    fn is_taken(&self, key: &Digest) -> Result<bool, Error>;
    /// One of the two checkpoints.
    fn checkpoint(&self, kind: CheckpointKind) -> Result<Option<StoredCheckpoint>, Error>;
    /// The last steps that begin at `step` or before.
    fn steps(&self, step: u64) -> Result<Option<Steps>, Error>;

    /// Entries that wait, by class and first step.
    fn waiting(&self) -> Result<Vec<Queue>, Error>;
    /// Owners of waiting entries, ascending, and how many wait of each.
    fn waiting_by_owner(&self) -> Result<Vec<(u16, u64)>, Error>;
    /// At most `limit` waiting entries of a class whose step is at most `step`: by turn, within a turn by step,
    /// then those first whose owner has fewest waiting (all classes counted; an entry without owner before these), then by
    /// number.
    fn due(&self, class: u8, step: u64, limit: usize) -> Result<Vec<Picked>, Error>;
    /// The turn that is being served: the least of a waiting entry with an owner; when none waits, the last that any
    /// owner was given; 1 at first.
    fn served_turn(&self) -> Result<u64, Error>;
    /// The last turn that an owner was given.
    fn last_turn(&self, owner: u16) -> Result<Option<u64>, Error>;

    /// A small blob.
    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error>;
    /// Bytes of a small blob.
    fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, Error>;
    /// How long a blob stays with the form that names it; `None` when none does, or none any more.
    fn stay(&self, digest: &Digest) -> Result<Option<Stay>, Error>;
    /// Whether an item of any list names a blob.
    fn is_listed(&self, digest: &Digest) -> Result<bool, Error>;
    /// Whether a finished upload holds a blob.
    fn is_uploaded(&self, digest: &Digest) -> Result<bool, Error>;
    /// The blob of a finished upload, and its size.
    fn upload(&self, name: &Digest) -> Result<Option<(Digest, u64)>, Error>;
    /// Finished uploads, name and blob, that [`Change::NoteUploads`] first met at `before` or earlier.
    fn old_uploads(&self, before: u64) -> Result<Vec<(Digest, Digest)>, Error>;
    /// Large blobs that were let go and are still to be removed.
    fn let_go(&self) -> Result<Vec<Digest>, Error>;

    /// One item of a list.
    fn item(&self, list: &str, seq: u64) -> Result<Option<ListEntry>, Error>;
    /// At most `limit` items of a list from `seq` on, ascending, without those that expired by `now`.
    fn list(&self, list: &str, from: u64, limit: usize, now: u64) -> Result<Vec<ListEntry>, Error>;
    /// Last position given out in a list plus one; drawn ones do not count.
    fn list_len(&self, list: &str) -> Result<u64, Error>;
    /// Items of all lists that name a blob, with their list.
    fn items_naming(&self, blob: &Digest) -> Result<Vec<(String, ListEntry)>, Error>;
    /// At most `limit` items of all lists that expired by `now`, with their list.
    fn expired_items(&self, now: u64, limit: usize) -> Result<Vec<(String, ListEntry)>, Error>;
    /// A named value.
    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Whether a form or an item names a blob.
    fn is_named(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.stay(digest)?.is_some() || self.is_listed(digest)?)
    }

    /// Whether anything holds a blob: a form, an item, an upload that is not old yet.
    fn is_held(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.is_named(digest)? || self.is_uploaded(digest)?)
    }
}

/// One change within a transaction.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// A key is used up until `expires`.
    Use {
        /// Any 32 bytes.
        key: &'a Digest,
        /// POSIX second.
        expires: u64,
    },
    /// Used keys that expired by `now` are forgotten, at most `limit`.
    ForgetKeys {
        /// POSIX second.
        now: u64,
        /// How many at most.
        limit: usize,
    },
    /// An entry waits. Its class is 0, 1 or 2.
    Wait {
        /// The entry.
        entry: &'a NewEntry,
        /// Its number among those of its class and step; `None`: one more than the greatest of its class.
        number: Option<u64>,
        /// Its turn, 0 without owner.
        turn: u64,
    },
    /// An owner was given turns up to `last`.
    Turn {
        /// Whose.
        owner: u16,
        /// The last.
        last: u64,
    },
    /// An entry is placed, and waits no more. [`Error::Damaged`] when it did not.
    Place {
        /// Where: the tree's size before.
        position: u64,
        /// The entry.
        entry: &'a Picked,
    },
    /// A hash tile is full.
    Tile {
        /// Level of the tile.
        level: u8,
        /// Index in its level.
        index: u64,
        /// Its 256 hashes.
        hashes: &'a [Hash],
    },
    /// A checkpoint was signed.
    Pend(&'a StoredCheckpoint),
    /// Compare-and-swap: the published checkpoint becomes this one if it has `old_size` entries (0 without one), and
    /// nothing is pending any more. [`Error::Moved`], with nothing changed, if it has not.
    Publish {
        /// Entries of the published one.
        old_size: u64,
        /// Its successor.
        checkpoint: &'a StoredCheckpoint,
    },
    /// A step has a checkpoint; the steps between the last that had one and this one answer with the one before.
    Step {
        /// After every step so far.
        step: u64,
        /// The checkpoint.
        checkpoint: &'a StoredCheckpoint,
    },
    /// A form was accepted.
    Answer {
        /// Digest of the form.
        form: &'a Digest,
        /// Its answer.
        answer: &'a [u8],
        /// Keys of its entries.
        keys: &'a [Digest],
    },
    /// A form names a blob.
    Name {
        /// The form.
        form: &'a Digest,
        /// The blob.
        blob: &'a Digest,
        /// How long.
        stay: Stay,
    },
    /// The form that names a blob until it is given up names it no more.
    GiveUp(&'a Digest),
    /// A small blob is kept, durable with the transaction.
    Blob {
        /// SHA-256 of the bytes.
        digest: &'a Digest,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A small blob is found no more. Its bytes are overwritten later: [`Store::overwrite`].
    DropBlob(&'a Digest),
    /// What [`Store::overwrite`] has overwritten need not be again.
    Overwritten,
    /// A large blob is to be removed once this is durable.
    LetGo(&'a Digest),
    /// It was, or is held again.
    Removed(&'a Digest),
    /// An item goes to its list.
    Item {
        /// The item.
        item: &'a Item,
        /// Its position; `None`: the next of its list.
        seq: Option<u64>,
    },
    /// An item goes from its list. Its position is not given out again.
    DropItem {
        /// The list.
        list: &'a str,
        /// Its position.
        seq: u64,
    },
    /// An upload became a blob.
    Upload {
        /// The upload.
        name: &'a Digest,
        /// The blob.
        digest: &'a Digest,
        /// Its bytes.
        size: u64,
    },
    /// Finished uploads not met before are met at `now`.
    NoteUploads {
        /// POSIX second, not 0.
        now: u64,
    },
    /// A finished upload is forgotten.
    DropUpload(&'a Digest),
    /// A named value is set.
    Value {
        /// Its name.
        name: &'a str,
        /// Its bytes.
        value: &'a [u8],
    },
}

/// The one that changes what is kept, a transaction at a time.
pub trait StoreWriter: Send {
    /// Opens a transaction.
    fn begin(&mut self) -> Result<(), Error>;
    /// Asks about what is kept, with what the open transaction changed.
    fn read(&self) -> &dyn StoreReader;
    /// Changes something in the open transaction.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`]; what the change itself says. The transaction is then to be undone.
    fn apply(&mut self, change: Change<'_>) -> Result<(), Error>;
    /// Makes the transaction durable.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`]. The transaction is then to be undone.
    fn commit(&mut self) -> Result<(), Error>;
    /// Undoes the transaction, if one is open.
    fn rollback(&mut self) -> Result<(), Error>;
    /// Called after each batch, outside a transaction: upkeep of the backend's own. `all` asks for everything that is
    /// due, because there is no room or the store is about to be closed.
    ///
    /// # Errors
    /// Storage. [`Error::Full`]: there was no room for it, and it is tried again after the next batch.
    fn maintain(&mut self, all: bool) -> Result<(), Error>;
}

/// A backend for what changes in transactions.
pub trait Store: Send + Sync {
    /// The one writer; asked for once.
    fn writer(&self) -> Result<Box<dyn StoreWriter>, Error>;
    /// Asks about what is committed, at one moment, without keeping the writer waiting. Use [`ask`].
    ///
    /// # Errors
    /// The question's, or storage.
    fn read(&self, question: &mut dyn FnMut(&dyn StoreReader) -> Result<(), Error>) -> Result<(), Error>;
    /// Overwrites the bytes of small blobs that were dropped; gives whether there were any. Once
    /// [`Change::Overwritten`] is committed, [`Self::release`] may be called.
    fn overwrite(&self) -> Result<bool, Error>;
    /// Gives room back in which nothing is left.
    fn release(&self) -> Result<(), Error>;
    /// Writes a consistent copy of everything, blobs too, while the store is in use; no bytes are removed meanwhile.
    /// `to` names a place as the backend reads it, where nothing is yet.
    ///
    /// # Errors
    /// Storage; the store is as good as before.
    fn copy(&self, to: &str) -> Result<(), Error>;
    /// How often it waited for bytes to be durable, for metrics.
    fn fsyncs(&self) -> u64;
    /// The writer is gone: frees what was held, so that the store may be opened anew.
    fn close(&self);
}

/// Asks a store one question.
///
/// # Errors
/// The question's, or storage.
pub fn ask<T>(store: &dyn Store, question: impl FnOnce(&dyn StoreReader) -> Result<T, Error>) -> Result<T, Error> {
    let (mut question, mut answer) = (Some(question), None);
    store.read(&mut |reader| {
        if let Some(question) = question.take() {
            answer = Some(question(reader)?);
        }
        Ok(())
    })?;
    answer.ok_or_else(|| Error::Storage("a question was not asked".into()))
}

/// The bytes of a large blob or of an upload.
pub trait Content: Send + Sync {
    /// How many.
    fn size(&self) -> u64;
    /// Bytes from `at` on, at most `limit`; none at the end.
    fn read(&self, at: u64, limit: usize) -> Result<Vec<u8>, Error>;
}

/// A blob.
pub enum Blob {
    /// From the store, whole.
    Small(Vec<u8>),
    /// One to be read in pieces.
    Large(Box<dyn Content>),
}

impl Blob {
    /// All of its bytes.
    ///
    /// # Errors
    /// Storage.
    pub fn read(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Small(bytes) => Ok(bytes),
            Self::Large(content) => {
                let size = usize::try_from(content.size()).unwrap_or(usize::MAX);
                content.read(0, size)
            }
        }
    }
}

/// A backend for large blobs and for uploads, which become large blobs. Each of these acts is durable when it
/// returns, and done whole or not at all; all may fail because storage does.
pub trait Blobs: Send + Sync {
    /// Bytes of a large blob, if it is here, durable.
    fn size(&self, digest: &Digest) -> Result<Option<u64>, Error>;
    /// A large blob.
    fn open(&self, digest: &Digest) -> Result<Option<Box<dyn Content>>, Error>;
    /// Keeps a large blob.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`].
    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error>;
    /// Removes a large blob; one that is not here is no error.
    fn remove(&self, digest: &Digest) -> Result<(), Error>;

    /// Bytes of an upload so far.
    fn upload_size(&self, name: &Digest) -> Result<Option<u64>, Error>;
    /// An upload so far.
    fn open_upload(&self, name: &Digest) -> Result<Option<Box<dyn Content>>, Error>;
    /// Adds a chunk to an upload at its end, which is `at`. After an error nobody knows what the upload holds.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Storage`].
    fn append(&self, name: &Digest, at: u64, chunk: &[u8]) -> Result<(), Error>;
    /// Makes a large blob of an upload that is whole.
    fn adopt(&self, name: &Digest, digest: &Digest) -> Result<(), Error>;
    /// Removes an upload; one that is not here is no error.
    fn drop_upload(&self, name: &Digest) -> Result<(), Error>;
    /// Uploads that are here.
    fn uploads(&self) -> Result<Vec<Digest>, Error>;
    /// When an upload grew last, not earlier, and at most a day later; `None` when it is not here.
    fn grew_at(&self, name: &Digest) -> Result<Option<u64>, Error>;
}
