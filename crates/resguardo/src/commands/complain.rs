//! `resguardo complain`: a broken promise as a file that anybody checks.

use crate::args::{Complain, ComplainMake, ComplainVerify};
use crate::clock::{self, readable};
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::output::Plan;
use crate::remote::Remote;
use crate::trust::Trust;
use client::{Broken, Complaint, KeptPromise, Unproven};
use serde_json::json;
use std::path::Path;

/// Largest promise in bytes.
const PROMISE_MAX: u64 = 64 * 1024;
/// Largest complaint in bytes: ten million entries.
const COMPLAINT_MAX: u64 = 512 * 1024 * 1024;

pub(super) fn run(complain: &Complain, console: &Console) -> Outcome<()> {
    match complain {
        Complain::Make(args) => make(args, console),
        Complain::Verify(args) => verify(args, console),
    }
}

fn make(args: &ComplainMake, console: &Console) -> Outcome<()> {
    let path = args.promise.as_path();
    let mut plan = Plan::reading([path, args.root.root.as_path()]).forced(args.force);
    let by_name = path.with_extension("complaint");
    let out = plan.file(args.out.as_deref().unwrap_or(&by_name))?;
    let kept: KeptPromise = disk::json(path, PROMISE_MAX, |why| not_a_promise(path, why))?;
    let trust = Trust::load(&args.root.root)?;
    let promise = kept
        .verify(&trust.root)
        .map_err(|_| not_a_promise(path, t!("this log did not sign it")))?;
    let remote = Remote::new(&trust.base_url)?;
    let mut follow = Follow::open_as_read(trust, remote, console)?;
    follow.refresh(console)?;
    let (complaint, broken) = follow.complain(&kept, console)?.map_err(|why| match why {
        Unproven::NotDue => CliError::new(CliCode::NotDue, t!("the promise is not due yet"))
            .why(t!("the entry is promised until {}", readable(promise.deadline)))
            .remedy(t!("run it again after that; until then nothing is broken")),
        Unproven::Kept => CliError::new(CliCode::PromiseKept, t!("the promise was kept"))
            .why(t!("the entry is in the log, in time"))
            .remedy(t!("take the receipt: `resguardo inbox --receipt FILE`")),
        other => crate::follow::bad_log(why_unproven(other)),
    })?;
    let bytes = serde_json::to_vec(&complaint).map_err(|error| CliError::bug(error.to_string()))?;
    out.write(&bytes, Access::Public)?;
    tell(
        &broken,
        &t!(
            "{} proves it to anybody: `resguardo complain verify`",
            out.path().display()
        ),
        console,
    );
    Ok(())
}

fn verify(args: &ComplainVerify, console: &Console) -> Outcome<()> {
    let trust = Trust::load(&args.root.root)?;
    let refuse = |why: &str| {
        CliError::new(CliCode::Complaint, t!("{} proves nothing", args.file.display()))
            .why(why)
            .remedy(t!(
                "ask for the file again, and compare root.json with the one on paper"
            ))
    };
    let complaint: Complaint = disk::json(&args.file, COMPLAINT_MAX, |why| refuse(&why))?;
    let broken = complaint.verify(&trust.root).map_err(|why| refuse(why_unproven(why)))?;
    tell(
        &broken,
        &t!("its operator has signed both, {}", trust.origin()),
        console,
    );
    Ok(())
}

fn tell(broken: &Broken, more: &str, console: &Console) {
    let human = t!(
        "✗ the promise was broken: an entry was promised until {}, and the log of {} entries does not have it at {}\n  {}",
        readable(broken.deadline),
        broken.size,
        readable(broken.time),
        more
    );
    let value = json!({ "deadline": clock::rfc3339(broken.deadline), "time": clock::rfc3339(broken.time),
        "size": broken.size });
    console.result(&human, value);
}

fn not_a_promise(path: &Path, why: impl std::fmt::Display) -> CliError {
    CliError::new(CliCode::NotAPromise, t!("{} is no promise of this log", path.display()))
        .why(why)
        .remedy(t!(
            "give the file that `resguardo seal --receipt FILE` keeps as FILE.promise"
        ))
}

fn why_unproven(why: Unproven) -> &'static str {
    match why {
        Unproven::Promise => t!("the promise does not verify"),
        Unproven::Leaves => t!("the hashes do not lead to the checkpoint"),
        Unproven::Statement => t!("a public statement is not the one that the log has"),
        Unproven::Checkpoint => t!("the checkpoint is not signed as the council asks"),
        Unproven::NotDue => t!("the checkpoint is not dated after the deadline"),
        Unproven::Kept => t!("the entry is in the log"),
    }
}
