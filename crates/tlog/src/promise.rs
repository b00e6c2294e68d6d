//! The promise (docs/protocol.md §6.4, §15.8): a note by the log key that an entry will be in a checkpoint by a deadline.

use base64ct::{Base64, Encoding as _};

use crate::decimal;
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
    ///
    /// # Panics
    /// With a key of another name or kind: a log promises for itself only.
    pub fn sign(&self, key: &SigningNoteKey) -> Note {
        assert_eq!(key.name(), self.origin, "a log promises for itself only");
        let text = format!(
            "{HEADER}\n{}\n{}\n{}\n",
            self.origin,
            Base64::encode_string(&self.entry),
            self.deadline
        );
        let signature = key.sign(&text);
        Note::of_own_text(text).with(signature)
    }

    /// Verifies a promise note by the log of this key, whose name is the origin, and reads it.
    ///
    /// # Errors
    /// [`NoteError`]; [`NoteError::Form`] also for a note by this key that is no promise by this log.
    pub fn verify(note: &Note, key: &VerifierKey) -> Result<Self, NoteError> {
        note.verify(key)?;
        Self::read(note.text())
            .filter(|promise| promise.origin == key.name())
            .ok_or(NoteError::Form)
    }

    fn read(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
        let [HEADER, origin, entry, deadline] = lines[..] else {
            return None;
        };
        let entry = Base64::decode_vec(entry).ok()?.try_into().ok()?;
        Some(Self {
            origin: origin.to_owned(),
            entry,
            deadline: decimal::parse(deadline)?,
        })
    }
}
