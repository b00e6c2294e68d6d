//! Twins (§10.1): each act that has one counts only with it, and only where it says what the act says.

use crate::support;

use casework::case::{ActRefusal, Standing};
use casework::registry::Applied;
use casework::release::{ReleasingSeat, may_release_at};
use casework::twin::twin_of;
use casework::{Act, NotNow, PublicRefusal, TwinPlace, Twinned, Why};
use protocol::ids::{Nonce, Version};
use protocol::slot::Entry;
use protocol::statement::{
    Decision, DocketChoice, DocketId, DocketOpen, Erasure, Finding, OpeningOutcome, Payload, Request, Twin, TwinAct,
    TwinOutcome,
};
use protocol::{Digest, Envelope};
use support::*;

const DOCKET: DocketId = DocketId([0xd0; 16]);

/// A filing that wants the docket, in a log.
fn filed() -> (Log, Filing) {
    let mut log = Log::new();
    let normal = Forge {
        core: Some(|core| core.policy.docket = DocketChoice::Normal),
        ..Forge::default()
    };
    let filing = Filing::forged(0, &[1, 2, 3, 4, 5], &normal);
    log.append(&filing.entry);
    (log, filing)
}

/// An act with its twin, both signed by `author`; `change` is made to the twin before.
fn twinned<P: Twinned>(
    log: &Log,
    act: P,
    place: TwinPlace,
    author: u16,
    change: impl FnOnce(&mut Twin),
) -> (Envelope, Envelope) {
    let nonce = Nonce(Digest::of(&[log.nonce().0.as_slice(), b"twin"].concat()).0);
    let body = act.clone().into_body();
    let mut twin = twin_of(&body, x(author), false, &origin(), nonce, place).unwrap();
    change(&mut twin);
    let twin = sign(&twin, &[author]);
    let mut act = act;
    act.set_twin(twin.digest());
    (sign(&act, &[author]), twin)
}

fn origin() -> protocol::Origin {
    protocol::Origin::new(ORIGIN).unwrap()
}

fn commit(log: &mut Log, twin: &Envelope) -> u64 {
    let entry = Entry::twin(twin.digest(), &mut rng(7_000 + log.fold.size()));
    log.append(&entry)
}

/// Files an act and commits to its twin; both are shown.
fn put(log: &mut Log, filing: &Filing, (act, twin): &(Envelope, Envelope)) -> Digest {
    log.statements.push(twin.clone());
    commit(log, twin);
    log.act(filing, act)
}

fn first() -> TwinPlace {
    TwinPlace::first(DOCKET)
}

fn ask(log: &mut Log, filing: &Filing) -> Digest {
    let request = log.request_of(filing, &Wish::default());
    let both = twinned(log, request, first(), READER, |_| ());
    put(log, filing, &both)
}

fn grant(
    log: &Log,
    filing: &Filing,
    request: Digest,
    seat: u16,
    change: impl FnOnce(&mut Twin),
) -> (Envelope, Envelope) {
    let decision = log.decision_of(filing, request, seat, Vote::Grant);
    twinned(log, decision, first(), seat, change)
}

fn standing(log: &Log, filing: &Filing, statement: &Envelope) -> Standing {
    let case = log.case(filing);
    let is_it = |act: &&Act| act.statement == Some(statement.digest());
    case.acts()
        .find(is_it)
        .map_or(Standing::Gap, |act| act.standing.clone())
}

fn released(log: &Log, filing: &Filing, request: &Digest) -> Result<Vec<u64>, NotNow> {
    let seat = ReleasingSeat {
        x: x(1),
        key: keys(1).public(),
    };
    let case = log.case(filing);
    may_release_at(&case, request, &seat, &log.moment(), log.fold.registry()).map(|allowed| allowed.grants)
}

#[test]
fn a_request_granted_with_its_twins_is_released_opened_and_reported() {
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    for seat in 1..=3 {
        let both = grant(&log, &filing, request, seat, |_| ());
        put(&mut log, &filing, &both);
    }
    log.wait_until(log.now + OBJECTION_S);
    assert_eq!(released(&log, &filing, &request).map(|grants| grants.len()), Ok(3));
    for seat in 1..=3 {
        log.release(&filing, request, seat, &[protocol::statement::Compartment::Account]);
    }
    let opened = log
        .head()
        .opened(&log.bare_case(&filing), &request, OpeningOutcome::Opened);
    let place = log.case(&filing).next_twin(&request, x(READER)).unwrap();
    assert_eq!((place.docket, place.n), (DOCKET, 1));
    let both = twinned(&log, opened, place, READER, |_| ());
    assert_eq!(
        both.1.unverified::<Twin>().unwrap().prev,
        log.case(&filing).twins().next().map(|twin| twin.envelope.digest())
    );
    put(&mut log, &filing, &both);
    let finding = log
        .head()
        .finding(&log.bare_case(&filing), &request, OpeningOutcome::Investigated);
    let place = log.case(&filing).next_twin(&request, x(READER)).unwrap();
    assert_eq!(place.n, 2);
    let both = twinned(&log, finding, place, READER, |_| ());
    put(&mut log, &filing, &both);
    let case = log.case(&filing);
    assert!(case.acts().all(|act| act.standing == Standing::Counts));
    let state = case.request(&request).unwrap();
    assert_eq!((state.docket, state.findings.len()), (Some(DOCKET), 1));
    let acts: Vec<TwinAct> = case.twins().map(|twin| twin.twin.act).collect();
    use TwinAct::{Decision, Finding, Opened, Request};
    assert_eq!(acts, [Request, Decision, Decision, Decision, Opened, Finding]);
}

#[test]
fn an_act_without_a_twin_does_not_count() {
    let (mut log, filing) = filed();
    let request = log.request_of(&filing, &Wish::default());
    log.act(&filing, &sign(&request, &[READER]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Twin));
    let request = ask(&mut log, &filing);
    log.decide(&filing, request, 1, Vote::Grant);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Twin));
}

#[test]
fn an_act_whose_twin_nobody_shows_is_a_gap_until_it_is_shown() {
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    let (act, twin) = grant(&log, &filing, request, 1, |_| ());
    commit(&mut log, &twin);
    log.act(&filing, &act);
    let mut case = log.case(&filing);
    assert_eq!(case.gaps().count(), 1);
    log.statements.push(twin);
    case.follow(&log.fold, &log.statements);
    assert_eq!(case.gaps().count(), 0);
    assert_eq!(case.request(&request).unwrap().granted_by().len(), 1);
}

#[test]
fn an_act_counts_from_when_something_commits_to_its_twin() {
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    let (act, twin) = grant(&log, &filing, request, 1, |_| ());
    log.statements.push(twin.clone());
    log.act(&filing, &act);
    let mut case = log.case(&filing);
    assert_eq!(
        standing(&log, &filing, &act),
        Standing::Refused(ActRefusal::TwinNotLogged)
    );
    assert!(case.request(&request).unwrap().granted_by().is_empty());
    // An entry that commits to something else changes nothing.
    let (_, other) = grant(&log, &filing, request, 2, |_| ());
    commit(&mut log, &other);
    case.follow(&log.fold, &log.statements);
    assert!(case.request(&request).unwrap().granted_by().is_empty());
    commit(&mut log, &twin);
    case.follow(&log.fold, &log.statements);
    assert_eq!(case.request(&request).unwrap().granted_by().len(), 1);
}

#[test]
fn a_twin_that_says_otherwise_than_its_act_makes_it_void() {
    type Change = fn(&mut Twin);
    let changes: [(&str, Change); 8] = [
        ("act", |twin| (twin.act, twin.outcome) = (TwinAct::Request, None)),
        ("seat", |twin| twin.seat = x(2)),
        ("week", |twin| {
            twin.week = twin.week.after(1);
            twin.time = twin.week.start();
        }),
        ("outcome", |twin| twin.outcome = Some(TwinOutcome::Policy)),
        ("due", |twin| twin.due = Some(protocol::Day::of(T0))),
        ("time", |twin| twin.time += 1),
        ("prev", |twin| twin.prev = Some(Digest([1; 32]))),
        ("origin", |twin| {
            twin.origin = protocol::Origin::new("other.example").unwrap()
        }),
    ];
    for (what, change) in changes {
        let (mut log, filing) = filed();
        let request = ask(&mut log, &filing);
        let both = grant(&log, &filing, request, 1, change);
        put(&mut log, &filing, &both);
        assert_eq!(log.refusal(&filing), Some(ActRefusal::TwinDiffers), "{what}");
    }
    // Signed by somebody else.
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    let (_, twin) = grant(&log, &filing, request, 1, |_| ());
    let twin = sign(&twin.unverified::<Twin>().unwrap(), &[2]);
    let decision = Decision {
        twin: Some(twin.digest()),
        ..log.decision_of(&filing, request, 1, Vote::Grant)
    };
    put(&mut log, &filing, &(sign(&decision, &[1]), twin));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::TwinDiffers));
}

#[test]
fn a_twin_is_of_the_docket_of_its_request_and_as_urgent() {
    let changes: [fn(&mut Twin); 2] = [|twin| twin.docket = DocketId([1; 16]), |twin| twin.urgent = true];
    for change in changes {
        let (mut log, filing) = filed();
        let request = ask(&mut log, &filing);
        let both = grant(&log, &filing, request, 1, change);
        put(&mut log, &filing, &both);
        assert_eq!(log.refusal(&filing), Some(ActRefusal::OtherDocket));
    }
}

/// Else whoever keeps a twin out of the log keeps back her protection with it.
#[test]
fn an_objection_and_an_erasing_count_without_their_twins() {
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    let objection = log.objection_of(&filing, request, 1);
    let (act, _) = twinned(&log, objection, first(), 1, |_| ());
    log.act(&filing, &act);
    assert_eq!(log.case(&filing).request(&request).unwrap().objections.len(), 1);
    let erased = log.head().erased(&log.bare_case(&filing), x(2), Erasure::All);
    let (act, _) = twinned(&log, erased, TwinPlace::first(DocketId([2; 16])), 2, |_| ());
    log.act(&filing, &act);
    assert!(log.case(&filing).erasure().erased_by(x(2)).is_some());
    // They name one all the same.
    let objection = log.objection_of(&filing, request, 3);
    log.act(&filing, &sign(&objection, &[3]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Twin));
}

#[test]
fn nobody_releases_on_twins_that_the_checkpoint_does_not_commit_to() {
    let (mut log, filing) = filed();
    let asked = log.request_of(&filing, &Wish::default());
    let (act, twin) = twinned(&log, asked, first(), READER, |_| ());
    log.statements.push(twin.clone());
    let request = log.act(&filing, &act);
    assert_eq!(
        released(&log, &filing, &request).map_err(|no| (no.line, no.why)),
        Err((Some(5), Why::NoTwin))
    );
    commit(&mut log, &twin);
    let mut third = None;
    for seat in 1..=3 {
        let (act, twin) = grant(&log, &filing, request, seat, |_| ());
        log.statements.push(twin.clone());
        log.act(&filing, &act);
        if seat < 3 {
            commit(&mut log, &twin);
        }
        third = Some(twin);
    }
    log.wait_until(log.now + OBJECTION_S);
    let why = released(&log, &filing, &request).map_err(|no| no.line);
    assert_eq!(why, Err(Some(8)), "the third grant does not count");
    commit(&mut log, &third.unwrap());
    assert_eq!(released(&log, &filing, &request).map(|grants| grants.len()), Ok(3));
}

/// A bought seat that releases first and has the twin committed to afterwards gains nothing.
#[test]
fn a_release_that_relies_on_a_grant_whose_twin_came_later_never_counts() {
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    let mut third = None;
    for seat in 1..=3 {
        let (act, twin) = grant(&log, &filing, request, seat, |_| ());
        log.statements.push(twin.clone());
        log.act(&filing, &act);
        match seat {
            3 => third = Some((log.fold.size() - 1, twin)),
            _ => _ = commit(&mut log, &twin),
        }
    }
    let (index, twin) = third.unwrap();
    log.wait_until(log.now + OBJECTION_S);
    let names = [protocol::statement::Compartment::Account];
    let mut release = log.release_of(&filing, request, 1, &names);
    release.grants.push(index);
    let early = sign(&release, &[1]);
    log.act(&filing, &early);
    commit(&mut log, &twin);
    assert_eq!(
        standing(&log, &filing, &early),
        Standing::Refused(ActRefusal::Reliance { x: x(1), index })
    );
    // After it the same seat may release.
    let late = sign(&log.release_of(&filing, request, 1, &names), &[1]);
    log.act(&filing, &late);
    assert_eq!(standing(&log, &filing, &late), Standing::Counts);
}

#[test]
fn twins_are_those_of_the_acts_and_each_author_counts_its_own() {
    let (mut log, filing) = filed();
    let request = ask(&mut log, &filing);
    let seat = |log: &Log| log.case(&filing).next_twin(&request, x(1)).map(|place| place.n);
    assert_eq!(seat(&log), Some(0));
    let both = grant(&log, &filing, request, 1, |_| ());
    // What waits for its entry does not count yet: the operator could leave it out.
    log.statements.push(both.1.clone());
    log.act(&filing, &both.0);
    assert_eq!(seat(&log), Some(0));
    commit(&mut log, &both.1);
    assert_eq!(seat(&log), Some(1));
    assert_eq!(
        log.case(&filing).next_twin(&request, x(2)).map(|place| place.n),
        Some(0)
    );
    // The same act filed again has one twin.
    log.act(&filing, &both.0);
    assert_eq!(log.case(&filing).twins().count(), 2);
}

/// The reader does not know what she chose: what it names is nothing, and the others name none.
#[test]
fn under_counts_only_a_requests_twin_is_nothing() {
    let mut log = Log::new();
    let filing = Filing::new(0);
    log.append(&filing.entry);
    let request = Request {
        twin: Some(Digest([1; 32])),
        ..log.request_of(&filing, &Wish::default())
    };
    let request = log.act(&filing, &sign(&request, &[READER]));
    assert_eq!(log.refusal(&filing), None);
    log.grant(&filing, request, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    assert_eq!(released(&log, &filing, &request).map(|grants| grants.len()), Ok(3));
    let finding = Finding {
        twin: Some(Digest([1; 32])),
        ..log
            .head()
            .finding(&log.bare_case(&filing), &request, OpeningOutcome::NoAction)
    };
    assert!(finding.check().is_ok());
    log.act(&filing, &sign(&finding, &[READER]));
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Twin));
    assert_eq!(log.case(&filing).docket(&request), None);
}

#[test]
fn the_docket_is_opened_by_t_account_seats_and_nobody_else() {
    let open = DocketOpen {
        v: Version,
        origin: origin(),
        nonce: Nonce([9; 32]),
        time: T0,
    };
    let log = Log::new();
    let judged = |open: &DocketOpen, by: &[u16]| {
        let mut registry = log.fold.registry().clone();
        let applied = registry.apply(4, &sign(open, by), T0);
        (applied, registry.docket_open().is_some())
    };
    assert_eq!(judged(&open, &[1, 3, 6]), (Ok(Applied::DocketOpen), true));
    assert_eq!(
        judged(&open, &[1, 3]),
        (Err(PublicRefusal::TooFewSeats { have: 2, need: 3 }), false)
    );
    // The same seat twice, a reader or a stranger add nothing.
    assert_eq!(
        judged(&open, &[1, 3, 3]),
        (Err(PublicRefusal::TooFewSeats { have: 2, need: 3 }), false)
    );
    assert_eq!(
        judged(&open, &[1, 3, READER]),
        (Err(PublicRefusal::TooFewSeats { have: 2, need: 3 }), false)
    );
    assert_eq!(
        judged(&open, &[1, 2, 3, READER]),
        (Err(PublicRefusal::Signature), false)
    );
    let other = DocketOpen {
        origin: protocol::Origin::new("other.example").unwrap(),
        ..open
    };
    assert_eq!(judged(&other, &[1, 2, 3]), (Err(PublicRefusal::Origin), false));
}
