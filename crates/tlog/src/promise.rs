//! The promise (docs/protocol.md §6.4, §15.8): a note by the log key that an entry will be in a checkpoint by a deadline.

use crate::note::{Note, NoteError, SigningNoteKey, VerifierKey};

/// First line of a promise.
pub const HEADER: &str = "resguardo-promise/v1";

/// What a promise says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The log's name.
    pub origin: String,
    /// SHA-256 of the entry.
    pub entry: [u8; 32],
    /// POSIX seconds.
    pub deadline: u64,
}

impl Promise {
    /// Signs it (type 0x01 key whose name is the origin).
    pub fn sign(&self, _key: &SigningNoteKey) -> Note {
        todo!()
    }
    /// Verifies a promise note for `origin`, and reads it.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn verify(_note: &Note, _key: &VerifierKey) -> Result<Self, NoteError> {
        todo!()
    }
}
