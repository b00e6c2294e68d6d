//! `cargo xtask bench`: criterion on the arithmetic, the store by size, the service under load beside a bare floor, then
//! the page in Chromium beside the same work natively. With `--write` the result replaces the measured part of
//! docs/performance.md. `bench browser`, `look`, `openfisca` and `reads` measure and write their own section alone.

mod browser;
mod look;
mod openfisca;
mod reads;
mod section;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::sh::{call, cargo, git, output, root, target};
use crate::{demo, say};

/// Everything below this line of docs/performance.md is written here.
const MARK: &str = "<!-- written by cargo xtask bench --write -->";

/// What is measured of the store.
const STORE: &str = "Each row: 24 steps of 64 filings of 61 KiB, taken through the sequencer and SQLite, appended and \
                     published, in a store that held so many entries (random ones, of 65 bytes) before.\n";

/// Runs the benches and the load.
pub fn run(arguments: &[String]) -> Result<()> {
    let mut parts = arguments.iter().filter(|argument| *argument != "--write");
    match parts.next().map(String::as_str) {
        None => {}
        Some("browser") => return section::keep(&browser::section()?, arguments.len() > 1),
        Some("openfisca") => return section::keep(&openfisca::section()?, arguments.len() > 1),
        Some("look") => return section::keep(&look::section()?, arguments.len() > 1),
        Some("reads") => return section::keep(&reads::section()?, arguments.len() > 1),
        Some(other) => bail!("bench takes browser, look, openfisca, reads, --write and nothing else, not {other:?}"),
    }
    let folder = target().join("criterion");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut benches = cargo();
    benches
        .env("CARGO_TARGET_DIR", target())
        .args(["bench", "--locked", "--workspace"]);
    call(benches.args([
        "--bench",
        "age",
        "--bench",
        "seal",
        "--bench",
        "append",
        "--bench",
        "assess",
        "--",
        "--warm-up-time",
        "1",
    ]))?;
    let mut store = cargo();
    store.env("CARGO_TARGET_DIR", target());
    let store = output(store.args(["bench", "--locked", "--workspace", "--bench", "store"]))?;
    let program = demo::build()?;
    call(cargo().args(["build", "--release", "--locked", "--package", "load"]))?;
    let mut load = Command::new(target().join("release/load"));
    load.current_dir(root()).env("RESGUARDO_BIN", program);
    let load = output(&mut load)?;
    let arithmetic = table(&folder)?;
    let (reads, look) = (reads::section()?, look::section()?);
    let page = browser::section()?;
    let result = format!(
        "{MARK}\n\n## The service under load\n{load}\n## The store by size\n{STORE}\n{store}\n\
         ## Arithmetic, one core\n{arithmetic}\n{reads}\n{look}\n{page}"
    );
    say!("{result}");
    if arguments.is_empty() {
        return Ok(());
    }
    let path = root().join("docs/performance.md");
    let text = std::fs::read_to_string(&path)?;
    let (kept, _) = text.split_once(MARK).context("docs/performance.md has lost its mark")?;
    Ok(std::fs::write(
        path,
        format!("{kept}{}", result.trim_end().to_owned() + "\n"),
    )?)
}

/// Criterion's means, one line each.
fn table(folder: &Path) -> Result<String> {
    let mut rows = Vec::new();
    collect(folder, &mut rows)?;
    rows.sort();
    Ok(format!("| what | mean |\n|---|---|\n{}", rows.concat()))
}

fn collect(folder: &Path, rows: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("new") {
            let read = |name: &str| -> Result<Value> { Ok(serde_json::from_slice(&std::fs::read(path.join(name))?)?) };
            let nanoseconds = read("estimates.json")?["mean"]["point_estimate"]
                .as_f64()
                .context("a mean")?;
            let benchmark = read("benchmark.json")?;
            let name = benchmark["full_id"].as_str().context("a name")?;
            let bytes = benchmark["throughput"]["Bytes"].as_f64();
            let speed = bytes.map_or_else(String::new, |bytes| {
                format!(", {:.0} MB/s", bytes * 1000.0 / nanoseconds)
            });
            rows.push(format!("| {name} | {}{speed} |\n", shown(nanoseconds)));
        } else if path.is_dir() {
            collect(&path, rows)?;
        }
    }
    Ok(())
}

/// Processor, cores, kernel, commit.
fn machine() -> Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let commit = output(git().args(["rev-parse", "--short", "HEAD"])).unwrap_or_default();
    let cores = std::thread::available_parallelism()?.get();
    let model = model.unwrap_or("unknown").trim_start_matches([':', '\t', ' ']);
    let (kernel, commit) = (kernel.trim(), commit.trim());
    Ok(format!("{model}, {cores} cores, Linux {kernel}, commit {commit}"))
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}
