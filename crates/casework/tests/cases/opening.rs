//! The reader's side: what may be opened, and what is missing in the log (§8.1, §19).

use casework::open::{Breach, breaches, is_closed, may_open};
use casework::{NotNow, Why};
use protocol::Digest;
use protocol::statement::Compartment::{self, Account, Identity};

use crate::support::{Filing, HOUR, Log, OBJECTION_S, Vote, Wish, x};

fn files(names: &[Compartment], seats: &[u16]) -> Vec<(Compartment, protocol::MemberNumber)> {
    names
        .iter()
        .flat_map(|name| seats.iter().map(|seat| (*name, x(*seat))))
        .collect()
}

fn released() -> (Log, Filing, Digest) {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    for seat in [1, 2, 3] {
        log.release(&filing, request, seat, &[Account]);
    }
    (log, filing, request)
}

#[test]
fn t_releases_in_the_log_open_a_compartment() {
    let (log, filing, request) = released();
    let case = log.case(&filing);
    assert_eq!(may_open(&case, &request), Ok(vec![Account]));
    assert!(breaches(&case, &request, &files(&[Account], &[1, 2, 3])).is_empty());
}

#[test]
fn fewer_than_t_releases_open_nothing() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    for seat in [1, 2] {
        log.release(&filing, request, seat, &[Account]);
    }
    let few = NotNow {
        line: None,
        why: Why::TooFewReleases { have: 2, need: 3 },
        from: None,
    };
    assert_eq!(may_open(&log.case(&filing), &request), Err(few));
    let none = NotNow {
        line: None,
        why: Why::NoRequest,
        from: None,
    };
    assert_eq!(may_open(&log.case(&filing), &Digest([0; 32])), Err(none));
}

#[test]
fn a_release_file_without_its_act_is_a_breach() {
    let (log, filing, request) = released();
    let missing = Breach::Release { name: Account, x: x(4) };
    assert_eq!(
        breaches(&log.case(&filing), &request, &files(&[Account], &[1, 2, 4])),
        [missing]
    );
}

#[test]
fn files_without_any_request_are_a_breach() {
    let (log, filing, _) = released();
    assert_eq!(
        breaches(&log.case(&filing), &Digest([0; 32]), &files(&[Account], &[1])),
        [Breach::Request]
    );
}

#[test]
fn files_without_grants_are_a_breach() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2]);
    log.release(&filing, request, 1, &[Account]);
    assert_eq!(
        breaches(&log.case(&filing), &request, &files(&[Account], &[1])),
        [
            Breach::Grants {
                name: Account,
                have: 2,
                need: 3
            },
            Breach::Release { name: Account, x: x(1) }
        ]
    );
}

#[test]
fn files_of_a_compartment_that_was_not_asked_for_are_a_breach() {
    let (mut log, filing, request) = released();
    log.release(&filing, request, 4, &[Account, Identity]);
    assert_eq!(
        breaches(&log.case(&filing), &request, &files(&[Identity], &[4])),
        [Breach::NotAsked { name: Identity }]
    );
}

#[test]
fn what_was_released_on_good_grounds_is_no_breach_whatever_is_shown_later() {
    // An objection that was in the log before the releases, and is shown after them: one grant more would be needed.
    let (mut log, filing) = (Log::new(), Filing::new(0));
    log.append(&filing.entry);
    let request = log.ask(&filing, &Wish::default());
    log.object(&filing, request, 5);
    let objection = log.statements.pop().unwrap();
    log.grant(&filing, request, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    for seat in [1, 2, 3] {
        log.release(&filing, request, seat, &[Account]);
    }
    log.statements.push(objection);
    assert!(breaches(&log.case(&filing), &request, &files(&[Account], &[1, 2, 3])).is_empty());
    assert_eq!(may_open(&log.case(&filing), &request), Ok(vec![Account]));
}

#[test]
fn an_early_release_is_a_breach() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2, 3]);
    log.release(&filing, request, 1, &[Account]);
    let early = Breach::Release { name: Account, x: x(1) };
    assert_eq!(
        breaches(&log.case(&filing), &request, &files(&[Account], &[1])),
        [early]
    );
}

/// Which of both compartments open no more, after each step.
#[test]
fn a_compartment_that_opens_no_more_is_known_before_anybody_acts() {
    let (account, identity) = (Compartment::Account, Compartment::Identity);
    let closed = |log: &Log, filing: &Filing, request, at| -> Vec<Compartment> {
        let case = log.case(filing);
        let names = [account, identity].into_iter();
        names.filter(|name| is_closed(&case, &request, *name, at)).collect()
    };
    let asked = || {
        let mut log = Log::new();
        let filing = log.file();
        for number in 1..=5 {
            log.ack(&filing, number);
        }
        let request = log.ask(&filing, &Wish::both());
        (log, filing, request)
    };
    let (mut log, filing, request) = asked();
    assert_eq!(closed(&log, &filing, request, log.now), []);
    log.decide(&filing, request, 5, Vote::Refuse);
    assert_eq!(closed(&log, &filing, request, log.now), []);
    log.decide(&filing, request, 4, Vote::Refuse);
    assert_eq!(
        closed(&log, &filing, request, log.now),
        [identity],
        "three of the four that it needs are left"
    );
    log.decide(&filing, request, 3, Vote::Refuse);
    assert_eq!(closed(&log, &filing, request, log.now), [account, identity]);
    let (mut log, filing, request) = asked();
    log.grant(&filing, request, &[1, 2, 3]);
    let until = log.case(&filing).request(&request).unwrap().grants_until();
    assert_eq!(closed(&log, &filing, request, until), []);
    assert_eq!(
        closed(&log, &filing, request, until + 1),
        [identity],
        "no fourth grant comes in time"
    );
    log.wait_until(log.now + 73 * HOUR);
    for number in [1, 2] {
        log.release(&filing, request, number, &[account]);
    }
    assert_eq!(
        closed(&log, &filing, request, log.now),
        [identity],
        "two have released without it"
    );
    assert!(
        is_closed(&log.case(&filing), &request, Compartment::Consent, log.now),
        "it was not asked for"
    );
}
