//! What each file of vectors holds.

pub mod derivations;
pub mod filing;
mod phrase_reading;
pub mod refused;
pub mod shares;

use base64ct::{Base64, Encoding as _};
use protocol::{Digest, Envelope};
use serde_json::{Value, json};

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    base16ct::lower::encode_string(bytes.as_ref())
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    Base64::encode_string(bytes.as_ref())
}

/// A whole age file.
pub fn file(bytes: &[u8]) -> Value {
    json!({ "base64": base64(bytes), "digest": Digest::of(bytes), "size": bytes.len() })
}

/// A signed statement: its envelope as stored, what was signed, and D.
pub fn statement(envelope: &Envelope) -> Value {
    json!({
        "envelope_base64": base64(envelope.bytes()),
        "payload_type": envelope.payload_type(),
        "payload": std::str::from_utf8(envelope.payload()).unwrap(),
        "d": envelope.digest(),
    })
}
