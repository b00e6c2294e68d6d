//! The key of all nodes, which nobody holds, and a node's share of it.

use curve25519_dalek::{RistrettoPoint, Scalar};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use crate::group::{Element, Index, canonical_scalar, element_at, times_base};
use crate::{ELEMENT_LEN, NODES_MAX};

/// What everybody knows of the key: commitments to the sum of all polynomials, as many as the threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupKey(Vec<Element>);

impl GroupKey {
    /// From the commitments, that of the key itself first: 2 to [`NODES_MAX`], as many as the threshold.
    pub fn from_commitments(commitments: Vec<Element>) -> Option<Self> {
        (2..=NODES_MAX)
            .contains(&commitments.len())
            .then_some(Self(commitments))
    }

    /// The commitments.
    pub fn commitments(&self) -> &[Element] {
        &self.0
    }

    /// The public key Y, which a refresh does not change.
    pub fn public(&self) -> Element {
        self.0[0]
    }

    /// t′.
    pub fn threshold(&self) -> u16 {
        // At most `NODES_MAX`.
        self.0.len() as u16
    }

    /// Y_x, against which node x's evaluations are checked.
    pub fn public_of(&self, x: Index) -> Option<Element> {
        let points: Vec<RistrettoPoint> = self.0.iter().map(|commitment| *commitment.point()).collect();
        Element::new(element_at(&points, x))
    }
}

/// A node's share of the key. Erased on drop.
pub struct KeyShare {
    x: Index,
    secret: Scalar,
}

impl KeyShare {
    pub(crate) fn new(x: Index, secret: &Scalar) -> Self {
        Self { x, secret: *secret }
    }

    /// The share of node `x` with this encoding; `None` for zero and for what is not canonical.
    pub fn from_bytes(x: Index, bytes: &[u8; ELEMENT_LEN]) -> Option<Self> {
        let secret = canonical_scalar(bytes).filter(|secret| *secret != Scalar::ZERO)?;
        Some(Self { x, secret })
    }

    /// Its encoding, for the node's own store.
    pub fn to_bytes(&self) -> Zeroizing<[u8; ELEMENT_LEN]> {
        Zeroizing::new(self.secret.to_bytes())
    }

    /// Whose it is.
    pub fn index(&self) -> Index {
        self.x
    }

    /// Whether it is a share of this key, and not of what stood before a refresh.
    pub fn is_of(&self, group: &GroupKey) -> bool {
        group.public_of(self.x).is_some_and(|public| {
            let own = times_base(&self.secret).compress().to_bytes();
            own.ct_eq(&public.to_bytes()).into()
        })
    }

    pub(crate) fn secret(&self) -> &Scalar {
        &self.secret
    }
}

impl Drop for KeyShare {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl std::fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyShare({}, …)", self.x)
    }
}
