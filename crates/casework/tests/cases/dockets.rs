//! The docket as a published log shows it (§10.3): what counts of it, who owes what since when, and what contradicts itself.

use casework::docket::{Committed, DocketFault, Dockets, Stage, TwinRefusal};
use protocol::ids::{Nonce, Version};
use protocol::slot::Entry;
use protocol::statement::{DocketId, Twin, TwinAct, TwinOutcome};
use protocol::week::Week;
use protocol::{Day, Envelope, Origin};

use crate::support::{BARRED, DAY, HOUR, Log, ORIGIN, READER, T0, rng, sign, x};

/// A twin of an act at a time; in docket 0xd0 and the first of its author.
fn twin(log: &Log, seat: u16, act: TwinAct) -> Twin {
    let week = Week::of(log.now);
    let outcome = match act {
        TwinAct::Decision => Some(TwinOutcome::Granted),
        TwinAct::Opened => Some(TwinOutcome::Opened),
        TwinAct::Finding => Some(TwinOutcome::Protected),
        TwinAct::Erased => Some(TwinOutcome::Erased),
        TwinAct::Request | TwinAct::Objection => None,
    };
    let days = match act {
        TwinAct::Request | TwinAct::Objection => Some(14),
        TwinAct::Opened => Some(30),
        _ => None,
    };
    Twin {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: Nonce([u8::try_from(log.fold.size() % 250).unwrap(); 32]),
        time: week.start(),
        docket: DocketId([0xd0; 16]),
        n: 0,
        act,
        seat: x(seat),
        urgent: false,
        week,
        due: days.map(|days| Day::of(log.now + days * DAY)),
        outcome,
        prev: None,
    }
}

/// Signs a twin, and commits to it in the log.
fn commit(log: &mut Log, twin: &Twin) -> Envelope {
    let envelope = sign(twin, &[twin.seat.get()]);
    let seed = log.fold.size();
    log.append(&Entry::twin(envelope.digest(), &mut rng(seed)));
    envelope
}

fn acted(log: &mut Log, seat: u16, act: TwinAct) -> Envelope {
    let twin = twin(log, seat, act);
    commit(log, &twin)
}

/// As every follower computes it, to whom the time of each entry is known.
fn dockets(log: &Log) -> Dockets {
    let at = |index: u64| log.entries[usize::try_from(index).unwrap()].1;
    Dockets::of(log.fold.registry(), |digest| {
        let (index, _) = log.fold.slots().twin(digest)?;
        Some(Committed { index, at: at(index) })
    })
}

fn publish(log: &mut Log, twins: &[Envelope]) {
    for twin in twins {
        log.publish(twin);
    }
}

fn numbers(members: &std::collections::BTreeSet<protocol::MemberNumber>) -> Vec<u16> {
    members.iter().map(|x| x.get()).collect()
}

#[test]
fn a_stalled_request_names_the_seats_that_are_silent_and_none_that_answered() {
    let mut log = Log::new();
    let request = acted(&mut log, READER, TwinAct::Request);
    log.wait_until(T0 + DAY);
    let grant = acted(&mut log, 2, TwinAct::Decision);
    log.wait_until(T0 + 20 * DAY);
    // Too late to count, and an answer all the same.
    let late = acted(&mut log, 4, TwinAct::Decision);
    assert_eq!(dockets(&log).all().count(), 0, "nothing is published");
    publish(&mut log, &[request, grant, late]);
    let dockets = dockets(&log);
    let by = Day::of(T0 + 14 * DAY).end() - 1;
    assert_eq!(dockets.owed(by), vec![], "its last second is in time");
    let owed = dockets.owed(log.now);
    assert_eq!(owed.len(), 1);
    assert_eq!((owed[0].stage, owed[0].by), (Stage::Grants, by));
    assert_eq!(
        (numbers(&owed[0].owers.owe), numbers(&owed[0].owers.perhaps)),
        (vec![1, 3, 5, 6], vec![])
    );
    // Once all have answered, however late, nobody owes an answer any more.
    let rest: Vec<Envelope> = [1, 3, 5, 6].map(|seat| acted(&mut log, seat, TwinAct::Decision)).into();
    publish(&mut log, &rest);
    assert_eq!(self::dockets(&log).owed(log.now), vec![]);
}

#[test]
fn an_opening_is_owed_by_the_reader_or_by_a_seat_whose_release_nobody_sees() {
    let mut log = Log::new();
    let mut twins = vec![acted(&mut log, READER, TwinAct::Request)];
    twins.extend([1, 2, 3].map(|seat| acted(&mut log, seat, TwinAct::Decision)));
    publish(&mut log, &twins);
    log.wait_until(T0 + 40 * DAY);
    let owed = dockets(&log).owed(log.now);
    assert_eq!(owed[0].stage, Stage::Opening);
    assert_eq!(
        (numbers(&owed[0].owers.owe), numbers(&owed[0].owers.perhaps)),
        (vec![READER], vec![1, 2, 3])
    );
}

#[test]
fn what_has_been_owed_longest_comes_first() {
    let mut log = Log::new();
    let mut made = Vec::new();
    for (id, wait) in [(3, 0), (1, 2), (2, 1)] {
        log.wait_until(T0 + wait * DAY);
        let request = Twin {
            docket: DocketId([id; 16]),
            ..twin(&log, READER, TwinAct::Request)
        };
        made.push(commit(&mut log, &request));
        log.wait_until(T0 + wait * DAY);
    }
    log.wait_until(T0 + 60 * DAY);
    publish(&mut log, &made);
    let owed = dockets(&log).owed(log.now);
    let order: Vec<u8> = owed.iter().map(|owed| owed.docket.0[0]).collect();
    assert_eq!(order, [3, 2, 1]);
}

/// A reader cannot grant its own request, nor a seat ask, nor a reader object: their twins stand in the docket and change nothing.
#[test]
fn nobody_acts_in_a_docket_beyond_its_office() {
    let mut log = Log::new();
    let request = acted(&mut log, READER, TwinAct::Request);
    let objection = acted(&mut log, BARRED, TwinAct::Objection);
    let first_seat = Twin {
        docket: DocketId([0xee; 16]),
        ..twin(&log, 2, TwinAct::Request)
    };
    let by_seat = commit(&mut log, &first_seat);
    let by_reader = acted(&mut log, BARRED, TwinAct::Decision);
    publish(&mut log, &[request, objection, by_seat, by_reader]);
    let dockets = dockets(&log);
    let course = dockets.get(&DocketId([0xd0; 16])).unwrap().course.clone().unwrap();
    assert_eq!((course.need, course.granted.len(), course.objected.len()), (3, 0, 0));
    assert_eq!(dockets.get(&DocketId([0xee; 16])).unwrap().course, None);
}

#[test]
fn a_twin_that_is_committed_to_after_it_was_published_was_made_up() {
    let mut log = Log::new();
    let request = twin(&log, READER, TwinAct::Request);
    let envelope = sign(&request, &[READER]);
    log.publish(&envelope);
    commit(&mut log, &request);
    let dockets = dockets(&log);
    assert_eq!(dockets.all().count(), 0);
    let refused: Vec<&TwinRefusal> = dockets.refused().iter().map(|(_, _, why)| why).collect();
    assert_eq!(refused, [&TwinRefusal::NotCommitted]);
}

fn faults(log: &Log) -> Vec<DocketFault> {
    dockets(log).faults().cloned().collect()
}

#[test]
fn two_twins_with_one_number_are_the_proof_against_their_author() {
    let mut log = Log::new();
    let request = acted(&mut log, READER, TwinAct::Request);
    let first = acted(&mut log, 2, TwinAct::Decision);
    let refusal = Twin {
        outcome: Some(TwinOutcome::Policy),
        ..twin(&log, 2, TwinAct::Decision)
    };
    let second = commit(&mut log, &refusal);
    // Of another seat it is none.
    let other = acted(&mut log, 3, TwinAct::Decision);
    publish(&mut log, &[second.clone(), request, first.clone(), other]);
    let fault = DocketFault::TwoTwins {
        docket: DocketId([0xd0; 16]),
        x: x(2),
        n: 0,
        twins: [first.digest(), second.digest()],
    };
    assert!(fault.is_contradiction());
    assert_eq!(
        faults(&log),
        vec![fault],
        "in the order of the log, whatever was published first"
    );
}

#[test]
fn a_twin_names_the_one_before_it_and_one_that_is_not_published_breaks_nothing() {
    let chain = |prev: fn(&Envelope) -> protocol::Digest, show_first: bool| {
        let mut log = Log::new();
        let request = acted(&mut log, READER, TwinAct::Request);
        let opened = Twin {
            n: 1,
            prev: Some(prev(&request)),
            ..twin(&log, READER, TwinAct::Opened)
        };
        let opened = commit(&mut log, &opened);
        let shown = if show_first {
            vec![request, opened]
        } else {
            vec![opened]
        };
        publish(&mut log, &shown);
        faults(&log)
    };
    let broken = DocketFault::BrokenChain {
        docket: DocketId([0xd0; 16]),
        x: x(READER),
        n: 1,
    };
    assert_eq!(chain(Envelope::digest, true), vec![]);
    assert_eq!(chain(|_| protocol::Digest([7; 32]), true), vec![broken]);
    assert_eq!(chain(|_| protocol::Digest([7; 32]), false), vec![]);
}

#[test]
fn a_twin_that_is_dated_back_or_ahead_shows() {
    let dated = |from: u64, at: u64| {
        let mut log = Log::new();
        log.wait_until(from);
        let request = twin(&log, READER, TwinAct::Request);
        log.wait_until(at);
        let request = commit(&mut log, &request);
        publish(&mut log, &[request]);
        !faults(&log).is_empty()
    };
    let week = Week::of(T0 + 30 * DAY);
    assert!(
        !dated(week.start(), week.end() + 7 * DAY - 1),
        "a promise, and time to file again"
    );
    assert!(dated(week.start(), week.end() + 7 * DAY));
    // The log's time goes on, so it is the act that is from the future.
    let mut log = Log::new();
    log.now = week.start();
    let request = twin(&log, READER, TwinAct::Request);
    log.now = week.start() - HOUR;
    let request = commit(&mut log, &request);
    publish(&mut log, &[request]);
    assert!(matches!(faults(&log)[..], [DocketFault::Dated { .. }]));
}

#[test]
fn who_publishes_more_than_a_week_late_shows_and_it_is_no_contradiction() {
    let late = |published_at: u64| {
        let mut log = Log::new();
        let request = acted(&mut log, READER, TwinAct::Request);
        log.wait_until(published_at);
        publish(&mut log, &[request]);
        faults(&log)
    };
    let due = Week::of(T0 + 14 * DAY).end();
    assert_eq!(late(due + 7 * DAY), vec![]);
    let found = late(due + 7 * DAY + 1);
    assert!(
        matches!(found[..], [DocketFault::Late { due: from, .. }] if from == due),
        "{found:?}"
    );
    assert!(!found[0].is_contradiction());
    // An answer is late by the request's publication, not before anybody could show it.
    let mut log = Log::new();
    let request = acted(&mut log, READER, TwinAct::Request);
    let grant = acted(&mut log, 1, TwinAct::Decision);
    log.wait_until(due);
    publish(&mut log, &[request]);
    let shown = Week::of(due).end();
    log.wait_until(shown + 7 * DAY);
    let mut later = log.fold.clone();
    publish(&mut log, std::slice::from_ref(&grant));
    assert_eq!(faults(&log), vec![]);
    std::mem::swap(&mut later, &mut log.fold);
    log.now = shown + 7 * DAY + 1;
    log.entries.pop();
    publish(&mut log, &[grant]);
    assert_eq!(faults(&log).len(), 1);
}
