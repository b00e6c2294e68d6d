//! The one door to what is stored. Cloneable handle; methods block (call them from blocking tasks), except
//! [`Ledger::submit`], which awaits its batch.

use std::path::{Path, PathBuf};

/// 32-byte SHA-256.
pub type Digest = [u8; 32];

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder that holds everything.
    pub folder: PathBuf,
    /// Blobs up to this many bytes lie in the database; larger ones are files.
    pub inline_max: usize,
}

/// An entry that asks for a place in the tree.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Up to 65,535 bytes.
    pub bytes: Vec<u8>,
    /// Refused when any entry, in the tree or waiting, has this key (32 bytes).
    pub key: Digest,
    /// First step at which it may be placed.
    pub step: u64,
    /// Which quota of a step it falls under; meaning is the caller's (0 filings, 1 members, 2 public).
    pub class: u8,
}

/// An item for a list. Lists are named; items keep their order of arrival.
#[derive(Clone, Debug)]
pub struct Item {
    /// `drop/0/-`, `office`, `delivery/3`, `public/council`, …
    pub list: String,
    /// Opaque, small (≤ 1 KiB): digests and what the caller needs.
    pub bytes: Vec<u8>,
    /// POSIX second after which it is gone; `None` stays.
    pub expires: Option<u64>,
}

/// A key that may be used once until it expires (hashcash nonces, transport signatures).
#[derive(Clone, Debug)]
pub struct Once {
    /// Any 32 bytes.
    pub key: Digest,
    /// POSIX second after which it may be forgotten.
    pub expires: u64,
}

/// One atomic act.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// Identifies the whole form: the same again gets the stored answer (nothing else is looked at).
    pub form: Option<Digest>,
    /// The answer that is kept with `form`.
    pub answer: Vec<u8>,
    /// Used up by this act.
    pub once: Vec<Once>,
    /// Entries.
    pub entries: Vec<Entry>,
    /// Blobs with their SHA-256; the caller has checked it. Ones already here are skipped.
    pub blobs: Vec<(Digest, Vec<u8>)>,
    /// Blobs that must be here already, durable.
    pub needs: Vec<Digest>,
    /// List items.
    pub items: Vec<Item>,
}

/// What came of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Durable now.
    New,
    /// The form had been accepted before; this is its stored answer.
    Again(Vec<u8>),
}

/// A submission that breaks a rule; nothing of it was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// An entry's key is taken.
    #[error("the key of an entry is taken")]
    Taken,
    /// A once-key was used before.
    #[error("a key good for one use was used before")]
    Used,
    /// Blobs in `needs` are not here.
    #[error("{} blobs are not here", .0.len())]
    Missing(Vec<Digest>),
    /// An entry passes 65,535 bytes or an item 1,024.
    #[error("an entry or a list item is too long")]
    Oversize,
}

/// Why storage failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused by a rule.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No space left.
    #[error("the disk is full")]
    Full,
    /// Storage failed; the process must stop and recover by starting.
    #[error("storage failed: {0}")]
    Storage(String),
    /// Another process has the folder.
    #[error("another process is using {0}")]
    Busy(PathBuf),
    /// Written by a newer version.
    #[error("the store has format {found}; this program knows up to {known}")]
    Newer {
        /// On disk.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The compare-and-swap of a checkpoint failed.
    #[error("the checkpoint moved")]
    Moved,
    /// What is stored contradicts itself.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

/// Entries that wait, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many for each class 0, 1, 2.
    pub by_class: [u64; 3],
}

/// An item as it lies in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// Position, ascending, never reused; gaps where items expired.
    pub seq: u64,
    /// The item's bytes.
    pub bytes: Vec<u8>,
    /// As given.
    pub expires: Option<u64>,
}

/// Immutable view of the tree up to the last published checkpoint.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Published size.
    pub size: u64,
    /// Note bytes, cosigned.
    pub checkpoint: std::sync::Arc<[u8]>,
}

/// The store.
#[derive(Clone)]
pub struct Ledger {
    _private: std::sync::Arc<()>,
}

impl Ledger {
    /// Opens or makes the store and starts its sequencer thread.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Newer`], [`Error::Damaged`], [`Error::Storage`].
    pub fn open(_options: &Options) -> Result<Self, Error> {
        todo!()
    }
    /// Hands an act to the sequencer; returns when it is durable or refused.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Full`], [`Error::Storage`].
    pub async fn submit(&self, _submission: Submission) -> Result<Accepted, Error> {
        todo!()
    }
    /// The stored answer of a form, if it was accepted before.
    ///
    /// # Errors
    /// Storage.
    pub fn answer(&self, _form: &Digest) -> Result<Option<Vec<u8>>, Error> {
        todo!()
    }
    /// Entries that wait.
    ///
    /// # Errors
    /// Storage.
    pub fn waiting(&self) -> Result<Waiting, Error> {
        todo!()
    }
    /// Entries waiting whose first step is `step` or later, by step, for choosing a step with room (class 0).
    ///
    /// # Errors
    /// Storage.
    pub fn waiting_by_step(&self, _class: u8) -> Result<Vec<(u64, u64)>, Error> {
        todo!()
    }
    /// Appends to the tree, in one transaction: up to `limits[class]` waiting entries of each class due by `step`,
    /// oldest step first, all public ones (class 2), then as many `padding` entries as make the number of class 0, 1
    /// and padding together `fill`. Public ones come first, in order of arrival; `shuffle(n)` permutes the n opaque
    /// ones behind them. `padding` gives key and bytes, for a padding entry takes its key like any other (§6.2). The
    /// new root is signed by `sign(size, root)` and
    /// kept as the *pending* checkpoint (signed, not yet cosigned). Entries appended twice are impossible. If a
    /// pending checkpoint exists that was not published, it is returned instead and nothing is appended.
    ///
    /// # Errors
    /// Storage.
    pub fn extend(
        &self,
        _step: u64,
        _limits: [usize; 2],
        _fill: usize,
        _padding: &mut dyn FnMut() -> (Digest, Vec<u8>),
        _shuffle: &mut dyn FnMut(usize) -> Vec<usize>,
        _sign: &dyn Fn(u64, tlog::Hash) -> Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        todo!()
    }
    /// Publishes a cosigned checkpoint of `size`, by compare-and-swap on the previously published size, and keeps it
    /// under `step`. Also under every earlier step since the last that had none.
    ///
    /// # Errors
    /// [`Error::Moved`].
    pub fn publish(&self, _step: u64, _old_size: u64, _size: u64, _note: &[u8]) -> Result<(), Error> {
        todo!()
    }
    /// The pending checkpoint that waits for its cosignature, if any: (size, note).
    ///
    /// # Errors
    /// Storage.
    pub fn pending(&self) -> Result<Option<(u64, Vec<u8>)>, Error> {
        todo!()
    }
    /// The last published checkpoint, `None` before the first.
    pub fn snapshot(&self) -> Option<Snapshot> {
        todo!()
    }
    /// The checkpoint published at `step`.
    ///
    /// # Errors
    /// Storage.
    pub fn step(&self, _step: u64) -> Result<Option<Vec<u8>>, Error> {
        todo!()
    }
    /// A tile's bytes as of the published size (or, within it, any narrower width).
    ///
    /// # Errors
    /// Storage.
    pub fn tile(&self, _name: &tlog::tile::TileName) -> Result<Option<Vec<u8>>, Error> {
        todo!()
    }
    /// One entry.
    ///
    /// # Errors
    /// Storage.
    pub fn entry(&self, _index: u64) -> Result<Option<Vec<u8>>, Error> {
        todo!()
    }
    /// Position of an entry in the tree by its key, if it has one already.
    ///
    /// # Errors
    /// Storage.
    pub fn position(&self, _key: &Digest) -> Result<Option<u64>, Error> {
        todo!()
    }
    /// Whether any entry, placed or waiting, has this key.
    ///
    /// # Errors
    /// Storage.
    pub fn is_taken(&self, _key: &Digest) -> Result<bool, Error> {
        todo!()
    }
    /// Reads nodes of the tree of the published or pending size.
    pub fn nodes(&self) -> NodeReader {
        todo!()
    }
    /// Whether a blob is here, and its size.
    ///
    /// # Errors
    /// Storage.
    pub fn blob_size(&self, _digest: &Digest) -> Result<Option<u64>, Error> {
        todo!()
    }
    /// A blob of the database, or the path of its file.
    ///
    /// # Errors
    /// Storage.
    pub fn blob(&self, _digest: &Digest) -> Result<Option<Blob>, Error> {
        todo!()
    }
    /// Deletes a blob (several seats asked for it; the caller counts them).
    ///
    /// # Errors
    /// Storage.
    pub async fn delete_blob(&self, _digest: Digest) -> Result<bool, Error> {
        todo!()
    }
    /// Items of a list from `seq` on, at most `limit`, without those that expired by `now`.
    ///
    /// # Errors
    /// Storage.
    pub fn list(&self, _list: &str, _from: u64, _limit: usize, _now: u64) -> Result<Vec<ListEntry>, Error> {
        todo!()
    }
    /// Last position given out in a list plus one.
    ///
    /// # Errors
    /// Storage.
    pub fn list_len(&self, _list: &str) -> Result<u64, Error> {
        todo!()
    }
    /// Deletes one item.
    ///
    /// # Errors
    /// Storage.
    pub async fn delete_item(&self, _list: String, _seq: u64) -> Result<bool, Error> {
        todo!()
    }
    /// Small named values (which steps were delivered, …); `set` is durable when it returns.
    ///
    /// # Errors
    /// Storage.
    pub fn value(&self, _name: &str) -> Result<Option<Vec<u8>>, Error> {
        todo!()
    }
    /// Sets one.
    ///
    /// # Errors
    /// Storage.
    pub async fn set_value(&self, _name: String, _value: Vec<u8>) -> Result<(), Error> {
        todo!()
    }
    /// Forgets what expired: once-keys, list items, abandoned uploads, blobs that only expired items named are kept.
    ///
    /// # Errors
    /// Storage.
    pub async fn expire(&self, _now: u64) -> Result<(), Error> {
        todo!()
    }
    /// Writes a consistent copy of everything into `to` (must not exist), while running.
    ///
    /// # Errors
    /// Storage.
    pub fn backup(&self, _to: &Path) -> Result<(), Error> {
        todo!()
    }
    /// Where uploads and large blobs lie.
    pub fn uploads(&self) -> crate::upload::Uploads {
        todo!()
    }
    /// Counters for metrics and benches: fsyncs, batches, bytes written.
    pub fn counters(&self) -> Counters {
        todo!()
    }
    /// Waits until the sequencer has finished what it had, and stops it.
    pub async fn close(&self) {
        todo!()
    }
}

/// What the sequencer did since it started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Batches committed.
    pub batches: u64,
    /// Submissions in them.
    pub submissions: u64,
    /// fsync calls asked for (database commits, files, folders).
    pub fsyncs: u64,
    /// Bytes of blobs and entries.
    pub bytes: u64,
}

/// A blob.
pub enum Blob {
    /// From the database.
    Bytes(Vec<u8>),
    /// A file of this many bytes.
    File(PathBuf, u64),
}

/// Reads tree nodes for proofs.
pub struct NodeReader {
    _private: (),
}

impl tlog::proof::HashReader for NodeReader {
    type Error = Error;
    fn node(&self, _level: u8, _index: u64) -> Result<tlog::Hash, Error> {
        todo!()
    }
}
