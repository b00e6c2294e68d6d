//! What only members of the council may ask (§9.1, §9.3, §9.6, §15.8), each call with a transport signature.
//!
//! Lists are answered from `?from=<position>` on; the header `Resguardo-Next` gives the position to ask from next time.

use std::collections::HashSet;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::{Item, ListEntry, Order, Stay};
use protocol::http::{DeleteForm, DeliveryItem, OwnRecord, decimal};
use protocol::problem::Problem;
use protocol::{Digest, MemberNumber};
use serde::Serialize;

use crate::app::{self, App, Shared};
use crate::body;
use crate::delivery::{OFFICE_LIST, delivered_list};
use crate::drop;
use crate::limits::{DELETES_MAX, FORM_COPIES, FORM_JSON_MAX};
use crate::problem::Refusal;
use crate::public::json;
use crate::query;
use crate::signature::{self, Caller};

/// The position after the last one answered.
const NEXT: HeaderName = HeaderName::from_static("resguardo-next");
/// Makes a signed call one of its own; says nothing else (§15.8).
const ONCE: &str = "once";
/// Most items in one answer.
const LIST_MAX: usize = 8_192;
/// Room for such an answer: items as they are stored, and as JSON.
const LIST_ROOM: usize = LIST_MAX * 512;

/// Who asks, where there is no body.
fn asker(app: &App, head: &Parts) -> Result<Caller, Refusal> {
    signature::caller(app, head, &Digest::of(b""))
}

/// What was delivered to this seat.
pub(crate) async fn delivery(State(app): State<Shared>, head: Parts) -> Result<Response, Refusal> {
    let caller = asker(&app, &head)?;
    caller.require_seat()?;
    let [from, _] = query::fields(&head.uri, ["from", ONCE])?;
    let item = |item: &ListEntry| {
        let (digests, rest) = item.bytes.as_chunks::<32>();
        match (digests, rest) {
            ([id, share, header], []) => Some(DeliveryItem {
                id: Digest(*id),
                share: Digest(*share),
                header: Digest(*header),
            }),
            _ => None,
        }
    };
    listed(&app, delivered_list(caller.x), query::from(from)?, item).await
}

/// Digests of the office cells that were handed over.
pub(crate) async fn office(State(app): State<Shared>, head: Parts) -> Result<Response, Refusal> {
    asker(&app, &head)?.require_seat()?;
    let [from, _] = query::fields(&head.uri, ["from", ONCE])?;
    listed(&app, OFFICE_LIST.to_owned(), query::from(from)?, |item| {
        item.blob.map(Digest)
    })
    .await
}

/// A page of the records by members that wait in a bucket for the next publication, in no order.
pub(crate) async fn records(
    State(app): State<Shared>,
    Path((b, bucket, page)): Path<(String, String, String)>,
    head: Parts,
) -> Result<Response, Refusal> {
    asker(&app, &head)?;
    let list = drop::waiting_list(&drop::bucket_of(&b, &bucket)?);
    let page = decimal(&page).ok_or_else(Refusal::not_found)?;
    let [_] = query::fields(&head.uri, [ONCE])?;
    let now = app.now();
    let held = drop::page_memory(&app).await?;
    let (pages, records) = app
        .read(move |ledger| drop::read_waiting(ledger, &list, page, now))
        .await?;
    drop::paged(pages, records, held)
}

/// A list's items as JSON, with the position to go on from.
async fn listed<T: Serialize>(
    app: &Shared,
    list: String,
    from: u64,
    read: impl Fn(&ListEntry) -> Option<T>,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut held = app.memory.hold();
    app.memory.take(&mut held, LIST_ROOM).await?;
    let items = app.read(move |ledger| ledger.list(&list, from, LIST_MAX, now)).await?;
    let next = items.last().map_or(from, |last| last.seq + 1);
    let values: Vec<T> = items.iter().filter_map(read).collect();
    let mut response = body::answer(protocol::json::write(&values), held);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(NEXT, HeaderValue::from(next));
    Ok(response)
}

/// What came of it.
#[derive(Default, Serialize)]
struct Deleted {
    /// Not here any more, or never were: asking twice is harmless.
    deleted: Vec<Digest>,
    /// Noted; more seats must ask.
    noted: Vec<Digest>,
}

pub(crate) async fn delete(State(app): State<Shared>, head: Parts, body: Body) -> Result<Response, Refusal> {
    let whole = body::read(&app.memory, &head.headers, body, FORM_JSON_MAX, FORM_COPIES).await?;
    let caller = signature::caller(&app, &head, &Digest::of(&whole.bytes))?;
    let form: DeleteForm = protocol::json::read(&whole.bytes, FORM_JSON_MAX).map_err(|_| {
        Refusal::form("A request to delete is {v, origin, files [digest], records [{bucket, digest}]}.")
    })?;
    app.check_origin(&form.origin)?;
    if form.files.len() + form.records.len() > DELETES_MAX {
        return Err(Refusal::new(
            Problem::TooLarge,
            "At most 64 things are deleted at once.",
        ));
    }
    if !form.files.is_empty() {
        caller.require_seat()?;
    }
    app::finish(async move { delete_all(&app, &caller, &form).await }).await
}

/// Uses up the signature, then deletes one after another.
async fn delete_all(app: &Shared, caller: &Caller, form: &DeleteForm) -> Result<Response, Refusal> {
    let used = ledger::Submission {
        once: vec![caller.once.clone()],
        ..ledger::Submission::default()
    };
    app.ledger.submit(used).await.map_err(|error| app.refusal(error))?;
    let mut deleted = Deleted::default();
    for record in &form.records {
        delete_record(app, caller.x, record).await?;
        deleted.deleted.push(record.digest);
    }
    for digest in &form.files {
        let is_gone = delete_file(app, caller.x, *digest).await?;
        if is_gone {
            &mut deleted.deleted
        } else {
            &mut deleted.noted
        }
        .push(*digest);
    }
    Ok((StatusCode::OK, json(protocol::json::write(&deleted))).into_response())
}

/// Deletes a record that this member wrote; one that is not here is as good as deleted. Somebody else's stays, also
/// where this member has posted the same bytes.
async fn delete_record(app: &Shared, x: MemberNumber, record: &OwnRecord) -> Result<(), Refusal> {
    let lists = vec![drop::list(&record.bucket), drop::waiting_list(&record.bucket)];
    let forbidden = |why| Err(Refusal::new(Problem::Forbidden, why));
    match app.ledger.delete_own(lists, x.get(), record.digest.0).await {
        Ok(ledger::Deleted::Done | ledger::Deleted::Absent) => Ok(()),
        Ok(ledger::Deleted::Lasting) => {
            forbidden("The record of an act (keep class 0) stays as long as the log, whoever asks. It was not deleted.")
        }
        Ok(ledger::Deleted::Foreign) => forbidden("A record is deleted by its author only. It was not deleted."),
        Err(error) => Err(app.refusal(error)),
    }
}

/// Notes that a seat asks for a file to be deleted; deletes it when t_account seats have. Gives whether it is gone.
async fn delete_file(app: &Shared, x: MemberNumber, digest: Digest) -> Result<bool, Refusal> {
    let view = app.projection.view();
    let Some(council) = view.council() else {
        return Err(Refusal::not_found());
    };
    let (stay, is_named) = app
        .read(move |ledger| Ok((ledger.stay(&digest.0)?, ledger.is_named(&digest.0)?)))
        .await?;
    match stay {
        Some(Stay::UntilGivenUp) => {}
        None if !is_named => return Ok(true),
        // K-files, match requests, records, cells and public statements.
        _ => {
            return Err(Refusal::new(
                Problem::Forbidden,
                "Only objects and share files are deleted.",
            ));
        }
    }
    let asked = format!("delete/{digest}");
    let item = Item {
        list: asked.clone(),
        owner: x.get(),
        order: Order::Drawn,
        ..Item::default()
    };
    let asks = ledger::Submission {
        items: vec![item],
        ..ledger::Submission::default()
    };
    // First its own, then all: of two at once at least one sees both.
    app.ledger.submit(asks).await.map_err(|error| app.refusal(error))?;
    let list = asked.clone();
    let votes = app.read(move |ledger| ledger.list(&list, 0, LIST_MAX, 0)).await?;
    let seats: HashSet<MemberNumber> = votes
        .iter()
        .filter_map(|vote| MemberNumber::new(vote.owner))
        .filter(|seat| council.seat(*seat).is_some())
        .collect();
    if seats.len() < usize::from(council.account) {
        return Ok(false);
    }
    app.ledger.give_up(digest.0).await.map_err(|error| app.refusal(error))?;
    let settled = ledger::Submission {
        removes: votes.into_iter().map(|vote| (asked.clone(), vote.seq)).collect(),
        ..ledger::Submission::default()
    };
    match app.ledger.submit(settled).await {
        // Another seat asked at the same moment, and was first.
        Ok(_) | Err(ledger::Error::Refused(ledger::Refused::Changed)) => {}
        Err(error) => return Err(app.refusal(error)),
    }
    app.telemetry.count("resguardo_files_deleted_total");
    Ok(true)
}
