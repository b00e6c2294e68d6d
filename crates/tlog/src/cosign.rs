//! Cosignatures (`tlog-cosignature`, Ed25519 `cosignature/v1`).

use ed25519_dalek::Signer;

use crate::ed25519;
use crate::note::{KeyKind, Note, NoteError, NoteSignature, SigningNoteKey, VerifierKey};

/// The greatest time that the format knows, 2^63 − 1.
const TIME_MAX: u64 = i64::MAX as u64;

/// Cosigns a checkpoint's text at `time` (POSIX seconds, at most 2^63 − 1) with a type 0x04 key.
///
/// # Panics
/// With a key of another kind, or a later time: a caller's mistake, for its clock is wrong by more than the age of
/// the universe.
pub fn cosign(key: &SigningNoteKey, checkpoint_text: &str, time: u64) -> NoteSignature {
    assert_eq!(
        key.kind(),
        KeyKind::CosignatureV1,
        "cosignatures are made by a cosigner's key"
    );
    assert!(time <= TIME_MAX, "the time of a cosignature is below 2^63");
    let signature = key.key().sign(message(checkpoint_text, time).as_bytes());
    key.signature([&time.to_be_bytes()[..], &signature.to_bytes()[..]].concat())
}

/// Verifies the cosignature of `key` on a note and gives its time (the greatest, should there be several).
///
/// # Errors
/// [`NoteError::Missing`], also for a key of another kind; [`NoteError::Bad`] when any of its lines does not verify.
pub fn verify(note: &Note, key: &VerifierKey) -> Result<u64, NoteError> {
    let mut newest = None;
    for line in note.lines_by(key, KeyKind::CosignatureV1) {
        let (time, signature) = line.signature.split_first_chunk::<8>().ok_or(NoteError::Bad)?;
        let time = u64::from_be_bytes(*time);
        if time > TIME_MAX || !ed25519::verify(key.key(), message(note.text(), time).as_bytes(), signature) {
            return Err(NoteError::Bad);
        }
        newest = newest.max(Some(time));
    }
    newest.ok_or(NoteError::Missing)
}

/// What is signed: two lines, then the whole note text.
fn message(checkpoint_text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{checkpoint_text}")
}
