//! What was referred to a reader, and what it asked for.

use std::collections::BTreeMap;

use casework::asked::RequestTiming;
use client::{OwnRequest, Reader};
use protocol::statement::{Compartment, Decision, OpeningOutcome, Reason};
use protocol::{CaseId, Digest, MemberNumber};
use serde::Serialize;

use super::{Named, institution};

/// A case that was referred to a reader, with its requests and what came for each.
#[derive(Serialize)]
pub struct ReferredView<'a> {
    id: CaseId,
    code: String,
    x: Option<MemberNumber>,
    institution: Option<&'a str>,
    may_ask: bool,
    requests: Vec<AskedView<'a>>,
    /// What this reader has said of requests on it, in whatever visit.
    said: Vec<SaidView>,
}

/// What was opened, and what was reported on it.
#[derive(Serialize)]
struct SaidView {
    request: Digest,
    opened: Option<OpeningOutcome>,
    findings: Vec<OpeningOutcome>,
}

/// A request that is not opened yet.
#[derive(Serialize)]
struct AskedView<'a> {
    digest: &'a Digest,
    compartments: Vec<ReleasedView>,
    urgent: bool,
    decide_by: u64,
    may_open: bool,
    /// Whether its sealed files may be fetched and were not asked for.
    to_fetch: bool,
    status: Option<RequestTiming>,
    decisions: Vec<DecisionView<'a>>,
}

#[derive(Serialize)]
struct ReleasedView {
    name: Compartment,
    released: usize,
    threshold: u8,
    /// It opens no more for this request, as far as decisions and releases came to its key.
    is_closed: bool,
}

#[derive(Serialize)]
struct DecisionView<'a> {
    #[serde(flatten)]
    seat: Named<'a>,
    grants: Vec<Compartment>,
    refuses: Vec<Compartment>,
    reason: Option<Reason>,
}

impl<'a> ReferredView<'a> {
    /// All of them.
    pub fn all(reader: &'a Reader, at: u64) -> Vec<Self> {
        let mut lines: BTreeMap<CaseId, Vec<AskedView<'a>>> =
            reader.referred().keys().map(|id| (*id, Vec::new())).collect();
        for (digest, own) in reader.requests() {
            let line = lines.entry(own.request.case).or_default();
            line.push(AskedView::of(reader, digest, own, at));
        }
        for id in reader.said().keys() {
            lines.entry(*id).or_default();
        }
        let line = |(id, requests): (CaseId, Vec<AskedView<'a>>)| {
            let x = reader.referred().get(&id).map(|told| told.referral.x);
            Self {
                id,
                code: id.code(),
                x,
                institution: x.and_then(|x| institution(reader.member(), x)),
                may_ask: x.is_some(),
                requests,
                said: said(reader, &id),
            }
        };
        lines.into_iter().map(line).collect()
    }
}

fn said(reader: &Reader, id: &CaseId) -> Vec<SaidView> {
    let said = reader.said().get(id).into_iter().flatten();
    said.map(|(request, said)| SaidView {
        request: *request,
        opened: said.opened,
        findings: said.findings.iter().map(|(_, outcome)| *outcome).collect(),
    })
    .collect()
}

impl<'a> AskedView<'a> {
    fn of(reader: &'a Reader, digest: &'a Digest, own: &'a OwnRequest, at: u64) -> Self {
        let council = reader.member().log().registry().current();
        let compartments = own.request.compartments.iter().map(|name| ReleasedView {
            name: *name,
            released: own.released.seats(*name).len(),
            threshold: council.and_then(|council| council.threshold(*name)).unwrap_or(u8::MAX),
            is_closed: reader.is_closed(digest, *name),
        });
        let compartments: Vec<ReleasedView> = compartments.collect();
        let decisions = reader.decisions(digest).into_iter();
        let decisions = decisions.map(
            |Decision {
                 x,
                 grants,
                 refuses,
                 reason,
                 ..
             }| DecisionView {
                seat: Named::by_number(reader.member(), x),
                grants,
                refuses,
                reason,
            },
        );
        let may_open = reader.is_released(own);
        Self {
            digest,
            urgent: own.request.urgent,
            decide_by: own.request.decide_by,
            may_open,
            to_fetch: may_open && !own.is_fetched,
            status: reader.asked(own, at),
            decisions: decisions.collect(),
            compartments,
        }
    }
}
