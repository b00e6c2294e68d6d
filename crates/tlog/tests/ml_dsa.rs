//! ML-DSA-44 cosignatures (`tlog-cosignature`), as programs make and verify them; a page does neither.

use crate::common::Log;
use crate::kept;
use crate::keys;

use keys::{ORIGIN, checkpoint, log_key, witness_key};
use serde_json::{Value, json};
use tlog::note::{KeyKind, NoteSignature};
use tlog::policy::{Policy, Untrusted};
use tlog::{Checkpoint, Note, NoteError, SigningNoteKey, VerifierKey, cosign};

const TIME: u64 = 1_795_478_400;

fn key(n: u8) -> SigningNoteKey {
    SigningNoteKey::from_seed(&format!("pq.example/w{n}"), KeyKind::MlDsa44, &[200 + n; 32]).expect("a name")
}

/// A cosignature's line whose signature is the key's own over a structure `cosigned_message` put together here.
fn line(name: &str, time: u64, origin: &str, start: u64, end: u64, hash: &[u8; 32]) -> NoteSignature {
    let mut message = b"subtree/v1\n\0".to_vec();
    for text in [Some(name), None, Some(origin)] {
        match text {
            Some(text) => message.extend([&[text.len() as u8], text.as_bytes()].concat()),
            None => message.extend(time.to_be_bytes()),
        }
    }
    message.extend([&start.to_be_bytes()[..], &end.to_be_bytes(), hash].concat());
    let signer = <ml_dsa::SigningKey<ml_dsa::MlDsa44>>::from_seed(&ml_dsa::Seed::try_from(&[201; 32][..]).expect("32"));
    let signature = signer
        .expanded_key()
        .sign_deterministic(&message, &[])
        .expect("signs")
        .encode();
    NoteSignature {
        name: "pq.example/w1".to_owned(),
        id: key(1).verifier().id(),
        signature: [&time.to_be_bytes()[..], &signature].concat(),
    }
}

#[test]
fn a_key_reads_back_and_has_one_length() {
    let vkey = key(1).verifier();
    let text = vkey.to_string();
    assert_eq!(VerifierKey::parse(&text), Some(vkey.clone()));
    assert_eq!((vkey.key().len(), vkey.kind()), (1312, KeyKind::MlDsa44));
    for length in [0, 32, 1311, 1313] {
        assert_eq!(
            VerifierKey::new("a", KeyKind::MlDsa44, &vec![1; length]),
            None,
            "{length}"
        );
        assert_eq!(
            VerifierKey::new("a", KeyKind::CosignatureV1, &vec![1; length.max(33)]),
            None
        );
    }
    // Its id is the one of these bytes, and no other.
    assert_eq!(VerifierKey::parse(&text.replacen('+', "+0", 1)), None);
}

#[test]
fn the_message_is_that_of_the_specification_and_every_field_of_it_counts() {
    let (size, root) = (300, Log::of(300).root());
    let note = checkpoint(size, root);
    let vkey = key(1).verifier();
    let good = line("pq.example/w1", TIME, ORIGIN, 0, size, &root.0);
    assert_eq!(cosign::cosign(&key(1), note.text(), TIME), good);
    assert_eq!(cosign::verify(&note.clone().with(good.clone()), &vkey), Ok(TIME));
    let mut other_root = root.0;
    other_root[31] ^= 1;
    let mut redated = good.clone();
    redated.signature[7] ^= 1;
    let mut cut = good.clone();
    cut.signature.pop();
    let late = i64::MAX.unsigned_abs() + 1;
    for (what, bad) in [
        (
            "another cosigner's name",
            line("pq.example/w2", TIME, ORIGIN, 0, size, &root.0),
        ),
        (
            "another log",
            line("pq.example/w1", TIME, "example.com/lag", 0, size, &root.0),
        ),
        (
            "a part of the tree",
            line("pq.example/w1", TIME, ORIGIN, 256, size, &root.0),
        ),
        (
            "another size",
            line("pq.example/w1", TIME, ORIGIN, 0, size + 1, &root.0),
        ),
        (
            "another root",
            line("pq.example/w1", TIME, ORIGIN, 0, size, &other_root),
        ),
        ("another time", redated),
        ("cut short", cut),
        (
            "a time beyond the format",
            line("pq.example/w1", late, ORIGIN, 0, size, &root.0),
        ),
    ] {
        let noted = note.clone().with(bad.clone());
        assert_eq!(cosign::verify(&noted, &vkey), Err(NoteError::Bad), "{what}");
        assert_eq!(
            cosign::verify(&noted.with(good.clone()), &vkey),
            Err(NoteError::Bad),
            "{what}, beside a good one"
        );
    }
    // Extension lines are the log's, not the cosigner's.
    let extended = Note::new(format!("{}an extension\n", note.text())).expect("a text");
    assert_eq!(cosign::verify(&extended.with(good.clone()), &vkey), Ok(TIME));
    // Neither kind stands for the other, nor for the log's.
    assert_eq!(
        cosign::verify(&note.clone().with(good.clone()), &witness_key(1).verifier()),
        Err(NoteError::Missing)
    );
    assert_eq!(note.clone().with(good).verify(&vkey), Err(NoteError::Missing));
    let no_checkpoint = Note::new("a text\n".to_owned()).expect("a text");
    let stray = line("pq.example/w1", TIME, ORIGIN, 0, size, &root.0);
    assert_eq!(cosign::verify(&no_checkpoint.with(stray), &vkey), Err(NoteError::Bad));
}

/// Two of one Ed25519 cosigner and two of ML-DSA-44.
fn policy() -> Policy {
    let witnesses = [
        (witness_key(1).verifier(), None),
        (key(1).verifier(), None),
        (key(2).verifier(), None),
    ];
    Policy::parse(&Policy::to_text_k_of_n(&log_key().verifier(), None, &witnesses, 2)).expect("a policy")
}

#[test]
fn a_policy_counts_both_kinds_and_its_time_is_the_quorums() {
    let note = checkpoint(5, Log::of(5).root());
    let by = |note: Note, key: &SigningNoteKey, time| {
        let line = cosign::cosign(key, note.text(), time);
        note.with(line)
    };
    assert_eq!(
        policy().check(&by(note.clone(), &key(1), TIME), ORIGIN),
        Err(Untrusted::Quorum)
    );
    let two = by(by(note.clone(), &key(1), TIME), &key(2), TIME + 9);
    assert_eq!(policy().check(&two, ORIGIN).map(|trusted| trusted.time()), Ok(TIME));
    let all = by(two.clone(), &witness_key(1), TIME + 5);
    assert_eq!(policy().check(&all, ORIGIN).map(|trusted| trusted.time()), Ok(TIME + 5));
    let mut spoiled = all.signatures()[2].clone();
    spoiled.signature[100] ^= 1;
    assert_eq!(policy().check(&all.with(spoiled), ORIGIN), Err(Untrusted::Cosignature));
    // A hundred such lines fit into a note.
    let many = (0..99).fold(note.clone(), |note, _| by(note, &key(1), TIME));
    assert_eq!(Note::parse(many.to_string().as_bytes()), Ok(many));
}

fn vectors() -> Value {
    let (size, root) = (300, Log::of(300).root());
    let note = checkpoint(size, root);
    let good = cosign::cosign(&key(1), note.text(), TIME);
    let noted = note.clone().with(good.clone());
    let bad = |why: &str, line: NoteSignature| json!({ "why": why, "note": note.clone().with(line).to_string() });
    json!({
        "about": "ML-DSA-44 cosignatures of tlog-cosignature (§6.5): programs verify them, pages pass over them",
        "seed": base16ct::lower::encode_string(&[201; 32]),
        "vkey": key(1).verifier().to_string(),
        "log": log_key().verifier().to_string(),
        "time": TIME,
        "note": noted.to_string(),
        "bad": [
            bad("signed under another cosigner's name", line("pq.example/w2", TIME, ORIGIN, 0, size, &root.0)),
            bad("of another log", line("pq.example/w1", TIME, "example.com/lag", 0, size, &root.0)),
            bad("of a part of the tree", line("pq.example/w1", TIME, ORIGIN, 256, size, &root.0)),
        ],
    })
}

#[test]
fn our_vectors_are_what_the_code_makes() {
    kept::keep("ml-dsa.json", &vectors());
    let vectors = vectors();
    let vkey = VerifierKey::parse(vectors["vkey"].as_str().expect("text")).expect("a key");
    let read = |note: &Value| Note::parse(note.as_str().expect("text").as_bytes()).expect("a note");
    assert_eq!(cosign::verify(&read(&vectors["note"]), &vkey), Ok(TIME));
    assert!(Checkpoint::parse(read(&vectors["note"]).text()).is_some());
    for bad in vectors["bad"].as_array().expect("a list") {
        assert_eq!(
            cosign::verify(&read(&bad["note"]), &vkey),
            Err(NoteError::Bad),
            "{}",
            bad["why"]
        );
    }
}
