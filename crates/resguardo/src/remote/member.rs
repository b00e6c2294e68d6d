//! The calls of [`client`]'s acts: each goes over the line of its purpose.

use super::{API, Answer, Call, Purpose, Remote, refusal};
use crate::failure::{Failure, Outcome};
use client::wire;
use protocol::http::SIGNATURE_HEADER;
use ureq::http::Method;

/// Header of a list: the position after its last item.
const NEXT: &str = "Resguardo-Next";

impl Remote {
    /// Does a call of an act. Beside the answer: the failure that it stands for, if it refuses.
    ///
    /// # Errors
    /// Network.
    pub fn carry(&self, call: &wire::Call) -> Outcome<(wire::Answer, Option<Failure>)> {
        let sent = Call {
            purpose: purpose(call),
            method: if call.method == "GET" {
                Method::GET
            } else {
                Method::POST
            },
            path: &call.path,
            headers: call.headers.clone(),
            body: &call.body,
        };
        let answer = self.send(&sent)?;
        let refused = (answer.status >= 400).then(|| self.refused(&sent, &answer));
        Ok((told(answer), refused))
    }
}

/// What a call is for: whatever bears a member's signature shares no line with what does not.
fn purpose(call: &wire::Call) -> Purpose {
    let within = |folder: &str| call.path.strip_prefix(API).is_some_and(|path| path.starts_with(folder));
    if call.headers.iter().any(|(name, _)| *name == SIGNATURE_HEADER) {
        Purpose::Member
    } else if call.method != "GET" || within("/work") {
        Purpose::Posting
    } else if within("/blobs/") {
        Purpose::Objects
    } else if within("/drop/") {
        Purpose::Bucket
    } else {
        Purpose::Log
    }
}

fn told(answer: Answer) -> wire::Answer {
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    wire::Answer {
        status: answer.status,
        next: header(NEXT).and_then(|text| text.parse().ok()),
        date: header("date").and_then(refusal::parse_http_date),
        body: answer.body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bears_a_name_shares_no_line_with_what_does_not() {
        let signed = |mut call: wire::Call| {
            call.headers.push((SIGNATURE_HEADER, String::new()));
            purpose(&call)
        };
        let post = || wire::Call::post("/api/v1/office", String::new(), Vec::new());
        for (path, unsigned) in [
            ("/api/v1/blobs/ab", Purpose::Objects),
            ("/api/v1/drop/4/a/0", Purpose::Bucket),
            ("/api/v1/work?for=office", Purpose::Posting),
            ("/api/v1/public/ab", Purpose::Log),
            ("/log/checkpoint", Purpose::Log),
        ] {
            assert_eq!(purpose(&wire::Call::get(path)), unsigned, "{path}");
            assert_eq!(signed(wire::Call::get(path)), Purpose::Member, "{path}");
        }
        assert_eq!((purpose(&post()), signed(post())), (Purpose::Posting, Purpose::Member));
    }
}
