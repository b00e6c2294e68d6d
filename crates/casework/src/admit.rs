//! «Is this act allowed now?», asked by an author about to file it, so that what, why and what to do can be said before
//! anything is signed (§7, §8).

use protocol::statement::{Attention, Compartment, CouncilMember, Holds, LapseStep, Request, WithdrawChoice};
use protocol::{Digest, MemberNumber};

use crate::case::{
    AnswerState, Body, Case, DangerStatus, DeclarantAct, Deed, RequestState, check_compartments, check_request,
    check_request_twin,
};
use crate::clock::{HERS_MAX, HERS_S, LogTime};
use crate::registry::{CouncilRecord, Registry};
use crate::release::{NotNow, Why, lapsed};
use crate::slots::Found;

pub use crate::release::may_release as release;

/// The council to seal to: the newest, included, and still good at the moment (§3).
///
/// # Errors
/// [`Why::NoCouncil`], [`Why::CouncilExpired`].
pub fn filing<'a>(registry: &'a Registry, moment: &LogTime) -> Result<&'a CouncilRecord, NotNow> {
    let council = current(registry)?;
    let is_good = council.index() < moment.size() && moment.time() < council.good_until();
    if is_good {
        Ok(council)
    } else {
        Err(NotNow::because(Why::CouncilExpired))
    }
}

/// May seat `x` acknowledge, saying that it holds `holds`? A later ack may only raise it.
///
/// # Errors
/// [`NotNow`].
pub fn ack(case: &Case, x: MemberNumber, holds: Holds, registry: &Registry) -> Result<(), NotNow> {
    dealt_seat(case, x, registry)?;
    if !case.holds_share(x) {
        // It rejected what it was given, and has a good share now.
        return Ok(());
    }
    first(
        case,
        |body| matches!(body, Body::Ack(ack) if ack.x == x && ack.holds >= holds),
    )
}

/// May seat `x` reject what it was given? Once, unless it has acknowledged in between.
///
/// # Errors
/// [`NotNow`].
pub fn reject(case: &Case, x: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    seat(x, registry)?;
    if case.facts().dealt.contains(&x) && case.holds_share(x) {
        return Ok(());
    }
    first(case, |body| matches!(body, Body::Reject(reject) if reject.x == x))
}

/// May seat `x` tell `reader` of this case?
///
/// # Errors
/// [`NotNow`].
pub fn referral(case: &Case, x: MemberNumber, reader: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    dealt_seat(case, x, registry)?;
    allowed_reader(case, reader, registry)?;
    first(
        case,
        |body| matches!(body, Body::Referral(referral) if referral.x == x && referral.reader == reader),
    )
}

/// May seat `x` say this of danger (§7)? What has a term may be said again, for another one.
///
/// # Errors
/// [`NotNow`].
pub fn attended(
    case: &Case,
    x: MemberNumber,
    what: Attention,
    moment: &LogTime,
    registry: &Registry,
) -> Result<(), NotNow> {
    dealt_seat(case, x, registry)?;
    not_erased(case)?;
    if case.danger_status(moment.time()) == DangerStatus::Quiet {
        return Err(NotNow::because(Why::NoDanger));
    }
    let newest = case.danger().done.iter().rfind(|done| done.x == x);
    match newest.filter(|done| !what.has_term() && done.deed == (Deed::Attended { what })) {
        Some(done) => Err(NotNow::because(Why::Done {
            index: done.found.index,
        })),
        None => Ok(()),
    }
}

/// May seat `x` take this step of a lapse (§8.4)?
///
/// # Errors
/// [`NotNow`], with the time from which it may where waiting alone is missing.
pub fn lapse(
    case: &Case,
    x: MemberNumber,
    step: LapseStep,
    moment: &LogTime,
    registry: &Registry,
) -> Result<(), NotNow> {
    share_holder(case, x, registry)?;
    not_erased(case)?;
    let lapse = case.lapse().ok_or_else(|| NotNow::because(Why::NoLapse))?;
    let done = |found: &Found| Err(NotNow::because(Why::Done { index: found.index }));
    let from = match (step, &lapse.inquiry) {
        (LapseStep::Inquiry, Some(first)) => return done(first),
        (LapseStep::Inquiry, None) => Some(lapse.inquiry_from),
        (LapseStep::Decide, _) => lapse.decide_from(),
    };
    let from = from.ok_or_else(|| NotNow::because(Why::NoInquiry))?;
    if moment.time() < from {
        return Err(waits(Why::TooEarly, from));
    }
    match lapse.decided.iter().find(|(seat, _)| *seat == x) {
        Some((_, first)) if step == LapseStep::Decide => done(first),
        _ => Ok(()),
    }
}

/// May seat `x` destroy what it holds, and say so (§9.6)? When a withdrawal has stood for 30 days, or t_account seats have
/// declined it for as long.
///
/// # Errors
/// [`NotNow`], with the time from which it may where waiting alone is missing.
pub fn erased(case: &Case, x: MemberNumber, moment: &LogTime, registry: &Registry) -> Result<(), NotNow> {
    dealt_seat(case, x, registry)?;
    let erasure = case.erasure();
    if let Some(erased) = erasure.erased_by(x) {
        let index = erased.found.index;
        return Err(NotNow::because(Why::Done { index }));
    }
    match erasure.erase_from() {
        None => Err(NotNow::because(Why::NothingToErase)),
        Some(from) if moment.time() < from => Err(waits(Why::TooEarly, from)),
        Some(_) => Ok(()),
    }
}

/// May seat `x` decline the filing as no testimony (§7)? Once.
///
/// # Errors
/// [`NotNow`].
pub fn decline(case: &Case, x: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    share_holder(case, x, registry)?;
    first(case, |body| matches!(body, Body::Decline(decline) if decline.x == x))
}

/// May she answer a request so (§8.4)? The same answer twice is refused.
///
/// # Errors
/// [`NotNow`].
pub fn answer(case: &Case, request: &Digest, yes: bool, moment: &LogTime) -> Result<(), NotNow> {
    let state = open_to_her(case, request, moment)?;
    match state.consent() {
        Some(consent) if consent.answer.yes == yes => Err(NotNow::because(Why::Done {
            index: consent.answer.found.index,
        })),
        _ => Ok(()),
    }
}

/// May she withdraw, or take that back (§9.6)?
///
/// # Errors
/// [`NotNow`].
pub fn withdrawal(case: &Case, yes: bool) -> Result<(), NotNow> {
    may_withdraw(case)?;
    let erasure = case.erasure();
    let last = erasure
        .answers
        .iter()
        .filter(|answer| answer.yes)
        .max_by_key(|answer| answer.n);
    match (erasure.withdrawal(), last) {
        (Some(_), Some(last)) if yes => Err(NotNow::because(Why::Done {
            index: last.found.index,
        })),
        (None, _) if !yes => Err(NotNow::because(Why::NotWithdrawn)),
        _ => Ok(()),
    }
}

/// May a seat file this statement of hers, which came in an office cell and whose signature it has checked (§9.3)?
/// `waiting`: statements of hers on this case that the seat has filed and that are not in the log yet. What counts for
/// nothing beside what stands is not filed; and so many in a week, whoever has her words.
///
/// # Errors
/// [`NotNow`].
pub fn hers(
    case: &Case,
    hers: &DeclarantAct,
    waiting: usize,
    moment: &LogTime,
    registry: &Registry,
) -> Result<(), NotNow> {
    first(case, |body| matches!(body, Body::Hers(said) if said == hers))?;
    match hers {
        DeclarantAct::Objection(said) => objection(case, &said.request, None, moment, registry)?,
        DeclarantAct::Consent(said) => {
            let state = open_to_her(case, &said.request, moment)?;
            overtaken(state.consent().map(|consent| &consent.answer), said.n, said.yes)?;
        }
        DeclarantAct::Withdraw(said) => {
            may_withdraw(case)?;
            let answers = case.erasure().answers.iter();
            overtaken(answers.max_by_key(|answer| (answer.n, !answer.yes)), said.n, said.yes)?;
        }
        DeclarantAct::Alive(_) | DeclarantAct::Message(_) => {}
        DeclarantAct::InboxChange(said) => match case.inbox() {
            Some(standing) if standing.n > said.n => {
                let index = standing.found.index;
                return Err(NotNow::because(Why::Overtaken { index }));
            }
            _ => {}
        },
    }
    let since = moment.time().saturating_sub(HERS_S);
    let of_late = case.heard().iter().filter(|found| found.included_at > since);
    let mut times: Vec<u64> = of_late.map(|found| found.included_at).collect();
    times.sort_unstable();
    if times.len().saturating_add(waiting) < HERS_MAX {
        return Ok(());
    }
    let next = times.first().map_or(moment.time(), |first| *first);
    Err(waits(Why::TooManyOfHers { max: HERS_MAX }, next.saturating_add(HERS_S)))
}

/// A statement of hers that would not count beside this one.
fn overtaken(standing: Option<&AnswerState>, n: u32, yes: bool) -> Result<(), NotNow> {
    match standing {
        Some(standing) if (standing.n, !standing.yes) >= (n, !yes) => Err(NotNow::because(Why::Overtaken {
            index: standing.found.index,
        })),
        _ => Ok(()),
    }
}

/// A request on which she may still answer.
fn open_to_her<'a>(case: &'a Case, request: &Digest, moment: &LogTime) -> Result<&'a RequestState, NotNow> {
    if !case.facts().asks_her() {
        return Err(NotNow::because(Why::ConsentNotAsked));
    }
    let state = included(case, request, moment)?;
    if state.is_released() {
        Err(NotNow::because(Why::Released))
    } else if moment.time() > state.ends_at {
        Err(NotNow::because(Why::Dead))
    } else {
        Ok(state)
    }
}

fn may_withdraw(case: &Case) -> Result<(), NotNow> {
    if case.facts().policy.withdraw == WithdrawChoice::Never {
        return Err(NotNow::because(Why::NeverWithdrawn));
    }
    not_erased(case)
}

fn not_erased(case: &Case) -> Result<(), NotNow> {
    if case.erasure().is_final() {
        Err(NotNow::because(Why::Erased))
    } else {
        Ok(())
    }
}

/// Whoever asks without her asks while a lapse stands (§8.4).
fn without_her(case: &Case, compartments: &[Compartment], moment: &LogTime) -> Result<(), NotNow> {
    if compartments.contains(&Compartment::Consent) {
        lapsed(case, moment.size()).map_err(NotNow::because)?;
    }
    Ok(())
}

fn waits(why: Why, from: u64) -> NotNow {
    NotNow {
        from: Some(from),
        ..NotNow::because(why)
    }
}

/// May a seat file this request, which came in an office cell and whose signature it has checked?
///
/// # Errors
/// [`NotNow`].
pub fn request(case: &Case, request: &Request, moment: &LogTime, registry: &Registry) -> Result<(), NotNow> {
    allowed_reader(case, request.reader, registry)?;
    check_request(request, moment.time())
        .and_then(|()| check_compartments(request, case.facts()))
        .and_then(|()| check_request_twin(request, case.facts()))
        .map_err(|reason| NotNow::because(Why::BadRequest { reason }))?;
    not_erased(case)?;
    without_her(case, &request.compartments, moment)?;
    first(case, |body| matches!(body, Body::Request(filed) if filed == request))?;
    let mut others = case.requests().iter();
    match others.find(|state| state.request.recipient == request.recipient) {
        Some(other) => {
            let index = other.found.index;
            Err(NotNow::because(Why::RecipientUsed { index }))
        }
        None => Ok(()),
    }
}

/// May seat `x` decide on this request?
///
/// # Errors
/// [`NotNow`].
pub fn decision(
    case: &Case,
    request: &Digest,
    x: MemberNumber,
    moment: &LogTime,
    registry: &Registry,
) -> Result<(), NotNow> {
    share_holder(case, x, registry)?;
    let state = included(case, request, moment)?;
    not_erased(case)?;
    without_her(case, &state.request.compartments, moment)?;
    if let Some(index) = state.shares_recipient_with {
        return Err(NotNow::because(Why::RecipientUsed { index }));
    }
    if let Some(decision) = state.decision_of(x) {
        return Err(NotNow::because(Why::Done {
            index: decision.found.index,
        }));
    }
    if moment.time() > state.grants_until() {
        Err(NotNow::because(Why::AfterDecideBy))
    } else {
        Ok(())
    }
}

/// May a seat, or she (`None`), object to this request? Once each: a second objection would only wait longer.
///
/// # Errors
/// [`NotNow`].
pub fn objection(
    case: &Case,
    request: &Digest,
    by: Option<MemberNumber>,
    moment: &LogTime,
    registry: &Registry,
) -> Result<(), NotNow> {
    if let Some(x) = by {
        dealt_seat(case, x, registry)?;
    }
    let state = included(case, request, moment)?;
    if state.is_released() {
        return Err(NotNow::because(Why::Released));
    }
    if let Some(objection) = state.objections.iter().find(|objection| objection.by == by) {
        let index = objection.found.index;
        return Err(NotNow::because(Why::Done { index }));
    }
    if moment.time() > state.object_by {
        Err(NotNow::because(Why::AfterObjectBy))
    } else {
        Ok(())
    }
}

/// May `reader` say that it opened? Missing acts do not keep it from that; see [`crate::open::breaches`].
///
/// # Errors
/// [`NotNow`].
pub fn opened(case: &Case, request: &Digest, reader: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    let state = asked_by(case, request, reader, registry)?;
    match &state.opened {
        Some(opened) => Err(NotNow::because(Why::Done {
            index: opened.found.index,
        })),
        None => Ok(()),
    }
}

/// May `reader` report a finding? Any number, after `opened`.
///
/// # Errors
/// [`NotNow`].
pub fn finding(case: &Case, request: &Digest, reader: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    let state = asked_by(case, request, reader, registry)?;
    if state.opened.is_some() {
        Ok(())
    } else {
        Err(NotNow::because(Why::NotOpened))
    }
}

/// May `reader` say where assistance stands? Any number, after `opened`.
///
/// # Errors
/// [`NotNow`].
pub fn aid(case: &Case, request: &Digest, reader: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    finding(case, request, reader, registry)
}

fn current(registry: &Registry) -> Result<&CouncilRecord, NotNow> {
    registry.current().ok_or_else(|| NotNow::because(Why::NoCouncil))
}

fn seat(x: MemberNumber, registry: &Registry) -> Result<&CouncilMember, NotNow> {
    current(registry)?
        .seat(x)
        .ok_or_else(|| NotNow::because(Why::NotOfCouncil { x }))
}

/// Of the current council, and dealt to.
fn dealt_seat(case: &Case, x: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    seat(x, registry)?;
    if case.facts().dealt.contains(&x) {
        Ok(())
    } else {
        Err(NotNow::because(Why::HoldsNoShare { x }))
    }
}

/// As [`dealt_seat`], and it still has what was dealt.
fn share_holder(case: &Case, x: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    dealt_seat(case, x, registry)?;
    if case.holds_share(x) {
        Ok(())
    } else {
        Err(NotNow::because(Why::HoldsNoShare { x }))
    }
}

fn allowed_reader(case: &Case, x: MemberNumber, registry: &Registry) -> Result<(), NotNow> {
    let reader = current(registry)?
        .reader(x)
        .ok_or_else(|| NotNow::because(Why::NotOfCouncil { x }))?;
    if case.facts().is_barred(reader, registry) {
        Err(NotNow::because(Why::Barred { x }))
    } else {
        Ok(())
    }
}

/// The request, if it stands in the checkpoint: nobody acts on anything younger (§6.2).
fn included<'a>(case: &'a Case, request: &Digest, moment: &LogTime) -> Result<&'a RequestState, NotNow> {
    let state = case.request(request).filter(|state| state.found.index < moment.size());
    state.ok_or_else(|| NotNow::because(Why::NoRequest))
}

fn asked_by<'a>(
    case: &'a Case,
    request: &Digest,
    reader: MemberNumber,
    registry: &Registry,
) -> Result<&'a RequestState, NotNow> {
    if current(registry)?.reader(reader).is_none() {
        return Err(NotNow::because(Why::NotOfCouncil { x: reader }));
    }
    let state = case.request(request).ok_or_else(|| NotNow::because(Why::NoRequest))?;
    if state.request.reader == reader {
        Ok(state)
    } else {
        Err(NotNow::because(Why::OtherReader))
    }
}

/// Refuses what stands in the log already.
fn first(case: &Case, is_same: impl Fn(&Body) -> bool) -> Result<(), NotNow> {
    match case.counting().find(|(_, body)| is_same(body)) {
        Some((act, _)) => Err(NotNow::because(Why::Done { index: act.found.index })),
        None => Ok(()),
    }
}
