//! Our own vectors in docs/vectors/, reproducible to the byte. `RESGUARDO_BLESS=1` writes them; without it they are
//! compared with what the code makes. Tests of other crates take this file too.

use std::path::PathBuf;

/// Writes or compares one file.
#[track_caller]
pub fn keep<T: serde::Serialize>(name: &str, vectors: &T) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "docs", "vectors", name]
        .iter()
        .collect();
    let mut text = serde_json::to_string_pretty(vectors).expect("JSON");
    text.push('\n');
    if std::env::var_os("RESGUARDO_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).expect("docs/vectors can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/vectors/{name} is not what the code makes; look at the difference, then `cargo xtask vectors` writes it"
    );
}
