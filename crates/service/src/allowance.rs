//! How many records a member may write a day (§9.1), and how many upload codes a seat may give (§5.2).
//!
//! What was written stands in the ledger beside it and expires with the day; here it is counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ledger::{Item, Ledger};
use protocol::problem::Problem;
use protocol::{Day, MemberNumber};

use crate::problem::Refusal;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Records.
    Records,
    /// Upload codes.
    Codes,
}

impl Allowed {
    /// Where the ledger has what a member wrote today.
    fn list(self, x: MemberNumber) -> String {
        match self {
            Self::Records => format!("written/{x}"),
            Self::Codes => format!("codes/{x}"),
        }
    }

    fn refused(self, per_day: u32) -> String {
        let what = match self {
            Self::Records => "A member may write {} records a day.",
            Self::Codes => "A seat may give {} upload codes a day.",
        };
        let what = what.replace("{}", &per_day.to_string());
        format!("{what} Nothing was stored; try again tomorrow (UTC).")
    }
}

/// Counts by member, for one day.
pub(crate) struct Allowance {
    of: Allowed,
    per_day: u32,
    /// Guards day and counts together.
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    day_start: u64,
    by_member: HashMap<MemberNumber, u32>,
}

impl Allowance {
    /// With the operator's limit.
    pub fn new(of: Allowed, per_day: u32) -> Self {
        Self {
            of,
            per_day,
            written: Mutex::default(),
        }
    }

    /// Reads what a member has written today, unless it is known. Blocks.
    ///
    /// # Errors
    /// Storage.
    pub fn load(&self, ledger: &Ledger, x: MemberNumber, now: u64) -> Result<(), ledger::Error> {
        if self.with_today(now, |by_member| by_member.contains_key(&x)) {
            return Ok(());
        }
        let items = ledger.list(&self.of.list(x), 0, usize::from(u16::MAX), now)?;
        let count = items
            .iter()
            .filter_map(|item| Some(u32::from_be_bytes(item.bytes.as_slice().try_into().ok()?)))
            .sum();
        self.with_today(now, |by_member| *by_member.entry(x).or_insert(count));
        Ok(())
    }

    /// Whether a member's count is known.
    pub fn is_loaded(&self, x: MemberNumber, now: u64) -> bool {
        self.with_today(now, |by_member| by_member.contains_key(&x))
    }

    /// Takes `count` off today's allowance; the item is to be stored with them.
    ///
    /// # Errors
    /// `allowance`.
    pub fn take(&self, x: MemberNumber, count: u32, now: u64) -> Result<Item, Refusal> {
        let is_granted = self.with_today(now, |by_member| {
            let written = by_member.entry(x).or_default();
            let is_granted = written.saturating_add(count) <= self.per_day;
            if is_granted {
                *written += count;
            }
            is_granted
        });
        if !is_granted {
            return Err(Refusal::new(Problem::Allowance, self.of.refused(self.per_day)));
        }
        Ok(Item {
            list: self.of.list(x),
            bytes: count.to_be_bytes().to_vec(),
            expires: Some(Day::of(now).end()),
            ..Item::default()
        })
    }

    /// Gives back what was taken for something that was not stored.
    pub fn give_back(&self, x: MemberNumber, count: u32, now: u64) {
        self.with_today(now, |by_member| {
            let written = by_member.entry(x).or_default();
            *written = written.saturating_sub(count);
        });
    }

    fn with_today<T>(&self, now: u64, change: impl FnOnce(&mut HashMap<MemberNumber, u32>) -> T) -> T {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let day_start = Day::of(now).start();
        if written.day_start != day_start {
            *written = Written {
                day_start,
                by_member: HashMap::new(),
            };
        }
        change(&mut written.by_member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_is_a_members_own_and_for_a_day() {
        let allowance = Allowance::new(Allowed::Records, 10);
        let (one, two) = (MemberNumber::new(1).expect("x"), MemberNumber::new(2).expect("x"));
        assert!(allowance.take(one, 9, 0).is_ok());
        assert_eq!(
            allowance.take(one, 2, 0).expect_err("used up").problem,
            Problem::Allowance
        );
        assert!(allowance.take(two, 10, 0).is_ok());
        allowance.give_back(one, 1, 0);
        assert!(allowance.take(one, 2, 0).is_ok());
        assert!(allowance.take(one, 10, 86_400).is_ok());
    }
}
