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
pub struct X(NonZeroU16);

impl X {
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

impl std::fmt::Display for X {
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

/// A UTC day, `2026-11-24` in JSON (§0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

const DAY_S: i64 = 86_400;

impl Day {
    /// The day on which `time` (POSIX seconds) falls. Times beyond the year 9999 give its last day.
    pub fn of(time: u64) -> Self {
        let seconds = i64::try_from(time).unwrap_or(i64::MAX);
        let stamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
        Self(jiff::tz::TimeZone::UTC.to_datetime(stamp).date())
    }

    /// Reads `YYYY-MM-DD`, from 1970 on, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let date: jiff::civil::Date = text.parse().ok()?;
        (date.year() >= 1970 && date.to_string() == text).then_some(Self(date))
    }

    /// First second of the day.
    pub fn start(self) -> u64 {
        let midnight = jiff::tz::TimeZone::UTC.to_timestamp(self.0.to_datetime(jiff::civil::Time::midnight()));
        midnight.map_or(0, |stamp| u64::try_from(stamp.as_second()).unwrap_or(0))
    }

    /// First second after the day.
    pub fn end(self) -> u64 {
        self.start() + DAY_S as u64
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
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
    fn case_code_of_the_specification() {
        let id = CaseId::from_hex("9ca11ec1ba6e3732628fc24f8b1d7ed6").expect("hex");
        assert_eq!(id.code(), "R-KJGH-XGDT");
    }
}
