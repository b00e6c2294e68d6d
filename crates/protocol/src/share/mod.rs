//! Pedersen sharing of a compartment's secret over ristretto255 (§5.2, §7, §8.1).

pub mod check;
pub mod combine;
pub mod compartment;
pub mod consent;
pub mod deal;
pub mod file;
pub mod moved;
pub mod sealed;

pub use combine::{CombineError, combine};
pub use deal::{Coefficients, Commitments, Dealing, Share, deal};
pub use file::{ReleaseFile, ShareFile};
