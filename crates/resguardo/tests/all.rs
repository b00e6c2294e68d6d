//! Every test of this crate in one program: linking one for each file takes minutes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod acts_page;
mod asks;
mod bad_input;
mod breach;
#[path = "by_hand/main.rs"]
mod by_hand;
mod cli;
mod clock;
mod consent;
mod declarant;
mod demo;
mod demo_commands;
mod depth;
mod desk_page;
mod docket;
mod doctor;
mod draft;
mod duty;
mod erased;
mod floods;
mod guides;
mod her_acts;
mod her_calls;
mod history;
mod inputs;
mod large;
mod law_state;
mod law_table;
mod leak;
mod mirror;
mod missed;
mod monitor;
mod named;
mod outputs;
mod proxy;
mod same_bytes;
#[path = "../../service/tests/support/mod.rs"]
mod service_support;
mod site;
mod spanish;
mod stage;
mod steps;
mod support;
mod terminal;
mod twins;
mod unanswered;
mod upload;
#[path = "watch/main.rs"]
mod watch;
#[path = "wire/main.rs"]
mod wire;
