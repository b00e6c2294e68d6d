//! What a client blinds, and what is left once the blind is taken away.

use curve25519_dalek::Scalar;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use voprf_ng::{Ristretto255, VoprfClient};
use zeroize::{Zeroize as _, Zeroizing};

use crate::group::{Element, canonical_scalar};
use crate::{ELEMENT_LEN, label};

/// Longest input in bytes.
pub const INPUT_MAX: usize = u16::MAX as usize;

/// An input is empty or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an input of the OPRF has between 1 and 65,535 bytes")]
pub struct InputError;

/// The scalar that hides an input from the nodes. Erased on drop; never zero.
pub struct Blind(Scalar);

impl Blind {
    /// The blind with this encoding; `None` for zero and for what is not canonical.
    pub fn from_bytes(bytes: &[u8; ELEMENT_LEN]) -> Option<Self> {
        canonical_scalar(bytes).filter(|blind| *blind != Scalar::ZERO).map(Self)
    }

    /// Its encoding, for the matcher's file (§15.6).
    pub fn to_bytes(&self) -> Zeroizing<[u8; ELEMENT_LEN]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// Takes the blind away from what the nodes gave together.
    pub fn unblind(&self, combined: &Element) -> Unblinded {
        let inverse = Zeroizing::new(self.0.invert());
        Unblinded(Zeroizing::new((combined.point() * *inverse).compress().to_bytes()))
    }
}

impl Drop for Blind {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Blind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blind(…)")
    }
}

/// Blinds an input: the element goes to the nodes, the blind to whoever unblinds.
///
/// # Errors
/// [`InputError`] for nothing, and for more than [`INPUT_MAX`].
///
/// # Panics
/// Never, because what the crate writes of a blind and an element is read again.
pub fn blind(input: &[u8], rng: &mut impl CryptoRng) -> Result<(Blind, Element), InputError> {
    if input.is_empty() || input.len() > INPUT_MAX {
        return Err(InputError);
    }
    let blinded = VoprfClient::<Ristretto255>::blind(input, rng).map_err(|_| InputError)?;
    let mut state = Zeroizing::new([0; 2 * ELEMENT_LEN]);
    state.copy_from_slice(&blinded.state.serialize());
    let both = state.split_first_chunk().and_then(|(blind, element)| {
        let element = element.try_into().ok().and_then(Element::from_bytes);
        Blind::from_bytes(blind).zip(element)
    });
    Ok(both.expect("never: a blind is not zero, and an input that is hashed to the identity cannot be found"))
}

/// The element of an input under the key, as nobody but the matcher sees it. Erased on drop.
#[derive(Clone)]
pub struct Unblinded(Zeroizing<[u8; ELEMENT_LEN]>);

impl Unblinded {
    /// Its encoding.
    pub fn as_bytes(&self) -> &[u8; ELEMENT_LEN] {
        &self.0
    }

    /// `HKDF(ikm = unblinded element, info = L("tag") ‖ kind)`: 32 bytes, the same for all who named the same.
    ///
    /// # Panics
    /// Never, because 32 bytes are fewer than HKDF's limit.
    pub fn tag(&self, kind: u8) -> Tag {
        let mut tag = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand_multi_info(&[label::TAG, &[kind]], tag.as_mut_slice())
            .expect("never: 32 bytes are fewer than HKDF's limit");
        Tag(tag)
    }
}

impl std::fmt::Debug for Unblinded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unblinded(…)")
    }
}

/// What two who named the same have in common, and nobody can make without t′ nodes. Compared in constant time.
#[derive(Clone)]
pub struct Tag(Zeroizing<[u8; 32]>);

impl Tag {
    /// Its bytes, for the matcher's store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Tag {}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tag(…)")
    }
}
