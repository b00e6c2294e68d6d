//! Finding acts among opaque entries (§6.2).

use docket::SlotIndex;
use docket::slots::match_statement;
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
    slots.acts(&salt()).iter().map(|found| found.k).collect()
}

#[test]
fn acts_are_found_in_slot_order_whatever_the_log_order() {
    let slots = index_of(&[2, 0, 3, 1]);
    assert_eq!(found(&slots), [0, 1, 2, 3]);
    let indexes: Vec<u64> = slots.acts(&salt()).iter().map(|found| found.index).collect();
    assert_eq!(indexes, [1, 3, 0, 2]);
}

#[test]
fn a_reader_looks_64_slots_beyond_the_last_one_found() {
    assert_eq!(found(&index_of(&[0, 64, 128])), [0, 64, 128]);
    assert_eq!(found(&index_of(&[0, 65])), [0]);
    assert_eq!(found(&index_of(&[0, 1, 66])), [0, 1]);
}

#[test]
fn without_slot_0_there_is_no_case() {
    assert!(found(&index_of(&[1, 2])).is_empty());
}

#[test]
fn the_next_act_takes_the_lowest_free_slot() {
    assert_eq!(index_of(&[]).next_free(&salt()), 0);
    assert_eq!(index_of(&[0, 1, 3]).next_free(&salt()), 2);
}

#[test]
fn of_two_equal_slots_the_lower_index_counts() {
    let other = |index: u64| (index, salt().entry(0, Digest([9; 32]), None));
    for first in [0, 1] {
        let mut slots = SlotIndex::new();
        let entries = [(1, act(0)), other(if first == 0 { 0 } else { 2 })];
        for (index, entry) in entries {
            slots.insert(index, &entry, T0 + index);
        }
        let winner = slots.find(&salt(), 0).unwrap();
        assert_eq!(winner.index, if first == 0 { 0 } else { 1 });
        assert_eq!(winner.included_at, T0 + winner.index);
        assert_eq!(slots.len(), 1);
        let (counts, loses) = if first == 0 {
            (other(0).1, act(0))
        } else {
            (act(0), other(2).1)
        };
        assert!(slots.holds(&counts.to_bytes()) && !slots.holds(&loses.to_bytes()));
    }
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
    let act = log.fold.slots().find(&filing.salt(), 1).unwrap();
    assert_eq!(match_statement(&filing.salt(), &act, &acks), Some(&acks[1]));
    assert_eq!(match_statement(&filing.salt(), &act, &acks[..1]), None);
}
