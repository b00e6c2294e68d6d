//! Signatures of a ceremony: Schnorr over ristretto255 as COCKTAIL-DKG has it (c2sp.org/cocktail-dkg).

use curve25519_dalek::Scalar;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha512};
use zeroize::{Zeroize as _, Zeroizing};

use crate::ELEMENT_LEN;
use crate::group::{Element, canonical_scalar, random_scalar, times_base};

/// Length of a signature in bytes.
pub const SIGNATURE_LEN: usize = 64;
/// `R ‖ z`.
pub type Signature = [u8; SIGNATURE_LEN];

const NONCE: &[u8] = b"COCKTAIL-DKG-Ristretto255-SHA512-NONCE";
const CHALLENGE: &[u8] = b"COCKTAIL-DKG-Ristretto255-SHA512-H7";

/// A node's own key for ceremonies, `d`. Erased on drop; it signs and opens what others deal to it.
pub struct NodeKey(Scalar);

impl NodeKey {
    /// A new one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(*random_scalar(rng))
    }

    /// The key with this encoding; `None` for zero and for what is not canonical.
    pub fn from_bytes(bytes: &[u8; ELEMENT_LEN]) -> Option<Self> {
        canonical_scalar(bytes).filter(|key| *key != Scalar::ZERO).map(Self)
    }

    /// Its encoding, for the node's own store.
    pub fn to_bytes(&self) -> Zeroizing<[u8; ELEMENT_LEN]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// `P = d·B`.
    ///
    /// # Panics
    /// Never, because d is not zero.
    pub fn public(&self) -> Element {
        Element::new(times_base(&self.0)).expect("never: d is not zero and B has prime order")
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.0
    }
}

impl Drop for NodeKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeKey(…)")
    }
}

/// Signs with a secret that is not zero. The nonce is a hash of secret and message; that it is zero happens once in 2^252.
pub(crate) fn sign(secret: &Scalar, message: &[u8]) -> Signature {
    let mut nonce = to_scalar(&[NONCE, Zeroizing::new(secret.to_bytes()).as_slice(), message]);
    let commitment = times_base(&nonce).compress().to_bytes();
    let public = times_base(secret).compress().to_bytes();
    let challenge = to_scalar(&[CHALLENGE, &commitment, &public, message]);
    let response = nonce + challenge * secret;
    nonce.zeroize();
    let mut signature = [0; SIGNATURE_LEN];
    signature[..ELEMENT_LEN].copy_from_slice(&commitment);
    signature[ELEMENT_LEN..].copy_from_slice(&response.to_bytes());
    signature
}

/// Whether `public` signed it; R canonical and not the identity, z canonical.
pub(crate) fn verifies(public: &Element, message: &[u8], signature: &Signature) -> bool {
    let halves = signature.split_first_chunk().zip(signature.last_chunk());
    let Some(((commitment, _), response)) = halves else {
        return false;
    };
    let (Some(point), Some(response)) = (Element::from_bytes(commitment), canonical_scalar(response)) else {
        return false;
    };
    let challenge = to_scalar(&[CHALLENGE, commitment, &public.to_bytes(), message]);
    times_base(&response) == point.point() + challenge * public.point()
}

/// SHA-512, reduced from its 64 bytes.
fn to_scalar(parts: &[&[u8]]) -> Scalar {
    let mut hash = Sha512::new();
    for part in parts {
        hash.update(part);
    }
    let mut wide: [u8; 64] = hash.finalize().into();
    let scalar = Scalar::from_bytes_mod_order_wide(&wide);
    wide.zeroize();
    scalar
}
