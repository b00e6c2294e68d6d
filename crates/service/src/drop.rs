//! Records in buckets (§9.1): one list for each bucket and depth, read in pages of 64 places.
//!
//! Pages are counted in order of publication, so that a full page never changes but for records that expire;
//! `GET /drop/<b>/<bucket>` tells how many there are. In stage A a record is public at once.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use ledger::{Item, Ledger};
use protocol::drop::PAGE_RECORDS;
use protocol::http::RecordRef;
use protocol::{Day, Digest, X};
use serde::Serialize;

use crate::app::Shared;
use crate::body;
use crate::form;
use crate::limits::{DAY_S, RECORD_FILE_LEN};
use crate::problem::Refusal;
use crate::projection::blob_bytes;
use crate::public::json;
use crate::query;

/// How many pages the bucket has.
const PAGES: HeaderName = HeaderName::from_static("resguardo-pages");
/// Deepest bucket.
const DEPTH_MAX: u64 = 32;

pub(crate) fn routes() -> [(&'static str, MethodRouter<Shared>); 2] {
    [
        ("/api/v1/drop/{b}/{bucket}", get(summary)),
        ("/api/v1/drop/{b}/{bucket}/{page}", get(page)),
    ]
}

/// The list of a bucket.
pub(crate) fn list(depth: u8, bucket: &str) -> String {
    format!("drop/{depth}/{bucket}")
}

/// A record's place in its bucket: its digest, and who may delete it.
pub(crate) fn item(depth: u8, bucket: &str, digest: &Digest, author: Option<X>, expires: Option<u64>) -> Item {
    let author = author.map_or(0, X::get).to_be_bytes();
    Item {
        list: list(depth, bucket),
        bytes: [digest.0.as_slice(), &author].concat(),
        expires,
    }
}

/// The place of a member's record. Times are rounded to the day, for the store keeps none finer.
pub(crate) fn member_item(depth: u8, record: &RecordRef, author: X, now: u64) -> Item {
    let expires = (record.keep > 0).then(|| Day::of(now).end() + u64::from(record.keep) * DAY_S);
    item(depth, &record.bucket, &record.digest, Some(author), expires)
}

/// Digest and author of a place; author 0 is a filing.
pub(crate) fn read_item(bytes: &[u8]) -> Option<(Digest, u16)> {
    let (digest, author) = bytes.split_first_chunk::<32>()?;
    Some((Digest(*digest), u16::from_be_bytes(author.try_into().ok()?)))
}

#[derive(Serialize)]
struct Summary {
    /// Pages, from 0; the last one holds the newest records.
    pages: u64,
    /// Places given out, expired ones included.
    places: u64,
}

async fn summary(State(app): State<Shared>, Path((b, bucket)): Path<(String, String)>) -> Result<Response, Refusal> {
    let list = named(&b, &bucket)?;
    let places = app.read(move |ledger| ledger.list_len(&list)).await?;
    let summary = Summary {
        pages: places.div_ceil(PAGE_RECORDS as u64),
        places,
    };
    Ok(json(protocol::json::write(&summary)))
}

async fn page(
    State(app): State<Shared>,
    Path((b, bucket, page)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let list = named(&b, &bucket)?;
    let page = query::number(&page).ok_or_else(Refusal::not_found)?;
    let now = app.now();
    let mut held = app.memory.hold();
    app.memory.take(&mut held, PAGE_RECORDS * RECORD_FILE_LEN).await?;
    let (pages, records) = app.read(move |ledger| read_page(ledger, &list, page, now)).await?;
    let mut response = body::answer(records.ok_or_else(Refusal::not_found)?, held);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(PAGES, HeaderValue::from(pages));
    Ok(response)
}

fn named(b: &str, bucket: &str) -> Result<String, Refusal> {
    let depth = query::number(b)
        .filter(|b| *b <= DEPTH_MAX)
        .and_then(|b| u8::try_from(b).ok());
    let depth = depth
        .filter(|depth| form::is_bucket(bucket, *depth))
        .ok_or_else(Refusal::not_found)?;
    Ok(list(depth, bucket))
}

/// How many pages there are, and one page's records, joined; `None` beyond the last page. Blocks.
fn read_page(ledger: &Ledger, list: &str, page: u64, now: u64) -> Result<(u64, Option<Vec<u8>>), ledger::Error> {
    let pages = ledger.list_len(list)?.div_ceil(PAGE_RECORDS as u64);
    if page >= pages {
        return Ok((pages, None));
    }
    let first = page * PAGE_RECORDS as u64;
    let mut records = Vec::with_capacity(PAGE_RECORDS * RECORD_FILE_LEN);
    for item in ledger.list(list, first, PAGE_RECORDS, now)? {
        if item.seq >= first + PAGE_RECORDS as u64 {
            break;
        }
        let digest = read_item(&item.bytes).map(|(digest, _)| digest);
        let record = digest.map(|digest| blob_bytes(ledger, &digest)).transpose()?.flatten();
        records.extend(record.into_iter().flatten());
    }
    Ok((pages, Some(records)))
}
