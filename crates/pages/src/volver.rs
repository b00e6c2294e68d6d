//! `/{l}/volver`: she comes back with her eight words. What it shows of her inbox is made in the page, from the module's
//! answers and the words that this template carries along.

use askama::Template;

use crate::{Frame, Module, Screen, Strings};

/// What begins with one of these is for the script, with its variables as `{name}`.
const FAMILIES: [&str; 10] = [
    "return-",
    "inbox-",
    "act-",
    "add-",
    "ask-",
    "withdraw-",
    "use-",
    "evidence-",
    "voice-",
    "sr-voice-",
];

/// What the script says beside those.
const SAYS: [&str; 15] = [
    "account-empty",
    "err-promise",
    "err-too-much",
    "sr-file-added",
    "sr-file-removed",
    "net-back",
    "net-busy",
    "net-offline-reading",
    "net-retry-in",
    "net-server-reading",
    "err-failed",
    "err-memory",
    "seal-state-done",
    "seal-state-now",
    "seal-state-wait",
];

/// `web/pages/volver.html`.
#[derive(Template)]
#[template(path = "pages/volver.html")]
pub struct Volver<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The root of trust as JSON; empty before the first council.
    pub root: &'a str,
    /// When this build was made, POSIX seconds; 0 where nobody says.
    pub built: u64,
}

impl Volver<'_> {
    /// Whether this build and this log can open an inbox.
    fn is_ready(&self) -> bool {
        self.frame.assets.has(Module::Return) && !self.root.is_empty()
    }

    /// What opens her inbox.
    fn open_words(&self) -> String {
        self.frame.t.get("return-open")
    }

    /// Whether she may say in which month she filed.
    fn asks_month(&self) -> bool {
        true
    }

    /// Places for her words.
    fn places(&self) -> std::ops::RangeInclusive<usize> {
        1..=protocol::phrase::WORD_COUNT
    }

    /// The script's words.
    fn says(&self) -> Vec<(&'static str, String)> {
        let is_said = |id: &&str| FAMILIES.iter().any(|family| id.starts_with(family)) || SAYS.contains(id);
        let ids = Strings::ids(self.frame.language).filter(is_said);
        // A variable that nobody gives stays as it is written.
        ids.map(|id| (id, self.frame.t.get(id).replace("{$", "{"))).collect()
    }
}
