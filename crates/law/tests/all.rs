//! Every test of this crate in one program: linking one for each file takes minutes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod guide;
mod interface;
mod law_files;
mod mutation;
mod people;
mod properties;
mod quotations;
