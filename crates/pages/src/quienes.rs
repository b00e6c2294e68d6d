//! `/{l}/quienes`: the institutions that keep the key, how many must agree, and the council's name in words. Read by
//! the server from the public statements; whoever wants to be sure compares the words by phone.

use askama::Template;
use casework::registry::CouncilRecord;
use protocol::statement::Council;

use crate::{Frame, Language, Screen, WordList};

/// `web/pages/quienes.html`.
#[derive(Template)]
#[template(path = "pages/quienes.html")]
pub struct Quienes<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The council in force; none before the first.
    pub keepers: Option<Keepers<'a>>,
}

/// The council, as this page shows it.
pub struct Keepers<'a> {
    /// What it states.
    pub(crate) council: &'a Council,
    /// Its fingerprint in words.
    words: [WordList; 2],
}

impl<'a> Keepers<'a> {
    /// From the council in force.
    #[must_use]
    pub fn new(council: &'a CouncilRecord, language: Language) -> Self {
        Self {
            council,
            words: WordList::of_council(council.digest(), language),
        }
    }

    /// Its name in words of both lists, as one text.
    pub(crate) fn name(&self) -> String {
        self.words.each_ref().map(|list| list.words.join(" ")).join(" / ")
    }

    /// Fewest seats that a testimony is dealt to: t_identity + 1 (§5.5).
    pub(crate) fn least(&self) -> usize {
        usize::from(self.council.identity) + 1
    }

    /// How many may open it without her under lapse, where none is left out (§8.4).
    pub(crate) fn lapse(&self) -> u8 {
        self.council.lapse_threshold(self.council.seats.len())
    }

    /// How many she may leave out.
    pub(crate) fn may_leave_out(&self) -> usize {
        self.council.seats.len().saturating_sub(self.least())
    }
}
