//! What only members of the council may ask (§9.1, §9.3, §9.6, §15.8), each call with a transport signature.
//!
//! Lists are answered from `?from=<position>` on; the header `Resguardo-Next` gives the position to ask from next time.

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use ledger::{Ledger, ListEntry};
use protocol::http::DeliveryItem;
use protocol::ids::Version;
use protocol::problem::Problem;
use protocol::{Digest, Origin, X};
use serde::{Deserialize, Serialize};

use crate::app::{self, App, Shared};
use crate::body;
use crate::delivery::{OFFICE_LIST, delivered_list};
use crate::drop;
use crate::form;
use crate::limits::{DELETES_MAX, FORM_COPIES, FORM_JSON_MAX, HEADER_LEN, MATCH_LEN, RECORD_FILE_LEN};
use crate::problem::Refusal;
use crate::public::json;
use crate::query;
use crate::signature::{self, Caller};

/// The position after the last one answered.
const NEXT: HeaderName = HeaderName::from_static("resguardo-next");
/// Most items in one answer.
const LIST_MAX: usize = 8_192;
/// Room for such an answer: items as they are stored, and as JSON.
const LIST_ROOM: usize = LIST_MAX * 512;

pub(crate) fn routes() -> [(&'static str, MethodRouter<Shared>); 4] {
    [
        ("/api/v1/member/delivery", get(delivery)),
        ("/api/v1/member/office", get(office)),
        ("/api/v1/member/drop", get(records)),
        ("/api/v1/member/delete", post(delete)),
    ]
}

/// Who asks, where there is no body.
fn asker(app: &App, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Caller, Refusal> {
    signature::caller(app, method, uri, headers, &Digest::of(b""))
}

/// What was delivered to this seat.
async fn delivery(
    State(app): State<Shared>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = asker(&app, &method, &uri, &headers)?;
    caller.require_seat()?;
    let [from] = query::fields(&uri, ["from"])?;
    let item = |bytes: &[u8]| {
        let (digests, rest) = bytes.as_chunks::<32>();
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
async fn office(
    State(app): State<Shared>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    asker(&app, &method, &uri, &headers)?.require_seat()?;
    let [from] = query::fields(&uri, ["from"])?;
    listed(&app, OFFICE_LIST.to_owned(), query::from(from)?, |bytes| {
        bytes.try_into().ok().map(Digest)
    })
    .await
}

/// Digests of a bucket's records, published or not: `?bucket=<name>`, by default the only one there is at b = 0.
async fn records(
    State(app): State<Shared>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    asker(&app, &method, &uri, &headers)?;
    let [from, bucket] = query::fields(&uri, ["from", "bucket"])?;
    let depth = app.projection.view().drop_depth();
    let bucket = bucket.unwrap_or("-");
    if !form::is_bucket(bucket, depth) {
        return Err(Refusal::not_found());
    }
    let digest = |bytes: &[u8]| drop::read_item(bytes).map(|(digest, _)| digest);
    listed(&app, drop::list(depth, bucket), query::from(from)?, digest).await
}

/// A list's items as JSON, with the position to go on from.
async fn listed<T: Serialize>(
    app: &Shared,
    list: String,
    from: u64,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Result<Response, Refusal> {
    let now = app.now();
    let mut held = app.memory.hold();
    app.memory.take(&mut held, LIST_ROOM).await?;
    let items = app.read(move |ledger| ledger.list(&list, from, LIST_MAX, now)).await?;
    let next = items.last().map_or(from, |last| last.seq + 1);
    let values: Vec<T> = items.iter().filter_map(|item| read(&item.bytes)).collect();
    let mut response = body::answer(protocol::json::write(&values), held);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(NEXT, HeaderValue::from(next));
    Ok(response)
}

/// What a member asks to delete.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteForm {
    v: Version,
    origin: Origin,
    /// Objects and share files: each goes when t_account seats have asked.
    files: Vec<Digest>,
    /// Records of the asker's own.
    records: Vec<OwnRecord>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct OwnRecord {
    bucket: String,
    digest: Digest,
}

/// What came of it.
#[derive(Default, Serialize)]
struct Deleted {
    /// Not here any more, or never were: asking twice is harmless.
    deleted: Vec<Digest>,
    /// Noted; more seats must ask.
    noted: Vec<Digest>,
}

async fn delete(
    State(app): State<Shared>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let whole = body::read(&app.memory, &headers, body, FORM_JSON_MAX, FORM_COPIES).await?;
    let caller = signature::caller(&app, &method, &uri, &headers, &Digest::of(&whole.bytes))?;
    let form: DeleteForm = protocol::json::read(&whole.bytes, FORM_JSON_MAX).map_err(|_| {
        Refusal::form("A request to delete is {v, origin, files [digest], records [{bucket, digest}]}.")
    })?;
    if form.v != Version || form.origin != app.origin {
        return Err(Refusal::form("The form is for another log."));
    }
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

/// Deletes a record that this member wrote; one that is not here is as good as deleted.
async fn delete_record(app: &Shared, x: X, record: &OwnRecord) -> Result<(), Refusal> {
    let view = app.projection.view();
    let depths = view.registry().map(docket::Registry::drop_depths).unwrap_or_default();
    let lists: Vec<String> = depths
        .iter()
        .filter(|depth| form::is_bucket(&record.bucket, **depth))
        .map(|depth| drop::list(*depth, &record.bucket))
        .collect();
    let (digest, now) = (record.digest, app.now());
    let found = app.read(move |ledger| find(ledger, &lists, &digest, now)).await?;
    let Some((list, item)) = found else { return Ok(()) };
    if drop::read_item(&item.bytes).is_none_or(|(_, author)| author != x.get()) {
        return Err(Refusal::new(
            Problem::Forbidden,
            "A record is deleted by its author only.",
        ));
    }
    app.ledger
        .delete_item(list, item.seq)
        .await
        .map_err(|error| app.refusal(error))?;
    app.ledger
        .delete_blob(digest.0)
        .await
        .map_err(|error| app.refusal(error))?;
    Ok(())
}

/// Looks for a record from the newest place back. Blocks.
fn find(
    ledger: &Ledger,
    lists: &[String],
    digest: &Digest,
    now: u64,
) -> Result<Option<(String, ListEntry)>, ledger::Error> {
    const WINDOW: u64 = 1_024;
    for list in lists {
        let mut end = ledger.list_len(list)?;
        while end > 0 {
            let from = end.saturating_sub(WINDOW);
            let items = ledger.list(list, from, WINDOW as usize, now)?;
            let is_it = |item: &ListEntry| drop::read_item(&item.bytes).is_some_and(|(found, _)| found == *digest);
            if let Some(item) = items.into_iter().find(is_it) {
                return Ok(Some((list.clone(), item)));
            }
            end = from;
        }
    }
    Ok(None)
}

/// Notes that a seat asks for a file to be deleted; deletes it when t_account seats have. Gives whether it is gone.
async fn delete_file(app: &Shared, x: X, digest: Digest) -> Result<bool, Refusal> {
    let view = app.projection.view();
    let Some(council) = view.council() else {
        return Err(Refusal::not_found());
    };
    let name = format!("delete/{digest}");
    let stored = name.clone();
    let (size, asked) = app
        .read(move |ledger| Ok((ledger.blob_size(&digest.0)?, ledger.value(&stored)?)))
        .await?;
    let Some(size) = size else { return Ok(true) };
    // K-files, match requests, records and public statements are not objects, and stay.
    let is_kept = [HEADER_LEN, MATCH_LEN, RECORD_FILE_LEN as u64].contains(&size);
    if is_kept || view.is_envelope(&digest) {
        return Err(Refusal::new(
            Problem::Forbidden,
            "Only objects and share files are deleted.",
        ));
    }
    let mut seats: Vec<X> = asked
        .unwrap_or_default()
        .as_chunks::<2>()
        .0
        .iter()
        .filter_map(|bytes| X::new(u16::from_be_bytes(*bytes)))
        .filter(|seat| council.seat(*seat).is_some())
        .collect();
    if !seats.contains(&x) {
        seats.push(x);
    }
    if seats.len() < usize::from(council.account) {
        let bytes = seats.iter().flat_map(|seat| seat.get().to_be_bytes()).collect();
        app.ledger
            .set_value(name, bytes)
            .await
            .map_err(|error| app.refusal(error))?;
        return Ok(false);
    }
    app.ledger
        .delete_blob(digest.0)
        .await
        .map_err(|error| app.refusal(error))?;
    app.telemetry.count("resguardo_files_deleted_total");
    Ok(true)
}
