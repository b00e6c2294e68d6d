//! The acts in words.

use casework::docket::{DocketFault, Stage};
use protocol::Day;
use protocol::statement::{DocketId, TwinAct, TwinOutcome};

use super::{ActCount, ActView, DocketStatus, DocketView, OwedAct, StepView};
use crate::Strings;

/// The id of the words for what is called for.
pub(super) fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Grants => "acts-stage-grants",
        Stage::Opening => "acts-stage-opening",
        Stage::Finding => "acts-stage-finding",
    }
}

/// The id of the words for an act.
pub(super) fn act_word(act: TwinAct, outcome: Option<TwinOutcome>) -> &'static str {
    match (act, outcome) {
        (TwinAct::Request, _) => "acts-request",
        (TwinAct::Objection, _) => "acts-objection",
        (_, None) => "acts-other",
        (_, Some(outcome)) => match outcome {
            TwinOutcome::Granted => "acts-granted",
            TwinOutcome::NoBasis => "acts-refused-no-basis",
            TwinOutcome::Policy => "acts-refused-policy",
            TwinOutcome::Other => "acts-refused-other",
            TwinOutcome::Opened => "acts-opened",
            TwinOutcome::DoesNotOpen => "acts-does-not-open",
            TwinOutcome::Referred => "acts-referred",
            TwinOutcome::Protected => "acts-protected",
            TwinOutcome::Investigated => "acts-investigated",
            TwinOutcome::Charged => "acts-charged",
            TwinOutcome::NoAction => "acts-no-action",
            TwinOutcome::Erased => "acts-erased",
        },
    }
}

/// A docket's name as people tell it from others: its first eight digits.
pub(super) fn short(docket: DocketId) -> String {
    docket.to_string().chars().take(8).collect()
}

impl OwedAct {
    pub(super) fn short(&self) -> String {
        short(self.docket)
    }

    pub(super) fn word(&self) -> &'static str {
        stage_word(self.stage)
    }

    pub(super) fn day(&self) -> Day {
        Day::of(self.by)
    }
}

impl ActCount {
    pub(super) fn word(&self) -> &'static str {
        act_word(self.act, self.outcome)
    }
}

impl DocketView {
    pub(super) fn short(&self) -> String {
        short(self.docket)
    }

    pub(super) fn status_word(&self) -> &'static str {
        match self.status {
            DocketStatus::Waiting => "acts-status-waiting",
            DocketStatus::Overdue => "acts-status-overdue",
            DocketStatus::Refused => "acts-status-refused",
            DocketStatus::Lapsed => "acts-status-lapsed",
            DocketStatus::DoesNotOpen => "acts-status-does-not-open",
            DocketStatus::Reported => "acts-status-reported",
            DocketStatus::Erased => "acts-status-erased",
            DocketStatus::NoRequest => "acts-status-no-request",
        }
    }

    /// Whether its status is that something is owed.
    pub(super) fn is_overdue(&self) -> bool {
        self.status == DocketStatus::Overdue
    }

    pub(super) fn faults(&self, words: &Strings) -> Vec<String> {
        self.faults.iter().map(|fault| fault_text(fault, words)).collect()
    }
}

/// A fault in words.
pub(super) fn fault_text(fault: &DocketFault, words: &Strings) -> String {
    let (docket, x, n) = fault.about();
    let about = words.with("docket", short(docket)).with("x", x.get()).with("n", n);
    match fault {
        DocketFault::TwoTwins { .. } => about.get("acts-fault-two"),
        DocketFault::BrokenChain { .. } => about.get("acts-fault-chain"),
        DocketFault::Dated { says, was, .. } => about
            .with("says", says.to_string())
            .with("was", was.to_string())
            .get("acts-fault-dated"),
        DocketFault::Late { due, published_at, .. } => about
            .with("due", Day::of(*due).to_string())
            .with("time", Day::of(*published_at).to_string())
            .get("acts-fault-late"),
    }
}

impl StepView {
    pub(super) fn word(&self) -> &'static str {
        stage_word(self.stage)
    }

    pub(super) fn day(&self) -> Day {
        Day::of(self.by)
    }
}

impl ActView {
    pub(super) fn word(&self) -> &'static str {
        act_word(self.act, self.outcome)
    }

    pub(super) fn published(&self) -> Day {
        Day::of(self.published_at)
    }
}
