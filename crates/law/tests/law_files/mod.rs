//! The law files of the repository, read once.

use std::path::Path;
use std::sync::OnceLock;

use law::{File, Library};

/// Every law file: path below `laws/`, content.
pub fn texts() -> &'static [(String, String)] {
    static TEXTS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../laws");
        let mut texts = Vec::new();
        gather(&root, &root, &mut texts);
        texts.sort();
        texts
    })
}

fn gather(root: &Path, folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("laws/ is in the repository") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            gather(root, &path, texts);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).expect("below laws/").display().to_string();
            texts.push((name, std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

/// Loads these texts.
pub fn load(texts: &[(String, String)]) -> Result<Library, Vec<law::Fault>> {
    let files: Vec<_> = texts.iter().map(|(path, text)| File { path, text }).collect();
    law::load(&files)
}

/// The library of the repository.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| load(texts()).unwrap_or_else(|faults| panic!("{faults:#?}")))
}
