//! Records in buckets (§9.1): one list for each bucket and depth, read in pages of 64 places.
//!
//! Pages are counted in order of publication, so that a full page never changes but for records that expire;
//! `GET /drop/<b>/<bucket>` tells how many there are. A record is public from the next publication on
//! ([`crate::publication`]); members read those of other members at once.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use ledger::{Item, Ledger, ListEntry, Order};
use protocol::drop::{BucketName, PAGE_RECORDS};
use protocol::http::{RecordRef, decimal};
use protocol::problem::Problem;
use protocol::{Day, Digest, MemberNumber};
use serde::Serialize;

use crate::app::{App, Shared};
use crate::body;
use crate::limits::{DAY_S, RECORD_FILE_LEN};
use crate::memory::Held;
use crate::problem::Refusal;
use crate::projection::blob_bytes;
use crate::public::json;

/// How many pages the bucket has.
const PAGES: HeaderName = HeaderName::from_static("resguardo-pages");
/// The list of what is public in a bucket.
pub(crate) fn list(bucket: &BucketName) -> String {
    format!("drop/{bucket}")
}

/// The list of what waits in a bucket for the next publication.
pub(crate) fn waiting_list(bucket: &BucketName) -> String {
    format!("new/{bucket}")
}

/// Refuses buckets of a depth that is not in force, nor was of late.
///
/// # Errors
/// `bucket`.
pub(crate) fn check<'a>(app: &App, mut buckets: impl Iterator<Item = &'a BucketName>, now: u64) -> Result<(), Refusal> {
    let view = app.projection.view();
    if buckets.all(|bucket| view.takes_depth(bucket.depth(), now)) {
        return Ok(());
    }
    Err(Refusal::new(
        Problem::Bucket,
        "The buckets have another depth by now. Nothing was stored and nothing is lost: read the log anew, and make the same \
         again for the present depth.",
    ))
}

/// A record that waits. `author` may delete it; of a filing's greetings nobody may.
pub(crate) fn waiting_item(record: &RecordRef, author: Option<MemberNumber>, now: u64) -> Item {
    Item {
        list: waiting_list(&record.bucket),
        bytes: record.keep.to_be_bytes().to_vec(),
        expires: expiry(record.keep, now),
        blob: Some(record.digest.0),
        owner: author.map_or(0, MemberNumber::get),
        order: Order::Drawn,
    }
}

/// Keep class of a record that waits.
pub(crate) fn keep_of(waiting: &ListEntry) -> u32 {
    waiting.bytes.as_slice().try_into().map_or(0, u32::from_be_bytes)
}

/// When a record of a keep class goes. Times are rounded to the day, for the store keeps none finer.
pub(crate) fn expiry(keep: u32, now: u64) -> Option<u64> {
    (keep > 0).then(|| Day::of(now).end() + u64::from(keep) * DAY_S)
}

#[derive(Serialize)]
struct Summary {
    /// Pages, from 0; the last one holds the newest records.
    pages: u64,
    /// Places given out, expired ones included.
    places: u64,
}

pub(crate) async fn summary(
    State(app): State<Shared>,
    Path((b, bucket)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let list = named(&b, &bucket)?;
    let places = app.read(move |ledger| ledger.list_len(&list)).await?;
    let summary = Summary {
        pages: places.div_ceil(PAGE_RECORDS as u64),
        places,
    };
    Ok(json(protocol::json::write(&summary)))
}

#[derive(Serialize)]
struct Since {
    /// The first page with something that was published on that day or later; the one into which the next goes, if there
    /// is none.
    page: u64,
}

pub(crate) async fn since(
    State(app): State<Shared>,
    Path((b, bucket, day)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let list = named(&b, &bucket)?;
    let day = Day::parse(&day).ok_or_else(Refusal::not_found)?;
    let place = app.read(move |ledger| first_since(ledger, &list, day)).await?;
    let page = place / PAGE_RECORDS as u64;
    Ok(json(protocol::json::write(&Since { page })))
}

/// What a record that is published says of itself: the day.
pub(crate) fn published(now: u64) -> Vec<u8> {
    (now / DAY_S).to_be_bytes().to_vec()
}

/// The first place that was given out on this day or later; the next one, if there is none. Blocks.
fn first_since(ledger: &Ledger, list: &str, day: Day) -> Result<u64, ledger::Error> {
    let published = |item: &ListEntry| item.bytes.as_slice().try_into().map_or(0, u64::from_be_bytes);
    let day = day.start() / DAY_S;
    let places = ledger.list_len(list)?;
    let (mut low, mut high) = (0, places);
    while low < high {
        let middle = low + (high - low) / 2;
        // What expired is cut out: the next one that is there stands for it.
        let next = ledger.list(list, middle, 1, 0)?.into_iter().next();
        match next.filter(|item| item.seq < high) {
            Some(item) if published(&item) < day => low = item.seq + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

pub(crate) async fn page(
    State(app): State<Shared>,
    Path((b, bucket, page)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let list = named(&b, &bucket)?;
    let page = decimal(&page).ok_or_else(Refusal::not_found)?;
    let now = app.now();
    let held = page_memory(&app).await?;
    let (pages, records) = app.read(move |ledger| read_page(ledger, &list, page, now)).await?;
    paged(pages, records, held)
}

/// The memory that one page takes until it is sent.
pub(crate) async fn page_memory(app: &App) -> Result<Held, Refusal> {
    let mut held = app.memory.hold();
    app.memory.take(&mut held, PAGE_RECORDS * RECORD_FILE_LEN).await?;
    Ok(held)
}

/// A page's records with the number of pages; 404 beyond the last. `held`: the memory that the answer takes.
pub(crate) fn paged(pages: u64, records: Option<Vec<u8>>, held: Held) -> Result<Response, Refusal> {
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
    Ok(list(&bucket_of(b, bucket)?))
}

/// The bucket in a path.
///
/// # Errors
/// `not-found`.
pub(crate) fn bucket_of(b: &str, bucket: &str) -> Result<BucketName, Refusal> {
    BucketName::from_parts(b, bucket).ok_or_else(Refusal::not_found)
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
        records.extend(record(ledger, &item)?);
    }
    Ok((pages, Some(records)))
}

/// A record's bytes; none where it was deleted since it was listed.
fn record(ledger: &Ledger, item: &ListEntry) -> Result<Vec<u8>, ledger::Error> {
    let bytes = item.blob.map(|digest| blob_bytes(ledger, &Digest(digest)));
    Ok(bytes.transpose()?.flatten().unwrap_or_default())
}

/// All items of a list. Blocks.
///
/// # Errors
/// Storage.
pub(crate) fn all(ledger: &Ledger, list: &str, now: u64) -> Result<Vec<ListEntry>, ledger::Error> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let items = ledger.list(list, from, 1_024, now)?;
        let Some(last) = items.last() else { return Ok(all) };
        from = last.seq + 1;
        all.extend(items);
    }
}

/// As [`read_page`], of the records by members that wait for the next publication. Blocks.
///
/// # Errors
/// Storage.
pub(crate) fn read_waiting(
    ledger: &Ledger,
    list: &str,
    page: u64,
    now: u64,
) -> Result<(u64, Option<Vec<u8>>), ledger::Error> {
    let mut waiting = all(ledger, list, now)?;
    // Nobody but the declarant reads greetings, and no member needs to see one come.
    waiting.retain(|item| item.owner != 0);
    let pages = waiting.len().div_ceil(PAGE_RECORDS) as u64;
    if page > 0 && page >= pages {
        return Ok((pages, None));
    }
    let first = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(PAGE_RECORDS);
    let mut records = Vec::new();
    for item in waiting.iter().skip(first).take(PAGE_RECORDS) {
        records.extend(record(ledger, item)?);
    }
    Ok((pages, Some(records)))
}
