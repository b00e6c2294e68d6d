//! May this custodian release now? The ten lines of §8.5, in order; the first that fails is the answer.

use protocol::ids::PublicKey;
use protocol::statement::{Compartment, DocketChoice, Opening, Vote};
use protocol::{Digest, X};
use serde::Serialize;

use crate::case::{Case, CompartmentState, Refusal, RequestState, Standing, release_from, stands_at};
use crate::clock::{HOUR_S, Latest, Moment, NoMoment};
use crate::registry::{CouncilRecord, Registry};
use crate::slots::Found;

/// Who asks: a seat and the key that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its number.
    pub x: X,
    /// The public half of its signing key.
    pub key: PublicKey,
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
        x: X,
    },
    /// The council lists another key for this seat.
    #[error("the council lists another key for seat {x}")]
    OtherKey {
        /// Who.
        x: X,
    },
    /// Dealt nothing, or rejected it.
    #[error("seat {x} holds no share of this testimony")]
    HoldsNoShare {
        /// Who.
        x: X,
    },
    /// The reader is of an institution or controller left out.
    #[error("reader {x} is barred from this testimony")]
    Barred {
        /// Who.
        x: X,
    },
    /// No valid request of that digest is in the checkpoint.
    #[error("no valid request of that digest is in the newest checkpoint")]
    NoRequest,
    /// The request breaks a rule of its own.
    #[error("the request would not count: {reason}")]
    BadRequest {
        /// Which rule.
        reason: crate::case::Refusal,
    },
    /// Her choice demands public twins, which this stage cannot check.
    #[error("this testimony wants public twins, which this version cannot check")]
    Twins,
    /// The compartment is erased. Cannot occur in this stage.
    #[error("the compartment is erased")]
    Erased,
    /// Her consent is part of the key, which this version cannot ask for.
    #[error("this testimony opens only with her consent, which this version cannot ask for")]
    Consent,
    /// Too few grants.
    #[error("{have} of {need} seats have granted")]
    TooFewGrants {
        /// Grants that count.
        have: usize,
        /// Grants needed.
        need: usize,
        /// Last second for more.
        decide_by: u64,
    },
    /// Too few grants at `decide_by`: never.
    #[error("the request is dead: too few had granted at its decide_by")]
    Dead,
    /// The objection time is not over.
    #[error("the objection time is not over")]
    ObjectionTime,
    /// An objection makes the request wait.
    #[error("an objection makes the request wait 14 days")]
    Objected,
    /// This seat did not grant.
    #[error("this seat has not granted the request")]
    NotGranted,
    /// This seat has released already, or the same act is there already.
    #[error("it is done already, in slot {k}")]
    Done {
        /// Where.
        k: u32,
    },
    /// Releases have begun: too late for an objection.
    #[error("releases have begun")]
    ReleasesBegan,
    /// The time to decide or object has passed.
    #[error("the time to decide has passed")]
    AfterDecideBy,
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

    /// A refusal outside the ten lines.
    pub(crate) fn because(why: Why) -> Self {
        Self {
            line: None,
            why,
            from: None,
        }
    }
}

/// All ten lines. Gives the compartments to release, for which this seat then files one `release` (§19).
///
/// # Errors
/// [`NotNow`] with the first line that fails.
pub fn may_release(
    case: &Case,
    request: &Digest,
    seat: &Seat,
    latest: &Latest<'_>,
    registry: &Registry,
) -> Result<Vec<Compartment>, NotNow> {
    let moment = latest.check(registry).map_err(|error| {
        NotNow::line(
            1,
            match error {
                NoMoment::NoCouncil => Why::NoCouncil,
                NoMoment::Untrusted(_) => Why::Untrusted,
                NoMoment::TooOld { age_s } => Why::CheckpointTooOld { age_s },
            },
        )
    })?;
    may_release_at(case, request, seat, &moment, registry)
}

/// Lines 2 to 10, where line 1 holds already but for how far this device has read.
///
/// # Errors
/// [`NotNow`] with the first line that fails.
pub fn may_release_at(
    case: &Case,
    request: &Digest,
    seat: &Seat,
    moment: &Moment,
    registry: &Registry,
) -> Result<Vec<Compartment>, NotNow> {
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
    // Line 5: under `counts-only` there is no twin to look for.
    if case.facts().docket != DocketChoice::CountsOnly {
        return Err(NotNow::line(5, Why::Twins));
    }
    // Line 6 holds always: nothing is erased in this stage, for no statement says so (§9.6, stage C).
    if case.facts().open != Opening::OnRequest {
        return Err(NotNow::line(7, Why::Consent));
    }
    let open = lines_8_and_9(state, moment, council)?;
    if state
        .decision_of(seat.x)
        .is_none_or(|decision| decision.vote != Vote::Grant)
    {
        return Err(NotNow::line(10, Why::NotGranted));
    }
    match state.release_of(seat.x) {
        Some(release) => Err(NotNow::because(Why::Done { k: release.found.k })),
        None => Ok(open),
    }
}

/// The reader is of the current council and not barred; the request stands in the checkpoint.
fn lines_3_and_4<'a>(
    case: &'a Case,
    request: &Digest,
    moment: &Moment,
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
        Some(Standing::Refused(Refusal::Barred { x })) => NotNow::line(3, Why::Barred { x: *x }),
        Some(Standing::Refused(Refusal::NotOfCouncil { x })) => NotNow::line(3, Why::NotOfCouncil { x: *x }),
        Some(Standing::Refused(reason)) => NotNow::line(4, Why::BadRequest { reason: reason.clone() }),
        _ => NotNow::line(4, Why::NoRequest),
    }
}

/// Enough grants by current seats, in time; then the waiting time. Gives the compartments whose threshold stood when
/// releases began: the others are closed for this request (§19).
fn lines_8_and_9(state: &RequestState, moment: &Moment, council: &CouncilRecord) -> Result<Vec<Compartment>, NotNow> {
    let grants: Vec<(X, Found)> = state
        .decisions
        .iter()
        .filter(|decision| decision.vote == Vote::Grant && decision.found.index < moment.size())
        .filter(|decision| council.seat(decision.x).is_some())
        .map(|decision| (decision.x, decision.found))
        .collect();
    let stand = |compartment: &CompartmentState| stands_at(&grants, compartment.need);
    let Some(from) = release_from(state.waits_until, state.compartments.iter().filter_map(stand)) else {
        if moment.time() > state.decide_by {
            return Err(NotNow::line(8, Why::Dead));
        }
        let need = state
            .compartments
            .iter()
            .map(|compartment| compartment.need)
            .min()
            .unwrap_or(usize::MAX);
        return Err(NotNow::line(
            8,
            Why::TooFewGrants {
                have: grants.len(),
                need,
                decide_by: state.decide_by,
            },
        ));
    };
    if moment.time() < state.waits_until {
        let why = if state.objection.is_some() {
            Why::Objected
        } else {
            Why::ObjectionTime
        };
        return Err(NotNow {
            line: Some(9),
            why,
            from: Some(state.waits_until),
        });
    }
    let is_open = |compartment: &&CompartmentState| stand(compartment).is_some_and(|stands_at| stands_at <= from);
    Ok(state
        .compartments
        .iter()
        .filter(is_open)
        .map(|compartment| compartment.name)
        .collect())
}
