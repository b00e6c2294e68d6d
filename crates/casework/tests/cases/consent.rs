//! Her consent as part of the key: line 7 of §8.5, and what of several answers counts (§8.4, §19).

use casework::case::{ActRefusal, Missing, Standing};
use casework::release::{ReleasingSeat, may_release_at};
use casework::view::{Task, seat_queue};
use casework::{Allowed, Case, DeclarantAct, NotNow, Why, admit};
use proptest::prelude::*;
use protocol::ids::PublicKey;
use protocol::statement::{Compartment, Holds};
use protocol::{Digest, Envelope};

use crate::support::{DAY, Filing, HOUR, Log, OBJECTION_S, Wish, by_her, keys, sign, x};

const ACCOUNT: [Compartment; 1] = [Compartment::Account];

/// A testimony that opens only with her consent, without a lapse.
fn strict() -> (Log, Filing) {
    let mut log = Log::new();
    let filing = log.filed(Filing::with_consent(0, false));
    (log, filing)
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

#[track_caller]
fn line_7(answer: Result<Allowed, NotNow>, why: Why) {
    let not_now = answer.unwrap_err();
    assert_eq!((not_now.line, not_now.why), (Some(7), why));
}

fn standing(log: &Log, filing: &Filing, index: u64) -> Standing {
    let case = log.case(filing);
    let act = case.acts().find(|act| act.found.index == index);
    act.unwrap().standing.clone()
}

fn hide(log: &mut Log) -> Envelope {
    log.statements.pop().unwrap()
}

/// Releases what its software allows, and says on what it relies; the index.
fn release_honestly(log: &mut Log, filing: &Filing, request: Digest, number: u16) -> u64 {
    let allowed = ask(log, filing, request, number).unwrap();
    let mut release = log.release_of(filing, request, number, &allowed.compartments);
    (release.grants, release.objections, release.consent) = (allowed.grants, allowed.objections, allowed.consent);
    log.put(filing, &sign(&release, &[number]))
}

fn tasks(log: &Log, filing: &Filing, number: u16) -> Vec<Task> {
    seat_queue(&log.case(filing), &seat(number), &log.moment(), log.fold.registry())
}

#[test]
fn without_her_yes_nothing_is_released_and_with_it_the_release_names_it() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    line_7(ask(&log, &filing, request, 1), Why::NoAnswer);
    let waits = |task: &Task| matches!(task, Task::Wait { not_now, .. } if not_now.why == Why::NoAnswer);
    assert!(tasks(&log, &filing, 1).iter().any(waits));
    let yes = log.answers(&filing, request, 1, true);
    assert_eq!(ask(&log, &filing, request, 1).unwrap().consent, [yes]);
    assert!(
        tasks(&log, &filing, 1)
            .iter()
            .any(|task| matches!(task, Task::Release { .. }))
    );
    for number in 1..=3 {
        let index = release_honestly(&mut log, &filing, request, number);
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
    }
    assert!(log.case(&filing).request(&request).unwrap().is_released());
}

#[test]
fn a_consent_younger_than_the_checkpoint_does_not_serve_and_a_no_does() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let before = log.moment();
    let index = log.answers(&filing, request, 1, true);
    let case = log.case(&filing);
    let asked = |case: &Case| may_release_at(case, &request, &seat(1), &before, log.fold.registry());
    line_7(asked(&case), Why::NoAnswer);
    assert!(ask(&log, &filing, request, 1).unwrap().consent == [index]);
    let no = log.answers(&filing, request, 2, false);
    let case = log.case(&filing);
    let before = may_release_at(&case, &request, &seat(1), &before, log.fold.registry());
    line_7(before, Why::ConsentRefused { index: no });
}

#[test]
fn she_takes_it_back_while_nothing_is_released_and_the_highest_counter_counts() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    log.answers(&filing, request, 1, true);
    let no = log.answers(&filing, request, 2, false);
    line_7(ask(&log, &filing, request, 1), Why::ConsentRefused { index: no });
    let yes = log.answers(&filing, request, 3, true);
    assert_eq!(ask(&log, &filing, request, 1).unwrap().consent, [yes]);
    // One bought share is no release: she may still take it back, and the others stop.
    release_honestly(&mut log, &filing, request, 1);
    let no = log.answers(&filing, request, 4, false);
    line_7(ask(&log, &filing, request, 2), Why::ConsentRefused { index: no });
}

#[test]
fn after_the_release_nothing_that_she_answers_changes_it() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    log.answers(&filing, request, 1, true);
    let released = [1, 2, 3].map(|number| release_honestly(&mut log, &filing, request, number));
    log.answers(&filing, request, 2, false);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Released));
    for index in released {
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
    }
    let (case, moment) = (log.case(&filing), log.moment());
    assert_eq!(
        admit::answer(&case, &request, false, &moment).unwrap_err().why,
        Why::Released
    );
}

#[test]
fn a_consent_to_another_request_does_not_serve_and_a_release_that_names_it_is_refused() {
    let (mut log, filing) = strict();
    let other = log.ask(&filing, &Wish::default());
    let request = log.granted(&filing, &Wish::default());
    let yes = log.answers(&filing, other, 1, true);
    line_7(ask(&log, &filing, request, 1), Why::NoAnswer);
    let mut release = log.release_of(&filing, request, 1, &ACCOUNT);
    release.consent = vec![yes];
    log.put(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Reliance { x: x(1), index: yes }));
}

#[test]
fn a_release_that_names_no_consent_or_a_no_is_a_breach() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let mut release = log.release_of(&filing, request, 1, &ACCOUNT);
    release.consent = Vec::new();
    let index = log.put(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NoConsent { x: x(1) }));
    assert!(tasks(&log, &filing, 4).contains(&Task::Breach { index }));
    let no = log.answers(&filing, request, 1, false);
    release.consent = vec![no];
    release.nonce = log.nonce();
    log.put(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Reliance { x: x(1), index: no }));
    assert!(log.case(&filing).request(&request).unwrap().releases.is_empty());
}

#[test]
fn a_release_names_one_consent_only() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let both = [
        log.answers(&filing, request, 1, true),
        log.answers(&filing, request, 2, true),
    ];
    let mut release = log.release_of(&filing, request, 1, &ACCOUNT);
    release.consent = both.to_vec();
    log.put(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NoConsent { x: x(1) }));
}

#[test]
fn a_consent_signed_by_another_key_is_nobodys() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let consent = log.consent_of(&filing, request, 1, true);
    let stranger = Filing::with_consent(7, false);
    for forged in [sign(&consent, &[1]), by_her(&consent, &stranger)] {
        let index = log.put(&filing, &forged);
        assert_eq!(standing(&log, &filing, index), Standing::Refused(ActRefusal::Signature));
    }
    line_7(ask(&log, &filing, request, 1), Why::NoAnswer);
    // DeclarantAct, on another case.
    let mut foreign = consent;
    foreign.case = stranger.keys.id;
    log.put(&filing, &by_her(&foreign, &filing));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Case));
}

#[test]
fn a_consent_counts_for_a_request_before_it_until_its_end() {
    let (mut log, filing) = strict();
    let (request, asked_at) = (log.ask(&filing, &Wish::default()), log.now);
    log.answers(&filing, Digest([9; 32]), 1, true);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NoRequest));
    log.wait_until(asked_at + 41 * DAY);
    let index = log.answers(&filing, request, 2, true);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    log.wait_until(asked_at + 41 * DAY + 1);
    log.answers(&filing, request, 3, false);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TooLate));
}

#[test]
fn where_she_is_not_asked_a_consent_counts_for_nothing_and_no_release_names_one() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    let index = log.answers(&filing, request, 1, false);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::ConsentNotAsked));
    assert!(ask(&log, &filing, request, 1).unwrap().consent.is_empty());
    let mut release = log.release_of(&filing, request, 1, &ACCOUNT);
    release.consent = vec![index];
    log.put(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Reliance { x: x(1), index }));
    let (case, moment) = (log.case(&filing), log.moment());
    assert_eq!(
        admit::answer(&case, &request, true, &moment).unwrap_err().why,
        Why::ConsentNotAsked
    );
}

#[test]
fn her_old_consent_filed_again_by_a_bought_seat_changes_nothing() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let old = by_her(&log.consent_of(&filing, request, 1, true), &filing);
    log.put(&filing, &old);
    let no = log.answers(&filing, request, 2, false);
    log.put(&filing, &old);
    assert!(matches!(log.refusal(&filing), Some(ActRefusal::Duplicate { .. })));
    line_7(ask(&log, &filing, request, 1), Why::ConsentRefused { index: no });
    // Not even where the first entry of it is shown to nobody.
    let first = log.statements.iter().position(|statement| *statement == old).unwrap();
    log.statements.remove(first);
    line_7(ask(&log, &filing, request, 1), Why::ConsentRefused { index: no });
}

#[test]
fn a_no_shown_late_makes_no_honest_release_void_and_is_marked() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    log.answers(&filing, request, 1, true);
    let no = log.answers(&filing, request, 2, false);
    let hidden = hide(&mut log);
    let released = [1, 2].map(|number| release_honestly(&mut log, &filing, request, number));
    log.statements.push(hidden);
    for index in released {
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
    }
    let omitted = |index, number| Task::Omitted {
        index,
        x: x(number),
        objection: no,
    };
    let shown = tasks(&log, &filing, 4);
    assert!(shown.contains(&omitted(released[0], 1)) && shown.contains(&omitted(released[1], 2)));
    assert!(!shown.iter().any(|task| matches!(task, Task::Breach { .. })));
    line_7(ask(&log, &filing, request, 3), Why::ConsentRefused { index: no });
}

#[test]
fn a_release_that_relies_on_a_consent_which_nobody_shows_is_not_judged() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let yes = log.answers(&filing, request, 1, true);
    let index = release_honestly(&mut log, &filing, request, 1);
    let at = log.statements.len() - 2;
    let hidden = log.statements.remove(at);
    let missing = Missing::Act { index: yes };
    assert_eq!(standing(&log, &filing, index), Standing::Undecided(missing));
    log.statements.push(hidden);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
}

#[test]
fn from_the_phrase_alone_she_knows_what_she_chose_and_judges_as_the_seats_do() {
    let (mut log, filing) = strict();
    for number in 1..=3 {
        log.ack(&filing, number);
    }
    // A bought seat copies other choices.
    let mut lie = log.ack_of(&filing, 4, Holds::Share);
    lie.policy = Filing::new(3).header().core.policy.clone();
    log.put(&filing, &sign(&lie, &[4]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::NotTheTestimony));
    let request = log.granted(&filing, &Wish::default());
    log.answers(&filing, request, 1, true);
    release_honestly(&mut log, &filing, request, 1);
    let key = PublicKey(filing.keys.signing.verifying_key().to_bytes());
    let hers = |log: &Log| Case::from_acks(filing.salt(), filing.keys.id, key, &log.fold, &log.statements).unwrap();
    let case = hers(&log);
    assert!(case.facts().asks_her());
    assert_eq!(case.next_n(), 2);
    assert_eq!(admit::answer(&case, &request, false, &log.moment()), Ok(()));
    assert!(
        admit::answer(&case, &request, true, &log.moment()).is_err(),
        "it is said already"
    );
    let released = [2, 3].map(|number| release_honestly(&mut log, &filing, request, number));
    for index in released {
        let seat = log.case(&filing);
        let standing = |case: &Case| {
            case.acts()
                .find(|act| act.found.index == index)
                .unwrap()
                .standing
                .clone()
        };
        assert_eq!(
            (standing(&hers(&log)), standing(&seat)),
            (Standing::Counts, Standing::Counts)
        );
    }
    assert!(hers(&log).request(&request).unwrap().is_released());
}

fn file_hers(log: &Log, filing: &Filing, hers: &DeclarantAct, waiting: usize) -> Result<(), Why> {
    let answer = admit::hers(&log.case(filing), hers, waiting, &log.moment(), log.fold.registry());
    answer.map_err(|not_now| not_now.why)
}

#[test]
fn a_seat_files_what_she_says_once_and_what_counts_only() {
    let (mut log, filing) = strict();
    let request = log.granted(&filing, &Wish::default());
    let consent = |log: &Log, n, yes| DeclarantAct::Consent(log.consent_of(&filing, request, n, yes));
    let said = consent(&log, 5, true);
    assert_eq!(file_hers(&log, &filing, &said, 0), Ok(()));
    let DeclarantAct::Consent(statement) = &said else {
        panic!()
    };
    let index = log.put(&filing, &by_her(statement, &filing));
    assert_eq!(file_hers(&log, &filing, &said, 0), Err(Why::Done { index }));
    for (n, yes) in [(4, false), (4, true), (5, true)] {
        assert_eq!(
            file_hers(&log, &filing, &consent(&log, n, yes), 0),
            Err(Why::Overtaken { index }),
            "{n} {yes}"
        );
    }
    for (n, yes) in [(5, false), (6, true), (6, false)] {
        assert_eq!(file_hers(&log, &filing, &consent(&log, n, yes), 0), Ok(()), "{n} {yes}");
    }
    let unknown = DeclarantAct::Consent(log.consent_of(&filing, Digest([8; 32]), 9, false));
    assert_eq!(file_hers(&log, &filing, &unknown, 0), Err(Why::NoRequest));
    let message = DeclarantAct::Message(log.message_of(&filing, 0, 9));
    assert_eq!(file_hers(&log, &filing, &message, 0), Ok(()));
}

#[test]
fn in_a_week_seats_file_sixteen_statements_of_hers_whoever_has_her_words() {
    let (mut log, filing) = strict();
    let first_at = log.now;
    for n in 1..=16 {
        let alive = DeclarantAct::Alive(log.alive_of(&filing, n));
        assert_eq!(file_hers(&log, &filing, &alive, 0), Ok(()), "{n}");
        let waiting = 17 - n as usize;
        let max = Why::TooManyOfHers { max: 16 };
        assert_eq!(
            file_hers(&log, &filing, &alive, waiting),
            Err(max),
            "with {waiting} waiting"
        );
        log.is_alive(&filing, n);
        log.now += HOUR;
    }
    let more = |log: &Log| DeclarantAct::Message(log.message_of(&filing, 0, 17));
    let answer = admit::hers(&log.case(&filing), &more(&log), 0, &log.moment(), log.fold.registry()).unwrap_err();
    assert_eq!(
        (answer.why, answer.from),
        (Why::TooManyOfHers { max: 16 }, Some(first_at + 7 * DAY))
    );
    log.wait_until(first_at + 7 * DAY);
    assert_eq!(file_hers(&log, &filing, &more(&log), 0), Ok(()));
}

#[test]
fn what_is_not_hers_to_file_is_not_filed_for_her() {
    let (log, filing) = strict();
    // A seat's message is no act.
    let by_seat = sign(&log.message_of(&filing, 2, 1), &[2]);
    assert!(DeclarantAct::read(&by_seat, None).is_none());
    let mut log = log;
    log.put(&filing, &by_seat);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Unknown));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Answers that repeat counters, shown in any order and from any part of them: everybody who is shown the same reads the
    /// same, a no before a yes of one counter, and never one with a lower counter.
    #[test]
    fn what_counts_of_several_answers_does_not_depend_on_who_was_shown_what_first(
        said in prop::collection::vec((1u32..4, any::<bool>()), 1..6),
        order in prop::collection::vec(any::<prop::sample::Index>(), 8),
        shown in prop::collection::vec(any::<bool>(), 6),
    ) {
        let (mut log, filing) = strict();
        let request = log.ask(&filing, &Wish::default());
        log.grant(&filing, request, &[1, 2, 3]);
        log.wait_until(log.now + OBJECTION_S);
        let before = log.statements.len();
        for (n, yes) in &said {
            log.answers(&filing, request, *n, *yes);
        }
        let mut statements: Vec<Envelope> = log.statements.drain(before..).collect();
        let of_shown = said.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(said, _)| *said);
        let expected = of_shown.max_by_key(|(n, yes)| (*n, !*yes));
        let mut keep = shown.iter();
        statements.retain(|_| *keep.next().unwrap());
        for index in &order {
            if !statements.is_empty() {
                let at = index.index(statements.len());
                statements.swap(0, at);
            }
        }
        log.statements.extend(statements);
        let case = log.case(&filing);
        let answer = case.request(&request).unwrap().consent().map(|consent| (consent.answer.n, consent.answer.yes));
        prop_assert_eq!(answer, expected);
        let may = ask(&log, &filing, request, 1).is_ok();
        prop_assert_eq!(may, expected.is_some_and(|(_, yes)| yes));
    }
}
