//! From a refusal of the service (RFC 9457) to a failure with its exit status.

use super::Answer;
use crate::clock::span;
use crate::failure::{CliCode, CliError, ErrorCode};
use crate::language::t;
use client::Local;
use protocol::http::SIGNATURE_WINDOW_S;
use protocol::problem::{Problem, ProblemBody};

/// The machine code of an answer, if it is a refusal that carries one.
pub(super) fn problem(answer: &Answer) -> Option<Problem> {
    if answer.status < 400 {
        return None;
    }
    serde_json::from_slice::<ProblemBody>(&answer.body)
        .ok()
        .map(|body| body.code)
}

/// The failure for a refusal. `now` is this machine's clock, for telling how far it is off.
pub(super) fn failure(path: &str, answer: &Answer, now: u64) -> CliError {
    let Ok(body) = serde_json::from_slice::<ProblemBody>(&answer.body) else {
        return without_code(path, answer);
    };
    let detail = match body.detail.trim() {
        "" => t!("the service gives no reason").to_owned(),
        detail => printable(detail),
    };
    let happened = CliError::new(body.code, printable(&body.title));
    match clock(answer, now).filter(|_| body.code == Problem::Clock) {
        Some(off) => happened
            .why(off)
            .remedy(t!("set this machine's clock, then run it again; nothing was lost")),
        None => happened.why(detail).remedy(remedy(body.code)),
    }
}

/// What to do about a problem.
pub(crate) fn remedy(problem: Problem) -> &'static str {
    match problem {
        Problem::Malformed | Problem::Internal => t!("nothing was lost; please report this"),
        Problem::Signature => t!("use the key of a seat or reader of the current council"),
        Problem::Clock => t!("set this machine's clock"),
        Problem::Replay | Problem::Offset | Problem::Work => t!("nothing was lost; run it again"),
        Problem::Forbidden => t!("use the key of the member whose act this is"),
        Problem::NotFound => t!("check what was asked for; if it is new, try again after the next step of the log"),
        Problem::SlotTaken => t!("another act took that place; run it again"),
        Problem::Changed => t!("open what stands there, and save it again with what is new"),
        Problem::TooLarge => t!("make it smaller, or put evidence into a further testimony"),
        Problem::Form | Problem::DigestMismatch => t!("nothing was stored; seal it again"),
        Problem::BlobsMissing => t!("nothing was stored; send it again with all its files"),
        Problem::Council => t!("fetch the current council and seal again"),
        Problem::Allowance => t!("try again tomorrow, or ask the operator to raise the allowance"),
        Problem::Quota => {
            t!("nothing was filed; ask the seat that wrote for another upload code, or file 64 MiB at a time")
        }
        Problem::Bucket => {
            t!("nothing was stored; run it again, which makes it for the present depth; seal a package again")
        }
        Problem::Capacity => t!("nothing was lost; keep the words and send it again later"),
        Problem::Storage | Problem::DiskFull => {
            t!("nothing was stored and nothing was promised; the operator must act")
        }
    }
}

/// By how much this machine's clock differs from the server's, which stands in its `Date`.
fn clock(answer: &Answer, now: u64) -> Option<String> {
    let date = answer.headers.get("date").and_then(|value| value.to_str().ok());
    let server = date.and_then(parse_http_date)?;
    let direction = if now > server { t!("ahead of") } else { t!("behind") };
    Some(t!(
        "this machine's clock is {} {} the server's; at most {} are allowed",
        span(now.abs_diff(server)),
        direction,
        span(SIGNATURE_WINDOW_S)
    ))
}

/// Reads the `Date` of an answer as POSIX seconds.
pub(super) fn parse_http_date(text: &str) -> Option<u64> {
    let stamp = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    u64::try_from(stamp.as_second()).ok()
}

fn without_code(path: &str, answer: &Answer) -> CliError {
    let code: ErrorCode = match answer.status {
        404 | 410 => Problem::NotFound.into(),
        413 => Problem::TooLarge.into(),
        429 => CliCode::TooMany.into(),
        500.. => Local::Server.into(),
        _ => Local::UnexpectedAnswer.into(),
    };
    CliError::new(code, t!("the service answered {} to {}", answer.status, path))
        .why(t!("the answer does not carry a problem of this protocol"))
        .remedy(t!("check that the address is that of a Resguardo service"))
}

/// Foreign text for a terminal: no control characters, at most 400 of them.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: ureq::http::HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_clock_an_hour_off_is_told_as_people_say_it() {
        let body = r#"{"type":"urn:resguardo:problem:clock","title":"clock","status":401,"code":"clock","detail":""}"#;
        let mut answer = answer(401, body);
        answer
            .headers
            .insert("date", "Tue, 24 Nov 2026 00:00:00 GMT".parse().expect("a header"));
        let failure = failure("/api/v1/office", &answer, 1_795_478_400 + 3600);
        assert!(
            failure.is(Problem::Clock) && failure.exit() == Exit::NotNow,
            "{failure}"
        );
        assert!(failure.why.contains("60 min ahead"), "{}", failure.why);
    }

    #[test]
    fn an_answer_that_is_no_problem_document_still_has_an_exit() {
        assert_eq!(failure("/x", &answer(404, "<html>"), 0).exit(), Exit::NotFound);
        assert_eq!(failure("/x", &answer(503, ""), 0).exit(), Exit::Network);
        assert_eq!(problem(&answer(200, "")), None);
    }

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\nc"), "a[31mbc");
    }
}
