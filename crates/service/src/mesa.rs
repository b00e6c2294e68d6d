//! `/{l}/mesa/`: the desk. The page carries the root of trust; everything else it reads and verifies itself.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use pages::mesa::Desk;
use pages::{Audience, Language};

use crate::app::Shared;
use crate::site;

pub(crate) fn routes() -> [(&'static str, MethodRouter<Shared>); 1] {
    [("/{l}/mesa/", get(desk))]
}

async fn desk(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let Some(language) = Language::from_tag(&tag) else {
        return site::missing(&app, &headers, site::wanted(&headers));
    };
    let root = app.projection.view().root().map(protocol::json::write);
    let root = root.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let shown = Desk {
        frame: app.frame(language, "mesa/", Audience::Desk),
        root: &root,
        built: site::built(),
    };
    site::page(&headers, StatusCode::OK, pages::html(&shown))
}
