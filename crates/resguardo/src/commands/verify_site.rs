//! `resguardo verify-site`: whether a service serves what its log says (§14.2).

use super::log::{site_fault, target};
use crate::args::VerifySite;
use crate::clock::{self, readable};
use crate::console::{Console, Tone};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::remote::Remote;
use crate::site::{self, SiteLook};
use client::site::{SiteFault, Unexplained};
use serde_json::json;
use std::time::Duration;

/// Longest pause until the log is looked at again, in seconds.
const PAUSE_S: u64 = 30;

pub(super) fn run(args: &VerifySite, console: &Console) -> Outcome<()> {
    let trust = target(args.target.as_deref(), &args.root)?;
    let site = Remote::new(&trust.base_url)?.base().to_owned();
    let remote = Remote::new(args.log.as_ref().unwrap_or(&site))?;
    let mut follow = match &args.state {
        Some(folder) => Follow::open(trust, remote, Some(folder), console)?,
        None => Follow::open_as_read(trust, remote, console)?,
    };
    follow.refresh(console)?;
    let mut waiting = None;
    loop {
        let look = site::look(&follow, &site, waiting.take(), args.keep.as_deref(), console)?;
        if let Some(unexplained) = look.verdict.waiting.clone().filter(|_| look.verdict.certain.is_empty()) {
            if args.no_wait {
                return Err(changing(&unexplained, console));
            }
            wait(&mut follow, &unexplained, console)?;
            waiting = Some(unexplained);
            continue;
        }
        return outcome(&look, &site, console);
    }
}

/// Waits until the log has another `site`, or until none can come any more that explains what was found.
fn wait(follow: &mut Follow, unexplained: &Unexplained, console: &Console) -> Outcome<()> {
    console.note(&t!(
        "{} files differ from the newest `site`; a change that was just made is in the log by {}: waiting for it",
        unexplained.faults.len(),
        readable(unexplained.until)
    ));
    let step_s = follow.log().registry().pace().map_or(1, |pace| u64::from(pace.step_s));
    loop {
        std::thread::sleep(Duration::from_secs(step_s.clamp(1, PAUSE_S)));
        follow.refresh(console)?;
        let newest = client::site::newest(follow.log().registry()).map_or(0, |stated| stated.index);
        if newest != unexplained.index || follow.remote().now() > unexplained.until {
            return Ok(());
        }
    }
}

fn tell(faults: &[SiteFault], tone: Tone, mark: char, console: &Console) {
    for fault in faults {
        let text = site_fault(fault);
        let value = json!({ "text": text, "fault": fault });
        console.line(tone, &format!("{mark} {text}"), "fault", value);
    }
}

fn changing(unexplained: &Unexplained, console: &Console) -> CliError {
    tell(&unexplained.faults, Tone::Warning, '!', console);
    CliError::new(
        CliCode::SiteChanging,
        t!("the service serves something else than its log says"),
    )
    .why(t!(
        "each file is named above; a change that was just made is in the log by {}",
        readable(unexplained.until)
    ))
    .remedy(t!("run it again then: what still differs is no change that was stated"))
}

fn outcome(look: &SiteLook, site: &str, console: &Console) -> Outcome<()> {
    let (index, size) = (look.stated.index, look.files);
    if !look.verdict.certain.is_empty() {
        tell(&look.verdict.certain, Tone::Bad, '✗', console);
        return Err(differs(index));
    }
    let (loaded, ours) = look.built;
    let own = match loaded == ours {
        true => t!(
            "all {} scripts, styles, images and modules are those of this program's own build",
            loaded
        ),
        false => t!(
            "{} of {} scripts, styles, images and modules are those of this program's own build: another version, or another source",
            ours,
            loaded
        ),
    };
    let tone = if loaded == ours { Tone::Good } else { Tone::Warning };
    console.line(
        tone,
        &format!("{} {own}", if loaded == ours { '✓' } else { '!' }),
        "build",
        json!({ "text": own, "files": loaded, "ours": ours }),
    );
    let built = look.stated.site.built;
    console.result(
        &t!(
            "✓ {} files of {} are as entry {} of the log says, of {}; headers too, and those of {} pages that change with the log",
            size,
            site,
            index,
            readable(look.stated.site.time),
            look.live
        ),
        json!({ "files": size, "live": look.live, "index": index, "time": clock::rfc3339(look.stated.site.time),
            "built": built.map(clock::rfc3339), "onion": look.stated.site.onion, "list": look.stated.site.files.digest }),
    );
    Ok(())
}

/// What a service that serves something else ends with.
pub(super) fn differs(index: u64) -> CliError {
    CliError::new(
        CliCode::SiteDiffers,
        t!("the service serves something else than its log says"),
    )
    .why(t!(
        "each file is named above; entry {} of the log is the statement that counts",
        index
    ))
    .remedy(t!(
        "use another way in (the command line), keep what was served (--keep), and tell the council and \
             the monitors: the operator has signed what it should be, not what it was"
    ))
}
