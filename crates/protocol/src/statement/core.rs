//! `core` (§5.3, §15.9): the part of the header that says who can open what.

use super::{Compartment, Payload};
use crate::age::Recipient;
use crate::digest::{Digest, hex_bytes};
use crate::ids::{CaseId, Day, Nonce, Origin, PublicKey, Version};
use crate::share::deal::Commitment;
use serde::{Deserialize, Serialize};

hex_bytes!(
    /// 16 random bytes by which the matcher knows a filing (§12).
    Handle, 16
);

/// Where the sealing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealedBy {
    /// In her browser.
    Browser,
    /// On the command line.
    Cli,
    /// On the server (§14.4).
    Server,
}

/// Her inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// Records to her.
    pub recipient: Recipient,
    /// Verifies what she sends.
    pub key: PublicKey,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// The JSON document.
    Document,
    /// Original, bit for bit.
    Evidence,
    /// Stripped of metadata.
    Copy,
}

/// An object by digest and size of its ciphertext.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    /// SHA-256 of the age file.
    pub digest: Digest,
    /// Bytes of the age file.
    pub size: u64,
    /// What it is.
    pub kind: ObjectKind,
}

/// One compartment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompartmentHeader {
    /// Its number.
    pub name: Compartment,
    /// t.
    pub threshold: u8,
    /// recipient(T).
    pub recipient: Recipient,
    /// As many as the threshold.
    pub commitments: Vec<Commitment>,
    /// The document first (§19).
    pub objects: Vec<ObjectRef>,
}

/// How it may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// A quorum decides.
    OnRequest,
    /// Her consent is part of the key (§8.4).
    WithMyConsent,
}

/// Her choice about withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawChoice {
    /// Nobody can.
    Never,
    /// 30 days.
    After,
    /// Meeting a custodian.
    InPerson,
}

/// Her choice about the docket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocketChoice {
    /// Public twins.
    Normal,
    /// Only counted.
    CountsOnly,
}

/// Her choices (§8.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// How it may be opened.
    pub open: Opening,
    /// 180, 365 or 730; null together with `t_lapse`.
    #[serde(deserialize_with = "crate::json::present")]
    pub lapse_days: Option<u32>,
    /// §8.4.
    #[serde(deserialize_with = "crate::json::present")]
    pub t_lapse: Option<u8>,
    /// Advice: ask her once so many name the same person.
    #[serde(deserialize_with = "crate::json::present")]
    pub ask_me_after: Option<u32>,
    /// §9.6.
    pub withdraw: WithdrawChoice,
    /// 30, 180 or 400.
    pub inbox_days: u32,
    /// §10.1.
    pub docket: DocketChoice,
}

/// The statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
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
    /// D of the council sealed to.
    pub council: Digest,
    /// Where.
    pub sealed_by: SealedBy,
    /// Case id of the first filing that this one adds to.
    #[serde(deserialize_with = "crate::json::present")]
    pub parent: Option<CaseId>,
    /// Her inbox.
    pub inbox: Inbox,
    /// Null exactly when `testimony.match` is.
    #[serde(deserialize_with = "crate::json::present")]
    pub handle: Option<Handle>,
    /// Ascending by name; `account` is always there.
    pub compartments: Vec<CompartmentHeader>,
    /// Her choices.
    pub policy: Policy,
}

impl Payload for Core {
    const NAME: &'static str = "core";
}

impl Core {
    /// The compartment of that name.
    pub fn compartment(&self, name: Compartment) -> Option<&CompartmentHeader> {
        self.compartments.iter().find(|c| c.name == name)
    }
}
