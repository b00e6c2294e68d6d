//! Following a log: what holds, and what a dishonest log can try.

use crate::common;
use crate::keys;

use std::cell::RefCell;

use common::Log;
use keys::{ORIGIN, checkpoint, cosigned, log_key, witness_key};
use proptest::prelude::*;
use tlog::tile::{TileKind, TileName, tiles_of};
use tlog::verify::{Follower, ReadError, check_hash_tiles};
use tlog::{Policy, Trusted};

fn policy() -> Policy {
    let witnesses = [(witness_key(1).verifier(), None)];
    Policy::parse(&Policy::to_text_k_of_n(&log_key().verifier(), None, &witnesses, 1)).expect("a policy")
}

fn trusted(log: &Log) -> Trusted {
    policy()
        .check(&cosigned(checkpoint(log.size(), log.root()), &[(1, 10)]), ORIGIN)
        .expect("trusted")
}

/// A closure that serves a log's tiles; what the log does not have is an error.
fn serve(log: &Log) -> impl Fn(&TileName) -> Result<Vec<u8>, &'static str> + '_ {
    |name| log.tile(name).ok_or("404")
}

#[test]
fn a_follower_reads_each_entry_once() {
    let mut follower = Follower::new();
    assert_eq!(
        follower
            .advance(&trusted(&Log::default()), |_| Err::<Vec<u8>, ()>(()))
            .expect("empty"),
        [[0; 0]; 0]
    );
    let mut read = Vec::new();
    for size in [1, 255, 256, 257, 257, 700, 1024] {
        let log = Log::of(size);
        read.extend(follower.advance(&trusted(&log), serve(&log)).expect("honest"));
        assert_eq!(read, log.entries);
        assert_eq!(follower.frontier().root(), log.root());
    }
    let resumed = Follower::resume(follower.frontier().clone());
    assert_eq!(resumed, follower);
}

#[test]
fn a_full_tile_may_stand_for_a_partial_one() {
    let (old, new) = (Log::of(300), Log::of(600));
    let wider = |name: &TileName| {
        new.tile(&TileName { width: 256, ..*name })
            .or_else(|| new.tile(name))
            .ok_or("404")
    };
    let mut follower = Follower::new();
    assert_eq!(follower.advance(&trusted(&old), wider).expect("honest"), old.entries);
    assert!(check_hash_tiles(300, old.root(), |name| wider(name).or_else(|_| serve(&old)(name))).is_ok());
    let narrower = |name: &TileName| {
        new.tile(&TileName {
            width: name.width - 1,
            ..*name
        })
        .ok_or("404")
    };
    assert!(matches!(
        follower.advance(&trusted(&new), narrower),
        Err(ReadError::Tile(_))
    ));
}

/// A log with the same beginning and another end.
fn fork(common: u64, size: u64) -> Log {
    let mut log = Log::of(common);
    (common..size).for_each(|_| log.push(b"another entry"));
    log
}

#[test]
fn a_changed_history_is_told_from_a_broken_tile() {
    let log = Log::of(300);
    let mut follower = Follower::new();
    follower.advance(&trusted(&log), serve(&log)).expect("honest");
    let before = follower.clone();
    let smaller = Log::of(299);
    assert!(matches!(
        follower.advance(&trusted(&smaller), serve(&smaller)),
        Err(ReadError::Fork)
    ));
    for (common, size) in [(299, 300), (10, 300), (299, 301), (280, 600), (200, 600), (0, 600)] {
        let forked = fork(common, size);
        assert!(
            matches!(
                follower.advance(&trusted(&forked), serve(&forked)),
                Err(ReadError::Fork)
            ),
            "{common} {size}"
        );
        assert_eq!(follower, before, "nothing has advanced");
    }
    // The checkpoint is honest and a tile is not.
    let longer = Log::of(600);
    let forged = fork(400, 600);
    let result = follower.advance(&trusted(&longer), serve(&forged));
    assert!(matches!(result, Err(ReadError::Tile(path)) if path == "tile/entries/002.p/88"));
    // A malformed one is named.
    let malformed = |name: &TileName| {
        if name.index == 1 {
            Ok(vec![0, 9, 1])
        } else {
            serve(&longer)(name)
        }
    };
    let result = follower.advance(&trusted(&longer), malformed);
    assert!(matches!(result, Err(ReadError::Tile(path)) if path == "tile/entries/001"));
    let unreachable = |name: &TileName| {
        if name.index == 2 {
            Err("503")
        } else {
            serve(&longer)(name)
        }
    };
    assert!(matches!(
        follower.advance(&trusted(&longer), unreachable),
        Err(ReadError::Fetch("503"))
    ));
    assert_eq!(follower, before);
    assert_eq!(
        follower.advance(&trusted(&longer), serve(&longer)).expect("honest"),
        longer.entries[300..]
    );
    // To a first reader nothing can be a changed history.
    assert!(matches!(
        Follower::new().advance(&trusted(&longer), serve(&forged)),
        Err(ReadError::Tile(_))
    ));
}

/// What was read before is read again where a tile was partial; it must still be the same.
#[test]
fn entries_read_before_must_come_back_unchanged() {
    let (old, new) = (Log::of(300), Log::of(310));
    let mut follower = Follower::new();
    follower.advance(&trusted(&old), serve(&old)).expect("honest");
    let mut altered = Log::of(299);
    altered.push(b"another entry");
    (300..310).for_each(|i| altered.push(&new.entries[i]));
    let result = follower.advance(&trusted(&new), serve(&altered));
    assert!(matches!(result, Err(ReadError::Tile(path)) if path == "tile/entries/001.p/54"));
    assert_eq!(
        follower.advance(&trusted(&new), serve(&new)).expect("honest"),
        new.entries[300..]
    );
}

#[test]
fn a_first_reader_never_sees_a_changed_history() {
    let (log, forged) = (Log::of(20), fork(5, 20));
    let reads = RefCell::new(0);
    // Wrong at first, right when the log is read once more.
    let unsteady = |name: &TileName| {
        *reads.borrow_mut() += 1;
        serve(if *reads.borrow() == 1 { &forged } else { &log })(name)
    };
    assert!(matches!(
        Follower::new().advance(&trusted(&log), unsteady),
        Err(ReadError::Tile(_))
    ));
    assert_eq!(*reads.borrow(), 2);
}

#[test]
fn only_new_entry_tiles_are_fetched() {
    let (old, new) = (Log::of(600), Log::of(1000));
    let mut follower = Follower::new();
    follower.advance(&trusted(&old), serve(&old)).expect("honest");
    let fetched = RefCell::new(Vec::new());
    let recording = |name: &TileName| {
        fetched.borrow_mut().push(name.path());
        serve(&new)(name)
    };
    follower.advance(&trusted(&new), recording).expect("honest");
    assert_eq!(*fetched.borrow(), ["tile/entries/002", "tile/entries/003.p/232"]);
}

#[test]
fn every_hash_tile_is_compared() {
    let log = Log::of(66_000);
    let (size, root) = (log.size(), log.root());
    let fetched = RefCell::new(Vec::new());
    let recording = |name: &TileName| {
        fetched.borrow_mut().push(*name);
        serve(&log)(name)
    };
    assert!(check_hash_tiles(size, root, recording).is_ok());
    let (mut seen, mut expected) = (fetched.into_inner(), tiles_of(size));
    let by_path = |tile: &TileName| tile.path();
    seen.sort_by_key(by_path);
    expected.sort_by_key(by_path);
    assert_eq!(seen, expected, "every tile once");
    for broken in expected
        .iter()
        .filter(|tile| tile.kind != TileKind::Entries && tile.index % 90 == 0)
    {
        let altered = |name: &TileName| {
            let mut bytes = serve(&log)(name)?;
            if name == broken {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
            }
            Ok::<_, &str>(bytes)
        };
        let result = check_hash_tiles(size, root, altered);
        assert!(
            matches!(result, Err(ReadError::Tile(path)) if path == broken.path()),
            "{broken:?}"
        );
    }
    assert!(matches!(
        check_hash_tiles(size, Log::of(1).root(), serve(&log)),
        Err(ReadError::Fork)
    ));
    assert!(matches!(
        check_hash_tiles(size + 1, root, serve(&log)),
        Err(ReadError::Fetch(_))
    ));
    assert!(check_hash_tiles(0, Log::default().root(), serve(&log)).is_ok());
    assert!(matches!(check_hash_tiles(0, root, serve(&log)), Err(ReadError::Fork)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn in_parts_reads_the_same_as_in_one_go(mut stops in prop::collection::vec(0..1500_u64, 1..6)) {
        stops.sort_unstable();
        let last = Log::of(*stops.last().expect("one at least"));
        let mut whole = Follower::new();
        let at_once = whole.advance(&trusted(&last), serve(&last)).expect("honest");
        let (mut parts, mut read) = (Follower::new(), Vec::new());
        for stop in stops {
            // Tiles come from the last state of the log: partial ones of earlier sizes still read.
            read.extend(parts.advance(&trusted(&Log::of(stop)), serve(&last)).expect("honest"));
        }
        prop_assert_eq!(read, at_once);
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn no_altered_entry_is_taken(size in 1..600_u64, at: prop::sample::Index, bit in 0..8_u32) {
        let log = Log::of(size);
        let mut altered = Log::default();
        let at = at.index(log.entries.len());
        for (i, entry) in log.entries.iter().enumerate() {
            let mut entry = entry.clone();
            entry[0] ^= u8::from(i == at) << bit;
            altered.push(&entry);
        }
        let mut follower = Follower::new();
        prop_assert!(follower.advance(&trusted(&log), serve(&altered)).is_err());
        prop_assert_eq!(follower, Follower::new());
    }
}
