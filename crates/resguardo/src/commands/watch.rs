//! `resguardo watch`: looks, does the routine, writes how much waits, and tells that something does, at moments that were
//! drawn before.

use super::{routine, shares};
use crate::args::Watch;
use crate::clock;
use crate::console::{Console, Tone};
use crate::desk::Desk;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Exit, Outcome};
use crate::keyfile;
use crate::language::t;
use crate::remote::Network;
use crate::trust::Trust;
use crate::watch::hook;
use crate::watch::mail::Mail;
use crate::watch::notice::{Agenda, WatchState, Way};
use crate::watch::settings::Settings;
use client::{RoutineStep, Waiting};
use protocol::Digest;
use protocol::age;
use protocol::keys::MemberKeys;
use protocol::statement::Holds;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// What the watch remembers, under its own key.
const MEMORY: &str = "watch.age";
/// How much waits, for other programs on this machine.
const WAITING: &str = "waiting.json";
/// Largest memory in bytes.
const MEMORY_MAX: u64 = 16 * 1024 * 1024;
/// The clock is asked at least so often: a machine that slept does not know for how long.
const NAP: Duration = Duration::from_secs(30);
/// After so long without an answer of the service a person is told.
const AWAY_S: u64 = 86_400;

/// How much waits: numbers and times, nothing of any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Summary {
    count: usize,
    urgent: usize,
    overdue: usize,
    /// The next term, POSIX seconds.
    by: Option<u64>,
}

/// A watch at work.
struct Watcher<'a> {
    trust: Trust,
    keys: MemberKeys,
    folder: PathBuf,
    keep: Holds,
    hook: Option<PathBuf>,
    mail: Option<Mail>,
    agenda: Agenda,
    memory: WatchState,
    /// What waited at the last look that succeeded.
    seen: Option<Vec<Waiting>>,
    /// Why looks fail, where that needs somebody.
    trouble: Option<Waiting>,
    /// When the service answered last.
    answered_at: u64,
    said: Option<Summary>,
    /// What fails just now, and with which code: each is said once.
    failing: BTreeMap<&'static str, String>,
    console: &'a Console,
}

pub(super) fn run(args: &Watch, console: &Console) -> Outcome<()> {
    let trust = super::trust(&args.desk.root)?;
    let settings = args
        .settings
        .as_deref()
        .map(Settings::load)
        .transpose()?
        .unwrap_or_default();
    let periods = settings.periods(trust.origin().is_demo())?;
    let mail = settings
        .mail
        .as_ref()
        .map(|mail| Mail::new(mail, |path| settings.path(path)));
    let mail = mail.transpose()?;
    if mail.is_some() && Network::of_process().has_proxy() {
        return Err(CliError::usage(t!("a mail would go past the proxy"))
            .why(t!("only calls to the service go through it"))
            .remedy(t!(
                "leave [mail] out and give a --hook that sends the notice the way you want; nothing was started"
            )));
    }
    let keys = keyfile::load(&args.desk.key.key, &args.desk.key.source(), console)?;
    let folder = super::state_folder(&args.desk);
    disk::private_folder(&folder)?;
    let memory = recall(&folder, &keys)?;
    let mut watcher = Watcher {
        agenda: Agenda::new(memory.seed, periods),
        keep: shares::holds(&args.keep),
        hook: args.hook.clone(),
        trust,
        keys,
        folder,
        mail,
        memory,
        seen: None,
        trouble: None,
        answered_at: clock::now(),
        said: None,
        failing: BTreeMap::new(),
        console,
    };
    super::warn_of_demo(&watcher.trust, console);
    watcher.work(&super::serve::stopped()?)
}

/// What an earlier run remembered, or a new memory with a seed of its own.
fn recall(folder: &std::path::Path, keys: &MemberKeys) -> Outcome<WatchState> {
    let file = disk::read_if_there(&folder.join(MEMORY), MEMORY_MAX)?;
    let plain = file.and_then(|file| age::open(keys.identity(), &file).ok());
    let kept = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    Ok(kept.unwrap_or_else(|| WatchState::new(crate::random::bytes())))
}

impl Watcher<'_> {
    fn work(&mut self, stopped: &Receiver<()>) -> Outcome<()> {
        self.console.note(t!("watching; Ctrl-C ends it"));
        // The seed is kept before anything is seen.
        self.keep_memory();
        let mut next_look = clock::now();
        loop {
            let now = clock::now();
            self.tell_at_slots(now);
            // A clock that was set back does not wait until it is as late as it was.
            let is_far = next_look > self.agenda.next_look(self.agenda.next_look(now));
            if now >= next_look || is_far {
                self.look();
                self.deliver();
                let now = clock::now();
                next_look = self.agenda.next_look(now);
                self.tell_at_slots(now);
            }
            let now = clock::now();
            let wake = next_look.min(self.agenda.next_notice(now));
            let pause = NAP.min(Duration::from_secs(wake.saturating_sub(now)));
            match stopped.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Looks. What fails is tried again at the next look, and what was known stays.
    fn look(&mut self) {
        let outcome = match self.read_and_do() {
            Ok(seen) => {
                (self.seen, self.trouble, self.answered_at) = (Some(seen), None, clock::now());
                Ok(())
            }
            Err(failure) => {
                let is_for_holder = needs_holder(&failure, clock::now().saturating_sub(self.answered_at));
                self.trouble = is_for_holder.then(|| trouble(&failure));
                Err(failure)
            }
        };
        self.say_once("look", outcome);
        let written = self.write_summary();
        self.say_once("file", written);
    }

    /// Reads what is new, does the routine, and gives what waits then. The folder is free for other verbs between looks.
    fn read_and_do(&mut self) -> Outcome<Vec<Waiting>> {
        let keys = MemberKeys::from_seed(self.keys.seed());
        let desk = Desk::open(self.trust.clone(), keys, &self.folder, self.console)?;
        match desk {
            Desk::Seat(mut seat) => {
                let steps = routine::read(&mut seat)?;
                let performed = routine::perform(&mut seat, &steps, self.keep, self.console)?;
                let (mut done, mut failure) = (Done::default(), None);
                for performed in performed {
                    match (performed.outcome, performed.step) {
                        (Err(why), _) => failure = failure.or(Some(CliError::from(why))),
                        (Ok(_), RoutineStep::Ack { case }) => {
                            done.acknowledged += 1;
                            // Nobody need do anything, and yet somebody should know that she has told it.
                            let is_in_danger = seat.member().case(&case).is_ok_and(|held| held.flags.danger);
                            self.memory.happened(Digest::of(&case.0), is_in_danger);
                        }
                        (Ok(_), RoutineStep::Take { .. }) => done.filed += 1,
                        (Ok(_), RoutineStep::Destroy { .. }) => done.destroyed += 1,
                        (Ok(_), RoutineStep::Publish { .. }) => done.published += 1,
                        (Ok(_), RoutineStep::Reject { delivery, .. }) => {
                            done.rejected += 1;
                            self.memory.happened(delivery, false);
                        }
                    }
                }
                done.say(self.console);
                self.say_once("routine", failure.map_or(Ok(()), Err));
                let mut waiting = seat.office().waiting()?;
                waiting.extend(seat.office().waiting_asks());
                Ok(waiting)
            }
            Desk::Reader(mut reader) => {
                let (mut done, mut failure) = (Done::default(), None);
                let waiting = reader.run(async |reader| {
                    reader.read_releases().await?;
                    let steps = reader.routine()?;
                    for performed in reader.perform(&steps).await {
                        match performed.outcome {
                            Ok(_) => done.published += 1,
                            Err(why) => failure = failure.take().or(Some(CliError::from(why))),
                        }
                    }
                    reader.waiting()
                })?;
                done.say(self.console);
                self.say_once("routine", failure.map_or(Ok(()), Err));
                Ok(waiting)
            }
        }
    }

    /// Deals with the slots that have come.
    fn tell_at_slots(&mut self, now: u64) {
        let waiting: Option<Vec<Waiting>> = match (&self.seen, &self.trouble) {
            (None, None) => None,
            (seen, trouble) => Some(seen.iter().flatten().chain(trouble).cloned().collect()),
        };
        let before = self.memory.clone();
        let goes_out = self.memory.deal(&self.agenda, now, waiting.as_deref());
        if goes_out {
            let hook = self.hook.as_ref().map(|_| Way::Hook);
            let mail = self.mail.as_ref().map(|_| Way::Mail);
            self.memory.owed = hook.into_iter().chain(mail).collect();
        }
        if self.memory != before {
            self.keep_memory();
        }
        if goes_out {
            self.deliver();
        }
    }

    /// Sends a notice by the ways that have not taken it yet.
    fn deliver(&mut self) {
        for way in self.memory.owed.clone() {
            let (name, outcome) = match way {
                Way::Hook => ("hook", self.hook.as_deref().map_or(Ok(()), hook::call)),
                Way::Mail => ("mail", self.mail.as_ref().map_or(Ok(()), Mail::send)),
            };
            if outcome.is_ok() {
                self.memory.owed.remove(&way);
                self.keep_memory();
                // Killed before this line, it goes out once more: better twice than never.
                let human = t!("a notice went out: {}", name);
                self.console.line(Tone::Plain, &human, "notice", json!({ "way": way }));
            }
            self.say_once(name, outcome);
        }
    }

    /// Remembers durably. On a full disk what is in memory goes on.
    fn keep_memory(&mut self) {
        let written = serde_json::to_vec(&self.memory)
            .map_err(|_| CliError::bug("a memory that cannot be written"))
            .and_then(|plain| {
                let own = self.keys.identity().recipient();
                let sealed = age::seal(&[&own], &plain, &mut crate::random::system());
                disk::write(&self.folder.join(MEMORY), &sealed, Access::Private)
            });
        self.say_once("memory", written);
    }

    /// Writes how much waits, for other programs, and says it when it has changed.
    fn write_summary(&mut self) -> Outcome<()> {
        let Some(seen) = &self.seen else { return Ok(()) };
        let summary = Summary::of(seen);
        if self.said.as_ref() == Some(&summary) {
            return Ok(());
        }
        let tone = if summary.urgent + summary.overdue > 0 {
            Tone::Bad
        } else {
            Tone::Plain
        };
        self.console.line(tone, &summary.human(), "waiting", json!(summary));
        let bytes = serde_json::to_vec(&summary).map_err(|_| CliError::bug("a summary that cannot be written"))?;
        disk::write(&self.folder.join(WAITING), &bytes, Access::Private)?;
        self.said = Some(summary);
        Ok(())
    }

    /// Says a failure when it begins or becomes another, and when it is over.
    fn say_once(&mut self, what: &'static str, outcome: Outcome<()>) {
        match outcome {
            // Somebody works with the key: the next look finds the folder free.
            Err(failure) if failure.is(CliCode::InUse) => {}
            Err(failure) => {
                let code = failure.code.name().into_owned();
                if self
                    .failing
                    .insert(what, code.clone())
                    .is_none_or(|before| before != code)
                {
                    self.console.warn(&format!("{failure}; {}", failure.remedy));
                }
            }
            Ok(()) => {
                if self.failing.remove(what).is_some() {
                    self.console.note(&t!("{}: works again", what));
                }
            }
        }
    }
}

/// Whether a look that fails so is for a person: the network comes back by itself, a key that was replaced does not.
fn needs_holder(failure: &CliError, away_s: u64) -> bool {
    match failure.exit() {
        Exit::Network | Exit::NotNow | Exit::NotFound => away_s > AWAY_S,
        _ => true,
    }
}

fn trouble(failure: &CliError) -> Waiting {
    Waiting {
        name: Digest::of(format!("failure-{}", failure.code.name()).as_bytes()),
        by: None,
        is_overdue: false,
        is_urgent: false,
    }
}

/// What the routine did at one look.
#[derive(Default, Serialize)]
struct Done {
    acknowledged: u32,
    filed: u32,
    rejected: u32,
    destroyed: u32,
    published: u32,
}

impl Done {
    fn say(&self, console: &Console) {
        let Self {
            acknowledged,
            filed,
            rejected,
            destroyed,
            published,
        } = self;
        if acknowledged + filed + rejected + destroyed + published > 0 {
            let human = t!(
                "acknowledged: {}; filed from cells: {}; rejected: {}; destroyed: {}; published: {}",
                acknowledged,
                filed,
                rejected,
                destroyed,
                published
            );
            console.line(Tone::Good, &human, "done", json!(self));
        }
    }
}

impl Summary {
    fn of(waiting: &[Waiting]) -> Self {
        let count = |is: fn(&Waiting) -> bool| waiting.iter().filter(|one| is(one)).count();
        Self {
            count: waiting.len(),
            urgent: count(|one| one.is_urgent),
            overdue: count(|one| one.is_overdue),
            by: waiting
                .iter()
                .filter(|one| !one.is_overdue)
                .filter_map(|one| one.by)
                .min(),
        }
    }

    fn human(&self) -> String {
        let by = self.by.map(|by| t!(", the next by {}", clock::readable(by)));
        match self.count {
            0 => t!("nothing waits for you").to_owned(),
            _ => t!(
                "waiting: {}, with danger: {}, overdue: {}{}; `resguardo queue` says what",
                self.count,
                self.urgent,
                self.overdue,
                by.unwrap_or_default()
            ),
        }
    }
}
