//! What the tests of every format ask of a copy.
#![allow(dead_code, reason = "each test program uses a part of it")]

use scrub::scrubbed;

pub fn holds(file: &[u8], wanted: &[u8]) -> bool {
    file.windows(wanted.len()).any(|window| window == wanted)
}

/// The copy of a file in which something was planted holds none of these pieces, is the copy of the file without it, and has
/// itself as its copy. `what` names the file in a failure.
pub fn leaves_nothing(what: &str, plain: &[u8], planted: &[u8], pieces: &[&[u8]]) {
    let copy = scrubbed(planted).unwrap();
    for piece in pieces {
        assert!(!holds(&copy, piece), "{what}: {:?}", String::from_utf8_lossy(piece));
    }
    assert!(
        copy == scrubbed(plain).unwrap(),
        "{what}: what was planted makes no difference"
    );
    assert!(copy == scrubbed(&copy).unwrap(), "{what}: a copy of a copy is the same");
}
