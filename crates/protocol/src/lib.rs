//! The bytes of Resguardo: keys, the phrase, sealing, shares, slots, signed statements, records and the
//! forms of the HTTP interface (docs/protocol.md; «§» in this crate means that document).
//!
//! Knows nothing of history («is this allowed now?»), of language or of law. Pure: no file, socket, thread
//! or clock; randomness is an argument.

pub mod age;
pub mod digest;
pub mod draft;
pub mod drop;
pub mod envelope;
pub mod http;
pub mod ids;
pub mod json;
pub mod keys;
pub mod label;
pub mod month;
pub mod open;
pub mod phrase;
pub mod problem;
pub mod seal;
pub mod secret;
pub mod served;
pub mod share;
pub mod slot;
pub mod statement;
pub mod text;
pub mod verified;
pub mod week;

pub use digest::Digest;
pub use envelope::Envelope;
pub use ids::{CaseId, Day, MemberNumber, Nonce, Origin};
pub use month::Month;
pub use secret::Secret;
pub use verified::Verified;
