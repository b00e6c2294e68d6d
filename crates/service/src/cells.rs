//! How many office cells are taken (§9.3).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::problem::Problem;
use protocol::{Day, MemberNumber};

use crate::config::ServiceLimits;
use crate::limits::{CELLS_QUIET, DAY_S};
use crate::problem::Refusal;
use crate::well::Well;

/// How many cells were taken: from each member today, from strangers together of late. In memory only: a restart begins
/// anew.
pub(crate) struct Cells {
    by_member: u64,
    /// Day and counts of members. Guards itself.
    members: Mutex<(u64, HashMap<MemberNumber, u64>)>,
    /// Guards itself; strangers have no number.
    strangers: Mutex<Well>,
}

impl Cells {
    /// With the operator's limits.
    pub fn new(limits: &ServiceLimits) -> Self {
        Self {
            by_member: limits.office_cells_per_member,
            members: Mutex::default(),
            strangers: Mutex::new(Well::new(limits.office_cells, DAY_S)),
        }
    }

    /// Cells by strangers of late, above those of a quiet day: what work is asked by.
    pub fn crowd(&self, now: u64) -> u64 {
        self.strangers().level(now).saturating_sub(CELLS_QUIET)
    }

    /// Takes a cell off a member's number of today, or off what strangers may write.
    ///
    /// # Errors
    /// `allowance` for a member, `capacity` for strangers.
    pub fn take(&self, writer: Option<MemberNumber>, now: u64) -> Result<(), Refusal> {
        let Some(x) = writer else {
            let mut strangers = self.strangers();
            if !strangers.has_room(1, now) {
                return Err(Refusal::new(
                    Problem::Capacity,
                    "Too many messages to the office have come. Nothing was stored: send the same again in a minute, for room \
                     comes back all the time.",
                ));
            }
            strangers.fill(1, now);
            return Ok(());
        };
        let max = self.by_member;
        let is_granted = self.of_member(x, now, |written| {
            let is_granted = *written < max;
            *written += u64::from(is_granted);
            is_granted
        });
        if is_granted {
            return Ok(());
        }
        Err(Refusal::new(
            Problem::Allowance,
            format!("A member may write {max} office cells a day. Nothing was stored; try again tomorrow (UTC)."),
        ))
    }

    /// Gives back what was taken for a cell that was not stored.
    pub fn give_back(&self, writer: Option<MemberNumber>, now: u64) {
        match writer {
            Some(x) => self.of_member(x, now, |written| *written = written.saturating_sub(1)),
            None => self.strangers().give_back(1),
        }
    }

    fn strangers(&self) -> MutexGuard<'_, Well> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_member<T>(&self, x: MemberNumber, now: u64, change: impl FnOnce(&mut u64) -> T) -> T {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let day = Day::of(now).start();
        if members.0 != day {
            *members = (day, HashMap::new());
        }
        change(members.1.entry(x).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_by_member_and_day_and_strangers_never_close_the_office_for_long() {
        let cells = Cells::new(&ServiceLimits {
            office_cells: 200,
            office_cells_per_member: 2,
            ..ServiceLimits::default()
        });
        let problem = |writer, now| cells.take(writer, now).err().map(|refused| refused.problem);
        let (one, two) = (MemberNumber::new(1), MemberNumber::new(2));
        assert_eq!([problem(one, 0), problem(one, 0)], [None, None]);
        assert_eq!(problem(one, 0), Some(Problem::Allowance));
        assert_eq!(problem(two, 0), None, "each has its own");
        assert!((0..100).all(|_| problem(None, 0).is_none()));
        assert_eq!(problem(None, 0), Some(Problem::Capacity));
        assert_eq!(problem(two, 0), None, "strangers take nothing from members");
        assert_eq!(cells.crowd(0), 36);
        cells.give_back(None, 0);
        assert_eq!((problem(None, 0), problem(None, 1)), (None, Some(Problem::Capacity)));
        assert_eq!(problem(None, 900), None, "a place comes back in a quarter of an hour");
        assert_eq!((cells.crowd(86_400), problem(one, 86_400)), (0, None));
    }
}
