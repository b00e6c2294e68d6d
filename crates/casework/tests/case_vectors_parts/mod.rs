//! What each file of vectors holds.

mod apart_stories;
pub mod consent;
mod council_cases;
pub mod councils;
pub mod danger;
mod depths;
mod edge_stories;
mod hostile_stories;
pub mod opening;
mod reader;
pub mod steps;
mod time_stories;
pub mod times;
mod tree;

use base64ct::{Base64, Encoding as _};
use protocol::{Digest, Envelope};
use serde_json::{Value, json};

use crate::support;

fn hex(bytes: impl AsRef<[u8]>) -> String {
    base16ct::lower::encode_string(bytes.as_ref())
}

fn unhex(value: &Value) -> Vec<u8> {
    base16ct::lower::decode_vec(text(value).as_bytes()).unwrap()
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    Base64::encode_string(bytes.as_ref())
}

fn unbase64(value: &Value) -> Vec<u8> {
    Base64::decode_vec(text(value)).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// A whole age file.
fn file(bytes: &[u8]) -> Value {
    json!({ "digest": Digest::of(bytes), "size": bytes.len(), "base64": base64(bytes) })
}

/// The four statements that the log begins with, at the paths where they are served.
fn beginning() -> Vec<Value> {
    support::beginning().iter().map(public).collect()
}

/// A public statement and where it is served.
fn public(envelope: &Envelope) -> Value {
    json!({
        "name": envelope.name(),
        "d": envelope.digest(),
        "path": format!("/api/v1/public/{}", envelope.digest().to_hex()),
        "envelope_base64": base64(envelope.bytes()),
    })
}
