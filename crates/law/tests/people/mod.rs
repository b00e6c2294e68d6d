//! What people read of the law: derivations, questions, search; in both languages. And what other programs read.

mod derivations;
mod embedding;
mod exchange;
mod identifiers;
mod questions;
mod search;
