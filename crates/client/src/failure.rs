//! Why an act was not done, as the page tells it: a code that the page has words for in each language, and what goes
//! with it. No secret and nothing of a testimony stands in a failure.

use casework::NotNow;
use casework::release::Why;
use protocol::problem::ProblemBody;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::wire::Answer;

/// The outcome of everything here that can fail.
pub type Outcome<T> = Result<T, Failure>;

/// Something was not done, and nothing is half done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Machine code: of the protocol's problems, of a rule of the log, or of the desk.
    pub code: String,
    /// More, for those who look: in English, never needed to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// From when it is allowed, POSIX seconds of the log's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The rule's own numbers.
    #[serde(flatten)]
    pub about: Map<String, Value>,
}

impl Failure {
    /// A failure by its code.
    pub fn new(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            detail: None,
            from: None,
            about: Map::new(),
        }
    }

    /// With its reason.
    #[must_use]
    pub fn why(self, why: impl std::fmt::Display) -> Self {
        Self {
            detail: Some(why.to_string()),
            ..self
        }
    }

    /// The log, or something that must agree with it, does not verify: nothing may be done on it.
    pub fn log(why: impl std::fmt::Display) -> Self {
        Self::new("log-not-verifiable").why(why)
    }

    /// A rule of the log does not allow the act now.
    pub fn not_now(refused: &NotNow) -> Self {
        let line = refused.line.map(|line| format!(" (§8.5, line {line})"));
        Self {
            code: code_of(&refused.why),
            detail: Some(format!("{refused}{}", line.unwrap_or_default())),
            from: refused.from,
            about: about(&refused.why),
        }
    }

    /// What an answer that is no success says.
    pub fn answer(answer: &Answer) -> Self {
        if answer.status == 0 {
            return Self::new("unreachable");
        }
        match serde_json::from_slice::<ProblemBody>(&answer.body) {
            Ok(body) => Self::new(body.code.code()).why(body.title),
            Err(_) => Self::new("unexpected-answer").why(answer.status),
        }
    }

    /// Something that cannot be.
    pub fn bug(what: &str) -> Self {
        Self::new("internal").why(what)
    }
}

/// The machine code of a rule.
pub(crate) fn code_of(why: &Why) -> String {
    serde_json::to_value(why)
        .ok()
        .and_then(|value| value.get("code").and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_else(|| "not-now".to_owned())
}

/// The numbers of a rule, without its code.
fn about(why: &Why) -> Map<String, Value> {
    match serde_json::to_value(why) {
        Ok(Value::Object(mut fields)) => {
            fields.remove("code");
            fields
        }
        _ => Map::new(),
    }
}
