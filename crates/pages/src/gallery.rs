//! `/{l}/galeria`: every component with samples, for those who build the pages. Served by demos only.

use askama::Template;

use crate::{Frame, Screen};

/// `web/pages/galeria.html`.
#[derive(Template)]
#[template(path = "pages/galeria.html")]
pub struct Gallery<'a> {
    /// Around it.
    pub frame: Frame<'a>,
}
