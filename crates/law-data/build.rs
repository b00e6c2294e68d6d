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
    // Where other texts lie is for the command line: a module for a browser answers without.
    if std::env::var("CARGO_CFG_TARGET_ARCH")? == "wasm32" {
        files.retain(|file| !file.ends_with("listed.toml"));
    }
    let texts: Vec<_> = files
        .iter()
        .filter_map(|file| file.parent())
        .map(|folder| folder.join("text.txt"))
        .collect();
    let mut texts: Vec<_> = texts.into_iter().filter(|text| text.is_file()).collect();
    texts.dedup();
    let tables = [table(&laws, "FILES", files)?, table(&laws, "TEXTS", texts)?];
    std::fs::write(
        PathBuf::from(std::env::var("OUT_DIR")?).join("laws.rs"),
        tables.concat(),
    )?;
    Ok(())
}

/// Path below the folder and content of each file.
fn table(laws: &Path, name: &str, files: Vec<PathBuf>) -> Result<String, Box<dyn Error>> {
    let mut source = format!("static {name}: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file
            .strip_prefix(laws)?
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
    Ok(source)
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
