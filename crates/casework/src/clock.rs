//! Times: how long things may take, how old a checkpoint may be, and the moment at which a rule is asked (§3, §8.3).

use std::collections::BTreeMap;

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
/// How far two right clocks may differ (§3): of a checkpoint and of who takes it, of a request's `time` and its inclusion,
/// of a transport signature and the server (§15.8).
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
/// Somebody is in danger: a seat says what was done within this from the filing's inclusion, and again within this from a
/// referral (§7).
pub const DANGER_S: u64 = 24 * HOUR_S;
/// `opened` is due within this from the t-th release (§8.3).
pub const OPENED_S: u64 = 7 * DAY_S;
/// The first `finding` is due within this from `opened` (§8.3).
pub const FINDING_S: u64 = 30 * DAY_S;
/// Decisions on a lapse count from this long after the inquiry (§8.4).
pub const INQUIRY_S: u64 = 30 * DAY_S;
/// A withdrawal may be taken back for this long; then seats erase (§9.6).
pub const WITHDRAWN_S: u64 = 30 * DAY_S;
/// What t_account seats have declined is erased after this (§7).
pub const DECLINED_S: u64 = 30 * DAY_S;
/// Every filing gets a first message within this (§9.4).
pub const MESSAGE_S: u64 = 14 * DAY_S;
/// In so many seconds a seat files at most [`HERS_MAX`] statements of hers on one case (§9.3).
pub const HERS_S: u64 = 7 * DAY_S;
/// Statements of hers that a seat files on one case in [`HERS_S`].
pub const HERS_MAX: usize = 16;
/// Within this from filing, «no such entry» reads «not yet» (§4).
pub const NOT_YET_S: u64 = 24 * HOUR_S;

/// What a client knows of the present (§3), in POSIX seconds; 0 where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// What the device says.
    pub device: u64,
    /// When the program was built.
    pub built: u64,
    /// The newest checkpoint time that this client has taken before: nobody can forge it or take it back.
    pub seen: u64,
    /// The operator's clock, `Date` of the answer that proposed the checkpoint. It excuses a device that is behind, and
    /// never an old checkpoint, for the operator can write what it likes.
    pub operator: u64,
}

impl Clock {
    /// A device's clock, and nothing else.
    pub fn of_device(device: u64) -> Self {
        Self {
            device,
            ..Self::default()
        }
    }

    /// The present by which a checkpoint is old: the latest of what the operator cannot forge.
    pub fn now(self) -> u64 {
        self.device.max(self.built).max(self.seen)
    }
}

/// How a checkpoint's time fits a clock (§3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "freshness")]
pub enum Freshness {
    /// Not older than 26 h, and not from the future.
    Fresh,
    /// More than [`SKEW_S`] ahead of this device, and the operator's clock agrees with it: the device is wrong. Warn and
    /// go on.
    ClockBehind {
        /// Seconds.
        by_s: u64,
    },
    /// More than [`SKEW_S`] ahead of the device and of the operator: cosigners date it ahead.
    FromFuture {
        /// Seconds ahead of the later one.
        by_s: u64,
    },
    /// Older than 26 h. The log has stopped or is being withheld, or the device's clock is ahead.
    TooOld {
        /// Age in seconds.
        age_s: u64,
    },
}

/// Compares a checkpoint's time with a clock. Exactly 26 h is still fresh, exactly 300 s ahead is not the future.
pub fn freshness(checkpoint_time: u64, clock: Clock) -> Freshness {
    let age_s = clock.now().saturating_sub(checkpoint_time);
    if age_s > CHECKPOINT_MAX_S {
        return Freshness::TooOld { age_s };
    }
    let device = clock.device.max(clock.built);
    let ahead = |of: u64| checkpoint_time.checked_sub(of).filter(|by_s| *by_s > SKEW_S);
    match (ahead(device), ahead(device.max(clock.operator))) {
        (_, Some(by_s)) => Freshness::FromFuture { by_s },
        (Some(by_s), None) => Freshness::ClockBehind { by_s },
        (None, None) => Freshness::Fresh,
    }
}

/// The times of the checkpoints of one log that a client has seen, by their sizes: they never go back, and that of a step
/// lies in it (§6.3). Whoever counts waiting times from them puts each one in here first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronology {
    times: BTreeMap<u64, u64>,
}

/// A checkpoint whose time cannot be: the log is not verifiable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfTime {
    /// Times of one log never go back.
    #[error("the checkpoint of {size} entries is dated {by_s} s before one of fewer entries: times never go back")]
    Back {
        /// Entries of the larger one.
        size: u64,
        /// Seconds.
        by_s: u64,
    },
    /// Dated after its step.
    #[error("the checkpoint of step {step} is dated {by_s} s after its end; {SKEW_S} are allowed")]
    AfterStep {
        /// Number of the step.
        step: u64,
        /// Seconds.
        by_s: u64,
    },
    /// Dated before its step.
    #[error("the checkpoint of step {step} is dated {by_s} s before its beginning; {SKEW_S} are allowed")]
    BeforeStep {
        /// Number of the step.
        step: u64,
        /// Seconds.
        by_s: u64,
    },
}

impl Chronology {
    /// A checkpoint of `size` entries has this time. So has, for a client, the first checkpoint with the entry `size - 1`.
    ///
    /// # Errors
    /// [`OutOfTime::Back`]; nothing has changed then.
    pub fn saw(&mut self, size: u64, time: u64) -> Result<(), OutOfTime> {
        let smaller = self.times.range(..size).next_back();
        let larger = self.times.range(size.saturating_add(1)..).next();
        let back = |size: u64, earlier: u64, later: u64| match earlier.checked_sub(later) {
            None | Some(0) => Ok(()),
            Some(by_s) => Err(OutOfTime::Back { size, by_s }),
        };
        if let Some((_, before)) = smaller {
            back(size, *before, time)?;
        }
        if let Some((size, after)) = larger {
            back(*size, time, *after)?;
        }
        self.times.entry(size).or_insert(time);
        Ok(())
    }

    /// As [`Self::saw`], for the first checkpoint of the step `step`, whose length is `step_s` seconds. One that a missed
    /// step repeats belongs to the step that made it.
    ///
    /// # Errors
    /// [`OutOfTime`]; nothing has changed then.
    pub fn saw_step(&mut self, step: u64, step_s: u64, size: u64, time: u64) -> Result<(), OutOfTime> {
        let begin = step.saturating_mul(step_s);
        let beyond = |later: u64, earlier: u64| later.checked_sub(earlier).filter(|by_s| *by_s > SKEW_S);
        if let Some(by_s) = beyond(time, begin.saturating_add(step_s)) {
            return Err(OutOfTime::AfterStep { step, by_s });
        }
        if let Some(by_s) = beyond(begin, time) {
            return Err(OutOfTime::BeforeStep { step, by_s });
        }
        self.saw(size, time)
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

/// A point in the log's own time: a checkpoint that satisfies the current council's policy and is not from the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LogTime {
    time: u64,
    size: u64,
    slow_device: Option<u64>,
}

/// Why there is no moment (line 1 of §8.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLogTime {
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
    /// Ahead of this device and of the operator.
    #[error("the newest checkpoint is dated {by_s} s ahead of this device and of the service; {SKEW_S} are allowed")]
    FromFuture {
        /// Seconds.
        by_s: u64,
    },
}

impl Latest<'_> {
    /// Checks policy and time.
    ///
    /// # Errors
    /// [`NoLogTime`].
    pub fn check(&self, registry: &Registry) -> Result<LogTime, NoLogTime> {
        let council = registry.current().ok_or(NoLogTime::NoCouncil)?;
        let trusted = council.policy().check(self.checkpoint, registry.origin().as_str())?;
        LogTime::of(&trusted, self.clock)
    }
}

impl LogTime {
    /// From a checkpoint that the caller has checked against the council's policy already.
    ///
    /// # Errors
    /// [`NoLogTime::TooOld`], [`NoLogTime::FromFuture`].
    pub fn of(trusted: &Trusted, clock: Clock) -> Result<Self, NoLogTime> {
        match Self::of_any_age(trusted, clock)? {
            (_, Freshness::TooOld { age_s }) => Err(NoLogTime::TooOld { age_s }),
            (moment, _) => Ok(moment),
        }
    }

    /// As [`Self::of`], for what an old checkpoint cannot harm; the caller tells people how fresh it is.
    ///
    /// # Errors
    /// [`NoLogTime::FromFuture`].
    pub fn of_any_age(trusted: &Trusted, clock: Clock) -> Result<(Self, Freshness), NoLogTime> {
        let time = trusted.time();
        let freshness = freshness(time, clock);
        if let Freshness::FromFuture { by_s } = freshness {
            return Err(NoLogTime::FromFuture { by_s });
        }
        let is_slow = matches!(freshness, Freshness::ClockBehind { .. });
        let moment = Self {
            time,
            size: trusted.checkpoint().size,
            slow_device: is_slow.then_some(clock.device),
        };
        Ok((moment, freshness))
    }

    /// Checkpoint time, POSIX seconds. Waiting times are measured against it, never against a device's clock.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Entries in the checkpoint.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// This device's clock, POSIX seconds, where the log's time is more than [`SKEW_S`] ahead of it: either the clock is
    /// wrong, or operator and cosigners date the log ahead together. A release then asks it too (§8.5, line 11).
    pub fn slow_device(&self) -> Option<u64> {
        self.slow_device
    }
}
