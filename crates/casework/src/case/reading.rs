//! The acts of a case judged together (§8.1, §8.3, §19).
//!
//! Always from all acts that are known, one after another in the order of the log, so that it does not matter when which
//! became known. Three rules keep an act that is shown late from undoing what honest seats did. An objection counts by
//! itself, whatever else is shown. A release is judged by the acts that it names, never by others. What a seat says that it
//! has destroyed counts, and is marked where nothing that is shown allowed it.

use std::collections::{BTreeMap, BTreeSet};

use protocol::statement::{Ack, Erased, Holds, Lapse, Withdraw, WithdrawChoice};
use protocol::{Digest, MemberNumber};

use super::Kept;
use super::act::{ActRefusal, Body, Standing};
use super::danger::DangerState;
use super::erasure::ErasureState;
use super::facts::Facts;
use super::hers::{AnswerState, ConsentState, DeclarantAct};
use super::inbox::InboxState;
use super::judged::{Acts, Judged, is_on, once, right};
use super::lapse::LapseState;
use super::relied::{Headers, Told, take_release};
use super::request::{AidState, DecisionState, FindingState, ObjectionState, OpenedState, RequestState};
use crate::slots::Found;

/// What all acts together say.
#[derive(Default)]
pub(super) struct Read {
    /// Valid requests, in the order of the log.
    pub requests: Vec<RequestState>,
    /// Seats that have rejected what they were given and not acknowledged since, or destroyed it.
    pub without: BTreeSet<MemberNumber>,
    /// `None` where she chose no lapse.
    pub lapse: Option<LapseState>,
    /// What ends the testimony.
    pub erasure: ErasureState,
    /// What seats say of danger.
    pub danger: DangerState,
    /// What she has said, each statement once.
    pub heard: Vec<Found>,
    /// Changes of her inbox, in the order of the log.
    pub inboxes: Vec<InboxState>,
}

/// Sets the standing of every act. `filed`: the filing.
pub(super) fn read(facts: &Facts, filed: Found, acts: &mut Acts) -> Read {
    let mut reading = Reading {
        facts,
        filed,
        headers: Headers::of(facts, acts),
        read: Read {
            requests: requests(facts, acts),
            lapse: LapseState::begin(facts, filed),
            erasure: ErasureState::begin(facts.account, facts.dealt.len()),
            ..Read::default()
        },
        statements: BTreeMap::new(),
        spoken: BTreeSet::new(),
        acks: BTreeMap::new(),
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
    for state in &mut reading.read.requests {
        state.weigh(facts);
    }
    reading.read
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
            let mut state = RequestState::new(facts, request, digest, kept.act.found, shared_with);
            state.docket = kept.twin.as_ref().map(|kept| kept.twin.docket);
            requests.push(state);
        }
    }
    let mut seen = BTreeSet::new();
    for (kept, body, digest) in right(acts) {
        if !body.is_objection() {
            continue;
        }
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

/// What is known before the next act in the log.
struct Reading<'a> {
    facts: &'a Facts,
    filed: Found,
    headers: Headers,
    read: Read,
    /// Statements that count, with their index.
    statements: BTreeMap<Digest, u64>,
    /// Statements of hers, whether they count or not: each is heard once.
    spoken: BTreeSet<Digest>,
    acks: BTreeMap<MemberNumber, (Holds, u64)>,
}

impl Reading<'_> {
    /// The next act in the log; `None` for one that is not right by itself.
    fn judge(&mut self, acts: &Acts, kept: &Kept) -> Option<Judged> {
        if kept.own != Standing::Counts {
            return None;
        }
        let (body, digest, found) = (kept.act.body.as_ref()?, kept.act.statement?, kept.act.found);
        if matches!(body, Body::Hers(_)) && self.spoken.insert(digest) {
            self.read.heard.push(found);
            if let Some(lapse) = &mut self.read.lapse {
                lapse.heard(found);
            }
        }
        if let Some(first) = self.statements.get(&digest) {
            return Some(Err(ActRefusal::Duplicate { index: *first }).into());
        }
        let judged = match body {
            Body::Ack(ack) => self.ack(ack, found.index).into(),
            Body::Reject(reject) => {
                // Whoever rejects begins anew.
                self.acks.remove(&reject.x);
                self.read.without.insert(reject.x);
                Judged::Counts
            }
            Body::Request(_) => Judged::Counts,
            Body::Referral(referral) => {
                self.read.danger.referred(referral.x, referral.reader, found);
                Judged::Counts
            }
            Body::Attended(attended) => {
                self.read.danger.attended(attended, found);
                Judged::Counts
            }
            Body::Hers(DeclarantAct::Alive(_) | DeclarantAct::Message(_)) => Judged::Counts,
            Body::Hers(DeclarantAct::InboxChange(change)) => {
                self.read.inboxes.push(InboxState {
                    n: change.n,
                    recipient: change.inbox.recipient.clone(),
                    key: change.inbox.key,
                    statement: digest,
                    found,
                });
                Judged::Counts
            }
            Body::Hers(DeclarantAct::Withdraw(withdraw)) => self.withdraw(withdraw, found).into(),
            Body::Hers(DeclarantAct::Consent(_)) if !self.facts.asks_her() => Err(ActRefusal::ConsentNotAsked).into(),
            Body::Lapse(lapse) => self.lapse(lapse, found).into(),
            Body::Erased(erased) => self.erased(erased, found).into(),
            Body::Decline(decline) => self.decline(decline.x, found).into(),
            _ => self.on_request(acts, body, kept, found),
        };
        if matches!(judged, Judged::Counts) {
            self.statements.insert(digest, found.index);
        }
        Some(judged)
    }

    fn ack(&mut self, ack: &Ack, index: u64) -> Result<(), ActRefusal> {
        let (x, holds) = (ack.x, ack.holds);
        if self.read.erasure.erased_by(x).is_some() {
            return Err(ActRefusal::HoldsNoShare { x });
        }
        if let Some((_, first)) = self.acks.get(&x).filter(|(known, _)| holds <= *known) {
            return Err(ActRefusal::Again { index: *first });
        }
        self.acks.insert(x, (holds, index));
        if ack.danger {
            self.read.danger.said_by.insert(x);
        }
        self.read.without.remove(&x);
        Ok(())
    }

    fn withdraw(&mut self, withdraw: &Withdraw, found: Found) -> Result<(), ActRefusal> {
        if self.facts.policy.withdraw == WithdrawChoice::Never {
            return Err(ActRefusal::NeverWithdrawn);
        }
        let (n, yes) = (withdraw.n, withdraw.yes);
        self.read.erasure.answers.push(AnswerState { n, yes, found });
        Ok(())
    }

    fn lapse(&mut self, lapse: &Lapse, found: Found) -> Result<(), ActRefusal> {
        if self.read.without.contains(&lapse.x) {
            return Err(ActRefusal::HoldsNoShare { x: lapse.x });
        }
        let state = self.read.lapse.as_mut().ok_or(ActRefusal::NoLapse)?;
        state.step(lapse.step, lapse.x, found)
    }

    fn erased(&mut self, erased: &Erased, found: Found) -> Result<(), ActRefusal> {
        once(self.read.erasure.erased_by(erased.x).map(|first| first.found.index))?;
        self.read.without.insert(erased.x);
        self.read.erasure.push(erased.x, erased.what, found);
        Ok(())
    }

    fn decline(&mut self, x: MemberNumber, found: Found) -> Result<(), ActRefusal> {
        let mut declined = self.read.erasure.declined.iter();
        once(declined.find(|(seat, _)| *seat == x).map(|(_, first)| first.index))?;
        self.read.erasure.declined.push((x, found));
        Ok(())
    }

    fn on_request(&mut self, acts: &Acts, body: &Body, kept: &Kept, found: Found) -> Judged {
        let (read, author) = (&mut self.read, kept.act.author);
        let Some(state) = read.requests.iter_mut().find(|state| is_on(state, found, body)) else {
            return Err(ActRefusal::NoRequest).into();
        };
        let judged = match body {
            _ if body.needs_twin() && !is_of_docket(state, kept) => Err(ActRefusal::OtherDocket),
            Body::Hers(DeclarantAct::Consent(_)) if state.is_released() => Err(ActRefusal::Released),
            Body::Hers(DeclarantAct::Consent(_)) if found.included_at > state.ends_at => Err(ActRefusal::TooLate),
            Body::Hers(DeclarantAct::Consent(consent)) => {
                let (n, yes) = (consent.n, consent.yes);
                let (answer, part) = (AnswerState { n, yes, found }, consent.part.clone());
                state.consents.push(ConsentState { answer, part });
                Ok(())
            }
            _ if body.is_objection() && found.included_at > state.object_by => Err(ActRefusal::TooLate),
            Body::Decision(decision) if !decision.answers(&state.request.compartments) => {
                Err(ActRefusal::Answers { x: decision.x })
            }
            Body::Decision(decision) if read.without.contains(&decision.x) => {
                Err(ActRefusal::HoldsNoShare { x: decision.x })
            }
            Body::Decision(_) if found.included_at > state.grants_until() => Err(ActRefusal::TooLate),
            Body::Decision(decision) => {
                let first = state.decision_of(decision.x).map(|first| first.found.index);
                once(first).map(|()| state.decisions.push(DecisionState::of(decision, found)))
            }
            Body::Release(release) => {
                let told = Told {
                    filed: self.filed,
                    headers: &self.headers,
                    heard: &read.heard,
                };
                return take_release(self.facts, &told, acts, state, release, found);
            }
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
            // Objections stand among those of the request already; the others are on none.
            _ => Ok(()),
        };
        judged.into()
    }
}

/// Whether the twin of an act, where it has one, is of the request's docket and as urgent.
fn is_of_docket(state: &RequestState, kept: &Kept) -> bool {
    let twin = kept.twin.as_ref().map(|kept| &kept.twin);
    twin.is_none_or(|twin| Some(twin.docket) == state.docket && twin.urgent == state.request.urgent)
}
