//! `cargo xtask demo`: builds the release binary and hands over to `resguardo demo`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::sh::{call, cargo, root, target};
use crate::wasm;

/// Builds, then runs the demo with the arguments given. The demo inherits the terminal, so that Ctrl-C reaches it.
pub fn run(arguments: &[String]) -> Result<()> {
    match wasm::build() {
        Ok(heavy) if heavy.is_empty() => {}
        Ok(heavy) => eprintln!("demo: over budget: {}", heavy.join(", ")),
        Err(error) => eprintln!("demo: without the pages' modules, and the pages say so: {error:#}"),
    }
    eprintln!("setup: building the release binary");
    let mut demo = Command::new(build()?);
    let status = demo.current_dir(root()).arg("demo").args(arguments).status()?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => std::process::exit(code),
        None => bail!("the demo was ended by a signal"),
    }
}

/// Builds the release binary and gives its path. Its output goes to standard error, so that `--json` stays clean on standard output.
pub fn build() -> Result<PathBuf> {
    call(cargo().args(["build", "--release", "--locked", "--package", "resguardo"]))?;
    Ok(target().join("release/resguardo"))
}

/// Builds the binary as the tests do, which takes minutes less than the release, and gives its path.
pub fn build_for_tests() -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--locked", "--workspace", "--bin", "resguardo"]);
    // With a test among what is built, dependencies have the features that they have in the tests: else tokio, serde and all
    // that stands on them would be compiled once more.
    call(build.args(["--test", "without_module"]))?;
    Ok(target().join("debug/resguardo"))
}
