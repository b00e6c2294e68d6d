//! `council` (§3, §15.9, §19): seats, readers, thresholds, policy and the parties of later stages.

use super::Payload;
use crate::age::Recipient;
use crate::digest::Digest;
use crate::ids::{Day, Nonce, Origin, PublicKey, Version, X};
use serde::{Deserialize, Serialize};

/// A seat or a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Number, never reused.
    pub x: X,
    /// 1–200 bytes. No personal name.
    pub institution: String,
    /// The authority that can order it, 1–200 bytes.
    pub controller: String,
    /// 1–200 bytes.
    pub jurisdiction: String,
    /// Where shares and cells are sealed to.
    pub recipient: Recipient,
    /// Verifies its statements.
    pub key: PublicKey,
    /// Last day (UTC) on which filings to this council are accepted.
    pub keys_until: Day,
}

/// The operator, or a mirror without the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorParty {
    /// 1–200 bytes.
    pub institution: String,
    /// Verifies the operator's statements.
    pub key: PublicKey,
}

/// A mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// Number.
    pub x: X,
    /// 1–200 bytes.
    pub institution: String,
    /// Verifies its statements.
    pub key: PublicKey,
}

/// Matcher, counsel or key node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Number.
    pub x: X,
    /// 1–200 bytes.
    pub institution: String,
    /// Sealed to.
    pub recipient: Recipient,
    /// Verifies its statements.
    pub key: PublicKey,
}

/// The bench (§13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// How many sign.
    pub k: u16,
    /// Which seats.
    pub seats: Vec<X>,
}

/// Key nodes (§12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeList {
    /// Threshold.
    pub t: u16,
    /// The nodes.
    pub list: Vec<Party>,
}

/// The council's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Council {
    /// 1.
    pub v: Version,
    /// The log's name.
    pub origin: Origin,
    /// Random.
    pub nonce: Nonce,
    /// POSIX seconds.
    pub time: u64,
    /// From 1.
    pub epoch: u32,
    /// D of the council before; null exactly in epoch 1.
    #[serde(deserialize_with = "crate::json::present")]
    pub previous: Option<Digest>,
    /// Objection time in seconds (§8.3).
    pub objection_s: u64,
    /// Objection time of urgent requests in seconds.
    pub urgent_s: u64,
    /// Ascending by x.
    pub seats: Vec<Member>,
    /// Ascending by x; numbers are shared with seats.
    pub readers: Vec<Member>,
    /// t_account.
    pub account: u8,
    /// t_identity.
    pub identity: u8,
    /// The text of a `tlog-policy`.
    pub policy: String,
    /// The operator.
    pub operator: OperatorParty,
    /// Mirrors.
    pub mirrors: Vec<Mirror>,
    /// §13.
    #[serde(deserialize_with = "crate::json::present")]
    pub bench: Option<Bench>,
    /// §12.
    #[serde(deserialize_with = "crate::json::present")]
    pub matcher: Option<Party>,
    /// §12.
    #[serde(deserialize_with = "crate::json::present")]
    pub counsel: Option<Party>,
    /// §12.
    #[serde(deserialize_with = "crate::json::present")]
    pub nodes: Option<NodeList>,
    /// True exactly when one controller holds t_account seats or more (§19).
    pub concentrated: bool,
    /// 24 h instead of 7 days of notice (§11).
    pub urgent: bool,
}

/// Which rule a council breaks. Names the number or controller at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CouncilError {
    /// Thresholds: 2 ≤ account ≤ identity ≤ n − 1.
    #[error("thresholds must be 2 ≤ account ≤ identity ≤ seats − 1")]
    Thresholds,
    /// A number is repeated or lists do not ascend.
    #[error("member {0} is out of order or repeated")]
    Number(X),
    /// More than 24 recipients.
    #[error("at most 24 members together")]
    TooMany,
    /// A text field is empty or too long.
    #[error("institution, controller and jurisdiction take 1 to 200 bytes")]
    Text,
    /// `concentrated` does not say the truth.
    #[error("one controller holds {seats} seats; `concentrated` must say so")]
    Concentrated {
        /// How many the largest holds.
        seats: usize,
    },
    /// Waiting times below the minimum outside a demo.
    #[error("objection time is below the minimum for an origin that is no demo")]
    Times,
    /// Two members share a key or recipient.
    #[error("member {0} has the key of another")]
    SharedKey(X),
    /// `previous` and `epoch` disagree.
    #[error("epoch 1 has no previous, every other epoch has one")]
    Previous,
    /// The cosigner policy has no quorum.
    #[error("the policy demands no cosigner")]
    NoQuorum,
}

impl Payload for Council {
    const NAME: &'static str = "council";
}

impl Council {
    /// All the rules of §3, §8.3 and §19 that one council alone decides.
    ///
    /// # Errors
    /// [`CouncilError`].
    pub fn validate(&self) -> Result<(), CouncilError> {
        todo!()
    }
    /// The seat numbered `x`.
    pub fn seat(&self, x: X) -> Option<&Member> {
        self.seats.iter().find(|seat| seat.x == x)
    }
    /// The reader numbered `x`.
    pub fn reader(&self, x: X) -> Option<&Member> {
        self.readers.iter().find(|reader| reader.x == x)
    }
    /// Seat or reader numbered `x`.
    pub fn member(&self, x: X) -> Option<&Member> {
        self.seat(x).or_else(|| self.reader(x))
    }
    /// t of a compartment of a testimony sealed to this council; `None` for compartments it does not set.
    pub fn threshold(&self, name: super::Compartment) -> Option<u8> {
        match name {
            super::Compartment::Account | super::Compartment::Match => Some(self.account),
            super::Compartment::Identity => Some(self.identity),
            super::Compartment::Consent => None,
        }
    }
    /// Last second at which filings to this council are accepted: end of the earliest `keys_until` of its seats (§19).
    pub fn good_until(&self) -> u64 {
        self.seats.iter().map(|seat| seat.keys_until.end()).min().unwrap_or(0)
    }
    /// Whether reader `x` may not see a case dealt to `dealt` only (§5.5): same institution or controller as a seat left out.
    pub fn is_barred(&self, reader: X, dealt: &[X]) -> bool {
        let _ = (reader, dealt);
        todo!()
    }
    /// First 88 bits of `SHA-256(L("council") ‖ D)` (§3).
    pub fn fingerprint(_digest: Digest) -> [u8; 11] {
        todo!()
    }
}
