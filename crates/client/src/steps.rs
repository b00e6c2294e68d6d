//! The checkpoints of the steps: which of them is the first that includes an entry, for waiting times run from it (§8.3).
//! Only those that an answer needs are fetched: a year has more than fifty thousand.

use std::collections::{BTreeMap, BTreeSet};

use tlog::{Checkpoint, Note};

use crate::failure::{Failure, Outcome};
use crate::wire::Wire;

/// Steps beyond the latest checkpoint's own time at which its number is looked for.
const LATE_STEPS: u64 = 2;
/// Steps that are fetched without choosing among them.
const FEW: usize = 16;
/// Steps that are fetched at once to narrow a search, besides those about the guess.
const SPREAD: usize = 4;

/// Steps that were fetched in this visit. Sizes are claims until the caller verifies the note that it gets.
#[derive(Default)]
pub(crate) struct Steps {
    step_s: u64,
    seen: BTreeMap<u64, Option<(u64, Note)>>,
    first: Option<u64>,
}

impl Steps {
    /// With steps of `step_s` seconds; what was fetched stays as long as they are as long.
    pub fn lasting(self, step_s: u64) -> Self {
        if self.step_s == step_s {
            return self;
        }
        Self {
            step_s,
            ..Self::default()
        }
    }

    /// Looks for the step of the latest checkpoint, which has the time `latest_at`.
    ///
    /// # Errors
    /// The network.
    pub async fn look_to(&mut self, wire: &Wire, latest_at: u64) -> Outcome<()> {
        let newest = latest_at / self.step_s + 1;
        let late = newest.saturating_sub(LATE_STEPS)..=newest;
        // One that was not there before may be there by now.
        self.seen.retain(|step, note| note.is_some() || !late.contains(step));
        self.fetch(wire, late.collect()).await
    }

    /// Length of a step in seconds.
    pub fn step_s(&self) -> u64 {
        self.step_s
    }

    /// The first step that has more than `index` entries, with its checkpoint; `None` when no step has.
    ///
    /// # Errors
    /// The network; `log-not-verifiable` for a note that is none.
    pub async fn first_beyond(&mut self, wire: &Wire, index: u64) -> Outcome<Option<(u64, Note)>> {
        loop {
            let known = || {
                self.seen
                    .iter()
                    .filter_map(|(step, note)| Some((*step, note.as_ref()?)))
            };
            let Some((high, (high_size, note))) = known().find(|(_, (size, _))| *size > index) else {
                return Ok(None);
            };
            let low = known().take_while(|(step, _)| *step < high).last();
            let Some((low, low_size)) = low.map(|(step, (size, _))| (step, *size)) else {
                if self.first == Some(high) {
                    return Ok(Some((high, note.clone())));
                }
                self.find_first(wire, high).await?;
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

    /// The first step that has a checkpoint, given that every later one has.
    async fn find_first(&mut self, wire: &Wire, last: u64) -> Outcome<()> {
        let (mut low, mut high) = (0, last);
        while low < high {
            let width = high - low;
            let parts = 8.min(width);
            let tried: Vec<u64> = (0..parts).map(|part| low + width / parts * part).collect();
            self.fetch(wire, tried.clone()).await?;
            let is_there = |step: &u64| self.seen.get(step).is_some_and(Option::is_some);
            match tried.iter().position(is_there) {
                Some(0) => high = low,
                Some(place) => (low, high) = (tried[place - 1] + 1, tried[place]),
                None => low = tried.last().map_or(high, |step| step + 1),
            }
        }
        self.first = Some(high);
        Ok(())
    }

    async fn fetch(&mut self, wire: &Wire, steps: Vec<u64>) -> Outcome<()> {
        let steps: Vec<u64> = steps.into_iter().filter(|step| !self.seen.contains_key(step)).collect();
        let paths = steps.iter().map(|step| format!("/log/step/{step}")).collect();
        for (step, bytes) in steps.into_iter().zip(wire.several(paths).await?) {
            self.seen.insert(step, bytes.map(|bytes| claim(&bytes)).transpose()?);
        }
        Ok(())
    }
}

/// A checkpoint with the size that it claims.
fn claim(bytes: &[u8]) -> Outcome<(u64, Note)> {
    let note = Note::parse(bytes).map_err(Failure::log)?;
    let checkpoint = Checkpoint::parse(note.text()).ok_or_else(|| Failure::log("not a checkpoint"))?;
    Ok((checkpoint.size, note))
}

/// Which of the steps to fetch: those about the guess, and some over the whole, should it be wrong.
fn points(unseen: &[u64], guess: u64) -> Vec<u64> {
    if unseen.len() <= FEW {
        return unseen.to_vec();
    }
    let place = unseen.partition_point(|step| *step < guess);
    let about = unseen.iter().skip(place.saturating_sub(2)).take(4);
    let spread = (1..=SPREAD).filter_map(|part| unseen.get(unseen.len() * part / (SPREAD + 1)));
    let chosen: BTreeSet<u64> = about.chain(spread).copied().collect();
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Answer, Call, Running, Turn};
    use std::collections::HashMap;

    /// A log that begins at step 1000 and grows by four entries a step; some steps have no checkpoint.
    fn size_at(step: u64, gaps: &[u64]) -> Option<u64> {
        let is_there = (1000..=61_000).contains(&step) && !gaps.contains(&step);
        is_there.then(|| 4 + (step - 999) * 4)
    }

    fn note(size: u64) -> Vec<u8> {
        let root = data_encoding::BASE64.encode(&[7; 32]);
        let signature = data_encoding::BASE64.encode(&[1; 68]);
        format!("demo.example/log\n{size}\n{root}\n\n— demo.example/log {signature}\n").into_bytes()
    }

    /// Asks for the checkpoints of several entries; gives their sizes and how many files were fetched.
    fn ask(indexes: Vec<u64>, gaps: &'static [u64]) -> (Vec<Option<u64>>, usize) {
        let wire = Wire::default();
        let line = wire.clone();
        let mut running = Running::new(wire, async move {
            let mut steps = Steps::default().lasting(10);
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
                    for Call { path, .. } in calls {
                        let step: u64 = path.rsplit('/').next().and_then(|n| n.parse().ok()).expect("a step");
                        let times = count.entry(step).or_insert(0);
                        *times += 1;
                        assert_eq!(*times, 1, "step {step} is fetched once");
                        let size = size_at(step, gaps);
                        answers.push(Answer {
                            status: if size.is_some() { 200 } else { 404 },
                            body: size.map(note).unwrap_or_default(),
                            ..Answer::default()
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
}
