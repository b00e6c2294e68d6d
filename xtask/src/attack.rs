//! `cargo xtask attack`: a deployment of the release binary is attacked over loopback. With `--write` the figures replace
//! the table of docs/reliability.md; what stood before the repair is kept in tests/hostile/before.json.
//!
//! `RESGUARDO_BIN` names another binary than the one of this workspace.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::sh::{call, cargo, git, output, root, target};
use crate::{demo, say};

/// Everything below this line of docs/reliability.md is written here.
const MARK: &str = "<!-- written by cargo xtask attack --write -->";

/// Runs a program with as many open files as the system allows it: attacks open thousands of sockets.
fn with_many_files(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.current_dir(root());
    shell.args(["-c", "ulimit -n \"$(ulimit -H -n)\"; exec \"$@\"", "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

/// The binary to attack: the one that is named, or this workspace's, built as said.
fn binary(build: fn() -> Result<PathBuf>) -> Result<PathBuf> {
    match std::env::var_os("RESGUARDO_BIN") {
        Some(named) => Ok(std::path::absolute(PathBuf::from(named))?),
        None => build(),
    }
}

/// Every attack in its small size, two at a time, each judged.
pub fn bounded() -> Result<()> {
    let binary = binary(demo::build_for_tests)?;
    let mut tests = cargo();
    tests.args(["test", "--locked", "--workspace", "--test", "attacks", "--"]);
    tests.args(["--ignored", "--test-threads=2"]);
    call(with_many_files(&tests).env("RESGUARDO_BIN", binary))
}

/// The attacks named, or all, in their large size.
pub fn run(arguments: &[String]) -> Result<()> {
    let names: Vec<&String> = arguments.iter().filter(|argument| *argument != "--write").collect();
    let is_written = names.len() < arguments.len();
    if is_written && !names.is_empty() {
        bail!("--write is for the whole table: run it without names");
    }
    let binary = binary(demo::build)?;
    call(cargo().args(["build", "--release", "--locked", "--package", "hostile"]))?;
    let mut attacks = Command::new(target().join("release/hostile"));
    attacks.args(names);
    let mut attacks = with_many_files(&attacks);
    let lines = attacks
        .env("RESGUARDO_BIN", binary)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("the attacks could not be started")?;
    let lines = String::from_utf8(lines.stdout)?;
    let figures: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let table = table(&figures)?;
    say!("{table}");
    if is_written {
        write(&table)?;
    }
    let failed = figures.iter().filter(|figure| figure["holds"] != true);
    let failed: Vec<&str> = failed.filter_map(|figure| figure["name"].as_str()).collect();
    if !failed.is_empty() || figures.is_empty() {
        bail!("what must hold does not hold: {}", failed.join(", "));
    }
    Ok(())
}

/// One row for each attack.
fn table(figures: &[Value]) -> Result<String> {
    let before = std::fs::read(root().join("tests/hostile/before.json"))?;
    let before: Value = serde_json::from_slice(&before)?;
    let mut table = String::from("| attack | what must hold | before | now |\n|---|---|---|---|\n");
    for figure in figures {
        let text = |name: &str| figure[name].as_str().unwrap_or_default();
        let was = before[text("name")].as_str().unwrap_or("not measured");
        let sign = if figure["holds"] == true {
            ""
        } else {
            "**does not hold**: "
        };
        let (name, tried, must, now) = (text("name"), text("tried"), text("must"), text("figure"));
        table.push_str(&format!("| `{name}`: {tried} | {must} | {was} | {sign}{now} |\n"));
    }
    Ok(table)
}

fn write(table: &str) -> Result<()> {
    let path = root().join("docs/reliability.md");
    let text = std::fs::read_to_string(&path)?;
    let (kept, _) = text.split_once(MARK).context("docs/reliability.md has lost its mark")?;
    let commit = output(git().args(["rev-parse", "--short", "HEAD"])).unwrap_or_default();
    let cores = std::thread::available_parallelism()?.get();
    let measured = format!("Measured at commit {} on {cores} cores.", commit.trim());
    Ok(std::fs::write(path, format!("{kept}{MARK}\n\n{measured}\n\n{table}"))?)
}
