//! The operator's public statements: `pace`, `drop`, `greeting` (§6.3, §9.1, §9.2).

use super::rules::{hold, is_language};
use super::{Payload, Rule};
use crate::envelope::PAYLOAD_MAX;
use crate::ids::{Nonce, Origin, Version};
use crate::json::{self, JsonError};
use crate::text::is_hidden;
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
pub struct BucketDepth {
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

    fn read(payload: &[u8]) -> Result<Self, JsonError> {
        json::read(payload, PAYLOAD_MAX)
    }

    fn check(&self) -> Rule {
        hold(
            self.n >= 4 && self.n.is_power_of_two(),
            "n is a power of two, at least 4",
        )?;
        hold(self.step_s >= 1, "step_s is at least 1")?;
        hold(self.delivery_s >= 1, "delivery_s is at least 1")
    }
}

impl Payload for BucketDepth {
    const NAME: &'static str = "drop";

    fn read(payload: &[u8]) -> Result<Self, JsonError> {
        json::read(payload, PAYLOAD_MAX)
    }

    fn check(&self) -> Rule {
        hold(self.b <= 32, "b is at most 32")
    }
}

impl Payload for Greeting {
    const NAME: &'static str = "greeting";
    /// It fills one record at most (§15.7).
    const ENVELOPE_MAX: usize = 2_043;

    fn read(payload: &[u8]) -> Result<Self, JsonError> {
        json::read(payload, PAYLOAD_MAX)
    }

    fn check(&self) -> Rule {
        hold(!self.texts.is_empty(), "a greeting has a text")?;
        hold(
            self.texts.keys().all(|tag| is_language(tag)),
            "languages are BCP 47 in lower case",
        )?;
        hold(self.texts.values().all(|text| !text.is_empty()), "a text is not empty")?;
        let is_hidden = |c: char| c != '\n' && is_hidden(c);
        hold(
            !self.texts.values().any(|text| text.contains(is_hidden)),
            "a text has no control or bidirectional character but line feeds",
        )
    }
}
