//! Verbs of declarants and of everybody who checks the log.

use super::{PhraseArgs, RootArgs, Tongue};
use clap::{Args, Subcommand, ValueEnum};
use protocol::statement::Use;
use std::path::PathBuf;

/// Her choice about withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Withdraw {
    /// 30 days after she asks.
    After,
    /// A custodian meets her.
    InPerson,
}

/// Her choice about the public docket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocketMode {
    /// Each act becomes public later, by institution and week; nothing names her or the testimony.
    Normal,
    /// Numbers alone become public, of all testimonies together.
    CountsOnly,
}

/// Her choice of who opens it, besides a quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConsentMode {
    /// Never without her: if she dies or loses the eight words, it is never opened.
    Strict,
    /// Without her only after long silence, an inquiry by people, and more seats than otherwise.
    Lapse,
}

/// Eight words that she has, or new ones.
#[derive(Clone, Debug, Args)]
pub struct WordsArgs {
    /// Words that she has.
    #[command(flatten)]
    pub phrase: PhraseArgs,
    /// Where to write the eight words of a new phrase; otherwise they are shown
    #[arg(long, value_name = "FILE", conflicts_with_all = ["phrase_file", "phrase_fd"])]
    pub phrase_out: Option<PathBuf>,
    /// Language of the eight words (default: that of this run)
    #[arg(long = "words", value_enum, value_name = "LANGUAGE")]
    pub language: Option<Tongue>,
}

/// `ask`.
#[derive(Clone, Debug, Args)]
pub struct Ask {
    /// Text file: what is asked, up to 1,500 bytes
    pub text: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Eight words of an inbox without a filing, to ask once more.
    #[command(flatten)]
    pub words: WordsArgs,
}

/// A use by its name.
pub(super) fn use_by_name(name: &str) -> Result<Use, String> {
    let found = Use::ALL.into_iter().find(|it| it.name() == name);
    found.ok_or_else(|| format!("one of {}", Use::ALL.map(Use::name).join(", ")))
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
    pub words: WordsArgs,
    /// Where to write eight other words, for whoever forces her to open her inbox: theirs holds nothing
    #[arg(long, value_name = "FILE")]
    pub decoy_out: Option<PathBuf>,
    /// Someone is in danger now
    #[arg(long)]
    pub danger: bool,
    /// An interpreter is wanted
    #[arg(long)]
    pub interpreter: bool,
    /// Copies of photographs, films and sound without place, time and device: beside the originals, in their place, or none
    #[arg(long, value_enum, default_value = "beside")]
    pub copies: CopiesMode,
    /// Answers of the form: a JSON object by field, with the codes of docs/guides/declarant.md
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// What language she speaks, in her own words
    #[arg(long, value_name = "TEXT")]
    pub speaks: Option<String>,
    /// Numbers of seats that must not get a share
    #[arg(long, value_name = "SEAT", num_args = 1..)]
    pub leave_out: Vec<u16>,
    /// It opens only with her consent, each time; without this, whenever enough seats grant a request
    #[arg(long, value_enum)]
    pub consent: Option<ConsentMode>,
    /// Under --consent lapse: days without a sign of her before the seats may begin to look for her [default: 365]
    #[arg(long, value_name = "DAYS", value_parser = ["180", "365", "730"])]
    pub lapse_days: Option<String>,
    /// What it may be used for, as advice to whoever decides: interview, support, authority, organisation, statistics,
    /// research
    #[arg(long, value_name = "USE", value_parser = use_by_name, num_args = 1..)]
    pub allow: Vec<Use>,
    /// Under --consent: the wish to be asked only once so many accounts name the same person
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(2..), requires = "consent")]
    pub ask_me_after: Option<u32>,
    /// Next step of the log rather than a random one of the next 12 hours
    #[arg(long)]
    pub soon: bool,
    /// Days for which messages to her are kept
    #[arg(long, default_value = "180", value_parser = ["30", "180", "400"])]
    pub inbox_days: String,
    /// How it can be withdrawn
    #[arg(long, value_enum, default_value = "after")]
    pub withdraw: Withdraw,
    /// What becomes public of what institutions do on it [default: normal once the council has opened the docket]
    #[arg(long, value_enum)]
    pub docket: Option<DocketMode>,
    /// Adds to an earlier filing of the same words, whose choices hold for this one too: its number among them, from 0
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["leave_out", "consent", "lapse_days", "allow", "ask_me_after", "inbox_days", "withdraw", "docket"])]
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
    /// Replace a receipt that is there; words never are
    #[arg(long)]
    pub force: bool,
}

/// Copies without metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CopiesMode {
    /// One beside each original of which one can be made
    Beside,
    /// One in place of each original
    Only,
    /// Originals alone
    None,
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
    /// Replace a receipt that is there
    #[arg(long)]
    pub force: bool,
}

/// `draft …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Draft {
    /// Save an account under new words, or in place of what was saved under these words
    #[command(before_help = "Example: resguardo draft save words.txt --phrase-out phrase.txt")]
    Save(DraftSave),
    /// Write the account that was saved into a file
    #[command(before_help = "Example: resguardo draft open --phrase-file phrase.txt --out words.txt")]
    Open(DraftOpen),
    /// Erase what was saved
    #[command(before_help = "Example: resguardo draft erase --phrase-file phrase.txt")]
    Erase(DraftErase),
}

/// `draft save`.
#[derive(Clone, Debug, Args)]
pub struct DraftSave {
    /// Text file: what happened, as far as it is written
    pub account: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Words of a draft that was saved before.
    #[command(flatten)]
    pub words: WordsArgs,
}

/// `draft open`.
#[derive(Clone, Debug, Args)]
pub struct DraftOpen {
    /// Where to write the account
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Words.
    #[command(flatten)]
    pub phrase: PhraseArgs,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `draft erase`.
#[derive(Clone, Debug, Args)]
pub struct DraftErase {
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Words.
    #[command(flatten)]
    pub phrase: PhraseArgs,
}

/// `inbox`.
#[derive(Clone, Debug, Args)]
pub struct Inbox {
    /// Words.
    #[command(flatten)]
    pub hers: Hers,
    /// Object to the request whose digest begins so
    #[arg(long, value_name = "REQUEST")]
    pub object: Option<String>,
    /// Where to write the receipt
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Replace a receipt that is there
    #[arg(long)]
    pub force: bool,
}

/// Whoever has the eight words.
#[derive(Clone, Debug, Args)]
pub struct Hers {
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Words.
    #[command(flatten)]
    pub phrase: PhraseArgs,
    /// Folder that keeps what is public of the log and, sealed, what was sent and does not show yet: `inbox` with the same
    /// folder sends it again (default: nothing is kept)
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
    /// When it was filed: a month as 2026-11, or a third of one as 2026-11-01, 2026-11-11, 2026-11-21: less is fetched, and
    /// the service learns which was named (default: everything is read)
    #[arg(long, value_name = "MONTH", conflicts_with = "state")]
    pub since: Option<String>,
}

/// `consent`.
#[derive(Clone, Debug, Args)]
#[command(group(clap::ArgGroup::new("answer").required(true).args(["yes", "no"])))]
pub struct Consent {
    /// The request: the first digits of its digest
    pub request: String,
    /// Words.
    #[command(flatten)]
    pub hers: Hers,
    /// She consents: with the seats' parts, this request can be opened
    #[arg(long)]
    pub yes: bool,
    /// She does not, or takes her consent back while nothing is released
    #[arg(long)]
    pub no: bool,
}

/// `withdraw`.
#[derive(Clone, Debug, Args)]
pub struct Withdrawal {
    /// The filing's code, where the words hold several
    pub case: Option<String>,
    /// Words.
    #[command(flatten)]
    pub hers: Hers,
    /// Takes a withdrawal back
    #[arg(long)]
    pub take_back: bool,
}

/// `alive`.
#[derive(Clone, Debug, Args)]
pub struct Alive {
    /// The filing's code, where the words hold several
    pub case: Option<String>,
    /// Words.
    #[command(flatten)]
    pub hers: Hers,
}

/// `say`.
#[derive(Clone, Debug, Args)]
pub struct Say {
    /// Text file: what she writes, up to 1,500 bytes
    pub text: PathBuf,
    /// The filing's code, where the words hold several
    #[arg(long, value_name = "CODE")]
    pub case: Option<String>,
    /// Words.
    #[command(flatten)]
    pub hers: Hers,
}

/// `new-words`.
#[derive(Clone, Debug, Args)]
pub struct NewWords {
    /// Words.
    #[command(flatten)]
    pub hers: Hers,
    /// Where to write the eight new words; otherwise they are shown
    #[arg(long, value_name = "FILE")]
    pub phrase_out: Option<PathBuf>,
    /// Language of the eight words (default: that of this run)
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub words: Option<Tongue>,
}

/// `log …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Log {
    /// Read the whole log and check it: entries, tiles, every checkpoint, pace, public statements
    #[command(before_help = "Example: resguardo log verify https://recordatorio.example --root root.json")]
    Verify(LogVerify),
    /// Write the proof of one entry and check it
    #[command(before_help = "Example: resguardo log proof 17 --root root.json")]
    Proof(LogProof),
    /// Follow the log and say what is wrong with it: other or fewer entries than before, late steps, wrong pace, cosigners
    /// that are away, statements that do not count
    #[command(before_help = "Example: resguardo log monitor --state watching --every 30 --atom feed.xml")]
    Monitor(LogMonitor),
    /// Compare checkpoints that somebody else was shown with what this machine has read: a log that shows two histories is
    /// found so
    #[command(before_help = "Example: resguardo log compare theirs.checkpoint --state watching")]
    Compare(LogCompare),
}

/// `log monitor`.
#[derive(Clone, Debug, Args)]
pub struct LogMonitor {
    /// Address of the service or of a mirror, or a root of trust (default: root.json, and the address in it)
    #[arg(value_name = "URL|ROOT")]
    pub target: Option<String>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Folder for what was seen; never start anew without it, for only what is remembered can be contradicted
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
    /// Look again every so many minutes, until Ctrl-C (default: one look)
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..=1440))]
    pub every: Option<u64>,
    /// Keep a copy of the log in a folder, as files that any static host can serve; only what verifies is copied
    #[arg(long, value_name = "FOLDER")]
    pub mirror: Option<PathBuf>,
    /// Write alarms and public statements as an Atom feed, anew after each look
    #[arg(long, value_name = "FILE")]
    pub atom: Option<PathBuf>,
    /// Also compare what the service serves with the newest `site` statement, as verify-site does; with --every at moments
    /// drawn between half and one and a half of it
    #[arg(long)]
    pub site: bool,
}

/// `verify-site`.
#[derive(Clone, Debug, Args)]
pub struct VerifySite {
    /// Address of the service, or a root of trust (default: root.json, and the address in it)
    #[arg(value_name = "URL|ROOT")]
    pub target: Option<String>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Address of a mirror, or of a copy of the log, at which the log is read (default: at the service)
    #[arg(long, value_name = "URL")]
    pub log: Option<String>,
    /// Folder of `log monitor`: only what is new of the log is read
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
    /// Folder for the bytes that were served in place of what was stated, each under its SHA-256
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
    /// Do not wait for the statement of a change that was just made: end with exit 4
    #[arg(long)]
    pub no_wait: bool,
}

/// `log compare`.
#[derive(Clone, Debug, Args)]
pub struct LogCompare {
    /// Checkpoints
    #[arg(required = true, value_name = "FILE")]
    pub checkpoints: Vec<PathBuf>,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
    /// Folder of `log monitor`
    #[arg(long, value_name = "FOLDER")]
    pub state: PathBuf,
}

/// `log verify`.
#[derive(Clone, Debug, Args)]
pub struct LogVerify {
    /// Address of the service or of a mirror, a folder with a copy of the log, or a root of trust (default: root.json, and the
    /// address in it)
    #[arg(value_name = "URL|FOLDER|ROOT")]
    pub target: Option<String>,
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
    /// Replace a proof that is there
    #[arg(long)]
    pub force: bool,
}

/// `complain …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Complain {
    /// Make of a broken promise a file that anybody checks
    #[command(before_help = "Example: resguardo complain make my.receipt.promise")]
    Make(ComplainMake),
    /// Check a complaint against the root of trust, without a network
    #[command(before_help = "Example: resguardo complain verify my.receipt.complaint --root root.json")]
    Verify(ComplainVerify),
}

/// `complain make`.
#[derive(Clone, Debug, Args)]
pub struct ComplainMake {
    /// Promise, as `seal --receipt FILE` keeps it: FILE.promise
    pub promise: PathBuf,
    /// Where to write the complaint (default: the promise's name, with .complaint)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace a complaint that is there
    #[arg(long)]
    pub force: bool,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
}

/// `complain verify`.
#[derive(Clone, Debug, Args)]
pub struct ComplainVerify {
    /// Complaint
    pub file: PathBuf,
    /// Root of trust.
    #[command(flatten)]
    pub root: RootArgs,
}

/// `receipt …`.
#[derive(Clone, Debug, Subcommand)]
pub enum Receipt {
    /// Check a receipt against the root of trust
    #[command(before_help = "Example: resguardo receipt verify my.receipt --root root.json")]
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
