//! The acts of a case judged together (§8.1, §8.3, §19).
//!
//! Always from all acts that are known, so that it does not matter when which became known. What an author may do once is
//! decided by the lowest slot; what comes before what, by the index in the log.

use std::collections::{BTreeMap, BTreeSet};

use protocol::statement::{Release, Request, Vote};
use protocol::{Digest, X};

use super::Kept;
use super::act::{Body, Refusal, Standing};
use super::facts::Facts;
use super::request::{
    AidState, CompartmentState, DecisionState, FindingState, ObjectionState, OpenedState, ReleaseState, RequestState,
};
use crate::clock::OBJECTED_S;
use crate::registry::Registry;
use crate::slots::Found;

/// Sets the standing of every act and gives the valid requests, in slot order.
pub(super) fn read(facts: &Facts, acts: &mut BTreeMap<u32, Kept>, registry: &Registry) -> Vec<RequestState> {
    for kept in acts.values_mut() {
        kept.act.standing = kept.own.clone();
    }
    refuse_repeated(acts);
    let mut requests: Vec<RequestState> = Vec::new();
    for kept in acts.values() {
        if let (Standing::Counts, Some(Body::Request(request)), Some(digest)) =
            (&kept.act.standing, &kept.act.body, kept.act.statement)
        {
            requests.push(begin(facts, registry, request, digest, kept.act.found));
        }
    }
    let mut refused: Vec<(u32, Refusal)> = orphans(acts, &requests);
    for state in &mut requests {
        refused.extend(Story::of(facts, acts, state).tell(facts, state));
    }
    for (k, refusal) in refused {
        if let Some(kept) = acts.get_mut(&k) {
            kept.act.standing = Standing::Refused(refusal);
        }
    }
    requests
}

/// Whether a seat held a good share before the entry at `index`: dealt to, and no `reject` after its last `ack`.
pub(super) fn held_share(facts: &Facts, acts: &BTreeMap<u32, Kept>, x: X, index: u64) -> bool {
    let last = acts
        .values()
        .filter(|kept| kept.act.standing == Standing::Counts && kept.act.found.index < index)
        .filter(|kept| match &kept.act.body {
            Some(Body::Ack(ack)) => ack.x == x,
            Some(Body::Reject(reject)) => reject.x == x,
            _ => false,
        })
        .max_by_key(|kept| kept.act.found.index);
    facts.dealt.contains(&x) && !matches!(last.map(|kept| &kept.act.body), Some(Some(Body::Reject(_))))
}

/// The same statement twice, and an ack or referral that adds nothing.
fn refuse_repeated(acts: &mut BTreeMap<u32, Kept>) {
    let mut statements: BTreeMap<Digest, u32> = BTreeMap::new();
    let mut acks: BTreeMap<X, (protocol::statement::Holds, u32)> = BTreeMap::new();
    for (k, kept) in acts.iter_mut() {
        let act = &mut kept.act;
        if act.standing != Standing::Counts {
            continue;
        }
        let Some(digest) = act.statement else { continue };
        if let Some(first) = statements.get(&digest) {
            act.standing = Standing::Refused(Refusal::Duplicate { k: *first });
            continue;
        }
        statements.insert(digest, *k);
        match &act.body {
            Some(Body::Ack(ack)) => match acks.get(&ack.x) {
                Some((holds, first)) if ack.holds <= *holds => {
                    act.standing = Standing::Refused(Refusal::Again { k: *first });
                }
                _ => {
                    acks.insert(ack.x, (ack.holds, *k));
                }
            },
            // Whoever rejects begins anew.
            Some(Body::Reject(reject)) => {
                acks.remove(&reject.x);
            }
            _ => {}
        }
    }
}

fn begin(facts: &Facts, registry: &Registry, request: &Request, digest: Digest, found: Found) -> RequestState {
    let objection_s = registry.council_at(found.index).map_or(u64::MAX, |council| {
        if request.urgent {
            council.urgent_s
        } else {
            council.objection_s
        }
    });
    let compartments = request.compartments.iter().map(|name| CompartmentState {
        name: *name,
        threshold: facts.threshold(*name).unwrap_or(u8::MAX),
        need: 0,
        stands_at: None,
        is_open: false,
        released_by: Vec::new(),
        released_at: None,
    });
    let mut state = RequestState {
        digest,
        found,
        objection_s,
        objection: None,
        waits_until: found.included_at.saturating_add(objection_s),
        decide_by: request.decide_by,
        decisions: Vec::new(),
        dealt: facts.dealt.clone(),
        compartments: compartments.collect(),
        release_from: None,
        releases: Vec::new(),
        opened: None,
        findings: Vec::new(),
        aids: Vec::new(),
        request: request.clone(),
    };
    weigh(facts, &mut state);
    state
}

/// The request that an act names.
fn named(body: &Body) -> Option<Digest> {
    match body {
        Body::Decision(decision) => Some(decision.request),
        Body::Objection(objection) => Some(objection.request),
        Body::HerObjection(objection) => Some(objection.request),
        Body::Release(release) => Some(release.request),
        Body::Opened(opened) => Some(opened.request),
        Body::Finding(finding) => Some(finding.request),
        Body::Aid(aid) => Some(aid.request),
        Body::Ack(_) | Body::Reject(_) | Body::Referral(_) | Body::Request(_) => None,
    }
}

/// Acts on a request that no valid request of that digest precedes in the log.
fn orphans(acts: &BTreeMap<u32, Kept>, requests: &[RequestState]) -> Vec<(u32, Refusal)> {
    let precedes = |kept: &Kept, digest: Digest| {
        requests
            .iter()
            .any(|state| state.digest == digest && state.found.index < kept.act.found.index)
    };
    acts.iter()
        .filter(|(_, kept)| kept.act.standing == Standing::Counts)
        .filter(|(_, kept)| {
            kept.act
                .body
                .as_ref()
                .and_then(named)
                .is_some_and(|digest| !precedes(kept, digest))
        })
        .map(|(k, _)| (*k, Refusal::NoRequest))
        .collect()
}

/// The acts on one request, in log order, without decisions by seats that held no share and without those that a lower
/// slot of the same author forestalls.
struct Story {
    events: Vec<(Found, Option<X>, Body)>,
    refused: Vec<(u32, Refusal)>,
}

impl Story {
    fn of(facts: &Facts, acts: &BTreeMap<u32, Kept>, state: &RequestState) -> Self {
        let mut story = Self {
            events: Vec::new(),
            refused: Vec::new(),
        };
        let mut once: BTreeMap<(&'static str, Option<X>), u32> = BTreeMap::new();
        for (k, kept) in acts {
            let Some(body) = &kept.act.body else { continue };
            let counts = kept.act.standing == Standing::Counts && kept.act.found.index > state.found.index;
            if !counts || named(body) != Some(state.digest) {
                continue;
            }
            let kind = match body {
                Body::Decision(decision) if !held_share(facts, acts, decision.x, kept.act.found.index) => {
                    story.refused.push((*k, Refusal::HoldsNoShare { x: decision.x }));
                    continue;
                }
                Body::Decision(_) => Some("decision"),
                Body::Opened(_) if kept.act.author == Some(state.request.reader) => Some("opened"),
                _ => None,
            };
            match kind.map(|kind| *once.entry((kind, kept.act.author)).or_insert(*k)) {
                Some(first) if first != *k => story.refused.push((*k, Refusal::Again { k: first })),
                _ => story.events.push((kept.act.found, kept.act.author, body.clone())),
            }
        }
        story.events.sort_by_key(|(found, ..)| found.index);
        story
    }

    /// Goes through the events; gives the acts that do not count.
    fn tell(mut self, facts: &Facts, state: &mut RequestState) -> Vec<(u32, Refusal)> {
        for (found, author, body) in std::mem::take(&mut self.events) {
            let judged = match body {
                Body::Objection(objection) => object(state, Some(objection.by), found),
                Body::HerObjection(_) => object(state, None, found),
                Body::Decision(_) if found.included_at > state.decide_by => Err(Refusal::AfterDecideBy),
                Body::Decision(decision) => {
                    let (x, vote, reason) = (decision.x, decision.vote, decision.reason);
                    state.decisions.push(DecisionState { x, vote, reason, found });
                    Ok(())
                }
                Body::Release(release) => {
                    weigh(facts, state);
                    take_release(state, release, found)
                }
                Body::Opened(_) | Body::Finding(_) | Body::Aid(_) if author != Some(state.request.reader) => {
                    Err(Refusal::OtherReader)
                }
                Body::Opened(opened) => {
                    state.opened = Some(OpenedState {
                        outcome: opened.outcome,
                        found,
                    });
                    Ok(())
                }
                Body::Finding(_) | Body::Aid(_) if state.opened.is_none() => Err(Refusal::NotOpened),
                Body::Finding(finding) => {
                    state.findings.push(FindingState {
                        outcome: finding.outcome,
                        found,
                    });
                    Ok(())
                }
                Body::Aid(aid) => {
                    state.aids.push(AidState::of(aid, found));
                    Ok(())
                }
                Body::Ack(_) | Body::Reject(_) | Body::Referral(_) | Body::Request(_) => Ok(()),
            };
            self.refused.extend(judged.err().map(|refusal| (found.k, refusal)));
        }
        weigh(facts, state);
        self.refused
    }
}

/// The first objection makes the request wait 14 days, moves `decide_by` and, by [`weigh`], the need (§8.3, §19).
fn object(state: &mut RequestState, by: Option<X>, found: Found) -> Result<(), Refusal> {
    if !state.releases.is_empty() {
        return Err(Refusal::AfterRelease);
    }
    if let Some(first) = &state.objection {
        return Err(Refusal::Objected { k: first.found.k });
    }
    if found.included_at > state.decide_by {
        return Err(Refusal::AfterDecideBy);
    }
    let end = found.included_at.saturating_add(OBJECTED_S);
    state.objection = Some(ObjectionState { by, found });
    state.waits_until = state.waits_until.max(end);
    state.decide_by = state.decide_by.max(end);
    Ok(())
}

/// Counts grants against needs. Until the first release everything may still move; from then on it is fixed.
fn weigh(facts: &Facts, state: &mut RequestState) {
    if !state.releases.is_empty() {
        return;
    }
    let grants: Vec<(X, Found)> = state
        .decisions
        .iter()
        .filter(|decision| decision.vote == Vote::Grant)
        .map(|decision| (decision.x, decision.found))
        .collect();
    for compartment in &mut state.compartments {
        let threshold = if state.request.urgent {
            facts.identity.max(compartment.threshold)
        } else {
            compartment.threshold
        };
        compartment.need = need(threshold, state.objection.is_some(), facts.dealt.len());
        compartment.stands_at = stands_at(&grants, compartment.need);
    }
    state.release_from = release_from(state.waits_until, state.compartments.iter().filter_map(|c| c.stands_at));
    for compartment in &mut state.compartments {
        compartment.is_open = compartment
            .stands_at
            .is_some_and(|stands_at| state.release_from.is_some_and(|from| stands_at <= from));
    }
}

/// `min(n′, threshold + (1 if an objection counts))` (§19).
pub(crate) fn need(threshold: u8, objected: bool, dealt: usize) -> usize {
    (usize::from(threshold) + usize::from(objected)).min(dealt)
}

/// When the last needed grant was included; grants in log order, of distinct seats.
pub(crate) fn stands_at(grants: &[(X, Found)], need: usize) -> Option<u64> {
    let seats: BTreeSet<X> = grants.iter().map(|(x, _)| *x).collect();
    debug_assert_eq!(seats.len(), grants.len(), "a seat decides once");
    need.checked_sub(1)
        .and_then(|last| grants.get(last))
        .map(|(_, found)| found.included_at)
}

/// The end of the waiting time, or when the first threshold stood, if later (§19).
pub(crate) fn release_from(waits_until: u64, stands_at: impl Iterator<Item = u64>) -> Option<u64> {
    stands_at.min().map(|first| first.max(waits_until))
}

fn take_release(state: &mut RequestState, release: Release, found: Found) -> Result<(), Refusal> {
    let x = release.x;
    if let Some(first) = state.release_of(x) {
        return Err(Refusal::Again { k: first.found.k });
    }
    if !state
        .decisions
        .iter()
        .any(|decision| decision.x == x && decision.vote == Vote::Grant)
    {
        return Err(Refusal::NotGranted { x });
    }
    if state.release_from.is_none_or(|from| from > found.included_at) {
        return Err(Refusal::Early { x });
    }
    let is_open = |name| state.compartment(name).is_some_and(|compartment| compartment.is_open);
    if !release.files.iter().all(|file| is_open(file.name)) {
        return Err(Refusal::Closed { x });
    }
    for file in &release.files {
        let Some(compartment) = state.compartments.iter_mut().find(|c| c.name == file.name) else {
            continue;
        };
        compartment.released_by.push(x);
        if compartment.released_by.len() == usize::from(compartment.threshold) {
            compartment.released_at = Some(found.included_at);
        }
    }
    state.releases.push(ReleaseState {
        x,
        found,
        files: release.files,
    });
    Ok(())
}
