//! What went wrong, for people (what, why, do) and for programs (code, exit status; `resguardo --help` lists
//! them).
//!
//! An error never holds a secret, a phrase or plaintext: its texts are shown and may be copied into reports.

mod exit;

use crate::language::{of_error, said, t};
pub use exit::Exit;
use std::borrow::Cow;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $exit:ident,)*) => {
        /// What goes wrong on the command line only: with files, the terminal, a machine that serves. What every client of
        /// the log meets is a [`client::Code`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum CliCode { $($(#[$doc])* $name,)* }

        impl CliCode {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Stable, kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            fn exit(self) -> Exit {
                match self { $(Self::$name => Exit::$exit,)* }
            }
        }
    };
}

codes! {
    /// An output is there already.
    Exists = "exists" => Usage,
    /// An output would take the place of what is read or written.
    OutputIsInput = "output-is-input" => Usage,
    /// A file is not text.
    NotText = "not-text" => Usage,
    /// A wrong use of the command.
    Usage = "usage" => Usage,
    /// The configuration cannot be read.
    Config = "config" => Usage,
    /// A folder is not a demo.
    NotADemo = "not-a-demo" => Usage,
    /// The drafted council breaks a rule.
    BadCouncil = "bad-council" => Usage,
    /// A passage that she did not say.
    Passage = "passage" => Usage,
    /// A file is longer than any that is meant.
    FileTooLarge = "file-too-large" => Check,
    /// A receipt does not verify.
    Receipt = "receipt" => Check,
    /// A folder is not a package.
    NotAPackage = "not-a-package" => Check,
    /// Files of a package are missing.
    PackageIncomplete = "package-incomplete" => Check,
    /// It was made for another log.
    OtherLog = "other-log" => Check,
    /// A file of a package was altered or cut off.
    PackageAltered = "package-altered" => Check,
    /// A council that was published breaks a rule.
    CouncilRule = "council-rule" => Check,
    /// A file is not a root of trust.
    NotARoot = "not-a-root" => Check,
    /// The demo's tour found something else than it must.
    Tour = "tour" => Check,
    /// What was opened does not hold.
    DoesNotOpen = "does-not-open" => Check,
    /// Shares that were delivered fail a check.
    SharesRejected = "shares-rejected" => Check,
    /// The root of trust differs.
    Root = "root" => Check,
    /// A file is not a signed statement.
    NotAnEnvelope = "not-an-envelope" => Check,
    /// A seat has signed another council.
    OtherDraft = "other-draft" => Check,
    /// A file is not a council.
    NotACouncil = "not-a-council" => Check,
    /// A folder was not written by `resguardo open`.
    Record = "record" => Check,
    /// Law files do not load.
    LawFiles = "law-files" => Check,
    /// Law cases come out otherwise.
    LawCases = "law-cases" => Check,
    /// Something must be mended before the service starts.
    Doctor = "doctor" => Check,
    /// A file is no promise of this log.
    NotAPromise = "not-a-promise" => Check,
    /// A complaint proves nothing.
    Complaint = "complaint" => Check,
    /// A promise is not due yet.
    NotDue = "not-due" => NotNow,
    /// A promise was kept: there is nothing to complain about.
    PromiseKept = "promise-kept" => NotFound,
    /// The log breaks a rule.
    LogBreach = "log-breach" => Check,
    /// The service serves something else than the log says.
    SiteDiffers = "site-differs" => Check,
    /// What is served differs, and may have been changed just now.
    SiteChanging = "site-changing" => NotNow,
    /// The log has no `site` statement.
    NoSite = "no-site" => NotFound,
    /// The log, or a cosigner, lags behind.
    LogLags = "log-lags" => NotNow,
    /// Seats owe duty reports, or contradict each other in them.
    DutiesOwed = "duties-owed" => Check,
    /// A copy is older than what the cosigners have signed.
    RollsBack = "rolls-back" => Check,
    /// Nothing is at a path.
    FileNotFound = "file-not-found" => NotFound,
    /// Nothing here has that name.
    UnknownName = "unknown-name" => NotFound,
    /// The log has no such request.
    UnknownRequest = "unknown-request" => NotFound,
    /// The service gives no proof of an entry.
    NoProof = "no-proof" => NotFound,
    /// The log holds no such entry.
    NoEntry = "no-entry" => NotFound,
    /// No draft of these words is there.
    NoDraft = "no-draft" => NotFound,
    /// There is no store.
    NoStore = "no-store" => NotFound,
    /// There is no copy to restore.
    NoCopy = "no-copy" => NotFound,
    /// A folder holds no opened testimony.
    NoRecord = "no-record" => NotFound,
    /// An entry is withheld after its deadline.
    Withheld = "withheld" => NotFound,
    /// Law that is not loaded.
    NotLoaded = "not-loaded" => NotFound,
    /// The entry is not in the log.
    NotInLog = "not-in-log" => NotFound,
    /// Another process uses the folder.
    InUse = "in-use" => NotNow,
    /// The log has no greeting yet.
    NoGreeting = "no-greeting" => NotNow,
    /// A demo is running in the folder.
    DemoRunning = "demo-running" => NotNow,
    /// Another process has the store.
    StoreBusy = "store-busy" => NotNow,
    /// No council is published yet.
    NoCouncilYet = "no-council-yet" => NotNow,
    /// Not every seat has signed the council.
    SignaturesMissing = "signatures-missing" => NotNow,
    /// The same was asked before and waits.
    AskedAlready = "asked-already" => NotNow,
    /// A reader has reported on a request.
    ReportedAlready = "reported-already" => NotNow,
    /// The service takes no more calls for now.
    TooMany = "too-many" => NotNow,
    /// A hook did not take a notice.
    Hook = "hook" => NotNow,
    /// A mail server did not take a notice.
    Mail = "mail" => Network,
    /// A file came only in part.
    Transfer = "transfer" => Network,
    /// Another program has the port.
    PortTaken = "port-taken" => Network,
    /// A cosigner does not answer.
    Cosigner = "cosigner" => Network,
    /// The address cannot be listened on.
    Socket = "socket" => Network,
    /// Standard output does not take the result.
    Output = "output" => Storage,
    /// A file or folder cannot be read or written.
    File = "file" => Storage,
    /// The machine gives too little memory.
    Memory = "memory" => Storage,
    /// The demo's service ended.
    ServiceEnded = "service-ended" => Storage,
    /// A program of the demo cannot be started.
    Program = "program" => Storage,
    /// The demo's folder is damaged.
    DemoDamaged = "demo-damaged" => Storage,
    /// A newer program made the demo's folder.
    DemoNewer = "demo-newer" => Storage,
    /// The copy of the store failed.
    Backup = "backup" => Storage,
    /// The store is damaged.
    StoreDamaged = "store-damaged" => Storage,
    /// The machine gives no more threads.
    Runtime = "runtime" => Storage,
    /// Others can read a key file.
    KeyReadable = "key-readable" => Storage,
    /// A newer program wrote the store.
    StoreNewer = "store-newer" => Storage,
    /// What the cosigner has signed cannot be read.
    CosignerMemory = "cosigner-memory" => Storage,
    /// These are not eight words of a testimony.
    WrongWords = "wrong-words" => Key,
    /// A secret is not text.
    SecretNotText = "secret-not-text" => Key,
    /// A secret is needed, and no terminal is there to ask on.
    NobodyToAsk = "nobody-to-ask" => Key,
    /// The terminal did not take a secret.
    Prompt = "prompt" => Key,
    /// An empty secret.
    EmptySecret = "empty-secret" => Key,
    /// A file is not a card of a key.
    NotACard = "not-a-card" => Key,
    /// The key is of another office than the verb needs.
    WrongOffice = "wrong-office" => Key,
    /// A card is of another key.
    CardDiffers = "card-differs" => Key,
    /// A card was made for another office.
    WrongRole = "wrong-role" => Key,
    /// log.vkey is not a verifier key.
    LogVkey = "log-vkey" => Key,
    /// operator.pub is not a key.
    OperatorKey = "operator-key" => Key,
    /// Her words were not saved.
    WordsNotKept = "words-not-kept" => Key,
    /// A key of the cosigner cannot be used.
    CosignerKey = "cosigner-key" => Key,
    /// Our bug.
    Bug = "bug" => Bug,
    /// Stopped by the user.
    Stopped = "stopped" => Stopped,
}

/// What went wrong: an act's code, or one of the command line's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// As every client of the log has it.
    Act(client::Code),
    /// The command line's own.
    Cli(CliCode),
}

impl ErrorCode {
    /// Stable, kebab-case.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Act(code) => code.name(),
            Self::Cli(code) => code.name().into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Act(code) => exit::of_act(code),
            Self::Cli(code) => code.exit(),
        }
    }
}

impl From<CliCode> for ErrorCode {
    fn from(code: CliCode) -> Self {
        Self::Cli(code)
    }
}

impl<T: Into<client::Code>> From<T> for ErrorCode {
    fn from(code: T) -> Self {
        Self::Act(code.into())
    }
}

/// One failure: what happened, why, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What happened.
    pub what: Box<str>,
    /// The reason.
    pub why: Box<str>,
    /// What to do next, and whether anything was lost.
    pub remedy: Box<str>,
    /// When trying again makes sense, RFC 3339 in UTC.
    pub retry_after: Option<Box<str>>,
}

/// Result of everything in this crate that can fail.
pub type Outcome<T> = Result<T, CliError>;

/// What happened; it becomes a [`CliError`] once it says why and what to do.
#[derive(Debug)]
#[must_use = "a failure also says why, and what to do"]
pub struct Happened {
    code: ErrorCode,
    what: Box<str>,
}

/// What happened and why; it becomes a [`CliError`] once it says what to do.
#[derive(Debug)]
#[must_use = "a failure also says what to do"]
pub struct Explained {
    happened: Happened,
    why: Box<str>,
}

impl Happened {
    /// The reason.
    pub fn why(self, why: impl std::fmt::Display) -> Explained {
        Explained {
            happened: self,
            why: of_error(&why.to_string()).into(),
        }
    }
}

impl Explained {
    /// What to do next, and whether anything was lost.
    pub fn remedy(self, remedy: impl Into<String>) -> CliError {
        CliError {
            code: self.happened.code,
            what: self.happened.what,
            why: self.why,
            remedy: remedy.into().into(),
            retry_after: None,
        }
    }
}

impl CliError {
    /// Begins an error with what happened. It is incomplete before [`Happened::why`] and [`Explained::remedy`]: nobody is
    /// left with one that does not say how to go on. What it says then stays: who knows more adds it ([`Self::also`]), or
    /// makes it the reason of what happened to the whole ([`Self::within`]).
    #[expect(clippy::new_ret_no_self, reason = "the two missing parts are asked for by the type")]
    pub fn new(code: impl Into<ErrorCode>, what: impl Into<String>) -> Happened {
        Happened {
            code: code.into(),
            what: what.into().into_boxed_str(),
        }
    }

    /// Exit status of the program.
    pub fn exit(&self) -> Exit {
        self.code.exit()
    }

    /// Whether it is a failure of that kind.
    pub fn is(&self, code: impl Into<ErrorCode>) -> bool {
        self.code == code.into()
    }

    /// With more to do, after what it says already.
    #[must_use]
    pub fn also(mut self, remedy: &str) -> Self {
        self.remedy = format!("{}; {remedy}", self.remedy).into();
        self
    }

    /// The same failure as part of something larger, which says what to do: what it was by itself is the reason.
    #[must_use]
    pub fn within(self, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into().into(),
            why: self.to_string().into(),
            remedy: remedy.into().into(),
            ..self
        }
    }

    /// Adds when to try again (POSIX seconds).
    #[must_use]
    pub fn retry_at(mut self, time: u64) -> Self {
        self.retry_after = Some(crate::clock::rfc3339(time).into());
        self
    }

    /// A wrong use of the command.
    pub fn usage(what: impl Into<String>) -> Happened {
        Self::new(CliCode::Usage, what)
    }

    /// A file or folder that cannot be read or written.
    pub fn file(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let what = t!("cannot {} {}", said(doing), path.display());
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::new(CliCode::FileNotFound, what)
                .why(t!("there is nothing at this path"))
                .remedy(t!("check the path and the folder from which you run it"));
        }
        Self::new(CliCode::File, what)
            .why(error)
            .remedy(t!("check the permissions and the free space, then run it again"))
    }

    /// A state that our own code should have excluded.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new(CliCode::Bug, what)
            .why(t!("this program's own code should have excluded it"))
            .remedy(t!("please report this line; it holds no secret"))
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for CliError {}

#[cfg(test)]
mod tests {
    use super::*;
    use client::Local;
    use protocol::problem::Problem;
    use std::collections::BTreeSet;

    #[test]
    fn a_missing_file_is_not_found_and_another_trouble_is_storage() {
        let path = std::path::Path::new("x.key");
        let missing = CliError::file("read", path, &std::io::Error::from(std::io::ErrorKind::NotFound));
        let denied = CliError::file(
            "read",
            path,
            &std::io::Error::from(std::io::ErrorKind::PermissionDenied),
        );
        assert_eq!((missing.exit() as u8, denied.exit() as u8), (3, 6));
        assert!(missing.what.contains("x.key") && !missing.remedy.is_empty());
    }

    #[test]
    fn one_name_is_one_code() {
        let mut names = BTreeSet::from_iter(Local::ALL.iter().map(|local| local.code()));
        names.extend(Problem::ALL.iter().map(|problem| problem.code()));
        for code in CliCode::ALL {
            assert!(names.insert(code.name()), "{}", code.name());
        }
    }

    #[test]
    fn what_an_error_says_is_never_lost() {
        let first = CliError::new(CliCode::NotText, "a.txt is not text")
            .why("byte 3")
            .remedy("save it as text");
        let more = first.clone().also("nothing was sealed");
        assert_eq!(&*more.remedy, "save it as text; nothing was sealed");
        let whole = first.clone().within("nothing was sealed", "seal it again");
        assert!(
            whole.is(CliCode::NotText) && whole.why.contains("a.txt is not text: byte 3"),
            "{whole}"
        );
    }
}
