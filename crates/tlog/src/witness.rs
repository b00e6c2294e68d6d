//! `tlog-witness` `add-checkpoint`: body of the request, and the decision a witness takes.

use crate::hash::Hash;
use crate::note::Note;

/// A parsed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size the log believes the witness last signed.
    pub old_size: u64,
    /// Consistency proof, at most 63 hashes.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads a request's body.
    pub fn parse(_body: &[u8]) -> Option<Self> {
        todo!()
    }
    /// Writes it.
    pub fn to_text(&self) -> String {
        todo!()
    }
}
