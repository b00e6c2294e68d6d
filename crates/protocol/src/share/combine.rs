//! Combining t shares: Lagrange weights at 0 over the seats' x (§8.1).

use curve25519_dalek::Scalar;
use zeroize::Zeroizing;

use super::deal::{Commitments, Share};
use crate::ids::MemberNumber;

/// Why shares do not combine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombineError {
    /// Fewer good shares than the threshold; shares that fail the check are named by their seat.
    #[error("{good} good shares of {need} needed; bad, in the names of seats: {}", listed(bad))]
    NotEnough {
        /// Shares that pass the check, by distinct seats.
        good: usize,
        /// The threshold.
        need: usize,
        /// Seats whose share fails the check.
        bad: Vec<MemberNumber>,
    },
}

/// Numbers of seats for people, `none` without any.
fn listed(seats: &[MemberNumber]) -> String {
    let numbers: Vec<String> = seats.iter().map(MemberNumber::to_string).collect();
    if numbers.is_empty() {
        "none".to_owned()
    } else {
        numbers.join(", ")
    }
}

/// Checks each share against the commitments, drops the bad ones, combines t of the rest.
/// Returns S and the seats whose shares were bad, ascending.
///
/// A seat counts once. Where several shares stand under one number, any good one counts and the rest are
/// ignored: a repetition, even a false one, takes nothing from a seat whose share is good.
///
/// # Errors
/// [`CombineError`] names the culprits.
pub fn combine(
    commitments: &Commitments,
    shares: &[(MemberNumber, Share)],
) -> Result<(Zeroizing<Scalar>, Vec<MemberNumber>), CombineError> {
    let mut good: Vec<(MemberNumber, &Share)> = Vec::with_capacity(shares.len());
    let mut bad = Vec::new();
    for (x, share) in shares {
        let counted = good.iter().any(|(seat, _)| seat == x);
        match counted || commitments.check(*x, share) {
            true if counted => {}
            true => good.push((*x, share)),
            false => bad.push(*x),
        }
    }
    bad.retain(|x| good.iter().all(|(seat, _)| seat != x));
    bad.sort_unstable();
    bad.dedup();
    let need = commitments.threshold();
    if good.len() < need {
        return Err(CombineError::NotEnough {
            good: good.len(),
            need,
            bad,
        });
    }
    Ok((at_zero(&good[..need]), bad))
}

/// `Σ s_i · Π_{j≠i} x_j / (x_j − x_i)`. The xs are distinct and below ℓ, so no difference is zero.
fn at_zero(shares: &[(MemberNumber, &Share)]) -> Zeroizing<Scalar> {
    let xs: Vec<Scalar> = shares.iter().map(|(x, _)| Scalar::from(x.get())).collect();
    let mut secret = Zeroizing::new(Scalar::ZERO);
    for (i, (_, share)) in shares.iter().enumerate() {
        let others = || xs.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, x)| x);
        let numerator: Scalar = others().product();
        let denominator: Scalar = others().map(|x| x - xs[i]).product();
        *secret += share.s * numerator * denominator.invert();
    }
    secret
}
