//! Councils (§3, §8.3, §19): which are refused, whom a left-out seat bars, the fingerprint.

use crate::statement_fixture;

use protocol::envelope::{Envelope, EnvelopeError};
use protocol::ids::{Day, MemberNumber, Origin};
use protocol::statement::{Bench, Compartment, Council, CouncilError, NodeList};
use protocol::{Digest, age::Identity};
use statement_fixture::*;

fn refused(change: impl FnOnce(&mut Council)) -> CouncilError {
    let mut council = council();
    change(&mut council);
    let error = council.validate().unwrap_err();
    let envelope = Envelope::sign(&council, &[&hers()]);
    assert!(
        matches!(envelope.unverified::<Council>(), Err(EnvelopeError::Rule(_))),
        "{error}"
    );
    error
}

fn accepted(change: impl FnOnce(&mut Council)) {
    let mut council = council();
    change(&mut council);
    assert_eq!(council.validate(), Ok(()));
    Envelope::try_sign(&council, &[&hers()]).unwrap();
}

#[test]
fn a_council_is_accepted_with_and_without_the_parties_of_later_stages() {
    accepted(|_| {});
    accepted(|c| {
        c.epoch = 2;
        c.previous = Some(d(1));
        c.bench = Some(Bench {
            k: 2,
            seats: vec![x(1), x(3), x(5)],
        });
        c.matcher = Some(party(31));
        c.counsel = Some(party(32));
        c.nodes = Some(NodeList {
            t: 2,
            list: vec![party(33), party(34), party(35)],
        });
    });
}

#[test]
fn thresholds_leave_room_for_a_lost_seat() {
    for (account, identity) in [(1, 4), (0, 0), (4, 3), (3, 5), (5, 5)] {
        let error = refused(|c| (c.account, c.identity) = (account, identity));
        assert_eq!(error, CouncilError::Thresholds, "{account} {identity}");
    }
    for (account, identity) in [(2, 2), (2, 4), (4, 4)] {
        accepted(|c| (c.account, c.identity) = (account, identity));
    }
    assert_eq!(refused(|c| c.seats.clear()), CouncilError::Thresholds);
    assert_eq!(
        refused(|c| c.bench = Some(Bench {
            k: 0,
            seats: vec![x(1)]
        })),
        CouncilError::Thresholds
    );
    assert_eq!(
        refused(|c| c.bench = Some(Bench {
            k: 2,
            seats: vec![x(1)]
        })),
        CouncilError::Thresholds
    );
    let nodes = |t| {
        Some(NodeList {
            t,
            list: vec![party(33)],
        })
    };
    assert_eq!(refused(|c| c.nodes = nodes(2)), CouncilError::Thresholds);
    assert_eq!(refused(|c| c.nodes = nodes(0)), CouncilError::Thresholds);
}

#[test]
fn numbers_ascend_and_belong_to_one_member() {
    assert_eq!(refused(|c| c.seats.swap(0, 1)), CouncilError::Number(x(1)));
    assert_eq!(refused(|c| c.seats[1].x = x(1)), CouncilError::Number(x(1)));
    assert_eq!(refused(|c| c.readers.swap(0, 1)), CouncilError::Number(x(11)));
    assert_eq!(refused(|c| c.readers[0].x = x(5)), CouncilError::Number(x(5)));
    assert_eq!(refused(|c| c.mirrors[0].x = x(12)), CouncilError::Number(x(12)));
    assert_eq!(refused(|c| c.matcher = Some(party(21))), CouncilError::Number(x(21)));
    let nodes = |list| Some(NodeList { t: 1, list });
    assert_eq!(
        refused(|c| c.nodes = nodes(vec![party(34), party(33)])),
        CouncilError::Number(x(33))
    );
    let bench = |seats| Some(Bench { k: 1, seats });
    assert_eq!(
        refused(|c| c.bench = bench(vec![x(3), x(1)])),
        CouncilError::Number(x(1))
    );
    assert_eq!(
        refused(|c| c.bench = bench(vec![x(1), x(11)])),
        CouncilError::Number(x(11)),
        "a reader is not a seat"
    );
}

#[test]
fn keys_belong_to_one_member() {
    assert_eq!(
        refused(|c| c.seats[4].key = c.seats[0].key),
        CouncilError::SharedKey(x(5))
    );
    assert_eq!(
        refused(|c| c.seats[4].recipient = c.seats[0].recipient.clone()),
        CouncilError::SharedKey(x(5))
    );
    assert_eq!(
        refused(|c| c.readers[0].key = c.seats[0].key),
        CouncilError::SharedKey(x(11))
    );
    assert_eq!(
        refused(|c| c.mirrors[0].key = c.seats[0].key),
        CouncilError::SharedKey(x(21))
    );
    assert_eq!(
        refused(|c| c.seats[2].key = c.operator.key),
        CouncilError::SharedKey(x(3))
    );
    let mut matcher = party(31);
    matcher.recipient = Identity::from_seed([9; 32]).recipient();
    accepted(|c| c.matcher = Some(matcher));
}

#[test]
fn at_most_24_have_recipients() {
    let crowd = |c: &mut Council, readers: u8| {
        let template = c.readers[0].clone();
        c.readers = (0..readers)
            .map(|n| {
                let mut reader = template.clone();
                reader.x = x(100 + u16::from(n));
                reader.key = member(100 + n).public();
                reader.recipient = member(100 + n).identity().recipient();
                reader
            })
            .collect();
    };
    accepted(|c| crowd(c, 19));
    assert_eq!(refused(|c| crowd(c, 20)), CouncilError::TooMany);
    assert_eq!(
        refused(|c| {
            crowd(c, 19);
            c.counsel = Some(party(32));
        }),
        CouncilError::TooMany
    );
}

#[test]
fn texts_have_1_to_200_bytes() {
    assert_eq!(refused(|c| c.seats[0].institution.clear()), CouncilError::Text);
    assert_eq!(refused(|c| c.seats[0].controller = "a".repeat(201)), CouncilError::Text);
    assert_eq!(refused(|c| c.readers[1].jurisdiction.clear()), CouncilError::Text);
    assert_eq!(refused(|c| c.operator.institution.clear()), CouncilError::Text);
    assert_eq!(
        refused(|c| c.mirrors[0].institution = "é".repeat(101)),
        CouncilError::Text
    );
    accepted(|c| c.seats[0].institution = "é".repeat(100));
}

#[test]
fn concentration_is_said_when_and_only_when_it_is_so() {
    let under_one = |c: &mut Council, seats: usize| {
        c.seats
            .iter_mut()
            .take(seats)
            .for_each(|seat| seat.controller = "One".to_owned());
    };
    accepted(|c| under_one(c, 2));
    assert_eq!(refused(|c| under_one(c, 3)), CouncilError::Concentrated { seats: 3 });
    accepted(|c| {
        under_one(c, 3);
        c.concentrated = true;
    });
    assert_eq!(
        refused(|c| c.concentrated = true),
        CouncilError::Concentrated { seats: 1 }
    );
    // Jurisdictions are the deployment's to judge (§19), readers have no shares.
    accepted(|c| {
        c.readers
            .iter_mut()
            .for_each(|reader| reader.controller = "Controller 1".to_owned())
    });
}

#[test]
fn waiting_times_shrink_in_a_demo_only() {
    let real = |c: &mut Council, objection_s, urgent_s| {
        c.origin = Origin::new("resguardo.example/log").unwrap();
        (c.objection_s, c.urgent_s) = (objection_s, urgent_s);
    };
    accepted(|c| real(c, 259_200, 7_200));
    assert_eq!(refused(|c| real(c, 259_199, 7_200)), CouncilError::Times);
    assert_eq!(refused(|c| real(c, 259_200, 7_199)), CouncilError::Times);
    assert_eq!(
        refused(|c| c.origin = Origin::new("example/demo.log").unwrap()),
        CouncilError::Times
    );
    accepted(|c| (c.objection_s, c.urgent_s) = (0, 0));
}

#[test]
fn epochs_and_previous_agree() {
    assert_eq!(refused(|c| c.epoch = 0), CouncilError::Previous);
    assert_eq!(refused(|c| c.epoch = 2), CouncilError::Previous);
    assert_eq!(refused(|c| c.previous = Some(d(1))), CouncilError::Previous);
}

#[test]
fn a_reader_of_a_left_out_institution_or_controller_is_barred() {
    let all: Vec<MemberNumber> = (1..=5).map(x).collect();
    let without_5 = &all[..4];
    let with = |change: fn(&mut Council)| {
        let mut council = council();
        change(&mut council);
        council
    };
    assert!(!council().is_barred(x(11), &all));
    assert!(!council().is_barred(x(11), without_5));
    for change in [
        (|c| c.readers[0].institution = "Seat 5".to_owned()) as fn(&mut Council),
        |c| c.readers[0].controller = "Controller 5".to_owned(),
        |c| c.readers[0].institution = "Controller 5".to_owned(),
        |c| c.readers[0].controller = "Seat 5".to_owned(),
    ] {
        assert!(with(change).is_barred(x(11), without_5));
        assert!(!with(change).is_barred(x(11), &all), "nobody is left out");
        assert!(!with(change).is_barred(x(12), without_5));
    }
    assert!(!with(|c| c.readers[0].controller = "controller 5".to_owned()).is_barred(x(11), without_5));
    assert!(council().is_barred(x(99), &all), "who is not a reader is barred");
    assert!(council().is_barred(x(1), &all));
}

#[test]
fn fingerprint_of_the_specification() {
    let bytes = Council::fingerprint(Digest([0x33; 32]));
    let bits = bytes.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    let words: Vec<u128> = (0..8).rev().map(|i| bits >> (11 * i) & 2_047).collect();
    assert_eq!(words, [557, 1692, 1188, 568, 595, 1255, 1320, 273]);
}

#[test]
fn members_thresholds_and_last_day() {
    let mut council = council();
    assert_eq!(council.member(x(3)).unwrap().institution, "Seat 3");
    assert_eq!(council.member(x(11)).unwrap().institution, "Reader 11");
    assert!(council.seat(x(11)).is_none() && council.reader(x(3)).is_none() && council.member(x(21)).is_none());
    assert_eq!(council.threshold(Compartment::Account), Some(3));
    assert_eq!(council.threshold(Compartment::Identity), Some(4));
    assert_eq!(council.threshold(Compartment::Consent), None);
    council.seats[3].keys_until = Day::parse("2027-01-31").unwrap();
    assert_eq!(Day::of(council.good_until() - 1).to_string(), "2027-01-31");
    assert_eq!(Day::of(council.good_until()).to_string(), "2027-02-01");
}
