//! Withdrawing, taking that back, declining, and what seats destroy (§7, §8.5 line 6, §9.6, §19).

use casework::case::{ActRefusal, Standing};
use casework::release::ReleasingSeat;
use casework::view::{OpenTerm, Task, first_message, inbox, next_term, seat_queue};
use casework::{DeclarantAct, NotNow, Why, admit};
use protocol::statement::{AccessPolicy, ConsentChoice, Holds, WithdrawChoice};

use crate::support::{DAY, Filing, HOUR, Log, Vote, Wish, by_her, council, keys, sign, x};

fn filed() -> (Log, Filing) {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    (log, filing)
}

/// With another choice of withdrawing.
fn choosing(withdraw: WithdrawChoice) -> Filing {
    let mut policy = AccessPolicy::new(ConsentChoice::NotAsked, &council(), 5);
    policy.withdraw = withdraw;
    Filing::chosen(0, policy)
}

fn standing(log: &Log, filing: &Filing, index: u64) -> Standing {
    let case = log.case(filing);
    let act = case.acts().find(|act| act.found.index == index);
    act.unwrap().standing.clone()
}

fn tasks(log: &Log, filing: &Filing, number: u16) -> Vec<Task> {
    let seat = ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    };
    seat_queue(&log.case(filing), &seat, &log.moment(), log.fold.registry())
}

fn erase(log: &Log, filing: &Filing, number: u16) -> Result<(), NotNow> {
    admit::erased(&log.case(filing), x(number), &log.moment(), log.fold.registry())
}

#[test]
fn seats_erase_30_days_after_she_withdrew_and_it_is_final_with_three_of_five() {
    let (mut log, filing) = filed();
    assert_eq!(erase(&log, &filing, 1).unwrap_err().why, Why::NothingToErase);
    let (since, until) = (log.now, log.now + 30 * DAY);
    log.withdraws(&filing, 1, true);
    assert!(tasks(&log, &filing, 1).contains(&Task::Withdrawn {
        since,
        until,
        in_person: false
    }));
    log.wait_until(until - 1);
    let early = erase(&log, &filing, 1).unwrap_err();
    assert_eq!((early.why, early.from), (Why::TooEarly, Some(until)));
    assert_eq!(
        next_term(&log.case(&filing), log.now),
        Some((until, OpenTerm::Withdrawal))
    );
    log.wait_until(until);
    assert_eq!(erase(&log, &filing, 1), Ok(()));
    assert!(tasks(&log, &filing, 1).contains(&Task::Erase {
        since: until,
        is_withdrawn: true
    }));
    for (number, is_final) in [(1, false), (2, false), (3, true)] {
        let index = log.erases(&filing, number);
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
        let case = log.case(&filing);
        assert_eq!(case.erasure().is_final(), is_final, "{number}");
        assert!(!case.holds_share(x(number)));
        assert!(
            case.erasure()
                .erased
                .iter()
                .all(|erased| erased.is_founded && erased.taken_back.is_none())
        );
    }
    assert!(
        matches!(tasks(&log, &filing, 1)[..], [Task::Erase { is_withdrawn: true, .. }]),
        "while it still follows the case something is left with it"
    );
    assert!(tasks(&log, &filing, 4).contains(&Task::Erase {
        since: until,
        is_withdrawn: true
    }));
    let case = log.case(&filing);
    let answer = casework::view::CaseAnswer::Held { filed: case.filed() };
    let seen = inbox(answer, &case, log.now);
    assert!(seen.is_erased && seen.withdrawal.is_some());
    // Nothing is asked for, decided or withdrawn any more.
    let request = log.request_of(&filing, &Wish::default());
    let refused = admit::request(&case, &request, &log.moment(), log.fold.registry()).unwrap_err();
    assert_eq!(refused.why, Why::Erased);
    assert_eq!(admit::withdrawal(&case, false).unwrap_err().why, Why::Erased);
}

#[test]
fn a_later_no_ends_it_and_a_later_yes_begins_it_anew() {
    let (mut log, filing) = filed();
    let withdrawn_at = log.now;
    log.withdraws(&filing, 1, true);
    let withdrawal = |log: &Log| {
        log.case(&filing)
            .erasure()
            .withdrawal()
            .map(|withdrawal| withdrawal.since)
    };
    assert_eq!(withdrawal(&log), Some(withdrawn_at));
    assert_eq!(admit::withdrawal(&log.case(&filing), false), Ok(()));
    assert!(admit::withdrawal(&log.case(&filing), true).is_err());
    log.wait_until(withdrawn_at + 20 * DAY);
    // A second yes waits no longer than the first.
    log.withdraws(&filing, 2, true);
    assert_eq!(withdrawal(&log), Some(withdrawn_at));
    log.withdraws(&filing, 3, false);
    assert_eq!(withdrawal(&log), None);
    log.wait_until(withdrawn_at + 40 * DAY);
    assert_eq!(erase(&log, &filing, 1).unwrap_err().why, Why::NothingToErase);
    assert!(admit::withdrawal(&log.case(&filing), false).is_err());
    let again = log.now;
    log.withdraws(&filing, 4, true);
    assert_eq!(withdrawal(&log), Some(again));
}

#[test]
fn an_old_withdrawal_filed_again_or_late_starts_nothing_that_she_has_taken_back() {
    let (mut log, filing) = filed();
    let yes = by_her(&log.withdraw_of(&filing, 1, true), &filing);
    log.put(&filing, &yes);
    let no = log.withdraws(&filing, 2, false);
    let again = log.put(&filing, &yes);
    assert!(matches!(
        standing(&log, &filing, again),
        Standing::Refused(ActRefusal::Duplicate { .. })
    ));
    assert!(log.case(&filing).erasure().withdrawal().is_none());
    // Kept back by a bought seat until now, never seen before: it counts, and says nothing beside the later no.
    let late = by_her(&log.withdraw_of(&filing, 1, true), &filing);
    let index = log.put(&filing, &late);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    assert!(log.case(&filing).erasure().withdrawal().is_none());
    let stale = DeclarantAct::Withdraw(log.withdraw_of(&filing, 1, true));
    let filed = admit::hers(&log.case(&filing), &stale, 0, &log.moment(), log.fold.registry());
    assert_eq!(filed.unwrap_err().why, Why::Overtaken { index: no });
}

#[test]
fn of_two_with_one_counter_the_no_counts_whatever_came_first() {
    for order in [[true, false], [false, true]] {
        let (mut log, filing) = filed();
        for yes in order {
            log.withdraws(&filing, 1, yes);
        }
        assert!(log.case(&filing).erasure().withdrawal().is_none(), "{order:?}");
        // Hidden, the no does not count; shown again, it does.
        let at = log.statements.len() - 2 + usize::from(order[0]);
        let hidden = log.statements.remove(at);
        assert!(log.case(&filing).erasure().withdrawal().is_some(), "{order:?}");
        log.statements.push(hidden);
        assert!(log.case(&filing).erasure().withdrawal().is_none(), "{order:?}");
    }
}

#[test]
fn who_chose_never_withdraws_nothing_and_who_wants_to_be_met_is_met_first() {
    let mut log = Log::new();
    let filing = log.filed(choosing(WithdrawChoice::Never));
    let index = log.withdraws(&filing, 1, true);
    assert_eq!(
        standing(&log, &filing, index),
        Standing::Refused(ActRefusal::NeverWithdrawn)
    );
    assert_eq!(
        admit::withdrawal(&log.case(&filing), true).unwrap_err().why,
        Why::NeverWithdrawn
    );
    log.wait_until(log.now + 31 * DAY);
    assert_eq!(erase(&log, &filing, 1).unwrap_err().why, Why::NothingToErase);
    let mut log = Log::new();
    let filing = log.filed(choosing(WithdrawChoice::InPerson));
    log.withdraws(&filing, 1, true);
    let met = |task: &Task| matches!(task, Task::Withdrawn { in_person: true, .. });
    assert!(tasks(&log, &filing, 1).iter().any(met));
}

#[test]
fn only_seats_dealt_to_erase_each_once_and_then_they_hold_nothing() {
    let (mut log, filing) = filed();
    log.withdraws(&filing, 1, true);
    log.wait_until(log.now + 30 * DAY);
    let stranger = log.erases(&filing, 6);
    let refused = ActRefusal::HoldsNoShare { x: x(6) };
    assert_eq!(standing(&log, &filing, stranger), Standing::Refused(refused));
    assert_eq!(erase(&log, &filing, 6).unwrap_err().why, Why::HoldsNoShare { x: x(6) });
    let first = log.erases(&filing, 1);
    let again = log.erases(&filing, 1);
    assert_eq!(
        standing(&log, &filing, again),
        Standing::Refused(ActRefusal::Again { index: first })
    );
    assert_eq!(erase(&log, &filing, 1).unwrap_err().why, Why::Done { index: first });
    let forged = log
        .head()
        .erased(&log.bare_case(&filing), x(2), protocol::statement::Erasure::All);
    let forged = log.put(&filing, &sign(&forged, &[3]));
    assert_eq!(
        standing(&log, &filing, forged),
        Standing::Refused(ActRefusal::Signature)
    );
    assert_eq!(log.case(&filing).erasure().erased.len(), 1);
    // It neither grants nor acknowledges any more.
    let request = log.ask(&filing, &Wish::default());
    log.decide(&filing, request, 1, Vote::Grant);
    let refused = || Some(ActRefusal::HoldsNoShare { x: x(1) });
    assert_eq!(log.refusal(&filing), refused());
    let ack = log.ack_of(&filing, 1, Holds::All);
    log.put(&filing, &sign(&ack, &[1]));
    assert_eq!(log.refusal(&filing), refused());
}

#[test]
fn a_seat_that_erased_without_a_reason_is_named_and_one_that_relied_on_what_is_hidden_is_not() {
    let (mut log, filing) = filed();
    let index = log.erases(&filing, 1);
    let unfounded = |index, number, taken_back| Task::Unfounded {
        index,
        x: x(number),
        taken_back,
    };
    assert!(tasks(&log, &filing, 4).contains(&unfounded(index, 1, None)));
    // 29 days are not 30.
    log.withdraws(&filing, 1, true);
    let hidden = log.statements.len() - 1;
    log.wait_until(log.now + 30 * DAY - 1);
    let early = log.erases(&filing, 2);
    assert!(tasks(&log, &filing, 4).contains(&unfounded(early, 2, None)));
    log.wait_until(log.now + 1);
    let honest = log.erases(&filing, 3);
    assert!(!tasks(&log, &filing, 4).contains(&unfounded(honest, 3, None)));
    log.statements.remove(hidden);
    let shown = tasks(&log, &filing, 4);
    assert!(
        shown.contains(&unfounded(index, 1, None)),
        "it came before anything that is hidden"
    );
    assert!(
        !shown.contains(&unfounded(honest, 3, None)),
        "its reason may be what is hidden"
    );
}

#[test]
fn a_no_shown_late_unmakes_nothing_that_seats_destroyed_and_is_marked() {
    let (mut log, filing) = filed();
    log.withdraws(&filing, 1, true);
    let no = log.withdraws(&filing, 2, false);
    let hidden = log.statements.pop().unwrap();
    log.wait_until(log.now + 30 * DAY);
    let index = log.erases(&filing, 1);
    log.statements.push(hidden);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    let marked = Task::Unfounded {
        index,
        x: x(1),
        taken_back: Some(no),
    };
    assert!(tasks(&log, &filing, 4).contains(&marked));
    assert_eq!(erase(&log, &filing, 2).unwrap_err().why, Why::NothingToErase);
}

#[test]
fn what_t_account_seats_decline_is_erased_after_30_days() {
    let (mut log, filing) = filed();
    let may = |log: &Log, number| admit::decline(&log.case(&filing), x(number), log.fold.registry());
    for number in [1, 2] {
        assert_eq!(may(&log, number), Ok(()));
        log.declines(&filing, number);
    }
    assert!(matches!(may(&log, 1).unwrap_err().why, Why::Done { .. }));
    log.declines(&filing, 1);
    assert!(matches!(log.refusal(&filing), Some(ActRefusal::Again { .. })));
    log.declines(&filing, 6);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::HoldsNoShare { x: x(6) }));
    log.wait_until(log.now + 31 * DAY);
    assert_eq!(erase(&log, &filing, 1).unwrap_err().why, Why::NothingToErase);
    let from = log.now + 30 * DAY;
    log.declines(&filing, 3);
    assert_eq!(erase(&log, &filing, 1).unwrap_err().from, Some(from));
    log.wait_until(from);
    assert_eq!(erase(&log, &filing, 1), Ok(()));
    assert!(tasks(&log, &filing, 4).contains(&Task::Erase {
        since: from,
        is_withdrawn: false
    }));
    let index = log.erases(&filing, 1);
    assert!(
        !tasks(&log, &filing, 4)
            .iter()
            .any(|task| matches!(task, Task::Unfounded { .. })),
        "{index}"
    );
}

#[test]
fn a_first_message_is_due_within_14_days_and_shown_from_the_seventh() {
    let (log, filing) = filed();
    let case = log.case(&filing);
    let filed_at = case.filed().included_at;
    let by = filed_at + 14 * DAY;
    let due = |is_overdue| Some(Task::Message { by, is_overdue });
    assert_eq!(first_message(&case, filed_at + 7 * DAY - 1), None);
    assert_eq!(first_message(&case, filed_at + 7 * DAY), due(false));
    assert_eq!(first_message(&case, by), due(false));
    assert_eq!(first_message(&case, by + 1), due(true));
}

#[test]
fn her_inbox_says_who_has_read() {
    let (mut log, filing) = filed();
    let request = log.granted(&filing, &Wish::default());
    for number in 1..=3 {
        log.release(&filing, request, number, &[protocol::statement::Compartment::Account]);
    }
    let released_at = log.now;
    log.wait_until(log.now + HOUR);
    log.opened(&filing, request, 11);
    log.withdraws(&filing, 1, true);
    let case = log.case(&filing);
    let answer = casework::view::CaseAnswer::Held { filed: case.filed() };
    let seen = inbox(answer, &case, log.now);
    assert_eq!(seen.readers, [(x(11), released_at)]);
    assert!(!seen.is_erased && seen.withdrawal.is_some());
}
