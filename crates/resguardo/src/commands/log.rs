//! `resguardo log verify` and `log proof`: everything that can be checked of the log without any key.

use crate::args::{Log, LogProof, LogVerify};
use crate::clock;
use crate::console::{Console, Tone};
use crate::disk::Access;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::{self, Follow};
use crate::language::t;
use crate::line::Line;
use crate::output::Plan;
use crate::promise;
use crate::remote::Remote;
use crate::trust::Trust;
use client::audit::Audit;
use serde_json::json;
use std::path::Path;

pub(super) fn run(log: &Log, console: &Console) -> Outcome<()> {
    match log {
        Log::Verify(args) => verify(args, console),
        Log::Proof(args) => proof(args, console),
    }
}

fn verify(args: &LogVerify, console: &Console) -> Outcome<()> {
    let trust = target(args)?;
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open(trust, remote, None, console)?;
    follow.refresh(console)?;
    let audit = follow.audit(console)?;
    tell(&audit, console);
    let value = json!({ "origin": follow.trust().origin(), "size": audit.size, "opaque": audit.opaque,
        "public": audit.public, "checkpoints": audit.checkpoints, "missed_steps": audit.missed_steps,
        "skipped": audit.skipped.len(), "time": clock::rfc3339(audit.time), "root": audit.root_hex });
    if let Some(fault) = audit.faults.first() {
        for fault in &audit.faults {
            console.line(Tone::Bad, &format!("✗ {fault}"), "fault", json!({ "text": fault }));
        }
        return Err(follow::bad_log(fault));
    }
    console.result(&t!("✓ the log of {} verifies", follow.trust().origin()), value);
    Ok(())
}

/// What to verify: a root of trust, or a service by its address with the root of trust that is at hand.
fn target(args: &LogVerify) -> Outcome<Trust> {
    match args.target.as_deref() {
        Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
            let trust = Trust::load(&args.root.root).map_err(|failure| match failure {
                missing if missing.is(CliCode::FileNotFound) => missing.also(t!("an address alone proves nothing")),
                other => other,
            })?;
            let base_url = url.trim_end_matches('/').to_owned();
            Ok(Trust { base_url, ..trust })
        }
        Some(path) => Trust::load(Path::new(path)),
        None => Trust::load(&args.root.root),
    }
}

/// Five lines: what was checked.
fn tell(audit: &Audit, console: &Console) {
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
        audit.checkpoints
    ));
    let missed = match audit.missed_steps {
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
    let line = Line::over(remote.clone());
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
