//! Every test of this crate in one program: linking one for each file takes minutes.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod common;
mod follow;
#[path = "../../protocol/tests/kept/mod.rs"]
mod kept;
#[path = "common/keys.rs"]
mod keys;
mod log_vectors;
mod merkle;
mod ml_dsa;
mod note;
mod policy;
mod receipt;
