//! What each file of vectors holds.

pub mod age;
mod age_refused;
pub mod drafts;
pub mod ed25519;
pub mod envelopes;
mod greetings;
pub mod json;
pub mod keys;

use base64ct::{Base64, Encoding as _};

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    base16ct::lower::encode_string(bytes.as_ref())
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    Base64::encode_string(bytes.as_ref())
}
