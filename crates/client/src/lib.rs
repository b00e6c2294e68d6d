//! A client of the log without I/O: follows and verifies it, and does everything a member does, each act checked against
//! the log before it is signed (protocol §7–§9).
//!
//! Acts are async functions that name their calls and take the answers ([`wire`]); the caller owns network and clock.

mod act;
mod bucket;
mod content;
mod desk;
mod draft;
mod failure;
mod filing;
mod log;
mod office;
mod opening;
mod pending;
mod random;
mod reader;
mod seat;
mod steps;
mod view;
pub mod wire;

pub use act::Act;
pub use desk::{Desk, open_key_file};
pub use failure::{Failure, Outcome};
pub use log::Log;
pub use opening::Opened;
pub use reader::Referred;
