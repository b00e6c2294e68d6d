//! The desk of a seat or a reader in a browser: bindings of [`client`] for the page's scripts.
//!
//! The key stays in this module's memory. It touches neither network nor clock: each act says what to fetch or post and
//! scripts do it.

mod acts;
mod opening;
mod page;
mod routine;
mod session;
mod view;

pub use page::DeskPage;
pub use session::Session;
