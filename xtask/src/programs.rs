//! The workspace's test programs, several at a time. Cargo runs them one after the other, and the long ones wait for
//! their services more than they compute.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::say;
use crate::sh::{call, cargo, output, several_at_once};

/// What takes minutes begins first, so that nothing is left to wait for alone at the end.
const LONG: &[&str] = &["resguardo_tests", "model_of_a_case"];

/// A test program and the folder of its package, where Cargo would run it.
struct Program {
    name: String,
    path: PathBuf,
    folder: PathBuf,
}

/// Builds and runs every test of the workspace that needs no set-up, and the examples in the documentation. The output
/// of a program is shown when it has ended. The programs in `examples/` are left to the lints, which compile them too.
///
/// # Errors
/// What does not build; the names of the programs that failed, after all of them have run.
pub fn run() -> Result<()> {
    let mut build = cargo();
    build.args([
        "test",
        "--locked",
        "--workspace",
        "--lib",
        "--bins",
        "--tests",
        "--no-run",
    ]);
    call(&mut build)?;
    // Built already: this only says where.
    let messages = output(build.args(["--quiet", "--message-format=json"]))?;
    let mut programs = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok().as_ref().and_then(program))
        .collect::<Vec<_>>();
    for long in LONG {
        if !programs.iter().any(|program| program.name == *long) {
            bail!("{long} in xtask/src/programs.rs is the name of no test program");
        }
    }
    programs.sort_by_key(|program| LONG.iter().position(|long| *long == program.name).unwrap_or(LONG.len()));
    // Beyond some cores there is nothing to gain, and each test takes memory.
    let cores = thread::available_parallelism().map_or(1, usize::from).min(4);
    let failed = several_at_once(cores, programs.into_iter(), |program| program.run(2 * cores));
    if !failed.is_empty() {
        bail!("{}", failed.join("; "));
    }
    call(cargo().args(["test", "--locked", "--workspace", "--doc"]))
}

/// The test program that one of Cargo's messages names.
fn program(message: &Value) -> Option<Program> {
    let is_test = message.pointer("/profile/test")?.as_bool()?;
    let text = |at| message.pointer(at).and_then(Value::as_str);
    let manifest = Path::new(text("/manifest_path")?);
    is_test.then_some(Program {
        name: text("/target/name")?.to_owned(),
        path: text("/executable")?.into(),
        folder: manifest.parent()?.to_owned(),
    })
}

impl Program {
    /// Runs it with so many tests at once.
    fn run(&self, threads: usize) -> Result<()> {
        let mut command = Command::new(&self.path);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("RUST_TEST_THREADS", threads.to_string())
            .stdin(Stdio::null());
        let output = command
            .output()
            .with_context(|| format!("{} could not be started", self.name))?;
        // In one piece, for another program may end at the same moment.
        say!(
            "── {}\n{}{}",
            self.name,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        if !output.status.success() {
            bail!("tests of {} failed ({})", self.name, output.status);
        }
        Ok(())
    }
}
