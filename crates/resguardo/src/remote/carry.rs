//! The calls of [`client`]'s acts: each goes over the line of its purpose.

use super::{Answer, Purpose, Remote, refusal};
use crate::clock::Stopwatch;
use crate::failure::{CliError, Outcome};
use client::wire;
use std::time::Duration;

/// Header of a list: the position after its last item.
const NEXT: &str = "Resguardo-Next";
/// Header of an upload: where it stands.
const OFFSET: &str = "Upload-Offset";

/// How long a cosigner may take.
const COSIGNER_WAIT: Duration = Duration::from_secs(10);
const COSIGNER_WAIT_PROXY: Duration = Duration::from_secs(60);
/// Longest answer of a cosigner in bytes.
const COSIGNER_ANSWER_MAX: u64 = 16 * 1024;

impl Remote {
    /// Does a call of an act. Beside the answer: the failure that it stands for, if it refuses.
    ///
    /// # Errors
    /// Network.
    pub fn carry(&self, call: &wire::HttpCall) -> Outcome<(wire::HttpAnswer, Option<CliError>)> {
        if call.purpose == Purpose::Cosigner && self.copy.is_some() {
            return Ok((wire::HttpAnswer::default(), None));
        }
        if call.purpose == Purpose::Cosigner {
            return Ok((self.ask_cosigner(call), None));
        }
        let watch = Stopwatch::start();
        let answer = self.send(call)?;
        let took_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
        let refused = (answer.status >= 400).then(|| self.refused(call, &answer));
        Ok((told(answer, took_ms), refused))
    }

    /// Posts to a cosigner's own address, over a line of its own.
    fn ask_cosigner(&self, call: &wire::HttpCall) -> wire::HttpAnswer {
        let wait = if self.network.has_proxy() {
            COSIGNER_WAIT_PROXY
        } else {
            COSIGNER_WAIT
        };
        let asked = || -> Option<wire::HttpAnswer> {
            let line = self.network.line().ok()?;
            let mut asking = line.post(&call.path).config().timeout_global(Some(wait)).build();
            for (name, value) in &call.headers {
                asking = asking.header(*name, value);
            }
            let answer = asking.send(&call.body[..]).ok()?;
            let status = answer.status().as_u16();
            let body = answer
                .into_body()
                .into_with_config()
                .limit(COSIGNER_ANSWER_MAX)
                .read_to_vec();
            Some(wire::HttpAnswer {
                status,
                body: body.ok()?,
                ..wire::HttpAnswer::default()
            })
        };
        asked().unwrap_or_default()
    }
}

fn told(answer: Answer, took_ms: u64) -> wire::HttpAnswer {
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    wire::HttpAnswer {
        status: answer.status,
        next: header(NEXT).and_then(|text| text.parse().ok()),
        date: header("date").and_then(refusal::parse_http_date),
        offset: header(OFFSET).and_then(|text| text.parse().ok()),
        took_ms,
        body: answer.body,
    }
}
