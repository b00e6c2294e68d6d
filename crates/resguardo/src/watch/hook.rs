//! A program of the member's that is called when something waits. It is told nothing but that.

use crate::clock::Stopwatch;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// What a service manager gives this program and no other needs.
const OURS: [&str; 3] = ["CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", crate::remote::PROXY_VARIABLE];

/// Calls it: no argument, nothing on its input, this program's own environment without what is ours.
///
/// # Errors
/// Exit 4 when it cannot be started, fails, or takes longer than a minute; it is then ended.
pub fn call(program: &Path) -> Outcome<()> {
    let failure = |why: String| {
        CliError::new(CliCode::Hook, t!("{} did not take the notice", program.display()))
            .why(why)
            .remedy(t!(
                "correct it; it is called again at every look until it takes the notice, and nothing is lost"
            ))
    };
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    for name in OURS {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|error| failure(error.to_string()))?;
    let watch = Stopwatch::start();
    loop {
        match child.try_wait().map_err(|error| failure(error.to_string()))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(failure(status.to_string())),
            None if watch.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failure(t!("it ran longer than {} s and was ended", PATIENCE.as_secs())));
            }
            None => std::thread::sleep(PAUSE),
        }
    }
}
