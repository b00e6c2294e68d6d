//! Drafts (§9.5): bytes of one size under a name, for seven days, replaced and erased by who shows the key of the name.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ledger::{Error, Item, Ledger, ListEntry, Order, Refused, Submission};
use protocol::draft::{DRAFT_FILE_LEN, DRAFT_HEADER, parse_draft_header};
use protocol::problem::Problem;
use protocol::{Day, Digest};

use crate::app::{App, Shared};
use crate::drop::all;
use crate::limits::{DAY_S, DRAFT_KEEP_DAYS, FORM_COPIES};
use crate::problem::Refusal;
use crate::projection::blob_bytes;
use crate::{body, work};

pub(crate) async fn read(State(app): State<Shared>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let name = named(&name)?;
    let now = app.now();
    let found = app
        .read(move |ledger| {
            let standing = standing(ledger, &name, now)?.into_iter().next();
            let blob = standing.and_then(|item| item.blob).map(Digest);
            Ok(blob.map(|blob| blob_bytes(ledger, &blob)).transpose()?.flatten())
        })
        .await?;
    let bytes = found.map_or_else(|| app.saves.none(&name), Bytes::from);
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

/// Replaces the draft of a name; an empty body erases it.
pub(crate) async fn write(
    State(app): State<Shared>,
    Path(path): Path<String>,
    head: Parts,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let name = named(&path)?;
    let (own, replaces) = author(&head.headers)?;
    if own != name {
        return Err(Refusal::new(
            Problem::Forbidden,
            "The key in the header Resguardo-Draft is not that of this name. Nothing was changed.",
        ));
    }
    let whole = body::read(&app.memory, &head.headers, body, DRAFT_FILE_LEN, FORM_COPIES).await?;
    let now = app.now();
    let list = list_of(&name);
    let standing = app.read(move |ledger| standing(ledger, &name, now)).await?;
    let removes = standing.iter().map(|item| (list.clone(), item.seq)).collect();
    if whole.bytes.is_empty() {
        let erasing = Submission {
            removes,
            ..Submission::default()
        };
        return settle(&app, erasing).await;
    }
    if whole.bytes.len() != DRAFT_FILE_LEN {
        return Err(Refusal::form("A draft has 32,800 bytes."));
    }
    let digest = Digest::of(&whole.bytes);
    let there = standing.first().and_then(|item| item.blob).map(Digest);
    // The same again was taken already, whatever its work is worth now.
    if there == Some(digest) {
        return Ok(StatusCode::NO_CONTENT);
    }
    if there != replaces {
        return Err(changed());
    }
    let once = app
        .work
        .check_crowd(&head.headers, &digest, now, app.saves.crowd(now))?;
    let begins = there.is_none();
    app.saves.take(begins, now)?;
    let saving = Submission {
        once: once.into_iter().collect(),
        items: vec![Item {
            list,
            bytes: name.0.to_vec(),
            expires: Some(Day::of(now).end() + u64::from(DRAFT_KEEP_DAYS) * DAY_S),
            blob: Some(digest.0),
            order: Order::Drawn,
            ..Item::default()
        }],
        blobs: vec![(digest.0, whole.bytes.into())],
        removes,
        ..Submission::default()
    };
    let outcome = settle(&app, saving).await;
    if outcome.is_err() {
        app.saves.give_back(begins);
    }
    outcome
}

async fn settle(app: &App, submission: Submission) -> Result<StatusCode, Refusal> {
    match app.ledger.submit(submission).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(Error::Refused(Refused::Changed)) => Err(changed()),
        Err(Error::Refused(Refused::Used)) => Err(work::reused()),
        Err(error) => Err(app.refusal(error)),
    }
}

fn named(path: &str) -> Result<Digest, Refusal> {
    Digest::from_hex(path).ok_or_else(|| Refusal::malformed("A draft's name is 32 bytes in hex."))
}

/// Whose draft it is, and what it replaces.
fn author(headers: &HeaderMap) -> Result<(Digest, Option<Digest>), Refusal> {
    let value = headers.get(DRAFT_HEADER).and_then(|value| value.to_str().ok());
    value.and_then(parse_draft_header).ok_or_else(|| {
        Refusal::malformed("The header Resguardo-Draft must read `<key> <SHA-256 of what stands there>`, or `<key> -`.")
    })
}

/// The list that holds a name: one for each first byte, so that the names of drafts that are gone leave nothing behind.
fn list_of(name: &Digest) -> String {
    format!("draft/{:02x}", name.0[0])
}

/// What stands under a name: one, or two where it was begun twice at once. Blocks.
fn standing(ledger: &Ledger, name: &Digest, now: u64) -> Result<Vec<ListEntry>, Error> {
    let mut items = all(ledger, &list_of(name), now)?;
    items.retain(|item| item.bytes == name.0);
    Ok(items)
}

fn changed() -> Refusal {
    Refusal::new(
        Problem::Changed,
        "Another draft stands there than the one that this replaces. Nothing was changed: open that one first.",
    )
}
