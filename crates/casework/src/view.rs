//! What each role is shown: typed, in no human language.

use protocol::MemberNumber;
use protocol::slot::CaseSalt;
use protocol::statement::Holds;
use serde::Serialize;

use crate::case::{
    Act, Case, CaseError, DangerStatus, ErasureState, LapseState, RequestState, RequestStatus, Withdrawal,
};
use crate::clock::{LogTime, NOT_YET_S, NoLogTime};
use crate::fold::{Fold, InvalidLog};
use crate::slots::Found;

mod due;
mod queue;

pub use queue::{Task, first_message, first_referral, rank, reader_queue, seat_queue};

/// The four answers that the phrase alone gives (§4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum CaseAnswer {
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
    /// The newest one is ahead of this device and of the operator.
    FromFuture {
        /// Seconds.
        by_s: u64,
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
pub struct CaseInbox<'a> {
    /// One of the four.
    pub answer: CaseAnswer,
    /// Whether acks of t_account seats are there: safe.
    pub is_safe: bool,
    /// Acks of seats that have not rejected since: seat, what it holds, since when.
    pub acks: Vec<(MemberNumber, Holds, u64)>,
    /// Seats late with their ack.
    pub late_acks: Vec<MemberNumber>,
    /// All acts in the order of the log, gaps and refused ones included.
    pub acts: Vec<&'a Act>,
    /// Requests with where they stand.
    pub requests: Vec<RequestLine<'a>>,
    /// Readers that have opened, or to which t seats have released, and since when: what they read cannot be recalled.
    pub readers: Vec<(MemberNumber, u64)>,
    /// Where a lapse stands, where she chose one.
    pub lapse: Option<&'a LapseState>,
    /// Her withdrawal, if it stands, with its end.
    pub withdrawal: Option<Withdrawal>,
    /// What is destroyed.
    pub erasure: &'a ErasureState,
    /// Whether it is destroyed for good: too few parts are left.
    pub is_erased: bool,
}

/// A request with its status.
#[derive(Debug, Serialize)]
pub struct RequestLine<'a> {
    /// All of it.
    #[serde(flatten)]
    pub state: &'a RequestState,
    /// Whether it opens only with her consent: then [`Self::consent`] says what she has answered.
    pub asks_her: bool,
    /// Her answer that counts.
    pub consent: Option<bool>,
    /// Where it stands.
    #[serde(flatten)]
    pub status: RequestStatus,
}

/// What others owe on a case, or a time that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpenTerm {
    /// A seat says what was done about danger.
    Danger,
    /// Seats say whether they hold their share.
    Acks,
    /// Seats decide.
    Decisions,
    /// The time to object ends, and seats may release.
    Waiting,
    /// Seats release.
    Releases,
    /// The reader opens.
    Opening,
    /// The reader reports.
    Finding,
    /// She may take her withdrawal back; then seats erase.
    Withdrawal,
}

impl From<InvalidLog> for NotVerifiable {
    fn from(_: InvalidLog) -> Self {
        Self::Invalid
    }
}

/// The answer to «is my testimony there?». `moment`: the newest checkpoint, checked; `read`: what reading the log gave;
/// `filed_at`: when she filed, if she remembers (POSIX seconds).
pub fn answer(
    moment: &Result<LogTime, NoLogTime>,
    read: Result<(), impl Into<NotVerifiable>>,
    fold: &Fold,
    salt: &CaseSalt,
    case: Result<&Case, &CaseError>,
    filed_at: Option<u64>,
) -> CaseAnswer {
    if let Err(reason) = read {
        return CaseAnswer::NotVerifiable { reason: reason.into() };
    }
    let moment = match moment {
        Ok(moment) => moment,
        Err(NoLogTime::TooOld { age_s }) => {
            return CaseAnswer::NotVerifiable {
                reason: NotVerifiable::TooOld { age_s: *age_s },
            };
        }
        Err(NoLogTime::FromFuture { by_s }) => {
            return CaseAnswer::NotVerifiable {
                reason: NotVerifiable::FromFuture { by_s: *by_s },
            };
        }
        Err(NoLogTime::NoCouncil | NoLogTime::Untrusted(_)) => {
            return CaseAnswer::NotVerifiable {
                reason: NotVerifiable::Checkpoint,
            };
        }
    };
    if fold.size() < moment.size() {
        return CaseAnswer::NotVerifiable {
            reason: NotVerifiable::NotReadToTheEnd,
        };
    }
    let in_slot = fold.slots().in_slot(salt, 0);
    let first = in_slot.first().filter(|first| first.index < moment.size());
    let Some(filed) = case.map(Case::filed).ok().or(first.copied()) else {
        let not_yet = filed_at.is_some_and(|filed_at| moment.time() <= filed_at.saturating_add(NOT_YET_S));
        return CaseAnswer::NoEntry {
            up_to: moment.time(),
            not_yet,
        };
    };
    match case {
        Ok(case) if case.is_safe() => CaseAnswer::Held { filed },
        Ok(case) => {
            let have = case.acks().into_keys().filter(|x| case.holds_share(*x)).count();
            CaseAnswer::Withheld {
                filed,
                have,
                need: usize::from(case.facts().account),
            }
        }
        Err(CaseError::Withheld { have, need }) => CaseAnswer::Withheld {
            filed,
            have: *have,
            need: *need,
        },
        Err(_) => CaseAnswer::NotVerifiable {
            reason: NotVerifiable::Testimony,
        },
    }
}

/// Her inbox on a case that can be followed.
pub fn inbox(answer: CaseAnswer, case: &Case, at: u64) -> CaseInbox<'_> {
    let acks = case
        .acks()
        .into_iter()
        .filter(|(x, _)| case.holds_share(*x))
        .map(|(x, (holds, found))| (x, holds, found.included_at));
    CaseInbox {
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
                asks_her: case.facts().asks_her() && !state.asks_without_her(),
                consent: state.consent().map(|consent| consent.answer.yes),
                status: state.status(at),
            })
            .collect(),
        readers: case.requests().iter().filter_map(has_read).collect(),
        lapse: case.lapse(),
        withdrawal: case.erasure().withdrawal(),
        erasure: case.erasure(),
        is_erased: case.erasure().is_final(),
    }
}

/// The reader of a request that it could have opened, and since when.
fn has_read(state: &RequestState) -> Option<(MemberNumber, u64)> {
    let opened = state.opened.as_ref().map(|opened| opened.found.included_at);
    let released = state
        .compartments
        .iter()
        .filter_map(|compartment| compartment.released_at);
    let since = released.chain(opened).min()?;
    Some((state.request.reader, since))
}

/// The next term that ends on a case after `at`, whoever owes it: what to expect while nothing waits for oneself.
pub fn next_term(case: &Case, at: u64) -> Option<(u64, OpenTerm)> {
    let acks = case.acks();
    let is_silent = |x: &MemberNumber| !acks.contains_key(x) && case.holds_share(*x);
    let owes_ack = case.facts().dealt.iter().any(is_silent);
    let own = owes_ack.then(|| (case.ack_by(), OpenTerm::Acks));
    let of_requests = case.requests().iter().filter_map(|state| match state.status(at) {
        RequestStatus::Deciding { until } => Some((until, OpenTerm::Decisions)),
        RequestStatus::Waiting { until } => Some((until, OpenTerm::Waiting)),
        RequestStatus::Released { opened_by, .. } => Some((opened_by, OpenTerm::Opening)),
        RequestStatus::Opened { report_by, .. } => Some((report_by, OpenTerm::Finding)),
        RequestStatus::Releasing { until, .. } => Some((until, OpenTerm::Releases)),
        RequestStatus::Reported { .. } | RequestStatus::Lapsed { .. } | RequestStatus::Dead { .. } => None,
    });
    let withdrawal = case.erasure().withdrawal();
    let withdrawal = withdrawal.map(|withdrawal| (withdrawal.until, OpenTerm::Withdrawal));
    let danger = match case.danger_status(at) {
        DangerStatus::Waiting { by: until, .. } | DangerStatus::Attended { until, .. } => {
            Some((until, OpenTerm::Danger))
        }
        DangerStatus::Quiet | DangerStatus::Over { .. } => None,
    };
    let terms = danger
        .into_iter()
        .chain(own)
        .chain(withdrawal)
        .chain(of_requests)
        .filter(|(ends_at, _)| *ends_at > at);
    terms.min_by_key(|(ends_at, _)| *ends_at)
}
