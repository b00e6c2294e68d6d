//! Modules of a crate that use each other: none may, but a module and those within it. What a path names is looked up
//! by the names of modules alone, so a use by way of a re-export counts as one of the module that re-exports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::sh::root;

/// A module, by its names from the crate's root.
type Module = Vec<String>;

/// Finds cycles in every crate.
pub fn check(files: &[PathBuf], faults: &mut Vec<String>) {
    let mut crates: BTreeMap<String, BTreeMap<Module, String>> = BTreeMap::new();
    for path in files {
        if let Some((name, module)) = place(path) {
            let text = std::fs::read_to_string(root().join(path)).unwrap_or_default();
            crates.entry(name).or_default().insert(module, text);
        }
    }
    for (name, modules) in crates {
        faults.extend(
            cycles(&modules)
                .into_iter()
                .map(|[a, b]| format!("crate {name}: {a} and {b} use each other; what both need belongs below them")),
        );
    }
}

/// The crate and module of a file, `None` for what is no module of a library.
fn place(path: &Path) -> Option<(String, Module)> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let ["crates", name, "src", inner @ ..] = parts.as_slice() else {
        return None;
    };
    let mut module: Module = inner.iter().map(|part| (*part).to_owned()).collect();
    let last = module.pop()?;
    let stem = last.strip_suffix(".rs")?;
    if !matches!(stem, "lib" | "main" | "mod") {
        module.push(stem.to_owned());
    }
    Some(((*name).to_owned(), module))
}

/// Pairs of which each uses the other, in one step or more.
fn cycles(modules: &BTreeMap<Module, String>) -> BTreeSet<[String; 2]> {
    let is_family = |a: &Module, b: &Module| a.starts_with(b) || b.starts_with(a);
    let edges: BTreeMap<&Module, BTreeSet<Module>> = modules
        .iter()
        .map(|(from, text)| {
            let used = paths(text).into_iter().filter_map(|path| target(from, &path, modules));
            (from, used.filter(|to| !is_family(from, to)).collect())
        })
        .collect();
    let reaches = |from: &Module, to: &Module| {
        let (mut seen, mut next) = (BTreeSet::from([from.clone()]), vec![from.clone()]);
        while let Some(at) = next.pop() {
            for step in edges.get(&at).into_iter().flatten() {
                if step == to {
                    return true;
                }
                if seen.insert(step.clone()) {
                    next.push(step.clone());
                }
            }
        }
        false
    };
    let mut found = BTreeSet::new();
    for (from, used) in &edges {
        for to in used.iter().filter(|to| reaches(to, from)) {
            let mut pair = [from.join("::"), to.join("::")];
            pair.sort();
            found.insert(pair);
        }
    }
    found
}

/// The module that a path within `from` leads to.
fn target(from: &Module, path: &[String], modules: &BTreeMap<Module, String>) -> Option<Module> {
    let up = path.iter().take_while(|name| *name == "super").count();
    let mut full = match path.first().map(String::as_str) {
        Some("crate") => path[1..].to_vec(),
        _ => [from.get(..from.len().checked_sub(up)?)?, &path[up..]].concat(),
    };
    while !modules.contains_key(&full) {
        full.pop()?;
    }
    Some(full)
}

/// Every path that begins with `crate` or `super`, groups in braces taken apart; tests and comments left out.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    let code: String = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line).to_owned() + "\n")
        .collect();
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let is_within = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !is_within {
                follow(&code[at..], &[], &mut found);
            }
        }
    }
    found
}

/// Reads one path, or a group of them, behind `prefix`; gives what comes after it.
fn follow<'a>(text: &'a str, prefix: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = follow(rest, prefix, found).trim_start();
            match rest.strip_prefix(',') {
                Some(after) if !after.trim_start().starts_with('}') => rest = after,
                _ => break,
            }
        }
        return rest.trim_start_matches([',', ' ', '\n', '}']);
    }
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let mut path = prefix.to_vec();
    if !name.is_empty() && name != "self" {
        path.push(name.to_owned());
    }
    match rest.strip_prefix("::") {
        Some(rest) if !name.is_empty() => follow(rest, &path, found),
        _ => {
            found.push(path);
            // `as other` in a group.
            let alias = rest.trim_start().strip_prefix("as ");
            alias.map_or(rest, |alias| {
                alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<[String; 2]> {
        let modules = files
            .iter()
            .map(|(path, text)| {
                let (_, module) = place(&Path::new("crates/x/src").join(path)).expect("a module");
                (module, (*text).to_owned())
            })
            .collect();
        cycles(&modules).into_iter().collect()
    }

    fn pair(a: &str, b: &str) -> Vec<[String; 2]> {
        vec![[a.to_owned(), b.to_owned()]]
    }

    #[test]
    fn two_modules_that_use_each_other_are_found_however_they_say_it() {
        for (a, b) in [
            ("use crate::b::B;", "use crate::a::A;"),
            (
                "use crate::{\n    b::{self, B as Other},\n    c::C,\n};",
                "fn f() { crate::a::f() }",
            ),
            ("use super::b;", "use super::{c::C, a::A};"),
        ] {
            assert_eq!(found(&[("a.rs", a), ("b.rs", b), ("c.rs", "")]), pair("a", "b"), "{a}");
        }
        let round = [
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "use crate::a::A;"),
        ];
        assert_eq!(found(&round).len(), 3);
        let deep = [
            ("a/x.rs", "use crate::b::B;"),
            ("b.rs", "use crate::a::x::X;"),
            ("a.rs", "mod x;"),
        ];
        assert_eq!(found(&deep), pair("a::x", "b"));
    }

    #[test]
    fn a_module_and_those_within_it_may_and_so_may_tests_and_comments() {
        for files in [
            [
                ("a.rs", "mod x;\nuse x::X;"),
                ("a/x.rs", "use super::A;\nuse crate::a::B;"),
            ],
            [
                ("a.rs", "use crate::b::B;"),
                (
                    "b.rs",
                    "// see crate::a::A\n#[cfg(test)]\nmod tests { use crate::a::A; }",
                ),
            ],
            [
                ("a.rs", "use crate::b::B;"),
                ("b.rs", "\n#[cfg(test)]\nmod tests { use crate::a::A; }"),
            ],
            [("lib.rs", "mod b;\nuse crate::b::B;"), ("b.rs", "use crate::Root;")],
        ] {
            assert_eq!(found(&files), Vec::<[String; 2]>::new(), "{files:?}");
        }
    }
}
