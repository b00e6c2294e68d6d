//! The checkpoints of the steps: which of them is the first that includes an entry, for waiting times run from it (§8.3).

use super::{claimed, parse_note};
use crate::failure::{Failure, Outcome};
use crate::remote::Remote;
use std::collections::HashMap;
use tlog::Note;

/// Checkpoints that are fetched at once where many are to be read.
const BATCH: u64 = 64;
/// Connections that fetch them.
const LANES: usize = 8;
/// Steps beyond the latest checkpoint's own time at which its number is looked for.
const LATE_STEPS: u64 = 2;

/// Steps with their notes, where they have one.
type Notes = Vec<(u64, Option<Note>)>;

/// Finds steps by the size of their checkpoint. Sizes are claims until the caller verifies the note that it gets.
pub struct Steps {
    remote: Remote,
    step_s: u64,
    last: Option<u64>,
    seen: HashMap<u64, Option<Note>>,
}

impl Steps {
    /// Steps of `step_s` seconds up to the checkpoint whose time is `latest_at`.
    ///
    /// # Errors
    /// Network.
    pub fn new(remote: &Remote, step_s: u64, latest_at: u64) -> Outcome<Self> {
        let mut steps = Self {
            remote: remote.clone(),
            step_s: step_s.max(1),
            last: None,
            seen: HashMap::new(),
        };
        steps.go_on(latest_at)?;
        Ok(steps)
    }

    /// Goes on to the steps up to another checkpoint, whose time is `latest_at`.
    ///
    /// # Errors
    /// Network; exit 1 for a note that is none.
    pub fn go_on(&mut self, latest_at: u64) -> Outcome<()> {
        // A step that had no checkpoint may have one by now.
        self.seen.retain(|_, note| note.is_some());
        let newest = latest_at / self.step_s + 1;
        for step in (newest.saturating_sub(LATE_STEPS)..=newest).rev() {
            if self.note(step)?.is_some() {
                self.last = Some(step);
                break;
            }
        }
        Ok(())
    }

    /// The first step whose checkpoint includes an entry, with its note, by halving.
    ///
    /// # Errors
    /// Network; exit 1 for a note that is none.
    pub fn first_including(&mut self, index: u64) -> Outcome<Option<(u64, Note)>> {
        let Some(last) = self.last else { return Ok(None) };
        let found = self.search(0, last, |size| size > index)?;
        let Some(step) = found else { return Ok(None) };
        Ok(self.note(step)?.map(|note| (step, note)))
    }

    /// Length of a step in seconds.
    pub fn step_s(&self) -> u64 {
        self.step_s
    }

    /// The last step that has a checkpoint.
    pub fn last(&self) -> Option<u64> {
        self.last
    }

    /// The first step that has one.
    ///
    /// # Errors
    /// Network.
    pub fn first(&mut self) -> Outcome<Option<u64>> {
        let Some(last) = self.last else { return Ok(None) };
        self.search(0, last, |_| true)
    }

    /// The first step from `from` on whose checkpoint has more than `size` entries, with its note.
    ///
    /// # Errors
    /// Network; exit 1 for a note that is none.
    pub fn first_beyond(&mut self, from: u64, size: u64) -> Outcome<Option<(u64, Note)>> {
        let Some(last) = self.last.filter(|last| from <= *last) else {
            return Ok(None);
        };
        if !self.seen.contains_key(&from) && last - from >= BATCH / 2 {
            self.prefetch(from, (from + BATCH).min(last))?;
        }
        let (mut low, mut high, mut stride) = (from, from, 1);
        while high < last && !self.is_beyond(high, size)? {
            low = high + 1;
            high = (high + stride).min(last);
            stride *= 2;
        }
        let found = self.search(low, high, |claim| claim > size)?;
        let Some(step) = found else { return Ok(None) };
        Ok(self.note(step)?.map(|note| (step, note)))
    }

    /// The note of a step.
    ///
    /// # Errors
    /// Network; exit 1 for a note that is none.
    pub fn note(&mut self, step: u64) -> Outcome<Option<Note>> {
        if let Some(note) = self.seen.get(&step) {
            return Ok(note.clone());
        }
        let note = self.remote.step(step)?.map(|bytes| parse_note(&bytes)).transpose()?;
        self.seen.insert(step, note.clone());
        Ok(note)
    }

    /// Fetches the notes of a range over several connections.
    ///
    /// # Errors
    /// Network; exit 1 for a note that is none.
    pub fn prefetch(&mut self, from: u64, to: u64) -> Outcome<()> {
        self.seen.retain(|step, _| *step >= from);
        let wanted: Vec<u64> = (from..=to).filter(|step| !self.seen.contains_key(step)).collect();
        let remote = &self.remote;
        let fetch = |step: &u64| Ok((*step, remote.step(*step)?.map(|bytes| parse_note(&bytes)).transpose()?));
        let lane = |steps: &[u64]| steps.iter().map(fetch).collect::<Outcome<Vec<_>>>();
        let lanes = wanted.chunks(wanted.len().div_ceil(LANES).max(1));
        let fetched: Vec<Outcome<Notes>> = std::thread::scope(|scope| {
            let threads: Vec<_> = lanes.map(|steps| scope.spawn(move || lane(steps))).collect();
            let panicked = |_| Err(Failure::bug("a thread that fetches checkpoints panicked"));
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(panicked))
                .collect()
        });
        for notes in fetched {
            self.seen.extend(notes?);
        }
        Ok(())
    }

    /// The last of the steps from `step` on that have the very same note: those that the service missed. However many they
    /// are, few of them are asked for.
    ///
    /// # Errors
    /// Network; exit 1 for a note that is none.
    pub fn end_of_run(&mut self, step: u64) -> Outcome<u64> {
        let note = self.note(step)?;
        let Some(size) = note
            .as_ref()
            .map(claimed)
            .transpose()?
            .map(|checkpoint| checkpoint.size)
        else {
            return Ok(step);
        };
        if self.last.is_none_or(|last| step >= last) || self.note(step + 1)? != note {
            return Ok(step);
        }
        let end = match self.first_beyond(step + 1, size)? {
            Some((next, _)) => next - 1,
            None => self.last.unwrap_or(step),
        };
        // Of other notes at its end, each is looked at.
        Ok(if self.note(end)? == note { end } else { step })
    }

    fn is_beyond(&mut self, step: u64, size: u64) -> Outcome<bool> {
        let claim = self.note(step)?.map(|note| claimed(&note)).transpose()?;
        Ok(claim.is_some_and(|checkpoint| checkpoint.size > size))
    }

    /// The least step in `low..=high` that has a checkpoint whose claimed size satisfies `wanted`, given that every
    /// later one does too.
    fn search(&mut self, mut low: u64, mut high: u64, wanted: impl Fn(u64) -> bool) -> Outcome<Option<u64>> {
        let holds = |steps: &mut Self, step: u64| -> Outcome<bool> {
            let claim = steps.note(step)?.map(|note| claimed(&note)).transpose()?;
            Ok(claim.is_some_and(|checkpoint| wanted(checkpoint.size)))
        };
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self, middle)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(if holds(self, low)? { Some(low) } else { None })
    }
}
