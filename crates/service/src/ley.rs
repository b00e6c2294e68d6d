//! `/{l}/ley`: the law as this build has it, to be read by anyone; the same bytes for everybody.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use pages::ley::{Law, LawAid, LawText, slug};
use pages::{Audience, Language};

use crate::app::Shared;
use crate::site::{missing, page, wanted};

/// The page of what is owed, among those of the texts.
const AID: &str = "asistencia";

pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<Shared>)> {
    vec![("/{l}/ley", get(index)), ("/{l}/ley/{text}", get(text))]
}

async fn index(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let (Some(language), Ok(library)) = (Language::from_tag(&tag), law_data::library()) else {
        return missing(&app, &headers, wanted(&headers));
    };
    let frame = app.frame(language, "ley", Audience::Public);
    page(&headers, StatusCode::OK, pages::html(&Law { frame, library }))
}

async fn text(State(app): State<Shared>, Path((tag, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (Some(language), Ok(library)) = (Language::from_tag(&tag), law_data::library()) else {
        return missing(&app, &headers, wanted(&headers));
    };
    let path = format!("ley/{name}");
    let frame = app.frame(language, &path, Audience::Public);
    if name == AID {
        return page(&headers, StatusCode::OK, pages::html(&LawAid { frame, library }));
    }
    // A text that is not at hand has no page: the index says so.
    let loaded = |law: &&law::Instrument| law.status != law::Status::NotLoaded && slug(law) == path;
    match library.instruments.iter().find(loaded) {
        Some(law) => page(&headers, StatusCode::OK, pages::html(&LawText { frame, library, law })),
        None => missing(&app, &headers, language),
    }
}
