//! Room for filings (§6.3): what waits must fit into the next 12 hours, so that no promise breaks.
//!
//! Kept in memory, for it is asked at every filing; drawn anew from the ledger at every step.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::header;
use ledger::Ledger;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};

use crate::limits::HORIZON_S;
use crate::problem::Refusal;
use crate::random;

/// Acks that have not come after this many hours are the seats' matter (§7) and hold no room any more.
const ACK_HOURS: u64 = 72;
/// When to come back, in seconds: a step has passed by then.
const RETRY_S: u64 = 600;
/// Under which name the acks to come are kept in the ledger.
pub(crate) const ACKS_VALUE: &str = "acks-to-come";
/// Draws before the steps with room are counted one by one.
const DRAWS: u32 = 16;

/// N and the length of a step, as the statement `pace` in force says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Opaque entries a step.
    pub n: u64,
    /// Seconds.
    pub step_s: u64,
}

impl Rate {
    /// Steps in 12 hours: 72 at 600 s.
    fn horizon(self) -> u64 {
        (HORIZON_S / self.step_s.max(1)).max(1)
    }

    /// Filings in a step at most.
    pub fn filings(self) -> u64 {
        self.n / 2
    }
}

/// What waits for its step.
#[derive(Default)]
pub(crate) struct Capacity {
    /// Guards all of it; held for microseconds.
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// Filings in the ledger by first step.
    filings: BTreeMap<u64, u64>,
    /// Filings that got a step and are not yet durable.
    reserved: BTreeMap<u64, u64>,
    /// Entries of members in the ledger.
    members: u64,
    acks: Acks,
    rate: Option<Rate>,
}

/// Acks to come, by the hour of their filing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Acks(BTreeMap<u64, u64>);

/// A step that a filing will take. Must be settled.
#[derive(Debug)]
#[must_use]
pub(crate) struct Place {
    /// The first step at which the entry may be placed.
    pub step: u64,
    seats: u64,
    hour: u64,
}

impl Capacity {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a step for a filing with `seats` acks to come: the next one when `soon`, otherwise one drawn uniformly from
    /// those of the next 12 hours that have room.
    ///
    /// # Errors
    /// `capacity`.
    pub fn reserve(&self, rate: Rate, now: u64, soon: bool, seats: u64) -> Result<Place, Refusal> {
        let mut waiting = self.lock();
        let (filings, all) = waiting.totals();
        let horizon = rate.horizon();
        if filings + 1 > horizon * rate.filings() || all + 1 + seats > horizon * rate.n {
            return Err(full());
        }
        let next = now / rate.step_s.max(1) + 1;
        let step = if soon {
            next
        } else {
            waiting.draw(next, horizon, rate.filings()).ok_or_else(full)?
        };
        *waiting.reserved.entry(step).or_default() += 1;
        waiting.rate = Some(rate);
        Ok(Place {
            step,
            seats,
            hour: now / 3_600,
        })
    }

    /// The filing is durable, or it was refused.
    pub fn settle(&self, place: &Place, is_accepted: bool) {
        let mut waiting = self.lock();
        if let Some(count) = waiting.reserved.get_mut(&place.step) {
            *count -= 1;
            if *count == 0 {
                waiting.reserved.remove(&place.step);
            }
        }
        if is_accepted {
            *waiting.filings.entry(place.step).or_default() += 1;
            *waiting.acks.0.entry(place.hour).or_default() += place.seats;
        }
    }

    /// A seat has posted an act: as far as a blind operator can tell, an ack that was to come.
    pub fn acted(&self, entries: u64, is_seat: bool) {
        let mut waiting = self.lock();
        waiting.members += entries;
        if is_seat {
            waiting.acks.came();
        }
    }

    /// Draws everything anew from the ledger. `is_first` also reads the acks to come. Blocks.
    ///
    /// # Errors
    /// Storage.
    pub fn refresh(&self, ledger: &Ledger, rate: Rate, now: u64, is_first: bool) -> Result<(), ledger::Error> {
        let filings: BTreeMap<u64, u64> = ledger.waiting_by_step(0)?.into_iter().collect();
        let members = ledger.waiting()?.by_class[1];
        let stored = if is_first { ledger.value(ACKS_VALUE)? } else { None };
        let mut waiting = self.lock();
        waiting.filings = filings;
        waiting.members = members;
        if let Some(acks) = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            waiting.acks = acks;
        }
        waiting.acks.0.retain(|hour, _| hour + ACK_HOURS > now / 3_600);
        waiting.rate = Some(rate);
        Ok(())
    }

    /// The acks to come, to be kept under [`ACKS_VALUE`]. What a crash loses of it is one step's worth.
    pub fn acks(&self) -> Vec<u8> {
        serde_json::to_vec(&self.lock().acks).unwrap_or_default()
    }

    /// How full the queue of filings is.
    pub fn fill_percent(&self) -> u64 {
        self.lock().fill_percent()
    }

    /// Filings that wait, entries of members that wait, acks to come.
    pub fn counts(&self) -> (u64, u64, u64) {
        let waiting = self.lock();
        (waiting.totals().0, waiting.members, waiting.acks.total())
    }
}

impl Waiting {
    /// Filings, and all entries that hold room.
    fn totals(&self) -> (u64, u64) {
        let filings = self.filings.values().chain(self.reserved.values()).sum();
        (filings, filings + self.members + self.acks.total())
    }

    fn fill_percent(&self) -> u64 {
        let Some(rate) = self.rate else { return 0 };
        let (filings, all) = self.totals();
        let (filings_max, all_max) = (rate.horizon() * rate.filings(), rate.horizon() * rate.n);
        (filings * 100 / filings_max.max(1)).max(all * 100 / all_max.max(1))
    }

    fn at(&self, step: u64) -> u64 {
        let count = |steps: &BTreeMap<u64, u64>| steps.get(&step).copied().unwrap_or(0);
        count(&self.filings) + count(&self.reserved)
    }

    /// A step of `next..next + horizon` with room, uniform among them.
    fn draw(&self, next: u64, horizon: u64, most: u64) -> Option<u64> {
        for _ in 0..DRAWS {
            let step = next + random::below(horizon);
            if self.at(step) < most {
                return Some(step);
            }
        }
        let free: Vec<u64> = (next..next + horizon).filter(|step| self.at(*step) < most).collect();
        free.get(random::below(free.len() as u64) as usize).copied()
    }
}

impl Acks {
    fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Takes one from the oldest hour.
    fn came(&mut self) {
        if let Some(mut oldest) = self.0.first_entry() {
            *oldest.get_mut() -= 1;
            if *oldest.get() == 0 {
                oldest.remove();
            }
        }
    }
}

fn full() -> Refusal {
    Refusal::new(
        Problem::Capacity,
        "There is no room within the next 12 hours. Nothing was lost: keep the words and the files, and send the same \
         form again later.",
    )
    .with_header(header::RETRY_AFTER, RETRY_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { n: 4, step_s: 600 };
    const NOW: u64 = 600_000;

    fn file(capacity: &Capacity, soon: bool, seats: u64) -> Result<u64, Problem> {
        let place = capacity
            .reserve(RATE, NOW, soon, seats)
            .map_err(|refusal| refusal.problem)?;
        capacity.settle(&place, true);
        Ok(place.step)
    }

    #[test]
    fn thirty_six_n_filings_fit_two_a_step_and_the_next_is_refused() {
        let capacity = Capacity::default();
        let mut steps = BTreeMap::<u64, u64>::new();
        for _ in 0..36 * 4 {
            *steps.entry(file(&capacity, false, 0).expect("room")).or_default() += 1;
        }
        assert_eq!(steps.len(), 72);
        assert_eq!(steps.keys().next(), Some(&1_001));
        assert!(steps.values().all(|count| *count == 2), "{steps:?}");
        assert_eq!(file(&capacity, false, 0), Err(Problem::Capacity));
        assert_eq!(file(&capacity, true, 0), Err(Problem::Capacity));
    }

    #[test]
    fn acks_to_come_hold_room_until_they_come_or_are_late() {
        let capacity = Capacity::default();
        for _ in 0..48 {
            file(&capacity, false, 5).expect("room: 48 × 6 = 288 = 72 N");
        }
        assert_eq!(capacity.fill_percent(), 100);
        assert_eq!(file(&capacity, false, 5), Err(Problem::Capacity));
        for _ in 0..6 {
            capacity.acted(0, true);
        }
        file(&capacity, false, 5).expect("room for six again");
        capacity.acted(3, false);
        assert_eq!(capacity.counts(), (49, 3, 49 * 5 - 6));
    }

    #[test]
    fn soon_takes_the_next_step_even_when_that_one_is_full() {
        let capacity = Capacity::default();
        for _ in 0..5 {
            assert_eq!(file(&capacity, true, 0), Ok(1_001));
        }
    }

    #[test]
    fn a_refused_filing_gives_its_place_back() {
        let capacity = Capacity::default();
        let place = capacity.reserve(RATE, NOW, true, 5).expect("room");
        assert_eq!(capacity.counts().0, 1);
        capacity.settle(&place, false);
        assert_eq!(capacity.counts(), (0, 0, 0));
    }

    #[test]
    fn the_horizon_is_twelve_hours_at_any_length_of_step() {
        assert_eq!(RATE.horizon(), 72);
        assert_eq!(Rate { n: 4, step_s: 2 }.horizon(), 21_600);
    }
}
