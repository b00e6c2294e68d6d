//! Nothing but the tests of the pure crates: see Cargo.toml.
