//! The sequencer: one thread owns the writer. It takes every act that waits, performs all of them in
//! one transaction, commits once, and answers all. So the order is one, and many acts share one fsync.
//!
//! **Where a crash is clean.** Before the commit returns nobody has an answer and nothing is there; afterwards all is.
//! **What fails, fails for good:** after any failure but «no» and «no room» the ledger refuses everything until it is
//! opened anew, for nobody knows what the disk holds (a second fsync may report success over lost pages).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tlog::edge::Edge;

use crate::batch::{Batch, Waited};
use crate::error::Error;
use crate::store::{Blobs, Store, StoreReader, StoredCheckpoint, ask};
use crate::submission::Counters;
use crate::tiles::KeptTiles;

/// Bytes of acts after which a batch takes no more. About thirty filings: measured, more in one batch only leaves the
/// disk idle while the next are made, and fewer share an fsync among too few.
const BATCH_MAX: usize = 2 << 20;

/// What is known of the tree without asking the database. Replaced as a whole, after its commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    pub(crate) edge: Arc<Edge>,
    pub(crate) published: Option<StoredCheckpoint>,
    pub(crate) pending: Option<StoredCheckpoint>,
}

/// What the sequencer and the handles share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn Blobs>,
    /// Guards the view.
    view: RwLock<Arc<View>>,
    /// Guards the number of waiting entries for each class and first step.
    waiting: Mutex<BTreeMap<(u8, u64), u64>>,
    failed: AtomicBool,
    pub(crate) tiles: KeptTiles,
    /// Read by whoever copies the store, written by whoever removes bytes.
    pub(crate) copying: RwLock<()>,
    batches: AtomicU64,
    submissions: AtomicU64,
    bytes: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        blobs: Arc<dyn Blobs>,
        view: View,
        waiting: BTreeMap<(u8, u64), u64>,
    ) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            store,
            blobs,
            view: RwLock::new(Arc::new(view)),
            waiting: Mutex::new(waiting),
            failed: AtomicBool::new(false),
            tiles: KeptTiles::default(),
            copying: RwLock::new(()),
            batches: zero(),
            submissions: zero(),
            bytes: zero(),
        }
    }

    /// Asks about what is committed.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&dyn StoreReader) -> Result<T, Error>) -> Result<T, Error> {
        ask(&*self.store, question)
    }

    /// What was done since the ledger was opened.
    pub(crate) fn counters(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            batches: read(&self.batches),
            submissions: read(&self.submissions),
            fsyncs: self.store.fsyncs(),
            bytes: read(&self.bytes),
        }
    }

    pub(crate) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the view; only whoever holds the writer does.
    pub(crate) fn set_view(&self, view: View) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
    }

    /// Reads the waiting entries' numbers.
    pub(crate) fn waiting<T>(&self, read: impl FnOnce(&BTreeMap<(u8, u64), u64>) -> T) -> T {
        read(&self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn apply(&self, changes: Vec<Waited>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (class, step, difference) in changes {
            let count = waiting.entry((class, step)).or_default();
            *count = count.saturating_add_signed(difference);
            if *count == 0 {
                waiting.remove(&(class, step));
            }
        }
    }

    /// Refuses once storage has failed.
    pub(crate) fn healthy(&self) -> Result<(), Error> {
        if self.failed.load(Ordering::Acquire) {
            return Err(Error::Storage("it failed before; open the ledger anew".into()));
        }
        Ok(())
    }

    /// Takes note of a failure after which nothing may be promised.
    pub(crate) fn note(&self, error: &Error) {
        if !error.is_harmless() && !self.failed.swap(true, Ordering::AcqRel) {
            tracing::error!("the ledger's storage failed; it refuses everything until it is opened anew");
        }
    }
}

/// An act that waits for its batch.
pub(crate) trait Work: Send {
    /// Performs it in the open transaction; what a rule refuses is kept for the answer. May be called again when
    /// the transaction had to be undone.
    fn perform(&mut self, batch: &mut Batch) -> Result<(), Error>;
    /// Answers: with what came of it, or with why the batch failed.
    fn answer(self: Box<Self>, failed: Option<Error>);
    /// Bytes.
    fn weight(&self) -> usize;
}

/// An act, and where its answer goes.
pub(crate) struct Task<T, A, R> {
    pub(crate) act: A,
    pub(crate) outcome: Option<Result<T, Error>>,
    pub(crate) reply: R,
    pub(crate) weight: usize,
}

impl<T, A, R> Work for Task<T, A, R>
where
    T: Send,
    A: FnMut(&mut Batch) -> Result<T, Error> + Send,
    R: FnOnce(Result<T, Error>) + Send,
{
    fn perform(&mut self, batch: &mut Batch) -> Result<(), Error> {
        match batch.perform(&mut self.act) {
            Err(error) if matches!(error, Error::Full) || !error.is_harmless() => Err(error),
            outcome => {
                self.outcome = Some(outcome);
                Ok(())
            }
        }
    }

    fn answer(self: Box<Self>, failed: Option<Error>) {
        let unanswered = || Err(Error::Storage("the act was not performed".into()));
        let Self { outcome, reply, .. } = *self;
        reply(failed.map_or_else(|| outcome.unwrap_or_else(unanswered), Err));
    }

    fn weight(&self) -> usize {
        self.weight
    }
}

/// What waits for the sequencer.
pub(crate) enum Job {
    /// An act for the next batch.
    Work(Box<dyn Work>),
    /// Somebody needs the writer on a thread of his own (to call back into his code within the transaction).
    Lend(SyncSender<Loan>),
    /// Closes the store.
    Stop,
}

/// The writer, lent. Dropping it gives it back, with an open transaction undone.
pub(crate) struct Loan {
    writer: Option<Batch>,
    back: SyncSender<Batch>,
}

impl Loan {
    /// Runs one transaction; a failure undoes it.
    pub(crate) fn transaction<T>(
        &mut self,
        shared: &Shared,
        act: impl FnOnce(&mut Batch) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(writer) = self.writer.as_mut() else {
            return Err(Error::Storage("the writer was given back".into()));
        };
        shared.healthy()?;
        let outcome = writer.begin().and_then(|()| writer.perform(act)).and_then(|value| {
            shared.apply(writer.commit()?);
            Ok(value)
        });
        if let Err(error) = &outcome {
            shared.note(error);
            if let Err(error) = writer.rollback() {
                shared.note(&error);
            }
        }
        outcome
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            // Open only if the borrower panicked.
            if writer.rollback().is_ok() {
                // The sequencer waits for it; it is gone only when the process ends.
                let _ = self.back.send(writer);
            }
        }
    }
}

/// The thread's own state.
pub(crate) struct Sequencer {
    shared: Arc<Shared>,
    writer: Batch,
}

impl Sequencer {
    pub(crate) fn new(shared: Arc<Shared>, writer: Batch) -> Self {
        Self { shared, writer }
    }

    /// Works until it is told to stop or nobody can send any more; then closes the store and frees its lock.
    pub(crate) fn run(self, jobs: &Receiver<Job>) {
        let shared = Arc::clone(&self.shared);
        self.work(jobs);
        shared.store.close();
    }

    fn work(mut self, jobs: &Receiver<Job>) {
        let mut next = jobs.recv().ok();
        while let Some(job) = next.take() {
            match job {
                Job::Stop => break,
                Job::Lend(to) => match self.lend(&to) {
                    Some(back) => self = back,
                    None => return,
                },
                Job::Work(work) => {
                    let mut weight = work.weight();
                    let mut batch = vec![work];
                    while weight < BATCH_MAX {
                        match jobs.try_recv() {
                            Ok(Job::Work(work)) => {
                                weight += work.weight();
                                batch.push(work);
                            }
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.batch(batch);
                }
            }
            if next.is_none() {
                next = jobs.recv().ok();
            }
        }
        if self.shared.healthy().is_ok()
            && let Err(error) = self.writer.maintain(true)
        {
            self.shared.note(&error);
        }
    }

    /// Performs, commits, answers; then leaves the backend time for its upkeep.
    fn batch(&mut self, mut batch: Vec<Box<dyn Work>>) {
        let outcome = self.commit(&mut batch);
        let is_full = matches!(outcome, Err(Error::Full));
        match outcome {
            Ok(()) => batch.into_iter().for_each(|work| work.answer(None)),
            // Together they found no room: each by itself may.
            Err(Error::Full) if batch.len() > 1 => {
                for work in batch {
                    let mut alone = vec![work];
                    let failed = self.commit(&mut alone).err();
                    alone
                        .into_iter()
                        .for_each(|work| work.answer(failed.as_ref().map(Error::copy)));
                }
            }
            Err(error) => batch.into_iter().for_each(|work| work.answer(Some(error.copy()))),
        }
        if self.shared.healthy().is_ok()
            && let Err(error) = self.writer.maintain(is_full)
        {
            // No room for upkeep is no failure.
            self.shared.note(&error);
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Work>]) -> Result<(), Error> {
        self.shared.healthy()?;
        let outcome = self.writer.begin().and_then(|()| {
            for work in batch.iter_mut() {
                work.perform(&mut self.writer)?;
            }
            self.writer.commit()
        });
        match outcome {
            Ok(changes) => {
                self.shared.apply(changes);
                let weight = batch.iter().map(|work| work.weight()).sum::<usize>();
                let add = |counter: &AtomicU64, count: usize| counter.fetch_add(count as u64, Ordering::Relaxed);
                add(&self.shared.batches, 1);
                add(&self.shared.submissions, batch.len());
                add(&self.shared.bytes, weight);
                Ok(())
            }
            Err(error) => {
                self.shared.note(&error);
                if let Err(error) = self.writer.rollback() {
                    self.shared.note(&error);
                }
                Err(error)
            }
        }
    }

    /// Lends the writer and waits until it is back; `None` when it was lost.
    fn lend(self, to: &SyncSender<Loan>) -> Option<Self> {
        let Self { shared, writer } = self;
        let (back, returned) = std::sync::mpsc::sync_channel(1);
        // A borrower who has gone drops the loan, which gives the writer back.
        drop(to.send(Loan {
            writer: Some(writer),
            back,
        }));
        match returned.recv() {
            Ok(writer) => Some(Self { shared, writer }),
            Err(_) => {
                shared.note(&Error::Storage("the writer was lost".into()));
                None
            }
        }
    }
}
