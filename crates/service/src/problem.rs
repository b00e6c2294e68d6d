//! Refusals as RFC 9457 says. No other file makes an error answer.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::problem::{Problem, ProblemBody};

/// Why a request is refused: a stable code, and words that hold nothing of what was sent.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The machine code.
    pub problem: Problem,
    status: StatusCode,
    detail: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// A refusal with the status of its code.
    pub fn new(problem: Problem, detail: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            problem,
            status,
            detail: detail.into(),
            headers: Vec::new(),
        }
    }

    /// The form breaks a rule.
    pub fn form(detail: &'static str) -> Self {
        Self::new(Problem::Form, detail)
    }

    /// The form breaks a rule of [`protocol::http`], which says it in its own words.
    pub fn rule(rule: &'static str) -> Self {
        Self::new(
            Problem::Form,
            format!("A rule of this form is broken: {rule}. Nothing was stored."),
        )
    }

    /// Something in the request cannot be read.
    pub fn malformed(detail: &'static str) -> Self {
        Self::new(Problem::Malformed, detail)
    }

    /// There is nothing under this name.
    pub fn not_found() -> Self {
        Self::new(Problem::NotFound, "There is nothing under this name.")
    }

    /// Our bug.
    pub fn internal() -> Self {
        Self::new(
            Problem::Internal,
            "The server has a fault. Nothing was stored. Try again later.",
        )
    }

    /// The path exists, but not with this method.
    pub fn method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Self::malformed("This path does not take this method.")
        }
    }

    /// The same refusal with a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// One line for each code.
fn title(problem: Problem) -> &'static str {
    match problem {
        Problem::Malformed => "The request cannot be read",
        Problem::Signature => "The transport signature is missing or wrong",
        Problem::Clock => "The clocks differ too much",
        Problem::Replay => "This signature was used before",
        Problem::Forbidden => "This is not for this member",
        Problem::NotFound => "Not found",
        Problem::SlotTaken => "The slot is taken",
        Problem::Offset => "The chunk does not begin where the upload ends",
        Problem::Changed => "Another one stands there",
        Problem::TooLarge => "Too large",
        Problem::Form => "The form breaks a rule",
        Problem::BlobsMissing => "Files that the form names are not here",
        Problem::DigestMismatch => "A file does not hash to its name",
        Problem::Council => "No council that takes filings has these seats",
        Problem::Bucket => "The buckets have another depth",
        Problem::Quota => "This upload code is not good",
        Problem::Work => "Work is missing or not good",
        Problem::Allowance => "The daily allowance is used up",
        Problem::Capacity => "No room at this time",
        Problem::Storage => "Storage does not answer",
        Problem::DiskFull => "The disk is full",
        Problem::Internal => "Server fault",
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: format!("urn:resguardo:problem:{}", self.problem.code()),
            title: title(self.problem).to_owned(),
            status: self.status.as_u16(),
            code: self.problem,
            detail: self.detail.into_owned(),
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response.extensions_mut().insert(self.problem);
        response
    }
}

/// What a panic answers; the panic's words stay inside.
pub(crate) fn from_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Refusal::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    async fn panics() -> StatusCode {
        panic!("the phrase is abierto")
    }

    #[tokio::test]
    async fn a_panic_answers_a_problem_and_not_its_words() {
        let router = Router::new()
            .route("/", get(panics))
            .layer(CatchPanicLayer::custom(from_panic));
        let response = router.oneshot(Request::new(Body::empty())).await.expect("an answer");
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let problem: ProblemBody = serde_json::from_slice(&body).expect("a problem");
        assert_eq!(problem.code, Problem::Internal);
        assert!(!String::from_utf8_lossy(&body).contains("abierto"));
    }
}
