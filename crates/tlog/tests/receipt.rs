//! Receipts, and requests to witnesses: what they prove, their form, and what is decided on them.

use crate::common;
use crate::keys;

use common::Log;
use keys::{ORIGIN, checkpoint, cosigned, log_key, witness_key};
use proptest::prelude::*;
use tlog::policy::Untrusted;
use tlog::proof::{ProofError, consistency, inclusion};
use tlog::receipt::{Receipt, ReceiptError};
use tlog::witness::{AddCheckpoint, Seen, WitnessRefusal};
use tlog::{Note, Policy, SigningNoteKey};

fn policy() -> Policy {
    let witnesses = [(witness_key(1).verifier(), None)];
    Policy::parse(&Policy::to_text_k_of_n(&log_key().verifier(), None, &witnesses, 1)).expect("a policy")
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

fn decide(request: &AddCheckpoint, seen: Option<Seen>) -> Result<u64, WitnessRefusal> {
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
    assert_eq!(decide(&request(&log, 0), at_5), Err(WitnessRefusal::Stale(5)));
    assert_eq!(decide(&request(&log, 7), at_5), Err(WitnessRefusal::Stale(5)));
    assert_eq!(decide(&request(&log, 5), None), Err(WitnessRefusal::Stale(0)));
    assert_eq!(
        decide(
            &AddCheckpoint {
                old_size: 10,
                ..request(&log, 9)
            },
            at_5
        ),
        Err(WitnessRefusal::Malformed)
    );
    assert_eq!(
        decide(
            &AddCheckpoint {
                proof: Vec::new(),
                ..request(&log, 5)
            },
            at_5
        ),
        Err(WitnessRefusal::Inconsistent)
    );
    let padded = AddCheckpoint {
        proof: vec![log.root()],
        ..request(&log, 0)
    };
    assert_eq!(
        decide(&padded, None),
        Err(WitnessRefusal::Inconsistent),
        "from nothing no proof is due"
    );
    let mut forked = Log::of(3);
    (0..6).for_each(|_| forked.push(b"other"));
    assert_eq!(decide(&request(&forked, 5), at_5), Err(WitnessRefusal::Inconsistent));
    let at_9 = Some(Seen {
        size: 9,
        root: log.root(),
    });
    assert_eq!(decide(&request(&forked, 9), at_9), Err(WitnessRefusal::Fork));
    assert_eq!(
        decide(&request(&small, 5), at_9),
        Err(WitnessRefusal::Stale(9)),
        "never a smaller tree"
    );
    // The empty tree has one root.
    assert_eq!(decide(&request(&Log::default(), 0), None), Ok(0));
    let false_empty = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: checkpoint(0, log.root()),
    };
    assert_eq!(decide(&false_empty, None), Err(WitnessRefusal::Inconsistent));
}

#[test]
fn a_witness_wants_the_logs_signature() {
    let log = Log::of(9);
    let good = request(&log, 0);
    let other = SigningNoteKey::from_seed(ORIGIN, tlog::note::KeyKind::Ed25519, &[2; 32]).expect("a name");
    assert_eq!(good.decide(&[], |_| None), Err(WitnessRefusal::Unknown));
    assert_eq!(
        good.decide(&[other.verifier()], |_| None),
        Err(WitnessRefusal::Signature)
    );
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
    assert_eq!(decide(&spoiled, None), Err(WitnessRefusal::Signature));
    let text = "example.com/log\n9\n".to_owned();
    let signature = log_key().sign(&text);
    let no_checkpoint = AddCheckpoint {
        checkpoint: Note::new(text).expect("a text").with(signature),
        ..good
    };
    assert_eq!(decide(&no_checkpoint, None), Err(WitnessRefusal::Malformed));
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_fail(bytes: Vec<u8>) {
        let _ = (Receipt::parse(&bytes).is_ok(), AddCheckpoint::parse(&bytes).is_some());
    }
}
