//! age v1 files to hybrid recipients, and nothing else (§0; C2SP `age.md`, stanza `mlkem768x25519`).

pub mod file;
pub mod pad;
pub mod passphrase;
pub mod recipient;
pub mod stream;

pub use file::{AgeError, open, open_cell, seal, sealed_len};
pub use recipient::{Identity, Recipient};
