//! Attacks on a running deployment of the release binary, over loopback: each is a function with a size, gives a figure,
//! and says whether what must hold holds. Bounded in count and time, each stops by itself.
//!
//! `cargo xtask test hostile` runs all in their small size; `cargo xtask attack` in their large one, and writes
//! docs/reliability.md. `RESGUARDO_BIN` names the binary that is attacked.

mod attacks;
mod case;
pub mod junk;
mod relay;
mod sockets;
pub mod stage;

use std::path::Path;

pub use attacks::ATTACKS;

/// One attack.
pub struct Attack {
    /// Its name on the command line and in tests.
    pub name: &'static str,
    /// What is tried.
    pub tried: &'static str,
    /// What must hold.
    pub must: &'static str,
    /// How large it is in `cargo xtask test`.
    pub small: usize,
    /// How large it is in `cargo xtask attack`.
    pub large: usize,
    /// Runs it against a binary.
    pub run: fn(&Path, usize) -> anyhow::Result<Figure>,
}

/// What an attack came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// In words, with its numbers.
    pub text: String,
    /// Whether what must hold holds.
    pub holds: bool,
}

impl Figure {
    /// A figure and its judgement.
    pub fn new(holds: bool, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            holds,
        }
    }
}
