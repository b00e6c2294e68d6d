//! What an author is told before filing (§7, §8).

use casework::case::ActRefusal;
use casework::{NotNow, Why, admit};
use protocol::statement::{Compartment, Holds};
use protocol::{Day, Digest};

use crate::support::{
    BARRED, DAY, Filing, HOUR, Log, T0, Vote, Wish, checkpoint_note, keys, member, sign, successor, x,
};

#[track_caller]
fn refused(answer: Result<(), NotNow>, why: Why) {
    assert_eq!(
        answer,
        Err(NotNow {
            line: None,
            why,
            from: None
        })
    );
}

#[test]
fn filings_are_sealed_to_the_newest_council_while_its_keys_last() {
    let mut log = Log::new();
    let end = Day::of(T0 + 300 * DAY).end();
    log.wait_until(end - 1);
    assert_eq!(admit::filing(log.fold.registry(), &log.moment()).unwrap().epoch, 1);
    log.wait_until(end);
    let expired = NotNow {
        line: None,
        why: Why::CouncilExpired,
        from: None,
    };
    assert_eq!(admit::filing(log.fold.registry(), &log.moment()).unwrap_err(), expired);
    let next = successor(|council| {
        for seat in &mut council.seats {
            seat.keys_until = Day::of(T0 + 600 * DAY);
        }
    });
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    assert_eq!(admit::filing(log.fold.registry(), &log.moment()).unwrap().epoch, 2);
    // Not to a council that the checkpoint does not include.
    let note = checkpoint_note(log.fold.size() - 1, log.now);
    let clock = casework::Clock::of_device(log.now);
    let moment = casework::Latest {
        checkpoint: &note,
        clock,
    }
    .check(log.fold.registry())
    .unwrap();
    assert!(admit::filing(log.fold.registry(), &moment).is_err());
}

#[test]
fn an_ack_is_for_seats_dealt_to_and_only_raises() {
    let mut log = Log::new();
    let filing = log.file();
    log.ack(&filing, 1);
    let (case, registry) = (log.case(&filing), log.fold.registry());
    refused(admit::ack(&case, x(1), Holds::Share, registry), Why::Done { index: 5 });
    assert_eq!(admit::ack(&case, x(1), Holds::All, registry), Ok(()));
    assert_eq!(admit::ack(&case, x(2), Holds::Share, registry), Ok(()));
    refused(
        admit::ack(&case, x(6), Holds::Share, registry),
        Why::HoldsNoShare { x: x(6) },
    );
    refused(
        admit::ack(&case, x(7), Holds::Share, registry),
        Why::NotOfCouncil { x: x(7) },
    );
}

#[test]
fn a_reject_is_filed_once() {
    let mut log = Log::new();
    let filing = log.file();
    assert_eq!(admit::reject(&log.case(&filing), x(2), log.fold.registry()), Ok(()));
    assert_eq!(admit::reject(&log.case(&filing), x(6), log.fold.registry()), Ok(()));
    log.reject(&filing, 2);
    let again = admit::ack(&log.case(&filing), x(2), Holds::Share, log.fold.registry());
    assert_eq!(again, Ok(()));
    refused(
        admit::reject(&log.case(&filing), x(2), log.fold.registry()),
        Why::Done { index: 5 },
    );
    assert_eq!(admit::reject(&log.case(&filing), x(3), log.fold.registry()), Ok(()));
    refused(
        admit::reject(&log.case(&filing), x(7), log.fold.registry()),
        Why::NotOfCouncil { x: x(7) },
    );
}

#[test]
fn a_referral_goes_to_a_reader_who_is_not_barred_once() {
    let mut log = Log::new();
    let filing = log.file();
    let case = log.case(&filing);
    let registry = log.fold.registry();
    assert_eq!(admit::referral(&case, x(1), x(11), registry), Ok(()));
    refused(
        admit::referral(&case, x(1), x(BARRED), registry),
        Why::Barred { x: x(BARRED) },
    );
    refused(
        admit::referral(&case, x(1), x(2), registry),
        Why::NotOfCouncil { x: x(2) },
    );
    refused(
        admit::referral(&case, x(6), x(11), registry),
        Why::HoldsNoShare { x: x(6) },
    );
    let referral = log.referral_of(&filing, 1, 11);
    log.act(&filing, &sign(&referral, &[1]));
    let case = log.case(&filing);
    refused(
        admit::referral(&case, x(1), x(11), log.fold.registry()),
        Why::Done { index: 5 },
    );
    assert_eq!(admit::referral(&case, x(2), x(11), log.fold.registry()), Ok(()));
}

#[test]
fn a_request_is_filed_only_if_it_would_count() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.request_of(&filing, &Wish::default());
    let admitted = |log: &Log, request: &protocol::statement::Request| {
        admit::request(&log.case(&filing), request, &log.moment(), log.fold.registry())
    };
    assert_eq!(admitted(&log, &request), Ok(()));
    let mut wrong = request.clone();
    wrong.decide_by += 1;
    refused(
        admitted(&log, &wrong),
        Why::BadRequest {
            reason: ActRefusal::DecideBy,
        },
    );
    let mut wrong = request.clone();
    wrong.compartments = vec![];
    refused(
        admitted(&log, &wrong),
        Why::BadRequest {
            reason: ActRefusal::Form,
        },
    );
    wrong.compartments = vec![Compartment::Identity, Compartment::Account];
    let name = Compartment::Account;
    refused(
        admitted(&log, &wrong),
        Why::BadRequest {
            reason: ActRefusal::Compartment { name },
        },
    );
    let barred = log.request_of(
        &filing,
        &Wish {
            reader: BARRED,
            ..Wish::default()
        },
    );
    refused(admitted(&log, &barred), Why::Barred { x: x(BARRED) });
    log.wait_until(log.now + 26 * HOUR + 1);
    refused(
        admitted(&log, &request),
        Why::BadRequest {
            reason: ActRefusal::Late,
        },
    );
    let request = log.request_of(&filing, &Wish::default());
    log.act(&filing, &sign(&request, &[11]));
    refused(admitted(&log, &request), Why::Done { index: 6 });
}

#[test]
fn a_decision_is_made_once_in_time_by_a_seat_that_holds_a_share() {
    let mut log = Log::new();
    let filing = log.file();
    log.reject(&filing, 5);
    let request = log.ask(&filing, &Wish::default());
    let decide_by = log.now + 14 * DAY;
    let admitted = |log: &Log, seat: u16| {
        admit::decision(
            &log.case(&filing),
            &request,
            x(seat),
            &log.moment(),
            log.fold.registry(),
        )
    };
    assert_eq!(admitted(&log, 1), Ok(()));
    refused(admitted(&log, 5), Why::HoldsNoShare { x: x(5) });
    refused(admitted(&log, 6), Why::HoldsNoShare { x: x(6) });
    log.decide(&filing, request, 1, Vote::Refuse);
    refused(admitted(&log, 1), Why::Done { index: 7 });
    let nothing = admit::decision(
        &log.case(&filing),
        &Digest([0; 32]),
        x(2),
        &log.moment(),
        log.fold.registry(),
    );
    refused(nothing, Why::NoRequest);
    log.wait_until(decide_by);
    assert_eq!(admitted(&log, 2), Ok(()));
    log.wait_until(decide_by + 1);
    refused(admitted(&log, 2), Why::AfterDecideBy);
}

#[test]
fn nobody_decides_on_what_no_cosigned_checkpoint_includes() {
    let mut log = Log::new();
    let filing = log.file();
    let before = log.moment();
    let request = log.ask(&filing, &Wish::default());
    let registry = log.fold.registry();
    refused(
        admit::decision(&log.case(&filing), &request, x(1), &before, registry),
        Why::NoRequest,
    );
    refused(
        admit::objection(&log.case(&filing), &request, None, &before, registry),
        Why::NoRequest,
    );
}

#[test]
fn each_party_objects_once_in_time_until_it_is_released() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    let admitted =
        |log: &Log, by| admit::objection(&log.case(&filing), &request, by, &log.moment(), log.fold.registry());
    assert_eq!(admitted(&log, None), Ok(()));
    assert_eq!(admitted(&log, Some(x(4))), Ok(()));
    refused(admitted(&log, Some(x(6))), Why::HoldsNoShare { x: x(6) });
    let object_by = T0 + 17 * DAY;
    log.release(&filing, request, 1, &[Compartment::Account]);
    log.release(&filing, request, 2, &[Compartment::Account]);
    assert_eq!(admitted(&log, None), Ok(()), "two releases bar no objection");
    log.wait_until(object_by);
    assert_eq!(admitted(&log, None), Ok(()));
    log.wait_until(object_by + 1);
    refused(admitted(&log, None), Why::AfterObjectBy);
    log.release(&filing, request, 3, &[Compartment::Account]);
    refused(admitted(&log, None), Why::Released);

    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.she_objects(&filing, request);
    let admitted =
        |log: &Log, by| admit::objection(&log.case(&filing), &request, by, &log.moment(), log.fold.registry());
    refused(admitted(&log, None), Why::Done { index: 6 });
    assert_eq!(admitted(&log, Some(x(2))), Ok(()), "another party may");
}

#[test]
fn nobody_files_or_grants_a_request_whose_recipient_was_used() {
    let mut log = Log::new();
    let filing = log.file();
    let first = log.ask(&filing, &Wish::default());
    let mut second = log.request_of(&filing, &Wish::both());
    second.recipient = log.case(&filing).request(&first).unwrap().request.recipient.clone();
    let used = || Why::RecipientUsed { index: 5 };
    let (case, registry) = (log.case(&filing), log.fold.registry());
    refused(admit::request(&case, &second, &log.moment(), registry), used());
    // Somebody files it nevertheless: it stands, for what is shown late must not unmake it, and nobody grants it.
    let second = log.act(&filing, &sign(&second, &[11]));
    assert_eq!(log.refusal(&filing), None);
    let (case, registry) = (log.case(&filing), log.fold.registry());
    refused(admit::decision(&case, &second, x(1), &log.moment(), registry), used());
    assert_eq!(admit::decision(&case, &first, x(1), &log.moment(), registry), Ok(()));
}

#[test]
fn only_the_reader_who_asked_opens_once_and_reports_after() {
    let mut log = Log::new();
    let filing = Filing::to(0, &[1, 2, 3, 4, 5, 6]);
    log.append(&filing.entry);
    let request = log.granted(&filing, &Wish::default());
    {
        let (case, registry) = (log.case(&filing), log.fold.registry());
        // Missing releases do not keep it from saying so: the content would be evidence of a breach.
        assert_eq!(admit::opened(&case, &request, x(11), registry), Ok(()));
        refused(admit::opened(&case, &request, x(12), registry), Why::OtherReader);
        refused(
            admit::opened(&case, &request, x(1), registry),
            Why::NotOfCouncil { x: x(1) },
        );
        refused(admit::opened(&case, &Digest([0; 32]), x(11), registry), Why::NoRequest);
        refused(admit::finding(&case, &request, x(11), registry), Why::NotOpened);
        refused(admit::aid(&case, &request, x(11), registry), Why::NotOpened);
    }
    log.opened(&filing, request, 11);
    let index = log.case(&filing).acts().last().unwrap().found.index;
    let (case, registry) = (log.case(&filing), log.fold.registry());
    refused(admit::opened(&case, &request, x(11), registry), Why::Done { index });
    assert_eq!(admit::finding(&case, &request, x(11), registry), Ok(()));
    assert_eq!(admit::aid(&case, &request, x(11), registry), Ok(()));
    refused(admit::aid(&case, &request, x(12), registry), Why::OtherReader);
}

#[test]
fn a_seat_that_left_the_council_files_nothing() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let next = successor(|council| {
        council.seats.remove(0);
        council.seats[4] = member(6);
        council.operator.key = keys(40).public();
    });
    log.publish(&sign(&next, &[1, 2, 3, 4]));
    let (case, registry) = (log.case(&filing), log.fold.registry());
    let gone = || Why::NotOfCouncil { x: x(1) };
    refused(admit::ack(&case, x(1), Holds::Share, registry), gone());
    refused(admit::decision(&case, &request, x(1), &log.moment(), registry), gone());
    refused(
        admit::objection(&case, &request, Some(x(1)), &log.moment(), registry),
        gone(),
    );
}
