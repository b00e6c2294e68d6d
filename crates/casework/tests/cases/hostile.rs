//! What an insider tries: acts far ahead in the slots, records shown late, junk, a preempted slot 0 (§6.2, §19). Nothing that
//! is shown late changes what honest seats did on what they could see.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use casework::case::{ActRefusal, Missing, RequestState, Standing};
use casework::release::{ReleasingSeat, may_release_at};
use casework::view::{Task, seat_queue};
use casework::{Act, Allowed, Case, NotNow, RequestStatus as Status, Why, admit};
use proptest::prelude::*;
use protocol::statement::{Compartment, Holds, Release};
use protocol::{Digest, Envelope};

use crate::support::{DAY, Filing, HOUR, Log, OBJECTION_S, Vote, Wish, keys, relied_on, rng, sign, successor, x};

const ACCOUNT: [Compartment; 1] = [Compartment::Account];

static FILING: LazyLock<Filing> = LazyLock::new(|| Filing::new(0));

fn seat(number: u16) -> ReleasingSeat {
    ReleasingSeat {
        x: x(number),
        key: keys(number).public(),
    }
}

fn state(log: &Log, filing: &Filing, request: Digest) -> RequestState {
    log.case(filing).request(&request).unwrap().clone()
}

fn standing(log: &Log, filing: &Filing, index: u64) -> Standing {
    let case = log.case(filing);
    case.acts()
        .find(|act| act.found.index == index)
        .unwrap()
        .standing
        .clone()
}

/// What seat `number` may release by what is shown.
fn ask(log: &Log, filing: &Filing, request: Digest, number: u16) -> Result<Allowed, NotNow> {
    may_release_at(
        &log.case(filing),
        &request,
        &seat(number),
        &log.moment(),
        log.fold.registry(),
    )
}

/// An honest seat: it releases what its software allows, and says on what it relies.
fn release_honestly(log: &mut Log, filing: &Filing, request: Digest, number: u16) -> u64 {
    let allowed = ask(log, filing, request, number).unwrap();
    let mut release = log.release_of(filing, request, number, &allowed.compartments);
    (release.grants, release.objections) = (allowed.grants, allowed.objections);
    log.act(filing, &sign(&release, &[number]));
    log.fold.size() - 1
}

/// The newest act is not shown; gives its statement, to be shown later.
fn hide(log: &mut Log) -> Envelope {
    log.statements.pop().unwrap()
}

#[test]
fn an_objection_far_ahead_in_the_slots_changes_nothing_when_the_slots_beneath_are_filled() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.grant(&filing, request, &[1, 2, 3]);
    // Slot 4 is the highest: 68 can be found, 69 cannot.
    let objection = log.objection_of(&filing, request, 5);
    log.act_in(&filing, 69, &sign(&objection, &[5]));
    log.wait_until(log.now + OBJECTION_S);
    for number in [1, 2] {
        release_honestly(&mut log, &filing, request, number);
    }
    // Now a step upwards, so that it can be found.
    log.append(&filing.salt().entry(20, Digest([1; 32]), None));
    let index = 9;
    assert_eq!(
        standing(&log, &filing, index),
        Standing::Refused(ActRefusal::Unreachable)
    );
    assert!(state(&log, &filing, request).objections.is_empty());
    release_honestly(&mut log, &filing, request, 3);
    assert!(matches!(
        state(&log, &filing, request).status(log.now),
        Status::Released { .. }
    ));
}

#[test]
fn a_refusal_filled_in_beneath_ones_own_grant_comes_after_it() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let grant = log.decision_of(&filing, request, 1, Vote::Grant);
    log.act_in(&filing, 60, &sign(&grant, &[1]));
    log.grant(&filing, request, &[2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    release_honestly(&mut log, &filing, request, 2);
    log.decide(&filing, request, 1, Vote::Refuse);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Again { index: 6 }));
    release_honestly(&mut log, &filing, request, 3);
    assert_eq!(state(&log, &filing, request).releases.len(), 2);
}

#[test]
fn a_refusal_shown_late_undoes_no_release_that_relied_on_the_grant() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.decide(&filing, request, 1, Vote::Refuse);
    let hidden = hide(&mut log);
    log.grant(&filing, request, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    let released = [2, 3].map(|number| release_honestly(&mut log, &filing, request, number));
    log.statements.push(hidden);
    for index in released {
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
    }
    // For those who have not released what is shown counts.
    assert_eq!(state(&log, &filing, request).refused_by(), [x(1)]);
    assert!(matches!(
        ask(&log, &filing, request, 1),
        Err(NotNow { line: Some(8), .. })
    ));
}

#[test]
fn a_reject_shown_late_makes_no_release_early() {
    let mut log = Log::new();
    let filing = log.file();
    log.reject(&filing, 1);
    let hidden = hide(&mut log);
    let request = log.granted(&filing, &Wish::default());
    let index = release_honestly(&mut log, &filing, request, 2);
    log.statements.push(hidden);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    assert_eq!(state(&log, &filing, request).granted_by(), [x(2), x(3)]);
}

#[test]
fn a_dead_request_never_comes_back_whatever_is_shown() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    let ends_at = log.now + 41 * DAY;
    log.grant(&filing, request, &[1, 2]);
    // In time, and hidden: two objections and three grants.
    log.now += 17 * DAY;
    let mut hidden = Vec::new();
    for number in [4, 5] {
        log.object(&filing, request, number);
        hidden.push(hide(&mut log));
    }
    log.grant(&filing, request, &[3, 4, 5]);
    hidden.extend([hide(&mut log), hide(&mut log), hide(&mut log)]);
    log.wait_until(ends_at + 4 * DAY);
    assert_eq!(
        state(&log, &filing, request).status(log.now),
        Status::Dead { since: ends_at + 1 }
    );
    log.statements.extend(hidden);
    let dead = state(&log, &filing, request);
    assert_eq!((dead.objections.len(), dead.granted_by().len()), (2, 5));
    assert_eq!(dead.status(log.now), Status::Dead { since: ends_at + 1 });
    assert_eq!(ask(&log, &filing, request, 1).unwrap_err().why, Why::Dead);
    let (case, registry) = (log.case(&filing), log.fold.registry());
    assert!(admit::decision(&case, &request, x(1), &log.moment(), registry).is_err());
    assert!(admit::objection(&case, &request, None, &log.moment(), registry).is_err());
    for number in 1..=5 {
        log.release(&filing, request, number, &ACCOUNT);
        assert_eq!(log.refusal(&filing), Some(ActRefusal::TooLate));
    }
}

#[test]
fn an_objection_shown_late_makes_no_release_early_and_is_marked_where_it_is_not_named() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    log.object(&filing, request, 5);
    let (objection, hidden) = (log.fold.size() - 1, hide(&mut log));
    log.grant(&filing, request, &[1, 2, 3]);
    log.wait_until(log.now + OBJECTION_S);
    let released = [1, 2].map(|number| release_honestly(&mut log, &filing, request, number));
    log.statements.push(hidden);
    for index in released {
        assert_eq!(standing(&log, &filing, index), Standing::Counts);
    }
    let shown = state(&log, &filing, request);
    assert!(shown.releases.iter().all(|release| release.omits == [objection]));
    assert_eq!(shown.compartments[0].need, 4, "it binds those who have not released");
    let tasks = seat_queue(&log.case(&filing), &seat(4), &log.moment(), log.fold.registry());
    let omitted = |index, number| Task::Omitted {
        index,
        x: x(number),
        objection,
    };
    assert!(tasks.contains(&omitted(released[0], 1)) && tasks.contains(&omitted(released[1], 2)));
    assert!(!tasks.iter().any(|task| matches!(task, Task::Breach { .. })));
    assert!(matches!(
        ask(&log, &filing, request, 3),
        Err(NotNow { line: Some(8), .. })
    ));
}

#[test]
fn no_record_shown_late_hides_an_objection_that_seats_saw() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.ask(&filing, &Wish::default());
    // Hidden before it: grants, another objection of the same seat, one of another, and a whole set of releases.
    let mut hidden = Vec::new();
    log.grant(&filing, request, &[1, 2, 3]);
    hidden.extend([hide(&mut log), hide(&mut log), hide(&mut log)]);
    for number in [5, 4] {
        log.object(&filing, request, number);
        hidden.push(hide(&mut log));
    }
    log.wait_until(log.now + OBJECTION_S);
    for number in [1, 2] {
        let mut release = log.release_of(&filing, request, number, &ACCOUNT);
        release.grants = vec![6, 7, 8];
        log.act(&filing, &sign(&release, &[number]));
        hidden.push(hide(&mut log));
    }
    log.object(&filing, request, 5);
    let (index, until) = (log.fold.size() - 1, log.now + 14 * DAY);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    log.statements.extend(hidden);
    assert_eq!(standing(&log, &filing, index), Standing::Counts);
    let shown = state(&log, &filing, request);
    assert_eq!(shown.objections.len(), 3);
    assert_eq!(shown.releases.len(), 2);
    assert_eq!(shown.waits_until, Some(until));
    assert_eq!(shown.compartments[0].need, 4, "three objections, one grant more");
}

#[test]
fn a_release_that_cannot_be_judged_bars_no_objection() {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=3 {
        log.ack(&filing, number);
    }
    let request = log.granted(&filing, &Wish::default());
    let mut bought = log.release_of(&filing, request, 1, &ACCOUNT);
    bought.header = Digest([9; 32]);
    log.act(&filing, &sign(&bought, &[1]));
    let bought = log.fold.size() - 1;
    let key = protocol::ids::PublicKey(filing.keys.signing.verifying_key().to_bytes());
    let hers = |log: &Log| Case::from_acks(filing.salt(), filing.keys.id, key, &log.fold, &log.statements).unwrap();
    let objected = |case: &Case| admit::objection(case, &request, None, &log.moment(), log.fold.registry());
    let act = hers(&log).acts().last().unwrap().clone();
    let digest = Digest([9; 32]);
    assert_eq!(act.standing, Standing::Undecided(Missing::Header { digest }));
    assert_eq!(objected(&hers(&log)), Ok(()));
    // The seat's real release is no repetition, once t_account seats name what it names.
    let first = release_honestly(&mut log, &filing, request, 1);
    assert!(hers(&log).request(&request).unwrap().releases.is_empty());
    let second = release_honestly(&mut log, &filing, request, 2);
    assert!(hers(&log).request(&request).unwrap().releases.is_empty());
    let third = release_honestly(&mut log, &filing, request, 3);
    let case = hers(&log);
    let releases = &case.request(&request).unwrap().releases;
    let indices: Vec<u64> = releases.iter().map(|release| release.found.index).collect();
    assert_eq!(indices, [first, second, third]);
    // By then she judges all of them as the seats do, who know the header: the bought one is refused.
    let all = |case: &Case| case.acts().cloned().collect::<Vec<Act>>();
    assert_eq!(all(&case), all(&log.case(&filing)));
    assert_eq!(standing(&log, &filing, bought), Standing::Refused(ActRefusal::Header));
}

#[test]
fn fewer_seats_than_open_the_account_name_her_no_header() {
    let mut log = Log::new();
    let filing = log.file();
    for number in 1..=5 {
        log.ack(&filing, number);
    }
    let requests = [0, 1].map(|_| log.granted(&filing, &Wish::default()));
    let key = protocol::ids::PublicKey(filing.keys.signing.verifying_key().to_bytes());
    let hers = |log: &Log| Case::from_acks(filing.salt(), filing.keys.id, key, &log.fold, &log.statements).unwrap();
    // Two bought seats of five say so as often as they like, for each request; t_account is 3.
    for request in requests {
        for number in [4, 5, 4, 5] {
            let mut bought = log.release_of(&filing, request, number, &ACCOUNT);
            (bought.header, bought.grants) = (Digest([9; 32]), vec![6, 7, 8]);
            log.act(&filing, &sign(&bought, &[number]));
        }
    }
    for number in [1, 2, 3] {
        let before = hers(&log);
        assert!(before.request(&requests[0]).unwrap().releases.is_empty(), "{number}");
        release_honestly(&mut log, &filing, requests[0], number);
    }
    let case = hers(&log);
    let released_by = |request| {
        case.request(request)
            .unwrap()
            .releases
            .iter()
            .map(|release| release.x)
            .collect::<Vec<_>>()
    };
    assert_eq!(released_by(&requests[0]), [x(1), x(2), x(3)]);
    assert_eq!(released_by(&requests[1]), []);
    // What is known of one request holds for the next: its first release counts at once.
    let index = release_honestly(&mut log, &filing, requests[1], 1);
    assert_eq!(hers(&log).request(&requests[1]).unwrap().releases[0].found.index, index);
}

/// The first place that an author of this log draws.
fn drawn(log: &Log, filing: &Filing, seed: u64) -> casework::slots::Drawn {
    let case = log.case(filing);
    case.draws(&log.fold, &BTreeSet::new()).draw(&mut rng(seed)).unwrap()
}

#[test]
fn no_number_of_junk_entries_keeps_an_act_out() {
    let mut log = Log::new();
    let filing = log.file();
    let mut taken = BTreeSet::new();
    let mut junk = |log: &mut Log, k: u32| {
        taken.insert(k);
        log.append(&filing.salt().entry(k, Digest([7; 32]), None));
    };
    // The 64 next slots, promised and not in the log: every one that is drawn is taken, and the ninth insists.
    let mut draws = log.case(&filing).draws(&log.fold, &BTreeSet::new());
    let drawn_all: Vec<_> = std::iter::from_fn(|| draws.draw(&mut rng(1))).collect();
    assert_eq!(drawn_all.len(), 9);
    assert!(drawn_all[8].insist && !drawn_all[7].insist);
    // In the log by then, and each another act of the same slot: it counts.
    (1..=64).for_each(|k| junk(&mut log, k));
    let ack = sign(&log.ack_of(&filing, 1, Holds::Share), &[1]);
    log.act_in(&filing, drawn_all[8].k, &ack);
    assert_eq!(log.refusal(&filing), None);
    // A thousand more, upwards and in any order.
    (65..=1_000).rev().for_each(|k| junk(&mut log, k));
    (65..=1_000).for_each(|k| junk(&mut log, k));
    let place = drawn(&log, &filing, 2);
    assert!(!place.insist && !taken.contains(&place.k));
    let ack = sign(&log.ack_of(&filing, 2, Holds::Share), &[2]);
    log.act_in(&filing, place.k, &ack);
    assert_eq!(log.refusal(&filing), None);
    let case = log.case(&filing);
    assert_eq!(case.acks().len(), 2);
    // The queue says so in one line.
    let tasks = seat_queue(&case, &seat(1), &log.moment(), log.fold.registry());
    let gaps: Vec<&Task> = tasks
        .iter()
        .filter(|task| matches!(task, Task::Gap { .. } | Task::Gaps { .. }))
        .collect();
    assert!(
        matches!(gaps.as_slice(), [Task::Gaps { count: 1_000.., .. }]),
        "{gaps:?}"
    );
}

#[test]
fn a_seat_that_takes_slot_0_first_does_not_take_the_filing() {
    let mut log = Log::new();
    let filing = Filing::new(0);
    // Junk, and the entry of another testimony, both in her slot 0; acts of it, too.
    log.append(&filing.salt().entry(0, Digest([7; 32]), None));
    log.append(&filing.salt().entry(0, Filing::new(9).testimony.digest(), None));
    log.append(&filing.salt().entry(1, Digest([8; 32]), None));
    let index = log.append(&filing.entry);
    for number in 1..=3 {
        log.ack(&filing, number);
    }
    // The same entry once more, by whoever copies it.
    log.append(&filing.entry);
    let case = log.case(&filing);
    assert_eq!((case.filed().index, case.is_safe()), (index, true));
    let key = protocol::ids::PublicKey(filing.keys.signing.verifying_key().to_bytes());
    let hers = Case::from_acks(filing.salt(), filing.keys.id, key, &log.fold, &log.statements).unwrap();
    assert_eq!((hers.filed().index, hers.is_safe()), (index, true));
    let all = |case: &Case| case.acts().cloned().collect::<Vec<Act>>();
    assert_eq!(all(&hers), all(&case));
    assert!(case.acts().all(|act| act.found.index > index));
}

/// A request copied to a lower index, under a council with a shorter objection time, and shown late: nothing is shorter.
#[test]
fn a_request_copy_shown_late_shortens_no_objection_time() {
    let mut log = Log::new();
    let filing = log.file();
    let request = sign(&log.request_of(&filing, &Wish::default()), &[11]);
    log.act(&filing, &request);
    log.publish(&sign(
        &successor(|council| council.objection_s = 30 * DAY),
        &[1, 2, 3, 4],
    ));
    let with_copy = log.case(&filing).request(&request.digest()).unwrap().clone();
    // The same log without the first entry of the request.
    let mut later = Log::new();
    later.append(&filing.entry);
    later.publish(&sign(
        &successor(|council| council.objection_s = 30 * DAY),
        &[1, 2, 3, 4],
    ));
    later.act(&filing, &request);
    let without = later.case(&filing).request(&request.digest()).unwrap().clone();
    let times = |state: &RequestState| (state.objection_s, state.object_by, state.ends_at);
    assert_eq!(times(&with_copy), times(&without));
    // Nor does the time before anybody saw it count.
    log.wait_until(log.now + 2 * OBJECTION_S);
    log.grant(&filing, request.digest(), &[1, 2, 3]);
    log.release(&filing, request.digest(), 1, &ACCOUNT);
    assert_eq!(log.refusal(&filing), Some(ActRefusal::Early { x: x(1) }));
}

#[test]
fn a_seat_that_lies_in_its_list_releases_nothing() {
    let mut log = Log::new();
    let filing = log.file();
    let request = log.granted(&filing, &Wish::default());
    log.decide(&filing, request, 4, Vote::Refuse);
    log.object(&filing, request, 5);
    let other = log.ask(&filing, &Wish::default());
    log.grant(&filing, other, &[4]);
    log.wait_until(log.now + 14 * DAY);
    let lies: [(&[u64], &[u64], u64); 6] = [
        (&[6, 7, 10], &[], 10),   // a refusal
        (&[6, 7, 13], &[], 13),   // a grant for another request
        (&[4, 6, 7], &[], 4),     // the filing
        (&[6, 7, 9], &[], 9),     // padding
        (&[6, 7, 900], &[], 900), // nothing that was there before it
        (&[6, 7, 8], &[10], 10),  // no objection
    ];
    for (grants, objections, index) in lies {
        let mut release = log.release_of(&filing, request, 1, &ACCOUNT);
        (release.grants, release.objections) = (grants.to_vec(), objections.to_vec());
        log.act(&filing, &sign(&release, &[1]));
        assert_eq!(log.refusal(&filing), Some(ActRefusal::Reliance { x: x(1), index }));
    }
    // Leaving out an objection is no lie that anybody can prove: it counts, and is marked.
    let mut release = log.release_of(&filing, request, 1, &ACCOUNT);
    release.objections.clear();
    log.act(&filing, &sign(&release, &[1]));
    assert_eq!(log.refusal(&filing), None);
    assert_eq!(state(&log, &filing, request).releases[0].omits, [11]);
}

/// A step of a story: who does what, and whether its record is shown.
#[derive(Clone, Debug)]
enum Move {
    Wait(u64),
    Ask,
    Grant(u16),
    Refuse(u16),
    Object(Option<u16>),
    Reject(u16),
    /// By the seat's software, on what it is shown.
    Honest(u16),
    /// By a bought seat, whatever the rules say; `lie` picks what it names.
    Bought {
        seat: u16,
        lie: u64,
    },
    Copy(prop::sample::Index),
    Far(u16),
}

fn moves() -> impl Strategy<Value = Vec<(Move, bool)>> {
    let seat = 1..=5u16;
    let step = prop_oneof![
        5 => prop_oneof![Just(1), Just(HOUR), Just(DAY), Just(3 * DAY), Just(10 * DAY)].prop_map(Move::Wait),
        1 => Just(Move::Ask),
        7 => seat.clone().prop_map(Move::Grant),
        2 => seat.clone().prop_map(Move::Refuse),
        2 => prop::option::of(seat.clone()).prop_map(Move::Object),
        1 => seat.clone().prop_map(Move::Reject),
        6 => (1..=3u16).prop_map(Move::Honest),
        3 => (4..=5u16, any::<u64>()).prop_map(|(seat, lie)| Move::Bought { seat, lie }),
        1 => any::<prop::sample::Index>().prop_map(Move::Copy),
        1 => seat.prop_map(Move::Far),
    ];
    prop::collection::vec((step, prop::bool::weighted(0.6)), 0..40)
}

/// A log, what each honest seat's release was at, and what is shown to those seats: `hidden` statements are not.
struct Play {
    log: Log,
    all: Vec<Envelope>,
    honest: Vec<u64>,
    requests: Vec<Digest>,
}

impl Play {
    fn run(moves: &[(Move, bool)]) -> Self {
        let mut log = Log::new();
        log.append(&FILING.entry);
        let request = log.ask(&FILING, &Wish::default());
        let mut play = Self {
            all: log.statements.clone(),
            log,
            honest: Vec::new(),
            requests: vec![request],
        };
        for (step, is_shown) in moves {
            play.step(step, *is_shown);
        }
        play.log.padding();
        play
    }

    fn step(&mut self, step: &Move, is_shown: bool) {
        let request = *self.requests.last().unwrap();
        let known = self.log.statements.len();
        let log = &mut self.log;
        let mut must_show = false;
        match step {
            Move::Wait(seconds) => return log.wait_until(log.now + seconds),
            Move::Ask => {
                self.requests.push(log.ask(&FILING, &Wish::default()));
                must_show = true;
            }
            Move::Grant(seat) => drop(log.decide(&FILING, request, *seat, Vote::Grant)),
            Move::Refuse(seat) => drop(log.decide(&FILING, request, *seat, Vote::Refuse)),
            Move::Object(Some(seat)) => drop(log.object(&FILING, request, *seat)),
            Move::Object(None) => drop(log.she_objects(&FILING, request)),
            Move::Reject(seat) => drop(log.reject(&FILING, *seat)),
            Move::Honest(seat) => {
                if ask(log, &FILING, request, *seat).is_err() {
                    return;
                }
                self.honest.push(release_honestly(log, &FILING, request, *seat));
                // A seat knows its own acts.
                must_show = true;
            }
            Move::Bought { seat, lie } => {
                let mut release: Release = log.release_of(&FILING, request, *seat, &ACCOUNT);
                let mut said = relied_on(&log.case(&FILING), &request);
                said.grants.retain(|index| lie >> (index % 64) & 1 == 0);
                said.grants.push(4 + lie % log.fold.size());
                said.grants.sort_unstable();
                said.grants.dedup();
                release.grants = said.grants;
                if lie % 3 == 0 {
                    release.objections.clear();
                }
                log.act(&FILING, &sign(&release, &[*seat]));
            }
            Move::Copy(which) => {
                let copied = which.get(&self.all).clone();
                let k = log.next_slot(&FILING);
                log.append(&FILING.salt().entry(k, copied.digest(), None));
                return;
            }
            Move::Far(seat) => {
                let objection = log.objection_of(&FILING, request, *seat);
                let k = log.next_slot(&FILING) + 64;
                log.act_in(&FILING, k, &sign(&objection, &[*seat]));
            }
        }
        self.all.extend_from_slice(&self.log.statements[known..]);
        if !is_shown && !must_show {
            self.log.statements.truncate(known);
        }
    }

    fn case(&self, shown: &[Envelope]) -> Case {
        let mut case = self.log.bare_case(&FILING);
        case.follow(&self.log.fold, shown);
        case
    }
}

/// Objections that count.
fn objections(case: &Case) -> BTreeSet<u64> {
    let all = case.requests().iter().flat_map(|state| &state.objections);
    all.map(|objection| objection.found.index).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_late_changes_nothing_that_honest_seats_did(
        moves in moves(),
        more in any::<u64>(),
        order in any::<u64>(),
    ) {
        let play = Play::run(&moves);
        let few = play.log.statements.clone();
        let shown = |envelope: &Envelope| few.iter().any(|known| known.digest() == envelope.digest());
        let some: Vec<Envelope> = (0..).zip(&play.all)
            .filter(|(at, envelope)| shown(envelope) || more >> (at % 64) & 1 == 0)
            .map(|(_, envelope)| envelope.clone())
            .collect();
        let seats = [play.case(&few), play.case(&some), play.case(&play.all)];
        // The same set, in any order, and all at once or one after another, is the same case.
        let mut turned = some.clone();
        turned.sort_by_key(|envelope| Digest::of(&[&order.to_be_bytes(), envelope.bytes()].concat()).0);
        let mut late = play.case(&few);
        late.follow(&play.log.fold, &turned);
        let all = |case: &Case| case.acts().cloned().collect::<Vec<Act>>();
        prop_assert_eq!(all(&late), all(&seats[1]));
        prop_assert_eq!(late.requests(), seats[1].requests());
        // What stood when an honest seat released stays valid.
        for (case, index) in seats.iter().flat_map(|case| play.honest.iter().map(move |index| (case, *index))) {
            let act = case.acts().find(|act| act.found.index == index).unwrap();
            prop_assert_eq!(&act.standing, &Standing::Counts, "entry {}", index);
        }
        // What counts as an objection counts whatever else is shown.
        for pair in seats.windows(2) {
            prop_assert!(objections(&pair[0]).is_subset(&objections(&pair[1])));
        }
        let (registry, moment) = (play.log.fold.registry(), play.log.moment());
        for (state, case) in seats.iter().flat_map(|case| case.requests().iter().map(move |state| (state, case))) {
            // A request that has ended stays dead: nothing on it may be done, and nothing counts.
            prop_assert!(state.releases.iter().all(|release| release.found.included_at <= state.ends_at));
            if moment.time() > state.ends_at {
                let releases = (1..=5).filter(|number| {
                    may_release_at(case, &state.digest, &seat(*number), &moment, registry).is_ok()
                });
                prop_assert_eq!(releases.count(), 0);
                prop_assert!(admit::objection(case, &state.digest, None, &moment, registry).is_err());
                prop_assert!(admit::decision(case, &state.digest, x(1), &moment, registry).is_err());
                let is_over = state.is_released() || state.opened.is_some();
                let is_dead = matches!(state.status(moment.time()), Status::Dead { .. });
                prop_assert!(is_over || is_dead);
            }
            // Nothing out of reach counts anywhere.
            let far: BTreeSet<u64> = case.acts()
                .filter(|act| act.standing == Standing::Refused(ActRefusal::Unreachable))
                .map(|act| act.found.index)
                .collect();
            prop_assert!(far.is_disjoint(&objections(case)));
        }
    }
}

#[test]
fn the_generator_reaches_honest_releases_and_hidden_acts() {
    // A property over logs that never get so far would hold by itself.
    let mut moves: Vec<(Move, bool)> = vec![(Move::Refuse(4), false), (Move::Object(Some(5)), false)];
    moves.extend((1..=4).map(|number| (Move::Grant(number), number != 4)));
    moves.push((Move::Far(5), true));
    moves.push((Move::Wait(3 * DAY), true));
    moves.extend([1, 2].map(|number| (Move::Honest(number), true)));
    moves.push((Move::Bought { seat: 5, lie: 1 }, false));
    let play = Play::run(&moves);
    assert_eq!(play.honest.len(), 2);
    let (few, all) = (play.case(&play.log.statements), play.case(&play.all));
    assert!(objections(&few).is_empty() && objections(&all).len() == 1);
    assert!(few.gaps().count() > all.gaps().count());
    assert!(
        all.acts()
            .any(|act| act.standing == Standing::Refused(ActRefusal::Unreachable))
    );
}
