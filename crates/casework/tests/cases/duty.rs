//! Duty reports (§10.2): what a seat counts, which reports count, which are missing or late, and who contradicts whom.

use casework::duty::{self, Debt, Duties, DutyFinding, DutyRefusal, check, council_of, due};
use casework::tally::Tally;
use protocol::ids::Version;
use protocol::statement::{Attention, Count, Duty, DutyRow, PublicCount, commit_counts};
use protocol::{Digest, Envelope, MemberNumber, Month, Nonce};

use crate::support::{DAY, Filing, HOUR, Log, READER, T0, Vote, Wish, sign, successor, x};

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

/// That in which every log here begins: 2027-01-15, 08:00 UTC.
fn first() -> Month {
    Month::of(T0)
}

/// What a seat counts of some cases in a month, all of which it can read.
fn counted(log: &Log, seat: u16, month: Month, cases: &[&Filing]) -> Vec<DutyRow<u32>> {
    let council = council_of(log.fold.registry(), month).unwrap();
    let mut tally = Tally::new(council, x(seat), month, log.now);
    for filing in cases {
        // She was written to at once.
        tally.add(&log.case(filing), Some(log.case(filing).filed().included_at));
    }
    tally.rows()
}

fn of(rows: &[DutyRow<u32>], member: u16, count: Count) -> u32 {
    rows.iter().find(|row| row.x == x(member)).unwrap().counts[&count]
}

/// The report of a seat, as it counts.
fn report_of(log: &Log, seat: u16, month: Month, cases: &[&Filing]) -> Duty {
    let rows = counted(log, seat, month, cases);
    Duty {
        v: Version,
        origin: log.head().origin,
        nonce: log.nonce(),
        time: log.now,
        x: x(seat),
        month,
        rows: rows.iter().map(DutyRow::in_buckets).collect(),
        commit: commit_counts(&Nonce([9; 32]), &rows),
    }
}

fn says(duty: &mut Duty, member: u16, count: Count, bucket: PublicCount) {
    let row = duty.rows.iter_mut().find(|row| row.x == x(member)).unwrap();
    row.counts.insert(count, bucket);
}

fn publish(log: &mut Log, duty: &Duty, signers: &[u16]) -> Digest {
    let envelope = sign(duty, signers);
    log.publish(&envelope);
    envelope.digest()
}

fn duties(log: &Log) -> Duties {
    Duties::of(log.fold.registry())
}

fn refusals(log: &Log) -> Vec<DutyRefusal> {
    duties(log).refused().iter().map(|(_, _, why)| why.clone()).collect()
}

fn findings(log: &Log, month: Month) -> Vec<DutyFinding> {
    duties(log).findings(log.fold.registry(), month, log.now)
}

/// Every seat of the council that is not named reports zeros.
fn all_report(log: &mut Log, month: Month, but: &[u16]) {
    for seat in (1..=6).filter(|seat| !but.contains(seat)) {
        let duty = report_of(log, seat, month, &[]);
        publish(log, &duty, &[seat]);
    }
}

#[test]
fn a_debt_counts_in_every_month_in_which_it_stands() {
    let mut log = Log::new();
    let filing = log.file();
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    // Seat 4 acknowledges in the second month, seat 5 never does.
    log.wait_until(month("2027-02").start() + DAY);
    log.ack(&filing, 4);
    log.wait_until(month("2027-03").start() + DAY);
    let in_month = |text: &str| counted(&log, 1, month(text), &[&filing]);
    let (first, second, third) = (in_month("2027-01"), in_month("2027-02"), in_month("2027-03"));
    let late = |rows: &[DutyRow<u32>]| [1, 4, 5].map(|seat| of(rows, seat, Count::AcksLate));
    assert_eq!(
        (late(&first), late(&second), late(&third)),
        ([0, 1, 1], [0, 1, 1], [0, 0, 1])
    );
    let acked = |rows: &[DutyRow<u32>]| [1, 4, 5, 6].map(|seat| of(rows, seat, Count::Acknowledged));
    assert_eq!((acked(&first), acked(&second)), ([1, 0, 0, 0], [0, 1, 0, 0]));
    assert!(in_month("2027-01") == first, "later acts change nothing");
}

#[test]
fn the_first_message_is_late_after_14_days_for_a_seat_that_acknowledged() {
    for (seat, wrote_at, late) in [
        (1, None, [1, 1]),
        (1, Some(T0 + 14 * DAY), [0, 0]),
        (1, Some(T0 + 14 * DAY + 1), [1, 0]),
        (1, Some(month("2027-02").start() + DAY), [1, 1]),
        (2, None, [0, 0]),
    ] {
        let mut log = Log::new();
        let filing = log.file();
        log.ack(&filing, 1);
        log.wait_until(month("2027-03").start());
        let counted = [first(), month("2027-02")].map(|of_month| {
            let council = council_of(log.fold.registry(), of_month).unwrap();
            let mut tally = Tally::new(council, x(seat), of_month, log.now);
            tally.add(&log.case(&filing), wrote_at);
            of(&tally.rows(), seat, Count::MessagesLate)
        });
        assert_eq!(counted, late, "{seat} {wrote_at:?}");
    }
}

#[test]
fn a_term_ends_with_its_last_second_whichever_month_that_is_of() {
    let (february, ack_s) = (month("2027-02"), 72 * HOUR);
    for (filed_at, acked_at, late) in [
        // Due in the last second of January: late from the first of February on.
        (february.start() - 1 - ack_s, february.start() - 1, [0, 0]),
        (february.start() - 1 - ack_s, february.start(), [0, 1]),
        (february.start() - 2 - ack_s, february.start() - 1, [1, 0]),
        (february.start() - ack_s, february.start(), [0, 0]),
        (february.start() - ack_s, february.start() + 1, [0, 1]),
    ] {
        let mut log = Log::new();
        log.wait_until(filed_at);
        let filing = log.file();
        log.wait_until(acked_at);
        log.ack(&filing, 2);
        log.wait_until(february.end());
        let counted = [first(), february].map(|of_month| counted(&log, 1, of_month, &[&filing]));
        let seen = counted.map(|rows| of(&rows, 2, Count::AcksLate));
        assert_eq!(seen, late, "filed {filed_at}, acknowledged {acked_at}");
    }
}

#[test]
fn decisions_openings_and_danger_are_counted() {
    let mut log = Log::new();
    let (asked, in_danger) = (log.file(), log.filed(Filing::new(2)));
    for seat in 1..=5 {
        log.ack(&asked, seat);
        log.acks_danger(&in_danger, seat, true);
    }
    let request = log.ask(&asked, &Wish::default());
    log.grant(&asked, request, &[1]);
    log.decide(&asked, request, 2, Vote::Refuse);
    log.wait_until(T0 + 2 * DAY);
    log.attends(&in_danger, 3, Attention::Called, Some(T0 + 9 * DAY));
    log.wait_until(month("2027-03").start());
    let both = [&asked, &in_danger];
    let (first, second) = (
        counted(&log, 1, first(), &both),
        counted(&log, 1, month("2027-02"), &both),
    );
    assert_eq!([1, 2, 3].map(|seat| of(&first, seat, Count::Decided)), [1, 1, 0]);
    // 14 days from the 15th: the time to decide ends on the 29th.
    assert_eq!(
        [1, 2, 3, 5].map(|seat| of(&first, seat, Count::DecisionsOverdue)),
        [0, 0, 1, 1]
    );
    assert_eq!(
        [3, 5].map(|seat| of(&second, seat, Count::DecisionsOverdue)),
        [0, 0],
        "once"
    );
    assert_eq!(of(&first, 6, Count::DecisionsOverdue), 0, "it was not dealt to");
    // A day without a word in January, and no more words after the term of the call.
    assert_eq!([1, 3, 6].map(|seat| of(&first, seat, Count::DangerOverdue)), [1, 1, 0]);
    assert_eq!(of(&second, 3, Count::DangerOverdue), 1);
    assert_eq!(of(&first, READER, Count::FindingsOverdue), 0);
}

#[test]
fn an_opening_without_a_finding_counts_against_its_reader() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    let case = log.case(&filing);
    log.wait_until(case.request(&request).unwrap().release_from.unwrap());
    for seat in [1, 2, 3] {
        log.release(&filing, request, seat, &Wish::default().compartments);
    }
    let released_at = log.now;
    let overdue = |log: &Log, text: &str| {
        of(
            &counted(log, 1, month(text), &[&filing]),
            READER,
            Count::FindingsOverdue,
        )
    };
    log.wait_until(released_at + 7 * DAY);
    let now = Month::of(log.now).to_string();
    assert_eq!(overdue(&log, &now), 0);
    log.wait_until(released_at + 7 * DAY + 1);
    assert_eq!(overdue(&log, &now), 1, "not opened in time");
    log.opened(&filing, request, READER);
    log.wait_until(log.now + 80 * DAY);
    assert_eq!(overdue(&log, "2027-03"), 1, "no finding in 30 days");
    log.finding(&filing, request, READER);
    log.wait_until(log.now + 40 * DAY);
    assert_eq!(overdue(&log, &Month::of(log.now).to_string()), 0);
}

#[test]
fn what_is_destroyed_in_time_is_not_owed_and_a_declined_filing_owes_no_acknowledgement() {
    let mut log = Log::new();
    let (spam, other) = (log.file(), log.filed(Filing::new(2)));
    for seat in [1, 2, 3] {
        log.ack(&spam, seat);
        log.ack(&other, seat);
    }
    for seat in [1, 2, 3] {
        log.declines(&spam, seat);
    }
    log.wait_until(T0 + 31 * DAY);
    log.erases(&spam, 1);
    log.wait_until(month("2027-03").start());
    let february = counted(&log, 2, month("2027-02"), &[&spam, &other]);
    assert_eq!(
        [1, 2, 3].map(|seat| of(&february, seat, Count::ErasedOverdue)),
        [0, 1, 1]
    );
    assert_eq!(of(&february, 5, Count::AcksLate), 1, "of the other one alone");
}

#[test]
fn a_seat_that_reports_zero_is_contradicted_by_one_that_saw_more() {
    let mut log = Log::new();
    let filing = log.file();
    for seat in [1, 2, 3] {
        log.ack(&filing, seat);
    }
    log.wait_until(first().end() + DAY);
    let honest = report_of(&log, 1, first(), &[&filing]);
    assert_eq!(honest.row(x(4)).unwrap().counts[&Count::AcksLate], PublicCount::Few);
    publish(&mut log, &honest, &[1]);
    let silent_on_itself = report_of(&log, 4, first(), &[]);
    publish(&mut log, &silent_on_itself, &[4]);
    // Who sees fewer cases says less of others, and that contradicts nobody.
    all_report(&mut log, first(), &[1, 4, 5]);
    let contradiction = |seat: u16, by: u16, saw| DutyFinding::Contradiction {
        month: first(),
        x: x(seat),
        count: Count::AcksLate,
        says: PublicCount::None,
        by: x(by),
        saw,
    };
    // Seats 2 and 3 keep still about what they did: it is seen, too.
    let merit = |seat: u16| DutyFinding::Contradiction {
        month: first(),
        x: x(seat),
        count: Count::Acknowledged,
        says: PublicCount::None,
        by: x(1),
        saw: PublicCount::Few,
    };
    assert_eq!(
        findings(&log, first()),
        [merit(2), merit(3), contradiction(4, 1, PublicCount::Few)]
    );
    log.wait_until(due(first()));
    let missing = DutyFinding::Missing {
        month: first(),
        x: x(5),
    };
    assert!(findings(&log, first()).contains(&missing), "and seat 5 says nothing");
    let owed = duties(&log).owed(log.fold.registry(), log.now);
    let debts: Vec<(MemberNumber, Debt)> = owed.iter().map(|owed| (owed.x, owed.debt)).collect();
    assert_eq!(
        debts,
        [
            (x(4), Debt::Counted(Count::AcksLate, PublicCount::Few)),
            (x(5), Debt::Counted(Count::AcksLate, PublicCount::Few)),
            (x(5), Debt::Report),
        ]
    );
}

#[test]
fn the_first_report_of_a_seat_on_a_month_counts() {
    let mut log = Log::new();
    log.wait_until(first().end());
    let honest = report_of(&log, 2, first(), &[]);
    let kept = publish(&mut log, &honest, &[2]);
    for bucket in [PublicCount::Few, PublicCount::None] {
        let mut second = report_of(&log, 2, first(), &[]);
        says(&mut second, 3, Count::AcksLate, bucket);
        publish(&mut log, &second, &[2]);
    }
    assert_eq!(
        refusals(&log),
        [DutyRefusal::Again(first()), DutyRefusal::Again(first())]
    );
    assert_eq!(duties(&log).report(first(), x(2)).unwrap().digest, kept);
}

#[test]
fn a_report_is_late_by_the_time_of_the_log_whatever_it_says_itself() {
    for (time, included_at, is_late) in [
        (first().end(), first().end(), false),
        (first().end() + 7 * DAY - 1, due(first()) - 1, false),
        (first().end() + 2 * DAY, due(first()), true),
        (first().end() + 30 * DAY, first().end() + 30 * DAY, true),
    ] {
        let mut log = Log::new();
        log.wait_until(included_at);
        let mut duty = report_of(&log, 2, first(), &[]);
        duty.time = time;
        publish(&mut log, &duty, &[2]);
        let late = DutyFinding::Late {
            month: first(),
            x: x(2),
            included_at,
        };
        assert_eq!(refusals(&log), []);
        assert_eq!(findings(&log, first()).contains(&late), is_late, "{time} {included_at}");
    }
}

#[test]
fn what_breaks_a_rule_does_not_count() {
    let mut log = Log::new();
    log.wait_until(first().end() + DAY);
    let honest = report_of(&log, 2, first(), &[]);
    let refused = |log: &Log, change: &dyn Fn(&mut Duty), signer: u16| {
        let mut duty = honest.clone();
        change(&mut duty);
        check(log.fold.registry(), u64::MAX, log.now, &sign(&duty, &[signer])).unwrap_err()
    };
    assert_eq!(
        refused(&log, &|_| {}, 3),
        DutyRefusal::Signature,
        "for another seat's number"
    );
    let for_another = |duty: &mut Duty| {
        let own = duty.rows.iter().find(|row| row.x == x(2)).unwrap().counts.clone();
        duty.rows
            .iter_mut()
            .find(|row| row.x == x(2))
            .unwrap()
            .counts
            .retain(|count, _| Count::SEAT.contains(count));
        duty.rows.iter_mut().find(|row| row.x == x(3)).unwrap().counts = own;
        duty.x = x(3);
    };
    assert_eq!(refused(&log, &for_another, 2), DutyRefusal::Signature);
    assert_eq!(
        refused(&log, &|duty| duty.x = x(READER), READER),
        DutyRefusal::Rule("the signer's own row has every count of a seat")
    );
    assert_eq!(
        refused(&log, &|duty| duty.time = first().end() - 1, 2),
        DutyRefusal::Rule("a month is reported when it is over")
    );
    assert_eq!(
        refused(
            &log,
            &|duty| (duty.month, duty.time) = (Month::of(log.now), Month::of(log.now).end()),
            2
        ),
        DutyRefusal::Early
    );
    assert_eq!(
        refused(&log, &|duty| duty.month = month("2026-12"), 2),
        DutyRefusal::NoCouncil
    );
    assert_eq!(refused(&log, &|duty| _ = duty.rows.pop(), 2), DutyRefusal::Rows);
    assert_eq!(
        refused(&log, &|duty| duty.rows.last_mut().unwrap().x = x(77), 2),
        DutyRefusal::Rows
    );
    let as_a_reader = |duty: &mut Duty| {
        let reader = duty.rows.last().unwrap().counts.clone();
        duty.rows[3].counts = reader;
    };
    assert_eq!(refused(&log, &as_a_reader, 2), DutyRefusal::Rows);
    assert_eq!(
        refused(
            &log,
            &|duty| duty.origin = protocol::Origin::new("other.example").unwrap(),
            2
        ),
        DutyRefusal::Origin
    );
    let other = Envelope::sign(&crate::support::pace(8), &[crate::support::keys(2).signing()]);
    assert_eq!(
        check(log.fold.registry(), u64::MAX, log.now, &other),
        Err(DutyRefusal::Form)
    );
    assert_eq!(
        check(log.fold.registry(), u64::MAX, log.now, &sign(&honest, &[2])),
        Ok(honest)
    );
}

#[test]
fn who_came_or_left_since_owes_no_report_and_rows_are_those_of_the_months_end() {
    let mut log = Log::new();
    log.wait_until(first().end() + DAY);
    // Seat 6 leaves and seat 7 comes after the month has ended.
    let next = successor(|council| {
        council.seats.pop();
        council.seats.push(crate::support::member(7));
    });
    log.publish(&sign(&next, &[1, 2, 3, 4, 5, 7]));
    for seat in [6, 7] {
        let mut duty = report_of(&log, 1, first(), &[]);
        duty.x = x(seat);
        let own = duty.rows[0].counts.clone();
        duty.rows[0].counts.retain(|count, _| Count::SEAT.contains(count));
        if let Some(row) = duty.rows.iter_mut().find(|row| row.x == x(seat)) {
            row.counts = own;
        } else {
            duty.rows.insert(
                6,
                DutyRow {
                    x: x(seat),
                    counts: own,
                },
            );
        }
        publish(&mut log, &duty, &[seat]);
    }
    assert_eq!(refusals(&log), [DutyRefusal::NotASeat, DutyRefusal::NotASeat]);
    all_report(&mut log, first(), &[5, 6]);
    log.wait_until(due(first()));
    assert_eq!(
        findings(&log, first()),
        [DutyFinding::Missing {
            month: first(),
            x: x(5)
        }]
    );
    assert_eq!(duty::expected(log.fold.registry(), first()), [1, 2, 3, 4, 5].map(x));
    assert_eq!(refusals(&log).len(), 2);
}

#[test]
fn a_debt_is_shown_since_the_first_of_the_months_on_end_that_show_it() {
    let mut log = Log::new();
    let (january, february, march) = (first(), month("2027-02"), month("2027-03"));
    for (of_month, debtor) in [(january, 4), (february, 4), (march, 4), (january, 3), (march, 3)] {
        if log.now < of_month.end() {
            log.wait_until(of_month.end());
        }
        let reported = duties(&log).report(of_month, x(1)).is_some();
        if reported {
            continue;
        }
        let mut duty = report_of(&log, 1, of_month, &[]);
        says(&mut duty, debtor, Count::AcksLate, PublicCount::Few);
        if of_month != february {
            says(&mut duty, 3, Count::AcksLate, PublicCount::Some);
        }
        publish(&mut log, &duty, &[1]);
    }
    log.wait_until(due(march) - 1);
    let owed = |log: &Log| {
        let owed = duties(log).owed(log.fold.registry(), log.now);
        let counted = owed.into_iter().filter(|owed| owed.debt != Debt::Report);
        counted.map(|owed| (owed.x.get(), owed.since)).collect::<Vec<_>>()
    };
    assert_eq!(owed(&log), [(4, january)], "the reports on March are not due yet");
    log.wait_until(due(march));
    assert_eq!(owed(&log), [(4, january), (3, march)]);
    let missing = duties(&log).owed(log.fold.registry(), log.now);
    let missing: Vec<_> = missing
        .iter()
        .filter(|owed| owed.debt == Debt::Report)
        .map(|owed| (owed.x.get(), owed.since))
        .collect();
    assert_eq!(missing, [2, 3, 4, 5, 6].map(|seat| (seat, january)));
}
