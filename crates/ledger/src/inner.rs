//! What all handles of one open ledger share: the way to the sequencer, and the thread itself.

use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tlog::edge::Edge;
use tokio::sync::{Semaphore, oneshot};

use crate::batch::Batch;
use crate::error::Error;
use crate::progress::Known;
use crate::publish::read_edge;
use crate::sequencer::{Job, Loan, Sequencer, Shared, Task, View};
use crate::store::{Blobs, Change, CheckpointKind, Store, StoredCheckpoint};
use crate::submission::{Accepted, Digest, Submission};

/// Bytes of acts that may wait; who comes later waits before handing over.
const WAITING_MAX: usize = 64 << 20;

/// What an act costs of that besides its bytes.
const ACT_COST: usize = 1_024;

/// See the module.
pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) uploads: Known,
    queue: Sender<Job>,
    budget: Arc<Semaphore>,
    /// Guards the thread until somebody waits for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    inline_max: usize,
}

impl Inner {
    /// Finishes what a crash cut off, and starts the sequencer.
    pub(crate) fn start(store: Arc<dyn Store>, blobs: Arc<dyn Blobs>, inline_max: usize) -> Result<Self, Error> {
        let mut batch = Batch::new(&*store, Arc::clone(&blobs), inline_max)?;
        let was_overwritten = store.overwrite()?;
        batch.begin()?;
        if was_overwritten {
            batch.apply(Change::Overwritten)?;
        }
        batch.remove_let_go()?;
        batch.commit()?;
        store.release()?;
        let view = View {
            published: batch.read().checkpoint(CheckpointKind::Published)?,
            pending: batch.read().checkpoint(CheckpointKind::Pending)?,
            edge: Arc::new(read_edge(batch.read())?),
        };
        check_view(&view)?;
        let waiting = batch.read().waiting()?;
        let waiting = waiting
            .iter()
            .map(|queue| ((queue.class, queue.step), queue.count))
            .collect();
        let shared = Arc::new(Shared::new(store, blobs, view, waiting));
        let (queue, jobs) = channel();
        let sequencer = Sequencer::new(Arc::clone(&shared), batch);
        let thread = std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || sequencer.run(&jobs))?;
        Ok(Self {
            shared,
            uploads: Known::default(),
            queue,
            budget: Arc::new(Semaphore::new(WAITING_MAX)),
            thread: Mutex::new(Some(thread)),
            inline_max,
        })
    }

    /// Hands over a submission and awaits its batch.
    pub(crate) async fn submit(self: &Arc<Self>, submission: Submission) -> Result<Accepted, Error> {
        self.shared.healthy()?;
        let submission = self.write_large(submission).await?;
        let weight = submission.weight();
        self.act_async(weight, move |batch| batch.submit(&submission)).await
    }

    /// Hands over an act and awaits its batch.
    pub(crate) async fn act_async<T: Send + 'static>(
        &self,
        weight: usize,
        act: impl FnMut(&mut Batch) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let cost = u32::try_from((weight + ACT_COST).min(WAITING_MAX)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.budget)
            .acquire_many_owned(cost)
            .await
            .map_err(|_| closed())?;
        let (answer, answered) = oneshot::channel();
        let reply = move |outcome| {
            drop(permit);
            // Whoever asked may have gone; the act counts all the same.
            let _ = answer.send(outcome);
        };
        let task = Task {
            act,
            outcome: None,
            reply,
            weight,
        };
        self.queue.send(Job::Work(Box::new(task))).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// Hands over an act and blocks until its batch is durable.
    pub(crate) fn act<T: Send + 'static>(
        &self,
        act: impl FnMut(&mut Batch) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = sync_channel(1);
        let reply = move |outcome| {
            // The asker blocks on it.
            let _ = answer.send(outcome);
        };
        let task = Task {
            act,
            outcome: None,
            reply,
            weight: 0,
        };
        self.queue.send(Job::Work(Box::new(task))).map_err(|_| closed())?;
        answered.recv().map_err(|_| closed())?
    }

    /// Borrows the writer, for an act that calls back into the caller's code.
    pub(crate) fn borrow(&self) -> Result<Loan, Error> {
        let (to, lent) = sync_channel(1);
        self.queue.send(Job::Lend(to)).map_err(|_| closed())?;
        lent.recv().map_err(|_| closed())
    }

    /// Makes the large blobs of a submission durable before it is handed over; their bytes stay for the weight.
    async fn write_large(self: &Arc<Self>, submission: Submission) -> Result<Submission, Error> {
        if submission.blobs.iter().all(|(_, bytes)| bytes.len() <= self.inline_max) {
            return Ok(submission);
        }
        let inner = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || {
            for (digest, bytes) in submission
                .blobs
                .iter()
                .filter(|(_, bytes)| bytes.len() > inner.inline_max)
            {
                inner
                    .write_blob(digest, bytes)
                    .inspect_err(|error| inner.shared.note(error))?;
            }
            Ok(submission)
        });
        written
            .await
            .map_err(|_| Error::Storage("writing a blob was cut off".into()))?
    }

    fn write_blob(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        let blobs = &self.shared.blobs;
        if blobs.size(digest)?.is_some() {
            return Ok(());
        }
        // Until an act names it, it is held like a finished upload: should none be taken, it goes with those.
        let (row, size) = (*digest, bytes.len() as u64);
        self.act(move |batch| batch.note_upload(&row, &row, size))?;
        blobs.put(digest, bytes)
    }

    /// Removes the bytes that nothing holds any more. While a copy is made they stay, for it may hold them; then the
    /// next round removes them.
    pub(crate) fn erase(&self) -> Result<(), Error> {
        self.shared.healthy()?;
        let Shared { store, copying, .. } = &*self.shared;
        let Ok(_no_copy) = copying.try_write() else {
            return Ok(());
        };
        if store.overwrite().inspect_err(|error| self.shared.note(error))? {
            self.act(|batch| batch.apply(Change::Overwritten))?;
            store.release().inspect_err(|error| self.shared.note(error))?;
        }
        if !self.shared.ask(|store| store.let_go())?.is_empty() {
            self.act(Batch::remove_let_go)?;
        }
        Ok(())
    }

    /// Stops the sequencer after what it has, and waits for its end.
    pub(crate) fn stop(&self) {
        // The thread may have ended already.
        let _ = self.queue.send(Job::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the sequencer ended in a panic");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

fn closed() -> Error {
    Error::Storage("the ledger is closed".into())
}

/// The last signed checkpoint must be the tree that is stored: otherwise the next one would be a second history.
fn check_view(view: &View) -> Result<(), Error> {
    let edge: &Edge = &view.edge;
    let signed: Option<&StoredCheckpoint> = view.pending.as_ref().or(view.published.as_ref());
    let is_same = match signed {
        Some(checkpoint) => checkpoint.size == edge.size() && checkpoint.root == edge.root(),
        None => edge.size() == 0,
    };
    if is_same {
        Ok(())
    } else {
        Err(Error::Damaged("the tree is not the one that was signed last".into()))
    }
}
