//! What seats say to a reader's requests before the reader can follow the case.

use std::collections::BTreeSet;

use protocol::statement::{Compartment, Decision};
use protocol::{Digest, MemberNumber};

use super::Reader;

impl Reader {
    /// Decisions that came to a request's key, each verified, the first of each seat.
    pub fn decisions(&self, request: &Digest) -> Vec<Decision> {
        let Some(own) = self.requests.get(request) else {
            return Vec::new();
        };
        let council = self.member.log.registry().current();
        let mut decisions: Vec<Decision> = Vec::new();
        for statement in &own.released.statements {
            let Ok(claimed) = statement.unverified::<Decision>() else {
                continue;
            };
            let key = council.and_then(|council| council.seat(claimed.x)).map(|seat| seat.key);
            let verified = key.and_then(|key| statement.verify::<Decision>(&[key]).ok());
            if let Some(decision) = verified.map(|verified| verified.into_inner())
                && decision.request == *request
                && decision.answers(&own.request.compartments)
                && !decisions.iter().any(|first| first.x == decision.x)
            {
                decisions.push(decision);
            }
        }
        decisions
    }

    /// Whether a compartment opens no more for a request, as far as decisions and releases came to its key: too many seats of
    /// the council have refused it, or released without it. Before the first release it knows nothing else of the case.
    pub fn is_closed(&self, request: &Digest, name: Compartment) -> bool {
        let council = self.member.log.registry().current();
        let (Some(own), Some(council)) = (self.requests.get(request), council) else {
            return false;
        };
        let Some(threshold) = council.threshold(name) else {
            return false;
        };
        let decided = self.decisions(request).into_iter();
        let refused = decided
            .filter(|decision| decision.refuses.contains(&name))
            .map(|decision| decision.x);
        let asked = own.request.compartments.iter();
        let released = asked.flat_map(|name| own.released.seats(*name));
        let with = own.released.seats(name);
        let out: BTreeSet<MemberNumber> = refused.chain(released.filter(|x| !with.contains(x))).collect();
        let left = council.seats.iter().filter(|seat| !out.contains(&seat.x)).count();
        left < usize::from(threshold)
    }
}
