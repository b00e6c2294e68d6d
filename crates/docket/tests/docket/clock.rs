//! How old a checkpoint may be (§3).

use docket::clock::{NoMoment, SKEW_S, freshness};
use docket::{Clock, Freshness, Latest, Registry};

use crate::support::{HOUR, Log, T0, checkpoint_note, root};

#[test]
fn a_checkpoint_is_too_old_after_26_hours_by_the_later_clock() {
    let at = |device, built| freshness(T0, Clock { device, built });
    assert_eq!(at(T0 + 26 * HOUR, 0), Freshness::Fresh);
    assert_eq!(at(T0 + 26 * HOUR + 1, 0), Freshness::TooOld { age_s: 26 * HOUR + 1 });
    assert_eq!(at(T0, T0 + 26 * HOUR + 1), Freshness::TooOld { age_s: 26 * HOUR + 1 });
    assert_eq!(at(0, T0), Freshness::Fresh);
}

#[test]
fn a_checkpoint_from_the_future_says_that_the_clock_is_behind() {
    let at = |device| freshness(T0, Clock { device, built: 0 });
    assert_eq!(at(T0 - SKEW_S), Freshness::Fresh);
    assert_eq!(at(T0 - SKEW_S - 1), Freshness::ClockBehind { by_s: SKEW_S + 1 });
    assert_eq!(at(T0 - HOUR), Freshness::ClockBehind { by_s: HOUR });
}

#[test]
fn a_moment_is_the_checkpoints_time_and_size() {
    let log = Log::new();
    let moment = log.moment();
    assert_eq!((moment.time(), moment.size()), (T0, 4));
    let note = checkpoint_note(4, T0);
    let behind = Latest {
        checkpoint: &note,
        clock: Clock {
            device: T0 - HOUR,
            built: 0,
        },
    };
    assert_eq!(behind.check(log.fold.registry()), Ok(moment));
}

#[test]
fn without_a_council_there_is_no_moment() {
    let note = checkpoint_note(4, T0);
    let latest = Latest {
        checkpoint: &note,
        clock: Clock { device: T0, built: 0 },
    };
    assert_eq!(latest.check(&Registry::new(&root()).unwrap()), Err(NoMoment::NoCouncil));
}
