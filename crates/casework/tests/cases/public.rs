//! The fold of the public statements (§3, §6.1, §6.3, §9.1, §9.2).

use casework::registry::{Applied, PublicRefusal};
use casework::root::RootError;
use casework::site::Sites;
use casework::{Fold, InvalidLog, Registry, RootOfTrust};
use protocol::ids::Version;
use protocol::slot::Entry;
use protocol::statement::{Council, Site, SiteListRef};
use protocol::{Digest, Envelope, Nonce, Origin};

use crate::support::{
    DAY, Log, ORIGIN, T0, beginning, by_operator, council, drop_to, greeting, keys, member, pace, root,
};
use crate::support::{rng, sign, successor, x};

/// A registry with the four statements of the beginning.
fn begun() -> Registry {
    let mut registry = Registry::new(&root()).unwrap();
    for (index, envelope) in beginning().iter().enumerate() {
        registry.apply(index as u64, envelope, T0).unwrap();
    }
    registry
}

#[track_caller]
fn next(registry: &mut Registry, envelope: &Envelope, expected: Result<Applied, PublicRefusal>) {
    let index = 10 + registry.refused().len() as u64 + registry.councils().len() as u64 * 100;
    assert_eq!(registry.apply(index, envelope, T0 + DAY), expected);
}

#[test]
fn the_beginning_counts() {
    let registry = begun();
    assert_eq!(registry.current().unwrap().digest(), root().council);
    assert_eq!(registry.pace().unwrap().n, 4);
    assert_eq!(registry.drop_depth(), 0);
    assert_eq!(registry.greeting().unwrap().digest(), beginning()[3].digest());
    assert!(registry.refused().is_empty());
}

#[test]
fn epoch_1_is_the_council_of_the_root() {
    let mut other = council();
    other.nonce = Nonce([9; 32]);
    let mut registry = Registry::new(&root()).unwrap();
    let other = sign(&other, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(registry.apply(0, &other, T0), Err(PublicRefusal::NotTheRoot));
    assert_eq!(
        registry.apply(1, &beginning()[0], T0),
        Ok(Applied::Council { epoch: 1 })
    );
}

#[test]
fn epoch_1_is_signed_by_all_its_seats() {
    let mut registry = Registry::new(&root()).unwrap();
    let unsigned = sign(&council(), &[1, 2, 3, 4, 5]);
    assert_eq!(registry.apply(0, &unsigned, T0), Err(PublicRefusal::Signature));
    assert!(registry.current().is_none());
}

#[test]
fn a_later_epoch_is_signed_by_t_identity_seats_of_the_previous() {
    let mut registry = begun();
    let council = successor(|_| {});
    let few = sign(&council, &[1, 2, 3, 11]);
    next(
        &mut registry,
        &few,
        Err(PublicRefusal::TooFewSigners { have: 3, need: 4 }),
    );
    next(
        &mut registry,
        &sign(&council, &[1, 2, 3, 6]),
        Ok(Applied::Council { epoch: 2 }),
    );
}

#[test]
fn a_later_epoch_is_signed_by_every_newcomer() {
    let mut registry = begun();
    let council = successor(|council| council.seats.push(member(7)));
    next(
        &mut registry,
        &sign(&council, &[1, 2, 3, 4, 5, 6]),
        Err(PublicRefusal::Signature),
    );
    next(
        &mut registry,
        &sign(&council, &[1, 2, 3, 4, 7]),
        Ok(Applied::Council { epoch: 2 }),
    );
}

#[test]
fn a_reader_that_becomes_a_seat_is_a_newcomer() {
    let mut registry = begun();
    let council = successor(|council| {
        council.readers.remove(0);
        council.seats.push(member(11));
    });
    next(
        &mut registry,
        &sign(&council, &[1, 2, 3, 4]),
        Err(PublicRefusal::Signature),
    );
    next(
        &mut registry,
        &sign(&council, &[1, 2, 3, 4, 11]),
        Ok(Applied::Council { epoch: 2 }),
    );
}

#[test]
fn a_seat_that_comes_back_is_a_newcomer() {
    let mut registry = begun();
    let without = sign(&successor(|council| _ = council.seats.pop()), &[1, 2, 3, 4]);
    next(&mut registry, &without, Ok(Applied::Council { epoch: 2 }));
    let back = successor(|council| (council.epoch, council.previous) = (3, Some(without.digest())));
    next(
        &mut registry,
        &sign(&back, &[1, 2, 3, 4]),
        Err(PublicRefusal::Signature),
    );
    next(
        &mut registry,
        &sign(&back, &[1, 2, 3, 4, 6]),
        Ok(Applied::Council { epoch: 3 }),
    );
}

#[test]
fn the_first_valid_council_of_an_epoch_counts() {
    let mut registry = begun();
    let first = sign(&successor(|_| {}), &[1, 2, 3, 4]);
    let second = sign(&successor(|council| council.nonce = Nonce([8; 32])), &[1, 2, 3, 4]);
    // An invalid one before does not take the place.
    let invalid = sign(&successor(|council| council.nonce = Nonce([7; 32])), &[1, 2]);
    next(
        &mut registry,
        &invalid,
        Err(PublicRefusal::TooFewSigners { have: 2, need: 4 }),
    );
    next(&mut registry, &first, Ok(Applied::Council { epoch: 2 }));
    next(&mut registry, &second, Err(PublicRefusal::Epoch { epoch: 2 }));
    assert_eq!(registry.current().unwrap().digest(), first.digest());
}

#[test]
fn councils_form_a_chain() {
    let mut registry = begun();
    let skipped = successor(|council| council.epoch = 3);
    next(&mut registry, &sign(&skipped, &[1, 2, 3, 4]), Err(PublicRefusal::Chain));
    let loose = successor(|council| council.previous = Some(Digest([0; 32])));
    next(&mut registry, &sign(&loose, &[1, 2, 3, 4]), Err(PublicRefusal::Chain));
}

#[test]
fn a_number_is_never_taken_over() {
    let mut registry = begun();
    let renamed = successor(|council| council.seats[2].institution = "another".into());
    next(
        &mut registry,
        &sign(&renamed, &[1, 2, 3, 4]),
        Err(PublicRefusal::Reused(x(3))),
    );
    let swapped = successor(|council| council.readers[0].institution = "another".into());
    next(
        &mut registry,
        &sign(&swapped, &[1, 2, 3, 4]),
        Err(PublicRefusal::Reused(x(11))),
    );
}

#[test]
fn a_council_keeps_its_own_rules_and_its_log() {
    let mut registry = begun();
    let signed = |edit: fn(&mut Council)| sign(&successor(edit), &[1, 2, 3, 4]);
    let hasty = signed(|council| council.objection_s = 259_199);
    next(
        &mut registry,
        &hasty,
        Err(PublicRefusal::Rule("waiting times of a council")),
    );
    let foreign = signed(|council| council.origin = Origin::new("other.example").unwrap());
    next(&mut registry, &foreign, Err(PublicRefusal::Origin));
    let one_order = signed(|council| {
        for seat in &mut council.seats[..3] {
            seat.controller = "one".into();
        }
    });
    next(
        &mut registry,
        &one_order,
        Err(PublicRefusal::Rule(
            "concentrated says whether one controller holds t_account seats",
        )),
    );
}

#[test]
fn a_policy_has_a_quorum_and_is_for_this_log() {
    let mut registry = begun();
    let log_line = council().policy.lines().next().unwrap().to_owned();
    let lone = successor(|council| council.policy = format!("{log_line}\nquorum none\n"));
    next(
        &mut registry,
        &sign(&lone, &[1, 2, 3, 4]),
        Err(PublicRefusal::Policy(RootError::NoQuorum)),
    );
    let rest: String = council()
        .policy
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect();
    let other_key = tlog::note::SigningNoteKey::from_seed("log.example", tlog::note::KeyKind::Ed25519, &[1; 32]);
    let other = successor(|council| council.policy = format!("log {}\n{rest}", other_key.unwrap().verifier()));
    next(
        &mut registry,
        &sign(&other, &[1, 2, 3, 4]),
        Err(PublicRefusal::Policy(RootError::OtherLog)),
    );
    assert_eq!(RootOfTrust::parse(&serde_json::to_vec(&root()).unwrap()), Ok(root()));
    let lone = RootOfTrust {
        policy: format!("{log_line}\nquorum none\n"),
        ..root()
    };
    assert_eq!(Registry::new(&lone).unwrap_err(), RootError::NoQuorum);
}

#[test]
fn a_root_names_its_log() {
    let misnamed = RootOfTrust {
        origin: Origin::new("other.example").unwrap(),
        ..root()
    };
    assert_eq!(
        RootOfTrust::parse(&serde_json::to_vec(&misnamed).unwrap()),
        Err(RootError::LogKey)
    );
    assert_eq!(RootOfTrust::parse(b"{}"), Err(RootError::Form));
    // serde reads an array as a struct; a root file has one spelling.
    let good = root();
    let listed = serde_json::json!([1, good.origin, good.log_key, good.policy, good.council]);
    assert_eq!(RootOfTrust::parse(listed.to_string().as_bytes()), Err(RootError::Form));
}

#[test]
fn the_operators_statements_are_signed_by_the_operator_of_the_newest_council() {
    let mut registry = begun();
    let by_seat = sign(&greeting("x"), &[1]);
    next(&mut registry, &by_seat, Err(PublicRefusal::Signature));
    let council = successor(|council| council.operator.key = keys(33).public());
    next(
        &mut registry,
        &sign(&council, &[1, 2, 3, 4]),
        Ok(Applied::Council { epoch: 2 }),
    );
    next(
        &mut registry,
        &by_operator(&greeting("old")),
        Err(PublicRefusal::Signature),
    );
    next(&mut registry, &sign(&greeting("new"), &[33]), Ok(Applied::Greeting));
}

#[test]
fn before_any_council_nobody_is_the_operator() {
    let mut registry = Registry::new(&root()).unwrap();
    assert_eq!(
        registry.apply(0, &by_operator(&pace(4)), T0),
        Err(PublicRefusal::NoCouncil)
    );
}

#[test]
fn the_last_valid_greeting_counts() {
    let mut registry = begun();
    let good = by_operator(&greeting("otro"));
    assert_eq!(registry.apply(4, &good, T0), Ok(Applied::Greeting));
    let empty = registry.apply(5, &by_operator(&greeting("")), T0);
    assert_eq!(empty, Err(PublicRefusal::Rule("a text is not empty")));
    // Longer than one record, 2,043 bytes as envelope.
    let long = registry.apply(6, &by_operator(&greeting(&"a".repeat(1_900))), T0);
    assert!(matches!(long, Err(PublicRefusal::Form)), "{long:?}");
    assert_eq!(registry.greeting().unwrap().digest(), good.digest());
}

#[test]
fn the_drop_begins_at_0_and_only_grows() {
    let mut registry = Registry::new(&root()).unwrap();
    registry.apply(0, &beginning()[0], T0).unwrap();
    assert_eq!(
        registry.apply(1, &by_operator(&drop_to(1)), T0),
        Err(PublicRefusal::BucketDepth)
    );
    for (index, b, expected) in [
        (2, 0, Ok(Applied::BucketDepth)),
        (10_000, 3, Ok(Applied::BucketDepth)),
        (10_001, 2, Err(PublicRefusal::BucketDepth)),
        (1 << 40, 32, Ok(Applied::BucketDepth)),
    ] {
        assert_eq!(registry.apply(index, &by_operator(&drop_to(b)), T0), expected, "{b}");
    }
    assert_eq!(registry.drop_depths(), [0, 3, 32]);
}

/// Whoever operates the log states a depth at which a bucket is one inbox: the log has too few entries for it.
#[test]
fn a_depth_needs_as_many_entries_as_64_inboxes_in_each_bucket() {
    let mut registry = begun();
    let one = by_operator(&drop_to(1));
    let mut apply = |index, statement: &Envelope| registry.apply(index, statement, T0);
    let too_deep = Err(PublicRefusal::BucketTooDeep);
    assert_eq!(apply(127, &one), too_deep);
    assert_eq!(apply(128, &one), Ok(Applied::BucketDepth));
    assert_eq!(apply((1 << 38) - 1, &by_operator(&drop_to(32))), too_deep);
    assert_eq!(apply(1 << 38, &by_operator(&drop_to(32))), Ok(Applied::BucketDepth));
    assert_eq!(registry.drop_depths(), [0, 1, 32]);
}

/// A form made before a deeper `drop` is taken for a week after it, and what was taken then is looked for.
#[test]
fn a_depth_is_taken_for_a_week_after_a_deeper_one() {
    let mut registry = Registry::new(&root()).unwrap();
    registry.apply(0, &beginning()[0], T0).unwrap();
    registry.apply(1, &by_operator(&drop_to(0)), T0).unwrap();
    registry.apply(1_000, &by_operator(&drop_to(1)), T0 + 10).unwrap();
    registry.apply(1_001, &by_operator(&drop_to(1)), T0 + 20).unwrap();
    let week = 7 * 86_400;
    registry.apply(2_000, &by_operator(&drop_to(2)), T0 + 5 * week).unwrap();
    let taken = |now| (0..4).filter(|b| registry.takes_depth(*b, now)).collect::<Vec<u8>>();
    assert_eq!(
        taken(T0 + 10),
        [0, 1, 2],
        "what is not included yet is not in this registry"
    );
    assert_eq!(taken(T0 + 10 + week), [0, 1, 2]);
    assert_eq!(taken(T0 + 11 + week), [1, 2]);
    assert_eq!(taken(T0 + 6 * week), [1, 2], "said again it is no other depth");
    assert_eq!(taken(T0 + 6 * week + 1), [2]);
    let recipient = protocol::age::Identity::from_seed([7; 32]).recipient();
    let read = |since| {
        registry
            .buckets(&recipient, since)
            .iter()
            .map(|name| name.depth())
            .collect::<Vec<u8>>()
    };
    assert_eq!(read(None), [0, 1, 2]);
    assert_eq!(
        read(Some(T0 + 10 + 4 * week)),
        [0, 1, 2],
        "what was taken last is published by then"
    );
    assert_eq!(read(Some(T0 + 11 + 4 * week)), [1, 2]);
    assert_eq!(read(Some(u64::MAX)), [2]);
    assert_eq!(registry.bucket(&recipient).depth(), 2);
}

#[test]
fn a_pace_is_a_power_of_two_of_at_least_4() {
    let mut registry = begun();
    for (index, n) in [0, 2, 3, 6].into_iter().enumerate() {
        let refused = registry.apply(10 + index as u64, &by_operator(&pace(n)), T0);
        assert_eq!(
            refused,
            Err(PublicRefusal::Rule("n is a power of two, at least 4")),
            "{n}"
        );
    }
    assert_eq!(registry.pace().unwrap().n, 4);
}

#[test]
fn the_pace_goes_up_at_the_next_step_and_down_after_7_days() {
    let mut registry = begun();
    let at = |registry: &Registry, time| registry.pace_at(time).unwrap().n;
    registry.apply(4, &by_operator(&pace(16)), T0 + DAY).unwrap();
    assert_eq!((at(&registry, T0 + DAY), at(&registry, T0 + DAY + 1)), (4, 16));
    registry.apply(5, &by_operator(&pace(8)), T0 + 2 * DAY).unwrap();
    assert_eq!((at(&registry, T0 + 9 * DAY - 1), at(&registry, T0 + 9 * DAY)), (16, 8));
    // A rise that comes before the fall is due holds.
    registry.apply(6, &by_operator(&pace(32)), T0 + 3 * DAY).unwrap();
    assert_eq!(at(&registry, T0 + 10 * DAY), 32);
}

#[test]
fn two_statements_bring_the_pace_down_no_sooner_than_one() {
    let mut registry = begun();
    let at = |registry: &Registry, time| registry.pace_at(time).unwrap().n;
    registry.apply(4, &by_operator(&pace(64)), T0 + DAY).unwrap();
    registry.apply(5, &by_operator(&pace(4)), T0 + 2 * DAY).unwrap();
    // More than the fall that is announced, less than what is in force.
    registry.apply(6, &by_operator(&pace(8)), T0 + 2 * DAY).unwrap();
    assert_eq!(at(&registry, T0 + 9 * DAY - 1), 64);
    assert_eq!(at(&registry, T0 + 9 * DAY), 8);
}

#[test]
fn a_pace_counts_for_no_step_that_includes_it() {
    let mut registry = begun();
    registry.apply(20, &by_operator(&pace(16)), T0 + DAY - 5).unwrap();
    let after = |size| registry.pace_after(size, T0 + DAY).unwrap().n;
    assert_eq!((after(20), after(21)), (4, 16), "the cosigner's clock was late");
}

#[test]
fn entries_come_in_log_order() {
    let mut registry = begun();
    let before = registry.clone();
    assert_eq!(
        registry.apply(3, &by_operator(&greeting("x")), T0),
        Err(PublicRefusal::Order)
    );
    assert_eq!(registry, before);
}

#[test]
fn refused_statements_are_recorded_and_change_nothing_else() {
    let mut log = Log::new();
    let unknown = sign(
        &crate::support::Filing::new(0)
            .core
            .unverified::<protocol::statement::Core>()
            .unwrap(),
        &[1],
    );
    let index = log.publish(&unknown);
    log.append(&Entry::Public(Digest([4; 32])));
    let refused: Vec<_> = log
        .fold
        .registry()
        .refused()
        .iter()
        .map(|r| (r.index, r.digest, r.reason.clone()))
        .collect();
    assert_eq!(
        refused,
        [
            (index, unknown.digest(), PublicRefusal::Unknown),
            (index + 1, Digest([4; 32]), PublicRefusal::Withheld)
        ]
    );
}

#[test]
fn what_is_shown_must_have_the_digest_of_the_entry() {
    let mut log = Log::new();
    let shown = by_operator(&greeting("shown"));
    let pushed = log
        .fold
        .push(&Entry::Public(Digest([4; 32])).to_bytes(), T0, |_| Some(shown.clone()));
    assert_eq!(pushed, Ok(casework::fold::Pushed::Skipped(PublicRefusal::Withheld)));
    assert_eq!(
        log.fold.registry().greeting().unwrap().digest(),
        beginning()[3].digest()
    );
}

#[test]
fn the_log_begins_with_council_pace_drop_greeting() {
    for wrong in 0..4 {
        let mut fold = Fold::new(&root()).unwrap();
        let mut envelopes = beginning();
        envelopes.swap(wrong, (wrong + 1) % 4);
        let results: Vec<_> = envelopes
            .iter()
            .map(|envelope| {
                fold.push(&Entry::Public(envelope.digest()).to_bytes(), T0, |_| {
                    Some(envelope.clone())
                })
            })
            .take_while(Result::is_ok)
            .collect();
        let index = results.len() as u64;
        let entry = Entry::Public(envelopes[results.len()].digest()).to_bytes();
        let again = fold.push(&entry, T0, |_| Some(envelopes[results.len()].clone()));
        assert_eq!(again, Err(InvalidLog::Beginning { index }), "{wrong}");
        assert_eq!(fold.size(), index);
    }
    let mut fold = Fold::new(&root()).unwrap();
    let padding = Entry::padding(&mut rng(1)).to_bytes();
    assert_eq!(
        fold.push(&padding, T0, |_| None),
        Err(InvalidLog::Beginning { index: 0 })
    );
    let hidden = Entry::Public(root().council).to_bytes();
    assert_eq!(
        fold.push(&hidden, T0, |_| None),
        Err(InvalidLog::Beginning { index: 0 })
    );
}

#[test]
fn entries_of_any_other_form_make_the_log_invalid() {
    let mut log = Log::new();
    let index = log.fold.size();
    for bad in [
        vec![],
        vec![0; 64],
        vec![0; 66],
        vec![1; 32],
        vec![1; 65],
        vec![0; 33],
        vec![2; 65],
    ] {
        assert_eq!(log.fold.push(&bad, T0, |_| None), Err(InvalidLog::Entry { index }));
    }
    assert_eq!(log.fold.size(), index);
}

#[test]
fn a_snapshot_of_another_root_is_not_taken() {
    let snapshot = begun().snapshot();
    assert_eq!(Registry::restore(&root(), &snapshot), Some(begun()));
    let other = RootOfTrust {
        council: Digest([0; 32]),
        ..root()
    };
    assert_eq!(Registry::restore(&other, &snapshot), None);
    assert_eq!(Registry::restore(&root(), b"{}"), None);
    let text = String::from_utf8(snapshot).unwrap();
    assert_eq!(
        Registry::restore(&root(), text.replacen("\"index\":1", "\"index\":0", 1).as_bytes()),
        None
    );
}

fn site_of(origin: &str, list: u8) -> Site {
    Site {
        v: Version,
        origin: Origin::new(origin).unwrap(),
        nonce: Nonce([list; 32]),
        time: T0,
        files: SiteListRef {
            digest: Digest([list; 32]),
            size: 100,
        },
        built: None,
        onion: None,
        nojs_clearnet: false,
    }
}

#[test]
fn the_newest_site_that_the_operator_of_its_time_has_signed_counts() {
    let mut registry = begun();
    let mut at = 10;
    let mut take = |registry: &mut Registry, envelope: &Envelope| {
        at += 1;
        assert_eq!(registry.apply(at, envelope, T0 + at), Ok(Applied::Site));
        at
    };
    assert_eq!(Sites::of(&registry), Sites::default());
    let ours = |list| by_operator(&site_of(ORIGIN, list));
    let first = take(&mut registry, &ours(1));
    let second = take(&mut registry, &ours(2));
    let by_seat = take(&mut registry, &sign(&site_of(ORIGIN, 3), &[1]));
    let elsewhere = take(&mut registry, &by_operator(&site_of("demo.other/log", 4)));
    let sites = Sites::of(&registry);
    let indexes: Vec<u64> = sites.stated().iter().map(|stated| stated.index).collect();
    assert_eq!(indexes, [first, second]);
    assert_eq!(sites.newest().unwrap().site.files.digest, Digest([2; 32]));
    assert_eq!(sites.newest().unwrap().included_at, T0 + second);
    let refused: Vec<_> = sites
        .refused()
        .iter()
        .map(|(index, _, why)| (*index, why.clone()))
        .collect();
    assert_eq!(
        refused,
        [(by_seat, PublicRefusal::Signature), (elsewhere, PublicRefusal::Origin)]
    );

    // Another operator: what it says counts from there on, and what the one before has said still stands.
    let council = successor(|council| council.operator.key = keys(33).public());
    registry.apply(20, &sign(&council, &[1, 2, 3, 4]), T0 + 20).unwrap();
    registry.apply(21, &ours(5), T0 + 21).unwrap();
    registry.apply(22, &sign(&site_of(ORIGIN, 6), &[33]), T0 + 22).unwrap();
    let sites = Sites::of(&registry);
    assert_eq!(sites.newest().unwrap().index, 22);
    assert_eq!((sites.stated().len(), sites.refused().len()), (3, 3));
}
