//! The acts of a case judged together (§8.1, §8.3, §19).
//!
//! Always from all acts that are known, one after another in the order of the log, so that it does not matter when which
//! became known. Two rules keep an act that is shown late from undoing what honest seats did. An objection counts by itself,
//! whatever else is shown. A release is judged by the acts that it names, never by others.

use std::collections::{BTreeMap, BTreeSet};

use protocol::statement::{Holds, Release, Vote};
use protocol::{Digest, MemberNumber};

use super::Kept;
use super::act::{ActRefusal, Body, Missing, Standing};
use super::facts::Facts;
use super::request::{AidState, DecisionState, FindingState, ObjectionState, OpenedState, ReleaseState, RequestState};
use super::weigh::Weighed;
use crate::slots::Found;

type Acts = BTreeMap<u64, Kept>;

/// What all acts together make of one.
enum Judged {
    Counts,
    Not(Standing),
}

impl From<Result<(), ActRefusal>> for Judged {
    fn from(result: Result<(), ActRefusal>) -> Self {
        result.map_or_else(|refusal| Self::Not(Standing::Refused(refusal)), |()| Self::Counts)
    }
}

/// Sets the standing of every act. Gives the valid requests, in the order of the log, and the seats that have rejected
/// what they were given and not acknowledged since.
pub(super) fn read(facts: &Facts, acts: &mut Acts) -> (Vec<RequestState>, BTreeSet<MemberNumber>) {
    let mut reading = Reading {
        facts,
        requests: requests(facts, acts),
        statements: BTreeMap::new(),
        acks: BTreeMap::new(),
        rejecting: BTreeSet::new(),
    };
    let mut standings = Vec::new();
    for (index, kept) in &*acts {
        let standing = match reading.judge(acts, kept) {
            Some(Judged::Not(standing)) => standing,
            Some(Judged::Counts) | None => kept.own.clone(),
        };
        standings.push((*index, standing));
    }
    for (index, standing) in standings {
        if let Some(kept) = acts.get_mut(&index) {
            kept.act.standing = standing;
        }
    }
    for state in &mut reading.requests {
        state.weigh(facts);
    }
    (reading.requests, reading.rejecting)
}

/// Acts that are right by themselves, with what they say.
fn right(acts: &Acts) -> impl Iterator<Item = (&Kept, &Body, Digest)> {
    let right = acts.values().filter(|kept| kept.own == Standing::Counts);
    right.filter_map(|kept| Some((kept, kept.act.body.as_ref()?, kept.act.statement?)))
}

/// The valid requests, and what must be known of each before its other acts are judged: the objections to it.
fn requests(facts: &Facts, acts: &Acts) -> Vec<RequestState> {
    let mut requests: Vec<RequestState> = Vec::new();
    for (kept, body, digest) in right(acts) {
        if let Body::Request(request) = body
            && requests.iter().all(|state| state.digest != digest)
        {
            let before = requests.iter();
            let same = before.filter(|state| state.request.recipient == request.recipient);
            let shared_with = same.map(|state| state.found.index).next();
            requests.push(RequestState::new(facts, request, digest, kept.act.found, shared_with));
        }
    }
    let mut seen = BTreeSet::new();
    for (kept, body, digest) in right(acts) {
        let (Body::Objection(_) | Body::DeclarantObjection(_)) = body else {
            continue;
        };
        let state = requests.iter_mut().find(|state| is_on(state, kept.act.found, body));
        if let Some(state) = state
            && kept.act.found.included_at <= state.object_by
            && seen.insert(digest)
        {
            let (by, found) = (kept.act.author, kept.act.found);
            state.objections.push(ObjectionState { by, found });
        }
    }
    requests
}

/// Whether an act is on this request, which precedes it in the log.
fn is_on(state: &RequestState, found: Found, body: &Body) -> bool {
    named(body) == Some(state.digest) && state.found.index < found.index
}

/// The request that an act names.
fn named(body: &Body) -> Option<Digest> {
    match body {
        Body::Decision(decision) => Some(decision.request),
        Body::Objection(objection) => Some(objection.request),
        Body::DeclarantObjection(objection) => Some(objection.request),
        Body::Release(release) => Some(release.request),
        Body::Opened(opened) => Some(opened.request),
        Body::Finding(finding) => Some(finding.request),
        Body::Aid(aid) => Some(aid.request),
        Body::Ack(_) | Body::Reject(_) | Body::Referral(_) | Body::Request(_) => None,
    }
}

/// What is known before the next act in the log.
struct Reading<'a> {
    facts: &'a Facts,
    requests: Vec<RequestState>,
    /// Statements that count, with their index.
    statements: BTreeMap<Digest, u64>,
    acks: BTreeMap<MemberNumber, (Holds, u64)>,
    rejecting: BTreeSet<MemberNumber>,
}

impl Reading<'_> {
    /// The next act in the log; `None` for one that is not right by itself.
    fn judge(&mut self, acts: &Acts, kept: &Kept) -> Option<Judged> {
        if kept.own != Standing::Counts {
            return None;
        }
        let (body, digest, found) = (kept.act.body.as_ref()?, kept.act.statement?, kept.act.found);
        if let Some(first) = self.statements.get(&digest) {
            return Some(Err(ActRefusal::Duplicate { index: *first }).into());
        }
        let judged = match body {
            Body::Ack(ack) => self.ack(ack.x, ack.holds, found.index).into(),
            Body::Reject(reject) => {
                // Whoever rejects begins anew.
                self.acks.remove(&reject.x);
                self.rejecting.insert(reject.x);
                Judged::Counts
            }
            Body::Referral(_) | Body::Request(_) => Judged::Counts,
            _ => self.on_request(acts, body, kept.act.author, found),
        };
        if matches!(judged, Judged::Counts) {
            self.statements.insert(digest, found.index);
        }
        Some(judged)
    }

    fn ack(&mut self, x: MemberNumber, holds: Holds, index: u64) -> Result<(), ActRefusal> {
        if let Some((_, first)) = self.acks.get(&x).filter(|(known, _)| holds <= *known) {
            return Err(ActRefusal::Again { index: *first });
        }
        self.acks.insert(x, (holds, index));
        self.rejecting.remove(&x);
        Ok(())
    }

    fn on_request(&mut self, acts: &Acts, body: &Body, author: Option<MemberNumber>, found: Found) -> Judged {
        let Some(state) = self.requests.iter_mut().find(|state| is_on(state, found, body)) else {
            return Err(ActRefusal::NoRequest).into();
        };
        let judged = match body {
            Body::Objection(_) | Body::DeclarantObjection(_) if found.included_at > state.object_by => {
                Err(ActRefusal::TooLate)
            }
            Body::Decision(decision) if self.rejecting.contains(&decision.x) => {
                Err(ActRefusal::HoldsNoShare { x: decision.x })
            }
            Body::Decision(_) if found.included_at > state.grants_until() => Err(ActRefusal::TooLate),
            Body::Decision(decision) => {
                let (x, vote, reason) = (decision.x, decision.vote, decision.reason);
                let first = state.decision_of(x).map(|first| first.found.index);
                once(first).map(|()| state.decisions.push(DecisionState { x, vote, reason, found }))
            }
            Body::Release(release) => return take_release(self.facts, acts, state, release, found),
            Body::Opened(_) | Body::Finding(_) | Body::Aid(_) if author != Some(state.request.reader) => {
                Err(ActRefusal::OtherReader)
            }
            Body::Opened(opened) => {
                let (outcome, first) = (opened.outcome, state.opened.as_ref().map(|first| first.found.index));
                once(first).map(|()| state.opened = Some(OpenedState { outcome, found }))
            }
            Body::Finding(_) | Body::Aid(_) if state.opened.is_none() => Err(ActRefusal::NotOpened),
            Body::Finding(finding) => {
                let outcome = finding.outcome;
                state.findings.push(FindingState { outcome, found });
                Ok(())
            }
            Body::Aid(aid) => {
                state.aids.push(AidState::of(aid.clone(), found));
                Ok(())
            }
            Body::Objection(_) | Body::DeclarantObjection(_) => Ok(()),
            Body::Ack(_) | Body::Reject(_) | Body::Referral(_) | Body::Request(_) => Ok(()),
        };
        judged.into()
    }
}

fn once(first: Option<u64>) -> Result<(), ActRefusal> {
    first.map_or(Ok(()), |index| Err(ActRefusal::Again { index }))
}

/// A release, judged by the acts on which it says that it relies (§19).
fn take_release(facts: &Facts, acts: &Acts, state: &mut RequestState, release: &Release, found: Found) -> Judged {
    let relied = match relied(acts, state, release, found) {
        Ok(relied) => relied,
        Err(standing) => return Judged::Not(standing),
    };
    if let Err(refusal) = check_release(facts, state, release, &relied, found) {
        return Err(refusal).into();
    }
    match facts.is_header(&release.header) {
        Some(true) => {}
        Some(false) => return Err(ActRefusal::Header).into(),
        None => {
            let digest = release.header;
            return Judged::Not(Standing::Undecided(Missing::Header { digest }));
        }
    }
    for file in &release.files {
        let Some(compartment) = state.compartments.iter_mut().find(|c| c.name == file.name) else {
            continue;
        };
        compartment.released_by.push(release.x);
        if compartment.released_by.len() == usize::from(compartment.threshold) {
            compartment.released_at = Some(found.included_at);
        }
    }
    let mut omits = state.newest_objections(found.index);
    omits.retain(|index| !release.objections.contains(index));
    state.releases.push(ReleaseState {
        x: release.x,
        found,
        files: release.files.clone(),
        omits,
    });
    Judged::Counts
}

/// The grants, with their seats, and the objections that a release names. One that is shown and is no such act is
/// refused, whatever else is missing.
fn relied(acts: &Acts, state: &RequestState, release: &Release, found: Found) -> Result<Relied, Standing> {
    let x = release.x;
    let mut relied = Relied::default();
    let mut missing = None;
    let named = release.grants.iter().map(|index| (*index, true));
    for (index, is_grant) in named.chain(release.objections.iter().map(|index| (*index, false))) {
        let kept = acts.get(&index).filter(|_| index < found.index);
        if kept.is_some_and(|kept| kept.own == Standing::Gap) {
            missing = missing.or(Some(index));
            continue;
        }
        let right = kept.filter(|kept| kept.own == Standing::Counts);
        let body = right.and_then(|kept| Some((kept.act.found, kept.act.body.as_ref()?)));
        let fits = match body.filter(|(at, body)| is_on(state, *at, body)) {
            Some((at, Body::Decision(decision))) if is_grant && decision.vote == Vote::Grant => {
                relied.weighed.grants.push(at);
                relied.seats.insert(decision.x)
            }
            Some((at, Body::Objection(_) | Body::DeclarantObjection(_))) if !is_grant => {
                relied.weighed.objections.push(at);
                at.included_at <= state.object_by
            }
            _ => false,
        };
        if !fits {
            return Err(Standing::Refused(ActRefusal::Reliance { x, index }));
        }
    }
    match missing {
        Some(index) => Err(Standing::Undecided(Missing::Act { index })),
        None => Ok(relied),
    }
}

#[derive(Default)]
struct Relied {
    seats: BTreeSet<MemberNumber>,
    weighed: Weighed,
}

fn check_release(
    facts: &Facts,
    state: &RequestState,
    release: &Release,
    relied: &Relied,
    found: Found,
) -> Result<(), ActRefusal> {
    let (x, weighed) = (release.x, &relied.weighed);
    once(state.release_of(x).map(|first| first.found.index))?;
    if !relied.seats.contains(&x) {
        return Err(ActRefusal::NotGranted { x });
    }
    let until = weighed.grants_until(state.request.decide_by);
    for grant in &weighed.grants {
        if grant.included_at > until {
            let index = grant.index;
            return Err(ActRefusal::Reliance { x, index });
        }
    }
    for file in &release.files {
        let threshold = state.threshold(facts, file.name).ok_or(ActRefusal::NotAsked { x })?;
        if weighed.grants.len() < weighed.need(threshold) {
            return Err(ActRefusal::TooFewGrants { x });
        }
    }
    let from = weighed.waits_until(facts.account, state.objection_s);
    if from.is_none_or(|from| found.included_at < from) {
        return Err(ActRefusal::Early { x });
    }
    if found.included_at > state.ends_at {
        return Err(ActRefusal::TooLate);
    }
    Ok(())
}
