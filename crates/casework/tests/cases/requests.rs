//! The life of a request: times to the second, needs, objections, death (§8.1, §8.3, §19).

use casework::RequestStatus as Status;
use casework::case::{ActRefusal, RequestState};
use protocol::Digest;
use protocol::statement::{AidStatus, Compartment};

use crate::support::{DAY, Filing, HOUR, Log, OBJECTION_S, URGENT_S, Vote, Wish, sign, x};

const ACCOUNT: [Compartment; 1] = [Compartment::Account];

fn state(log: &Log, filing: &Filing, request: Digest) -> RequestState {
    log.case(filing).request(&request).unwrap().clone()
}

fn status(log: &Log, filing: &Filing, request: Digest) -> Status {
    state(log, filing, request).status(log.now)
}

fn needs(log: &Log, filing: &Filing, request: Digest) -> Vec<usize> {
    state(log, filing, request)
        .compartments
        .iter()
        .map(|compartment| compartment.need)
        .collect()
}

#[test]
fn a_request_included_26_hours_after_its_time_counts_and_one_second_later_does_not() {
    for (delay, refusal) in [(26 * HOUR, None), (26 * HOUR + 1, Some(ActRefusal::Late))] {
        let mut log = Log::new();
        let filing = log.file();
        let request = log.request_of(&filing, &Wish::default());
        log.now += delay;
        log.act(&filing, &sign(&request, &[11]));
        assert_eq!(log.refusal(&filing), refusal, "{delay}");
    }
}

#[test]
fn a_request_dated_after_its_inclusion_is_refused_beyond_the_tolerance() {
    for (ahead, refusal) in [(300, None), (301, Some(ActRefusal::Future))] {
        let mut log = Log::new();
        let filing = log.file();
        let mut request = log.request_of(&filing, &Wish::default());
        request.time += ahead;
        request.decide_by += ahead;
        log.act(&filing, &sign(&request, &[11]));
        assert_eq!(log.refusal(&filing), refusal, "{ahead}");
    }
}

#[test]
fn needs_are_the_thresholds() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::both());
    assert_eq!(needs(&log, &filing, request), [3, 4]);
}

#[test]
fn urgent_needs_the_identity_threshold_for_every_compartment_and_waits_less() {
    let mut log = Log::new();
    let filing = log.file();
    let asked_at = log.now;
    let request = log.ask(
        &filing,
        &Wish {
            urgent: true,
            ..Wish::both()
        },
    );
    assert_eq!(needs(&log, &filing, request), [4, 4]);
    assert_eq!(state(&log, &filing, request).waits_until, None);
    log.now += HOUR;
    log.grant(&filing, request, &[1, 2, 3]);
    let until = asked_at + HOUR + URGENT_S;
    assert_eq!(state(&log, &filing, request).waits_until, Some(until));
    assert!(matches!(status(&log, &filing, request), Status::Deciding { .. }));
    log.now += 1;
    log.grant(&filing, request, &[4]);
    assert_eq!(status(&log, &filing, request), Status::Waiting { until });
}

#[test]
fn urgent_and_objected_needs_all_five() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::urgent());
    log.she_objects(&filing, request);
    log.object(&filing, request, 1);
    assert_eq!(needs(&log, &filing, request), [5]);
}

#[test]
fn every_objection_makes_it_wait_and_all_of_them_need_one_grant_more() {
    let mut log = Log::new();
    let filing = log.file();
    let asked_at = log.now;
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2, 3]);
    log.now += DAY;
    log.object(&filing, request, 2);
    let first = state(&log, &filing, request);
    assert_eq!(first.objections[0].by, Some(x(2)));
    assert_eq!(first.waits_until, Some(asked_at + 15 * DAY));
    assert_eq!(first.grants_until(), asked_at + 15 * DAY);
    log.now += DAY;
    log.she_objects(&filing, request);
    assert_eq!(log.refusal(&filing), None);
    let second = state(&log, &filing, request);
    assert_eq!(second.waits_until, Some(asked_at + 16 * DAY));
    assert_eq!(second.grants_until(), asked_at + 16 * DAY);
    assert_eq!(second.ends_at, first.ends_at);
    assert_eq!(needs(&log, &filing, request), [4]);
}

#[test]
fn an_objection_in_the_last_second_for_it_counts_and_one_second_later_does_not() {
    for (late, refusal) in [(0, None), (1, Some(ActRefusal::TooLate))] {
        let mut log = Log::new();
        let filing = log.file();
        let request = log.ask(&filing, &Wish::default());
        log.grant(&filing, request, &[1, 2, 3]);
        log.now += 17 * DAY + late;
        log.she_objects(&filing, request);
        assert_eq!(log.refusal(&filing), refusal, "{late}");
        assert_eq!(state(&log, &filing, request).objections.len(), 1 - late as usize);
    }
}

#[test]
fn an_objection_after_a_release_binds_the_seats_that_have_not_released() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    log.release(&filing, request, 1, &ACCOUNT);
    log.she_objects(&filing, request);
    assert_eq!(log.refusal(&filing), None);
    let objected = log.now;
    let state = state(&log, &filing, request);
    assert_eq!(state.releases[0].x, x(1), "what was released stays so");
    assert!(state.releases[0].omits.is_empty(), "it could not know");
    assert_eq!(
        status(&log, &filing, request),
        Status::Deciding {
            until: objected + 14 * DAY
        }
    );
    log.release(&filing, request, 2, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TooFewGrants { x: x(2) }));
    log.grant(&filing, request, &[4]);
    log.now = objected + 14 * DAY - 1;
    log.release(&filing, request, 2, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Early { x: x(2) }));
    log.now += 1;
    log.release(&filing, request, 2, &ACCOUNT);
    assert_eq!(log.refusal(&filing), None);
}

#[test]
fn an_early_release_does_not_stop_objections() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2, 3]);
    log.release(&filing, request, 1, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Early { x: x(1) }));
    log.she_objects(&filing, request);
    assert_eq!(log.refusal(&filing), None);
    assert_eq!(needs(&log, &filing, request), [4]);
}

#[test]
fn a_release_in_the_last_second_of_waiting_is_early() {
    for (early, refusal) in [(0, None), (1, Some(ActRefusal::Early { x: x(1) }))] {
        let mut log = Log::new();
        let filing = log.file();
        let request = log.ask(&filing, &Wish::default());
        log.grant(&filing, request, &[1, 2]);
        log.now += DAY;
        log.grant(&filing, request, &[3]);
        log.now += OBJECTION_S - early;
        log.release(&filing, request, 1, &ACCOUNT);
        assert_eq!(log.refusal(&filing), refusal, "{early}");
    }
}

#[test]
fn a_seat_that_did_not_grant_does_not_release() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    log.release(&filing, request, 4, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NotGranted { x: x(4) }));
    log.decide(&filing, request, 5, Vote::Refuse);
    log.release(&filing, request, 5, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NotGranted { x: x(5) }));
}

#[test]
fn the_lower_index_counts_when_a_seat_decides_twice() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let refuse = log.decision_of(&filing, request, 1, Vote::Refuse);
    let grant = log.decision_of(&filing, request, 1, Vote::Grant);
    // The grant is in the log first, in the higher slot.
    log.act_in(&filing, 3, &sign(&grant, &[1]));
    log.act_in(&filing, 2, &sign(&refuse, &[1]));
    let state = state(&log, &filing, request);
    assert_eq!((state.granted_by(), state.refused_by()), (vec![x(1)], vec![]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Again { index: 6 }));
}

#[test]
fn a_request_without_its_grants_lapses_and_is_dead_at_a_time_that_nothing_moves() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let decide_by = log.now + 14 * DAY;
    log.grant(&filing, request, &[1, 2]);
    log.wait_until(decide_by);
    assert_eq!(status(&log, &filing, request), Status::Deciding { until: decide_by });
    assert!(state(&log, &filing, request).decisions_overdue(log.now).is_empty());
    log.wait_until(decide_by + 1);
    let (since, ends_at) = (decide_by + 1, decide_by + OBJECTION_S + 24 * DAY);
    assert_eq!(status(&log, &filing, request), Status::Lapsed { since, ends_at });
    assert_eq!(
        state(&log, &filing, request).decisions_overdue(log.now),
        [x(3), x(4), x(5)]
    );
    log.release(&filing, request, 1, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TooFewGrants { x: x(1) }));
    log.wait_until(ends_at);
    assert_eq!(status(&log, &filing, request), Status::Lapsed { since, ends_at });
    log.wait_until(ends_at + 1);
    assert_eq!(status(&log, &filing, request), Status::Dead { since: ends_at + 1 });
}

#[test]
fn a_release_in_the_last_second_of_a_request_counts_and_one_second_later_does_not() {
    for (late, refusal) in [(0, None), (1, Some(ActRefusal::TooLate))] {
        let mut log = Log::new();
        let filing = log.file();
        let request = log.granted(&filing, &Wish::default());
        log.now = state(&log, &filing, request).ends_at + late;
        log.release(&filing, request, 1, &ACCOUNT);
        assert_eq!(log.refusal(&filing), refusal, "{late}");
    }
}

#[test]
fn grants_for_two_requests_never_combine() {
    let mut log = Log::new();
    let filing = log.file();
    let first = log.ask(&filing, &Wish::default());
    let second = log.ask(&filing, &Wish::default());
    log.grant(&filing, first, &[1, 2]);
    log.grant(&filing, second, &[3, 4, 5]);
    log.wait_until(log.now + OBJECTION_S);
    assert!(matches!(status(&log, &filing, first), Status::Deciding { .. }));
    assert!(matches!(status(&log, &filing, second), Status::Releasing { .. }));
    // Seats 1 and 2 released for nothing that granted; seat 3 not for the first.
    for seat in [1, 2] {
        log.release(&filing, second, seat, &ACCOUNT);
        assert_eq!(log.refusal(&filing), Some(ActRefusal::NotGranted { x: x(seat) }));
    }
    log.release(&filing, first, 1, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TooFewGrants { x: x(1) }));
}

#[test]
fn two_requests_that_died_never_add_up() {
    let mut log = Log::new();
    let filing = log.file();
    let requests = [log.ask(&filing, &Wish::default()), log.ask(&filing, &Wish::default())];
    log.grant(&filing, requests[0], &[1, 2]);
    log.grant(&filing, requests[1], &[3, 4]);
    log.wait_until(log.now + 14 * DAY + 1);
    // Each lacks one grant; a late one does not help either.
    log.grant(&filing, requests[0], &[3]);
    for request in requests {
        assert!(matches!(status(&log, &filing, request), Status::Lapsed { .. }));
        for seat in 1..=4 {
            log.release(&filing, request, seat, &ACCOUNT);
            assert!(log.refusal(&filing).is_some());
        }
        let state = state(&log, &filing, request);
        assert_eq!((state.releases.len(), state.compartments[0].released_at), (0, None));
    }
}

#[test]
fn a_decision_before_a_share_was_held_does_not_take_the_place_of_the_right_one() {
    let mut log = Log::new();
    let filing = log.file();
    log.reject(&filing, 1);
    let request = log.ask(&filing, &Wish::default());
    log.decide(&filing, request, 1, Vote::Refuse);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::HoldsNoShare { x: x(1) }));
    log.ack(&filing, 1);
    log.decide(&filing, request, 1, Vote::Grant);
    assert_eq!(log.refusal(&filing), None);
    assert_eq!(state(&log, &filing, request).granted_by(), [x(1)]);
}

#[test]
fn refusals_can_leave_too_few_seats() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    for seat in [1, 2] {
        log.decide(&filing, request, seat, Vote::Refuse);
        assert!(!state(&log, &filing, request).is_hopeless());
    }
    log.decide(&filing, request, 3, Vote::Refuse);
    assert!(state(&log, &filing, request).is_hopeless());
}

#[test]
fn released_opened_reported_and_their_last_seconds() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    let from = log.now;
    log.release(&filing, request, 1, &ACCOUNT);
    log.release(&filing, request, 2, &ACCOUNT);
    let until = state(&log, &filing, request).release_by();
    assert_eq!(status(&log, &filing, request), Status::Releasing { since: from, until });
    log.now += HOUR;
    log.release(&filing, request, 3, &ACCOUNT);
    let released = log.now;
    assert_eq!(
        status(&log, &filing, request),
        Status::Released {
            since: released,
            opened_by: released + 7 * DAY
        }
    );
    let waiting = state(&log, &filing, request);
    assert!(!waiting.opened_overdue(released + 7 * DAY));
    assert!(waiting.opened_overdue(released + 7 * DAY + 1));
    log.now += 3 * DAY;
    log.opened(&filing, request, 11);
    let opened = log.now;
    assert_eq!(
        status(&log, &filing, request),
        Status::Opened {
            since: opened,
            report_by: opened + 30 * DAY
        }
    );
    let reporting = state(&log, &filing, request);
    assert!(!reporting.opened_overdue(released + 8 * DAY));
    assert!(!reporting.finding_overdue(opened + 30 * DAY));
    assert!(reporting.finding_overdue(opened + 30 * DAY + 1));
    log.now += DAY;
    log.finding(&filing, request, 11);
    assert_eq!(status(&log, &filing, request), Status::Reported { since: log.now });
    assert!(!state(&log, &filing, request).finding_overdue(opened + 31 * DAY));
}

#[test]
fn a_finding_before_any_opening_is_refused() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    log.finding(&filing, request, 11);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NotOpened));
}

#[test]
fn aid_is_followed_up_until_it_is_delivered_or_declined() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    let offered = |due| (AidStatus::Offered, Some(due));
    log.aid(&filing, request, 11, offered(log.now));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NotOpened));
    log.opened(&filing, request, 11);
    let due = log.now + 5 * DAY;
    log.aid(&filing, request, 11, offered(due));
    assert_eq!(log.refusal(&filing), None);
    let end = protocol::Day::of(due).end();
    let overdue = |log: &Log, at| {
        let state = state(log, &filing, request);
        assert_eq!(state.aid().len(), 1);
        state.aid()[0].is_overdue(at)
    };
    assert!(!overdue(&log, end - 1), "the day itself is in time");
    assert!(overdue(&log, end));
    log.now += DAY;
    log.aid(&filing, request, 11, (AidStatus::Accepted, Some(due + DAY)));
    assert!(!overdue(&log, end), "the newest word counts");
    assert!(overdue(&log, end + DAY));
    log.aid(&filing, request, 11, (AidStatus::Delivered, None));
    assert!(!overdue(&log, end + 9 * DAY));
    let state = state(&log, &filing, request);
    let words: Vec<_> = state.aids.iter().map(|aid| aid.status).collect();
    assert_eq!(
        words,
        [AidStatus::Offered, AidStatus::Accepted, AidStatus::Delivered],
        "nothing is overwritten"
    );
    assert_eq!(state.aid()[0].status, AidStatus::Delivered);
}

#[test]
fn only_the_reader_who_asked_opens_and_reports() {
    let mut log = Log::new();
    let filing = Filing::to(0, &[1, 2, 3, 4, 5, 6]);
    log.append(&filing.entry);
    let request = log.granted(&filing, &Wish::default());
    log.opened(&filing, request, 12);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::OtherReader));
    log.opened(&filing, request, 11);
    assert_eq!(log.refusal(&filing), None);
    log.finding(&filing, request, 12);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::OtherReader));
    log.aid(&filing, request, 12, (AidStatus::Offered, None));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::OtherReader));
    log.opened(&filing, request, 11);
    assert!(matches!(log.refusal(&filing), Some(ActRefusal::Again { .. })));
}
