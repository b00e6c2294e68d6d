//! The command line: verbs and their options. A phrase or passphrase is never among them, only where to read it.

mod declarant;
mod desk;
mod law;
mod operator;

pub use declarant::*;
pub use desk::*;
pub use law::*;
pub use operator::*;

use crate::ask::SecretSource;
use crate::failure::CliError;
use crate::language::{of_error, t};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};

/// Sealed testimony: opened only by a quorum, every act in a public log.
#[derive(Debug, Parser)]
#[command(
    name = "resguardo",
    version,
    about,
    arg_required_else_help = true,
    subcommand_required = true
)]
#[command(before_help = "Example: resguardo demo")]
#[command(after_help = EXITS)]
pub struct Cli {
    /// Manners.
    #[command(flatten)]
    pub manners: Manners,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXITS: &str =
    "Exit status: 0 done; 1 a check failed; 2 usage; 3 not found; 4 not allowed now; 5 network, nothing lost;
6 storage; 7 key or passphrase; 70 our bug; 130 stopped by you.";

/// How the program speaks.
#[derive(Clone, Debug, Args)]
pub struct Manners {
    /// Language of what is said: es or en [default: en]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "LANGUAGE",
        hide_possible_values = true,
        help_heading = "Manners"
    )]
    pub lang: Option<Tongue>,
    /// One JSON object a line: progress, result, error
    #[arg(long, global = true, help_heading = "Manners")]
    pub json: bool,
    /// No progress
    #[arg(long, short, global = true, help_heading = "Manners")]
    pub quiet: bool,
    /// No colours
    #[arg(long, global = true, help_heading = "Manners")]
    pub no_color: bool,
    /// Show words and passphrases while they are typed: where nobody looks on, and they are mistyped blind
    #[arg(long, global = true, help_heading = "Manners")]
    pub show_typed: bool,
    /// SOCKS5 proxy that every call goes through and that resolves every name, with a circuit for each purpose; for Tor
    /// socks5h://127.0.0.1:9050 [also: RESGUARDO_PROXY]
    #[arg(long, global = true, value_name = "ADDRESS", help_heading = "Manners")]
    pub proxy: Option<String>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Every role on this machine, with a tour: a testimony sealed, asked for, opened, checked
    #[command(before_help = "Example: resguardo demo --once")]
    Demo(Demo),
    /// Run the service of an operator
    #[command(before_help = "Example: resguardo serve")]
    Serve(Serve),
    /// Make an operator's folder: configuration, log key, operator key
    #[command(before_help = "Example: resguardo init --origin recordatorio.example/log --folder operator")]
    Init(Init),
    /// Look at disk, clock, keys, cosigner, council and service; one line a check
    #[command(before_help = "Example: resguardo doctor")]
    Doctor(Doctor),
    /// Key files of seats, readers, operators and cosigners
    #[command(
        subcommand,
        before_help = "Example: resguardo key new --role seat --institution \"Civil registry\" seat"
    )]
    Key(Key),
    /// The council: who holds shares, who may read, how many must agree
    #[command(
        subcommand,
        before_help = "Example: resguardo council draft seats/*.card --account 3 --identity 4"
    )]
    Council(Council),
    /// Seal a testimony and file it
    #[command(before_help = "Example: resguardo seal --account words.txt photo.jpg --phrase-out phrase.txt")]
    Seal(Seal),
    /// File a package that `seal --package` wrote
    #[command(before_help = "Example: resguardo send package/")]
    Send(Send),
    /// Ask the seats something without filing anything; the answer comes to an inbox of eight words
    #[command(before_help = "Example: resguardo ask question.txt --phrase-out phrase.txt")]
    Ask(Ask),
    /// What is written so far, sealed to the eight words for seven days, to be finished another day
    #[command(
        subcommand,
        before_help = "Example: resguardo draft save words.txt --phrase-out phrase.txt"
    )]
    Draft(Draft),
    /// What became of a testimony, from its eight words; also her objection
    #[command(before_help = "Example: resguardo inbox --phrase-file phrase.txt")]
    Inbox(Inbox),
    /// Her answer to a request, where her consent is part of the key
    #[command(before_help = "Example: resguardo consent 3f9a1c --yes --phrase-file phrase.txt")]
    Consent(Consent),
    /// Withdraw a testimony, or take that back: after 30 days the seats destroy it
    #[command(before_help = "Example: resguardo withdraw R-7K2M-9QF4 --phrase-file phrase.txt")]
    Withdraw(Withdrawal),
    /// A sign of life: a lapse of her consent begins anew
    #[command(before_help = "Example: resguardo alive --phrase-file phrase.txt")]
    Alive(Alive),
    /// Write to the seats that hold a testimony
    #[command(before_help = "Example: resguardo say words.txt --phrase-file phrase.txt")]
    Say(Say),
    /// Have messages, and the filings of these words, under eight new words from now on
    #[command(before_help = "Example: resguardo new-words --phrase-file phrase.txt --phrase-out new.txt")]
    NewWords(NewWords),
    /// What waits for this key
    #[command(before_help = "Example: resguardo queue --key seat.key")]
    Queue(Queue),
    /// Do what needs nobody's judgement: check and acknowledge shares, file what came in cells; and say what is left
    #[command(before_help = "Example: resguardo routine --key seat.key")]
    Routine(Routine),
    /// Keep looking, do the routine, and tell you that something waits: by a program or a mail that say nothing else, at
    /// moments drawn beforehand
    #[command(
        before_help = "Example: resguardo watch --key seat.key --passphrase-file words --hook /usr/local/bin/ring"
    )]
    Watch(Watch),
    /// Shares that were delivered to a seat
    #[command(subcommand, before_help = "Example: resguardo shares check --key seat.key")]
    Shares(Shares),
    /// Tell a reader of a case (seat)
    #[command(before_help = "Example: resguardo refer R-7K2M-9QF4 --reader 6 --key seat.key")]
    Refer(Refer),
    /// Write to her (seat), or answer a question without a filing: a record to her inbox, which she reads with her eight words
    #[command(before_help = "Example: resguardo message R-7K2M-9QF4 --text answer.txt --key seat.key")]
    Message(WriteMessage),
    /// Say what was done about danger, or that another seat did not do what it says (seat)
    #[command(before_help = "Example: resguardo attended R-7K2M-9QF4 called --hours 24 --key seat.key")]
    Attended(Attended),
    /// Take a step towards opening a testimony without her, who has said nothing for as long as she chose (seat)
    #[command(before_help = "Example: resguardo lapse R-7K2M-9QF4 --step inquiry --key seat.key")]
    Lapse(Lapse),
    /// Decline a filing that is no testimony (seat); what t seats decline is deleted after 30 days
    #[command(before_help = "Example: resguardo decline R-7K2M-9QF4 --key seat.key")]
    Decline(OfCase),
    /// Destroy what this seat holds of a testimony that was withdrawn or declined, and say so (seat)
    #[command(before_help = "Example: resguardo erased R-7K2M-9QF4 --key seat.key")]
    Erased(OfCase),
    /// Ask for a testimony (reader)
    #[command(
        before_help = "Example: resguardo request R-7K2M-9QF4 --purpose \"inquiry 12/2026\" --basis \"art. 109\" --key reader.key"
    )]
    Request(Request),
    /// Grant a request (seat)
    #[command(before_help = "Example: resguardo grant 3f9a1c --key seat.key")]
    Grant(Grant),
    /// Refuse a request (seat)
    #[command(before_help = "Example: resguardo refuse 3f9a1c --reason no-basis --key seat.key")]
    Refuse(Refuse),
    /// Object to a request: it then waits longer and needs one more grant (seat)
    #[command(before_help = "Example: resguardo object 3f9a1c --key seat.key")]
    Object(Decide),
    /// Release this seat's share to a request that was granted (seat)
    #[command(before_help = "Example: resguardo release 3f9a1c --key seat.key")]
    Release(Decide),
    /// Open what was released (reader)
    #[command(before_help = "Example: resguardo open 3f9a1c --out opened --key reader.key")]
    Open(Open),
    /// Say what was done with an opened testimony (reader)
    #[command(before_help = "Example: resguardo finding 3f9a1c --outcome protected --key reader.key")]
    Finding(Finding),
    /// Say what assistance she was offered, and what came of it (reader)
    #[command(
        before_help = "Example: resguardo aid R-7K2M-9QF4 --measure shelter --provider \"Refugio A\" --status offered --due 2026-12-24 --key reader.key"
    )]
    Aid(Aid),
    /// What a seat reports each month: what it did and owed, and what it saw of the other seats (seat)
    #[command(subcommand, before_help = "Example: resguardo duty report --yes --key seat.key")]
    Duty(Duty),
    /// The public half of what was done on testimonies that want it: opened by the council, published when due
    #[command(subcommand, before_help = "Example: resguardo docket publish --key seat.key")]
    Docket(Docket),
    /// Write a report for a court from an opened folder: assessment, anticipated evidence, custody, measures
    #[command(before_help = "Example: resguardo report assessment opened --facts facts.json")]
    Report(Report),
    /// What the law says to facts: offences, ranges, what is missing, what is owed. An aid, not a finding
    #[command(subcommand, before_help = "Example: resguardo law assess --json cases.jsonl\n")]
    Law(Law),
    /// Check the public log
    #[command(
        subcommand,
        before_help = "Example: resguardo log verify https://recordatorio.example --root root.json"
    )]
    Log(Log),
    /// Fetch every page and file as a browser does, and compare each with what the log says that the service serves
    #[command(before_help = "Example: resguardo verify-site https://recordatorio.example --root root.json")]
    VerifySite(VerifySite),
    /// Complain of a broken promise, and check such a complaint
    #[command(subcommand, before_help = "Example: resguardo complain make my.receipt.promise")]
    Complain(Complain),
    /// Check receipts, without a network
    #[command(
        subcommand,
        before_help = "Example: resguardo receipt verify my.receipt --root root.json"
    )]
    Receipt(Receipt),
    /// Run a part of the system that is not the operator's
    #[command(
        subcommand,
        before_help = "Example: resguardo node cosign --name cosigner.example --log \"$(cat log.vkey)\" --state cosigner --key cosigner.key"
    )]
    Node(Node),
    /// Check the operator's store: every entry, tile, blob and promise
    #[command(before_help = "Example: resguardo fsck")]
    Fsck(Fsck),
    /// Compute the tiles of a store anew from its entries
    #[command(before_help = "Example: resguardo rebuild")]
    Rebuild(Fsck),
    /// Copy the operator's store, also while it serves
    #[command(before_help = "Example: resguardo backup /backup/2026-11-24")]
    Backup(Backup),
    /// Put a copy in place of a lost store; refuses to roll the log back
    #[command(before_help = "Example: resguardo restore /backup/2026-11-24 --checkpoint last.checkpoint")]
    Restore(Restore),
}

/// Where the eight words come from.
#[derive(Clone, Debug, Args)]
pub struct PhraseArgs {
    /// File with the eight words: in its first line, or on a line each
    #[arg(long, value_name = "FILE")]
    pub phrase_file: Option<PathBuf>,
    /// Open descriptor to read the eight words from
    #[arg(long, value_name = "NUMBER")]
    pub phrase_fd: Option<u32>,
}

impl PhraseArgs {
    /// The file that is read.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.phrase_file.as_deref().into_iter()
    }

    /// As a source.
    pub fn source(&self) -> SecretSource {
        SecretSource {
            file: self.phrase_file.clone(),
            fd: self.phrase_fd,
        }
    }
}

/// A key file and where its passphrase comes from.
#[derive(Clone, Debug, Args)]
pub struct KeyArgs {
    /// Key file
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Open descriptor to read the passphrase from
    #[arg(long, value_name = "NUMBER")]
    pub passphrase_fd: Option<u32>,
}

impl KeyArgs {
    /// The files that are read.
    pub fn inputs(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(self.key.as_path()).chain(self.passphrase_file.as_deref())
    }

    /// Where the passphrase comes from.
    pub fn source(&self) -> SecretSource {
        SecretSource {
            file: self.passphrase_file.clone(),
            fd: self.passphrase_fd,
        }
    }
}

/// Where the root of trust lies unless another file is named.
pub const ROOT: &str = "root.json";

/// The root of trust.
#[derive(Clone, Debug, Args)]
pub struct RootArgs {
    /// Root of trust with the service's address
    #[arg(long, value_name = "FILE", default_value = ROOT)]
    pub root: PathBuf,
}

/// A member at work.
#[derive(Clone, Debug, Args)]
pub struct DeskArgs {
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Folder for what this member keeps (default: beside the key file)
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

/// The failure for a command line that does not parse.
pub fn misuse(error: &clap::Error) -> CliError {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => t!("the command is not complete").to_owned(),
        _ => of_error(first.trim_start_matches("error: ").trim_end_matches(':')),
    };
    let list = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => Some(one.clone()),
        Some(ContextValue::Strings(several)) if !several.is_empty() => Some(several.join(", ")),
        _ => None,
    };
    let valid = [ContextKind::ValidValue, ContextKind::ValidSubcommand]
        .into_iter()
        .find_map(list);
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let why = match (error.kind(), near.into_iter().find_map(list), valid) {
        (ErrorKind::MissingRequiredArgument, ..) => {
            let missing = list(ContextKind::InvalidArg).unwrap_or_else(|| t!("an argument").to_owned());
            t!("missing: {}", missing)
        }
        (_, Some(near), _) => t!("perhaps {} was meant", near),
        (_, None, Some(valid)) => t!("it can be {}", valid),
        _ => t!("the command does not take it so").to_owned(),
    };
    let usage = text.lines().find_map(|line| line.trim().strip_prefix("Usage: "));
    let remedy = match usage {
        Some(usage) => t!("{}; `--help` explains each option", usage),
        None => t!("`resguardo --help` lists the commands, and each has a `--help` of its own").to_owned(),
    };
    CliError::usage(what).why(why).remedy(remedy)
}
