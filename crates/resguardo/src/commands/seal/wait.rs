//! Waiting for the log, and for the receipt of an entry. Ctrl-C ends the waiting; what was filed stays filed.

use crate::clock;
use crate::commands::serve::stop_signal;
use crate::console::Console;
use crate::disk::Access;
use crate::failure::{CliCode, CliError, Exit, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::output::Output;
use crate::package::PromisedFiling;
use crate::promise;
use crate::remote::Remote;
use crate::trust::Trust;
use client::Local;
use protocol::slot::Entry;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often the log is asked whether the entry is in it.
const LOOK: Duration = Duration::from_millis(250);

/// Waits until a filing is in a cosigned checkpoint; gives its index.
pub(super) fn for_entry(
    follow: &mut Follow,
    promised: &PromisedFiling,
    path: &Path,
    console: &Console,
) -> Outcome<u64> {
    let stop = interrupts()?;
    console.note(t!("waiting for the log; Ctrl-C ends the waiting, the filing stands"));
    loop {
        follow.refresh(&Console::silent())?;
        if follow.log().fold().slots().holds(&promised.entry) {
            return index_of(follow, &promised.entry);
        }
        if follow.log().latest()?.1.time() > promised.deadline {
            return Err(CliError::new(
                Local::PromiseBroken,
                t!("the promise's deadline has passed and the entry is not there"),
            )
            .why(t!("it was promised for {}", clock::readable(promised.deadline)))
            .remedy(t!(
                "`resguardo complain make {}` makes proof of it that anybody can check; tell the council",
                promise_path(path).display()
            )));
        }
        if !matches!(stop.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
            return Err(stopped(promised, path));
        }
    }
}

/// Where the promise is kept until the receipt is there.
pub(super) fn promise_path(receipt: &Path) -> PathBuf {
    let mut path = receipt.as_os_str().to_owned();
    path.push(".promise");
    path.into()
}

fn stopped(promised: &PromisedFiling, path: &Path) -> CliError {
    CliError::new(
        CliCode::Stopped,
        t!("stopped before the receipt was there; the filing stands"),
    )
    .why(t!(
        "it is promised for the log by {}",
        clock::readable(promised.deadline)
    ))
    .remedy(t!(
        "take the receipt later, with the eight words: `resguardo inbox --receipt {}`; do not file it again",
        path.display()
    ))
}

/// Tells of the first Ctrl-C, once it is listened for; a second one ends the program at once.
fn interrupts() -> Outcome<Receiver<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            CliError::new(CliCode::Runtime, t!("this machine gives no more threads"))
                .why(error)
                .remedy(t!(
                    "the filing stands; take the receipt later with `resguardo inbox --receipt FILE`"
                ))
        })?;
    let (ready, is_ready) = mpsc::channel();
    let (stop, stopped) = mpsc::channel();
    std::thread::spawn(move || {
        runtime.block_on(async {
            let listening = async {
                let _ = ready.send(());
                std::future::pending::<()>().await;
            };
            tokio::select! { biased; () = stop_signal() => {} () = listening => {} }
            let _ = stop.send(());
            stop_signal().await;
            std::process::exit(Exit::Stopped as i32);
        });
    });
    let _ = is_ready.recv();
    Ok(stopped)
}

/// The index of an entry that the log holds.
fn index_of(follow: &Follow, entry: &[u8; 65]) -> Outcome<u64> {
    let parsed = Entry::parse(entry).ok_or_else(|| CliError::bug("a malformed entry"))?;
    follow.log().fold().slots().index_of(&parsed).ok_or_else(|| {
        CliError::new(CliCode::NotInLog, t!("the entry is not in the log"))
            .why(t!("it is there, but another entry took its slot first"))
            .remedy(t!("`resguardo inbox` shows what counts"))
    })
}

/// Takes the receipt of an entry and writes it.
pub(in crate::commands) fn take_receipt(
    remote: &Remote,
    trust: &Trust,
    index: u64,
    entry: &[u8; 65],
    to: &Output,
) -> Outcome<()> {
    let receipt = promise::receipt(remote, trust, index, entry)?;
    to.write(receipt.to_text().as_bytes(), Access::Private)
}
