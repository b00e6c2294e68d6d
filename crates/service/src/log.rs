//! The log as `tlog-tiles` says, the checkpoint of every step, and proofs for any index (§6.2, §6.3, §15.8).

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ledger::Ledger;
use protocol::http::decimal;
use tlog::Note;
use tlog::proof;
use tlog::receipt::Receipt;
use tlog::tile::TileName;

use crate::app::Shared;
use crate::problem::Refusal;

/// Promise, proof and checkpoint are text (§19).
pub(crate) fn text(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response()
}

pub(crate) async fn checkpoint(State(app): State<Shared>) -> Result<Response, Refusal> {
    let snapshot = app.ledger.snapshot().ok_or_else(Refusal::not_found)?;
    Ok(text(snapshot.checkpoint.to_vec()))
}

pub(crate) async fn tile(State(app): State<Shared>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let name = TileName::parse(&format!("tile/{name}")).ok_or_else(Refusal::not_found)?;
    let bytes = app
        .read(move |ledger| ledger.tile(&name))
        .await?
        .ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

pub(crate) async fn step(State(app): State<Shared>, Path(step): Path<String>) -> Result<Response, Refusal> {
    let step = decimal(&step).ok_or_else(Refusal::not_found)?;
    let note = app
        .read(move |ledger| ledger.step(step))
        .await?
        .ok_or_else(Refusal::not_found)?;
    Ok(text(note))
}

pub(crate) async fn prove(State(app): State<Shared>, Path(index): Path<String>) -> Result<Response, Refusal> {
    let index = decimal(&index).ok_or_else(Refusal::not_found)?;
    let receipt = app
        .read(move |ledger| receipt(ledger, index))
        .await?
        .ok_or_else(Refusal::not_found)?;
    Ok(text(receipt.into_bytes()))
}

/// The proof of an entry under the last published checkpoint; `None` for an index beyond it. Blocks.
///
/// # Errors
/// Storage.
pub(crate) fn receipt(ledger: &Ledger, index: u64) -> Result<Option<String>, ledger::Error> {
    let Some(snapshot) = ledger.snapshot().filter(|snapshot| index < snapshot.size) else {
        return Ok(None);
    };
    let Some(proof) = proof::inclusion(index, snapshot.size, &ledger.nodes())? else {
        return Ok(None);
    };
    let checkpoint = Note::parse(&snapshot.checkpoint)
        .map_err(|_| ledger::Error::Damaged("the published checkpoint is not a note".to_owned()))?;
    Ok(Some(
        Receipt {
            extra: None,
            index,
            proof,
            checkpoint,
        }
        .to_text(),
    ))
}
