//! How much may be uploaded in 48 h (§5.7). An upload costs its sender nothing, and a full disk would stop filings too.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use protocol::problem::Problem;

use crate::problem::Refusal;

/// For how many hours what was uploaded counts.
const HOURS: u64 = 48;

/// Bytes taken, by the hour. In memory only: a restart begins anew.
pub(crate) struct Budget {
    bytes_max: u64,
    /// Hour and bytes, oldest first. Guards itself.
    taken: Mutex<VecDeque<(u64, u64)>>,
}

impl Budget {
    /// With the operator's limit.
    pub fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            taken: Mutex::default(),
        }
    }

    /// Takes `bytes` off the budget.
    ///
    /// # Errors
    /// `capacity`.
    pub fn take(&self, bytes: u64, now: u64) -> Result<(), Refusal> {
        let hour = now / 3_600;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while taken.front().is_some_and(|(first, _)| first + HOURS <= hour) {
            taken.pop_front();
        }
        let sum: u64 = taken.iter().map(|(_, bytes)| bytes).sum();
        if sum.saturating_add(bytes) > self.bytes_max {
            return Err(Refusal::new(
                Problem::Capacity,
                "The server takes no more large files at this time. Nothing was lost: go on from the same place later, or \
                 file the account alone now and the evidence in a further testimony.",
            ));
        }
        match taken.back_mut() {
            Some((last, count)) if *last == hour => *count += bytes,
            _ => taken.push_back((hour, bytes)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_for_48_hours() {
        let budget = Budget::new(10);
        assert!(budget.take(6, 0).is_ok());
        assert!(budget.take(4, 47 * 3_600).is_ok());
        assert_eq!(
            budget.take(1, 47 * 3_600).expect_err("used up").problem,
            Problem::Capacity
        );
        assert!(budget.take(6, 48 * 3_600).is_ok(), "the first six are forgotten");
        assert!(budget.take(1, 48 * 3_600).is_err());
    }
}
