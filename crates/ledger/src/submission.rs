//! What can be stored, and what is read back.

/// 32-byte SHA-256.
pub type Digest = [u8; 32];

/// Longest entry, in bytes (its length in an entry tile has 16 bits).
pub const ENTRY_MAX: usize = 65_535;

/// Longest list item, in bytes.
pub const ITEM_MAX: usize = 1_024;

/// An entry that asks for a place in the tree.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Up to 65,535 bytes.
    pub bytes: Vec<u8>,
    /// Refused when any entry, in the tree or waiting, has this key (32 bytes).
    pub key: Digest,
    /// First step at which it may be placed.
    pub step: u64,
    /// Which quota of a step it falls under; meaning is the caller's (0 filings, 1 members, 2 and above public).
    pub class: u8,
    /// Whose it is, where the entries of a class are placed in turns: one of each owner, then the second of each. Kept
    /// only while the entry waits. `None`: it is placed in the order of steps and arrival.
    pub owner: Option<u16>,
}

/// An item for a list. Lists are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// `drop/0/-`, `office`, `delivery/3`, `public/council`, …
    pub list: String,
    /// Opaque, small (≤ 1 KiB): digests and what the caller needs.
    pub bytes: Vec<u8>,
    /// POSIX second after which it is gone; `None` stays.
    pub expires: Option<u64>,
    /// A blob that it names, which stays at least as long as the item.
    pub blob: Option<Digest>,
    /// Who may delete it; 0 is nobody.
    pub owner: u16,
    /// Where in its list it goes.
    pub order: Order,
}

/// Where in its list an item goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Behind those that came before.
    #[default]
    Arrival,
    /// At a position drawn at random, so that the list does not tell what came first.
    Drawn,
}

/// How long a blob stays with the act that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// As long as the log.
    Lasting = 0,
    /// Until it is given up ([`crate::Ledger::give_up`]).
    UntilGivenUp = 1,
}

/// What came of giving a blob up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The act that named it does so no more; the bytes go unless an item names them.
    Done,
    /// It stays as long as the log.
    Lasting,
    /// No act names it, or none any more.
    Unnamed,
}

/// What came of deleting an item of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// Gone.
    Done,
    /// It has no expiry and stays.
    Lasting,
    /// Only others have such an item there.
    Foreign,
    /// Nobody has.
    Absent,
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
    /// Identifies the whole form: the same again gets the stored answer, and nothing else is looked at but what
    /// `is_fresh` asks for.
    pub form: Option<Digest>,
    /// Whether `once` must be unused also for a form that was accepted before, and is then used up: so it is with
    /// signatures, for a replay is refused whatever it carries. Work that was done is good for the same form again.
    pub is_fresh: bool,
    /// The answer that is kept with `form`.
    pub answer: Vec<u8>,
    /// Used up by this act.
    pub once: Vec<Once>,
    /// Entries.
    pub entries: Vec<NewEntry>,
    /// Blobs with their SHA-256; the caller has checked it. Ones already here are skipped, and so are those that
    /// neither `names` nor an item names.
    pub blobs: Vec<(Digest, Vec<u8>)>,
    /// Blobs of the form itself, among `blobs` or here already, durable. No other form names any of them.
    pub names: Vec<(Digest, Stay)>,
    /// List items.
    pub items: Vec<Item>,
    /// Items (list, position) that are taken away in the same moment. All must be there.
    pub removes: Vec<(String, u64)>,
}

impl Submission {
    /// Bytes of entries and blobs, for the budget of what waits and for counters.
    pub(crate) fn weight(&self) -> usize {
        self.entries.iter().map(|entry| entry.bytes.len()).sum::<usize>()
            + self.blobs.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
            + self.items.iter().map(|item| item.bytes.len()).sum::<usize>()
    }
}

/// What came of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Durable now.
    New,
    /// The form had been accepted before; this is its stored answer.
    Again(Vec<u8>),
}

/// Entries that wait, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingEntries {
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
    /// As given.
    pub blob: Option<Digest>,
    /// As given.
    pub owner: u16,
}

/// Immutable view of the tree up to the last published checkpoint.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Published size.
    pub size: u64,
    /// Note bytes, cosigned.
    pub checkpoint: std::sync::Arc<[u8]>,
}

/// What the sequencer did since it started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Batches committed.
    pub batches: u64,
    /// Submissions in them.
    pub submissions: u64,
    /// How often the store waited for bytes to be durable (commits, files, folders).
    pub fsyncs: u64,
    /// Bytes of blobs and entries.
    pub bytes: u64,
}
