//! What went wrong with an act, in the words of this program, and what to do.

use crate::clock;
use crate::failure::CliError;
use crate::language::t;
use crate::{names, refuse};
use casework::open::{BadShare, Breach};
use client::{Code, Local};
use protocol::problem::Problem;
use protocol::statement::Compartment;
use serde::Deserialize;
use serde_json::Value;

/// A failure of an act in the words of this program.
impl From<client::Failure> for CliError {
    fn from(failure: client::Failure) -> Self {
        let client::Failure { code, detail, about } = failure;
        match &code {
            Code::Rule(no) => {
                let refused = refuse::not_now(t!("do this"), no);
                match about.get("promised").and_then(Value::as_str) {
                    None => refused,
                    Some(promised) => refused.within(
                        t!("this waits for the next step of the log, which takes {}", promised),
                        t!("run it again after the next step of the log"),
                    ),
                }
            }
            Code::Service(problem) => {
                let why = detail.unwrap_or_else(|| t!("the service gives no reason").to_owned());
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
                .map(|(name, have, need)| t!("{}: {} of {} good shares", names::compartment(*name), have, need))
                .collect();
            lines.extend(bad.iter().map(describe_bad));
            lines.extend(describe_unsigned(unsigned));
            Some(lines.join("; "))
        }
        Local::Opened => Some(match about.get("opened_at").and_then(Value::as_u64) {
            Some(at) => t!("it was opened at {}", clock::readable(at)),
            None => t!("it was opened here, which is promised and in the log after the next step").to_owned(),
        }),
        _ => None,
    }
}

fn what_of(problem: Problem) -> String {
    t!("the service refuses it: {}", problem.code())
}

/// What happened, why where nothing else says it, and what to do. `{name}` stands for a value of the failure.
fn words(local: Local) -> (&'static str, &'static str, &'static str) {
    let again = t!("nothing was lost; run it again");
    match local {
        Local::Unreachable => (t!("the service does not answer"), t!("no answer came"), again),
        Local::Server => (t!("the service failed"), t!("it does not say why"), again),
        Local::Upload => (
            t!("the upload does not advance"),
            t!("the service gives the same position again and again"),
            t!("nothing was filed; run it again, and it goes on where it stopped"),
        ),
        Local::UnexpectedAnswer => (
            t!("the service's answer is not what was asked for"),
            t!("it is laid out otherwise"),
            t!("check that the address is that of a Resguardo service of this version"),
        ),
        Local::DigestDiffers => (
            t!("the service gave other bytes than the file that was asked for"),
            t!("their digest differs"),
            t!("try once more; if it happens again, tell the council: the file was altered or lost"),
        ),
        Local::LogNotVerifiable => (
            t!("the log does not verify"),
            t!("it does not fit the root of trust"),
            t!("do not act on it; try once more, and if it stays so, tell the council and a cosigner"),
        ),
        Local::NoCheckpoint => (
            t!("the log has no checkpoint yet"),
            t!("the service has not made its first step"),
            t!("wait for the first step and run it again"),
        ),
        Local::CheckpointTooOld => (
            t!("the newest checkpoint is too old to act on"),
            t!("too few cosigners answer"),
            t!(
                "nothing was done; set this machine's clock; if it is right, the log has stopped or is withheld: ask a cosigner"
            ),
        ),
        Local::CheckpointFromFuture => (
            t!("the newest checkpoint is dated in the future"),
            t!("by this machine's clock and the service's"),
            t!("nothing was done; tell the operator and the council: a cosigner's clock is wrong, or it lies"),
        ),
        Local::CheckpointWithheld => (
            t!("what is new in the log is withheld"),
            t!("a cosigner has signed a larger log than the service shows"),
            t!("nothing was done; do not act on it, tell the council and the other cosigners"),
        ),
        Local::NoCouncil => (
            t!("the log shows no valid council"),
            t!("the first statement of the log is not the one that the root of trust names"),
            t!("compare root.json with the one that your institution gave you"),
        ),
        Local::NotOfCouncil => (
            t!("this key is of no seat and no reader of the current council"),
            t!("its public half stands nowhere in the council's statement"),
            t!("give the key file whose card went into the council: `resguardo council show` lists its keys"),
        ),
        Local::KeyReplaced | Local::KeyRenewed => (
            t!("the key of {x} ({institution}) was replaced by council epoch {epoch}, signed by seats {seats}"),
            match local {
                Local::KeyRenewed => t!("this key is among those that signed it"),
                _ => t!("this key did not sign it"),
            },
            t!(
                "use the new key file; if your institution made none, call the other seats at once: somebody else acts in its name"
            ),
        ),
        Local::OfficeChanged => (
            t!("this key has another office than before"),
            t!("the newest council lists it otherwise"),
            t!("run it again"),
        ),
        Local::CaseUnknown => (
            t!("this key holds nothing of that case"),
            t!("nothing of it was delivered or released to this key"),
            t!("a seat holds a case after `resguardo shares check`, a reader after a release"),
        ),
        Local::Header => (
            t!("the header of a case does not verify, or no shares open it"),
            t!("it does not fit the log or the shares"),
            t!("do not act on it; tell the council; where seats still release, wait for another one's"),
        ),
        Local::NoHeader => (
            t!("the header of the case is not to be had"),
            t!("no release that came names a file that the service has and that verifies as this case's header"),
            t!("wait for another seat's release, and tell the council"),
        ),
        Local::StateDamaged => (
            t!("what {file} holds cannot be used"),
            t!("it is damaged or of another key"),
            t!("restore it from this member's own backup, or take the share again with `resguardo shares check`"),
        ),
        Local::StateOfAnother => (
            t!("the folder was kept for another log or another key"),
            t!("what it has seen would be lost if it were used for this one"),
            t!("nothing was changed; give the root.json and the key that it belongs to, or another --state folder"),
        ),
        Local::ShareUnusable => (
            t!("this seat's share does not open any more, or lacks what is asked for"),
            t!("the file is damaged or of another key"),
            t!("restore it from this seat's own backup"),
        ),
        Local::NoSuchDelivery => (
            t!("no delivery of that name failed a check"),
            t!("it is unknown, or holds"),
            t!("`resguardo shares check` looks at what was delivered"),
        ),
        Local::NoSuchReader => (
            t!("the council has no such reader"),
            t!("no reader of the current council has this number"),
            t!("`resguardo council show` lists the readers"),
        ),
        Local::NotAsked => (
            t!("the request does not ask for this compartment"),
            t!("what it asks for stands above"),
            t!("grant what it asks for, or refuse it with a reason"),
        ),
        Local::OfficeCell => (
            t!("a statement from an office cell does not verify"),
            t!("its signature or its author is wrong"),
            t!("nothing to do here: it is not filed"),
        ),
        Local::StatementRule => (
            t!("the statement would break a rule of its form"),
            t!("something is missing or too long"),
            t!("nothing was signed"),
        ),
        Local::NoSuchAsk => (
            t!("no question of that name waits here"),
            t!("it was answered or put away here, or never came"),
            t!("`resguardo queue` lists the questions that wait"),
        ),
        Local::Filed => (
            t!("these words hold a testimony"),
            t!("its seats are asked in a message on it, so that they know what it is about"),
            t!("`resguardo say` writes to them, or ask with words of another inbox; nothing was sent"),
        ),
        Local::DraftTooLong => (
            t!("that is more than a draft holds"),
            t!("a draft has 32 KiB, whatever is in it"),
            t!("what was saved before stands; shorten it, or seal it now"),
        ),
        Local::AsksHer => (
            t!("the message asks her for what nobody should ask her for"),
            t!(
                "it seems to ask for a meeting, money, her words, or who or where she is; she cannot know who is really asking"
            ),
            t!("write it otherwise, or send it with --even-so; nothing was sent"),
        ),
        Local::StatementTooLong => (
            t!("the statement is too long for a record or a cell"),
            t!("they have one length, so that nobody can tell them apart"),
            t!("shorten its texts; nothing was sent"),
        ),
        Local::Pending => (
            t!("another act on this waits for its step of the log"),
            t!("`{says}` is promised, and of two the first counts"),
            t!("nothing was filed now"),
        ),
        Local::TooFewSeats => (
            t!("too few seats are left to deal to"),
            t!("the council has changed since that filing, and whom she left out then stays out"),
            t!("nothing was sealed; file it anew, with choices of its own"),
        ),
        Local::NoSlot => (
            t!("the service refuses this act for its slot"),
            t!("it says that the slot is taken, although the form insists"),
            t!("nothing was filed; run it again, and if it stays so, tell the council and the operator"),
        ),
        Local::Promise => (
            t!("the service took it, but its promise does not verify: that it was filed is unproven"),
            t!("it is not signed by the log, or for another entry"),
            t!(
                "look with `resguardo queue` after the next steps of the log: run again, the same act goes out as it was; tell \
             the council if it is not there within a day"
            ),
        ),
        Local::PromiseBroken => (
            t!("the service did not keep its promise: what it took is not in the log"),
            t!("it was promised for {day}"),
            t!(
                "it was sent again, and nothing is lost; {file} in the state folder holds the promise, of which `resguardo complain \
             make` makes proof that anybody can check: tell the council"
            ),
        ),
        Local::NotReferred => (
            t!("no seat has told this reader of that case"),
            t!("a reader asks for what was referred to it"),
            t!("ask a seat that holds it for `resguardo refer`"),
        ),
        Local::RequestKey => (
            t!("the key of that request is not here"),
            t!("it was made with another key or another state folder, or is damaged"),
            t!("use the key and the state folder with which the request was made"),
        ),
        Local::Opened => (
            t!("this request was opened, and its key was destroyed"),
            t!("it was opened"),
            t!("use what was written then; to open it once more, make a new request"),
        ),
        Local::NothingReleased => (
            t!("no seat has released anything for this request"),
            t!("no release file came to its key"),
            t!("`resguardo queue` says what it waits for"),
        ),
        Local::TooFewReleases => (
            t!("too few seats have released a good share"),
            t!("more are needed"),
            t!("wait for the other seats; `resguardo queue` says what it waits for"),
        ),
        Local::PartMissing => (
            t!("enough seats have released, but nothing opens without the declarant's consent to this request"),
            t!("her part of the key is not among what was read"),
            t!("nothing was filed and the request's key is kept; run it again when her consent stands in the log"),
        ),
        Local::ActsMissing => (
            t!("acts that must stand in the log are not there"),
            t!("they are missing"),
            t!(
                "wait for the next step and run it again; if they stay missing, `--even-so` opens it as evidence of a breach"
            ),
        ),
        Local::ObjectsMissing => (
            t!("no object of this testimony came, so nothing was opened and nothing filed"),
            t!("the service has none of them"),
            t!(
                "the request's key is kept: run it again later; if they stay away, tell the council: seats and mirrors keep copies"
            ),
        ),
        Local::Store => (
            t!("what is kept on this machine cannot be read or written"),
            t!("the disk refuses it"),
            t!("check the permissions and the free space, then run it again"),
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
            t!("this program did what it never should"),
            t!("its own code should have excluded it"),
            t!("please report this line; it holds no secret"),
        ),
    }
}

/// The log has begun without its council.
pub(crate) fn no_council() -> CliError {
    CliError::from(client::Failure::new(Local::NoCouncil))
}

/// A breach in one line.
pub fn describe_breach(breach: &Breach) -> String {
    match breach {
        Breach::Request => t!("no valid request is in the log").to_owned(),
        Breach::Grants { name, have, need } => {
            t!(
                "{} has {} of {} grants in the log",
                names::compartment(*name),
                have,
                need
            )
        }
        Breach::Release { name, x } => {
            let name = names::compartment(*name);
            t!("seat {} released {} without a release in the log", x, name)
        }
        Breach::NotAsked { name } => t!("{} was not asked for", names::compartment(*name)),
    }
}

/// A bad share in one line.
pub fn describe_bad(bad: &BadShare) -> String {
    let name = names::compartment(bad.name);
    t!("the share of {} that seat {} has signed for is bad", name, bad.x)
}

/// Bad files that nobody signed for, in one line.
pub fn describe_unsigned(count: usize) -> Option<String> {
    (count > 0).then(|| {
        t!(
            "{} bad files came that no seat has signed for: they say nothing of any seat",
            count
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_happened_why_and_what_to_do() {
        for local in Local::ALL {
            let error = CliError::from(client::Failure::new(*local));
            assert!(error.is(*local));
            assert!(!error.what.is_empty() && !error.why.is_empty() && !error.remedy.is_empty());
        }
    }
}
