//! Every target on every input that is kept: seeds from docs/vectors/, the corpora, and what once broke something.

use fuzz::{INPUT_MAX, Pool, TARGETS};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

#[test]
fn each_target_reaches_what_lies_behind_its_parser() {
    let pool = Pool::read();
    for target in TARGETS {
        assert!(!target.accepted(&pool).is_empty(), "{} accepts no seed", target.name);
    }
}

#[test]
fn no_vector_breaks_a_target_that_it_was_not_made_for() {
    let pool = Pool::read();
    for target in TARGETS {
        for input in pool.all() {
            (target.run)(&input);
        }
    }
}

#[test]
fn no_kept_input_breaks_its_target() {
    for target in TARGETS {
        for kept in ["corpus", "mended"] {
            for path in files(&folder(kept).join(target.name)) {
                (target.run)(&std::fs::read(&path).expect("readable"));
            }
        }
    }
}

#[test]
fn corpora_are_small_and_each_belongs_to_a_target() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len());
    let mut total = 0;
    for kept in ["corpus", "mended"] {
        for corpus in files(&folder(kept)) {
            let name = corpus.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            assert!(names.contains(name), "{kept}/{name} belongs to no target");
            for path in files(&corpus) {
                let size = path.metadata().expect("readable").len();
                assert!(size <= INPUT_MAX as u64, "{} is too long", path.display());
                total += size;
            }
        }
    }
    assert!(total <= 1 << 20, "corpora take {total} bytes; they may take 1 MiB");
}
