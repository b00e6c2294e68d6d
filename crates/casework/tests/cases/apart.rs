//! Account and identity decided apart: each opens by its own grants (§8.1, §8.5, §19). Of five seats three open the account
//! and four the identity.

use casework::case::{ActRefusal, Standing};
use casework::open::{Breach, breaches, is_closed, may_open};
use casework::release::{ReleasingSeat, may_release_at};
use casework::view::{Task, seat_queue};
use casework::{Allowed, NotNow, RequestState, RequestStatus, Why};
use protocol::Digest;
use protocol::statement::{Compartment, Reason};

use crate::support::{Filing, HOUR, Log, OBJECTION_S, Vote, Wish, keys, relied_on, sign, x};

const ACCOUNT: Compartment = Compartment::Account;
const IDENTITY: Compartment = Compartment::Identity;
const P: Compartment = Compartment::Consent;
const ONLY_ACCOUNT: Vote = Vote::Only(ACCOUNT);
const ONLY_IDENTITY: Vote = Vote::Only(IDENTITY);

/// A request for both, acknowledged by all five.
fn asked() -> (Log, Filing, Digest) {
    let mut log = Log::new();
    let filing = log.file();
    for seat in 1..=5 {
        log.ack(&filing, seat);
    }
    let request = log.ask(&filing, &Wish::both());
    (log, filing, request)
}

/// As decided by the seats 1 to 5, ripe for release.
fn decided(votes: &[Vote]) -> (Log, Filing, Digest) {
    let (mut log, filing, request) = asked();
    decide(&mut log, &filing, request, votes);
    (log, filing, request)
}

fn decide(log: &mut Log, filing: &Filing, request: Digest, votes: &[Vote]) {
    for (seat, vote) in (1..).zip(votes) {
        log.decide(filing, request, seat, *vote);
    }
    log.wait_until(log.now + OBJECTION_S);
}

fn state(log: &Log, filing: &Filing, request: Digest) -> RequestState {
    log.case(filing).request(&request).unwrap().clone()
}

fn stands(log: &Log, filing: &Filing, request: Digest) -> Vec<Compartment> {
    let state = state(log, filing, request);
    let standing = state.compartments.iter().filter(|it| it.stands_at.is_some());
    standing.map(|it| it.name).collect()
}

fn may(log: &Log, filing: &Filing, request: Digest, number: u16) -> Result<Allowed, NotNow> {
    let seat = ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    };
    may_release_at(&log.case(filing), &request, &seat, &log.moment(), log.fold.registry())
}

/// What came of a release of `names` by a seat that names every grant that is shown, whatever it granted.
fn bought(log: &mut Log, filing: &Filing, request: Digest, seat: u16, names: &[Compartment]) -> Standing {
    let mut release = log.release_of(filing, request, seat, names);
    let relied = relied_on(&log.case(filing), &request);
    (release.grants, release.consent) = (relied.grants, relied.consent);
    let digest = log.act(filing, &sign(&release, &[seat]));
    let case = log.case(filing);
    let act = case.acts().find(|act| act.statement == Some(digest));
    act.unwrap().standing.clone()
}

fn refused(refusal: ActRefusal) -> Standing {
    Standing::Refused(refusal)
}

#[test]
fn each_opens_by_its_own_grants() {
    let table: &[(&[Vote], &[Compartment])] = &[
        (&[Vote::Grant; 4], &[ACCOUNT, IDENTITY]),
        (
            &[Vote::Grant, Vote::Grant, Vote::Grant, ONLY_ACCOUNT, ONLY_ACCOUNT],
            &[ACCOUNT],
        ),
        (&[ONLY_ACCOUNT; 5], &[ACCOUNT]),
        (&[ONLY_IDENTITY; 4], &[IDENTITY]),
        (
            &[ONLY_IDENTITY, ONLY_IDENTITY, ONLY_IDENTITY, ONLY_ACCOUNT, ONLY_ACCOUNT],
            &[],
        ),
        (
            &[Vote::Grant, Vote::Grant, ONLY_IDENTITY, ONLY_IDENTITY, Vote::Refuse],
            &[IDENTITY],
        ),
        (
            &[Vote::Grant, Vote::Grant, ONLY_ACCOUNT, ONLY_IDENTITY, ONLY_IDENTITY],
            &[ACCOUNT, IDENTITY],
        ),
    ];
    for (votes, open) in table {
        let (log, filing, request) = decided(votes);
        assert_eq!(stands(&log, &filing, request), *open, "{votes:?}");
        let state = state(&log, &filing, request);
        for compartment in &state.compartments {
            let name = compartment.name;
            let granting = votes
                .iter()
                .filter(|vote| matches!(vote, Vote::Grant) || **vote == Vote::Only(name));
            assert_eq!(state.granted(name), granting.count(), "{votes:?}, {name:?}");
        }
        // Each seat releases what it granted of that, and nothing where that is nothing.
        for (seat, vote) in (1..).zip(*votes) {
            let own: Vec<Compartment> = open
                .iter()
                .filter(|name| *vote == Vote::Grant || *vote == Vote::Only(**name))
                .copied()
                .collect();
            match may(&log, &filing, request, seat) {
                Ok(allowed) => assert_eq!(allowed.compartments, own, "{votes:?}, {seat}"),
                Err(no) => {
                    assert!(own.is_empty(), "{votes:?}, {seat}: {no:?}");
                    assert_eq!(no.line, Some(if open.is_empty() { 8 } else { 10 }), "{votes:?}, {seat}");
                }
            }
        }
    }
}

/// With all that may be bought, fewer than t_identity grants of the identity release it to nobody.
#[test]
fn the_identity_is_not_released_on_grants_of_the_account() {
    let (mut log, filing, request) = decided(&[Vote::Grant, Vote::Grant, ONLY_ACCOUNT, ONLY_ACCOUNT, ONLY_ACCOUNT]);
    // Its own grant is there, and the grants of others, for the account.
    assert_eq!(
        bought(&mut log, &filing, request, 1, &[IDENTITY]),
        refused(ActRefusal::TooFewGrants { x: x(1) })
    );
    assert_eq!(
        bought(&mut log, &filing, request, 2, &[ACCOUNT, IDENTITY]),
        refused(ActRefusal::TooFewGrants { x: x(2) })
    );
    // Whoever did not grant it does not release it.
    assert_eq!(
        bought(&mut log, &filing, request, 3, &[IDENTITY]),
        refused(ActRefusal::NotGranted { x: x(3) })
    );
    for seat in [3, 4, 5] {
        assert_eq!(bought(&mut log, &filing, request, seat, &[ACCOUNT]), Standing::Counts);
    }
    let case = log.case(&filing);
    assert_eq!(may_open(&case, &request), Ok(vec![ACCOUNT]));
    assert!(matches!(
        state(&log, &filing, request).status(log.now),
        RequestStatus::Released { .. }
    ));
    // What they hand over all the same is evidence against them.
    let files: Vec<_> = [1, 2, 3].map(|seat| (IDENTITY, x(seat))).into();
    let short = Breach::Grants {
        name: IDENTITY,
        have: 2,
        need: 4,
    };
    assert!(breaches(&case, &request, &files).contains(&short));
    let task = seat_queue(
        &case,
        &ReleasingSeat {
            x: x(5),
            key: keys(5).public(),
        },
        &log.moment(),
        log.fold.registry(),
    );
    let breached = task.iter().filter(|task| matches!(task, Task::Breach { .. }));
    assert_eq!(breached.count(), 3, "{task:?}");
}

/// Enough grants of the identity stand, and a seat that refused it releases it beside what it granted.
#[test]
fn a_seat_releases_only_what_it_granted() {
    let votes = [Vote::Grant, Vote::Grant, Vote::Grant, Vote::Grant, ONLY_ACCOUNT];
    let (mut log, filing, request) = decided(&votes);
    assert_eq!(may(&log, &filing, request, 5).unwrap().compartments, [ACCOUNT]);
    assert_eq!(
        bought(&mut log, &filing, request, 5, &[ACCOUNT, IDENTITY]),
        refused(ActRefusal::NotGranted { x: x(5) })
    );
    assert_eq!(bought(&mut log, &filing, request, 5, &[ACCOUNT]), Standing::Counts);
}

/// A decision speaks of all that is asked and of nothing else; one that does not takes nobody's place.
#[test]
fn a_decision_that_leaves_out_what_is_asked_or_speaks_of_more_counts_for_nothing() {
    for (wish, grants, refuses) in [
        (Wish::both(), vec![ACCOUNT], vec![]),
        (Wish::both(), vec![], vec![IDENTITY]),
        (Wish::default(), vec![ACCOUNT, IDENTITY], vec![]),
        (Wish::default(), vec![IDENTITY], vec![]),
        (Wish::default(), vec![ACCOUNT], vec![IDENTITY]),
    ] {
        let mut log = Log::new();
        let filing = log.file();
        let request = log.ask(&filing, &wish);
        let mut bad = log.decision_of(&filing, request, 1, Vote::Grant);
        bad.reason = (!refuses.is_empty()).then_some(Reason::Other);
        (bad.grants, bad.refuses) = (grants, refuses);
        log.act(&filing, &sign(&bad, &[1]));
        assert_eq!(log.refusal(&filing), Some(ActRefusal::Answers { x: x(1) }), "{bad:?}");
        assert!(state(&log, &filing, request).decisions.is_empty());
        log.grant(&filing, request, &[1, 2, 3]);
        assert_eq!(state(&log, &filing, request).granted_by(), [x(1), x(2), x(3)]);
        // Nobody relies on it either: among four grants the release would count too many.
        log.wait_until(log.now + OBJECTION_S);
        let case = log.case(&filing);
        let bad = case
            .acts()
            .find(|act| matches!(act.standing, Standing::Refused(_)))
            .unwrap();
        let mut release = log.release_of(&filing, request, 2, &[ACCOUNT]);
        release.grants = vec![bad.found.index];
        log.act(&filing, &sign(&release, &[2]));
        let index = bad.found.index;
        assert_eq!(log.refusal(&filing), Some(ActRefusal::Reliance { x: x(2), index }));
    }
}

/// Which opens no more is known after each decision, and a request is hopeless once neither does.
#[test]
fn which_of_both_opens_no_more_is_known_before_anybody_acts() {
    let (mut log, filing, request) = asked();
    let table: &[(Vote, &[Compartment])] = &[
        (ONLY_ACCOUNT, &[]),
        (ONLY_ACCOUNT, &[IDENTITY]),
        (ONLY_IDENTITY, &[IDENTITY]),
        (ONLY_IDENTITY, &[IDENTITY]),
        (ONLY_IDENTITY, &[ACCOUNT, IDENTITY]),
    ];
    for (seat, (vote, closed)) in (1..).zip(table) {
        log.decide(&filing, request, seat, *vote);
        let case = log.case(&filing);
        let now = [ACCOUNT, IDENTITY]
            .into_iter()
            .filter(|name| is_closed(&case, &request, *name, log.now));
        assert_eq!(now.collect::<Vec<_>>(), *closed, "after seat {seat}");
        assert_eq!(
            state(&log, &filing, request).is_hopeless(),
            closed.len() == 2,
            "after seat {seat}"
        );
    }
}

/// The time to object runs from when one honest seat has seen the request, whichever part was granted.
#[test]
fn the_objection_time_is_the_requests() {
    let (mut log, filing, request) = asked();
    for (seat, vote) in [(1, ONLY_IDENTITY), (2, ONLY_ACCOUNT), (3, Vote::Grant)] {
        log.wait_until(log.now + HOUR);
        log.decide(&filing, request, seat, vote);
    }
    let third = state(&log, &filing, request).decisions[2].found.included_at;
    assert_eq!(state(&log, &filing, request).waits_until, Some(third + OBJECTION_S));
    assert_eq!(stands(&log, &filing, request), []);
    // Grants of the account come after it: nobody waits anew.
    log.wait_until(third + OBJECTION_S);
    log.decide(&filing, request, 4, ONLY_ACCOUNT);
    let state = state(&log, &filing, request);
    let fourth = state.decisions[3].found.included_at;
    assert_eq!(stands(&log, &filing, request), [ACCOUNT]);
    assert_eq!(state.release_from, Some(fourth));
}

/// P opens whatever else is released later, so it goes with a compartment that t_lapse seats granted, and not with the sum
/// of grants of both.
#[test]
fn p_is_not_released_on_grants_of_different_compartments() {
    let open = |votes: &[Vote]| {
        let mut log = Log::new();
        let filing = log.filed(Filing::with_consent(0, true));
        log.lapsed(&filing);
        let wish = Wish {
            compartments: vec![ACCOUNT, IDENTITY, P],
            ..Wish::without_her()
        };
        let request = log.ask(&filing, &wish);
        decide(&mut log, &filing, request, votes);
        (log, filing, request)
    };
    let (mut log, filing, request) = open(&[ONLY_ACCOUNT, ONLY_ACCOUNT, ONLY_IDENTITY, ONLY_IDENTITY]);
    assert_eq!(stands(&log, &filing, request), []);
    for (seat, names) in [(1, &[ACCOUNT, P][..]), (2, &[P]), (3, &[IDENTITY, P])] {
        let no = may(&log, &filing, request, seat).unwrap_err();
        assert!(matches!(no.why, Why::TooFewGrants { have: 2, need: 4, .. }), "{no:?}");
        let standing = bought(&mut log, &filing, request, seat, names);
        assert!(matches!(standing, Standing::Refused(_)), "{seat}: {standing:?}");
    }
    let votes = [Vote::Grant, Vote::Grant, Vote::Grant, ONLY_ACCOUNT, ONLY_IDENTITY];
    let (mut log, filing, request) = open(&votes);
    assert_eq!(stands(&log, &filing, request), [ACCOUNT, IDENTITY, P]);
    for (seat, own) in [
        (1, vec![ACCOUNT, IDENTITY, P]),
        (4, vec![ACCOUNT, P]),
        (5, vec![IDENTITY, P]),
    ] {
        assert_eq!(may(&log, &filing, request, seat).unwrap().compartments, own);
    }
    // Never alone, and not beside what its seat refused.
    for (seat, names) in [(1, &[P][..]), (4, &[IDENTITY, P])] {
        let standing = bought(&mut log, &filing, request, seat, names);
        assert_eq!(standing, refused(ActRefusal::NotGranted { x: x(seat) }));
    }
    assert_eq!(bought(&mut log, &filing, request, 4, &[ACCOUNT, P]), Standing::Counts);
    // Where only the account stands, whoever granted the identity alone has nothing to release.
    let (log, filing, request) = open(&[ONLY_ACCOUNT, ONLY_ACCOUNT, ONLY_ACCOUNT, ONLY_ACCOUNT, ONLY_IDENTITY]);
    assert_eq!(stands(&log, &filing, request), [ACCOUNT, P]);
    assert_eq!(may(&log, &filing, request, 5).unwrap_err().why, Why::NotGranted);
    let queue = |number| {
        let seat = ReleasingSeat {
            x: x(number),
            key: keys(number).public(),
        };
        seat_queue(&log.case(&filing), &seat, &log.moment(), log.fold.registry())
    };
    let acts = |tasks: Vec<Task>| {
        tasks
            .iter()
            .filter(|task| matches!(task, Task::Release { .. } | Task::Wait { .. }))
            .count()
    };
    assert_eq!(acts(queue(1)), 1);
    assert_eq!(
        acts(queue(5)),
        0,
        "nothing is to be waited for: four have refused the identity"
    );
}
