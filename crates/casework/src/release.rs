//! May this custodian release now? The lines of §8.5, in order; the first that fails is the answer.

use protocol::ids::PublicKey;
use protocol::statement::Compartment;
use protocol::{Digest, MemberNumber};
use serde::Serialize;

use crate::case::{ActRefusal, Case, DecisionState, RequestState, Standing};
use crate::clock::{HOUR_S, Latest, LogTime, NoLogTime, SKEW_S};
use crate::registry::{CouncilRecord, Registry};

/// Who asks: a seat and the key that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasingSeat {
    /// Its number.
    pub x: MemberNumber,
    /// The public half of its signing key.
    pub key: PublicKey,
}

/// A release that is allowed: what it may hold, and on which acts it relies (§19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// Compartments, ascending.
    pub compartments: Vec<Compartment>,
    /// Index of each grant that counts, ascending.
    pub grants: Vec<u64>,
    /// Index of the newest objection of each party, ascending.
    pub objections: Vec<u64>,
    /// Index of each act by which she need not be waited for: her consent, or the acts of a lapse (line 7).
    pub consent: Vec<u64>,
}

/// Not now, or never.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{why}")]
pub struct NotNow {
    /// Line of §8.5, for a release; `None` for other acts.
    pub line: Option<u8>,
    /// Which rule.
    pub why: Why,
    /// From when it will be allowed (POSIX seconds of the log's time), if waiting alone is missing.
    pub from: Option<u64>,
}

/// Why an act is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Why {
    /// The newest checkpoint does not satisfy the policy.
    #[error("the newest checkpoint does not satisfy the council's policy")]
    Untrusted,
    /// The newest checkpoint is too old.
    #[error("the newest checkpoint is {} hours old; 26 are allowed", .age_s.div_ceil(HOUR_S))]
    CheckpointTooOld {
        /// Age in seconds.
        age_s: u64,
    },
    /// The newest checkpoint is ahead of this device and of the operator.
    #[error("the newest checkpoint is dated {by_s} s ahead of this device and of the service")]
    CheckpointFromFuture {
        /// Seconds.
        by_s: u64,
    },
    /// The log was not read as far as the checkpoint: an objection might be missed.
    #[error("the log was read to entry {read_to}, the checkpoint has {size}")]
    NotReadToTheEnd {
        /// Entries read.
        read_to: u64,
        /// Entries in the checkpoint.
        size: u64,
    },
    /// No council counts.
    #[error("the log shows no valid council")]
    NoCouncil,
    /// Filings to the newest council are no longer accepted.
    #[error("the council's keys ended; a new council is due")]
    CouncilExpired,
    /// Not of the current council.
    #[error("{x} is not of the current council")]
    NotOfCouncil {
        /// Who.
        x: MemberNumber,
    },
    /// The council lists another key for this seat.
    #[error("the council lists another key for seat {x}")]
    OtherKey {
        /// Who.
        x: MemberNumber,
    },
    /// Dealt nothing, or rejected it.
    #[error("seat {x} holds no share of this testimony")]
    HoldsNoShare {
        /// Who.
        x: MemberNumber,
    },
    /// The reader is of an institution or controller left out.
    #[error("reader {x} is barred from this testimony")]
    Barred {
        /// Who.
        x: MemberNumber,
    },
    /// No valid request of that digest is in the checkpoint.
    #[error("no valid request of that digest is in the newest checkpoint")]
    NoRequest,
    /// The request breaks a rule of its own.
    #[error("the request would not count: {reason}")]
    BadRequest {
        /// Which rule.
        reason: crate::case::ActRefusal,
    },
    /// The newest checkpoint does not commit to the request's twin.
    #[error("nothing in the newest checkpoint commits to the request's twin")]
    NoTwin,
    /// This seat, or so many that too few parts are left, have erased the testimony.
    #[error("the testimony is erased")]
    Erased,
    /// Her consent is part of the key, and she has not answered.
    #[error("she has not answered, and it opens only with her consent")]
    NoAnswer,
    /// She does not consent, or has taken her consent back.
    #[error("she does not consent, in entry {index}")]
    ConsentRefused {
        /// Her answer.
        index: u64,
    },
    /// The request asks for what opens it without her, and no lapse stands.
    #[error("no lapse stands: {decided} of {need} seats have decided since the last that she said")]
    NotLapsed {
        /// Seats that have decided.
        decided: usize,
        /// t_lapse.
        need: usize,
    },
    /// She did not make her consent part of the key.
    #[error("this testimony is opened without her consent")]
    ConsentNotAsked,
    /// She chose that nobody ever withdraws it.
    #[error("she chose that this testimony is never withdrawn")]
    NeverWithdrawn,
    /// A statement of hers that would not count beside the one in that entry.
    #[error("what she said in entry {index} counts before it")]
    Overtaken {
        /// That one.
        index: u64,
    },
    /// So many statements of hers on this case were filed of late that the next waits.
    #[error("{max} statements of hers were filed on this case in the last 7 days")]
    TooManyOfHers {
        /// How many are filed in 7 days.
        max: usize,
    },
    /// She chose no lapse.
    #[error("this testimony does not lapse")]
    NoLapse,
    /// The time for this step has not come.
    #[error("the time for it has not come")]
    TooEarly,
    /// No inquiry since the last that she said.
    #[error("no inquiry is in the log since the last that she said")]
    NoInquiry,
    /// Nothing allows to erase it: no withdrawal stands, and too few seats have declined it.
    #[error("no withdrawal stands, and too few seats have declined it")]
    NothingToErase,
    /// Neither the share file nor an acknowledgement says that somebody is in danger.
    #[error("nobody says that somebody is in danger")]
    NoDanger,
    /// No withdrawal stands that she could take back.
    #[error("no withdrawal stands; one that was sent stands when the log shows it")]
    NotWithdrawn,
    /// Too few grants.
    #[error("{have} of {need} seats have granted")]
    TooFewGrants {
        /// Grants that count.
        have: usize,
        /// Grants needed.
        need: usize,
        /// Last second for more.
        until: u64,
    },
    /// Too few grants in time.
    #[error("too few had granted the request in time")]
    Lapsed,
    /// The request has ended.
    #[error("the request has ended")]
    Dead,
    /// The last moment for a release has passed: it might not be included before the request ends.
    #[error("the time to release has passed")]
    TooLate,
    /// The objection time is not over.
    #[error("the objection time is not over")]
    ObjectionTime,
    /// An objection makes the request wait.
    #[error("an objection makes the request wait 14 days")]
    Objected,
    /// Since this seat's own acts the log's time has run ahead of this device's clock: the clock was changed, or operator
    /// and cosigners date the log ahead.
    #[error("since this seat's own acts the log's time has run {by_s} s ahead of this device's clock")]
    LogRanAhead {
        /// Seconds, beyond the time that the log took to include these acts.
        by_s: u64,
    },
    /// The log's time is ahead of this device's clock, by which the objection time since this seat's grant is not over.
    #[error(
        "by this device's clock, which the log's time is {by_s} s ahead of, the objection time since this seat's grant is not over"
    )]
    DeviceWaits {
        /// Seconds.
        by_s: u64,
        /// From when it is over, POSIX seconds of this device's clock.
        until: u64,
    },
    /// This seat granted nothing of what enough seats have granted.
    #[error("this seat has not granted what may be released")]
    NotGranted,
    /// This seat has released already, or the same act is there already.
    #[error("it is done already, in entry {index}")]
    Done {
        /// Where.
        index: u64,
    },
    /// t seats have released: too late for an objection.
    #[error("it is released")]
    Released,
    /// The time to decide has passed.
    #[error("the time to decide has passed")]
    AfterDecideBy,
    /// The time to object has passed.
    #[error("the time to object has passed")]
    AfterObjectBy,
    /// An earlier request has the same recipient.
    #[error("the request has the recipient of an earlier one, in entry {index}")]
    RecipientUsed {
        /// The earlier one.
        index: u64,
    },
    /// Not the reader who asked.
    #[error("another reader asked")]
    OtherReader,
    /// A finding before any opening.
    #[error("nothing was opened")]
    NotOpened,
    /// Not enough is released.
    #[error("{have} of {need} seats have released")]
    TooFewReleases {
        /// Releases.
        have: usize,
        /// t.
        need: usize,
    },
}

impl NotNow {
    fn line(line: u8, why: Why) -> Self {
        Self {
            line: Some(line),
            why,
            from: None,
        }
    }

    /// A refusal outside these lines.
    pub(crate) fn because(why: Why) -> Self {
        Self {
            line: None,
            why,
            from: None,
        }
    }
}

/// All lines. Gives what this seat may then put into its one `release` (§19).
///
/// # Errors
/// [`NotNow`] with the first line that fails.
pub fn may_release(
    case: &Case,
    request: &Digest,
    seat: &ReleasingSeat,
    latest: &Latest<'_>,
    registry: &Registry,
) -> Result<Allowed, NotNow> {
    let moment = latest.check(registry).map_err(|error| {
        NotNow::line(
            1,
            match error {
                NoLogTime::NoCouncil => Why::NoCouncil,
                NoLogTime::Untrusted(_) => Why::Untrusted,
                NoLogTime::TooOld { age_s } => Why::CheckpointTooOld { age_s },
                NoLogTime::FromFuture { by_s } => Why::CheckpointFromFuture { by_s },
            },
        )
    })?;
    may_release_at(case, request, seat, &moment, registry)
}

/// Lines 2 to 11, where line 1 holds already but for how far this device has read.
///
/// # Errors
/// [`NotNow`] with the first line that fails.
pub fn may_release_at(
    case: &Case,
    request: &Digest,
    seat: &ReleasingSeat,
    moment: &LogTime,
    registry: &Registry,
) -> Result<Allowed, NotNow> {
    if case.read_to() < moment.size() {
        return Err(NotNow::line(
            1,
            Why::NotReadToTheEnd {
                read_to: case.read_to(),
                size: moment.size(),
            },
        ));
    }
    let council = registry.current().ok_or(NotNow::line(2, Why::NoCouncil))?;
    let member = council
        .seat(seat.x)
        .ok_or(NotNow::line(2, Why::NotOfCouncil { x: seat.x }))?;
    if member.key != seat.key {
        return Err(NotNow::line(2, Why::OtherKey { x: seat.x }));
    }
    let state = lines_3_and_4(case, request, moment, council, registry)?;
    // Under `counts-only` there is no twin to look for.
    if !case.stands_within(&state.found, moment.size()) {
        return Err(NotNow::line(5, Why::NoTwin));
    }
    let erasure = case.erasure();
    if erasure.is_final() || erasure.erased_by(seat.x).is_some() {
        return Err(NotNow::line(6, Why::Erased));
    }
    let consent = line_7(case, state, moment.size()).map_err(|why| NotNow::line(7, why))?;
    let mut allowed = lines_8_and_9(case, state, moment, council)?;
    allowed.consent = consent;
    let grant = state.decision_of(seat.x).ok_or(NotNow::line(10, Why::NotGranted))?;
    // P goes with what this seat granted, and never alone (§8.4).
    let own = |name: &Compartment| *name == Compartment::Consent || grant.grants.contains(name);
    allowed.compartments.retain(own);
    if allowed.compartments.iter().all(|name| *name == Compartment::Consent) {
        return Err(NotNow::line(10, Why::NotGranted));
    }
    if let Some(device) = moment.slow_device() {
        own_count(case, state, grant, moment.time(), device).map_err(|why| NotNow::line(11, why))?;
    }
    match state.release_of(seat.x) {
        Some(release) => Err(NotNow::because(Why::Done {
            index: release.found.index,
        })),
        None => Ok(allowed),
    }
}

/// Line 11: what this device counts for itself where the log's time is ahead of its clock. The seat's own acts tell how far
/// ahead it was when they were written, and how long ago its grant was.
fn own_count(case: &Case, state: &RequestState, grant: &DecisionState, at: u64, device: u64) -> Result<(), Why> {
    let written = || case.written_by(grant.x);
    let by_own_acts = written().map(|(found, time)| device.saturating_add(found.included_at).saturating_sub(time));
    let log_time = by_own_acts.min().unwrap_or(device);
    if let Some(by_s) = at.checked_sub(log_time).filter(|by_s| *by_s > SKEW_S) {
        return Err(Why::LogRanAhead { by_s });
    }
    let granted = written().find(|(found, _)| *found == grant.found);
    let until = granted.map_or(u64::MAX, |(_, time)| time.saturating_add(state.objection_s));
    let by_s = at.saturating_sub(device);
    if device < until {
        Err(Why::DeviceWaits { by_s, until })
    } else {
        Ok(())
    }
}

/// The reader is of the current council and not barred; the request stands in the checkpoint.
fn lines_3_and_4<'a>(
    case: &'a Case,
    request: &Digest,
    moment: &LogTime,
    council: &CouncilRecord,
    registry: &Registry,
) -> Result<&'a RequestState, NotNow> {
    let Some(state) = case.request(request) else {
        return Err(no_request(case, request));
    };
    let x = state.request.reader;
    let reader = council.reader(x).ok_or(NotNow::line(3, Why::NotOfCouncil { x }))?;
    if case.facts().is_barred(reader, registry) {
        return Err(NotNow::line(3, Why::Barred { x }));
    }
    if state.found.index >= moment.size() {
        return Err(NotNow::line(4, Why::NoRequest));
    }
    Ok(state)
}

/// Why there is no valid request of that digest: the reader's fault is line 3, all else line 4.
fn no_request(case: &Case, request: &Digest) -> NotNow {
    let act = case.acts().find(|act| act.statement == Some(*request));
    match act.map(|act| &act.standing) {
        Some(Standing::Refused(ActRefusal::Barred { x })) => NotNow::line(3, Why::Barred { x: *x }),
        Some(Standing::Refused(ActRefusal::NotOfCouncil { x })) => NotNow::line(3, Why::NotOfCouncil { x: *x }),
        Some(Standing::Refused(ActRefusal::TwinNotLogged)) => NotNow::line(5, Why::NoTwin),
        Some(Standing::Refused(reason)) => NotNow::line(4, Why::BadRequest { reason: reason.clone() }),
        _ => NotNow::line(4, Why::NoRequest),
    }
}

/// Her consent, or a lapse where the request asks without her, by what stands among the first `size` entries; nothing where
/// she is not asked. Gives the acts on which the release relies.
pub(crate) fn line_7(case: &Case, state: &RequestState, size: u64) -> Result<Vec<u64>, Why> {
    if !case.facts().asks_her() {
        return Ok(Vec::new());
    }
    if state.asks_without_her() {
        return lapsed(case, size);
    }
    match state.consent().map(|consent| &consent.answer) {
        Some(answer) if !answer.yes => Err(Why::ConsentRefused {
            index: answer.found.index,
        }),
        Some(answer) if answer.found.index < size => Ok(vec![answer.found.index]),
        _ => Err(Why::NoAnswer),
    }
}

/// The acts of a lapse that stands among the first `size` entries.
pub(crate) fn lapsed(case: &Case, size: u64) -> Result<Vec<u64>, Why> {
    let lapse = case.lapse().ok_or(Why::NoLapse)?;
    lapse.stands(size, case.filed()).ok_or(Why::NotLapsed {
        decided: lapse.decided.len(),
        need: lapse.need,
    })
}

/// Enough grants by current seats, in time; then the waiting time, and the last moment. It weighs the very grants and
/// objections that the release names, as its readers will.
fn lines_8_and_9(
    case: &Case,
    state: &RequestState,
    moment: &LogTime,
    council: &CouncilRecord,
) -> Result<Allowed, NotNow> {
    let (facts, at) = (case.facts(), moment.time());
    let weighed =
        state.weighed(|grant| case.stands_within(&grant.found, moment.size()) && council.seat(grant.x).is_some());
    let need = |name| Some(weighed.need(state.threshold(facts, name)?));
    let names = state.request.compartments.iter().copied();
    let counts: Vec<(Compartment, usize, usize)> = names
        .filter_map(|name| Some((name, weighed.granted(name), need(name)?)))
        .collect();
    let stand = counts.iter().filter(|(_, have, need)| need <= have);
    let compartments: Vec<Compartment> = stand.map(|(name, ..)| *name).collect();
    if at > state.ends_at {
        return Err(NotNow::line(8, Why::Dead));
    }
    if compartments.is_empty() {
        let until = state.grants_until();
        let nearest = counts.iter().min_by_key(|(_, have, need)| need.saturating_sub(*have));
        let (have, need) = nearest.map_or((0, usize::MAX), |(_, have, need)| (*have, *need));
        let why = if at > until {
            Why::Lapsed
        } else {
            Why::TooFewGrants { have, need, until }
        };
        return Err(NotNow::line(8, why));
    }
    let from = weighed
        .waits_until(facts.account, state.objection_s)
        .unwrap_or(u64::MAX);
    if at < from {
        let why = if state.objections.is_empty() {
            Why::ObjectionTime
        } else {
            Why::Objected
        };
        return Err(NotNow {
            line: Some(9),
            why,
            from: Some(from),
        });
    }
    if at > state.release_by() {
        return Err(NotNow::line(9, Why::TooLate));
    }
    Ok(Allowed {
        compartments,
        grants: weighed.grants.iter().map(|grant| grant.found.index).collect(),
        objections: state.newest_objections(u64::MAX),
        consent: Vec::new(),
    })
}
