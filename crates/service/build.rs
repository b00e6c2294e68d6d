//! Gathers what pages load, so that the binary holds it: scripts, images, one joined style sheet, and the modules from
//! `web/dist` where `cargo xtask wasm` has made them. Without them everything still builds.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let web = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../../web")
        .canonicalize()?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", web.display());
    let mut files = Vec::new();
    for folder in ["scripts", "images", "dist"] {
        for file in list(&web.join(folder))? {
            files.push((name_of(&file)?, file));
        }
    }
    // Recordings, a folder for each language.
    for folder in list(&web.join("audio"))?.into_iter().filter(|folder| folder.is_dir()) {
        for file in list(&folder)? {
            files.push((format!("{}-{}", name_of(&folder)?, name_of(&file)?), file));
        }
    }
    let mut style = String::new();
    for name in ["styles/tokens.css", "styles/base.css"] {
        style.push_str(&std::fs::read_to_string(web.join(name))?);
    }
    for component in list(&web.join("components"))? {
        for file in list(&component)? {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("css") => style.push_str(&std::fs::read_to_string(file)?),
                Some("js") => files.push((name_of(&file)?, file)),
                _ => {}
            }
        }
    }
    style.push_str(&std::fs::read_to_string(web.join("styles/print.css"))?);
    let joined = out.join("style.css");
    std::fs::write(&joined, style)?;
    files.push(("style.css".to_owned(), joined));
    files.sort();
    let mut source = String::from("static FILES: &[(&str, &[u8])] = &[\n");
    for (name, file) in files.iter().filter(|(_, file)| file.is_file()) {
        writeln!(
            source,
            "    ({name:?}, include_bytes!({:?})),",
            file.display().to_string()
        )?;
    }
    source.push_str("];\n");
    std::fs::write(out.join("assets.rs"), source)?;
    Ok(())
}

/// The name of a file or folder.
fn name_of(path: &Path) -> Result<String, &'static str> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(ToOwned::to_owned).ok_or("a file's name is not UTF-8")
}

/// What a folder holds, in order; nothing where there is none.
fn list(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}
