//! `/{l}/registro/deberes`: what institutions did and owe, from the duty reports in the published checkpoint; the same as
//! files.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use pages::deberes::{Deberes, DutyRecord};
use pages::{Frame, Language};

use crate::app::{App, Shared};
use crate::packed;
use crate::problem::Refusal;

fn record(app: &App) -> Option<DutyRecord> {
    let view = app.projection.view();
    let at = app.projection.checkpoint_time(&view, &app.ledger);
    Some(DutyRecord::new(view.registry()?, view.duties(), at))
}

pub(crate) fn html(app: &App, frame: Frame<'_>) -> Option<String> {
    let record = record(app)?;
    Some(pages::html(&Deberes { frame, record: &record }))
}

pub(crate) async fn json(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Refusal> {
    let record = record(&app).ok_or_else(Refusal::not_found)?;
    Ok(file(&headers, "application/json", protocol::json::write(&record)))
}

pub(crate) async fn csv(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Refusal> {
    let record = record(&app).ok_or_else(Refusal::not_found)?;
    Ok(file(&headers, "text/csv; charset=utf-8", record.csv().into_bytes()))
}

pub(crate) async fn atom(
    State(app): State<Shared>,
    Path(tag): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let language = Language::from_tag(&tag).ok_or_else(Refusal::not_found)?;
    let record = record(&app).ok_or_else(Refusal::not_found)?;
    Ok(file(
        &headers,
        "application/atom+xml; charset=utf-8",
        record.atom(language),
    ))
}

/// A file of the record.
pub(crate) fn file(headers: &HeaderMap, kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = packed::answer(headers, bytes);
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
