//! Waiting for the log, and what the tour compares at its end.

use super::machine::{LOOK, Machine};
use crate::clock::Stopwatch;
use crate::disk;
use crate::failure::{CliCode, CliError, Exit, Outcome};
use crate::language::t;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for one thing to stand in the log.
const PATIENCE: Duration = Duration::from_secs(40);

/// What is not allowed yet is tried again.
pub(super) fn later<T>(outcome: Outcome<T>) -> Outcome<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(failure) if matches!(failure.exit(), Exit::NotNow | Exit::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Looks again and again until there is something, the user stops, or it takes too long.
pub(super) fn wait<T>(machine: &Machine, what: &str, mut look: impl FnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let watch = Stopwatch::start();
    loop {
        machine.check()?;
        if let Some(found) = look()? {
            return Ok(found);
        }
        if watch.elapsed() > PATIENCE {
            return Err(wrong(t!("{} did not come within {} s", what, PATIENCE.as_secs())));
        }
        std::thread::sleep(LOOK);
    }
}

/// Both folders hold the same files with the same bytes.
pub(super) fn compare(told: &Path, out: &Path) -> Outcome<()> {
    let names = disk::names(told)?;
    if names != disk::names(out)? {
        return Err(wrong(t!("the opened files are not those that were sealed")));
    }
    for name in names {
        let max = 64 * 1024 * 1024;
        if disk::read(&told.join(&name), max)? != disk::read(&out.join(&name), max)? {
            return Err(wrong(t!("{} came out with other bytes", name)));
        }
    }
    Ok(())
}

/// A folder for this tour.
pub(super) fn new_folder(folder: &Path) -> Outcome<PathBuf> {
    for number in 1.. {
        let path = folder.join(format!("tour-{number}"));
        if !path.exists() {
            disk::private_folder(&path)?;
            return Ok(path);
        }
    }
    Err(CliError::bug("no number is left"))
}

pub(super) fn wrong(what: impl Into<String>) -> CliError {
    CliError::new(CliCode::Tour, what)
        .why(t!("the tour shows something else than it must"))
        .remedy(t!(
            "please report this, with service.log and cosigner.log of the demo's folder"
        ))
}
