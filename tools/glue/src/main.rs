//! Makes a module ready for the page: `glue bind MODULE FOLDER NAME` writes the script and the module that belong together,
//! `glue bundle MODULE FOLDER NAME` those for a module that becomes plain JavaScript,
//! `glue pack FILE…` writes a brotli twin beside each file and prints its size.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bind", module, folder, name] => bind(Path::new(module), Path::new(folder), name),
        ["bundle", module, folder, name] => bundle(Path::new(module), Path::new(folder), name),
        ["pack", files @ ..] if !files.is_empty() => files.iter().try_for_each(|file| pack(Path::new(file))),
        _ => bail!("glue bind MODULE FOLDER NAME, glue bundle MODULE FOLDER NAME, or glue pack FILE…"),
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

/// `<name>.js`, `<name>_bg.js` and `<name>_bg.wasm`, of which the last is to become `<name>_core.js`: the same calls as those
/// of [`bind`], in plain JavaScript.
fn bundle(module: &Path, folder: &Path, name: &str) -> Result<()> {
    // The standard library says that it knows references; plain JavaScript has no table for them.
    let mut plain = walrus::Module::from_file(module)?;
    plain.customs.remove_raw("target_features");
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, plain.emit_wasm()).out_name(name);
    bindgen.bundler(true)?.typescript(false);
    bindgen.remove_producers_section(true).remove_name_section(true);
    bindgen
        .generate(folder)
        .with_context(|| format!("the glue for {}", module.display()))?;
    let (first, calls) = (folder.join(format!("{name}.js")), folder.join(format!("{name}_bg.js")));
    let [module, core] = [format!("{name}_bg.wasm"), format!("{name}_core.js")];
    let text = std::fs::read_to_string(&first)?;
    std::fs::write(
        &first,
        replaced(&text, &[(&module, &core)])? + "\nexport default async () => {};\n",
    )?;
    // A memory that grows is another buffer here, and the one before it stays as it was.
    let is_other = "Memory0.buffer !== wasm.memory.buffer";
    let text = replaced(
        &std::fs::read_to_string(&calls)?,
        &[
            ("Memory0.byteLength === 0", is_other),
            ("Memory0.buffer.detached === true", is_other),
        ],
    )?;
    std::fs::write(&calls, text).map_err(Into::into)
}

/// A text in which each of these stands, and then the other in its place.
fn replaced(text: &str, each: &[(&str, &str)]) -> Result<String> {
    each.iter().try_fold(text.to_owned(), |text, (from, to)| {
        if !text.contains(from) {
            bail!("wasm-bindgen writes {from:?} no more");
        }
        Ok(text.replace(from, to))
    })
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
