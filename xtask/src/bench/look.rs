//! What her look costs, by the real service and the real client on a clock of their own.

use std::process::Command;

use anyhow::Result;

use super::machine;
use crate::sh::{call, cargo, output, root, target};

/// The section of docs/performance.md.
const HEADING: &str = "## What her look costs";

/// Measures; gives the section.
pub fn section() -> Result<String> {
    call(cargo().args(["build", "--release", "--locked", "--package", "look"]))?;
    let run = |arguments: &[&str]| {
        let mut look = Command::new(target().join("release/look"));
        output(look.current_dir(root()).args(arguments))
    };
    let (hers, monitors) = (run(&[])?, run(&["monitor"])?);
    Ok(format!("{HEADING}\n{}.\n\n{hers}\n{monitors}", machine()?))
}
