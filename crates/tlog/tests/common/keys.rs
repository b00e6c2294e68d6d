//! Keys and notes for tests.
#![allow(dead_code, reason = "each test uses a part")]

use tlog::note::KeyKind;
use tlog::{Checkpoint, Hash, Note, SigningNoteKey, cosign};

pub const ORIGIN: &str = "example.com/log";

pub fn log_key() -> SigningNoteKey {
    SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[1; 32]).expect("a name")
}

/// The n-th cosigner's key.
pub fn witness_key(n: u8) -> SigningNoteKey {
    SigningNoteKey::from_seed(&format!("witness.example/w{n}"), KeyKind::CosignatureV1, &[100 + n; 32]).expect("a name")
}

pub fn checkpoint(size: u64, root: Hash) -> Note {
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size,
        root,
        extensions: Vec::new(),
    };
    let note = Note::new(checkpoint.to_text()).expect("a text");
    let signature = log_key().sign(note.text());
    note.with(signature)
}

/// Cosigned by witness n at time t, for each (n, t).
pub fn cosigned(note: Note, by: &[(u8, u64)]) -> Note {
    by.iter().fold(note, |note, (n, time)| {
        let signature = cosign::cosign(&witness_key(*n), note.text(), *time);
        note.with(signature)
    })
}
