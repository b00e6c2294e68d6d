//! When entries came into the log (§8.3): the time of the first cosigned checkpoint that includes each.
//!
//! Of all entries few matter to one client: public statements, and the acts on its own cases. Only theirs are looked up,
//! so that a log of many years costs its tiles and some dozens of checkpoints.

use std::collections::BTreeMap;

use casework::clock::UNKNOWN_TIME;
use casework::docket::{Committed, Dockets};
use protocol::Digest;
use protocol::slot::{CaseSalt, twin_slot};
use protocol::statement::{Payload as _, Twin};
use tlog::Hash;
use tlog::tree::Frontier;

use super::{Log, Times, fork};
use crate::failure::{Failure, Outcome};
use crate::steps::claimed;
use crate::wire::Wire;

impl Log {
    /// The root of the tree of the first `size` entries; `None` for more than were read.
    pub(crate) fn root_at(&mut self, size: u64) -> Option<Hash> {
        self.leaves.root_at(size)
    }

    /// Leaf hashes of all entries, of a log that was read from its beginning.
    pub fn leaves(&self) -> impl Iterator<Item = &Hash> {
        self.leaves.hashes.iter()
    }

    /// Watches cases: now and at every later reading the times of their acts are looked up. Without it they are unknown,
    /// and what waits for an unknown time never ends.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub async fn watch(&mut self, wire: &Wire, salts: Vec<CaseSalt>) -> Outcome<()> {
        for salt in salts {
            if !self.watched.iter().any(|known| known.expose() == salt.expose()) {
                self.watched.push(salt);
            }
        }
        self.time_watched(wire).await
    }

    /// The docket (§10.3): what is published of acts, each at the time of the first checkpoint that includes it.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub async fn dockets(&mut self, wire: &Wire) -> Outcome<Dockets> {
        let statements = self.registry().statements().filter_map(|(_, statement)| statement.ok());
        let twins = statements.filter(|statement| statement.name() == Some(Twin::NAME));
        let twins: Vec<Digest> = twins.map(|twin| twin.digest()).collect();
        let untimed = twins.iter().filter_map(|twin| {
            let (index, at) = self.fold.slots().twin(*twin)?;
            (at == UNKNOWN_TIME).then_some((index, twin_slot(*twin)))
        });
        let untimed: BTreeMap<u64, [u8; 32]> = untimed.collect();
        self.time_entries(wire, untimed).await?;
        let slots = self.fold.slots();
        let committed = |twin| slots.twin(twin).map(|(index, at)| Committed { index, at });
        Ok(Dockets::of(self.registry(), committed))
    }

    /// Looks up the times of acts on watched cases that are not known yet. The steps' sizes are claims that only say where
    /// to look; the checkpoint that is found must be cosigned and of this tree.
    pub(super) async fn time_watched(&mut self, wire: &Wire) -> Outcome<()> {
        if self.times == Times::ByPace {
            return self.time_by_pace(wire).await;
        }
        let acts: BTreeMap<u64, [u8; 32]> = self.watched.iter().flat_map(|salt| self.untimed(salt)).collect();
        self.time_entries(wire, acts).await
    }

    /// Looks up the times of entries, given with their slots.
    async fn time_entries(&mut self, wire: &Wire, acts: BTreeMap<u64, [u8; 32]>) -> Outcome<()> {
        let latest = self.latest.clone().filter(|_| !acts.is_empty());
        let Some((note, latest)) = latest else {
            return Ok(());
        };
        self.look_for_steps(wire, &note).await?;
        let (mut times, mut until) = (BTreeMap::new(), (0, 0));
        for index in acts.keys().copied() {
            if index >= until.0 {
                until = self
                    .first_with(wire, index, latest.checkpoint().size, latest.time())
                    .await?;
            }
            times.insert(index, until.1);
        }
        for (index, slot) in acts {
            if let Some(time) = times.get(&index) {
                self.fold.set_time(&slot, index, *time);
            }
        }
        self.keep_times(&times)
    }

    /// Size and time of the first checkpoint that includes an entry; the latest where no step's up to it does.
    async fn first_with(&mut self, wire: &Wire, index: u64, end: u64, latest_at: u64) -> Outcome<(u64, u64)> {
        let Some((step, note)) = self.steps.first_beyond(wire, index).await? else {
            return Ok((end, latest_at));
        };
        let size = claimed(&note)?.size;
        if size > end {
            return Ok((end, latest_at));
        }
        let trusted = self.check_at(&note)?;
        if self.leaves.root_at(size) != Some(trusted.checkpoint().root) {
            return Err(fork());
        }
        self.chronology
            .saw_step(step, self.steps.step_s(), size, trusted.time())
            .map_err(Failure::log)?;
        Ok((size, trusted.time()))
    }

    /// Entries in the slots of a case whose time is not known: index and slot.
    pub(super) fn untimed(&self, salt: &CaseSalt) -> impl Iterator<Item = (u64, [u8; 32])> {
        let acts = self.fold.slots().all(salt).into_iter();
        let untimed = acts.filter(|act| act.included_at == UNKNOWN_TIME);
        untimed.map(|act| (act.index, salt.slot(act.k)))
    }
}

/// Leaf hashes of everything read, for the root of each tree on the way: whether a checkpoint in between is of this one.
#[derive(Default)]
pub(super) struct Leaves {
    /// The tree that they are added to.
    before: Frontier,
    hashes: Vec<Hash>,
    /// The tree after each [`MARK`] leaves, so that a root costs no more than those after the last one.
    marks: Vec<Frontier>,
}

const MARK: usize = 4_096;

impl Leaves {
    /// Those that come after a tree.
    pub fn after(before: Frontier) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }

    pub fn push(&mut self, leaf: Hash) {
        self.hashes.push(leaf);
    }

    /// The root of the first `size` leaves, `None` for more than were read, or fewer than there were before.
    pub(super) fn root_at(&mut self, size: u64) -> Option<Hash> {
        let size = usize::try_from(size.checked_sub(self.before.size())?).ok();
        let size = size.filter(|size| *size <= self.hashes.len())?;
        let whole = self.hashes.as_chunks::<MARK>().0;
        for leaves in whole.iter().take(size / MARK).skip(self.marks.len()) {
            let mut tree = self.marks.last().unwrap_or(&self.before).clone();
            tree.extend(leaves.iter().copied());
            self.marks.push(tree);
        }
        let before = (size / MARK).checked_sub(1);
        let mut tree = before.map_or(&self.before, |mark| &self.marks[mark]).clone();
        tree.extend(self.hashes.get(size / MARK * MARK..size)?.iter().copied());
        Some(tree.root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_on_the_way_is_that_of_the_tree_of_its_size() {
        let leaf = |number: usize| tlog::leaf_hash(&number.to_be_bytes());
        let mut leaves = Leaves::default();
        (0..3 * MARK + 5).for_each(|number| leaves.push(leaf(number)));
        let root = |size: usize| {
            let mut tree = Frontier::default();
            tree.extend((0..size).map(leaf));
            Some(tree.root())
        };
        let sizes = [2 * MARK + 1, 0, 1, MARK - 1, MARK, MARK + 1, 3 * MARK, 3 * MARK + 5];
        for size in sizes {
            assert_eq!(leaves.root_at(size as u64), root(size), "{size}");
        }
        assert_eq!(leaves.root_at(3 * MARK as u64 + 6), None);
        // The same, of the leaves after the first seven.
        let mut tree = Frontier::default();
        tree.extend((0..7).map(leaf));
        let mut after = Leaves::after(tree);
        (7..3 * MARK + 5).for_each(|number| after.push(leaf(number)));
        for size in sizes.into_iter().filter(|size| *size > 7) {
            assert_eq!(after.root_at(size as u64), root(size), "{size}");
        }
        assert_eq!((after.root_at(7), after.root_at(6)), (root(7), None));
    }
}
