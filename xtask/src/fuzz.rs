//! Fuzzing on stable Rust: libFuzzer with the compiler's own coverage passes, the targets in tests/fuzz; two at a time, each a
//! process of its own. The short form shares what the tests have compiled, and sees the edges of our crates alone; the long one
//! is a build in a folder of its own, fast, that sees those of their dependencies too.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::sh::{call, cargo, output, root, several_at_once, target};
use crate::{say, setup};

/// Seconds for each target in the bounded form.
const SHORT_S: u64 = 4;
/// Seconds for each target by command.
const LONG_S: u64 = 600;
/// Targets that run at the same time.
const AT_ONCE: usize = 2;
/// Memory in MiB that a target may take before it fails: the engine itself takes about 60.
const MEMORY_MIB: u32 = 384;
/// Seconds that one input may take before it fails; generous, for the machine may have other work.
const INPUT_S: u32 = 25;
/// Longest input in bytes, as tests/fuzz has it.
const INPUT_MAX: usize = 72 * 1024;
/// Bytes of a target's corpus that go into the repository.
const KEPT_MAX: u64 = 32 * 1024;

/// What libFuzzer needs to see: which edges an input took, and what it was compared with.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Says to this program that it compiles a crate in the place of the compiler, with [`FLAGS`].
pub const WRAPPED: &str = "RESGUARDO_XTASK_COVERAGE";

/// The compiler for a crate of the workspace, with the flags that libFuzzer needs. `arguments`: the compiler and its arguments,
/// as Cargo gives them to a `RUSTC_WORKSPACE_WRAPPER`. What runs while others are compiled is left as it is.
pub fn compile(arguments: &[String]) -> Result<()> {
    let Some((compiler, arguments)) = arguments.split_first() else {
        bail!("no compiler is named");
    };
    let has = |one: &str| arguments.iter().any(|argument| argument == one);
    let is_crate = has("--crate-name") && !has("___");
    let is_run_by_cargo = has("build_script_build") || has("proc-macro");
    let mut command = Command::new(compiler);
    command.args(arguments);
    if is_crate && !is_run_by_cargo {
        command.args(FLAGS.split_whitespace());
    }
    // Not shown: Cargo reads what the compiler prints.
    let status = command.status().with_context(|| compiler.clone())?;
    if !status.success() {
        bail!("the compiler failed ({status})");
    }
    Ok(())
}

/// The bounded form: every target for a few seconds.
pub fn layer() -> Result<()> {
    let engine = Engine::share()?;
    engine.run_all(&engine.targets()?, SHORT_S)
}

/// `cargo xtask fuzz [TARGET] [SECONDS] [--keep]`.
pub fn run(arguments: &[String]) -> Result<()> {
    let keep = arguments.iter().any(|argument| argument == "--keep");
    let seconds = arguments.iter().find_map(|argument| argument.parse().ok());
    let named = |argument: &&String| !argument.starts_with("--") && argument.parse::<u64>().is_err();
    let engine = Engine::build()?;
    let mut targets = engine.targets()?;
    if let Some(name) = arguments.iter().find(named) {
        targets.retain(|target| target == name);
        if targets.is_empty() {
            bail!("there is no target {name}; they are: {}", engine.targets()?.join(" "));
        }
    }
    engine.run_all(&targets, seconds.unwrap_or(LONG_S))?;
    if keep {
        targets.iter().try_for_each(|target| engine.keep(target))?;
    }
    Ok(())
}

/// The built engine.
struct Engine {
    program: PathBuf,
    folder: PathBuf,
}

/// libFuzzer is C++.
fn has_cxx() -> Result<()> {
    if output(Command::new("c++").arg("--version")).is_err() {
        setup::debian(&["g++"], "a C++ compiler")?;
    }
    Ok(())
}

impl Engine {
    /// Built on the dependencies that the tests use.
    fn share() -> Result<Self> {
        has_cxx()?;
        let mut command = cargo();
        command
            .env(WRAPPED, "1")
            .env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?)
            .args(["build", "--locked", "--quiet", "--workspace", "--bin", "fuzz"])
            .args(["--features", "fuzz/engine"]);
        call(&mut command)?;
        Ok(Self {
            program: target().join("debug/fuzz"),
            folder: target().join("fuzz"),
        })
    }

    fn build() -> Result<Self> {
        has_cxx()?;
        let version = output(
            Command::new("rustc")
                .args(["--version", "--verbose"])
                .current_dir(root()),
        )?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("rustc names no host")?.to_owned();
        let folder = target().join("fuzz");
        let mut command = cargo();
        // With a target named, the flags are not those of build scripts.
        command
            .env("RUSTFLAGS", FLAGS)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .args(["build", "--locked", "--quiet", "--package", "fuzz", "--bin", "fuzz"])
            .args([
                "--features",
                "engine",
                "--profile",
                "fuzz",
                "--target",
                &host,
                "--target-dir",
            ])
            .arg(&folder);
        call(&mut command)?;
        let program = folder.join(host).join("fuzz/fuzz");
        Ok(Self { program, folder })
    }

    fn targets(&self) -> Result<Vec<String>> {
        let names = output(Command::new(&self.program).env_remove("RESGUARDO_FUZZ_TARGET"))?;
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// A folder for one target.
    fn place(&self, what: &str, target: &str) -> Result<PathBuf> {
        let place = self.folder.join(what).join(target);
        std::fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        Ok(place)
    }

    fn run_all(&self, targets: &[String], seconds: u64) -> Result<()> {
        let failed = several_at_once(AT_ONCE, targets.iter(), |target| {
            self.run(target, seconds).with_context(|| target.clone())
        });
        if !failed.is_empty() {
            bail!("{} fuzz targets failed\n{}", failed.len(), failed.join("\n"));
        }
        Ok(())
    }

    fn run(&self, target: &str, seconds: u64) -> Result<()> {
        let (found, seeds) = (self.place("corpus", target)?, self.place("seeds", target)?);
        let crashes = self.place("crashes", target)?;
        let mut command = Command::new(&self.program);
        command
            .env("RESGUARDO_FUZZ_TARGET", target)
            .env("RESGUARDO_FUZZ_SEEDS", &seeds)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={INPUT_S}"))
            .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
            .arg(format!("-max_len={INPUT_MAX}"))
            .arg(format!("-artifact_prefix={}/", crashes.display()))
            .arg("-print_final_stats=1")
            .args([&found, &seeds]);
        let kept = kept(target);
        if kept.is_dir() {
            command.arg(kept);
        }
        let log = self.place("logs", target)?.join("stderr");
        command.stderr(std::fs::File::create(&log)?);
        let status = command.status().context("the engine could not be started")?;
        let told = std::fs::read(&log)?;
        let told = String::from_utf8_lossy(&told);
        if !status.success() {
            let lines: Vec<&str> = told.lines().collect();
            let tail = lines[lines.len().saturating_sub(40)..].join("\n");
            bail!(
                "{tail}\nthe input is in {}; mend the parser, then keep the input as tests/fuzz/mended/{target}/<what it was>",
                crashes.display()
            );
        }
        let figure = |name: &str| {
            told.lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or("?")
                .trim()
                .to_owned()
        };
        let coverage = told
            .lines()
            .rev()
            .find_map(|line| line.split("cov: ").nth(1)?.split(' ').next());
        say!(
            "fuzz {target}: {} inputs in {seconds} s, {} edges, {} MiB",
            figure("stat::number_of_executed_units:"),
            coverage.unwrap_or("?"),
            figure("stat::peak_rss_mb:")
        );
        Ok(())
    }

    /// Puts what a target's corpus has beyond its seeds, minimized, into the repository: the shortest inputs first.
    fn keep(&self, target: &str) -> Result<()> {
        let least = self.place("least", target)?;
        std::fs::remove_dir_all(&least)?;
        std::fs::create_dir_all(&least)?;
        let seeds = self.place("seeds", target)?;
        let own = kept(target);
        std::fs::create_dir_all(&own)?;
        let mut command = Command::new(&self.program);
        command
            .env("RESGUARDO_FUZZ_TARGET", target)
            .args(["-merge=1", "-verbosity=0"])
            .arg(format!("-max_len={INPUT_MAX}"))
            .args([&least, &seeds, &own, &self.place("corpus", target)?]);
        call(&mut command)?;
        let known: Vec<Vec<u8>> = inputs(&seeds)?.into_iter().map(|(_, bytes)| bytes).collect();
        let mut inputs = inputs(&least)?;
        inputs.retain(|(_, bytes)| !known.contains(bytes));
        inputs.sort_by_key(|(_, bytes)| bytes.len());
        std::fs::remove_dir_all(&own)?;
        std::fs::create_dir_all(&own)?;
        let mut total = 0;
        for (name, bytes) in inputs {
            total += bytes.len() as u64;
            if total > KEPT_MAX {
                break;
            }
            std::fs::write(own.join(name), bytes)?;
        }
        Ok(())
    }
}

/// Inputs of a target that the repository keeps.
fn kept(target: &str) -> PathBuf {
    root().join("tests/fuzz/corpus").join(target)
}

/// The files of a folder by name.
fn inputs(folder: &Path) -> Result<Vec<(std::ffi::OsString, Vec<u8>)>> {
    std::fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), std::fs::read(entry.path())?))
        })
        .collect()
}
