//! A seat's statements, filled from what the log says of the case: the same whoever signs them, command line or page.
//! Whether one is allowed now is another question ([`crate::admit`]).

use protocol::ids::{Nonce, Version};
use protocol::share::check::Rejected;
use protocol::statement::{Ack, Decision, Holds, Objection, Reason, Referral, Reject, Release, ReleasedFile, Vote};
use protocol::{Digest, Origin, X};

use crate::case::Case;

/// What every statement of a member begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The log's name.
    pub origin: Origin,
    /// Drawn for this statement.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
}

impl Head {
    /// Seat `x` holds its share of `case`; the ack repeats what `testimony` says (§7).
    #[must_use]
    pub fn ack(self, case: &Case, x: X, holds: Holds) -> Ack {
        let facts = case.facts();
        Ack {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: facts.case,
            testimony: facts.testimony,
            match_request: facts.match_request,
            seats: facts.dealt.clone(),
            x,
            holds,
        }
    }

    /// A delivery to seat `x` failed a check; the case is not known to it, only the entry (§7).
    #[must_use]
    pub fn reject(self, entry: Digest, x: X, rejected: &Rejected) -> Reject {
        Reject {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            entry,
            x,
            check: rejected.check,
            got: rejected.got,
        }
    }

    /// Seat `x` tells `reader` of `case` and of the seats that hold it.
    #[must_use]
    pub fn referral(self, case: &Case, x: X, reader: X) -> Referral {
        Referral {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            x,
            reader,
            seats: case.facts().dealt.clone(),
        }
    }

    /// Seat `x` grants or refuses, with a reason for a refusal.
    #[must_use]
    pub fn decision(self, case: &Case, request: &Digest, x: X, vote: Vote, reason: Option<Reason>) -> Decision {
        Decision {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            x,
            vote,
            reason,
            twin: None,
        }
    }

    /// Seat `x` objects.
    #[must_use]
    pub fn objection(self, case: &Case, request: &Digest, x: X) -> Objection {
        Objection {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            by: x,
            n: None,
            twin: None,
        }
    }

    /// Seat `x` releases these files. `header`: SHA-256 of the slot-0 K-file.
    #[must_use]
    pub fn release(self, case: &Case, request: &Digest, x: X, header: Digest, files: Vec<ReleasedFile>) -> Release {
        Release {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            x,
            header,
            files,
        }
    }
}
