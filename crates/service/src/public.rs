//! Public statements: the envelope, its proof, and the digests of one name (§15.8).

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use casework::duty;
use ledger::{Accepted, Submission};
use protocol::problem::Problem;
use protocol::slot::Entry;
use protocol::statement::ENVELOPE_MAX;
use protocol::{Digest, Envelope};

use crate::app::{self, Shared, blocking};
use crate::founding::publish_in;
use crate::limits::{FORM_COPIES, PROMISE_S};
use crate::problem::Refusal;
use crate::{body, log};

/// JSON as the answer.
pub(crate) fn json(bytes: impl IntoResponse) -> Response {
    let mut response = bytes.into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/json"),
    );
    response
}

pub(crate) async fn envelope(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let bytes = app.projection.view().envelope(&digest).ok_or_else(Refusal::not_found)?;
    Ok(json(bytes))
}

pub(crate) async fn proof(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let index = app.projection.view().index(&digest).ok_or_else(Refusal::not_found)?;
    let receipt = app
        .read(move |ledger| log::receipt(ledger, index))
        .await?
        .ok_or_else(Refusal::not_found)?;
    Ok(log::text(receipt.into_bytes()))
}

/// All that are in the log: index of the entry and digest, in log order.
pub(crate) async fn list(State(app): State<Shared>) -> Response {
    json(protocol::json::write(&app.projection.view().placed()))
}

pub(crate) async fn index(State(app): State<Shared>, Path(name): Path<String>) -> Response {
    let view = app.projection.view();
    json(protocol::json::write(&view.named(&name)))
}

/// `POST /public` (§10.2, §15.8): a duty report, from whoever has it, for its author's signature is in it. One counts for each
/// seat and month, so nobody fills the log with them.
pub(crate) async fn publish(State(app): State<Shared>, head: Parts, body: Body) -> Result<Response, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, ENVELOPE_MAX, FORM_COPIES).await?;
    let envelope = Envelope::parse(&whole.bytes)
        .map_err(|_| Refusal::form("This is no envelope of a statement. Nothing was stored."))?;
    let view = app.projection.view();
    let Some((registry, council)) = view.registry().zip(view.council()) else {
        return Err(Refusal::new(
            Problem::Capacity,
            "No council has been published here yet. Nothing was stored.",
        ));
    };
    let published_at = app.projection.checkpoint_time(&view, &app.ledger);
    let duty = duty::check(registry, u64::MAX, published_at, &envelope).map_err(|refusal| {
        let detail = format!("This duty report would not count: {refusal}. Nothing was stored.");
        Refusal::new(Problem::Form, detail)
    })?;
    let (digest, now) = (envelope.digest(), app.now());
    let entry = Digest::of(&Entry::Public(digest).to_bytes());
    // One for each seat and month, and again under a later council: that may have given the seat another key.
    let (x, month) = (duty.x.get().to_be_bytes(), duty.month.to_string());
    let form = Digest::of_parts(&[b"duty\0", &x, month.as_bytes(), &council.digest().0]);
    let step_s = view.rate(now).step_s.max(1);
    let promise = app.promise(&entry, now - now % step_s + PROMISE_S);
    let mut submission = Submission {
        form: Some(form.0),
        answer: [&digest.0, promise.as_slice()].concat(),
        ..Submission::default()
    };
    publish_in(&mut submission, &envelope);
    app::finish(async move {
        let _held = whole.held;
        let accepted = app
            .ledger
            .submit(submission)
            .await
            .map_err(|error| app.refusal(error))?;
        blocking(&app, |app| app.projection.refresh(&app.ledger))
            .await
            .map_err(|error| app.refusal(error))?;
        match accepted {
            Accepted::New => Ok(log::text(promise)),
            Accepted::Again(first) => match first.strip_prefix(&digest.0) {
                Some(promise) => Ok(log::text(promise.to_vec())),
                None => Err(Refusal::new(
                    Problem::Changed,
                    "This seat has reported on this month: the first report counts. Nothing was stored.",
                )),
            },
        }
    })
    .await
}
