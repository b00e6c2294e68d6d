//! Why storage fails, and why a submission is refused.

use std::io;

use crate::submission::Digest;

/// A submission that breaks a rule; nothing of it was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// An entry's key is taken.
    #[error("the key of an entry is taken")]
    Taken,
    /// A once-key was used before.
    #[error("a key good for one use was used before")]
    Used,
    /// Blobs that are named are not here.
    #[error("{} blobs are not here", .0.len())]
    Missing(Vec<Digest>),
    /// Blobs are named by another act.
    #[error("{} blobs belong to another act", .0.len())]
    Named(Vec<Digest>),
    /// An item that was to be taken away is not there any more.
    #[error("an item that was to be taken away is gone")]
    Changed,
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
    /// Another process has the store of this name.
    #[error("another process is using {0}")]
    Busy(String),
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
    /// A restore would give the log a second history.
    #[error("the backup has {size} entries and does not hold the {floor} that were signed")]
    RollsBack {
        /// In the backup.
        size: u64,
        /// Signed before.
        floor: u64,
    },
    /// What is stored contradicts itself.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

impl Error {
    /// The same again, for everybody in a batch that failed as a whole.
    pub(crate) fn copy(&self) -> Self {
        match self {
            Self::Refused(refused) => Self::Refused(refused.clone()),
            Self::Full => Self::Full,
            Self::Storage(what) => Self::Storage(what.clone()),
            Self::Busy(name) => Self::Busy(name.clone()),
            Self::Newer { found, known } => Self::Newer {
                found: *found,
                known: *known,
            },
            Self::Moved => Self::Moved,
            Self::RollsBack { size, floor } => Self::RollsBack {
                size: *size,
                floor: *floor,
            },
            Self::Damaged(what) => Self::Damaged(what.clone()),
        }
    }

    /// Whether the store is as good after this as before it: a rule said no, or there was no room.
    pub(crate) fn is_harmless(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Full | Self::Moved)
    }
}

impl From<io::Error> for Error {
    /// Keeps the kind only: the text of a system error may hold a path.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            kind => Self::Storage(format!("file: {kind}")),
        }
    }
}
