//! What danger asks of a seat, and where it stands in a queue (§7).

use protocol::MemberNumber;
use protocol::statement::ATTENDED_MAX_S;

use super::Task;
use crate::case::{Case, DangerStatus, DeedState};

impl Task {
    /// By when a seat has to say what was done about danger: such a task stands first in every queue, before every other
    /// case's.
    pub fn danger_by(&self) -> Option<u64> {
        match self {
            Self::Danger { by, .. } => Some(*by),
            _ => None,
        }
    }
}

/// Where the queue of a case stands among those of others: what is in danger before all others, and of that what is due first.
pub fn rank(tasks: &[Task]) -> u64 {
    tasks.iter().filter_map(Task::danger_by).min().unwrap_or(u64::MAX)
}

/// What danger asks of a seat that holds something of the case: to act; or to look at what another seat says, while that
/// holds, and for 7 days where it says that it is over.
pub(super) fn danger(case: &Case, x: MemberNumber, at: u64) -> Option<Task> {
    if case.erasure().erased_by(x).is_some() {
        return None;
    }
    let other = |done: DeedState| (done.x != x).then_some(Task::Attended { done });
    match case.danger_status(at) {
        DangerStatus::Quiet => None,
        DangerStatus::Waiting {
            by,
            is_overdue,
            contradicted_by,
        } => Some(Task::Danger {
            by,
            is_overdue,
            contradicted_by,
        }),
        DangerStatus::Attended { last, .. } => other(last),
        DangerStatus::Over { last } if at <= last.found.included_at.saturating_add(ATTENDED_MAX_S) => other(last),
        DangerStatus::Over { .. } => None,
    }
}
