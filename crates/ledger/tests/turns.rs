//! Entries with owners are placed in turns, whoever has how many.

use crate::support;

use std::collections::BTreeMap;

use ledger::{Ledger, NewEntry, Submission, sqlite};
use proptest::prelude::*;
use support::{assert_sound, digest, memory, options, sign};
use tlog::tile::{TILE_WIDTH, TileKind, TileName, decode_entries};

/// One act of an owner with so many entries; each entry says owner and act.
async fn put(ledger: &Ledger, owner: u16, act: u32, count: u8) {
    let entry = |part: u8| {
        let bytes = [&owner.to_be_bytes()[..], &act.to_be_bytes(), &[part]].concat();
        NewEntry {
            key: digest(&bytes),
            bytes,
            step: 0,
            class: 1,
            owner: Some(owner),
        }
    };
    let submission = Submission {
        entries: (0..count).map(entry).collect(),
        ..Submission::default()
    };
    ledger.submit(submission).await.unwrap();
}

/// Takes a step with room for so many; gives owner and act of what was placed.
fn place(ledger: &Ledger, step: u64, room: usize) -> Vec<(u16, u32)> {
    let before = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
    let mut drawn = 0_u64;
    let mut padding = || {
        drawn += 1;
        let seed = [step.to_be_bytes(), drawn.to_be_bytes()].concat();
        (digest(&seed), vec![0xff; 65])
    };
    let mut as_is = |n| (0..n).collect();
    let note = ledger
        .extend(step, [0, room], room, &mut padding, &mut as_is, &sign)
        .unwrap();
    let size = support::read_note(&note).0;
    ledger.publish(step, before, size, &note).unwrap();
    (before..size)
        .map(|index| {
            let name = TileName {
                kind: TileKind::Entries,
                index: index / TILE_WIDTH,
                width: (index % TILE_WIDTH + 1) as u16,
            };
            let tile = ledger.tile(&name).unwrap().unwrap();
            decode_entries(&tile).unwrap().into_iter().next_back().unwrap().to_vec()
        })
        .filter(|bytes| bytes.len() == 7)
        .map(|bytes| {
            let owner = u16::from_be_bytes([bytes[0], bytes[1]]);
            (owner, u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_owners_four_hundred_acts_let_another_ones_pass_at_once() {
    let folder = memory();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    for act in 0..400 {
        put(&ledger, 6, act, 1).await;
    }
    for step in 1..=5 {
        put(&ledger, 1, step, 1).await;
        let placed = place(&ledger, u64::from(step), 2);
        assert!(placed.contains(&(1, step)), "{placed:?}");
    }
    assert_eq!(ledger.waiting_by_owner().unwrap(), [(6, 395)]);
    drop(ledger);
    assert_sound(folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_counts_as_an_entry_of_its_own() {
    let folder = memory();
    let ledger = sqlite::open(&options(folder.path())).unwrap();
    for act in 0..30 {
        put(&ledger, 1, act, 2).await;
        put(&ledger, 2, act, 1).await;
    }
    let mut placed = Vec::new();
    for step in 1..=10 {
        placed.extend(place(&ledger, step, 4));
    }
    let of = |owner: u16| placed.iter().filter(|(of, _)| *of == owner).count();
    assert!(
        (19..=21).contains(&of(1)) && of(1) + of(2) == 40,
        "{} and {}",
        of(1),
        of(2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_idle_gains_no_turns_and_a_new_start_forgets_none() {
    let folder = memory();
    let mut ledger = sqlite::open(&options(folder.path())).unwrap();
    for act in 0..100 {
        put(&ledger, 1, act, 1).await;
    }
    for step in 1..=25 {
        place(&ledger, step, 4);
    }
    assert_eq!(ledger.waiting_by_owner().unwrap(), []);
    drop(ledger);
    ledger = sqlite::open(&options(folder.path())).unwrap();
    for act in 100..120 {
        put(&ledger, 2, act, 1).await;
        put(&ledger, 1, act, 1).await;
    }
    let placed = place(&ledger, 30, 10);
    assert!(
        (4..=6).contains(&placed.iter().filter(|(owner, _)| *owner == 1).count()),
        "{placed:?}"
    );
}

/// What may happen: an act of an owner, or a step with room for so many entries.
#[derive(Clone, Debug)]
enum Op {
    Act(u16, u8),
    Step(usize),
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the others file and whenever: of each of them at most two acts with their twins are placed between an
    /// owner's first waiting act and its place.
    #[test]
    fn nobody_waits_for_more_than_a_round(
        ops in prop::collection::vec(
            prop_oneof![
                5 => (1..7_u16, 1..3_u8).prop_map(|(owner, count)| Op::Act(owner, count)),
                2 => (1..5_usize).prop_map(Op::Step),
            ],
            1..120,
        )
    ) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(async {
            let folder = memory();
            let ledger = sqlite::open(&options(folder.path())).unwrap();
            // For each owner with something waiting: what was placed of each other one since it began to wait.
            let mut waits: BTreeMap<u16, BTreeMap<u16, usize>> = BTreeMap::new();
            let (mut acts, mut step) = (0, 0);
            for op in ops {
                match op {
                    Op::Act(owner, count) => {
                        put(&ledger, owner, acts, count).await;
                        acts += 1;
                        waits.entry(owner).or_default();
                    }
                    Op::Step(room) => {
                        step += 1;
                        for (owner, _) in place(&ledger, step, room) {
                            if let Some(seen) = waits.get_mut(&owner) {
                                seen.clear();
                            }
                            for (waiter, seen) in &mut waits {
                                if *waiter != owner {
                                    let count = seen.entry(owner).or_default();
                                    *count += 1;
                                    assert!(*count <= 4, "{owner} overtook {waiter}: {seen:?}");
                                }
                            }
                        }
                        let left = ledger.waiting_by_owner().unwrap();
                        waits.retain(|owner, _| left.iter().any(|(of, _)| of == owner));
                    }
                }
            }
        });
    }
}
