//! What follows from grants and objections: how many grants are needed, and until when a request waits (§8.3, §19).
//!
//! The same arithmetic serves a reader of the case, who counts what is shown to it, and a release, which is judged by what
//! its author says that it counted.

use protocol::statement::Compartment;

use crate::clock::OBJECTED_S;
use crate::slots::Found;

/// A decision that grants something of what is asked.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub found: Found,
    /// What it grants, of account and identity.
    pub names: Vec<Compartment>,
}

/// Grants by distinct seats, and objections, both by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weighed {
    pub grants: Vec<Grant>,
    pub objections: Vec<Found>,
}

impl Weighed {
    /// The threshold, and one more if there is an objection: at most n′, for that is at least t_identity + 1 (§5.5).
    pub fn need(&self, threshold: u8) -> usize {
        usize::from(threshold) + usize::from(!self.objections.is_empty())
    }

    /// How many grants a compartment has. P has those of what has most: seats grant it with whatever they grant, so it
    /// stands with one of them and never by itself (§8.4).
    pub fn granted(&self, name: Compartment) -> usize {
        self.counted(name).len()
    }

    /// When the last of `need` grants of a compartment was included.
    pub fn stands_at(&self, name: Compartment, need: usize) -> Option<u64> {
        self.counted(name).get(..need)?.iter().copied().max()
    }

    /// When each grant of a compartment was included.
    fn counted(&self, name: Compartment) -> Vec<u64> {
        let of = |name| {
            let grants = self.grants.iter().filter(move |grant| grant.names.contains(&name));
            grants.map(|grant| grant.found.included_at).collect::<Vec<u64>>()
        };
        match name {
            Compartment::Consent => {
                let (account, identity) = (of(Compartment::Account), of(Compartment::Identity));
                if identity.len() > account.len() {
                    identity
                } else {
                    account
                }
            }
            name => of(name),
        }
    }

    /// The last second at which a grant may be included.
    pub fn grants_until(&self, decide_by: u64) -> u64 {
        self.objected_until().max(decide_by)
    }

    /// The end of the waiting time: `objection_s` from the t_account-th grant of whatever is asked, for at least one honest
    /// seat had seen the request by then, and 14 days from each objection. `None` before that grant.
    pub fn waits_until(&self, account: u8, objection_s: u64) -> Option<u64> {
        let seen = self.grants.get(..usize::from(account))?;
        let seen_at = seen.iter().map(|grant| grant.found.included_at).max()?;
        Some(seen_at.saturating_add(objection_s).max(self.objected_until()))
    }

    fn objected_until(&self) -> u64 {
        let ends = self.objections.iter().map(|found| found.included_at);
        ends.max().map_or(0, |last| last.saturating_add(OBJECTED_S))
    }
}
