//! §8.5, line by line: in each test the one thing that its name says is wrong, and all else is right.

use casework::case::ActRefusal;
use casework::release::{ReleasingSeat, may_release, may_release_at};
use casework::{Clock, Latest, NotNow, Why};
use protocol::Digest;
use protocol::statement::Compartment;
use tlog::note::Note;

use crate::support::{BARRED, DAY, Filing, HOUR, Log, OBJECTION_S, Vote, Wish, by_operator, checkpoint_note, keys};
use crate::support::{member, sign, successor, x};

const BOTH: [Compartment; 2] = [Compartment::Account, Compartment::Identity];

fn seat(number: u16) -> ReleasingSeat {
    ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    }
}

/// Everything right: three grants, the waiting time just over.
fn ready() -> (Log, Filing, Digest) {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    (log, filing, request)
}

/// The answer for seat 1, from the newest checkpoint and a right clock.
fn ask(log: &Log, filing: &Filing, request: &Digest) -> Result<Vec<Compartment>, NotNow> {
    ask_with(log, filing, request, &log.note(), log.now)
}

fn ask_with(
    log: &Log,
    filing: &Filing,
    request: &Digest,
    note: &Note,
    device: u64,
) -> Result<Vec<Compartment>, NotNow> {
    let latest = Latest {
        checkpoint: note,
        clock: Clock::of_device(device),
    };
    may_release(&log.case(filing), request, &seat(1), &latest, log.fold.registry()).map(|allowed| allowed.compartments)
}

fn refused(line: u8, why: Why) -> Result<Vec<Compartment>, NotNow> {
    Err(NotNow {
        line: Some(line),
        why,
        from: None,
    })
}

#[test]
fn all_lines_hold() {
    let (log, filing, request) = ready();
    assert_eq!(ask(&log, &filing, &request), Ok(vec![Compartment::Account]));
}

#[test]
fn line_1_the_checkpoint_satisfies_the_policy() {
    let (log, filing, request) = ready();
    // The log's own signature alone: no cosigner, no time.
    let note = log.note();
    let own = Note::new(note.text().to_owned())
        .unwrap()
        .with(note.signatures()[0].clone());
    assert_eq!(
        ask_with(&log, &filing, &request, &own, log.now),
        refused(1, Why::Untrusted)
    );
}

#[test]
fn line_1_the_checkpoint_is_at_most_26_hours_old() {
    let (log, filing, request) = ready();
    let last = log.now + 26 * HOUR;
    assert!(ask_with(&log, &filing, &request, &log.note(), last).is_ok());
    let too_old = refused(1, Why::CheckpointTooOld { age_s: 26 * HOUR + 1 });
    assert_eq!(ask_with(&log, &filing, &request, &log.note(), last + 1), too_old);
}

#[test]
fn line_1_the_log_was_read_to_the_checkpoint() {
    let (log, filing, request) = ready();
    let size = log.fold.size();
    let note = checkpoint_note(size + 1, log.now);
    let behind = refused(
        1,
        Why::NotReadToTheEnd {
            read_to: size,
            size: size + 1,
        },
    );
    assert_eq!(ask_with(&log, &filing, &request, &note, log.now), behind);
}

#[test]
fn line_2_the_seat_is_of_the_current_council() {
    let (mut log, filing, request) = ready();
    // ReleasingSeat 1 leaves: the case, the grants of three others and the times stay right.
    let next = successor(|council| {
        council.seats.remove(0);
        council.identity = 4;
    });
    log.grant(&filing, request, &[4]);
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    assert_eq!(log.fold.registry().current().unwrap().epoch, 2);
    assert_eq!(ask(&log, &filing, &request), refused(2, Why::NotOfCouncil { x: x(1) }));
}

#[test]
fn line_2_the_seat_has_the_key_of_the_current_council() {
    let (mut log, filing, request) = ready();
    let next = successor(|council| council.seats[0].key = keys(21).public());
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    assert_eq!(ask(&log, &filing, &request), refused(2, Why::OtherKey { x: x(1) }));
    let new_key = ReleasingSeat {
        x: x(1),
        key: keys(21).public(),
    };
    let allowed = may_release_at(
        &log.case(&filing),
        &request,
        &new_key,
        &log.moment(),
        log.fold.registry(),
    );
    assert_eq!(
        allowed.map(|allowed| allowed.compartments),
        Ok(vec![Compartment::Account])
    );
}

#[test]
fn line_3_the_reader_is_still_of_the_council() {
    let (mut log, filing, request) = ready();
    let next = successor(|council| council.readers = vec![member(BARRED)]);
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    assert_eq!(ask(&log, &filing, &request), refused(3, Why::NotOfCouncil { x: x(11) }));
}

#[test]
fn line_3_the_reader_is_not_of_a_controller_left_out() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(
        &filing,
        &Wish {
            reader: BARRED,
            ..Wish::default()
        },
    );
    assert_eq!(ask(&log, &filing, &request), refused(3, Why::Barred { x: x(BARRED) }));
    // The same reader, where seat 6 is dealt to.
    let filing = Filing::to(1, &[1, 2, 3, 4, 5, 6]);
    log.append(&filing.entry);
    let request = log.granted(
        &filing,
        &Wish {
            reader: BARRED,
            ..Wish::default()
        },
    );
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_3_a_reader_who_moves_under_a_controller_left_out_is_barred() {
    let (mut log, filing, request) = ready();
    let next = successor(|council| council.readers[0].controller = "institution 6".into());
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    assert_eq!(ask(&log, &filing, &request), refused(3, Why::Barred { x: x(11) }));
}

#[test]
fn line_4_the_request_is_in_that_checkpoint() {
    let (log, filing, request) = ready();
    let index = log.case(&filing).request(&request).unwrap().found.index;
    let note = checkpoint_note(index, log.now);
    assert_eq!(
        ask_with(&log, &filing, &request, &note, log.now),
        refused(4, Why::NoRequest)
    );
    assert_eq!(ask(&log, &filing, &Digest([0; 32])), refused(4, Why::NoRequest));
}

#[test]
fn line_4_an_invalid_request_says_what_is_wrong() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.request_of(&filing, &Wish::default());
    log.now += 26 * HOUR + 1;
    let digest = log.act(&filing, &sign(&request, &[11]));
    assert_eq!(
        ask(&log, &filing, &digest),
        refused(
            4,
            Why::BadRequest {
                reason: ActRefusal::Late
            }
        )
    );
}

#[test]
fn line_6_what_is_erased_is_not_released() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    for number in [4, 5] {
        log.erases(&filing, number);
    }
    assert!(
        ask(&log, &filing, &request).is_ok(),
        "two parts less, and three are left"
    );
    log.erases(&filing, 3);
    assert_eq!(ask(&log, &filing, &request), refused(6, Why::Erased));
}

#[test]
fn line_7_she_consents() {
    let mut log = Log::new();
    let filing = log.filed(Filing::with_consent(0, false));
    let request = log.granted(&filing, &Wish::default());
    assert_eq!(ask(&log, &filing, &request), refused(7, Why::NoAnswer));
    log.answers(&filing, request, 1, true);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_8_enough_seats_have_granted() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let (asked_at, decide_by) = (log.now, log.now + 14 * DAY);
    log.grant(&filing, request, &[1, 2]);
    log.decide(&filing, request, 3, Vote::Refuse);
    log.wait_until(asked_at + DAY);
    let few = Why::TooFewGrants {
        have: 2,
        need: 3,
        until: decide_by,
    };
    assert_eq!(ask(&log, &filing, &request), refused(8, few));
    log.grant(&filing, request, &[4]);
    log.wait_until(log.now + OBJECTION_S);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_8_the_same_seat_counts_once() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2, 2, 1, 2]);
    log.wait_until(log.now + OBJECTION_S);
    assert!(matches!(
        ask(&log, &filing, &request),
        Err(NotNow { line: Some(8), .. })
    ));
}

#[test]
fn line_8_a_seat_that_left_the_council_counts_no_more() {
    let (mut log, filing, request) = ready();
    let next = successor(|council| {
        council.seats.remove(2);
    });
    log.publish(&sign(&next, &[1, 2, 4, 5]));
    assert!(matches!(
        ask(&log, &filing, &request),
        Err(NotNow { line: Some(8), .. })
    ));
    log.grant(&filing, request, &[4]);
    // Its time to object begins with the grant that makes three by seats of this council.
    assert!(matches!(
        ask(&log, &filing, &request),
        Err(NotNow { line: Some(9), .. })
    ));
    log.wait_until(log.now + OBJECTION_S);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_8_grants_after_decide_by_never_count() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let decide_by = log.now + 14 * DAY;
    log.grant(&filing, request, &[1, 2]);
    log.now = decide_by + 1;
    log.grant(&filing, request, &[3]);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TooLate));
    assert_eq!(ask(&log, &filing, &request), refused(8, Why::Lapsed));
    log.wait_until(decide_by + 27 * DAY);
    assert_eq!(ask(&log, &filing, &request), refused(8, Why::Lapsed));
    log.wait_until(decide_by + 27 * DAY + 1);
    assert_eq!(ask(&log, &filing, &request), refused(8, Why::Dead));
    // One second earlier it is in time.
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2]);
    log.now = decide_by;
    log.grant(&filing, request, &[3]);
    log.wait_until(decide_by + OBJECTION_S);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_8_an_objection_needs_one_grant_more() {
    let (mut log, filing, request) = ready();
    log.object(&filing, request, 5);
    log.wait_until(log.now + 14 * DAY);
    assert!(matches!(
        ask(&log, &filing, &request),
        Err(NotNow {
            line: Some(8),
            why: Why::TooFewGrants { have: 3, need: 4, .. },
            from: None
        })
    ));
    log.grant(&filing, request, &[4]);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_9_the_objection_time_is_over() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2]);
    log.now += DAY;
    log.grant(&filing, request, &[3]);
    let until = log.now + OBJECTION_S;
    log.wait_until(until - 1);
    let waits = Err(NotNow {
        line: Some(9),
        why: Why::ObjectionTime,
        from: Some(until),
    });
    assert_eq!(ask(&log, &filing, &request), waits);
    // A device clock that runs ahead does not shorten it: time comes from the log.
    assert_eq!(ask_with(&log, &filing, &request, &log.note(), until + HOUR), waits);
    log.wait_until(until);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_9_no_objection_is_still_waiting() {
    let (mut log, filing, request) = ready();
    log.grant(&filing, request, &[4]);
    log.she_objects(&filing, request);
    let until = log.now + 14 * DAY;
    log.wait_until(until - 1);
    let waits = Err(NotNow {
        line: Some(9),
        why: Why::Objected,
        from: Some(until),
    });
    assert_eq!(ask(&log, &filing, &request), waits);
    log.wait_until(until);
    assert!(ask(&log, &filing, &request).is_ok());
}

#[test]
fn line_10_its_own_decision_was_grant() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[2, 3, 4]);
    log.wait_until(log.now + OBJECTION_S);
    assert_eq!(ask(&log, &filing, &request), refused(10, Why::NotGranted));
    log.decide(&filing, request, 1, Vote::Refuse);
    assert_eq!(ask(&log, &filing, &request), refused(10, Why::NotGranted));
}

#[test]
fn a_seat_releases_once() {
    let (mut log, filing, request) = ready();
    log.release(&filing, request, 1, &[Compartment::Account]);
    let index = log.case(&filing).request(&request).unwrap().releases[0].found.index;
    let done = NotNow {
        line: None,
        why: Why::Done { index },
        from: None,
    };
    assert_eq!(ask(&log, &filing, &request), Err(done));
}

#[test]
fn compartments_that_stand_when_it_is_asked_are_released_together() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::both());
    log.grant(&filing, request, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    assert_eq!(ask(&log, &filing, &request), Ok(vec![Compartment::Account]));
    log.release(&filing, request, 2, &BOTH);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TooFewGrants { x: x(2) }));
    // The fourth grant comes after seats may release, and even after the first release: it counts like any other.
    log.release(&filing, request, 3, &[Compartment::Account]);
    log.now += 1;
    log.grant(&filing, request, &[4]);
    log.padding();
    assert_eq!(ask(&log, &filing, &request), Ok(BOTH.to_vec()));
    log.release(&filing, request, 1, &BOTH);
    assert_eq!(log.refusal(&filing), None);
}

#[test]
fn the_last_moment_to_release_leaves_time_for_the_log() {
    let (mut log, filing, request) = ready();
    let ends_at = log.case(&filing).request(&request).unwrap().ends_at;
    log.wait_until(ends_at - 52 * HOUR);
    assert!(ask(&log, &filing, &request).is_ok());
    log.wait_until(ends_at - 52 * HOUR + 1);
    assert_eq!(ask(&log, &filing, &request), refused(9, Why::TooLate));
    log.wait_until(ends_at + 1);
    assert_eq!(ask(&log, &filing, &request), refused(8, Why::Dead));
}

#[test]
fn the_newest_operator_statement_changes_nothing_here() {
    let (mut log, filing, request) = ready();
    log.publish(&by_operator(&crate::support::pace(8)));
    assert!(ask(&log, &filing, &request).is_ok());
}
