//! When entries came into the log, without a look-up that tells whose they are (§9.1): her words must be followed by the
//! same calls whether they are right or not.
//!
//! Each step appends N opaque entries or none, so the step of an entry follows from its index wherever no step between two
//! checkpoints was missed. A checkpoint of each day is fetched; where more steps passed than the entries make, the first of
//! them is looked for. So what is fetched depends on the log alone. Between two checkpoints of a regular stretch the time is
//! that of the first and whole steps more.

use std::collections::BTreeMap;

use protocol::slot::CaseSalt;

use super::{Log, claimed, fork};
use crate::failure::{Failure, Outcome};
use crate::wire::{BATCH, Wire};

const DAY_S: u64 = 86_400;
/// Below this a day has too many steps, and a time too few seconds to be told from its neighbours': more are fetched.
const LONG_STEP_S: u64 = 60;
/// Checkpoints that are then fetched at most.
const MARKS_MAX: u64 = 2_048;

/// A step's checkpoint that was verified.
#[derive(Clone, Copy)]
struct Mark {
    step: u64,
    size: u64,
    time: u64,
}

impl Log {
    /// Looks up the times of the acts on watched cases as [`super::times`] does, by the same calls for whichever cases.
    pub(super) async fn time_by_pace(&mut self, wire: &Wire) -> Outcome<()> {
        let Some((note, latest)) = self.latest.clone() else {
            return Ok(());
        };
        let end = latest.checkpoint().size;
        self.look_for_steps(wire, &note).await?;
        let Some(steps) = self.fetch_grid(wire).await? else {
            return Ok(());
        };
        loop {
            let sizes = self.steps.sizes();
            let missed = sizes.windows(2).filter_map(|pair| self.middle(pair[0], pair[1]));
            let missed: Vec<u64> = missed.collect();
            if missed.is_empty() {
                break;
            }
            self.fetch_steps(wire, missed, steps).await?;
        }
        self.check_before()?;
        let marks = self.verified(wire, end).await?;
        self.set_times(&marks, end, latest.time());
        Ok(())
    }

    /// Fetches the checkpoint of each day's first step; gives how many steps there are.
    pub(super) async fn fetch_grid(&mut self, wire: &Wire) -> Outcome<Option<u64>> {
        let (Some(first), Some(last)) = (self.steps.find_first(wire).await?, self.steps.last()) else {
            return Ok(None);
        };
        let stride = match self.steps.step_s() {
            0..LONG_STEP_S => (last - first) / MARKS_MAX + 1,
            step_s => DAY_S / step_s,
        };
        // Before the beginning, whose acts are not looked at, each week's suffices.
        let begins = self.from.map_or(0, |time| time / self.steps.step_s().max(1));
        let strided = |step: &u64| step.is_multiple_of(stride.max(1) * if *step < begins { 7 } else { 1 });
        let grid: Vec<u64> = (first..=last).filter(strided).collect();
        self.fetch_steps(wire, grid, last - first).await?;
        Ok(Some(last - first))
    }

    async fn fetch_steps(&mut self, wire: &Wire, steps: Vec<u64>, total: u64) -> Outcome<()> {
        for batch in steps.chunks(BATCH) {
            wire.progress(self.steps.sizes().len() as u64, total);
            self.steps.fetch(wire, batch.iter().copied()).await?;
        }
        Ok(())
    }

    /// The step to be fetched next between two that are known, where one between them was missed.
    fn middle(&self, (from, size): (u64, u64), (to, beyond): (u64, u64)) -> Option<u64> {
        if size >= beyond || self.is_regular((from, size), (to, beyond)) {
            return None;
        }
        let unseen: Vec<u64> = (from + 1..to).filter(|step| !self.steps.has_seen(*step)).collect();
        unseen.get(unseen.len() / 2).copied()
    }

    /// Whether every step between two appended what the pace says.
    pub(super) fn is_regular(&self, (from, size): (u64, u64), (to, beyond): (u64, u64)) -> bool {
        let wanted = (from + 1..=to).map(|step| self.entries_of(step, size)).sum::<u64>();
        to - from == 1 || self.opaque(size, beyond) == wanted
    }

    /// The opaque entries that a step adds, by the statements before `size`.
    pub(super) fn entries_of(&self, step: u64, size: u64) -> u64 {
        let pace = self
            .registry()
            .pace_after(size, step.saturating_mul(self.steps.step_s()));
        pace.map_or(0, |pace| u64::from(pace.n))
    }

    /// Opaque entries from `from` up to `end`.
    pub(crate) fn opaque(&self, from: u64, end: u64) -> u64 {
        let public_before = |index: u64| self.public.partition_point(|public| *public < index) as u64;
        (end - from) - (public_before(end) - public_before(from))
    }

    /// The steps that are known, each checkpoint cosigned and of this tree.
    async fn verified(&mut self, wire: &Wire, end: u64) -> Outcome<Vec<Mark>> {
        let mut marks = Vec::new();
        let within = |(_, size): &(u64, u64)| *size <= end;
        for (step, size) in self.steps.sizes().into_iter().filter(within) {
            let before = marks.last().map(|mark: &Mark| (mark.step, mark.size));
            // A missed step repeats the checkpoint of the one before.
            if before.is_some_and(|(_, before)| before == size) {
                continue;
            }
            let is_its_own = before.is_some_and(|before| self.is_regular(before, (step, size)));
            let time = match self.marks.get(&step) {
                Some(time) => *time,
                None => self.verify_step(wire, step, is_its_own).await?,
            };
            marks.push(Mark { step, size, time });
        }
        Ok(marks)
    }

    /// Verifies the checkpoint of a step; `is_its_own`: that step made it, so it cannot be dated otherwise.
    async fn verify_step(&mut self, wire: &Wire, step: u64, is_its_own: bool) -> Outcome<u64> {
        let note = self.steps.note(wire, step).await?.ok_or_else(fork)?;
        let (trusted, size) = (self.check_at(&note)?, claimed(&note)?.size);
        // What lies before the beginning was not read: that it is of this tree its cosigners say.
        let is_read = self.begins().is_none_or(|begins| size >= begins.index);
        if is_read && self.leaves.root_at(size) != Some(trusted.checkpoint().root) {
            return Err(fork());
        }
        let saw = match is_its_own {
            true => {
                let step_s = self.steps.step_s();
                self.chronology.saw_step(step, step_s, size, trusted.time())
            }
            false => self.chronology.saw(size, trusted.time()),
        };
        saw.map_err(Failure::log)?;
        self.marks.insert(step, trusted.time());
        Ok(trusted.time())
    }

    fn set_times(&mut self, marks: &[Mark], end: u64, latest_at: u64) {
        let salts: Vec<CaseSalt> = self.watched.iter().map(|salt| CaseSalt::new(*salt.expose())).collect();
        let acts: BTreeMap<u64, [u8; 32]> = salts.iter().flat_map(|salt| self.untimed(salt)).collect();
        for (index, slot) in acts {
            let time = self.time_between(marks, index, latest_at);
            if index < end {
                self.fold.set_time(&slot, index, time);
            }
        }
    }

    /// The time of an entry, from the two verified checkpoints between which it lies.
    fn time_between(&self, marks: &[Mark], index: u64, latest_at: u64) -> u64 {
        let place = marks.partition_point(|mark| mark.size <= index);
        let Some(after) = marks.get(place) else {
            return latest_at;
        };
        let Some(before) = place.checked_sub(1).and_then(|place| marks.get(place)) else {
            return after.time;
        };
        let n = self.entries_of(before.step + 1, before.size);
        if n == 0 || !self.is_regular((before.step, before.size), (after.step, after.size)) {
            return after.time;
        }
        let steps = self.opaque(before.size, index + 1).div_ceil(n);
        let time = before.time.saturating_add(steps.saturating_mul(self.steps.step_s()));
        time.min(after.time)
    }
}
