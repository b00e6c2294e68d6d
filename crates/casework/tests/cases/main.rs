//! What the log means, tested on testimonies really sealed: one module for each part of the crate.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod support;

mod acts;
mod admission;
mod apart;
mod clock;
mod consent;
mod course;
mod danger;
mod device;
mod docket;
mod dockets;
mod duty;
mod hostile;
mod inbox;
mod lapse;
mod moved;
mod opening;
mod parts;
mod public;
mod queue;
mod received;
mod releases;
mod requests;
mod same;
mod slots;
mod withdrawal;
