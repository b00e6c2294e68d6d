//! What everybody reads, and a log of a million entries: the release binary over loopback.

use std::process::Command;

use anyhow::Result;

use crate::demo;
use crate::sh::{call, cargo, output, root, target};

/// The section of docs/performance.md.
const HEADING: &str = "## What everybody reads";

/// Measures; gives the section.
pub fn section() -> Result<String> {
    let program = demo::build()?;
    call(cargo().args(["build", "--release", "--locked", "--package", "load"]))?;
    let mut load = Command::new(target().join("release/load"));
    let load = output(load.current_dir(root()).env("RESGUARDO_BIN", program).arg("reads"))?;
    Ok(format!("{HEADING}\n{load}"))
}
