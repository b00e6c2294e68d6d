//! A client of the log without I/O: follows and verifies it, and does everything a member does, each act checked against
//! the log before it is signed (protocol §7–§9).
//!
//! Acts are async functions that name their calls and take the answers ([`wire`]); the caller owns network, clock and
//! what is kept ([`Store`]). [`Seat`] and [`Reader`] are the two offices; [`Visitor::enter`] tells which one a key has.

pub mod audit;
mod bucket;
pub mod content;
pub mod cosigners;
mod delivery;
mod failure;
mod filing;
mod log;
mod member;
mod office;
mod opening;
mod pending;
pub mod promise;
mod random;
mod reader;
mod seat;
mod steps;
mod store;
mod tiles;
pub mod wire;

pub use bucket::Buckets;
pub use delivery::{Checked, Rejection};
pub use failure::{Code, Failure, Local, Outcome};
pub use filing::Draft;
pub use log::{Asked, Log};
pub use member::{Desk, Member, Visitor, Warning, open_key_file};
pub use office::{Taken, cell};
pub use opening::Opening;
pub use pending::{Pending, What};
pub use random::Random;
pub use reader::{OwnRequest, Question, Reader, Referred};
pub use seat::Seat;
pub use store::{Memory, Store};
pub use tiles::entry;
