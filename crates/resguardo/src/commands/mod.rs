//! One file for each verb of the command line. A verb wires; it makes no rule.

mod aid;
mod ask;
pub(crate) mod backup;
mod complain;
mod council;
mod custody;
mod decide;
mod docket;
mod doctor;
mod draft;
mod duty;
mod finding;
mod fsck;
mod hers;
mod inbox;
mod init;
mod key;
mod law;
mod log;
mod new_words;
mod node;
pub(crate) mod open;
mod public;
mod queue;
mod rebuild;
mod receipt;
mod refer;
mod release;
mod report;
mod request;
mod restore;
mod routine;
mod seal;
pub(crate) mod serve;
pub(crate) mod shares;
mod verify_site;
mod watch;

pub(crate) use self::log::fault;
use crate::args::{DeskArgs, RootArgs, Verb};
use crate::clock;
use crate::console::Console;
use crate::desk::Desk;
use crate::failure::{CliError, Outcome};
use crate::keyfile;
use crate::language::{said, t};
use crate::names;
use crate::trust::Trust;
use casework::Filed;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Runs a verb.
///
/// # Errors
/// Whatever the verb fails with; the caller shows it and ends with its exit status.
pub fn run(verb: Verb, console: &Console) -> Outcome<()> {
    match verb {
        Verb::Demo(args) => crate::demo::run(&args, console),
        Verb::Serve(args) => serve::run(&args, console),
        Verb::Init(args) => init::run(&args, console),
        Verb::Doctor(args) => doctor::run(&args, console),
        Verb::Key(args) => key::run(&args, console),
        Verb::Council(args) => council::run(&args, console),
        Verb::Seal(args) => seal::run(&args, console),
        Verb::Send(args) => seal::send(&args, console),
        Verb::Ask(args) => ask::run(&args, console),
        Verb::Draft(args) => draft::run(&args, console),
        Verb::Inbox(args) => inbox::run(&args, console),
        Verb::Consent(args) => hers::consent(&args, console),
        Verb::Withdraw(args) => hers::withdraw(&args, console),
        Verb::Alive(args) => hers::alive(&args, console),
        Verb::Say(args) => hers::say(&args, console),
        Verb::NewWords(args) => new_words::run(&args, console),
        Verb::Queue(args) => queue::run(&args, console),
        Verb::Routine(args) => routine::run(&args, console),
        Verb::Watch(args) => watch::run(&args, console),
        Verb::Shares(args) => shares::run(&args, console),
        Verb::Refer(args) => refer::run(&args, console),
        Verb::Message(args) => custody::message(&args, console),
        Verb::Attended(args) => custody::attended(&args, console),
        Verb::Lapse(args) => custody::lapse(&args, console),
        Verb::Decline(args) => custody::decline(&args, console),
        Verb::Erased(args) => custody::erased(&args, console),
        Verb::Request(args) => request::run(&args, console),
        Verb::Grant(args) => decide::grant(&args, console),
        Verb::Refuse(args) => decide::refuse(&args, console),
        Verb::Object(args) => decide::object(&args, console),
        Verb::Release(args) => release::run(&args, console),
        Verb::Open(args) => open::run(&args, console),
        Verb::Finding(args) => finding::run(&args, console),
        Verb::Aid(args) => aid::run(&args, console),
        Verb::Duty(args) => duty::run(&args, console),
        Verb::Docket(args) => docket::run(&args, console),
        Verb::Report(args) => report::run(&args, console),
        Verb::Law(args) => law::run(&args, console),
        Verb::Log(args) => log::run(&args, console),
        Verb::VerifySite(args) => verify_site::run(&args, console),
        Verb::Complain(args) => complain::run(&args, console),
        Verb::Receipt(args) => receipt::run(&args, console),
        Verb::Node(args) => node::run(&args, console),
        Verb::Fsck(args) => fsck::run(&args, console),
        Verb::Rebuild(args) => rebuild::run(&args, console),
        Verb::Backup(args) => backup::run(&args, console),
        Verb::Restore(args) => restore::run(&args, console),
    }
}

/// Opens the desk of a member, and files what waits in office cells.
fn desk(args: &DeskArgs, console: &Console) -> Outcome<Desk> {
    let mut desk = open_desk(args, console)?;
    if let Desk::Seat(seat) = &mut desk {
        let taken = seat.run(async |seat| {
            seat.read_cells().await?;
            seat.take_office().await
        })?;
        for taken in taken {
            console.note(&t!("filed for case {}: {}", taken.case.code(), names::cell(taken.name)));
        }
    }
    Ok(desk)
}

/// Opens the desk of a member; nothing is sent.
fn open_desk(args: &DeskArgs, console: &Console) -> Outcome<Desk> {
    let trust = trust(&args.root)?;
    let keys = keyfile::load(&args.key.key, &args.key.source(), console)?;
    let desk = Desk::open(trust.clone(), keys, &state_folder(args), console)?;
    warn_of_demo(&trust, console);
    Ok(desk)
}

/// Where a member keeps what it must remember.
fn state_folder(args: &DeskArgs) -> PathBuf {
    let beside = || args.key.key.with_extension("state");
    args.state.clone().unwrap_or_else(beside)
}

fn trust(args: &RootArgs) -> Outcome<Trust> {
    Trust::load(&args.root)
}

/// A demo says so everywhere (§8.3).
fn warn_of_demo(trust: &Trust, console: &Console) {
    if trust.origin().is_demo() {
        console.note(&t!("demo: {} keeps nothing secret", trust.origin()));
    }
}

/// The result of an act that was filed.
fn tell_filed(console: &Console, what: &str, filed: &Filed) {
    let by = clock::readable(filed.deadline);
    let human = t!(
        "✓ {}: promised for the log by {} (statement {})",
        said(what),
        by,
        short(&filed.statement)
    );
    console.result(&human, filed_json(what, filed));
}

fn filed_json(what: &str, filed: &Filed) -> Value {
    json!({ "act": what, "statement": filed.statement, "slot": filed.k, "entry_sha256": filed.entry,
        "deadline": clock::rfc3339(filed.deadline) })
}

/// A text that a statement bears (§22): told here what is wrong with it, before anything is signed.
fn line(option: &str, text: &str) -> Outcome<()> {
    if protocol::text::is_line(text) {
        return Ok(());
    }
    Err(CliError::usage(t!("the text of {} cannot stand in a statement", option))
        .why(t!("it has not 1 to 200 bytes, or holds a line end, a control character or one that turns the direction of writing"))
        .remedy(t!("write it on one line, as it is to be read; nothing was signed")))
}

/// The first digits of a digest, enough to name it.
fn short(digest: &protocol::Digest) -> String {
    digest.to_hex().chars().take(12).collect()
}
