//! Checks a store that nobody has open: the invariant of docs/protocol.md §6.4 as far as bytes know it.

use std::path::Path;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Entries in the tree.
    pub size: u64,
    /// Waiting entries.
    pub waiting: u64,
    /// Blobs looked at.
    pub blobs: u64,
    /// Everything that is wrong, in words.
    pub faults: Vec<String>,
}

/// Reads everything: every root recomputed from entries, tiles, pending and published checkpoints' sizes and roots,
/// every accepted form's entries present once, every blob that a form needed present and of its digest, every list
/// item well-formed.
///
/// # Errors
/// When the store cannot be opened at all.
pub fn fsck(_folder: &Path) -> Result<Report, crate::ledger::Error> {
    todo!()
}
