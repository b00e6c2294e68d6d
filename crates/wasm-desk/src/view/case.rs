//! A case as the page shows it, with its requests.

use casework::open::is_closed;
use casework::{Body, DangerStatus, FollowedCase, LogTime, NotNow, RequestState, RequestStatus, admit};
use client::{Adds, Member, Outcome, Reader, Seat};
use protocol::ids::Day;
use protocol::statement::{AidStatus, Attention, Compartment, DocketChoice, Holds, OpeningOutcome, Reason, Use};
use protocol::{CaseId, Digest, MemberNumber};
use serde::Serialize;

use super::{Fingerprint, Named, Refused, institution, signed};

/// A case that this member can follow.
#[derive(Serialize)]
pub struct CaseView<'a> {
    id: CaseId,
    code: String,
    filed_at: u64,
    is_safe: bool,
    danger: bool,
    /// Where the danger stands.
    attention: DangerStatus,
    /// What of danger this seat may say now.
    attend: Vec<Attention>,
    interpreter: bool,
    parent: Option<ParentView>,
    allowed: &'a [Use],
    ask_me_after: Option<u32>,
    /// What she chose that is published of what is done.
    docket: DocketChoice,
    acks: Vec<AckView<'a>>,
    may_ack: bool,
    /// Whether this seat may write to her; no view of a reader says so.
    may_write: bool,
    may_decline: bool,
    refer: Vec<ReferView<'a>>,
    /// A reader knows of it.
    is_referred: bool,
    compartments: Vec<Compartment>,
    requests: Vec<RequestView<'a>>,
}

/// The filing to which a case says that it adds.
#[derive(Serialize)]
struct ParentView {
    case: CaseId,
    code: String,
    adds: Adds,
}

/// A seat that was dealt a share.
#[derive(Serialize)]
struct AckView<'a> {
    #[serde(flatten)]
    seat: Named<'a>,
    holds: bool,
}

/// A reader to whom the case may be referred.
#[derive(Serialize)]
struct ReferView<'a> {
    #[serde(flatten)]
    reader: Named<'a>,
    sent: bool,
}

#[derive(Serialize)]
struct RequestView<'a> {
    digest: Digest,
    reader: MemberNumber,
    institution: Option<&'a str>,
    purpose: &'a str,
    #[serde(rename = "use")]
    for_use: Option<Use>,
    is_allowed: bool,
    basis: &'a str,
    urgent: bool,
    recipient: Fingerprint,
    compartments: Vec<CompartmentView>,
    seats: Vec<SeatView<'a>>,
    logged_at: u64,
    decide_by: u64,
    /// Last second for an objection.
    object_by: u64,
    /// As it was signed.
    statement: Option<String>,
    waits_until: Option<u64>,
    objected: bool,
    status: RequestStatus,
    not_now: NotNowView,
    /// What this seat would release now.
    releases: Vec<Compartment>,
    sent: Vec<&'a str>,
    opened: bool,
    findings: Vec<OpeningOutcome>,
    aid: Vec<AidView<'a>>,
    has_key: bool,
}

#[derive(Serialize)]
struct CompartmentView {
    name: Compartment,
    grants: usize,
    need: usize,
    released: usize,
    threshold: u8,
    /// It opens no more for this request.
    is_closed: bool,
}

/// What a seat has done about a request.
#[derive(Serialize)]
struct SeatView<'a> {
    #[serde(flatten)]
    seat: Named<'a>,
    grants: &'a [Compartment],
    refuses: &'a [Compartment],
    reason: Option<Reason>,
    released: bool,
}

/// Why each act of this office is not allowed now; `None` where it is.
#[derive(Serialize)]
#[serde(untagged)]
enum NotNowView {
    Seat {
        decide: Option<Refused>,
        object: Option<Refused>,
        release: Option<Refused>,
    },
    Reader {
        finding: Option<Refused>,
        aid: Option<Refused>,
    },
}

#[derive(Serialize)]
struct AidView<'a> {
    measure: &'a str,
    provider: &'a str,
    status: AidStatus,
    due: Option<Day>,
}

impl<'a> CaseView<'a> {
    /// As a seat sees it.
    pub fn of_seat(seat: &'a Seat, held: &'a FollowedCase, moment: &LogTime) -> Outcome<Self> {
        let (member, case) = (seat.member(), &held.case);
        let (x, registry) = (member.x(), member.log().registry());
        let latest = member.log().latest_with_clock()?;
        let request = |state: &'a RequestState| {
            let digest = &state.digest;
            let release = admit::release(case, digest, &seat.as_key(), &latest, registry);
            let releases = release.as_ref().map(|allowed| allowed.compartments.clone());
            let releases = releases.unwrap_or_default();
            let not_now = NotNowView::Seat {
                decide: refused(admit::decision(case, digest, x, moment, registry)),
                object: refused(admit::objection(case, digest, Some(x), moment, registry)),
                release: refused(release.map(drop)),
            };
            let view = RequestView::of(member, held, state, moment, not_now, false);
            RequestView { releases, ..view }
        };
        let mut view = Self::of(member, held, case.requests().iter().map(request).collect(), moment);
        view.may_ack = admit::ack(case, x, Holds::Share, registry).is_ok();
        view.may_write = case.facts().dealt.contains(&x);
        view.may_decline = admit::decline(case, x, registry).is_ok();
        let may_say = |what: &Attention| admit::attended(case, x, *what, moment, registry).is_ok();
        view.attend = Attention::ALL.into_iter().filter(may_say).collect();
        let readers = registry.current().map(|council| council.readers.iter());
        let readers = readers.into_iter().flatten();
        let may_refer = readers.filter(|reader| admit::referral(case, x, reader.x, registry).is_ok());
        let refer = may_refer.map(|reader| ReferView {
            sent: is_referred(member, held, reader.x),
            reader: Named::of(reader),
        });
        view.refer = refer.collect();
        Ok(view)
    }

    /// As a reader sees it.
    pub fn of_reader(reader: &'a Reader, held: &'a FollowedCase, moment: &LogTime) -> Self {
        let (member, case) = (reader.member(), &held.case);
        let (x, registry) = (member.x(), member.log().registry());
        let request = |state: &'a RequestState| {
            let not_now = NotNowView::Reader {
                finding: refused(admit::finding(case, &state.digest, x, registry)),
                aid: refused(admit::aid(case, &state.digest, x, registry)),
            };
            let has_key = reader.requests().contains_key(&state.digest);
            RequestView::of(member, held, state, moment, not_now, has_key)
        };
        Self::of(member, held, case.requests().iter().map(request).collect(), moment)
    }

    fn of(member: &'a Member, held: &'a FollowedCase, requests: Vec<RequestView<'a>>, moment: &LogTime) -> Self {
        let (case, facts) = (&held.case, held.case.facts());
        let acks = facts.dealt.iter().map(|x| AckView {
            seat: Named::by_number(member, *x),
            holds: case.holds_share(*x),
        });
        Self {
            id: case.id(),
            code: case.id().code(),
            filed_at: case.filed().included_at,
            is_safe: case.is_safe(),
            danger: held.flags.danger || !case.danger().said_by.is_empty(),
            attention: case.danger_status(moment.time()),
            attend: Vec::new(),
            interpreter: held.flags.interpreter,
            parent: member.parent_of(held).map(|(case, adds)| ParentView {
                case,
                code: case.code(),
                adds,
            }),
            allowed: &facts.policy.allowed,
            ask_me_after: facts.policy.ask_me_after,
            docket: facts.policy.docket,
            acks: acks.collect(),
            may_ack: false,
            may_write: false,
            may_decline: false,
            refer: Vec::new(),
            is_referred: case.counting().any(|(_, body)| matches!(body, Body::Referral(_))),
            compartments: facts.compartments.iter().map(|(name, _)| *name).collect(),
            requests,
        }
    }
}

fn is_referred(member: &Member, held: &FollowedCase, reader: MemberNumber) -> bool {
    let mut pending = member.pending().iter().filter(|pending| pending.case == held.case.id());
    pending.any(|pending| pending.act.name == "referral" && pending.act.about == reader.to_string())
}

fn refused(outcome: Result<(), NotNow>) -> Option<Refused> {
    outcome.err().map(Refused::of)
}

impl<'a> RequestView<'a> {
    fn of(
        member: &'a Member,
        held: &'a FollowedCase,
        state: &'a RequestState,
        moment: &LogTime,
        not_now: NotNowView,
        has_key: bool,
    ) -> Self {
        let (request, digest) = (&state.request, state.digest.to_hex());
        let seats = state.dealt.iter().map(|x| {
            let decision = state.decision_of(*x);
            SeatView {
                seat: Named::by_number(member, *x),
                grants: decision.map_or(&[], |decision| &decision.grants),
                refuses: decision.map_or(&[], |decision| &decision.refuses),
                reason: decision.and_then(|decision| decision.reason),
                released: state.release_of(*x).is_some(),
            }
        });
        let compartments = state.compartments.iter().map(|compartment| CompartmentView {
            name: compartment.name,
            grants: state.granted(compartment.name),
            need: compartment.need,
            released: compartment.released_by.len(),
            threshold: compartment.threshold,
            is_closed: is_closed(&held.case, &state.digest, compartment.name, moment.time()),
        });
        let pending = member.pending().iter().filter(|pending| pending.case == held.case.id());
        let sent = pending.filter(|pending| pending.act.about.starts_with(&digest));
        let aid = state.aid().into_iter().map(|aid| AidView {
            measure: &aid.measure,
            provider: &aid.provider,
            status: aid.status,
            due: aid.due,
        });
        Self {
            digest: state.digest,
            reader: request.reader,
            institution: institution(member, request.reader),
            purpose: &request.purpose,
            for_use: request.for_use,
            is_allowed: held.case.facts().policy.allows(request.for_use),
            basis: &request.basis,
            urgent: request.urgent,
            recipient: Fingerprint::of(Digest::of(request.recipient.to_string().as_bytes())),
            compartments: compartments.collect(),
            seats: seats.collect(),
            logged_at: state.found.included_at,
            decide_by: state.grants_until(),
            object_by: state.object_by,
            statement: held.statement(&state.digest).map(signed),
            waits_until: state.waits_until,
            objected: !state.objections.is_empty(),
            status: state.status(moment.time()),
            not_now,
            releases: Vec::new(),
            sent: sent.map(|pending| pending.act.name.as_str()).collect(),
            opened: state.opened.is_some(),
            findings: state.findings.iter().map(|finding| finding.outcome).collect(),
            aid: aid.collect(),
            has_key,
        }
    }
}
