//! `/{l}/huellas`: how to leave fewer traces.

use askama::Template;

use crate::{Frame, Screen};

/// `web/pages/huellas.html`.
#[derive(Template)]
#[template(path = "pages/huellas.html")]
pub struct Huellas<'a> {
    /// Around it.
    pub frame: Frame<'a>,
}
