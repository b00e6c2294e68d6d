//! What every answer carries, and the one line that every request leaves in the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use protocol::problem::Problem;
use protocol::served;

use crate::app::Shared;

/// Sets the headers, counts, and logs route, status and duration: never an address, a path or a browser string.
///
/// Answers are told at debug level, for a line in a log has a time, and the operator keeps none finer than a day (§1).
/// Only our own failures are told always.
pub(crate) async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let may_be_kept = served::is_file_of_record(request.uri().path());
    let mut response = next.run(request).await;
    // What is not there may be there in a second.
    if may_be_kept && response.status().is_success() {
        keep(&app, response.headers_mut());
    }
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

/// Lets a file of the public record be kept until the next step of the log, when it may be another.
fn keep(app: &Shared, headers: &mut HeaderMap) {
    let now = app.now();
    let step_s = u64::from(app.projection.view().pace(now).step_s.max(1));
    let kept = HeaderValue::try_from(served::kept_for(step_s - now % step_s));
    headers.insert(
        served::KEPT_HEADER,
        kept.unwrap_or(HeaderValue::from_static(served::NOT_KEPT)),
    );
}

/// Adds what every answer carries. A page says itself what it may load: its policy stays.
pub(crate) fn add(headers: &mut HeaderMap) {
    let bare = [
        (served::POLICY_HEADER, served::BARE_POLICY),
        (served::PERMISSIONS_HEADER, served::permissions("")),
        (served::KEPT_HEADER, served::NOT_KEPT),
    ];
    for (name, value) in served::ALWAYS.into_iter().chain(bare) {
        let name = HeaderName::from_static(name);
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
