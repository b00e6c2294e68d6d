//! One 32-byte seed, two keys, and the key file (§2).

use crate::age::Identity;
use crate::ids::PublicKey;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// HKDF-SHA256 with empty salt, 32 bytes out (§0): `info` is the parts joined.
pub fn hkdf(_ikm: &[u8], _info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    todo!()
}

/// The keys of a custodian, reader, cosigner or operator, from one seed.
pub struct MemberKeys {
    seed: Zeroizing<[u8; 32]>,
    identity: Identity,
    signing: SigningKey,
}

impl MemberKeys {
    /// Draws a fresh seed.
    pub fn draw(_rng: &mut impl CryptoRng) -> Self {
        todo!()
    }
    /// Derives both keys: `HKDF(s, L("kem"))`, `HKDF(s, L("sign"))`.
    pub fn from_seed(_seed: &[u8; 32]) -> Self {
        todo!()
    }
    /// Opens what is sealed to this member.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
    /// Signs this member's statements and transport signatures.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }
    /// Public half of [`Self::signing`].
    pub fn public(&self) -> PublicKey {
        PublicKey(self.signing.verifying_key().to_bytes())
    }
    /// The seed, for the key file.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }
    /// Plaintext of the key file (§19): `# resguardo-seed: <64 hex>` LF, identity, LF.
    pub fn to_key_file(&self) -> Zeroizing<String> {
        todo!()
    }
    /// Reads that plaintext and checks that both lines agree.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn from_key_file(_text: &str) -> Result<Self, KeyFileError> {
        todo!()
    }
}

/// What is wrong with a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not the two lines of §19.
    #[error("not a key file")]
    Form,
    /// The identity is not the one that the seed gives.
    #[error("the two lines of the key file disagree")]
    Disagree,
}
