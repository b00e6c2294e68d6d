//! Office cells (§9.3): from anybody with work, handed over with the next delivery; from members at once.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use ledger::{Accepted, Error, Item, Order, Refused, Submission};
use protocol::problem::Problem;
use protocol::{Day, Digest};

use crate::app::Shared;
use crate::delivery::{OFFICE_LIST, OFFICE_WAITING_LIST};
use crate::limits::{CELL_KEEP_DAYS, DAY_S, FORM_COPIES, cell_len};
use crate::problem::Refusal;
use crate::{body, signature, work};

/// Largest cell: one stanza for each of 24 seats.
const CELL_MAX: usize = cell_len(24);

pub(crate) async fn write(State(app): State<Shared>, head: Parts, body: Body) -> Result<StatusCode, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, CELL_MAX, FORM_COPIES).await?;
    let cell = whole.bytes;
    let digest = Digest::of(&cell);
    let now = app.now();
    let is_signed = signature::is_signed(&head.headers);
    let (once, writer) = if is_signed {
        let caller = signature::caller(&app, &head, &digest)?;
        (Some(caller.once), Some(caller.x))
    } else {
        match app.work.check_crowd(&head.headers, &digest, now, app.cells.crowd(now)) {
            Ok(once) => (once, None),
            Err(refusal) => return again(&app, &digest, refusal).await,
        }
    };
    let view = app.projection.view();
    let Some(council) = view.council() else {
        return Err(Refusal::new(
            Problem::Capacity,
            "No council has been published here yet. Nothing was stored.",
        ));
    };
    if cell.len() != cell_len(council.seats.len()) {
        return Err(Refusal::form(
            "An office cell has 8,192 bytes sealed to one stanza for each seat of the council.",
        ));
    }
    let list = if is_signed { OFFICE_LIST } else { OFFICE_WAITING_LIST };
    let submission = Submission {
        form: Some(identity(&digest)),
        once: once.into_iter().collect(),
        is_fresh: is_signed,
        items: vec![Item {
            list: list.to_owned(),
            expires: Some(Day::of(now).end() + u64::from(CELL_KEEP_DAYS) * DAY_S),
            blob: Some(digest.0),
            order: if is_signed { Order::Arrival } else { Order::Drawn },
            ..Item::default()
        }],
        blobs: vec![(digest.0, cell.into())],
        ..Submission::default()
    };
    app.cells.take(writer, now)?;
    let outcome = app.ledger.submit(submission).await;
    if !matches!(outcome, Ok(Accepted::New)) {
        app.cells.give_back(writer, now);
    }
    match outcome {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(Error::Refused(Refused::Used)) if !is_signed => Err(work::reused()),
        Err(error) => Err(app.refusal(error)),
    }
}

fn identity(digest: &Digest) -> [u8; 32] {
    Digest::of_parts(&[b"office\0", &digest.0]).0
}

/// The same cell again was taken already, whatever its work is worth now.
async fn again(app: &Shared, digest: &Digest, refusal: Refusal) -> Result<StatusCode, Refusal> {
    let form = identity(digest);
    match app.read(move |ledger| ledger.answer(&form)).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(refusal),
    }
}
