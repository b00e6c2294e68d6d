//! The names that statements carry: origin, case, day, and the numbers of members.

use std::num::NonZeroU16;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::digest::hex_bytes;

hex_bytes!(
    /// Case id: the first 16 bytes of a derivation from root (§4).
    CaseId, 16
);
hex_bytes!(
    /// 32 random bytes that make a statement unlike any other (§0).
    Nonce, 32
);
hex_bytes!(
    /// Ed25519 public key as statements carry it (§19). Unchecked: verification checks it.
    PublicKey, 32
);

impl CaseId {
    /// The case code for people (§4): `R-XXXX-XXXX`, the first 40 bits in Crockford base 32. A name, not a key.
    pub fn code(&self) -> String {
        const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bits = self.0[..5].iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        let text: String = (0..8)
            .rev()
            .map(|i| char::from(CROCKFORD[(bits >> (5 * i) & 31) as usize]))
            .collect();
        format!("R-{}-{}", &text[..4], &text[4..])
    }
}

impl Nonce {
    /// Draws a nonce.
    pub fn draw(rng: &mut impl rand_core::CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

/// The number of a council member, from 1, never reused (§3); the x of a seat's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberNumber(NonZeroU16);

impl MemberNumber {
    /// `None` for zero.
    pub const fn new(x: u16) -> Option<Self> {
        match NonZeroU16::new(x) {
            Some(x) => Some(Self(x)),
            None => None,
        }
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

impl std::fmt::Display for MemberNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The log's name (§3, §19): 1–128 bytes of `a–z 0–9 . - /`, not beginning with `resguardo-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// `None` when the text is not an origin.
    pub fn new(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-/".contains(&byte);
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with("resguardo-");
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether shortened waiting times are allowed (§8.3): the origin begins with `demo.`.
    pub fn is_demo(&self) -> bool {
        self.0.starts_with("demo.")
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| D::Error::custom("expected an origin: 1 to 128 bytes of a-z 0-9 . - /"))
    }
}

/// A UTC day, `2026-11-24` in JSON (§0), from 1970 to 9999: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u32);

const DAY_S: u64 = 86_400;
/// 9999-12-31.
const DAY_LAST: u32 = 2_932_896;
/// Days from 1 March of the year 0, where counting begins so that a leap day ends its year, to 1970-01-01.
const TO_1970: u32 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA: u32 = 146_097;

impl Day {
    /// The day on which `time` (POSIX seconds) falls. Times beyond the year 9999 give its last day.
    pub fn of(time: u64) -> Self {
        Self(u32::try_from(time / DAY_S).map_or(DAY_LAST, |days| days.min(DAY_LAST)))
    }

    /// Reads `YYYY-MM-DD`, from 1970 on, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |from: usize, to: usize| -> Option<u32> {
            let field = text.get(from..to)?;
            field
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| field.parse().ok())?
        };
        let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
        if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let parsed = Self::from_civil(year, month, day);
        (parsed.to_string() == text).then_some(parsed)
    }

    /// First second of the day.
    pub fn start(self) -> u64 {
        u64::from(self.0) * DAY_S
    }

    /// First second after the day.
    pub fn end(self) -> u64 {
        self.start() + DAY_S
    }

    /// From 1970 on; a day that its month does not have gives one of the next month.
    pub(crate) fn from_civil(year: u32, month: u32, day: u32) -> Self {
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let of_era = year % 400;
        let in_era = of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day - 1;
        Self(year / 400 * ERA + in_era - TO_1970)
    }

    /// Year, month, day.
    pub(crate) fn civil(self) -> (u32, u32, u32) {
        let days = self.0 + TO_1970;
        let in_era = days % ERA;
        let of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
        let month = (5 * in_year + 2) / 153;
        let day = in_year - (153 * month + 2) / 5 + 1;
        let year = days / ERA * 400 + of_era;
        if month < 10 {
            (year, month + 3, day)
        } else {
            (year + 1, month - 9, day)
        }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected a day, YYYY-MM-DD"))
    }
}

/// The constant 1 that every payload carries as `v`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            1 => Ok(Self),
            _ => Err(D::Error::custom("expected v = 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        let day = Day::parse("2026-11-24").expect("a day");
        assert_eq!(day.start(), 1_795_478_400);
        assert_eq!(Day::of(day.start()), day);
        assert_eq!(Day::of(day.end()).to_string(), "2026-11-25");
        for bad in [
            "2026-11-31",
            "2026-1-01",
            "20261124",
            "",
            "2026-11-24T00:00",
            "1969-12-31",
        ] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_is_the_calendars() {
        let mut date = jiff::civil::date(1970, 1, 1);
        for days in 0..=DAY_LAST {
            let day = Day(days);
            let expected = (date.year() as u32, date.month() as u32, date.day() as u32);
            assert_eq!(day.civil(), expected);
            assert_eq!(Day::from_civil(expected.0, expected.1, expected.2), day);
            date = date.tomorrow().unwrap_or(date);
        }
        assert_eq!(Day(DAY_LAST).to_string(), "9999-12-31");
        assert_eq!(Day::of(u64::MAX), Day(DAY_LAST));
        assert_eq!(Day::parse("9999-12-31"), Some(Day(DAY_LAST)));
    }

    proptest::proptest! {
        /// What the calendar's own reader takes and writes back alike, and nothing else.
        #[test]
        fn a_day_is_read_as_the_calendar_reads_it(
            text in "(1[89]|20|99)[0-9]{2}[-/ ]?[0-3][0-9]-[0-4][0-9][T ]?|[+-]?[0-9-]{0,12}|[0-9é٣-]{10}"
        ) {
            let read = |text: &str| {
                let date: jiff::civil::Date = text.parse().ok()?;
                (date.year() >= 1970 && date.to_string() == text).then(|| date.to_string())
            };
            proptest::prop_assert_eq!(Day::parse(&text).map(|day| day.to_string()), read(&text));
        }
    }

    #[test]
    fn case_code_of_the_specification() {
        let id = CaseId::from_hex("9ca11ec1ba6e3732628fc24f8b1d7ed6").expect("hex");
        assert_eq!(id.code(), "R-KJGH-XGDT");
    }
}
