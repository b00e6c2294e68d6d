//! Gathers the law files of `laws/`, so that a binary or a module for the browser holds them.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let laws = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../../laws")
        .canonicalize()?;
    println!("cargo:rerun-if-changed={}", laws.display());
    let mut files = Vec::new();
    gather(&laws, &mut files)?;
    files.sort();
    let mut source = String::from("static FILES: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file
            .strip_prefix(&laws)?
            .to_str()
            .ok_or("a path is not UTF-8")?
            .replace('\\', "/");
        writeln!(
            source,
            "    ({name:?}, include_str!({:?})),",
            file.display().to_string()
        )?;
    }
    source.push_str("];\n");
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("laws.rs"), source)?;
    Ok(())
}

/// Every law file below a folder; the official texts beside them are for reading.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
