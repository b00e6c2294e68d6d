//! What a client keeps of the log between two runs: entries with their times, public statements, the last checkpoint.
//!
//! All of it is public, and none of it is believed: it is folded and checked anew at every start. But it is what this
//! client has seen. It is bound to its log, and a log that shows less or something else later is refused.

use std::collections::{BTreeMap, HashMap};

use casework::clock::UNKNOWN_TIME;
use casework::{Fold, RootOfTrust};
use protocol::slot::Entry;
use protocol::{Digest, Envelope};
use tlog::note::NoteError;
use tlog::tree::Frontier;
use tlog::verify::Follower;
use tlog::{Checkpoint, Note, leaf_hash};

use super::Log;
use super::times::Leaves;
use crate::failure::{Failure, Local, Outcome};
use crate::steps::claimed;
use crate::wire::Wire;

const ENTRIES: &str = "log.entries";
const CHECKPOINT: &str = "log.checkpoint";
const IDENTITY: &str = "log.identity";
const TIMES: &str = "log.times";

/// An entry as it is kept: its bytes, and the time of the first checkpoint that includes it, POSIX seconds (§8.3);
/// [`UNKNOWN_TIME`] until it is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub bytes: Vec<u8>,
    pub included_at: u64,
}

/// A checkpoint that was verified before, whose entries are not there any more: the log that is read anew must pass
/// through it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    checkpoint: Checkpoint,
    read: Frontier,
}

/// The log passed through another tree than the one that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OtherTree;

impl Seen {
    fn new(checkpoint: Checkpoint) -> Self {
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
    /// [`OtherTree`] when the tree of that size has another root.
    pub fn take(&mut self, entry: &[u8]) -> Result<bool, OtherTree> {
        if self.read.size() < self.size() {
            self.read.append(leaf_hash(entry));
        }
        match self.read.size() == self.size() {
            true if self.read.root() == self.checkpoint.root => Ok(true),
            true => Err(OtherTree),
            false => Ok(false),
        }
    }
}

impl Log {
    /// Continues from the store. Entries that do not lead to the checkpoint beside them are read anew, and must lead to it
    /// then; [`Self::read_anew`] says why.
    pub(super) async fn resume(&mut self, wire: &Wire) -> Outcome<()> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        let is_bound = match store.read(IDENTITY)? {
            Some(bytes) if bytes == identity(&self.root).as_bytes() => true,
            Some(_) => return Err(Failure::new(Local::StateOfAnother)),
            None => false,
        };
        let Some(bytes) = store.read(CHECKPOINT)? else {
            let entries = store.read(ENTRIES)?;
            self.rewrite = true;
            return if is_bound || entries.is_some_and(|bytes| !bytes.is_empty()) {
                Err(forgotten("its checkpoint is gone"))
            } else {
                Ok(())
            };
        };
        let note = self.seen_note(&bytes)?;
        match self.load(wire, &note).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.code == Local::LogNotVerifiable => {
                self.fold = Fold::new(&self.root).map_err(Failure::log)?;
                (self.follower, self.latest, self.leaves) = (Follower::new(), None, Leaves::default());
                (self.rewrite, self.read_anew) = (true, Some(failure));
                let seen = claimed(&note)?;
                self.seen = (seen.size > 0).then(|| Seen::new(seen));
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// The checkpoint that was kept: the log's own signature tells a damaged one, and one of another log, from it.
    fn seen_note(&self, bytes: &[u8]) -> Outcome<Note> {
        let key = self.root.log_key().map_err(Failure::log)?;
        let note = Note::parse(bytes).map_err(forgotten)?;
        let claim = Checkpoint::parse(note.text()).ok_or_else(|| forgotten("not a checkpoint"))?;
        match note.verify(&key) {
            Ok(()) if claim.origin == self.root.origin.as_str() => Ok(note),
            Ok(()) | Err(NoteError::Missing) => Err(Failure::new(Local::StateOfAnother)),
            Err(error) => Err(forgotten(error)),
        }
    }

    async fn load(&mut self, wire: &Wire, note: &Note) -> Outcome<()> {
        let damaged = || Failure::log("what was kept of it does not lead to the checkpoint that was seen");
        let size = claimed(note)?.size;
        let bytes = self.stored(ENTRIES)?;
        let times = self.times()?;
        let mut frontier = Frontier::default();
        let mut rest = bytes.as_slice();
        while frontier.size() < size {
            let kept = take(&mut rest).ok_or_else(damaged)?;
            let index = frontier.size();
            frontier.append(leaf_hash(&kept.bytes));
            let time = match kept.included_at {
                UNKNOWN_TIME => times.get(&index).copied().unwrap_or(UNKNOWN_TIME),
                known => known,
            };
            let statement = match Entry::parse(&kept.bytes) {
                Some(Entry::Public(digest)) => self.public_statements(wire, &[digest]).await?.remove(&digest),
                _ => None,
            };
            self.fold_in(&kept.bytes, time, statement)?;
            if time != UNKNOWN_TIME {
                self.chronology.saw(frontier.size(), time).map_err(Failure::log)?;
            }
        }
        let trusted = self.check(note)?;
        if frontier.root() != trusted.checkpoint().root {
            return Err(damaged());
        }
        if let (Some(store), false) = (&self.store, rest.is_empty()) {
            store.write(ENTRIES, &bytes[..bytes.len() - rest.len()])?;
        }
        self.follower = Follower::resume(frontier);
        self.chronology.saw(size, trusted.time()).map_err(Failure::log)?;
        self.clock.seen = trusted.time();
        self.latest = Some((note.clone(), trusted));
        Ok(())
    }

    fn stored(&self, name: &str) -> Outcome<Vec<u8>> {
        let bytes = self.store.as_ref().map(|store| store.read(name)).transpose()?;
        Ok(bytes.flatten().unwrap_or_default())
    }

    /// Keeps the new entries, then the checkpoint that they lead to. What is written whole is written the other way
    /// round: a checkpoint without its entries is made good by reading them again, entries without one are worth nothing.
    pub(super) fn remember(&mut self) -> Outcome<()> {
        let (Some(store), Some((note, _))) = (&self.store, &self.latest) else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(self.unsaved.len() * 80);
        for kept in &self.unsaved {
            put(kept, &mut bytes);
        }
        if self.rewrite {
            store.write(CHECKPOINT, note.to_string().as_bytes())?;
            store.write(ENTRIES, &bytes)?;
        } else {
            store.append(ENTRIES, &bytes)?;
            store.write(CHECKPOINT, note.to_string().as_bytes())?;
        }
        if store.read(IDENTITY)?.is_none() {
            store.write(IDENTITY, identity(&self.root).as_bytes())?;
        }
        (self.unsaved, self.rewrite) = (Vec::new(), false);
        Ok(())
    }

    /// A public statement that was kept.
    pub(super) fn kept_statement(&self, digest: &Digest) -> Outcome<Option<Envelope>> {
        let bytes = self.stored(&statement_name(digest))?;
        let envelope = Envelope::parse(&bytes).ok();
        Ok(envelope.filter(|envelope| envelope.digest() == *digest))
    }

    /// Keeps one.
    pub(super) fn keep_statement(&self, digest: &Digest, envelope: &Envelope) -> Outcome<()> {
        let store = self.store.as_ref();
        store.map_or(Ok(()), |store| store.write(&statement_name(digest), envelope.bytes()))
    }

    /// Keeps times that were looked up: `index u64 ‖ included_at u64`.
    pub(super) fn keep_times(&self, times: &BTreeMap<u64, u64>) -> Outcome<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let bytes: Vec<u8> = times
            .iter()
            .flat_map(|(index, time)| [index.to_be_bytes(), time.to_be_bytes()])
            .flatten()
            .collect();
        match self.stored(TIMES)? {
            // What a torn writing left would shift all that follows.
            torn if torn.len() % 16 != 0 => {
                let whole = &torn[..torn.len() / 16 * 16];
                store.write(TIMES, &[whole, &bytes].concat())
            }
            _ => store.append(TIMES, &bytes),
        }
    }

    /// Times that were looked up, by index.
    fn times(&self) -> Outcome<HashMap<u64, u64>> {
        let bytes = self.stored(TIMES)?;
        let pairs = bytes.as_chunks::<8>().0.as_chunks::<2>().0;
        Ok(pairs
            .iter()
            .map(|[index, time]| (u64::from_be_bytes(*index), u64::from_be_bytes(*time)))
            .collect())
    }
}

fn statement_name(digest: &Digest) -> String {
    format!("public/{digest}")
}

/// Which log a store is of: its name and key, and the council that it begins with.
fn identity(root: &RootOfTrust) -> String {
    format!(
        "resguardo log v1\n{}\n{}\n{}\n",
        root.origin, root.log_key, root.council
    )
}

/// The store cannot say any more what was seen. To forget that is for a person to decide, never for us.
fn forgotten(why: impl std::fmt::Display) -> Failure {
    Failure::new(Local::StateDamaged).about("file", CHECKPOINT).why(why)
}

/// `included_at u64 ‖ len u16 ‖ entry`.
fn put(kept: &Kept, to: &mut Vec<u8>) {
    to.extend_from_slice(&kept.included_at.to_be_bytes());
    to.extend_from_slice(&(kept.bytes.len() as u16).to_be_bytes());
    to.extend_from_slice(&kept.bytes);
}

fn take(from: &mut &[u8]) -> Option<Kept> {
    let (time, rest) = from.split_first_chunk::<8>()?;
    let (len, rest) = rest.split_first_chunk::<2>()?;
    let (bytes, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
    *from = rest;
    Some(Kept {
        bytes: bytes.to_vec(),
        included_at: u64::from_be_bytes(*time),
    })
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
        assert_eq!(seen.take(b"c"), Err(OtherTree));
        assert_eq!(seen.take(b"b"), Err(OtherTree), "and it stays noticed");
    }

    #[test]
    fn kept_entries_are_read_back_and_a_torn_end_is_noticed() {
        let kept = Kept {
            bytes: vec![1; 33],
            included_at: 7,
        };
        let mut bytes = Vec::new();
        put(&kept, &mut bytes);
        put(&kept, &mut bytes);
        let mut rest = &bytes[..bytes.len() - 1];
        assert_eq!(take(&mut rest), Some(kept));
        assert_eq!(take(&mut rest), None);
    }
}
