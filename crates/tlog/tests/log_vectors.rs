//! docs/vectors/log.json: a whole small log, for whoever writes a second reader (docs/protocol.md §20). Written with
//! `RESGUARDO_BLESS=1`, compared otherwise.

use crate::kept;
#[path = "log_vectors_parts/mod.rs"]
mod log_vectors_parts;

use kept::keep;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tlog::note::KeyKind;
use tlog::policy::Policy;
use tlog::promise::Promise;
use tlog::proof::{self, HashReader};
use tlog::receipt::Receipt;
use tlog::tile::{TileKind, TileName, encode_entries, encode_hashes, tiles_of};
use tlog::{Checkpoint, Hash, Note, SigningNoteKey, leaf_hash, node_hash};

use log_vectors_parts::{cosigning, forms};

const ORIGIN: &str = "demo.example/log";
const SIZE: u64 = 300;
const TIME: u64 = 1_795_500_000;

/// All leaf hashes; inner nodes are computed on demand.
struct Leaves(Vec<Hash>);

impl HashReader for Leaves {
    type Error = std::convert::Infallible;
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let Some(below) = level.checked_sub(1) else {
            return Ok(self.0[usize::try_from(index).expect("small")]);
        };
        Ok(node_hash(
            &self.node(below, 2 * index)?,
            &self.node(below, 2 * index + 1)?,
        ))
    }
}

fn infallible<T>(result: Result<T, std::convert::Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// Entry i: the first four public, the others opaque; contents are SHA-256 of ASCII text.
fn entry(i: u64) -> Vec<u8> {
    let hash = |what: &str| Sha256::digest(format!("{what} {i}")).to_vec();
    if i < 4 {
        [vec![1], hash("statement")].concat()
    } else {
        [vec![0], hash("slot"), hash("commit")].concat()
    }
}

struct Keys {
    log: SigningNoteKey,
    cosigner: SigningNoteKey,
}

impl Keys {
    fn new() -> Self {
        let key = |name: &str, kind, byte| SigningNoteKey::from_seed(name, kind, &[byte; 32]).expect("a key name");
        Self {
            log: key(ORIGIN, KeyKind::Ed25519, 0x11),
            cosigner: key("cosigner.example", KeyKind::CosignatureV1, 0x22),
        }
    }

    /// A log's key.
    fn new_log(name: &str, byte: u8) -> SigningNoteKey {
        SigningNoteKey::from_seed(name, KeyKind::Ed25519, &[byte; 32]).expect("a key name")
    }

    fn checkpoint(&self, leaves: &Leaves, size: u64) -> Note {
        let root = infallible(proof::root(size, leaves));
        let text = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root,
            extensions: vec![],
        }
        .to_text();
        let cosignature = tlog::cosign::cosign(&self.cosigner, &text, TIME + size);
        let signature = self.log.sign(&text);
        Note::new(text).expect("note text").with(signature).with(cosignature)
    }

    fn policy(&self) -> String {
        Policy::to_text_k_of_n(&self.log.verifier(), None, &[(self.cosigner.verifier(), None)], 1)
    }
}

fn tile(name: &TileName, entries: &[Vec<u8>], leaves: &Leaves) -> Vec<u8> {
    let places = name.index * 256..name.index * 256 + u64::from(name.width);
    match name.kind {
        TileKind::Entries => encode_entries(places.map(|i| &entries[usize::try_from(i).expect("small")][..])),
        TileKind::Hash(level) => encode_hashes(
            &places
                .map(|i| infallible(leaves.node(8 * level, i)))
                .collect::<Vec<_>>(),
        ),
    }
}

/// What the file holds.
pub fn vectors() -> Value {
    let entries: Vec<Vec<u8>> = (0..SIZE).map(entry).collect();
    let leaves = Leaves(entries.iter().map(|entry| leaf_hash(entry)).collect());
    let keys = Keys::new();
    let checkpoints: Vec<Value> = [4_u64, 8, 256, SIZE]
        .into_iter()
        .map(|size| {
            let root = base16ct::lower::encode_string(&infallible(proof::root(size, &leaves)).0);
            json!({ "size": size, "root": root, "note": keys.checkpoint(&leaves, size).to_string(), "time": TIME + size })
        })
        .collect();
    let checkpoint = keys.checkpoint(&leaves, SIZE);
    let receipt = |index: u64, extra: Option<Vec<u8>>| {
        let proof = infallible(proof::inclusion(index, SIZE, &leaves)).expect("within the tree");
        Receipt {
            extra,
            index,
            proof,
            checkpoint: checkpoint.clone(),
        }
        .to_text()
    };
    let receipts: Vec<Value> = [0_u64, 4, 255, 256, 299]
        .into_iter()
        .map(|index| {
            let entry = &entries[usize::try_from(index).expect("small")];
            json!({ "index": index, "entry": base16ct::lower::encode_string(entry), "receipt": receipt(index, Some(entry.clone())) })
        })
        .collect();
    let tiles: Vec<Value> = tiles_of(SIZE)
        .iter()
        .map(|name| json!({ "path": name.path(), "hex": base16ct::lower::encode_string(&tile(name, &entries, &leaves)) }))
        .collect();
    let promise = Promise {
        origin: ORIGIN.into(),
        entry: Sha256::digest(&entries[4]).into(),
        deadline: TIME + 86_400,
    };
    let flip = |text: &str, from: &str, to: &str| text.replacen(from, to, 1);
    let good = checkpoint.to_string();
    json!({
        "about": "A log of 300 entries: entry i is 0x01 ‖ SHA-256(\"statement i\") for i < 4, else 0x00 ‖ SHA-256(\"slot i\") ‖ SHA-256(\"commit i\"). Ed25519 seeds: log 32 × 0x11, cosigner 32 × 0x22.",
        "origin": ORIGIN,
        "log_vkey": keys.log.verifier().to_string(),
        "cosigner_vkey": keys.cosigner.verifier().to_string(),
        "policy": keys.policy(),
        "entries": entries.iter().map(|entry| base16ct::lower::encode_string(entry)).collect::<Vec<_>>(),
        "tiles": tiles,
        "checkpoints": checkpoints,
        "receipts": receipts,
        "tile_paths": forms::tile_paths(),
        "bundles": forms::bundles(),
        "cosigning": cosigning::vectors(),
        "refused_promises": forms::refused_promises(&keys),
        "promise": { "note": promise.sign(&keys.log).to_string(), "entry": base16ct::lower::encode_string(&entries[4]), "deadline": TIME + 86_400 },
        "bad": [
            { "why": "size changed: neither signature verifies", "checkpoint": flip(&good, "\n300\n", "\n301\n") },
            { "why": "another origin", "checkpoint": flip(&good, ORIGIN, "demo.example/gol") },
            { "why": "no cosignature", "checkpoint": without_line(&good, "— cosigner.example ") },
            { "why": "no signature by the log", "checkpoint": without_line(&good, "— demo.example/log ") },
            { "why": "a carriage return", "checkpoint": flip(&good, "\n300\n", "\r\n300\n") },
            { "why": "the proof of another index", "entry": base16ct::lower::encode_string(&entries[5]), "receipt": flip(&receipt(4, None), "index 4", "index 5") },
            { "why": "another entry than the one proven", "entry": base16ct::lower::encode_string(&entries[5]), "receipt": receipt(4, None) },
            { "why": "a proof with a hash too few", "entry": base16ct::lower::encode_string(&entries[4]), "receipt": without_first_hash(&receipt(4, None)) },
            { "why": "an index beyond the tree", "entry": base16ct::lower::encode_string(&entries[4]), "receipt": flip(&receipt(4, None), "index 4", "index 300") },
            { "why": "another version", "entry": base16ct::lower::encode_string(&entries[4]), "receipt": flip(&receipt(4, None), "tlog-proof@v1", "tlog-proof@v2") },
            { "why": "an index with a leading zero", "entry": base16ct::lower::encode_string(&entries[4]), "receipt": flip(&receipt(4, None), "index 4", "index 04") },
        ],
    })
}

/// A receipt without the leaf's sibling.
fn without_first_hash(receipt: &str) -> String {
    let lines: Vec<&str> = receipt.split('\n').collect();
    [&lines[..2], &lines[3..]].concat().join("\n")
}

fn without_line(text: &str, start: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with(start))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn the_log_in_docs_vectors_is_what_the_code_writes() {
    keep("log.json", &vectors());
}

#[test]
fn good_ones_verify_and_bad_ones_do_not() {
    let vectors = vectors();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let policy = Policy::parse(&text(&vectors["policy"])).expect("a policy");
    let decode = |value: &Value| base16ct::lower::decode_vec(text(value).as_bytes()).expect("hex");
    for checkpoint in vectors["checkpoints"].as_array().expect("a list") {
        let note = Note::parse(text(&checkpoint["note"]).as_bytes()).expect("a note");
        let trusted = policy.check(&note, ORIGIN).expect("trusted");
        assert_eq!(Some(trusted.time()), checkpoint["time"].as_u64());
    }
    for receipt in vectors["receipts"].as_array().expect("a list") {
        let parsed = Receipt::parse(text(&receipt["receipt"]).as_bytes()).expect("a receipt");
        parsed
            .verify(&decode(&receipt["entry"]), &policy, ORIGIN)
            .expect("verifies");
    }
    for bad in vectors["bad"].as_array().expect("a list") {
        let refused = match bad.get("checkpoint") {
            Some(note) => Note::parse(text(note).as_bytes()).map_or(true, |note| policy.check(&note, ORIGIN).is_err()),
            None => Receipt::parse(text(&bad["receipt"]).as_bytes()).map_or(true, |receipt| {
                receipt.verify(&decode(&bad["entry"]), &policy, ORIGIN).is_err()
            }),
        };
        assert!(refused, "{}", bad["why"]);
    }
    let note = Note::parse(text(&vectors["promise"]["note"]).as_bytes()).expect("a note");
    assert_eq!(
        Promise::verify(&note, &Keys::new().log.verifier())
            .expect("signed")
            .deadline,
        TIME + 86_400
    );
}
