//! When entries came into the log (§8.3): the time of the first cosigned checkpoint that includes each.
//!
//! Of all entries few matter to one client: public statements, and the acts on its own cases. Only theirs are looked up, by
//! halving the steps; so what a log of many years costs to follow is its tiles and some dozens of checkpoints.

use super::{Follow, Steps, Tiles, cache, claimed, history_changed, out_of_time};
use crate::failure::Outcome;
use casework::clock::UNKNOWN_TIME;
use protocol::slot::CaseSalt;
use std::collections::BTreeMap;
use tlog::policy::Trusted;
use tlog::tree::Frontier;
use tlog::{Hash, Note};

impl Follow {
    /// Times the acts on a case now and at every later reading. Without it their times are unknown, and what waits for an
    /// unknown time never ends.
    ///
    /// # Errors
    /// Exit 1 when a checkpoint does not verify; network, storage.
    pub fn watch(&mut self, salt: &CaseSalt) -> Outcome<()> {
        let is_known = |known: &CaseSalt| known.expose() == salt.expose();
        if !self.watched.iter().any(is_known) {
            self.watched.push(CaseSalt::new(*salt.expose()));
        }
        let acts = self.untimed(salt).collect();
        self.time(acts)
    }

    /// Looks up the times of acts on watched cases that are not known yet.
    pub(super) fn time_watched(&mut self) -> Outcome<()> {
        let acts = self.watched.iter().flat_map(|salt| self.untimed(salt)).collect();
        self.time(acts)
    }

    /// Entries in the slots of a case whose time is not known: index and slot.
    fn untimed(&self, salt: &CaseSalt) -> impl Iterator<Item = (u64, [u8; 32])> {
        let acts = self.fold.slots().all(salt).into_iter();
        let untimed = acts.filter(|act| act.included_at == UNKNOWN_TIME);
        untimed.map(|act| (act.index, salt.slot(act.k)))
    }

    fn time(&mut self, acts: BTreeMap<u64, [u8; 32]>) -> Outcome<()> {
        let Some((_, latest)) = self.latest.clone().filter(|_| !acts.is_empty()) else {
            return Ok(());
        };
        let remote = self.remote.clone();
        let mut tiles = Tiles {
            remote: &remote,
            size: latest.checkpoint().size,
            held: None,
        };
        self.prepare_steps(&mut tiles, &latest)?;
        let indices: Vec<u64> = acts.keys().copied().collect();
        let Some(times) = self.times_of(&indices, &latest)? else {
            return Err(super::bad_log("checkpoint", "no council of this log accepts it"));
        };
        for (index, slot) in acts {
            if let Some(time) = times.get(&index) {
                self.fold.set_time(&slot, index, *time);
            }
        }
        self.folder
            .as_deref()
            .map_or(Ok(()), |folder| cache::keep_times(folder, &times))
    }

    /// Makes the steps up to a checkpoint ready for [`Self::times_of`].
    pub(super) fn prepare_steps(&mut self, tiles: &mut Tiles<'_>, latest: &Trusted) -> Outcome<()> {
        let steps = self.steps_up_to(tiles, latest.time())?;
        self.steps = Some(steps);
        Ok(())
    }

    /// Times of entries that were read, by index. The steps' sizes are claims that only say where to look; the checkpoint
    /// that is found must be cosigned and of this tree. `None` where no council that is known accepts one.
    pub(super) fn times_of(&mut self, indices: &[u64], latest: &Trusted) -> Outcome<Option<BTreeMap<u64, u64>>> {
        let Some(steps) = self.steps.as_mut().filter(|_| !indices.is_empty()) else {
            return Ok(Some(BTreeMap::new()));
        };
        let mut times = BTreeMap::new();
        let step_s = steps.step_s();
        let mut found: BTreeMap<u64, (u64, Note, Vec<u64>)> = BTreeMap::new();
        for index in indices {
            match first_with(steps, *index, latest)? {
                Some((size, step, note)) => {
                    let (.., indices) = found.entry(size).or_insert_with(|| (step, note, Vec::new()));
                    indices.push(*index);
                }
                None => drop(times.insert(*index, latest.time())),
            }
        }
        for (size, (step, note, indices)) in found {
            let Ok(trusted) = self.check_at(&note) else {
                return Ok(None);
            };
            if self.leaves.root_at(size) != Some(trusted.checkpoint().root) {
                return Err(history_changed());
            }
            self.chronology
                .saw_step(step, step_s, size, trusted.time())
                .map_err(out_of_time)?;
            times.extend(indices.into_iter().map(|index| (index, trusted.time())));
        }
        Ok(Some(times))
    }
}

/// The first step's checkpoint that includes an entry: its size, its step and its note; `None` where none up to the newest one does: that one is
/// not kept as a step's yet.
fn first_with(steps: &mut Steps, index: u64, latest: &Trusted) -> Outcome<Option<(u64, u64, Note)>> {
    let Some((step, note)) = steps.first_including(index)? else {
        return Ok(None);
    };
    let size = claimed(&note)?.size;
    Ok((size <= latest.checkpoint().size).then_some((size, step, note)))
}

/// Leaf hashes of everything read, for the root of each tree on the way: whether a checkpoint in between is of this one.
#[derive(Default)]
pub(super) struct Leaves {
    hashes: Vec<Hash>,
    /// The tree after each [`MARK`] leaves, so that a root costs no more than those after the last one.
    marks: Vec<Frontier>,
}

const MARK: usize = 4_096;

impl Leaves {
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    pub fn push(&mut self, leaf: Hash) {
        self.hashes.push(leaf);
    }

    /// Forgets all but the first ones.
    pub fn truncate(&mut self, len: usize) {
        self.hashes.truncate(len);
        self.marks.truncate(self.hashes.len() / MARK);
    }

    /// The root of the first `size` leaves, `None` for more than were read.
    fn root_at(&mut self, size: u64) -> Option<Hash> {
        let size = usize::try_from(size).ok().filter(|size| *size <= self.len())?;
        let whole = self.hashes.as_chunks::<MARK>().0;
        for leaves in whole.iter().take(size / MARK).skip(self.marks.len()) {
            let mut tree = self.marks.last().cloned().unwrap_or_default();
            tree.extend(leaves.iter().copied());
            self.marks.push(tree);
        }
        let before = (size / MARK).checked_sub(1);
        let mut tree = before.map_or_else(Frontier::default, |mark| self.marks[mark].clone());
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
        leaves.truncate(MARK + 2);
        (0..MARK).for_each(|number| leaves.push(leaf(7 * number)));
        let mut tree = Frontier::default();
        tree.extend((0..MARK + 2).map(leaf).chain((0..MARK).map(|number| leaf(7 * number))));
        assert_eq!(
            leaves.root_at(2 * MARK as u64 + 2),
            Some(tree.root()),
            "other leaves after a cut"
        );
    }
}
