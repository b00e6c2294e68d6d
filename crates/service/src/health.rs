//! `/healthz`: whether this process can store and whether the log has begun; and `/metrics`, for the operator only.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::problem::Problem;
use serde::Serialize;

use crate::app::Shared;
use crate::problem::Refusal;
use crate::public::json;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// Whether filings are taken as far as councils go.
    council: bool,
    /// Entries in the last published checkpoint.
    size: u64,
}

pub(crate) async fn health(State(app): State<Shared>) -> Result<Response, Refusal> {
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
    Ok(json(protocol::json::write(&health)))
}

/// What the admin address serves.
pub(crate) fn admin_router(app: Shared) -> axum::Router {
    axum::Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health))
        .with_state(app)
}

async fn metrics(State(app): State<Shared>) -> Response {
    let telemetry = &app.telemetry;
    let counters = app.ledger.counters();
    telemetry.total("resguardo_ledger_batches_total", counters.batches);
    telemetry.total("resguardo_ledger_submissions_total", counters.submissions);
    telemetry.total("resguardo_ledger_fsyncs_total", counters.fsyncs);
    telemetry.total("resguardo_ledger_bytes_total", counters.bytes);
    let (filings, members, acks) = app.capacity.counts(app.now());
    telemetry.gauge("resguardo_waiting_filings", filings);
    telemetry.gauge("resguardo_waiting_member_entries", members);
    telemetry.gauge("resguardo_acks_to_come", acks);
    telemetry.gauge("resguardo_queue_fill_percent", app.capacity.fill_percent());
    telemetry.gauge("resguardo_memory_free_bytes", app.memory.free() as u64);
    telemetry.gauge(
        "resguardo_tree_size",
        app.ledger.snapshot().map_or(0, |snapshot| snapshot.size),
    );
    let text = telemetry.text();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}
