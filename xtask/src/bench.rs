//! `cargo xtask bench`: criterion on the arithmetic, then the service under load beside a bare floor.

use anyhow::Result;

use crate::demo;
use crate::sh::{call, cargo, target};

/// Runs the benches and the load; `--write` puts the table into docs/performance.md.
pub fn run(arguments: &[String]) -> Result<()> {
    for (package, bench) in [("protocol", "age"), ("protocol", "seal"), ("tlog", "append")] {
        call(cargo().args(["bench", "--locked", "--package", package, "--bench", bench]))?;
    }
    demo::build()?;
    let mut load = cargo();
    load.env("RESGUARDO_BIN", target().join("release/resguardo"));
    call(
        load.args(["run", "--locked", "--release", "--package", "load", "--"])
            .args(arguments),
    )
}
