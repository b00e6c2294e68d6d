//! Receipts, requests to witnesses, and following a log: what holds, and what a dishonest log can try.

mod common;
#[path = "common/keys.rs"]
mod keys;

use std::cell::RefCell;

use common::Log;
use keys::{ORIGIN, checkpoint, cosigned, log_key, witness_key};
use proptest::prelude::*;
use tlog::policy::Untrusted;
use tlog::proof::{ProofError, consistency, inclusion};
use tlog::receipt::{Receipt, ReceiptError};
use tlog::tile::{TileKind, TileName, tiles_of};
use tlog::verify::{Follower, ReadError, check_hash_tiles};
use tlog::witness::{AddCheckpoint, Refusal, Seen};
use tlog::{Note, Policy, SigningNoteKey, Trusted};

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

fn receipt(log: &Log, index: u64) -> Receipt {
    let proof = inclusion(index, log.size(), log).expect("in memory").expect("in range");
    let checkpoint = cosigned(checkpoint(log.size(), log.root()), &[(1, 10)]);
    Receipt {
        extra: Some(log.entries[index as usize].clone()),
        index,
        proof,
        checkpoint,
    }
}

#[test]
fn a_receipt_proves_its_entry_and_no_other() {
    let log = Log::of(11);
    let receipt = receipt(&log, 6);
    let read = Receipt::parse(receipt.to_text().as_bytes()).expect("a receipt");
    assert_eq!(read, receipt);
    assert_eq!(
        read.verify(&log.entries[6], &policy(), ORIGIN).map(|t| t.time()),
        Ok(10)
    );
    assert_eq!(
        read.verify(&log.entries[5], &policy(), ORIGIN),
        Err(ReceiptError::Proof(ProofError::Mismatch))
    );
    assert_eq!(
        read.verify(&log.entries[6], &policy(), "x"),
        Err(ReceiptError::Untrusted(Untrusted::Origin))
    );
    let beyond = Receipt {
        index: 11,
        ..receipt.clone()
    };
    assert_eq!(
        beyond.verify(&log.entries[6], &policy(), ORIGIN),
        Err(ReceiptError::Proof(ProofError::Range))
    );
    let uncosigned = Receipt {
        checkpoint: checkpoint(11, log.root()),
        ..receipt.clone()
    };
    assert_eq!(
        uncosigned.verify(&log.entries[6], &policy(), ORIGIN),
        Err(ReceiptError::Untrusted(Untrusted::Quorum))
    );
    let without = Receipt {
        extra: None,
        ..receipt.clone()
    };
    assert_eq!(Receipt::parse(without.to_text().as_bytes()), Ok(without.clone()));
    let empty = Receipt {
        extra: Some(Vec::new()),
        ..receipt
    };
    assert_eq!(Receipt::parse(empty.to_text().as_bytes()), Ok(without));
}

#[test]
fn a_receipt_has_the_form_of_the_specification() {
    let mut log = Log::default();
    log.push(b"only");
    let text = receipt(&log, 0).to_text();
    let note = cosigned(checkpoint(1, log.root()), &[(1, 10)]);
    assert_eq!(
        text,
        format!("c2sp.org/tlog-proof@v1\nextra b25seQ==\nindex 0\n\n{note}")
    );
    for refused in [
        String::new(),
        text.replace("@v1", "@v2"),
        text.replace("index 0", "index 00"),
        text.replace("index 0", "index"),
        text.replace("index 0\n", ""),
        text.replace("extra b25seQ==", "extra b25seR=="),
        text.replace("extra b25seQ==", "extra "),
        text.replace("extra b25seQ==\nindex 0", "index 0\nextra b25seQ=="),
        text.replace("index 0\n\n", "index 0\n"),
        text.replace("index 0\n\n", "index 0\n\n\n"),
        text.replace("index 0\n", "index 0\nAAAA\n"),
        text.replace('\n', "\r\n"),
        text.replace(
            "index 0\n",
            &format!("index 0\n{}", format!("{}\n", log.root().to_base64()).repeat(65)),
        ),
        text.trim_end().to_owned(),
    ] {
        assert_eq!(
            Receipt::parse(refused.as_bytes()),
            Err(ReceiptError::Form),
            "{refused:?}"
        );
    }
}

#[test]
fn the_request_of_the_specification_reads_and_writes_back() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/note.json")).expect("vectors");
    let body = vectors["add_checkpoint"].as_str().expect("text");
    let request = AddCheckpoint::parse(body.as_bytes()).expect("a request");
    assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.to_text(), body);
    let proof_of = |count| {
        let lines = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(count);
        format!("old 1\n{lines}\n{}", request.checkpoint)
    };
    assert!(AddCheckpoint::parse(proof_of(63).as_bytes()).is_some());
    for refused in [
        proof_of(64),
        String::new(),
        body.replace("old 20852014", "old 020852014"),
        body.replace("old 20852014", "old"),
        body.replace("old 20852014\n", ""),
        body.replace("old ", "Old "),
        body.replace("PlRN", "PlR"),
        body.replacen("\n\n", "\n", 1),
        body.replace('\n', "\r\n"),
    ] {
        assert_eq!(AddCheckpoint::parse(refused.as_bytes()), None, "{refused:?}");
    }
}

fn request(log: &Log, old: u64) -> AddCheckpoint {
    let proof = consistency(old, log.size(), log).expect("in memory").expect("in range");
    AddCheckpoint {
        old_size: old,
        proof,
        checkpoint: checkpoint(log.size(), log.root()),
    }
}

fn decide(request: &AddCheckpoint, seen: Option<Seen>) -> Result<u64, Refusal> {
    request
        .decide(&[log_key().verifier()], |_| seen)
        .map(|checkpoint| checkpoint.size)
}

#[test]
fn a_witness_decides_as_the_specification_says() {
    let (small, log) = (Log::of(5), Log::of(9));
    let at_5 = Some(Seen {
        size: 5,
        root: small.root(),
    });
    assert_eq!(decide(&request(&log, 0), None), Ok(9));
    assert_eq!(decide(&request(&log, 5), at_5), Ok(9));
    assert_eq!(decide(&request(&small, 5), at_5), Ok(5), "the same tree again");
    assert_eq!(decide(&request(&log, 0), at_5), Err(Refusal::Stale(5)));
    assert_eq!(decide(&request(&log, 7), at_5), Err(Refusal::Stale(5)));
    assert_eq!(decide(&request(&log, 5), None), Err(Refusal::Stale(0)));
    assert_eq!(
        decide(
            &AddCheckpoint {
                old_size: 10,
                ..request(&log, 9)
            },
            at_5
        ),
        Err(Refusal::Malformed)
    );
    assert_eq!(
        decide(
            &AddCheckpoint {
                proof: Vec::new(),
                ..request(&log, 5)
            },
            at_5
        ),
        Err(Refusal::Inconsistent)
    );
    let padded = AddCheckpoint {
        proof: vec![log.root()],
        ..request(&log, 0)
    };
    assert_eq!(
        decide(&padded, None),
        Err(Refusal::Inconsistent),
        "from nothing no proof is due"
    );
    let mut forked = Log::of(3);
    (0..6).for_each(|_| forked.push(b"other"));
    assert_eq!(decide(&request(&forked, 5), at_5), Err(Refusal::Inconsistent));
    let at_9 = Some(Seen {
        size: 9,
        root: log.root(),
    });
    assert_eq!(decide(&request(&forked, 9), at_9), Err(Refusal::Fork));
    assert_eq!(
        decide(&request(&small, 5), at_9),
        Err(Refusal::Stale(9)),
        "never a smaller tree"
    );
    // The empty tree has one root.
    assert_eq!(decide(&request(&Log::default(), 0), None), Ok(0));
    let false_empty = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: checkpoint(0, log.root()),
    };
    assert_eq!(decide(&false_empty, None), Err(Refusal::Inconsistent));
}

#[test]
fn a_witness_wants_the_logs_signature() {
    let log = Log::of(9);
    let good = request(&log, 0);
    let other = SigningNoteKey::from_seed(ORIGIN, tlog::note::KeyKind::Ed25519, &[2; 32]).expect("a name");
    assert_eq!(good.decide(&[], |_| None), Err(Refusal::Unknown));
    assert_eq!(good.decide(&[other.verifier()], |_| None), Err(Refusal::Signature));
    for keys in [
        [other.verifier(), log_key().verifier()],
        [log_key().verifier(), other.verifier()],
    ] {
        assert!(good.decide(&keys, |_| None).is_ok(), "one of two keys is enough");
    }
    let mut bad = good.checkpoint.signatures()[0].clone();
    bad.signature[9] ^= 1;
    let spoiled = AddCheckpoint {
        checkpoint: good.checkpoint.clone().with(bad),
        ..good.clone()
    };
    assert_eq!(decide(&spoiled, None), Err(Refusal::Signature));
    let text = "example.com/log\n9\n".to_owned();
    let signature = log_key().sign(&text);
    let no_checkpoint = AddCheckpoint {
        checkpoint: Note::new(text).expect("a text").with(signature),
        ..good
    };
    assert_eq!(decide(&no_checkpoint, None), Err(Refusal::Malformed));
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

    #[test]
    fn no_bytes_make_a_reader_fail(bytes: Vec<u8>) {
        let _ = (Receipt::parse(&bytes).is_ok(), AddCheckpoint::parse(&bytes).is_some());
    }
}
