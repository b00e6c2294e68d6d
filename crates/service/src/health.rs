//! `/healthz`: whether this process can store and whether the log has begun.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use protocol::problem::Problem;
use serde::Serialize;

use crate::app::Shared;
use crate::problem::Refusal;

pub(crate) fn routes() -> [(&'static str, MethodRouter<Shared>); 1] {
    [("/healthz", get(health))]
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// Whether filings are taken as far as councils go.
    council: bool,
    /// Entries in the last published checkpoint.
    size: u64,
}

async fn health(State(app): State<Shared>) -> Result<Response, Refusal> {
    // The ledger may have failed after its last answer; it says so to whoever asks.
    if let Err(error) = app.ledger.pending() {
        app.fail(&error);
    }
    if *app.failed.borrow() {
        return Err(Refusal::new(
            Problem::Storage,
            "Storage failed; the server is stopping.",
        ));
    }
    let health = Health {
        status: "ok",
        council: app.projection.view().council().is_some(),
        size: app.ledger.snapshot().map_or(0, |snapshot| snapshot.size),
    };
    let json = serde_json::to_vec(&health).map_err(|_| Refusal::internal())?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}
