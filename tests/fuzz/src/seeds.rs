//! Inputs to begin with: every text in docs/vectors/, also as the bytes that its hex or base64 stands for, and the law
//! files.

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the vectors hold.
pub struct Pool {
    items: BTreeSet<Vec<u8>>,
    laws: Vec<Vec<u8>>,
}

impl Pool {
    /// Reads docs/vectors/ and laws/ of this repository.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut items = BTreeSet::new();
        for path in files(&root.join("docs/vectors"), "json") {
            let vectors = std::fs::read(path).expect("a readable file");
            gather(&serde_json::from_slice(&vectors).expect("JSON"), &mut items);
        }
        let laws = files(&root.join("laws"), "toml");
        let laws = laws.iter().map(|path| std::fs::read(path).expect("a readable file"));
        Self {
            items,
            laws: laws.collect(),
        }
    }

    /// Everything from the vectors.
    pub fn all(&self) -> Vec<Vec<u8>> {
        self.items.iter().cloned().collect()
    }

    /// Everything from the vectors of which a target makes something.
    pub fn derived<I: IntoIterator<Item = Vec<u8>>>(&self, derive: impl Fn(&[u8]) -> I) -> Vec<Vec<u8>> {
        self.items.iter().flat_map(|item| derive(item)).collect()
    }

    /// The law files.
    pub fn laws(&self) -> &[Vec<u8>] {
        &self.laws
    }
}

fn gather(value: &Value, items: &mut BTreeSet<Vec<u8>>) {
    match value {
        Value::String(text) => {
            items.extend(base16ct::lower::decode_vec(text.as_bytes()));
            items.extend(Base64::decode_vec(text));
            items.insert(text.clone().into_bytes());
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, items)),
        Value::Object(fields) => {
            if fields.contains_key("v") {
                items.insert(value.to_string().into_bytes());
            }
            fields.values().for_each(|value| gather(value, items));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// All files below a folder with this extension, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.sort();
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path, extension),
        false => vec![path],
    };
    let mut found: Vec<_> = paths.into_iter().flat_map(below).collect();
    found.retain(|path| path.extension().is_some_and(|found| found == extension));
    found
}
