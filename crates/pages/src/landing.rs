//! `/{l}/`: what this is, what it cannot promise, where to begin.

use askama::Template;

use crate::{Frame, Module, Screen};

/// `web/pages/landing.html`.
#[derive(Template)]
#[template(path = "pages/landing.html")]
pub struct Landing<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// Whether filings are taken: a council is in force.
    pub is_open: bool,
}

impl Landing<'_> {
    /// Whether she can begin here and now.
    fn can_start(&self) -> bool {
        self.is_open && self.frame.assets.has(Module::Declare)
    }

    /// Whether she can come back here: also when nothing new is taken.
    fn can_return(&self) -> bool {
        self.frame.assets.has(Module::Return)
    }
}
