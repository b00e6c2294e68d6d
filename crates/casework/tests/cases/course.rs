//! How far a request came by its twins alone (§10.1, 5): what is due, what is overdue and since when, and when its twins are
//! published.

use crate::support;

use casework::docket::{Course, Placed, Stage};
use protocol::ids::{Nonce, Version};
use protocol::statement::{DocketId, Twin, TwinAct, TwinOutcome};
use protocol::week::Week;
use protocol::{Day, Origin};
use support::*;

/// A Monday, 00:00:00 UTC.
const MONDAY: u64 = 1_800_230_400;

/// The twin of an act, and when the log had it.
fn twin(at: u64, seat: u16, act: TwinAct, due: Option<u64>, outcome: Option<TwinOutcome>) -> (Twin, u64) {
    let week = Week::of(at);
    let twin = Twin {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: Nonce([7; 32]),
        time: week.start(),
        docket: DocketId([0xd0; 16]),
        n: 0,
        act,
        seat: x(seat),
        urgent: false,
        week,
        due: due.map(Day::of),
        outcome,
        prev: None,
    };
    (twin, at)
}

/// Asked for on a Monday, to be granted by the end of the seventh day after.
fn asked() -> (Twin, u64) {
    twin(MONDAY, READER, TwinAct::Request, Some(MONDAY + 7 * DAY), None)
}

fn granted(at: u64, seat: u16) -> (Twin, u64) {
    twin(at, seat, TwinAct::Decision, None, Some(TwinOutcome::Granted))
}

fn refused(at: u64, seat: u16) -> (Twin, u64) {
    twin(at, seat, TwinAct::Decision, None, Some(TwinOutcome::Policy))
}

fn course(twins: &[(Twin, u64)]) -> Option<Course> {
    let placed: Vec<Placed<'_>> = twins.iter().map(|(twin, at)| Placed { twin, at: *at }).collect();
    Course::of(&placed, &council())
}

/// Three of six grant on Tuesday.
fn three_grants() -> Vec<(Twin, u64)> {
    let grants = [1, 2, 3].map(|seat| granted(MONDAY + DAY + u64::from(seat), seat));
    std::iter::once(asked()).chain(grants).collect()
}

#[test]
fn the_monday_is_one() {
    assert_eq!(Week::of(MONDAY).start(), MONDAY);
    assert_eq!(Week::of(MONDAY - 1).end(), MONDAY);
}

#[test]
fn without_its_request_there_is_no_course() {
    assert_eq!(course(&[granted(MONDAY, 1)]), None);
}

#[test]
fn a_request_without_its_grants_is_overdue_after_its_day_and_published_the_monday_after() {
    let all = course(&[asked(), granted(MONDAY + DAY, 1), granted(MONDAY + DAY, 2)]).unwrap();
    let by = MONDAY + 8 * DAY - 1;
    assert_eq!(all.owed(by), None, "its last second is in time");
    assert_eq!(all.owed(by + 1).map(|step| step.stage), Some(Stage::Grants));
    assert_eq!(all.publish_from(), MONDAY + 14 * DAY);
    assert_eq!((all.need, all.granted.len(), all.ended_at), (3, 2, None));
    // A grant that came too late is none.
    let mut late = vec![asked(), granted(MONDAY + DAY, 1), granted(MONDAY + DAY, 2)];
    late.push(granted(by + 1, 3));
    assert_eq!(course(&late).unwrap().granted.len(), 2);
    // One seat that says it twice is one.
    let mut twice = vec![asked(), granted(MONDAY + DAY, 1), granted(MONDAY + DAY, 2)];
    twice.push(granted(MONDAY + 2 * DAY, 2));
    assert_eq!(course(&twice).unwrap().granted.len(), 2);
}

#[test]
fn a_granted_request_is_opened_within_a_week_of_its_objection_time() {
    let all = course(&three_grants()).unwrap();
    let by = MONDAY + DAY + 3 + OBJECTION_S + 7 * DAY;
    assert_eq!(
        all.steps.last().map(|step| (step.stage, step.by)),
        Some((Stage::Opening, by))
    );
    assert_eq!(all.owed(by), None);
    assert_eq!(all.owed(by + 1).map(|step| step.stage), Some(Stage::Opening));
    assert_eq!(all.publish_from(), Week::of(by).end());
    // Another reader's opening is none of it.
    let mut other = three_grants();
    other.push(twin(by, BARRED, TwinAct::Opened, None, Some(TwinOutcome::Opened)));
    assert_eq!(
        course(&other).unwrap().owed(by + 1).map(|step| step.stage),
        Some(Stage::Opening)
    );
}

/// What is missed in a day or two is published when the service takes the request by itself, and not before: else whoever
/// publishes in time would be refused.
#[test]
fn nothing_is_to_be_published_before_the_request_may_be() {
    let due = MONDAY + 14 * DAY;
    let mut twins = three_grants();
    twins[0] = twin(MONDAY, READER, TwinAct::Request, Some(due), None);
    let all = course(&twins).unwrap();
    let missed = all.steps.last().unwrap().by;
    assert!(Week::of(missed).end() < Week::of(due).end());
    assert_eq!(all.publish_from(), Week::of(due).end());
    assert_eq!(all.shown_from, all.publish_from());
}

#[test]
fn what_was_opened_waits_for_its_finding_and_is_closed_four_weeks_after_it() {
    let opened_at = MONDAY + 6 * DAY;
    let mut twins = three_grants();
    let due = opened_at + 30 * DAY;
    twins.push(twin(
        opened_at,
        READER,
        TwinAct::Opened,
        Some(due),
        Some(TwinOutcome::Opened),
    ));
    let waiting = course(&twins).unwrap();
    let by = Day::of(due).end() - 1;
    assert_eq!(waiting.owed(by), None);
    assert_eq!(waiting.owed(by + 1).map(|step| step.stage), Some(Stage::Finding));
    assert_eq!(waiting.publish_from(), Week::of(by).end());
    let found_at = opened_at + DAY;
    twins.push(twin(
        found_at,
        READER,
        TwinAct::Finding,
        None,
        Some(TwinOutcome::Protected),
    ));
    let closed = course(&twins).unwrap();
    assert_eq!(
        (closed.ended_at, closed.outcome),
        (Some(found_at), Some(TwinOutcome::Protected))
    );
    assert_eq!(closed.first_overdue(u64::MAX), None);
    assert_eq!(closed.publish_from(), Week::of(found_at + 28 * DAY).end());
    // A stall is published sooner than a success: what came too late was overdue for ever.
    twins.pop();
    twins.push(twin(
        by + 1,
        READER,
        TwinAct::Finding,
        None,
        Some(TwinOutcome::Protected),
    ));
    let late = course(&twins).unwrap();
    assert_eq!(
        late.first_overdue(u64::MAX).map(|step| step.stage),
        Some(Stage::Finding)
    );
    assert_eq!((late.owed(u64::MAX), late.publish_from()), (None, Week::of(by).end()));
}

#[test]
fn it_is_over_when_too_few_seats_are_left_to_grant_it_or_it_does_not_open() {
    // Of six seats three must grant: with the fourth refusal too few are left.
    let refusals = |count: u16| {
        let all = (1..=count).map(|seat| refused(MONDAY + u64::from(seat), seat));
        course(&std::iter::once(asked()).chain(all).collect::<Vec<_>>()).unwrap()
    };
    assert_eq!(refusals(3).ended_at, None);
    assert_eq!(refusals(4).ended_at, Some(MONDAY + 4));
    assert_eq!(refusals(4).owed(u64::MAX), None);
    assert_eq!(refusals(4).publish_from(), Week::of(MONDAY + 4 + 28 * DAY).end());
    let mut twins = three_grants();
    let at = MONDAY + 6 * DAY;
    twins.push(twin(at, READER, TwinAct::Opened, None, Some(TwinOutcome::DoesNotOpen)));
    assert_eq!(course(&twins).unwrap().ended_at, Some(at));
}

#[test]
fn an_objection_asks_for_one_grant_more_and_gives_fourteen_days() {
    let mut twins = three_grants();
    let at = MONDAY + 2 * DAY;
    twins.push(twin(at, 6, TwinAct::Objection, Some(at + 14 * DAY), None));
    let all = course(&twins).unwrap();
    let by = Day::of(at + 14 * DAY).end() - 1;
    assert_eq!((all.need, all.steps[0].by, all.steps[0].done), (4, by, None));
    assert_eq!(all.objected.len(), 1);
    twins.push(granted(MONDAY + 3 * DAY, 4));
    let granted = course(&twins).unwrap();
    let last = granted.steps.last().unwrap();
    assert_eq!((last.stage, last.by), (Stage::Opening, at + 14 * DAY + 7 * DAY));
}
