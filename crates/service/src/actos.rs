//! `/{l}/registro/actos` and `/{l}/registro/acto/{docket}`: single acts, from the twins in the published checkpoint; the same as
//! files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pages::actos::{ActRecord, Acto, Actos};
use pages::{Frame, Language};
use protocol::statement::DocketId;

use crate::app::{App, Shared};
use crate::deberes::file;
use crate::problem::Refusal;

fn record(app: &App) -> Option<Arc<ActRecord>> {
    let view = app.projection.view();
    let at = app.projection.checkpoint_time(&view, &app.ledger);
    Some(app.acts.at(view.registry()?, view.dockets(), at))
}

fn of_docket(app: &App, docket: &str) -> Option<ActRecord> {
    let docket = DocketId::from_hex(docket)?;
    let view = app.projection.view();
    let at = app.projection.checkpoint_time(&view, &app.ledger);
    ActRecord::of_docket(view.registry()?, view.dockets(), at, &docket)
}

pub(crate) fn html(app: &App, frame: Frame<'_>) -> Option<String> {
    let record = record(app)?;
    Some(pages::html(&Actos { frame, record: &record }))
}

/// One docket: its name is the end of the address.
pub(crate) fn docket_html(app: &App, frame: Frame<'_>) -> Option<String> {
    let record = of_docket(app, frame.slug.rsplit('/').next()?)?;
    let docket = record.dockets.first()?;
    Some(pages::html(&Acto {
        frame,
        record: &record,
        docket,
    }))
}

pub(crate) async fn json(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Refusal> {
    let record = record(&app).ok_or_else(Refusal::not_found)?;
    Ok(as_json(&headers, &record))
}

pub(crate) async fn csv(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Refusal> {
    let record = record(&app).ok_or_else(Refusal::not_found)?;
    Ok(as_csv(&headers, &record))
}

pub(crate) async fn atom(
    State(app): State<Shared>,
    Path(tag): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let record = record(&app).ok_or_else(Refusal::not_found)?;
    as_atom(&headers, &record, &tag)
}

pub(crate) async fn docket_json(
    State(app): State<Shared>,
    Path(docket): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let record = of_docket(&app, &docket).ok_or_else(Refusal::not_found)?;
    Ok(as_json(&headers, &record))
}

pub(crate) async fn docket_csv(
    State(app): State<Shared>,
    Path(docket): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let record = of_docket(&app, &docket).ok_or_else(Refusal::not_found)?;
    Ok(as_csv(&headers, &record))
}

pub(crate) async fn docket_atom(
    State(app): State<Shared>,
    Path((tag, docket)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let record = of_docket(&app, &docket).ok_or_else(Refusal::not_found)?;
    as_atom(&headers, &record, &tag)
}

fn as_json(headers: &HeaderMap, record: &ActRecord) -> Response {
    file(headers, "application/json", protocol::json::write(record))
}

fn as_csv(headers: &HeaderMap, record: &ActRecord) -> Response {
    file(headers, "text/csv; charset=utf-8", record.csv().into_bytes())
}

fn as_atom(headers: &HeaderMap, record: &ActRecord, tag: &str) -> Result<Response, Refusal> {
    let language = Language::from_tag(tag).ok_or_else(Refusal::not_found)?;
    Ok(file(
        headers,
        "application/atom+xml; charset=utf-8",
        record.atom(language),
    ))
}
