//! Drives an act of [`client`]: does the calls that it names over this program's network and hands back the answers.

mod folder;
mod words;

pub(crate) use folder::Folder;
pub(crate) use words::no_council;
pub use words::{describe_bad, describe_breach, describe_unsigned};

use crate::clock::{Stopwatch, span};
use crate::console::{Console, ProgressLine};
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::remote::Remote;
use client::Warning;
use client::wire::{HttpAnswer, HttpCall, Progress, Purpose, RunningAct, Turn, Wire};
use protocol::Digest;
use protocol::http::Quota;
use std::future::Future;
use std::io::{Read, Seek};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Calls that are under way at once.
const LANES: usize = 8;
/// What is done within this is not reported.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the last trouble with network, disk or log was, in full: an act only has its code. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Trouble(Arc<Mutex<Option<CliError>>>);

impl Trouble {
    fn replace(&self, failure: Option<CliError>) -> Option<CliError> {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), failure)
    }

    /// Keeps a failure; gives what the act learns of it.
    pub fn keep(&self, failure: CliError, code: client::Local) -> client::Failure {
        let short = client::Failure::new(code).why(&failure.why);
        self.replace(Some(failure));
        short
    }

    /// The failure that was kept last for this code; it is then forgotten.
    pub fn take(&self, short: &client::Failure) -> Option<CliError> {
        let kept = self.replace(None)?;
        let is_it = kept.is(short.code.clone()) || short.detail.as_deref() == Some(&*kept.why);
        is_it.then_some(kept)
    }
}

/// A line to the service.
pub struct ServiceLine {
    remote: Remote,
    wire: Wire,
    trouble: Trouble,
    console: Console,
    /// What long work over it is called.
    step: &'static str,
}

impl ServiceLine {
    /// Over a connection, by itself.
    pub fn over(remote: Remote) -> Self {
        Self::new(remote, Trouble::default(), &Console::silent())
    }

    /// As [`Self::over`], sharing trouble with what an act keeps and reads.
    pub(crate) fn new(remote: Remote, trouble: Trouble, console: &Console) -> Self {
        Self {
            remote,
            wire: Wire::default(),
            trouble,
            console: console.clone(),
            step: "files",
        }
    }

    /// With another name for what takes long.
    #[must_use]
    pub(crate) fn naming(self, step: &'static str) -> Self {
        Self { step, ..self }
    }

    /// The act's end of it.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// The connection.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Does something over it.
    ///
    /// # Errors
    /// What the act may say.
    pub fn run<T>(&self, act: impl Future<Output = client::Outcome<T>>) -> Outcome<T> {
        self.drive(act).map_err(|failure| self.in_full(failure))
    }

    /// Uploads a file of `size` bytes by its digest, perhaps with an upload code, as [`client::upload`] does; how much goes at once is learned for all lines to this
    /// service.
    ///
    /// # Errors
    /// Exit 1 when the service holds other bytes, 2 over a limit, 6 when the file cannot be read; network.
    pub fn upload(
        &self,
        file: impl Read + Seek,
        size: u64,
        what: (&Digest, Option<&Quota>),
        seen: &mut dyn FnMut(u64),
    ) -> Outcome<()> {
        let mut pace = self.remote.chunk_size();
        let outcome = self.run(client::upload(&self.wire, &mut pace, file, size, what, seen));
        self.remote.set_chunk_size(pace);
        outcome
    }

    /// The server's clock in POSIX seconds, as its answers tell it.
    ///
    /// # Errors
    /// Network.
    pub fn server_time(&self) -> Outcome<Option<u64>> {
        Ok(self.run(self.wire.dated("/healthz"))?.1)
    }

    /// Goes on with an act until it is done.
    pub(crate) fn drive<T>(&self, act: impl Future<Output = T>) -> T {
        let mut running = RunningAct::new(self.wire.clone(), act);
        let watch = Stopwatch::start();
        let mut shown: Option<(u64, u64, ProgressLine<'_>)> = None;
        let mut answers = Vec::new();
        loop {
            match running.turn(self.remote.now(), answers) {
                Turn::Done(done) => return done,
                Turn::Calls(calls) => answers = self.answers(&calls),
            }
            let slow = running.progress().filter(|_| watch.elapsed() > PATIENCE);
            let Some(Progress { done, total }) = slow else { continue };
            let bar = shown.take().filter(|(of, ..)| *of == total);
            let (_, before, mut bar) = bar.unwrap_or_else(|| (total, 0, self.console.progress(self.step, total)));
            bar.advance(done.saturating_sub(before));
            shown = Some((total, done, bar));
        }
    }

    fn answers(&self, calls: &[HttpCall]) -> Vec<HttpAnswer> {
        if let [call] = calls
            && call.purpose == Purpose::Pause
        {
            std::thread::sleep(Duration::from_secs(call.path.parse().unwrap_or(1)));
            return vec![HttpAnswer::default()];
        }
        let remote = &self.remote;
        let lane = |calls: &[HttpCall]| calls.iter().map(|call| remote.carry(call)).collect::<Vec<_>>();
        let lanes = calls.chunks(calls.len().div_ceil(LANES).max(1));
        let outcomes: Vec<_> = match calls {
            [_] => lane(calls),
            _ => std::thread::scope(|scope| {
                let threads: Vec<_> = lanes.map(|calls| scope.spawn(move || lane(calls))).collect();
                let joined = threads.into_iter().map(|thread| thread.join().unwrap_or_default());
                joined.flatten().collect()
            }),
        };
        let answer = |outcome| match outcome {
            Ok((answer, refused)) => {
                self.trouble.replace(refused);
                answer
            }
            Err(failure) => {
                self.trouble.keep(failure, client::Local::Unreachable);
                HttpAnswer::default()
            }
        };
        outcomes.into_iter().map(answer).collect()
    }

    /// A failure in full.
    pub(crate) fn in_full(&self, failure: client::Failure) -> CliError {
        match self.trouble.take(&failure) {
            Some(kept) => kept,
            None => CliError::from(failure),
        }
    }

    /// Says what an act warns of.
    pub(crate) fn warn(&self, warning: &Warning) {
        let text = match warning {
            Warning::ClockBehind { by_s } => t!(
                "this machine's clock is {} behind, so the promise was measured by the log's time; set it",
                span(*by_s)
            ),
            Warning::CaseNotLoaded { case, why } => {
                t!("case {} cannot be loaded: {}", case.code(), CliError::from(why.clone()))
            }
            Warning::NotFiled { case, why } => t!(
                "a statement for case {} was not filed: {}",
                case.code(),
                CliError::from(why.clone())
            ),
        };
        self.console.warn(&text);
    }
}
