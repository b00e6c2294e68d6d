//! Moments that are drawn beforehand: one in each period. They follow from a seed that was drawn before anything could
//! arrive, and from nothing else; no arrival is an argument here.

use protocol::Digest;

/// Random bytes from which all moments follow.
pub type Seed = [u8; 32];

/// One drawn moment in each period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    seed: Seed,
    what: &'static str,
    period_s: u64,
}

impl Slots {
    /// For one purpose, so that slots of two purposes say nothing of each other. `period_s` is at least 1.
    pub fn new(seed: Seed, what: &'static str, period_s: u64) -> Self {
        Self {
            seed,
            what,
            period_s: period_s.max(1),
        }
    }

    /// The number of the period in which a moment is; times are POSIX seconds.
    pub fn period(&self, time: u64) -> u64 {
        time / self.period_s
    }

    /// The moment of a period.
    pub fn at(&self, period: u64) -> u64 {
        let mut drawn = self.seed.to_vec();
        drawn.extend_from_slice(self.what.as_bytes());
        drawn.extend_from_slice(&period.to_be_bytes());
        let Digest([a, b, c, d, e, f, g, h, ..]) = Digest::of(&drawn);
        let drawn = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        period
            .saturating_mul(self.period_s)
            .saturating_add(drawn % self.period_s)
    }

    /// The first moment after a time.
    pub fn next(&self, after: u64) -> u64 {
        let period = self.period(after);
        let this = self.at(period);
        if this > after { this } else { self.at(period + 1) }
    }

    /// The present period, if its moment has come and it was not dealt with. Periods that nobody lived through are passed
    /// over, and so is a mark from a clock that was once far ahead.
    pub fn due(&self, now: u64, dealt_with: Option<u64>) -> Option<u64> {
        let period = self.period(now);
        let is_dealt_with = dealt_with.is_some_and(|mark| mark == period || mark == period + 1);
        (now >= self.at(period) && !is_dealt_with).then_some(period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(number: u64) -> Seed {
        Digest::of(&number.to_be_bytes()).0
    }

    #[test]
    fn each_period_has_one_moment_within_it_and_they_are_spread_evenly() {
        let mut in_tenth = [0u32; 10];
        for number in 0..2_000 {
            let slots = Slots::new(seed(number), "notice", 43_200);
            for period in 41_000..41_005 {
                let at = slots.at(period);
                assert_eq!(slots.period(at), period);
                in_tenth[usize::try_from(at % 43_200 / 4_320).expect("a tenth")] += 1;
            }
        }
        // 10,000 draws: 1,000 each, with a standard deviation of 30.
        assert!(
            in_tenth.iter().all(|count| (850..1_150).contains(count)),
            "{in_tenth:?}"
        );
    }

    #[test]
    fn the_next_moment_is_the_first_one_after_a_time() {
        for number in 0..50 {
            let slots = Slots::new(seed(number), "look", 600);
            let mut at = 1_795_478_400;
            for _ in 0..20 {
                let next = slots.next(at);
                let between = (at / 600..=next / 600).map(|period| slots.at(period));
                assert!(next > at && between.filter(|slot| *slot > at).all(|slot| slot >= next));
                at = next;
            }
        }
    }

    #[test]
    fn a_moment_is_due_once_and_a_clock_that_was_wrong_does_not_end_it() {
        let slots = Slots::new(seed(1), "notice", 600);
        let at = slots.at(7);
        assert_eq!(slots.due(at - 1, None), None);
        assert_eq!(slots.due(at, None), Some(7));
        assert_eq!(slots.due(at, Some(6)), Some(7));
        assert_eq!(slots.due(at, Some(7)), None);
        // The clock was set back over the end of a period.
        assert_eq!(slots.due(at, Some(8)), None);
        assert_eq!(slots.due(at, Some(900)), Some(7), "a mark of a clock far ahead");
    }

    #[test]
    fn slots_of_two_purposes_and_of_two_seeds_differ() {
        let times = |seed, what| {
            let slots = Slots::new(seed, what, 86_400);
            (0..8).map(|period| slots.at(period)).collect::<Vec<_>>()
        };
        assert_ne!(times(seed(1), "notice"), times(seed(1), "urgent"));
        assert_ne!(times(seed(1), "notice"), times(seed(2), "notice"));
    }
}
