//! `testimony` (§5.3, §15.9): binds `core` to each seat's share file. Slot 0 commits to it.

use super::Payload;
use crate::digest::Digest;
use crate::ids::{CaseId, Day, Nonce, Origin, Version, X};
use serde::{Deserialize, Serialize};

/// A seat's share file by digest and size of its ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareRef {
    /// The seat.
    pub x: X,
    /// SHA-256 of the age file.
    pub digest: Digest,
    /// 1,979.
    pub size: u64,
}

/// The statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Testimony {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// UTC day of the device.
    pub day: Day,
    /// Case id.
    pub case: CaseId,
    /// D(core).
    pub core: Digest,
    /// Ascending by x: the seats dealt to.
    pub shares: Vec<ShareRef>,
    /// SHA-256 of the match request file.
    #[serde(rename = "match", deserialize_with = "crate::json::present")]
    pub match_request: Option<Digest>,
}

impl Payload for Testimony {
    const NAME: &'static str = "testimony";
}

impl Testimony {
    /// The seats dealt to.
    pub fn seats(&self) -> Vec<X> {
        self.shares.iter().map(|share| share.x).collect()
    }
}
