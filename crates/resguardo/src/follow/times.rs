//! When entries came into the log (§8.3): the time of the first cosigned checkpoint that includes each.
//!
//! Of all entries few matter to one client: public statements, and the acts on its own cases. Only theirs are looked up, by
//! halving the steps; so what a log of many years costs to follow is its tiles and some dozens of checkpoints.

use super::{Follow, Steps, Tiles, cache, claimed, history_changed};
use crate::failure::{Failure, Outcome};
use docket::clock::UNKNOWN_TIME;
use protocol::slot::CaseSalt;
use std::collections::BTreeMap;
use tlog::Note;
use tlog::policy::Trusted;
use tlog::tree::Frontier;

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
        self.time_watched()
    }

    /// Looks up the times of acts on watched cases that are not known yet.
    pub(super) fn time_watched(&mut self) -> Outcome<()> {
        let slots = self.fold.slots();
        let acts = self.watched.iter().flat_map(|salt| {
            let untimed = slots
                .acts(salt)
                .into_iter()
                .filter(|act| act.included_at == UNKNOWN_TIME);
            untimed.map(|act| (act.index, salt.slot(act.k)))
        });
        let acts: BTreeMap<u64, [u8; 32]> = acts.collect();
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
                self.fold.set_time(&slot, *time);
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
        let mut found: BTreeMap<u64, (Note, Vec<u64>)> = BTreeMap::new();
        for index in indices {
            match first_with(steps, *index, latest)? {
                Some((size, note)) => found.entry(size).or_insert_with(|| (note, Vec::new())).1.push(*index),
                None => drop(times.insert(*index, latest.time())),
            }
        }
        let mut frontier = Frontier::default();
        for (size, (note, indices)) in found {
            let Ok(trusted) = self.check_at(&note) else {
                return Ok(None);
            };
            let (from, to) = (frontier.size() as usize, size as usize);
            let leaves = self
                .leaves
                .get(from..to)
                .ok_or_else(|| Failure::bug("entries that were not read"))?;
            frontier.extend(leaves.iter().copied());
            if frontier.root() != trusted.checkpoint().root {
                return Err(history_changed());
            }
            times.extend(indices.into_iter().map(|index| (index, trusted.time())));
        }
        Ok(Some(times))
    }
}

/// The first step's checkpoint that includes an entry, with its size; `None` where none up to the newest one does: that one is
/// not kept as a step's yet.
fn first_with(steps: &mut Steps, index: u64, latest: &Trusted) -> Outcome<Option<(u64, Note)>> {
    let Some(note) = steps.first_including(index)? else {
        return Ok(None);
    };
    let size = claimed(&note)?.size;
    Ok((size <= latest.checkpoint().size).then_some((size, note)))
}
