//! The law files of the repository, read once.

#![allow(dead_code, reason = "tests and benches take what they need")]

use std::path::Path;
use std::sync::OnceLock;

use law::{File, Library};

/// Every law file: path below `laws/`, content.
pub fn texts() -> &'static [(String, String)] {
    static TEXTS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    TEXTS.get_or_init(|| of_kind("toml"))
}

fn of_kind(kind: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../laws");
    let mut texts = Vec::new();
    gather(&root, &root, kind, &mut texts);
    texts.sort();
    texts
}

fn gather(root: &Path, folder: &Path, kind: &str, texts: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("laws/ is in the repository") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            gather(root, &path, kind, texts);
        } else if path.extension().is_some_and(|extension| extension == kind) {
            let name = path.strip_prefix(root).expect("below laws/").display().to_string();
            texts.push((name, std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

/// Every official text beside them: path below `laws/`, content.
pub fn officials() -> &'static [(String, String)] {
    static TEXTS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    TEXTS.get_or_init(|| of_kind("txt"))
}

/// Loads these texts.
pub fn load(texts: &[(String, String)]) -> Result<Library, Vec<law::LawFileFault>> {
    let files: Vec<_> = texts.iter().map(|(path, text)| File { path, text }).collect();
    law::load(&files)
}

/// The library of the repository.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| load(texts()).unwrap_or_else(|faults| panic!("{faults:#?}")))
}
