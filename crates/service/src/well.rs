//! How much of something is taken in a span of time: half of what is allowed at once, the other half evenly as time goes by.
//! So a burst closes it only for as long as it goes on, and no span ever sees more than is allowed.

/// How full it is. In memory only: a restart begins with an empty one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Well {
    /// Most that is taken in the span.
    most: u64,
    span_s: u64,
    level: f64,
    /// POSIX second up to which it has run out.
    time: u64,
}

impl Well {
    /// Takes `most` in `span_s` seconds.
    pub fn new(most: u64, span_s: u64) -> Self {
        Self {
            most,
            span_s,
            level: 0.0,
            time: 0,
        }
    }

    fn half(&self) -> f64 {
        self.most as f64 / 2.0
    }

    /// How much of late: what was taken, less what ran out since.
    pub fn level(&mut self, now: u64) -> u64 {
        if now > self.time {
            let out = (now - self.time) as f64 / self.span_s as f64 * self.half();
            self.level = (self.level - out).max(0.0);
            self.time = now;
        }
        self.level as u64
    }

    /// Whether there is room for `amount`.
    pub fn has_room(&mut self, amount: u64, now: u64) -> bool {
        self.level(now);
        self.level + amount as f64 <= self.half()
    }

    /// Fills in what is taken, room or not.
    pub fn fill(&mut self, amount: u64, now: u64) {
        self.level(now);
        self.level += amount as f64;
    }

    /// Gives back what was taken for something that was not kept.
    pub fn give_back(&mut self, amount: u64) {
        self.level = (self.level - amount as f64).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_takes_half_and_closes_it_only_while_it_goes_on() {
        let mut well = Well::new(96, 86_400);
        let take = |well: &mut Well, now| {
            let has_room = well.has_room(1, now);
            well.fill(u64::from(has_room), now);
            has_room
        };
        assert_eq!((0..1_000).filter(|_| take(&mut well, 7)).count(), 48);
        assert!(!take(&mut well, 8));
        assert!(take(&mut well, 7 + 1_800), "a place came back");
        well.give_back(1);
        assert!(take(&mut well, 7 + 1_800) && !take(&mut well, 7 + 1_800));
        // Somebody who tries every second takes no more than is allowed in any span.
        let later = (1_000_000..1_000_000 + 86_400)
            .filter(|now| take(&mut well, *now))
            .count();
        assert!((90..=96).contains(&later), "{later}");
        assert_eq!(well.level(3_000_000), 0);
        assert!((0..48).all(|_| take(&mut well, 3_000_000)));
    }
}
