//! This machine's clock, and times as people read them.

use crate::language::t;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// POSIX seconds as this machine believes; in a demo that moved its clock, as that says.
pub fn now() -> u64 {
    let machine = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    match MOVED.get() {
        Some(by_s) => machine.saturating_add_signed(by_s.load(Ordering::SeqCst)),
        None => machine,
    }
}

/// By how many seconds the clock of this process is moved. Nothing but a demo moves it.
static MOVED: OnceLock<Arc<AtomicI64>> = OnceLock::new();

/// Moves the clock of this whole process, for a demo of what weeks do; gives what its service goes by.
pub(crate) fn move_by(seconds: i64) -> Arc<AtomicI64> {
    let moved = MOVED.get_or_init(Arc::default);
    moved.store(seconds, Ordering::SeqCst);
    Arc::clone(moved)
}

/// `2026-11-24T09:00:00Z`.
pub fn rfc3339(time: u64) -> String {
    let seconds = i64::try_from(time).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

/// `2026-11-24 09:00:00 UTC`.
pub fn readable(time: u64) -> String {
    rfc3339(time).replacen('T', " ", 1).replace('Z', " UTC")
}

/// `in 2 d 4 h`, `in 3 s`, `now`.
pub fn until(time: u64, now: u64) -> String {
    let left = time.saturating_sub(now);
    match left {
        0 => t!("now").to_owned(),
        1..60 => t!("in {} s", left),
        60..3600 => t!("in {} min", left.div_ceil(60)),
        3600..86_400 => t!("in {} h {} min", left / 3600, left % 3600 / 60),
        _ => t!("in {} d {} h", left / 86_400, left % 86_400 / 3600),
    }
}

/// `3 d`, `2 h`, `5 min`, `40 s`: how long something is, in whole units, rounded.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_170 => format!("{} min", (seconds + 30) / 60),
        7_170..171_000 => format!("{} h", (seconds + 1800) / 3600),
        _ => format!("{} d", seconds.saturating_add(43_200) / 86_400),
    }
}

/// Measures one piece of work.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Milliseconds since the start.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_read_them() {
        assert_eq!(readable(1_795_478_400), "2026-11-24 00:00:00 UTC");
        assert_eq!(until(10, 10), "now");
        assert_eq!(until(100 + 187_200, 100), "in 2 d 4 h");
        assert_eq!(until(161, 100), "in 2 min");
        assert_eq!(
            [119, 3540, 7_199, 7_200, 172_799, 259_195].map(span),
            ["119 s", "59 min", "2 h", "2 h", "2 d", "3 d"]
        );
    }
}
