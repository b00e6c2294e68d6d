//! The cosigner (docs/protocol.md §6.5): C2SP `tlog-witness`, `POST /add-checkpoint`, and nothing else; and the mirror, which
//! signs that it holds a copy, and serves it.
//!
//! The cosigner signs that, as of a time, it knows no larger tree of a log, and never two that contradict each other. What it
//! signs is on disk before it is signed: whatever happens in between, the memory is at most ahead of the signatures.

mod memory;
mod mirror;

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tlog::note::{KeyKind, NoteSignature};
use tlog::witness::{AddCheckpoint, REQUEST_SIZE_MAX, Seen, WitnessRefusal};
use tlog::{Note, SigningNoteKey, VerifierKey, cosign};

use memory::Memory;
pub use memory::MemoryError;
pub use mirror::{Mirror, MirrorRefusal};

/// Media type of the size in a 409 (`tlog-witness`).
const SIZE_TYPE: &str = "text/x.tlog.size";

/// A cosigner with its key, the logs it knows, and what it has signed.
#[derive(Debug)]
pub struct Cosigner {
    key: SigningNoteKey,
    logs: Vec<VerifierKey>,
    /// Held from the comparison of sizes until the new tree is on disk, so that requests come one after another.
    memory: Mutex<Memory>,
}

/// Why a cosigner does not start.
#[derive(Debug, thiserror::Error)]
pub enum CosignerError {
    /// The signing key is of type 0x01.
    #[error("the cosigner's key is not a cosignature key (type 0x04 or 0x06)")]
    Key,
    /// A log's key is not of type 0x01.
    #[error("the key of log {0} is not an Ed25519 note key (type 0x01)")]
    LogKey(String),
    /// A log signs with the cosigner's own key: then its cosignature would be worth nothing.
    #[error("log {0} has the same key as the cosigner")]
    OwnKey(String),
    /// What was signed before cannot be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// Why a request gets no cosignature.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Refused(#[from] WitnessRefusal),
    #[error("the clock does not show a time that a cosignature can carry")]
    Clock,
    #[error("an earlier request ended in a panic; a restart finds out what is on disk")]
    Stopped,
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl Cosigner {
    /// Opens the folder, which is made if it does not exist, and locks it until the cosigner is dropped.
    ///
    /// A log's origin is its key's name; several keys with one name are keys of one log. Logs that are not listed are
    /// still remembered, should they come back.
    ///
    /// # Errors
    /// [`CosignerError`]. A memory that is damaged or missing is an error: a cosigner that forgets could sign a fork.
    pub fn open(folder: &Path, key: SigningNoteKey, logs: Vec<VerifierKey>) -> Result<Self, CosignerError> {
        if !cosign::is_cosigners(key.kind()) {
            return Err(CosignerError::Key);
        }
        for log in &logs {
            if log.kind() != KeyKind::Ed25519 {
                return Err(CosignerError::LogKey(log.name().to_owned()));
            }
            if log.key() == key.verifier().key() {
                return Err(CosignerError::OwnKey(log.name().to_owned()));
            }
        }
        Ok(Self {
            key,
            logs,
            memory: Mutex::new(Memory::open(folder)?),
        })
    }

    /// The key that policies name.
    pub fn verifier(&self) -> VerifierKey {
        self.key.verifier()
    }

    /// The last tree that was signed for a log.
    pub fn seen(&self, origin: &str) -> Option<Seen> {
        self.memory.lock().ok()?.seen(origin)
    }

    /// The router. `now` gives POSIX seconds.
    pub fn router(self: Arc<Self>, now: impl Fn() -> u64 + Send + Sync + 'static) -> Router {
        Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .layer(DefaultBodyLimit::max(REQUEST_SIZE_MAX))
            .with_state(Shared {
                cosigner: self,
                now: Arc::new(now),
            })
    }

    /// Decides, remembers durably, signs; in this order.
    fn cosign(&self, request: &AddCheckpoint, now: &Now) -> Result<NoteSignature, Failure> {
        // A thread that panicked while it held the lock may have left the file and the memory apart.
        let mut memory = self.memory.lock().map_err(|_| Failure::Stopped)?;
        let checkpoint = request.decide(&self.logs, |origin| memory.seen(origin))?;
        let time = now();
        if time == 0 || i64::try_from(time).is_err() {
            return Err(Failure::Clock);
        }
        memory.remember(
            &checkpoint.origin,
            Seen {
                size: checkpoint.size,
                root: checkpoint.root,
            },
        )?;
        Ok(cosign::cosign(&self.key, request.checkpoint.text(), time))
    }

    /// The checkpoint with the log's signatures alone: what proves that the log signed it.
    fn evidence(&self, note: &Note) -> String {
        let by_log = |line: &&NoteSignature| self.logs.iter().any(|k| k.name() == line.name && k.id() == line.id);
        note.signatures()
            .iter()
            .filter(by_log)
            .fold(note.text().to_owned(), |text, line| format!("{text}{line}\n"))
    }
}

/// Gives POSIX seconds.
type Now = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What the handler has at hand.
#[derive(Clone)]
struct Shared {
    cosigner: Arc<Cosigner>,
    now: Now,
}

async fn add_checkpoint(State(Shared { cosigner, now }): State<Shared>, body: Bytes) -> Response {
    // Signatures and the disk are no work for the threads that serve connections.
    let answer = tokio::task::spawn_blocking(move || answer(&cosigner, &body, &now)).await;
    answer.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn answer(cosigner: &Cosigner, body: &[u8], now: &Now) -> Response {
    let Some(request) = AddCheckpoint::parse(body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match cosigner.cosign(&request, now) {
        Ok(line) => text(StatusCode::OK, "text/plain; charset=utf-8", format!("{line}\n")),
        Err(Failure::Refused(refusal)) => {
            if refusal == WitnessRefusal::Fork {
                tracing::warn!(
                    evidence = cosigner.evidence(&request.checkpoint),
                    "a log signed two trees of one size"
                );
            }
            refused(refusal)
        }
        Err(Failure::Memory(failure)) => {
            tracing::error!(%failure, "nothing is signed until it can be kept");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(failure) => {
            tracing::error!(%failure, "no cosignature");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refused(refusal: WitnessRefusal) -> Response {
    let status = match refusal {
        WitnessRefusal::Malformed => StatusCode::BAD_REQUEST,
        WitnessRefusal::Unknown => StatusCode::NOT_FOUND,
        WitnessRefusal::Signature => StatusCode::FORBIDDEN,
        WitnessRefusal::Stale(size) => return text(StatusCode::CONFLICT, SIZE_TYPE, format!("{size}\n")),
        WitnessRefusal::Fork | WitnessRefusal::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
    };
    text(status, "text/plain; charset=utf-8", format!("{refusal}\n"))
}

fn text(status: StatusCode, media_type: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, media_type)], body).into_response()
}
