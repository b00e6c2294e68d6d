//! The pages: which path shows which, in which language, with which headers.
//!
//! Nothing here sets a cookie or keeps anything; a page is a function of its path and of the public statements.

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use pages::gallery::Gallery;
use pages::huellas::Huellas;
use pages::landing::Landing;
use pages::mesa::DeskTemplate;
use pages::missing::MissingPage;
use pages::nuevo::Nuevo;
use pages::plain::{Offer, Plain};
use pages::quienes::{Keepers, Quienes};
use pages::volver::Volver;
use pages::{Audience, Frame, Help, Language};
use protocol::statement::SiteFile;
use protocol::{Digest, served};

use crate::app::{App, Shared};
use crate::assets::assets;
use crate::config;
use crate::fixed::{FixedPages, Source};
use crate::problem::Refusal;
use crate::recent::Shown;
use crate::{actos, assets, deberes, ley, packed, registro};

/// When this build was made, POSIX seconds, where whoever made it says so; else 0. A device whose clock is behind learns it
/// from the page (§3).
pub(crate) fn built() -> u64 {
    const BUILT: Option<&str> = option_env!("SOURCE_DATE_EPOCH");
    BUILT.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A page: where it is, for whom, and its HTML.
pub(crate) struct Page {
    /// Its path after the language, as a route has it; empty for the landing.
    path: &'static str,
    audience: Audience,
    /// Whether search engines may show it.
    is_indexed: bool,
    /// Its HTML; `None`: there is no such page here and now. The frame's slug is the path that was asked for.
    html: fn(&App, Frame<'_>) -> Option<String>,
}

/// The form without scripts, after the language.
pub(crate) const SLUG_PLAIN: &str = "sin-scripts";

/// Every page. To add one: a view in the crate `pages`, a template and its words in `web/`, and a line here.
#[rustfmt::skip]
const PAGES: &[Page] = &[
    Page { path: "", audience: Audience::Declarant, is_indexed: true, html: landing },
    Page { path: "quienes", audience: Audience::Declarant, is_indexed: false, html: keepers },
    Page { path: "huellas", audience: Audience::Declarant, is_indexed: false, html: |_, frame| Some(pages::html(&Huellas { frame })) },
    Page { path: "nuevo", audience: Audience::Declarant, is_indexed: false, html: nuevo },
    Page { path: "volver", audience: Audience::Declarant, is_indexed: false, html: volver },
    Page { path: "mesa/", audience: Audience::Desk, is_indexed: false, html: mesa },
    Page { path: "registro/", audience: Audience::Public, is_indexed: true, html: registro::html },
    Page { path: "registro/deberes", audience: Audience::Public, is_indexed: true, html: deberes::html },
    Page { path: "registro/actos", audience: Audience::Public, is_indexed: true, html: actos::html },
    Page { path: "registro/acto/{docket}", audience: Audience::Public, is_indexed: true, html: actos::docket_html },
    Page { path: "ley", audience: Audience::Public, is_indexed: true, html: ley::index },
    Page { path: "ley/{text}", audience: Audience::Public, is_indexed: true, html: ley::text },
    Page { path: SLUG_PLAIN, audience: Audience::Unscripted, is_indexed: false, html: plain },
    Page { path: "galeria", audience: Audience::Public, is_indexed: false, html: gallery },
];

pub(crate) fn routes() -> Vec<(String, MethodRouter<Shared>)> {
    let pages = PAGES.iter().map(|page| {
        let show = move |State(app): State<Shared>, OriginalUri(uri): OriginalUri, headers: HeaderMap| async move {
            let (tag, slug) = uri.path().trim_start_matches('/').split_once('/').unwrap_or_default();
            match Language::from_tag(tag) {
                Some(language) => page.answer(&app, language, slug, &headers),
                None => missing(&app, &headers, wanted(&headers)),
            }
        };
        (format!("/{{l}}/{}", page.path), get(show))
    });
    let others = [
        ("/", get(home)),
        ("/robots.txt", get(|| async { robots() })),
        ("/{l}", get(slash)),
        ("/{l}/salir", get(leave)),
        ("/registro/deberes.json", get(deberes::json)),
        ("/registro/deberes.csv", get(deberes::csv)),
        ("/{l}/registro/deberes.atom", get(deberes::atom)),
        ("/registro/actos.json", get(actos::json)),
        ("/registro/actos.csv", get(actos::csv)),
        ("/{l}/registro/actos.atom", get(actos::atom)),
        ("/registro/acto/{docket}/acto.json", get(actos::docket_json)),
        ("/registro/acto/{docket}/acto.csv", get(actos::docket_csv)),
        ("/{l}/registro/acto/{docket}/acto.atom", get(actos::docket_atom)),
    ];
    let others = others.map(|(path, methods)| (path.to_owned(), methods));
    pages.chain(others).collect()
}

impl Page {
    /// Whether it is the same bytes for everybody, whatever the log grows by: such a page is rendered once and
    /// named by the statement `site`. The record shows the log as it stands.
    fn is_fixed(&self) -> bool {
        !self.path.starts_with("registro")
    }

    /// What stands after the language in the address of each page of this kind.
    fn slugs(&self) -> Vec<String> {
        match self.path.strip_suffix("{text}") {
            Some(_) => ley::slugs(),
            None => vec![self.path.to_owned()],
        }
    }

    fn render(&self, app: &App, language: Language, slug: &str) -> Option<String> {
        let mut frame = Frame::new(language, slug, self.audience, assets(), app.origin.is_demo());
        frame.help = help(app, language);
        (self.html)(app, frame)
    }

    fn answer(&self, app: &App, language: Language, slug: &str, headers: &HeaderMap) -> Response {
        let path = format!("/{}/{slug}", language.tag());
        let answer = match self.is_fixed() {
            true => fixed(app).get(&path).map(|fixed| as_page(fixed.answer(headers))),
            false => {
                let rendered = app.pages.at(shown(app), &path, || self.render(app, language, slug));
                rendered.map(|page| as_page(page.answer(headers)))
            }
        };
        let Some(mut answer) = answer else {
            return missing(app, headers, language);
        };
        if self.audience == Audience::Unscripted {
            let policy = HeaderValue::from_static(served::UNSCRIPTED_POLICY);
            answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer.headers_mut().insert(
            served::PERMISSIONS_HEADER,
            HeaderValue::from_static(served::permissions(&path)),
        );
        answer
    }
}

/// What the pages of the record show now.
fn shown(app: &App) -> Shown {
    Shown {
        view: app.projection.view(),
        checkpoint: app.ledger.snapshot().map(|snapshot| snapshot.checkpoint),
        now: app.now(),
    }
}

/// The pages that are the same bytes for everybody, as they are now.
fn fixed(app: &App) -> Arc<FixedPages> {
    let view = app.projection.view();
    let source = Source {
        root: view.root().map(|root| root.council),
        council: view.council().map(|council| council.digest()),
        is_open: app.is_open(),
    };
    app.fixed.now(source, || render_fixed(app))
}

/// Each of them: its address and its HTML.
fn render_fixed(app: &App) -> Vec<(String, String)> {
    let fixed = PAGES.iter().filter(|page| page.is_fixed());
    let all = fixed.flat_map(|page| page.slugs().into_iter().map(move |slug| (page, slug)));
    let in_language = |(page, slug): (&Page, String)| {
        let of = |language: Language| {
            let html = page.render(app, language, &slug)?;
            Some((format!("/{}/{slug}", language.tag()), html))
        };
        Language::ALL.into_iter().filter_map(of).collect::<Vec<_>>()
    };
    all.flat_map(in_language).collect()
}

/// Every file that is the same bytes for everybody: pages, what they load, and what search engines read.
pub(crate) fn site_files(app: &App) -> Vec<SiteFile> {
    let robots = robots();
    let robots = SiteFile {
        path: "/robots.txt".to_owned(),
        digest: Digest::of(robots.as_bytes()),
        size: robots.len() as u64,
    };
    let loaded = assets::site_files().iter().cloned();
    fixed(app).site_files().chain(loaded).chain([robots]).collect()
}

/// Which pages search engines may show: the landing, the record and the law.
fn robots() -> String {
    let indexed = PAGES.iter().filter(|page| page.is_indexed && !page.path.contains('{'));
    let lines = indexed.flat_map(|page| {
        // The end of the landing's path is marked, or it would allow everything beneath it.
        let end = if page.path.is_empty() { "$" } else { "" };
        Language::ALL.map(|language| format!("Allow: /{}/{}{end}\n", language.tag(), page.path))
    });
    format!("User-agent: *\nAllow: /$\n{}Disallow: /\n", lines.collect::<String>())
}

/// The landing, in the language that the browser asks for.
async fn home(State(app): State<Shared>, headers: HeaderMap) -> Response {
    PAGES[0].answer(&app, wanted(&headers), "", &headers)
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

/// Whom she can call, in her language; nothing where the operator has not said it, or not in this language.
pub(crate) fn help(app: &App, language: Language) -> Option<Help<'_>> {
    match &app.site.help {
        config::Help::Unanswered => None,
        config::Help::None(why) => Some(Help::None {
            why: why.get(language.tag())?,
        }),
        config::Help::Line(line) => Some(Help::Line {
            phone: &line.phone,
            hours: line.hours.get(language.tag())?,
            checked: &line.checked,
            source: &line.source,
        }),
    }
}

fn landing(app: &App, frame: Frame<'_>) -> Option<String> {
    let is_open = app.is_open();
    Some(pages::html(&Landing { frame, is_open }))
}

fn keepers(app: &App, frame: Frame<'_>) -> Option<String> {
    let view = app.projection.view();
    let keepers = view.council().map(|council| Keepers::new(council, frame.language));
    Some(pages::html(&Quienes { frame, keepers }))
}

/// The declarant's way: the same bytes for everybody (§14).
fn nuevo(app: &App, frame: Frame<'_>) -> Option<String> {
    let view = app.projection.view();
    // Without a council in the newest checkpoint there is nothing to seal to.
    let root = view.council().filter(|_| app.is_open()).and(view.root());
    Some(pages::html(&Nuevo {
        frame,
        root: root.and_then(|root| serde_json::to_string(&root).ok()),
        keepers: view.council().map(|council| Keepers::new(council, frame.language)),
        built: built(),
    }))
}

/// Where the form without scripts is offered: the same for everybody, so that its first page is too (§14.4).
pub(crate) fn plain_offer(app: &App) -> Offer<'_> {
    let is_open = app.is_open() && app.projection.view().council().is_some();
    match app.site.onion.as_deref() {
        _ if !is_open => Offer::Closed,
        _ if app.site.nojs_clearnet => Offer::Here,
        Some(onion) => Offer::Onion(onion),
        None => Offer::Nowhere,
    }
}

/// The first page of the form without scripts.
fn plain(app: &App, frame: Frame<'_>) -> Option<String> {
    let view = app.projection.view();
    Some(pages::html(&Plain {
        frame,
        offer: plain_offer(app),
        keepers: view.council().map(|council| Keepers::new(council, frame.language)),
    }))
}

/// The root of trust that a page carries, as JSON; everything else the page reads and verifies itself. Empty before the
/// first council.
fn root_json(app: &App) -> String {
    let root = app.projection.view().root().map(protocol::json::write);
    root.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Her inbox: the same bytes for everybody.
fn volver(app: &App, frame: Frame<'_>) -> Option<String> {
    let (root, built) = (root_json(app), built());
    Some(pages::html(&Volver {
        frame,
        root: &root,
        built,
    }))
}

/// The desk.
fn mesa(app: &App, frame: Frame<'_>) -> Option<String> {
    let (root, built) = (root_json(app), built());
    let measures = law_data::library().map_or(&[][..], |library| &library.measures);
    let measures = measures
        .iter()
        .map(|owed| (owed.shown.id.as_str(), owed.shown.measure.as_str()));
    Some(pages::html(&DeskTemplate {
        frame,
        root: &root,
        built,
        measures: &measures.collect::<Vec<_>>(),
    }))
}

/// Every component, in demos: nobody else needs it.
fn gallery(app: &App, frame: Frame<'_>) -> Option<String> {
    app.origin.is_demo().then(|| pages::html(&Gallery { frame }))
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
    /// Whether filings are taken as far as councils go, one being in force whose keys are good, and whom she can call is said.
    pub(crate) fn is_open(&self) -> bool {
        let view = self.projection.view();
        self.site.help != config::Help::Unanswered
            && view.council().is_some_and(|council| self.now() < council.good_until())
    }
}

/// A page as the answer.
pub(crate) fn page(headers: &HeaderMap, status: StatusCode, html: String) -> Response {
    let mut response = as_page(packed::answer(headers, html.into_bytes()));
    *response.status_mut() = status;
    response
}

/// HTML as the answer, with what a page may load.
fn as_page(mut response: Response) -> Response {
    let fields = response.headers_mut();
    fields.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    fields.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(served::PAGE_POLICY),
    );
    response
}

/// There is no such page.
pub(crate) fn missing(app: &App, headers: &HeaderMap, language: Language) -> Response {
    let frame = Frame::new(language, "", Audience::Declarant, assets(), app.origin.is_demo());
    page(headers, StatusCode::NOT_FOUND, pages::html(&MissingPage { frame }))
}

/// The language that a browser asks for.
pub(crate) fn wanted(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Language::from_header(accepted.unwrap_or_default())
}
