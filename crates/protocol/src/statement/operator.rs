//! The operator's public statements: `pace`, `drop`, `greeting` (§6.3, §9.1, §9.2).

use super::Payload;
use crate::ids::{Nonce, Origin, Version};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Entries a step and length of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
    /// N: power of two, at least 4.
    pub n: u32,
    /// Seconds.
    pub step_s: u32,
    /// How often share files are given to seats, seconds.
    pub delivery_s: u32,
}

/// Depth of the buckets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
    /// 0 to 32.
    pub b: u8,
}

/// The text every new inbox gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
    /// Language (BCP 47, lower case) to text.
    pub texts: BTreeMap<String, String>,
}

impl Payload for Pace {
    const NAME: &'static str = "pace";
}
impl Payload for Drop {
    const NAME: &'static str = "drop";
}
impl Payload for Greeting {
    const NAME: &'static str = "greeting";
}
