//! What a seat counts for its duty report (§10.2): from the acts that the log included before the end of the month, on the
//! cases that the seat follows. Two seats that were shown the same count the same.

use std::collections::BTreeMap;

use protocol::statement::{Count, DutyRow};
use protocol::{MemberNumber, Month};

use crate::case::{Body, Case, RequestState};
use crate::clock::{DAY_S, FINDING_S, MESSAGE_S, OPENED_S};
use crate::duty::members;
use crate::registry::CouncilRecord;

/// A seat says that it has destroyed what it held within this from when it should.
pub const ERASED_S: u64 = 7 * DAY_S;

/// Counts in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    month: Month,
    /// The last second that is looked at.
    until: u64,
    author: MemberNumber,
    rows: BTreeMap<MemberNumber, DutyRow<u32>>,
}

impl Tally {
    /// Zeros for every member of the council at the end of the month. `at`: the newest checkpoint time; nothing is overdue
    /// that was not by then.
    pub fn new(council: &CouncilRecord, author: MemberNumber, month: Month, at: u64) -> Self {
        let rows = members(council).into_iter().map(|(x, counts)| {
            let counts = match () {
                () if counts == Count::OWN && x != author => Count::SEAT,
                () => counts,
            };
            (x, DutyRow::zeros(x, counts))
        });
        Self {
            month,
            until: at.min(month.end().saturating_sub(1)),
            author,
            rows: rows.collect(),
        }
    }

    /// Counts a case. `first_message`: when this seat first wrote to her, POSIX seconds.
    pub fn add(&mut self, case: &Case, first_message: Option<u64>) {
        if case.filed().included_at >= self.month.end() {
            return;
        }
        // What came later changes nothing, so that whoever counts later counts the same.
        let case = &case.before(self.month.end());
        let ended = ended(case);
        for x in case.facts().dealt.clone() {
            self.add_seat(case, x, ended);
        }
        for state in case.requests() {
            self.add_request(case, state, ended);
        }
        let gaps = case.gaps().filter(|gap| self.is_within(gap.found.included_at)).count();
        self.raise(self.author, Count::Gaps, u32::try_from(gaps).unwrap_or(u32::MAX));
        let message_by = case.filed().included_at.saturating_add(MESSAGE_S);
        if case.acks().contains_key(&self.author) {
            let done = [first_message, ended].into_iter().flatten().min();
            self.overdue(self.author, Count::MessagesLate, message_by, done);
        }
    }

    /// Adds to what the seat counts of itself alone.
    pub fn add_own(&mut self, count: Count, number: u32) {
        self.raise(self.author, count, number);
    }

    /// Adds what was counted before of cases that are not followed any more.
    pub fn add_rows(&mut self, rows: &[DutyRow<u32>]) {
        for row in rows {
            for (count, number) in &row.counts {
                self.raise(row.x, *count, *number);
            }
        }
    }

    /// The rows, ascending.
    pub fn rows(&self) -> Vec<DutyRow<u32>> {
        self.rows.values().cloned().collect()
    }

    /// Acknowledgement, danger and erasure.
    fn add_seat(&mut self, case: &Case, x: MemberNumber, ended: Option<u64>) {
        let acked = case.acks().get(&x).map(|(_, found)| found.included_at);
        if acked.is_some_and(|at| self.is_within(at)) {
            self.raise(x, Count::Acknowledged, 1);
        }
        let erased = case.erasure().erased_by(x).map(|erased| erased.found.included_at);
        let rejected = case.counting().find_map(|(act, body)| match body {
            Body::Reject(reject) if reject.x == x => Some(act.found.included_at),
            _ => None,
        });
        let answered = [acked, rejected, erased, ended].into_iter().flatten().min();
        self.overdue(x, Count::AcksLate, case.ack_by(), answered);
        if case.holds_share(x) && case.danger_was_overdue(self.month.start(), self.until, ended) {
            self.raise(x, Count::DangerOverdue, 1);
        }
        if let Some(from) = case
            .erasure()
            .erase_from()
            .filter(|_| erased.is_some() || case.holds_share(x))
        {
            self.overdue(x, Count::ErasedOverdue, from.saturating_add(ERASED_S), erased);
        }
    }

    fn add_request(&mut self, case: &Case, state: &RequestState, ended: Option<u64>) {
        let in_month = state.decisions.iter().filter(|it| self.is_within(it.found.included_at));
        let decided: Vec<MemberNumber> = in_month.map(|decision| decision.x).collect();
        for x in decided {
            self.raise(x, Count::Decided, 1);
        }
        let by = state.grants_until();
        let released = state.compartments.iter().filter_map(|it| it.released_at).min();
        // Nobody owes a decision that is of no more use.
        let is_of_use = [released, ended].into_iter().flatten().all(|at| at > by)
            && state.shares_recipient_with.is_none()
            && !state.asks_without_her();
        if is_of_use && self.is_within(by.saturating_add(1)) {
            for x in state.decisions_overdue(by.saturating_add(1)) {
                if case.holds_share(x) {
                    self.raise(x, Count::DecisionsOverdue, 1);
                }
            }
        }
        let opened = state.opened.as_ref().map(|opened| opened.found.included_at);
        let found = state.findings.iter().map(|finding| finding.found.included_at).min();
        let opened_by = released.map(|at| at.saturating_add(OPENED_S));
        let report_by = opened.map(|at| at.saturating_add(FINDING_S));
        let is_overdue = opened_by.is_some_and(|by| self.was_overdue(by, opened))
            || report_by.is_some_and(|by| self.was_overdue(by, found));
        if is_overdue {
            self.raise(state.request.reader, Count::FindingsOverdue, 1);
        }
    }

    fn overdue(&mut self, x: MemberNumber, count: Count, by: u64, done: Option<u64>) {
        if self.was_overdue(by, done) {
            self.raise(x, count, 1);
        }
    }

    /// Whether something due by a second, and done at another or not yet, was overdue at any second of the month.
    fn was_overdue(&self, by: u64, done: Option<u64>) -> bool {
        let first = by.saturating_add(1).max(self.month.start());
        first <= self.until && done.is_none_or(|done| done >= first)
    }

    fn is_within(&self, at: u64) -> bool {
        (self.month.start()..=self.until).contains(&at)
    }

    /// A member that left before the month ended has no row.
    fn raise(&mut self, x: MemberNumber, count: Count, by: u32) {
        let number = self.rows.get_mut(&x).and_then(|row| row.counts.get_mut(&count));
        if let Some(number) = number {
            *number = number.saturating_add(by);
        }
    }
}

/// From when nobody owes anything on a case but to destroy it: t_account seats have declined it, or it is erased for good.
fn ended(case: &Case) -> Option<u64> {
    let erasure = case.erasure();
    let mut declined: Vec<u64> = erasure.declined.iter().map(|(_, found)| found.included_at).collect();
    declined.sort_unstable();
    let declined = erasure
        .need_declined
        .checked_sub(1)
        .and_then(|at| declined.get(at).copied());
    let erased = erasure.need_erased.checked_sub(1).and_then(|at| erasure.erased.get(at));
    let erased = erased.map(|erased| erased.found.included_at);
    declined.into_iter().chain(erased).min()
}
