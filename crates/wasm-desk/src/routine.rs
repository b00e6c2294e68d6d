//! The daily routine as the page shows it: what it would do, and what came of it.

use casework::Filed;
use client::{Failure, Outcome, Performed, Reader, RoutineStep, Seat};
use protocol::statement::Holds;
use serde::Serialize;

/// A step of the routine, with the handle of its case.
#[derive(Debug, Serialize)]
pub struct StepView {
    #[serde(flatten)]
    step: RoutineStep,
    code: Option<String>,
}

impl StepView {
    /// Of a step.
    pub fn of(step: RoutineStep) -> Self {
        let code = match &step {
            RoutineStep::Ack { case } | RoutineStep::Take { case, .. } | RoutineStep::Destroy { case } => {
                Some(case.code())
            }
            RoutineStep::Reject { .. } | RoutineStep::Publish { .. } => None,
        };
        Self { step, code }
    }
}

/// What came of a step: its promise, a failure, or neither where it needs no promise.
#[derive(Debug, Serialize)]
pub struct StepDone {
    #[serde(flatten)]
    step: StepView,
    filed: Option<Filed>,
    failure: Option<Failure>,
}

impl StepDone {
    fn of(performed: Performed) -> Self {
        let (filed, failure) = match performed.outcome {
            Ok(filed) => (filed, None),
            Err(failure) => (None, Some(failure)),
        };
        Self {
            step: StepView::of(performed.step),
            filed,
            failure,
        }
    }
}

/// Does a seat's routine. A browser keeps nothing, so it says that it holds `share` and never more.
pub async fn perform(seat: &mut Seat) -> Outcome<Vec<StepDone>> {
    let steps = seat.routine()?;
    let performed = seat.perform(&steps, |_| Holds::Share).await?;
    Ok(performed.into_iter().map(StepDone::of).collect())
}

/// Does a reader's routine.
pub async fn perform_of_reader(reader: &mut Reader) -> Outcome<Vec<StepDone>> {
    let steps = reader.routine()?;
    let performed = reader.perform(&steps).await;
    Ok(performed.into_iter().map(StepDone::of).collect())
}
