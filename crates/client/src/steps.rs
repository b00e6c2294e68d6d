//! The checkpoints of the steps: which of them is the first that includes an entry, for waiting times run from it (§8.3).
//! Only those that an answer needs are fetched: a year has more than fifty thousand.

use std::collections::{BTreeMap, BTreeSet};

use protocol::statement::Pace;
use tlog::{Checkpoint, Note};

use crate::failure::{Failure, Outcome};
use crate::wire::Wire;

/// Steps beyond the latest checkpoint's own time at which its number is looked for.
const LATE_STEPS: u64 = 2;
/// The same where none of these is there: a service that is starved dates a checkpoint long after the step that it is of.
const STARVED_STEPS: u64 = 64;
/// Steps that are fetched without choosing among them.
const FEW: usize = 4;

/// Finds steps by the size of their checkpoint, and keeps those that were fetched. Sizes are claims until the caller
/// verifies the note that it gets.
#[derive(Default)]
pub struct Steps {
    step_s: u64,
    /// Entries that about each step adds.
    pace: u64,
    seen: BTreeMap<u64, Option<(u64, Note)>>,
    first: Option<u64>,
}

impl Steps {
    /// With the steps of a pace, where one is known.
    pub fn of(pace: Option<&Pace>) -> Self {
        let (step_s, n) = pace.map_or((1, 1), |pace| (pace.step_s.max(1), pace.n.max(1)));
        Self::default().lasting(step_s.into(), n.into())
    }

    /// With steps of `step_s` seconds that each add about `pace` entries; what was fetched stays as long as they are as
    /// long.
    #[must_use]
    pub fn lasting(self, step_s: u64, pace: u64) -> Self {
        if self.step_s == step_s {
            return Self { pace, ..self };
        }
        Self {
            step_s,
            pace,
            ..Self::default()
        }
    }

    /// Looks for the step of the latest checkpoint, which has the time `latest_at`.
    ///
    /// # Errors
    /// The network.
    pub async fn look_to(&mut self, wire: &Wire, latest_at: u64) -> Outcome<()> {
        let newest = latest_at / self.step_s.max(1) + 1;
        let mut from = newest.saturating_sub(LATE_STEPS);
        // One that was not there before may be there by now.
        self.seen
            .retain(|step, note| note.is_some() || !(from..=newest).contains(step));
        self.fetch(wire, from..=newest).await?;
        while self.last().is_none() && from > 0 && newest - from < STARVED_STEPS {
            let before = from;
            from = newest.saturating_sub(2 * (newest - from));
            self.fetch(wire, from..before).await?;
        }
        Ok(())
    }

    /// Length of a step in seconds.
    pub fn step_s(&self) -> u64 {
        self.step_s
    }

    /// The last step that has a checkpoint, as far as was looked.
    pub fn last(&self) -> Option<u64> {
        self.known().next_back().map(|(step, ..)| step)
    }

    /// Steps that have a checkpoint, with the size that it claims, ascending, as far as they were fetched.
    pub fn sizes(&self) -> Vec<(u64, u64)> {
        self.known().map(|(step, size, _)| (step, size)).collect()
    }

    /// Whether a step was asked for.
    pub fn has_seen(&self, step: u64) -> bool {
        self.seen.contains_key(&step)
    }

    /// Fetches steps that were not fetched yet.
    ///
    /// # Errors
    /// The network; [`crate::Local::LogNotVerifiable`] for a note that cannot be read.
    pub async fn fetch(&mut self, wire: &Wire, steps: impl IntoIterator<Item = u64>) -> Outcome<()> {
        let unseen: BTreeSet<u64> = steps.into_iter().filter(|step| !self.seen.contains_key(step)).collect();
        let paths = unseen.iter().map(|step| format!("/log/step/{step}")).collect();
        for (step, bytes) in unseen.into_iter().zip(wire.several(paths).await?) {
            self.seen.insert(step, bytes.map(|bytes| claim(&bytes)).transpose()?);
        }
        Ok(())
    }

    /// Forgets the steps before one.
    pub fn forget_before(&mut self, step: u64) {
        self.seen.retain(|seen, _| *seen >= step);
    }

    /// The note of a step.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub async fn note(&mut self, wire: &Wire, step: u64) -> Outcome<Option<Note>> {
        Ok(self.fetched(wire, step).await?.map(|(_, note)| note))
    }

    async fn fetched(&mut self, wire: &Wire, step: u64) -> Outcome<Option<(u64, Note)>> {
        self.fetch(wire, [step]).await?;
        Ok(self.seen.get(&step).cloned().flatten())
    }

    /// The first step that has more than `index` entries, with its checkpoint; `None` when no step has.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub async fn first_beyond(&mut self, wire: &Wire, index: u64) -> Outcome<Option<(u64, Note)>> {
        loop {
            let Some((high, high_size, note)) = self.known().find(|(_, size, _)| *size > index) else {
                return Ok(None);
            };
            let low = self.known().take_while(|(step, ..)| *step < high).last();
            let Some((low, low_size)) = low.map(|(step, size, _)| (step, size)) else {
                if self.first == Some(high) {
                    return Ok(Some((high, note.clone())));
                }
                self.find_first(wire).await?;
                continue;
            };
            let unseen: Vec<u64> = (low + 1..high).filter(|step| !self.seen.contains_key(step)).collect();
            if unseen.is_empty() {
                return Ok(Some((high, note.clone())));
            }
            // The pace is constant: where the entry lies between two sizes, its step lies about there between theirs.
            let share = (index + 1 - low_size) as f64 / (high_size - low_size) as f64;
            let guess = low + (share * (high - low) as f64) as u64;
            self.fetch(wire, points(&unseen, guess)).await?;
        }
    }

    /// The first step that has a checkpoint, given that every later one has; `None` when none is known.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub async fn find_first(&mut self, wire: &Wire) -> Outcome<Option<u64>> {
        let Some((mut high, size, _)) = self.known().next() else {
            return Ok(None);
        };
        if self.first.is_some() {
            return Ok(self.first);
        }
        let mut low = 0;
        // At a constant pace it lies as many steps back as made those entries.
        let back = size / self.pace.max(1);
        let mut tried: Vec<u64> = [back / 8, back / 4, back / 2, back.saturating_sub(1), back, back + 1]
            .into_iter()
            .chain(
                (1..12)
                    .map(|power| back.saturating_mul(1 << power))
                    .take_while(|back| *back < high)
                    .take(3),
            )
            .map(|back| high.saturating_sub(back))
            .filter(|step| *step < high)
            .collect();
        while low < high {
            tried.sort_unstable();
            tried.dedup();
            self.fetch(wire, tried.iter().copied()).await?;
            let is_there = |step: &u64| self.seen.get(step).is_some_and(Option::is_some);
            match tried.iter().position(is_there) {
                Some(place) => {
                    high = tried[place];
                    low = place.checked_sub(1).map_or(low, |before| tried[before] + 1);
                }
                None => low = tried.last().map_or(low, |step| step + 1),
            }
            let width = high - low;
            tried = match width {
                0..=4 => (low..high).collect(),
                _ => (1..4).map(|part| low + width / 4 * part).collect(),
            };
        }
        self.first = Some(high);
        Ok(self.first)
    }

    /// The last of the steps from `step` on that have the very same note: those that the service missed. However many they
    /// are, few of them are asked for.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub async fn end_of_run(&mut self, wire: &Wire, step: u64) -> Outcome<u64> {
        let last = self.last();
        let Some((size, note)) = self.fetched(wire, step).await? else {
            return Ok(step);
        };
        let is_same = |other: Option<(u64, Note)>| other.is_some_and(|(_, other)| other == note);
        if last.is_none_or(|last| step >= last) || !is_same(self.fetched(wire, step + 1).await?) {
            return Ok(step);
        }
        let end = match self.first_beyond(wire, size).await? {
            Some((next, _)) => next - 1,
            None => last.unwrap_or(step),
        };
        // Of other notes at its end, each is looked at.
        Ok(if is_same(self.fetched(wire, end).await?) {
            end
        } else {
            step
        })
    }

    /// Steps that have a checkpoint, with its size, as far as they were fetched.
    fn known(&self) -> impl DoubleEndedIterator<Item = (u64, u64, &Note)> {
        let known = self.seen.iter();
        known.filter_map(|(step, found)| found.as_ref().map(|(size, note)| (*step, *size, note)))
    }
}

/// A checkpoint with the size that it claims.
fn claim(bytes: &[u8]) -> Outcome<(u64, Note)> {
    let note = Note::parse(bytes).map_err(Failure::log)?;
    Ok((claimed(&note)?.size, note))
}

/// Which of the steps to fetch: those about the guess, and the middle, should it be wrong.
fn points(unseen: &[u64], guess: u64) -> Vec<u64> {
    if unseen.len() <= FEW {
        return unseen.to_vec();
    }
    let place = unseen.partition_point(|step| *step < guess);
    let about = unseen.iter().skip(place.saturating_sub(1)).take(3);
    about.chain(unseen.get(unseen.len() / 2)).copied().collect()
}

/// What a checkpoint claims, before its signatures are looked at.
pub(crate) fn claimed(note: &Note) -> Outcome<Checkpoint> {
    Checkpoint::parse(note.text()).ok_or_else(|| Failure::log("not a checkpoint"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{HttpAnswer, HttpCall, RunningAct, Turn};
    use base64ct::{Base64, Encoding as _};
    use std::collections::HashMap;
    use tlog::Checkpoint;

    /// A log that begins at step 1000 and grows by four entries a step; some steps have no checkpoint.
    fn size_at(step: u64, gaps: &[u64]) -> Option<u64> {
        let is_there = (1000..=61_000).contains(&step) && !gaps.contains(&step);
        is_there.then(|| 4 + (step - 999) * 4)
    }

    fn note(size: u64) -> Vec<u8> {
        let root = Base64::encode_string(&[7; 32]);
        let signature = Base64::encode_string(&[1; 68]);
        format!("demo.example/log\n{size}\n{root}\n\n— demo.example/log {signature}\n").into_bytes()
    }

    /// Asks for the checkpoints of several entries; gives their sizes and how many files were fetched.
    fn ask(indexes: Vec<u64>, gaps: &'static [u64]) -> (Vec<Option<u64>>, usize) {
        let wire = Wire::default();
        let line = wire.clone();
        let mut running = RunningAct::new(wire, async move {
            let mut steps = Steps::default().lasting(10, 4);
            steps.look_to(&line, 610_003).await?;
            let mut found = Vec::new();
            for index in indexes {
                let note = steps.first_beyond(&line, index).await?;
                found.push(
                    note.and_then(|(_, note)| Checkpoint::parse(note.text()))
                        .map(|checkpoint| checkpoint.size),
                );
            }
            Outcome::Ok(found)
        });
        let (mut answers, mut count) = (Vec::new(), HashMap::new());
        loop {
            match running.turn(0, std::mem::take(&mut answers)) {
                Turn::Done(found) => return (found.expect("found"), count.len()),
                Turn::Calls(calls) => {
                    for HttpCall { path, .. } in calls {
                        let step: u64 = path.rsplit('/').next().and_then(|n| n.parse().ok()).expect("a step");
                        let times = count.entry(step).or_insert(0);
                        *times += 1;
                        assert_eq!(*times, 1, "step {step} is fetched once");
                        let size = size_at(step, gaps);
                        answers.push(HttpAnswer {
                            status: if size.is_some() { 200 } else { 404 },
                            body: size.map(note).unwrap_or_default(),
                            ..HttpAnswer::default()
                        });
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_step_that_includes_an_entry_is_found_with_few_fetches() {
        let (found, fetched) = ask(vec![0, 7, 8, 120_000, 240_007, 240_012], &[]);
        assert_eq!(found, [Some(8), Some(8), Some(12), Some(120_004), Some(240_008), None]);
        assert!(fetched < 150, "{fetched} of 60 000");
    }

    #[test]
    fn steps_without_a_checkpoint_are_passed_over() {
        const GAPS: &[u64] = &[1001, 1002, 30_000, 30_001, 30_002];
        let entry_of = |step: u64| (step - 999) * 4;
        let (found, _) = ask(vec![entry_of(1001), entry_of(30_000), entry_of(30_002) + 3], GAPS);
        let after = |step: u64| size_at(step, GAPS);
        assert_eq!(found, [after(1003), after(30_003), after(30_003)]);
    }

    /// Where a service dates its newest checkpoint long after the step that this is of, it is found all the same.
    #[test]
    fn the_newest_step_is_found_however_late_its_checkpoint_is_dated() {
        const LATE: &[u64] = &[
            60_990, 60_991, 60_992, 60_993, 60_994, 60_995, 60_996, 60_997, 60_998, 60_999, 61_000,
        ];
        let (found, _) = ask(vec![0, 120_000], LATE);
        assert_eq!(found, [Some(8), Some(120_004)]);
    }
}
