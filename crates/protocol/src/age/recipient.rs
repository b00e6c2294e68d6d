//! The hybrid recipient `age1pq1…` and its identity `AGE-SECRET-KEY-PQ-1…` (§0; RFC 9180 base mode with
//! X-Wing, HKDF-SHA256, ChaCha20Poly1305).

use crate::secret::Secret;

/// Length of a recipient's public key in bytes: ML-KEM-768 ‖ X25519.
pub const RECIPIENT_LEN: usize = 1216;
/// Length of an encapsulated key in bytes: ML-KEM-768 ciphertext ‖ X25519 share.
pub const ENC_LEN: usize = 1120;

/// A public key to which files are sealed. JSON and text form: `age1pq1…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient(Box<[u8; RECIPIENT_LEN]>);

/// 32 uniform bytes that open what was sealed to their recipient. Zeroized on drop.
pub struct Identity(Secret<[u8; 32]>);

impl Recipient {
    /// The public key bytes.
    pub fn as_bytes(&self) -> &[u8; RECIPIENT_LEN] {
        &self.0
    }
    /// Reads `age1pq1…`.
    pub fn parse(_text: &str) -> Option<Self> {
        todo!()
    }
}

impl Identity {
    /// Takes 32 uniform bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Secret::new(seed))
    }
    /// Draws a fresh identity.
    pub fn draw(rng: &mut impl rand_core::CryptoRng) -> Self {
        let mut s = [0; 32];
        rng.fill_bytes(&mut s);
        Self::from_seed(s)
    }
    /// The public half.
    pub fn recipient(&self) -> Recipient {
        todo!()
    }
    /// The 32 bytes.
    pub fn seed(&self) -> &[u8; 32] {
        self.0.expose()
    }
    /// Reads `AGE-SECRET-KEY-PQ-1…`.
    pub fn parse(_text: &str) -> Option<Self> {
        todo!()
    }
    /// Writes `AGE-SECRET-KEY-PQ-1…`.
    pub fn to_text(&self) -> zeroize::Zeroizing<String> {
        todo!()
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}
impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient")
    }
}
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}
impl serde::Serialize for Recipient {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Recipient {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a recipient, age1pq1…"))
    }
}
