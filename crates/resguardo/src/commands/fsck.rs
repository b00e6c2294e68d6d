//! `resguardo fsck`: reads a store that nobody serves and says what is wrong in it.

use crate::args::{ConfigArgs, Fsck};
use crate::config::Config;
use crate::console::{Console, Tone};
use crate::failure::{CliCode, CliError, ErrorCode, Outcome};
use crate::language::t;
use ledger::Error;
use protocol::problem::Problem;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &Fsck, console: &Console) -> Outcome<()> {
    let store = store(args.store.as_deref(), &args.config)?;
    let report = ledger::sqlite::fsck::fsck(&there(&store)?).map_err(|error| store_failure(&error))?;
    for fault in &report.faults {
        console.line(Tone::Bad, &format!("✗ {fault}"), "fault", json!({ "text": fault }));
    }
    let value = json!({ "size": report.size, "waiting": report.waiting, "blobs": report.blobs,
        "gone_by_right": report.given_up, "faults": report.faults.len() });
    if report.faults.is_empty() {
        let human = t!(
            "✓ {} entries, {} waiting, {} blobs, {} gone by right",
            report.size,
            report.waiting,
            report.blobs,
            report.given_up
        );
        console.result(&human, value);
        return Ok(());
    }
    Err(CliError::new(
        CliCode::StoreDamaged,
        t!("{} faults in {}", report.faults.len(), store.display()),
    )
    .why(t!("each is named above"))
    .remedy(t!(
        "stop the service; `resguardo rebuild` if only the tree is wrong, else `resguardo restore` the last copy"
    )))
}

/// The store that is named, or that of the configuration.
pub(super) fn store(named: Option<&Path>, config: &ConfigArgs) -> Outcome<PathBuf> {
    match named {
        Some(store) => Ok(store.to_owned()),
        None => Config::found(config.file.as_deref()).map(|config| config.path(&config.store)),
    }
}

/// A store's folder that must be there, absolute.
pub(super) fn there(store: &Path) -> Outcome<PathBuf> {
    if store.is_dir() {
        return Ok(crate::disk::absolute(store));
    }
    let what = t!("there is no store in {}", store.display());
    Err(CliError::new(CliCode::NoStore, what)
        .why(t!("it is not a folder"))
        .remedy(t!("give the folder that the configuration names as `store`")))
}

/// What the store says, with its exit status.
pub(super) fn store_failure(error: &Error) -> CliError {
    let (code, remedy): (ErrorCode, _) = match error {
        Error::Busy(_) => (
            CliCode::StoreBusy.into(),
            t!("stop the other process first; one store is for one process"),
        ),
        Error::Newer { .. } => (
            CliCode::StoreNewer.into(),
            t!("use the newer program that wrote it; nothing was changed"),
        ),
        Error::Full => (Problem::DiskFull.into(), t!("make room; nothing was lost")),
        Error::Damaged(_) => (
            CliCode::StoreDamaged.into(),
            t!("run `resguardo fsck`, then restore the last copy"),
        ),
        Error::RollsBack { .. } => (
            CliCode::RollsBack.into(),
            t!("use a newer copy: an older one would give the log a second history"),
        ),
        _ => (
            Problem::Storage.into(),
            t!("look at the disk; the service recovers by starting again"),
        ),
    };
    CliError::new(code, t!("the store cannot be used"))
        .why(error)
        .remedy(remedy)
}
