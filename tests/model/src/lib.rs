//! The rules of a case in a model checker: every order in which honest and bought members act, and in which an operator
//! delays, withholds, shows and dates ahead, up to a bound. The rules are not written again here: each state asks the real
//! `casework`.
//!
//! docs/soundness.md says what is modelled, what is argued on paper and what is trusted.
#![allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    reason = "a model stops at the first surprise"
)]

mod act;
mod judge;
mod properties;
mod state;
mod world;

pub use act::{Act, Lists, Parts};
pub use judge::Summary;
pub use state::{Action, Bound, Broken, Rules, State};
pub use world::{Asks, INSTANTS, World};
