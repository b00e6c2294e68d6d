//! Opening without her: silence, an inquiry, and t_lapse seats (§8.4, §8.5 line 7, §19).

use casework::case::{ActRefusal, Standing};
use casework::release::{ReleasingSeat, may_release_at};
use casework::view::{Task, seat_queue};
use casework::{Allowed, NotNow, Why, admit};
use protocol::statement::{Compartment, LapseStep, Release};
use protocol::{Digest, Envelope};

use crate::support::{DAY, Filing, HOUR, Log, OBJECTION_S, Wish, by_her, keys, sign, x};

const WHOLE: [Compartment; 2] = [Compartment::Account, Compartment::Consent];

/// A testimony that lapses after a year.
fn filed() -> (Log, Filing) {
    let mut log = Log::new();
    let filing = log.filed(Filing::with_consent(0, true));
    (log, filing)
}

/// One whose lapse stands, with a request that opens it without her, granted by seats 1 to 4 and ripe for release.
fn granted() -> (Log, Filing, Digest) {
    let (mut log, filing) = filed();
    log.lapsed(&filing);
    let request = log.ask(&filing, &Wish::without_her());
    log.grant(&filing, request, &[1, 2, 3, 4]);
    log.wait_until(log.now + OBJECTION_S);
    (log, filing, request)
}

fn seat(number: u16) -> ReleasingSeat {
    ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    }
}

fn ask(log: &Log, filing: &Filing, request: Digest, number: u16) -> Result<Allowed, NotNow> {
    let registry = log.fold.registry();
    may_release_at(&log.case(filing), &request, &seat(number), &log.moment(), registry)
}

fn step(log: &Log, filing: &Filing, number: u16, step: LapseStep) -> Result<(), NotNow> {
    admit::lapse(&log.case(filing), x(number), step, &log.moment(), log.fold.registry())
}

fn standing(log: &Log, filing: &Filing, index: u64) -> Standing {
    let case = log.case(filing);
    let act = case.acts().find(|act| act.found.index == index);
    act.unwrap().standing.clone()
}

fn tasks(log: &Log, filing: &Filing, number: u16) -> Vec<Task> {
    seat_queue(&log.case(filing), &seat(number), &log.moment(), log.fold.registry())
}

fn honest(log: &Log, filing: &Filing, request: Digest, number: u16) -> Release {
    let allowed = ask(log, filing, request, number).unwrap();
    let mut release = log.release_of(filing, request, number, &allowed.compartments);
    (release.grants, release.objections, release.consent) = (allowed.grants, allowed.objections, allowed.consent);
    release
}

const NOT_LAPSED: fn(usize) -> Why = |decided| Why::NotLapsed { decided, need: 4 };

#[test]
fn after_silence_inquiry_and_t_lapse_decisions_it_opens_without_her() {
    let (mut log, filing, request) = granted();
    let state = log.case(&filing).request(&request).unwrap().clone();
    let needs: Vec<usize> = state.compartments.iter().map(|compartment| compartment.need).collect();
    assert_eq!(needs, [4, 4], "without her nothing opens by fewer than t_lapse");
    let allowed = ask(&log, &filing, request, 1).unwrap();
    assert_eq!(allowed.compartments, WHOLE);
    assert_eq!(allowed.consent.len(), 5, "the inquiry and four decisions");
    for number in 1..=4 {
        let release = honest(&log, &filing, request, number);
        let index = log.put(&filing, &sign(&release, &[number]));
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
    }
    let state = log.case(&filing).request(&request).unwrap().clone();
    assert!(
        state
            .compartments
            .iter()
            .all(|compartment| compartment.released_at.is_some())
    );
}

#[test]
fn three_grants_open_nothing_without_her() {
    let (mut log, filing) = filed();
    log.lapsed(&filing);
    let request = log.ask(&filing, &Wish::without_her());
    log.grant(&filing, request, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    let not_now = ask(&log, &filing, request, 1).unwrap_err();
    assert!(matches!(not_now.why, Why::TooFewGrants { have: 3, need: 4, .. }));
}

#[test]
fn the_inquiry_waits_for_the_silence_that_she_chose_and_the_decisions_30_days_for_an_answer() {
    let (mut log, filing) = filed();
    let silent_from = log.now + 365 * DAY;
    log.wait_until(silent_from - 1);
    assert_eq!(
        step(&log, &filing, 1, LapseStep::Inquiry),
        Err(NotNow {
            line: None,
            why: Why::TooEarly,
            from: Some(silent_from)
        })
    );
    assert!(
        !tasks(&log, &filing, 1)
            .iter()
            .any(|task| matches!(task, Task::Inquire { .. }))
    );
    let early = log.lapses(&filing, 1, LapseStep::Inquiry);
    assert_eq!(
        standing(&log, &filing, early),
        Standing::Refused(ActRefusal::TooEarly { from: silent_from })
    );
    let none = log.lapses(&filing, 2, LapseStep::Decide);
    assert_eq!(standing(&log, &filing, none), Standing::Refused(ActRefusal::NoInquiry));
    assert_eq!(
        step(&log, &filing, 2, LapseStep::Decide).unwrap_err().why,
        Why::NoInquiry
    );
    log.wait_until(silent_from);
    assert_eq!(step(&log, &filing, 1, LapseStep::Inquiry), Ok(()));
    assert!(tasks(&log, &filing, 1).contains(&Task::Inquire { since: silent_from }));
    let inquiry = log.lapses(&filing, 1, LapseStep::Inquiry);
    assert_eq!(
        step(&log, &filing, 2, LapseStep::Inquiry).unwrap_err().why,
        Why::Done { index: inquiry }
    );
    let again = log.lapses(&filing, 2, LapseStep::Inquiry);
    assert_eq!(
        standing(&log, &filing, again),
        Standing::Refused(ActRefusal::Again { index: inquiry })
    );
    let from = log.now + 30 * DAY;
    log.wait_until(from - 1);
    assert_eq!(step(&log, &filing, 2, LapseStep::Decide).unwrap_err().from, Some(from));
    let early = log.lapses(&filing, 2, LapseStep::Decide);
    assert_eq!(
        standing(&log, &filing, early),
        Standing::Refused(ActRefusal::TooEarly { from })
    );
    log.wait_until(from);
    assert_eq!(step(&log, &filing, 2, LapseStep::Decide), Ok(()));
    assert!(tasks(&log, &filing, 2).contains(&Task::Lapse {
        since: from,
        decided: 0,
        need: 4
    }));
    let first = log.lapses(&filing, 2, LapseStep::Decide);
    assert_eq!(standing(&log, &filing, first), Standing::Counts);
    assert_eq!(
        step(&log, &filing, 2, LapseStep::Decide).unwrap_err().why,
        Why::Done { index: first }
    );
    let twice = log.lapses(&filing, 2, LapseStep::Decide);
    assert_eq!(
        standing(&log, &filing, twice),
        Standing::Refused(ActRefusal::Again { index: first })
    );
}

#[test]
fn seats_that_hold_no_share_take_no_step() {
    let (mut log, filing) = filed();
    log.wait_until(log.now + 365 * DAY);
    log.reject(&filing, 2);
    for (number, why) in [(2, Why::HoldsNoShare { x: x(2) }), (6, Why::HoldsNoShare { x: x(6) })] {
        assert_eq!(step(&log, &filing, number, LapseStep::Inquiry).unwrap_err().why, why);
        let index = log.lapses(&filing, number, LapseStep::Inquiry);
        let refused = ActRefusal::HoldsNoShare { x: x(number) };
        assert_eq!(standing(&log, &filing, index), Standing::Refused(refused));
    }
    let inquiry = log.head().lapse(&log.bare_case(&filing), x(1), LapseStep::Inquiry);
    let index = log.put(&filing, &sign(&inquiry, &[3]));
    assert_eq!(standing(&log, &filing, index), Standing::Refused(ActRefusal::Signature));
}

#[test]
fn only_while_a_lapse_stands_a_request_that_opens_without_her_is_filed_and_granted() {
    let (mut log, filing) = filed();
    let asked = log.request_of(&filing, &Wish::without_her());
    let admitted = |log: &Log, request| {
        let answer = admit::request(&log.case(&filing), request, &log.moment(), log.fold.registry());
        answer.map_err(|not_now| not_now.why)
    };
    assert_eq!(admitted(&log, &asked), Err(NOT_LAPSED(0)));
    // A bought seat files it: it stands, and no honest seat decides on it.
    let early = log.act(&filing, &sign(&asked, &[11]));
    let decide = |log: &Log, request, number| {
        let answer = admit::decision(
            &log.case(&filing),
            &request,
            x(number),
            &log.moment(),
            log.fold.registry(),
        );
        answer.map_err(|not_now| not_now.why)
    };
    assert_eq!(decide(&log, early, 1), Err(NOT_LAPSED(0)));
    assert!(
        !tasks(&log, &filing, 1)
            .iter()
            .any(|task| matches!(task, Task::Decide { .. }))
    );
    log.wait_until(log.now + 365 * DAY);
    log.lapses(&filing, 1, LapseStep::Inquiry);
    log.wait_until(log.now + 30 * DAY);
    for number in 1..=3 {
        log.lapses(&filing, number, LapseStep::Decide);
    }
    let asked = log.request_of(&filing, &Wish::without_her());
    assert_eq!(admitted(&log, &asked), Err(NOT_LAPSED(3)));
    log.lapses(&filing, 5, LapseStep::Decide);
    assert_eq!(admitted(&log, &asked), Ok(()));
    let request = log.act(&filing, &sign(&asked, &[11]));
    assert_eq!(decide(&log, request, 1), Ok(()));
    log.is_alive(&filing, 1);
    assert_eq!(decide(&log, request, 1), Err(NOT_LAPSED(0)));
}

#[test]
fn any_word_of_hers_before_the_release_ends_it() {
    type Said = fn(&mut Log, &Filing, Digest) -> u64;
    let words: [(&str, Said); 5] = [
        ("alive", |log, filing, _| log.is_alive(filing, 1)),
        ("a no", |log, filing, request| log.answers(filing, request, 1, false)),
        ("withdraw", |log, filing, _| log.withdraws(filing, 1, true)),
        ("an objection", |log, filing, request| {
            log.she_objects(filing, request);
            log.fold.size() - 1
        }),
        ("a message", |log, filing, _| {
            let message = log.message_of(filing, 0, 1);
            log.put(filing, &by_her(&message, filing))
        }),
    ];
    for (what, say) in words {
        let (mut log, filing, request) = granted();
        let release = honest(&log, &filing, request, 1);
        log.put(&filing, &sign(&release, &[1]));
        let said = say(&mut log, &filing, request);
        let not_now = ask(&log, &filing, request, 2).unwrap_err();
        assert_eq!((not_now.line, not_now.why), (Some(7), NOT_LAPSED(0)), "{what}");
        let case = log.case(&filing);
        let lapse = case.lapse().unwrap();
        assert_eq!(
            (lapse.last_heard.index, lapse.inquiry, lapse.decided.len()),
            (said, None, 0),
            "{what}"
        );
        assert_eq!(lapse.inquiry_from, log.now + 365 * DAY, "{what}");
        // What a seat released before stands, and is nobody's fault.
        assert_eq!(case.request(&request).unwrap().releases.len(), 1, "{what}");
        assert!(
            !tasks(&log, &filing, 4)
                .iter()
                .any(|task| matches!(task, Task::Breach { .. }))
        );
    }
}

#[test]
fn a_request_that_names_compartment_3_is_not_opened_by_her_consent_nor_one_without_by_a_lapse() {
    let (mut log, filing, request) = granted();
    let with_her = log.ask(&filing, &Wish::default());
    log.grant(&filing, with_her, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    assert_eq!(ask(&log, &filing, with_her, 1).unwrap_err().why, Why::NoAnswer);
    log.answers(&filing, request, 1, true);
    assert_eq!(ask(&log, &filing, request, 1).unwrap_err().why, NOT_LAPSED(0));
    // P alone is asked for by nobody.
    let mut alone = log.request_of(&filing, &Wish::without_her());
    alone.compartments = vec![Compartment::Consent];
    log.act(&filing, &sign(&alone, &[11]));
    let refused = ActRefusal::Compartment {
        name: Compartment::Consent,
    };
    assert_eq!(log.refusal(&filing), Some(refused));
}

#[test]
fn where_she_chose_no_lapse_there_is_none() {
    let mut log = Log::new();
    let filing = log.filed(Filing::with_consent(0, false));
    log.wait_until(log.now + 1_000 * DAY);
    assert!(log.case(&filing).lapse().is_none());
    assert_eq!(
        step(&log, &filing, 1, LapseStep::Inquiry).unwrap_err().why,
        Why::NoLapse
    );
    let index = log.lapses(&filing, 1, LapseStep::Inquiry);
    assert_eq!(standing(&log, &filing, index), Standing::Refused(ActRefusal::NoLapse));
    log.ask(&filing, &Wish::without_her());
    let refused = ActRefusal::Compartment {
        name: Compartment::Consent,
    };
    assert_eq!(log.refusal(&filing), Some(refused));
}

/// Each rule by which a lapse that a release names is judged, broken alone.
#[test]
fn a_release_is_judged_by_the_lapse_that_it_names() {
    type Edit = fn(&mut Vec<u64>);
    // Entries: 4 the filing, 6 the inquiry, 8 to 11 the decisions, 12 the request.
    let edits: [(&str, Edit); 4] = [
        ("no lapse", Vec::clear),
        ("no inquiry", |named| _ = named.remove(0)),
        ("three decisions", |named| _ = named.pop()),
        ("decisions alone", |named| _ = named.drain(..2)),
    ];
    for (what, edit) in edits {
        let (mut log, filing, request) = granted();
        let mut release = honest(&log, &filing, request, 1);
        assert_eq!(release.consent, [6, 8, 9, 10, 11]);
        edit(&mut release.consent);
        let index = log.put(&filing, &sign(&release, &[1]));
        let refused = Standing::Refused(ActRefusal::NoConsent { x: x(1) });
        assert_eq!(standing(&log, &filing, index), refused, "{what}");
        assert!(tasks(&log, &filing, 4).contains(&Task::Breach { index }), "{what}");
    }
    // A grant is no decision on a lapse.
    let (mut log, filing, request) = granted();
    let mut release = honest(&log, &filing, request, 1);
    release.consent = vec![6, 8, 9, 10, 13];
    log.put(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Reliance { x: x(1), index: 13 }));
}

#[test]
fn a_release_that_names_steps_before_their_time_or_her_word_between_is_refused() {
    let (mut log, filing) = filed();
    log.wait_until(log.now + 365 * DAY - 1);
    let early = log.lapses(&filing, 1, LapseStep::Inquiry);
    log.wait_until(log.now + 1);
    let inquiry = log.lapses(&filing, 1, LapseStep::Inquiry);
    log.wait_until(log.now + 30 * DAY - 1);
    let hasty = log.lapses(&filing, 5, LapseStep::Decide);
    log.wait_until(log.now + HOUR);
    let decided = [1, 2, 3, 4].map(|number| log.lapses(&filing, number, LapseStep::Decide));
    let request = log.ask(&filing, &Wish::without_her());
    log.grant(&filing, request, &[1, 2, 3, 4]);
    log.wait_until(log.now + OBJECTION_S);
    let [one, two, three, four] = decided;
    let said = log.is_alive(&filing, 1);
    let lists = [
        vec![early, one, two, three, four],
        vec![inquiry, hasty, one, two, three],
        vec![early, inquiry, one, two, three, four],
        vec![inquiry, one, two, three, four, said],
    ];
    for named in lists {
        let mut release = log.release_of(&filing, request, 1, &WHOLE);
        release.consent = named.clone();
        release.nonce = log.nonce();
        let index = log.put(&filing, &sign(&release, &[1]));
        let refused = Standing::Refused(ActRefusal::NoConsent { x: x(1) });
        assert_eq!(standing(&log, &filing, index), refused, "{named:?}");
    }
    let mut good = log.release_of(&filing, request, 1, &WHOLE);
    good.consent = vec![inquiry, one, two, three, four];
    let index = log.put(&filing, &sign(&good, &[1]));
    assert_eq!(
        standing(&log, &filing, index),
        Standing::Counts,
        "the bought seat could do so off the log"
    );
    assert!(tasks(&log, &filing, 4).contains(&Task::Omitted {
        index,
        x: x(1),
        objection: said
    }));
}

#[test]
fn a_sign_of_life_shown_late_makes_no_honest_release_void_and_is_marked() {
    for (before_the_inquiry, days) in [(true, 300), (false, 380)] {
        let (mut log, filing) = filed();
        let filed_at = log.now;
        let mut hidden: Option<(u64, Envelope)> = None;
        let hide = |log: &mut Log| {
            let index = log.is_alive(&filing, 1);
            Some((index, log.statements.pop().unwrap()))
        };
        if before_the_inquiry {
            log.wait_until(filed_at + days * DAY);
            hidden = hide(&mut log);
        }
        log.wait_until(filed_at + 365 * DAY);
        log.lapses(&filing, 1, LapseStep::Inquiry);
        if !before_the_inquiry {
            log.wait_until(filed_at + days * DAY);
            hidden = hide(&mut log);
        }
        log.wait_until(filed_at + 395 * DAY);
        for number in 1..=4 {
            log.lapses(&filing, number, LapseStep::Decide);
        }
        let request = log.ask(&filing, &Wish::without_her());
        log.grant(&filing, request, &[1, 2, 3, 4]);
        log.wait_until(log.now + OBJECTION_S);
        let release = honest(&log, &filing, request, 1);
        let index = log.put(&filing, &sign(&release, &[1]));
        let (said, statement) = hidden.unwrap();
        log.statements.push(statement);
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
        let omitted = Task::Omitted {
            index,
            x: x(1),
            objection: said,
        };
        let shown = tasks(&log, &filing, 4);
        assert!(shown.contains(&omitted));
        assert!(
            !shown.iter().any(|task| matches!(task, Task::Breach { .. })),
            "nobody is blamed: {shown:?}"
        );
        assert_eq!(ask(&log, &filing, request, 2).unwrap_err().line, Some(7));
    }
}

#[test]
fn a_release_names_the_last_that_she_said_before_the_inquiry() {
    let (mut log, filing) = filed();
    log.wait_until(log.now + 100 * DAY);
    log.is_alive(&filing, 1);
    let last = log.is_alive(&filing, 2);
    log.lapsed(&filing);
    let request = log.ask(&filing, &Wish::without_her());
    log.grant(&filing, request, &[1, 2, 3, 4]);
    log.wait_until(log.now + OBJECTION_S);
    let release = honest(&log, &filing, request, 1);
    assert_eq!((release.consent[0], release.consent.len()), (last, 6));
    let index = log.put(&filing, &sign(&release, &[1]));
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
}

/// Whoever files her old statements again does not make her heard anew.
#[test]
fn a_sign_of_life_filed_again_keeps_no_lapse_from_standing() {
    let (mut log, filing) = filed();
    let alive = by_her(&log.alive_of(&filing, 1), &filing);
    log.put(&filing, &alive);
    let heard_at = log.now;
    log.wait_until(heard_at + 200 * DAY);
    log.put(&filing, &alive);
    assert!(matches!(log.refusal(&filing), Some(ActRefusal::Duplicate { .. })));
    assert_eq!(log.case(&filing).lapse().unwrap().inquiry_from, heard_at + 365 * DAY);
    // A consent that did not count was heard once, too.
    let consent = by_her(&log.consent_of(&filing, Digest([7; 32]), 2, false), &filing);
    log.put(&filing, &consent);
    let heard_at = log.now;
    log.wait_until(heard_at + 10 * DAY);
    log.put(&filing, &consent);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NoRequest));
    assert_eq!(log.case(&filing).lapse().unwrap().inquiry_from, heard_at + 365 * DAY);
}
