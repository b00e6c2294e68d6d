//! Dealing and checking: `C_j = a_j·B + b_j·H`, `s·B + b·H = Σ x^j·C_j` (§5.2.1, §7.7).

use crate::digest::hex_bytes;
use crate::ids::X;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;

hex_bytes!(
    /// One Pedersen commitment as it travels: a ristretto255 point, unchecked until used.
    Commitment, 32
);

/// The commitments of one dealing, C_0 first; as many as the threshold. Decoded: canonical, not the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitments(Vec<RistrettoPoint>);

/// One seat's share of one compartment. Zeroized on drop.
#[derive(Clone, PartialEq, Eq, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct Share {
    /// s(x).
    pub s: Scalar,
    /// b(x).
    pub b: Scalar,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Share(…)")
    }
}

/// A dealing: the secret S, its commitments and one share for each x asked for.
pub struct Dealing {
    /// S, not zero.
    pub secret: zeroize::Zeroizing<Scalar>,
    /// C_0 to C_{t−1}.
    pub commitments: Vec<Commitment>,
    /// In the order of the xs given.
    pub shares: Vec<(X, Share)>,
}

/// H (§15.1): the one-way map of SHA-512(L("pedersen-h")).
pub fn pedersen_h() -> RistrettoPoint {
    todo!()
}

/// Deals a fresh secret to `seats` with threshold `t` (1 ≤ t ≤ seats).
pub fn deal(_t: u8, _seats: &[X], _rng: &mut impl CryptoRng) -> Dealing {
    todo!()
}

impl Commitments {
    /// Decodes; `None` when one is not canonical or is the identity, or there are none or more than 255.
    pub fn decode(_commitments: &[Commitment]) -> Option<Self> {
        todo!()
    }
    /// `s·B + b·H = Σ x^j·C_j`. Variable time in public values only.
    pub fn check(&self, _x: X, _share: &Share) -> bool {
        todo!()
    }
    /// The threshold.
    pub fn threshold(&self) -> usize {
        self.0.len()
    }
}
