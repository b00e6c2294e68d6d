//! A UTC month, `2026-11` in JSON: what a duty report is about (§10.2).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::Day;

/// A month, from 1970-01 to 9999-11: months since 1970-01. The last has an end, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

/// 9999-11.
const LAST: u32 = (9999 - 1970) * 12 + 10;

impl Month {
    /// The month in which `time` (POSIX seconds) falls. Later times give the last one.
    pub fn of(time: u64) -> Self {
        let (year, month, _) = Day::of(time).civil();
        Self((year.saturating_sub(1970) * 12 + month.saturating_sub(1)).min(LAST))
    }

    /// Reads `YYYY-MM`, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let month = Self::of(Day::parse(&format!("{text}-01"))?.start());
        (month.to_string() == text).then_some(month)
    }

    /// First second.
    pub fn start(self) -> u64 {
        let (year, month) = self.civil();
        Day::from_civil(year, month, 1).start()
    }

    /// First second after it.
    pub fn end(self) -> u64 {
        Self(self.0 + 1).start()
    }

    /// The month before; `None` before the first.
    pub fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The months from this one to `last`, both among them.
    pub fn to(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    fn civil(self) -> (u32, u32) {
        (1970 + self.0 / 12, self.0 % 12 + 1)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month) = self.civil();
        write!(f, "{year:04}-{month:02}")
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected a month, YYYY-MM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_and_ends_with_its_days() {
        for (text, first, after) in [
            ("1970-01", "1970-01-01", "1970-02-01"),
            ("2026-11", "2026-11-01", "2026-12-01"),
            ("2026-12", "2026-12-01", "2027-01-01"),
            ("2028-02", "2028-02-01", "2028-03-01"),
            ("9999-11", "9999-11-01", "9999-12-01"),
        ] {
            let month = Month::parse(text).expect("a month");
            let start = |day| Day::parse(day).expect("a day").start();
            assert_eq!((month.start(), month.end()), (start(first), start(after)), "{text}");
            assert_eq!((Month::of(month.start()), Month::of(month.end() - 1)), (month, month));
            assert_eq!(month.to_string(), text);
        }
        for bad in [
            "",
            "2026",
            "2026-1",
            "2026-13",
            "2026-00",
            "2026-11-01",
            "1969-12",
            "9999-12",
            "2026-11 ",
        ] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
        let from = Month::parse("2026-11").expect("a month");
        let to = Month::parse("2027-01").expect("a month");
        let all: Vec<String> = from.to(to).map(|month| month.to_string()).collect();
        assert_eq!(all, ["2026-11", "2026-12", "2027-01"]);
        assert_eq!(to.to(from).count(), 0);
    }
}
