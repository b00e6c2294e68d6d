//! `/{l}/mesa/`: the desk of a seat or a reader. What it shows is made in the page, from the module's answers and the
//! words that this template carries along.

use askama::Template;

use crate::{Frame, Module, Strings};

/// `web/pages/mesa.html`.
#[derive(Template)]
#[template(path = "pages/mesa.html")]
pub struct DeskTemplate<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// The root of trust as JSON; empty before the first council.
    pub root: &'a str,
    /// When this build was made, POSIX seconds; 0 where nobody says.
    pub built: u64,
    /// Measures of assistance by their names in the law files, with the law's words.
    pub measures: &'a [(&'a str, &'a str)],
}

impl DeskTemplate<'_> {
    /// Whether this build and this log can open a desk.
    fn is_ready(&self) -> bool {
        self.frame.assets.has(Module::Desk) && !self.root.is_empty()
    }

    /// The desk's words with their variables as `{$name}`, for the scripts.
    fn words(&self) -> Vec<(&'static str, String)> {
        let ids = Strings::ids(self.frame.language).filter(|id| id.starts_with("desk-"));
        ids.map(|id| (id, self.frame.t.get(id))).collect()
    }
}
