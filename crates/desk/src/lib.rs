//! The desk of a seat or a reader, for a browser: everything a member does, each act checked against the log before it
//! is signed (UX §4; protocol §7–§9).
//!
//! The key stays in this module's memory. Nothing is kept between two visits: the log is read from its beginning, the
//! deliveries and buckets from the service, and all is verified against the root that the page carries. The module
//! touches neither network nor clock: each act says what to fetch or post ([`wire`]) and scripts do it.

mod act;
mod bucket;
mod content;
mod desk;
mod draft;
mod face;
mod failure;
mod log;
mod office;
mod opening;
mod pending;
mod random;
mod reader;
mod seat;
mod session;
mod steps;
mod view;
pub mod wire;

pub use desk::{Desk, open_key_file};
pub use face::DeskPage;
pub use failure::{Failure, Outcome};
pub use log::Log;
pub use opening::Opened;
pub use reader::Referred;
pub use session::{Act, Session};
