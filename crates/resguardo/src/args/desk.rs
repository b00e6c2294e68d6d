//! Verbs of seats and readers.

use super::{DeskArgs, RootArgs};
use crate::language::t;
use clap::{Args, Subcommand};
use protocol::Month;
use protocol::statement::Use;
use std::path::PathBuf;

/// `queue`.
#[derive(Clone, Debug, Args)]
pub struct Queue {
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `routine`.
#[derive(Clone, Debug, Args)]
pub struct Routine {
    /// Only say what would be done
    #[arg(long)]
    pub list: bool,
    /// What this seat keeps of each case: its share, also the documents, or all objects
    #[arg(long, default_value = "document", value_parser = ["share", "document", "all"])]
    pub keep: String,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `watch`.
#[derive(Clone, Debug, Args)]
pub struct Watch {
    /// Program that is called when something waits, without arguments
    #[arg(long, value_name = "PROGRAM")]
    pub hook: Option<PathBuf>,
    /// File with the settings: mail, and how often
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// What this seat keeps of each case: its share, also the documents, or all objects
    #[arg(long, default_value = "document", value_parser = ["share", "document", "all"])]
    pub keep: String,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `shares …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Shares {
    /// Check what was delivered; acknowledge or reject it in the log
    #[command(before_help = "Example: resguardo shares check --key seat.key")]
    Check(SharesCheck),
}

/// `shares check`.
#[derive(Clone, Debug, Args)]
pub struct SharesCheck {
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
    /// What this seat keeps of each case: its share, also the documents, or all objects
    #[arg(long, default_value = "document", value_parser = ["share", "document", "all"])]
    pub keep: String,
}

/// `refer`.
#[derive(Clone, Debug, Args)]
pub struct Refer {
    /// Case code
    pub case: String,
    /// Number of the reader
    #[arg(long)]
    pub reader: u16,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `message`.
#[derive(Clone, Debug, Args)]
pub struct WriteMessage {
    /// Case code; or the first digits of a question that `queue` lists
    pub case: String,
    /// File with the text, 1,500 bytes at most: no question of who she is or where, no meeting, no money
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["template", "put_away"],
        conflicts_with_all = ["template", "put_away"]
    )]
    pub text: Option<PathBuf>,
    /// A text that is ready: the first message; somebody asks to read it; danger; an answer to what she wrote; nothing is new;
    /// she may add large files (with an upload code, as --with-code)
    #[arg(long, value_parser = ["received", "request", "urgent", "answer", "waiting", "large"])]
    pub template: Option<String>,
    /// Language of the template
    #[arg(long, value_parser = ["es", "en"], default_value = "es")]
    pub language: String,
    /// Send an upload code with it: what she adds may have 2 GiB instead of 64 MiB, once, within 30 days. The operator then
    /// sees that she is somebody whom a seat has answered
    #[arg(long, conflicts_with = "put_away")]
    pub with_code: bool,
    /// Answer nothing, and show this question no more: another seat answers it, or it is none
    #[arg(long, conflicts_with = "template")]
    pub put_away: bool,
    /// Send it although it asks her for a meeting, money, her words, or who or where she is
    #[arg(long)]
    pub even_so: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `attended`.
#[derive(Clone, Debug, Args)]
pub struct Attended {
    /// Case code
    pub case: String,
    /// `wrote` to her what she can do now; `called` people who can act; whoever it was is `safe`; there is `no-danger`; the
    /// danger `stands`, whatever another seat says
    #[arg(value_parser = ["wrote", "called", "safe", "no-danger", "stands"])]
    pub what: String,
    /// Hours within which a seat says more, 1 to 168: with `wrote` and `called`
    #[arg(long, required_if_eq_any = [("what", "wrote"), ("what", "called")], value_parser = clap::value_parser!(u32).range(1..=168))]
    pub hours: Option<u32>,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `lapse`.
#[derive(Clone, Debug, Args)]
pub struct Lapse {
    /// Case code
    pub case: String,
    /// `inquiry`: she was looked for by human means; `decide`, 30 days later: she cannot be asked
    #[arg(long, value_parser = ["inquiry", "decide"])]
    pub step: String,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `decline`, `erased`.
#[derive(Clone, Debug, Args)]
pub struct OfCase {
    /// Case code
    pub case: String,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `duty …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Duty {
    /// Count what this seat did and owed in a month, and what it saw of the others; show what becomes public, and file it
    #[command(before_help = "Example: resguardo duty report --yes --key seat.key")]
    Report(DutyReport),
}

/// `duty report`.
#[derive(Clone, Debug, Args)]
pub struct DutyReport {
    /// Month [default: the last one that is over]
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub month: Option<Month>,
    /// File it: without this it is only shown
    #[arg(long)]
    pub yes: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `docket …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Docket {
    /// Sign that acts are published from now on; with enough seats' signatures, have it logged (seat)
    #[command(before_help = "Example: resguardo docket open docket-open.json --key seat.key")]
    Open(DocketOpen),
    /// Publish what is due of the acts that this key can follow, whoever made them
    #[command(before_help = "Example: resguardo docket publish --key seat.key")]
    Publish(DocketPublish),
    /// Compute from the log alone which institution owes what, since when, as the page of acts shows it (anybody)
    #[command(before_help = "Example: resguardo docket verify https://registro.example --root root.json")]
    Verify(DocketVerify),
}

/// `docket verify`.
#[derive(Clone, Debug, Args)]
pub struct DocketVerify {
    /// Address of the service or of a mirror, a folder with a copy of the log, or a root of trust (default: root.json, and the
    /// address in it)
    #[arg(value_name = "URL|FOLDER|ROOT")]
    pub target: Option<String>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
}

/// `docket open`.
#[derive(Clone, Debug, Args)]
pub struct DocketOpen {
    /// File that goes from seat to seat; the first one makes it
    pub file: PathBuf,
    /// Open the docket, once enough seats have signed: without this nothing is filed
    #[arg(long)]
    pub yes: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `docket publish`.
#[derive(Clone, Debug, Args)]
pub struct DocketPublish {
    /// Only say what would be published, and when the others are due
    #[arg(long)]
    pub list: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| t!("a month is written as in 2026-11").to_owned())
}

/// `request`.
#[derive(Clone, Debug, Args)]
pub struct Request {
    /// Case code
    pub case: String,
    /// What for; with --urgent, which danger (200 bytes)
    #[arg(long)]
    pub purpose: String,
    /// Which of the uses that she may have allowed it is for: interview, support, authority, organisation, statistics,
    /// research [default: none of these]
    #[arg(long = "use", value_name = "USE", value_parser = super::declarant::use_by_name)]
    pub for_use: Option<Use>,
    /// Legal basis (200 bytes)
    #[arg(long)]
    pub basis: String,
    /// Ask for the identity too
    #[arg(long)]
    pub identity: bool,
    /// Danger to life: shorter objection time, more grants
    #[arg(long)]
    pub urgent: bool,
    /// Ask although an earlier request of this reader is not opened yet
    #[arg(long)]
    pub again: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `grant`.
#[derive(Clone, Debug, Args)]
pub struct Grant {
    /// First digits of the request's digest
    pub request: String,
    /// Grant this part only, and refuse the other for --reason
    #[arg(long, value_parser = ["account", "identity"], requires = "reason")]
    pub only: Option<String>,
    /// Why the other part is refused
    #[arg(long, value_parser = ["no-basis", "policy", "other"], requires = "only")]
    pub reason: Option<String>,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `object`, `release`.
#[derive(Clone, Debug, Args)]
pub struct Decide {
    /// First digits of the request's digest
    pub request: String,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `refuse`.
#[derive(Clone, Debug, Args)]
pub struct Refuse {
    /// First digits of the request's digest
    pub request: String,
    /// Why
    #[arg(long, value_parser = ["no-basis", "policy", "other"])]
    pub reason: String,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `open`.
#[derive(Clone, Debug, Args)]
pub struct Open {
    /// First digits of the request's digest
    pub request: String,
    /// Folder for what is opened
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Folder for the sealed files, to open them with other software
    #[arg(long, value_name = "FOLDER")]
    pub objects: Option<PathBuf>,
    /// Go on although acts are missing from the log: the content is then evidence of a breach
    #[arg(long)]
    pub even_so: bool,
    /// Fetch the sealed files and file `opened` at once, not each at a moment drawn from the next 15 minutes: the service may
    /// then tell by the time who fetched them
    #[arg(long)]
    pub at_once: bool,
    /// Where to write the key of the opened part, AGE-SECRET-KEY-PQ-1…
    #[arg(long, value_name = "FILE")]
    pub identity_out: Option<PathBuf>,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `finding`.
#[derive(Clone, Debug, Args)]
pub struct Finding {
    /// First digits of the request's digest
    pub request: String,
    /// What was done
    #[arg(long, value_parser = ["referred", "protected", "investigated", "charged", "no-action"])]
    pub outcome: String,
    /// Report although this reader has reported on the request already
    #[arg(long)]
    pub again: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `aid`.
#[derive(Clone, Debug, Args)]
pub struct Aid {
    /// Case code
    pub case: String,
    /// The measure, by its name in the law files (`law assess` lists what is owed); one of your own begins with `x-`
    #[arg(long)]
    pub measure: String,
    /// Who gives it (200 bytes)
    #[arg(long)]
    pub provider: String,
    /// Where it stands
    #[arg(long, value_parser = ["offered", "accepted", "declined", "delivered"])]
    pub status: String,
    /// Last day by which it is owed, as 2026-12-24; it then waits in the queue until it is delivered or declined
    #[arg(long, value_name = "DAY")]
    pub due: Option<String>,
    /// First digits of the opened request, where the case has several
    #[arg(long, value_name = "REQUEST")]
    pub request: Option<String>,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}
