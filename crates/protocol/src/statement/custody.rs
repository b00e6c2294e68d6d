//! What seats say of a case besides decisions: it lapses, it is erased, it is declined (§7, §8.4, §9.6, §15.9).

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ids::{CaseId, MemberNumber};

/// A step of a lapse (§8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LapseStep {
    /// She was looked for by human means.
    Inquiry,
    /// The seat holds that she cannot be asked.
    Decide,
}

/// What a seat has destroyed (§9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Erasure {
    /// Its shares and `case_salt`.
    Share,
    /// Its copies of the objects too.
    All,
}

/// Why a seat declines a filing: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeclineReason {
    /// It is no testimony.
    Spam,
}

statement!(
    time,
    /// A seat takes a step towards opening without her (§8.4).
    Lapse = "lapse" {
        /// Case id.
        case: CaseId,
        /// Which step.
        step: LapseStep,
        /// The seat.
        x: MemberNumber,
    }
);
statement!(
    time,
    /// A seat has destroyed what it held, after a withdrawal or after t_account seats have declined (§9.6).
    Erased = "erased" {
        /// Case id.
        case: CaseId,
        /// The seat.
        x: MemberNumber,
        /// How much.
        what: Erasure,
        /// D of the docket twin.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    }
);
statement!(
    time,
    /// A seat holds that the filing is no testimony (§7).
    Decline = "decline" {
        /// Case id.
        case: CaseId,
        /// The seat.
        x: MemberNumber,
        /// Why.
        reason: DeclineReason,
    }
);
