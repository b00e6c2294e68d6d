//! docs/vectors/ of forms: JSON, Ed25519, envelopes, keys and age files that are read, and those that are refused.
//! `RESGUARDO_BLESS=1` writes them; without it they are compared with what the code makes.

use crate::form_vectors_parts;
use crate::kept;

use form_vectors_parts::{age, drafts, ed25519, envelopes, json, keys};
use kept::keep;

#[test]
fn json_json() {
    keep("json.json", &json::vectors());
}

#[test]
fn ed25519_json() {
    keep("ed25519.json", &ed25519::vectors());
}

#[test]
fn envelopes_json() {
    keep("envelopes.json", &envelopes::vectors());
}

#[test]
fn age_json() {
    keep("age.json", &age::vectors());
}

#[test]
fn keys_json() {
    keep("keys.json", &keys::vectors());
}

#[test]
fn drafts_json() {
    keep("drafts.json", &drafts::vectors());
}
