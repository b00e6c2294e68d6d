//! «Opens without us»: npm `age-encryption` and this implementation read each other's files.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::Command;

use protocol::age;
use rand_core::UnwrapErr;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const WHY: &str = "run by `cargo xtask test interop`";

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("RESGUARDO_INTEROP").expect(WHY))
}

/// Runs one of the scripts; returns the file it wrote.
fn node(script: &str, flags: &[&str], key: &str, input: &[u8]) -> Vec<u8> {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let path = |name: &str| scratch.path().join(name);
    std::fs::write(path("key"), key).expect("written");
    std::fs::write(path("in"), input).expect("written");
    let mut command = Command::new(std::env::var_os("RESGUARDO_NODE").expect(WHY));
    command
        .current_dir(folder())
        .arg(script)
        .args(flags)
        .args([path("key"), path("in"), path("out")]);
    let output = command.output().expect("node starts");
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::read(path("out")).expect("the script wrote its output")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn sha256(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn the_demos_testimony_opens_with_the_printed_identity() {
    let ready = std::fs::read(std::env::var_os("RESGUARDO_READY").expect(WHY)).expect("the demo's ready file");
    let ready: Value = serde_json::from_slice(&ready).expect("JSON");
    let text = |name: &str| ready[name].as_str().expect(name).to_owned();
    let opened: Vec<(String, Vec<u8>)> = files(Path::new(&text("objects_dir")))
        .iter()
        .map(|path| {
            let ciphertext = std::fs::read(path).expect("readable");
            (
                sha256(&ciphertext),
                node("open.mjs", &[], &text("identity"), &ciphertext),
            )
        })
        .collect();
    let document = opened
        .iter()
        .find(|(_, plain)| plain.first() == Some(&b'{'))
        .expect("a document");
    let document: Value = serde_json::from_slice(&document.1).expect("JSON that ends in spaces");
    let original = |name: &str| std::fs::read(Path::new(&text("testimony_in")).join(name)).expect("an original");

    let evidence = document["files"].as_array().expect("files");
    assert!(!evidence.is_empty(), "the demo seals a photograph");
    for file in evidence {
        let (_, plain) = opened
            .iter()
            .find(|(digest, _)| Some(digest.as_str()) == file["object"].as_str())
            .expect("its object");
        let size = usize::try_from(file["size"].as_u64().expect("size")).expect("fits");
        let (content, padding) = plain.split_at(size);
        assert_eq!(sha256(content), file["sha256"].as_str().expect("sha256"));
        assert_eq!(content, original(file["name"].as_str().expect("name")));
        assert!(padding.iter().all(|byte| *byte == 0));
    }
    let told = document["text"].as_str().expect("text");
    let originals = files(Path::new(&text("testimony_in")));
    let written = originals.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    assert!(
        written
            .into_iter()
            .any(|original| original.trim_end() == told.trim_end()),
        "the text is one of the originals"
    );
}

#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn ours_open_there_and_theirs_here() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    for size in [0, 1, 2_048, 65_535, 65_536, 65_537, 200_000] {
        let plain: Vec<u8> = (0..size)
            .map(|i: u32| i.to_le_bytes()[0] ^ i.to_le_bytes()[1])
            .collect();
        let identity = age::Identity::draw(rng);
        let ours = age::seal(&[&identity.recipient()], &plain, rng);
        assert_eq!(
            node("open.mjs", &[], &identity.to_text(), &ours),
            plain,
            "ours, {size} bytes"
        );
        let theirs = node("seal.mjs", &[], &identity.recipient().to_string(), &plain);
        assert_eq!(theirs.len(), ours.len(), "fixed lengths, {size} bytes");
        assert_eq!(
            age::open(&identity, &theirs).expect("theirs opens").as_slice(),
            plain,
            "theirs, {size} bytes"
        );
    }
}

#[test]
#[ignore = "run by `cargo xtask test interop`"]
fn a_key_file_opens_there() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let keys = protocol::keys::MemberKeys::draw(rng);
    let sealed = age::passphrase::seal_passphrase(
        "seis palabras que nadie eligio aqui",
        12,
        keys.to_key_file().as_bytes(),
        rng,
    );
    let opened = node(
        "open.mjs",
        &["--passphrase"],
        "seis palabras que nadie eligio aqui",
        &sealed,
    );
    assert_eq!(opened, keys.to_key_file().as_bytes());
}
