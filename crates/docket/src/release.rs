//! May this custodian release now? The ten lines of §8.5, in order; the first that fails is the answer.

use protocol::ids::PublicKey;
use protocol::statement::Compartment;
use protocol::{Digest, X};
use serde::Serialize;

use crate::case::Case;
use crate::clock::{Latest, Moment};
use crate::registry::Registry;

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
    #[error("the newest checkpoint is {age_s} seconds old; 26 hours are allowed")]
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

/// All ten lines. Gives the compartments to release, for which this seat then files one `release` (§19).
///
/// # Errors
/// [`NotNow`] with the first line that fails.
pub fn may_release(
    _case: &Case,
    _request: &Digest,
    _seat: &Seat,
    _latest: &Latest<'_>,
    _registry: &Registry,
) -> Result<Vec<Compartment>, NotNow> {
    todo!()
}

/// Lines 2 to 10, where line 1 holds already.
///
/// # Errors
/// [`NotNow`] with the first line that fails.
pub fn may_release_at(
    _case: &Case,
    _request: &Digest,
    _seat: &Seat,
    _moment: &Moment,
    _registry: &Registry,
) -> Result<Vec<Compartment>, NotNow> {
    todo!()
}
