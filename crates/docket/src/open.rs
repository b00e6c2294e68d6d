//! The reader's side: what may be opened, and which acts are missing from the log (§8.1, §19).

use protocol::statement::Compartment;
use protocol::{Digest, X};
use serde::Serialize;

use crate::case::Case;
use crate::release::NotNow;

/// An act that should stand in the log before content is shown, and does not. It does not keep a reader from opening,
/// but the software says so first: the content is then evidence of a breach (§19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "breach", rename_all = "kebab-case")]
pub enum Breach {
    /// No valid request of that digest is in the log.
    Request,
    /// Fewer grants than needed.
    Grants {
        /// Which compartment.
        name: Compartment,
        /// Grants in the log.
        have: usize,
        /// Grants needed.
        need: usize,
    },
    /// A seat's release file came, but the log has no valid `release` of it for this compartment.
    Release {
        /// Which compartment.
        name: Compartment,
        /// Who.
        x: X,
    },
    /// The compartment was closed for this request.
    Closed {
        /// Which compartment.
        name: Compartment,
    },
}

/// Compartments of which the log has t valid releases for this request.
///
/// # Errors
/// [`NotNow`] when there is none.
pub fn may_open(_case: &Case, _request: &Digest) -> Result<Vec<Compartment>, NotNow> {
    todo!()
}

/// What is missing in the log for a reader that holds release files `(compartment, seat)` for this request.
pub fn breaches(_case: &Case, _request: &Digest, _files: &[(Compartment, X)]) -> Vec<Breach> {
    todo!()
}
