//! Documents that cannot go stale: the ones that a newcomer needs are there, links lead somewhere, paths exist.

use std::path::{Path, PathBuf};

use crate::sh::root;

/// Documents that a newcomer needs.
const NEEDED: &[&str] = &[
    "README.md",
    "README.es.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "deny.toml",
    "docs/architecture.md",
    "docs/protocol.md",
    "docs/threat-model.md",
    "docs/glossary.md",
    "docs/performance.md",
];
/// Documents whose paths between backticks must exist: those that say where things are.
const MAPS: &[&str] = &["CONTRIBUTING.md", "docs/architecture.md", "docs/soundness.md"];
/// Where such a path may begin.
const BASES: &[&str] = &["", "crates", "docs"];

/// Finds what is missing and what leads nowhere.
pub fn check(files: &[PathBuf], faults: &mut Vec<String>) {
    let missing = NEEDED.iter().filter(|name| !root().join(name).is_file());
    faults.extend(missing.map(|name| format!("{name} is missing")));
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap_or_default();
    if !changelog.contains("## [Unreleased]") {
        faults.push("CHANGELOG.md has no section [Unreleased]".to_owned());
    }
    for path in files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
    {
        let Ok(text) = std::fs::read_to_string(root().join(path)) else {
            continue;
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let leads = |link: &&str| root().join(folder).join(link).exists();
        let dead = links(&text).filter(|link| !leads(link));
        faults.extend(dead.map(|link| format!("{}: the link {link} leads nowhere", path.display())));
        if MAPS.iter().any(|map| path == Path::new(map)) {
            let gone = paths(&text).filter(|named| !exists(named));
            faults.extend(gone.map(|named| format!("{}: there is no {named}", path.display())));
        }
    }
}

/// Targets of links and pictures within the project, without their anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let pictures = text.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links
        .chain(pictures)
        .map(|link| link.split('#').next().unwrap_or(link))
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"))
}

/// Paths between backticks: letters, digits and `/ . - _ *`, with a slash that is neither first nor alone.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let is_path = |word: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || "/.-_*".contains(c);
        word.chars().all(known) && word.trim_end_matches('/').contains('/') && !word.starts_with(['/', '.'])
    };
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter(move |word| is_path(word))
}

/// Whether a path exists; before a `*` its folder must.
fn exists(named: &str) -> bool {
    let fixed = named.split('*').next().unwrap_or(named);
    let fixed = if fixed.len() < named.len() {
        fixed.rsplit_once('/').map_or("", |(folder, _)| folder)
    } else {
        fixed
    };
    BASES.iter().any(|base| root().join(base).join(fixed).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_within_the_project_are_followed_and_no_others() {
        let text = "[a](b.md) [c](https://c.example/d) [e](#f) [g](h.md#i) <img src=\"j.png\"> [k](mailto:l)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "h.md", "j.png"]);
    }

    #[test]
    fn paths_are_told_from_other_quotations() {
        let text = "`xtask/src/tidy.rs` `/es/nuevo` `tlog` `cargo xtask a/b` `crates/*/tests/` `and/or`";
        let found: Vec<_> = paths(text).collect();
        assert_eq!(found, ["xtask/src/tidy.rs", "crates/*/tests/", "and/or"]);
        assert!(exists("xtask/src/tidy.rs") && exists("protocol/src/statement/") && exists("crates/*/tests/"));
        assert!(!exists("and/or") && !exists("crates/nothing/*"));
    }
}
