//! Names of things in the words of this program's output.

use casework::case::{Body, Deed, Hers, RequestStatus};
use protocol::statement::{AidStatus, Attention, Compartment, Holds, LapseStep, Outcome, Vote};

/// A compartment's name.
pub fn compartment(name: Compartment) -> &'static str {
    match name {
        Compartment::Account => "account",
        Compartment::Identity => "identity",
        Compartment::Consent => "consent",
        Compartment::Match => "match",
    }
}

/// Several, joined.
pub fn compartments(names: &[Compartment]) -> String {
    names
        .iter()
        .map(|name| compartment(*name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What a seat keeps.
pub fn holds(holds: Holds) -> &'static str {
    match holds {
        Holds::Share => "share",
        Holds::Document => "document",
        Holds::All => "all",
    }
}

/// An outcome as the statement writes it.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Opened => "opened",
        Outcome::DoesNotOpen => "does-not-open",
        Outcome::Referred => "referred",
        Outcome::Protected => "protected",
        Outcome::Investigated => "investigated",
        Outcome::Charged => "charged",
        Outcome::NoAction => "no-action",
    }
}

/// Where assistance stands.
pub fn aid_status(status: AidStatus) -> &'static str {
    match status {
        AidStatus::Offered => "offered",
        AidStatus::Accepted => "accepted",
        AidStatus::Declined => "declined",
        AidStatus::Delivered => "delivered",
    }
}

/// What a seat says that it did about danger.
pub fn attention(what: Attention) -> &'static str {
    match what {
        Attention::Wrote => "wrote to her what she can do now",
        Attention::Called => "told people who can act",
        Attention::Safe => "says that whoever was in danger is in safety",
        Attention::NoDanger => "says that nobody is in danger",
        Attention::Stands => "says that the danger is still there",
    }
}

/// As [`attention`], of a referral too.
pub fn deed(deed: Deed) -> String {
    match deed {
        Deed::Referred { reader } => format!("told reader {reader}"),
        Deed::Attended { what } => attention(what).to_owned(),
    }
}

/// An act in one line.
pub fn act(body: &Body) -> String {
    match body {
        Body::Ack(ack) => format!("seat {} holds its share ({})", ack.x, holds(ack.holds)),
        Body::Reject(reject) => format!("seat {} rejects what it was given", reject.x),
        Body::Referral(referral) => format!("seat {} told reader {}", referral.x, referral.reader),
        Body::Request(request) => {
            format!(
                "reader {} asks for {}",
                request.reader,
                compartments(&request.compartments)
            )
        }
        Body::Decision(decision) if decision.vote == Vote::Grant => format!("seat {} grants", decision.x),
        Body::Decision(decision) => format!("seat {} refuses", decision.x),
        Body::Objection(objection) => format!("seat {} objects", objection.by),
        Body::Hers(hers) => said(hers).to_owned(),
        Body::Release(release) => format!("seat {} releases its share", release.x),
        Body::Opened(opened) => format!("the reader: {}", outcome(opened.outcome)),
        Body::Finding(finding) => format!("finding: {}", outcome(finding.outcome)),
        Body::Aid(aid) => {
            let due = aid.due.map_or_else(String::new, |due| format!(", due {due}"));
            format!(
                "aid: {} by {}: {}{due}",
                aid.measure,
                aid.provider,
                aid_status(aid.status)
            )
        }
        Body::Attended(attended) => {
            use crate::clock::readable;
            let until = attended.until;
            let until = until.map_or_else(String::new, |until| format!(", and says more by {}", readable(until)));
            format!("seat {} {}{until}", attended.x, attention(attended.what))
        }
        Body::Lapse(lapse) => match lapse.step {
            LapseStep::Inquiry => format!("seat {} looked for her and did not find her", lapse.x),
            LapseStep::Decide => format!("seat {} decides that she cannot be asked", lapse.x),
        },
        Body::Erased(erased) => format!("seat {} destroyed its part", erased.x),
        Body::Decline(decline) => format!("seat {} declines: no testimony", decline.x),
    }
}

/// What she said, in one line.
pub fn said(hers: &Hers) -> &'static str {
    match hers {
        Hers::Consent(consent) if consent.yes => "she consents",
        Hers::Consent(_) => "she does not consent",
        Hers::Objection(_) => "she objects",
        Hers::Withdraw(withdraw) if withdraw.yes => "she withdraws it",
        Hers::Withdraw(_) => "she does not withdraw it any more",
        Hers::Alive(_) => "she gives a sign of life",
        Hers::Message(_) => "she writes to the seats",
        Hers::InboxChange(_) => "she has another inbox",
    }
}

/// Where a request stands, in one line.
pub fn status(status: RequestStatus) -> String {
    use crate::clock::readable;
    match status {
        RequestStatus::Deciding { until } => format!("decisions are awaited until {}", readable(until)),
        RequestStatus::Waiting { until } => format!("granted; releases from {}", readable(until)),
        RequestStatus::Releasing { since, until } => {
            format!("seats may release since {}, until {}", readable(since), readable(until))
        }
        RequestStatus::Released { opened_by, .. } => format!("released; to be opened by {}", readable(opened_by)),
        RequestStatus::Opened { report_by, .. } => format!("opened; a finding is due by {}", readable(report_by)),
        RequestStatus::Reported { since } => format!("a finding is there since {}", readable(since)),
        RequestStatus::Lapsed { since, .. } => format!("lapsed at {}: too few had granted it in time", readable(since)),
        RequestStatus::Dead { since } => format!("dead since {}: nothing is released for it", readable(since)),
    }
}
