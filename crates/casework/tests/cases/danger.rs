//! Somebody is in danger: who says so, what seats do about it, and what one of them can do who lies (§7).

use casework::case::{ActRefusal, Standing};
use casework::release::ReleasingSeat;
use casework::view::{OpenTerm, Task, next_term, rank, seat_queue};
use casework::{Case, DangerStatus, Deed, NotNow, Why, admit};
use protocol::statement::Attention::{self, Called, NoDanger, Safe, Stands, Wrote};

use crate::support::{DAY, Filing, HOUR, Log, T0, keys, sign, x};

/// Five seats have acknowledged; the shares of these say that somebody is in danger.
fn filed(said_by: &[u16]) -> (Log, Filing) {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=5 {
        log.acks_danger(&filing, number, said_by.contains(&number));
    }
    (log, filing)
}

fn queue(log: &Log, filing: &Filing, number: u16) -> Vec<Task> {
    queue_of(log, &log.case(filing), number)
}

fn queue_of(log: &Log, case: &Case, number: u16) -> Vec<Task> {
    let seat = ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    };
    seat_queue(case, &seat, &log.moment(), log.fold.registry())
}

fn may(log: &Log, filing: &Filing, number: u16, what: Attention) -> Result<(), NotNow> {
    admit::attended(&log.case(filing), x(number), what, &log.moment(), log.fold.registry())
}

fn waiting(by: u64, is_overdue: bool, contradicted_by: &[u16]) -> Task {
    Task::Danger {
        by,
        is_overdue,
        contradicted_by: contradicted_by.iter().map(|number| x(*number)).collect(),
    }
}

/// The seat that another seat's queue names, with what it did.
fn told(log: &Log, filing: &Filing, number: u16) -> Option<(u16, Deed)> {
    queue(log, filing, number).into_iter().find_map(|task| match task {
        Task::Attended { done } => Some((done.x.get(), done.deed)),
        _ => None,
    })
}

fn said(number: u16, what: Attention) -> Option<(u16, Deed)> {
    Some((number, Deed::Attended { what }))
}

#[test]
fn it_stands_first_in_every_queue_until_a_seat_says_what_was_done() {
    let (mut log, filing) = filed(&[1, 2, 3, 4, 5]);
    let by = T0 + 24 * HOUR;
    log.ask(&filing, &crate::support::Wish::default());
    for number in 1..=5 {
        let tasks = queue(&log, &filing, number);
        assert_eq!(tasks.first(), Some(&waiting(by, false, &[])));
        assert_eq!(tasks.first().and_then(Task::danger_by), Some(by));
        assert!(tasks.iter().skip(1).all(|task| task.danger_by().is_none()));
    }
    assert_eq!(next_term(&log.case(&filing), log.now), Some((by, OpenTerm::Danger)));
    log.wait_until(by);
    assert_eq!(queue(&log, &filing, 1).first(), Some(&waiting(by, false, &[])));
    log.wait_until(by + 1);
    assert_eq!(queue(&log, &filing, 1).first(), Some(&waiting(by, true, &[])));
    log.attends(&filing, 2, Called, Some(log.now + 2 * DAY));
    assert!(queue(&log, &filing, 1).iter().all(|task| task.danger_by().is_none()));
    let until = log.now + 2 * DAY;
    log.wait_until(until + 1);
    assert_eq!(
        queue(&log, &filing, 2).first(),
        Some(&waiting(until, true, &[])),
        "its own too"
    );
}

/// Before what is due sooner, and before what was filed earlier; of two in danger the older first.
#[test]
fn a_case_in_danger_comes_before_every_other_case() {
    let mut log = Log::new();
    let calm = log.filed(Filing::new(0));
    log.wait_until(T0 + 71 * HOUR);
    let (second, third) = (log.filed(Filing::new(1)), log.filed(Filing::new(2)));
    log.acks_danger(&second, 2, true);
    log.wait_until(log.now + HOUR);
    let last = log.filed(Filing::new(3));
    for filing in [&third, &last] {
        log.acks_danger(filing, 2, filing.keys.id == last.keys.id);
    }
    let mut queues: Vec<_> = [&calm, &last, &third, &second]
        .map(|filing| (filing.keys.id, queue(&log, filing, 1)))
        .into();
    queues.sort_by_key(|(_, tasks)| rank(tasks));
    let order: Vec<_> = queues.into_iter().map(|(id, _)| id).collect();
    assert_eq!(order, [&second, &last, &calm, &third].map(|filing| filing.keys.id));
}

/// Before anybody has acknowledged, a seat knows it by its share; who has no share, by any acknowledgement.
#[test]
fn the_flag_of_the_share_or_any_acknowledgement_says_so() {
    let mut log = Log::new();
    let filing = log.file();
    let mut case = log.case(&filing);
    assert_eq!(case.danger_status(log.now), DangerStatus::Quiet);
    case.flag_danger();
    assert_eq!(
        queue_of(&log, &case, 1).first(),
        Some(&waiting(T0 + 24 * HOUR, false, &[]))
    );
    for (number, danger) in [(1, false), (2, true)] {
        log.acks_danger(&filing, number, danger);
    }
    let state = log.case(&filing);
    assert_eq!(state.danger().said_by, [x(2)].into());
    assert!(
        queue(&log, &filing, 3)
            .first()
            .is_some_and(|task| task.danger_by().is_some())
    );
}

#[test]
fn what_another_seat_says_is_shown_to_all_others_while_it_holds_and_for_7_days_when_it_ends_it() {
    let (mut log, filing) = filed(&[1]);
    log.attends(&filing, 2, Wrote, Some(log.now + HOUR));
    assert_eq!(told(&log, &filing, 2), None, "not to itself");
    for other in [1, 3, 4, 5] {
        assert_eq!(told(&log, &filing, other), said(2, Wrote));
    }
    log.refers(&filing, 3, 11);
    let reader = x(11);
    assert_eq!(
        told(&log, &filing, 1),
        Some((3, Deed::Referred { reader })),
        "what holds longest"
    );
    log.wait_until(log.now + 24 * HOUR + 1);
    assert!(
        queue(&log, &filing, 1)[0].danger_by().is_some(),
        "a referral holds for 24 h"
    );
    let at = log.now;
    log.attends(&filing, 4, Safe, None);
    assert_eq!(told(&log, &filing, 1), said(4, Safe));
    log.wait_until(at + 7 * DAY);
    assert_eq!(told(&log, &filing, 1), said(4, Safe));
    log.wait_until(at + 7 * DAY + 1);
    assert!(queue(&log, &filing, 1).is_empty());
}

/// A seat that was bought says that it is over. It is named to all others; one of them contradicts, and what the first says
/// again changes nothing.
#[test]
fn a_seat_that_lies_is_named_and_cannot_outlast_one_that_contradicts() {
    let (mut log, filing) = filed(&[1, 2, 3, 4, 5]);
    for what in [NoDanger, Safe] {
        log.attends(&filing, 5, what, None);
        assert_eq!(told(&log, &filing, 1), said(5, what));
    }
    let at = log.now;
    log.attends(&filing, 1, Stands, None);
    let stands = waiting(at + 24 * HOUR, false, &[1]);
    assert_eq!(queue(&log, &filing, 3).first(), Some(&stands));
    for (what, until) in [(NoDanger, None), (Safe, None), (Called, Some(log.now + 7 * DAY))] {
        log.attends(&filing, 5, what, until);
        assert_eq!(queue(&log, &filing, 3).first(), Some(&stands), "{what:?} outlasts it");
    }
    log.refers(&filing, 5, 11);
    assert_eq!(queue(&log, &filing, 3).first(), Some(&stands), "a referral outlasts it");
    log.wait_until(at + 24 * HOUR + 1);
    assert_eq!(
        queue(&log, &filing, 5).first(),
        Some(&waiting(at + 24 * HOUR, true, &[1]))
    );
    log.attends(&filing, 1, Safe, None);
    assert_eq!(told(&log, &filing, 3), said(1, Safe), "who contradicted ends it");
}

/// One seat alone can keep it red, and is named in every queue; it keeps no act from anybody.
#[test]
fn a_seat_that_contradicts_for_ever_is_named_and_keeps_nobody_from_anything() {
    let (mut log, filing) = filed(&[1]);
    log.attends(&filing, 4, Stands, None);
    let by = log.now + 24 * HOUR;
    log.attends(&filing, 4, Stands, None);
    let request = log.ask(&filing, &crate::support::Wish::default());
    log.grant(&filing, request, &[1, 2, 3]);
    let tasks = queue(&log, &filing, 5);
    assert_eq!(tasks.first(), Some(&waiting(by, false, &[4])));
    assert!(tasks.iter().any(|task| matches!(task, Task::Decide { .. })));
}

/// A term ends 7 days after the log included the statement, whatever `time` its author wrote.
#[test]
fn a_time_of_the_future_makes_no_longer_term() {
    let (mut log, filing) = filed(&[1]);
    let mut far = log.attended_of(&filing, 2, Called, Some(0));
    far.time = log.now + 300 * DAY;
    far.until = Some(far.time + 7 * DAY);
    let at = log.now;
    log.put(&filing, &sign(&far, &[2]));
    let DangerStatus::Attended { until, .. } = log.case(&filing).danger_status(log.now) else {
        panic!("it is attended")
    };
    assert_eq!(until, at + 7 * DAY);
}

#[test]
fn each_rule_of_attended_alone() {
    let (mut log, filing) = filed(&[]);
    assert_eq!(may(&log, &filing, 1, Called).unwrap_err().why, Why::NoDanger);
    log.attends(&filing, 1, Safe, None);
    assert_eq!(
        log.case(&filing).danger_status(log.now),
        DangerStatus::Quiet,
        "nobody says it"
    );
    let (mut log, filing) = filed(&[1]);
    assert_eq!(
        may(&log, &filing, 6, Called).unwrap_err().why,
        Why::HoldsNoShare { x: x(6) }
    );
    let index = log.attends(&filing, 6, Safe, None);
    let case = log.case(&filing);
    let act = case.acts().find(|act| act.found.index == index).unwrap();
    assert_eq!(act.standing, Standing::Refused(ActRefusal::HoldsNoShare { x: x(6) }));
    assert!(queue(&log, &filing, 1)[0].danger_by().is_some());
    let forged = sign(&log.attended_of(&filing, 1, Safe, None), &[2]);
    let index = log.put(&filing, &forged);
    let case = log.case(&filing);
    let act = case.acts().find(|act| act.found.index == index).unwrap();
    assert_eq!(act.standing, Standing::Refused(ActRefusal::Signature));
    for what in Attention::ALL {
        may(&log, &filing, 1, what).unwrap();
    }
    for what in [Safe, NoDanger, Stands] {
        let index = log.attends(&filing, 1, what, None);
        assert_eq!(may(&log, &filing, 1, what).unwrap_err().why, Why::Done { index });
        may(&log, &filing, 2, what).unwrap();
    }
    log.attends(&filing, 1, Called, Some(log.now + HOUR));
    may(&log, &filing, 1, Called).unwrap();
}

/// What t_account seats declined, or what is erased for good, is nobody's to attend to; a seat alone ends nothing so.
#[test]
fn what_is_declined_or_erased_is_not_attended_to() {
    let (mut log, filing) = filed(&[1]);
    for number in [3, 4] {
        log.declines(&filing, number);
        assert!(queue(&log, &filing, 1)[0].danger_by().is_some());
    }
    log.declines(&filing, 5);
    assert!(queue(&log, &filing, 1).iter().all(|task| task.danger_by().is_none()));
    assert_eq!(may(&log, &filing, 1, Called).unwrap_err().why, Why::NoDanger);
    let (mut log, filing) = filed(&[1]);
    for number in [3, 4] {
        log.erases(&filing, number);
        assert!(queue(&log, &filing, 1)[0].danger_by().is_some());
        assert!(
            queue(&log, &filing, number)
                .iter()
                .all(|task| task.danger_by().is_none())
        );
    }
    log.erases(&filing, 5);
    assert!(queue(&log, &filing, 1).iter().all(|task| task.danger_by().is_none()));
    assert_eq!(may(&log, &filing, 1, Called).unwrap_err().why, Why::Erased);
}
