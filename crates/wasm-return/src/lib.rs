//! Her inbox in a browser: the eight words as she writes them, and bindings of [`client::Declarant`] for the page's
//! scripts.
//!
//! Words and keys stay in this module's memory. It touches neither network nor clock: each act says what to fetch or post
//! and scripts do it.

mod page;
mod session;

pub use page::ReturnPage;
pub use session::{ReturnCommand, Session};
