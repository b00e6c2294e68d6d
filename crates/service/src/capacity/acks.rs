//! Acks to come: how many, going by what seats really acknowledge.
//!
//! Filings that nobody acknowledges ask for no room: of the acks that are out, a burst is waited for whole, and of the
//! rest the part that came lately. So junk alone never counts for more than the burst, whatever its number.

use serde::{Deserialize, Serialize};

/// Acks that are waited for whole: those of twelve filings to five seats.
const BURST: f64 = 60.0;
/// Hours after which what was counted weighs half.
const HALF_LIFE_HOURS: f64 = 24.0;

/// Acks that could come and acks that came, the older the lighter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Acks {
    /// Hour up to which they are aged.
    hour: u64,
    expected: f64,
    came: f64,
}

impl Acks {
    /// A filing to `seats` seats was taken.
    pub fn expect(&mut self, seats: u64, now: u64) {
        self.age(now);
        self.expected += seats as f64;
    }

    /// A seat has posted an act. More than was expected says nothing.
    pub fn came(&mut self, now: u64) {
        self.age(now);
        self.came = (self.came + 1.0).min(self.expected);
    }

    /// Acks that are to be expected.
    pub fn awaited(&mut self, now: u64) -> u64 {
        self.age(now);
        let out = (self.expected - self.came).max(0.0);
        let part = if self.expected > 0.0 {
            self.came / self.expected
        } else {
            0.0
        };
        (out.min(BURST) + (out - BURST).max(0.0) * part).round() as u64
    }

    fn age(&mut self, now: u64) {
        let hour = now / 3_600;
        if hour > self.hour {
            let left = (-((hour - self.hour) as f64) / HALF_LIFE_HOURS).exp2();
            self.expected *= left;
            self.came *= left;
            self.hour = hour;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;

    #[test]
    fn a_few_filings_are_waited_for_whole_and_junk_never_for_more_than_the_burst() {
        let mut acks = Acks::default();
        acks.expect(5, 0);
        assert_eq!(acks.awaited(0), 5);
        for _ in 0..10_000 {
            acks.expect(5, 0);
        }
        assert!(acks.awaited(0) <= 60, "{acks:?}");
    }

    #[test]
    fn most_acks_of_seats_that_acknowledge_are_waited_for() {
        let mut acks = Acks::default();
        for day in 0..10 {
            for _ in 0..20 {
                acks.expect(5, day * 24 * HOUR);
            }
            for _ in 0..100 {
                acks.came(day * 24 * HOUR + HOUR);
            }
        }
        for _ in 0..20 {
            acks.expect(5, 240 * HOUR);
        }
        assert!((55..=100).contains(&acks.awaited(240 * HOUR)), "{acks:?}");
        assert!(
            acks.awaited(240 * HOUR + 240 * HOUR) <= 1,
            "what never comes is forgotten"
        );
    }
}
