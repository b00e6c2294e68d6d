//! Public statements: the envelope, its proof, and the digests of one name (§15.8).

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use protocol::Digest;

use crate::app::Shared;
use crate::log;
use crate::problem::Refusal;

pub(crate) fn routes() -> [(&'static str, MethodRouter<Shared>); 3] {
    [
        ("/api/v1/public/{digest}", get(envelope)),
        ("/api/v1/public/{digest}/proof", get(proof)),
        ("/api/v1/public/index/{name}", get(index)),
    ]
}

/// JSON as the answer.
pub(crate) fn json(bytes: impl IntoResponse) -> Response {
    let mut response = bytes.into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/json"),
    );
    response
}

async fn envelope(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let bytes = app.projection.view().envelope(&digest).ok_or_else(Refusal::not_found)?;
    Ok(json(bytes))
}

async fn proof(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let index = app.projection.view().index(&digest).ok_or_else(Refusal::not_found)?;
    let receipt = app
        .read(move |ledger| log::receipt(ledger, index))
        .await?
        .ok_or_else(Refusal::not_found)?;
    Ok(log::text(receipt.into_bytes()))
}

async fn index(State(app): State<Shared>, Path(name): Path<String>) -> Response {
    let view = app.projection.view();
    json(protocol::json::write(&view.named(&name)))
}
