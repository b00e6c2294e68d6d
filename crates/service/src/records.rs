//! Records by council members without an entry: messages, copies, release files (§9.1, §15.8).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use ledger::{Accepted, Error, Item, Submission};
use protocol::http::{RECORD_SIZE, RecordRef, RecordsForm};
use protocol::{Digest, MemberNumber};

use crate::allowance::Allowance;
use crate::app::{self, Shared};
use crate::form::{self, Posted};
use crate::limits::{FORM_BODY_MAX, FORM_COPIES};
use crate::problem::Refusal;
use crate::{body, drop, signature};

pub(crate) async fn write(State(app): State<Shared>, head: Parts, body: Body) -> Result<StatusCode, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, FORM_BODY_MAX, FORM_COPIES).await?;
    let caller = signature::caller(&app, &head, &Digest::of(&whole.bytes))?;
    let mut posted: Posted<RecordsForm> = form::read(&head.headers, whole.bytes, "records").await?;
    posted.form.check().map_err(Refusal::rule)?;
    app.check_origin(&posted.form.origin)?;
    let records = posted.form.records.clone();
    let now = app.now();
    let mut submission = carry(&mut posted, &records, caller.x, now)?;
    let form = posted.form.digest();
    submission.form = Some(Digest::of_parts(&[b"records\0", &caller.x.get().to_be_bytes(), &form.0]).0);
    submission.once.push(caller.once);
    submission.is_fresh = true;
    app::finish(async move {
        let _held = whole.held;
        match drop::check(&app, records.iter().map(|record| &record.bucket), now) {
            Ok(()) => submit(&app, submission, caller.x, records.len(), now).await,
            Err(refusal) => again(&app, submission, refusal).await,
        }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A submission with the files and places of the records of a form that was checked.
///
/// # Errors
/// `form`, `blobs-missing`.
pub(crate) fn carry<T>(
    posted: &mut Posted<T>,
    records: &[RecordRef],
    author: MemberNumber,
    now: u64,
) -> Result<Submission, Refusal> {
    let mut submission = Submission::default();
    for record in records {
        match posted.len_of(&record.digest) {
            Some(RECORD_SIZE) => {}
            Some(_) => return Err(Refusal::form("A record has 3,707 bytes.")),
            None => return Err(app::missing(&[record.digest])),
        }
        submission.items.push(drop::waiting_item(record, Some(author), now));
    }
    for record in records {
        match posted.take(&record.digest) {
            Some(bytes) => submission.blobs.push((record.digest.0, bytes)),
            None => return Err(Refusal::form("Each record is named once.")),
        }
    }
    if posted.is_empty() {
        Ok(submission)
    } else {
        Err(Refusal::form("A file came that the form does not name."))
    }
}

/// Takes the records off the author's allowance and submits.
///
/// # Errors
/// `allowance`, `replay`, `slot-taken`, storage.
pub(crate) async fn submit(
    app: &Shared,
    submission: Submission,
    author: MemberNumber,
    count: usize,
    now: u64,
) -> Result<Accepted, Refusal> {
    submit_within(app, &app.allowance, submission, author, count, now).await
}

/// As [`submit`], for what has an allowance of its own.
///
/// # Errors
/// As [`submit`].
pub(crate) async fn submit_within(
    app: &Shared,
    allowance: &Arc<Allowance>,
    mut submission: Submission,
    author: MemberNumber,
    count: usize,
    now: u64,
) -> Result<Accepted, Refusal> {
    if !allowance.is_loaded(author, now) {
        let shared = Arc::clone(allowance);
        app.read(move |ledger| shared.load(ledger, author, now)).await?;
    }
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let written: Item = match allowance.take(author, count, now) {
        Ok(item) => item,
        Err(refusal) => return again(app, submission, refusal).await,
    };
    submission.items.push(written);
    let outcome = app.ledger.submit(submission).await;
    if !matches!(outcome, Ok(Accepted::New)) {
        allowance.give_back(author, count, now);
    }
    outcome.map_err(|error: Error| app.refusal(error))
}

/// What was accepted before is answered as before, even where it would be refused today.
pub(crate) async fn again(app: &Shared, submission: Submission, refusal: Refusal) -> Result<Accepted, Refusal> {
    let Some(form) = submission.form else {
        return Err(refusal);
    };
    match app.read(move |ledger| ledger.answer(&form)).await? {
        // Nothing of it is stored twice; but its signature is used up.
        Some(_) => app.ledger.submit(submission).await.map_err(|error| app.refusal(error)),
        None => Err(refusal),
    }
}
