//! Every test of this crate in one program: linking one for each file takes minutes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod basic;
mod contract;
mod copies;
mod crash;
mod holds;
mod properties;
mod support;
mod turns;
mod uploads;
