//! Why an act was not done: a code that every interface has words for, and what goes with it. No secret and nothing of a
//! testimony stands in a failure.

use std::borrow::Cow;

use casework::NotNow;
use protocol::problem::Problem;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// The outcome of everything here that can fail.
pub type Outcome<T> = Result<T, Failure>;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// The service refuses.
    Service(Problem),
    /// A rule of the log does not allow it now, or ever.
    Rule(Box<NotNow>),
    /// One of our own.
    Local(Local),
}

macro_rules! local {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What goes wrong on this side.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Local { $($(#[$doc])* $name,)* }

        impl Local {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Stable, kebab-case.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

local! {
    /// Nobody answers.
    Unreachable = "unreachable",
    /// An answer that is not of this protocol.
    UnexpectedAnswer = "unexpected-answer",
    /// The server failed without saying why.
    Server = "server",
    /// Other bytes than the file that was asked for.
    DigestDiffers = "digest-differs",
    /// The log, or something that must agree with it, does not verify: nothing may be done on it.
    LogNotVerifiable = "log-not-verifiable",
    /// The log has not made its first step.
    NoCheckpoint = "no-checkpoint",
    /// The newest checkpoint is older than 26 h.
    CheckpointTooOld = "checkpoint-too-old",
    /// The newest checkpoint is from the future.
    CheckpointFromFuture = "checkpoint-from-future",
    /// A cosigner has signed a larger log than the service shows.
    CheckpointWithheld = "checkpoint-withheld",
    /// The log shows no council.
    NoCouncil = "no-council",
    /// The key is of nobody in the current council.
    NotOfCouncil = "not-of-council",
    /// The member has another key now; this one did not sign that.
    KeyReplaced = "key-replaced",
    /// The member has another key now; this one signed that.
    KeyRenewed = "key-renewed",
    /// The key has another office than it had when this began.
    OfficeChanged = "office-changed",
    /// The passphrase does not open the key file.
    WrongPassphrase = "wrong-passphrase",
    /// No key file.
    NotAKeyFile = "not-a-key-file",
    /// No file that the desk of this key gave.
    NotADeskFile = "not-a-desk-file",
    /// This key holds nothing of the case.
    CaseUnknown = "case-unknown",
    /// The case's header does not verify.
    Header = "header",
    /// The case's header is not to be had.
    NoHeader = "no-header",
    /// What was kept does not open or verify.
    StateDamaged = "state-damaged",
    /// What is kept was kept for another log or another key.
    StateOfAnother = "state-of-another",
    /// This seat's share does not open, or lacks what is asked for.
    ShareUnusable = "share-unusable",
    /// No question without a filing of that name waits here.
    NoSuchAsk = "no-such-ask",
    /// No delivery of that name failed a check.
    NoSuchDelivery = "no-such-delivery",
    /// The council has no reader of that number.
    NoSuchReader = "no-such-reader",
    /// The request does not ask for this compartment.
    NotAsked = "not-asked",
    /// A statement from an office cell does not verify.
    OfficeCell = "office-cell",
    /// The statement would break a rule of its form.
    StatementRule = "statement-rule",
    /// A message asks her for what nobody should ask her for: it is sent when its author says so once more.
    AsksHer = "asks-her",
    /// The statement does not fit into a record or a cell.
    StatementTooLong = "statement-too-long",
    /// She has written more than a draft holds.
    DraftTooLong = "draft-too-long",
    /// Another act on the same thing waits for its step.
    Pending = "pending",
    /// A filing would be dealt to too few seats.
    TooFewSeats = "too-few-seats",
    /// These words hold a filing: its seats are asked in a message on it.
    Filed = "filed-already",
    /// No slot is left.
    NoSlot = "no-slot",
    /// The promise does not verify.
    Promise = "promise",
    /// A promise is over, and what was promised is not in the log.
    PromiseBroken = "promise-broken",
    /// No seat has told this reader of the case.
    NotReferred = "not-referred",
    /// The request's key is not here.
    RequestKey = "request-key",
    /// The request's key was not saved before it is sent.
    KeyNotSaved = "key-not-saved",
    /// The request was opened, and its key destroyed.
    Opened = "opened-already",
    /// No seat has released anything.
    NothingReleased = "nothing-released",
    /// Too few seats have released a good share.
    TooFewReleases = "too-few-releases",
    /// Enough seats have released, and the declarant's part of the key is not there (§8.4).
    PartMissing = "part-missing",
    /// Acts that must stand in the log do not.
    ActsMissing = "acts-missing",
    /// An upload does not advance.
    Upload = "upload",
    /// No object came.
    ObjectsMissing = "objects-missing",
    /// The act signs no statement of its own.
    NoStatement = "no-statement",
    /// Another act is under way.
    Busy = "busy",
    /// No key is open.
    Locked = "locked",
    /// What is kept on this machine cannot be read or written.
    Store = "store",
    /// Our bug.
    Internal = "internal",
}

impl Code {
    /// Stable, kebab-case.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Service(problem) => problem.code().into(),
            Self::Local(local) => local.code().into(),
            Self::Rule(no) => match rule(no).remove("code") {
                Some(Value::String(code)) => code.into(),
                _ => "not-now".into(),
            },
        }
    }

    /// Whether the service may have taken what was sent all the same: it is then sent again as it was. A refusal says
    /// that it was not.
    pub fn is_unanswered(&self) -> bool {
        match self {
            Self::Service(problem) => matches!(
                problem,
                Problem::Replay | Problem::Offset | Problem::BlobsMissing | Problem::Work | Problem::Capacity
            ),
            Self::Local(local) => matches!(
                local,
                Local::Unreachable | Local::UnexpectedAnswer | Local::Server | Local::Promise
            ),
            Self::Rule(_) => false,
        }
    }

    /// Whether it was done before.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Rule(no) if matches!(no.why, casework::Why::Done { .. }))
    }

    /// Whether what others proposed, and is not filed now for this reason, may be filed later.
    pub fn is_not_yet(&self) -> bool {
        match self {
            Self::Rule(no) => matches!(
                no.why,
                casework::Why::CheckpointTooOld { .. }
                    | casework::Why::NotReadToTheEnd { .. }
                    | casework::Why::Untrusted
                    | casework::Why::NoRequest
            ),
            Self::Local(local) => matches!(local, Local::CheckpointTooOld | Local::NoCheckpoint),
            Self::Service(_) => false,
        }
    }
}

impl From<Problem> for Code {
    fn from(problem: Problem) -> Self {
        Self::Service(problem)
    }
}

impl From<Local> for Code {
    fn from(local: Local) -> Self {
        Self::Local(local)
    }
}

/// Codes compare with one of ours without a wrapper.
impl PartialEq<Local> for Code {
    fn eq(&self, other: &Local) -> bool {
        *self == Self::Local(*other)
    }
}

/// Something was not done, and nothing is half done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What.
    pub code: Code,
    /// More, for those who look: in English, never needed to go on.
    pub detail: Option<String>,
    /// Values that the words of the code may name.
    pub about: Map<String, Value>,
}

impl Failure {
    /// A failure by its code.
    pub fn new(code: impl Into<Code>) -> Self {
        Self {
            code: code.into(),
            detail: None,
            about: Map::new(),
        }
    }

    /// As a page's scripts read it: `{code, detail?, …}`.
    pub fn into_json(self) -> String {
        serde_json::json!(self).to_string()
    }

    /// With its reason, unless it has one.
    #[must_use]
    pub fn why(mut self, why: impl std::fmt::Display) -> Self {
        self.detail.get_or_insert_with(|| why.to_string());
        self
    }

    /// With a value that the words of its code may name.
    #[must_use]
    pub fn about(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.about.insert(name.to_owned(), value.into());
        self
    }

    /// The log, or something that must agree with it, does not verify: nothing may be done on it.
    pub fn log(why: impl std::fmt::Display) -> Self {
        Self::new(Local::LogNotVerifiable).why(why)
    }

    /// A rule of the log does not allow the act now.
    pub fn not_now(refused: NotNow) -> Self {
        let line = refused.line.map(|line| format!(" (§8.5, line {line})"));
        let detail = format!("{refused}{}", line.unwrap_or_default());
        let mut about = rule(&refused);
        about.remove("code");
        if let Some(from) = refused.from {
            about.insert("from".to_owned(), from.into());
        }
        Self {
            code: Code::Rule(Box::new(refused)),
            detail: Some(detail),
            about,
        }
    }

    /// Something that cannot be.
    pub fn bug(what: &str) -> Self {
        Self::new(Local::Internal).why(what)
    }
}

/// `{code, detail?, …}` with the values beside them.
impl From<sealing::promise::PromiseError> for Failure {
    fn from(error: sealing::promise::PromiseError) -> Self {
        Self::new(Local::Promise).why(error)
    }
}

impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.code.name())?;
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        for (name, value) in &self.about {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A rule as the page names it: its code with its own values.
fn rule(refused: &NotNow) -> Map<String, Value> {
    match serde_json::to_value(&refused.why) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
