//! What every answer carries, and the one line that every request leaves in the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use protocol::problem::Problem;

use crate::app::Shared;

/// Headers of every answer: nothing is kept by browsers, framed, sniffed or passed on.
const ALWAYS: [(HeaderName, &str); 9] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    ),
];

/// Sets the headers, counts, and logs route, status and duration: never an address, a path or a browser string.
///
/// Answers are told at debug level, for a line in a log has a time, and the operator keeps none finer than a day (§1).
/// Only our own failures are told always.
pub(crate) async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    add(response.headers_mut());
    let took = started.elapsed();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    let code = response
        .extensions()
        .get::<Problem>()
        .map_or("", |problem| problem.code());
    app.telemetry.answered(route, status, code, took);
    if status >= 500 && code != Problem::Capacity.code() {
        tracing::warn!(route, status, code, "failed");
    }
    tracing::debug!(route, status, code, ms = took.as_millis() as u64, "answered");
    response
}

/// Adds what every answer carries. A page says itself what it may load: its policy stays.
pub(crate) fn add(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
