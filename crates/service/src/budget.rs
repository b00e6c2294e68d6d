//! How much may be uploaded in 48 h (§5.7): bytes, and files, for each takes an inode. A full disk would stop filings too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::problem::Problem;

use crate::limits::{UPLOAD_MIN, UPLOADS_FREE};
use crate::problem::Refusal;
use crate::well::Well;

/// Seconds for which an upload is kept that nothing names.
const SPAN_S: u64 = 48 * 3_600;

/// Bytes and uploads taken of late. In memory only: a restart begins anew.
pub(crate) struct Budget {
    /// Guards itself.
    taken: Mutex<Taken>,
}

struct Taken {
    bytes: Well,
    uploads: Well,
    /// The present hour, and how many uploads were begun in it.
    begun: (u64, u64),
}

impl Budget {
    /// With the operator's limits for 48 h.
    pub fn new(bytes_max: u64, uploads_max: u64) -> Self {
        Self {
            taken: Mutex::new(Taken {
                bytes: Well::new(bytes_max, SPAN_S),
                uploads: Well::new(uploads_max, SPAN_S),
                begun: (0, 0),
            }),
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many uploads were begun this hour, above those that are free: what work is asked by.
    pub fn crowd(&self, now: u64) -> u64 {
        let (hour, begun) = self.taken().begun;
        let begun = if hour == now / 3_600 { begun } else { 0 };
        begun.saturating_sub(UPLOADS_FREE)
    }

    /// Takes a chunk's `bytes` off the budget. A chunk that begins an upload takes 64 KiB at least, and a file.
    ///
    /// # Errors
    /// `capacity`.
    pub fn take(&self, begins: bool, bytes: u64, now: u64) -> Result<(), Refusal> {
        let (bytes, uploads) = if begins { (bytes.max(UPLOAD_MIN), 1) } else { (bytes, 0) };
        let mut taken = self.taken();
        let has_file = uploads == 0 || taken.uploads.has_room(uploads, now);
        if !(has_file && taken.bytes.has_room(bytes, now)) {
            return Err(Refusal::new(
                Problem::Capacity,
                "The server takes no more large files at this time. Nothing was lost: go on from the same place later, or \
                 file the account alone now and the evidence in a further testimony.",
            ));
        }
        taken.bytes.fill(bytes, now);
        taken.uploads.fill(uploads, now);
        let hour = now / 3_600;
        if taken.begun.0 != hour {
            taken.begun = (hour, 0);
        }
        taken.begun.1 += uploads;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_budget_is_taken_at_once_and_half_over_48_hours() {
        let budget = Budget::new(20, 0);
        assert!(budget.take(false, 6, 0).is_ok());
        assert!(budget.take(false, 4, 0).is_ok());
        assert_eq!(
            budget.take(false, 1, 0).expect_err("used up").problem,
            Problem::Capacity
        );
        assert!(
            budget.take(false, 5, 24 * 3_600).is_ok(),
            "half of it came back in half the time"
        );
        assert!(budget.take(false, 1, 24 * 3_600).is_err());
        assert!(budget.take(false, 10, 72 * 3_600).is_ok());
    }

    #[test]
    fn an_upload_of_one_byte_costs_a_file_and_64_kib() {
        let budget = Budget::new(4 * UPLOAD_MIN, 100);
        assert!(budget.take(true, 1, 0).is_ok() && budget.take(true, 1, 0).is_ok());
        assert!(budget.take(true, 1, 0).is_err() && budget.take(false, 1, 0).is_err());
        let budget = Budget::new(u64::MAX, 200);
        assert!((0..100).all(|_| budget.take(true, 1, 0).is_ok()));
        assert!(budget.take(true, 1, 0).is_err());
        assert!(budget.take(false, 1 << 30, 0).is_ok(), "what is begun may end");
        assert!(
            budget.take(true, 1, 1_800).is_ok(),
            "a burst closes it for half an hour, not for two days"
        );
    }

    #[test]
    fn beyond_a_few_in_an_hour_uploads_are_a_crowd() {
        let budget = Budget::new(u64::MAX, u64::MAX);
        assert!((0..UPLOADS_FREE + 3).all(|_| budget.take(true, 1, 3_599).is_ok()));
        assert_eq!((budget.crowd(3_599), budget.crowd(3_600)), (3, 0));
    }
}
