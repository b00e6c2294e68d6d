//! A member's statements, filled from what the log says of the case: the same whoever signs them, command line or page.
//! Whether one is allowed now is another question ([`crate::admit`]).

use protocol::age::Recipient;
use protocol::ids::{Nonce, Version};
use protocol::share::check::Rejected;
use protocol::statement::{
    Ack, Aid, AidStatus, Attended, Attention, Compartment, Decision, Decline, DeclineReason, Erased, Erasure, Finding,
    Holds, Lapse, LapseStep, Objection, Opened, OpeningOutcome, Reason, Referral, Reject, Release, ReleasedFile,
    Request, Use,
};
use protocol::{CaseId, Day, Digest, MemberNumber, Origin};
use serde::Deserialize;

use crate::case::Case;
use crate::clock::DECIDE_S;
use crate::release::Allowed;

/// What every statement of a member begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonFields {
    /// The log's name.
    pub origin: Origin,
    /// Drawn for this statement.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
}

/// What a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Asking {
    /// Which compartments, ascending.
    pub compartments: Vec<Compartment>,
    /// 1–200 bytes.
    pub purpose: String,
    /// Which of the uses that she may have allowed; `None`: another.
    #[serde(rename = "use")]
    pub for_use: Option<Use>,
    /// 1–200 bytes.
    pub basis: String,
    /// Danger to life.
    pub urgent: bool,
}

/// What a reader says of a measure of assistance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Aiding {
    /// By its name in the law files.
    pub measure: String,
    /// 1–200 bytes.
    pub provider: String,
    /// Where it stands.
    pub status: AidStatus,
    /// By the end of which day; `None` once it is declined or delivered.
    pub due: Option<Day>,
}

/// What a seat says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    grants: Vec<Compartment>,
    refuses: Vec<Compartment>,
    reason: Option<Reason>,
}

impl Vote {
    /// Of what is asked, the account and the identity that stand in `grants` are granted, the other is refused for `reason`:
    /// whatever stands in `grants`, nothing is granted that is not asked. P is granted with them (§8.4).
    pub fn new(asked: &[Compartment], grants: &[Compartment], reason: Option<Reason>) -> Self {
        let asked = asked.iter().filter(|name| **name != Compartment::Consent);
        let (grants, refuses) = asked.partition::<Vec<Compartment>, _>(|name| grants.contains(name));
        Self {
            grants,
            refuses,
            reason,
        }
    }
}

impl CommonFields {
    /// Seat `x` holds its share of `case`; the ack repeats what `testimony` says (§7), and the flag of the share file.
    #[must_use]
    pub fn ack(self, case: &Case, x: MemberNumber, holds: Holds, danger: bool) -> Ack {
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
            policy: facts.policy.clone(),
            parent: facts.parent,
            x,
            holds,
            danger,
        }
    }

    /// A delivery to seat `x` failed a check; the case is not known to it, only the entry (§7).
    #[must_use]
    pub fn reject(self, entry: Digest, x: MemberNumber, rejected: &Rejected) -> Reject {
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
    pub fn referral(self, case: &Case, x: MemberNumber, reader: MemberNumber) -> Referral {
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

    /// Seat `x` decides on each compartment that a request asks for.
    #[must_use]
    pub fn decision(self, case: &Case, request: &Digest, x: MemberNumber, vote: Vote) -> Decision {
        Decision {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            x,
            grants: vote.grants,
            refuses: vote.refuses,
            reason: vote.reason,
            twin: None,
        }
    }

    /// Seat `x` objects.
    #[must_use]
    pub fn objection(self, case: &Case, request: &Digest, x: MemberNumber) -> Objection {
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

    /// Seat `x` releases these files, one for each compartment of `allowed`. `header`: SHA-256 of the slot-0 K-file.
    #[must_use]
    pub fn release(
        self,
        case: &Case,
        request: &Digest,
        x: MemberNumber,
        header: Digest,
        allowed: &Allowed,
        files: Vec<ReleasedFile>,
    ) -> Release {
        Release {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            x,
            header,
            grants: allowed.grants.clone(),
            objections: allowed.objections.clone(),
            consent: allowed.consent.clone(),
            files,
        }
    }

    /// Reader `x` asks for what was referred to it; what is released goes to `recipient` (§8.1).
    #[must_use]
    pub fn request(self, case: CaseId, x: MemberNumber, recipient: Recipient, asking: Asking) -> Request {
        Request {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case,
            compartments: asking.compartments,
            reader: x,
            purpose: asking.purpose,
            for_use: asking.for_use,
            basis: asking.basis,
            recipient,
            urgent: asking.urgent,
            decide_by: self.time + DECIDE_S,
            twin: None,
        }
    }

    /// Seat `x` says what was done about danger, and by when it says more.
    #[must_use]
    pub fn attended(self, case: &Case, x: MemberNumber, what: Attention, until: Option<u64>) -> Attended {
        Attended {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            x,
            what,
            until,
        }
    }

    /// Seat `x` takes a step of a lapse.
    #[must_use]
    pub fn lapse(self, case: &Case, x: MemberNumber, step: LapseStep) -> Lapse {
        Lapse {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            step,
            x,
        }
    }

    /// Seat `x` has destroyed what it held.
    #[must_use]
    pub fn erased(self, case: &Case, x: MemberNumber, what: Erasure) -> Erased {
        Erased {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            x,
            what,
            twin: None,
        }
    }

    /// Seat `x` holds that the filing is no testimony.
    #[must_use]
    pub fn decline(self, case: &Case, x: MemberNumber) -> Decline {
        Decline {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            x,
            reason: DeclineReason::Spam,
        }
    }

    /// The reader opened what was released, or could not.
    #[must_use]
    pub fn opened(self, case: &Case, request: &Digest, outcome: OpeningOutcome) -> Opened {
        Opened {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            outcome,
            twin: None,
        }
    }

    /// The reader says what was done with it.
    #[must_use]
    pub fn finding(self, case: &Case, request: &Digest, outcome: OpeningOutcome) -> Finding {
        Finding {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            outcome,
            twin: None,
        }
    }

    /// The reader says where assistance stands.
    #[must_use]
    pub fn aid(self, case: &Case, request: &Digest, aiding: Aiding) -> Aid {
        Aid {
            v: Version,
            origin: self.origin,
            nonce: self.nonce,
            time: self.time,
            case: case.id(),
            request: *request,
            measure: aiding.measure,
            provider: aiding.provider,
            status: aiding.status,
            due: aiding.due,
        }
    }
}
