//! One contract, every backend: small blobs, large ones, mixed; when nothing fails, when each call to the backend fails in
//! turn, and when each call of SQLite's backend to its disk does: before the call, after it, for want of room; with and
//! without a power cut.
//!
//! After opening anew: what was answered is there whole; everything else is there whole or not at all; no note that
//! was given out is contradicted by the tree; and the same acts handed in again end with every entry exactly once.

use crate::support;

use std::collections::HashMap;
use std::sync::Arc;

use ledger::sqlite::disk::{Disk, Native};
use ledger::sqlite::{self, Options, Sqlite};
use ledger::store::{self, Store};
use ledger::upload::Chunk;
use ledger::{Accepted, Error, Item, Ledger, Order, Stay, Submission};
use stores::disk::FaultyDisk;
use stores::faulty::{Fault, Faulty, How};
use stores::memory::Memory;
use support::{act, assert_absent, assert_sound, assert_whole, blob, digest, extend, large, memory, read_note};
use tlog::Hash;
use tlog::tile::{TileKind, TileName};

const UPLOAD: [u8; 32] = [9; 32];
const ACTS: std::ops::Range<u64> = 1..8;

/// What was answered.
#[derive(Default)]
struct Answers {
    accepted: Vec<u64>,
    notes: Vec<(u64, Hash)>,
    published: u64,
    uploaded: bool,
    deleted: bool,
    delete_begun: bool,
    value: bool,
    recorded: bool,
    record_deleted: bool,
    failures: Vec<Error>,
}

impl Answers {
    /// Keeps a failure, gives what was answered. After a failed disk nothing may be answered any more.
    fn take<T>(&mut self, answer: Result<T, Error>) -> Option<T> {
        let has_failed = self.failures.iter().any(|error| matches!(error, Error::Storage(_)));
        match answer {
            Ok(value) => {
                assert!(!has_failed, "answered after storage had failed: {:?}", self.failures);
                Some(value)
            }
            Err(error) => {
                self.failures.push(error);
                None
            }
        }
    }
}

/// The acts; the fifth needs the upload.
fn numbered(number: u64) -> Submission {
    let mut act = act(number);
    if number == 5 {
        act.names.push((digest(&large(1_000)), Stay::UntilGivenUp));
    }
    act
}

/// Records that two members wrote: both have the small one, one of them a large one that expires.
fn records() -> Submission {
    let (small, large) = (b"a record".to_vec(), large(2_000));
    let item = |owner: u16, blob: &[u8], expires: u64| Item {
        list: "drop".into(),
        blob: Some(digest(blob)),
        owner,
        expires: Some(expires),
        order: Order::Drawn,
        ..Item::default()
    };
    Submission {
        form: Some([8; 32]),
        items: vec![item(1, &small, 1_000), item(2, &small, 1_000), item(1, &large, 50)],
        blobs: vec![(digest(&small), small), (digest(&large), large)],
        ..Submission::default()
    }
}

async fn submit(ledger: &Ledger, number: u64) -> (u64, Result<Accepted, Error>) {
    (number, ledger.submit(numbered(number)).await)
}

fn publish(ledger: &Ledger, answers: &mut Answers, step: u64) {
    let Some(note) = answers.take(extend(ledger, step, 4)) else {
        return;
    };
    let (size, root) = read_note(&note);
    answers.notes.push((size, root));
    let old = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
    if answers.take(ledger.publish(step, old, size, &note)).is_some() {
        answers.published = size;
    }
}

fn upload(ledger: &Ledger, answers: &mut Answers) {
    let bytes = large(1_000);
    let total = bytes.len() as u64;
    let Ok(at) = ledger.uploads().offset(&UPLOAD) else {
        return;
    };
    let (mut at, half) = (usize::try_from(at).unwrap(), bytes.len() / 2);
    if at < half {
        answers.take(ledger.uploads().put(&UPLOAD, at as u64, &bytes[at..half], None, total));
        at = half;
    }
    // A finished upload says that it is whole: its last byte again gives its blob again.
    let at = at.min(bytes.len() - 1);
    let last = ledger
        .uploads()
        .put(&UPLOAD, at as u64, &bytes[at..], Some(total), total);
    answers.uploaded |= matches!(answers.take(last), Some(Chunk::Done(found, _)) if found == digest(&bytes));
}

/// The whole life of a ledger, in small. May be gone through again: everything in it is idempotent.
async fn live(ledger: &Ledger, answers: &mut Answers, first_step: u64) {
    let mut outcomes = vec![submit(ledger, 1).await];
    let (second, third, fourth) = tokio::join!(submit(ledger, 2), submit(ledger, 3), submit(ledger, 4));
    outcomes.extend([second, third, fourth]);
    publish(ledger, answers, first_step);
    upload(ledger, answers);
    outcomes.push(submit(ledger, 5).await);
    publish(ledger, answers, first_step + 2);
    answers.recorded |= answers.take(ledger.submit(records()).await).is_some();
    answers.delete_begun = true;
    let mut all = true;
    for (blob, _) in numbered(1).blobs {
        all &= answers.take(ledger.give_up(blob).await).is_some();
    }
    answers.deleted |= all;
    let own = ledger.delete_own(vec!["drop".into()], 1, digest(b"a record")).await;
    answers.record_deleted |= answers.take(own).is_some();
    answers.value |= answers.take(ledger.set_value("name".into(), vec![1]).await).is_some();
    outcomes.push(submit(ledger, 6).await);
    answers.take(ledger.expire(60).await);
    if let Some(note) = answers.take(extend(ledger, first_step + 3, 4)) {
        answers.notes.push(read_note(&note));
    }
    outcomes.push(submit(ledger, 7).await);
    for (number, outcome) in outcomes {
        match outcome {
            Ok(_) => answers.accepted.push(number),
            // The fifth is right to be refused when the upload failed.
            Err(Error::Refused(_)) if number == 5 && !answers.uploaded => {}
            Err(error) => answers.failures.push(error),
        }
    }
}

/// The act as it must be found: its blob may be deleted, its item expired.
fn expected(number: u64, answers: &Answers) -> Submission {
    let mut act = numbered(number);
    if number == 1 && answers.delete_begun {
        act.blobs.clear();
    }
    act.items.retain(|item| item.expires.is_none());
    act
}

fn check(ledger: &Ledger, answers: &Answers, inline_max: usize) {
    for number in ACTS {
        let mut act = expected(number, answers);
        if answers.accepted.contains(&number) || ledger.answer(&act.form.unwrap()).unwrap().is_some() {
            assert_whole(ledger, &act);
        } else {
            // Files are durable before the act that brings them.
            act.blobs.retain(|(_, bytes)| bytes.len() <= inline_max);
            assert_absent(ledger, &act);
        }
    }
    let nodes = ledger.nodes();
    for (size, root) in &answers.notes {
        assert!(*size <= nodes.size(), "a note of {size} entries was given out");
        assert_eq!(tlog::proof::root(*size, &nodes).unwrap(), *root, "a second history");
    }
    assert!(ledger.snapshot().map_or(0, |snapshot| snapshot.size) >= answers.published);
    if answers.uploaded {
        assert_eq!(blob(ledger, &digest(&large(1_000))), Some(large(1_000)));
    }
    for (blob, bytes) in numbered(1).blobs {
        // A large one may come again with the same form, and is then held for two days like an upload.
        assert!(!answers.deleted || !ledger.is_named(&blob).unwrap());
        assert!(!answers.deleted || bytes.len() > inline_max || ledger.blob_size(&blob).unwrap().is_none());
    }
    if answers.recorded {
        let record = digest(b"a record");
        assert!(
            ledger.blob_size(&record).unwrap().is_some(),
            "another member's record is here"
        );
        let items = ledger.list("drop", 0, 10, 60).unwrap();
        let own = items.iter().filter(|item| item.owner == 1).count();
        assert_eq!(items.len() - own, 1);
        assert!(!answers.record_deleted || own == 0);
    }
    assert!(!answers.value || ledger.value("name").unwrap() == Some(vec![1]));
}

/// Every entry is in the published tree exactly once, and nothing waits.
fn check_tree(ledger: &Ledger) {
    let size = ledger.snapshot().unwrap().size;
    let tile = TileName {
        kind: TileKind::Entries,
        index: 0,
        width: u16::try_from(size).unwrap(),
    };
    let bundle = ledger.tile(&tile).unwrap().unwrap();
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for entry in tlog::tile::decode_entries(&bundle).unwrap() {
        *counts.entry(entry).or_default() += 1;
    }
    for number in ACTS {
        assert_eq!(counts.get(act(number).entries[0].bytes.as_slice()), Some(&1));
    }
    assert_eq!(ledger.waiting().unwrap().by_class, [0; 3]);
}

/// What outlives the ledgers on it.
enum Backend {
    Memory(Memory),
    Sqlite(tempfile::TempDir),
}

/// Where something fails: in a call to the backend, whichever it is, or in a call of SQLite's backend to its disk.
#[derive(Clone)]
enum At {
    Call(Fault),
    Disk(FaultyDisk),
}

impl At {
    fn fault(&self) -> &Fault {
        match self {
            Self::Call(fault) => fault,
            Self::Disk(disk) => disk.fault(),
        }
    }
}

impl Backend {
    fn open(&self, at: &At, inline_max: usize) -> Result<Ledger, Error> {
        fn start<S: Store + 'static, B: store::Blobs + 'static>(
            (store, blobs): (S, B),
            fault: &Fault,
            inline_max: usize,
        ) -> Result<Ledger, Error> {
            let store = Arc::new(Faulty::new(Arc::new(store), fault));
            let blobs = Arc::new(Faulty::new(Arc::new(blobs), fault));
            Ledger::start(store, blobs, inline_max)
        }
        match (self, at) {
            (Self::Memory(memory), At::Call(fault)) => start((memory.clone(), memory.clone()), fault, inline_max),
            (Self::Memory(_), At::Disk(_)) => panic!("memory has no disk"),
            (Self::Sqlite(folder), At::Call(fault)) => {
                let store = Sqlite::open(&folder.path().join("store"), Arc::new(Native))?;
                let files = store.files();
                start((store, files), fault, inline_max)
            }
            (Self::Sqlite(folder), At::Disk(disk)) => {
                let folder = folder.path().join("store");
                sqlite::open_on(&Options { folder, inline_max }, Arc::new(disk.clone()))
            }
        }
    }

    /// Opens it when nothing fails.
    fn reopen(&self, inline_max: usize) -> Ledger {
        self.open(&At::Call(Fault::default()), inline_max).unwrap()
    }

    fn assert_sound(&self) {
        if let Self::Sqlite(folder) = self {
            assert_sound(folder.path());
        }
    }
}

/// Lives on a backend until it fails, looks at what is left, lives again, looks again.
async fn round(backend: &Backend, inline_max: usize, at: &At, cut: bool) -> Answers {
    let mut answers = Answers::default();
    match backend.open(at, inline_max) {
        Ok(ledger) => {
            live(&ledger, &mut answers, 5).await;
            ledger.close().await;
        }
        Err(error) => answers.failures.push(error),
    }
    if let At::Disk(disk) = at
        && cut
    {
        disk.cut_power().unwrap();
    }
    let ledger = backend.reopen(inline_max);
    check(&ledger, &answers, inline_max);
    drop(ledger);
    backend.assert_sound();
    let ledger = backend.reopen(inline_max);
    if let Some((size, note)) = ledger.pending().unwrap() {
        let old = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
        ledger.publish(20, old, size, &note).unwrap();
    }
    let mut again = Answers {
        notes: answers.notes.clone(),
        ..Answers::default()
    };
    live(&ledger, &mut again, 21).await;
    publish(&ledger, &mut again, 30);
    publish(&ledger, &mut again, 31);
    assert!(again.failures.is_empty(), "{:?}", again.failures);
    assert_eq!(again.accepted.len(), ACTS.count());
    check(&ledger, &again, inline_max);
    check_tree(&ledger);
    drop(ledger);
    backend.assert_sound();
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn every_backend_when_nothing_fails() {
    for inline_max in [0, 1_000, 1 << 20] {
        for backend in [Backend::Memory(Memory::default()), Backend::Sqlite(memory())] {
            let answers = round(&backend, inline_max, &At::Call(Fault::default()), false).await;
            assert!(answers.failures.is_empty(), "{:?}", answers.failures);
            assert_eq!(answers.accepted.len(), ACTS.count());
        }
    }
}

/// Fails the n-th call for each n, until a whole life needs no n-th call.
async fn every_call(backend: impl Fn() -> Backend, at: impl Fn(u64) -> At, how: How, cut: bool, inline_max: usize) {
    let mut fired = 0;
    for call in 0.. {
        let at = at(call);
        let answers = round(&backend(), inline_max, &at, cut).await;
        if !at.fault().has_fired() {
            assert!(answers.failures.is_empty());
            break;
        }
        fired += 1;
        let is_expected = |error: &Error| match how {
            How::Full => matches!(error, Error::Full | Error::Refused(_) | Error::Moved),
            How::Before | How::After => matches!(error, Error::Storage(_)),
        };
        assert!(
            answers.failures.iter().all(is_expected),
            "call {call}: {:?}",
            answers.failures
        );
    }
    assert!(fired > 100, "only {fired} calls were seen");
}

async fn every_call_of_the_disk(how: How, cut: bool, inline_max: usize) {
    let at = |call| At::Disk(FaultyDisk::new(call, how));
    every_call(|| Backend::Sqlite(memory()), at, how, cut, inline_max).await;
}

/// Every backend, whichever of its calls fails.
async fn every_call_of_each_backend(how: How, inline_max: usize) {
    let at = |call| At::Call(Fault::new(call, how));
    every_call(|| Backend::Memory(Memory::default()), at, how, false, inline_max).await;
    every_call(|| Backend::Sqlite(memory()), at, how, false, inline_max).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_backend_stopped_before_each_call() {
    every_call_of_each_backend(How::Before, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_backend_stopped_after_each_call() {
    every_call_of_each_backend(How::After, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_backend_without_room_at_each_call() {
    every_call_of_each_backend(How::Full, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_each_call_of_the_disk() {
    every_call_of_the_disk(How::Before, false, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cut_before_each_call_of_the_disk() {
    every_call_of_the_disk(How::Before, true, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cut_after_each_call_of_the_disk() {
    every_call_of_the_disk(How::After, true, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn power_cut_with_files_only() {
    every_call_of_the_disk(How::Before, true, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_room_at_each_call_of_the_disk() {
    every_call_of_the_disk(How::Full, false, 1_000).await;
}

/// The faulty disk itself: what it forgets is what was not synced.
#[test]
fn a_power_cut_loses_what_was_not_synced() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("old"), b"old").unwrap();
    let disk = FaultyDisk::default();
    for name in ["synced", "named", "unnamed"] {
        let mut file = disk.open(&path(name)).unwrap();
        file.write(0, b"durable").unwrap();
        file.sync().unwrap();
        file.write(7, b" lost").unwrap();
        if name == "synced" {
            file.sync().unwrap();
        }
        if name == "named" {
            disk.sync_folder(folder.path()).unwrap();
        }
    }
    disk.rename(&path("synced"), &path("renamed")).unwrap();
    disk.remove(&path("old")).unwrap();
    disk.cut_power().unwrap();
    assert_eq!(std::fs::read(path("synced")).unwrap(), b"durable lost");
    assert_eq!(std::fs::read(path("named")).unwrap(), b"durable");
    assert_eq!(std::fs::read(path("old")).unwrap(), b"old");
    assert!(!path("unnamed").exists() && !path("renamed").exists());
    assert!(disk.open(&path("old")).is_err(), "the power is off");
}
