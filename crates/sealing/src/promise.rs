//! Promises: nothing counts as filed before one verifies (§6.4).

use casework::RootOfTrust;
use casework::clock::{CHECKPOINT_MAX_S, SKEW_S};
use protocol::Digest;
use tlog::Note;
use tlog::promise::Promise;

/// A promise is for at most this long, plus what clocks may differ.
const DEADLINE_MAX_S: u64 = 24 * 3600 + SKEW_S;

/// What a client knows of the present, POSIX seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// By this device's clock.
    pub device: u64,
    /// By the newest cosigned checkpoint.
    pub latest: u64,
    /// By the server's clock, 0 where it does not say. It is believed no further than that checkpoint is fresh.
    pub server: u64,
}

/// A promise that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedPromise {
    /// By when it is in a checkpoint, POSIX seconds.
    pub deadline: u64,
    /// By how many seconds this device's clock is behind, where the promise had to be measured by another.
    pub clock_behind_s: Option<u64>,
}

/// Why a promise does not verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromiseError {
    /// The root of trust names no key of the log.
    #[error(transparent)]
    Root(#[from] casework::root::RootError),
    /// It is no promise by this log.
    #[error(transparent)]
    Note(#[from] tlog::note::NoteError),
    /// The entry differs.
    #[error("it is for another entry")]
    OtherEntry,
    /// By no clock it is within the time of a promise.
    #[error("its deadline is more than 24 hours away")]
    TooLate,
}

/// Verifies a promise for `entry`. A clock of this device that is behind changes nothing (§3).
///
/// # Errors
/// [`PromiseError`]: then nobody can prove that it was filed, though it may have been.
pub fn check(note: &[u8], entry: &[u8], root: &RootOfTrust, present: Present) -> Result<VerifiedPromise, PromiseError> {
    let promise = Promise::verify(&Note::parse(note)?, &root.log_key()?)?;
    if promise.entry != Digest::of(entry).0 {
        return Err(PromiseError::OtherEntry);
    }
    Ok(VerifiedPromise {
        deadline: promise.deadline,
        clock_behind_s: measure(promise.deadline, present).ok_or(PromiseError::TooLate)?,
    })
}

/// Whether a deadline is within 24 hours of the present: the latest of this device's clock, the newest cosigned checkpoint
/// and, if these do not do, the server's clock. Gives by how much this device's clock is behind; `None` when it fits none.
fn measure(deadline: u64, present: Present) -> Option<Option<u64>> {
    let fits = |now: u64| deadline <= now.saturating_add(DEADLINE_MAX_S);
    if fits(present.device) {
        return Some(None);
    }
    let server = present.server.min(present.latest.saturating_add(CHECKPOINT_MAX_S));
    let now = if fits(present.latest) { present.latest } else { server };
    fits(now).then(|| Some(now.saturating_sub(present.device)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_478_400;
    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;

    fn present(device: u64, latest: u64, server: u64) -> Present {
        Present { device, latest, server }
    }

    #[test]
    fn a_wrong_clock_never_makes_a_right_promise_wrong() {
        let by_clock = |device| measure(NOW + DAY, present(device, NOW - 600, NOW));
        for wrong in [NOW, NOW - SKEW_S, NOW + HOUR, NOW + 3 * DAY] {
            assert_eq!(by_clock(wrong), Some(None), "{wrong}");
        }
        assert_eq!(by_clock(NOW - HOUR), Some(Some(HOUR)));
        assert_eq!(by_clock(NOW - 3 * DAY), Some(Some(3 * DAY)));
        let without_server = measure(NOW + DAY - 600, present(NOW - HOUR, NOW - 600, 0));
        assert_eq!(without_server, Some(Some(HOUR - 600)));
    }

    #[test]
    fn a_promise_for_longer_is_none_by_any_clock() {
        let longer = NOW + DAY + SKEW_S + 1;
        for device in [NOW - 3 * DAY, NOW - HOUR, NOW] {
            assert_eq!(measure(longer, present(device, NOW, NOW)), None, "{device}");
        }
        let lying = measure(NOW + 30 * DAY, present(NOW, NOW, NOW + 30 * DAY));
        assert_eq!(lying, None, "a server cannot talk its own promise right");
    }
}
