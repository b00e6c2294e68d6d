//! What follows from grants and objections: how many grants are needed, and until when a request waits (§8.3, §19).
//!
//! The same arithmetic serves a reader of the case, who counts what is shown to it, and a release, which is judged by what
//! its author says that it counted.

use crate::clock::OBJECTED_S;
use crate::slots::Found;

/// Grants by distinct seats, and objections, both by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weighed {
    pub grants: Vec<Found>,
    pub objections: Vec<Found>,
}

impl Weighed {
    /// The threshold, and one more if there is an objection: at most n′, for that is at least t_identity + 1 (§5.5).
    pub fn need(&self, threshold: u8) -> usize {
        usize::from(threshold) + usize::from(!self.objections.is_empty())
    }

    /// When the last of `need` grants was included.
    pub fn stands_at(&self, need: usize) -> Option<u64> {
        let grants = self.grants.get(..need)?;
        grants.iter().map(|found| found.included_at).max()
    }

    /// The last second at which a grant may be included.
    pub fn grants_until(&self, decide_by: u64) -> u64 {
        self.objected_until().max(decide_by)
    }

    /// The end of the waiting time: `objection_s` from the t_account-th grant, for at least one honest seat had seen the
    /// request by then, and 14 days from each objection. `None` before that grant.
    pub fn waits_until(&self, account: u8, objection_s: u64) -> Option<u64> {
        let seen_at = self.stands_at(usize::from(account))?;
        Some(seen_at.saturating_add(objection_s).max(self.objected_until()))
    }

    fn objected_until(&self) -> u64 {
        let ends = self.objections.iter().map(|found| found.included_at);
        ends.max().map_or(0, |last| last.saturating_add(OBJECTED_S))
    }
}
