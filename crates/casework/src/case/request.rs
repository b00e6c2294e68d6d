//! What stands of one request (§8.1, §8.3, §19).

use std::collections::{BTreeMap, BTreeSet};

use protocol::ids::Day;
use protocol::statement::{
    Aid, AidStatus, Compartment, Decision, DocketId, OpeningOutcome, Reason, ReleasedFile, Request,
};
use protocol::{Digest, MemberNumber};
use serde::Serialize;

use super::facts::Facts;
use super::hers::{ConsentState, newest};
use super::weigh::{Grant, Weighed};
use crate::clock::{ENDS_S, FINDING_S, OPENED_S, RELEASE_MARGIN_S};
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
    /// Its docket, where it has a twin.
    pub docket: Option<DocketId>,
    /// Objection time of the council that the testimony was sealed to, in seconds.
    pub objection_s: u64,
    /// Last second at which an objection may be included.
    pub object_by: u64,
    /// Last second at which a release may be included: fixed, whatever is shown later.
    pub ends_at: u64,
    /// Index of an earlier request with the same recipient: nobody grants this one (§8.1).
    pub shares_recipient_with: Option<u64>,
    /// Objections that count, in log order.
    pub objections: Vec<ObjectionState>,
    /// Her answers before the release, in log order. [`Self::consent`] is the one that counts.
    pub consents: Vec<ConsentState>,
    /// Until when releases wait, POSIX seconds; `None` before the t_account-th grant.
    pub waits_until: Option<u64>,
    /// The first decision of each seat, in log order.
    pub decisions: Vec<DecisionState>,
    /// Seats dealt to, n′.
    pub dealt: Vec<MemberNumber>,
    /// One for each compartment asked for, ascending.
    pub compartments: Vec<CompartmentState>,
    /// From when seats may release: the waiting time is over and at least one threshold stands.
    pub release_from: Option<u64>,
    /// Valid releases, in log order.
    pub releases: Vec<ReleaseState>,
    /// The reader's word that it opened.
    pub opened: Option<OpenedState>,
    /// What was done, in log order.
    pub findings: Vec<FindingState>,
    /// Every word on assistance, in log order. [`Self::aid`] says where each measure stands.
    pub aids: Vec<AidState>,
}

/// An objection that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectionState {
    /// The seat; `None` for her.
    pub by: Option<MemberNumber>,
    /// Where, and when.
    pub found: Found,
}

/// A seat's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionState {
    /// The seat.
    pub x: MemberNumber,
    /// What it grants, ascending, of account and identity.
    pub grants: Vec<Compartment>,
    /// What it refuses, likewise.
    pub refuses: Vec<Compartment>,
    /// Why it refuses.
    pub reason: Option<Reason>,
    /// Where, and when.
    pub found: Found,
}

impl DecisionState {
    pub(super) fn of(decision: &Decision, found: Found) -> Self {
        Self {
            x: decision.x,
            grants: decision.grants.clone(),
            refuses: decision.refuses.clone(),
            reason: decision.reason,
            found,
        }
    }
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
    /// Seats that have released it, in log order.
    pub released_by: Vec<MemberNumber>,
    /// When the t-th release was included.
    pub released_at: Option<u64>,
}

/// A seat's release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseState {
    /// The seat.
    pub x: MemberNumber,
    /// Where, and when.
    pub found: Found,
    /// The files.
    pub files: Vec<ReleasedFile>,
    /// Index of objections, and of what she said against it, that stand before it and that it does not name: the seat says
    /// that it was not shown them.
    pub omits: Vec<u64>,
}

/// The reader's `opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenedState {
    /// `opened` or `does-not-open`.
    pub outcome: OpeningOutcome,
    /// Where, and when.
    pub found: Found,
}

/// A `finding`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingState {
    /// What was done.
    pub outcome: OpeningOutcome,
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
        /// Last second at which a seat's software releases.
        until: u64,
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
    /// No threshold stood in time. Nothing can be decided any more; only an act that the log had in time and that is
    /// shown late could count.
    Lapsed {
        /// The second after the last one for a grant.
        since: u64,
        /// Last second before it is dead.
        ends_at: u64,
    },
    /// It has ended: no act on it counts that is included after this, whatever is shown.
    Dead {
        /// The second after `ends_at`.
        since: u64,
    },
}

impl RequestState {
    /// Before any act on it.
    pub(super) fn new(
        facts: &Facts,
        request: &Request,
        digest: Digest,
        found: Found,
        shares_recipient_with: Option<u64>,
    ) -> Self {
        let objection_s = facts.objection_time(request.urgent);
        let object_by = request.decide_by.saturating_add(objection_s);
        let compartments = request.compartments.iter().map(|name| CompartmentState {
            name: *name,
            threshold: facts.threshold(*name).unwrap_or(u8::MAX),
            need: 0,
            stands_at: None,
            released_by: Vec::new(),
            released_at: None,
        });
        Self {
            digest,
            found,
            docket: None,
            objection_s,
            object_by,
            ends_at: object_by.saturating_add(ENDS_S),
            shares_recipient_with,
            objections: Vec::new(),
            consents: Vec::new(),
            waits_until: None,
            decisions: Vec::new(),
            dealt: facts.dealt.clone(),
            compartments: compartments.collect(),
            release_from: None,
            releases: Vec::new(),
            opened: None,
            findings: Vec::new(),
            aids: Vec::new(),
            request: request.clone(),
        }
    }

    /// Grants that `counts` admits, and all objections.
    pub(crate) fn weighed(&self, counts: impl Fn(&DecisionState) -> bool) -> Weighed {
        let grants = self.decisions.iter().filter(|decision| !decision.grants.is_empty());
        let grants = grants.filter(|decision| counts(decision)).map(|decision| Grant {
            found: decision.found,
            names: decision.grants.clone(),
        });
        Weighed {
            grants: grants.collect(),
            objections: self.objections.iter().map(|objection| objection.found).collect(),
        }
    }

    /// Sets what follows from all grants and objections.
    pub(super) fn weigh(&mut self, facts: &Facts) {
        let weighed = self.weighed(|_| true);
        for at in 0..self.compartments.len() {
            let name = self.compartments[at].name;
            let threshold = self.threshold(facts, name).unwrap_or(u8::MAX);
            let need = weighed.need(threshold);
            self.compartments[at].need = need;
            self.compartments[at].stands_at = weighed.stands_at(name, need);
        }
        self.waits_until = weighed.waits_until(facts.account, self.objection_s);
        let first = self
            .compartments
            .iter()
            .filter_map(|compartment| compartment.stands_at)
            .min();
        self.release_from = first.and_then(|first| Some(first.max(self.waits_until?)));
    }

    /// Grants that a compartment needs without an objection; `None` for one that is not asked for. Without her nothing opens
    /// but by t_lapse seats, so all that such a request asks for needs as many (§8.4).
    pub(crate) fn threshold(&self, facts: &Facts, name: Compartment) -> Option<u8> {
        let own = self.compartment(name)?.threshold;
        let urgent = if self.request.urgent { facts.identity } else { 0 };
        let lapsed = self
            .compartment(Compartment::Consent)
            .map_or(0, |consent| consent.threshold);
        Some(own.max(urgent).max(lapsed))
    }

    /// Whether it names compartment 3: it is opened by a lapse, and not by her consent (§8.4).
    pub fn asks_without_her(&self) -> bool {
        self.request.compartments.contains(&Compartment::Consent)
    }

    /// Her answer that counts: no answer is not yes.
    pub fn consent(&self) -> Option<&ConsentState> {
        newest(&self.consents, |consent| &consent.answer)
    }

    /// The last second at which a grant may be included: 14 days after its time, and after each objection.
    pub fn grants_until(&self) -> u64 {
        self.weighed(|_| false).grants_until(self.request.decide_by)
    }

    /// The last second at which a seat's software releases: later, the release might not be included in time.
    pub fn release_by(&self) -> u64 {
        self.ends_at.saturating_sub(RELEASE_MARGIN_S)
    }

    /// Whether t seats have released a compartment.
    pub fn is_released(&self) -> bool {
        self.compartments
            .iter()
            .any(|compartment| compartment.released_at.is_some())
    }

    /// Below `index`, the newest objection of each party: what a release names.
    pub(crate) fn newest_objections(&self, index: u64) -> Vec<u64> {
        let mut newest: BTreeMap<Option<MemberNumber>, u64> = BTreeMap::new();
        for objection in self.objections.iter().filter(|objection| objection.found.index < index) {
            newest.insert(objection.by, objection.found.index);
        }
        let newest: BTreeSet<u64> = newest.into_values().collect();
        newest.into_iter().collect()
    }

    /// Where it stands at `at` (checkpoint time).
    pub fn status(&self, at: u64) -> RequestStatus {
        let first_finding = self.findings.iter().map(|finding| finding.found.included_at).min();
        let released = self
            .compartments
            .iter()
            .filter_map(|compartment| compartment.released_at)
            .min();
        let grants_until = self.grants_until();
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
        } else if at > self.ends_at {
            RequestStatus::Dead {
                since: self.ends_at.saturating_add(1),
            }
        } else if let Some(from) = self.release_from {
            if at >= from {
                RequestStatus::Releasing {
                    since: from,
                    until: self.release_by(),
                }
            } else {
                RequestStatus::Waiting { until: from }
            }
        } else if at > grants_until {
            RequestStatus::Lapsed {
                since: grants_until.saturating_add(1),
                ends_at: self.ends_at,
            }
        } else {
            RequestStatus::Deciding { until: grants_until }
        }
    }

    /// Seats that granted something of it.
    pub fn granted_by(&self) -> Vec<MemberNumber> {
        let granted = self.decisions.iter().filter(|decision| !decision.grants.is_empty());
        granted.map(|decision| decision.x).collect()
    }

    /// Seats that refused all of it.
    pub fn refused_by(&self) -> Vec<MemberNumber> {
        let refused = self.decisions.iter().filter(|decision| decision.grants.is_empty());
        refused.map(|decision| decision.x).collect()
    }

    /// How many grants a compartment has.
    pub fn granted(&self, name: Compartment) -> usize {
        self.weighed(|_| true).granted(name)
    }

    /// Seats dealt to of which `may` holds, that have granted a compartment or could yet, as far as what they decided goes.
    /// Of P, that of what could be granted by most.
    pub(crate) fn could_grant(&self, name: Compartment, may: impl Fn(MemberNumber) -> bool) -> usize {
        let could = |name: Compartment| {
            let dealt = self.dealt.iter().filter(|x| match self.decision_of(**x) {
                Some(decision) => decision.grants.contains(&name),
                None => may(**x),
            });
            dealt.count()
        };
        match name {
            Compartment::Consent => {
                let others = self.compartments.iter().map(|compartment| compartment.name);
                let others = others.filter(|other| *other != name);
                others.map(could).max().unwrap_or(0)
            }
            name => could(name),
        }
    }

    /// The decision of a seat.
    pub fn decision_of(&self, x: MemberNumber) -> Option<&DecisionState> {
        self.decisions.iter().find(|decision| decision.x == x)
    }

    /// The valid release of a seat.
    pub fn release_of(&self, x: MemberNumber) -> Option<&ReleaseState> {
        self.releases.iter().find(|release| release.x == x)
    }

    /// One compartment.
    pub fn compartment(&self, name: Compartment) -> Option<&CompartmentState> {
        self.compartments.iter().find(|state| state.name == name)
    }

    /// Refusals leave too few seats for every compartment: it will lapse.
    pub fn is_hopeless(&self) -> bool {
        self.compartments
            .iter()
            .all(|compartment| compartment.need > self.could_grant(compartment.name, |_| true))
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

    /// Seats dealt to that had not decided in time, once it has passed.
    pub fn decisions_overdue(&self, at: u64) -> Vec<MemberNumber> {
        if at <= self.grants_until() {
            return Vec::new();
        }
        self.dealt
            .iter()
            .copied()
            .filter(|x| self.decision_of(*x).is_none())
            .collect()
    }
}
