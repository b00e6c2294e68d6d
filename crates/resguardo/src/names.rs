//! Names of things in the words of this program's output.

use crate::language::t;
use casework::case::{Body, DeclarantAct, Deed, RequestStatus};
use client::HerAct;
use pages::actos::DocketStatus;
use protocol::statement::{
    AidStatus, Alive, Attention, Check, Compartment, Consent, Count, DeclarantObjection, DocketChoice, Holds,
    InboxChange, LapseStep, OpeningOutcome, Payload as _, Reason, Reject, Request, Twin, TwinAct, TwinOutcome, Use,
    Withdraw,
};

/// A compartment's name.
pub fn compartment(name: Compartment) -> &'static str {
    match name {
        Compartment::Account => t!("account"),
        Compartment::Identity => t!("identity"),
        Compartment::Consent => t!("consent"),
        Compartment::Match => t!("match"),
    }
}

/// A compartment in the names of files, the same in every language.
pub fn compartment_file(name: Compartment) -> &'static str {
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
        Holds::Share => t!("share"),
        Holds::Document => t!("document"),
        Holds::All => t!("all"),
    }
}

/// How a request stands.
pub fn docket_status(status: DocketStatus) -> &'static str {
    match status {
        DocketStatus::Waiting => t!("under way, in time"),
        DocketStatus::Overdue => t!("overdue"),
        DocketStatus::Refused => t!("refused"),
        DocketStatus::Lapsed => t!("without its answers in time"),
        DocketStatus::DoesNotOpen => t!("could not be opened"),
        DocketStatus::Reported => t!("with an outcome"),
        DocketStatus::Erased => t!("a testimony destroyed"),
        DocketStatus::NoRequest => t!("the request itself is not published"),
    }
}

/// What a duty report counts.
pub fn count(count: Count) -> &'static str {
    match count {
        Count::Acknowledged => t!("filings acknowledged"),
        Count::AcksLate => t!("acknowledgements overdue"),
        Count::Decided => t!("requests decided"),
        Count::DecisionsOverdue => t!("requests not decided in time"),
        Count::DangerOverdue => t!("danger on which nobody had acted in time"),
        Count::ErasedOverdue => t!("testimonies to be destroyed, overdue"),
        Count::MessagesLate => t!("first messages to her overdue"),
        Count::ObjectsMissing => t!("testimonies of which what is kept is gone or does not open"),
        Count::Gaps => t!("acts whose statement nobody shows"),
        Count::FindingsOverdue => t!("openings without a report in time"),
    }
}

/// What came of a testimony, as people read it.
pub fn outcome(outcome: OpeningOutcome) -> &'static str {
    match outcome {
        OpeningOutcome::Opened => t!("opened"),
        OpeningOutcome::DoesNotOpen => t!("it does not open"),
        OpeningOutcome::Referred => t!("passed on to an authority"),
        OpeningOutcome::Protected => t!("protection was given"),
        OpeningOutcome::Investigated => t!("it is being investigated"),
        OpeningOutcome::Charged => t!("charges were brought"),
        OpeningOutcome::NoAction => t!("nothing was done"),
    }
}

/// What she chose that is published of what is done (§10.1).
pub fn docket_choice(choice: DocketChoice) -> &'static str {
    match choice {
        DocketChoice::Normal => t!("each act, weeks later"),
        DocketChoice::CountsOnly => t!("numbers alone"),
    }
}

/// What the docket says of an act.
pub fn twin(twin: &Twin) -> String {
    let what = twin_act(twin.act, twin.outcome);
    let docket = twin.docket.to_hex().chars().take(8).collect::<String>();
    t!("{} by {} in {}, docket {}", what, twin.seat, twin.week, docket)
}

/// An act, as the docket names it.
pub fn twin_act(act: TwinAct, outcome: Option<TwinOutcome>) -> &'static str {
    match (act, outcome) {
        (TwinAct::Request, _) => t!("a request"),
        (TwinAct::Objection, _) => t!("an objection"),
        (_, Some(outcome)) => twin_outcome(outcome),
        (_, None) => "",
    }
}

/// What came of an act, as the docket says it.
pub fn twin_outcome(outcome: TwinOutcome) -> &'static str {
    match outcome {
        TwinOutcome::Granted => t!("granted"),
        TwinOutcome::NoBasis => t!("refused: no legal basis"),
        TwinOutcome::Policy => t!("refused: against her choices or the council's rules"),
        TwinOutcome::Other => t!("refused for another reason"),
        TwinOutcome::Opened => self::outcome(OpeningOutcome::Opened),
        TwinOutcome::DoesNotOpen => self::outcome(OpeningOutcome::DoesNotOpen),
        TwinOutcome::Referred => self::outcome(OpeningOutcome::Referred),
        TwinOutcome::Protected => self::outcome(OpeningOutcome::Protected),
        TwinOutcome::Investigated => self::outcome(OpeningOutcome::Investigated),
        TwinOutcome::Charged => self::outcome(OpeningOutcome::Charged),
        TwinOutcome::NoAction => self::outcome(OpeningOutcome::NoAction),
        TwinOutcome::Erased => t!("destroyed"),
    }
}

/// Where assistance stands.
pub fn aid_status(status: AidStatus) -> &'static str {
    match status {
        AidStatus::Offered => t!("offered"),
        AidStatus::Accepted => t!("accepted"),
        AidStatus::Declined => t!("declined"),
        AidStatus::Delivered => t!("delivered"),
    }
}

/// What is wrong with a share.
pub fn check(check: Check) -> &'static str {
    match check {
        Check::Missing => t!("no share file came"),
        Check::Age => t!("the share file does not open with this seat's key"),
        Check::Layout => t!("it is not laid out as a share file of this seat"),
        Check::Salt => t!("the log's entry, the header file and the share do not fit together"),
        Check::Header => t!("its statements do not verify or do not agree"),
        Check::Digest => t!("another share file than the testimony names"),
        Check::Commitment => t!("the part does not match its commitments"),
    }
}

/// Why a seat refuses.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoBasis => t!("no legal basis"),
        Reason::Policy => t!("against her choices or the council's rules"),
        Reason::Other => t!("for another reason"),
    }
}

/// What a testimony may be used for.
pub fn for_use(for_use: Use) -> &'static str {
    match for_use {
        Use::Interview => t!("to write to her with questions"),
        Use::Support => t!("to get her support"),
        Use::Authority => t!("to share it with an authority"),
        Use::Organisation => t!("to share it with a civil society organisation"),
        Use::Statistics => t!("to count it, with nothing that points to her"),
        Use::Research => t!("to study it, with nothing that points to her"),
    }
}

/// A measure of assistance as the law names it, in Spanish; one of a reader's own without its mark.
pub fn measure(name: &str) -> &str {
    law_data::library().map_or(name, |library| library.measure(name))
}

/// What came in an office cell, by the name of its statement.
pub fn cell(name: &str) -> &'static str {
    match name {
        Request::NAME => t!("a reader's request"),
        Reject::NAME => t!("that a seat rejects what it was given"),
        Consent::NAME => t!("her answer to a request"),
        DeclarantObjection::NAME => t!("her objection"),
        Withdraw::NAME => t!("her withdrawal, or that she takes it back"),
        Alive::NAME => t!("her sign of life"),
        InboxChange::NAME => t!("that messages to her go to other words"),
        _ => t!("her message"),
    }
}

/// What she sent, by the name of its statement.
pub fn sent(act: &HerAct) -> &'static str {
    match (act.name.as_str(), act.says.as_deref()) {
        (Consent::NAME, Some("yes")) => t!("your consent"),
        (Consent::NAME, _) => t!("that you do not consent"),
        (DeclarantObjection::NAME, _) => t!("your objection"),
        (Withdraw::NAME, Some("yes")) => t!("your withdrawal"),
        (Withdraw::NAME, _) => t!("that you do not withdraw it any more"),
        (Alive::NAME, _) => t!("your sign of life"),
        (InboxChange::NAME, _) => t!("that messages go to your new words"),
        _ => t!("your message"),
    }
}

/// What a seat says that it did about danger.
pub fn attention(what: Attention) -> &'static str {
    match what {
        Attention::Wrote => t!("wrote to her what she can do now"),
        Attention::Called => t!("told people who can act"),
        Attention::Safe => t!("says that whoever was in danger is in safety"),
        Attention::NoDanger => t!("says that nobody is in danger"),
        Attention::Stands => t!("says that the danger is still there"),
    }
}

/// As [`attention`], of a referral too.
pub fn deed(deed: Deed) -> String {
    match deed {
        Deed::Referred { reader } => t!("told reader {}", reader),
        Deed::Attended { what } => attention(what).to_owned(),
    }
}

/// An act in one line.
pub fn act(body: &Body) -> String {
    match body {
        Body::Ack(ack) => t!("seat {} holds its share ({})", ack.x, holds(ack.holds)),
        Body::Reject(reject) => t!("seat {} rejects what it was given: {}", reject.x, check(reject.check)),
        Body::Referral(referral) => t!("seat {} told reader {}", referral.x, referral.reader),
        Body::Request(request) => {
            t!(
                "reader {} asks for {}",
                request.reader,
                compartments(&request.compartments)
            )
        }
        Body::Decision(decision) => {
            let (grants, refuses) = (compartments(&decision.grants), compartments(&decision.refuses));
            let why = decision.reason.map_or("", reason);
            match (decision.grants.is_empty(), decision.refuses.is_empty()) {
                (_, true) => t!("seat {} grants {}", decision.x, grants),
                (true, false) => t!("seat {} refuses {}: {}", decision.x, refuses, why),
                (false, false) => t!("seat {} grants {} and refuses {}: {}", decision.x, grants, refuses, why),
            }
        }
        Body::Objection(objection) => t!("seat {} objects", objection.by),
        Body::Hers(hers) => said(hers).to_owned(),
        Body::Release(release) => t!("seat {} releases its share", release.x),
        Body::Opened(opened) => t!("the reader: {}", outcome(opened.outcome)),
        Body::Finding(finding) => t!("finding: {}", outcome(finding.outcome)),
        Body::Aid(aid) => {
            let due = aid.due.map_or_else(String::new, |due| t!(", due {}", due));
            t!(
                "aid: {} by {}: {}{}",
                measure(&aid.measure),
                aid.provider,
                aid_status(aid.status),
                due
            )
        }
        Body::Attended(attended) => {
            use crate::clock::readable;
            let until = attended.until;
            let until = until.map_or_else(String::new, |until| t!(", and says more by {}", readable(until)));
            t!("seat {} {}{}", attended.x, attention(attended.what), until)
        }
        Body::Lapse(lapse) => match lapse.step {
            LapseStep::Inquiry => t!("seat {} looked for her and did not find her", lapse.x),
            LapseStep::Decide => t!("seat {} decides that she cannot be asked", lapse.x),
        },
        Body::Erased(erased) => t!("seat {} destroyed its part", erased.x),
        Body::Decline(decline) => t!("seat {} declines: no testimony", decline.x),
    }
}

/// What she said, in one line.
pub fn said(hers: &DeclarantAct) -> &'static str {
    match hers {
        DeclarantAct::Consent(consent) if consent.yes => t!("she consents"),
        DeclarantAct::Consent(_) => t!("she does not consent"),
        DeclarantAct::Objection(_) => t!("she objects"),
        DeclarantAct::Withdraw(withdraw) if withdraw.yes => t!("she withdraws it"),
        DeclarantAct::Withdraw(_) => t!("she does not withdraw it any more"),
        DeclarantAct::Alive(_) => t!("she gives a sign of life"),
        DeclarantAct::Message(_) => t!("she writes to the seats"),
        DeclarantAct::InboxChange(_) => t!("messages to her go to other words"),
    }
}

/// Where a request stands, in one line.
pub fn status(status: RequestStatus) -> String {
    use crate::clock::readable;
    match status {
        RequestStatus::Deciding { until } => t!("decisions are awaited until {}", readable(until)),
        RequestStatus::Waiting { until } => t!("granted; releases from {}", readable(until)),
        RequestStatus::Releasing { since, until } => {
            t!("seats may release since {}, until {}", readable(since), readable(until))
        }
        RequestStatus::Released { opened_by, .. } => t!("released; to be opened by {}", readable(opened_by)),
        RequestStatus::Opened { report_by, .. } => t!("opened; a finding is due by {}", readable(report_by)),
        RequestStatus::Reported { since } => t!("a finding is there since {}", readable(since)),
        RequestStatus::Lapsed { since, .. } => t!("lapsed at {}: too few had granted it in time", readable(since)),
        RequestStatus::Dead { since } => t!("dead since {}: nothing is released for it", readable(since)),
    }
}
