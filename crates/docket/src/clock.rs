//! Times: how long things may take, how old a checkpoint may be, and the moment at which a rule is asked (§3, §8.3).

use serde::Serialize;
use tlog::note::Note;
use tlog::policy::{Trusted, Untrusted};

use crate::registry::Registry;

/// Seconds in an hour.
pub const HOUR_S: u64 = 3_600;
/// Seconds in a day.
pub const DAY_S: u64 = 86_400;
/// A checkpoint is too old when its time is before now minus this (§3).
pub const CHECKPOINT_MAX_S: u64 = 26 * HOUR_S;
/// A request included later than this after its `time` is invalid (§8.3).
pub const REQUEST_MAX_S: u64 = 26 * HOUR_S;
/// How far a request's `time` may lie after its inclusion: the clock tolerance of a transport signature (§15.8).
pub const SKEW_S: u64 = 300;
/// `decide_by` is exactly `request.time` plus this (§8.3).
pub const DECIDE_S: u64 = 14 * DAY_S;
/// Time of inclusion of an entry for which nobody has looked it up yet: what runs from it never ends.
pub const UNKNOWN_TIME: u64 = u64::MAX;
/// A request waits this long from an objection (§8.3).
pub const OBJECTED_S: u64 = 14 * DAY_S;
/// A request ends this long after the last moment for an objection: 14 days of waiting, and ten to release (§8.3).
pub const ENDS_S: u64 = OBJECTED_S + 10 * DAY_S;
/// Software releases until this long before a request ends: the age of its checkpoint, a promise, and two hours (§8.3).
pub const RELEASE_MARGIN_S: u64 = CHECKPOINT_MAX_S + NOT_YET_S + 2 * HOUR_S;
/// An acknowledgement missing after this is raised by every other seat (§7).
pub const ACK_S: u64 = 72 * HOUR_S;
/// `opened` is due within this from the t-th release (§8.3).
pub const OPENED_S: u64 = 7 * DAY_S;
/// The first `finding` is due within this from `opened` (§8.3).
pub const FINDING_S: u64 = 30 * DAY_S;
/// Within this from filing, «no such entry» reads «not yet» (§4).
pub const NOT_YET_S: u64 = 24 * HOUR_S;
/// A smaller pace comes into force this long after its inclusion (§6.3).
pub const PACE_DOWN_S: u64 = 7 * DAY_S;

/// What the device says the time is, and when the program was built: «now» is the later one (§3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// POSIX seconds.
    pub device: u64,
    /// POSIX seconds; 0 when unknown.
    pub built: u64,
}

impl Clock {
    /// The later of both.
    pub fn now(self) -> u64 {
        self.device.max(self.built)
    }
}

/// How a checkpoint's time fits a clock (§3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "freshness")]
pub enum Freshness {
    /// Not older than 26 h, and not from the future.
    Fresh,
    /// The checkpoint is more than [`SKEW_S`] ahead of this clock: the clock is wrong. Warn and go on.
    ClockBehind {
        /// Seconds.
        by_s: u64,
    },
    /// Older than 26 h by this clock. The log has stopped or is being withheld, or the clock is ahead.
    TooOld {
        /// Age in seconds.
        age_s: u64,
    },
}

/// Compares a checkpoint's time with a clock. Exactly 26 h is still fresh.
pub fn freshness(checkpoint_time: u64, clock: Clock) -> Freshness {
    let now = clock.now();
    match now.checked_sub(checkpoint_time) {
        Some(age_s) if age_s > CHECKPOINT_MAX_S => Freshness::TooOld { age_s },
        None if checkpoint_time - now > SKEW_S => Freshness::ClockBehind {
            by_s: checkpoint_time - now,
        },
        _ => Freshness::Fresh,
    }
}

/// The newest checkpoint that a client has, unchecked, and its clock.
#[derive(Clone, Copy)]
pub struct Latest<'a> {
    /// As served.
    pub checkpoint: &'a Note,
    /// This device.
    pub clock: Clock,
}

/// A point in the log's own time: a checkpoint that satisfies the current council's policy and is not too old.
/// Only [`Latest::check`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    time: u64,
    size: u64,
}

/// Why there is no moment (line 1 of §8.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMoment {
    /// No council is known whose policy could be asked.
    #[error("the log shows no valid council")]
    NoCouncil,
    /// The checkpoint does not satisfy the council's policy.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// Older than 26 h by this clock.
    #[error("the newest checkpoint is {} hours old; 26 are allowed", .age_s.div_ceil(HOUR_S))]
    TooOld {
        /// Age in seconds.
        age_s: u64,
    },
}

impl Latest<'_> {
    /// Checks policy and age.
    ///
    /// # Errors
    /// [`NoMoment`].
    pub fn check(&self, registry: &Registry) -> Result<Moment, NoMoment> {
        let council = registry.current().ok_or(NoMoment::NoCouncil)?;
        let trusted = council.policy().check(self.checkpoint, registry.origin().as_str())?;
        Moment::of(&trusted, self.clock)
    }
}

impl Moment {
    /// From a checkpoint that the caller has checked against the council's policy already.
    ///
    /// # Errors
    /// [`NoMoment::TooOld`].
    pub fn of(trusted: &Trusted, clock: Clock) -> Result<Self, NoMoment> {
        if let Freshness::TooOld { age_s } = freshness(trusted.time(), clock) {
            return Err(NoMoment::TooOld { age_s });
        }
        Ok(Self {
            time: trusted.time(),
            size: trusted.checkpoint().size,
        })
    }

    /// Checkpoint time, POSIX seconds. Waiting times are measured against it, never against a device's clock.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Entries in the checkpoint.
    pub fn size(&self) -> u64 {
        self.size
    }
}
