//! What the tests share: acts that differ by a number, steps with real checkpoint notes.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::path::Path;

use ledger::ledger::Digest;
use ledger::sqlite::Options;
use ledger::{Error, Item, Ledger, NewEntry, Once, Stay, Submission};
use sha2::{Digest as _, Sha256};
use tlog::note::KeyKind;
use tlog::{Checkpoint, Hash, Note, SigningNoteKey};

pub fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// A folder in memory where there is one: for tests that open thousands of stores and bring their own faults.
pub fn memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .unwrap()
}

/// Blobs beyond 1,000 bytes are files.
pub fn options(folder: &Path) -> Options {
    Options {
        folder: folder.join("store"),
        inline_max: 1_000,
    }
}

/// A large blob, different for each number.
pub fn large(number: u64) -> Vec<u8> {
    number.to_be_bytes().iter().copied().cycle().take(3_000).collect()
}

/// An act with everything in it, different for each number.
pub fn act(number: u64) -> Submission {
    let name = number.to_be_bytes();
    let entry = [b"entry".as_slice(), &name].concat();
    let small = [b"small".as_slice(), &name].concat();
    let large = large(number);
    Submission {
        form: Some(digest(&[b"form".as_slice(), &name].concat())),
        answer: entry.clone(),
        once: vec![Once {
            key: digest(&[b"once".as_slice(), &name].concat()),
            expires: 100,
        }],
        entries: vec![NewEntry {
            key: digest(&entry),
            bytes: entry,
            step: 5,
            class: (number % 3) as u8,
            owner: None,
        }],
        items: vec![Item {
            list: "office".into(),
            bytes: name.to_vec(),
            expires: number.is_multiple_of(2).then_some(50),
            ..Item::default()
        }],
        ..Submission::default()
    }
    .with_blobs([small, large])
}

/// Says which blobs an act brings or names.
pub trait Blobs {
    /// Brings these, and names them until they are given up.
    fn with_blobs<const N: usize>(self, blobs: [Vec<u8>; N]) -> Self;
    /// Names nothing but this one, which is here already.
    fn naming(self, blob: Digest) -> Self;
}

impl Blobs for Submission {
    fn with_blobs<const N: usize>(mut self, blobs: [Vec<u8>; N]) -> Self {
        self.blobs = blobs.map(|bytes| (digest(&bytes), bytes)).into();
        self.names = self
            .blobs
            .iter()
            .map(|(digest, _)| (*digest, Stay::UntilGivenUp))
            .collect();
        self
    }

    fn naming(mut self, blob: Digest) -> Self {
        self.names = vec![(blob, Stay::UntilGivenUp)];
        self
    }
}

/// A checkpoint as a log signs it.
pub fn sign(size: u64, root: Hash) -> Vec<u8> {
    let key = SigningNoteKey::from_seed("test.example/log", KeyKind::Ed25519, &[7; 32]).unwrap();
    let text = Checkpoint {
        origin: "test.example/log".into(),
        size,
        root,
        extensions: vec![],
    }
    .to_text();
    let signature = key.sign(&text);
    Note::new(text).unwrap().with(signature).to_string().into_bytes()
}

/// What a note says: size and root.
pub fn read_note(note: &[u8]) -> (u64, Hash) {
    let checkpoint = Checkpoint::parse(Note::parse(note).unwrap().text()).unwrap();
    (checkpoint.size, checkpoint.root)
}

/// One step, with padding of its own and the opaque entries turned around.
pub fn extend(ledger: &Ledger, step: u64, fill: usize) -> Result<Vec<u8>, Error> {
    let mut drawn = 0_u64;
    let mut padding = || {
        drawn += 1;
        // The tree's size differs at every step that appends, so no key comes twice.
        let seed = [
            ledger.nodes().size().to_be_bytes(),
            step.to_be_bytes(),
            drawn.to_be_bytes(),
        ]
        .concat();
        (digest(&seed), vec![0; 65])
    };
    ledger.extend(
        step,
        [fill / 2, fill],
        fill,
        &mut padding,
        &mut |n| (0..n).rev().collect(),
        &sign,
    )
}

/// Extends and publishes.
pub fn step(ledger: &Ledger, step: u64, fill: usize) -> Result<Vec<u8>, Error> {
    let note = extend(ledger, step, fill)?;
    let old = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
    ledger.publish(step, old, read_note(&note).0, &note)?;
    Ok(note)
}

/// The bytes of a blob that is here.
pub fn blob(ledger: &Ledger, digest: &Digest) -> Option<Vec<u8>> {
    ledger.blob(digest).unwrap().map(|blob| blob.read().unwrap())
}

/// Everything that an accepted act promised is here.
pub fn assert_whole(ledger: &Ledger, act: &Submission) {
    let form = act.form.unwrap();
    assert_eq!(ledger.answer(&form).unwrap().as_ref(), Some(&act.answer));
    for entry in &act.entries {
        assert!(ledger.is_taken(&entry.key).unwrap());
    }
    for (digest, bytes) in &act.blobs {
        assert_eq!(blob(ledger, digest).as_ref(), Some(bytes));
    }
    for item in &act.items {
        let list = ledger.list(&item.list, 0, usize::MAX, 0).unwrap();
        assert_eq!(list.iter().filter(|found| found.bytes == item.bytes).count(), 1);
    }
}

/// Nothing of an act is here.
pub fn assert_absent(ledger: &Ledger, act: &Submission) {
    assert!(ledger.answer(&act.form.unwrap()).unwrap().is_none());
    for entry in &act.entries {
        assert!(!ledger.is_taken(&entry.key).unwrap());
        assert_eq!(ledger.position(&entry.key).unwrap(), None);
    }
    for (digest, _) in &act.blobs {
        assert!(ledger.blob_size(digest).unwrap().is_none());
    }
    for item in &act.items {
        let list = ledger.list(&item.list, 0, usize::MAX, 0).unwrap();
        assert!(list.iter().all(|found| found.bytes != item.bytes));
    }
}

/// The store of a folder has no fault.
pub fn assert_sound(folder: &Path) -> ledger::sqlite::fsck::FsckReport {
    let report = ledger::sqlite::fsck::fsck(&folder.join("store")).unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    report
}
