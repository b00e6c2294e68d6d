//! The command line: verbs and their options. A phrase or passphrase is never among them, only where to read it.

use crate::ask::Source;
use crate::keyfile::Role;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Sealed testimony: opened only by a quorum, every act in a public log.
#[derive(Debug, Parser)]
#[command(
    name = "resguardo",
    version,
    about,
    arg_required_else_help = true,
    subcommand_required = true
)]
#[command(before_help = "Example: resguardo demo\n")]
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
#[derive(Clone, Copy, Debug, Args)]
pub struct Manners {
    /// One JSON object a line: progress, result, error
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// No colours
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Every role on this machine, with a tour: a testimony sealed, asked for, opened, checked
    #[command(before_help = "Example: resguardo demo --once\n")]
    Demo(Demo),
    /// Run the service of an operator
    #[command(before_help = "Example: resguardo serve --config operator/resguardo.toml\n")]
    Serve(Serve),
    /// Make an operator's folder: configuration, log key, operator key
    #[command(before_help = "Example: resguardo init --origin recordatorio.example/log --folder operator\n")]
    Init(Init),
    /// Look at disk, clock, keys, cosigner, council and service; one line a check
    #[command(before_help = "Example: resguardo doctor --config operator/resguardo.toml\n")]
    Doctor(Doctor),
    /// Key files of seats, readers, operators and cosigners
    #[command(
        subcommand,
        before_help = "Example: resguardo key new --role seat --institution \"Civil registry\" seat\n"
    )]
    Key(Key),
    /// The council: who holds shares, who may read, how many must agree
    #[command(
        subcommand,
        before_help = "Example: resguardo council draft seats/*.card --account 3 --identity 4\n"
    )]
    Council(Council),
    /// Seal a testimony and file it
    #[command(before_help = "Example: resguardo seal --account words.txt photo.jpg --phrase-out phrase.txt\n")]
    Seal(Seal),
    /// File a package that `seal --package` wrote
    #[command(before_help = "Example: resguardo send package/\n")]
    Send(Send),
    /// What became of a testimony, from its eight words; also her objection
    #[command(before_help = "Example: resguardo inbox --phrase-file phrase.txt\n")]
    Inbox(Inbox),
    /// What waits for this key
    #[command(before_help = "Example: resguardo queue --key seat.key\n")]
    Queue(Queue),
    /// Shares that were delivered to a seat
    #[command(subcommand, before_help = "Example: resguardo shares check --key seat.key\n")]
    Shares(Shares),
    /// Tell a reader of a case (seat)
    #[command(before_help = "Example: resguardo refer R-7K2M-9QF4 --reader 6 --key seat.key\n")]
    Refer(Refer),
    /// Ask for a testimony (reader)
    #[command(
        before_help = "Example: resguardo request R-7K2M-9QF4 --purpose \"inquiry 12/2026\" --basis \"art. 109\" --key reader.key\n"
    )]
    Request(Request),
    /// Grant a request (seat)
    #[command(before_help = "Example: resguardo grant 3f9a1c --key seat.key\n")]
    Grant(Decide),
    /// Refuse a request (seat)
    #[command(before_help = "Example: resguardo refuse 3f9a1c --reason no-basis --key seat.key\n")]
    Refuse(Refuse),
    /// Object to a request: it then waits longer and needs one more grant (seat)
    #[command(before_help = "Example: resguardo object 3f9a1c --key seat.key\n")]
    Object(Decide),
    /// Release this seat's share to a request that was granted (seat)
    #[command(before_help = "Example: resguardo release 3f9a1c --key seat.key\n")]
    Release(Decide),
    /// Open what was released (reader)
    #[command(before_help = "Example: resguardo open 3f9a1c --out opened --key reader.key\n")]
    Open(Open),
    /// Say what was done with an opened testimony (reader)
    #[command(before_help = "Example: resguardo finding 3f9a1c --outcome protected --key reader.key\n")]
    Finding(Finding),
    /// Check the public log
    #[command(
        subcommand,
        before_help = "Example: resguardo log verify https://recordatorio.example --root root.json\n"
    )]
    Log(Log),
    /// Check receipts, without a network
    #[command(
        subcommand,
        before_help = "Example: resguardo receipt verify my.receipt --root root.json\n"
    )]
    Receipt(Receipt),
    /// Run a part of the system that is not the operator's
    #[command(subcommand, before_help = "Example: resguardo node cosign --config cosigner.toml\n")]
    Node(Node),
    /// Check the operator's store: every entry, tile, blob and promise
    #[command(before_help = "Example: resguardo fsck operator/store\n")]
    Fsck(Fsck),
    /// Compute the tiles of a store anew from its entries
    #[command(before_help = "Example: resguardo rebuild operator/store\n")]
    Rebuild(Fsck),
    /// Copy the operator's store, also while it serves
    #[command(before_help = "Example: resguardo backup operator/store /backup/2026-11-24\n")]
    Backup(Backup),
    /// Put a copy in place of a lost store; refuses to roll the log back
    #[command(before_help = "Example: resguardo restore /backup/2026-11-24 operator/store --root root.json\n")]
    Restore(Restore),
}

/// Where the eight words come from.
#[derive(Clone, Debug, Args)]
pub struct PhraseArgs {
    /// File whose first line is the eight words
    #[arg(long, value_name = "FILE")]
    pub phrase_file: Option<PathBuf>,
    /// Open descriptor to read the eight words from
    #[arg(long, value_name = "NUMBER")]
    pub phrase_fd: Option<u32>,
}

impl PhraseArgs {
    /// As a source.
    pub fn source(&self) -> Source {
        Source {
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
    /// Where the passphrase comes from.
    pub fn source(&self) -> Source {
        Source {
            file: self.passphrase_file.clone(),
            fd: self.passphrase_fd,
        }
    }
}

/// The root of trust.
#[derive(Clone, Debug, Args)]
pub struct RootArgs {
    /// Root of trust with the service's address
    #[arg(long, value_name = "FILE", default_value = "root.json")]
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

/// `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// End after the tour
    #[arg(long)]
    pub once: bool,
    /// Write what the tour made to this file when it is done
    #[arg(long, value_name = "PATH")]
    pub ready_file: Option<PathBuf>,
    /// Empty the folder first
    #[arg(long)]
    pub fresh: bool,
    /// Folder that holds everything
    #[arg(long, value_name = "FOLDER", default_value = ".demo")]
    pub folder: PathBuf,
    /// First of three ports: service, its metrics, cosigner
    #[arg(long, default_value_t = 8620)]
    pub port: u16,
}

/// `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The operator's configuration
    #[arg(long, value_name = "FILE", default_value = "resguardo.toml")]
    pub config: PathBuf,
    /// File whose first line is the passphrase of the operator's keys
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Open descriptor to read it from
    #[arg(long, value_name = "NUMBER")]
    pub passphrase_fd: Option<u32>,
}

/// `init`.
#[derive(Clone, Debug, Args)]
pub struct Init {
    /// The log's name, for ever; every phrase depends on it
    #[arg(long)]
    pub origin: String,
    /// Folder to make
    #[arg(long, value_name = "FOLDER", default_value = "operator")]
    pub folder: PathBuf,
    /// Operator's institution
    #[arg(long, default_value = "Operator")]
    pub institution: String,
    /// Address under which people reach the service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8620")]
    pub base_url: String,
    /// Where the service listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8620")]
    pub listen: String,
    /// Where metrics are served
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8621")]
    pub admin: String,
    /// Where to write the passphrase; otherwise it is shown
    #[arg(long, value_name = "FILE")]
    pub passphrase_out: Option<PathBuf>,
    /// Seconds between two checkpoints
    #[arg(long, default_value_t = 600)]
    pub step_s: u32,
    /// Entries a step: a power of two, at least 4
    #[arg(long, default_value_t = 4)]
    pub pace: u32,
    /// Seconds between two deliveries of shares
    #[arg(long, default_value_t = 86_400)]
    pub delivery_s: u32,
    /// Low work factor for the key files (only for a demo origin)
    #[arg(long)]
    pub low_work: bool,
}

/// `doctor`.
#[derive(Clone, Debug, Args)]
pub struct Doctor {
    /// The operator's configuration
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Root of trust
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
}

/// `key …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Key {
    /// Make a key file and its public card
    #[command(before_help = "Example: resguardo key new --role seat --institution \"Civil registry\" seat\n")]
    New(KeyNew),
    /// Show a card, or the public half of a key file
    #[command(before_help = "Example: resguardo key show seat.card\n")]
    Show(KeyShow),
    /// Check that a key file opens and that its card fits
    #[command(before_help = "Example: resguardo key check --key seat.key\n")]
    Check(KeyCheck),
}

/// `key new`.
#[derive(Clone, Debug, Args)]
pub struct KeyNew {
    /// Name of the two files: NAME.key and NAME.card
    pub name: PathBuf,
    /// What it is for
    #[arg(long)]
    pub role: Role,
    /// Institution, never a person's name
    #[arg(long)]
    pub institution: String,
    /// The authority that can order it (default: the institution)
    #[arg(long)]
    pub controller: Option<String>,
    /// Where it sits
    #[arg(long, default_value = "MX")]
    pub jurisdiction: String,
    /// Last day for filings, YYYY-MM-DD (default: in a year)
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Where to write the passphrase; otherwise it is shown
    #[arg(long, value_name = "FILE")]
    pub passphrase_out: Option<PathBuf>,
    /// Low work factor: only for trying out
    #[arg(long)]
    pub low_work: bool,
}

/// `key show`.
#[derive(Clone, Debug, Args)]
pub struct KeyShow {
    /// A card
    pub card: PathBuf,
}

/// `key check`.
#[derive(Clone, Debug, Args)]
pub struct KeyCheck {
    /// Key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// The card (default: beside the key)
    #[arg(long, value_name = "FILE")]
    pub card: Option<PathBuf>,
}

/// `council …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Council {
    /// Draft a council from cards
    #[command(
        before_help = "Example: resguardo council draft seats/*.card --readers readers/*.card --account 3 --identity 4\n"
    )]
    Draft(CouncilDraft),
    /// Sign a draft with a seat's key
    #[command(before_help = "Example: resguardo council sign draft.json --key seat.key\n")]
    Sign(CouncilSign),
    /// Join the signatures, write the root of trust and have the council logged
    #[command(before_help = "Example: resguardo council publish draft.json signed/*.json --config resguardo.toml\n")]
    Publish(CouncilPublish),
    /// Show a council, its fingerprint and who has signed
    #[command(before_help = "Example: resguardo council show draft.json\n")]
    Show(CouncilShow),
}

/// `council draft`.
#[derive(Clone, Debug, Args)]
pub struct CouncilDraft {
    /// Cards of the seats, in the order of their numbers
    #[arg(required = true)]
    pub seats: Vec<PathBuf>,
    /// Cards of the readers
    #[arg(long, num_args = 1..)]
    pub readers: Vec<PathBuf>,
    /// Seats that open an account
    #[arg(long)]
    pub account: u8,
    /// Seats that open an identity
    #[arg(long)]
    pub identity: u8,
    /// Verifier keys of the cosigners
    #[arg(long, num_args = 1.., value_name = "VKEY")]
    pub cosigners: Vec<String>,
    /// Cosigners that must sign (default: a majority)
    #[arg(long)]
    pub quorum: Option<usize>,
    /// The operator's configuration
    #[arg(long, value_name = "FILE", default_value = "resguardo.toml")]
    pub config: PathBuf,
    /// Objection time in seconds (below 259,200 only for a demo origin)
    #[arg(long, default_value_t = 259_200)]
    pub objection_s: u64,
    /// Objection time of urgent requests in seconds
    #[arg(long, default_value_t = 7_200)]
    pub urgent_s: u64,
    /// Accept that one controller holds enough seats to open alone; the page says so
    #[arg(long)]
    pub concentrated: bool,
    /// Where to write the draft
    #[arg(long, value_name = "FILE", default_value = "draft.json")]
    pub out: PathBuf,
}

/// `council sign`.
#[derive(Clone, Debug, Args)]
pub struct CouncilSign {
    /// The draft
    pub draft: PathBuf,
    /// Key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Where to write the signed copy (default: beside the draft)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `council publish`.
#[derive(Clone, Debug, Args)]
pub struct CouncilPublish {
    /// The draft
    pub draft: PathBuf,
    /// The signed copies
    pub signed: Vec<PathBuf>,
    /// The operator's configuration
    #[arg(long, value_name = "FILE", default_value = "resguardo.toml")]
    pub config: PathBuf,
    /// Where to write the root of trust
    #[arg(long, value_name = "FILE", default_value = "root.json")]
    pub root: PathBuf,
}

/// `council show`.
#[derive(Clone, Debug, Args)]
pub struct CouncilShow {
    /// An envelope; without it the current council of the service
    pub council: Option<PathBuf>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
}

/// Her choice about withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Withdraw {
    /// 30 days after she asks.
    After,
    /// A custodian meets her.
    InPerson,
}

/// `seal`.
#[derive(Clone, Debug, Args)]
pub struct Seal {
    /// Evidence: photographs, recordings, papers; sealed as they are, bit for bit
    pub files: Vec<PathBuf>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Text file: what happened
    #[arg(long, value_name = "FILE", required_unless_present = "send")]
    pub account: Option<PathBuf>,
    /// Text file: who she is; opened by more seats than the account
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Eight words of an earlier filing, to hold this one as well.
    #[command(flatten)]
    pub phrase: PhraseArgs,
    /// Where to write the eight words of a new phrase; otherwise they are shown
    #[arg(long, value_name = "FILE", conflicts_with_all = ["phrase_file", "phrase_fd"])]
    pub phrase_out: Option<PathBuf>,
    /// Someone is in danger now
    #[arg(long)]
    pub danger: bool,
    /// An interpreter is wanted
    #[arg(long)]
    pub interpreter: bool,
    /// Numbers of seats that must not get a share
    #[arg(long, value_name = "SEAT", num_args = 1..)]
    pub leave_out: Vec<u16>,
    /// Next step of the log rather than a random one of the next 12 hours
    #[arg(long)]
    pub soon: bool,
    /// Days for which messages to her are kept
    #[arg(long, default_value = "180", value_parser = ["30", "180", "400"])]
    pub inbox_days: String,
    /// How it can be withdrawn
    #[arg(long, value_enum, default_value = "after")]
    pub withdraw: Withdraw,
    /// Case code of the filing that this one adds to is found from the words: its number, from 0
    #[arg(long, value_name = "NUMBER")]
    pub parent: Option<u32>,
    /// Write a package instead of filing
    #[arg(long, value_name = "FOLDER", conflicts_with = "send")]
    pub package: Option<PathBuf>,
    /// File a package that was written before
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["files", "account", "identity"])]
    pub send: Option<PathBuf>,
    /// Where to write the receipt; waits for it
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// `send`.
#[derive(Clone, Debug, Args)]
pub struct Send {
    /// Package
    pub package: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Where to write the receipt; waits for it
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// `inbox`.
#[derive(Clone, Debug, Args)]
pub struct Inbox {
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Words.
    #[command(flatten)]
    pub phrase: PhraseArgs,
    /// Folder that keeps what is public of the log between two visits (default: nothing is kept)
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
    /// Object to the request whose digest begins so
    #[arg(long, value_name = "REQUEST")]
    pub object: Option<String>,
    /// Where to write the receipt
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

/// `queue`.
#[derive(Clone, Debug, Args)]
pub struct Queue {
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `shares …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Shares {
    /// Check what was delivered; acknowledge or reject it in the log
    #[command(before_help = "Example: resguardo shares check --key seat.key\n")]
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

/// `request`.
#[derive(Clone, Debug, Args)]
pub struct Request {
    /// Case code
    pub case: String,
    /// What for; with --urgent, which danger (200 bytes)
    #[arg(long)]
    pub purpose: String,
    /// Legal basis (200 bytes)
    #[arg(long)]
    pub basis: String,
    /// Ask for the identity too
    #[arg(long)]
    pub identity: bool,
    /// Danger to life: shorter objection time, more grants
    #[arg(long)]
    pub urgent: bool,
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `grant`, `object`, `release`.
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
    /// Desk.
    #[command(flatten)]
    pub desk: DeskArgs,
}

/// `log …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Log {
    /// Read the whole log and check it: entries, tiles, every checkpoint, pace, public statements
    #[command(before_help = "Example: resguardo log verify https://recordatorio.example --root root.json\n")]
    Verify(LogVerify),
    /// Write the proof of one entry and check it
    #[command(before_help = "Example: resguardo log proof 17 --root root.json\n")]
    Proof(LogProof),
}

/// `log verify`.
#[derive(Clone, Debug, Args)]
pub struct LogVerify {
    /// Address of the service (default: that of the root)
    pub url: Option<String>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
}

/// `log proof`.
#[derive(Clone, Debug, Args)]
pub struct LogProof {
    /// Index of the entry
    pub index: u64,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Where to write it (default: standard output)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `receipt …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Receipt {
    /// Check a receipt against the root of trust
    #[command(before_help = "Example: resguardo receipt verify my.receipt --root root.json\n")]
    Verify(ReceiptVerify),
}

/// `receipt verify`.
#[derive(Clone, Debug, Args)]
pub struct ReceiptVerify {
    /// Receipt
    pub file: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
}

/// `node …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Node {
    /// Run a cosigner: signs every checkpoint that only grows, and never a fork
    #[command(before_help = "Example: resguardo node cosign --config cosigner.toml\n")]
    Cosign(Cosign),
}

/// `node cosign`.
#[derive(Clone, Debug, Args)]
pub struct Cosign {
    /// Name of the cosigner, as it stands in its verifier key
    #[arg(long)]
    pub name: String,
    /// Verifier keys of the logs to cosign
    #[arg(long, required = true, num_args = 1.., value_name = "VKEY")]
    pub log: Vec<String>,
    /// Folder that keeps what was signed
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8622")]
    pub listen: std::net::SocketAddr,
    /// Key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Print the verifier key and end
    #[arg(long)]
    pub show_vkey: bool,
    /// End when standard input closes
    #[arg(long, hide = true)]
    pub until_stdin_closes: bool,
}

/// `fsck`, `rebuild`.
#[derive(Clone, Debug, Args)]
pub struct Fsck {
    /// The store's folder
    pub store: PathBuf,
}

/// `backup`.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// The store's folder
    pub store: PathBuf,
    /// Folder to make
    pub to: PathBuf,
}

/// `restore`.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// The copy
    pub from: PathBuf,
    /// The store's folder to make
    pub store: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Verifies against the cosigners and the service that the log would not roll back; give their addresses
    #[arg(long, num_args = 1.., value_name = "URL")]
    pub cosigner: Vec<String>,
}
