//! `testimony` (§5.3, §15.9): binds `core` to each seat's share file. Slot 0 commits to it.

use super::rules::{SHARE_SIZE, dealt_seats, distinct, hold};
use super::{Core, Payload, Rule};
use crate::digest::Digest;
use crate::envelope::PAYLOAD_MAX;
use crate::ids::{CaseId, Day, MemberNumber, Nonce, Origin, Version};
use crate::json::{self, JsonError};
use crate::verified::Verified;
use serde::{Deserialize, Serialize};

/// A seat's share file by digest and size of its ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareRef {
    /// The seat.
    pub x: MemberNumber,
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

    fn read(payload: &[u8]) -> Result<Self, JsonError> {
        json::read(payload, PAYLOAD_MAX)
    }

    fn check(&self) -> Rule {
        dealt_seats(&self.seats())?;
        hold(
            self.shares.iter().all(|share| share.size == SHARE_SIZE),
            "a share file has 1,979 bytes",
        )?;
        hold(
            distinct(self.shares.iter().map(|share| share.digest)),
            "every seat has a share file of its own",
        )
    }
}

impl Testimony {
    /// The seats dealt to.
    pub fn seats(&self) -> Vec<MemberNumber> {
        self.shares.iter().map(|share| share.x).collect()
    }

    /// Whether this is the other half of the header that begins with `core` (§5.3, §19): the same origin and
    /// case, D(core), and `match` null exactly when `handle` is.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub fn belongs_to(&self, core: &Verified<Core>) -> Rule {
        hold(self.core == core.digest(), "core is D of another statement")?;
        hold(
            self.case == core.case && self.origin == core.origin,
            "core is of another case or log",
        )?;
        hold(
            self.match_request.is_some() == core.handle.is_some(),
            "match is null exactly when handle is",
        )?;
        let most = self.shares.len();
        let reached = core
            .compartments
            .iter()
            .all(|compartment| usize::from(compartment.threshold) <= most);
        hold(reached, "a threshold is above the number of seats dealt to")
    }
}
