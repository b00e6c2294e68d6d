//! What went wrong with an act, in the words of this program, and what to do.

use crate::clock;
use crate::failure::CliError;
use crate::{names, refuse};
use casework::open::{BadShare, Breach};
use client::{Code, Local};
use protocol::problem::Problem;
use protocol::statement::Compartment;
use serde::Deserialize;
use serde_json::Value;

/// A failure of an act as this program tells it.
pub fn told(failure: client::Failure) -> CliError {
    let client::Failure { code, detail, about } = failure;
    match &code {
        Code::Rule(no) => {
            let told = refuse::not_now("do this", no);
            match about.get("promised").and_then(Value::as_str) {
                None => told,
                Some(promised) => told.within(
                    format!("this waits for the next step of the log, which takes {promised}"),
                    "run it again after the next step of the log",
                ),
            }
        }
        Code::Service(problem) => {
            let why = detail.unwrap_or_else(|| "the service gives no reason".to_owned());
            CliError::new(*problem, what_of(*problem))
                .why(why)
                .remedy(crate::remote::remedy(*problem))
        }
        Code::Local(local) => {
            let (what, why, remedy) = words(*local);
            let values = |text: &str| {
                let fill = |text: String, (name, value): (&String, &Value)| {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    text.replace(&format!("{{{name}}}"), &value)
                };
                about.iter().fold(text.to_owned(), fill)
            };
            let why = reason(*local, &about).or(detail).unwrap_or_else(|| why.to_owned());
            CliError::new(*local, values(what)).why(values(&why)).remedy(remedy)
        }
    }
}

/// The reason of a failure whose values say more than its code.
fn reason(local: Local, about: &serde_json::Map<String, Value>) -> Option<String> {
    let list = |name: &str| about.get(name).cloned().unwrap_or_default();
    match local {
        Local::ActsMissing => {
            let breaches: Vec<Breach> = serde_json::from_value(list("breaches")).ok()?;
            Some(breaches.iter().map(describe_breach).collect::<Vec<_>>().join("; "))
        }
        Local::TooFewReleases => {
            let closed: Vec<(Compartment, usize, u8)> = serde_json::from_value(list("closed")).ok()?;
            let bad: Vec<BadShare> = serde_json::from_value(list("bad")).ok()?;
            let unsigned = usize::deserialize(list("unsigned")).ok()?;
            let closed = closed.iter();
            let mut lines: Vec<String> = closed
                .map(|(name, have, need)| format!("{}: {have} of {need} good shares", names::compartment(*name)))
                .collect();
            lines.extend(bad.iter().map(describe_bad));
            lines.extend(describe_unsigned(unsigned));
            Some(lines.join("; "))
        }
        Local::Opened => Some(match about.get("opened_at").and_then(Value::as_u64) {
            Some(at) => format!("it was opened at {}", clock::readable(at)),
            None => "it was opened here, which is promised and in the log after the next step".to_owned(),
        }),
        _ => None,
    }
}

fn what_of(problem: Problem) -> String {
    format!("the service refuses it: {}", problem.code())
}

/// What happened, why where nothing else says it, and what to do. `{name}` stands for a value of the failure.
fn words(local: Local) -> (&'static str, &'static str, &'static str) {
    const AGAIN: &str = "nothing was lost; run it again";
    match local {
        Local::Unreachable => ("the service does not answer", "no answer came", AGAIN),
        Local::Server => ("the service failed", "it does not say why", AGAIN),
        Local::Upload => (
            "the upload does not advance",
            "the service gives the same position again and again",
            "nothing was filed; run it again, and it goes on where it stopped",
        ),
        Local::UnexpectedAnswer => (
            "the service's answer is not what was asked for",
            "it is laid out otherwise",
            "check that the address is that of a Resguardo service of this version",
        ),
        Local::DigestDiffers => (
            "the service gave other bytes than the file that was asked for",
            "their digest differs",
            "try once more; if it happens again, tell the council: the file was altered or lost",
        ),
        Local::LogNotVerifiable => (
            "the log does not verify",
            "it does not fit the root of trust",
            "do not act on it; try once more, and if it stays so, tell the council and a cosigner",
        ),
        Local::NoCheckpoint => (
            "the log has no checkpoint yet",
            "the service has not made its first step",
            "wait for the first step and run it again",
        ),
        Local::CheckpointTooOld => (
            "the newest checkpoint is too old to act on",
            "too few cosigners answer",
            "nothing was done; set this machine's clock; if it is right, the log has stopped or is withheld: ask a cosigner",
        ),
        Local::CheckpointFromFuture => (
            "the newest checkpoint is dated in the future",
            "by this machine's clock and the service's",
            "nothing was done; tell the operator and the council: a cosigner's clock is wrong, or it lies",
        ),
        Local::CheckpointWithheld => (
            "what is new in the log is withheld",
            "a cosigner has signed a larger log than the service shows",
            "nothing was done; do not act on it, tell the council and the other cosigners",
        ),
        Local::NoCouncil => (
            "the log shows no valid council",
            "the first statement of the log is not the one that the root of trust names",
            "compare root.json with the one that your institution gave you",
        ),
        Local::NotOfCouncil => (
            "this key is of no seat and no reader of the current council",
            "its public half stands nowhere in the council's statement",
            "give the key file whose card went into the council: `resguardo council show` lists its keys",
        ),
        Local::KeyReplaced | Local::KeyRenewed => (
            "the key of {x} ({institution}) was replaced by council epoch {epoch}, signed by seats {seats}",
            match local {
                Local::KeyRenewed => "this key is among those that signed it",
                _ => "this key did not sign it",
            },
            "use the new key file; if your institution made none, call the other seats at once: somebody else acts in its name",
        ),
        Local::OfficeChanged => (
            "this key has another office than before",
            "the newest council lists it otherwise",
            "run it again",
        ),
        Local::CaseUnknown => (
            "this key holds nothing of that case",
            "nothing of it was delivered or released to this key",
            "a seat holds a case after `resguardo shares check`, a reader after a release",
        ),
        Local::Header => (
            "the header of a case does not verify, or no shares open it",
            "it does not fit the log or the shares",
            "do not act on it; tell the council; where seats still release, wait for another one's",
        ),
        Local::NoHeader => (
            "the header of the case is not to be had",
            "no release that came names a file that the service has and that verifies as this case's header",
            "wait for another seat's release, and tell the council",
        ),
        Local::StateDamaged => (
            "what {file} holds cannot be used",
            "it is damaged or of another key",
            "restore it from this member's own backup, or take the share again with `resguardo shares check`",
        ),
        Local::StateOfAnother => (
            "the folder was kept for another log or another key",
            "what it has seen would be lost if it were used for this one",
            "nothing was changed; give the root.json and the key that it belongs to, or another --state folder",
        ),
        Local::ShareUnusable => (
            "this seat's share does not open any more, or lacks what is asked for",
            "the file is damaged or of another key",
            "restore it from this seat's own backup",
        ),
        Local::NoSuchDelivery => (
            "no delivery of that name failed a check",
            "it is unknown, or holds",
            "`resguardo shares check` looks at what was delivered",
        ),
        Local::NoSuchReader => (
            "the council has no such reader",
            "no reader of the current council has this number",
            "`resguardo council show` lists the readers",
        ),
        Local::OfficeCell => (
            "a statement from an office cell does not verify",
            "its signature or its author is wrong",
            "nothing to do here: it is not filed",
        ),
        Local::StatementRule => (
            "the statement would break a rule of its form",
            "something is missing or too long",
            "nothing was signed",
        ),
        Local::DraftTooLong => (
            "that is more than a draft holds",
            "a draft has 32 KiB, whatever is in it",
            "what was saved before stands; shorten it, or seal it now",
        ),
        Local::AsksHer => (
            "the message asks her for what nobody should ask her for",
            "it seems to ask for a meeting, money, her words, or who or where she is; she cannot know who is really asking",
            "write it otherwise, or send it with --even-so; nothing was sent",
        ),
        Local::StatementTooLong => (
            "the statement is too long for a record or a cell",
            "they have one length, so that nobody can tell them apart",
            "shorten its texts; nothing was sent",
        ),
        Local::Pending => (
            "another act on this waits for its step of the log",
            "`{says}` is promised, and of two the first counts",
            "nothing was filed now",
        ),
        Local::TooFewSeats => (
            "too few seats are left to deal to",
            "the council has changed since that filing, and whom she left out then stays out",
            "nothing was sealed; file it anew, with choices of its own",
        ),
        Local::NoSlot => (
            "the service refuses this act for its slot",
            "it says that the slot is taken, although the form insists",
            "nothing was filed; run it again, and if it stays so, tell the council and the operator",
        ),
        Local::Promise => (
            "the service took it, but its promise does not verify: that it was filed is unproven",
            "it is not signed by the log, or for another entry",
            "look with `resguardo queue` after the next steps of the log: run again, the same act goes out as it was; tell \
             the council if it is not there within a day",
        ),
        Local::NotReferred => (
            "no seat has told this reader of that case",
            "a reader asks for what was referred to it",
            "ask a seat that holds it for `resguardo refer`",
        ),
        Local::RequestKey => (
            "the key of that request is not here",
            "it was made with another key or another state folder, or is damaged",
            "use the key and the state folder with which the request was made",
        ),
        Local::Opened => (
            "this request was opened, and its key was destroyed",
            "it was opened",
            "use what was written then; to open it once more, make a new request",
        ),
        Local::NothingReleased => (
            "no seat has released anything for this request",
            "no release file came to its key",
            "`resguardo queue` says what it waits for",
        ),
        Local::TooFewReleases => (
            "too few seats have released a good share",
            "more are needed",
            "wait for the other seats; `resguardo queue` says what it waits for",
        ),
        Local::PartMissing => (
            "enough seats have released, but nothing opens without the declarant's consent to this request",
            "her part of the key is not among what was read",
            "nothing was filed and the request's key is kept; run it again when her consent stands in the log",
        ),
        Local::ActsMissing => (
            "acts that must stand in the log are not there",
            "they are missing",
            "wait for the next step and run it again; if they stay missing, `--even-so` opens it as evidence of a breach",
        ),
        Local::ObjectsMissing => (
            "no object of this testimony came, so nothing was opened and nothing filed",
            "the service has none of them",
            "the request's key is kept: run it again later; if they stay away, tell the council: seats and mirrors keep copies",
        ),
        Local::Store => (
            "what is kept on this machine cannot be read or written",
            "the disk refuses it",
            "check the permissions and the free space, then run it again",
        ),
        // What only a page can meet.
        Local::WrongPassphrase
        | Local::NotAKeyFile
        | Local::NotADeskFile
        | Local::KeyNotSaved
        | Local::NoStatement
        | Local::Busy
        | Local::Locked
        | Local::Internal => (
            "this program did what it never should",
            "its own code should have excluded it",
            "please report this line; it holds no secret",
        ),
    }
}

/// The log has begun without its council.
pub(crate) fn no_council() -> CliError {
    told(client::Failure::new(Local::NoCouncil))
}

/// A breach in one line.
pub fn describe_breach(breach: &Breach) -> String {
    match breach {
        Breach::Request => "no valid request is in the log".to_owned(),
        Breach::Grants { name, have, need } => {
            format!("{} has {have} of {need} grants in the log", names::compartment(*name))
        }
        Breach::Release { name, x } => {
            let name = names::compartment(*name);
            format!("seat {x} released {name} without a release in the log")
        }
        Breach::NotAsked { name } => format!("{} was not asked for", names::compartment(*name)),
    }
}

/// A bad share in one line.
pub fn describe_bad(bad: &BadShare) -> String {
    let name = names::compartment(bad.name);
    format!("the share of {name} that seat {} has signed for is bad", bad.x)
}

/// Bad files that nobody signed for, in one line.
pub fn describe_unsigned(count: usize) -> Option<String> {
    (count > 0).then(|| format!("{count} bad files came that no seat has signed for: they say nothing of any seat"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_happened_why_and_what_to_do() {
        for local in Local::ALL {
            let told = told(client::Failure::new(*local));
            assert!(told.is(*local));
            assert!(!told.what.is_empty() && !told.why.is_empty() && !told.remedy.is_empty());
        }
    }
}
