//! Whatever is submitted in whatever order: lists keep it, entries come once, trees grow by appending only.

use crate::support;

use std::collections::{BTreeMap, HashMap};

use ledger::{Accepted, Error, Item, Ledger, NewEntry, Refused, Submission, sqlite};
use proptest::prelude::*;
use support::{assert_sound, digest, memory, options, read_note, step};
use tlog::Hash;
use tlog::proof::{consistency, verify_consistency};
use tlog::tile::{TILE_WIDTH, TileKind, TileName, decode_entries};

/// What may happen.
#[derive(Clone, Debug)]
enum Op {
    /// Acts at once; each with entries (key, class, step) and items (list).
    Submit(Vec<Act>),
    /// A step with this fill.
    Step(usize),
    /// Closed and opened.
    Reopen,
}

#[derive(Clone, Debug)]
struct Act {
    entries: Vec<(u8, u8, u64)>,
    items: Vec<u8>,
}

fn acts() -> impl Strategy<Value = Act> {
    let entry = (any::<u8>(), 0..3_u8, 0..12_u64);
    (prop::collection::vec(entry, 0..4), prop::collection::vec(0..3_u8, 0..5))
        .prop_map(|(entries, items)| Act { entries, items })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        6 => prop::collection::vec(acts(), 1..6).prop_map(Op::Submit),
        3 => (0..70_usize).prop_map(Op::Step),
        1 => Just(Op::Reopen),
    ];
    prop::collection::vec(op, 1..25)
}

fn submission(number: u64, act: &Act) -> Submission {
    let entry = |&(key, class, step): &(u8, u8, u64)| NewEntry {
        bytes: [&number.to_be_bytes()[..], &[key]].concat(),
        key: digest(&[key]),
        step,
        class,
        owner: (class == 1).then_some(u16::from(key % 4)),
    };
    let item = |(place, list): (usize, &u8)| Item {
        list: format!("list/{list}"),
        bytes: [number, place as u64].map(u64::to_be_bytes).concat(),
        ..Item::default()
    };
    Submission {
        form: Some(digest(&number.to_be_bytes())),
        answer: number.to_be_bytes().to_vec(),
        entries: act.entries.iter().map(entry).collect(),
        items: act.items.iter().enumerate().map(item).collect(),
        ..Submission::default()
    }
}

/// What must be the case, kept beside the ledger.
#[derive(Default)]
struct Model {
    /// Key of each accepted entry, and its bytes.
    entries: HashMap<u8, Vec<u8>>,
    /// Items of each list, by act.
    lists: BTreeMap<String, BTreeMap<u64, Vec<Vec<u8>>>>,
    notes: Vec<(u64, Hash)>,
    acts: u64,
}

impl Model {
    fn take(&mut self, number: u64, act: &Act) {
        let submission = submission(number, act);
        for ((key, ..), entry) in act.entries.iter().zip(submission.entries) {
            assert!(
                self.entries.insert(*key, entry.bytes).is_none(),
                "a key was taken twice"
            );
        }
        for item in submission.items {
            self.lists
                .entry(item.list)
                .or_default()
                .entry(number)
                .or_default()
                .push(item.bytes);
        }
    }

    fn is_free(&self, act: &Act) -> bool {
        let mut keys: Vec<u8> = act.entries.iter().map(|entry| entry.0).collect();
        keys.sort_unstable();
        keys.windows(2).all(|pair| pair[0] != pair[1]) && keys.iter().all(|key| !self.entries.contains_key(key))
    }

    /// Each list has every accepted item once; an act's items stand in its order, without another act's between.
    fn check_lists(&self, ledger: &Ledger) {
        for (list, acts) in &self.lists {
            let found = ledger.list(list, 0, usize::MAX, 0).unwrap();
            assert!(found.iter().enumerate().all(|(place, item)| item.seq == place as u64));
            let mut rest: Vec<Vec<u8>> = found.into_iter().map(|item| item.bytes).collect();
            let mut left = acts.clone();
            while let Some(first) = rest.first() {
                let number = u64::from_be_bytes(first[..8].try_into().unwrap());
                let items = left.remove(&number).expect("an item of no accepted act, or twice");
                assert_eq!(rest.drain(..items.len()).collect::<Vec<_>>(), items);
            }
            assert!(left.is_empty(), "items are missing");
        }
    }

    fn check_tree(&self, ledger: &Ledger, all: bool) {
        let size = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
        let mut found: HashMap<Vec<u8>, usize> = HashMap::new();
        for index in 0..size.div_ceil(TILE_WIDTH) {
            let width = u16::try_from((size - index * TILE_WIDTH).min(TILE_WIDTH)).unwrap();
            let tile = ledger
                .tile(&TileName {
                    kind: TileKind::Entries,
                    index,
                    width,
                })
                .unwrap()
                .unwrap();
            for entry in decode_entries(&tile).unwrap() {
                *found.entry(entry.to_vec()).or_default() += 1;
            }
        }
        for entry in self.entries.values() {
            let count = found.get(entry).copied().unwrap_or(0);
            assert!(count == 1 || (count == 0 && !all), "{count} times in the tree");
        }
        let nodes = ledger.nodes();
        for pair in self.notes.windows(2) {
            let ((old, old_root), (new, new_root)) = (pair[0], pair[1]);
            let proof = consistency(old, new, &nodes).unwrap().unwrap();
            verify_consistency(old, old_root, new, new_root, &proof).unwrap();
        }
    }
}

async fn run(ops: Vec<Op>) {
    let folder = memory();
    let mut ledger = sqlite::open(&options(folder.path())).unwrap();
    let (mut model, mut now) = (Model::default(), 0);
    for op in ops {
        match op {
            Op::Submit(acts) => {
                let first = model.acts;
                model.acts += acts.len() as u64;
                let tasks: Vec<_> = (first..)
                    .zip(acts)
                    .map(|(number, act)| {
                        let ledger = ledger.clone();
                        tokio::spawn(async move {
                            let outcome = ledger.submit(submission(number, &act)).await;
                            (number, act, outcome)
                        })
                    })
                    .collect();
                let mut refused = Vec::new();
                for task in tasks {
                    let (number, act, outcome) = task.await.unwrap();
                    match outcome {
                        Ok(Accepted::New) => model.take(number, &act),
                        Err(Error::Refused(Refused::Taken)) => refused.push((number, act)),
                        other => panic!("{other:?}"),
                    }
                }
                for (number, act) in refused {
                    assert!(!model.is_free(&act), "refused without a reason");
                    assert!(ledger.answer(&digest(&number.to_be_bytes())).unwrap().is_none());
                }
            }
            Op::Step(fill) => {
                now += 1;
                model.notes.push(read_note(&step(&ledger, now, fill).unwrap()));
            }
            Op::Reopen => {
                drop(ledger);
                ledger = sqlite::open(&options(folder.path())).unwrap();
            }
        }
        model.check_lists(&ledger);
        model.check_tree(&ledger, false);
    }
    for at in 100..103 {
        model.notes.push(read_note(&step(&ledger, at, 300).unwrap()));
    }
    model.check_tree(&ledger, true);
    drop(ledger);
    assert_sound(folder.path());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_keeps_order_and_uniqueness(ops in ops()) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(ops));
    }
}
