//! A page that does not exist.

use askama::Template;

use crate::Frame;

/// `web/pages/missing.html`.
#[derive(Template)]
#[template(path = "pages/missing.html")]
pub struct MissingPage<'a> {
    /// Around it.
    pub frame: Frame<'a>,
}
