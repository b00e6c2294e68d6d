//! §8.5, line 11: a seat's own clock against an operator and a quorum of cosigners who date the log ahead together and
//! forge `Date` to match.

use casework::release::{ReleasingSeat, may_release_at};
use casework::{NotNow, Why};
use protocol::Digest;

use crate::support::{DAY, Filing, HOUR, Log, OBJECTION_S, URGENT_S, Vote, Wish, keys, sign, x};

const SKEW_S: u64 = 300;
const MINUTE: u64 = 60;

/// May seat 1 release, by the clock that the log's members have?
fn ask(log: &Log, filing: &Filing, request: &Digest) -> Result<(), NotNow> {
    let seat = ReleasingSeat {
        x: x(1),
        key: keys(1).public(),
    };
    let case = log.case(filing);
    may_release_at(&case, request, &seat, &log.moment(), log.fold.registry()).map(drop)
}

fn ran_ahead(by_s: u64) -> Result<(), NotNow> {
    refused(Why::LogRanAhead { by_s })
}

fn refused(why: Why) -> Result<(), NotNow> {
    Err(NotNow {
        line: Some(11),
        why,
        from: None,
    })
}

/// ReleasingSeat 1 acknowledges, then it and three others grant; the log takes `delay_s` to include what seat 1 wrote.
fn granted(log: &mut Log, filing: &Filing, wish: &Wish, delay_s: u64) -> Digest {
    let included = |log: &mut Log, statement| {
        log.now += delay_s;
        log.act(filing, &statement);
    };
    let ack = log.ack_of(filing, 1, protocol::statement::Holds::Share);
    included(log, sign(&ack, &[1]));
    log.now += DAY;
    let skew_s = std::mem::take(&mut log.skew_s);
    let request = log.ask(filing, wish);
    log.skew_s = skew_s;
    let grant = log.decision_of(filing, request, 1, Vote::Grant);
    log.grant(filing, request, &[2, 3, 4]);
    included(log, sign(&grant, &[1]));
    request
}

/// The log is dated ahead: its time goes on, the device's does not.
fn forge(log: &mut Log, by_s: u64) {
    log.now += by_s;
    log.skew_s -= by_s.cast_signed();
    log.padding();
}

/// Time goes on for all.
fn pass(log: &mut Log, by_s: u64) {
    log.now += by_s;
    log.padding();
}

#[test]
fn the_log_dated_ahead_opens_nothing_for_a_seat_whose_clock_is_right() {
    for (wish, wait_s) in [(Wish::default(), OBJECTION_S), (Wish::urgent(), URGENT_S)] {
        let mut log = Log::new();
        let filing = log.file();
        let request = granted(&mut log, &filing, &wish, 0);
        forge(&mut log, wait_s);
        assert!(log.moment().slow_device().is_some(), "line 1 is passed, with a warning");
        assert_eq!(ask(&log, &filing, &request), ran_ahead(wait_s));
        // Nor later: the log would have to stand still until this clock has caught up.
        pass(&mut log, wait_s);
        assert_eq!(ask(&log, &filing, &request), ran_ahead(wait_s));
        log.skew_s = -(SKEW_S.cast_signed());
        assert_eq!(ask(&log, &filing, &request), Ok(()));
    }
}

/// The 14 days of an objection, and the time in which one can be made.
#[test]
fn nor_does_it_cut_an_objection_short() {
    let mut log = Log::new();
    let filing = log.file();
    let request = granted(&mut log, &filing, &Wish::default(), MINUTE);
    log.she_objects(&filing, request);
    pass(&mut log, OBJECTION_S);
    forge(&mut log, 11 * DAY);
    assert_eq!(ask(&log, &filing, &request), ran_ahead(11 * DAY - MINUTE));

    let mut log = Log::new();
    let filing = log.file();
    let request = granted(&mut log, &filing, &Wish::default(), MINUTE);
    let object_by = log.case(&filing).request(&request).unwrap().object_by;
    let jump_s = object_by + 1 - log.now;
    forge(&mut log, jump_s);
    // She would be told that the time to object has passed; so nothing is released on it, however long one waits.
    pass(&mut log, OBJECTION_S);
    assert_eq!(ask(&log, &filing, &request), ran_ahead(jump_s - MINUTE));
}

/// What the log took to include the seat's own acts hides as much of a jump; the seat's own count of the objection time
/// does not hang on it.
#[test]
fn acts_that_were_held_back_do_not_shorten_the_objection_time() {
    for (wish, wait_s) in [(Wish::default(), OBJECTION_S), (Wish::urgent(), URGENT_S)] {
        let mut log = Log::new();
        let filing = log.file();
        let delay_s = (wait_s / 2).min(20 * HOUR);
        let request = granted(&mut log, &filing, &wish, delay_s);
        let until = log.now - delay_s + wait_s;
        forge(&mut log, delay_s);
        let left_s = until - log.now;
        pass(&mut log, left_s);
        assert_eq!(log.case(&filing).request(&request).unwrap().release_from, Some(log.now));
        let waits = Why::DeviceWaits { by_s: delay_s, until };
        assert_eq!(ask(&log, &filing, &request), refused(waits.clone()));
        pass(&mut log, delay_s - 1);
        assert_eq!(ask(&log, &filing, &request), refused(waits));
        pass(&mut log, 1);
        assert_eq!(ask(&log, &filing, &request), Ok(()), "by its own clock it has waited");
    }
}

#[test]
fn a_clock_that_is_wrong_alone_costs_nothing() {
    for behind_s in [SKEW_S, SKEW_S + 1, HOUR, 3 * DAY, 20 * 365 * DAY] {
        for delay_s in [0, MINUTE, 20 * HOUR] {
            let mut log = Log::new();
            let filing = log.file();
            log.skew_s = -behind_s.cast_signed();
            let request = granted(&mut log, &filing, &Wish::default(), delay_s);
            let last = log.case(&filing).request(&request).unwrap().release_from.unwrap();
            let left_s = last - 1 - log.now;
            pass(&mut log, left_s);
            let early = ask(&log, &filing, &request).unwrap_err();
            assert_eq!((early.line, early.from), (Some(9), Some(last)), "{behind_s}");
            pass(&mut log, 1);
            assert_eq!(ask(&log, &filing, &request), Ok(()), "{behind_s}, {delay_s}");
        }
    }
}

/// Set back or restarted since; ahead when the seat granted and behind now; another device for the grant.
#[test]
fn a_clock_that_was_changed_is_to_be_set_and_then_costs_nothing() {
    for (then_s, now_s) in [(0, -3_600), (0, -(20 * 365 * 86_400)), (86_400, -301), (-3_600, -7_200)] {
        let mut log = Log::new();
        let filing = log.file();
        log.skew_s = then_s;
        let request = granted(&mut log, &filing, &Wish::default(), 0);
        pass(&mut log, OBJECTION_S + DAY);
        log.skew_s = now_s;
        let by_s = then_s.abs_diff(now_s);
        assert_eq!(ask(&log, &filing, &request), ran_ahead(by_s), "{then_s}, {now_s}");
        log.skew_s = 0;
        assert_eq!(ask(&log, &filing, &request), Ok(()), "{then_s}, {now_s}");
    }
}

#[test]
fn three_hundred_seconds_are_no_disagreement() {
    let mut log = Log::new();
    let filing = log.file();
    log.skew_s = -301;
    let request = granted(&mut log, &filing, &Wish::default(), 0);
    pass(&mut log, OBJECTION_S);
    forge(&mut log, SKEW_S);
    assert_eq!(ask(&log, &filing, &request), Ok(()));
    forge(&mut log, 1);
    assert_eq!(ask(&log, &filing, &request), ran_ahead(SKEW_S + 1));
}

/// A seat that granted after the t_account-th, on a clock that is wrong: it waits by it, or sets it.
#[test]
fn a_late_grant_waits_by_the_seats_own_clock_or_the_clock_is_set() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[2, 3, 4]);
    pass(&mut log, OBJECTION_S);
    log.skew_s = -HOUR.cast_signed();
    log.grant(&filing, request, &[1]);
    let until = log.device() + OBJECTION_S;
    let waits = refused(Why::DeviceWaits { by_s: HOUR, until });
    assert_eq!(ask(&log, &filing, &request), waits);
    log.skew_s = 0;
    assert_eq!(ask(&log, &filing, &request), Ok(()));
    log.skew_s = -HOUR.cast_signed();
    pass(&mut log, OBJECTION_S - 1);
    assert_eq!(ask(&log, &filing, &request), waits);
    pass(&mut log, 1);
    assert_eq!(ask(&log, &filing, &request), Ok(()));
}

/// Whoever has `case_salt` can file a seat's statements again; only the soonest inclusion of each says when it was written.
#[test]
fn own_statements_that_others_file_again_excuse_nothing() {
    let mut log = Log::new();
    let filing = log.file();
    let request = granted(&mut log, &filing, &Wish::default(), 0);
    forge(&mut log, OBJECTION_S);
    let own: Vec<_> = log.statements.clone();
    for statement in &own {
        log.act(&filing, statement);
    }
    assert_eq!(ask(&log, &filing, &request), ran_ahead(OBJECTION_S));
}

/// The queue says it, too.
#[test]
fn the_queue_says_why_it_waits() {
    let mut log = Log::new();
    let filing = log.file();
    let request = granted(&mut log, &filing, &Wish::default(), 0);
    forge(&mut log, OBJECTION_S);
    let seat = ReleasingSeat {
        x: x(1),
        key: keys(1).public(),
    };
    let tasks = casework::view::seat_queue(&log.case(&filing), &seat, &log.moment(), log.fold.registry());
    let not_now = ran_ahead(OBJECTION_S).unwrap_err();
    assert!(
        tasks.contains(&casework::view::Task::Wait { request, not_now }),
        "{tasks:?}"
    );
}
