//! What people read of the law: derivations, questions, search; in both languages.

mod derivations;
mod embedding;
mod identifiers;
mod questions;
mod search;
