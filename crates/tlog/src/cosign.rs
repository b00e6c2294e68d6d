//! Cosignatures (`tlog-cosignature`, Ed25519 `cosignature/v1`).

use crate::note::{Note, NoteError, NoteSignature, SigningNoteKey, VerifierKey};

/// Cosigns a checkpoint's text at `time` (POSIX seconds) with a type 0x04 key.
pub fn cosign(_key: &SigningNoteKey, _checkpoint_text: &str, _time: u64) -> NoteSignature {
    todo!()
}
/// Verifies the cosignature of `key` on a note and gives its time (the greatest, should there be several).
///
/// # Errors
/// [`NoteError::Missing`], [`NoteError::Bad`].
pub fn verify(_note: &Note, _key: &VerifierKey) -> Result<u64, NoteError> {
    todo!()
}
