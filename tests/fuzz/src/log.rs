//! The log's own formats (§6, §20; C2SP).

use crate::Pool;
use protocol::slot::Entry;
use std::convert::Infallible;
use tlog::note::{KeyKind, Note, NoteSignature, SigningNoteKey, VerifierKey};
use tlog::policy::{Policy, Untrusted};
use tlog::promise::{self, Promise};
use tlog::proof::{self, HashReader};
use tlog::receipt::Receipt;
use tlog::tile::{TILE_WIDTH, TileName, decode_entries, decode_hashes, encode_entries, encode_hashes};
use tlog::witness::{AddCheckpoint, Seen};
use tlog::{Checkpoint, Hash, cosign, leaf_hash, node_hash};

const ORIGIN: &str = "demo.example/log";

/// The log's key in docs/vectors/log.json.
fn log_key() -> SigningNoteKey {
    SigningNoteKey::from_seed(ORIGIN, KeyKind::Ed25519, &[0x11; 32]).expect("a name")
}

/// The cosigner's.
fn cosigner() -> SigningNoteKey {
    SigningNoteKey::from_seed("cosigner.example", KeyKind::CosignatureV1, &[0x22; 32]).expect("a name")
}

/// Notes, signature lines, keys and checkpoints have one spelling. What the log signs and a cosigner cosigns is trusted at
/// the cosigner's time, and not without it.
pub fn note(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let key = VerifierKey::parse(text);
    assert!(key.iter().all(|key| key.to_string() == text));
    if let Some(lines) = NoteSignature::parse_lines(text) {
        let written: String = lines.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(written, text);
    }
    let Ok(note) = Note::parse(data) else {
        return key.is_some();
    };
    assert_eq!(note.to_string(), text);
    let _ = note.verify(&log_key().verifier());
    let _ = cosign::verify(&note, &cosigner().verifier());
    if let Some(checkpoint) = Checkpoint::parse(note.text()) {
        assert_eq!(checkpoint.to_text(), note.text());
        trusted(note.text(), &checkpoint);
    }
    true
}

fn trusted(text: &str, checkpoint: &Checkpoint) {
    const TIME: u64 = 1_795_500_000;
    let (log, cosigner) = (log_key(), cosigner());
    let policy = Policy::to_text_k_of_n(&log.verifier(), None, &[(cosigner.verifier(), None)], 1);
    let policy = Policy::parse(&policy).expect("a policy");
    let signed = Note::new(text.to_owned())
        .expect("the text of a note")
        .with(log.sign(text));
    let cosigned = signed.clone().with(cosign::cosign(&cosigner, text, TIME));
    let expected = if checkpoint.origin == ORIGIN {
        assert_eq!(policy.check(&signed, ORIGIN), Err(Untrusted::Quorum));
        Ok(TIME)
    } else {
        Err(Untrusted::Origin)
    };
    assert_eq!(policy.check(&cosigned, ORIGIN).map(|trusted| trusted.time()), expected);
}

/// A policy, and after NUL a checkpoint to be judged by it. Each line ends with its newline, a comment is of no effect, and
/// what is trusted needs its cosignatures.
pub fn policy(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let (text, note) = text.split_once('\0').unwrap_or((text, ""));
    let Ok(policy) = Policy::parse(text) else {
        return false;
    };
    if let Some(cut) = text
        .strip_suffix('\n')
        .filter(|cut| !cut.is_empty() && !cut.ends_with('\n'))
    {
        assert!(Policy::parse(cut).is_err());
    }
    if text.len() < 60_000 {
        let commented = format!("# a comment\n\n{text}\t# another\n");
        assert_eq!(Policy::parse(&commented).as_ref(), Ok(&policy));
    }
    assert!(
        policy
            .witnesses()
            .iter()
            .all(|(key, _)| key.kind() == KeyKind::CosignatureV1)
    );
    let Ok(note) = Note::parse(note.as_bytes()) else {
        return true;
    };
    for (key, _) in policy.logs() {
        if policy.check(&note, key.name()).is_ok() {
            let own = note
                .signatures()
                .iter()
                .filter(|line| line.id == key.id() && line.name == key.name());
            let bare = Note::new(note.text().to_owned()).expect("the text of a note");
            let bare = own.cloned().fold(bare, Note::with);
            let without = policy.check(&bare, key.name());
            assert!(policy.is_quorum_none() || without.is_err());
        }
    }
    true
}

pub fn policies(pool: &Pool) -> Vec<Vec<u8>> {
    let of = |is_one: fn(&str) -> bool| {
        pool.derived(move |item| {
            str::from_utf8(item)
                .ok()
                .filter(|text| is_one(text))
                .map(|text| text.as_bytes().to_vec())
        })
    };
    let policies = of(|text| Policy::parse(text).is_ok());
    let notes = of(|text| {
        text.contains("\ncosigner") || text.matches('\n').count() > 4 && Note::parse(text.as_bytes()).is_ok()
    });
    let pairs = policies
        .iter()
        .zip(notes.iter().cycle())
        .map(|(policy, note)| [policy, b"\0".as_slice(), note].concat());
    policies.iter().cloned().chain(pairs).collect()
}

/// A proof bundle is read in one spelling.
pub fn receipt(data: &[u8]) -> bool {
    let Ok(receipt) = Receipt::parse(data) else {
        return false;
    };
    assert_eq!(receipt.to_text().as_bytes(), data);
    let policy = Policy::to_text_k_of_n(&log_key().verifier(), None, &[(cosigner().verifier(), None)], 1);
    let policy = Policy::parse(&policy).expect("a policy");
    if let Ok(trusted) = receipt.verify(receipt.extra.as_deref().unwrap_or_default(), &policy, ORIGIN) {
        assert!(receipt.index < trusted.checkpoint().size);
    }
    true
}

/// What a cosigner is asked: one spelling; it never signs a smaller tree, nor another of the same size.
pub fn add_checkpoint(data: &[u8]) -> bool {
    let Some(request) = AddCheckpoint::parse(data) else {
        return false;
    };
    assert_eq!(request.to_text().as_bytes(), data);
    let seen = Seen {
        size: request.old_size,
        root: leaf_hash(b"seen"),
    };
    // The log signs whatever it is, so that what lies behind its signature is reached.
    let text = request.checkpoint.text();
    let signed = AddCheckpoint {
        checkpoint: Note::new(text.to_owned())
            .expect("the text of a note")
            .with(log_key().sign(text)),
        ..request.clone()
    };
    for request in [&request, &signed] {
        if let Ok(checkpoint) = request.decide(&[log_key().verifier()], |_| Some(seen)) {
            assert!(checkpoint.size >= seen.size);
            assert!(checkpoint.size > seen.size || seen.size == 0 || checkpoint.root == seen.root);
        }
    }
    true
}

pub fn requests(pool: &Pool) -> Vec<Vec<u8>> {
    let hash = leaf_hash(b"hash").to_base64();
    pool.derived(|item| {
        let note = Note::parse(item).ok();
        let texts = note.iter().flat_map(|note| {
            let size = Checkpoint::parse(note.text()).map_or(0, |checkpoint| checkpoint.size);
            [
                format!("old {size}\n\n{note}"),
                format!("old 4\n{hash}\n{hash}\n\n{note}"),
            ]
        });
        let receipt = Receipt::parse(item).ok().map(|receipt| {
            let proof: String = receipt
                .proof
                .iter()
                .map(|hash| format!("{}\n", hash.to_base64()))
                .collect();
            format!("old {}\n{proof}\n{}", receipt.index, receipt.checkpoint)
        });
        texts.chain(receipt).map(String::into_bytes).collect::<Vec<_>>()
    })
}

/// The text of a note that the log signs: a promise is read in one spelling.
pub fn promise(data: &[u8]) -> bool {
    let Some(note) = str::from_utf8(data).ok().and_then(|text| Note::new(text.to_owned())) else {
        return false;
    };
    let key = log_key();
    let signature = key.sign(note.text());
    let note = note.with(signature);
    let Ok(promise) = Promise::verify(&note, &key.verifier()) else {
        return false;
    };
    assert_eq!(promise.origin, ORIGIN);
    assert_eq!(promise.sign(&key), note);
    true
}

pub fn promises(pool: &Pool) -> Vec<Vec<u8>> {
    let text = |item: &[u8]| Note::parse(item).ok().map(|note| note.text().as_bytes().to_vec());
    let mut texts = pool.derived(text);
    texts.retain(|text| text.starts_with(promise::HEADER.as_bytes()));
    texts
}

/// Leaf i is the byte i.
struct Leaves;

impl HashReader for Leaves {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        if level == 0 {
            return Ok(leaf_hash(&[index as u8]));
        }
        let (left, right) = (self.node(level - 1, 2 * index)?, self.node(level - 1, 2 * index + 1)?);
        Ok(node_hash(&left, &right))
    }
}

fn certain<T>(result: Result<T, Infallible>) -> T {
    result.unwrap_or_else(|never| match never {})
}

/// Four bytes choose a tree, an earlier one, a leaf and how many hashes of its proof are cut; each further pair changes a byte
/// of the proof. A proof verifies exactly when it is the right one. What is left is a proof of its own, of any size.
pub fn proof(data: &[u8]) -> bool {
    let Some(([size, old, index, cut], changes)) = data.split_first_chunk::<4>() else {
        return false;
    };
    let (size, old, index) = (u64::from(size % 65), u64::from(old % 65), u64::from(index % 65));
    let root = certain(proof::root(size, &Leaves));
    let changed = |right: Option<Vec<Hash>>| {
        let mut hashes = right.clone().unwrap_or_default();
        hashes.truncate(hashes.len().saturating_sub(usize::from(cut % 4)));
        if *cut > 128 {
            hashes.push(root);
        }
        let length = hashes.len();
        for [place, change] in changes.as_chunks::<2>().0.iter().take(8).filter(|_| length > 0) {
            hashes[usize::from(*place) % length].0[usize::from(place / 8)] ^= change;
        }
        let is_right = right.as_ref() == Some(&hashes);
        (hashes, is_right)
    };
    let (inclusion, is_right) = changed(certain(proof::inclusion(index, size, &Leaves)));
    let verified = proof::verify_inclusion(leaf_hash(&[index as u8]), index, size, &inclusion, root).is_ok();
    assert_eq!(verified, is_right, "leaf {index} of {size}");
    let old_root = certain(proof::root(old, &Leaves));
    let (consistency, is_consistent) = changed(certain(proof::consistency(old, size, &Leaves)));
    let verified = proof::verify_consistency(old, old_root, size, root, &consistency).is_ok();
    assert_eq!(verified, is_consistent, "tree {old} in {size}");

    let (numbers, _) = changes.as_chunks::<8>();
    if let [one, two, ..] = numbers {
        let (one, two) = (u64::from_be_bytes(*one), u64::from_be_bytes(*two));
        let hashes: Vec<Hash> = numbers[2..].iter().map(|bytes| leaf_hash(bytes)).collect();
        assert!(proof::verify_inclusion(leaf_hash(b""), one, two, &hashes, root).is_err());
        let _ = proof::verify_consistency(one, old_root, two, root, &hashes);
    }
    is_right || is_consistent
}

pub fn proofs(_: &Pool) -> Vec<Vec<u8>> {
    let trees = [(1, 0, 0), (7, 4, 6), (8, 3, 0), (64, 33, 63), (33, 32, 32), (64, 64, 5)];
    let right = trees.map(|(size, old, index)| vec![size, old, index, 0]);
    let long = [
        vec![7, 4, 6, 0],
        vec![0; 16],
        u64::MAX.to_be_bytes().repeat(2),
        vec![1; 80],
    ]
    .concat();
    right.into_iter().chain([long]).collect()
}

/// Paths, bundles and entries have one spelling.
pub fn tile(data: &[u8]) -> bool {
    let name = str::from_utf8(data).ok().and_then(TileName::parse);
    if let Some(name) = &name {
        assert_eq!(name.path().as_bytes(), data);
        assert!((1..=TILE_WIDTH).contains(&name.width.into()));
    }
    let entries = decode_entries(data);
    if let Some(entries) = &entries {
        assert_eq!(encode_entries(entries.iter().copied()), data);
        assert!(entries.len() as u64 <= TILE_WIDTH);
        for entry in entries {
            assert!(Entry::parse(entry).is_none_or(|read| read.to_bytes() == *entry));
        }
    }
    let hashes = decode_hashes(data);
    assert!(hashes.iter().all(|hashes| encode_hashes(hashes) == data));
    let entry = Entry::parse(data);
    assert!(entry.iter().all(|entry| entry.to_bytes() == data));
    name.is_some() || entries.is_some() || hashes.is_some() || entry.is_some()
}
