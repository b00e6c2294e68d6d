//! How old a checkpoint may be (§3).

use casework::clock::{NoLogTime, OutOfTime, SKEW_S, freshness};
use casework::{Chronology, Clock, Freshness, Latest, Registry};

use crate::support::{DAY, HOUR, Log, T0, checkpoint_note, root};

#[test]
fn a_checkpoint_is_too_old_after_26_hours_by_the_later_clock() {
    let at = |device, built| {
        freshness(
            T0,
            Clock {
                device,
                built,
                ..Clock::default()
            },
        )
    };
    assert_eq!(at(T0 + 26 * HOUR, 0), Freshness::Fresh);
    assert_eq!(at(T0 + 26 * HOUR + 1, 0), Freshness::TooOld { age_s: 26 * HOUR + 1 });
    assert_eq!(at(T0, T0 + 26 * HOUR + 1), Freshness::TooOld { age_s: 26 * HOUR + 1 });
    assert_eq!(at(0, T0), Freshness::Fresh);
}

#[test]
fn a_device_that_is_behind_alone_is_told_so() {
    let at = |device| {
        let clock = Clock {
            device,
            operator: T0,
            ..Clock::default()
        };
        freshness(T0, clock)
    };
    assert_eq!(at(T0 - SKEW_S), Freshness::Fresh);
    assert_eq!(at(T0 - SKEW_S - 1), Freshness::ClockBehind { by_s: SKEW_S + 1 });
    for by_s in [HOUR, 3 * DAY] {
        assert_eq!(at(T0 - by_s), Freshness::ClockBehind { by_s });
    }
}

/// 72 h ahead, and seats would release at once.
#[test]
fn a_checkpoint_ahead_of_device_and_operator_is_from_the_future() {
    let at = |device, operator, built| {
        let clock = Clock {
            device,
            operator,
            built,
            seen: T0,
        };
        freshness(T0, clock)
    };
    let future = |by_s| Freshness::FromFuture { by_s };
    assert_eq!(at(T0 - 3 * DAY, T0 - 3 * DAY, 0), future(3 * DAY));
    assert_eq!(
        at(T0 - 3 * DAY, T0 - SKEW_S - 1, 0),
        future(SKEW_S + 1),
        "the later one of both"
    );
    assert_eq!(
        at(T0 - 3 * DAY, T0 - SKEW_S, 0),
        Freshness::ClockBehind { by_s: 3 * DAY }
    );
    assert_eq!(
        at(T0 - HOUR, 0, 0),
        future(HOUR),
        "a service that tells no time excuses nothing"
    );
    assert_eq!(at(0, 0, T0), Freshness::Fresh, "the program is younger");
    let note = checkpoint_note(4, T0);
    let clock = Clock::of_device(T0 - 3 * DAY);
    let latest = Latest {
        checkpoint: &note,
        clock,
    };
    let refused = latest.check(Log::new().fold.registry());
    assert_eq!(refused, Err(NoLogTime::FromFuture { by_s: 3 * DAY }));
}

#[test]
fn the_operators_clock_does_not_excuse_an_old_checkpoint() {
    let old = T0 + 26 * HOUR + 1;
    let too_old = Freshness::TooOld { age_s: 26 * HOUR + 1 };
    let clock = |device, seen, operator| Clock {
        device,
        seen,
        operator,
        built: 0,
    };
    assert_eq!(freshness(T0, clock(old, 0, T0)), too_old);
    assert_eq!(
        freshness(T0, clock(T0, old, T0)),
        too_old,
        "a later one was seen before"
    );
    assert_eq!(freshness(T0, clock(T0, 0, old)), Freshness::Fresh, "nor make one old");
}

#[test]
fn times_of_one_log_never_go_back() {
    let mut times = Chronology::default();
    for (size, time) in [(8, T0), (12, T0), (16, T0 + 5), (40, T0 + 60)] {
        times.saw(size, time).unwrap();
    }
    let back = |size, by_s| Err(OutOfTime::Back { size, by_s });
    assert_eq!(times.clone().saw(44, T0 + 59), back(44, 1), "a later one");
    assert_eq!(times.clone().saw(20, T0 + 4), back(20, 1), "one in between");
    assert_eq!(times.clone().saw(20, T0 + 61), back(40, 1));
    assert_eq!(times.clone().saw(4, T0 + 1), back(8, 1), "one that came before");
    assert_eq!(times.saw(20, T0 + 60), Ok(()));
    assert_eq!(times.saw(20, T0 + 5), Ok(()), "the same tree, cosigned twice");
}

#[test]
fn the_checkpoint_of_a_step_is_dated_in_it() {
    let at = |time| Chronology::default().saw_step(10, 600, 8, time);
    assert_eq!([at(5_700), at(6_000), at(6_900)], [Ok(()); 3]);
    assert_eq!(at(6_901), Err(OutOfTime::AfterStep { step: 10, by_s: 301 }));
    assert_eq!(at(5_699), Err(OutOfTime::BeforeStep { step: 10, by_s: 301 }));
    assert!(
        Chronology::default().saw_step(u64::MAX, u64::MAX, 8, 0).is_err(),
        "no overflow"
    );
    let mut times = Chronology::default();
    times.saw_step(10, 600, 8, 6_100).unwrap();
    assert_eq!(times.saw_step(11, 600, 12, 6_400), Ok(()));
    assert_eq!(
        times.saw_step(11, 600, 16, 6_399),
        Err(OutOfTime::Back { size: 16, by_s: 1 })
    );
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
            operator: T0,
            ..Clock::of_device(T0 - HOUR)
        },
    };
    let seen = behind.check(log.fold.registry()).unwrap();
    assert_eq!((seen.time(), seen.size()), (T0, 4));
    assert_eq!([moment, seen].map(|m| m.slow_device()), [None, Some(T0 - HOUR)]);
}

#[test]
fn without_a_council_there_is_no_moment() {
    let note = checkpoint_note(4, T0);
    let latest = Latest {
        checkpoint: &note,
        clock: Clock::of_device(T0),
    };
    assert_eq!(
        latest.check(&Registry::new(&root()).unwrap()),
        Err(NoLogTime::NoCouncil)
    );
}
