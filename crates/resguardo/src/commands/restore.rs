//! `resguardo restore`: a copy in place of a lost store, unless that would give the log a second history (§6.6).

use super::fsck::store_failure;
use crate::args::Restore;
use crate::config::{self, Config};
use crate::console::Console;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow;
use crate::language::t;
use crate::output::Plan;
use crate::remote::Remote;
use crate::trust::Trust;
use serde_json::json;
use std::path::{Path, PathBuf};
use tlog::Hash;

/// Largest checkpoint in bytes.
const NOTE_MAX: u64 = tlog::note::NOTE_SIZE_MAX as u64;

pub(super) fn run(args: &Restore, console: &Console) -> Outcome<()> {
    let (from, store) = between(args)?;
    if store.symlink_metadata().is_ok() {
        let what = t!("{} is there already", store.display());
        return Err(CliError::new(CliCode::Exists, what)
            .why(t!("a copy never takes the place of a store that is there"))
            .remedy(t!("move the old store away, and give it with --old")));
    }
    let Some(from) = from.filter(|from| from.is_dir()) else {
        let place = args.from.as_deref().unwrap_or(Path::new(config::BACKUPS));
        let what = t!("there is no copy in {}", place.display());
        return Err(CliError::new(CliCode::NoCopy, what)
            .why(t!("it is not a folder"))
            .remedy(t!("give the folder that `resguardo backup` made")));
    };
    let floor = floor(args)?;
    if floor.is_none() && !args.unchecked {
        return Err(CliError::usage(t!("it is not known how far the log had come"))
            .why(t!("a copy that is older than a signed checkpoint would give the log a second history, which no cosigner signs"))
            .remedy(t!("give --mirror URL, --checkpoint FILE (from a cosigner or a client) or --old STORE; --unchecked if there is none")));
    }
    Plan::reading([from.as_path()]).folder(&store)?;
    let place = disk::absolute(&store);
    ledger::sqlite::backup::restore(&disk::absolute(&from), &place, floor).map_err(|error| store_failure(&error))?;
    let size = ledger::sqlite::fsck::head(&place)
        .map_err(|error| store_failure(&error))?
        .0;
    let human = t!(
        "✓ {} entries of {} are back in {}; start `resguardo serve`",
        size,
        from.display(),
        store.display()
    );
    console.result(&human, json!({ "from": from, "store": store, "size": size }));
    Ok(())
}

/// The copy, if there is one, and the folder of the store.
fn between(args: &Restore) -> Outcome<(Option<PathBuf>, PathBuf)> {
    if let (Some(from), Some(store)) = (&args.from, &args.store) {
        return Ok((Some(from.clone()), store.clone()));
    }
    let config = Config::found(args.config.file.as_deref())?;
    let store = args.store.clone().unwrap_or_else(|| config.path(&config.store));
    let from = match &args.from {
        Some(from) => Some(from.clone()),
        None => newest(&config.backups())?,
    };
    Ok((from, store))
}

/// The newest copy in a folder. `backup` names each by its time.
fn newest(folder: &Path) -> Outcome<Option<PathBuf>> {
    let mut names = disk::names(folder)?;
    names.retain(|name| name.starts_with(|first: char| first.is_ascii_digit()));
    Ok(names.pop().map(|name| folder.join(name)))
}

/// The largest tree that anybody is known to have signed.
fn floor(args: &Restore) -> Outcome<Option<(u64, Hash)>> {
    let mut known = Vec::new();
    if let Some(old) = &args.old {
        known.push(ledger::sqlite::fsck::head(&disk::absolute(old)).map_err(|error| store_failure(&error))?);
    }
    let mut notes = Vec::new();
    for path in &args.checkpoint {
        notes.push(follow::parse_note(disk::note(path, NOTE_MAX)?.as_bytes())?);
    }
    for url in &args.mirror {
        notes.push(follow::shown(&Remote::new(url)?)?.0);
    }
    for note in notes {
        let trust = Trust::load(&args.root.root)?;
        let policy = trust.root.policy().map_err(|error| {
            CliError::new(CliCode::Root, t!("the root of trust has no usable policy"))
                .why(error)
                .remedy(t!("take the root.json that was published; nothing was restored"))
        })?;
        let trusted = follow::check(&policy, &note, &trust)?;
        known.push((trusted.checkpoint().size, trusted.checkpoint().root));
    }
    Ok(known.into_iter().max_by_key(|(size, _)| *size))
}
