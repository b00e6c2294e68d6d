//! `cargo xtask wasm`: the same core for the browser, its glue, and what it weighs.
//!
//! The target comes from rustup where it can be had; on Debian as root the distribution's own compiler for the web
//! builds the standard library along; elsewhere one line says what to do. Everything lands in web/dist/, which git
//! ignores and the service takes up when it is built.
//!
//! No `wasm-opt`: on the wire its modules are larger than the compiler's (213 kB, not 203), and Debian's (binaryen 108)
//! exports one table in the place of another, so that the first thing that is thrown ends the module.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::setup;
use crate::sh::{call, cargo, output, root, target};

const TARGET: &str = "wasm32-unknown-unknown";
/// The modules of the page, each of the crate `wasm-NAME`, and what each may weigh as brotli, in bytes. `return` reads every
/// statement on a case as a seat does, and seals what she adds as `declare` does; it comes while she types her words. `draft` comes
/// when she saves for another day, `scrub` when she adds a file. `counsel` holds every wording of the law; it is loaded at the desk, by a reader who asks for it.
const MODULES: [(&str, usize); 6] = [
    ("declare", 200_000),
    ("draft", 170_000),
    ("scrub", 60_000),
    ("return", 456_000),
    ("desk", 606_000),
    ("counsel", 600_000),
];
/// How long rustup may take: it was seen to hang.
const RUSTUP_S: u64 = 90;
/// Debian's compiler for the web, its standard library as source, and its linker.
const DEBIAN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// What every browser with WebAssembly and SIMD has (Chrome 91, Firefox 89, Safari 16.4).
const FEATURES: &str = "-Ctarget-feature=+simd128";
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
    let modules = compile(&MODULES.map(|(name, _)| format!("wasm-{name}")))?;
    let made = target().join("wasm/made");
    if made.exists() {
        std::fs::remove_dir_all(&made)?;
    }
    std::fs::create_dir_all(&made)?;
    for (name, _) in MODULES {
        let module = modules.join(format!("wasm_{name}.wasm"));
        glue(&["bind".as_ref(), module.as_os_str(), made.as_os_str(), name.as_ref()])?;
    }
    let heavy = weigh(&made)?;
    publish(&made, &root().join("web/dist"))?;
    eprintln!("wasm: web/dist is ready after {} s", start.elapsed().as_secs());
    Ok(heavy)
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

/// Builds the module that makes docs/vectors/ in a browser, for the test alone; gives its folder.
pub fn vectors() -> Result<PathBuf> {
    let module = compile(&["vectors".to_owned()])?.join("vectors.wasm");
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

/// Compiles packages; gives the folder of the modules.
fn compile(names: &[String]) -> Result<PathBuf> {
    let folder = target().join("wasm");
    let mut command = if by_rustup() {
        cargo()
    } else {
        by_debian().context(
            "the page needs the Rust target wasm32-unknown-unknown (rustup target add, or Debian 12 as root)",
        )?
    };
    command
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags().join(BETWEEN))
        .args([
            "build",
            "--locked",
            "--profile",
            "wasm",
            "--target",
            TARGET,
            "--target-dir",
        ])
        .arg(&folder);
    for name in names {
        command.args(["--package", name]);
    }
    call(&mut command)?;
    Ok(folder.join(TARGET).join("wasm"))
}

/// The compiler's flags. Where this machine keeps the sources of crates is no part of a module: it would tell whose
/// machine it was, and change what the module weighs.
fn flags() -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let folders = registries.into_iter().flatten().flatten();
    let mut flags = vec![FEATURES.to_owned()];
    flags.extend(folders.map(|entry| format!("--remap-path-prefix={}=", entry.path().display())));
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
            Ok(None) => std::thread::sleep(Duration::from_millis(100)),
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
fn pack(files: &[&PathBuf]) -> Result<Vec<Size>> {
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

/// Packs everything and tells what each module weighs. Gives those that are over budget.
fn weigh(made: &Path) -> Result<Vec<String>> {
    let files: Vec<PathBuf> = MODULES
        .iter()
        .flat_map(|(name, _)| [format!("{name}_bg.wasm"), format!("{name}.js")])
        .map(|name| made.join(name))
        .collect();
    let mut heavy = Vec::new();
    for Size { name, plain, packed } in pack(&files.iter().collect::<Vec<_>>())? {
        let budget = MODULES
            .iter()
            .find(|(module, _)| name == format!("{module}_bg.wasm"))
            .map(|(_, budget)| *budget);
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
