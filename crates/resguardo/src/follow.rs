//! The log as this program follows it: [`client`]'s, read over this program's network and kept in a folder.

use crate::clock::{Stopwatch, span};
use crate::console::Console;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::line::{Folder, ServiceLine, Trouble};
use crate::remote::Remote;
use crate::trust::Trust;
use casework::Freshness;
use casework::docket::Dockets;
use client::audit::Audit;
use client::monitor::{self, Compared, Look, MonitorState};
use client::wire::Wire;
use client::{Broken, Complaint, CosignersSaid, KeptPromise, Log, Mirror, Mirrored, Unproven};
use protocol::slot::CaseSalt;
use std::fs::File;
use std::path::Path;
use std::time::Duration;
use tlog::policy::Trusted;
use tlog::{Checkpoint, Note, Policy};

/// How long another process is waited for: a watch is done within moments.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// The log as this client has verified it so far.
pub struct Follow {
    trust: Trust,
    remote: Remote,
    log: Log,
    trouble: Trouble,
    lock: Option<File>,
}

impl Follow {
    /// Begins, or continues from `folder`.
    ///
    /// # Errors
    /// Exit 1 for a root that cannot be used, 4 when another process uses the folder or it is of another log, 6 for storage
    /// and for a folder that has lost what it says it has seen.
    pub fn open(trust: Trust, remote: Remote, folder: Option<&Path>, console: &Console) -> Outcome<Self> {
        let mut log = Log::new(trust.root.clone())?.asking_cosigners();
        let (trouble, mut lock) = (Trouble::default(), None);
        if let Some(folder) = folder {
            lock = Some(take_folder(folder)?);
            let line = ServiceLine::new(remote.clone(), trouble.clone(), console);
            let store = Box::new(Folder::new(folder, trouble.clone()));
            log = line
                .run(log.kept_in(store, line.wire()))
                .map_err(|failure| damaged(folder, failure))?;
            if let Some(why) = log.read_anew() {
                console.warn(&t!(
                    "what {} holds of the log is read anew, and must lead to the checkpoint that was seen: {}",
                    folder.display(),
                    CliError::from(why.clone())
                ));
            }
        }
        Ok(Self {
            trust,
            remote,
            log,
            trouble,
            lock,
        })
    }

    /// Begins anew, for what needs no times: far fewer checkpoints are fetched. Nothing is kept on disk.
    ///
    /// # Errors
    /// Exit 1 for a root that cannot be used.
    pub fn open_as_read(trust: Trust, remote: Remote, console: &Console) -> Outcome<Self> {
        let follow = Self::open(trust, remote, None, console)?;
        Ok(Self {
            log: follow.log.as_read(),
            ..follow
        })
    }

    /// Reads what is new, up to the latest checkpoint. Where that is too old by this device's clock, the policy's cosigners
    /// are asked themselves.
    ///
    /// # Errors
    /// Exit 1 when anything does not verify or history changed, 3 before the first checkpoint; network, storage.
    pub fn refresh(&mut self, console: &Console) -> Outcome<()> {
        self.run(console, async |log, wire| log.refresh(wire).await)
    }

    /// Times the acts on a case now and at every later reading.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub fn watch(&mut self, salt: &CaseSalt) -> Outcome<()> {
        let salts = vec![CaseSalt::new(*salt.expose())];
        self.run(&Console::silent(), async |log, wire| log.watch(wire, salts).await)
    }

    fn run<T>(
        &mut self,
        console: &Console,
        act: impl AsyncFnOnce(&mut Log, &Wire) -> client::Outcome<T>,
    ) -> Outcome<T> {
        let line = ServiceLine::new(self.remote.clone(), self.trouble.clone(), console);
        let wire = line.wire().clone();
        line.run(act(&mut self.log, &wire))
    }

    /// Checks the whole log from its tiles, up to the latest checkpoint that was read.
    ///
    /// # Errors
    /// Exit 1 when entries or tiles do not lead to the root; network. Other faults are in [`Audit::steps`].
    pub fn audit(&mut self, console: &Console) -> Outcome<Audit> {
        let line = ServiceLine::new(self.remote.clone(), self.trouble.clone(), console);
        let wire = line.wire().clone();
        line.run(client::audit::run(&mut self.log, &wire))
    }

    /// What is published of acts, each at its time; see [`Log::dockets`].
    ///
    /// # Errors
    /// Exit 1 when anything does not verify; network.
    pub fn dockets(&mut self, console: &Console) -> Outcome<Dockets> {
        self.run(console, async |log, wire| log.dockets(wire).await)
    }

    /// Looks at the log as a monitor; see [`monitor::look`].
    ///
    /// # Errors
    /// Network, storage. A log that does not verify is an alarm.
    pub fn look(&mut self, memory: &MonitorState, console: &Console) -> Outcome<Look> {
        self.run(console, async |log, wire| monitor::look(log, wire, memory).await)
    }

    /// Brings a copy of the log in a folder, for a static host, up to what was read; see [`Mirror`].
    ///
    /// # Errors
    /// Exit 4 when the copy is of another log or history; network, storage.
    pub fn mirror(&mut self, folder: &Path, console: &Console) -> Outcome<Mirrored> {
        let to = Folder::public(folder, self.trouble.clone());
        let root = self.trust.root.clone();
        self.run(console, async |log, wire| {
            let (note, _) = log.latest()?.clone();
            let mut mirror = Mirror::open(root, &to)?;
            mirror.follow(wire, &to, &note, |_, note| Ok(note.clone())).await
        })
    }

    /// A complaint about a promise; see [`Complaint::of`].
    ///
    /// # Errors
    /// Network.
    pub fn complain(
        &mut self,
        kept: &KeptPromise,
        console: &Console,
    ) -> Outcome<Result<(Complaint, Broken), Unproven>> {
        self.run(console, async |log, wire| Complaint::of(log, wire, kept).await)
    }

    /// Compares a checkpoint that somebody else was shown with what was read here.
    ///
    /// # Errors
    /// Exit 1 for what this log has not signed.
    pub fn compare(&mut self, note: &Note) -> Outcome<Compared> {
        Ok(monitor::compare(&mut self.log, note)?)
    }

    /// The log itself, what went wrong with it, and the lock on its folder.
    pub(crate) fn into_parts(self) -> (Log, Trouble, Option<File>) {
        (self.log, self.trouble, self.lock)
    }

    /// The log itself.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The root of trust.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The connection.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Warns when this device's clock disagrees with the log.
    pub fn warn_of_clock(&self, console: &Console) {
        if let Some(text) = clock_warning(&self.log) {
            console.warn(&text);
        }
    }
}

/// What is wrong with this device's clock, or may be, by a log that was read.
pub fn clock_warning(log: &Log) -> Option<String> {
    let (_, trusted) = log.latest().ok()?;
    if let CosignersSaid::Fresh { ahead_s } = log.asked() {
        let by = span(ahead_s);
        return Some(t!("this machine's clock is {} ahead of the cosigners; set it", by));
    }
    match casework::clock::freshness(trusted.time(), log.clock()) {
        Freshness::ClockBehind { by_s } => {
            let by = span(by_s);
            Some(t!(
                "this machine's clock is {} behind the log and the service; set it",
                by
            ))
        }
        Freshness::TooOld { age_s } => {
            let age = span(age_s);
            Some(t!(
                "by this machine's clock the log ends {} ago, and the cosigners do not answer; set the clock, and if it \
                 was right, the log has stopped or what is new is withheld: ask a cosigner",
                age
            ))
        }
        Freshness::Fresh | Freshness::FromFuture { .. } => None,
    }
}

/// Takes the folder for this process.
fn take_folder(folder: &Path) -> Outcome<File> {
    disk::private_folder(folder)?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| CliError::file("lock", &path, &error))?;
    let watch = Stopwatch::start();
    while file.try_lock().is_err() {
        if watch.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
            continue;
        }
        let what = t!("another process is using {}", folder.display());
        return Err(CliError::new(CliCode::InUse, what)
            .why(t!("two at once would write over each other"))
            .remedy(t!(
                "wait until it has ended, or give this one a --state folder of its own"
            )));
    }
    Ok(file)
}

/// The folder cannot say any more what was seen. To forget that is for a person to decide, never for us.
fn damaged(folder: &Path, failure: CliError) -> CliError {
    if !failure.is(client::Local::StateDamaged) {
        return failure;
    }
    let what = t!("{} does not say any more what was seen of the log", folder.display());
    failure.within(
        what,
        t!("put it back from a copy; without one, rename the `log.*` files in it and run it again: the log is then read \
         anew, and only a cosigner can tell whether it is the same as before"),
    )
}

/// The newest checkpoint that a service shows, unverified, and how many entries it claims.
///
/// # Errors
/// Exit 1 when it cannot be read; network.
pub(crate) fn shown(remote: &Remote) -> Outcome<(Note, u64)> {
    let line = ServiceLine::over(remote.clone());
    let note = parse_note(&line.run(line.wire().bytes("/log/checkpoint"))?)?;
    let claim = Checkpoint::parse(note.text()).ok_or_else(|| bad_log(t!("not a checkpoint")))?;
    Ok((note, claim.size))
}

/// Reads a checkpoint's note.
pub(crate) fn parse_note(bytes: &[u8]) -> Outcome<Note> {
    Note::parse(bytes).map_err(bad_log)
}

/// Checks a checkpoint against a policy.
pub(crate) fn check(policy: &Policy, note: &Note, trust: &Trust) -> Outcome<Trusted> {
    policy.check(note, trust.origin().as_str()).map_err(bad_log)
}

/// The log does not verify.
pub(crate) fn bad_log(why: impl std::fmt::Display) -> CliError {
    CliError::from(client::Failure::log(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = take_folder(folder.path()).expect("free");
        assert!(take_folder(folder.path()).expect_err("held").is(CliCode::InUse));
        drop(held);
        take_folder(folder.path()).expect("free again");
    }
}
