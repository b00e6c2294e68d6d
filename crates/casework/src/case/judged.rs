//! What all acts together make of one, and which request an act is on.

use std::collections::BTreeMap;

use protocol::Digest;

use super::Kept;
use super::act::{ActRefusal, Body, Standing};
use super::request::RequestState;
use crate::slots::Found;

pub(super) type Acts = BTreeMap<u64, Kept>;

/// Acts that are right by themselves, with what they say.
pub(super) fn right(acts: &Acts) -> impl Iterator<Item = (&Kept, &Body, Digest)> {
    let right = acts.values().filter(|kept| kept.own == Standing::Counts);
    right.filter_map(|kept| Some((kept, kept.act.body.as_ref()?, kept.act.statement?)))
}

/// What all acts together make of one.
pub(super) enum Judged {
    Counts,
    Not(Standing),
}

impl From<Result<(), ActRefusal>> for Judged {
    fn from(result: Result<(), ActRefusal>) -> Self {
        result.map_or_else(|refusal| Self::Not(Standing::Refused(refusal)), |()| Self::Counts)
    }
}

/// Whether an act is on this request, which precedes it in the log.
pub(super) fn is_on(state: &RequestState, found: Found, body: &Body) -> bool {
    named(body) == Some(state.digest) && state.found.index < found.index
}

/// The request that an act names.
fn named(body: &Body) -> Option<Digest> {
    match body {
        Body::Decision(decision) => Some(decision.request),
        Body::Objection(objection) => Some(objection.request),
        Body::Hers(hers) => hers.request(),
        Body::Release(release) => Some(release.request),
        Body::Opened(opened) => Some(opened.request),
        Body::Finding(finding) => Some(finding.request),
        Body::Aid(aid) => Some(aid.request),
        Body::Ack(_)
        | Body::Reject(_)
        | Body::Referral(_)
        | Body::Request(_)
        | Body::Attended(_)
        | Body::Lapse(_)
        | Body::Erased(_)
        | Body::Decline(_) => None,
    }
}

/// Refuses what the same author has done at a lower index.
pub(super) fn once(first: Option<u64>) -> Result<(), ActRefusal> {
    first.map_or(Ok(()), |index| Err(ActRefusal::Again { index }))
}
