//! How much is taken by the form without scripts: whoever uses it does no work, so that it has room of its own (§14.4).

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::config::PaceConfig;
use crate::limits::HORIZON_S;
use crate::well::Well;

/// Derivations of words at once, 64 MiB each.
pub(crate) const TURNS: usize = 2;

/// Turns, and what may still be filed.
pub(crate) struct Quota {
    /// Turns for derivation and sealing.
    pub turns: Arc<Semaphore>,
    /// Guards both counts together.
    taken: Mutex<Taken>,
}

struct Taken {
    /// Filings of late.
    all: Well,
    /// Those of them that took the next step.
    soon: Well,
}

impl Quota {
    /// By the pace that the operator began with: in each 12 h a quarter of its opaque entries, which is half of what filings may take;
    /// half of it at once. So it never fills the queue of filings, nor raises the pace, alone. A sixth of it may take the next step.
    pub fn new(pace: PaceConfig) -> Self {
        let steps = HORIZON_S / u64::from(pace.step_s.max(1));
        let most = (steps * u64::from(pace.n / 4)).max(2);
        Self {
            turns: Arc::new(Semaphore::new(TURNS)),
            taken: Mutex::new(Taken {
                all: Well::new(most, HORIZON_S),
                soon: Well::new((most / 6).max(2), HORIZON_S),
            }),
        }
    }

    /// Takes room for a filing, which would have the next step; gives whether it has. `None`: there is none.
    pub fn take(&self, wants_soon: bool, now: u64) -> Option<bool> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.all.has_room(1, now) {
            return None;
        }
        taken.all.fill(1, now);
        let is_soon = wants_soon && taken.soon.has_room(1, now);
        taken.soon.fill(u64::from(is_soon), now);
        Some(is_soon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_478_400;

    fn taken(quota: &Quota, wants_soon: bool, times: usize) -> (usize, usize) {
        let all: Vec<bool> = (0..times).filter_map(|_| quota.take(wants_soon, NOW)).collect();
        (all.len(), all.iter().filter(|is_soon| **is_soon).count())
    }

    #[test]
    fn a_flood_takes_half_of_a_quarter_of_twelve_hours_and_a_sixth_of_that_at_once() {
        let quota = Quota::new(PaceConfig::default());
        assert_eq!(taken(&quota, true, 100), (36, 6));
        assert_eq!(quota.take(false, NOW + 1_199), None, "one comes back each 20 minutes");
        assert_eq!(quota.take(false, NOW + 1_200), Some(false));
        let quiet = Quota::new(PaceConfig::default());
        assert_eq!(taken(&quiet, false, 100), (36, 0));
    }

    /// Fewer than would close the intake of everybody else (36 N wait) or raise the pace (18 N).
    #[test]
    fn it_never_fills_the_queue_of_filings_alone() {
        for (n, step_s) in [(4, 600), (64, 600), (4, 3_600), (4, 43_200)] {
            let pace = PaceConfig {
                n,
                step_s,
                delivery_s: 86_400,
            };
            let quota = Quota::new(pace);
            let at_once = taken(&quota, false, 100_000).0 as u64;
            let by_steps = HORIZON_S / u64::from(step_s) * u64::from(n / 4);
            assert_eq!(at_once, by_steps / 2 + u64::from(by_steps < 2), "{pace:?}");
        }
    }
}
