//! What each role is shown: typed, in no human language.

use protocol::statement::{Check, Compartment, Holds, Vote};
use protocol::{Digest, X};
use serde::Serialize;

use crate::case::{Act, Case, CaseError, RequestState, RequestStatus};
use crate::clock::{Moment, NoMoment};
use crate::fold::{Fold, InvalidLog};
use crate::registry::Registry;
use crate::release::{NotNow, Seat};
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
    /// In the log, statement withheld: too few seats have acknowledged yet, or none shows it.
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
    /// Acks: seat, what it holds, since when.
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
        /// By when.
        by: u64,
        /// It has passed.
        is_overdue: bool,
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
    },
    /// A seat or reader broke a rule: the act stands in the log, refused.
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
    /// Reader: the request is undecided or waits.
    Pending {
        /// D(request).
        request: Digest,
        /// Where it stands.
        status: RequestStatus,
    },
}

/// The answer to «is my testimony there?». `moment`: the newest checkpoint, checked; `read`: what reading the log gave;
/// `filed_at`: when she filed, if she remembers (POSIX seconds).
pub fn answer(
    _moment: &Result<Moment, NoMoment>,
    _read: Result<(), InvalidLog>,
    _fold: &Fold,
    _salt: &protocol::slot::CaseSalt,
    _case: Result<&Case, &CaseError>,
    _filed_at: Option<u64>,
) -> Answer {
    todo!()
}

/// Her inbox on a case that can be followed.
pub fn inbox<'a>(_answer: Answer, _case: &'a Case, _at: u64) -> Inbox<'a> {
    todo!()
}

/// What waits for a seat on one case.
pub fn seat_queue(_case: &Case, _seat: &Seat, _moment: &Moment, _registry: &Registry) -> Vec<Task> {
    todo!()
}

/// What waits for a reader on one case.
pub fn reader_queue(_case: &Case, _reader: X, _moment: &Moment) -> Vec<Task> {
    todo!()
}

#[expect(unused, reason = "used by the bodies")]
type Used = Vote;
