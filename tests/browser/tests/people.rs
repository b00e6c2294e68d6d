//! People at screens, one after the other. Run by `cargo xtask test browser`.

#[path = "people/harness.rs"]
mod harness;
