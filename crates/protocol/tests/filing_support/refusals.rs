//! Every way in which a delivery can be wrong at one place (§7, §19 «Checks»).

use curve25519_dalek::Scalar;
use ed25519_dalek::SigningKey;
use protocol::age;
use protocol::share::deal::Commitment;
use protocol::slot::CaseSalt;
use protocol::statement::{Check, Handle};
use protocol::{CaseId, Digest, Origin};

use super::forge::{Case, Edits, TARGET, forge};
use super::{World, rng, stranger, x};

type Refusal = (&'static str, Check, Edits);

/// The world in which a case of each kind is made: five seats, three open an account, four an identity.
pub fn world() -> World {
    World::new(5, 3, 4)
}

/// A delivery that is right.
pub fn accepted(world: &World) -> Case {
    forge(world, "nothing is wrong", None, &Edits::default())
}

/// Every delivery that is refused.
pub fn refused(world: &World) -> Vec<Case> {
    let all = [
        missing(),
        age_layer(),
        layout(),
        salt(),
        header(),
        header_seats(),
        digest(),
        commitment(),
    ];
    let all = all.into_iter().flatten();
    all.map(|(name, check, edits)| forge(world, name, Some(check), &edits))
        .collect()
}

fn missing() -> Vec<Refusal> {
    let edits = Edits {
        delivered: |case, _| case.share = None,
        ..Edits::default()
    };
    vec![("no share file came", Check::Missing, edits)]
}

fn age_layer() -> Vec<Refusal> {
    let delivered = |delivered| Edits {
        delivered,
        ..Edits::default()
    };
    let sealed_to = |share_to| Edits {
        share_to,
        ..Edits::default()
    };
    let refusals = [
        (
            "the share file is sealed to another seat",
            sealed_to(|world| vec![world.keys(x(3)).identity().recipient()]),
        ),
        (
            "the share file has a second stanza",
            sealed_to(|world| vec![world.keys(x(TARGET)).identity().recipient(), stranger()]),
        ),
        (
            "a bit of the share file's last byte is flipped",
            delivered(|case, _| *case.share.as_mut().unwrap().last_mut().unwrap() ^= 1),
        ),
        (
            "the share file is cut short",
            delivered(|case, _| case.share.as_mut().unwrap().truncate(1_978)),
        ),
        (
            "a byte follows the share file",
            delivered(|case, _| case.share.as_mut().unwrap().push(0)),
        ),
        (
            "the share file is empty",
            delivered(|case, _| case.share = Some(vec![])),
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Age, edits)).into()
}

fn layout() -> Vec<Refusal> {
    let plain = |share_plain| Edits {
        share_plain,
        ..Edits::default()
    };
    let refusals = [
        (
            "the padding of the share file is not zero",
            plain(|plain| plain[300] = 1),
        ),
        ("an unknown flag is set", plain(|plain| plain[319] |= 4)),
        ("the share file has 319 bytes", plain(|plain| plain.truncate(319))),
        ("the share file has another label", plain(|plain| plain[14] = b'S')),
        ("a scalar is not canonical", plain(|plain| plain[87..119].fill(0xff))),
        (
            "the share file is for another seat",
            Edits {
                share: |share| share.x = x(3),
                ..Edits::default()
            },
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Layout, edits)).into()
}

fn salt() -> Vec<Refusal> {
    let delivered = |delivered| Edits {
        delivered,
        ..Edits::default()
    };
    let header_plain = |header_plain| Edits {
        header_plain,
        ..Edits::default()
    };
    let refusals = [
        ("no header file came", delivered(|case, _| case.header = None)),
        (
            "the entry is not in the log",
            delivered(|case, _| {
                case.log.pop();
            }),
        ),
        (
            "the slot is in the log with another commitment",
            delivered(|case, _| case.log[1][64] ^= 1),
        ),
        (
            "the delivery names another entry",
            delivered(|case, _| case.id = Digest::of(&case.log[0])),
        ),
        (
            "a bit of the header file is flipped",
            delivered(|case, _| case.header.as_mut().unwrap()[20_000] ^= 1),
        ),
        (
            "the header file is another case's",
            Edits {
                salt: |_| CaseSalt::new([0x23; 32]),
                ..Edits::default()
            },
        ),
        (
            "the share file has another case_salt",
            Edits {
                share: |share| share.case_salt = CaseSalt::new([0x23; 32]),
                ..Edits::default()
            },
        ),
        (
            "the header file has another first byte",
            header_plain(|plain| plain[0] = 2),
        ),
        (
            "the padding of the header file is not zero",
            header_plain(|plain| *plain.last_mut().unwrap() = 1),
        ),
        (
            "a length in the header file leads out of it",
            header_plain(|plain| plain[1] = 0xff),
        ),
        (
            "core in the header file is not an envelope",
            header_plain(|plain| plain[5] = b'['),
        ),
        (
            "the header file has 24,575 bytes",
            header_plain(|plain| plain.truncate(24_575)),
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Salt, edits)).into()
}

fn header() -> Vec<Refusal> {
    let core = |core| Edits {
        core,
        ..Edits::default()
    };
    let testimony = |testimony| Edits {
        testimony,
        ..Edits::default()
    };
    let council = |council| Edits {
        council,
        ..Edits::default()
    };
    let core_payload = |core_payload| Edits {
        core_payload,
        ..Edits::default()
    };
    let refusals = [
        (
            "core has a name twice",
            core_payload(|payload| drop(payload.splice(1..1, *b"\"v\":1,"))),
        ),
        (
            "core is not JSON",
            core_payload(|payload| payload.truncate(payload.len() - 1)),
        ),
        (
            "core is signed by another key",
            Edits {
                core_key: |_| SigningKey::from_bytes(&[9; 32]),
                ..Edits::default()
            },
        ),
        (
            "testimony is signed by another key",
            Edits {
                testimony_key: |_| SigningKey::from_bytes(&[9; 32]),
                ..Edits::default()
            },
        ),
        (
            "testimony names another case",
            testimony(|testimony| testimony.case = CaseId([9; 16])),
        ),
        (
            "testimony names another core",
            testimony(|testimony| testimony.core = Digest([9; 32])),
        ),
        (
            "testimony names another log",
            testimony(|testimony| testimony.origin = Origin::new("demo.other/log").unwrap()),
        ),
        (
            "testimony has a match, core no handle",
            testimony(|testimony| testimony.match_request = Some(Digest([9; 32]))),
        ),
        (
            "core has a handle, testimony no match",
            core(|core| core.handle = Some(Handle([9; 16]))),
        ),
        (
            "the share file names another core",
            Edits {
                share: |share| share.core = Digest([9; 32]),
                ..Edits::default()
            },
        ),
        (
            "the share file lacks a compartment of core",
            Edits {
                share: |share| {
                    share.shares.pop();
                },
                ..Edits::default()
            },
        ),
        (
            "core lacks a compartment of the share file",
            core(|core| {
                core.compartments.pop();
            }),
        ),
        (
            "there are fewer commitments than the threshold",
            core(|core| {
                core.compartments[0].commitments.pop();
            }),
        ),
        ("the council is unknown", core(|core| core.council = Digest([9; 32]))),
        (
            "the council's threshold for account is lower",
            council(|council| council.account = 2),
        ),
        (
            "the council's threshold for identity is lower",
            council(|council| council.identity = 3),
        ),
        (
            "the council is another log's",
            council(|council| council.origin = Origin::new("demo.other/log").unwrap()),
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Header, edits)).into()
}

fn header_seats() -> Vec<Refusal> {
    let testimony = |testimony| Edits {
        testimony,
        ..Edits::default()
    };
    let refusals = [
        (
            "testimony deals to a seat that is not of the council",
            testimony(|testimony| testimony.shares[4].x = x(77)),
        ),
        (
            "this seat is not in testimony",
            Edits {
                // A sixth seat exists, so that five others can be named.
                council: |council| {
                    let mut sixth = council.seats[4].clone();
                    sixth.x = x(7);
                    council.seats.push(sixth);
                },
                testimony: |testimony| {
                    testimony.shares.remove(1);
                    let mut sixth = testimony.shares[3].clone();
                    (sixth.x, sixth.digest) = (x(7), Digest([9; 32]));
                    testimony.shares.push(sixth);
                },
                ..Edits::default()
            },
        ),
        (
            "testimony deals to t_identity seats only",
            testimony(|testimony| {
                testimony.shares.pop();
            }),
        ),
        (
            "testimony names a seat twice",
            testimony(|testimony| testimony.shares[4].x = x(4)),
        ),
        (
            "testimony names its seats out of order",
            testimony(|testimony| testimony.shares.swap(3, 4)),
        ),
        (
            "this seat's key is another in the council",
            Edits {
                council: |council| council.seats[1].key.0 = [0x58; 32],
                ..Edits::default()
            },
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Header, edits)).into()
}

fn digest() -> Vec<Refusal> {
    let sealed_again = |case: &mut Case, world: &World| {
        let keys = world.keys(x(TARGET));
        let plain = age::open(keys.identity(), case.share.as_ref().unwrap()).unwrap();
        case.share = Some(age::seal(&[&keys.identity().recipient()], &plain, &mut rng(99)));
    };
    let stated = |testimony| Edits {
        testimony,
        ..Edits::default()
    };
    let refusals = [
        (
            "the share file was sealed again on the way",
            Edits {
                delivered: sealed_again,
                ..Edits::default()
            },
        ),
        (
            "testimony states the share file of another",
            stated(|testimony| testimony.shares[1].digest = Digest([9; 32])),
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Digest, edits)).into()
}

fn commitment() -> Vec<Refusal> {
    let share = |share| Edits {
        share,
        ..Edits::default()
    };
    let core = |core| Edits {
        core,
        ..Edits::default()
    };
    let refusals = [
        (
            "s of account is wrong",
            share(|share| share.shares[0].1.s += Scalar::ONE),
        ),
        (
            "b of account is wrong",
            share(|share| share.shares[0].1.b += Scalar::ONE),
        ),
        (
            "s of identity is wrong",
            share(|share| share.shares[1].1.s += Scalar::ONE),
        ),
        (
            "the shares of the compartments are exchanged",
            share(|share| {
                let (one, two) = share.shares.split_at_mut(1);
                std::mem::swap(&mut one[0].1, &mut two[0].1);
            }),
        ),
        (
            "two commitments are exchanged",
            core(|core| core.compartments[0].commitments.swap(0, 1)),
        ),
        (
            "a commitment is the identity",
            core(|core| core.compartments[0].commitments[2] = Commitment([0; 32])),
        ),
        (
            "a commitment is not a canonical point",
            core(|core| core.compartments[1].commitments[3] = Commitment([0xff; 32])),
        ),
    ];
    refusals.map(|(name, edits)| (name, Check::Commitment, edits)).into()
}
