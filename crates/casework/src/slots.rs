//! Finding the acts on a case among the opaque entries (§6.1, §6.2).
//!
//! Slots only find acts. Several entries may share a slot; each is an act of its own, and its commitment says which
//! statement is meant. What comes first is decided by the index in the log alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::clock::UNKNOWN_TIME;
use protocol::slot::{CaseSalt, Entry, SLOT_LOOKAHEAD, twin_slot};
use protocol::{Digest, Envelope};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

/// How often an author draws another slot when it is told that one is taken; then it insists (§6.2).
const DRAWS_MAX: u8 = 8;

/// An act found in the log, not yet read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its slot; 0 is the filing's.
    pub k: u32,
    /// Index in the log, from 0: it names the act, and orders it among the others.
    pub index: u64,
    /// Bytes 33 to 64 of the entry.
    pub commit: Digest,
    /// Checkpoint time of the first cosigned checkpoint that includes it, POSIX seconds (§8.3).
    pub included_at: u64,
}

/// The first 32 bytes of every opaque entry, padding and twins included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotIndex {
    slots: HashMap<[u8; 32], Places>,
}

/// The entries in one slot. There is one, unless somebody attacks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Places {
    lowest: Place,
    /// By index, the lowest not among them.
    others: Vec<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    index: u64,
    commit: [u8; 32],
    included_at: u64,
}

/// The entries in the slots of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotActs {
    /// SlotActs, by index.
    pub reachable: Vec<Found>,
    /// Entries that no reader could have found when they were included, by index. They never count.
    pub unreachable: Vec<Found>,
    top: u32,
}

impl Places {
    fn iter(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.lowest).chain(&self.others)
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        std::iter::once(&mut self.lowest).chain(&mut self.others)
    }

    fn insert(&mut self, mut place: Place) {
        if self.iter().any(|known| known.index == place.index) {
            return;
        }
        if place.index < self.lowest.index {
            std::mem::swap(&mut self.lowest, &mut place);
        }
        let at = self.others.partition_point(|known| known.index < place.index);
        self.others.insert(at, place);
    }
}

impl SlotIndex {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes an opaque entry; it passes over public ones. Any order gives the same index.
    pub fn insert(&mut self, index: u64, entry: &Entry, included_at: u64) {
        let Entry::Opaque { slot, commit } = *entry else { return };
        let place = Place {
            index,
            commit,
            included_at,
        };
        match self.slots.entry(slot) {
            std::collections::hash_map::Entry::Occupied(mut places) => places.get_mut().insert(place),
            std::collections::hash_map::Entry::Vacant(none) => {
                none.insert(Places {
                    lowest: place,
                    others: Vec::new(),
                });
            }
        }
    }

    /// Sets the time of inclusion of the entry at `index` in a slot, unless it is known.
    pub fn set_time(&mut self, slot: &[u8; 32], index: u64, included_at: u64) {
        let places = self.slots.get_mut(slot).into_iter().flat_map(Places::iter_mut);
        for place in places.filter(|place| place.index == index && place.included_at == UNKNOWN_TIME) {
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

    /// Whether an entry is in slot `k` of a case.
    pub fn is_taken(&self, salt: &CaseSalt, k: u32) -> bool {
        self.slots.contains_key(&salt.slot(k))
    }

    /// The entries in slot `k` of a case, by index. In slot 0 the filing is the first that commits to the testimony.
    pub fn in_slot(&self, salt: &CaseSalt, k: u32) -> Vec<Found> {
        let places = self.slots.get(&salt.slot(k)).into_iter().flat_map(Places::iter);
        let found = places.map(|place| Found {
            k,
            index: place.index,
            commit: Digest(place.commit),
            included_at: place.included_at,
        });
        found.collect()
    }

    /// The acts on a case whose filing has index `filed`. An entry is reachable when its slot is at most 64 beyond the
    /// highest that was reachable before it in the log; only later entries than the filing are acts.
    pub fn acts(&self, salt: &CaseSalt, filed: u64) -> SlotActs {
        let mut acts = SlotActs::default();
        let mut looked = 0;
        let mut ahead: BTreeMap<u64, Found> = BTreeMap::new();
        let mut at = filed;
        loop {
            while looked < acts.reach() {
                looked += 1;
                for found in self.in_slot(salt, looked) {
                    if found.index > at {
                        ahead.insert(found.index, found);
                    } else if found.index > filed {
                        acts.unreachable.push(found);
                    }
                }
            }
            let Some((index, found)) = ahead.pop_first() else { break };
            at = index;
            acts.top = acts.top.max(found.k);
            acts.reachable.push(found);
        }
        acts.unreachable.sort_unstable_by_key(|found| found.index);
        acts
    }

    /// Whether an opaque entry with this SHA-256 is in the log. Hashes all of them: for the rare question only.
    pub fn holds_digest(&self, id: &Digest) -> bool {
        let mut places = self
            .slots
            .iter()
            .flat_map(|(slot, places)| places.iter().map(move |place| (*slot, place.commit)));
        places.any(|(slot, commit)| Digest::of(&Entry::Opaque { slot, commit }.to_bytes()) == *id)
    }

    /// Every entry in a slot of a case, the filing's among them; empty when slot 0 is. For those who do not know yet
    /// which entry in slot 0 is the filing.
    pub fn all(&self, salt: &CaseSalt) -> Vec<Found> {
        let mut all = self.in_slot(salt, 0);
        if let Some(first) = all.first() {
            let acts = self.acts(salt, first.index);
            all.extend(acts.reachable.into_iter().chain(acts.unreachable));
        }
        all
    }

    /// Where the next act on a case may go: the lowest 64 slots that hold no entry and none of the author's own acts on
    /// the way, `own`.
    pub fn draws(&self, salt: &CaseSalt, filed: u64, own: &BTreeSet<u32>) -> Draws {
        let acts = self.acts(salt, filed);
        let is_free = |k: &u32| !own.contains(k) && !self.is_taken(salt, *k);
        let free: Vec<u32> = (1..=acts.reach())
            .filter(is_free)
            .take(SLOT_LOOKAHEAD as usize)
            .collect();
        // Only entries that were out of reach can leave none free.
        let left = if free.is_empty() { 0 } else { DRAWS_MAX };
        let beyond = acts.top.saturating_add(1)..=acts.reach();
        Draws {
            first: None,
            free,
            beyond: beyond.collect(),
            left,
        }
    }

    /// Index of the first entry that commits to a docket twin, and checkpoint time of its inclusion (§10.1).
    pub fn twin(&self, twin: Digest) -> Option<(u64, u64)> {
        let lowest = self.slots.get(&twin_slot(twin))?.lowest;
        Some((lowest.index, lowest.included_at))
    }

    /// The index of an opaque entry, the first of those with its bytes.
    pub fn index_of(&self, entry: &Entry) -> Option<u64> {
        let Entry::Opaque { slot, commit } = entry else {
            return None;
        };
        let mut places = self.slots.get(slot).into_iter().flat_map(Places::iter);
        places.find(|place| place.commit == *commit).map(|place| place.index)
    }

    /// Whether an opaque entry with exactly these 65 bytes is in the log (for `protocol::share::check`).
    pub fn holds(&self, entry: &[u8]) -> bool {
        Entry::parse(entry).is_some_and(|entry| self.index_of(&entry).is_some())
    }
}

impl SlotActs {
    /// The highest slot that can be found by now.
    pub fn reach(&self) -> u32 {
        self.top.saturating_add(SLOT_LOOKAHEAD)
    }
}

/// The slots among which an author draws one for its act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draws {
    first: Option<Drawn>,
    free: Vec<u32>,
    beyond: Vec<u32>,
    left: u8,
}

/// A slot that was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The slot.
    pub k: u32,
    /// Whether the form says `insist`, so that no number of entries in the slots keeps the act out (§6.2).
    pub insist: bool,
}

impl Draws {
    /// Begins with the slot in which the act was sent before, if nobody answered: in the same slot it is the same form, and
    /// filed once.
    #[must_use]
    pub fn beginning_with(self, sent: Option<Drawn>) -> Self {
        Self { first: sent, ..self }
    }

    /// Draws a slot: at first, and again whenever the one before is taken. `None` when it insisted already.
    pub fn draw(&mut self, rng: &mut impl CryptoRng) -> Option<Drawn> {
        if let Some(sent) = self.first.take() {
            return Some(sent);
        }
        if let Some(left) = self.left.checked_sub(1)
            && !self.free.is_empty()
        {
            self.left = left;
            let k = self.free.swap_remove(below(self.free.len(), rng));
            return Some(Drawn { k, insist: false });
        }
        (self.free, self.left) = (Vec::new(), 0);
        let beyond = std::mem::take(&mut self.beyond);
        let k = *beyond.get(below(beyond.len(), rng))?;
        Some(Drawn { k, insist: true })
    }
}

/// A number below `len`, which is at most 64; 0 for 0.
fn below(len: usize, rng: &mut impl CryptoRng) -> usize {
    let mut bytes = [0; 8];
    rng.fill_bytes(&mut bytes);
    usize::try_from(u64::from_be_bytes(bytes) % (len.max(1) as u64)).unwrap_or(0)
}

/// Statements among which acts are looked up, each hashed once. SlotActs and statements mostly come in the same order, so that
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

    /// By its digest.
    pub(crate) fn by_digest(&self, digest: Digest) -> Option<&'a Envelope> {
        let found = self.list.iter().find(|(known, _)| *known == digest);
        found.map(|(_, envelope)| *envelope)
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
