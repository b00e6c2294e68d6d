//! `docket`: the public half of an act, its twin; and `docket-open`, from which twins are published (§10.1).

use serde::{Deserialize, Serialize};

use super::rules::hold;
use super::{OpeningOutcome, Reason, Rule};
use crate::digest::{Digest, hex_bytes};
use crate::ids::{Day, MemberNumber};
use crate::week::Week;

hex_bytes!(
    /// What the twins of one request have in common: 16 random bytes, drawn by its reader. It says nothing of the case.
    DocketId, 16
);

impl DocketId {
    /// Draws one.
    pub fn draw(rng: &mut impl rand_core::CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

/// The kinds of acts that have a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TwinAct {
    /// A reader asks.
    Request,
    /// A seat grants or refuses.
    Decision,
    /// A seat objects.
    Objection,
    /// The reader opened, or could not.
    Opened,
    /// What was done with it.
    Finding,
    /// A seat has destroyed what it held.
    Erased,
}

/// What came of an act: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TwinOutcome {
    /// A decision that grants anything: a twin names no compartment.
    Granted,
    /// Refused for want of a basis.
    #[serde(rename = "refused:no-basis")]
    NoBasis,
    /// Refused by her policy.
    #[serde(rename = "refused:policy")]
    Policy,
    /// Refused for another reason.
    #[serde(rename = "refused:other")]
    Other,
    /// Opened.
    Opened,
    /// It does not open.
    DoesNotOpen,
    /// Referred.
    Referred,
    /// Protected.
    Protected,
    /// Investigated.
    Investigated,
    /// Charged.
    Charged,
    /// Nothing was done.
    NoAction,
    /// Destroyed.
    Erased,
}

impl From<Reason> for TwinOutcome {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NoBasis => Self::NoBasis,
            Reason::Policy => Self::Policy,
            Reason::Other => Self::Other,
        }
    }
}

impl From<OpeningOutcome> for TwinOutcome {
    fn from(outcome: OpeningOutcome) -> Self {
        match outcome {
            OpeningOutcome::Opened => Self::Opened,
            OpeningOutcome::DoesNotOpen => Self::DoesNotOpen,
            OpeningOutcome::Referred => Self::Referred,
            OpeningOutcome::Protected => Self::Protected,
            OpeningOutcome::Investigated => Self::Investigated,
            OpeningOutcome::Charged => Self::Charged,
            OpeningOutcome::NoAction => Self::NoAction,
        }
    }
}

impl TwinOutcome {
    /// Of which act it can be the outcome.
    fn of(self) -> TwinAct {
        match self {
            Self::Granted | Self::NoBasis | Self::Policy | Self::Other => TwinAct::Decision,
            Self::Opened | Self::DoesNotOpen => TwinAct::Opened,
            Self::Referred | Self::Protected | Self::Investigated | Self::Charged | Self::NoAction => TwinAct::Finding,
            Self::Erased => TwinAct::Erased,
        }
    }

    /// Whether a decision refuses all that was asked.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::NoBasis | Self::Policy | Self::Other)
    }
}

/// From an opening to the day by which a finding is due, in days.
pub(crate) const FINDING_DAYS: u64 = 30;

statement!(
    time,
    /// The public half of an act (§10.1). It names neither case, compartment, basis nor text, and no time finer than a week.
    Twin = "docket" {
        /// Of which request, or of which erasing.
        docket: DocketId,
        /// The author's own twins in this docket, from 0.
        n: u32,
        /// Of which act.
        act: TwinAct,
        /// The act's author: a seat or a reader.
        seat: MemberNumber,
        /// Whether the request is urgent.
        urgent: bool,
        /// The week of the act.
        week: Week,
        /// The last day for what the act calls for: grants, or a finding.
        #[serde(deserialize_with = "crate::json::present")]
        due: Option<Day>,
        /// What came of it.
        #[serde(deserialize_with = "crate::json::present")]
        outcome: Option<TwinOutcome>,
        /// D of the author's twin before, in this docket.
        #[serde(deserialize_with = "crate::json::present")]
        prev: Option<Digest>,
    } keeps Self::rules
);

impl Twin {
    fn rules(&self) -> Rule {
        hold(self.time == self.week.start(), "time is the first second of the week")?;
        hold(
            (self.n == 0) == self.prev.is_none(),
            "prev is null exactly in the first twin",
        )?;
        let outcome = self.outcome.map(TwinOutcome::of);
        let has_outcome = !matches!(self.act, TwinAct::Request | TwinAct::Objection);
        hold(
            outcome == has_outcome.then_some(self.act),
            "the outcome is one of the act",
        )?;
        let days = match (self.act, self.outcome) {
            (TwinAct::Request | TwinAct::Objection, _) => Some(14),
            (_, Some(TwinOutcome::Opened)) => Some(FINDING_DAYS),
            _ => None,
        };
        let fits = match (self.due, days) {
            (Some(due), Some(days)) => {
                let of = |time: u64| Day::of(time.saturating_add(days * 86_400));
                (of(self.time)..=of(self.week.end() - 1)).contains(&due)
            }
            (due, days) => due.is_some() == days.is_some(),
        };
        hold(fits, "due is 14 days after the week's act, or 30 after an opening")?;
        hold(
            self.act != TwinAct::Erased || !self.urgent,
            "an erasing is of no urgent request",
        )
    }
}

statement!(
    time,
    /// From here on twins are published, when they are due (§10.1). Signed by t_account seats.
    DocketOpen = "docket-open" {}
);
