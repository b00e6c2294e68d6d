//! An age file of one length, as a statement carries it: in JSON base64.

use base64ct::{Base64, Encoding as _};
use rand_core::CryptoRng;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::age::{self, Recipient};

/// An age file of exactly `LEN` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFile<const LEN: usize>(Vec<u8>);

impl<const LEN: usize> SealedFile<LEN> {
    /// Seals what gives a file of that length.
    pub(super) fn seal(to: &Recipient, plain: &[u8], rng: &mut impl CryptoRng) -> Self {
        debug_assert_eq!(age::sealed_len(plain.len(), 1), LEN, "a plaintext of another length");
        Self(age::seal(&[to], plain, rng))
    }

    /// `None` for another length.
    pub fn new(file: Vec<u8>) -> Option<Self> {
        (file.len() == LEN).then_some(Self(file))
    }

    /// The age file.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<const LEN: usize> Serialize for SealedFile<LEN> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Base64::encode_string(&self.0))
    }
}

impl<'de, const LEN: usize> Deserialize<'de> for SealedFile<LEN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, LEN).map(Self)
    }
}

fn read<'de, D: Deserializer<'de>>(deserializer: D, len: usize) -> Result<Vec<u8>, D::Error> {
    let file = Base64::decode_vec(&String::deserialize(deserializer)?)
        .ok()
        .filter(|file| file.len() == len);
    file.ok_or_else(|| {
        D::Error::custom(format_args!(
            "expected an age file of {len} bytes in base64 with padding"
        ))
    })
}
