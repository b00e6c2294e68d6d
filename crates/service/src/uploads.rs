//! Files that travel in chunks under a name that the client draws (§5.7, §15.8, §19).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::upload::Chunk;
use protocol::Digest;
use protocol::http::decimal;
use protocol::problem::Problem;

use crate::app::{App, Shared};
use crate::body;
use crate::limits::CHUNK_MAX;
use crate::log;
use crate::problem::Refusal;
use crate::{quota, work};

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// The name: 32 random bytes in hex.
fn name(text: &str) -> Result<[u8; 32], Refusal> {
    Digest::from_hex(text)
        .map(|name| name.0)
        .ok_or_else(|| Refusal::malformed("An upload's name is 32 bytes in hex."))
}

pub(crate) async fn offset(State(app): State<Shared>, Path(text): Path<String>) -> Result<Response, Refusal> {
    let name = name(&text)?;
    let size = app.read(move |ledger| ledger.uploads().offset(&name)).await?;
    Ok(([(OFFSET, HeaderValue::from(size))], ()).into_response())
}

pub(crate) async fn take(
    State(app): State<Shared>,
    Path(text): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let name = name(&text)?;
    let range = headers
        .get(header::CONTENT_RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(Range::parse);
    let range = range.ok_or_else(|| {
        Refusal::malformed("Content-Range must read `bytes a-b/*`, in the last chunk `bytes a-b/<total>`.")
    })?;
    let max = quota::upload_max(&app, &headers).await?;
    if range.end > max || range.total.is_some_and(|total| total > max) {
        return Err(quota::too_large(max));
    }
    let begins = range.start == 0 && app.read(move |ledger| ledger.uploads().offset(&name)).await? == 0;
    if begins {
        check_work(&app, &name, &headers)?;
    }
    let chunk = body::read(&app.memory, &headers, body, CHUNK_MAX, 1).await?;
    let (chunk, held) = (chunk.bytes, chunk.held);
    if chunk.len() as u64 != range.end - range.start {
        return Err(Refusal::malformed(
            "The body is not as long as Content-Range says. Nothing of it was kept.",
        ));
    }
    app.budget.take(begins, chunk.len() as u64, app.now())?;
    // A turn is asked for when the bytes are here, so that nobody who sends slowly keeps others from writing.
    let turn = Arc::clone(&app.chunks).acquire_owned().await;
    let took = app
        .read(move |ledger| {
            let (_held, _turn) = (held, turn);
            ledger.uploads().put(&name, range.start, &chunk, range.total, max)
        })
        .await?;
    match took {
        Chunk::Taken(size) => Ok((StatusCode::NO_CONTENT, [(OFFSET, HeaderValue::from(size))]).into_response()),
        Chunk::Done(digest, _) => Ok(log::text(Digest(digest).to_hex().into_bytes())),
        Chunk::Offset(size) => Err(Refusal::new(
            Problem::Offset,
            format!("The upload has {size} bytes; go on from there. Nothing was lost."),
        )
        .with_header(OFFSET, size)),
        Chunk::TooLarge => Err(quota::too_large(max)),
    }
}

/// Beyond a few in an hour, an upload is begun with work over its name (§15.8).
fn check_work(app: &App, name: &[u8; 32], headers: &HeaderMap) -> Result<(), Refusal> {
    let now = app.now();
    let crowd = app.budget.crowd(now);
    if crowd == 0 {
        return Ok(());
    }
    match app.work.check_crowd(headers, &Digest::of(name), now, crowd)? {
        // A nonce dies with the process, so that what it was used for need not outlive it.
        Some(once) if !app.replays.first(Digest(once.key), once.expires, now) => Err(work::reused()),
        _ => Ok(()),
    }
}

/// `bytes a-b/*` or, in the last chunk, `bytes a-b/<total>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    pub total: Option<u64>,
}

impl Range {
    pub fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (start, last) = range.split_once('-')?;
        let (start, last) = (decimal(start)?, decimal(last)?);
        let end = last.checked_add(1).filter(|end| *end > start)?;
        let total = if total == "*" { None } else { Some(decimal(total)?) };
        (total.is_none_or(|total| total == end)).then_some(Self { start, end, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_in_one_spelling() {
        let range = |start, end, total| Some(Range { start, end, total });
        assert_eq!(Range::parse("bytes 0-9/*"), range(0, 10, None));
        assert_eq!(Range::parse("bytes 10-19/20"), range(10, 20, Some(20)));
        for bad in [
            "bytes 0-9/20",
            "bytes 9-8/*",
            "bytes 0-9",
            "bytes */20",
            "items 0-9/*",
            "bytes 00-9/*",
            "bytes 0-9/x",
        ] {
            assert_eq!(Range::parse(bad), None, "{bad}");
        }
        assert_eq!(Range::parse(&format!("bytes 0-{}/*", u64::MAX)), None);
    }
}
