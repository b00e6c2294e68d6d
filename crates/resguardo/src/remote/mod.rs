//! The service as this program reaches it: the calls of [`client`]'s acts, each over the line of its purpose, with retries
//! and typed refusals.
//!
//! Nothing that comes back is believed here; callers verify it ([`crate::follow`], [`crate::desk`]).

mod browser;
mod carry;
mod network;
mod objects;
mod refusal;

pub(crate) use browser::Browser;
pub use client::wire::Purpose;
pub use network::{Network, PROXY_VARIABLE, takes_no_proxy};
pub(crate) use refusal::remedy;

use crate::disk;
use crate::failure::{CliError, Exit, Outcome};
use crate::language::t;
use client::wire::HttpCall;
use network::Lines;
use protocol::http::ChunkSize;
use protocol::problem::Problem;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use ureq::http::{Request, Response};

/// Largest answer that is read into memory, in bytes.
const ANSWER_MAX: u64 = 4 * 1024 * 1024;
/// Waits before a call is tried again when the network or the server is away, in milliseconds.
const PAUSES_MS: [u64; 3] = [200, 800, 2400];

/// One service, reached over a line for each [`Purpose`]. Cheap to clone; clones share the lines, which are closed with
/// the last of them.
#[derive(Clone)]
pub struct Remote {
    network: Network,
    lines: Arc<Lines>,
    /// Whether a signed call was made, over whatever lines.
    has_signed: Arc<AtomicBool>,
    base: String,
    clock: Device,
    /// How much is sent at once; one for all uploads.
    chunk_size: Arc<Mutex<ChunkSize>>,
    /// A folder that is read in place of a service: what a mirror has copied.
    copy: Option<Arc<Path>>,
}

/// This device's clock.
#[derive(Clone, Copy)]
enum Device {
    /// As it is, or wrong by so many seconds.
    Off(i64),
    /// It stands still, POSIX seconds.
    At(u64),
}

/// A complete answer.
struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: Vec<u8>,
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
            return Err(CliError::usage(t!("`{}` is not the address of a service", base))
                .why(t!("it does not begin with http:// or https://, or names no host"))
                .remedy(t!("give it as https://host or http://host:port")));
        }
        Ok(Self {
            network,
            lines: Arc::default(),
            has_signed: Arc::default(),
            base: base.to_owned(),
            clock: Device::Off(0),
            chunk_size: Arc::default(),
            copy: None,
        })
    }

    /// A folder with a copy of a log, as a mirror makes it: what is asked for is read there, and nothing leaves this machine.
    pub fn of_copy(folder: &Path) -> Self {
        Self {
            network: Network::default(),
            lines: Arc::default(),
            has_signed: Arc::default(),
            base: folder.display().to_string(),
            clock: Device::Off(0),
            chunk_size: Arc::default(),
            copy: Some(Arc::from(folder)),
        }
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

    /// How much of a file is sent next: what was learned on the way to this service.
    pub(crate) fn chunk_size(&self) -> ChunkSize {
        *self.chunk_size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was learned.
    pub(crate) fn set_chunk_size(&self, size: ChunkSize) {
        *self.chunk_size.lock().unwrap_or_else(PoisonError::into_inner) = size;
    }

    /// The same service, for a device whose clock is wrong by `skew_s` seconds: how a wrong clock is tried out.
    #[must_use]
    pub fn with_clock_skew(mut self, skew_s: i64) -> Self {
        self.clock = Device::Off(skew_s);
        self
    }

    /// The same service, for a device whose clock stands still: how two programs are compared.
    #[must_use]
    pub fn with_clock_at(mut self, now: u64) -> Self {
        self.clock = Device::At(now);
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
        match self.clock {
            Device::Off(by_s) => crate::clock::now().saturating_add_signed(by_s),
            Device::At(now) => now,
        }
    }

    fn refused(&self, call: &HttpCall, answer: &Answer) -> CliError {
        refusal::failure(&call.path, answer, self.now())
    }

    /// Sends a call until it is answered by something else than «away».
    fn send(&self, call: &HttpCall) -> Outcome<Answer> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            let outcome = self.send_once(call);
            let is_away = match &outcome {
                Ok(answer) => matches!(answer.status, 502..=504) && refusal::problem(answer) != Some(Problem::Capacity),
                Err(failure) => failure.exit() == Exit::Network,
            };
            match pauses.next() {
                Some(pause) if is_away => std::thread::sleep(Duration::from_millis(*pause)),
                _ => return outcome,
            }
        }
    }

    fn send_once(&self, call: &HttpCall) -> Outcome<Answer> {
        if let Some(folder) = &self.copy {
            return copied(folder, call);
        }
        let response = self.response(call)?;
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

    fn response(&self, call: &HttpCall) -> Outcome<Response<ureq::Body>> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.base, call.path));
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if call.purpose == Purpose::Member {
            self.has_signed.store(true, Ordering::Relaxed);
        }
        let bodyless = matches!(call.method, "GET" | "HEAD");
        let unsendable = |_| CliError::bug("a request that cannot be sent");
        let line = self.lines.of(&self.network, call.purpose)?;
        let outcome = if bodyless {
            line.run(request.body(()).map_err(unsendable)?)
        } else {
            line.run(request.body(&call.body[..]).map_err(unsendable)?)
        };
        outcome.map_err(|error| self.away(&error))
    }

    fn away(&self, error: &ureq::Error) -> CliError {
        let remedy = if self.network.has_proxy() {
            t!("nothing was lost, and nothing went past the proxy; check that it runs, then run it again")
        } else {
            t!("nothing was lost; check the address and the network, then run it again")
        };
        CliError::new(client::Local::Unreachable, t!("{} does not answer", self.base))
            .why(error)
            .remedy(remedy)
    }
}

/// What a copy has at a path; what it has not is not there.
fn copied(folder: &Path, call: &HttpCall) -> Outcome<Answer> {
    let names = call.path.trim_start_matches('/');
    let is_within = names.split('/').all(|name| !name.is_empty() && !name.starts_with('.'));
    let path = folder.join(names);
    let is_there = call.method == "GET" && is_within && path.is_file();
    Ok(Answer {
        status: if is_there { 200 } else { 404 },
        headers: ureq::http::HeaderMap::new(),
        body: match is_there {
            true => disk::read(&path, ANSWER_MAX)?,
            false => Vec::new(),
        },
    })
}
