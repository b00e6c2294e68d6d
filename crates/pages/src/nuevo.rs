//! The declarant's way: one document whose steps are shown one at a time by its script.

use askama::Template;

use protocol::statement::Use;

use crate::quienes::Keepers;
use crate::{Frame, Module};

/// Steps of the way, receipt included.
pub const STEPS: u64 = 9;

/// What the script says, by message; variables stay as `{name}` for it to fill.
const SAYS: &[&str] = &[
    "net-offline",
    "net-server",
    "net-busy",
    "net-full",
    "net-back",
    "net-retry-in",
    "seal-not-yet",
    "seal-pause",
    "seal-state-wait",
    "seal-state-now",
    "seal-state-done",
    "err-page-unproven",
    "err-council-old",
    "err-memory",
    "err-promise",
    "err-failed",
    "account-empty",
    "evidence-too-many",
    "evidence-too-much",
    "evidence-too-large",
    "evidence-empty-file",
    "evidence-unreadable",
    "evidence-changed",
    "evidence-no-copy",
    "evidence-ready",
    "evidence-ready-both",
    "evidence-ready-copy",
    "evidence-ready-recorded",
    "evidence-ready-whole",
    "evidence-remove-first",
    "letters-left",
    "letters-over",
    "err-too-much",
    "sr-file-added",
    "sr-file-removed",
    "sr-words-hidden",
    "sr-step-changed",
    "sr-progress",
    "words-confirm-ok",
    "words-confirm-bad",
    "words-one",
    "check-nothing",
    "identity-name",
    "identity-reach",
    "identity-not-safe",
    "identity-trusted",
    "later-drawing",
    "later-done",
    "later-elsewhere",
    "later-none",
    "later-not-yet",
    "later-opened",
    "later-opened-files",
    "later-saved",
    "later-saving",
    "later-too-long",
    "return-checksum",
    "return-too-few",
    "return-too-many",
    "return-unknown-plain",
    "return-unknown-some",
    "return-unknown-word",
    "return-use",
    "return-working",
    "sr-voice-kept",
    "sr-voice-paused",
    "sr-voice-recording",
    "voice-broke",
    "voice-denied",
    "voice-failed",
    "voice-full",
    "voice-hidden",
    "voice-name",
    "voice-nearly",
    "voice-none",
    "voice-nothing",
    "who-checked",
    "who-leave-out",
    "who-share-none",
];

/// Variables that the script fills.
const VARIABLES: &[&str] = &[
    "t",
    "ti",
    "tl",
    "n",
    "min",
    "max",
    "fp",
    "seconds",
    "name",
    "heading",
    "step",
    "total",
    "percent",
    "word",
    "more",
    "most",
    "time",
    "suggestion",
];

/// `web/pages/nuevo.html`.
#[derive(Template)]
#[template(path = "pages/nuevo.html")]
pub struct Nuevo<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The root of trust, as JSON: public, and the same for everybody. None before there is a council.
    pub root: Option<String>,
    /// The council in force, as the server tells it: shown as not proven until the page has checked it. There is one
    /// where there is a root.
    pub keepers: Option<Keepers<'a>>,
    /// When this build was made, in POSIX seconds; 0 where unknown.
    pub built: u64,
}

impl Nuevo<'_> {
    fn is_open(&self) -> bool {
        self.root.is_some()
    }

    /// Whether there is a council to seal to, and a module that seals.
    fn can_seal(&self) -> bool {
        self.is_open() && self.frame.assets.has(Module::Declare)
    }

    /// Whether she can come back here.
    fn can_return(&self) -> bool {
        self.frame.assets.has(Module::Return)
    }

    /// Whether she can save it for another day.
    fn can_save(&self) -> bool {
        self.frame.assets.has(Module::Draft)
    }

    /// Whether a month is asked with the words: a draft is found without the log.
    fn asks_month(&self) -> bool {
        false
    }

    /// Places for the words of a draft.
    fn places(&self) -> std::ops::RangeInclusive<usize> {
        1..=protocol::phrase::WORD_COUNT
    }

    /// What opens a draft.
    fn open_words(&self) -> String {
        self.frame.t.get("later-resume")
    }

    fn root_json(&self) -> &str {
        self.root.as_deref().unwrap_or_default()
    }

    /// A message whose variables stay for the script.
    fn fill(&self, id: &str) -> String {
        let first = self.frame.t.with("unused", "");
        let message = VARIABLES
            .iter()
            .fold(first, |message, name| message.with(name, format!("{{{name}}}")));
        message.get(id)
    }

    /// As [`Self::fill`], for what the script says.
    fn say(&self, id: &&'static str) -> String {
        self.fill(id)
    }

    fn says(&self) -> &'static [&'static str] {
        SAYS
    }

    fn title(&self) -> String {
        let message = self.frame.t.with("step", "{step}").with("total", STEPS);
        message.get("title-step")
    }

    fn step_of(&self) -> String {
        let message = self.frame.t.with("step", "{step}").with("total", STEPS);
        message.get("step-of")
    }

    /// What she may allow it to be used for.
    fn uses(&self) -> [Use; 6] {
        Use::ALL
    }

    /// The same in words.
    fn allows(&self, it: &Use) -> String {
        self.frame.t.get(&format!("use-{}", it.name()))
    }

    /// The five states of sealing.
    fn states(&self) -> [(&'static str, &'static str); 5] {
        [
            ("key", "seal-1"),
            ("lock", "seal-2"),
            ("split", "seal-3"),
            ("send", "seal-4"),
            ("receipt", "seal-5"),
        ]
    }
}
