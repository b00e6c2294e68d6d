//! Paths, bundles, promises and receipts that are well formed, and those that are refused.

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tlog::note::NoteSignature;
use tlog::promise::Promise;
use tlog::tile::{TileKind, TileName, decode_entries, encode_entries};
use tlog::{Note, SigningNoteKey};

use super::super::{Keys, ORIGIN, TIME, entry};

/// Names of tiles with their paths, and paths that name nothing.
pub fn tile_paths() -> Value {
    let names = [
        (TileKind::Entries, 0, 256),
        (TileKind::Entries, 0, 1),
        (TileKind::Entries, 999, 255),
        (TileKind::Entries, 1_000, 256),
        (TileKind::Entries, 1_234_067, 256),
        (TileKind::Hash(0), 1_234_067, 256),
        (TileKind::Hash(1), 4_820, 3),
        (TileKind::Hash(2), 18, 212),
        (TileKind::Hash(0), 1_000_000_000, 17),
    ];
    let good: Vec<Value> = names
        .into_iter()
        .map(|(kind, index, width)| {
            let path = TileName { kind, index, width }.path();
            let level = match kind {
                TileKind::Entries => json!("entries"),
                TileKind::Hash(level) => json!(level),
            };
            json!({ "level": level, "index": index, "width": width, "path": path })
        })
        .collect();
    let bad = [
        ("two digits", "tile/0/67"),
        ("four digits", "tile/0/1234"),
        ("a group too many", "tile/0/x000/067"),
        ("no x before the first group", "tile/0/001/067"),
        ("x before the last group", "tile/0/x001/x067"),
        ("a partial tile that is full", "tile/0/067.p/256"),
        ("a partial tile of nothing", "tile/0/067.p/0"),
        ("a width with a leading zero", "tile/0/067.p/08"),
        ("a level with a leading zero", "tile/00/067"),
        ("a level beyond 63", "tile/64/067"),
        ("a level that is negative", "tile/-1/067"),
        ("a slash first", "/tile/0/067"),
        ("the older name of entries", "tile/data/067"),
    ];
    let bad: Vec<Value> = bad
        .into_iter()
        .map(|(why, path)| {
            assert_eq!(TileName::parse(path), None, "{why}");
            json!({ "why": why, "path": path })
        })
        .collect();
    json!({ "good": good, "refused": bad })
}

/// Entry bundles. The form of an entry itself is in log-steps.json.
pub fn bundles() -> Value {
    let (public, opaque) = (entry(0), entry(4));
    let good = encode_entries([&public[..], &opaque[..]]);
    let cut = &good[..good.len() - 1];
    let refused = [
        ("the last entry is cut short", cut.to_vec()),
        ("a length is cut short", [&good[..], &[0]].concat()),
        ("a length without its entry", [&good[..], &[0, 65]].concat()),
        ("lengths with their low byte first", [&[33, 0], &public[..]].concat()),
        ("257 entries", encode_entries((0..257).map(|_| &[][..]))),
    ];
    let refused: Vec<Value> = refused
        .into_iter()
        .map(|(why, bundle)| {
            assert_eq!(decode_entries(&bundle), None, "{why}");
            json!({ "why": why, "hex": base16ct::lower::encode_string(&bundle) })
        })
        .collect();
    assert_eq!(decode_entries(&good), Some(vec![&public[..], &opaque[..]]));
    json!({
        "good": { "hex": base16ct::lower::encode_string(&good), "entries": [base16ct::lower::encode_string(&public), base16ct::lower::encode_string(&opaque)] },
        "refused": refused,
    })
}

/// A promise for entry 4, and others that do not bind this log to this entry by this time.
pub fn refused_promises(keys: &Keys) -> Value {
    let hash: [u8; 32] = Sha256::digest(entry(4)).into();
    let deadline = TIME + 86_400;
    let body = |header: &str, origin: &str, hash: &[u8], rest: &str| {
        format!("{header}\n{origin}\n{}\n{rest}\n", Base64::encode_string(hash))
    };
    let v1 = "resguardo-promise/v1";
    let text = body(v1, ORIGIN, &hash, &deadline.to_string());
    let good = Promise {
        origin: ORIGIN.into(),
        entry: hash,
        deadline,
    }
    .sign(&keys.log);
    assert_eq!(good.text(), text);
    let signed_by = |key: &SigningNoteKey, text: String| {
        let signature = key.sign(&text);
        Note::new(text).expect("a text").with(signature)
    };
    let own = |text: String| signed_by(&keys.log, text);
    let later = Note::new(text.replacen(&deadline.to_string(), &(deadline + 1).to_string(), 1))
        .expect("a text")
        .with(good.signatures()[0].clone());
    let borrowed = NoteSignature {
        id: keys.log.verifier().id(),
        ..Keys::new_log(ORIGIN, 0x12).sign(&text)
    };
    let cases = [
        ("the deadline changed after signing", later),
        (
            "another log's origin, signed by this log",
            own(body(v1, "demo.example/gol", &hash, &deadline.to_string())),
        ),
        (
            "by another key of the same name",
            signed_by(&Keys::new_log(ORIGIN, 0x12), text.clone()),
        ),
        (
            "by another key under this key's id",
            Note::new(text.clone()).expect("a text").with(borrowed),
        ),
        (
            "by another log for itself",
            signed_by(
                &Keys::new_log("demo.example/gol", 0x11),
                body(v1, "demo.example/gol", &hash, &deadline.to_string()),
            ),
        ),
        (
            "no signature by this log",
            Note::new(text.clone())
                .expect("a text")
                .with(Keys::new_log("x.example", 1).sign(&text)),
        ),
        (
            "version 2",
            own(body("resguardo-promise/v2", ORIGIN, &hash, &deadline.to_string())),
        ),
        (
            "a hash of 31 bytes",
            own(body(v1, ORIGIN, &hash[..31], &deadline.to_string())),
        ),
        (
            "a deadline with a leading zero",
            own(body(v1, ORIGIN, &hash, &format!("0{deadline}"))),
        ),
        (
            "a deadline of 2^64",
            own(body(v1, ORIGIN, &hash, "18446744073709551616")),
        ),
        (
            "a deadline with a sign",
            own(body(v1, ORIGIN, &hash, &format!("+{deadline}"))),
        ),
        (
            "a line more",
            own(body(v1, ORIGIN, &hash, &format!("{deadline}\nmore"))),
        ),
        (
            "a checkpoint",
            own(format!("{ORIGIN}\n300\n{}\n", Base64::encode_string(&hash))),
        ),
    ];
    cases
        .into_iter()
        .map(|(why, note)| {
            let note = note.to_string();
            let verifies =
                Note::parse(note.as_bytes()).is_ok_and(|note| Promise::verify(&note, &keys.log.verifier()).is_ok());
            assert!(!verifies, "{why}");
            json!({ "why": why, "note": note })
        })
        .collect()
}
