//! Her draft in a browser (§9.5): new words or those that she has, and bindings of [`client::Drafts`] for the page's
//! scripts. A module of its own, for it is fetched only when she saves for another day.
//!
//! Words and keys stay in this module's memory. It touches neither network nor clock: each act says what to fetch or post
//! and scripts do it.

mod page;
mod session;

pub use page::DraftPage;
pub use session::{DraftCommand, Session};
