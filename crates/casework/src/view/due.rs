//! Which of what waits needs its holder, and by when.

use super::Task;

impl Task {
    /// By when it is due, POSIX seconds; `None` for what has no term of its own.
    pub fn by(&self) -> Option<u64> {
        match self {
            Self::Danger { by, .. }
            | Self::Ack { by, .. }
            | Self::Decide { by, .. }
            | Self::Message { by, .. }
            | Self::Open { by, .. }
            | Self::Finding { by, .. } => Some(*by),
            Self::Aid { due, .. } => Some(due.end()),
            Self::Attended { .. }
            | Self::Refer { .. }
            | Self::Release { .. }
            | Self::Wait { .. }
            | Self::LateAck { .. }
            | Self::Rejected { .. }
            | Self::Breach { .. }
            | Self::Omitted { .. }
            | Self::Withdrawn { .. }
            | Self::Erase { .. }
            | Self::Unfounded { .. }
            | Self::Inquire { .. }
            | Self::Lapse { .. }
            | Self::Gap { .. }
            | Self::Gaps { .. }
            | Self::Pending { .. } => None,
        }
    }

    /// Whether its term has passed.
    pub fn is_overdue(&self) -> bool {
        match self {
            Self::Danger { is_overdue, .. }
            | Self::Ack { is_overdue, .. }
            | Self::Message { is_overdue, .. }
            | Self::Open { is_overdue, .. }
            | Self::Finding { is_overdue, .. }
            | Self::Aid { is_overdue, .. } => *is_overdue,
            _ => false,
        }
    }

    /// Whether the holder of the key has something to do, or to look at. What only waits for others needs nobody, and what is
    /// offered to every seat is owed by none.
    pub fn needs_holder(&self) -> bool {
        match self {
            Self::Refer { .. } | Self::Wait { .. } | Self::Pending { .. } => false,
            Self::Withdrawn { in_person, .. } => *in_person,
            _ => true,
        }
    }
}
