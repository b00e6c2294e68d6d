//! What stands of one request (§8.1, §8.3, §19).

use protocol::ids::Day;
use protocol::statement::{Aid, AidStatus, Compartment, Outcome, Reason, ReleasedFile, Request, Vote};
use protocol::{Digest, X};
use serde::Serialize;

use crate::clock::{FINDING_S, OPENED_S};
use crate::slots::Found;

/// A valid request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestState {
    /// D(request).
    pub digest: Digest,
    /// Where, and when.
    pub found: Found,
    /// What it says.
    pub request: Request,
    /// Objection time of the council in force, in seconds.
    pub objection_s: u64,
    /// The first objection that counts.
    pub objection: Option<ObjectionState>,
    /// Until when releases wait, POSIX seconds: objection time, or 14 days from the objection.
    pub waits_until: u64,
    /// Last second at which a grant may be included, moved by an objection.
    pub decide_by: u64,
    /// The first decision of each seat, in slot order.
    pub decisions: Vec<DecisionState>,
    /// Seats dealt to, n′.
    pub dealt: Vec<X>,
    /// One for each compartment asked for, ascending.
    pub compartments: Vec<CompartmentState>,
    /// From when seats may release: the waiting time is over and at least one threshold stands.
    pub release_from: Option<u64>,
    /// Valid releases, in log order.
    pub releases: Vec<ReleaseState>,
    /// The reader's word that it opened.
    pub opened: Option<OpenedState>,
    /// What was done, in slot order.
    pub findings: Vec<FindingState>,
    /// Every word on assistance, in log order. [`Self::aid`] says where each measure stands.
    pub aids: Vec<AidState>,
}

/// An objection that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectionState {
    /// The seat; `None` for her.
    pub by: Option<X>,
    /// Where, and when.
    pub found: Found,
}

/// A seat's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionState {
    /// The seat.
    pub x: X,
    /// For or against.
    pub vote: Vote,
    /// Why against.
    pub reason: Option<Reason>,
    /// Where, and when.
    pub found: Found,
}

/// One compartment of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompartmentState {
    /// Which.
    pub name: Compartment,
    /// t in `core`: how many shares open it.
    pub threshold: u8,
    /// How many grants it needs (§19).
    pub need: usize,
    /// When the last needed grant was included.
    pub stands_at: Option<u64>,
    /// Its threshold stood when releases began: it is released. Otherwise it is closed for this request, once
    /// `release_from` is known.
    pub is_open: bool,
    /// Seats that have released it, in log order.
    pub released_by: Vec<X>,
    /// When the t-th release was included.
    pub released_at: Option<u64>,
}

/// A seat's release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseState {
    /// The seat.
    pub x: X,
    /// Where, and when.
    pub found: Found,
    /// The files.
    pub files: Vec<ReleasedFile>,
}

/// The reader's `opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenedState {
    /// `opened` or `does-not-open`.
    pub outcome: Outcome,
    /// Where, and when.
    pub found: Found,
}

/// A `finding`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingState {
    /// What was done.
    pub outcome: Outcome,
    /// Where, and when.
    pub found: Found,
}

/// An `aid`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AidState {
    /// The measure, by its name in the law files.
    pub measure: String,
    /// Who gives it.
    pub provider: String,
    /// Where it stands.
    pub status: AidStatus,
    /// Day by whose end it is due.
    pub due: Option<Day>,
    /// Where, and when.
    pub found: Found,
}

impl AidState {
    pub(super) fn of(aid: Aid, found: Found) -> Self {
        Self {
            measure: aid.measure,
            provider: aid.provider,
            status: aid.status,
            due: aid.due,
            found,
        }
    }

    /// Its day is over at `at`, and it was neither delivered nor declined.
    pub fn is_overdue(&self, at: u64) -> bool {
        self.due.is_some_and(|due| at >= due.end())
    }
}

/// Where a request stands at a time of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum RequestStatus {
    /// Decisions are awaited.
    Deciding {
        /// Last second, POSIX.
        until: u64,
    },
    /// A threshold stands; the waiting time is not over.
    Waiting {
        /// From when releases are allowed.
        until: u64,
    },
    /// Seats may release; fewer than t have.
    Releasing {
        /// From when.
        since: u64,
    },
    /// t shares of a compartment are released.
    Released {
        /// The t-th release.
        since: u64,
        /// `opened` is due by then.
        opened_by: u64,
    },
    /// The reader opened it, or could not.
    Opened {
        /// When.
        since: u64,
        /// A first finding is due by then.
        report_by: u64,
    },
    /// A finding is there.
    Reported {
        /// When.
        since: u64,
    },
    /// The thresholds did not stand at `decide_by`: nothing is released for it, ever.
    Dead {
        /// The second after `decide_by`.
        since: u64,
    },
}

impl RequestState {
    /// Where it stands at `at` (checkpoint time).
    pub fn status(&self, at: u64) -> RequestStatus {
        let first_finding = self.findings.iter().map(|finding| finding.found.included_at).min();
        let released = self
            .compartments
            .iter()
            .filter_map(|compartment| compartment.released_at)
            .min();
        if let Some(since) = first_finding {
            RequestStatus::Reported { since }
        } else if let Some(opened) = &self.opened {
            let since = opened.found.included_at;
            RequestStatus::Opened {
                since,
                report_by: since.saturating_add(FINDING_S),
            }
        } else if let Some(since) = released {
            RequestStatus::Released {
                since,
                opened_by: since.saturating_add(OPENED_S),
            }
        } else if let Some(from) = self.release_from {
            if at >= from {
                RequestStatus::Releasing { since: from }
            } else {
                RequestStatus::Waiting { until: from }
            }
        } else if at > self.decide_by {
            RequestStatus::Dead {
                since: self.decide_by.saturating_add(1),
            }
        } else {
            RequestStatus::Deciding { until: self.decide_by }
        }
    }

    /// Seats whose grant counts.
    pub fn granted_by(&self) -> Vec<X> {
        self.voted(Vote::Grant)
    }

    /// Seats that refused in time.
    pub fn refused_by(&self) -> Vec<X> {
        self.voted(Vote::Refuse)
    }

    fn voted(&self, vote: Vote) -> Vec<X> {
        self.decisions
            .iter()
            .filter(|decision| decision.vote == vote)
            .map(|decision| decision.x)
            .collect()
    }

    /// The decision of a seat.
    pub fn decision_of(&self, x: X) -> Option<&DecisionState> {
        self.decisions.iter().find(|decision| decision.x == x)
    }

    /// The valid release of a seat.
    pub fn release_of(&self, x: X) -> Option<&ReleaseState> {
        self.releases.iter().find(|release| release.x == x)
    }

    /// One compartment.
    pub fn compartment(&self, name: Compartment) -> Option<&CompartmentState> {
        self.compartments.iter().find(|state| state.name == name)
    }

    /// Refusals leave too few seats for every compartment: it will be dead at `decide_by`.
    pub fn is_hopeless(&self) -> bool {
        let left = self.dealt.len().saturating_sub(self.refused_by().len());
        self.compartments.iter().all(|compartment| compartment.need > left)
    }

    /// `opened` is overdue at `at`: more than 7 days after the t-th release.
    pub fn opened_overdue(&self, at: u64) -> bool {
        matches!(self.status(at), RequestStatus::Released { opened_by, .. } if at > opened_by)
    }

    /// The first finding is overdue at `at`: more than 30 days after `opened`.
    pub fn finding_overdue(&self, at: u64) -> bool {
        matches!(self.status(at), RequestStatus::Opened { report_by, .. } if at > report_by)
    }

    /// Where each measure of each provider stands: the newest word on it, in the order of the first.
    pub fn aid(&self) -> Vec<&AidState> {
        let mut newest: Vec<&AidState> = Vec::new();
        for aid in &self.aids {
            let same = |known: &&mut &AidState| known.measure == aid.measure && known.provider == aid.provider;
            match newest.iter_mut().find(same) {
                Some(known) => *known = aid,
                None => newest.push(aid),
            }
        }
        newest
    }

    /// Seats dealt to that had not decided by `decide_by`, once it has passed.
    pub fn decisions_overdue(&self, at: u64) -> Vec<X> {
        if at <= self.decide_by {
            return Vec::new();
        }
        self.dealt
            .iter()
            .copied()
            .filter(|x| self.decision_of(*x).is_none())
            .collect()
    }
}
