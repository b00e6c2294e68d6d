//! `resguardo log monitor`: follows a log for everybody, and says what is wrong with it.

use super::{target, words};
use crate::args::LogMonitor;
use crate::clock::{self, readable};
use crate::commands::serve::stopped;
use crate::console::{Console, Tone};
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::output::Plan;
use crate::remote::Remote;
use crate::site;
use crate::trust::Trust;
use client::Statement;
use client::monitor::{Alarm, Look, MonitorState};
use client::site::Unexplained;
use pages::atom::{self, FeedEntry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// What is remembered of earlier looks, beside the log itself.
const STATE: &str = "monitor.json";
/// Its largest size in bytes.
const STATE_MAX: u64 = 4 * 1024 * 1024;
/// Events that the feed holds.
const EVENTS: usize = 200;

/// What a monitor keeps.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    memory: MonitorState,
    /// What was wrong at the last look: it is news only once.
    standing: Vec<Alarm>,
    /// The last events, oldest first.
    events: Vec<Seen>,
    /// What was served otherwise than stated, and may yet be explained.
    #[serde(default)]
    site: Option<Unexplained>,
}

/// Something that was seen.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    /// When, POSIX seconds.
    at: u64,
    #[serde(flatten)]
    what: What,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    Alarm(Alarm),
    Statement(Statement),
}

pub(super) fn run(args: &LogMonitor, console: &Console) -> Outcome<()> {
    let trust = target(args.target.as_deref(), &args.root)?;
    disk::private_folder(&args.state)?;
    let Some(minutes) = args.every else {
        let look = look(args, &trust, console)?;
        return outcome(&look, &args.state, console);
    };
    let stopped = stopped()?;
    console.note(t!("watching; Ctrl-C ends it"));
    loop {
        let looked = look(args, &trust, console).and_then(|look| outcome(&look, &args.state, console));
        // What is wrong was said; a service that does not answer is asked again.
        if let Err(failure) = looked.as_ref()
            && !failure.is(CliCode::LogBreach)
            && !failure.is(CliCode::LogLags)
            && !failure.is(CliCode::SiteDiffers)
            && !failure.is(CliCode::DutiesOwed)
        {
            console.warn(&failure.to_string());
        }
        match stopped.recv_timeout(pause(minutes, args.site)) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// The pause until the next look. A visit to the site comes at a moment drawn between half and one and a half of it: whoever
/// knew when could show the right page then.
fn pause(minutes: u64, is_visit: bool) -> Duration {
    let seconds = 60 * minutes;
    if !is_visit {
        return Duration::from_secs(seconds);
    }
    let draw = u64::from_be_bytes(client::random::bytes());
    Duration::from_secs(seconds / 2 + draw % (seconds + 1))
}

/// Looks once, says what is new, and keeps it.
fn look(args: &LogMonitor, trust: &Trust, console: &Console) -> Outcome<Look> {
    let path = args.state.join(STATE);
    let kept = disk::read_if_there(&path, STATE_MAX)?;
    let kept = kept.map(|bytes| serde_json::from_slice::<State>(&bytes));
    let mut state = kept
        .transpose()
        .map_err(|error| damaged(&path, &error))?
        .unwrap_or_default();
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open(trust.clone(), remote, Some(&args.state), console)?;
    let mut unseen = None;
    let mut look = follow.look(&state.memory, console)?;
    if args.site && !look.alarms.iter().any(Alarm::is_breach) {
        match site::look(
            &follow,
            follow.remote().base(),
            state.site.clone(),
            Some(&args.state),
            console,
        ) {
            Ok(seen) => {
                look.alarms.extend(client::monitor::of_site(&seen.verdict));
                state.site = seen.verdict.waiting;
            }
            // What was seen of the log is kept all the same.
            Err(failure) => unseen = Some(failure),
        }
    }
    if let Some((seen, shown)) = &look.proof {
        for (name, note) in [("seen", seen), ("shown", shown)] {
            let proof = args.state.join(format!("proof.{name}"));
            disk::write(&proof, note.to_string().as_bytes(), Access::Private)?;
        }
    }
    let now = clock::now();
    let news = look.alarms.iter().filter(|alarm| !state.standing.contains(alarm));
    let news = news.cloned().map(What::Alarm);
    let statements = look.statements.iter().cloned().map(What::Statement);
    let news: Vec<Seen> = statements.chain(news).map(|what| Seen { at: now, what }).collect();
    state.events.extend(news);
    let old = state.events.len().saturating_sub(EVENTS);
    state.events.drain(..old);
    (state.memory, state.standing) = (look.memory.clone(), look.alarms.clone());
    if let Some(path) = &args.atom {
        let title = t!("What was seen of the log {}", trust.origin());
        let entries: Vec<FeedEntry> = state.events.iter().map(entry).collect();
        let feed = atom::feed(trust.origin().as_str(), "monitor", &title, now, &entries);
        let feed = feed.map_err(|error| CliError::bug(error.to_string()))?;
        let inputs = [args.root.root.as_path()];
        Plan::reading(inputs)
            .forced(true)
            .file(path)?
            .write(&feed, Access::Public)?;
    }
    tell(&look, console);
    if let Some(folder) = args
        .mirror
        .as_deref()
        .filter(|_| !look.alarms.iter().any(Alarm::is_breach))
    {
        disk::folder(folder)?;
        let copied = follow.mirror(folder, console)?;
        let text = t!(
            "✓ {} holds {} entries, {} of them new",
            folder.display(),
            copied.size,
            copied.size - copied.before
        );
        console.line(
            Tone::Good,
            &text,
            "mirror",
            json!({ "size": copied.size, "before": copied.before }),
        );
    }
    let bytes = serde_json::to_vec(&state).map_err(|error| CliError::bug(error.to_string()))?;
    disk::write(&path, &bytes, Access::Private)?;
    unseen.map_or(Ok(look), Err)
}

fn entry(seen: &Seen) -> FeedEntry {
    let title = match &seen.what {
        What::Alarm(alarm) => words::alarm(alarm),
        What::Statement(statement) => words::statement(statement),
    };
    let link = None;
    FeedEntry {
        at: seen.at,
        title,
        link,
    }
}

fn tell(look: &Look, console: &Console) {
    for statement in &look.statements {
        let value = json!({ "statement": statement });
        console.line(Tone::Plain, &words::statement(statement), "statement", value);
    }
    for alarm in &look.alarms {
        let text = words::alarm(alarm);
        let (tone, mark) = match alarm.is_breach() {
            true => (Tone::Bad, '✗'),
            false => (Tone::Warning, '!'),
        };
        let value = json!({ "text": text, "alarm": alarm, "breach": alarm.is_breach() });
        console.line(tone, &format!("{mark} {text}"), "alarm", value);
    }
}

/// How the look ends: exit 1 for a breach and for what institutions owe, exit 4 for what lags behind.
fn outcome(look: &Look, state: &Path, console: &Console) -> Outcome<()> {
    let is_site = |alarm: &Alarm| matches!(alarm, Alarm::Site { .. });
    if look.alarms.iter().any(|alarm| alarm.is_breach() && !is_site(alarm)) {
        let failure =
            CliError::new(CliCode::LogBreach, t!("the log breaks its rules")).why(t!("each breach is named above"));
        return Err(failure.remedy(match look.proof {
            Some(_) => t!(
                "publish proof.seen and proof.shown of {}: the operator has signed both, and they contradict each other",
                state.display()
            ),
            None => t!("ask the operator and the council why, and compare with another monitor (`resguardo log compare`)").to_owned(),
        }));
    }
    if look.alarms.iter().any(Alarm::is_breach) {
        return Err(CliError::new(
            CliCode::SiteDiffers,
            t!("the service serves something else than its log says"),
        )
        .why(t!("each file is named above"))
        .remedy(t!(
            "what was served is kept as site.* in {}: compare it, and tell the council and other monitors",
            state.display()
        )));
    }
    if !look.alarms.is_empty() && look.alarms.iter().all(Alarm::is_of_institution) {
        return Err(owing());
    }
    if !look.alarms.is_empty() {
        return Err(CliError::new(CliCode::LogLags, t!("the log lags behind"))
            .why(t!("what is late is named above; nothing that was seen has changed"))
            .remedy(t!("look again after the next step; if it stays so, ask the operator")));
    }
    console.result(
        &t!(
            "✓ {} entries until {}, as they were seen before; {} new checkpoints verify",
            look.size,
            readable(look.time),
            look.checkpoints
        ),
        json!({ "size": look.size, "time": clock::rfc3339(look.time), "checkpoints": look.checkpoints }),
    );
    Ok(())
}

/// Institutions owe something, or contradict each other.
pub(in crate::commands) fn owing() -> CliError {
    CliError::new(
        CliCode::DutiesOwed,
        t!("the log is in order; institutions owe something, or contradict each other"),
    )
    .why(t!("each is named above"))
    .remedy(t!(
        "ask the institutions named above, in public where they do not answer"
    ))
}

fn damaged(path: &Path, why: &serde_json::Error) -> CliError {
    CliError::new(client::Local::StateDamaged, t!("{} cannot be read", path.display()))
        .why(why)
        .remedy(t!(
            "remove this file: the log itself is kept beside it, and its steps are then checked from the first on"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_comes_at_a_moment_that_nobody_knows_and_a_look_on_time() {
        assert_eq!(pause(30, false), Duration::from_secs(1_800));
        let drawn: std::collections::BTreeSet<u64> = (0..50).map(|_| pause(30, true).as_secs()).collect();
        assert!(drawn.iter().all(|seconds| (900..=2_700).contains(seconds)));
        assert!(drawn.len() > 10, "{drawn:?}");
    }
}
