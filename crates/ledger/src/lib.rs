//! Bytes, kept: entries of a log in order, blobs by digest, lists of small items, and the signed checkpoint.
//!
//! Everything of the operator's that a crash can damage is here. It does not know what it stores or whose it is.
//! What keeps the bytes is a backend behind the traits of [`store`]: [`sqlite`] on one disk;
//! one in memory is among the tests.
//!
//! **Contract.** When [`Ledger::submit`] has answered `Accepted`, everything in the submission survives any
//! crash, and each of its entries is in the tree or waiting for it. One thread (the sequencer) owns the order and
//! batches what waits, so that many submissions share one fsync. After a failed fsync the ledger refuses to go on
//! until it is opened anew.

mod batch;
mod error;
mod forget;
mod inner;
pub mod ledger;
mod nodes;
mod progress;
mod publish;
mod sequencer;
pub mod sqlite;
pub mod store;
mod submission;
mod tiles;
mod turns;
pub mod upload;

pub use ledger::{
    Accepted, Deleted, Error, GivenUp, Item, Ledger, ListEntry, NewEntry, Once, Order, Refused, Snapshot, Stay,
    Submission, WaitingEntries,
};
