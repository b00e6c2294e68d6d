//! What each file of vectors holds.

pub mod age;
mod age_refused;
pub mod ed25519;
pub mod envelopes;
pub mod json;

use std::path::PathBuf;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64.encode(bytes.as_ref())
}

/// Writes or compares one file.
pub fn keep(name: &str, vectors: &Value) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "docs", "vectors", name]
        .iter()
        .collect();
    let mut text = serde_json::to_string_pretty(vectors).unwrap();
    text.push('\n');
    if std::env::var_os("RESGUARDO_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/vectors/{name} is not what the code makes; cargo xtask vectors writes it"
    );
}
