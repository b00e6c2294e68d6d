//! Dealing and checking: `C_j = a_j·B + b_j·H`, `s·B + b·H = Σ x^j·C_j` (§5.2.1, §7.7).

use std::sync::OnceLock;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{IsIdentity, MultiscalarMul, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use crate::digest::hex_bytes;
use crate::ids::MemberNumber;
use crate::label;

hex_bytes!(
    /// One Pedersen commitment as it travels: a ristretto255 point, unchecked until used.
    Commitment, 32
);

/// The commitments of one dealing, C_0 first; as many as the threshold. Decoded: canonical, not the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitments(Vec<RistrettoPoint>);

/// One seat's share of one compartment. Zeroized on drop; compared in constant time.
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
    pub secret: Zeroizing<Scalar>,
    /// C_0 to C_{t−1}.
    pub commitments: Vec<Commitment>,
    /// In the order of the xs given.
    pub shares: Vec<(MemberNumber, Share)>,
}

/// The coefficients of `s(x)` and `b(x)`, lowest first; `a[0]` is S. Zeroized on drop.
pub struct Coefficients {
    a: Zeroizing<Vec<Scalar>>,
    b: Zeroizing<Vec<Scalar>>,
}

/// H (§15.1): the one-way map of SHA-512(L("pedersen-h")).
pub fn pedersen_h() -> RistrettoPoint {
    static H: OnceLock<RistrettoPoint> = OnceLock::new();
    *H.get_or_init(|| RistrettoPoint::from_uniform_bytes(&Sha512::digest(label::PEDERSEN_H).into()))
}

/// Deals a fresh secret to `seats` with threshold `t` (1 ≤ t ≤ seats).
///
/// # Panics
/// When `t` is 0: a secret without a threshold is the caller's error, and must not become a dealing.
pub fn deal(t: u8, seats: &[MemberNumber], rng: &mut impl CryptoRng) -> Dealing {
    assert!(t >= 1, "a dealing needs a threshold");
    loop {
        let a = draw_scalars(t, rng);
        let b = draw_scalars(t, rng);
        // S = 0 or a commitment that is the identity comes once in 2^252 drawings.
        if let Some(dealing) = Coefficients::new(a, b).and_then(|coefficients| coefficients.deal(seats)) {
            return dealing;
        }
    }
}

impl Coefficients {
    /// Takes both polynomials. `None` when they are empty, of different length, longer than 255, or S is zero.
    pub fn new(a: Zeroizing<Vec<Scalar>>, b: Zeroizing<Vec<Scalar>>) -> Option<Self> {
        let fits = a.len() == b.len() && (1..=255).contains(&a.len()) && a[0] != Scalar::ZERO;
        fits.then_some(Self { a, b })
    }

    /// Commitments and shares. `None` when a commitment is the identity.
    pub fn deal(&self, seats: &[MemberNumber]) -> Option<Dealing> {
        let points: Vec<RistrettoPoint> = self.a.iter().zip(&*self.b).map(|(a, b)| commit(a, b)).collect();
        let usable = points.iter().all(|point| !point.is_identity());
        usable.then(|| Dealing {
            secret: Zeroizing::new(self.a[0]),
            commitments: points
                .iter()
                .map(|point| Commitment(point.compress().to_bytes()))
                .collect(),
            shares: seats.iter().map(|&x| (x, self.share(x))).collect(),
        })
    }

    /// `(s(x), b(x))`.
    fn share(&self, x: MemberNumber) -> Share {
        let x = Scalar::from(x.get());
        let at_x = |coefficients: &[Scalar]| coefficients.iter().rev().fold(Scalar::ZERO, |sum, c| sum * x + c);
        Share {
            s: at_x(&self.a),
            b: at_x(&self.b),
        }
    }
}

impl Commitments {
    /// Decodes; `None` when one is not canonical or is the identity, or there are none or more than 255.
    pub fn decode(commitments: &[Commitment]) -> Option<Self> {
        if !(1..=255).contains(&commitments.len()) {
            return None;
        }
        let decode = |commitment: &Commitment| {
            CompressedRistretto(commitment.0)
                .decompress()
                .filter(|point| !point.is_identity())
        };
        commitments.iter().map(decode).collect::<Option<Vec<_>>>().map(Self)
    }

    /// `s·B + b·H = Σ x^j·C_j`. Variable time in public values only.
    pub fn check(&self, x: MemberNumber, share: &Share) -> bool {
        let x = Scalar::from(x.get());
        let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(power * x));
        let powers: Vec<Scalar> = powers.take(self.0.len()).collect();
        commit(&share.s, &share.b) == RistrettoPoint::vartime_multiscalar_mul(powers, &self.0)
    }

    /// The threshold.
    pub fn threshold(&self) -> usize {
        self.0.len()
    }
}

/// `a·B + b·H`, in constant time.
fn commit(a: &Scalar, b: &Scalar) -> RistrettoPoint {
    RistrettoPoint::multiscalar_mul([a, b], [RISTRETTO_BASEPOINT_POINT, pedersen_h()])
}

/// `t` scalars, each from 64 random bytes read as little-endian and reduced mod ℓ (§19).
fn draw_scalars(t: u8, rng: &mut impl CryptoRng) -> Zeroizing<Vec<Scalar>> {
    let mut scalars = Zeroizing::new(Vec::with_capacity(t.into()));
    let mut wide = Zeroizing::new([0; 64]);
    for _ in 0..t {
        rng.fill_bytes(&mut *wide);
        scalars.push(Scalar::from_bytes_mod_order_wide(&wide));
    }
    scalars
}
