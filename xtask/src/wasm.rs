//! `cargo xtask wasm`: the same core for the browser, its glue, and what it weighs.
//!
//! The target comes from rustup where it can be had; on Debian as root the distribution's own compiler for the web
//! builds the standard library along; elsewhere one line says what to do. Everything lands in web/dist/, which git
//! ignores and the service takes up when it is built.
//!
//! No `wasm-opt`: on the wire its modules are larger than the compiler's (213 kB, not 203), and Debian's (binaryen 108)
//! exports one table in the place of another, so that the first thing that is thrown ends the module.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::setup;
use crate::sh::{call, cargo, output, root, several_at_once, target};

const TARGET: &str = "wasm32-unknown-unknown";
/// The modules of the page, each of the crate `wasm-NAME`, and what each may weigh as brotli, in bytes. `return` reads every
/// statement on a case as a seat does, and seals what she adds as `declare` does; it comes while she types her words. `draft` comes
/// when she saves for another day, `scrub` when she adds a file:
/// it reads a dozen formats. `identifiers` comes with the part of her page that asks who hurt her. `desk` follows each request as
/// the docket does, to publish an act when it is due, and says of each before what it makes public. `counsel` holds every wording of
/// the law; it is loaded at the desk, by a reader who asks for it.
const MODULES: [(&str, usize); 7] = [
    ("declare", 200_000),
    ("draft", 170_000),
    ("scrub", 80_000),
    ("identifiers", 72_000),
    ("return", 456_000),
    ("desk", 613_500),
    ("counsel", 600_000),
];
/// The module that seals, in plain JavaScript, for browsers without WebAssembly (Tor Browser at «Safer»).
const PLAIN: &str = "declare_plain";
/// What its largest file may weigh as brotli, in bytes.
const PLAIN_MAX: usize = 480_000;
const PLAIN_FILES: [&str; 3] = ["declare_plain.js", "declare_plain_bg.js", "declare_plain_core.js"];
/// How long rustup may take: it was seen to hang.
const RUSTUP_S: u64 = 90;
/// Debian's compiler for the web, its standard library as source, and its linker.
const DEBIAN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// What every browser with WebAssembly and SIMD has (Chrome 91, Firefox 89, Safari 16.4).
const FEATURES: &str = "-Ctarget-feature=+simd128";
/// What plain JavaScript can be made of.
const LEAST: &str = "-Ctarget-cpu=mvp";
/// Between two flags, as Cargo reads them.
const BETWEEN: &str = "\u{1f}";

/// Builds the modules; fails when one weighs more than its budget.
pub fn run() -> Result<()> {
    let heavy = build()?;
    if !heavy.is_empty() {
        bail!("over budget: {}", heavy.join(", "));
    }
    Ok(())
}

/// Builds the modules and tells their sizes. Gives those that are over budget.
pub fn build() -> Result<Vec<String>> {
    let start = Instant::now();
    let made = target().join("wasm/made");
    if made.exists() {
        std::fs::remove_dir_all(&made)?;
    }
    std::fs::create_dir_all(&made)?;
    // Once, before two need it.
    compiler()?;
    // What becomes plain JavaScript takes one core for minutes, and the modules the other.
    let mut heavy = thread::scope(|scope| {
        let plain = scope.spawn(|| plain(&made));
        let heavy = modules(&made)?;
        plain
            .join()
            .unwrap_or_else(|_| bail!("plain JavaScript stopped halfway"))?;
        anyhow::Ok(heavy)
    })?;
    heavy.extend(weigh(&PLAIN_FILES.map(|name| made.join(name)))?);
    publish(&made, &root().join("web/dist"))?;
    eprintln!("wasm: web/dist is ready after {} s", start.elapsed().as_secs());
    Ok(heavy)
}

/// Makes [`MODULES`] with their glue and packs them. Gives those that are over budget.
fn modules(made: &Path) -> Result<Vec<String>> {
    let modules = compile(&target().join("wasm"), FEATURES, &packages())?;
    for (name, _) in MODULES {
        let module = modules.join(format!("wasm_{name}.wasm"));
        glue(&["bind".as_ref(), module.as_os_str(), made.as_os_str(), name.as_ref()])?;
    }
    let files = MODULES
        .iter()
        .flat_map(|(name, _)| [format!("{name}_bg.wasm"), format!("{name}.js")]);
    let heavy = Mutex::new(Vec::new());
    // A file takes one core.
    let failed = several_at_once(2, files, |name| {
        let found = weigh(&[made.join(name)])?;
        heavy.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        Ok(())
    });
    if !failed.is_empty() {
        bail!("{}", failed.join("; "));
    }
    Ok(heavy.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Puts what was made where the service takes it up. What did not change is not touched, for whatever is younger than
/// the service has it built anew.
fn publish(made: &Path, dist: &Path) -> Result<()> {
    std::fs::create_dir_all(dist)?;
    for old in std::fs::read_dir(dist)? {
        let old = old?;
        if !made.join(old.file_name()).is_file() {
            std::fs::remove_file(old.path())?;
        }
    }
    for new in std::fs::read_dir(made)? {
        let new = new?;
        let (place, bytes) = (dist.join(new.file_name()), std::fs::read(new.path())?);
        if std::fs::read(&place).ok().as_ref() != Some(&bytes) {
            std::fs::write(&place, &bytes)?;
        }
    }
    Ok(())
}

/// The packages of [`MODULES`].
fn packages() -> Vec<String> {
    MODULES.map(|(name, _)| format!("wasm-{name}")).to_vec()
}

/// Builds the module that makes docs/vectors/ in a browser, for the test alone; gives its folder.
pub fn vectors() -> Result<PathBuf> {
    // Beside the others, so that its dependencies have the features that are compiled already.
    let packages = [packages(), vec!["vectors".to_owned()]].concat();
    let module = compile(&target().join("wasm"), FEATURES, &packages)?.join("vectors.wasm");
    let made = target().join("wasm/vectors");
    std::fs::create_dir_all(&made)?;
    glue(&[
        "bind".as_ref(),
        module.as_os_str(),
        made.as_os_str(),
        "vectors".as_ref(),
    ])?;
    Ok(made)
}

/// Makes the module that seals of plain JavaScript: compiled for the least of WebAssembly, then turned around by binaryen,
/// which takes most of a minute and so is done once for a module.
fn plain(made: &Path) -> Result<()> {
    // In a folder of its own, for Cargo compiles all anew where flags change.
    let folder = target().join("wasm-plain");
    let module = compile(&folder, LEAST, &["wasm-declare".to_owned()])?.join("wasm_declare.wasm");
    let glued = folder.join("glued");
    glue(&["bundle".as_ref(), module.as_os_str(), glued.as_os_str(), PLAIN.as_ref()])?;
    let [core, before, glued_module] =
        ["core.js", "core.of", "bg.wasm"].map(|end| glued.join(format!("{PLAIN}_{end}")));
    let bytes = std::fs::read(&glued_module)?;
    if !core.is_file() || std::fs::read(&before).ok().as_ref() != Some(&bytes) {
        let node = setup::node()?;
        let tools = setup::npm_ci("tools/glue", &["package.json", "package-lock.json"], &node)?;
        let mut turn = Command::new(&node.node);
        turn.arg(tools.join("node_modules/binaryen/bin/wasm2js"));
        call(turn.args(["-all", "-O2", "-o"]).arg(&core).arg(&glued_module))?;
        std::fs::write(&before, &bytes)?;
    }
    for name in PLAIN_FILES {
        std::fs::copy(glued.join(name), made.join(name))?;
    }
    Ok(())
}

/// Compiles packages for what a browser has; gives the folder of the modules.
fn compile(folder: &Path, features: &str, names: &[String]) -> Result<PathBuf> {
    let mut command = compiler()?;
    command
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(features).join(BETWEEN))
        .args([
            "build",
            "--locked",
            "--profile",
            "wasm",
            "--target",
            TARGET,
            "--target-dir",
        ])
        .arg(folder);
    for name in names {
        command.args(["--package", name]);
    }
    call(&mut command)?;
    Ok(folder.join(TARGET).join("wasm"))
}

/// cargo with a compiler for the target, installed where it can be.
fn compiler() -> Result<Command> {
    if by_rustup() {
        return Ok(cargo());
    }
    by_debian()
        .context("the page needs the Rust target wasm32-unknown-unknown (rustup target add, or Debian 12 as root)")
}

/// The compiler's flags. Where this machine keeps the sources of crates is no part of a module: it would tell whose
/// machine it was, and change what the module weighs.
fn flags(features: &str) -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registry = home.map(|home| home.join("registry")).unwrap_or_default();
    // What is only fetched is unpacked under the same name while this compiles.
    let fetched = ["src", "cache"].map(|part| std::fs::read_dir(registry.join(part)));
    let names = fetched
        .into_iter()
        .flatten()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name());
    let folders: BTreeSet<PathBuf> = names.map(|name| registry.join("src").join(name)).collect();
    let mut flags = vec![features.to_owned()];
    flags.extend(
        folders
            .iter()
            .map(|folder| format!("--remap-path-prefix={}=", folder.display())),
    );
    flags.sort();
    flags
}

/// Whether the compiler in use has the target, added now where rustup can.
fn by_rustup() -> bool {
    if has_target() {
        return true;
    }
    let Ok(help) = output(Command::new("rustup").args(["target", "add", "--help"])) else {
        return false;
    };
    eprintln!("setup: adding the Rust target {TARGET} (at most {RUSTUP_S} s)");
    let mut add = Command::new("rustup");
    add.current_dir(root())
        .args(["target", "add", TARGET])
        .stdin(Stdio::null())
        .stdout(std::io::stderr());
    if help.contains("--no-self-update") {
        add.arg("--no-self-update");
    }
    let added = add.spawn().is_ok_and(|mut child| ended_well(&mut child));
    added && has_target()
}

/// Whether the compiler in use has a standard library for the target.
fn has_target() -> bool {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .current_dir(root())
        .args(["--print", "target-libdir", "--target", TARGET]);
    let folder = output(&mut rustc).unwrap_or_default();
    let files = std::fs::read_dir(folder.trim());
    files.is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
    })
}

/// Waits for a child as long as rustup may take, then ends it.
fn ended_well(child: &mut Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(RUSTUP_S) {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Debian's cargo and compiler for the web, installed where they can be. The standard library is built along.
fn by_debian() -> Result<Command> {
    let is_there = || Path::new("/usr/bin/cargo").is_file() && Path::new("/usr/bin/wasm-ld-19").is_file();
    let has_source =
        || Path::new("/usr/src").is_dir() && output(Command::new("dpkg").args(["-s", "rust-web-src"])).is_ok();
    if !(is_there() && has_source()) {
        setup::debian(DEBIAN, "a Rust compiler for the web")?;
    }
    let mut command = Command::new("/usr/bin/cargo");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    command
        .current_dir(root())
        // rustup's shims come first otherwise, and cargo told its children which compiler runs us.
        .env("PATH", std::env::join_paths(paths)?)
        .env_remove("RUSTC")
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("LD_LIBRARY_PATH")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
        .arg("-Zbuild-std=std,panic_abort");
    Ok(command)
}

/// Runs the glue program: a package of its own, for its dependencies are heavy.
fn glue(arguments: &[&std::ffi::OsStr]) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--locked", "--quiet", "--package", "glue", "--"]);
    output(command.args(arguments))
}

/// What a file weighs.
struct Size {
    name: String,
    plain: usize,
    packed: usize,
}

/// Writes the brotli twin of each file.
fn pack(files: &[PathBuf]) -> Result<Vec<Size>> {
    let arguments: Vec<&std::ffi::OsStr> = std::iter::once("pack".as_ref())
        .chain(files.iter().map(|file| file.as_os_str()))
        .collect();
    let table = glue(&arguments)?;
    let sizes = table.lines().map(|line| {
        let [name, plain, packed] = line.split(' ').collect::<Vec<_>>()[..] else {
            bail!("the glue program printed {line:?}");
        };
        Ok(Size {
            name: name.to_owned(),
            plain: plain.parse()?,
            packed: packed.parse()?,
        })
    });
    sizes.collect()
}

/// Packs files and tells what each weighs. Gives those that are over budget.
fn weigh(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut heavy = Vec::new();
    for Size { name, plain, packed } in pack(files)? {
        let budget = MODULES
            .iter()
            .find(|(module, _)| name == format!("{module}_bg.wasm"))
            .map(|(_, budget)| *budget)
            .or_else(|| (name == format!("{PLAIN}_core.js")).then_some(PLAIN_MAX));
        match budget {
            Some(budget) => eprintln!("wasm: {name} {plain} bytes, {packed} as brotli, budget {budget}"),
            None => eprintln!("wasm: {name} {plain} bytes, {packed} as brotli"),
        }
        if budget.is_some_and(|budget| packed > budget) {
            heavy.push(format!("{name} ({packed} bytes as brotli)"));
        }
    }
    Ok(heavy)
}
