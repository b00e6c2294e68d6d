//! The reader's side: what may be opened, and which acts are missing from the log (§8.1, §19).

use std::collections::BTreeSet;

use protocol::statement::Compartment;
use protocol::{Digest, X};
use serde::Serialize;

use crate::case::Case;
use crate::release::{NotNow, Why};

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
pub fn may_open(case: &Case, request: &Digest) -> Result<Vec<Compartment>, NotNow> {
    let state = case.request(request).ok_or_else(|| NotNow::because(Why::NoRequest))?;
    let released = state
        .compartments
        .iter()
        .filter(|compartment| compartment.released_at.is_some());
    let names: Vec<Compartment> = released.map(|compartment| compartment.name).collect();
    if !names.is_empty() {
        return Ok(names);
    }
    let nearest = state
        .compartments
        .iter()
        .min_by_key(|compartment| usize::from(compartment.threshold).saturating_sub(compartment.released_by.len()));
    let (have, need) = nearest.map_or((0, 0), |c| (c.released_by.len(), usize::from(c.threshold)));
    Err(NotNow::because(Why::TooFewReleases { have, need }))
}

/// What is missing in the log for a reader that holds release files `(compartment, seat)` for this request.
pub fn breaches(case: &Case, request: &Digest, files: &[(Compartment, X)]) -> Vec<Breach> {
    let Some(state) = case.request(request) else {
        return vec![Breach::Request];
    };
    let names: BTreeSet<Compartment> = files.iter().map(|(name, _)| *name).collect();
    let mut breaches = Vec::new();
    for name in names {
        let Some(compartment) = state.compartment(name) else {
            breaches.push(Breach::Closed { name });
            continue;
        };
        if compartment.stands_at.is_none() {
            let (have, need) = (state.granted_by().len(), compartment.need);
            breaches.push(Breach::Grants { name, have, need });
        } else if !compartment.is_open {
            breaches.push(Breach::Closed { name });
        }
        let seats: BTreeSet<X> = files.iter().filter(|file| file.0 == name).map(|file| file.1).collect();
        let unlogged = seats.into_iter().filter(|x| !compartment.released_by.contains(x));
        breaches.extend(unlogged.map(|x| Breach::Release { name, x }));
    }
    breaches
}
