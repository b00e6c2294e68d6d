//! `resguardo log verify` and `log proof`: everything that can be checked of the log without any key.

use crate::args::{Log, LogCompare, LogProof, LogVerify, RootArgs};
use crate::clock;
use crate::console::{Console, Tone};
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::{self, Follow};
use crate::language::t;
use crate::line::ServiceLine;
use crate::output::Plan;
use crate::promise;
use crate::remote::Remote;
use crate::trust::Trust;
use client::audit::Audit;
use client::monitor::Compared;
use serde_json::json;
use std::path::Path;

pub(super) mod monitor;
mod words;

pub(crate) use words::fault;
pub(super) use words::{alarm, docket_fault, site_fault};

/// Largest checkpoint in bytes.
const NOTE_MAX: u64 = tlog::note::NOTE_SIZE_MAX as u64;

pub(super) fn run(log: &Log, console: &Console) -> Outcome<()> {
    match log {
        Log::Verify(args) => verify(args, console),
        Log::Proof(args) => proof(args, console),
        Log::Monitor(args) => monitor::run(args, console),
        Log::Compare(args) => compare(args, console),
    }
}

fn verify(args: &LogVerify, console: &Console) -> Outcome<()> {
    let (follow, audit) = read(args.target.as_deref(), &args.root, console)?;
    let value = json!({ "origin": follow.trust().origin(), "size": audit.size, "opaque": audit.opaque,
        "public": audit.public, "checkpoints": audit.steps.checkpoints, "missed_steps": audit.steps.missed(),
        "skipped": audit.skipped.len(), "time": clock::rfc3339(audit.time), "root": audit.root_hex });
    for alarm in client::monitor::duties(follow.log(), 0) {
        let text = words::alarm(&alarm);
        console.line(
            Tone::Warning,
            &format!("! {text}"),
            "duty",
            json!({ "text": text, "alarm": alarm }),
        );
    }
    console.result(&t!("✓ the log of {} verifies", follow.trust().origin()), value);
    Ok(())
}

/// Reads all of a log and says what was checked: of a service, or of a copy in a folder, and then without a network.
///
/// # Errors
/// Exit 1 where anything of it is wrong.
pub(super) fn read(named: Option<&str>, root: &RootArgs, console: &Console) -> Outcome<(Follow, Audit)> {
    let copy = named.map(Path::new).filter(|path| path.is_dir());
    let (trust, remote) = match copy {
        Some(folder) => (Trust::load(&root.root)?, Remote::copy(folder)),
        None => {
            let trust = target(named, root)?;
            let remote = Remote::new(&trust.base_url)?;
            (trust, remote)
        }
    };
    let mut follow = Follow::open(trust, remote, None, console)?;
    follow.refresh(console)?;
    let audit = follow.audit(console)?;
    tell(&audit, console);
    if copy.is_some() && !console.is_json() {
        let text = t!(
            "! the copy ends at {}: what came later is not in it",
            clock::readable(audit.time)
        );
        console.line(Tone::Warning, &text, "check", json!({}));
    }
    check_steps(&audit, console)?;
    Ok((follow, audit))
}

/// Names every step that is wrong.
///
/// # Errors
/// Exit 1 where there is one.
pub(super) fn check_steps(audit: &Audit, console: &Console) -> Outcome<()> {
    for fault in &audit.steps.faults {
        let text = words::fault(fault);
        console.line(
            Tone::Bad,
            &format!("✗ {text}"),
            "fault",
            json!({ "text": text, "fault": fault }),
        );
    }
    match audit.steps.faults.first() {
        Some(first) => Err(follow::bad_log(words::fault(first))),
        None => Ok(()),
    }
}

/// What to verify: a root of trust, or a service by its address with the root of trust that is at hand.
pub(super) fn target(target: Option<&str>, root: &RootArgs) -> Outcome<Trust> {
    match target {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
            let trust = Trust::load(&root.root).map_err(|failure| match failure {
                missing if missing.is(CliCode::FileNotFound) => missing.also(t!("an address alone proves nothing")),
                other => other,
            })?;
            let base_url = url.trim_end_matches('/').to_owned();
            Ok(Trust { base_url, ..trust })
        }
        Some(path) => Trust::load(Path::new(path)),
        None => Trust::load(&root.root),
    }
}

/// Five lines: what was checked.
pub(super) fn tell(audit: &Audit, console: &Console) {
    if console.is_json() {
        return;
    }
    let good = |text: String| console.line(Tone::Good, &format!("✓ {text}"), "check", json!({}));
    good(t!(
        "{} entries of the two forms, {} opaque, {} public",
        audit.size,
        audit.opaque,
        audit.public
    ));
    good(t!("tiles lead to the root {}", audit.root_hex));
    good(t!(
        "{} checkpoints of steps, cosigned, each a beginning of the next",
        audit.steps.checkpoints
    ));
    let missed = match audit.steps.missed() {
        0 => String::new(),
        missed => t!("; {} steps without an append, when the service stood still", missed),
    };
    good(t!("pace: {} opaque entries a step{}", audit.pace, missed));
    good(t!(
        "{} public statements shown, {} of them skipped",
        audit.public,
        audit.skipped.len()
    ));
    for skipped in &audit.skipped {
        console.line(
            Tone::Warning,
            &t!("! public statement skipped: {}", skipped),
            "skipped",
            json!({}),
        );
    }
}

/// Compares what others were shown with what is kept here, without a network.
fn compare(args: &LogCompare, console: &Console) -> Outcome<()> {
    let trust = Trust::load(&args.root.root)?;
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open(trust, remote, Some(&args.state), console)?;
    let mut split = None;
    for path in &args.checkpoints {
        let note = follow::parse_note(disk::note(path, NOTE_MAX)?.as_bytes())?;
        let compared = follow.compare(&note)?;
        let (tone, code, text) = match compared {
            Compared::Same => (
                Tone::Good,
                "same",
                t!("✓ {} is of the log that was read here", path.display()),
            ),
            Compared::Longer => (
                Tone::Warning,
                "longer",
                t!(
                    "! {} has more entries than were read here: look again, then compare",
                    path.display()
                ),
            ),
            Compared::Split => (Tone::Bad, "split", t!("✗ {} is of another history", path.display())),
        };
        console.line(tone, &text, "compared", json!({ "file": path, "is": code }));
        split = split.or((compared == Compared::Split).then_some(path));
    }
    let Some(path) = split else { return Ok(()) };
    Err(CliError::new(CliCode::LogBreach, t!("the log shows two histories"))
        .why(t!(
            "its operator has signed {} and the checkpoint that is kept here",
            path.display()
        ))
        .remedy(t!(
            "keep both files and publish them: together they are proof for anybody"
        )))
}

fn proof(args: &LogProof, console: &Console) -> Outcome<()> {
    let mut plan = Plan::reading([args.root.root.as_path()]).forced(args.force);
    let out = args.out.as_deref().map(|path| plan.file(path)).transpose()?;
    let trust = Trust::load(&args.root.root)?;
    let remote = Remote::new(&trust.base_url)?;
    let (_, size) = follow::shown(&remote)?;
    if args.index >= size {
        return Err(
            CliError::new(CliCode::NoEntry, t!("the log has {} entries, counted from 0", size))
                .why(t!("entry {} is not among them", args.index))
                .remedy(t!("wait for the next step, or ask for a lower index")),
        );
    }
    let line = ServiceLine::over(remote.clone());
    let entry = line.run(client::entry(line.wire(), size, args.index))?;
    let receipt = promise::receipt(&remote, &trust, args.index, &entry)?;
    let trusted = promise::check_receipt(&receipt, &entry, &trust)?;
    let text = receipt.to_text();
    let human = match &out {
        Some(out) => {
            out.write(text.as_bytes(), Access::Public)?;
            t!(
                "✓ entry {} is in the log since {} at the latest",
                args.index,
                clock::readable(trusted.time())
            )
        }
        None => text.trim_end().to_owned(),
    };
    console.result(
        &human,
        json!({ "index": args.index, "size": trusted.checkpoint().size, "proof": text }),
    );
    Ok(())
}
