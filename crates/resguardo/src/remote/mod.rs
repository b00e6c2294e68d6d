//! The service as this program sees it: every call of §15.8, with retries, transport signatures and typed refusals.
//!
//! Nothing that comes back is believed here; callers verify it ([`crate::follow`], [`crate::desk`]).

mod filing;
mod log;
mod member;
mod network;
mod refusal;

pub use filing::{Part, multipart, work};
pub use member::Signer;
pub use network::{Network, PROXY_VARIABLE, Purpose};

use crate::failure::{Exit, Failure, Outcome};
use network::Lines;
use protocol::Digest;
use protocol::http::{SIGNATURE_HEADER, SignedCall, TransportSignature};
use protocol::problem::Problem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::http::{Method, Request, Response};

/// Prefix of everything but the log.
pub const API: &str = "/api/v1";
/// Largest answer that is read into memory, in bytes.
const ANSWER_MAX: u64 = 4 * 1024 * 1024;
/// Waits before a call is tried again when the network or the server is away, in milliseconds.
const PAUSES_MS: [u64; 3] = [200, 800, 2400];
/// How often a signed call that was taken for a replay is signed anew with another second.
const RESIGN_MAX: u16 = 11;
/// How far from the present, before or after it, that second may lie more with each attempt; the service allows 300 in all.
const RESIGN_SPREAD_S: u16 = 25;

/// One service, reached over a line for each [`Purpose`]. Cheap to clone; clones share the lines, which are closed with
/// the last of them.
#[derive(Clone)]
pub struct Remote {
    network: Network,
    lines: Arc<Lines>,
    /// Whether a signed call was made, over whatever lines.
    has_signed: Arc<AtomicBool>,
    base: String,
    skew_s: i64,
}

/// One call.
struct Call<'a> {
    purpose: Purpose,
    method: Method,
    path: &'a str,
    headers: Vec<(&'static str, String)>,
    body: &'a [u8],
    signer: Option<&'a Signer<'a>>,
}

/// A complete answer.
struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: Vec<u8>,
}

impl<'a> Call<'a> {
    fn get(purpose: Purpose, path: &'a str) -> Self {
        Self {
            purpose,
            method: Method::GET,
            path,
            headers: Vec::new(),
            body: &[],
            signer: None,
        }
    }

    /// A call without a name; [`Self::signed`] gives it one.
    fn post(path: &'a str, content_type: String, body: &'a [u8]) -> Self {
        Self {
            purpose: Purpose::Posting,
            method: Method::POST,
            path,
            headers: vec![("Content-Type", content_type)],
            body,
            signer: None,
        }
    }

    fn signed(mut self, signer: &'a Signer<'a>) -> Self {
        self.purpose = Purpose::Member;
        self.signer = Some(signer);
        self
    }
}

impl Remote {
    /// The service at `base` (`https://…` or `http://…`, without the paths), by the way of this process.
    ///
    /// # Errors
    /// Exit 2 when that is no address.
    pub fn new(base: &str) -> Outcome<Self> {
        Self::over(base, Network::of_process())
    }

    /// As [`Self::new`], by a way of its own.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn over(base: &str, network: Network) -> Outcome<Self> {
        let base = base.trim_end_matches('/');
        let is_address = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
        if is_address.is_none_or(|rest| rest.is_empty() || rest.contains(char::is_whitespace)) {
            return Err(Failure::usage(format!("`{base}` is no address of a service"))
                .why("it does not begin with http:// or https://, or names no host")
                .remedy("give it as https://host or http://host:port"));
        }
        Ok(Self {
            network,
            lines: Arc::default(),
            has_signed: Arc::default(),
            base: base.to_owned(),
            skew_s: 0,
        })
    }

    /// The same service over lines of its own: nothing shows that who uses them also uses the others.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            lines: Arc::default(),
            ..self.clone()
        }
    }

    /// Whether this process has made a signed call to this service: what it fetches next without a name may be told by the
    /// time.
    pub fn has_signed(&self) -> bool {
        self.has_signed.load(Ordering::Relaxed)
    }

    /// The same service, for a device whose clock is wrong by `skew_s` seconds: how a wrong clock is tried out.
    #[must_use]
    pub fn with_clock_skew(mut self, skew_s: i64) -> Self {
        self.skew_s = skew_s;
        self
    }

    /// The address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// As [`Self::base`], owned.
    pub fn base_text(&self) -> String {
        self.base.clone()
    }

    /// This device's clock, POSIX seconds, with the skew that is tried out.
    pub fn now(&self) -> u64 {
        crate::clock::now().saturating_add_signed(self.skew_s)
    }

    /// The body of a successful answer.
    fn bytes(&self, call: &Call<'_>) -> Outcome<Vec<u8>> {
        let answer = self.send(call)?;
        if (200..300).contains(&answer.status) {
            Ok(answer.body)
        } else {
            Err(self.refused(call, &answer))
        }
    }

    /// The body, or `None` where the service says 404.
    fn bytes_if_there(&self, purpose: Purpose, path: &str) -> Outcome<Option<Vec<u8>>> {
        let call = Call::get(purpose, path);
        let answer = self.send(&call)?;
        match answer.status {
            200..300 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(self.refused(&call, &answer)),
        }
    }

    fn refused(&self, call: &Call<'_>, answer: &Answer) -> Failure {
        refusal::failure(call.path, answer, self.now())
    }

    /// Sends a call until it is answered by something else than «away» or «replay».
    fn send(&self, call: &Call<'_>) -> Outcome<Answer> {
        let mut pauses = PAUSES_MS.iter();
        let (mut later, mut resigned) = (0, 0u16);
        loop {
            let outcome = self.send_once(call, later);
            let is_replay = outcome
                .as_ref()
                .is_ok_and(|answer| refusal::problem(answer) == Some(Problem::Replay));
            if is_replay && call.signer.is_some() && resigned < RESIGN_MAX {
                // The same call within one second has the same signature, also from another process of this member.
                resigned += 1;
                let spread = RESIGN_SPREAD_S * resigned;
                let drawn = u16::from_be_bytes(crate::random::bytes()) % (2 * spread + 1);
                later = i64::from(drawn) - i64::from(spread);
                continue;
            }
            let is_away = match &outcome {
                Ok(answer) => matches!(answer.status, 502..=504) && refusal::problem(answer) != Some(Problem::Capacity),
                Err(failure) => failure.exit == Exit::Network,
            };
            match pauses.next() {
                Some(pause) if is_away => std::thread::sleep(Duration::from_millis(*pause)),
                _ => return outcome,
            }
        }
    }

    fn send_once(&self, call: &Call<'_>, later: i64) -> Outcome<Answer> {
        let response = self.response(call, later)?;
        let (parts, mut body) = response.into_parts();
        let body = body
            .with_config()
            .limit(ANSWER_MAX)
            .read_to_vec()
            .map_err(|error| self.away(&error))?;
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    fn response(&self, call: &Call<'_>, later: i64) -> Outcome<Response<ureq::Body>> {
        let is_asked_once = call.signer.is_some() && call.method == Method::GET;
        let path = if is_asked_once {
            protocol::http::once(call.path, crate::random::bytes())
        } else {
            call.path.to_owned()
        };
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{path}", self.base));
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(signer) = call.signer {
            self.has_signed.store(true, Ordering::Relaxed);
            let time = self.now().saturating_add_signed(later);
            let signed = SignedCall {
                origin: signer.origin.as_str(),
                method: call.method.as_str(),
                path: &path,
                body: &Digest::of(call.body),
            };
            let signature = TransportSignature::sign(signer.x, signer.keys.signing(), &signed, time);
            request = request.header(SIGNATURE_HEADER, signature.to_header());
        }
        let bodyless = matches!(call.method, Method::GET | Method::HEAD);
        let unsendable = |_| Failure::bug("a request that cannot be sent");
        let line = self.lines.of(&self.network, call.purpose)?;
        let outcome = if bodyless {
            line.run(request.body(()).map_err(unsendable)?)
        } else {
            line.run(request.body(call.body).map_err(unsendable)?)
        };
        outcome.map_err(|error| self.away(&error))
    }

    fn away(&self, error: &ureq::Error) -> Failure {
        let remedy = if self.network.has_proxy() {
            "nothing was lost, and nothing went past the proxy; check that it runs, then run it again"
        } else {
            "nothing was lost; check the address and the network, then run it again"
        };
        Failure::new(Exit::Network, "unreachable", format!("{} does not answer", self.base))
            .why(error)
            .remedy(remedy)
    }
}
