//! The same log gives the same docket, whatever the way; and no way makes a release too easy.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use casework::case::{Body, RequestState};
use casework::release::{ReleasingSeat, may_release_at};
use casework::{Act, Case, Registry};
use proptest::prelude::*;
use protocol::statement::{AidStatus, Compartment};
use protocol::{Digest, Envelope};

use crate::support::{
    DAY, Filing, HOUR, Log, OBJECTION_S, URGENT_S, Vote, Wish, by_operator, drop_to, greeting, keys, pace,
};
use crate::support::{root, sign, successor, x};

static FILING: LazyLock<Filing> = LazyLock::new(|| Filing::new(0));

/// One thing that somebody does, allowed or not.
#[derive(Clone, Debug)]
enum Op {
    Wait(u64),
    Ask { both: bool, urgent: bool },
    Decide { request: usize, seat: u16, vote: bool },
    Object { request: usize, seat: Option<u16> },
    Release { request: usize, seat: u16, both: bool },
    Ack(u16),
    Reject(u16),
    Opened(usize),
    Finding(usize),
    Aid { request: usize, delivered: bool },
    Hide,
    Public(u8),
}

fn op() -> impl Strategy<Value = Op> {
    let request = 0..2usize;
    let seat = 1..=6u16;
    prop_oneof![
        3 => prop_oneof![Just(1), Just(2 * HOUR), Just(DAY), Just(3 * DAY), Just(14 * DAY)].prop_map(Op::Wait),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(both, urgent)| Op::Ask { both, urgent }),
        12 => (request.clone(), seat.clone(), prop::bool::weighted(0.85))
            .prop_map(|(request, seat, vote)| Op::Decide { request, seat, vote }),
        1 => (request.clone(), prop::option::of(seat.clone())).prop_map(|(request, seat)| Op::Object { request, seat }),
        5 => (request.clone(), seat.clone(), any::<bool>())
            .prop_map(|(request, seat, both)| Op::Release { request, seat, both }),
        1 => (1..=5u16).prop_map(Op::Ack),
        1 => seat.prop_map(Op::Reject),
        1 => request.clone().prop_map(Op::Opened),
        1 => request.clone().prop_map(Op::Finding),
        1 => (request, any::<bool>()).prop_map(|(request, delivered)| Op::Aid { request, delivered }),
        1 => Just(Op::Hide),
        1 => (0..5u8).prop_map(Op::Public),
    ]
}

/// A log in which two requests stand, and then the ops happen.
fn play(ops: &[Op]) -> Log {
    let mut log = Log::new();
    log.append(&FILING.entry);
    let mut requests = [log.ask(&FILING, &Wish::default()), log.ask(&FILING, &Wish::both())];
    for op in ops {
        step(&mut log, &mut requests, op);
    }
    log.padding();
    log
}

fn step(log: &mut Log, requests: &mut [Digest; 2], op: &Op) {
    let names = |both: bool| match both {
        true => vec![Compartment::Account, Compartment::Identity],
        false => vec![Compartment::Account],
    };
    match *op {
        Op::Wait(s) => log.wait_until(log.now + s),
        Op::Ask { both, urgent } => {
            let compartments = names(both);
            let wish = Wish {
                compartments,
                urgent,
                ..Wish::default()
            };
            *requests = [requests[1], log.ask(&FILING, &wish)];
        }
        Op::Decide { request, seat, vote } => {
            let vote = if vote { Vote::Grant } else { Vote::Refuse };
            log.decide(&FILING, requests[request], seat, vote);
        }
        Op::Object { request, seat } => {
            match seat {
                Some(seat) => log.object(&FILING, requests[request], seat),
                None => log.she_objects(&FILING, requests[request]),
            };
        }
        Op::Release { request, seat, both } => {
            log.release(&FILING, requests[request], seat, &names(both));
        }
        Op::Hide => {
            log.statements.pop();
        }
        Op::Ack(seat) => {
            log.ack(&FILING, seat);
        }
        Op::Reject(seat) => {
            log.reject(&FILING, seat);
        }
        Op::Opened(request) => {
            log.opened(&FILING, requests[request], 11);
        }
        Op::Finding(request) => {
            log.finding(&FILING, requests[request], 11);
        }
        Op::Aid { request, delivered } => {
            let word = match delivered {
                true => (AidStatus::Delivered, None),
                false => (AidStatus::Offered, Some(log.now + DAY)),
            };
            log.aid(&FILING, requests[request], 11, word);
        }
        Op::Public(kind) => {
            log.publish(&public(kind));
        }
    }
}

fn public(kind: u8) -> Envelope {
    match kind {
        0 => by_operator(&pace(16)),
        1 => by_operator(&drop_to(3)),
        2 => by_operator(&greeting("otro")),
        3 => sign(&successor(|_| {}), &[1, 2, 3, 4]),
        _ => sign(&greeting("falso"), &[1]),
    }
}

fn acts(case: &Case) -> Vec<Act> {
    case.acts().cloned().collect()
}

/// What must hold of any release, and whoever is told that she may release: of the acts that it names, enough grants by
/// distinct seats for this very request, and time. Read from the raw acts by hand.
fn check_release(case: &Case, state: &RequestState, names: &[Compartment], relied: (&[u64], &[u64]), at: u64) {
    let urgent = state.request.urgent;
    let raw = |index: &u64| case.acts().find(|act| act.found.index == *index).unwrap();
    let mut seats = BTreeSet::new();
    let mut times = Vec::new();
    for act in relied.0.iter().map(raw) {
        let Some(Body::Decision(decision)) = &act.body else {
            panic!("{act:?}")
        };
        assert_eq!(decision.request, state.digest);
        assert!(decision.answers(&state.request.compartments) && !decision.grants.is_empty());
        assert!(seats.insert(decision.x) && decision.x.get() <= 5);
        times.push(act.found.included_at);
    }
    let wait = if urgent { URGENT_S } else { OBJECTION_S };
    assert!(at >= times[2] + wait, "the third grant was included at {}", times[2]);
    for act in relied.1.iter().map(raw) {
        assert!(matches!(
            &act.body,
            Some(body) if body.is_objection()
        ));
        assert!(at >= act.found.included_at + 14 * DAY);
    }
    let identity = urgent || names.contains(&Compartment::Identity);
    let need = if identity { 4 } else { 3 } + usize::from(!relied.1.is_empty());
    assert!(seats.len() >= need, "{} of {need} for {names:?}", seats.len());
    assert!(at <= state.request.time + 41 * DAY);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn fold_in_one_go_in_parts_and_from_a_snapshot_is_the_same(
        ops in prop::collection::vec(op(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        order in any::<u64>(),
    ) {
        let log = play(&ops);
        let whole = log.case(&FILING);
        // The registry, from its own snapshot at some entry.
        let cut = cuts[0].index(log.entries.len() + 1);
        let mut fold = casework::Fold::new(&root()).unwrap();
        let mut restored: Option<Registry> = None;
        for (index, (entry, at)) in log.entries.iter().enumerate() {
            if index == cut {
                restored = Registry::restore(&root(), &fold.registry().snapshot());
                prop_assert_eq!(restored.as_ref(), Some(fold.registry()));
            }
            fold.push(entry, *at, |digest| log.envelopes.get(digest).cloned()).unwrap();
            if let (Some(registry), Some(protocol::slot::Entry::Public(digest))) =
                (&mut restored, protocol::slot::Entry::parse(entry))
            {
                let _ = registry.apply(index as u64, &log.envelopes[&digest], *at);
            }
        }
        prop_assert_eq!(fold.registry(), log.fold.registry());
        if let Some(registry) = restored {
            prop_assert_eq!(&registry, log.fold.registry());
        }
        // The case, act by act in any order, each first as a gap.
        let mut shuffled = log.bare_case(&FILING);
        let mut found = log.fold.slots().acts(&FILING.salt(), whole.filed().index).reachable;
        found.sort_by_key(|found| Digest::of(&[order.to_be_bytes(), u64::from(found.k).to_be_bytes()].concat()).0);
        for act in &found {
            shuffled.apply(*act, None, log.fold.registry()).unwrap();
        }
        for act in &found {
            let statement = casework::slots::match_statement(&FILING.salt(), act, &log.statements);
            let _ = shuffled.apply(*act, statement, log.fold.registry());
        }
        prop_assert_eq!(acts(&shuffled), acts(&whole));
        prop_assert_eq!(shuffled.requests(), whole.requests());
        // The order in which statements are handed over changes nothing.
        let mut turned = log.bare_case(&FILING);
        turned.follow(&log.fold, &log.statements.iter().rev().cloned().collect::<Vec<_>>());
        prop_assert_eq!(acts(&turned), acts(&whole));
        // Following twice changes nothing.
        let mut again = log.case(&FILING);
        again.follow(&log.fold, &log.statements);
        prop_assert_eq!(acts(&again), acts(&whole));
    }

    #[test]
    fn releases_never_pool(ops in prop::collection::vec(op(), 0..60)) {
        check_releases(&ops);
    }
}

/// Every release that counts, and every one that would, has its grants and its time.
fn check_releases(ops: &[Op]) {
    let log = play(ops);
    let case = log.case(&FILING);
    for state in case.requests() {
        for release in &state.releases {
            let names: Vec<Compartment> = release.files.iter().map(|file| file.name).collect();
            let act = case.acts().find(|act| act.found.index == release.found.index).unwrap();
            let Some(Body::Release(said)) = &act.body else {
                panic!("{act:?}")
            };
            let relied = (said.grants.as_slice(), said.objections.as_slice());
            check_release(&case, state, &names, relied, release.found.included_at);
        }
        for number in 1..=6 {
            let seat = ReleasingSeat {
                x: x(number),
                key: keys(number).public(),
            };
            let moment = log.moment();
            if let Ok(allowed) = may_release_at(&case, &state.digest, &seat, &moment, log.fold.registry()) {
                let names = &allowed.compartments;
                assert!(!names.is_empty());
                let relied = (allowed.grants.as_slice(), allowed.objections.as_slice());
                check_release(&case, state, names, relied, moment.time());
                let newest: BTreeSet<_> = state.objections.iter().map(|objection| objection.by).collect();
                assert_eq!(relied.1.len(), newest.len());
            }
        }
    }
}

/// What a seat without a share says does not take the place of what it says once it has one; found by chance.
#[test]
fn a_decision_without_a_share_is_none() {
    let decide = |seat, vote| Op::Decide { request: 0, seat, vote };
    check_releases(&[
        Op::Reject(5),
        decide(5, false),
        decide(2, true),
        Op::Ack(5),
        decide(1, true),
        decide(5, true),
        Op::Wait(3 * DAY),
        Op::Wait(1),
    ]);
}

#[test]
fn the_generator_reaches_aid() {
    let log = play(&[
        Op::Opened(0),
        Op::Aid {
            request: 0,
            delivered: false,
        },
        Op::Aid {
            request: 0,
            delivered: true,
        },
    ]);
    let case = log.case(&FILING);
    assert_eq!(case.requests()[0].aids.len(), 2);
    assert_eq!(case.requests()[0].aid().len(), 1);
}

#[test]
fn the_generator_reaches_releases() {
    // A property over logs that never get so far would hold by itself.
    let mut ops = vec![Op::Wait(HOUR)];
    ops.extend((1..=4).map(|seat| Op::Decide {
        request: 0,
        seat,
        vote: true,
    }));
    ops.push(Op::Wait(3 * DAY));
    ops.extend((1..=3).map(|seat| Op::Release {
        request: 0,
        seat,
        both: false,
    }));
    let log = play(&ops);
    assert_eq!(log.case(&FILING).requests()[0].releases.len(), 3);
}
