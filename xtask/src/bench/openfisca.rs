//! The law beside OpenFisca: the same facts, law files and machine, in one run.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::machine;
use crate::setup;
use crate::sh::{cargo, output, root, target};

/// The section of docs/performance.md.
const HEADING: &str = "## The law, beside OpenFisca";
const LAWS: &str = "laws/mx";

/// Measures; gives the section.
pub fn section() -> Result<String> {
    let mut build = cargo();
    build.env("CARGO_TARGET_DIR", target());
    let build = build.args([
        "run",
        "--release",
        "--locked",
        "--package",
        "law",
        "--features",
        "exchange",
    ]);
    let ours = output(build.args(["--example", "beside", "--", LAWS]).current_dir(root()))?;
    let ours: Value = serde_json::from_str(&ours)?;
    let mut python = Command::new(setup::openfisca()?);
    // One core: the arrays of numpy take more by themselves.
    python.current_dir(root()).env("OMP_NUM_THREADS", "1");
    python.args(["crates/law/benches/openfisca.py", LAWS]);
    let mut python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = python.stdin.take().context("its input")?;
    input.write_all(ours["situation"].to_string().as_bytes())?;
    drop(input);
    let theirs = python.wait_with_output()?;
    ensure!(theirs.status.success(), "OpenFisca failed");
    let theirs: Value = serde_json::from_slice(&theirs.stdout)?;
    ensure!(
        theirs["met"] == ours["met"],
        "OpenFisca finds {}, we {}",
        theirs["met"],
        ours["met"]
    );
    let per_second = |value: &Value| value.as_f64().map(|speed| format!("{speed:.0}")).context("a speed");
    let asked = &theirs["asked"];
    Ok(format!(
        "{HEADING}\n{}; OpenFisca-Core {}, by `cargo xtask bench openfisca`.\n\n\
         One case: an offence with two aggravations. OpenFisca is given the trees of the law files as formulas, and the case \
         by `law export --openfisca`; it answers the same {asked} offences and fractions, true or false. It knows no unknown \
         fact, no range, no reason, no exclusion to check and no assistance, all of which are in our figure.\n\n\
         | what | a second and core |\n|---|---|\n\
         | this engine, explained assessments, one case at a time | {} |\n\
         | OpenFisca, a situation at a time, as its web API takes it | {} |\n\
         | OpenFisca, 10,000 persons with the same facts in one simulation | {} |\n",
        machine()?,
        setup::OPENFISCA_CORE,
        per_second(&ours["speed"])?,
        per_second(&theirs["one"])?,
        per_second(&theirs["many"])?,
    ))
}
