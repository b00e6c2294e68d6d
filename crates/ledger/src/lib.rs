//! Bytes, kept: entries of a log in order, blobs by digest, lists of small items, and the signed checkpoint.
//!
//! Everything of the operator's that a crash can damage is here. It does not know what it stores or whose it is.
//!
//! **Contract.** When [`Ledger::submit`] has answered `Accepted`, everything in the submission survives any
//! crash, and each of its entries is in the tree or waiting for it. One thread (the sequencer) owns the order and
//! batches what waits, so that many submissions share one fsync. After a failed fsync the ledger refuses to go on
//! until it is opened anew.

pub mod backup;
pub mod disk;
mod edge;
mod error;
pub mod faulty;
mod folder;
mod forget;
pub mod fsck;
mod inner;
pub mod ledger;
mod nodes;
mod pack;
mod publish;
mod reader;
pub mod rebuild;
mod schema;
mod sequencer;
mod submission;
mod turns;
pub mod upload;
mod writer;

pub use folder::FORMAT;
pub use ledger::{
    Accepted, Deleted, Entry, Error, GivenUp, Item, Ledger, ListEntry, Once, Options, Order, Refused, Snapshot, Stay,
    Submission, Waiting,
};
