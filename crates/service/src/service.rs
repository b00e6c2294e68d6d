//! The service as a whole: open, publish a council, serve, stop.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use casework::RootOfTrust;
use ledger::Ledger;
use ledger::sqlite::{self, Options};
use protocol::keys::MemberKeys;
use tlog::note::KeyKind;
use tlog::{SigningNoteKey, VerifierKey};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, watch};

use crate::allowance::{Allowance, Allowed};
use crate::app::{App, Shared};
use crate::budget::Budget;
use crate::capacity::Capacity;
use crate::cells::Cells;
use crate::config::{ConfigError, ServiceConfig};
use crate::connections;
use crate::cosigners::Cosigners;
use crate::delivery;
use crate::fixed::Fixed;
use crate::founding::{self, Founding, FoundingError};
use crate::health;
use crate::limits::{CHUNKS_AT_ONCE, INLINE_MAX, STOP_S};
use crate::memory::Memory;
use crate::pace::{self, StepOutcome};
use crate::places::Places;
use crate::plain::quota::Quota as PlainQuota;
use crate::projection::Projection;
use crate::recent::{RecentActs, RecentPages};
use crate::replays::Replays;
use crate::retention;
use crate::router;
use crate::saves::Saves;
use crate::stated;
use crate::telemetry::Telemetry;
use crate::work::NonceIssuer;

/// Serves a router with the deadlines and bounds of this service until `shutdown` ends: for the other programs that stand
/// on the network. At most `connections` at once.
pub async fn serve(listener: TcpListener, router: Router, connections: usize, shutdown: impl Future<Output = ()>) {
    let (stop, stopped) = watch::channel(false);
    let places = Places::new(connections::affordable(connections));
    let stopping = async {
        shutdown.await;
        stop.send_replace(true);
    };
    tokio::join!(connections::serve(listener, places, router, stopped), stopping);
}

/// Connections to the operator's own address.
const ADMIN_CONNECTIONS: usize = 32;

/// Why a service does not start, or why it stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Storage: at start in words, later only that it failed. Start again to recover.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The log's name cannot name a key.
    #[error("the origin cannot name the log's key")]
    Origin,
}

/// The operator's service.
#[derive(Clone)]
pub struct Service {
    app: Shared,
}

impl Service {
    /// Opens the store and reads the public statements. Blocks.
    ///
    /// # Errors
    /// [`RunError::Config`]; [`RunError::Ledger`], `Busy` among them when another process serves this folder.
    pub fn open(config: ServiceConfig) -> Result<Self, RunError> {
        config.check()?;
        let options = Options {
            folder: config.folder.clone(),
            inline_max: INLINE_MAX,
        };
        let ledger = sqlite::open(&options)?;
        Self::with_ledger(config, ledger)
    }

    /// As [`Self::open`], on a ledger that the caller has opened: tests make its disk fail. Blocks.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn with_ledger(config: ServiceConfig, ledger: Ledger) -> Result<Self, RunError> {
        config.check()?;
        let log_key = SigningNoteKey::from_seed(config.origin.as_str(), KeyKind::Ed25519, &config.log_seed)
            .ok_or(RunError::Origin)?;
        let projection = Projection::open(&ledger, &config.origin, &log_key.verifier(), config.pace)?;
        let started_at = config.clock.now();
        let capacity = Capacity::default();
        capacity.refresh(&ledger, projection.view().rate(started_at), true)?;
        let app = App {
            log_key,
            operator: MemberKeys::from_seed(&config.operator_seed),
            ledger,
            projection,
            capacity,
            work: NonceIssuer::new(config.work),
            replays: Replays::default(),
            allowance: Arc::new(Allowance::new(Allowed::Records, config.limits.records_per_day)),
            codes: Arc::new(Allowance::new(Allowed::Codes, config.limits.codes_per_day)),
            budget: Budget::new(config.limits.upload_bytes, config.limits.uploads),
            chunks: Arc::new(Semaphore::new(CHUNKS_AT_ONCE)),
            memory: Memory::new(config.limits.memory),
            cells: Cells::new(&config.limits),
            saves: Saves::new(&config.limits),
            plain: PlainQuota::new(config.pace),
            cosigners: Cosigners::new(),
            telemetry: Telemetry::new(),
            pacing: tokio::sync::Mutex::new(()),
            pace: config.pace,
            limits: config.limits,
            site: config.site,
            fixed: Fixed::default(),
            acts: RecentActs::default(),
            pages: RecentPages::default(),
            started_at,
            published: Notify::new(),
            failed: watch::Sender::new(false),
            origin: config.origin,
            clock: config.clock,
        };
        Ok(Self { app: Arc::new(app) })
    }

    /// The log's verifier key.
    pub fn log_key(&self) -> VerifierKey {
        self.app.log_key.verifier()
    }

    /// The store: for tools that look at it while the service runs.
    pub fn ledger(&self) -> &Ledger {
        &self.app.ledger
    }

    /// The root of trust that clients begin with, once a council was published.
    pub fn root(&self) -> Option<RootOfTrust> {
        self.app.projection.view().root().cloned()
    }

    /// Publishes the first council with `pace`, `drop` and `greeting` (§6.1); the next step appends them. The same
    /// council again changes nothing.
    ///
    /// # Errors
    /// [`FoundingError`]; nothing was stored then.
    pub async fn publish_council(&self, founding: &Founding) -> Result<RootOfTrust, FoundingError> {
        founding::publish(&self.app, founding).await
    }

    /// All public routes.
    pub fn router(&self) -> Router {
        router::router(self.app.clone())
    }

    /// `/metrics` and `/healthz`, for an address that only the operator reaches.
    pub fn admin_router(&self) -> Router {
        health::admin_router(self.app.clone())
    }

    /// Takes the log to `step` and delivers what is due, as [`Self::run`] does at each multiple of `step_s`.
    ///
    /// # Errors
    /// Storage; unless the disk was full, only a new start may go on then.
    pub async fn step(&self, step: u64) -> Result<StepOutcome, ledger::Error> {
        let taken = async {
            let progress = pace::advance(&self.app, step).await?;
            delivery::deliver(&self.app, self.app.now()).await?;
            Ok(progress)
        };
        taken.await.inspect_err(|error| self.app.fail(error))
    }

    /// States what is served where the log does not have it (§14.1), as [`Self::run`] does at its start and after each step.
    ///
    /// # Errors
    /// Storage; only a new start may go on then.
    pub async fn state_site(&self) -> Result<(), ledger::Error> {
        let stated = stated::keep_stated(&self.app).await;
        stated.inspect_err(|error| self.app.fail(error))
    }

    /// Deletes what expired, as [`Self::run`] does once an hour.
    ///
    /// # Errors
    /// Storage; only a new start may go on then.
    pub async fn forget(&self) -> Result<(), ledger::Error> {
        let forgotten = self.app.ledger.expire(self.app.now()).await;
        forgotten.inspect_err(|error| self.app.fail(error))
    }

    /// Serves and keeps the pace until `shutdown` ends or storage fails. Then accepts nothing more, finishes the
    /// requests that are under way (at most 30 s) and the ledger's last batch.
    ///
    /// # Errors
    /// [`RunError::Ledger`] when storage failed.
    pub async fn run(
        self,
        listener: TcpListener,
        admin_listener: Option<TcpListener>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), RunError> {
        // What is sealed in this memory goes to no disk when the process dies (§14.4).
        if rlimit::setrlimit(rlimit::Resource::CORE, 0, 0).is_err() {
            tracing::warn!("this system does not let core dumps be forbidden");
        }
        let (stop, stopped) = watch::channel(false);
        let places = |limit| Places::new(connections::affordable(limit));
        let serve = |listener, limit, router| {
            tokio::spawn(connections::serve(listener, places(limit), router, stopped.clone()))
        };
        let mut tasks = vec![serve(listener, self.app.limits.connections, self.router())];
        if let Some(listener) = admin_listener {
            tasks.push(serve(listener, ADMIN_CONNECTIONS, self.admin_router()));
        }
        let delivery = tokio::spawn(delivery::run(self.app.clone(), stopped.clone()));
        let retention = tokio::spawn(retention::run(self.app.clone(), stopped.clone()));
        let pace = tokio::spawn(pace::run(self.app.clone(), stopped));
        let mut failed = self.app.failed.subscribe();
        tokio::select! {
            () = shutdown => tracing::info!("stopping"),
            _ = failed.wait_for(|failed| *failed) => {}
        }
        stop.send_replace(true);
        for task in tasks {
            let abort = task.abort_handle();
            match tokio::time::timeout(Duration::from_secs(STOP_S), task).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => tracing::error!("a server panicked"),
                Err(_) => abort.abort(),
            }
        }
        // What is cut off there is taken up by the next start.
        delivery.abort();
        retention.abort();
        // A step that has begun is finished or left to the next start.
        let abort = pace.abort_handle();
        if tokio::time::timeout(Duration::from_secs(STOP_S), pace).await.is_err() {
            abort.abort();
        }
        self.app.ledger.close().await;
        if *self.app.failed.borrow() {
            return Err(RunError::Ledger(ledger::Error::Storage(
                "see the log; start again to recover".to_owned(),
            )));
        }
        Ok(())
    }
}
