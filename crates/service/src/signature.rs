//! Transport signatures of council members (§15.8): ±300 s, each once.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use ledger::Once;
use protocol::http::{SIGNATURE_HEADER, SIGNATURE_WINDOW_S, SignedCall, TransportSignature};
use protocol::problem::Problem;
use protocol::{Day, Digest, MemberNumber};

use crate::app::App;
use crate::problem::Refusal;
use crate::replays::replayed;

/// A call by a member of the current council.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Its number.
    pub x: MemberNumber,
    /// Whether it is a seat; otherwise a reader.
    pub is_seat: bool,
    /// To be used up by what the call stores, so that a restart does not forget it.
    pub once: Once,
}

impl Caller {
    /// Refuses readers.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require_seat(&self) -> Result<(), Refusal> {
        if self.is_seat {
            Ok(())
        } else {
            Err(Refusal::new(Problem::Forbidden, "This is for seats, not for readers."))
        }
    }
}

/// Whether a call claims to be by a member.
pub(crate) fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key(SIGNATURE_HEADER)
}

/// Who made this call.
///
/// A call that stores nothing cannot be remembered across a restart; therefore one that was signed before this process
/// started is refused as a replay, which costs the member another signature.
///
/// # Errors
/// `signature`, `clock` (with the server's time), `replay`.
pub(crate) fn caller(app: &App, head: &Parts, body: &Digest) -> Result<Caller, Refusal> {
    let value = head.headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    let signature = value.and_then(TransportSignature::parse).ok_or_else(refused)?;
    let view = app.projection.view();
    let council = view.council().ok_or_else(refused)?;
    let member = council.member(signature.x).ok_or_else(refused)?;
    let call = SignedCall {
        origin: app.origin.as_str(),
        method: head.method.as_str(),
        path: head.uri.path_and_query().map_or("/", |path| path.as_str()),
        body,
    };
    if !signature.verify(&member.key, &call) {
        return Err(refused());
    }
    let now = app.now();
    if now.abs_diff(signature.time) > SIGNATURE_WINDOW_S {
        return Err(Refusal::new(
            Problem::Clock,
            format!("At most {SIGNATURE_WINDOW_S} seconds are allowed. The server's time is {now} (POSIX seconds)."),
        ));
    }
    let key = Digest::of_parts(&[
        b"signature\0",
        &signature.x.get().to_be_bytes(),
        &signature.time.to_be_bytes(),
        &signature.signature,
    ]);
    let expires = signature.time + 2 * SIGNATURE_WINDOW_S;
    let is_safe = matches!(head.method, Method::GET | Method::HEAD);
    if (is_safe && signature.time < app.started_at) || !app.replays.first(key, expires, now) {
        return Err(replayed());
    }
    // What is kept of it tells the day only.
    let once = Once {
        key: key.0,
        expires: Day::of(expires).end(),
    };
    Ok(Caller {
        x: signature.x,
        is_seat: council.seat(signature.x).is_some(),
        once,
    })
}

fn refused() -> Refusal {
    Refusal::new(
        Problem::Signature,
        "The header Resguardo-Sig is missing or malformed, does not verify for this log, or is by nobody of the \
         current council.",
    )
}
