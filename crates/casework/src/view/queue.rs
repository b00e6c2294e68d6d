//! What waits for a key, case by case.

use protocol::ids::Day;
use protocol::statement::{AidStatus, Check, Compartment, WithdrawChoice};
use protocol::{Digest, MemberNumber};
use serde::Serialize;

use crate::case::{Act, ActRefusal, Body, Case, DeedState, RequestState, RequestStatus, Standing, Withdrawal};
use crate::clock::{LogTime, MESSAGE_S};
use crate::open::is_closed;
use crate::registry::Registry;
use crate::release::{NotNow, ReleasingSeat, Why, lapsed, may_release_at};

mod danger;
mod refer;

use danger::danger;
pub use danger::rank;
pub use refer::first_referral;

/// Gaps that are shown one by one.
const GAPS_MAX: usize = 3;

/// Something that waits for a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// Somebody is in danger, and a seat has to say what was done.
    Danger {
        /// By when.
        by: u64,
        /// It has passed.
        is_overdue: bool,
        /// Seats that say that it stands, whatever another seat said.
        contradicted_by: Vec<MemberNumber>,
    },
    /// Another seat says what it did about danger: ask it, and contradict where it did not.
    Attended {
        /// Which, and what.
        #[serde(flatten)]
        done: DeedState,
    },
    /// This seat has not acknowledged.
    Ack {
        /// By when.
        by: u64,
        /// It has passed.
        is_overdue: bool,
    },
    /// No reader knows of the case, and enough seats hold their part: this seat may tell one.
    Refer {
        /// Those that it may tell.
        readers: Vec<MemberNumber>,
    },
    /// This seat has not decided.
    Decide {
        /// D(request).
        request: Digest,
        /// Who asks.
        reader: MemberNumber,
        /// For what.
        compartments: Vec<Compartment>,
        /// Danger to life.
        urgent: bool,
        /// Her answer that counts, where she was asked and has answered.
        consent: Option<bool>,
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
        x: MemberNumber,
    },
    /// Another seat rejected its share.
    Rejected {
        /// Who.
        x: MemberNumber,
        /// Which check failed.
        check: Check,
        /// Index of its statement.
        index: u64,
    },
    /// A seat or reader broke a rule: the act stands in the log, refused, or says that something was opened which was
    /// never released.
    Breach {
        /// Index of the act.
        index: u64,
    },
    /// A release does not name an objection, or what she said against it, that stands before it: the seat says that it was
    /// not shown it.
    Omitted {
        /// Index of the release.
        index: u64,
        /// The seat.
        x: MemberNumber,
        /// Index of the objection, or of what she said.
        objection: u64,
    },
    /// She withdraws, and may take it back until then: nothing is to be done yet.
    Withdrawn {
        /// Since when.
        since: u64,
        /// From when seats erase.
        until: u64,
        /// She chose that a custodian meets her first.
        in_person: bool,
    },
    /// This seat destroys what it holds, and says so.
    Erase {
        /// Since when.
        since: u64,
        /// She withdrew it; otherwise t_account seats declined it.
        is_withdrawn: bool,
    },
    /// A seat says that it has destroyed its part, and nothing that is shown allowed it.
    Unfounded {
        /// Index of its statement.
        index: u64,
        /// The seat.
        x: MemberNumber,
        /// Index of the statement by which she had taken her withdrawal back: the seat says that it was not shown it.
        taken_back: Option<u64>,
    },
    /// She has been silent as long as she chose: somebody looks for her, and says so.
    Inquire {
        /// Since when.
        since: u64,
    },
    /// She was looked for: this seat may decide that her testimony lapses.
    Lapse {
        /// Since when.
        since: u64,
        /// Seats that have decided.
        decided: usize,
        /// t_lapse.
        need: usize,
    },
    /// This seat has not written to her yet.
    Message {
        /// By when.
        by: u64,
        /// It has passed.
        is_overdue: bool,
    },
    /// An act whose statement nobody shows.
    Gap {
        /// Its index.
        index: u64,
    },
    /// More such acts than are worth a line each.
    Gaps {
        /// How many.
        count: usize,
        /// Index of the first.
        first: u64,
        /// Index of the last.
        last: u64,
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

/// What waits for a seat on one case, danger first. Empty for a seat that was not dealt to.
pub fn seat_queue(case: &Case, seat: &ReleasingSeat, moment: &LogTime, registry: &Registry) -> Vec<Task> {
    let (x, at) = (seat.x, moment.time());
    if !case.facts().dealt.contains(&x) {
        return Vec::new();
    }
    let mut tasks: Vec<Task> = danger(case, x, at).into_iter().collect();
    if !case.acks().contains_key(&x) && case.holds_share(x) {
        tasks.push(Task::Ack {
            by: case.ack_by(),
            is_overdue: at > case.ack_by(),
        });
    }
    tasks.extend(endings(case, x, at));
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
                    index: act.found.index,
                });
            }
            _ => {}
        }
    }
    let mut breaches: Vec<u64> = case
        .acts()
        .filter(|act| is_breach(act))
        .map(|act| act.found.index)
        .collect();
    breaches.extend(case.requests().iter().filter_map(opened_unreleased));
    breaches.sort_unstable();
    tasks.extend(breaches.into_iter().map(|index| Task::Breach { index }));
    tasks.extend(case.requests().iter().flat_map(omissions));
    tasks.extend(unfounded(case));
    tasks.extend(gaps(case));
    tasks
}

/// What withdrawal, declining and lapse ask of a seat.
fn endings(case: &Case, x: MemberNumber, at: u64) -> Vec<Task> {
    let (erasure, mut tasks) = (case.erasure(), Vec::new());
    let withdrawal = erasure.withdrawal();
    if let Some(erased) = erasure.erased_by(x) {
        // A seat that still follows the case was cut off between saying so and destroying all of it.
        return vec![Task::Erase {
            since: erased.found.included_at,
            is_withdrawn: withdrawal.is_some(),
        }];
    }
    match (erasure.erase_from(), withdrawal) {
        (Some(since), _) if at >= since => {
            let is_withdrawn = withdrawal.is_some_and(|withdrawal| withdrawal.until == since);
            tasks.push(Task::Erase { since, is_withdrawn });
            return tasks;
        }
        (_, Some(Withdrawal { since, until })) => tasks.push(Task::Withdrawn {
            since,
            until,
            in_person: case.facts().policy.withdraw == WithdrawChoice::InPerson,
        }),
        _ => {}
    }
    let Some(lapse) = case.lapse().filter(|_| case.holds_share(x)) else {
        return tasks;
    };
    let has_decided = lapse.decided.iter().any(|(seat, _)| *seat == x);
    match lapse.decide_from() {
        None if at >= lapse.inquiry_from => tasks.push(Task::Inquire {
            since: lapse.inquiry_from,
        }),
        Some(since) if at >= since && !has_decided && lapse.decided.len() < lapse.need => tasks.push(Task::Lapse {
            since,
            decided: lapse.decided.len(),
            need: lapse.need,
        }),
        _ => {}
    }
    tasks
}

/// The first message of a seat to her, from half of its time on. It is no act: whoever knows that this seat has written
/// leaves it out (§9.4).
pub fn first_message(case: &Case, at: u64) -> Option<Task> {
    let filed_at = case.filed().included_at;
    let by = filed_at.saturating_add(MESSAGE_S);
    let is_overdue = at > by;
    (at >= filed_at.saturating_add(MESSAGE_S / 2)).then_some(Task::Message { by, is_overdue })
}

/// Seats that say that they have destroyed their part although nothing allowed it, or against her later word.
fn unfounded(case: &Case) -> impl Iterator<Item = Task> {
    let first_gap = case.gaps().map(|act| act.found.index).min().unwrap_or(u64::MAX);
    let erased = case.erasure().erased.iter();
    // What it relied on may be a gap to this reader: then nobody is blamed.
    let blamed = erased
        .filter(move |erased| erased.taken_back.is_some() || (!erased.is_founded && erased.found.index < first_gap));
    blamed.map(|erased| Task::Unfounded {
        index: erased.found.index,
        x: erased.x,
        taken_back: erased.taken_back,
    })
}

/// Releases that do not name an objection which stands before them.
fn omissions(state: &RequestState) -> impl Iterator<Item = Task> {
    state.releases.iter().flat_map(|release| {
        let (index, x) = (release.found.index, release.x);
        let omits = release.omits.iter();
        omits.map(move |objection| Task::Omitted {
            index,
            x,
            objection: *objection,
        })
    })
}

/// Gaps one by one, or together when there are many: whoever has `case_salt` can make any number.
fn gaps(case: &Case) -> Vec<Task> {
    let gaps: Vec<u64> = case.gaps().map(|act| act.found.index).collect();
    match gaps.as_slice() {
        [first, .., last] if gaps.len() > GAPS_MAX => vec![Task::Gaps {
            count: gaps.len(),
            first: *first,
            last: *last,
        }],
        few => few.iter().map(|index| Task::Gap { index: *index }).collect(),
    }
}

/// What a request asks of a seat: a decision while there is time; after its grant a release, or waiting.
fn seat_task(
    case: &Case,
    state: &RequestState,
    seat: &ReleasingSeat,
    moment: &LogTime,
    registry: &Registry,
) -> Option<Task> {
    let (request, at) = (state.digest, moment.time());
    match state.decision_of(seat.x) {
        None if may_decide(case, state, seat.x, moment) => Some(Task::Decide {
            request,
            reader: state.request.reader,
            compartments: state.request.compartments.clone(),
            urgent: state.request.urgent,
            consent: state.consent().map(|consent| consent.answer.yes),
            by: state.grants_until(),
        }),
        Some(decision)
            if !decision.grants.is_empty() && state.opened.is_none() && state.release_of(seat.x).is_none() =>
        {
            match may_release_at(case, &request, seat, moment, registry) {
                Ok(allowed) => Some(Task::Release {
                    request,
                    compartments: allowed.compartments,
                    since: state.release_from.unwrap_or(at),
                }),
                Err(NotNow {
                    why: Why::Dead | Why::Lapsed | Why::TooLate | Why::Erased,
                    ..
                }) => None,
                // What it granted may stand yet; once others have released without enough grants for it, it waits no more.
                Err(NotNow {
                    why: Why::NotGranted, ..
                }) if decision.grants.iter().all(|name| is_closed(case, &request, *name, at)) => None,
                Err(not_now) => Some(Task::Wait { request, not_now }),
            }
        }
        _ => None,
    }
}

/// A decision of this seat would count, and is of use.
fn may_decide(case: &Case, state: &RequestState, x: MemberNumber, moment: &LogTime) -> bool {
    let is_open = state.opened.is_none() && state.shares_recipient_with.is_none() && !case.erasure().is_final();
    let is_lapsed = !state.asks_without_her() || lapsed(case, moment.size()).is_ok();
    is_open && is_lapsed && moment.time() <= state.grants_until() && case.holds_share(x)
}

/// An act that its author could only file by breaking a rule; the others are repetitions or came too late.
fn is_breach(act: &Act) -> bool {
    match &act.standing {
        Standing::Counts | Standing::Gap | Standing::Undecided(_) => false,
        Standing::Refused(refusal) => matches!(
            refusal,
            ActRefusal::Early { .. }
                | ActRefusal::TooFewGrants { .. }
                | ActRefusal::Reliance { .. }
                | ActRefusal::NotAsked { .. }
                | ActRefusal::NotGranted { .. }
                | ActRefusal::Answers { .. }
                | ActRefusal::NoConsent { .. }
                | ActRefusal::OtherReader
                | ActRefusal::Barred { .. }
                | ActRefusal::NotTheTestimony
                | ActRefusal::Signature
        ),
    }
}

/// The reader says that it opened what the log does not show as released: it has shares that it should not have (§19).
fn opened_unreleased(state: &RequestState) -> Option<u64> {
    let opened = state.opened.as_ref()?;
    let mut released = state
        .compartments
        .iter()
        .filter_map(|compartment| compartment.released_at);
    let is_shown = released.any(|released_at| released_at <= opened.found.included_at);
    (!is_shown).then_some(opened.found.index)
}

/// What waits for a reader on one case.
pub fn reader_queue(case: &Case, reader: MemberNumber, moment: &LogTime) -> Vec<Task> {
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
