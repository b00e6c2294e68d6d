//! Checkpoint body (`tlog-checkpoint`): origin, size, root, no extension lines here.

use crate::hash::Hash;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
    /// Further lines, as they came.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads a note's text.
    pub fn parse(_text: &str) -> Option<Self> {
        todo!()
    }
    /// Writes it.
    pub fn to_text(&self) -> String {
        todo!()
    }
}
