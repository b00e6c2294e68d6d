//! Public statements: the envelope, its proof, and the digests of one name (§15.8).

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use protocol::Digest;

use crate::app::Shared;
use crate::log;
use crate::problem::Refusal;

/// JSON as the answer.
pub(crate) fn json(bytes: impl IntoResponse) -> Response {
    let mut response = bytes.into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/json"),
    );
    response
}

pub(crate) async fn envelope(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let bytes = app.projection.view().envelope(&digest).ok_or_else(Refusal::not_found)?;
    Ok(json(bytes))
}

pub(crate) async fn proof(State(app): State<Shared>, Path(digest): Path<String>) -> Result<Response, Refusal> {
    let digest = Digest::from_hex(&digest).ok_or_else(Refusal::not_found)?;
    let index = app.projection.view().index(&digest).ok_or_else(Refusal::not_found)?;
    let receipt = app
        .read(move |ledger| log::receipt(ledger, index))
        .await?
        .ok_or_else(Refusal::not_found)?;
    Ok(log::text(receipt.into_bytes()))
}

/// All that are in the log: index of the entry and digest, in log order.
pub(crate) async fn list(State(app): State<Shared>) -> Response {
    json(protocol::json::write(&app.projection.view().placed()))
}

pub(crate) async fn index(State(app): State<Shared>, Path(name): Path<String>) -> Response {
    let view = app.projection.view();
    json(protocol::json::write(&view.named(&name)))
}
