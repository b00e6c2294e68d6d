//! The seven checks of a delivery (§7): each alone fails, in order, with what was received (§19).

use crate::filing_support;

use filing_support::forge::{Case, Edits, TARGET, forge};
use filing_support::refusals::{accepted, refused, world};
use filing_support::x;
use protocol::Digest;
use protocol::age;
use protocol::share::check::Rejected;
use protocol::statement::{Check, Compartment};

const ORDER: [Check; 7] = [
    Check::Missing,
    Check::Age,
    Check::Layout,
    Check::Salt,
    Check::Header,
    Check::Digest,
    Check::Commitment,
];

#[test]
fn a_right_delivery_is_accepted() {
    let case = accepted(&world());
    let accepted = case.run().ok().unwrap();
    assert_eq!(
        (accepted.share.x.get(), accepted.share.flags),
        (TARGET, filing_support::FLAGS)
    );
    assert_eq!(accepted.core.digest(), accepted.share.core);
    assert_eq!(accepted.testimony.core, accepted.core_envelope.digest());
    assert_eq!(accepted.testimony.digest(), accepted.testimony_envelope.digest());
    let names: Vec<Compartment> = accepted.share.shares.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, [Compartment::Account, Compartment::Identity]);
}

#[test]
fn each_wrong_delivery_fails_its_own_check() {
    let world = world();
    let cases = refused(&world);
    for case in &cases {
        assert_eq!(case.run().err(), case.expected(), "{}", case.name);
    }
    for check in ORDER {
        assert!(
            cases.iter().any(|case| case.refused == Some(check)),
            "{check:?} has a case"
        );
    }
}

#[test]
fn got_is_null_where_nothing_came() {
    let mut case = accepted(&world());
    case.header = None;
    let salt = Rejected {
        check: Check::Salt,
        got: None,
    };
    assert_eq!(case.run().err(), Some(salt));
    case.share = None;
    let missing = Rejected {
        check: Check::Missing,
        got: None,
    };
    assert_eq!(case.run().err(), Some(missing));
}

/// Two things wrong: the earlier check is named. Pairs of neighbours decide the whole order.
#[test]
fn the_first_failing_check_is_named() {
    let world = world();
    let wrong_share = |share: &mut protocol::share::ShareFile| share.shares[0].1.b += curve25519_dalek::Scalar::ONE;
    let wrong_digest = |testimony: &mut protocol::statement::Testimony| testimony.shares[1].digest = Digest([9; 32]);
    let both = |name, check, edits| forge(&world, name, Some(check), &edits);
    let cases = [
        both(
            "digest and commitment",
            Check::Digest,
            Edits {
                share: wrong_share,
                testimony: wrong_digest,
                ..Edits::default()
            },
        ),
        both(
            "header and digest",
            Check::Header,
            Edits {
                council: |council| council.account = 2,
                testimony: wrong_digest,
                ..Edits::default()
            },
        ),
        both(
            "salt and header",
            Check::Salt,
            Edits {
                council: |council| council.account = 2,
                delivered: |case, _| case.log.clear(),
                ..Edits::default()
            },
        ),
        both(
            "layout and salt",
            Check::Layout,
            Edits {
                share_plain: |plain| plain[300] = 1,
                delivered: |case, _| case.header = None,
                ..Edits::default()
            },
        ),
        both(
            "age and layout",
            Check::Age,
            Edits {
                share_plain: |plain| plain[300] = 1,
                delivered: |case, _| case.share.as_mut().unwrap()[1_900] ^= 1,
                ..Edits::default()
            },
        ),
        both(
            "missing and salt",
            Check::Missing,
            Edits {
                delivered: |case, _| (case.share, case.header) = (None, None),
                ..Edits::default()
            },
        ),
    ];
    for case in cases {
        assert_eq!(case.run().err(), case.expected(), "{}", case.name);
    }
}

/// §19: a match with its handle belongs to the entry; the seat takes aux from `testimony` before verifying it.
#[test]
fn aux_is_the_match_of_the_testimony() {
    let case = forge(
        &world(),
        "a match",
        None,
        &Edits {
            core: |core| core.handle = Some(protocol::statement::Handle([9; 16])),
            testimony: |testimony| testimony.match_request = Some(Digest([8; 32])),
            ..Edits::default()
        },
    );
    let accepted = case.run().ok().unwrap();
    assert_eq!(accepted.testimony.match_request, Some(Digest([8; 32])));
}

#[test]
fn another_seats_key_does_not_open() {
    let mut case = accepted(&world());
    case.seed = [3; 32];
    let got = Some(Digest::of(case.share.as_ref().unwrap()));
    assert_eq!(case.run().err(), Some(Rejected { check: Check::Age, got }));
    let mut case = accepted(&world());
    case.x = x(3);
    assert_eq!(
        case.run().err(),
        Some(Rejected {
            check: Check::Layout,
            got
        })
    );
}

#[test]
fn a_flipped_bit_anywhere_in_the_share_file_is_found() {
    let good = accepted(&world());
    let length = good.share.as_ref().unwrap().len();
    // Every byte of the whole age file: version line, stanza, MAC, nonce and payload.
    for at in 0..length {
        let mut case = good.clone();
        let share = case.share.as_mut().unwrap();
        share[at] ^= 1 << (at % 8);
        let got = Some(Digest::of(share));
        assert_eq!(case.run().err(), Some(Rejected { check: Check::Age, got }), "byte {at}");
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_header_file_is_found() {
    let good = accepted(&world());
    let length = good.header.as_ref().unwrap().len();
    let every = (0..1_700).chain((1_700..length).step_by(97)).chain([length - 1]);
    for at in every {
        let mut case = good.clone();
        let header = case.header.as_mut().unwrap();
        header[at] ^= 1 << (at % 8);
        let got = Some(Digest::of(header));
        assert_eq!(
            case.run().err(),
            Some(Rejected {
                check: Check::Salt,
                got
            }),
            "byte {at}"
        );
    }
}

/// Whoever holds K (a custodian) can seal an altered header again: then the commitment in the log, or a
/// signature, finds it.
#[test]
fn a_flipped_bit_inside_the_header_is_found() {
    let world = world();
    let good = accepted(&world);
    let k = filing_support::case().case_salt.k();
    let plain = age::open(&k, good.header.as_ref().unwrap()).unwrap();
    let used = plain.iter().rposition(|byte| *byte != 0).unwrap();
    let mut rng = filing_support::rng(5);
    for at in (0..=used).step_by(41).chain([used, used + 1]) {
        let mut case = good.clone();
        let mut plain = plain.to_vec();
        plain[at] ^= 1 << (at % 7);
        case.header = Some(age::seal(&[&k.recipient()], &plain, &mut rng));
        let rejected = case.run().err().unwrap_or_else(|| panic!("byte {at} is not found"));
        assert!(
            matches!(rejected.check, Check::Salt | Check::Header),
            "byte {at}: {rejected:?}"
        );
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_entry_is_found() {
    let good = accepted(&world());
    for bit in 0..65 * 8 {
        let mut case: Case = good.clone();
        case.log[1][bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            case.run().err().map(|rejected| rejected.check),
            Some(Check::Salt),
            "bit {bit}"
        );
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_commitment_is_found() {
    let world = world();
    let edits = |core: fn(&mut protocol::statement::Core)| Edits {
        core,
        ..Edits::default()
    };
    let flips: [fn(&mut protocol::statement::Core); 6] = [
        |core| core.compartments[0].commitments[0].0[0] ^= 2,
        |core| core.compartments[0].commitments[1].0[13] ^= 1,
        |core| core.compartments[0].commitments[2].0[31] ^= 0x80,
        |core| core.compartments[1].commitments[0].0[7] ^= 0x10,
        |core| core.compartments[1].commitments[2].0[21] ^= 4,
        |core| core.compartments[1].commitments[3].0[30] ^= 8,
    ];
    for (which, flip) in flips.into_iter().enumerate() {
        let case = forge(&world, "a flipped commitment", Some(Check::Commitment), &edits(flip));
        assert_eq!(case.run().err(), case.expected(), "flip {which}");
    }
}
