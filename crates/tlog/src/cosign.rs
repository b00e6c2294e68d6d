//! Cosignatures (`tlog-cosignature`): Ed25519 `cosignature/v1`, and ML-DSA-44 `subtree/v1` over a whole tree.

use crate::checkpoint::Checkpoint;
use crate::note::{KeyKind, Note, NoteError, NoteSignature, SigningNoteKey, VerifierKey};

/// The greatest time that the format knows, 2^63 − 1.
const TIME_MAX: u64 = i64::MAX as u64;

/// Cosigns a checkpoint's text at `time` (POSIX seconds, at most 2^63 − 1) with a key of type 0x04 or 0x06.
///
/// # Panics
/// With a key of another kind, a text that is no checkpoint, a name or origin above 255 bytes with a key of type 0x06, or a
/// later time: a caller's mistake, for its clock is wrong by more than the age of the universe.
#[expect(clippy::expect_used, reason = "as said above")]
pub fn cosign(key: &SigningNoteKey, checkpoint_text: &str, time: u64) -> NoteSignature {
    assert!(is_cosigners(key.kind()), "cosignatures are made by a cosigner's key");
    assert!(time <= TIME_MAX, "the time of a cosignature is below 2^63");
    let message = message(key.kind(), key.name(), checkpoint_text, time).expect("a checkpoint's text");
    let signature = key.signing().sign(&message);
    key.signature([&time.to_be_bytes()[..], &signature].concat())
}

/// Verifies the cosignature of `key` on a note and gives its time (the greatest, should there be several).
///
/// # Errors
/// [`NoteError::Missing`], also for a key that is no cosigner's; [`NoteError::Bad`] when any of its lines does not verify;
/// [`NoteError::Unsupported`] when this program cannot tell.
pub fn verify(note: &Note, key: &VerifierKey) -> Result<u64, NoteError> {
    if !is_cosigners(key.kind()) {
        return Err(NoteError::Missing);
    }
    let mut newest = None;
    for line in note.lines_by(key, key.kind()) {
        let (time, signature) = line.signature.split_first_chunk::<8>().ok_or(NoteError::Bad)?;
        let time = u64::from_be_bytes(*time);
        let message = message(key.kind(), key.name(), note.text(), time).ok_or(NoteError::Bad)?;
        match key.material().verify(&message, signature) {
            Some(true) if time <= TIME_MAX => newest = newest.max(Some(time)),
            None => return Err(NoteError::Unsupported),
            Some(_) => return Err(NoteError::Bad),
        }
    }
    newest.ok_or(NoteError::Missing)
}

/// Whether keys of this kind make cosignatures.
pub fn is_cosigners(kind: KeyKind) -> bool {
    kind != KeyKind::Ed25519
}

/// What is signed. Ed25519: two lines, then the whole note text. ML-DSA-44: the structure `cosigned_message`, which says
/// nothing of extension lines; `None` where there is none for this name and text.
fn message(kind: KeyKind, name: &str, checkpoint_text: &str, time: u64) -> Option<Vec<u8>> {
    if kind != KeyKind::MlDsa44 {
        return Some(format!("cosignature/v1\ntime {time}\n{checkpoint_text}").into_bytes());
    }
    let checkpoint = Checkpoint::parse(checkpoint_text)?;
    let mut message = b"subtree/v1\n\0".to_vec();
    let text = |message: &mut Vec<u8>, text: &str| -> Option<()> {
        message.push(u8::try_from(text.len()).ok()?);
        message.extend(text.as_bytes());
        Some(())
    };
    text(&mut message, name)?;
    message.extend(time.to_be_bytes());
    text(&mut message, &checkpoint.origin)?;
    message.extend(0_u64.to_be_bytes());
    message.extend(checkpoint.size.to_be_bytes());
    message.extend(checkpoint.root.0);
    Some(message)
}
