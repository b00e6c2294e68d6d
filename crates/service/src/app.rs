//! What all handlers share.

use std::sync::Arc;

use ledger::{Error, Ledger, Refused};
use protocol::keys::MemberKeys;
use protocol::problem::Problem;
use protocol::{Digest, Origin};
use tlog::SigningNoteKey;
use tlog::promise::Promise;
use tokio::sync::{Notify, Semaphore, watch};

use crate::allowance::Allowance;
use crate::budget::Budget;
use crate::capacity::Capacity;
use crate::cells::Cells;
use crate::config::{PaceConfig, ServiceLimits, Site, TimeSource};
use crate::cosigners::Cosigners;
use crate::fixed::Fixed;
use crate::memory::Memory;
use crate::plain::quota::Quota as PlainQuota;
use crate::problem::Refusal;
use crate::projection::Projection;
use crate::recent::{RecentActs, RecentPages};
use crate::replays::{Replays, replayed};
use crate::saves::Saves;
use crate::telemetry::Telemetry;
use crate::work::NonceIssuer;

/// What all handlers share.
pub(crate) struct App {
    /// The log's name.
    pub origin: Origin,
    /// Signs checkpoints and promises.
    pub log_key: SigningNoteKey,
    /// Signs the operator's statements.
    pub operator: MemberKeys,
    /// The store.
    pub ledger: Ledger,
    /// Public statements.
    pub projection: Projection,
    /// Room for filings and acts.
    pub capacity: Capacity,
    /// Hashcash.
    pub work: NonceIssuer,
    /// Transport signatures seen.
    pub replays: Replays,
    /// Records that members may still write today.
    pub allowance: Arc<Allowance>,
    /// Upload codes that seats may still give today.
    pub codes: Arc<Allowance>,
    /// Bytes that may still be uploaded.
    pub budget: Budget,
    /// Turns for chunks, each written by a thread of its own.
    pub chunks: Arc<Semaphore>,
    /// Room for bodies and large answers.
    pub memory: Memory,
    /// Office cells of today.
    pub cells: Cells,
    /// Drafts saved of late.
    pub saves: Saves,
    /// Turns and room of the form without scripts.
    pub plain: PlainQuota,
    /// Whom to ask for cosignatures.
    pub cosigners: Cosigners,
    /// Counters.
    pub telemetry: Telemetry,
    /// Held by whoever states another pace.
    pub pacing: tokio::sync::Mutex<()>,
    /// What the operator began with.
    pub pace: PaceConfig,
    /// Chosen by the operator.
    pub limits: ServiceLimits,
    /// What the pages tell.
    pub site: Site,
    /// The pages that are the same for everybody.
    pub fixed: Fixed,
    /// The page of single acts, as it was last made.
    pub acts: RecentActs,
    /// The pages of the record, as they were last rendered.
    pub pages: RecentPages,
    /// What time it is.
    pub clock: TimeSource,
    /// POSIX second at which this process began.
    pub started_at: u64,
    /// Told after each published checkpoint: something may be due to seats.
    pub published: Notify,
    /// Becomes true when storage failed: the process must stop and recover by starting.
    pub failed: watch::Sender<bool>,
}

/// How handlers hold it.
pub(crate) type Shared = Arc<App>;

impl App {
    /// POSIX seconds.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Refuses a form for another log.
    ///
    /// # Errors
    /// `form`.
    pub fn check_origin(&self, origin: &Origin) -> Result<(), Refusal> {
        if *origin == self.origin {
            return Ok(());
        }
        Err(Refusal::form("The form is for another log."))
    }

    /// Reads from the ledger where blocking is allowed.
    ///
    /// # Errors
    /// `storage`; `internal` when the read panicked.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Ledger) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let ledger = self.ledger.clone();
        match tokio::task::spawn_blocking(move || read(&ledger)).await {
            Ok(outcome) => outcome.map_err(|error| self.refusal(error)),
            Err(_) => Err(Refusal::internal()),
        }
    }

    /// What a failure of the ledger answers. A failure of storage also stops this process.
    pub fn refusal(&self, error: Error) -> Refusal {
        match error {
            Error::Refused(Refused::Taken) => Refusal::new(
                Problem::SlotTaken,
                "Another entry has this slot. Nothing was stored; take the next one.",
            ),
            Error::Refused(Refused::Used) => replayed(),
            Error::Refused(Refused::Missing(digests)) => missing(&digests.into_iter().map(Digest).collect::<Vec<_>>()),
            Error::Refused(Refused::Named(_)) => Refusal::form(
                "A file of this form is part of another filing already. Nothing was stored; seal again, which makes other \
                 files.",
            ),
            Error::Refused(Refused::Oversize) => Refusal::new(Problem::TooLarge, "An entry or item is too long."),
            Error::Full => Refusal::new(
                Problem::DiskFull,
                "The server has no space left. Nothing was stored and nothing is promised; keep everything and try \
                 again later.",
            ),
            _ => {
                self.fail(&error);
                Refusal::new(
                    Problem::Storage,
                    "The server cannot store anything now. Nothing is promised; keep everything and send the same form \
                     again later.",
                )
            }
        }
    }

    /// Storage failed: notes it, so that the process stops. A full disk is no reason to stop: what comes after there is
    /// room again works. Words of errors may name paths, hence only the kind is logged.
    pub fn fail(&self, error: &Error) {
        if matches!(error, Error::Full) {
            tracing::error!("the disk is full; nothing is stored until there is room");
            return;
        }
        let kind = match error {
            Error::Damaged(_) => "damaged",
            Error::Moved => "the checkpoint moved",
            _ => "storage failed",
        };
        if !self.failed.send_replace(true) {
            tracing::error!(kind, "the ledger failed; stopping, for only a new start may go on");
        }
    }

    /// The promise that an entry will be in a checkpoint by `deadline`, which is within 24 h (§6.4). The caller counts it
    /// from the step that was taken for the entry: it is kept with the form, and nothing kept may tell when a filing came
    /// more finely than the log does.
    pub fn promise(&self, entry: &Digest, deadline: u64) -> Vec<u8> {
        let promise = Promise {
            origin: self.origin.as_str().to_owned(),
            entry: entry.0,
            deadline,
        };
        promise.sign(&self.log_key).to_string().into_bytes()
    }
}

/// Runs an act to its end even when the client hangs up, so that what was reserved for it is settled.
pub(crate) async fn finish<T: Send + 'static>(
    act: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::spawn(act).await {
        Ok(outcome) => outcome,
        Err(_) => {
            tracing::error!("an act panicked");
            Err(Refusal::internal())
        }
    }
}

/// The files that a form names and nobody sent.
pub(crate) fn missing(digests: &[Digest]) -> Refusal {
    let mut detail = format!(
        "{} files are not here. Nothing was stored; send the form again with them:",
        digests.len()
    );
    for digest in digests.iter().take(crate::limits::FORM_FILES_MAX) {
        detail.push(' ');
        detail.push_str(&digest.to_hex());
    }
    Refusal::new(Problem::BlobsMissing, detail)
}

/// Runs something that blocks.
pub(crate) async fn blocking<T: Send + 'static>(
    app: &Shared,
    act: impl FnOnce(&Shared) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let app = app.clone();
    let done = tokio::task::spawn_blocking(move || act(&app)).await;
    done.unwrap_or_else(|_| Err(Error::Storage("a task on the ledger was cut off".to_owned())))
}
