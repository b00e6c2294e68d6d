//! Every test of this crate in one program: linking one for each file takes minutes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bodies;
mod codes;
mod crowds;
mod depths;
mod docket;
mod drafts;
mod failure;
mod filings;
mod members;
mod pace;
mod plain;
mod public_view;
mod queues;
mod running;
mod sealing;
mod signatures;
mod site;
mod stated;
mod support;
mod uploads;
