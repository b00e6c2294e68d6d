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

pub use file::{open, open_cell, seal, sealed_len};
pub use recipient::{Identity, Recipient};

/// Why a file did not open. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgeError {
    /// The header is not age v1 as this protocol uses it: wrong stanza count or kind, bad base64, low-order share.
    #[error("the file's header is not that of an age file of this protocol")]
    Header,
    /// No stanza opens with this identity.
    #[error("the file is not sealed to this key")]
    NoMatch,
    /// The header's MAC does not verify.
    #[error("the file's header was altered")]
    Mac,
    /// A chunk does not verify, or the file is cut short or too long.
    #[error("the file's content was altered or cut")]
    Payload,
}
