//! `cargo xtask tidy`: the rules of the code, as a test. Lists all failures at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::sh::{cargo, git, output, root};
use crate::{assurance, cycles, documents, edges, say};

/// Crates without input, output, clock or ambient randomness.
const PURE: &[&str] = &[
    "tlog",
    "protocol",
    "testimony",
    "scrub",
    "identifiers",
    "oprf",
    "law",
    "casework",
    "sealing",
    "pages",
    "reports",
];
/// What a pure crate must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "SysRng",
    "thread_rng",
    "static mut",
    "println!",
    "eprintln!",
];
/// Where SQLite and its files are known, and what nobody else may name: in any crate, and in the rest of the ledger.
const SQLITE: &str = "crates/ledger/src/sqlite";
const SQL: &[&str] = &[
    "rusqlite",
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
];
const FILES: &[&str] = &["std::fs", "std::path", "PathBuf", "&Path", "std::os"];
/// Words that have no place in a module's name.
const VAGUE: &[&str] = &["util", "utils", "common", "helpers", "helper", "manager", "misc"];
/// Longest file, in lines without tests.
const LINES_MAX: usize = 500;
/// Licences that may be linked into AGPL-3.0-or-later.
const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "Unicode-3.0",
    "CC0-1.0",
    "MPL-2.0",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "MIT-0",
    "NCSA",
    "AGPL-3.0-or-later",
];
/// Crates that are banned, and why.
const BANNED: &[(&str, &str)] = &[
    ("openssl", "one TLS provider, in Rust"),
    ("native-tls", "one TLS provider, in Rust"),
    ("sharks", "unsound sharing"),
    ("blahaj", "unsound sharing"),
    ("serde_yaml", "no longer maintained"),
];

/// Runs all rules; fails with the list of what is wrong.
pub fn run() -> Result<()> {
    let metadata: Value = serde_json::from_str(&output(cargo().args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
    ]))?)?;
    let files = tracked()?;
    let mut faults = Vec::new();
    dependencies(&metadata, &mut faults);
    licences(&metadata, &mut faults);
    pins(&mut faults)?;
    for path in &files {
        if let Ok(text) = std::fs::read_to_string(root().join(path)) {
            lines(path, &text, &mut faults);
            purity(path, &text, &mut faults);
            backends(path, &text, &mut faults);
            words(path, &text, &mut faults);
        }
    }
    sections(&files, &mut faults)?;
    dead_files(&files, &mut faults);
    cycles::check(&files, &mut faults);
    assurance::check(&files, &mut faults);
    documents::check(&files, &mut faults);
    if !faults.is_empty() {
        bail!("{} faults:\n  {}", faults.len(), faults.join("\n  "));
    }
    say!("tidy: {} files keep the rules", files.len());
    Ok(())
}

/// Files that git tracks or would track.
fn tracked() -> Result<Vec<PathBuf>> {
    let list = output(git().args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
    let files: BTreeSet<PathBuf> = list
        .lines()
        .map(PathBuf::from)
        .filter(|path| root().join(path).is_file())
        .collect();
    Ok(files.into_iter().collect())
}

fn members(metadata: &Value) -> Vec<&Value> {
    let ids: Vec<&str> = array(metadata, "workspace_members")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    array(metadata, "packages")
        .iter()
        .filter(|package| ids.contains(&text(package, "id")))
        .collect()
}

/// Each crate uses exactly what docs/architecture.md says (tests excepted), and has its licence.
fn dependencies(metadata: &Value, faults: &mut Vec<String>) {
    let document = std::fs::read_to_string(root().join(edges::MAP)).unwrap_or_default();
    let mut allowed = match edges::read(&document) {
        Ok(allowed) => allowed,
        Err(errors) => return faults.extend(errors),
    };
    let packages = members(metadata);
    let names: Vec<&str> = packages.iter().map(|package| text(package, "name")).collect();
    for package in &packages {
        let name = text(package, "name");
        if text(package, "manifest_path").contains("/tests/") {
            continue;
        }
        let uses: BTreeSet<String> = array(package, "dependencies")
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| text(dependency, "name").to_owned())
            .filter(|target| names.contains(&target.as_str()))
            .collect();
        let expected = allowed.remove(name).unwrap_or_default();
        let map = edges::MAP;
        faults.extend(
            uses.difference(&expected)
                .map(|target| format!("{name} uses {target}, which {map} does not allow")),
        );
        faults.extend(
            expected
                .difference(&uses)
                .map(|target| format!("{map} says that {name} uses {target}; it does not")),
        );
        if text(package, "license").is_empty() {
            faults.push(format!("{name} has no licence"));
        }
        let is_pure = PURE.contains(&name);
        let expected = if is_pure {
            "MIT OR Apache-2.0"
        } else {
            "AGPL-3.0-or-later"
        };
        if text(package, "license") != expected {
            faults.push(format!("{name} must be licensed {expected}"));
        }
    }
    faults.extend(
        allowed
            .keys()
            .map(|name| format!("{} lists {name}, which is not a crate", edges::MAP)),
    );
}

fn licences(metadata: &Value, faults: &mut Vec<String>) {
    for package in array(metadata, "packages") {
        let (name, version, licence) = (
            text(package, "name"),
            text(package, "version"),
            text(package, "license"),
        );
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            faults.push(format!("{name} {version} is banned: {why}"));
        }
        let any = |expression: &str| {
            expression.split(" OR ").any(|part| {
                part.trim_matches(['(', ')', ' '])
                    .split(" AND ")
                    .all(|one| LICENCES.contains(&one.trim_matches(['(', ')', ' '])))
            })
        };
        let parts = licence.replace('/', " OR ");
        let good = any(&parts) || parts.split(" AND ").all(any);
        if !good {
            faults.push(format!("{name} {version}: licence {licence:?} is not on the list"));
        }
    }
}

/// Every dependency of a member is pinned once, in the workspace.
fn pins(faults: &mut Vec<String>) -> Result<()> {
    for manifest in output(git().args(["ls-files", "*/Cargo.toml"]))?.lines() {
        let mut in_dependencies = false;
        for (number, line) in std::fs::read_to_string(root().join(manifest))?.lines().enumerate() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies && line.contains('=') && !line.contains("workspace = true") {
                faults.push(format!("{manifest}:{}: pin it in the root manifest", number + 1));
            }
        }
    }
    Ok(())
}

fn lines(path: &Path, content: &str, faults: &mut Vec<String>) {
    if path.extension().is_none_or(|extension| extension != "rs") || is_test(path) {
        return;
    }
    let without_tests = content
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(content)
        .lines()
        .count();
    if without_tests > LINES_MAX {
        faults.push(format!(
            "{} has {without_tests} lines without tests; what is it hiding?",
            path.display()
        ));
    }
}

fn is_test(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "benches" | "examples")))
        || path.file_name().is_some_and(|name| name == "tests.rs")
}

fn purity(path: &Path, content: &str, faults: &mut Vec<String>) {
    let Some(name) = PURE
        .iter()
        .find(|name| path.starts_with(Path::new("crates").join(name).join("src")))
    else {
        return;
    };
    let code = content.split("\n#[cfg(test)]").next().unwrap_or(content);
    for (number, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or(line);
        if let Some(word) = IMPURE.iter().find(|word| line.contains(**word)) {
            faults.push(format!(
                "{}:{}: {name} is pure and must not name {word}",
                path.display(),
                number + 1
            ));
        }
    }
}

/// Whatever keeps the ledger's bytes is behind its traits: no statement of SQL and no path is named above them.
fn backends(path: &Path, content: &str, faults: &mut Vec<String>) {
    let is_code = path.starts_with("crates") && path.components().any(|part| part.as_os_str() == "src");
    if !is_code || is_test(path) || path.starts_with(SQLITE) || path.extension().is_none_or(|ending| ending != "rs") {
        return;
    }
    let files = if path.starts_with("crates/ledger") { FILES } else { &[] };
    let code = content.split("\n#[cfg(test)]").next().unwrap_or(content);
    for (number, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or(line);
        if let Some(word) = SQL.iter().chain(files).find(|word| line.contains(**word)) {
            let (path, line) = (path.display(), number + 1);
            faults.push(format!("{path}:{line}: only {SQLITE} may name {word:?}"));
        }
    }
}

fn words(path: &Path, content: &str, faults: &mut Vec<String>) {
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    if is_rust && VAGUE.contains(&stem.as_str()) {
        faults.push(format!("{}: a module's name must say what it is for", path.display()));
    }
    let itself = path == Path::new("xtask/src/tidy.rs");
    if !is_rust || itself {
        return;
    }
    for (number, line) in content.lines().enumerate() {
        let mark = ["TODO", "FIXME", "todo!(", "unimplemented!(", "#[allow("]
            .into_iter()
            .find(|mark| line.contains(mark));
        if let Some(mark) = mark {
            faults.push(format!("{}:{}: {mark}", path.display(), number + 1));
        }
    }
}

/// Every `§` that code or a document names stands as a heading, or a numbered item under one, in docs/protocol.md.
fn sections(files: &[PathBuf], faults: &mut Vec<String>) -> Result<()> {
    let document = std::fs::read_to_string(root().join("docs/protocol.md")).context("docs/protocol.md")?;
    let headings: BTreeSet<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter_map(|line| line.trim_start_matches('#').split_whitespace().next())
        .map(|number| number.trim_end_matches('.'))
        .collect();
    for path in files.iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "rs" || extension == "md")
    }) {
        let Ok(content) = std::fs::read_to_string(root().join(path)) else {
            continue;
        };
        for (number, line) in content.lines().enumerate() {
            for after in line.split('§').skip(1) {
                let section: String = after.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                let section = section.trim_end_matches('.');
                // Only a standard's own sections may be named beside ours.
                let foreign = ["RFC", "FIPS"].iter().any(|word| line.contains(word));
                let parent = section.rsplit_once('.').map_or(section, |(parent, _)| parent);
                if !section.is_empty() && !foreign && !headings.contains(section) && !headings.contains(parent) {
                    faults.push(format!(
                        "{}:{}: docs/protocol.md has no §{section}",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    Ok(())
}

/// A Rust file that no `mod` names is dead; so is one of tests, where all of a crate are one program.
fn dead_files(files: &[PathBuf], faults: &mut Vec<String>) {
    let is_left_over = |path: &&PathBuf| path.extension().is_some_and(|end| end == "orig" || end == "rej");
    let left_over = files.iter().filter(is_left_over);
    faults.extend(left_over.map(|path| format!("{}: left over from a patch", path.display())));
    for path in files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
    {
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        let Some(folder) = path.parent() else {
            continue;
        };
        let is_source = path.components().any(|part| part.as_os_str() == "src");
        let is_test = root().join(folder).join("all.rs").is_file();
        if !(is_source || is_test) || matches!(stem, "main" | "lib" | "all") || folder.ends_with("bin") {
            continue;
        }
        let (name, above) = if stem == "mod" {
            (
                folder.file_name().and_then(|name| name.to_str()).unwrap_or_default(),
                folder.parent().unwrap_or(folder),
            )
        } else {
            (stem, folder)
        };
        let own = format!(
            "{}.rs",
            above.file_name().and_then(|name| name.to_str()).unwrap_or_default()
        );
        let mut parents = ["mod.rs", "lib.rs", "main.rs", "all.rs"]
            .map(|root| above.join(root))
            .to_vec();
        parents.extend(above.parent().map(|parent| parent.join(own)));
        let is_named = parents
            .iter()
            .filter_map(|parent| std::fs::read_to_string(root().join(parent)).ok())
            .any(|content| {
                content.lines().any(|line| {
                    let line = line
                        .trim()
                        .trim_start_matches("pub ")
                        .trim_start_matches("pub(crate) ")
                        .trim_start_matches("pub(super) ");
                    line == format!("mod {name};")
                })
            });
        if !is_named {
            faults.push(format!("{}: no module names it", path.display()));
        }
    }
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
