//! The program `resguardo`: command line of declarants, seats, readers and operators, and the wiring of the parts that
//! run as services. «§» in this crate means docs/protocol.md.
//!
//! No rule is made here: what may be done, and what verifies, is decided in `casework`, `protocol` and `tlog`.

pub mod args;
pub mod ask;
pub mod clock;
pub mod commands;
pub mod config;
pub mod console;
pub mod content;
pub mod copies;
pub mod declarant;
pub mod declare;
pub mod demo;
pub mod desk;
pub mod disk;
pub mod failure;
pub mod follow;
pub mod help;
pub mod keyfile;
pub mod language;
pub mod line;
pub mod names;
pub mod output;
pub mod package;
pub mod phrase;
pub mod promise;
pub mod refuse;
pub mod remote;
mod site;
pub mod trust;
pub mod watch;

pub use client::random;
