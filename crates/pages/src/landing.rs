//! `/{l}/`: what this is, what it cannot promise, where to begin.

use askama::Template;

use crate::{Frame, Module};

/// `web/pages/landing.html`.
#[derive(Template)]
#[template(path = "pages/landing.html")]
pub struct Landing<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// Whether filings are taken: a council is in force.
    pub is_open: bool,
    /// The help line that the operator has checked.
    pub help: Option<Help<'a>>,
}

/// A help line, as the operator's configuration has it.
#[derive(Clone, Copy)]
pub struct Help<'a> {
    /// Number, as one dials it.
    pub phone: &'a str,
    /// When somebody answers, in the page's language.
    pub hours: &'a str,
    /// The day on which the operator called it.
    pub checked: &'a str,
}

impl Landing<'_> {
    /// Whether she can begin here and now.
    fn can_start(&self) -> bool {
        self.is_open && self.frame.assets.has(Module::Declare)
    }
}
