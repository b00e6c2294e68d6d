//! The log's own formats, exactly C2SP: Merkle tree (RFC 6962), tiles (`tlog-tiles`), notes (`signed-note`),
//! checkpoints (`tlog-checkpoint`), cosignatures (`tlog-cosignature`), witness requests (`tlog-witness`), proofs
//! (`tlog-proof`), policies (`tlog-policy`); and the promise (docs/protocol.md §6.4), which is a note about one entry.
//!
//! Does not know what a leaf means. Pure: bytes in, value out.

pub mod checkpoint;
pub mod cosign;
mod decimal;
mod ed25519;
pub mod edge;
pub mod hash;
mod ml_dsa;
pub mod note;
pub mod policy;
pub mod promise;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;
pub mod verify;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use hash::{Hash, leaf_hash, node_hash};
pub use note::{Note, NoteError, SigningNoteKey, VerifierKey};
pub use policy::{Policy, Trusted};
