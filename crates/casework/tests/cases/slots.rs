//! Finding acts among opaque entries (§6.2).

use casework::SlotIndex;
use casework::clock::UNKNOWN_TIME;
use casework::slots::match_statement;
use protocol::Digest;
use protocol::slot::{CaseSalt, Entry};
use protocol::statement::Holds;

use crate::support::{Log, T0, rng, sign};

fn salt() -> CaseSalt {
    CaseSalt::new([0x22; 32])
}

fn act(k: u32) -> Entry {
    salt().entry(k, Digest([k as u8; 32]), None)
}

fn index_of(acts: &[u32]) -> SlotIndex {
    let mut slots = SlotIndex::new();
    for (index, k) in acts.iter().enumerate() {
        slots.insert(index as u64, &act(*k), T0);
    }
    slots
}

fn found(slots: &SlotIndex) -> Vec<u32> {
    slots
        .acts(&salt(), FILED)
        .reachable
        .iter()
        .map(|found| found.k)
        .collect()
}

/// Index of the filing in these logs.
const FILED: u64 = 0;

#[test]
fn acts_come_in_the_order_of_the_log_whatever_their_slots() {
    let slots = index_of(&[0, 2, 3, 1]);
    assert_eq!(found(&slots), [2, 3, 1]);
    let indexes: Vec<u64> = slots
        .acts(&salt(), FILED)
        .reachable
        .iter()
        .map(|found| found.index)
        .collect();
    assert_eq!(indexes, [1, 2, 3]);
}

#[test]
fn entries_before_the_filing_are_no_acts() {
    let slots = index_of(&[1, 2, 0, 3]);
    let acts = slots.acts(&salt(), 2);
    assert_eq!(acts.reachable.iter().map(|found| found.k).collect::<Vec<_>>(), [3]);
    assert!(acts.unreachable.is_empty());
}

#[test]
fn a_slot_is_reachable_64_beyond_the_highest_one_found_by_then() {
    assert_eq!(found(&index_of(&[0, 64, 128])), [64, 128]);
    assert!(found(&index_of(&[0, 65])).is_empty());
    assert_eq!(found(&index_of(&[0, 1, 66])), [1]);
    // Filled in beneath it later, it stays out of reach, and raises nothing.
    let slots = index_of(&[0, 65, 1, 66, 130]);
    let acts = slots.acts(&salt(), FILED);
    assert_eq!(found(&slots), [1]);
    assert_eq!(acts.unreachable.iter().map(|found| found.k).collect::<Vec<_>>(), [65]);
    // The same slot once more, within reach.
    assert_eq!(found(&index_of(&[0, 65, 1, 65])), [1, 65]);
}

#[test]
fn without_slot_0_there_is_no_case() {
    assert!(index_of(&[1, 2]).all(&salt()).is_empty());
}

#[test]
fn an_author_draws_among_the_64_lowest_free_slots() {
    let draws = |slots: &SlotIndex, own: &[u32]| {
        let (mut draws, mut rng) = (slots.draws(&salt(), FILED, &own.iter().copied().collect()), rng(1));
        std::iter::from_fn(move || draws.draw(&mut rng)).collect::<Vec<_>>()
    };
    let slots = index_of(&[0, 3, 70]);
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..2_000 {
        let drawn = slots.draws(&salt(), FILED, &[5].into()).draw(&mut rng(seed)).unwrap();
        assert!(!drawn.insist);
        seen.insert(drawn.k);
    }
    let free: std::collections::BTreeSet<u32> = (1..=66).filter(|k| ![3, 5].contains(k)).collect();
    assert_eq!(seen, free);
    // Told that each is taken, it insists at the ninth, and there is no tenth.
    let drawn = draws(&slots, &[]);
    assert_eq!(
        drawn.iter().map(|drawn| drawn.insist).collect::<Vec<_>>(),
        [[false; 8].as_slice(), &[true]].concat()
    );
    // Its own acts on the way raise no reach: it never draws what might be out of reach when it is included.
    let own: Vec<u32> = (1..=63).collect();
    assert_eq!(draws(&index_of(&[0]), &own)[0].k, 64);
}

#[test]
fn where_no_slot_within_reach_is_free_an_author_insists_at_once() {
    // Out of reach at first, then in reach by one act in slot 64, and the rest beneath it.
    let mut taken = vec![0];
    taken.extend(65..=128);
    taken.push(64);
    taken.extend(1..=63);
    let slots = index_of(&taken);
    let drawn = slots.draws(&salt(), FILED, &[].into()).draw(&mut rng(3)).unwrap();
    assert!(drawn.insist && (65..=128).contains(&drawn.k), "{drawn:?}");
}

#[test]
fn entries_in_one_slot_are_acts_of_their_own() {
    let entry = |k: u32, byte: u8| salt().entry(k, Digest([byte; 32]), None);
    let entries = [(0, entry(0, 1)), (1, entry(7, 2)), (2, entry(7, 3)), (3, entry(7, 4))];
    for turn in 0..entries.len() {
        let mut slots = SlotIndex::new();
        for at in 0..entries.len() {
            let (index, entry) = &entries[(turn + at) % entries.len()];
            slots.insert(*index, entry, T0 + index);
        }
        let acts = slots.acts(&salt(), FILED).reachable;
        let seen: Vec<(u32, u64, u64)> = acts
            .iter()
            .map(|found| (found.k, found.index, found.included_at))
            .collect();
        assert_eq!(seen, [(7, 1, T0 + 1), (7, 2, T0 + 2), (7, 3, T0 + 3)]);
        assert!(entries.iter().all(|(_, entry)| slots.holds(&entry.to_bytes())));
        assert_eq!(slots.len(), 2);
    }
}

#[test]
fn the_time_of_one_entry_in_a_slot_says_nothing_of_the_others() {
    let mut slots = SlotIndex::new();
    for index in 0..3 {
        slots.insert(index, &salt().entry(0, Digest([index as u8; 32]), None), UNKNOWN_TIME);
    }
    slots.set_time(&salt().slot(0), 1, T0);
    slots.set_time(&salt().slot(0), 1, T0 + 1);
    let times: Vec<u64> = slots
        .in_slot(&salt(), 0)
        .iter()
        .map(|found| found.included_at)
        .collect();
    assert_eq!(times, [UNKNOWN_TIME, T0, UNKNOWN_TIME]);
}

#[test]
fn public_entries_and_other_bytes_are_no_slots() {
    let mut slots = SlotIndex::new();
    slots.insert(0, &Entry::Public(Digest([1; 32])), T0);
    assert!(slots.is_empty());
    assert!(!slots.holds(&Entry::Public(Digest([1; 32])).to_bytes()));
    assert!(!slots.holds(&[0; 64]));
    slots.insert(1, &Entry::padding(&mut rng(1)), T0);
    assert_eq!(slots.len(), 1);
}

#[test]
fn a_statement_is_found_by_its_commitment() {
    let mut log = Log::new();
    let filing = log.file();
    let acks: Vec<_> = [1, 2, 3]
        .map(|seat| sign(&log.ack_of(&filing, seat, Holds::Share), &[seat]))
        .into();
    log.act(&filing, &acks[1]);
    let act = log.fold.slots().in_slot(&filing.salt(), 1)[0];
    assert_eq!(match_statement(&filing.salt(), &act, &acks), Some(&acks[1]));
    assert_eq!(match_statement(&filing.salt(), &act, &acks[..1]), None);
}
