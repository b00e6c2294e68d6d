//! Copies without metadata (§5.2): whatever a file of hers says, an answer comes, and a copy is a copy of itself.

use crate::Pool;
use scrub::{NoCopy, scrubbed};
use std::path::Path;

/// How much longer a copy may be than its file: what is written anew around its content, and no more.
const LONGER: usize = 4096;

/// Of a copy nothing goes, and it is no longer than its file.
pub fn copy(data: &[u8]) -> bool {
    match scrubbed(data) {
        Ok(copy) => {
            assert!(copy.len() <= data.len() + LONGER);
            match scrubbed(&copy) {
                Ok(again) => assert!(again == copy, "a copy of a copy is the same"),
                Err(no) => panic!("no copy of a copy: {no:?}"),
            }
            true
        }
        Err(no) => {
            assert_ne!(no, NoCopy::Unreadable, "all of it was given");
            false
        }
    }
}

fn seeds(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../crates/scrub/tests")
        .join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a readable folder")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|found| endings.iter().any(|ending| found == *ending))
        })
        .collect();
    paths.sort();
    let read = |path| std::fs::read(path).expect("a readable file");
    paths.into_iter().map(read).collect()
}

pub fn pictures(_: &Pool) -> Vec<Vec<u8>> {
    seeds("pictures", &["jpg", "png", "webp"])
}

pub fn boxes(_: &Pool) -> Vec<Vec<u8>> {
    seeds("pictures", &["heic", "avif"])
}

pub fn films(_: &Pool) -> Vec<Vec<u8>> {
    seeds("films", &["mp4", "m4a"])
}

pub fn frames(_: &Pool) -> Vec<Vec<u8>> {
    seeds("sounds", &["mp3", "aac", "wav"])
}

pub fn ogg(_: &Pool) -> Vec<Vec<u8>> {
    seeds("sounds", &["ogg"])
}

pub fn matroska(_: &Pool) -> Vec<Vec<u8>> {
    seeds("sounds", &["webm"])
}
