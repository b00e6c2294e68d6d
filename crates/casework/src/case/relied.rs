//! A release, judged by the acts on which it says that it relies, and by nothing else that is shown (§8.5, §19).

use std::collections::{BTreeMap, BTreeSet};

use protocol::statement::{Compartment, LapseStep, Release};
use protocol::{Digest, MemberNumber};

use super::act::{ActRefusal, Body, Missing, Standing};
use super::facts::Facts;
use super::hers::{AnswerState, DeclarantAct};
use super::judged::{Acts, Judged, is_on, once, right};
use super::request::{ReleaseState, RequestState};
use super::weigh::{Grant, Weighed};
use crate::clock::{DAY_S, INQUIRY_S};
use crate::slots::Found;

/// What was filed, what is its header, and what she has said since that is shown, before the release in the log.
pub(super) struct Told<'a> {
    pub filed: Found,
    pub headers: &'a Headers,
    pub heard: &'a [Found],
}

/// The slot-0 K-file of the testimony, by its digest (§19).
pub(super) struct Headers(BTreeSet<Digest>);

impl Headers {
    /// The one that was delivered or fetched; from the phrase alone each that releases of t_account seats name, whether the
    /// releases count or not: fewer seats may all be bought.
    pub fn of(facts: &Facts, acts: &Acts) -> Self {
        if let Some(own) = facts.header_file {
            return Self([own].into());
        }
        let mut named: BTreeMap<Digest, BTreeSet<MemberNumber>> = BTreeMap::new();
        for (_, body, _) in right(acts) {
            if let Body::Release(release) = body {
                named.entry(release.header).or_default().insert(release.x);
            }
        }
        let enough = named
            .into_iter()
            .filter(|(_, by)| by.len() >= usize::from(facts.account));
        Self(enough.map(|(digest, _)| digest).collect())
    }

    /// Whether a file is the header; `None` while nobody can say.
    fn has(&self, digest: &Digest) -> Option<bool> {
        (!self.0.is_empty()).then(|| self.0.contains(digest))
    }
}

/// A release, judged by the acts on which it says that it relies.
pub(super) fn take_release(
    facts: &Facts,
    told: &Told<'_>,
    acts: &Acts,
    state: &mut RequestState,
    release: &Release,
    found: Found,
) -> Judged {
    let relied = match relied(acts, state, release, found) {
        Ok(relied) => relied,
        Err(standing) => return Judged::Not(standing),
    };
    let checked = check_release(facts, state, release, &relied, found);
    if let Err(refusal) = checked.and_then(|()| check_hers(facts, told.filed, state, release, &relied)) {
        return Err(refusal).into();
    }
    match told.headers.has(&release.header) {
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
    omits.extend(unheeded(facts, told.heard, state, &relied));
    omits.sort_unstable();
    omits.dedup();
    state.releases.push(ReleaseState {
        x: release.x,
        found,
        files: release.files.clone(),
        omits,
    });
    Judged::Counts
}

/// The grants, with their seats, the objections and what stands for her consent, as a release names them. One that is shown and is not such an act is
/// refused, whatever else is missing.
fn relied(acts: &Acts, state: &RequestState, release: &Release, found: Found) -> Result<Relied, Standing> {
    let x = release.x;
    let mut relied = Relied::default();
    let mut missing = None;
    let list = |indices: &[u64], named: Named| indices.iter().map(|index| (*index, named)).collect::<Vec<_>>();
    let named = [
        list(&release.grants, Named::Grant),
        list(&release.objections, Named::Objection),
        list(&release.consent, Named::Consent),
    ];
    for (index, named) in named.into_iter().flatten() {
        let kept = acts.get(&index).filter(|_| index < found.index);
        if kept.is_some_and(|kept| kept.own == Standing::Gap) {
            missing = missing.or(Some(index));
            continue;
        }
        let right = kept.filter(|kept| kept.own == Standing::Counts && kept.stands_within(found.index));
        let body = right.and_then(|kept| Some((kept.act.found, kept.act.body.as_ref()?)));
        let fits = body.is_some_and(|(at, body)| relied.take(state, named, at, body));
        if !fits {
            return Err(Standing::Refused(ActRefusal::Reliance { x, index }));
        }
    }
    match missing {
        Some(index) => Err(Standing::Undecided(Missing::Act { index })),
        None => Ok(relied),
    }
}

/// In which list a release names an act.
#[derive(Clone, Copy)]
enum Named {
    Grant,
    Objection,
    Consent,
}

#[derive(Default)]
struct Relied {
    seats: BTreeMap<MemberNumber, Vec<Compartment>>,
    weighed: Weighed,
    consents: Vec<AnswerState>,
    heard: Vec<Found>,
    inquiries: Vec<Found>,
    lapsing: BTreeSet<MemberNumber>,
    decided: Vec<Found>,
}

impl Relied {
    /// Whether the act is one that may stand in this list.
    fn take(&mut self, state: &RequestState, named: Named, at: Found, body: &Body) -> bool {
        let is_on = is_on(state, at, body);
        match (named, body) {
            (Named::Grant, Body::Decision(decision)) if is_on && decision.answers(&state.request.compartments) => {
                let names = decision.grants.clone();
                self.weighed.grants.push(Grant { found: at, names });
                let first = self.seats.insert(decision.x, decision.grants.clone()).is_none();
                first && !decision.grants.is_empty()
            }
            (Named::Objection, _) if is_on && body.is_objection() => {
                self.weighed.objections.push(at);
                at.included_at <= state.object_by
            }
            (Named::Consent, Body::Hers(_)) if state.asks_without_her() => {
                self.heard.push(at);
                true
            }
            (Named::Consent, Body::Hers(DeclarantAct::Consent(consent))) if is_on => {
                let (n, yes, found) = (consent.n, consent.yes, at);
                self.consents.push(AnswerState { n, yes, found });
                yes
            }
            (Named::Consent, Body::Lapse(lapse)) if state.asks_without_her() => match lapse.step {
                LapseStep::Inquiry => {
                    self.inquiries.push(at);
                    true
                }
                LapseStep::Decide => {
                    self.decided.push(at);
                    self.lapsing.insert(lapse.x)
                }
            },
            _ => false,
        }
    }
}

/// Line 7 by the acts that the release names: her consent, or a lapse with its times and its decisions.
fn check_hers(
    facts: &Facts,
    filed: Found,
    state: &RequestState,
    release: &Release,
    relied: &Relied,
) -> Result<(), ActRefusal> {
    let x = release.x;
    if !facts.asks_her() {
        let more = release.consent.first();
        return more.map_or(Ok(()), |index| Err(ActRefusal::Reliance { x, index: *index }));
    }
    let is_good = if state.asks_without_her() {
        is_lapsed(facts, filed, relied)
    } else {
        relied.consents.len() == 1
    };
    if is_good {
        Ok(())
    } else {
        Err(ActRefusal::NoConsent { x })
    }
}

/// One inquiry after so long a silence, and after its time decisions of t_lapse seats.
fn is_lapsed(facts: &Facts, filed: Found, relied: &Relied) -> bool {
    let ([inquiry], Some(days), Some(need)) = (
        relied.inquiries.as_slice(),
        facts.policy.lapse_days,
        facts.policy.t_lapse,
    ) else {
        return false;
    };
    let silent_for = u64::from(days).saturating_mul(DAY_S);
    let was_silent = |heard: &Found| {
        heard.index < inquiry.index && inquiry.included_at >= heard.included_at.saturating_add(silent_for)
    };
    let decide_from = inquiry.included_at.saturating_add(INQUIRY_S);
    let in_time = |decided: &Found| decided.index > inquiry.index && decided.included_at >= decide_from;
    was_silent(&filed)
        && relied.heard.iter().all(was_silent)
        && relied.decided.iter().all(in_time)
        && relied.lapsing.len() >= usize::from(need)
}

/// What she had said before the release, is shown, would have kept it back, and is not named: the seat says that it was not
/// shown it.
fn unheeded<'a>(
    facts: &'a Facts,
    heard: &'a [Found],
    state: &'a RequestState,
    relied: &'a Relied,
) -> impl Iterator<Item = u64> + 'a {
    let consent = relied.consents.first();
    let outranking = state.consents.iter().map(|consent| &consent.answer);
    let outranking = outranking.filter(move |answer| consent.is_some_and(|consent| answer.outranks(consent)));
    let inquiry = relied.inquiries.first();
    let silent_for = u64::from(facts.policy.lapse_days.unwrap_or_default()).saturating_mul(DAY_S);
    let breaking = heard.iter().filter(move |said| {
        inquiry.is_some_and(|inquiry| {
            said.index > inquiry.index || said.included_at.saturating_add(silent_for) > inquiry.included_at
        })
    });
    outranking
        .map(|answer| answer.found.index)
        .chain(breaking.map(|said| said.index))
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
    let own = relied.seats.get(&x).ok_or(ActRefusal::NotGranted { x })?;
    let until = weighed.grants_until(state.request.decide_by);
    for grant in &weighed.grants {
        if grant.found.included_at > until {
            let index = grant.found.index;
            return Err(ActRefusal::Reliance { x, index });
        }
    }
    for file in &release.files {
        let threshold = state.threshold(facts, file.name).ok_or(ActRefusal::NotAsked { x })?;
        // P goes with what was granted, and never alone (§8.4).
        let is_granted = match file.name {
            Compartment::Consent => release.files.iter().any(|other| other.name != file.name),
            name => own.contains(&name),
        };
        if !is_granted {
            return Err(ActRefusal::NotGranted { x });
        }
        if weighed.granted(file.name) < weighed.need(threshold) {
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
