//! A backend that fails: the n-th call that changes something, before or after it was performed, and then everything.
//! For tests, over any backend; what it lost of what was not durable is the inner backend's to say.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Digest;

use ledger::Error;
use ledger::store::{Blobs, Change, Content, Store, StoreReader, StoreWriter};

/// How the call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Not performed (of a write to a file, half), and everything after it fails too.
    Before,
    /// Performed, but reported as failed, and everything after it fails too.
    After,
    /// Not performed, for want of room; what comes after works.
    Full,
}

/// What is to be done with a call.
pub(crate) enum Verdict {
    Perform,
    Refuse(How),
    PerformAndFail,
}

#[derive(Default)]
struct Calls {
    count: u64,
    fault: Option<(u64, How)>,
    fired: bool,
    off: bool,
}

/// Counts calls, and says which one fails. Clones count together.
#[derive(Clone, Default)]
pub struct Fault {
    /// Guards the count.
    calls: Arc<Mutex<Calls>>,
}

impl Fault {
    /// The `call`-th call, from 0, fails.
    pub fn new(call: u64, how: How) -> Self {
        let fault = Self::default();
        fault.set(call, how);
        fault
    }

    /// From now on the `call`-th call, from 0 since the beginning, fails.
    pub fn set(&self, call: u64, how: How) {
        self.state().fault = Some((call, how));
    }

    /// Whether the fault has happened.
    pub fn has_fired(&self) -> bool {
        self.state().fired
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.state().count
    }

    /// From now on everything fails.
    pub(crate) fn turn_off(&self) {
        self.state().off = true;
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let mut state = self.state();
        if state.off {
            return Verdict::Refuse(How::Before);
        }
        let call = state.count;
        state.count += 1;
        match state.fault {
            Some((at, how)) if at == call => {
                state.fired = true;
                state.off = how != How::Full;
                match how {
                    How::After => Verdict::PerformAndFail,
                    how => Verdict::Refuse(how),
                }
            }
            _ => Verdict::Perform,
        }
    }

    fn call<T>(&self, act: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        match self.verdict() {
            Verdict::Perform => act(),
            Verdict::Refuse(How::Full) => Err(Error::Full),
            Verdict::Refuse(_) => Err(Error::Storage("the backend is off".into())),
            Verdict::PerformAndFail => act().and(Err(Error::Storage("the answer was lost".into()))),
        }
    }

    fn state(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A [`Store`] or [`Blobs`], or both, whose calls fail as [`Fault`] says.
#[derive(Clone)]
pub struct Faulty<T: ?Sized> {
    inner: Arc<T>,
    fault: Fault,
}

impl<T: ?Sized> Faulty<T> {
    /// Over a backend.
    pub fn new(inner: Arc<T>, fault: &Fault) -> Self {
        let fault = fault.clone();
        Self { inner, fault }
    }
}

impl<T: Store + ?Sized> Store for Faulty<T> {
    fn writer(&self) -> Result<Box<dyn StoreWriter>, Error> {
        let (inner, fault) = (self.inner.writer()?, self.fault.clone());
        Ok(Box::new(FaultyWriter { inner, fault }))
    }

    fn read(&self, question: &mut dyn FnMut(&dyn StoreReader) -> Result<(), Error>) -> Result<(), Error> {
        self.inner.read(question)
    }

    fn overwrite(&self) -> Result<bool, Error> {
        self.fault.call(|| self.inner.overwrite())
    }

    fn release(&self) -> Result<(), Error> {
        self.fault.call(|| self.inner.release())
    }

    fn copy(&self, to: &str) -> Result<(), Error> {
        self.fault.call(|| self.inner.copy(to))
    }

    fn fsyncs(&self) -> u64 {
        self.inner.fsyncs()
    }

    fn close(&self) {
        self.inner.close();
    }
}

struct FaultyWriter {
    inner: Box<dyn StoreWriter>,
    fault: Fault,
}

impl StoreWriter for FaultyWriter {
    fn begin(&mut self) -> Result<(), Error> {
        self.fault.call(|| self.inner.begin())
    }

    fn read(&self) -> &dyn StoreReader {
        self.inner.read()
    }

    fn apply(&mut self, change: Change<'_>) -> Result<(), Error> {
        self.fault.call(|| self.inner.apply(change))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.fault.call(|| self.inner.commit())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.inner.rollback()
    }

    fn maintain(&mut self, all: bool) -> Result<(), Error> {
        self.fault.call(|| self.inner.maintain(all))
    }
}

impl<T: Blobs + ?Sized> Blobs for Faulty<T> {
    fn size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        self.inner.size(digest)
    }

    fn open(&self, digest: &Digest) -> Result<Option<Box<dyn Content>>, Error> {
        self.inner.open(digest)
    }

    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        self.fault.call(|| self.inner.put(digest, bytes))
    }

    fn remove(&self, digest: &Digest) -> Result<(), Error> {
        self.fault.call(|| self.inner.remove(digest))
    }

    fn upload_size(&self, name: &Digest) -> Result<Option<u64>, Error> {
        self.inner.upload_size(name)
    }

    fn open_upload(&self, name: &Digest) -> Result<Option<Box<dyn Content>>, Error> {
        self.inner.open_upload(name)
    }

    fn append(&self, name: &Digest, at: u64, chunk: &[u8]) -> Result<(), Error> {
        self.fault.call(|| self.inner.append(name, at, chunk))
    }

    fn adopt(&self, name: &Digest, digest: &Digest) -> Result<(), Error> {
        self.fault.call(|| self.inner.adopt(name, digest))
    }

    fn drop_upload(&self, name: &Digest) -> Result<(), Error> {
        self.fault.call(|| self.inner.drop_upload(name))
    }

    fn uploads(&self) -> Result<Vec<Digest>, Error> {
        self.inner.uploads()
    }

    fn grew_at(&self, name: &Digest) -> Result<Option<u64>, Error> {
        self.inner.grew_at(name)
    }
}
