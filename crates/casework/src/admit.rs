//! «Is this act allowed now?», asked by an author about to file it, so that what, why and what to do can be said before
//! anything is signed (§7, §8).

use protocol::statement::{Holds, Member, Request};
use protocol::{Digest, MemberNumber};

use crate::case::{Body, Case, RequestState, check_compartments, check_request, check_twin};
use crate::clock::LogTime;
use crate::registry::{CouncilRecord, Registry};
use crate::release::{NotNow, Why};

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

/// May a seat file this request, which came in an office cell and whose signature it has checked?
///
/// # Errors
/// [`NotNow`].
pub fn request(case: &Case, request: &Request, moment: &LogTime, registry: &Registry) -> Result<(), NotNow> {
    allowed_reader(case, request.reader, registry)?;
    check_request(request, moment.time())
        .and_then(|()| check_compartments(request, case.facts()))
        .and_then(|()| check_twin(request.twin, case.facts()))
        .map_err(|reason| NotNow::because(Why::BadRequest { reason }))?;
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
    dealt_seat(case, x, registry)?;
    if !case.holds_share(x) {
        return Err(NotNow::because(Why::HoldsNoShare { x }));
    }
    let state = included(case, request, moment)?;
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

fn seat(x: MemberNumber, registry: &Registry) -> Result<&Member, NotNow> {
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
