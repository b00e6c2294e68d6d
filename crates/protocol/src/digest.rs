//! Fixed-length byte strings that JSON shows as lower-case hex (§0).

use sha2::{Digest as _, Sha256};

macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $crate::digest::hex_bytes!($(#[$doc])* hidden $name, $len);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_hex())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_hex())
            }
        }
    };
    // Not shown by itself: whoever has the bytes can use them.
    ($(#[$doc:meta])* hidden $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Lower-case hex, twice the length.
            pub fn to_hex(&self) -> String {
                base16ct::lower::encode_string(&self.0)
            }

            /// Reads lower-case hex of exactly the right length; anything else is `None`.
            pub fn from_hex(text: &str) -> Option<Self> {
                base16ct::lower::decode_vec(text.as_bytes()).ok()?.try_into().ok().map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.to_hex())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::from_hex(&text).ok_or_else(|| {
                    <D::Error as serde::de::Error>::custom(concat!("expected ", stringify!($len), " bytes as lower-case hex"))
                })
            }
        }
    };
}
pub(crate) use hex_bytes;

hex_bytes!(
    /// SHA-256 output: of a statement's pre-authentication encoding, a file, an entry.
    Digest, 32
);

impl Digest {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of the parts, joined.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}
