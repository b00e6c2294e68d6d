//! What holds a blob, against a plain model: whatever is filed, posted, moved, given up, deleted or expires, and
//! wherever a call fails, bytes are here exactly while something names them.

use crate::support;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use ledger::ledger::Digest;
use ledger::{Deleted, Error, GivenUp, Item, Ledger, Order, Refused, Stay, Submission, sqlite};
use proptest::prelude::*;
use stores::disk::FaultyDisk;
use stores::faulty::How;
use support::{assert_sound, digest, memory, options};

/// Seconds after which a finished upload is old, one more for an expiry at time 0.
const OLD_S: u64 = 172_801;

#[derive(Clone, Debug)]
enum Op {
    /// A form that names these blobs: for good, or until they are given up.
    File(Vec<(u8, bool)>),
    /// An item of an owner's in a list, with an expiry or without.
    Post {
        list: u8,
        owner: u16,
        blob: u8,
        keep: Option<u64>,
    },
    /// Everything of one list goes to the other.
    Move(u8),
    GiveUp(u8),
    Delete {
        list: u8,
        owner: u16,
        blob: u8,
    },
    Expire(u64),
    Backup,
    Reopen,
    /// The n-th call from here on fails, before or after it was performed, and the power is cut.
    Fail(u64, bool),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let blob = || 0..6_u8;
    let op = prop_oneof![
        3 => prop::collection::vec((blob(), any::<bool>()), 1..4).prop_map(Op::File),
        4 => (0..2_u8, 0..3_u16, blob(), prop::option::of(1..40_u64))
            .prop_map(|(list, owner, blob, keep)| Op::Post { list, owner, blob, keep }),
        1 => (0..2_u8).prop_map(Op::Move),
        3 => blob().prop_map(Op::GiveUp),
        3 => (0..2_u8, 0..3_u16, blob()).prop_map(|(list, owner, blob)| Op::Delete { list, owner, blob }),
        2 => (1..30_u64).prop_map(Op::Expire),
        1 => Just(Op::Backup),
        1 => Just(Op::Reopen),
        2 => (0..25_u64, any::<bool>()).prop_map(|(call, after)| Op::Fail(call, after)),
    ];
    prop::collection::vec(op, 1..40)
}

/// Odd ones are files.
fn bytes(blob: u8) -> Vec<u8> {
    vec![blob; if blob.is_multiple_of(2) { 100 } else { 2_000 }]
}

fn name(blob: u8) -> Digest {
    digest(&bytes(blob))
}

fn list(number: u8) -> String {
    format!("list/{number}")
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    list: u8,
    owner: u16,
    blob: u8,
    expires: Option<u64>,
}

/// What must be the case, kept beside the ledger.
#[derive(Clone, Debug, Default)]
struct Model {
    now: u64,
    forms: u64,
    /// Blobs that a form names: for good, or until they are given up.
    names: HashMap<u8, bool>,
    items: Vec<Held>,
}

/// What an operation must answer.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Done,
    GivenUp(GivenUp),
    Deleted(Deleted),
    /// A form named what another one names.
    Foreign,
}

impl Model {
    /// The state after an operation, and its answer.
    fn after(&self, op: &Op) -> (Self, Answer) {
        let mut next = self.clone();
        let answer = match op {
            Op::File(blobs) => {
                next.forms += 1;
                if blobs.iter().any(|(blob, _)| self.names.contains_key(blob)) {
                    return (self.clone(), Answer::Foreign);
                }
                next.names.extend(blobs.iter().copied());
                Answer::Done
            }
            Op::Post {
                list,
                owner,
                blob,
                keep,
            } => {
                next.items.push(Held {
                    list: *list,
                    owner: *owner,
                    blob: *blob,
                    expires: keep.map(|keep| self.now + keep),
                });
                Answer::Done
            }
            Op::Move(from) => {
                let moved = next.items.iter_mut().filter(|item| item.list == *from);
                moved.for_each(|item| item.list = 1 - from);
                Answer::Done
            }
            Op::GiveUp(blob) => Answer::GivenUp(match self.names.get(blob) {
                None => GivenUp::Unnamed,
                Some(true) => GivenUp::Lasting,
                Some(false) => {
                    next.names.remove(blob);
                    GivenUp::Done
                }
            }),
            Op::Delete { list, owner, blob } => {
                let there = |item: &&Held| item.list == *list && item.blob == *blob;
                let own = |item: &Held| *owner != 0 && item.owner == *owner;
                let found: Vec<&Held> = self.items.iter().filter(there).collect();
                Answer::Deleted(if found.iter().any(|item| own(item) && item.expires.is_none()) {
                    Deleted::Lasting
                } else if found.iter().any(|item| own(item)) {
                    next.items.retain(|item| !(there(&item) && own(item)));
                    Deleted::Done
                } else if found.is_empty() {
                    Deleted::Absent
                } else {
                    Deleted::Foreign
                })
            }
            Op::Expire(seconds) => {
                next.now += seconds;
                let now = next.now;
                next.items
                    .retain(|item| item.expires.is_none_or(|expires| expires > now));
                Answer::Done
            }
            Op::Backup | Op::Reopen | Op::Fail(..) => Answer::Done,
        };
        (next, answer)
    }

    fn is_named(&self, blob: u8) -> bool {
        self.names.contains_key(&blob) || self.items.iter().any(|item| item.blob == blob)
    }

    /// Why the ledger is not as the model says. Files may be held two days longer than they are named.
    fn differs(&self, ledger: &Ledger, is_exact: bool) -> Option<String> {
        for blob in 0..6 {
            let digest = name(blob);
            if ledger.is_named(&digest).unwrap() != self.is_named(blob) {
                return Some(format!("blob {blob}: named or not"));
            }
            let stay = self.names.get(&blob).map(|is_lasting| match is_lasting {
                true => Stay::Lasting,
                false => Stay::UntilGivenUp,
            });
            if ledger.stay(&digest).unwrap() != stay {
                return Some(format!("blob {blob}: how long it stays"));
            }
            let is_here = ledger.blob_size(&digest).unwrap().is_some();
            let may_linger = !is_exact && !blob.is_multiple_of(2);
            if is_here != self.is_named(blob) && !(is_here && may_linger) {
                return Some(format!("blob {blob}: here {is_here}"));
            }
        }
        let mut found = Vec::new();
        for number in 0..2 {
            for item in ledger.list(&list(number), 0, usize::MAX, 0).unwrap() {
                let blob = (0..6).find(|blob| Some(name(*blob)) == item.blob).unwrap();
                found.push(Held {
                    list: number,
                    owner: item.owner,
                    blob,
                    expires: item.expires,
                });
            }
        }
        let mut expected = self.items.clone();
        found.sort_unstable();
        expected.sort_unstable();
        (found != expected).then(|| format!("items {found:?} instead of {expected:?}"))
    }
}

async fn perform(ledger: &Ledger, model: &Model, op: &Op, folder: &Path) -> Result<Answer, Error> {
    let brought = |blob: u8| (name(blob), bytes(blob));
    let submission = match op {
        Op::File(blobs) => Submission {
            form: Some(digest(&[&b"form"[..], &model.forms.to_be_bytes()].concat())),
            names: blobs
                .iter()
                .map(|(blob, is_lasting)| match is_lasting {
                    true => (name(*blob), Stay::Lasting),
                    false => (name(*blob), Stay::UntilGivenUp),
                })
                .collect(),
            blobs: blobs.iter().map(|(blob, _)| brought(*blob)).collect(),
            ..Submission::default()
        },
        Op::Post {
            list: number,
            owner,
            blob,
            keep,
        } => Submission {
            items: vec![Item {
                list: list(*number),
                owner: *owner,
                blob: Some(name(*blob)),
                expires: keep.map(|keep| model.now + keep),
                order: Order::Drawn,
                ..Item::default()
            }],
            blobs: vec![brought(*blob)],
            ..Submission::default()
        },
        Op::Move(from) => {
            let there = ledger.list(&list(*from), 0, usize::MAX, 0)?;
            Submission {
                removes: there.iter().map(|item| (list(*from), item.seq)).collect(),
                items: there
                    .into_iter()
                    .map(|item| Item {
                        list: list(1 - from),
                        bytes: item.bytes,
                        expires: item.expires,
                        blob: item.blob,
                        owner: item.owner,
                        order: Order::Drawn,
                    })
                    .collect(),
                ..Submission::default()
            }
        }
        Op::GiveUp(blob) => return ledger.give_up(name(*blob)).await.map(Answer::GivenUp),
        Op::Delete {
            list: number,
            owner,
            blob,
        } => {
            let deleted = ledger.delete_own(vec![list(*number)], *owner, name(*blob)).await;
            return deleted.map(Answer::Deleted);
        }
        Op::Expire(seconds) => return ledger.expire(model.now + seconds).await.map(|()| Answer::Done),
        Op::Backup => {
            let copy = folder.join("copy");
            sqlite::backup::copy_of(ledger, &copy)?;
            assert_eq!(sqlite::fsck::fsck(&copy).unwrap().faults, Vec::<String>::new());
            std::fs::remove_dir_all(copy).unwrap();
            return Ok(Answer::Done);
        }
        Op::Reopen | Op::Fail(..) => return Ok(Answer::Done),
    };
    match ledger.submit(submission).await {
        Ok(_) => Ok(Answer::Done),
        Err(Error::Refused(Refused::Named(_))) => Ok(Answer::Foreign),
        Err(error) => Err(error),
    }
}

async fn run(ops: Vec<Op>) {
    let folder = memory();
    let open = || sqlite::open(&options(folder.path())).unwrap();
    let mut ledger = open();
    let mut faulty: Option<FaultyDisk> = None;
    let mut model = Model::default();
    for op in ops {
        match op {
            Op::Reopen | Op::Fail(..) if faulty.is_some() => continue,
            Op::Reopen => {
                ledger.close().await;
                ledger = open();
            }
            Op::Fail(call, is_after) => {
                ledger.close().await;
                let disk = FaultyDisk::default();
                ledger = sqlite::open_on(&options(folder.path()), Arc::new(disk.clone())).unwrap();
                disk.fault().set(
                    disk.fault().calls() + call,
                    if is_after { How::After } else { How::Before },
                );
                faulty = Some(disk);
            }
            op => {
                let (next, answer) = model.after(&op);
                match perform(&ledger, &model, &op, folder.path()).await {
                    Ok(found) => {
                        assert_eq!(found, answer, "{op:?}");
                        model = next;
                    }
                    Err(error) => {
                        let disk = faulty.take().unwrap_or_else(|| panic!("{op:?}: {error}"));
                        ledger.close().await;
                        disk.cut_power().unwrap();
                        ledger = open();
                        // All of it happened, or nothing. An expiry goes by chunks, of which one is enough here.
                        let before = model.differs(&ledger, false);
                        if before.is_some() {
                            assert_eq!(next.differs(&ledger, false), None, "{op:?}: {before:?}");
                            model = next;
                        }
                    }
                }
            }
        }
        assert_eq!(model.differs(&ledger, false), None);
    }
    ledger.close().await;
    if let Some(disk) = faulty {
        disk.cut_power().unwrap();
    }
    let ledger = open();
    assert_eq!(model.differs(&ledger, false), None);
    let (next, _) = model.after(&Op::Expire(OLD_S));
    ledger.expire(model.now).await.unwrap();
    ledger.expire(model.now + OLD_S).await.unwrap();
    assert_eq!(next.differs(&ledger, true), None);
    drop(ledger);
    assert_sound(folder.path());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_are_here_exactly_while_something_names_them(ops in ops()) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(ops));
    }
}

/// What was given up goes also when the process dies between the commit and the removal, whichever call is its last.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_cut_off_is_finished() {
    for call in 0.. {
        let folder = memory();
        let ledger = sqlite::open(&options(folder.path())).unwrap();
        let model = Model::default();
        let file = Op::File(vec![(0, false), (1, false)]);
        perform(&ledger, &model, &file, folder.path()).await.unwrap();
        ledger.expire(0).await.unwrap();
        ledger.expire(OLD_S).await.unwrap();
        ledger.close().await;
        let disk = FaultyDisk::default();
        let ledger = sqlite::open_on(&options(folder.path()), Arc::new(disk.clone())).unwrap();
        disk.fault().set(disk.fault().calls() + call, How::Before);
        let small = ledger.give_up(name(0)).await;
        let large = ledger.give_up(name(1)).await;
        ledger.close().await;
        disk.cut_power().unwrap();
        let ledger = sqlite::open(&options(folder.path())).unwrap();
        for (blob, outcome) in [(0, &small), (1, &large)] {
            let is_given_up = ledger.stay(&name(blob)).unwrap().is_none();
            assert!(outcome.is_err() || is_given_up, "what was answered holds");
            assert_eq!(
                ledger.blob_size(&name(blob)).unwrap().is_none(),
                is_given_up,
                "call {call}"
            );
        }
        ledger.close().await;
        assert_sound(folder.path());
        if small.is_ok() && large.is_ok() && !disk.fault().has_fired() {
            assert!(call > 10, "only {call} calls were seen");
            return;
        }
    }
}
