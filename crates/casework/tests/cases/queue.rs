//! What waits for a seat, and for a reader.

use casework::release::ReleasingSeat;
use casework::view::{OpenTerm, Task, first_referral, next_term, reader_queue, seat_queue};
use casework::{Body, NotNow, RequestStatus, Why, proposed};
use protocol::ids::{Origin, Version};
use protocol::statement::{AidStatus, Check, Compartment, Handled, Handling, Holds, OpeningOutcome};
use protocol::{Day, Digest, Envelope};

use crate::support::{DAY, Filing, HOUR, Log, T0, Vote, Wish, keys, sign, x};

const ACCOUNT: [Compartment; 1] = [Compartment::Account];

fn seat(log: &Log, filing: &Filing, number: u16) -> Vec<Task> {
    let seat = ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    };
    seat_queue(&log.case(filing), &seat, &log.moment(), log.fold.registry())
}

fn reader(log: &Log, filing: &Filing, number: u16) -> Vec<Task> {
    reader_queue(&log.case(filing), x(number), &log.moment())
}

#[test]
fn a_seat_acknowledges_decides_waits_and_releases() {
    let mut log = Log::new();
    let filing = log.file();
    let by = T0 + 72 * HOUR;
    assert_eq!(seat(&log, &filing, 1), [Task::Ack { by, is_overdue: false }]);
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    assert!(seat(&log, &filing, 1).is_empty());
    let request = log.ask(&filing, &Wish::default());
    let decide_by = T0 + 14 * DAY;
    let decide = Task::Decide {
        request,
        reader: x(11),
        compartments: ACCOUNT.to_vec(),
        urgent: false,
        consent: None,
        by: decide_by,
    };
    assert_eq!(seat(&log, &filing, 1), std::slice::from_ref(&decide));
    log.grant(&filing, request, &[1, 2]);
    let few = Why::TooFewGrants {
        have: 2,
        need: 3,
        until: decide_by,
    };
    let not_now = NotNow {
        line: Some(8),
        why: few,
        from: None,
    };
    assert_eq!(seat(&log, &filing, 1), [Task::Wait { request, not_now }]);
    log.grant(&filing, request, &[3]);
    let from = Some(T0 + 72 * HOUR);
    let not_now = NotNow {
        line: Some(9),
        why: Why::ObjectionTime,
        from,
    };
    assert_eq!(seat(&log, &filing, 1), [Task::Wait { request, not_now }]);
    log.wait_until(T0 + 72 * HOUR);
    let release = Task::Release {
        request,
        compartments: ACCOUNT.to_vec(),
        since: T0 + 72 * HOUR,
    };
    assert_eq!(seat(&log, &filing, 1), [release]);
    assert_eq!(seat(&log, &filing, 4), [decide]);
    log.release(&filing, request, 1, &ACCOUNT);
    assert!(seat(&log, &filing, 1).is_empty());
    assert!(seat(&log, &filing, 6).is_empty());
}

#[test]
fn the_next_term_is_told_whoever_owes_it() {
    let mut log = Log::new();
    let filing = log.file();
    let next = |log: &Log| next_term(&log.case(&filing), log.moment().time());
    assert_eq!(next(&log), Some((T0 + 72 * HOUR, OpenTerm::Acks)));
    log.wait_until(T0 + 72 * HOUR);
    assert_eq!(next(&log), None, "what has ended is a task, and nothing to come");
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    let request = log.ask(&filing, &Wish::default());
    let asked_at = log.moment().time();
    assert_eq!(next(&log), Some((asked_at + 14 * DAY, OpenTerm::Decisions)));
    log.grant(&filing, request, &[1, 2, 3]);
    let objections = asked_at + 72 * HOUR;
    assert_eq!(next(&log), Some((objections, OpenTerm::Waiting)));
    log.wait_until(objections);
    let until = asked_at + 41 * DAY - 52 * HOUR;
    assert_eq!(next(&log), Some((until, OpenTerm::Releases)));
    for number in 1..=3 {
        log.release(&filing, request, number, &ACCOUNT);
    }
    let released_at = log.moment().time();
    assert_eq!(next(&log), Some((released_at + 7 * DAY, OpenTerm::Opening)));
    log.opened(&filing, request, 11);
    assert_eq!(next(&log), Some((log.moment().time() + 30 * DAY, OpenTerm::Finding)));
    log.finding(&filing, request, 11);
    assert_eq!(next(&log), None);
}

#[test]
fn nothing_is_asked_for_a_request_that_lapsed_or_is_dead() {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1]);
    log.decide(&filing, request, 2, Vote::Refuse);
    assert!(seat(&log, &filing, 2).is_empty());
    log.wait_until(T0 + 14 * DAY + 1);
    assert!(seat(&log, &filing, 1).is_empty());
    assert!(seat(&log, &filing, 3).is_empty());
    let ends_at = T0 + 41 * DAY;
    let since = T0 + 14 * DAY + 1;
    let status = RequestStatus::Lapsed { since, ends_at };
    assert_eq!(reader(&log, &filing, 11), [Task::Pending { request, status }]);
    log.wait_until(ends_at + 1);
    assert!(seat(&log, &filing, 1).is_empty());
    let status = RequestStatus::Dead { since: ends_at + 1 };
    assert_eq!(reader(&log, &filing, 11), [Task::Pending { request, status }]);
}

#[test]
fn late_acks_rejects_gaps_and_breaches_are_raised_by_every_other_seat() {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=3 {
        log.ack(&filing, number);
    }
    log.reject(&filing, 4);
    let request = log.ask(&filing, &Wish::default());
    log.release(&filing, request, 3, &ACCOUNT);
    log.grant(&filing, request, &[2]);
    log.statements.pop();
    log.wait_until(T0 + 72 * HOUR + 1);
    let tasks = seat(&log, &filing, 1);
    assert!(matches!(tasks[0], Task::Decide { .. }));
    assert_eq!(
        tasks[1..],
        [
            Task::LateAck { x: x(5) },
            Task::Rejected {
                x: x(4),
                check: Check::Commitment,
                index: 8
            },
            Task::Breach { index: 10 },
            Task::Gap { index: 11 },
        ]
    );
    assert!(seat(&log, &filing, 5).contains(&Task::Ack {
        by: T0 + 72 * HOUR,
        is_overdue: true
    }));
    assert!(!seat(&log, &filing, 5).contains(&Task::LateAck { x: x(5) }));
    // A seat that rejected has nothing to acknowledge or decide.
    assert!(
        !seat(&log, &filing, 4)
            .iter()
            .any(|task| matches!(task, Task::Ack { .. } | Task::Decide { .. }))
    );
}

#[test]
fn a_reader_waits_opens_and_reports() {
    let mut log = Log::new();
    let filing = Filing::to(0, &[1, 2, 3, 4, 5, 6]);
    log.append(&filing.entry);
    let request = log.granted(&filing, &Wish::default());
    let since = log.now;
    let until = T0 + 41 * DAY - 52 * HOUR;
    let status = RequestStatus::Releasing { since, until };
    assert_eq!(reader(&log, &filing, 11), [Task::Pending { request, status }]);
    assert!(reader(&log, &filing, 12).is_empty());
    for number in 1..=3 {
        log.release(&filing, request, number, &ACCOUNT);
    }
    let by = since + 7 * DAY;
    let open = |is_overdue| Task::Open {
        request,
        compartments: ACCOUNT.to_vec(),
        by,
        is_overdue,
    };
    assert_eq!(reader(&log, &filing, 11), [open(false)]);
    log.wait_until(by + 1);
    assert_eq!(reader(&log, &filing, 11), [open(true)]);
    log.opened(&filing, request, 11);
    let by = log.now + 30 * DAY;
    assert_eq!(
        reader(&log, &filing, 11),
        [Task::Finding {
            request,
            by,
            is_overdue: false
        }]
    );
    log.wait_until(by + 1);
    assert_eq!(
        reader(&log, &filing, 11),
        [Task::Finding {
            request,
            by,
            is_overdue: true
        }]
    );
    log.finding(&filing, request, 11);
    assert!(reader(&log, &filing, 11).is_empty());
    // Assistance waits beside it, until she has it.
    let due = Day::of(log.now + DAY);
    log.aid(&filing, request, 11, (AidStatus::Offered, Some(log.now + DAY)));
    let aid = |is_overdue| Task::Aid {
        request,
        measure: "shelter".to_owned(),
        provider: "Refugio A".to_owned(),
        status: AidStatus::Offered,
        due,
        is_overdue,
    };
    assert_eq!(reader(&log, &filing, 11), [aid(false)]);
    log.wait_until(due.end());
    assert_eq!(reader(&log, &filing, 11), [aid(true)]);
    log.aid(&filing, request, 11, (AidStatus::Declined, None));
    assert!(reader(&log, &filing, 11).is_empty());
}

#[test]
fn an_opening_of_what_was_never_released_is_raised() {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    let request = log.ask(&filing, &Wish::default());
    log.opened(&filing, request, 11);
    assert_eq!(seat(&log, &filing, 1), [Task::Breach { index: 11 }]);
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    let request = log.granted(&filing, &Wish::default());
    for number in 1..=3 {
        log.release(&filing, request, number, &ACCOUNT);
    }
    log.opened(&filing, request, 11);
    assert!(seat(&log, &filing, 1).is_empty());
}

/// Telling a reader is offered where it is the next step, and nowhere else: each condition fails alone.
#[test]
fn telling_a_reader_is_offered_once_the_parts_are_complete_and_no_reader_knows() {
    let offered = |log: &Log, filing: &Filing, seat: u16| {
        first_referral(&log.case(filing), x(seat), log.fold.registry()).is_some()
    };
    let held_by = |seats: &[u16], filing: Filing| {
        let mut log = Log::new();
        let filing = log.filed(filing);
        for seat in seats {
            log.ack(&filing, *seat);
        }
        (log, filing)
    };
    let (mut log, filing) = held_by(&[1, 2], Filing::new(0));
    assert!(!offered(&log, &filing, 1), "too few hold it");
    log.ack(&filing, 3);
    assert!(offered(&log, &filing, 1) && offered(&log, &filing, 5));
    assert!(!offered(&log, &filing, 6), "a seat that was not dealt to");
    let task = first_referral(&log.case(&filing), x(1), log.fold.registry()).unwrap();
    assert!(
        !task.needs_holder() && task.by().is_none(),
        "every seat may, and none owes it"
    );
    log.refers(&filing, 2, 11);
    assert!(!offered(&log, &filing, 1), "a reader knows");

    let (mut log, filing) = held_by(&[1, 2, 3], Filing::new(0));
    log.withdraws(&filing, 1, true);
    assert!(!offered(&log, &filing, 1), "she withdraws it");
    log.withdraws(&filing, 2, false);
    assert!(offered(&log, &filing, 1), "and takes that back");
    for seat in [1, 2, 3] {
        log.declines(&filing, seat);
    }
    assert!(!offered(&log, &filing, 4), "it was declined");
}

/// Anybody can put records into a reader's bucket: only what its own key signed, for this log, is taken as its own.
#[test]
fn a_reader_takes_only_what_it_signed_itself_in_this_log_as_its_own() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    let finding = log
        .head()
        .finding(&log.case(&filing), &request, OpeningOutcome::Protected);
    let (registry, key) = (log.fold.registry(), keys(11).public());
    let own = proposed::own(&sign(&finding, &[11]), &key, registry);
    assert!(matches!(own, Some(Body::Finding(it)) if it.outcome == OpeningOutcome::Protected));
    for signers in [&[12][..], &[1], &[11, 12]] {
        assert!(
            proposed::own(&sign(&finding, signers), &key, registry).is_none(),
            "{signers:?}"
        );
    }
    let mut elsewhere = finding;
    elsewhere.origin = Origin::new("another.test/log").unwrap();
    assert!(proposed::own(&sign(&elsewhere, &[11]), &key, registry).is_none());
    let referral = log.referral_of(&filing, 1, 11);
    assert!(
        proposed::own(&sign(&referral, &[11]), &key, registry).is_none(),
        "a seat's words are none of its own"
    );
}

/// Anybody who knows a seat's recipient puts records into its bucket: what another key signed, was said for another log, or is
/// another statement, hides no question from it.
#[test]
fn a_seat_takes_from_its_bucket_what_it_said_itself_of_questions() {
    let mut log = Log::new();
    let filing = log.file();
    let (registry, key, head) = (log.fold.registry(), keys(2).public(), log.head());
    let handled = Handled {
        v: Version,
        origin: head.origin,
        nonce: head.nonce,
        time: head.time,
        x: x(2),
        ask: Digest([7; 32]),
        what: Handling::PutAway,
    };
    let read = |statement: &Envelope| proposed::handled(statement, &key, registry);
    assert_eq!(read(&sign(&handled, &[2])), Some(handled.clone()));
    assert_eq!(read(&sign(&handled, &[3])), None);
    let origin = Origin::new("elsewhere.example/log").unwrap();
    assert_eq!(read(&sign(&Handled { origin, ..handled }, &[2])), None);
    assert_eq!(read(&sign(&log.ack_of(&filing, 2, Holds::Share), &[2])), None);
}
