//! `cargo xtask test`: every layer that a merge needs, in its bounded form.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::sh::{call, cargo, root, target};
use crate::{attack, demo, fuzz, programs, say, setup, tidy, wasm};

/// Rounds of kill -9 in the bounded form.
const CRASH_ROUNDS: u32 = 30;

/// Statements in the log that the independent reader reads, in the bounded form.
const READER_STATEMENTS: u32 = 600;

type Layer = (&'static str, &'static str, fn() -> Result<()>);

const LAYERS: &[Layer] = &[
    ("tidy", "edges, sizes, sections, licences, bans", tidy::run),
    (
        "lint",
        "format and lints of Rust and of the scripts, and the scripts' types",
        lint,
    ),
    ("wasm", "the modules for the browser, and what they weigh", wasm::run),
    (
        "unit",
        "unit, property, vector, contract and running-system tests of every crate",
        programs::run,
    ),
    ("vectors", "docs/vectors/ are what the code writes", vectors),
    ("crash", "kill -9 under load, then fsck; full disks", || {
        crash(CRASH_ROUNDS)?;
        full_disk()
    }),
    ("proxy", "the guide's nginx in front of the running service", proxy),
    (
        "papers",
        "pandoc reads every line of the reports, xmllint checks exported laws",
        papers,
    ),
    (
        "fuzz",
        "libFuzzer on every parser of foreign bytes, a few seconds each",
        fuzz::layer,
    ),
    (
        "hostile",
        "attacks on a running deployment, in their small size",
        attack::bounded,
    ),
    (
        "demo",
        "the demo's tour, end to end, as a process of its own",
        demo_once,
    ),
    (
        "interop",
        "opens with the independent npm package age-encryption; a reader of its own reads the log",
        interop,
    ),
    (
        "browser",
        "people at screens: the whole way in Chromium, axe, what the profile keeps",
        browser,
    ),
];

/// All layers, or the one named.
pub fn run(layer: Option<&str>) -> Result<()> {
    let chosen: Vec<&Layer> = LAYERS
        .iter()
        .filter(|(name, ..)| layer.is_none_or(|layer| layer == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = LAYERS.iter().map(|(name, ..)| *name).collect();
        bail!("there is no such layer; they are: {}", names.join(" "));
    }
    let mut times = Vec::new();
    for (name, what, layer) in chosen {
        say!("── {name}: {what}");
        let start = Instant::now();
        layer()?;
        times.push(format!("{name} {} s", start.elapsed().as_secs()));
    }
    say!("all layers pass: {}", times.join(", "));
    Ok(())
}

/// The fast part.
pub fn check() -> Result<()> {
    tidy::run()?;
    lint()?;
    run_cargo(&["test", "--locked", "--lib", "--bins"])
}

fn lint() -> Result<()> {
    setup::rust_component("rustfmt")?;
    setup::rust_component("clippy")?;
    run_cargo(&["fmt", "--all", "--check"])?;
    run_cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--quiet"])?;
    scripts()
}

/// The scripts of the pages and of the tests: form and lints (biome.json), and types (web/tsconfig.json).
fn scripts() -> Result<()> {
    let node = setup::node()?;
    let tools = setup::npm_ci("web", &["package.json", "package-lock.json"], &node)?.join("node_modules");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(&node.node);
        call(command.current_dir(root()).arg(tools.join(program)).args(arguments))
    };
    run(
        "@biomejs/biome/bin/biome",
        &["ci", "--error-on-warnings", "--colors=off"],
    )?;
    run("typescript/bin/tsc", &["--project", "web"])
}

fn vectors() -> Result<()> {
    let before = vector_files()?;
    bless_vectors()?;
    let after = vector_files()?;
    let names = before.keys().chain(after.keys()).collect::<BTreeSet<_>>();
    let differ: Vec<&str> = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(String::as_str)
        .collect();
    if !differ.is_empty() {
        bail!("docs/vectors/ differ from what the code writes: {}", differ.join(", "));
    }
    Ok(())
}

/// Every file of docs/vectors/ with its content.
fn vector_files() -> Result<BTreeMap<String, Vec<u8>>> {
    std::fs::read_dir(root().join("docs/vectors"))?
        .map(|entry| {
            let entry = entry?;
            Ok((
                entry.file_name().to_string_lossy().into_owned(),
                std::fs::read(entry.path())?,
            ))
        })
        .collect()
}

/// Writes docs/vectors/ anew.
pub fn bless_vectors() -> Result<()> {
    let set = [("RESGUARDO_BLESS", "1".as_ref()), ("CARGO_TERM_QUIET", "true".as_ref())];
    let protocol = ["statement_examples::", "filing_vectors::", "form_vectors::"];
    tests("protocol_tests", &set, &protocol)?;
    tests("tlog_tests", &set, &["log_vectors::", "ml_dsa::"])?;
    tests("normal_forms", &set, &["identifiers_json"])?;
    tests("threshold", &set, &["oprf_json"])?;
    tests("case_vectors", &set, &[])
}

/// Runs a test program of the workspace: one choice of features, so that dependencies are compiled once.
fn tests(program: &str, set: &[(&str, &OsStr)], how: &[&str]) -> Result<()> {
    let mut command = cargo();
    command
        .args(["test", "--locked", "--workspace", "--test", program, "--"])
        .envs(set.iter().copied());
    call(command.args(how))
}

/// Kills the service at random moments under load, then checks the store.
pub fn crash(rounds: u32) -> Result<()> {
    let (program, rounds) = (demo::build_for_tests()?, rounds.to_string());
    let set = [
        ("RESGUARDO_BIN", program.as_ref()),
        ("RESGUARDO_ROUNDS", rounds.as_ref()),
    ];
    tests("kill", &set, &["--ignored", "--nocapture"])
}

/// The largest filing that an upload code allows, by the program as it runs; the store takes what is sent, the disk twice that.
pub fn large() -> Result<()> {
    tests("resguardo_tests", &[], &["--ignored", "--nocapture", "large::"])
}

/// Small file systems that are full and have room again, for which a mount and so root is needed.
fn full_disk() -> Result<()> {
    if !setup::is_root() {
        say!(
            "left out: full disks, which need root (mount -t tmpfs): cargo test --workspace --test full_disk -- --ignored"
        );
        return Ok(());
    }
    let program = demo::build_for_tests()?;
    tests(
        "full_disk",
        &[("RESGUARDO_BIN", program.as_ref())],
        &["--ignored", "--nocapture", "--test-threads=1"],
    )
}

/// nginx as docs/guides/proxy.md configures it.
fn proxy() -> Result<()> {
    setup::nginx()?;
    tests("resguardo_tests", &[], &["--ignored", "proxy::"])
}

/// The reports in a program that is not ours.
fn papers() -> Result<()> {
    setup::pandoc()?;
    setup::xmllint()?;
    tests("papers", &[], &["--ignored"])?;
    tests("law_tests", &[], &["--ignored"])
}

/// Every order of acts on a case, up to the larger bound. Built for speed: it takes minutes.
pub fn model() -> Result<()> {
    let model = [
        "test",
        "--release",
        "--locked",
        "--workspace",
        "--test",
        "model_of_a_case",
    ];
    let how = ["--", "--include-ignored", "--nocapture", "--test-threads=1"];
    call(cargo().args(model).args(how))
}

/// Where the demo layer leaves its ready file, from which the interop layer reads.
fn ready_file() -> PathBuf {
    target().join("demo-test/ready.json")
}

fn demo_once() -> Result<()> {
    let program = demo::build_for_tests()?;
    let folder = target().join("demo-test");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut command = std::process::Command::new(program);
    command
        .current_dir(root())
        .args(["demo", "--once", "--fresh", "--folder"])
        .arg(folder.join("state"));
    call(command.arg("--ready-file").arg(ready_file()))
}

/// Opens the demo's objects and checks its receipts with programs that are not ours.
fn interop() -> Result<()> {
    if !ready_file().is_file() {
        demo_once()?;
    }
    let node = setup::node()?;
    let folder = scripts_of_others(&node)?;
    let ready = ready_file();
    let set = [
        ("RESGUARDO_NODE", node.node.as_ref()),
        ("RESGUARDO_INTEROP", folder.as_ref()),
        ("RESGUARDO_READY", ready.as_ref()),
    ];
    tests("age_encryption", &set, &["--ignored"])?;
    tests("receipt_script", &set, &["--ignored"])?;
    reader(READER_STATEMENTS)
}

/// A reader of the log that shares no code with us reads a log of so many statements, and finds each change of it.
pub fn reader(statements: u32) -> Result<()> {
    let program = demo::build_for_tests()?;
    let node = setup::node()?;
    let (folder, statements) = (scripts_of_others(&node)?, statements.to_string());
    let set = [
        ("RESGUARDO_BIN", program.as_ref()),
        ("RESGUARDO_NODE", node.node.as_ref()),
        ("RESGUARDO_INTEROP", folder.as_ref()),
        ("RESGUARDO_STATEMENTS", statements.as_ref()),
    ];
    tests("log_reader", &set, &["--ignored", "--nocapture"])
}

/// The scripts of tests/interop, with the npm packages that they use.
fn scripts_of_others(node: &setup::Node) -> Result<PathBuf> {
    let files = [
        "package.json",
        "package-lock.json",
        "open.mjs",
        "seal.mjs",
        "read_log.mjs",
    ];
    setup::npm_ci("tests/interop", &files, node)
}

/// Chromium against the running service. The pictures stay in target/screenshots.
fn browser() -> Result<()> {
    let screenshots = target().join("screenshots");
    if screenshots.exists() {
        std::fs::remove_dir_all(&screenshots)?;
    }
    people("es", &["--skip", "with_no_compiler"])?;
    say!("screenshots are in {}", screenshots.display());
    Ok(())
}

/// Her stories once more in English, for their pictures: beside those of `browser`, which plays them in Spanish.
pub fn in_english() -> Result<()> {
    people("en", &["returning::", "story::", "later::"])
}

/// Her way with no compiler for scripts, as in Tor Browser at "Safer": it takes minutes.
pub fn safer() -> Result<()> {
    people("es", &["with_no_compiler"])
}

/// People at screens: which tests, and in which language those are that come in one.
fn people(language: &str, which: &[&str]) -> Result<()> {
    let browser = setup::browser()?;
    if !root().join("web/dist/declare_bg.wasm").is_file() {
        wasm::run()?;
    }
    let program = demo::build_for_tests()?;
    let (vectors, screenshots) = (wasm::vectors()?, target().join("screenshots"));
    let set: [(&str, &OsStr); 8] = [
        ("RESGUARDO_BIN", program.as_ref()),
        ("RESGUARDO_CHROMIUM", browser.chromium.as_ref()),
        ("RESGUARDO_CHROMIUM_OLDEST", browser.oldest.as_ref()),
        ("RESGUARDO_CHROMEDRIVER", browser.driver.as_ref()),
        ("RESGUARDO_AXE", browser.axe.as_ref()),
        ("RESGUARDO_VECTORS", vectors.as_ref()),
        ("RESGUARDO_SCREENSHOTS", screenshots.as_ref()),
        ("RESGUARDO_LANGUAGE", language.as_ref()),
    ];
    // Three at a time: they wait for services and pages more than they compute.
    let how = [&["--ignored", "--test-threads=3"], which].concat();
    tests("people", &set, &how)
}

fn run_cargo(arguments: &[&str]) -> Result<()> {
    call(cargo().args(arguments))
}
