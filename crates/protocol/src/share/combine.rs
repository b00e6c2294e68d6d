//! Combining t shares: Lagrange weights at 0 over the seats' x (§8.1).

use super::deal::{Commitments, Share};
use crate::ids::X;
use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

/// Why shares do not combine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombineError {
    /// Fewer good shares than the threshold; shares that fail the check are named by their seat.
    #[error("{good} good shares of {need} needed; bad: {bad:?}")]
    NotEnough {
        /// Shares that pass the check, by distinct seats.
        good: usize,
        /// The threshold.
        need: usize,
        /// Seats whose share fails the check.
        bad: Vec<X>,
    },
}

/// Checks each share against the commitments, drops the bad ones, combines t of the rest.
/// Returns S and the seats whose shares were bad.
///
/// # Errors
/// [`CombineError`] names the culprits.
pub fn combine(
    _commitments: &Commitments,
    _shares: &[(X, Share)],
) -> Result<(Zeroizing<Scalar>, Vec<X>), CombineError> {
    todo!()
}
