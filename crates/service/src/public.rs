//! Public statements: the envelope, its proof, and the digests of one name (§15.8).

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use casework::{docket, duty};
use ledger::{Accepted, Submission};
use protocol::http::decimal;
use protocol::problem::Problem;
use protocol::slot::{Entry, twin_slot};
use protocol::statement::{DocketId, DocketOpen, ENVELOPE_MAX, Payload as _, Twin};
use protocol::{Digest, Envelope, MemberNumber};

use crate::app::{self, Shared, blocking};
use crate::founding::publish_in;
use crate::limits::{FORM_COPIES, PROMISE_S};
use crate::problem::Refusal;
use crate::projection::View;
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

/// What a public statement takes of the log: of what has one place, a second one is refused.
struct Place {
    form: Digest,
    /// Why another statement is refused there.
    taken: &'static str,
}

/// `POST /public` (§10, §15.8): a duty report, a docket twin, or that the docket is open, from whoever has it, for its authors'
/// signatures are in it. Of each there is one for each place, so nobody fills the log with them.
pub(crate) async fn publish(State(app): State<Shared>, head: Parts, body: Body) -> Result<Response, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, ENVELOPE_MAX, FORM_COPIES).await?;
    let envelope = Envelope::parse(&whole.bytes)
        .map_err(|_| Refusal::form("This is no envelope of a statement. Nothing was stored."))?;
    let view = app.projection.view();
    let place = match envelope.name() {
        Some(Twin::NAME) => twin(&app, &envelope).await?,
        Some(DocketOpen::NAME) => docket_open(&view, &envelope)?,
        _ => duty(&app, &view, &envelope)?,
    };
    let (digest, now) = (envelope.digest(), app.now());
    let entry = Digest::of(&Entry::Public(digest).to_bytes());
    let step_s = view.rate(now).step_s.max(1);
    let promise = app.promise(&entry, now - now % step_s + PROMISE_S);
    let mut submission = Submission {
        form: Some(place.form.0),
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
                None => Err(Refusal::new(Problem::Changed, place.taken)),
            },
        }
    })
    .await
}

fn no_council() -> Refusal {
    Refusal::new(
        Problem::Capacity,
        "No council has been published here yet. Nothing was stored.",
    )
}

/// One for each seat and month, and again under a later council: that may have given the seat another key.
fn duty(app: &Shared, view: &View, envelope: &Envelope) -> Result<Place, Refusal> {
    let (registry, council) = view.registry().zip(view.council()).ok_or_else(no_council)?;
    let published_at = app.projection.checkpoint_time(view, &app.ledger);
    let duty = duty::check(registry, u64::MAX, published_at, envelope).map_err(|refusal| {
        let detail = format!("This duty report would not count: {refusal}. Nothing was stored.");
        Refusal::new(Problem::Form, detail)
    })?;
    let (x, month) = (duty.x.get().to_be_bytes(), duty.month.to_string());
    Ok(Place {
        form: Digest::of_parts(&[b"duty\0", &x, month.as_bytes(), &council.digest().0]),
        taken: "This seat has reported on this month: the first report counts. Nothing was stored.",
    })
}

/// A twin that an entry of the published log commits to, once it is due. Two that contradict each other are both taken: they
/// are the proof.
async fn twin(app: &Shared, envelope: &Envelope) -> Result<Place, Refusal> {
    let envelope = envelope.clone();
    blocking(app, move |app| Ok(place_of_twin(app, &envelope)))
        .await
        .map_err(|error| app.refusal(error))?
}

fn place_of_twin(app: &Shared, envelope: &Envelope) -> Result<Place, Refusal> {
    let view = app.projection.view();
    let registry = view.registry().ok_or_else(no_council)?;
    let refused = |refusal| {
        let detail = format!("This twin is not published: {refusal}. Nothing was stored.");
        Refusal::new(Problem::Form, detail)
    };
    let size = app.ledger.snapshot().map_or(0, |snapshot| snapshot.size);
    let committed = |twin| {
        let index = app.ledger.position(&twin_slot(twin)).ok().flatten();
        index.filter(|index| *index < size)
    };
    let twin = docket::check(registry, envelope, committed).map_err(refused)?.twin;
    let at = app.projection.checkpoint_time(&view, &app.ledger);
    docket::may_publish(registry, &twin, view.shows_request(&twin.docket), at).map_err(refused)?;
    Ok(Place {
        form: Digest::of_parts(&[b"docket\0", &envelope.digest().0]),
        taken: "This twin is published already. Nothing was stored.",
    })
}

fn docket_open(view: &View, envelope: &Envelope) -> Result<Place, Refusal> {
    let registry = view.registry().ok_or_else(no_council)?;
    registry.check_docket_open(envelope).map_err(|refusal| {
        let detail = format!("This would not open the docket: {refusal}. Nothing was stored.");
        Refusal::new(Problem::Form, detail)
    })?;
    Ok(Place {
        form: Digest::of(b"docket-open\0"),
        taken: "The docket is open already: the first statement counts. Nothing was stored.",
    })
}

/// `GET /docket/<docket>/<x>/<n>`: a published twin.
pub(crate) async fn docket(
    State(app): State<Shared>,
    Path((docket, x, n)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let view = app.projection.view();
    let named = || {
        let x = MemberNumber::new(u16::try_from(decimal(&x)?).ok()?)?;
        let n = u32::try_from(decimal(&n)?).ok()?;
        view.envelope(&view.twin(&DocketId::from_hex(&docket)?, x, n)?)
    };
    Ok(json(named().ok_or_else(Refusal::not_found)?))
}
