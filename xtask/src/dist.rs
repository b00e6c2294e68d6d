//! `cargo xtask dist`: what an operator installs, built from the commit so that anybody who builds the same commit with the same
//! compiler gets the same bytes. `--check` builds it twice, in two folders and as root by two users, and compares.
//!
//! What would differ is taken out: where sources lie (said otherwise to rustc and to the C compiler), the day (that of the
//! commit), symbols (stripped), versions of crates (`--locked`). The program holds every page, script, style and image, so that
//! one comparison is of all of them; the modules lie beside it too, for whoever compares a site with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::say;
use crate::setup::is_root;
use crate::sh::{call, git, output, root, target};

/// The user of the second build: nobody.
const OTHER_USER: &str = "65534";
/// Where both builds of a check are made: a folder that every user may enter.
const CHECK_IN: &str = "/var/tmp";
/// Between two flags, as Cargo reads them.
const BETWEEN: &str = "\u{1f}";
/// The list of what was built.
const SUMS: &str = "SHA256SUMS";
/// Places of a file that are named where it differs.
const SHOWN_MAX: usize = 5;

const HELP: &str = "\
cargo xtask dist [--check] [--in FOLDER] [--jobs N]

Builds the commit that is checked out, what is not committed left out, into target/dist: the program, the modules, the
units, and their SHA-256 sums.

  --check      builds it twice, and the second time as another user where this runs as root; compares every byte, and
               keeps both builds where one differs
  --in FOLDER  where it is built (default: target/dist-build; with --check /var/tmp). Each build takes a few GiB, and with
               --check every user must be able to enter the folder
  --jobs N     how many compilers at once";

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    is_check: bool,
    folder: Option<PathBuf>,
    jobs: Option<usize>,
}

impl Asked {
    /// Reads the arguments; `None` for whoever asks for help.
    fn read(arguments: &[String]) -> Result<Option<Self>> {
        let mut asked = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--check" => asked.is_check = true,
                "--in" => asked.folder = Some(rest.next().context("--in takes a folder")?.into()),
                "--jobs" => asked.jobs = Some(rest.next().context("--jobs takes a number")?.parse()?),
                "--help" | "-h" => return Ok(None),
                other => bail!("dist takes --check, --in FOLDER and --jobs N, not {other:?}"),
            }
        }
        Ok(Some(asked))
    }

    fn folder(&self, default: impl FnOnce() -> PathBuf) -> Result<PathBuf> {
        Ok(std::path::absolute(self.folder.clone().unwrap_or_else(default))?)
    }
}

/// `dist [--check] [--in FOLDER] [--jobs N]`.
pub fn run(arguments: &[String]) -> Result<()> {
    let Some(asked) = Asked::read(arguments)? else {
        say!("{HELP}");
        return Ok(());
    };
    let changed = output(git().args(["status", "--porcelain", "--untracked-files=no"]))?;
    if !changed.trim().is_empty() {
        eprintln!("dist: what is not committed is left out");
    }
    let commit = output(git().args(["rev-parse", "HEAD"]))?.trim().to_owned();
    if asked.is_check {
        return check(&asked, &commit);
    }
    let folder = asked.folder(|| target().join("dist-build"))?;
    let made = Place::new(folder, &commit, None, sysroot()?)?.build(asked.jobs)?;
    let dist = target().join("dist");
    if dist.exists() {
        std::fs::remove_dir_all(&dist)?;
    }
    copy(&made, &dist)?;
    say!("{}", std::fs::read_to_string(dist.join(SUMS))?.trim_end());
    say!("dist: {} holds commit {commit}", dist.display());
    Ok(())
}

/// Builds twice, as different as this machine can, and compares byte for byte.
fn check(asked: &Asked, commit: &str) -> Result<()> {
    let base = asked.folder(|| CHECK_IN.into())?;
    let base = base.join(format!("resguardo-dist.{}", std::process::id()));
    std::fs::create_dir_all(&base)?;
    eprintln!("dist: both builds are made in {}", base.display());
    let second = base.join("another/place/of/its/own");
    let (other, toolchain) = match is_root() {
        true => {
            let enters = output(as_user(OTHER_USER, Path::new("ls")).arg(&base));
            enters.with_context(|| format!("user {OTHER_USER} cannot enter {}: give --in another", base.display()))?;
            (Some(OTHER_USER), shared_toolchain(&base)?)
        }
        false => {
            eprintln!("dist: only root can build as another user: two folders are compared, not two users");
            (None, sysroot()?)
        }
    };
    let made = Place::new(base.join("one"), commit, None, sysroot()?)?.build(asked.jobs)?;
    let again = Place::new(second, commit, other, toolchain)?.build(asked.jobs)?;
    let differs = compare(&made, &again)?;
    if !differs.is_empty() {
        bail!(
            "{} files differ; both builds stay in {}:\n{}",
            differs.len(),
            base.display(),
            differs.join("\n")
        );
    }
    let sums = std::fs::read_to_string(made.join(SUMS))?;
    std::fs::remove_dir_all(&base)?;
    say!("{}", sums.trim_end());
    say!(
        "dist: {} files of commit {commit} are the same bytes in two folders{}",
        sums.lines().count(),
        if other.is_some() { " and by two users" } else { "" }
    );
    Ok(())
}

/// The compiler in use where every user can read it: links to its files, or a copy on another disk.
fn shared_toolchain(base: &Path) -> Result<PathBuf> {
    let (from, to) = (sysroot()?, base.join("toolchain"));
    if output(Command::new("cp").arg("-al").arg(&from).arg(&to)).is_err() {
        call(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
    }
    Ok(to)
}

fn sysroot() -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = output(Command::new(rustc).current_dir(root()).args(["--print", "sysroot"]))?;
    Ok(folder.trim().into())
}

/// A program by another user, who is of no group and gains no rights.
fn as_user(user: &str, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args([
        format!("--reuid={user}"),
        format!("--regid={user}"),
        "--clear-groups".to_owned(),
        "--no-new-privs".to_owned(),
    ]);
    command.arg(program);
    command
}

/// Where something is built, and by whom.
struct Place {
    folder: PathBuf,
    user: Option<&'static str>,
    toolchain: PathBuf,
    /// POSIX seconds of the commit.
    time: String,
    /// Where npm fetches from.
    npm: String,
}

impl Place {
    /// Lays out the commit's sources and a copy of the crates' archives.
    fn new(folder: PathBuf, commit: &str, user: Option<&'static str>, toolchain: PathBuf) -> Result<Self> {
        let place = Self {
            folder,
            user,
            toolchain,
            time: output(git().args(["show", "--no-patch", "--format=%ct", commit]))?,
            npm: output(Command::new("npm").args(["config", "get", "registry"])).unwrap_or_default(),
        };
        let (source, registry) = (place.source(), place.cargo_home().join("registry"));
        for made in [&source, &registry] {
            if made.exists() {
                std::fs::remove_dir_all(made)?;
            }
            std::fs::create_dir_all(made)?;
        }
        let archive = place.folder.join("source.tar");
        call(
            git()
                .args(["archive", "--format=tar", "--output"])
                .arg(&archive)
                .arg(commit),
        )?;
        call(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&source))?;
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        let ours = home.context("no CARGO_HOME and no HOME")?.join("registry");
        for part in ["cache", "index"].map(|part| ours.join(part)) {
            if part.is_dir() {
                copy(&part, &registry)?;
            }
        }
        if let Some(user) = user {
            let owner = format!("{user}:{user}");
            call(Command::new("chown").arg("-R").arg(owner).arg(&place.folder))?;
        }
        Ok(place)
    }

    fn source(&self) -> PathBuf {
        self.folder.join("source")
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn cargo_home(&self) -> PathBuf {
        self.folder.join("cargo")
    }

    /// Builds modules, then the program that holds them; gives the folder of what is installed.
    fn build(&self, jobs: Option<usize>) -> Result<PathBuf> {
        let jobs = jobs.map(|jobs| ("CARGO_BUILD_JOBS", jobs.to_string()));
        let mut modules = self.cargo();
        call(
            modules
                .envs(jobs.clone())
                .args(["run", "--quiet", "--locked", "--package", "xtask", "--", "wasm"]),
        )?;
        let mut program = self.cargo();
        call(
            program
                .envs(jobs)
                .env("CARGO_ENCODED_RUSTFLAGS", self.flags().join(BETWEEN))
                .args(["build", "--release", "--locked", "--package", "resguardo"]),
        )?;
        let made = self.folder.join("dist");
        if made.exists() {
            std::fs::remove_dir_all(&made)?;
        }
        std::fs::create_dir_all(&made)?;
        std::fs::copy(self.target().join("release/resguardo"), made.join("resguardo"))?;
        copy(&self.source().join("web/dist"), &made.join("modules"))?;
        copy(&self.source().join("units"), &made)?;
        let names: Vec<String> = files(&made)?.into_keys().collect();
        let sums = output(Command::new("sha256sum").current_dir(&made).arg("--").args(names))?;
        std::fs::write(made.join(SUMS), sums)?;
        Ok(made)
    }

    /// Cargo, with nothing of this process but what is said here.
    fn cargo(&self) -> Command {
        let bin = self.toolchain.join("bin");
        let mut command = match self.user {
            Some(user) => as_user(user, &bin.join("cargo")),
            None => Command::new(bin.join("cargo")),
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(bin).chain(std::env::split_paths(&path));
        let maps = self
            .maps()
            .map(|(from, to)| format!("-ffile-prefix-map={from}={to}"))
            .join(" ");
        command
            .env_clear()
            .env("PATH", std::env::join_paths(paths).unwrap_or(path))
            .env("HOME", &self.folder)
            .env("CARGO_HOME", self.cargo_home())
            .env("CARGO_TARGET_DIR", self.target())
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("SOURCE_DATE_EPOCH", self.time.trim())
            .env("CFLAGS", &maps)
            .env("CXXFLAGS", &maps)
            .env("ZERO_AR_DATE", "1")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(self.source());
        if !self.npm.trim().is_empty() {
            command.env("npm_config_registry", self.npm.trim());
        }
        command
    }

    /// Where things lie here, and where they are said to.
    fn maps(&self) -> [(String, &'static str); 4] {
        [
            (self.target(), "/target"),
            (self.source(), "/resguardo"),
            (self.cargo_home(), "/cargo"),
            (self.toolchain.join("lib/rustlib/src/rust"), "/rust"),
        ]
        .map(|(from, to)| (from.display().to_string(), to))
    }

    fn flags(&self) -> [String; 4] {
        self.maps().map(|(from, to)| format!("--remap-path-prefix={from}={to}"))
    }
}

/// The files of a folder, by their path in it.
fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(within) = folders.pop() {
        for entry in std::fs::read_dir(within)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.display().to_string(), path);
            }
        }
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    call(Command::new("cp").arg("-r").arg(from).arg(to))
}

/// What differs, a line for each file.
fn compare(one: &Path, other: &Path) -> Result<Vec<String>> {
    let (first, second) = (files(one)?, files(other)?);
    let names: BTreeSet<&String> = first.keys().chain(second.keys()).filter(|name| *name != SUMS).collect();
    let mut differs = Vec::new();
    for name in names {
        let line = match (first.get(name), second.get(name)) {
            (Some(one), Some(other)) => difference(&std::fs::read(one)?, &std::fs::read(other)?),
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
    let pairs = one.iter().zip(other).enumerate();
    let places: Vec<usize> = pairs
        .filter(|(_, (one, other))| one != other)
        .map(|(at, _)| at)
        .collect();
    let shown: Vec<String> = places.iter().take(SHOWN_MAX).map(|at| format!("{at:#x}")).collect();
    let first = match shown.is_empty() {
        true => "the end of the shorter".to_owned(),
        false => shown.join(", "),
    };
    Some(format!(
        "{} and {} bytes, {} of them differ, first at {first}",
        one.len(),
        other.len(),
        places.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_file_and_place() {
        assert_eq!(difference(b"abc", b"abc"), None);
        let told = difference(b"abc", b"aXc").expect("they differ");
        assert_eq!(told, "3 and 3 bytes, 1 of them differ, first at 0x1");
        let told = difference(b"abc", b"abcd").expect("they differ");
        assert!(told.ends_with("the end of the shorter"), "{told}");
    }

    #[test]
    fn two_builds_differ_where_a_file_does_or_is_missing() {
        let base = std::env::temp_dir().join(format!("resguardo-dist-test.{}", std::process::id()));
        let (one, other) = (base.join("one"), base.join("other"));
        for (folder, name, bytes) in [
            (&one, "same", "x"),
            (&other, "same", "x"),
            (&one, "modules/changed", "x"),
            (&other, "modules/changed", "y"),
            (&one, "gone", "x"),
            (&other, "new", "x"),
            (&one, SUMS, "1"),
            (&other, SUMS, "2"),
        ] {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            std::fs::write(path, bytes).expect("it is written");
        }
        let told = compare(&one, &other).expect("both are read");
        std::fs::remove_dir_all(&base).expect("it is removed");
        assert_eq!(
            told,
            [
                "  gone: is in the first build only",
                "  modules/changed: 1 and 1 bytes, 1 of them differ, first at 0x0",
                "  new: is in the second build only",
            ]
        );
    }

    #[test]
    fn every_path_of_a_place_is_said_to_be_elsewhere() {
        let place = Place {
            folder: "/a/place".into(),
            user: None,
            toolchain: "/b/rust".into(),
            time: "1".to_owned(),
            npm: String::new(),
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

    #[test]
    fn arguments_are_read_and_what_is_none_is_refused() {
        let read = |line: &str| Asked::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let asked = read("--check --in /disk --jobs 2").expect("they are read");
        let wanted = Asked {
            is_check: true,
            folder: Some("/disk".into()),
            jobs: Some(2),
        };
        assert_eq!(asked, Some(wanted));
        assert_eq!(read("--check --help").expect("it is read"), None);
        for wrong in ["--in", "--jobs", "--jobs many", "--fast"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
