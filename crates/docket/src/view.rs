//! What each role is shown: typed, in no human language.

use protocol::ids::Day;
use protocol::slot::CaseSalt;
use protocol::statement::{AidStatus, Check, Compartment, Holds, Vote};
use protocol::{Digest, X};
use serde::Serialize;

use crate::case::{Act, Body, Case, CaseError, Refusal, RequestState, RequestStatus, Standing};
use crate::clock::{Moment, NOT_YET_S, NoMoment};
use crate::fold::{Fold, InvalidLog};
use crate::registry::Registry;
use crate::release::{NotNow, Seat, Why, may_release_at};
use crate::slots::Found;

/// The four answers that the phrase alone gives (§4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// In the log and held: acks of t_account seats recompute the commitment.
    Held {
        /// The filing.
        filed: Found,
    },
    /// In the log, statement withheld: too few seats show it. Until then it is not safe.
    Withheld {
        /// The filing.
        filed: Found,
        /// Seats whose ack recomputes the commitment.
        have: usize,
        /// t_account.
        need: usize,
    },
    /// No such entry up to that time.
    NoEntry {
        /// Checkpoint time, POSIX seconds.
        up_to: u64,
        /// Within 24 h of filing: not yet.
        not_yet: bool,
    },
    /// The log cannot be verified.
    NotVerifiable {
        /// Why.
        reason: NotVerifiable,
    },
}

/// Why the log is not verifiable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum NotVerifiable {
    /// No trusted checkpoint.
    Checkpoint,
    /// The newest one is too old.
    TooOld {
        /// Age in seconds.
        age_s: u64,
    },
    /// An entry has a form that is not allowed, or the log begins wrongly, or contradicts what was read before.
    Invalid,
    /// The log was not read as far as the checkpoint.
    NotReadToTheEnd,
    /// The testimony does not fit the council.
    Testimony,
}

/// Her inbox on one case.
#[derive(Debug, Serialize)]
pub struct Inbox<'a> {
    /// One of the four.
    pub answer: Answer,
    /// Whether acks of t_account seats are there: safe.
    pub is_safe: bool,
    /// Acks of seats that have not rejected since: seat, what it holds, since when.
    pub acks: Vec<(X, Holds, u64)>,
    /// Seats late with their ack.
    pub late_acks: Vec<X>,
    /// All acts in slot order, gaps and refused ones included.
    pub acts: Vec<&'a Act>,
    /// Requests with where they stand.
    pub requests: Vec<RequestLine<'a>>,
}

/// A request with its status.
#[derive(Debug, Serialize)]
pub struct RequestLine<'a> {
    /// All of it.
    #[serde(flatten)]
    pub state: &'a RequestState,
    /// Where it stands.
    #[serde(flatten)]
    pub status: RequestStatus,
}

/// Something that waits for a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// This seat has not acknowledged.
    Ack {
        /// By when.
        by: u64,
        /// It has passed.
        is_overdue: bool,
    },
    /// This seat has not decided.
    Decide {
        /// D(request).
        request: Digest,
        /// Who asks.
        reader: X,
        /// For what.
        compartments: Vec<Compartment>,
        /// Danger to life.
        urgent: bool,
        /// Last second.
        by: u64,
    },
    /// This seat granted and may release now.
    Release {
        /// D(request).
        request: Digest,
        /// Which.
        compartments: Vec<Compartment>,
        /// Since when.
        since: u64,
    },
    /// This seat granted and must wait, or more is missing.
    Wait {
        /// D(request).
        request: Digest,
        /// What for.
        not_now: NotNow,
    },
    /// Another seat is late with its ack (> 72 h): raise it.
    LateAck {
        /// Who.
        x: X,
    },
    /// Another seat rejected its share.
    Rejected {
        /// Who.
        x: X,
        /// Which check failed.
        check: Check,
        /// Where.
        k: u32,
    },
    /// A seat or reader broke a rule: the act stands in the log, refused, or says that something was opened which was
    /// never released.
    Breach {
        /// Where.
        k: u32,
    },
    /// A slot whose statement nobody shows.
    Gap {
        /// Where.
        k: u32,
    },
    /// Reader: t shares are there.
    Open {
        /// D(request).
        request: Digest,
        /// Which.
        compartments: Vec<Compartment>,
        /// `opened` is due by then.
        by: u64,
        /// It has passed.
        is_overdue: bool,
    },
    /// Reader: a finding is due.
    Finding {
        /// D(request).
        request: Digest,
        /// By when.
        by: u64,
        /// It has passed.
        is_overdue: bool,
    },
    /// Reader: assistance with a day by which it is due.
    Aid {
        /// D(request).
        request: Digest,
        /// The measure, by its name in the law files.
        measure: String,
        /// Who gives it.
        provider: String,
        /// Where it stands.
        status: AidStatus,
        /// By the end of which day.
        due: Day,
        /// It has passed.
        is_overdue: bool,
    },
    /// Reader: the request is undecided or waits.
    Pending {
        /// D(request).
        request: Digest,
        /// Where it stands.
        status: RequestStatus,
    },
}

/// What others owe on a case, or a time that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Running {
    /// Seats say whether they hold their share.
    Acks,
    /// Seats decide.
    Decisions,
    /// The time to object ends, and seats may release.
    Waiting,
    /// The reader opens.
    Opening,
    /// The reader reports.
    Finding,
}

impl From<InvalidLog> for NotVerifiable {
    fn from(_: InvalidLog) -> Self {
        Self::Invalid
    }
}

/// The answer to «is my testimony there?». `moment`: the newest checkpoint, checked; `read`: what reading the log gave;
/// `filed_at`: when she filed, if she remembers (POSIX seconds).
pub fn answer(
    moment: &Result<Moment, NoMoment>,
    read: Result<(), impl Into<NotVerifiable>>,
    fold: &Fold,
    salt: &CaseSalt,
    case: Result<&Case, &CaseError>,
    filed_at: Option<u64>,
) -> Answer {
    if let Err(reason) = read {
        return Answer::NotVerifiable { reason: reason.into() };
    }
    let moment = match moment {
        Ok(moment) => moment,
        Err(NoMoment::TooOld { age_s }) => {
            return Answer::NotVerifiable {
                reason: NotVerifiable::TooOld { age_s: *age_s },
            };
        }
        Err(NoMoment::NoCouncil | NoMoment::Untrusted(_)) => {
            return Answer::NotVerifiable {
                reason: NotVerifiable::Checkpoint,
            };
        }
    };
    if fold.size() < moment.size() {
        return Answer::NotVerifiable {
            reason: NotVerifiable::NotReadToTheEnd,
        };
    }
    let Some(filed) = fold.slots().find(salt, 0).filter(|filed| filed.index < moment.size()) else {
        let not_yet = filed_at.is_some_and(|filed_at| moment.time() <= filed_at.saturating_add(NOT_YET_S));
        return Answer::NoEntry {
            up_to: moment.time(),
            not_yet,
        };
    };
    match case {
        Ok(case) if case.is_safe() => Answer::Held { filed },
        Ok(case) => {
            let have = case.acks().into_keys().filter(|x| case.holds_share(*x)).count();
            Answer::Withheld {
                filed,
                have,
                need: usize::from(case.facts().account),
            }
        }
        Err(CaseError::Withheld { have, need }) => Answer::Withheld {
            filed,
            have: *have,
            need: *need,
        },
        Err(_) => Answer::NotVerifiable {
            reason: NotVerifiable::Testimony,
        },
    }
}

/// Her inbox on a case that can be followed.
pub fn inbox(answer: Answer, case: &Case, at: u64) -> Inbox<'_> {
    let acks = case
        .acks()
        .into_iter()
        .filter(|(x, _)| case.holds_share(*x))
        .map(|(x, (holds, found))| (x, holds, found.included_at));
    Inbox {
        answer,
        is_safe: case.is_safe(),
        acks: acks.collect(),
        late_acks: case.late_acks(at),
        acts: case.acts().collect(),
        requests: case
            .requests()
            .iter()
            .map(|state| RequestLine {
                state,
                status: state.status(at),
            })
            .collect(),
    }
}

/// The next term that ends on a case after `at`, whoever owes it: what to expect while nothing waits for oneself.
pub fn next_term(case: &Case, at: u64) -> Option<(u64, Running)> {
    let acks = case.acks();
    let is_silent = |x: &X| !acks.contains_key(x) && case.holds_share(*x);
    let owes_ack = case.facts().dealt.iter().any(is_silent);
    let own = owes_ack.then(|| (case.ack_by(), Running::Acks));
    let of_requests = case.requests().iter().filter_map(|state| match state.status(at) {
        RequestStatus::Deciding { until } => Some((until, Running::Decisions)),
        RequestStatus::Waiting { until } => Some((until, Running::Waiting)),
        RequestStatus::Released { opened_by, .. } => Some((opened_by, Running::Opening)),
        RequestStatus::Opened { report_by, .. } => Some((report_by, Running::Finding)),
        RequestStatus::Releasing { .. } | RequestStatus::Reported { .. } | RequestStatus::Dead { .. } => None,
    });
    let terms = own.into_iter().chain(of_requests).filter(|(ends_at, _)| *ends_at > at);
    terms.min_by_key(|(ends_at, _)| *ends_at)
}

/// What waits for a seat on one case. Empty for a seat that was not dealt to.
pub fn seat_queue(case: &Case, seat: &Seat, moment: &Moment, registry: &Registry) -> Vec<Task> {
    let (x, at) = (seat.x, moment.time());
    if !case.facts().dealt.contains(&x) {
        return Vec::new();
    }
    let mut tasks = Vec::new();
    if !case.acks().contains_key(&x) && case.holds_share(x) {
        tasks.push(Task::Ack {
            by: case.ack_by(),
            is_overdue: at > case.ack_by(),
        });
    }
    for state in case.requests() {
        tasks.extend(seat_task(case, state, seat, moment, registry));
    }
    tasks.extend(
        case.late_acks(at)
            .into_iter()
            .filter(|late| *late != x)
            .map(|x| Task::LateAck { x }),
    );
    for (act, body) in case.counting() {
        match body {
            Body::Reject(reject) if !case.holds_share(reject.x) => {
                tasks.push(Task::Rejected {
                    x: reject.x,
                    check: reject.check,
                    k: act.found.k,
                });
            }
            _ => {}
        }
    }
    let mut breaches: Vec<u32> = case
        .acts()
        .filter(|act| is_breach(act))
        .map(|act| act.found.k)
        .collect();
    breaches.extend(case.requests().iter().filter_map(opened_unreleased));
    breaches.sort_unstable();
    tasks.extend(breaches.into_iter().map(|k| Task::Breach { k }));
    tasks.extend(case.gaps().map(|act| Task::Gap { k: act.found.k }));
    tasks
}

/// What a request asks of a seat: a decision while there is time; after its grant a release, or waiting.
fn seat_task(case: &Case, state: &RequestState, seat: &Seat, moment: &Moment, registry: &Registry) -> Option<Task> {
    let (request, at) = (state.digest, moment.time());
    match state.decision_of(seat.x) {
        None if at <= state.decide_by && state.opened.is_none() && case.holds_share(seat.x) => Some(Task::Decide {
            request,
            reader: state.request.reader,
            compartments: state.request.compartments.clone(),
            urgent: state.request.urgent,
            by: state.decide_by,
        }),
        Some(decision)
            if decision.vote == Vote::Grant && state.opened.is_none() && state.release_of(seat.x).is_none() =>
        {
            match may_release_at(case, &request, seat, moment, registry) {
                Ok(compartments) => Some(Task::Release {
                    request,
                    compartments,
                    since: state.release_from.unwrap_or(at),
                }),
                Err(NotNow { why: Why::Dead, .. }) => None,
                Err(not_now) => Some(Task::Wait { request, not_now }),
            }
        }
        _ => None,
    }
}

/// An act that its author could only file by breaking a rule; the others are repetitions or came too late.
fn is_breach(act: &Act) -> bool {
    match &act.standing {
        Standing::Counts | Standing::Gap => false,
        Standing::Refused(refusal) => matches!(
            refusal,
            Refusal::Early { .. }
                | Refusal::Closed { .. }
                | Refusal::NotGranted { .. }
                | Refusal::OtherReader
                | Refusal::Barred { .. }
                | Refusal::NotTheTestimony
                | Refusal::Signature
        ),
    }
}

/// The reader says that it opened what the log does not show as released: it has shares that it should not have (§19).
fn opened_unreleased(state: &RequestState) -> Option<u32> {
    let opened = state.opened.as_ref()?;
    let mut released = state
        .compartments
        .iter()
        .filter_map(|compartment| compartment.released_at);
    let is_shown = released.any(|released_at| released_at <= opened.found.included_at);
    (!is_shown).then_some(opened.found.k)
}

/// What waits for a reader on one case.
pub fn reader_queue(case: &Case, reader: X, moment: &Moment) -> Vec<Task> {
    let at = moment.time();
    let own = case.requests().iter().filter(|state| state.request.reader == reader);
    own.flat_map(|state| reader_task(state, at).into_iter().chain(aid_tasks(state, at)))
        .collect()
}

/// What a request asks of its reader.
fn reader_task(state: &RequestState, at: u64) -> Option<Task> {
    let request = state.digest;
    match state.status(at) {
        RequestStatus::Reported { .. } => None,
        RequestStatus::Opened { report_by, .. } => Some(Task::Finding {
            request,
            by: report_by,
            is_overdue: state.finding_overdue(at),
        }),
        RequestStatus::Released { opened_by, .. } => {
            let released = state
                .compartments
                .iter()
                .filter(|compartment| compartment.released_at.is_some());
            let compartments = released.map(|compartment| compartment.name).collect();
            Some(Task::Open {
                request,
                compartments,
                by: opened_by,
                is_overdue: state.opened_overdue(at),
            })
        }
        status => Some(Task::Pending { request, status }),
    }
}

/// Assistance of a request that is still owed by a day.
fn aid_tasks(state: &RequestState, at: u64) -> impl Iterator<Item = Task> {
    state.aid().into_iter().filter_map(move |aid| {
        Some(Task::Aid {
            request: state.digest,
            measure: aid.measure.clone(),
            provider: aid.provider.clone(),
            status: aid.status,
            due: aid.due?,
            is_overdue: aid.is_overdue(at),
        })
    })
}
