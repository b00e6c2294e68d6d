//! The parsers of requests as tests/fuzz calls them; no part of the interface.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use futures_util::FutureExt as _;
use protocol::Digest;
use protocol::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::FORM_BODY_MAX;
use crate::{form, query, uploads};

/// What a form and its files are read as.
pub type Posted<T> = Result<(T, Vec<(Digest, Vec<u8>)>), Problem>;

/// Reads a form with the files that came with it, in the order of their digests; `None` for a content type that no header
/// can carry, and for a body that is refused for its length before it is looked at.
///
/// # Panics
/// When the parser waits although the whole body is there.
pub fn posted<T: DeserializeOwned + Serialize>(kind: &str, body: &[u8], name: &'static str) -> Option<Posted<T>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).ok()?);
    if body.len() > FORM_BODY_MAX {
        return None;
    }
    let read = form::read::<T>(&headers, body.to_vec().into(), name).now_or_never();
    let read = read.expect("the whole body is there");
    Some(read.map_err(|refusal| refusal.problem).map(|posted| {
        let files = posted.files().iter();
        let mut files: Vec<_> = files.map(|(digest, bytes)| (*digest, bytes.to_vec())).collect();
        files.sort_unstable();
        (posted.form, files)
    }))
}

/// `Content-Range` of a chunk: first byte, one past the last, total.
pub fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    uploads::Range::parse(text).map(|range| (range.start, range.end, range.total))
}

/// The fields `from` and `bucket` of a query.
pub fn query(uri: &str) -> Option<(u64, Option<String>)> {
    let uri: Uri = uri.parse().ok()?;
    let [from, bucket] = query::fields(&uri, ["from", "bucket"]).ok()?;
    Some((query::from(from).ok()?, bucket.map(str::to_owned)))
}
