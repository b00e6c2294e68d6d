//! `cargo xtask dist`: what an operator installs, built from the commit so that anybody who builds the same commit with the same
//! compiler gets the same bytes. `--check` builds it twice, in two folders as two users, and compares.
//!
//! What would differ is taken out: where sources lie (remapped for Rust and for C), the day (that of the commit), names of
//! object files (stripped), versions of crates (`--locked`). Cargo knows crates of a workspace by their place in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::say;
use crate::sh::{call, git, output, root, target};

/// The user of the second build: nobody.
const OTHER_USER: &str = "65534";
/// Between two flags, as Cargo reads them.
const BETWEEN: &str = "\u{1f}";
/// Bytes that differ are counted up to this.
const SHOWN_MAX: usize = 5;

/// `dist [--check] [--jobs N]`.
pub fn run(arguments: &[String]) -> Result<()> {
    let mut is_check = false;
    let mut jobs = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--check" => is_check = true,
            "--jobs" => jobs = Some(rest.next().context("--jobs takes a number")?.parse::<usize>()?),
            other => bail!("dist takes --check, --jobs N and nothing else, not {other:?}"),
        }
    }
    let changed = output(git().args(["status", "--porcelain", "--untracked-files=no"]))?;
    if !changed.trim().is_empty() {
        eprintln!("dist: what is not committed is left out: the commit alone is built");
    }
    if is_check {
        return check(jobs);
    }
    let commit = commit()?;
    let place = Place::new(target().join("dist-build"), &commit, None, None, jobs)?;
    let made = place.build()?;
    let dist = target().join("dist");
    if dist.exists() {
        std::fs::remove_dir_all(&dist)?;
    }
    copy(&made, &dist)?;
    say!("{}", std::fs::read_to_string(dist.join("SHA256SUMS"))?.trim_end());
    say!("dist: {} holds commit {commit}", dist.display());
    Ok(())
}

/// Builds twice, as different as this machine can, and compares byte for byte.
fn check(jobs: Option<usize>) -> Result<()> {
    let base = PathBuf::from("/var/tmp").join(format!("resguardo-dist.{}", std::process::id()));
    std::fs::create_dir_all(&base)?;
    let is_root = output(Command::new("id").arg("-u"))?.trim() == "0";
    let other = is_root.then(|| OTHER_USER.to_owned());
    match &other {
        Some(user) => eprintln!("dist: the second build is by user {user}"),
        None => eprintln!("dist: only root can build as another user: two folders are compared, not two users"),
    }
    let commit = commit()?;
    let first = Place::new(base.join("one"), &commit, None, None, jobs)?;
    let made = first.build()?;
    let second = base.join("another/place/of/its/own");
    std::fs::create_dir_all(&second)?;
    // Neither compiler nor crates need be readable for the other user where they are.
    let toolchain = match &other {
        Some(_) => Some(shared_toolchain(&base)?),
        None => None,
    };
    let second = Place::new(second, &commit, other, toolchain, jobs)?;
    let again = second.build()?;
    let differs = compare(&made, &again)?;
    if !differs.is_empty() {
        bail!(
            "{} of the files differ; both builds stay in {}:\n{}",
            differs.len(),
            base.display(),
            differs.join("\n")
        );
    }
    let sums = std::fs::read_to_string(made.join("SHA256SUMS"))?;
    std::fs::remove_dir_all(&base)?;
    say!("{}", sums.trim_end());
    say!(
        "dist: {} files of commit {commit} are the same bytes in both builds",
        sums.lines().count()
    );
    Ok(())
}

/// The compiler in use, reachable for everybody: links to its files.
fn shared_toolchain(base: &Path) -> Result<PathBuf> {
    let to = base.join("toolchain");
    let links = Command::new("cp")
        .args(["-al"])
        .arg(sysroot()?)
        .arg(&to)
        .stderr(Stdio::null())
        .status()?;
    if !links.success() {
        call(Command::new("cp").arg("-a").arg(sysroot()?).arg(&to))?;
    }
    Ok(to)
}

fn sysroot() -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Ok(PathBuf::from(
        output(Command::new(rustc).current_dir(root()).args(["--print", "sysroot"]))?.trim(),
    ))
}

fn commit() -> Result<String> {
    Ok(output(git().args(["rev-parse", "HEAD"]))?.trim().to_owned())
}

/// Where something is built, and by whom.
struct Place {
    folder: PathBuf,
    user: Option<String>,
    toolchain: PathBuf,
    cargo_home: PathBuf,
    jobs: Option<usize>,
    /// POSIX seconds of the commit.
    time: String,
}

impl Place {
    /// Lays out the commit's sources and a copy of the crates' archives.
    fn new(
        folder: PathBuf,
        commit: &str,
        user: Option<String>,
        toolchain: Option<PathBuf>,
        jobs: Option<usize>,
    ) -> Result<Self> {
        let (source, cargo_home) = (folder.join("source"), folder.join("cargo"));
        std::fs::create_dir_all(&source)?;
        std::fs::create_dir_all(cargo_home.join("registry"))?;
        let archive = folder.join("source.tar");
        call(
            git()
                .args(["archive", "--format=tar", "--output"])
                .arg(&archive)
                .arg("HEAD"),
        )?;
        call(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&source))?;
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        let registry = home.context("no CARGO_HOME and no HOME")?.join("registry");
        for part in ["cache", "index"] {
            if registry.join(part).is_dir() {
                call(
                    Command::new("cp")
                        .arg("-r")
                        .arg(registry.join(part))
                        .arg(cargo_home.join("registry")),
                )?;
            }
        }
        if let Some(user) = &user {
            call(
                Command::new("chown")
                    .arg("-R")
                    .arg(format!("{user}:{user}"))
                    .arg(&folder),
            )?;
        }
        let time = output(git().args(["show", "--no-patch", "--format=%ct", commit]))?;
        Ok(Self {
            toolchain: match toolchain {
                Some(toolchain) => toolchain,
                None => sysroot()?,
            },
            time: time.trim().to_owned(),
            folder,
            user,
            cargo_home,
            jobs,
        })
    }

    /// Builds modules, then the program that holds them; gives the folder of what is installed.
    fn build(&self) -> Result<PathBuf> {
        let target = self.folder.join("target");
        call(
            self.cargo()
                .args(["run", "--quiet", "--locked", "--package", "xtask", "--", "wasm"]),
        )?;
        let mut program = self.cargo();
        program.env("CARGO_ENCODED_RUSTFLAGS", self.flags().join(BETWEEN));
        call(program.args(["build", "--release", "--locked", "--package", "resguardo"]))?;
        let made = self.folder.join("dist");
        if made.exists() {
            std::fs::remove_dir_all(&made)?;
        }
        std::fs::create_dir_all(made.join("web"))?;
        std::fs::copy(target.join("release/resguardo"), made.join("resguardo"))?;
        for (name, path) in self.assets()? {
            std::fs::copy(path, made.join("web").join(name))?;
        }
        copy(&self.folder.join("source/units"), &made.join("units"))?;
        let mut sums = String::new();
        for (name, path) in files(&made)? {
            sums.push_str(&format!("{}  {name}\n", sum(&std::fs::read(path)?)));
        }
        std::fs::write(made.join("SHA256SUMS"), sums)?;
        Ok(made)
    }

    /// What browsers load, by name: what the program's build script gathered.
    fn assets(&self) -> Result<BTreeMap<String, PathBuf>> {
        let built = self.folder.join("target/release/build");
        let mut lists = Vec::new();
        for entry in std::fs::read_dir(&built)? {
            let list = entry?.path().join("out/assets.rs");
            if list.is_file() {
                lists.push((list.metadata()?.modified()?, list));
            }
        }
        let (_, list) = lists
            .into_iter()
            .max()
            .context("the service's list of assets is not there")?;
        let text = std::fs::read_to_string(&list)?;
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix('('));
        let pairs = lines.filter_map(|line| {
            let mut quoted = line.split('"').skip(1).step_by(2);
            Some((quoted.next()?.to_owned(), PathBuf::from(quoted.next()?)))
        });
        let assets: BTreeMap<String, PathBuf> = pairs.collect();
        if assets.is_empty() {
            bail!("{} names no asset", list.display());
        }
        Ok(assets)
    }

    /// Cargo, with nothing of this process but what is said here.
    fn cargo(&self) -> Command {
        let bin = self.toolchain.join("bin");
        let mut command = match &self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args([
                    format!("--reuid={user}"),
                    format!("--regid={user}"),
                    "--clear-groups".to_owned(),
                ]);
                command.arg(bin.join("cargo"));
                command
            }
            None => Command::new(bin.join("cargo")),
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(bin).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(paths).unwrap_or(path);
        let maps: Vec<String> = self
            .maps()
            .iter()
            .map(|(from, to)| format!("-ffile-prefix-map={from}={to}"))
            .collect();
        let of_c: OsString = maps.join(" ").into();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", &self.folder)
            .env("CARGO_HOME", &self.cargo_home)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("SOURCE_DATE_EPOCH", &self.time)
            .env("CFLAGS", &of_c)
            .env("CXXFLAGS", &of_c)
            .env("ZERO_AR_DATE", "1")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(self.folder.join("source"));
        if let Some(jobs) = self.jobs {
            command.env("CARGO_BUILD_JOBS", jobs.to_string());
        }
        command
    }

    /// Where things lie here, and where they are said to.
    fn maps(&self) -> [(String, &'static str); 4] {
        let shown = |path: &Path| path.display().to_string();
        [
            (shown(&self.folder.join("target")), "/target"),
            (shown(&self.folder.join("source")), "/resguardo"),
            (shown(&self.cargo_home), "/cargo"),
            (shown(&self.toolchain.join("lib/rustlib/src/rust")), "/rust"),
        ]
    }

    fn flags(&self) -> Vec<String> {
        let maps = self.maps();
        maps.iter()
            .map(|(from, to)| format!("--remap-path-prefix={from}={to}"))
            .collect()
    }
}

/// The files of a folder, by their path in it, but for the sums themselves.
fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(within) = folders.pop() {
        for entry in std::fs::read_dir(within)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("SHA256SUMS") {
                found.insert(path.strip_prefix(folder)?.display().to_string(), path);
            }
        }
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    call(Command::new("cp").arg("-r").arg(from).arg(to))
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What differs, a line for each file.
fn compare(one: &Path, other: &Path) -> Result<Vec<String>> {
    let (ours, theirs) = (files(one)?, files(other)?);
    let mut differs = Vec::new();
    for name in ours
        .keys()
        .chain(theirs.keys())
        .collect::<std::collections::BTreeSet<_>>()
    {
        let line = match (ours.get(name), theirs.get(name)) {
            (Some(ours), Some(theirs)) => difference(&std::fs::read(ours)?, &std::fs::read(theirs)?),
            (Some(_), None) => Some("is in the first build only".to_owned()),
            _ => Some("is in the second build only".to_owned()),
        };
        differs.extend(line.map(|line| format!("  {name}: {line}")));
    }
    Ok(differs)
}

/// Where two files part, in words.
fn difference(one: &[u8], other: &[u8]) -> Option<String> {
    if one == other {
        return None;
    }
    let places = (0..one.len().min(other.len())).filter(|at| one[*at] != other[*at]);
    let (count, mut first) = (places.clone().count(), Vec::new());
    first.extend(places.take(SHOWN_MAX).map(|at| format!("{at:#x}")));
    Some(format!(
        "{} and {} bytes, {count} of them differ, first at {}",
        one.len(),
        other.len(),
        if first.is_empty() {
            "the end of the shorter".to_owned()
        } else {
            first.join(", ")
        }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_file_and_place() {
        assert_eq!(difference(b"abc", b"abc"), None);
        let told = difference(b"abc", b"aXc").expect("they differ");
        assert!(told.contains("1 of them differ, first at 0x1"), "{told}");
        assert!(
            difference(b"abc", b"abcd")
                .expect("they differ")
                .contains("the end of the shorter")
        );
    }

    #[test]
    fn every_path_of_a_place_is_said_to_be_elsewhere() {
        let place = Place {
            folder: "/a/place".into(),
            user: None,
            toolchain: "/b/rust".into(),
            cargo_home: "/a/place/cargo".into(),
            jobs: None,
            time: "1".to_owned(),
        };
        let flags = place.flags();
        for from in [
            "/a/place/target",
            "/a/place/source",
            "/a/place/cargo",
            "/b/rust/lib/rustlib/src/rust",
        ] {
            let begin = format!("--remap-path-prefix={from}=");
            assert!(flags.iter().any(|flag| flag.starts_with(&begin)), "{from}");
        }
    }
}
