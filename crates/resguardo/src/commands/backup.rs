//! `resguardo backup`: a copy of the store. Where a service has it open, the service makes the copy: it is asked
//! through a file beside the store, which only the operator can write.

use super::fsck::{store_failure, there};
use crate::args::Backup;
use crate::clock;
use crate::config::Config;
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::output::Plan;
use ledger::sqlite::{self, Options};
use ledger::{Error, Ledger};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a service looks for a request.
const LOOK: Duration = Duration::from_millis(200);
/// How long a service may take to begin.
const PATIENCE: Duration = Duration::from_secs(10);
/// Blobs up to this size lie in the database; only relevant for a store that is made, which a backup never does.
const INLINE_MAX: usize = 256 * 1024;

/// What is asked of a running service.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    id: String,
    to: PathBuf,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
struct Answered {
    id: String,
    error: Option<String>,
}

pub(super) fn run(args: &Backup, console: &Console) -> Outcome<()> {
    let (store, to) = between(args)?;
    let to = disk::absolute(&to);
    if to.symlink_metadata().is_ok() {
        return Err(CliError::new(CliCode::Exists, t!("{} is there already", to.display()))
            .why(t!("a copy needs a folder of its own"))
            .remedy(t!("choose another folder")));
    }
    let store = there(&store)?;
    Plan::reading([store.as_path()]).folder(&to)?;
    match sqlite::open(&Options {
        folder: store.clone(),
        inline_max: INLINE_MAX,
    }) {
        Ok(ledger) => sqlite::backup::copy_of(&ledger, &to).map_err(|error| store_failure(&error))?,
        Err(Error::Busy(_)) => ask(&store, &to)?,
        Err(error) => return Err(store_failure(&error)),
    }
    let size = sqlite::fsck::head(&to).map_err(|error| store_failure(&error))?.0;
    let human = t!(
        "✓ {} entries and everything that belongs to them are in {}",
        size,
        to.display()
    );
    console.result(&human, json!({ "to": to, "size": size }));
    Ok(())
}

/// The store, and the folder of its copy.
fn between(args: &Backup) -> Outcome<(PathBuf, PathBuf)> {
    let config = || Config::found(args.config.file.as_deref());
    match args.paths.as_slice() {
        [store, to, ..] => Ok((store.clone(), to.clone())),
        [to] => config().map(|config| (config.path(&config.store), to.clone())),
        [] => {
            let config = config()?;
            disk::private_folder(&config.backups())?;
            // No colon: a copy may go to a disk whose file names cannot hold one.
            let name = clock::rfc3339(clock::now()).replace(':', "-");
            Ok((config.path(&config.store), config.backups().join(name)))
        }
    }
}

/// Asks the service that has the store open, and waits for its answer.
fn ask(store: &Path, to: &Path) -> Outcome<()> {
    let asked = Asked {
        id: base16ct::lower::encode_string(&crate::random::bytes::<16>()),
        to: to.to_owned(),
    };
    let text = serde_json::to_vec(&asked).map_err(|_| CliError::bug("a request that cannot be written"))?;
    let (request, answer) = (beside(store, "request"), beside(store, "answer"));
    disk::write(&request, &text, Access::Private)?;
    let watch = crate::clock::Stopwatch::start();
    loop {
        std::thread::sleep(LOOK);
        let answered = disk::read_if_there(&answer, 64 * 1024)?;
        let answered = answered.and_then(|bytes| serde_json::from_slice::<Answered>(&bytes).ok());
        match answered.filter(|answered| answered.id == asked.id) {
            Some(Answered { error: None, .. }) => return Ok(()),
            Some(Answered { error: Some(error), .. }) => {
                return Err(CliError::new(CliCode::Backup, t!("the service could not make the copy"))
                    .why(error)
                    .remedy(
                        t!("the store is unharmed; check the free space, remove what is there of the copy, run it again"),
                    ));
            }
            None if request.exists() && watch.elapsed() > PATIENCE => {
                let _ = std::fs::remove_file(&request);
                return Err(CliError::new(
                    CliCode::StoreBusy,
                    t!("another program has the store open and makes no copy"),
                )
                .why(t!("it is not a service, or it hangs"))
                .remedy(t!("stop it, or start `resguardo serve`, then run it again")));
            }
            None => {}
        }
    }
}

/// Makes the copies that are asked for beside `store`, for as long as the service runs.
pub(crate) async fn answer_requests(ledger: Ledger, store: PathBuf) {
    loop {
        tokio::time::sleep(LOOK).await;
        let request = beside(&store, "request");
        let Ok(bytes) = disk::read(&request, 64 * 1024) else {
            continue;
        };
        let _ = std::fs::remove_file(&request);
        let Ok(asked) = serde_json::from_slice::<Asked>(&bytes) else {
            continue;
        };
        let (ledger, answer) = (ledger.clone(), beside(&store, "answer"));
        let copied = tokio::task::spawn_blocking(move || {
            let error = sqlite::backup::copy_of(&ledger, &asked.to)
                .err()
                .map(|error| error.to_string());
            let answered = Answered { id: asked.id, error };
            serde_json::to_vec(&answered).map(|bytes| disk::write(&answer, &bytes, Access::Private))
        });
        if !matches!(copied.await, Ok(Ok(Ok(())))) {
            tracing::error!("an answer about a backup could not be written");
        }
    }
}

fn beside(store: &Path, what: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(format!(".backup-{what}"));
    PathBuf::from(name)
}
