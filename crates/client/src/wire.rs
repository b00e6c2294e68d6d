//! Between the core and the page: the core says what to fetch or post, the page's scripts do it and hand back bytes.
//!
//! An act is an ordinary `async fn`. [`RunningAct`] polls it by hand: each turn either names the calls that it waits for or
//! gives its outcome. So the same code runs in a browser, where scripts fetch, and in a test, over a socket.

mod acts;
mod exchange;

pub use acts::Acts;
pub use exchange::Exchange;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use protocol::http::{SIGNATURE_HEADER, SignedCall, TransportSignature, once};
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::problem::{Problem, ProblemBody};
use protocol::{Digest, Origin};
use rand_core::Rng as _;
use serde::Serialize;

use crate::failure::{Failure, Local, Outcome};
use crate::random;

/// Files that are asked for at once.
pub(crate) const BATCH: usize = 64;
/// How often a signed call that was taken for a replay is signed anew with another second.
const RESIGN_MAX: u64 = 11;
/// How far from the present, before or after it, that second may lie more with each attempt; the service allows 300 in all.
const RESIGN_SPREAD_S: u64 = 25;

/// What a call is for. Calls of different purposes share no connection, so that the service cannot tell from it that one
/// person makes them (§15.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Following the log: checkpoints, tiles, proofs, public statements, the server's clock.
    Log,
    /// Buckets of records.
    Bucket,
    /// Files by their digest.
    Objects,
    /// What is posted without a name: filings with their uploads, office cells with work.
    Posting,
    /// Whatever carries a member's signature.
    Member,
    /// Asking a cosigner itself.
    Cosigner,
    /// Nothing is sent: whoever carries the calls answers after so many seconds as the path says.
    Pause,
}

impl Purpose {
    /// How many there are.
    pub const COUNT: usize = 7;
}

/// One call to the service, as the page's `fetch` sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HttpCall {
    /// What it is for.
    #[serde(skip)]
    pub purpose: Purpose,
    /// `GET` or `POST`; of an upload `PUT` or `HEAD`.
    pub method: &'static str,
    /// From the service's origin on, with its query; of a cosigner the whole address.
    pub path: String,
    /// Headers beside those that a browser sets.
    pub headers: Vec<(&'static str, String)>,
    /// What is posted.
    #[serde(skip)]
    pub body: Vec<u8>,
}

impl HttpCall {
    /// A call without a body, to follow the log.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            purpose: Purpose::Log,
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// As [`Self::get`], for another purpose.
    pub fn get_for(purpose: Purpose, path: impl Into<String>) -> Self {
        Self {
            purpose,
            ..Self::get(path)
        }
    }

    /// Shows a cosigner a checkpoint, at its own address.
    pub(crate) fn cosigner(url: &str, body: Vec<u8>) -> Self {
        Self {
            purpose: Purpose::Cosigner,
            path: format!("{}/add-checkpoint", url.trim_end_matches('/')),
            ..Self::post("", "text/plain; charset=utf-8".to_owned(), body)
        }
    }

    /// Posts bytes without a name; [`Wire::signed`] gives it one.
    pub fn post(path: &str, content_type: String, body: Vec<u8>) -> Self {
        Self {
            purpose: Purpose::Posting,
            method: "POST",
            path: path.to_owned(),
            headers: vec![("Content-Type", content_type)],
            body,
        }
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Status; 0 when nobody answered.
    pub status: u16,
    /// The header `Resguardo-Next`, where there is one.
    pub next: Option<u64>,
    /// The server's clock as its answer tells it, POSIX seconds.
    pub date: Option<u64>,
    /// The header `Upload-Offset`, where there is one.
    pub offset: Option<u64>,
    /// How long the call took, in milliseconds; 0 where nobody measures it.
    pub took_ms: u64,
    /// The body; where nobody answered, why.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        let body: ProblemBody = serde_json::from_slice(&self.body).ok()?;
        (self.status >= 400).then_some(body.code)
    }

    /// What an answer says that is not a success.
    pub fn failure(&self) -> Failure {
        if self.status == 0 {
            let why = String::from_utf8_lossy(&self.body);
            return Failure {
                detail: Some(why.into_owned()).filter(|why| !why.is_empty()),
                ..Failure::new(Local::Unreachable)
            };
        }
        match serde_json::from_slice::<ProblemBody>(&self.body) {
            Ok(body) => Failure::new(body.code).why(body.title),
            Err(_) if self.status >= 500 => Failure::new(Local::Server).why(self.status),
            Err(_) => Failure::new(Local::UnexpectedAnswer).why(self.status),
        }
    }
}

/// How far something long has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Units done.
    pub done: u64,
    /// Units in all.
    pub total: u64,
}

#[derive(Default)]
struct Mailbox {
    now: u64,
    calls: Option<Vec<HttpCall>>,
    answers: Option<Vec<HttpAnswer>>,
    progress: Option<Progress>,
    /// Files that were fetched before they are needed.
    kept: BTreeMap<Digest, Vec<u8>>,
}

/// The core's end of the line. Cheap to clone.
#[derive(Clone, Default)]
pub struct Wire(Rc<RefCell<Mailbox>>);

impl Wire {
    /// The device's clock at the last turn, POSIX seconds.
    pub fn now(&self) -> u64 {
        self.0.borrow().now
    }

    /// Tells the page how far it is.
    pub fn progress(&self, done: u64, total: u64) {
        self.0.borrow_mut().progress = Some(Progress { done, total });
    }

    /// Sends calls at once; answers in the same order.
    pub async fn all(&self, calls: Vec<HttpCall>) -> Vec<HttpAnswer> {
        let count = calls.len();
        if count == 0 {
            return Vec::new();
        }
        self.0.borrow_mut().calls = Some(calls);
        let mut answers = poll_fn(|_| match self.0.borrow_mut().answers.take() {
            Some(answers) => Poll::Ready(answers),
            None => Poll::Pending,
        })
        .await;
        answers.resize(count, HttpAnswer::default());
        answers
    }

    /// Waits a while.
    pub(crate) async fn pause(&self, seconds: u64) {
        self.one(HttpCall::get_for(Purpose::Pause, seconds.to_string())).await;
    }

    /// Sends one call.
    pub async fn one(&self, call: HttpCall) -> HttpAnswer {
        self.all(vec![call]).await.pop().unwrap_or_default()
    }

    /// Sends one call that must be taken.
    ///
    /// # Errors
    /// The service's refusal, or nobody answered.
    pub async fn taken(&self, call: HttpCall) -> Outcome<HttpAnswer> {
        let answer = self.one(call).await;
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(answer.failure())
        }
    }

    /// The body of a successful answer.
    ///
    /// # Errors
    /// The service's refusal, or nobody answered.
    pub async fn bytes(&self, path: impl Into<String>) -> Outcome<Vec<u8>> {
        Ok(self.dated(path).await?.0)
    }

    /// As [`Self::bytes`], with the server's clock as that answer tells it.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub async fn dated(&self, path: impl Into<String>) -> Outcome<(Vec<u8>, Option<u64>)> {
        let answer = self.taken(HttpCall::get(path)).await?;
        Ok((answer.body, answer.date))
    }

    /// The bodies of several answers, `None` for each that is not there.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub async fn several(&self, paths: Vec<String>) -> Outcome<Vec<Option<Vec<u8>>>> {
        let answers = self.all(paths.into_iter().map(HttpCall::get).collect()).await;
        answers.into_iter().map(if_there).collect()
    }

    /// Files by their digests, as the service sent them, unchecked; `None` for what is not there.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub async fn blobs_as_sent(&self, digests: impl Iterator<Item = Digest>) -> Outcome<Vec<Option<Vec<u8>>>> {
        let answers = self.all(digests.map(|digest| blob(&digest)).collect()).await;
        answers.into_iter().map(if_there).collect()
    }

    /// Keeps a file, so that [`Self::blob`] need not fetch it when it is needed.
    pub fn keep(&self, digest: Digest, file: Vec<u8>) {
        self.0.borrow_mut().kept.insert(digest, file);
    }

    /// A file by its digest, checked: one that was kept, which is kept no longer, or from the service. `None` when it is not
    /// there.
    ///
    /// # Errors
    /// `digest-differs` for other bytes; as [`Self::bytes`].
    pub async fn blob(&self, digest: &Digest) -> Outcome<Option<Vec<u8>>> {
        let kept = self.0.borrow_mut().kept.remove(digest);
        if kept.is_some() {
            return Ok(kept);
        }
        let answer = self.one(blob(digest)).await;
        match if_there(answer)? {
            Some(bytes) if Digest::of(&bytes) != *digest => Err(Failure::new(Local::DigestDiffers).why(digest)),
            other => Ok(other),
        }
    }

    /// Sends a call with this member's transport signature (§15.8); one that is taken for a replay is signed anew.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub async fn signed(&self, call: HttpCall, signer: &Signer<'_>) -> Outcome<HttpAnswer> {
        let answer = self.signed_answer(call, signer).await?;
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(answer.failure())
        }
    }

    /// As [`Self::signed`], the body; `None` when it is not there.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub async fn signed_if_there(&self, call: HttpCall, signer: &Signer<'_>) -> Outcome<Option<Vec<u8>>> {
        if_there(self.signed_answer(call, signer).await?)
    }

    async fn signed_answer(&self, call: HttpCall, signer: &Signer<'_>) -> Outcome<HttpAnswer> {
        let mut later = 0i64;
        for attempt in 1..=RESIGN_MAX {
            let mut signed = HttpCall {
                purpose: Purpose::Member,
                ..call.clone()
            };
            if signed.method == "GET" {
                signed.path = once(&signed.path, random::bytes());
            }
            let header = signer.header(&signed, self.now().saturating_add_signed(later));
            signed.headers.push((SIGNATURE_HEADER, header));
            let answer = self.one(signed).await;
            if answer.problem() != Some(Problem::Replay) {
                return Ok(answer);
            }
            let spread = RESIGN_SPREAD_S * attempt;
            later = (random::system().next_u64() % (2 * spread + 1)) as i64 - spread as i64;
        }
        Err(Failure::new(Problem::Replay))
    }
}

fn blob(digest: &Digest) -> HttpCall {
    HttpCall::get_for(Purpose::Objects, format!("/api/v1/blobs/{digest}"))
}

pub(crate) fn if_there(answer: HttpAnswer) -> Outcome<Option<Vec<u8>>> {
    match answer.status {
        200..300 => Ok(Some(answer.body)),
        404 => Ok(None),
        _ => Err(answer.failure()),
    }
}

/// Who signs a call.
pub struct Signer<'a> {
    /// The log that the calls are for.
    pub origin: &'a Origin,
    /// Its number in the council.
    pub x: MemberNumber,
    /// Its keys.
    pub keys: &'a MemberKeys,
}

impl Signer<'_> {
    fn header(&self, call: &HttpCall, time: u64) -> String {
        let signed = SignedCall {
            origin: self.origin.as_str(),
            method: call.method,
            path: &call.path,
            body: &Digest::of(&call.body),
        };
        TransportSignature::sign(self.x, self.keys.signing(), &signed, time).to_header()
    }
}

/// What an act does next.
pub enum Turn<T> {
    /// It waits for the answers to these calls.
    Calls(Vec<HttpCall>),
    /// It is done.
    Done(T),
}

/// An act under way.
pub struct RunningAct<'a, T> {
    wire: Wire,
    act: Pin<Box<dyn Future<Output = T> + 'a>>,
}

impl<'a, T> RunningAct<'a, T> {
    /// Begins an act that speaks over `wire`.
    pub fn new(wire: Wire, act: impl Future<Output = T> + 'a) -> Self {
        wire.0.borrow_mut().progress = None;
        Self {
            wire,
            act: Box::pin(act),
        }
    }

    /// Goes on with the answers to the last turn's calls. `now`: the device's clock, POSIX seconds.
    pub fn turn(&mut self, now: u64, answers: Vec<HttpAnswer>) -> Turn<T> {
        {
            let mut mailbox = self.wire.0.borrow_mut();
            mailbox.now = now;
            mailbox.answers = Some(answers).filter(|answers| !answers.is_empty());
        }
        match self.act.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Turn::Done(outcome),
            Poll::Pending => Turn::Calls(self.wire.0.borrow_mut().calls.take().unwrap_or_default()),
        }
    }

    /// How far it is, where it says so.
    pub fn progress(&self) -> Option<Progress> {
        self.wire.0.borrow().progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_waits_for_its_answers_and_goes_on() {
        let wire = Wire::default();
        let line = wire.clone();
        let mut running = RunningAct::new(wire, async move {
            let first = line.bytes("/a").await?;
            let more = line.several(vec!["/b".to_owned(), "/c".to_owned()]).await?;
            Ok::<_, Failure>((first, more, line.now()))
        });
        let Turn::Calls(calls) = running.turn(5, vec![]) else {
            panic!("it asks first")
        };
        assert_eq!(calls, [HttpCall::get("/a")]);
        let found = |body: &[u8]| HttpAnswer {
            status: 200,
            body: body.to_vec(),
            ..HttpAnswer::default()
        };
        let Turn::Calls(calls) = running.turn(6, vec![found(b"1")]) else {
            panic!("it asks again")
        };
        assert_eq!(calls, [HttpCall::get("/b"), HttpCall::get("/c")]);
        let missing = HttpAnswer {
            status: 404,
            ..HttpAnswer::default()
        };
        let Turn::Done(outcome) = running.turn(7, vec![found(b"2"), missing]) else {
            panic!("it is done")
        };
        assert_eq!(outcome, Ok((b"1".to_vec(), vec![Some(b"2".to_vec()), None], 7)));
    }

    #[test]
    fn no_answer_is_a_failure_and_not_an_empty_file() {
        let wire = Wire::default();
        let line = wire.clone();
        let mut running = RunningAct::new(wire, async move { line.bytes("/a").await });
        running.turn(0, vec![]);
        let Turn::Done(outcome) = running.turn(0, vec![HttpAnswer::default()]) else {
            panic!("it is done")
        };
        assert_eq!(outcome, Err(Failure::new(Local::Unreachable)));
    }
}
