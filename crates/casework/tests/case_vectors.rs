//! docs/vectors/ of what the log means: councils, a whole case after its filing, its times, and the steps of a log.
//! `RESGUARDO_BLESS=1` writes them; without it they are compared with what the code makes.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod case_vectors_parts;
#[path = "../../protocol/tests/kept/mod.rs"]
mod kept;
#[path = "cases/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "these tests use a part")]
mod support;

use case_vectors_parts::{consent, councils, danger, opening, steps, times};
use kept::keep;

#[test]
fn consent_json() {
    keep("consent.json", &consent::vectors());
}

#[test]
fn councils_json() {
    keep("councils.json", &councils::vectors());
}

#[test]
fn danger_json() {
    keep("danger.json", &danger::vectors());
}

#[test]
fn opening_json() {
    keep("opening.json", &opening::vectors());
}

#[test]
fn log_steps_json() {
    keep("log-steps.json", &steps::vectors());
}

#[test]
fn times_json() {
    keep("times.json", &times::vectors());
}
