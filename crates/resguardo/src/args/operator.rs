//! Verbs of operators and cosigners, and of who tries it out.

use super::{KeyArgs, ROOT, RootArgs, Tongue};
use crate::keyfile::Role;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What a demo shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// A testimony from the declarant to the reader.
    Tour,
    /// She comes back: consents, sees what became of it, withdraws a second filing and takes that back.
    Back,
    /// The operator takes a testimony out of the log: who refuses, who notices, and what proves it.
    Fork,
    /// Seats do not answer a request, and weeks pass: where that shows, and to whom.
    Stall,
}

/// `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// What is shown
    #[arg(long, value_enum, default_value = "tour")]
    pub scene: Scene,
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
    /// First of three ports: service, its metrics, cosigner (default: 8620)
    #[arg(long)]
    pub port: Option<u16>,
}

/// Which configuration a verb of the operator's goes by.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfigArgs {
    /// The operator's configuration (default: RESGUARDO_CONFIG, else resguardo.toml here or in operator/)
    #[arg(long = "config", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
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
    /// Language of the passphrase's words
    #[arg(long, value_enum, default_value = "es")]
    pub words: Tongue,
    /// Seconds between two checkpoints
    #[arg(long, default_value_t = 600)]
    pub step_s: u32,
    /// Entries a step: a power of two, at least 4
    #[arg(long, default_value_t = 4)]
    pub pace: u32,
    /// Seconds between two deliveries of shares
    #[arg(long, default_value_t = 86_400)]
    pub delivery_s: u32,
    /// Why the pages name no help line; otherwise name one in resguardo.toml before anything can be filed
    #[arg(long, value_name = "WHY")]
    pub no_help_line: Option<String>,
    /// Low work factor for the key files (only for a demo origin)
    #[arg(long)]
    pub low_work: bool,
}

/// `doctor`.
#[derive(Clone, Debug, Args)]
pub struct Doctor {
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Root of trust (default: root.json, where neither this nor a configuration is named)
    #[arg(long, value_name = "FILE")]
    pub root: Option<PathBuf>,
}

/// `key …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Key {
    /// Make a key file and its public card
    #[command(before_help = "Example: resguardo key new --role seat --institution \"Civil registry\" seat")]
    New(KeyNew),
    /// Show a card, or the public half of a key file
    #[command(before_help = "Example: resguardo key show seat.card")]
    Show(KeyShow),
    /// Check that a key file opens and that its card fits
    #[command(before_help = "Example: resguardo key check --key seat.key")]
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
    /// Language of the passphrase's words
    #[arg(long, value_enum, default_value = "es")]
    pub words: Tongue,
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
        before_help = "Example: resguardo council draft seats/*.card --readers readers/*.card --account 3 --identity 4"
    )]
    Draft(CouncilDraft),
    /// Sign a draft with a seat's key
    #[command(before_help = "Example: resguardo council sign draft.json --key seat.key")]
    Sign(CouncilSign),
    /// Join the signatures, write the root of trust and have the council logged
    #[command(
        before_help = "Example: resguardo council publish draft.json signed/*.json",
        after_help = "It signs nothing: no key is opened and no passphrase is asked for."
    )]
    Publish(CouncilPublish),
    /// Show a council, its fingerprint and who has signed
    #[command(before_help = "Example: resguardo council show draft.json")]
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
    /// Cosigners, each as "VKEY URL"
    #[arg(long, num_args = 1.., value_name = "COSIGNER")]
    pub cosigners: Vec<String>,
    /// Cosigners that must sign (default: a majority)
    #[arg(long)]
    pub quorum: Option<usize>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
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
    /// Replace a draft that is there
    #[arg(long)]
    pub force: bool,
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
    /// Replace a signed copy that is there
    #[arg(long)]
    pub force: bool,
}

/// `council publish`.
#[derive(Clone, Debug, Args)]
pub struct CouncilPublish {
    /// The draft
    pub draft: PathBuf,
    /// The signed copies
    pub signed: Vec<PathBuf>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Where to write the root of trust
    #[arg(long, value_name = "FILE", default_value = ROOT)]
    pub root: PathBuf,
    /// Replace a root of trust and a council that are there
    #[arg(long)]
    pub force: bool,
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

/// `node …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Node {
    /// Run a cosigner: signs every checkpoint that only grows, and never a fork
    #[command(
        before_help = "Example: resguardo node cosign --name cosigner.example --log \"$(cat log.vkey)\" --state cosigner --key cosigner.key"
    )]
    Cosign(Cosign),
    /// Keep a copy of a log, verified, and serve it to everybody
    #[command(
        before_help = "Example: resguardo node mirror --name mirror.example --root root.json --state mirror --key mirror.key"
    )]
    Mirror(MirrorArgs),
}

/// What a node signs with, and when it ends.
#[derive(Clone, Debug, Args)]
pub struct NodeArgs {
    /// Key.
    #[command(flatten)]
    pub key: KeyArgs,
    /// Sign by ML-DSA-44 instead of Ed25519: programs verify it, the pages pass over it
    #[arg(long)]
    pub ml_dsa: bool,
    /// Print the verifier key and end
    #[arg(long)]
    pub show_vkey: bool,
    /// End when standard input closes
    #[arg(long, hide = true)]
    pub until_stdin_closes: bool,
}

/// `node mirror`.
#[derive(Clone, Debug, Args)]
pub struct MirrorArgs {
    /// Name of the mirror, as it stands in its verifier key
    #[arg(long)]
    pub name: String,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Where to copy from (default: the service that the root of trust names); another mirror does
    #[arg(long, value_name = "URL")]
    pub from: Option<String>,
    /// Folder that keeps the copy and what was signed
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8623")]
    pub listen: std::net::SocketAddr,
    /// Seconds between two looks at the log
    #[arg(long, default_value_t = 60)]
    pub every: u64,
    /// What it signs with.
    #[command(flatten)]
    pub node: NodeArgs,
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
    /// What it signs with.
    #[command(flatten)]
    pub node: NodeArgs,
}

/// `fsck`, `rebuild`.
#[derive(Clone, Debug, Args)]
pub struct Fsck {
    /// The store's folder (default: that of the configuration)
    pub store: Option<PathBuf>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `backup`.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// The store's folder, where it is not that of the configuration, and the folder to make (default: one named by the
    /// time, in backups/ beside the configuration)
    #[arg(value_names = ["STORE", "TO"], num_args = 0..=2)]
    pub paths: Vec<PathBuf>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// `restore`.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// The copy (default: the newest in backups/ beside the configuration)
    pub from: Option<PathBuf>,
    /// The store's folder to make (default: that of the configuration)
    pub store: Option<PathBuf>,
    /// Configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Cosigned checkpoints that must not be rolled back, from a cosigner, a mirror or a client
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// Mirrors whose newest checkpoint must not be rolled back, each by its address
    #[arg(long, num_args = 1.., value_name = "URL")]
    pub mirror: Vec<String>,
    /// What is left of the old store
    #[arg(long, value_name = "STORE")]
    pub old: Option<PathBuf>,
    /// Restore although nobody knows how far the log had come
    #[arg(long)]
    pub unchecked: bool,
}
