//! `duty`: what a seat did and owed in a month, and what it saw of the others (§10.2). Counts are public in buckets only; the
//! exact ones are committed to, under a nonce that their signer keeps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Rule;
use super::rules::{MEMBERS_MAX, ascends, hold};
use crate::digest::Digest;
use crate::ids::{MemberNumber, Nonce};
use crate::label;
use crate::month::Month;

/// What is counted of a member in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Filings that the seat has acknowledged.
    Acknowledged,
    /// Filings whose acknowledgement was overdue.
    AcksLate,
    /// Requests that the seat has decided.
    Decided,
    /// Requests on which the seat had not decided when the time for it ended.
    DecisionsOverdue,
    /// Testimonies with danger on which no seat had said in time what was done.
    DangerOverdue,
    /// Testimonies that the seat should have destroyed, and has not said so.
    ErasedOverdue,
    /// Filings whose first message by the seat was overdue: only it knows.
    MessagesLate,
    /// Testimonies of which what the seat keeps is gone or does not open: only it knows.
    ObjectsMissing,
    /// Acts whose statement nobody shows to the seat: only it knows.
    Gaps,
    /// Openings of the reader without `opened` or without a first `finding` in time.
    FindingsOverdue,
}

impl Count {
    /// Of the seat that signs.
    pub const OWN: &[Self] = &[
        Self::Acknowledged,
        Self::AcksLate,
        Self::Decided,
        Self::DecisionsOverdue,
        Self::DangerOverdue,
        Self::ErasedOverdue,
        Self::MessagesLate,
        Self::ObjectsMissing,
        Self::Gaps,
    ];
    /// Of another seat.
    pub const SEAT: &[Self] = &[
        Self::Acknowledged,
        Self::AcksLate,
        Self::Decided,
        Self::DecisionsOverdue,
        Self::DangerOverdue,
        Self::ErasedOverdue,
    ];
    /// Of a reader.
    pub const READER: &[Self] = &[Self::FindingsOverdue];

    /// Whether it counts what is owed, rather than what was done.
    pub fn is_debt(self) -> bool {
        !matches!(self, Self::Acknowledged | Self::Decided)
    }

    /// As it stands in a statement.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::AcksLate => "acks_late",
            Self::Decided => "decided",
            Self::DecisionsOverdue => "decisions_overdue",
            Self::DangerOverdue => "danger_overdue",
            Self::ErasedOverdue => "erased_overdue",
            Self::MessagesLate => "messages_late",
            Self::ObjectsMissing => "objects_missing",
            Self::Gaps => "gaps",
            Self::FindingsOverdue => "findings_overdue",
        }
    }
}

/// How many, as far as it is public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PublicCount {
    /// None.
    #[default]
    #[serde(rename = "0")]
    None,
    /// 1 to 4.
    #[serde(rename = "1-4")]
    Few,
    /// 5 to 9.
    #[serde(rename = "5-9")]
    Some,
    /// 10 to 19.
    #[serde(rename = "10-19")]
    Ten,
    /// 20 to 49.
    #[serde(rename = "20-49")]
    Twenty,
    /// 50 to 99.
    #[serde(rename = "50-99")]
    Fifty,
    /// 100 and more.
    #[serde(rename = "100+")]
    Hundred,
}

impl PublicCount {
    /// That of an exact count.
    pub fn of(count: u32) -> Self {
        match count {
            0 => Self::None,
            1..=4 => Self::Few,
            5..=9 => Self::Some,
            10..=19 => Self::Ten,
            20..=49 => Self::Twenty,
            50..=99 => Self::Fifty,
            _ => Self::Hundred,
        }
    }

    /// At least and, but for the last, at most so many.
    pub fn range(self) -> (u32, Option<u32>) {
        match self {
            Self::None => (0, Some(0)),
            Self::Few => (1, Some(4)),
            Self::Some => (5, Some(9)),
            Self::Ten => (10, Some(19)),
            Self::Twenty => (20, Some(49)),
            Self::Fifty => (50, Some(99)),
            Self::Hundred => (100, None),
        }
    }

    /// As it stands in a statement.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Few => "1-4",
            Self::Some => "5-9",
            Self::Ten => "10-19",
            Self::Twenty => "20-49",
            Self::Fifty => "50-99",
            Self::Hundred => "100+",
        }
    }
}

/// A member's counts: in buckets, or exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyRow<T> {
    /// The member.
    pub x: MemberNumber,
    /// All of its kind, zeros too.
    pub counts: BTreeMap<Count, T>,
}

impl<T> DutyRow<T> {
    /// Whether exactly these are counted.
    pub fn counts_exactly(&self, names: &[Count]) -> bool {
        self.counts.keys().eq(names)
    }
}

impl DutyRow<u32> {
    /// Of a member of which nothing is known.
    pub fn zeros(x: MemberNumber, names: &[Count]) -> Self {
        let counts = names.iter().map(|name| (*name, 0)).collect();
        Self { x, counts }
    }

    /// As far as it is public.
    pub fn in_buckets(&self) -> DutyRow<PublicCount> {
        let counts = self.counts.iter();
        DutyRow {
            x: self.x,
            counts: counts.map(|(name, count)| (*name, PublicCount::of(*count))).collect(),
        }
    }
}

statement!(
    time,
    /// What a seat did and owed in a month, and what it saw of the others (§10.2).
    Duty = "duty" {
        /// The seat that signs.
        x: MemberNumber,
        /// Which month.
        month: Month,
        /// One for each seat and reader of the council at the end of the month, ascending.
        rows: Vec<DutyRow<PublicCount>>,
        /// [`commit`] to the exact counts.
        commit: Digest,
    } keeps Self::rules
);

impl Duty {
    /// The row of a member.
    pub fn row(&self, x: MemberNumber) -> Option<&DutyRow<PublicCount>> {
        self.rows.iter().find(|row| row.x == x)
    }

    fn rules(&self) -> Rule {
        hold(self.time >= self.month.end(), "a month is reported when it is over")?;
        hold(
            ascends(self.rows.iter().map(|row| row.x)),
            "rows ascend without repetition",
        )?;
        hold(self.rows.len() <= MEMBERS_MAX, "a report has at most 24 rows")?;
        let own = self.row(self.x);
        hold(
            own.is_some_and(|row| row.counts_exactly(Count::OWN)),
            "the signer's own row has every count of a seat",
        )?;
        let mut others = self.rows.iter().filter(|row| row.x != self.x);
        hold(
            others.all(|row| row.counts_exactly(Count::SEAT) || row.counts_exactly(Count::READER)),
            "another row has the counts of a seat or of a reader, and no others",
        )
    }
}

/// Commits to exact counts (§10.2): SHA-256 of L("duty") ‖ nonce ‖ number of rows u16 ‖ for each row x u16 ‖ number of counts
/// u8 ‖ each count u32, in the order of [`Count`]. The nonce is not the statement's: whoever has it can try all counts.
pub fn commit(nonce: &Nonce, rows: &[DutyRow<u32>]) -> Digest {
    let mut bytes = [label::DUTY, &nonce.0].concat();
    // A report has at most 24 rows of at most 9 counts.
    bytes.extend((rows.len() as u16).to_be_bytes());
    for row in rows {
        bytes.extend(row.x.get().to_be_bytes());
        bytes.push(row.counts.len() as u8);
        bytes.extend(row.counts.values().flat_map(|count| count.to_be_bytes()));
    }
    Digest::of(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_statement() {
        fn json(value: impl Serialize) -> String {
            serde_json::to_string(&value).expect("JSON")
        }
        for name in Count::OWN.iter().chain(Count::READER) {
            assert_eq!(json(name), format!("\"{}\"", name.name()));
        }
        for (count, bucket) in [
            (0, "0"),
            (1, "1-4"),
            (4, "1-4"),
            (5, "5-9"),
            (9, "5-9"),
            (10, "10-19"),
            (19, "10-19"),
            (20, "20-49"),
            (49, "20-49"),
            (50, "50-99"),
            (99, "50-99"),
            (100, "100+"),
            (u32::MAX, "100+"),
        ] {
            assert_eq!(PublicCount::of(count).name(), bucket, "{count}");
            let (least, most) = PublicCount::of(count).range();
            assert!((least..=most.unwrap_or(u32::MAX)).contains(&count), "{count}");
            assert_eq!(json(PublicCount::of(count)), format!("\"{bucket}\""));
        }
        assert!(Count::OWN.starts_with(Count::SEAT));
    }

    #[test]
    fn a_commitment_tells_every_count_row_and_nonce_apart() {
        let x = |n| MemberNumber::new(n).expect("a number");
        let rows = vec![
            DutyRow::zeros(x(1), Count::OWN),
            DutyRow::zeros(x(2), Count::SEAT),
            DutyRow::zeros(x(11), Count::READER),
        ];
        let nonce = Nonce([7; 32]);
        let mut seen = vec![commit(&nonce, &rows), commit(&Nonce([8; 32]), &rows)];
        for at in 0..rows.len() {
            for name in rows[at].counts.clone().into_keys() {
                let mut other = rows.clone();
                other[at].counts.insert(name, 1);
                seen.push(commit(&nonce, &other));
            }
            let mut fewer = rows.clone();
            fewer.remove(at);
            seen.push(commit(&nonce, &fewer));
        }
        let number = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), number), (21, 21));
    }
}
