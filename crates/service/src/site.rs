//! The pages: which path shows which, in which language, with which headers.
//!
//! Nothing here sets a cookie or keeps anything; a page is a function of its path and of the public statements.

use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use pages::gallery::Gallery;
use pages::huellas::Huellas;
use pages::landing::{Help, Landing};
use pages::missing::Missing;
use pages::quienes::{Keepers, Quienes};
use pages::{Audience, Frame, Language};

use crate::app::{App, Shared};
use crate::assets::assets;
use crate::nuevo;
use crate::packed;
use crate::problem::Refusal;

/// What a page may load and do: its own style, scripts, images, and calls to this server (§14).
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
                           style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// When this build was made, POSIX seconds, where whoever made it says so; else 0. A device whose clock is behind learns it
/// from the page (§3).
pub(crate) fn built() -> u64 {
    const BUILT: Option<&str> = option_env!("SOURCE_DATE_EPOCH");
    BUILT.and_then(|text| text.parse().ok()).unwrap_or(0)
}

pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<Shared>)> {
    vec![
        ("/", get(home)),
        ("/robots.txt", get(robots)),
        ("/{l}", get(slash)),
        ("/{l}/", get(landing)),
        ("/{l}/quienes", get(keepers)),
        ("/{l}/huellas", get(traces)),
        ("/{l}/galeria", get(gallery)),
        ("/{l}/salir", get(leave)),
        ("/{l}/nuevo", get(nuevo::show)),
    ]
}

/// Only the landing and the record are for search engines.
async fn robots() -> &'static str {
    "User-agent: *\nAllow: /$\nAllow: /es/$\nAllow: /en/$\nAllow: /es/registro/\nAllow: /en/registro/\nAllow: /es/ley\nAllow: /en/ley\nDisallow: /\n"
}

/// The landing, in the language that the browser asks for.
async fn home(State(app): State<Shared>, headers: HeaderMap) -> Response {
    landing(State(app), Path(wanted(&headers).tag().to_owned()), headers).await
}

/// A language without its slash.
async fn slash(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    match Language::from_tag(&tag) {
        Some(language) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, format!("/{}/", language.tag()))],
        )
            .into_response(),
        None => missing(&app, &headers, wanted(&headers)),
    }
}

async fn landing(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let Some(language) = Language::from_tag(&tag) else {
        return missing(&app, &headers, wanted(&headers));
    };
    let help = app.site.help.as_ref().and_then(|line| {
        Some(Help {
            phone: &line.phone,
            hours: line.hours.get(language.tag())?,
            checked: &line.checked,
        })
    });
    let shown = Landing {
        frame: app.frame(language, "", Audience::Declarant),
        is_open: app.is_open(),
        help,
    };
    page(&headers, StatusCode::OK, pages::html(&shown))
}

async fn keepers(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let Some(language) = Language::from_tag(&tag) else {
        return missing(&app, &headers, wanted(&headers));
    };
    let view = app.projection.view();
    let shown = Quienes {
        frame: app.frame(language, "quienes", Audience::Declarant),
        keepers: view.council().map(|council| Keepers::new(council, language)),
    };
    page(&headers, StatusCode::OK, pages::html(&shown))
}

async fn traces(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let Some(language) = Language::from_tag(&tag) else {
        return missing(&app, &headers, wanted(&headers));
    };
    let frame = app.frame(language, "huellas", Audience::Declarant);
    page(&headers, StatusCode::OK, pages::html(&Huellas { frame }))
}

/// Every component, in demos: nobody else needs it.
async fn gallery(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let language = Language::from_tag(&tag).filter(|_| app.origin.is_demo());
    let Some(language) = language else {
        return missing(&app, &headers, wanted(&headers));
    };
    let frame = app.frame(language, "galeria", Audience::Public);
    page(&headers, StatusCode::OK, pages::html(&Gallery { frame }))
}

/// The exit: leads away, and has the browser forget what it may hold of this site.
async fn leave(State(app): State<Shared>, Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let language = Language::from_tag(&tag).unwrap_or_else(|| wanted(&headers));
    let neutral = app.site.neutral.get(language.tag()).map_or("/", String::as_str);
    let fields = [
        (
            header::LOCATION,
            HeaderValue::from_str(neutral).unwrap_or(HeaderValue::from_static("/")),
        ),
        (
            HeaderName::from_static("clear-site-data"),
            HeaderValue::from_static("\"cache\", \"storage\""),
        ),
    ];
    (StatusCode::SEE_OTHER, fields).into_response()
}

/// What has no route: a page for people, a problem for machines.
pub(crate) async fn fallback(
    State(app): State<Shared>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accepted.unwrap_or_default().contains("text/html") {
        return Err(Refusal::not_found());
    }
    let tag = uri.path().split('/').nth(1).unwrap_or_default();
    let language = Language::from_tag(tag).unwrap_or_else(|| wanted(&headers));
    Ok(missing(&app, &headers, language))
}

impl App {
    /// Whether filings are taken as far as councils go: one is in force, and its keys are good.
    fn is_open(&self) -> bool {
        let view = self.projection.view();
        view.council().is_some_and(|council| self.now() < council.good_until())
    }

    /// The frame of a page.
    pub fn frame<'a>(&self, language: Language, slug: &'a str, audience: Audience) -> Frame<'a> {
        Frame::new(language, slug, audience, assets(), self.origin.is_demo())
    }
}

/// A page as the answer.
pub(crate) fn page(headers: &HeaderMap, status: StatusCode, html: String) -> Response {
    let mut response = packed::answer(headers, html.into_bytes());
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    fields.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    response
}

/// There is no such page.
pub(crate) fn missing(app: &App, headers: &HeaderMap, language: Language) -> Response {
    let shown = Missing {
        frame: app.frame(language, "", Audience::Declarant),
    };
    page(headers, StatusCode::NOT_FOUND, pages::html(&shown))
}

/// The language that a browser asks for.
pub(crate) fn wanted(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Language::from_header(accepted.unwrap_or_default())
}
