//! Finding the acts on a case among the opaque entries (§6.1, §6.2).

use std::collections::HashMap;

use crate::clock::UNKNOWN_TIME;
use protocol::slot::{CaseSalt, Entry, SLOT_LOOKAHEAD};
use protocol::{Digest, Envelope};
use serde::{Deserialize, Serialize};

/// An act found in the log, not yet read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which act of the case; 0 is the filing.
    pub k: u32,
    /// Index in the log, from 0.
    pub index: u64,
    /// Bytes 33 to 64 of the entry.
    pub commit: Digest,
    /// Checkpoint time of the first cosigned checkpoint that includes it, POSIX seconds (§8.3).
    pub included_at: u64,
}

/// The first 32 bytes of every opaque entry, padding and twins included. Of two equal ones the lower index counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotIndex {
    slots: HashMap<[u8; 32], Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    index: u64,
    commit: [u8; 32],
    included_at: u64,
}
impl SlotIndex {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes an opaque entry; public ones are none of its business. Any order gives the same index.
    pub fn insert(&mut self, index: u64, entry: &Entry, included_at: u64) {
        let Entry::Opaque { slot, commit } = *entry else { return };
        let place = Place {
            index,
            commit,
            included_at,
        };
        let known = self.slots.entry(slot).or_insert(place);
        if index < known.index {
            *known = place;
        }
    }

    /// Sets the time of inclusion of the entry that counts in a slot, unless it is known.
    pub fn set_time(&mut self, slot: &[u8; 32], included_at: u64) {
        if let Some(place) = self.slots.get_mut(slot)
            && place.included_at == UNKNOWN_TIME
        {
            place.included_at = included_at;
        }
    }

    /// How many different slots are known.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The acts of a case in slot order, slot 0 (the filing) first; looks 64 slots beyond the last one found.
    /// Empty when the filing is not in the log.
    pub fn acts(&self, salt: &CaseSalt) -> Vec<Found> {
        let mut acts: Vec<Found> = self.find(salt, 0).into_iter().collect();
        let mut k = 1;
        while let Some(last) = acts.last()
            && k <= last.k.saturating_add(SLOT_LOOKAHEAD)
        {
            acts.extend(self.find(salt, k));
            k += 1;
        }
        acts
    }

    /// One slot of a case.
    pub fn find(&self, salt: &CaseSalt, k: u32) -> Option<Found> {
        let place = self.slots.get(&salt.slot(k))?;
        Some(Found {
            k,
            index: place.index,
            commit: Digest(place.commit),
            included_at: place.included_at,
        })
    }

    /// The lowest slot that is free: where the next act goes.
    pub fn next_free(&self, salt: &CaseSalt) -> u32 {
        (0..u32::MAX)
            .find(|k| self.find(salt, *k).is_none())
            .unwrap_or(u32::MAX)
    }

    /// Whether an opaque entry with this SHA-256 counts in the log. Hashes all of them: for the rare question only.
    pub fn holds_digest(&self, id: &Digest) -> bool {
        let mut places = self.slots.iter();
        places.any(|(slot, place)| {
            let (slot, commit) = (*slot, place.commit);
            Digest::of(&Entry::Opaque { slot, commit }.to_bytes()) == *id
        })
    }

    /// Whether an opaque entry with exactly these 65 bytes counts in the log (for `protocol::share::check`).
    pub fn holds(&self, entry: &[u8]) -> bool {
        let Some(Entry::Opaque { slot, commit }) = Entry::parse(entry) else {
            return false;
        };
        self.slots.get(&slot).is_some_and(|place| place.commit == commit)
    }
}

/// Statements among which acts are looked up, each hashed once. Acts and statements mostly come in the same order, so that
/// a search begins where the last one ended.
pub(crate) struct Statements<'a> {
    list: Vec<(Digest, &'a Envelope)>,
    next: usize,
}

impl<'a> Statements<'a> {
    pub(crate) fn new(statements: &'a [Envelope]) -> Self {
        let list = statements
            .iter()
            .map(|envelope| (envelope.digest(), envelope))
            .collect();
        Self { list, next: 0 }
    }

    /// As [`match_statement`].
    pub(crate) fn find(&mut self, salt: &CaseSalt, found: &Found) -> Option<&'a Envelope> {
        let (before, after) = self.list.split_at(self.next);
        let mut order = after.iter().chain(before).enumerate();
        let (passed, (_, envelope)) = order.find(|(_, (digest, _))| commits_to(salt, found, *digest, None))?;
        self.next = (self.next + passed + 1) % self.list.len();
        Some(envelope)
    }
}

/// The statement that the commitment of this act is to, among those given (`aux` is zero but in slot 0).
pub fn match_statement<'a>(salt: &CaseSalt, found: &Found, statements: &'a [Envelope]) -> Option<&'a Envelope> {
    statements
        .iter()
        .find(|envelope| commits_to(salt, found, envelope.digest(), None))
}

/// Whether the commitment of this act is to statement `statement` with `aux` (§6.1).
pub fn commits_to(salt: &CaseSalt, found: &Found, statement: Digest, aux: Option<Digest>) -> bool {
    salt.commit(found.k, statement, aux) == found.commit.0
}
