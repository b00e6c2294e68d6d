//! What the page shows: handles, numbers, institutions, clocks and codes. No name of a person and no text of a
//! testimony stands here; an opened document is handed over apart ([`Desk::shown`]).

use std::collections::BTreeMap;

use casework::release::NotNow;
use casework::view::{Running, Task, next_term, reader_queue, seat_queue};
use casework::{FollowedCase, LogTime, Office, RequestState, admit};
use protocol::phrase::{Language, fingerprint_words};
use protocol::statement::{Compartment, Council, Holds, Reason, Vote};
use protocol::{Digest, MemberNumber};
use reports::{Record, Source, Words};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::failure::{Outcome, code_of};
use crate::reader::OwnRequest;
use crate::seat::Checked;

impl Desk {
    /// Everything that the page shows outside an opened document, as JSON.
    ///
    /// # Errors
    /// What [`crate::log::Log::moment_of_any_age`] may say.
    pub fn view(&self) -> Outcome<Value> {
        let (moment, freshness) = self.log.moment_of_any_age()?;
        let mut tasks = Vec::new();
        let mut cases = Vec::new();
        for held in self.cases() {
            let found = match self.office()? {
                Office::Seat => seat_queue(&held.case, &self.as_seat()?, &moment, self.log.registry()),
                Office::Reader => reader_queue(&held.case, self.x()?, &moment),
            };
            tasks.extend(found.iter().map(|task| self.task(held, task)));
            cases.push(self.case(held, &moment)?);
        }
        let urgent = |value: &Value| value["danger"] == json!(true);
        tasks.sort_by_key(|task| (task["by"].as_u64().unwrap_or(u64::MAX), !urgent(task)));
        Ok(json!({
            "member": self.member()?,
            "log": { "size": moment.size(), "time": moment.time(), "origin": self.log.root().origin,
                     "demo": self.log.root().origin.is_demo(),
                     "clock": freshness,
                     "step_s": self.log.registry().pace().map(|pace| pace.step_s) },
            "tasks": tasks,
            "next": self.next(&moment),
            "deliveries": self.deliveries(),
            "cells": self.to_take().iter().map(|(case, proposed, _)| json!({ "code": case.code(), "name": proposed.name() })).collect::<Vec<_>>(),
            "cases": cases,
            "readers": self.readers(),
            "referred": self.referred(moment.time()),
            "opened": self.shown_list(),
        }))
    }

    /// The next term that ends on any case, and for a reader on any request: which case, what, and when.
    fn next(&self, moment: &LogTime) -> Value {
        let at = moment.time();
        let of_cases = self.cases().filter_map(|held| {
            let (ends_at, what) = next_term(&held.case, at)?;
            Some((ends_at, held.case.id(), what))
        });
        let is_known = |own: &&OwnRequest| !self.cases.contains_key(&own.case) && own.request.decide_by > at;
        let of_requests = self.requests.values().filter(is_known);
        let asked = of_requests.map(|own| (own.request.decide_by, own.case, Running::Decisions));
        let next = of_cases.chain(asked).min_by_key(|(ends_at, ..)| *ends_at);
        next.map_or(
            Value::Null,
            |(ends_at, case, what)| json!({ "at": ends_at, "code": case.code(), "what": what }),
        )
    }

    fn member(&self) -> Outcome<Value> {
        let x = self.x()?;
        let council = self.log.registry().current();
        let member = council.and_then(|council| council.member(x));
        let key = Council::fingerprint(Digest::of(&self.keys.public().0));
        Ok(json!({
            "x": x, "office": self.office()?,
            "institution": member.map(|member| member.institution.clone()),
            "epoch": council.map(|council| council.epoch),
            "account": council.map(|council| council.account),
            "identity": council.map(|council| council.identity),
            "seats": council.map(|council| council.seats.len()),
            "objection_s": council.map(|council| council.objection_s),
            "key": words(key),
            "council": council.map(|council| words(Council::fingerprint(council.digest()))),
        }))
    }

    /// The institution of a member, for a line.
    fn institution(&self, x: MemberNumber) -> Value {
        let council = self.log.registry().current();
        json!(
            council
                .and_then(|council| council.member(x))
                .map(|member| member.institution.clone())
        )
    }

    fn task(&self, held: &FollowedCase, task: &Task) -> Value {
        let mut value = serde_json::to_value(task).unwrap_or(Value::Null);
        if let Value::Object(fields) = &mut value {
            fields.insert("case".to_owned(), json!(held.case.id()));
            fields.insert("code".to_owned(), json!(held.case.id().code()));
            fields.insert("danger".to_owned(), json!(held.flags.danger));
            fields.insert("interpreter".to_owned(), json!(held.flags.interpreter));
            if let Task::Aid { due, .. } = task {
                fields.insert("by".to_owned(), json!(due.end()));
            }
            if let Task::Wait { not_now, .. } = task {
                fields.insert("not_now".to_owned(), refused(not_now));
            }
            let is_waiting = self.is_waiting(held, task);
            fields.insert("sent".to_owned(), json!(is_waiting));
        }
        value
    }

    /// Whether what a task asks for is promised already and only waits for its step of the log.
    fn is_waiting(&self, held: &FollowedCase, task: &Task) -> bool {
        let (names, request): (&[&str], Option<&Digest>) = match task {
            Task::Ack { .. } => (&["ack"], None),
            Task::Decide { request, .. } => (&["decision"], Some(request)),
            Task::Release { request, .. } | Task::Wait { request, .. } => (&["release"], Some(request)),
            Task::Open { request, .. } => (&["opened"], Some(request)),
            Task::Finding { request, .. } => (&["finding"], Some(request)),
            Task::Aid {
                request,
                measure,
                provider,
                ..
            } => {
                let about = format!("{request} {measure} {provider}");
                let mut pending = self.pending.iter();
                return pending.any(|pending| pending.name == "aid" && pending.about() == about);
            }
            _ => return false,
        };
        let case = held.case.id();
        self.pending.iter().any(|pending| {
            let is_about = request.is_none_or(|request| pending.about().starts_with(&request.to_hex()));
            pending.case == case && names.contains(&pending.name) && is_about
        })
    }

    fn deliveries(&self) -> Vec<Value> {
        let line = |(id, (_, checked)): (&Digest, &(_, Checked))| {
            let (state, check) = match checked {
                Checked::Holds(case) => return json!({ "id": id, "state": "holds", "code": case.code() }),
                Checked::Early => ("early", None),
                Checked::Failed(rejected) => ("failed", Some(rejected.check)),
                Checked::Told(rejected) => ("told", Some(rejected.check)),
            };
            json!({ "id": id, "state": state, "check": check })
        };
        self.deliveries.iter().map(line).collect()
    }

    fn readers(&self) -> Vec<Value> {
        let council = self.log.registry().current();
        let readers = council.map(|council| council.readers.iter());
        let line = |reader: &protocol::statement::Member| json!({ "x": reader.x, "institution": reader.institution });
        readers.into_iter().flatten().map(line).collect()
    }

    fn case(&self, held: &FollowedCase, moment: &LogTime) -> Outcome<Value> {
        let (case, x) = (&held.case, self.x()?);
        let registry = self.log.registry();
        let acks: Vec<Value> = case
            .facts()
            .dealt
            .iter()
            .map(|x| json!({ "x": x, "institution": self.institution(*x), "holds": case.holds_share(*x) }))
            .collect();
        let requests: Result<Vec<Value>, _> = case
            .requests()
            .iter()
            .map(|state| self.case_request(held, state, moment))
            .collect();
        let is_seat = self.office()? == Office::Seat;
        let may_refer = |reader: MemberNumber| is_seat && admit::referral(case, x, reader, registry).is_ok();
        let council = registry.current();
        let to_refer: Vec<MemberNumber> = council
            .map(|council| {
                council
                    .readers
                    .iter()
                    .map(|reader| reader.x)
                    .filter(|x| may_refer(*x))
                    .collect()
            })
            .unwrap_or_default();
        let is_sent = |name: &str, about: &str| {
            let mut pending = self.pending.iter();
            pending.any(|pending| pending.case == case.id() && pending.name == name && pending.about() == about)
        };
        Ok(json!({
            "id": case.id(), "code": case.id().code(),
            "filed_at": case.filed().included_at,
            "is_safe": case.is_safe(),
            "danger": held.flags.danger, "interpreter": held.flags.interpreter,
            "acks": acks,
            "may_ack": is_seat && admit::ack(case, x, Holds::Share, registry).is_ok(),
            "refer": to_refer.iter().map(|reader| json!({ "x": reader, "institution": self.institution(*reader),
                "sent": is_sent("referral", &reader.to_string()) })).collect::<Vec<_>>(),
            "compartments": case.facts().compartments.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            "requests": requests?,
        }))
    }

    fn case_request(&self, held: &FollowedCase, state: &RequestState, moment: &LogTime) -> Outcome<Value> {
        let (case, x, registry) = (&held.case, self.x()?, self.log.registry());
        let now_or = |outcome: Result<(), NotNow>| outcome.err().map(|no| refused(&no));
        let request = &state.request;
        let seats: Vec<Value> = state
            .dealt
            .iter()
            .map(|x| {
                let decision = state.decision_of(*x);
                json!({ "x": x, "institution": self.institution(*x),
                    "vote": decision.map(|decision| decision.vote),
                    "reason": decision.and_then(|decision| decision.reason),
                    "released": state.release_of(*x).is_some() })
            })
            .collect();
        let compartments: Vec<Value> = state
            .compartments
            .iter()
            .map(|c| {
                json!({ "name": c.name, "grants": state.granted_by().len(), "need": c.need,
                    "released": c.released_by.len(), "threshold": c.threshold })
            })
            .collect();
        let may = match self.office()? {
            Office::Seat => {
                let latest = self.log.latest_with_clock()?;
                let seat = self.as_seat()?;
                json!({
                    "decide": now_or(admit::decision(case, &state.digest, x, moment, registry)),
                    "object": now_or(admit::objection(case, &state.digest, Some(x), moment, registry)),
                    "release": now_or(admit::release(case, &state.digest, &seat, &latest, registry).map(drop)),
                })
            }
            Office::Reader => json!({
                "finding": now_or(admit::finding(case, &state.digest, x, registry)),
                "aid": now_or(admit::aid(case, &state.digest, x, registry)),
            }),
        };
        let sent: Vec<&str> = self
            .pending
            .iter()
            .filter(|pending| pending.case == case.id() && pending.about().starts_with(&state.digest.to_hex()))
            .map(|pending| pending.name)
            .collect();
        Ok(json!({
            "digest": state.digest,
            "reader": request.reader, "institution": self.institution(request.reader),
            "purpose": request.purpose, "basis": request.basis, "urgent": request.urgent,
            "recipient": words(Council::fingerprint(Digest::of(request.recipient.to_string().as_bytes()))),
            "compartments": compartments, "seats": seats,
            "logged_at": state.found.included_at,
            "decide_by": state.grants_until(), "waits_until": state.waits_until,
            "objected": !state.objections.is_empty(),
            "status": state.status(moment.time()),
            "not_now": may, "sent": sent,
            "opened": state.opened.is_some(),
            "findings": state.findings.iter().map(|finding| finding.outcome).collect::<Vec<_>>(),
            "aid": state.aid().into_iter().map(|aid| json!({ "measure": aid.measure, "provider": aid.provider,
                "status": aid.status, "due": aid.due })).collect::<Vec<_>>(),
            "has_key": self.requests.contains_key(&state.digest),
        }))
    }

    /// Cases that a reader was told of, with its requests and what came for each.
    fn referred(&self, at: u64) -> Vec<Value> {
        let council = self.log.registry().current();
        let need = |name: Compartment| council.and_then(|council| council.threshold(name)).unwrap_or(u8::MAX);
        let mut lines: BTreeMap<_, Vec<Value>> = self.referred.keys().map(|id| (*id, Vec::new())).collect();
        for (digest, own) in &self.requests {
            let votes = self.decisions(digest);
            let decision = |(x, vote, reason): &(MemberNumber, Vote, Option<Reason>)| json!({ "x": x, "institution": self.institution(*x), "vote": vote, "reason": reason });
            let compartments: Vec<Value> = own
                .request
                .compartments
                .iter()
                .map(|name| {
                    let have = own.released.seats(*name).len();
                    json!({ "name": name, "released": have, "threshold": need(*name) })
                })
                .collect();
            let suffices = |name: &Compartment| own.released.seats(*name).len() >= usize::from(need(*name));
            let may_open = own.request.compartments.iter().any(suffices);
            lines.entry(own.case).or_default().push(json!({
                "digest": digest, "compartments": compartments, "urgent": own.request.urgent,
                "decide_by": own.request.decide_by, "may_open": may_open,
                "status": council.map(|council| casework::asked::asked(&own.request, council, at)),
                "decisions": votes.iter().map(decision).collect::<Vec<_>>(),
            }));
        }
        let line = |(id, requests): (protocol::CaseId, Vec<Value>)| {
            let by = self.referred.get(&id).map(|told| told.referral.x);
            json!({ "id": id, "code": id.code(), "x": by, "institution": by.map(|x| self.institution(x)),
                    "may_ask": by.is_some(), "requests": requests })
        };
        lines.into_iter().map(line).collect()
    }

    /// Which compartments are open in this page, without their content.
    fn shown_list(&self) -> Vec<Value> {
        let line = |shown: &crate::opening::Shown| {
            json!({ "case": shown.case, "code": shown.case.code(),
            "request": shown.request, "name": shown.name, "unopened": shown.unopened.len() })
        };
        self.shown.iter().map(line).collect()
    }

    /// An opened document with the names of its files: what is shown after `opened` was filed.
    pub fn shown(&self, place: usize) -> Option<Value> {
        let shown = self.shown.get(place)?;
        let file = |file: &crate::opening::ShownFile| {
            json!({ "name": file.name, "media_type": file.media_type,
            "size": file.bytes.len(), "is_copy": file.is_copy, "is_as_told": file.is_as_told })
        };
        Some(json!({
            "code": shown.case.code(), "request": shown.request, "name": shown.name,
            "text": *shown.text, "answers": shown.answers, "remarks": shown.remarks, "bad": shown.bad,
            "unopened": shown.unopened,
            "files": shown.files.iter().map(file).collect::<Vec<_>>(),
        }))
    }

    /// What reports on an opened document are made from: acts and digests, none of her words.
    pub fn record(&self, place: usize) -> Option<String> {
        let shown = self.shown.get(place)?;
        let held = self.cases.get(&shown.case)?;
        let trusted = &self.log.latest().ok()?.1;
        let same = self.shown.iter().filter(|other| other.request == shown.request);
        let words: Vec<Words<'_>> = same
            .clone()
            .map(|shown| Words {
                name: shown.name,
                text: &shown.text,
                files: &shown.told,
            })
            .collect();
        let remarks = same.flat_map(|shown| {
            let unopened = shown.unopened.iter();
            let unopened = unopened.map(|unopened| format!("{}: {:?}", unopened.object, unopened.why));
            shown.remarks.iter().map(|remark| (*remark).to_owned()).chain(unopened)
        });
        let record = Record::of(Source {
            case: &held.case,
            core: &held.core,
            registry: self.log.registry(),
            request: shown.request,
            read_to: (trusted.time(), trusted.checkpoint().size),
            documents: &words,
            remarks: remarks.collect(),
        });
        serde_json::to_string(&record).ok()
    }

    /// The bytes of a file of an opened document.
    pub fn shown_file(&self, place: usize, file: usize) -> Option<&[u8]> {
        let shown = self.shown.get(place)?;
        shown.files.get(file).map(|file| file.bytes.as_slice())
    }
}

/// A rule that does not allow an act now: its code, and from when it will.
fn refused(no: &NotNow) -> Value {
    let mut value = serde_json::to_value(&no.why).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut value {
        fields.insert("code".to_owned(), json!(code_of(&no.why)));
        fields.insert("from".to_owned(), json!(no.from));
        fields.insert("line".to_owned(), json!(no.line));
    }
    value
}

/// A fingerprint as eight words of each language.
fn words(bits: [u8; 11]) -> Value {
    json!({ "es": fingerprint_words(&bits, Language::Spanish), "en": fingerprint_words(&bits, Language::English) })
}
