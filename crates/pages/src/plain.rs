//! `/{l}/sin-scripts`: the form for a browser that runs no scripts, which the server seals (§14.4). Its first page is the same
//! for everybody; each of the others answers a post and carries what she wrote, so that nothing of it is kept in between.

use askama::Template;
use protocol::phrase::Phrase;

use crate::Frame;
use crate::quienes::Keepers;

/// Where the form is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer<'a> {
    /// At whatever address she reads this.
    Here,
    /// Over this onion address only.
    Onion(&'a str),
    /// Nowhere.
    Nowhere,
    /// Nothing is taken here now: there is no council in force, or nobody said whom she can call.
    Closed,
}

/// `web/pages/plain.html`: what sealing by the server means, and who can open it. No field.
#[derive(Template)]
#[template(path = "pages/plain.html")]
pub struct Plain<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// Where the form is.
    pub offer: Offer<'a>,
    /// Who keeps the key.
    pub keepers: Option<Keepers<'a>>,
}

impl Plain<'_> {
    /// Whether the form can be begun from this page.
    fn may_begin(&self) -> bool {
        matches!(self.offer, Offer::Here | Offer::Onion(_)) && self.keepers.is_some()
    }
}

/// What she wrote, as it came.
#[derive(Clone, Copy)]
pub struct Wrote<'a> {
    /// The eight words that were drawn for her.
    pub words: &'a str,
    /// What happened.
    pub account: &'a str,
    /// Who she is.
    pub identity: &'a str,
    /// What language she speaks.
    pub language: &'a str,
    /// Somebody is in danger.
    pub danger: bool,
    /// Interpreter wanted.
    pub interpreter: bool,
}

impl<'a> Wrote<'a> {
    /// The words, one by one.
    fn each_word(&self) -> impl Iterator<Item = &'a str> {
        Phrase::split(self.words)
    }
}

/// What stands in the way, said above what she wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing was written.
    Empty,
    /// More text than a testimony holds.
    TooMuch,
    /// The words are not those that were drawn: others were.
    Words,
    /// Letters that are no text of any language came: they were replaced.
    Garbled,
    /// All turns are taken.
    Busy,
    /// The form's own quota is used up.
    Full,
    /// It cannot be proven who keeps the key today.
    Council,
    /// The server failed.
    Failed,
}

impl Trouble {
    /// The message that says it.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Empty => "plain-empty",
            Self::TooMuch => "plain-too-much",
            Self::Words => "plain-words-changed",
            Self::Garbled => "plain-garbled",
            Self::Busy => "plain-busy",
            Self::Full => "plain-full",
            Self::Council => "plain-council",
            Self::Failed => "plain-failed",
        }
    }

    /// Whether she can seal again at once what stands there.
    fn is_ours(self) -> bool {
        matches!(self, Self::Busy | Self::Full | Self::Council | Self::Failed)
    }
}

/// `web/pages/plain/write.html`: her words, and what she tells.
#[derive(Template)]
#[template(path = "pages/plain/write.html")]
pub struct Write<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// What she wrote so far.
    pub wrote: Wrote<'a>,
    /// What stands in the way.
    pub trouble: Option<Trouble>,
}

/// `web/pages/plain/check.html`: all of it, before it is sealed.
#[derive(Template)]
#[template(path = "pages/plain/check.html")]
pub struct Check<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// What she wrote.
    pub wrote: Wrote<'a>,
    /// How many open the account.
    pub account: u8,
    /// What stood in the way of sealing it.
    pub trouble: Option<Trouble>,
}

/// `web/pages/plain/done.html`: it was filed.
#[derive(Template)]
#[template(path = "pages/plain/done.html")]
pub struct Done<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The eight words.
    pub words: &'a str,
    /// The case code, in words of people the receipt.
    pub code: &'a str,
    /// The promise, which the log's key signed.
    pub promise: &'a str,
    /// It was filed before, with these words.
    pub is_again: bool,
    /// It goes into the log with the next step.
    pub is_soon: bool,
    /// She said that somebody is in danger.
    pub danger: bool,
}

impl<'a> Done<'a> {
    fn each_word(&self) -> impl Iterator<Item = &'a str> {
        Phrase::split(self.words)
    }
}

/// Why a post is answered without the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is not offered at this address.
    NotHere,
    /// Nothing is taken here now.
    Closed,
    /// The body was too large to be read.
    TooLarge,
    /// It cannot be read, or ended early.
    Unreadable,
    /// No memory for it now.
    Busy,
}

impl Stop {
    /// The message that says it.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::NotHere => "plain-not-here",
            Self::Closed => "plain-closed",
            Self::TooLarge => "plain-too-large",
            Self::Unreadable => "plain-unreadable",
            Self::Busy => "plain-no-room",
        }
    }
}

/// `web/pages/plain/stopped.html`: what happened, and the other ways.
#[derive(Template)]
#[template(path = "pages/plain/stopped.html")]
pub struct Stopped<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// Why.
    pub stop: Stop,
    /// Where it is offered.
    pub offer: Offer<'a>,
}
