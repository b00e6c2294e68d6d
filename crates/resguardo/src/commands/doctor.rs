//! `resguardo doctor`: one line for each check, each trouble with what to do.

use super::fsck::store_failure;
use crate::args::{self, Doctor};
use crate::clock;
use crate::config::{self, Config};
use crate::console::{Console, Tone};
use crate::disk;
use crate::failure::{CliCode, CliError, Exit, Outcome};
use crate::follow::{self, Follow};
use crate::keyfile;
use crate::language::{said, t};
use crate::line::ServiceLine;
use crate::remote::Remote;
use crate::trust::Trust;
use client::cosigners::CosignerAnswer;
use protocol::statement::Council;
use protocol::{Digest, Envelope};
use serde_json::json;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tlog::{Note, Policy};

/// Largest difference between two clocks that goes unnoticed, in seconds.
const SKEW_S: u64 = 30;
/// Days before the keys' end from which a new council is advised.
const KEYS_DAYS: u64 = 60;

/// The checks of one run.
struct Checks<'a> {
    console: &'a Console,
    failed: usize,
    /// Names and texts that were told: with a configuration and a root of trust some checks come up in both.
    told: HashSet<(&'static str, String)>,
}

impl Checks<'_> {
    fn good(&mut self, name: &'static str, text: &str) {
        self.tell(Tone::Good, "✓", name, text, "");
    }

    fn look(&mut self, name: &'static str, text: &str, remedy: &str) {
        self.tell(Tone::Warning, "!", name, text, remedy);
    }

    fn bad(&mut self, name: &'static str, text: &str, remedy: &str) {
        if self.tell(Tone::Bad, "✗", name, text, remedy) {
            self.failed += 1;
        }
    }

    fn outcome<T>(&mut self, name: &'static str, outcome: Outcome<T>, good: impl Fn(&T) -> String) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.good(name, &good(&value));
                Some(value)
            }
            Err(failure) => {
                self.bad(name, &failure.to_string(), &failure.remedy);
                None
            }
        }
    }

    /// Tells a check, unless the same was told; whether it did.
    fn tell(&mut self, tone: Tone, mark: &str, name: &'static str, text: &str, remedy: &str) -> bool {
        if !self.told.insert((name, text.to_owned())) {
            return false;
        }
        let advice = if remedy.is_empty() {
            String::new()
        } else {
            t!("\n    do: {}", remedy)
        };
        let state = match tone {
            Tone::Good => "ok",
            Tone::Warning => "look",
            _ => "failed",
        };
        let value = json!({ "check": name, "state": state, "text": text, "do": remedy });
        self.console.line(
            tone,
            &format!("{mark} {:<10} {text}{advice}", said(name)),
            "check",
            value,
        );
        true
    }
}

pub(super) fn run(args: &Doctor, console: &Console) -> Outcome<()> {
    // Whoever names one of the two wants that one looked at; whoever names none, what is there.
    let is_named = args.config.file.is_some() || args.root.is_some();
    let config = match (&args.config.file, &args.root) {
        (None, Some(_)) => None,
        (named, _) => config::find(named.as_deref()),
    };
    let usual = || Some(PathBuf::from(args::ROOT)).filter(|path| !is_named && path.is_file());
    let root = args.root.clone().or_else(usual);
    if config.is_none() && root.is_none() {
        return Err(CliError::usage(t!("there is nothing to look at"))
            .why(t!("no configuration and no root of trust is here, and none is named"))
            .remedy(t!("give --config FILE (operator) or --root FILE (everybody)")));
    }
    let mut checks = Checks {
        console,
        failed: 0,
        told: HashSet::new(),
    };
    if let Some(path) = &config {
        operator(path, &mut checks);
    }
    if let Some(path) = &root {
        client(path, &mut checks);
    }
    match checks.failed {
        0 => {
            console.result(t!("all is well"), json!({ "failed": 0 }));
            Ok(())
        }
        failed => {
            let what = match failed {
                1 => t!("one check failed").to_owned(),
                failed => t!("{} checks failed", failed),
            };
            Err(CliError::new(CliCode::Doctor, what)
                .why(t!("each is named above"))
                .remedy(t!("do what stands below it, then look again")))
        }
    }
}

fn operator(path: &Path, checks: &mut Checks<'_>) {
    let loaded = checks.outcome("config", Config::load(path), |config| {
        t!("{} for {}", path.display(), config.origin)
    });
    let Some(config) = loaded else { return };
    for (name, file) in [(t!("log key"), &config.log_key), ("operator", &config.operator_key)] {
        let path = config.path(file);
        checks.outcome(name, private(&path), |()| {
            t!("{} is there, for its owner only", path.display())
        });
    }
    checks.outcome("disk", writable(&config.folder), |()| {
        t!("{} can be written", config.folder.display())
    });
    match config.closed() {
        Some((what, remedy)) => checks.look("help", what, remedy),
        None => checks.good("help", t!("the pages say whom a person in danger can call")),
    }
    let council = council(&config, checks);
    let store = config.path(&config.store);
    if !store.exists() {
        return checks.look("store", t!("none yet"), t!("the first `resguardo serve` makes it"));
    }
    match ledger::sqlite::fsck::head(&store) {
        Ok((size, _)) => checks.good("store", &t!("{} entries; nobody serves it now", size)),
        Err(ledger::Error::Busy(_)) => served(&config, council.as_ref(), checks),
        Err(error) => {
            let failure = store_failure(&error);
            checks.bad("store", &failure.to_string(), &failure.remedy);
        }
    }
}

fn served(config: &Config, council: Option<&Council>, checks: &mut Checks<'_>) {
    checks.good("store", t!("a service has it open"));
    let remote = Remote::new(&config.base_url);
    if let Some(remote) = checks.outcome("address", remote, |_| config.base_url.clone()) {
        server_clock(&remote, checks);
        let policy = council.and_then(|council| Policy::parse(&council.policy).ok());
        if let Some((policy, (note, _))) = policy.zip(follow::shown(&remote).ok()) {
            cosigners(&remote, &policy, &note, checks);
        }
    }
}

fn council(config: &Config, checks: &mut Checks<'_>) -> Option<Council> {
    let read = || -> Outcome<(Digest, Council)> {
        let bytes = disk::read(&config.path(&config.council), 128 * 1024)?;
        let refuse = |why: String| {
            CliError::new(CliCode::NotACouncil, t!("the council's file cannot be read"))
                .why(why)
                .remedy(t!("put the file back that `resguardo council publish` wrote"))
        };
        let envelope = Envelope::parse(&bytes).map_err(|error| refuse(error.to_string()))?;
        let council: Council = envelope.unverified().map_err(|error| refuse(error.to_string()))?;
        council.validate().map_err(|error| refuse(error.to_string()))?;
        Ok((envelope.digest(), council))
    };
    let found = read();
    if found.as_ref().is_err_and(|failure| failure.exit() == Exit::NotFound) {
        checks.bad(
            "council",
            t!("none is published"),
            t!("`resguardo council draft`, `sign`, `publish`"),
        );
        return None;
    }
    let (_, council) = checks.outcome("council", found, |(digest, council)| named(council, *digest))?;
    keys_end(&council, checks);
    Some(council)
}

/// A council in a line: the same for the file and for the log, so that one line stands where both agree.
fn named(council: &Council, digest: Digest) -> String {
    let words = super::council::Fingerprint::of(digest);
    t!("epoch {}, {} seats: {}", council.epoch, council.seats.len(), words)
}

fn keys_end(council: &Council, checks: &mut Checks<'_>) {
    let days = council.good_until().saturating_sub(clock::now()) / 86_400;
    match days {
        0 => checks.bad(
            "keys",
            t!("the council's keys have ended"),
            t!("a new council is due; nothing can be filed"),
        ),
        1..KEYS_DAYS => checks.look("keys", &t!("they end in {} days", days), t!("log the next council now")),
        _ => checks.good("keys", &t!("good for {} days", days)),
    }
}

fn client(path: &Path, checks: &mut Checks<'_>) {
    let loaded = checks.outcome("root", Trust::load(path), |trust| {
        t!("{} at {}", trust.origin(), trust.base_url)
    });
    let Some(trust) = loaded else { return };
    let Some(remote) = checks.outcome("address", Remote::new(&trust.base_url), Remote::base_text) else {
        return;
    };
    server_clock(&remote, checks);
    let read = Follow::open_as_read(trust, remote, &Console::silent()).and_then(|mut follow| {
        follow.refresh(&Console::silent())?;
        Ok(follow)
    });
    let Some(follow) = checks.outcome("log", read, |follow| {
        t!("{} entries verify", follow.log().fold().size())
    }) else {
        return;
    };
    checks.outcome("checkpoint", follow.log().moment().map_err(CliError::from), |moment| {
        t!("cosigned at {}", clock::readable(moment.time()))
    });
    if let Some(council) = follow.log().registry().current() {
        if let Ok((note, _)) = follow.log().latest() {
            cosigners(follow.remote(), council.policy(), note, checks);
        }
        checks.good("council", &named(council, council.digest()));
        keys_end(council, checks);
    }
}

/// Asks each cosigner itself to sign the newest checkpoint again: whether it answers, and what its clock says.
fn cosigners(remote: &Remote, policy: &Policy, note: &Note, checks: &mut Checks<'_>) {
    let line = ServiceLine::over(remote.clone());
    let said = line.run(async { Ok(client::cosigners::ask(line.wire(), policy, note).await) });
    for (key, said) in said.unwrap_or_default() {
        let name = key.name();
        match said {
            CosignerAnswer::Signed { time, .. } if time.abs_diff(clock::now()) > SKEW_S => {
                let way = if time > clock::now() { t!("ahead of") } else { t!("behind") };
                let by = clock::span(time.abs_diff(clock::now()));
                let text = t!("the clock of {} is {} {} this machine's", name, by, way);
                let remedy =
                    t!("tell whoever runs it; the service takes no cosignature that is more than 300 s from its own clock");
                checks.bad("cosigner", &text, remedy);
            }
            CosignerAnswer::Signed { .. } => checks.good("cosigner", &t!("{} signs, and its clock agrees", name)),
            CosignerAnswer::Larger { size } => checks.look(
                "cosigner",
                &t!("{} has signed {} entries, more than the service shows", name, size),
                t!("look again after the next step; if it stays so, what is new is withheld"),
            ),
            CosignerAnswer::Smaller { size } => checks.look(
                "cosigner",
                &t!("{} has signed {} entries only, fewer than the service shows", name, size),
                t!("look again after the next step; if it stays so, tell whoever runs it: it lags, or has lost what it had signed"),
            ),
            CosignerAnswer::Forked => checks.bad(
                "cosigner",
                &t!("{} says that the log has signed another tree of this size: two histories", name),
                t!("trust neither; keep this folder, and ask whoever runs the cosigner for the checkpoint in its log: two that \
                 contradict are proof against the operator"),
            ),
            CosignerAnswer::Silent(why) => checks.look(
                "cosigner",
                &t!("{} cannot be asked: {}", name, why),
                t!("tell whoever runs it"),
            ),
        }
    }
}

fn server_clock(remote: &Remote, checks: &mut Checks<'_>) {
    match ServiceLine::over(remote.clone()).server_time() {
        Ok(Some(server)) if server.abs_diff(clock::now()) > SKEW_S => {
            let text = t!(
                "differs from the server's by {}",
                clock::span(server.abs_diff(clock::now()))
            );
            checks.bad(
                "clock",
                &text,
                t!("set this machine's clock; 5 min are the most that a signed call may differ"),
            );
        }
        Ok(_) => checks.good("clock", t!("agrees with the server's")),
        Err(failure) => checks.bad("service", &failure.to_string(), &failure.remedy),
    }
}

fn private(path: &Path) -> Outcome<()> {
    let meta = std::fs::metadata(path).map_err(|error| CliError::file("find", path, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if meta.permissions().mode() & 0o077 != 0 {
            let what = t!("{} can be read by others", path.display());
            return Err(CliError::new(CliCode::KeyReadable, what)
                .why(t!(
                    "its mode is {}",
                    format_args!("{:o}", meta.permissions().mode() & 0o777)
                ))
                .remedy(t!("chmod 600, and think about who has read it")));
        }
    }
    let _ = meta;
    keyfile::looks_like_one(path)
}

fn writable(folder: &Path) -> Outcome<()> {
    tempfile::tempfile_in(folder)
        .map(drop)
        .map_err(|error| CliError::file(t!("write into"), folder, &error))
}
