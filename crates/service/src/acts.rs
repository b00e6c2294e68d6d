//! `POST /acts` (§6.2, §15.8): an entry of a council member, with the records that carry the act.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use ledger::{Accepted, NewEntry};
use protocol::http::{ActForm, EntryHex};
use protocol::{Digest, MemberNumber};

use crate::app::{self, Shared};
use crate::form::{self, Posted};
use crate::limits::{FORM_BODY_MAX, FORM_COPIES, PROMISE_S};
use crate::problem::Refusal;
use crate::{body, drop, log, pace, records, signature};

pub(crate) async fn act(State(app): State<Shared>, head: Parts, body: Body) -> Result<Response, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, FORM_BODY_MAX, FORM_COPIES).await?;
    let caller = signature::caller(&app, &head, &Digest::of(&whole.bytes))?;
    let mut posted: Posted<ActForm> = form::read(&head.headers, whole.bytes, "act").await?;
    let entries = entries(&app, &posted.form, caller.x)?;
    let count = entries.len() as u64;
    let now = app.now();
    let named = posted.form.records.clone();
    if named.iter().all(|record| record.keep > 0) {
        return Err(Refusal::form(
            "An act brings the record of its statement, which stays as long as the log: keep 0.",
        ));
    }
    let mut submission = records::carry(&mut posted, &named, caller.x, now)?;
    let entry = Digest::of(posted.form.entry.as_bytes());
    let step_s = app.projection.view().rate(now).step_s.max(1);
    let promise = app.promise(&entry, now - now % step_s + PROMISE_S);
    let form = posted.form.digest();
    submission.form = Some(Digest::of_parts(&[b"act\0", &caller.x.get().to_be_bytes(), &form.0]).0);
    submission.answer = promise.clone();
    submission.once.push(caller.once);
    submission.is_fresh = true;
    submission.entries = entries;
    app::finish(async move {
        let _held = whole.held;
        let view = app.projection.view();
        let members = view
            .council()
            .map_or(0, |council| council.seats.len() + council.readers.len());
        let admitted = drop::check(&app, named.iter().map(|record| &record.bucket), now)
            .and_then(|()| app.capacity.admit(view.rate(now), now, caller.x, count, members as u64));
        let outcome = match admitted {
            Ok(share) => {
                let outcome = match pace::keep_up(&app).await {
                    Ok(()) => records::submit(&app, submission, caller.x, named.len(), now).await,
                    Err(error) => Err(app.refusal(error)),
                };
                let is_new = matches!(outcome, Ok(Accepted::New));
                app.capacity.admitted(share, now, is_new, caller.is_seat);
                outcome
            }
            Err(refusal) => records::again(&app, submission, refusal).await,
        };
        match outcome? {
            Accepted::New => {
                app.telemetry.count("resguardo_acts_total");
                Ok(log::text(promise))
            }
            Accepted::Again(first) => Ok(log::text(first)),
        }
    })
    .await
}

/// The act's entry and its twin's, both for the next step: acts are never made to wait for filings (§6.3).
fn entries(app: &Shared, form: &ActForm, author: MemberNumber) -> Result<Vec<NewEntry>, Refusal> {
    form.check().map_err(Refusal::rule)?;
    app.check_origin(&form.origin)?;
    let now = app.now();
    let step = now / app.projection.view().rate(now).step_s.max(1) + 1;
    let entry = |entry: &EntryHex| NewEntry {
        bytes: entry.as_bytes().to_vec(),
        // Whoever insists has an entry of its own, whatever else is in its slot: only the same 65 bytes are refused.
        key: if form.insist {
            Digest::of(entry.as_bytes()).0
        } else {
            entry.slot()
        },
        step,
        class: 1,
        owner: Some(author.get()),
    };
    let mut entries = vec![entry(&form.entry)];
    if let Some(twin) = &form.twin_entry {
        let mut entry = entry(twin);
        // A twin is found by its slot. Where that is taken, what took it commits to the twin, too.
        if form.insist && !app.ledger.is_taken(&twin.slot()).map_err(|error| app.refusal(error))? {
            entry.key = twin.slot();
        }
        entries.push(entry);
    }
    Ok(entries)
}
