//! A week of ISO 8601, `2026-W48` in JSON: what a docket twin says of when its act was (§10.1).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::Day;

/// A week, from Monday to Sunday (UTC): weeks since that of 1970-01-01, a Thursday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(u32);

const DAY_S: u64 = 86_400;
const WEEK_S: u64 = 7 * DAY_S;
/// Days of the first week that lie before 1970.
const BEFORE_1970_S: u64 = 3 * DAY_S;

impl Week {
    /// The week in which `time` (POSIX seconds) falls; of times beyond the year 9999 that of its last day.
    pub fn of(time: u64) -> Self {
        let weeks = (Day::of(time).start() + BEFORE_1970_S) / WEEK_S;
        Self(u32::try_from(weeks).unwrap_or(u32::MAX))
    }

    /// Reads `YYYY-Www`, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, number) = text.split_once("-W")?;
        let number: u32 = number.parse().ok().filter(|number| (1..=53).contains(number))?;
        // The fourth of January lies in the first week of its year.
        let first = Self::of(Day::parse(&format!("{year}-01-04"))?.start());
        let week = Self(first.0 + number - 1);
        (week.to_string() == text).then_some(week)
    }

    /// First second of its Monday; of the first week that of 1970.
    pub fn start(self) -> u64 {
        (u64::from(self.0) * WEEK_S).saturating_sub(BEFORE_1970_S)
    }

    /// First second after it: of the next Monday.
    pub fn end(self) -> u64 {
        self.after(1).start()
    }

    /// The week that comes so many weeks later.
    pub fn after(self, weeks: u32) -> Self {
        Self(self.0.saturating_add(weeks))
    }
}

impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = |day: u64| (u64::from(self.0) * 7 + day).saturating_sub(3) * DAY_S;
        // A week is of the year in which its Thursday lies.
        let thursday = Day::of(day(3));
        let (year, ..) = thursday.civil();
        let since = thursday.start() - Day::from_civil(year, 1, 1).start();
        write!(f, "{year:04}-W{:02}", since / WEEK_S + 1)
    }
}

impl Serialize for Week {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Week {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected a week, YYYY-Www"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_week_is_the_calendars() {
        let mut date = jiff::civil::date(1970, 1, 1);
        // Every day to the end of 2104: all patterns of leap years among them, 2000 and 2100 too.
        for day in 0..49_308_u64 {
            let iso = date.iso_week_date();
            let text = format!("{:04}-W{:02}", iso.year(), iso.week());
            let week = Week::of(day * DAY_S);
            assert_eq!(week.to_string(), text);
            assert_eq!(Week::parse(&text), Some(week));
            assert!((week.start()..week.end()).contains(&(day * DAY_S)), "{text}");
            date = date.tomorrow().expect("a day");
        }
    }

    #[test]
    fn what_is_no_week_is_refused() {
        for bad in [
            "",
            "2026",
            "2026-48",
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2026-W1",
            "2026-w48",
            "2026-W48 ",
            "1969-W52",
            "2026-W+8",
        ] {
            assert_eq!(Week::parse(bad), None, "{bad}");
        }
        let week = Week::parse("2026-W48").expect("a week");
        assert_eq!(Day::of(week.start()).to_string(), "2026-11-23");
        assert_eq!(week.after(1).start(), week.end());
        assert!(Week::of(u64::MAX).end() > Week::of(u64::MAX).start());
    }
}
