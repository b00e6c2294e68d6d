//! How much may be uploaded in 48 h (§5.7): bytes, and files, for each takes an inode. A full disk would stop filings too.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::problem::Problem;

use crate::limits::{UPLOAD_MIN, UPLOADS_FREE};
use crate::problem::Refusal;

/// For how many hours what was uploaded counts.
const HOURS: u64 = 48;

/// Bytes and uploads taken, by the hour. In memory only: a restart begins anew.
pub(crate) struct Budget {
    bytes_max: u64,
    uploads_max: u64,
    /// Oldest first. Guards itself.
    taken: Mutex<VecDeque<Hour>>,
}

#[derive(Clone, Copy, Default)]
struct Hour {
    number: u64,
    bytes: u64,
    uploads: u64,
}

impl Budget {
    /// With the operator's limits.
    pub fn new(bytes_max: u64, uploads_max: u64) -> Self {
        Self {
            bytes_max,
            uploads_max,
            taken: Mutex::default(),
        }
    }

    /// The hours that count.
    fn taken(&self, now: u64) -> MutexGuard<'_, VecDeque<Hour>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while taken.front().is_some_and(|hour| hour.number + HOURS <= now / 3_600) {
            taken.pop_front();
        }
        taken
    }

    /// How many uploads were begun this hour, above those that are free: what work is asked by.
    pub fn crowd(&self, now: u64) -> u64 {
        let taken = self.taken(now);
        let begun = taken.back().filter(|hour| hour.number == now / 3_600);
        begun.map_or(0, |hour| hour.uploads.saturating_sub(UPLOADS_FREE))
    }

    /// Takes a chunk's `bytes` off the budget. A chunk that begins an upload takes 64 KiB at least, and a file.
    ///
    /// # Errors
    /// `capacity`.
    pub fn take(&self, begins: bool, bytes: u64, now: u64) -> Result<(), Refusal> {
        let (bytes, uploads) = if begins { (bytes.max(UPLOAD_MIN), 1) } else { (bytes, 0) };
        let mut taken = self.taken(now);
        let (bytes_sum, uploads_sum) = taken.iter().fold((bytes, uploads), |(bytes, uploads), hour| {
            (hour.bytes.saturating_add(bytes), hour.uploads.saturating_add(uploads))
        });
        if bytes_sum > self.bytes_max || uploads_sum > self.uploads_max {
            return Err(Refusal::new(
                Problem::Capacity,
                "The server takes no more large files at this time. Nothing was lost: go on from the same place later, or \
                 file the account alone now and the evidence in a further testimony.",
            ));
        }
        let number = now / 3_600;
        match taken.back_mut() {
            Some(last) if last.number == number => {
                last.bytes += bytes;
                last.uploads += uploads;
            }
            _ => taken.push_back(Hour { number, bytes, uploads }),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_for_48_hours() {
        let budget = Budget::new(10, 0);
        assert!(budget.take(false, 6, 0).is_ok());
        assert!(budget.take(false, 4, 47 * 3_600).is_ok());
        assert_eq!(
            budget.take(false, 1, 47 * 3_600).expect_err("used up").problem,
            Problem::Capacity
        );
        assert!(budget.take(false, 6, 48 * 3_600).is_ok(), "the first six are forgotten");
        assert!(budget.take(false, 1, 48 * 3_600).is_err());
    }

    #[test]
    fn an_upload_of_one_byte_costs_a_file_and_64_kib() {
        let budget = Budget::new(2 * UPLOAD_MIN, 100);
        assert!(budget.take(true, 1, 0).is_ok() && budget.take(true, 1, 0).is_ok());
        assert!(budget.take(true, 1, 0).is_err() && budget.take(false, 1, 0).is_err());
        let budget = Budget::new(u64::MAX, 100);
        assert!((0..100).all(|_| budget.take(true, 1, 0).is_ok()));
        assert!(budget.take(true, 1, 0).is_err());
        assert!(budget.take(false, 1 << 30, 0).is_ok(), "what is begun may end");
        assert!(budget.take(true, 1, 48 * 3_600).is_ok());
    }

    #[test]
    fn beyond_a_few_in_an_hour_uploads_are_a_crowd() {
        let budget = Budget::new(u64::MAX, u64::MAX);
        assert!((0..UPLOADS_FREE + 3).all(|_| budget.take(true, 1, 3_599).is_ok()));
        assert_eq!((budget.crowd(3_599), budget.crowd(3_600)), (3, 0));
    }
}
