//! The map of docs/assurance.md: each test that it names is there.

use std::path::{Path, PathBuf};

use crate::sh::root;

/// Where the map stands.
const MAP: &str = "docs/assurance.md";

/// Finds tests that are named and do not exist.
pub fn check(files: &[PathBuf], faults: &mut Vec<String>) {
    let map = std::fs::read_to_string(root().join(MAP)).unwrap_or_default();
    let mut count = 0;
    for (file, name) in map.split('`').skip(1).step_by(2).filter_map(named) {
        count += 1;
        let is_there = files.iter().filter(|path| is_of(path, file)).any(|path| {
            let text = std::fs::read_to_string(root().join(path)).unwrap_or_default();
            // A function, or a line of a macro that makes tests.
            text.contains(&format!("fn {name}(")) || text.contains(&format!("\n    {name} = \""))
        });
        if !is_there {
            faults.push(format!("{MAP}: there is no test {file}::{name}"));
        }
    }
    if count == 0 {
        faults.push(format!("{MAP} names no test"));
    }
}

/// `file::name`, if it is that.
fn named(quoted: &str) -> Option<(&str, &str)> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    quoted
        .split_once("::")
        .filter(|(file, name)| is_word(file) && is_word(name))
}

/// Whether a path is that test file, or `main.rs` of a folder of that name.
fn is_of(path: &Path, file: &str) -> bool {
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let is_named = |part: Option<&std::ffi::OsStr>| part.is_some_and(|part| part == file);
    let is_main = path.file_name().is_some_and(|name| name == "main.rs");
    is_rust && (is_named(path.file_stem()) || is_main && is_named(path.parent().and_then(Path::file_name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_are_taken_for_tests() {
        assert_eq!(named("releases::line_1"), Some(("releases", "line_1")));
        for other in ["cargo xtask test", "--once", "std::fs::read", "Case::new", "::x"] {
            assert_eq!(named(other), None, "{other}");
        }
        assert!(is_of(Path::new("crates/a/tests/releases.rs"), "releases"));
        assert!(is_of(Path::new("crates/a/tests/by_hand/main.rs"), "by_hand"));
        assert!(!is_of(Path::new("crates/a/tests/releases.md"), "releases"));
        assert!(!is_of(Path::new("crates/a/tests/by_hand/store.rs"), "by_hand"));
    }
}
