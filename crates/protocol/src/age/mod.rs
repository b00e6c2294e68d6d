//! age v1 files to hybrid recipients, and nothing else (§0; C2SP `age.md`, stanza `mlkem768x25519`).
//!
//! [`file`] seals and opens whole files, [`stream`] the same format in pieces, [`passphrase`] key files.
//! Beneath them lie [`format`] (header and payload of any age v1 file) and [`recipient`] (the hybrid stanza).

pub mod file;
pub mod format;
pub mod pad;
pub mod passphrase;
pub mod payload;
pub mod recipient;
pub mod stream;

pub use file::{AgeError, open, open_cell, seal, sealed_len};
pub use recipient::{Identity, Recipient};
