//! What a client has seen of the log and must not forget, also when its own copy of the entries was damaged.

use protocol::Digest;
use tlog::tree::Frontier;
use tlog::{Checkpoint, leaf_hash};

/// A checkpoint that was verified before, whose entries are not there any more: the log that is read anew must pass
/// through it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    checkpoint: Checkpoint,
    read: Frontier,
}

/// The log passed through another tree than the one that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Other;

impl Seen {
    /// From the checkpoint that was kept.
    pub fn new(checkpoint: Checkpoint) -> Self {
        Self {
            checkpoint,
            read: Frontier::default(),
        }
    }

    /// Entries that the log must have at least.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Takes the next entry of the log, from the first on; `true` once the tree is the one that was seen.
    ///
    /// # Errors
    /// [`Other`] when the tree of that size has another root.
    pub fn take(&mut self, entry: &[u8]) -> Result<bool, Other> {
        if self.read.size() < self.size() {
            self.read.append(leaf_hash(entry));
        }
        match self.read.size() == self.size() {
            true if self.read.root() == self.checkpoint.root => Ok(true),
            true => Err(Other),
            false => Ok(false),
        }
    }
}

/// Which log a folder is of: its name and key, and the council that it begins with.
pub(super) fn identity(root: &casework::RootOfTrust) -> String {
    let council: &Digest = &root.council;
    format!("resguardo log v1\n{}\n{}\n{council}\n", root.origin, root.log_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(entries: &[&[u8]]) -> Checkpoint {
        let mut frontier = Frontier::default();
        for entry in entries {
            frontier.append(leaf_hash(entry));
        }
        let text = format!("o.test/log\n{}\n{}\n", entries.len(), frontier.root().to_base64());
        Checkpoint::parse(&text).expect("a checkpoint")
    }

    #[test]
    fn a_log_that_passes_through_what_was_seen_is_the_same() {
        let mut seen = Seen::new(checkpoint(&[b"a", b"b"]));
        assert_eq!(seen.take(b"a"), Ok(false));
        assert_eq!(seen.take(b"b"), Ok(true));
    }

    #[test]
    fn another_history_is_noticed_at_the_size_that_was_seen() {
        let mut seen = Seen::new(checkpoint(&[b"a", b"b"]));
        assert_eq!(seen.take(b"a"), Ok(false));
        assert_eq!(seen.take(b"c"), Err(Other));
        assert_eq!(seen.take(b"b"), Err(Other), "and it stays noticed");
    }
}
