//! `cargo xtask demo`: builds the release binary and hands over to `resguardo demo`.

use std::process::Command;

use anyhow::{Result, bail};

use crate::sh::{call, cargo, root, target};

/// Builds, then runs the demo with the arguments given. The demo inherits the terminal, so that Ctrl-C reaches it.
pub fn run(arguments: &[String]) -> Result<()> {
    eprintln!("setup: nothing to install beyond Rust and a C compiler; building the release binary");
    self::build()?;
    let mut demo = Command::new(target().join("release").join("resguardo"));
    let status = demo.current_dir(root()).arg("demo").args(arguments).status()?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => std::process::exit(code),
        None => bail!("the demo was ended by a signal"),
    }
}

/// Builds the release binary. Its output goes to standard error, so that `--json` stays clean on standard output.
pub fn build() -> Result<()> {
    call(cargo().args(["build", "--release", "--locked", "--package", "resguardo"]))
}
