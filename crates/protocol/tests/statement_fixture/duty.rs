//! A valid duty report: of seat 2 on October 2026, in a council of five seats and two readers.

use protocol::Month;
use protocol::ids::{Nonce, Version};
use protocol::statement::{Count, Duty, DutyRow, commit_counts};

use super::{TIME, nonce, origin, x};

/// Exact counts: seat 2 acknowledged 12 filings, one of them late; seat 4 has not decided 5 requests; reader 12 owes two
/// reports.
pub fn exact() -> Vec<DutyRow<u32>> {
    let row = |n: u16, names: &[Count], counts: &[(Count, u32)]| {
        let mut row = DutyRow::zeros(x(n), names);
        row.counts.extend(counts.iter().copied());
        row
    };
    vec![
        row(1, Count::SEAT, &[(Count::Acknowledged, 12)]),
        row(
            2,
            Count::OWN,
            &[(Count::Acknowledged, 12), (Count::AcksLate, 1), (Count::Decided, 5)],
        ),
        row(3, Count::SEAT, &[(Count::Acknowledged, 100), (Count::Decided, 20)]),
        row(4, Count::SEAT, &[(Count::DecisionsOverdue, 5)]),
        row(5, Count::SEAT, &[(Count::Acknowledged, 50)]),
        row(11, Count::READER, &[]),
        row(12, Count::READER, &[(Count::FindingsOverdue, 2)]),
    ]
}

/// The nonce of its commitment.
pub fn opening() -> Nonce {
    nonce(0xe2)
}

pub fn duty() -> Duty {
    let rows = exact();
    Duty {
        v: Version,
        origin: origin(),
        nonce: nonce(0xe0),
        time: TIME,
        x: x(2),
        month: Month::parse("2026-10").unwrap(),
        rows: rows.iter().map(DutyRow::in_buckets).collect(),
        commit: commit_counts(&opening(), &rows),
    }
}
