//! From what she wrote to a promise: sealed here by the crate [`sealing`], as her page and the command line do (§14.4).

use std::time::Duration;

use ledger::Error;
use protocol::Digest;
use protocol::phrase::{CaseKeys, Phrase};
use protocol::problem::Problem;
use protocol::statement::{ConsentChoice, SealedBy};
use sealing::{
    Choices, Clocks, ProvenStatement, SealedFiling, SealingError, TestimonyInput, TestimonySealer, TrustedCouncil,
    phrase_root,
};

use crate::app::{App, Shared};
use crate::problem::Refusal;
use crate::{filings, log, random, site};

/// How long a filing waits for its turn.
const WAIT: Duration = Duration::from_secs(20);

/// What her page is told.
pub(super) struct Filed {
    pub code: String,
    pub promise: Vec<u8>,
    /// It was there before.
    pub is_again: bool,
    /// It took the next step.
    pub is_soon: bool,
}

/// Why nothing was filed.
#[derive(Debug)]
pub(super) enum NotFiled {
    /// No turn came.
    Busy,
    /// The quota is used up.
    Full,
    /// The council cannot be proven.
    Council,
    /// More than a testimony holds.
    TooMuch,
    /// We failed, or the intake refused it.
    Refused(Refusal),
}

/// What came of a turn.
enum Turn {
    /// The same words were filed before.
    Again(Filed),
    /// It is sealed, and may be filed once under this identity.
    Sealed(Box<SealedFiling>, [u8; 32]),
}

/// Seals and files, once for the same words.
pub(super) async fn file(app: &Shared, phrase: Phrase, mut input: TestimonyInput) -> Result<Filed, NotFiled> {
    let turn = tokio::time::timeout(WAIT, app.plain.turns.clone().acquire_owned()).await;
    let Ok(Ok(turn)) = turn else {
        return Err(NotFiled::Busy);
    };
    let now = app.now();
    input.soon = app.plain.take(input.danger, now).ok_or(NotFiled::Full)?;
    let is_soon = input.soon;
    let shared = app.clone();
    let sealed = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        seal(&shared, &phrase, &input, now)
    });
    let sealed = sealed.await.map_err(|_| NotFiled::Refused(Refusal::internal()))?;
    let (sealed, identity) = match sealed? {
        Turn::Again(filed) => return Ok(filed),
        Turn::Sealed(sealed, identity) => (sealed, identity),
    };
    let promise = filings::file_sealed(app, &sealed, identity).await;
    let promise = promise.map_err(NotFiled::Refused)?;
    // Nothing counts as filed before the promise verifies, here as on her page. Of two that came at once with the same words, one
    // was filed: its promise is for its entry.
    let is_again = sealed.promised(&promise, app.now()).is_err();
    Ok(Filed {
        code: sealed.code(),
        promise,
        is_again,
        is_soon,
    })
}

fn refused(app: &App, error: Error) -> NotFiled {
    NotFiled::Refused(app.refusal(error))
}

/// Derives and seals. Blocks.
fn seal(app: &App, phrase: &Phrase, input: &TestimonyInput, now: u64) -> Result<Turn, NotFiled> {
    let sealing = |error| match error {
        SealingError::TooMuch => NotFiled::TooMuch,
        SealingError::Memory => NotFiled::Busy,
        _ => NotFiled::Council,
    };
    let case = phrase_root(phrase, &app.origin).map_err(sealing)?.case(0);
    let identity = identity(&case);
    let code = case.id.code();
    if let Some(promise) = app.ledger.answer(&identity).map_err(|error| refused(app, error))? {
        return Ok(Turn::Again(Filed {
            code,
            promise,
            is_again: true,
            is_soon: false,
        }));
    }
    let council = council(app, now).map_err(|error| refused(app, error))?;
    let target = council.and_then(|council| council.target()).map_err(sealing)?;
    let choices = Choices {
        consent: ConsentChoice::NotAsked,
        ..Choices::default()
    };
    let rng = &mut random::source();
    let sealer = TestimonySealer::begin(target, case, choices, rng).map_err(sealing)?;
    let sealed = sealer.seal(input, now, SealedBy::Server, rng).map_err(sealing)?;
    Ok(Turn::Sealed(Box::new(sealed), identity))
}

/// What the ledger knows the filing of these words by, so that the same words are filed once. Whoever has not the case salt cannot tell
/// from it which entry came by this form.
fn identity(case: &CaseKeys) -> [u8; 32] {
    Digest::of_parts(&[b"plain\0", case.case_salt.expose()]).0
}

/// The newest council that this service shows, proven as her page proves it (§3).
fn council(app: &App, now: u64) -> Result<Result<TrustedCouncil, SealingError>, Error> {
    let view = app.projection.view();
    let (Some(root), Some(snapshot)) = (view.root(), app.ledger.snapshot()) else {
        return Ok(Err(SealingError::Council));
    };
    let mut shown = Vec::new();
    for digest in ["council", "drop", "greeting"].iter().flat_map(|name| view.named(name)) {
        let Some(proof) = view.index(digest).map(|index| log::receipt(&app.ledger, index)) else {
            continue;
        };
        let envelope = view
            .envelope(digest)
            .and_then(|bytes| String::from_utf8(bytes.into()).ok());
        // A statement that is on its way into the log is no part of it yet.
        if let Some((envelope, proof)) = envelope.zip(proof?) {
            shown.push(ProvenStatement { envelope, proof });
        }
    }
    let clocks = Clocks {
        device: now,
        built: site::built(),
        served: now,
        seen: 0,
    };
    Ok(TrustedCouncil::check(
        &protocol::json::write(root),
        &shown,
        &snapshot.checkpoint,
        clocks,
    ))
}

impl NotFiled {
    /// Whether the intake has no room for anybody.
    pub fn is_crowded(&self) -> bool {
        match self {
            Self::Busy | Self::Full => true,
            Self::Refused(refusal) => refusal.problem == Problem::Capacity,
            Self::Council | Self::TooMuch => false,
        }
    }
}
