//! What each file of vectors holds.

pub mod age;
mod age_refused;
pub mod drafts;
pub mod ed25519;
pub mod envelopes;
mod greetings;
pub mod json;
pub mod keys;

use data_encoding::{BASE64, HEXLOWER};

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64.encode(bytes.as_ref())
}
