//! The form without scripts (§14.4): what she writes is sealed here, in memory, and filed. Between two posts nothing of it is kept:
//! each answer carries what she wrote so far.
//!
//! Nothing here is a session, so that no other site can do in her name what it could not do in its own: there is no token against
//! forged posts, and nothing that one would protect.

mod fields;
pub(crate) mod quota;
mod sealed;

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use pages::plain::{Check, Done, Stop, Stopped, Trouble, Write};
use pages::{Audience, Frame, Language};
use protocol::phrase::Phrase;
use protocol::problem::Problem;
use protocol::served;
use sealing::TestimonyInput;
use zeroize::Zeroizing;

use crate::app::{self, App, Shared};
use crate::assets::assets;
use crate::body::{self, Whole};
use crate::limits::{PLAIN_BODY_MAX, PLAIN_COPIES};
use crate::random;
use crate::site::{self, SLUG_PLAIN};
use fields::{Fields, Step};
use sealed::NotFiled;

/// Bytes of a page around what she wrote, and how many times longer that may be as HTML.
const PAGE_ROOM: usize = 32 << 10;
const ESCAPED: usize = 6;

/// `POST /<language>/sin-scripts`.
pub(crate) async fn post(
    State(app): State<Shared>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let tag = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    let Some(language) = Language::from_tag(tag) else {
        return site::missing(&app, &headers, site::wanted(&headers));
    };
    let answer = Answer { app: &app, language };
    if !is_offered(&app, &headers) {
        return answer.stopped(StatusCode::FORBIDDEN, Stop::NotHere);
    }
    if !app.is_open() {
        return answer.stopped(StatusCode::SERVICE_UNAVAILABLE, Stop::Closed);
    }
    let whole = body::read(&app.memory, &headers, body, PLAIN_BODY_MAX, PLAIN_COPIES).await;
    let Whole { bytes, held: _held } = match whole {
        Ok(whole) => whole,
        Err(refusal) => {
            return match refusal.problem {
                Problem::TooLarge => answer.stopped(StatusCode::PAYLOAD_TOO_LARGE, Stop::TooLarge),
                Problem::Capacity => answer.stopped(StatusCode::SERVICE_UNAVAILABLE, Stop::Busy),
                _ => answer.stopped(StatusCode::BAD_REQUEST, Stop::Unreadable),
            };
        }
    };
    match Fields::read(&headers, Zeroizing::new(Vec::from(bytes))).await {
        Some(fields) => answer.to(fields).await,
        None => answer.stopped(StatusCode::BAD_REQUEST, Stop::Unreadable),
    }
}

/// Whether the form is offered where this came: over the onion address, and on the clear web where the operator declares it. Whoever
/// writes the onion address into a request that came otherwise has chosen so for herself.
fn is_offered(app: &App, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let onion = app
        .site
        .onion
        .as_deref()
        .and_then(|onion| onion.strip_prefix("http://"));
    let is_onion = onion.zip(host).is_some_and(|(onion, host)| {
        let host = host.strip_suffix(":80").unwrap_or(host);
        host.eq_ignore_ascii_case(onion)
    });
    app.site.nojs_clearnet || is_onion
}

/// Words that this service drew: eight of one list that belong together.
fn phrase(words: &str) -> Option<Phrase> {
    Phrase::read(words).ok()?.into_iter().next()
}

/// Who is answered, in which language.
struct Answer<'a> {
    app: &'a Shared,
    language: Language,
}

impl Answer<'_> {
    async fn to(&self, mut fields: Fields) -> Response {
        let Some(phrase) = phrase(&fields.words) else {
            let drawn = Phrase::draw(&mut random::source());
            let trouble = (fields.step != Step::Begin).then_some(Trouble::Words);
            fields.words = drawn.words(self.language.words());
            return self.write(&fields, trouble);
        };
        let trouble = match fields.step {
            Step::Begin | Step::Write => None,
            _ if fields.is_garbled => Some(Trouble::Garbled),
            _ if fields.is_empty() => Some(Trouble::Empty),
            _ if fields.is_too_much() => Some(Trouble::TooMuch),
            Step::Check | Step::File => None,
        };
        match (trouble, fields.step) {
            (Some(trouble), _) => self.write(&fields, Some(trouble)),
            (None, Step::Begin | Step::Write) => self.write(&fields, None),
            (None, Step::Check) => self.check(&fields, None),
            (None, Step::File) => self.file(phrase, &fields).await,
        }
    }

    /// Runs to its end even when she hangs up, so that a second post finds what the first filed.
    async fn file(&self, phrase: Phrase, fields: &Fields) -> Response {
        let input = TestimonyInput {
            account: fields.account.to_string(),
            identity: fields.identity.trim().to_owned(),
            language: fields.language.trim().to_owned(),
            danger: fields.danger,
            interpreter: fields.interpreter,
            answers: String::new(),
            soon: false,
        };
        let app = self.app.clone();
        let act = async move { Ok(sealed::file(&app, phrase, input).await) };
        let filed = app::finish(act).await.map_err(NotFiled::Refused).flatten();
        let trouble = match filed {
            Ok(filed) => {
                self.app.telemetry.count("resguardo_plain_filings_total");
                let page = Done {
                    frame: self.frame(),
                    words: &fields.words,
                    code: &filed.code,
                    promise: &String::from_utf8_lossy(&filed.promise),
                    is_again: filed.is_again,
                    is_soon: filed.is_soon,
                    danger: fields.danger,
                };
                return self.page(StatusCode::OK, &page, fields.len());
            }
            Err(NotFiled::TooMuch) => return self.write(fields, Some(Trouble::TooMuch)),
            Err(NotFiled::Busy) => Trouble::Busy,
            Err(NotFiled::Full) => Trouble::Full,
            Err(NotFiled::Council) => Trouble::Council,
            Err(refused) if refused.is_crowded() => Trouble::Busy,
            Err(NotFiled::Refused(_)) => Trouble::Failed,
        };
        self.check(fields, Some(trouble))
    }

    fn write(&self, fields: &Fields, trouble: Option<Trouble>) -> Response {
        let (frame, wrote) = (self.frame(), fields.wrote());
        let page = Write { frame, wrote, trouble };
        self.page(status(trouble), &page, fields.len())
    }

    fn check(&self, fields: &Fields, trouble: Option<Trouble>) -> Response {
        let view = self.app.projection.view();
        let page = Check {
            frame: self.frame(),
            wrote: fields.wrote(),
            account: view.council().map_or(0, |council| council.account),
            trouble,
        };
        self.page(status(trouble), &page, 2 * fields.len())
    }

    fn stopped(&self, status: StatusCode, stop: Stop) -> Response {
        let page = Stopped {
            frame: self.frame(),
            stop,
            offer: site::plain_offer(self.app),
        };
        self.page(status, &page, 0)
    }

    fn frame(&self) -> Frame<'_> {
        let is_demo = self.app.origin.is_demo();
        let mut frame = Frame::new(self.language, SLUG_PLAIN, Audience::Unscripted, assets(), is_demo);
        frame.help = site::help(self.app, self.language);
        frame.is_translated = false;
        frame
    }

    /// The page, in memory that is erased when it was sent, and never packed: its length would tell what it says. `written`: bytes
    /// of hers in it.
    fn page(&self, status: StatusCode, page: &impl pages::Template, written: usize) -> Response {
        let html = Zeroizing::new(padded(pages::html_within(page, room(written))).into_bytes());
        let mut response = (status, Body::from(Bytes::from_owner(html))).into_response();
        let fields = response.headers_mut();
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        fields.insert(header::CONTENT_TYPE, kind);
        let policy = HeaderValue::from_static(served::UNSCRIPTED_POLICY);
        fields.insert(header::CONTENT_SECURITY_POLICY, policy);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            // No failure of ours: the log says nothing of it.
            response.extensions_mut().insert(Problem::Capacity);
        }
        response
    }
}

fn status(trouble: Option<Trouble>) -> StatusCode {
    match trouble {
        None => StatusCode::OK,
        Some(Trouble::Empty | Trouble::Words | Trouble::Garbled) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Trouble::TooMuch) => StatusCode::PAYLOAD_TOO_LARGE,
        Some(Trouble::Busy | Trouble::Full | Trouble::Council) => StatusCode::SERVICE_UNAVAILABLE,
        Some(Trouble::Failed) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Room for a page in which so many bytes of hers stand.
fn room(written: usize) -> usize {
    steps(PAGE_ROOM + ESCAPED * written)
}

/// The length of an answer: 16 KiB, 64 KiB, 256 KiB and so on, as of documents, so that who sees its length learns as little of what
/// it says as of a sealed one.
fn steps(len: usize) -> usize {
    let mut padded = 16 << 10;
    while padded < len {
        padded *= 4;
    }
    padded
}

/// Spaces behind its end, up to [`steps`].
fn padded(mut html: String) -> String {
    let len = steps(html.len());
    html.reserve_exact(len - html.len());
    html.extend(std::iter::repeat_n(' ', len - html.len()));
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_one_of_few_lengths() {
        let len = |len: usize| padded("a".repeat(len)).len();
        assert_eq!(
            [0, 1, 16_384, 16_385, 65_537].map(len),
            [16_384, 16_384, 16_384, 65_536, 262_144]
        );
    }
}
