//! One 32-byte seed, two keys, and the key file (§2).

use crate::age::Identity;
use crate::ids::PublicKey;
use crate::label;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// HKDF-SHA256 with empty salt, 32 bytes out (§0): `info` is the parts joined.
pub fn hkdf(ikm: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, ikm)
        .expand_multi_info(info, out.as_mut_slice())
        .expect("never: 32 bytes are fewer than HKDF's limit");
    out
}

/// The keys of a custodian, reader, cosigner or operator, from one seed. Zeroized on drop.
pub struct MemberKeys {
    seed: Zeroizing<[u8; 32]>,
    identity: Identity,
    signing: SigningKey,
}

impl MemberKeys {
    /// Draws a fresh seed.
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// Derives both keys: `HKDF(s, L("kem"))`, `HKDF(s, L("sign"))`.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self {
            seed: Zeroizing::new(*seed),
            identity: Identity::from_seed(*hkdf(seed, &[label::KEM])),
            signing: SigningKey::from_bytes(&hkdf(seed, &[label::SIGN])),
        }
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
        let seed = Zeroizing::new(base16ct::lower::encode_string(self.seed.as_slice()));
        let identity = self.identity.to_text();
        let mut text = Zeroizing::new(String::with_capacity(SEED_LINE.len() + seed.len() + identity.len() + 2));
        for part in [SEED_LINE, &seed, "\n", &identity, "\n"] {
            text.push_str(part);
        }
        text
    }

    /// Reads that plaintext and checks that both lines agree.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn from_key_file(text: &str) -> Result<Self, KeyFileError> {
        let (seed, identity) = split_key_file(text).ok_or(KeyFileError::Form)?;
        let keys = Self::from_seed(&seed);
        match bool::from(keys.identity.seed().ct_eq(identity.seed())) {
            true => Ok(keys),
            false => Err(KeyFileError::Disagree),
        }
    }
}

impl std::fmt::Debug for MemberKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemberKeys(…)")
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

/// Begins the first line; stock age takes it for a comment.
const SEED_LINE: &str = "# resguardo-seed: ";

/// Seed and identity of the two lines, not yet compared.
fn split_key_file(text: &str) -> Option<(Zeroizing<[u8; 32]>, Identity)> {
    let (first, second) = text.strip_prefix(SEED_LINE)?.strip_suffix('\n')?.split_once('\n')?;
    let bytes = Zeroizing::new(base16ct::lower::decode_vec(first.as_bytes()).ok()?);
    let seed = Zeroizing::new(bytes.as_slice().try_into().ok()?);
    Some((seed, Identity::parse(second)?))
}
