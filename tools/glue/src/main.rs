//! Makes a module ready for the page: `glue bind MODULE FOLDER NAME` writes the script and the module that belong together,
//! `glue pack FILE…` writes a brotli twin beside each file and prints its size.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bind", module, folder, name] => bind(Path::new(module), Path::new(folder), name),
        ["pack", files @ ..] if !files.is_empty() => files.iter().try_for_each(|file| pack(Path::new(file))),
        _ => bail!("glue bind MODULE FOLDER NAME, or glue pack FILE…"),
    }
}

/// `<name>.js`, an ES module, and `<name>_bg.wasm`.
fn bind(module: &Path, folder: &Path, name: &str) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).web(true)?.typescript(false);
    bindgen.remove_producers_section(true).remove_name_section(true);
    bindgen
        .generate(folder)
        .with_context(|| format!("the glue for {}", module.display()))
}

/// The strongest level: this runs once, and the network of the person who waits is slow.
fn pack(file: &Path) -> Result<()> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut packed, &params)?;
    let twin = PathBuf::from(format!("{}.br", file.display()));
    std::fs::write(&twin, &packed)?;
    let name = file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    writeln!(std::io::stdout(), "{name} {} {}", bytes.len(), packed.len())?;
    Ok(())
}
