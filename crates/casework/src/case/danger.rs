//! Somebody is in danger: who says so, and what seats have done about it (§7).

use std::collections::{BTreeMap, BTreeSet};

use protocol::MemberNumber;
use protocol::statement::{ATTENDED_MAX_S, Attended, Attention};
use serde::Serialize;

use crate::clock::DANGER_S;
use crate::slots::Found;

/// What seats say of danger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DangerState {
    /// Seats whose acknowledgement says that somebody is in danger.
    pub said_by: BTreeSet<MemberNumber>,
    /// What was done about it, in log order.
    pub done: Vec<DeedState>,
}

/// What a seat has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DeedState {
    /// The seat.
    pub x: MemberNumber,
    /// What.
    #[serde(flatten)]
    pub deed: Deed,
    /// Last second for which it holds, POSIX seconds; `None` for what has no term.
    pub until: Option<u64>,
    /// Where, and when.
    pub found: Found,
}

/// Something that a seat does about danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "deed", rename_all = "kebab-case")]
pub enum Deed {
    /// It told a reader of the case.
    Referred {
        /// Whom.
        reader: MemberNumber,
    },
    /// It says so in a statement.
    Attended {
        /// What.
        what: Attention,
    },
}

/// Where the danger stands at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "danger", rename_all = "kebab-case")]
pub enum DangerStatus {
    /// Nobody says that somebody is in danger, or the testimony is declined or erased.
    Quiet,
    /// A seat has to say what was done: nothing was, its term is over, or a seat contradicts.
    Waiting {
        /// By when, POSIX seconds.
        by: u64,
        /// It has passed.
        is_overdue: bool,
        /// Seats whose newest word is that the danger stands.
        contradicted_by: Vec<MemberNumber>,
    },
    /// A seat has done something, and has not to say more yet.
    Attended {
        /// What holds longest.
        last: DeedState,
        /// Until when, POSIX seconds.
        until: u64,
    },
    /// A seat says that it is over.
    Over {
        /// The first that does.
        last: DeedState,
    },
}

impl DangerState {
    pub(super) fn referred(&mut self, x: MemberNumber, reader: MemberNumber, found: Found) {
        let until = Some(found.included_at.saturating_add(DANGER_S));
        let deed = Deed::Referred { reader };
        self.done.push(DeedState { x, deed, until, found });
    }

    /// Its term ends 7 days after its inclusion at the latest: a `time` of the future makes it no longer.
    pub(super) fn attended(&mut self, attended: &Attended, found: Found) {
        let last = found.included_at.saturating_add(ATTENDED_MAX_S);
        self.done.push(DeedState {
            x: attended.x,
            deed: Deed::Attended { what: attended.what },
            until: attended.until.map(|until| until.min(last)),
            found,
        });
    }

    /// The newest of each seat: what a seat says replaces what it said before, and nothing else does.
    fn newest(&self) -> impl Iterator<Item = &DeedState> {
        let newest: BTreeMap<MemberNumber, &DeedState> = self.done.iter().map(|done| (done.x, done)).collect();
        newest.into_values()
    }

    /// Whether it was overdue at any second from `begin` to `until`: it is so longest just before somebody says more.
    pub(super) fn was_overdue(&self, filed_at: u64, begin: u64, until: u64) -> bool {
        let before = self.done.iter().map(|done| done.found.included_at.saturating_sub(1));
        let mut moments = before.chain([until]).filter(|at| (begin..=until).contains(at));
        moments.any(|at| {
            let done = self.done.iter().filter(|done| done.found.included_at <= at);
            let by_then = Self {
                said_by: BTreeSet::new(),
                done: done.copied().collect(),
            };
            matches!(
                by_then.status(filed_at, at),
                DangerStatus::Waiting { is_overdue: true, .. }
            )
        })
    }

    /// Where it stands at `at`, of a filing included at `filed_at` that says that somebody is in danger.
    pub(super) fn status(&self, filed_at: u64, at: u64) -> DangerStatus {
        let said = |of: fn(Attention) -> bool| {
            let newest = self.newest();
            newest.filter(move |done| matches!(done.deed, Deed::Attended { what } if of(what)))
        };
        let waiting = |by: u64, contradicted_by| DangerStatus::Waiting {
            by,
            is_overdue: at > by,
            contradicted_by,
        };
        let contradicted: Vec<&DeedState> = said(|what| what == Attention::Stands).collect();
        if let Some(first) = contradicted.iter().map(|done| done.found.included_at).min() {
            let by = contradicted.iter().map(|done| done.x).collect();
            return waiting(first.saturating_add(DANGER_S), by);
        }
        if let Some(first) = said(Attention::is_end).min_by_key(|done| done.found.index) {
            return DangerStatus::Over { last: *first };
        }
        let longest = self.newest().filter_map(|done| Some((done.until?, done)));
        match longest.max_by_key(|(until, done)| (*until, done.found.index)) {
            Some((until, last)) if at <= until => DangerStatus::Attended { last: *last, until },
            Some((until, _)) => waiting(until, Vec::new()),
            None => waiting(filed_at.saturating_add(DANGER_S), Vec::new()),
        }
    }
}
