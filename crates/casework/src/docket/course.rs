//! How far a request came, by its twins alone: what was due, by when, and since when something is overdue (§10.1).

use std::collections::BTreeSet;

use protocol::MemberNumber;
use protocol::statement::{Council, DocketId, Twin, TwinAct, TwinOutcome};
use protocol::week::Week;

use super::due;
use crate::clock::{DAY_S, OBJECTED_S, OPENED_S};

/// What is closed is published from the first Monday so long after its end.
const CLOSED_S: u64 = 28 * DAY_S;

/// A twin, and when the log included the entry that commits to it, POSIX seconds.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// What it says.
    pub twin: &'a Twin,
    /// When.
    pub at: u64,
}

/// What a request calls for, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Enough seats grant it.
    Grants,
    /// They release, and the reader opens.
    Opening,
    /// The reader says what was done.
    Finding,
}

/// One of these: by when it was due, and when it was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub stage: Stage,
    /// The last second, POSIX.
    pub by: u64,
    /// When it was there.
    pub done: Option<u64>,
}

impl Step {
    /// Whether it was not there in time, at a time.
    pub fn is_overdue(&self, at: u64) -> bool {
        self.by < at && self.done.is_none_or(|done| done > self.by)
    }
}

/// Who owes a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owers {
    /// Of grants the seats that have not decided, else the reader.
    pub owe: BTreeSet<MemberNumber>,
    /// Of an opening the seats that granted: a release has no twin, so nobody outside sees which of them keeps it back.
    pub perhaps: BTreeSet<MemberNumber>,
}

/// How far a request came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The docket.
    pub docket: DocketId,
    /// The reader that asked.
    pub reader: MemberNumber,
    /// Whether it is urgent.
    pub urgent: bool,
    /// When the log included the request.
    pub asked_at: u64,
    /// Grants that it needs.
    pub need: usize,
    /// Seats that have granted in time.
    pub granted: BTreeSet<MemberNumber>,
    /// Seats that have refused.
    pub refused: BTreeSet<MemberNumber>,
    /// Seats that have not decided at all, late or in time.
    pub undecided: BTreeSet<MemberNumber>,
    /// Seats that have objected.
    pub objected: BTreeSet<MemberNumber>,
    /// What was called for so far; the last one is that which is waited for, or was the last.
    pub steps: Vec<Step>,
    /// What came of it.
    pub outcome: Option<TwinOutcome>,
    /// From when the service takes its request, whatever was missed.
    pub shown_from: u64,
    /// When it was over: a finding, what does not open, or so many refusals that too few seats are left.
    pub ended_at: Option<u64>,
}

impl Course {
    /// From the twins of one docket, in any order, and the council at the request; `None` where its request is not among them.
    /// Requests are of its readers, decisions and objections of its seats; what others sign is none of it.
    pub fn of(twins: &[Placed<'_>], council: &Council) -> Option<Self> {
        let is_seat = |x: MemberNumber| council.seats.iter().any(|seat| seat.x == x);
        let acts = |act: TwinAct| {
            let may = move |x| match act {
                TwinAct::Request => council.readers.iter().any(|reader| reader.x == x),
                TwinAct::Decision | TwinAct::Objection => is_seat(x),
                _ => true,
            };
            twins.iter().filter(move |it| it.twin.act == act && may(it.twin.seat))
        };
        let request = acts(TwinAct::Request).min_by_key(|it| (it.at, it.twin.n))?;
        let reader = request.twin.seat;
        let is_urgent = request.twin.urgent;
        let by_reader = |act| acts(act).filter(move |it| it.twin.seat == reader);
        let objections: Vec<&Placed<'_>> = acts(TwinAct::Objection).collect();
        let objected_until = objections.iter().map(|it| it.at.saturating_add(OBJECTED_S)).max();
        let grants_by = [Some(request), objections.iter().max_by_key(|it| it.twin.due).copied()];
        let grants_by = grants_by
            .into_iter()
            .flatten()
            .filter_map(|it| Some(it.twin.due?.end() - 1));
        let grants_by = grants_by.max().unwrap_or(request.at);
        let threshold = match is_urgent {
            true => council.identity.max(council.account),
            false => council.account,
        };
        let need = usize::from(threshold) + usize::from(!objections.is_empty());
        let decided = |is_grant: bool| {
            let mut first: Vec<(u64, MemberNumber)> = Vec::new();
            for it in acts(TwinAct::Decision) {
                let grants = it.twin.outcome == Some(TwinOutcome::Granted);
                if grants == is_grant && it.at <= grants_by && first.iter().all(|(_, x)| *x != it.twin.seat) {
                    first.push((it.at, it.twin.seat));
                }
            }
            first.sort_unstable();
            first
        };
        let (grants, refusals) = (decided(true), decided(false));
        let seats = council.seats.iter().map(|seat| seat.x);
        let undecided = seats.filter(|x| acts(TwinAct::Decision).all(|it| it.twin.seat != *x));
        let reached = |list: &[(u64, MemberNumber)], number: usize| {
            let at = number.checked_sub(1).and_then(|at| list.get(at));
            at.map(|(at, _)| *at)
        };
        let granted_at = reached(&grants, need);
        let too_few = (council.seats.len() + 1).checked_sub(need);
        let refused_at = too_few.and_then(|number| reached(&refusals, number));
        let opened = by_reader(TwinAct::Opened).min_by_key(|it| it.at);
        let found = by_reader(TwinAct::Finding).min_by_key(|it| it.at);
        let mut steps = vec![Step {
            stage: Stage::Grants,
            by: grants_by,
            done: granted_at.or(refused_at),
        }];
        if let Some(granted_at) = granted_at {
            let objection_s = if is_urgent {
                council.urgent_s
            } else {
                council.objection_s
            };
            let from = granted_at.saturating_add(objection_s).max(objected_until.unwrap_or(0));
            steps.push(Step {
                stage: Stage::Opening,
                by: from.saturating_add(OPENED_S),
                done: opened.map(|it| it.at),
            });
        }
        let report_by = opened.and_then(|it| Some(it.twin.due?.end() - 1));
        if let Some(by) = report_by {
            let done = found.map(|it| it.at);
            let stage = Stage::Finding;
            steps.push(Step { stage, by, done });
        }
        let unopened = opened.filter(|it| it.twin.outcome == Some(TwinOutcome::DoesNotOpen));
        let last = found.or(opened);
        Some(Self {
            docket: request.twin.docket,
            reader,
            urgent: is_urgent,
            asked_at: request.at,
            need,
            granted: grants.into_iter().map(|(_, x)| x).collect(),
            refused: refusals.into_iter().map(|(_, x)| x).collect(),
            undecided: undecided.collect(),
            objected: objections.iter().map(|it| it.twin.seat).collect(),
            steps,
            outcome: last.and_then(|it| it.twin.outcome),
            shown_from: due(request.twin),
            ended_at: found.or(unopened).map(|it| it.at).or(refused_at),
        })
    }

    /// The first that was not there in time, at a time.
    pub fn first_overdue(&self, at: u64) -> Option<&Step> {
        self.steps.iter().find(|step| step.is_overdue(at))
    }

    /// What is owed at a time, and was due before it. Grants are owed no more once every seat has answered, however late.
    pub fn owed(&self, at: u64) -> Option<&Step> {
        let mut steps = self.steps.iter();
        let owed = steps.find(|step| step.is_overdue(at) && step.done.is_none());
        owed.filter(|step| self.ended_at.is_none() && !self.owers(step.stage).owe.is_empty())
    }

    /// Who owes a step, if it is owed.
    pub fn owers(&self, stage: Stage) -> Owers {
        let (owe, perhaps) = match stage {
            Stage::Grants => (self.undecided.clone(), BTreeSet::new()),
            Stage::Opening => (BTreeSet::from([self.reader]), self.granted.clone()),
            Stage::Finding => (BTreeSet::from([self.reader]), BTreeSet::new()),
        };
        Owers { owe, perhaps }
    }

    /// From when all its twins so far are to be published: the first Monday after what was due was not there, or 4 weeks after
    /// its end; never before the request by itself may be published. Of one that goes on there is no such time yet.
    pub fn publish_from(&self) -> u64 {
        let missed = self.first_overdue(u64::MAX).map(|step| Week::of(step.by).end());
        let closed = self.ended_at.map(|at| Week::of(at.saturating_add(CLOSED_S)).end());
        let from = missed.or(closed).map(|from| from.max(self.shown_from));
        from.unwrap_or(u64::MAX)
    }
}
