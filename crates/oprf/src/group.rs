//! ristretto255 (RFC 9496): elements as they travel, nodes' numbers, polynomials.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{Identity as _, IsIdentity as _};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{ELEMENT_LEN, NODES_MAX};

/// An element of the group: canonical, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Element(RistrettoPoint);

impl Element {
    /// The element with this encoding; `None` for any other 32 bytes, and for the identity.
    pub fn from_bytes(bytes: &[u8; ELEMENT_LEN]) -> Option<Self> {
        CompressedRistretto(*bytes).decompress().and_then(Self::new)
    }

    pub(crate) fn new(point: RistrettoPoint) -> Option<Self> {
        (!point.is_identity()).then_some(Self(point))
    }

    /// Its one encoding.
    pub fn to_bytes(self) -> [u8; ELEMENT_LEN] {
        self.0.compress().to_bytes()
    }

    pub(crate) fn point(&self) -> &RistrettoPoint {
        &self.0
    }
}

impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Element(…)")
    }
}

/// A node's number in its session: 1 for the first of the nodes as the council lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index(u16);

impl Index {
    /// From 1 to [`NODES_MAX`].
    pub fn new(number: u16) -> Option<Self> {
        (1..=NODES_MAX).contains(&usize::from(number)).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }

    /// Its place in a list of all nodes.
    pub(crate) fn place(self) -> usize {
        usize::from(self.0) - 1
    }

    pub(crate) fn scalar(self) -> Scalar {
        Scalar::from(self.0)
    }
}

impl std::fmt::Display for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The scalar with this encoding, if it is canonical.
pub(crate) fn canonical_scalar(bytes: &[u8; ELEMENT_LEN]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(*bytes).into_option()
}

/// A uniform scalar that is not zero.
pub(crate) fn random_scalar(rng: &mut impl CryptoRng) -> Zeroizing<Scalar> {
    let mut wide = Zeroizing::new([0; 64]);
    loop {
        rng.fill_bytes(wide.as_mut_slice());
        let scalar = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
        if *scalar != Scalar::ZERO {
            return scalar;
        }
    }
}

/// `k·B`.
pub(crate) fn times_base(scalar: &Scalar) -> RistrettoPoint {
    RISTRETTO_BASEPOINT_POINT * scalar
}

/// `Σ a_k·x^k`, lowest coefficient first.
pub(crate) fn value_at(coefficients: &[Scalar], x: Index) -> Zeroizing<Scalar> {
    let mut value = Zeroizing::new(Scalar::ZERO);
    for coefficient in coefficients.iter().rev() {
        *value = *value * x.scalar() + coefficient;
    }
    value
}

/// `Σ x^k·C_k`, lowest first: what [`value_at`] gives, in the exponent.
pub(crate) fn element_at(commitments: &[RistrettoPoint], x: Index) -> RistrettoPoint {
    commitments
        .iter()
        .rev()
        .fold(RistrettoPoint::identity(), |sum, commitment| {
            sum * x.scalar() + commitment
        })
}

/// The weight of `x` among `all` at 0: `Π x_j / (x_j − x)` over the others. Numbers are distinct and below ℓ.
pub(crate) fn weight_at_zero(x: Index, all: &[Index]) -> Scalar {
    let others = || all.iter().filter(|other| **other != x);
    let numerator: Scalar = others().map(|other| other.scalar()).product();
    let denominator: Scalar = others().map(|other| other.scalar() - x.scalar()).product();
    numerator * denominator.invert()
}
