//! What is posted without a name, with work (§15.8).

use protocol::Digest;
use protocol::http::{WORK_HEADER, Work, WorkOffer, work_header, work_search};
use protocol::problem::Problem;

use crate::failure::{Code, Failure, Local, Outcome};
use crate::wire::{Answer, Call, Purpose, Wire};

/// Counters tried between two turns of the wire, so that a page stays able to say that it works.
const TRIES: u64 = 1 << 16;
/// How often work is done anew for one posting, because more is asked by the time that it is done.
const WORKS_MAX: u32 = 5;

/// Posts `call` with the work that the service asks for; `what`: `office`, or `None` for what `GET /work` alone is for.
/// `posted` is what the work is done over.
///
/// # Errors
/// What the service says; the network.
pub(crate) async fn post(wire: &Wire, call: &Call, what: Option<&str>, posted: &Digest) -> Outcome<Answer> {
    let mut works = 0;
    loop {
        let work = work(wire, &offer(wire, what).await?, posted).await;
        let mut sent = call.clone();
        sent.headers.push((WORK_HEADER, work_header(&work)));
        match wire.taken(sent).await {
            Err(failure) if failure.code == Code::Service(Problem::Work) && works < WORKS_MAX => works += 1,
            outcome => return outcome,
        }
    }
}

async fn offer(wire: &Wire, what: Option<&str>) -> Outcome<WorkOffer> {
    let query = what.map(|what| format!("?for={what}")).unwrap_or_default();
    let call = Call::get_for(Purpose::Posting, format!("/api/v1/work{query}"));
    let answer = wire.taken(call).await?;
    serde_json::from_slice(&answer.body).map_err(|_| Failure::new(Local::UnexpectedAnswer))
}

async fn work(wire: &Wire, offer: &WorkOffer, posted: &Digest) -> Work {
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
