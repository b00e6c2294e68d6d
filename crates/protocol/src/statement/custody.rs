//! What seats say of a case besides decisions: what was done about danger, it lapses, it is erased, it is declined (§7, §8.4,
//! §9.6, §15.9).

use serde::{Deserialize, Serialize};

use super::Rule;
use super::rules::hold;
use crate::digest::Digest;
use crate::ids::{CaseId, MemberNumber};

/// Longest time for which one `attended` holds, in seconds: 7 days (§7).
pub const ATTENDED_MAX_S: u64 = 7 * 86_400;

/// What a seat has done about a testimony whose flag says that somebody is in danger (§7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attention {
    /// It wrote to her what she can do now.
    Wrote,
    /// It told, by voice, people who can act.
    Called,
    /// Whoever was in danger is in safety.
    Safe,
    /// Nobody is in danger.
    NoDanger,
    /// The danger is still there, whatever another seat says.
    Stands,
}

impl Attention {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Wrote, Self::Called, Self::Safe, Self::NoDanger, Self::Stands];

    /// Whether it holds for a time only.
    pub fn has_term(self) -> bool {
        matches!(self, Self::Wrote | Self::Called)
    }

    /// Whether it ends the danger, unless another seat contradicts.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Safe | Self::NoDanger)
    }
}

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

/// What a seat did with a question without a filing (§9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handling {
    /// It answered.
    Answered,
    /// It shows it no more: another seat answers, or it is no question.
    PutAway,
}

statement!(
    time,
    /// A seat has handled a question without a filing: it stands in no slot, and a record of it in the seat's own bucket tells
    /// the seat at its next login (§9.2).
    Handled = "handled" {
        /// The seat.
        x: MemberNumber,
        /// D of the question.
        ask: Digest,
        /// What it did.
        what: Handling,
    }
);
statement!(
    time,
    /// A seat says what was done about danger (§7). It has no twin: the docket shows no danger.
    Attended = "attended" {
        /// Case id.
        case: CaseId,
        /// The seat.
        x: MemberNumber,
        /// What.
        what: Attention,
        /// POSIX seconds by when a seat says again what was done; null for what has no term.
        #[serde(deserialize_with = "crate::json::present")]
        until: Option<u64>,
    } keeps Self::rules
);
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

impl Attended {
    fn rules(&self) -> Rule {
        hold(
            self.until.is_some() == self.what.has_term(),
            "until is there exactly for wrote and called",
        )?;
        let is_within = |until: u64| {
            let term = until.checked_sub(self.time);
            term.is_some_and(|term| (1..=ATTENDED_MAX_S).contains(&term))
        };
        hold(
            self.until.is_none_or(is_within),
            "until is after time, by 7 days at most",
        )
    }
}
