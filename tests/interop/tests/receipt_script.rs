//! The script of docs/guides that checks receipts without us agrees with us, on the vectors and on the demo's receipts.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::Command;

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};

const WHY: &str = "run by `cargo xtask test interop`";

/// Whether the script takes a receipt, and what it says.
fn check(receipt: &Path, root: &Path, policy: Option<&Path>) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/verify-receipt.mjs");
    let mut command = Command::new(std::env::var_os("RESGUARDO_NODE").expect(WHY));
    command.arg(script).arg(receipt).arg(root).args(policy);
    let output = command.output().expect("node starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("text"))
}

fn vectors() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vectors/log.json");
    serde_json::from_slice(&std::fs::read(path).expect("vectors")).expect("JSON")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("text")
}

/// A receipt with its entry in the `extra` line, as the program writes it.
fn with_entry(receipt: &Value) -> String {
    let entry = Base64::encode_string(&base16ct::lower::decode_vec(text(receipt, "entry").as_bytes()).expect("hex"));
    let bare = text(receipt, "receipt");
    let (header, rest) = bare.split_once('\n').expect("lines");
    let rest = rest
        .strip_prefix("extra ")
        .map_or(rest, |after| after.split_once('\n').expect("a line").1);
    format!("{header}\nextra {entry}\n{rest}")
}

#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn receipts_of_the_vectors_verify_and_altered_ones_do_not() {
    let (vectors, folder) = (vectors(), tempfile::tempdir().expect("a folder"));
    let [root, receipt] = ["root.json", "receipt"].map(|name| folder.path().join(name));
    let trust = json!({ "origin": vectors["origin"], "log_key": vectors["log_vkey"], "policy": vectors["policy"] });
    std::fs::write(&root, trust.to_string()).expect("written");
    let receipts = vectors["receipts"].as_array().expect("receipts");
    assert!(receipts.len() > 2);
    for good in receipts {
        let good_text = with_entry(good);
        std::fs::write(&receipt, &good_text).expect("written");
        let (holds, said) = check(&receipt, &root, None);
        assert!(holds, "{said}");
        assert!(said.contains(&format!("entry {} of", good["index"])), "{said}");
    }
    // Of one whose proof is not empty, each line with another character.
    let longest = receipts.iter().map(with_entry).max_by_key(String::len).expect("one");
    let lines: Vec<&str> = longest.lines().collect();
    for number in (0..lines.len()).filter(|number| !lines[*number].is_empty()) {
        let mut altered: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let line = &mut altered[number];
        let at = line
            .char_indices()
            .map(|(at, _)| at)
            .nth(line.chars().count() / 2)
            .expect("a character");
        let other = if line[at..].starts_with('1') { "2" } else { "1" };
        let length = line[at..].chars().next().expect("a character").len_utf8();
        line.replace_range(at..at + length, other);
        std::fs::write(&receipt, format!("{}\n", altered.join("\n"))).expect("written");
        let (holds, said) = check(&receipt, &root, None);
        assert!(!holds, "line {number}, {}: {said}", altered[number]);
    }
}

/// Policies of more than one cosigner, in groups.
#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn policies_of_groups_are_judged_as_by_us() {
    let (vectors, folder) = (vectors(), tempfile::tempdir().expect("a folder"));
    let [root, receipt, other] = ["root.json", "receipt", "policy"].map(|name| folder.path().join(name));
    let trust = json!({ "origin": vectors["origin"], "log_key": vectors["log_vkey"], "policy": vectors["policy"] });
    std::fs::write(&root, trust.to_string()).expect("written");
    let good = &vectors["receipts"][0];
    std::fs::write(&receipt, with_entry(good)).expect("written");
    let witness = text(&vectors, "policy")
        .lines()
        .find(|line| line.starts_with("witness"))
        .expect("a witness");
    let name = witness.split_whitespace().nth(1).expect("a name");
    let absent = witness
        .replacen(name, "absent", 1)
        .replace(&key_of(witness), &absent_key());
    for (group, holds) in [("any", true), ("all", false), ("1", true), ("2", false)] {
        let policy = format!(
            "log {}\n{witness}\n{absent}\ngroup g {group} {name} absent\nquorum g\n",
            text(&vectors, "log_vkey")
        );
        std::fs::write(&other, policy).expect("written");
        let (found, said) = check(&receipt, &root, Some(&other));
        assert_eq!(found, holds, "{group}: {said}");
    }
}

/// A cosigner whose signatures the script cannot check counts as one that has not signed, and is named where it is needed.
#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn a_cosigner_by_ml_dsa_is_not_taken_for_a_damaged_key() {
    let (vectors, folder) = (vectors(), tempfile::tempdir().expect("a folder"));
    let [root, receipt, other] = ["root.json", "receipt", "policy"].map(|name| folder.path().join(name));
    let trust = json!({ "origin": vectors["origin"], "log_key": vectors["log_vkey"], "policy": vectors["policy"] });
    std::fs::write(&root, trust.to_string()).expect("written");
    std::fs::write(&receipt, with_entry(&vectors["receipts"][0])).expect("written");
    let policy = text(&vectors, "policy");
    let witness = policy.lines().find(|line| line.starts_with("witness"));
    let witness = witness.expect("a witness");
    let name = witness.split_whitespace().nth(1).expect("a name");
    let key = tlog::SigningNoteKey::from_seed("lattice.example", tlog::note::KeyKind::MlDsa44, &[78; 32]);
    let key = key.expect("a name").verifier();
    for (group, holds) in [("any", true), ("all", false)] {
        let policy = format!(
            "log {}\n{witness}\nwitness lattice {key}\ngroup g {group} {name} lattice\nquorum g\n",
            text(&vectors, "log_vkey")
        );
        std::fs::write(&other, policy).expect("written");
        let (found, said) = check(&receipt, &root, Some(&other));
        assert_eq!(found, holds, "{group}: {said}");
        assert_eq!(said.contains("ML-DSA-44"), !holds, "{group}: {said}");
    }
}

fn key_of(witness: &str) -> String {
    witness.split_whitespace().nth(2).expect("a key").to_owned()
}

fn absent_key() -> String {
    let key = tlog::SigningNoteKey::from_seed("absent.example", tlog::note::KeyKind::CosignatureV1, &[77; 32]);
    key.expect("a name").verifier().to_string()
}

#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn the_demos_receipts_verify() {
    let ready = std::fs::read(std::env::var_os("RESGUARDO_READY").expect(WHY)).expect("the demo's ready file");
    let ready: Value = serde_json::from_slice(&ready).expect("JSON");
    let root = PathBuf::from(text(&ready, "keys_dir")).with_file_name("root.json");
    let receipts = ready["receipts"].as_array().expect("receipts");
    assert!(receipts.len() > 5);
    for receipt in receipts {
        let (holds, said) = check(Path::new(text(receipt, "path")), &root, None);
        assert!(holds, "{said}");
    }
}
