//! What is posted: forms with the files that ride in them, and the work for what has no name (§15.8).

use protocol::http::{self, FilingForm, WORK_HEADER, Work, WorkOffer, work_header, work_search};
use protocol::problem::Problem;
use protocol::{Digest, json};
use serde::Serialize;

use crate::failure::{Code, Failure, Local, Outcome};
use crate::random;
use crate::wire::{HttpAnswer, HttpCall, Purpose, Wire};

/// Counters tried between two turns of the wire, so that a page stays able to say that it works.
const TRIES: u64 = 1 << 16;
/// How often work is done anew for one posting, because more is asked by the time that it is done.
pub(crate) const WORKS_MAX: u32 = 5;

/// A file that rides in a form, under its digest.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> Part<'a> {
    /// Names bytes by their digest.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            digest: Digest::of(bytes),
            bytes,
        }
    }
}

/// Posts a form, the part of that name, with its files, between boundaries that were drawn for it.
pub fn form<'a>(path: &str, name: &str, form: &impl Serialize, parts: impl IntoIterator<Item = Part<'a>>) -> HttpCall {
    let files = parts.into_iter().map(|part| (part.digest, part.bytes));
    let boundary = Digest(random::bytes()).to_hex();
    let (content_type, body) = http::multipart(&boundary, name, &json::write(form), files);
    HttpCall::post(path, content_type, body)
}

/// Posts a filing form with fresh work and the files that ride in it; gives the promise's note. `is_sent` becomes true once
/// it is on its way: from then on it may be filed, whatever is answered.
///
/// # Errors
/// What the service says; the network.
pub async fn post_filing(wire: &Wire, filing: &FilingForm, parts: &[Part<'_>], is_sent: &mut bool) -> Outcome<Vec<u8>> {
    let posted = Digest::of(&filing.entry.0);
    let answer = with_work(wire, None, &posted, |work| {
        *is_sent = true;
        let worked = FilingForm { work, ..filing.clone() };
        form("/api/v1/filings", "filing", &worked, parts.iter().copied())
    });
    Ok(answer.await?.body)
}

/// Posts `call` with the work that the service asks for in a header; `what`: `office`, or `upload`. `posted` is what the
/// work is done over.
///
/// # Errors
/// What the service says; the network.
pub(crate) async fn post(wire: &Wire, call: &HttpCall, what: &str, posted: &Digest) -> Outcome<HttpAnswer> {
    with_work(wire, Some(what), posted, |work| {
        let mut sent = call.clone();
        sent.headers.push((WORK_HEADER, work_header(&work)));
        sent
    })
    .await
}

/// Posts what `with` makes of the work, anew while the service asks for more.
async fn with_work(
    wire: &Wire,
    what: Option<&str>,
    posted: &Digest,
    mut with: impl FnMut(Work) -> HttpCall,
) -> Outcome<HttpAnswer> {
    let mut works = 0;
    loop {
        let work = work(wire, &offer(wire, what).await?, posted).await;
        match wire.taken(with(work)).await {
            Err(failure) if failure.code == Code::Service(Problem::Work) && works < WORKS_MAX => works += 1,
            outcome => return outcome,
        }
    }
}

/// What work the service asks for: for a filing, or for `what`.
///
/// # Errors
/// What the service says; the network.
pub async fn offer(wire: &Wire, what: Option<&str>) -> Outcome<WorkOffer> {
    let query = what.map(|what| format!("?for={what}")).unwrap_or_default();
    let call = HttpCall::get_for(Purpose::Posting, format!("/api/v1/work{query}"));
    let answer = wire.taken(call).await?;
    serde_json::from_slice(&answer.body).map_err(|_| Failure::new(Local::UnexpectedAnswer))
}

/// Does the work that an offer asks for over `posted`.
pub async fn work(wire: &Wire, offer: &WorkOffer, posted: &Digest) -> Work {
    let mut start = 0;
    loop {
        if let Some(counter) = work_search(&offer.nonce, posted, offer.bits, start, TRIES) {
            return Work {
                nonce: offer.nonce,
                counter,
            };
        }
        start += TRIES;
        wire.progress(start, 1 << offer.bits.min(63));
        wire.pause(0).await;
    }
}
