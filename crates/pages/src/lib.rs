//! The HTML of every page in every language, from view structs (UX: one file per page, named like its template and its
//! script). Templates stand in `web/`, words in `web/locales/`, so that a page is changed without reading Rust and a
//! template error is a compile error.
//!
//! To add a page: a struct with `frame` and what it shows, a template in `web/pages/` that extends `layout.html`, its
//! strings in every locale, a line in the service's table of pages.

mod assets;
pub mod atom;
mod frame;
mod language;
mod questions;
mod sheet;
mod strings;
mod word_list;

pub mod actos;
pub mod deberes;
pub mod gallery;
pub mod huellas;
pub mod landing;
pub mod ley;
pub mod listen;
pub mod mesa;
pub mod missing;
pub mod nuevo;
pub mod plain;
pub mod quienes;
pub mod registro;
pub mod volver;

pub use assets::{Assets, Module};
pub use frame::{Audience, Frame, Help};
pub use language::Language;
pub use listen::Screen;
pub use strings::{Message, Strings};
pub use word_list::WordList;

pub use askama::Template;

/// As [`html`], for a page that holds what she wrote: written into `room` bytes taken beforehand, so that no piece of it is left
/// behind where it grew.
pub fn html_within(page: &impl Template, room: usize) -> String {
    let mut text = String::with_capacity(room);
    match page.render_into(&mut text) {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}

/// A page as HTML. Rendering writes to memory and cannot fail but for a fault in a template; then the page is empty
/// rather than half.
pub fn html<T: Template>(page: &T) -> String {
    html_within(page, T::SIZE_HINT)
}
