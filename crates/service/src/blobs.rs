//! Files by digest, for everybody (§15.8): the service does not ask who reads what. Only what a promised form, an act
//! or a record names is served; an upload is nobody's to read before a form names it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::ledger::Blob;
use ledger::store::Content;
use protocol::Digest;

use crate::app::Shared;
use crate::memory::Held;
use crate::problem::Refusal;

/// Bytes read at once from a large blob.
const CHUNK: usize = 32 * 1024;
/// How many of these there are at once: read, on the way, and beside it what the connection writes.
const COPIES: usize = 3;

pub(crate) async fn blob(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let blob = app
        .read(move |ledger| ledger.named_blob(&digest.0))
        .await?
        .ok_or_else(Refusal::not_found)?;
    let mut response = match blob {
        Blob::Small(bytes) => bytes.into_response(),
        Blob::Large(content) => {
            let size = content.size();
            let mut held = app.memory.hold();
            app.memory.take(&mut held, COPIES * CHUNK).await?;
            let mut response = Body::from_stream(chunks(content.into(), held)).into_response();
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, HeaderValue::from(size));
            response
        }
    };
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    Ok(response)
}

/// A large blob, a chunk at a time: memory stays flat whatever its size.
fn chunks(content: Arc<dyn Content>, held: Held) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold((content, 0, held), |(content, at, held)| async move {
        let reading = Arc::clone(&content);
        let chunk = tokio::task::spawn_blocking(move || reading.read(at, CHUNK)).await?;
        let chunk = chunk.map_err(std::io::Error::other)?;
        let next = at + chunk.len() as u64;
        Ok((!chunk.is_empty()).then(|| (Bytes::from(chunk), (content, next, held))))
    })
}
