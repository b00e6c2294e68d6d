//! Names of buckets (§9.1, §15.5): a depth, and the bits with which the hashes of all recipients in it begin. The depth stands
//! first, so that a name made at one depth is never taken for a bucket of another.

use std::fmt;

use crate::digest::Digest;
use crate::http::decimal;

/// Deepest bucket.
pub const DEPTH_MAX: u8 = 32;

/// A bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketName {
    depth: u8,
    /// The first `depth` bits.
    number: u32,
}

impl BucketName {
    /// The only one of depth 0: everybody's.
    pub const WHOLE: Self = Self { depth: 0, number: 0 };

    /// That of a recipient's hash ([`super::bucket_hash`]), at a depth of 32 at most.
    pub fn of(hash: &Digest, depth: u8) -> Self {
        let [a, b, c, d, ..] = hash.0;
        let (top, depth) = (u32::from_be_bytes([a, b, c, d]), depth.min(DEPTH_MAX));
        let number = top.checked_shr(u32::from(DEPTH_MAX - depth)).unwrap_or(0);
        Self { depth, number }
    }

    /// All of a depth of 32 at most.
    pub fn all(depth: u8) -> impl Iterator<Item = Self> {
        let depth = depth.min(DEPTH_MAX);
        let last = u32::MAX.checked_shr(u32::from(DEPTH_MAX - depth)).unwrap_or(0);
        (0..=last).map(move |number| Self { depth, number })
    }

    /// How many bits.
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// Reads the two parts of a path: `7`, `8a`. A bucket has one spelling.
    pub fn from_parts(depth: &str, digits: &str) -> Option<Self> {
        let depth = decimal(depth).and_then(|depth| u8::try_from(depth).ok())?;
        if depth == 0 {
            return (digits == "-").then_some(Self::WHOLE);
        }
        let is_digits = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if depth > DEPTH_MAX || !is_digits || digits.len() != usize::from(depth).div_ceil(4) {
            return None;
        }
        let top = u32::from_str_radix(digits, 16).ok()? << (32 - 4 * digits.len());
        let number = top >> (DEPTH_MAX - depth);
        let read = Self { depth, number };
        (read.digits() == digits).then_some(read)
    }

    /// Reads `7/8a`.
    pub fn parse(text: &str) -> Option<Self> {
        let (depth, digits) = text.split_once('/')?;
        Self::from_parts(depth, digits)
    }

    /// ⌈b/4⌉ hex digits, unused low bits zero; `-` for b = 0.
    fn digits(&self) -> String {
        if self.depth == 0 {
            return "-".to_owned();
        }
        let mut digits = format!("{:08x}", self.number << (DEPTH_MAX - self.depth));
        digits.truncate(usize::from(self.depth).div_ceil(4));
        digits
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.depth, self.digits())
    }
}

impl serde::Serialize for BucketName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for BucketName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a bucket, as in 7/8a"))
    }
}
