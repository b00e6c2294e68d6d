//! Pedersen sharing: the values of §15.1, and what must hold for every dealing.

use curve25519_dalek::{RistrettoPoint, Scalar};
use proptest::prelude::*;
use protocol::MemberNumber;
use protocol::share::deal::{Commitment, pedersen_h};
use protocol::share::{Coefficients, CombineError, Commitments, Dealing, Share, combine, deal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use zeroize::Zeroizing;

fn x(number: u16) -> MemberNumber {
    MemberNumber::new(number).unwrap()
}

fn scalars(values: &[u64]) -> Zeroizing<Vec<Scalar>> {
    Zeroizing::new(values.iter().map(|value| Scalar::from(*value)).collect())
}

fn dealing(t: u8, seats: &[u16], seed: u64) -> Dealing {
    let seats: Vec<MemberNumber> = seats.iter().copied().map(x).collect();
    deal(t, &seats, &mut ChaCha20Rng::seed_from_u64(seed))
}

/// Lagrange at 0, written a second time: the value of the polynomial through `points`.
fn interpolate(points: &[(MemberNumber, Share)]) -> Scalar {
    let mut sum = Scalar::ZERO;
    for (i, (xi, share)) in points.iter().enumerate() {
        let mut term = share.s;
        for (j, (xj, _)) in points.iter().enumerate() {
            if i != j {
                let (xi, xj) = (Scalar::from(xi.get()), Scalar::from(xj.get()));
                term *= -xj * (xi - xj).invert();
            }
        }
        sum += term;
    }
    sum
}

#[test]
fn h_of_the_specification() {
    assert_eq!(
        Commitment(pedersen_h().compress().to_bytes()).to_hex(),
        "b61568f53a862b7e6934d8806707fb49b0109a05be9c689f6cf94cf00412b60d"
    );
}

#[test]
fn dealing_of_the_specification() {
    let coefficients = Coefficients::new(scalars(&[1, 2, 3]), scalars(&[4, 5, 6])).unwrap();
    let dealing = coefficients.deal(&[x(1), x(2), x(3)]).unwrap();
    let expected = [
        "e29119451b61e524f41841689009d20ca70d3674e574ff44e04c5c64087cb524",
        "a4c6de193a89bfda3e5eb7a97a3953e7995f0a73d49cc3d710c18e5fac54964d",
        "8ceaf7cf2f290a06afe2c1c997269509a898df0fde7357a144b21f1d74976404",
    ];
    let commitments: Vec<String> = dealing.commitments.iter().map(Commitment::to_hex).collect();
    assert_eq!(commitments, expected);
    let (seat, share) = &dealing.shares[1];
    assert_eq!(
        (seat.get(), share.s, share.b),
        (2, Scalar::from(17u8), Scalar::from(38u8))
    );
    let left = RistrettoPoint::mul_base(&share.s) + share.b * pedersen_h();
    assert_eq!(
        Commitment(left.compress().to_bytes()).to_hex(),
        "d47539e2b27762294d6c8aca254f700115f08b8786b7d32022ebc0ef157b9f06"
    );
    let decoded = Commitments::decode(&dealing.commitments).unwrap();
    assert!(dealing.shares.iter().all(|(x, share)| decoded.check(*x, share)));
    assert_eq!(*combine(&decoded, &dealing.shares).unwrap().0, Scalar::ONE);
}

#[test]
fn coefficients_that_are_no_dealing() {
    assert!(Coefficients::new(scalars(&[]), scalars(&[])).is_none());
    assert!(Coefficients::new(scalars(&[1, 2]), scalars(&[3])).is_none());
    assert!(
        Coefficients::new(scalars(&[0, 2]), scalars(&[3, 4])).is_none(),
        "S is never zero"
    );
    assert!(Coefficients::new(scalars(&[1; 256]), scalars(&[1; 256])).is_none());
    assert!(Coefficients::new(scalars(&[1; 255]), scalars(&[1; 255])).is_some());
    // a_1 = b_1 = 0 commits to the identity, which every reader refuses.
    let flat = Coefficients::new(scalars(&[1, 0]), scalars(&[1, 0])).unwrap();
    assert!(flat.deal(&[x(1)]).is_none());
}

#[test]
#[should_panic(expected = "threshold")]
fn a_threshold_of_zero_is_no_dealing() {
    dealing(0, &[1, 2], 0);
}

#[test]
fn commitments_are_canonical_points_and_not_the_identity() {
    let good = dealing(2, &[1, 2, 3], 1).commitments;
    assert!(Commitments::decode(&good).is_some());
    assert!(Commitments::decode(&[]).is_none());
    assert!(Commitments::decode(&[good[0]; 255]).is_some());
    assert!(Commitments::decode(&[good[0]; 256]).is_none());
    assert!(
        Commitments::decode(&[good[0], Commitment([0; 32])]).is_none(),
        "the identity"
    );
    assert!(
        Commitments::decode(&[Commitment([0xff; 32]), good[1]]).is_none(),
        "not canonical"
    );
}

#[test]
fn fresh_dealings_differ() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let (one, two) = (deal(2, &[x(1), x(2)], &mut rng), deal(2, &[x(1), x(2)], &mut rng));
    assert_ne!(*one.secret, *two.secret);
    assert_ne!(*one.secret, Scalar::ZERO);
    assert!(one.commitments.iter().all(|c| !two.commitments.contains(c)));
}

#[test]
fn a_seat_counts_once() {
    let dealing = dealing(3, &[1, 2, 3, 4], 2);
    let commitments = Commitments::decode(&dealing.commitments).unwrap();
    let [one, two, three, _] = &dealing.shares[..] else {
        unreachable!()
    };
    let repeated = [one.clone(), two.clone(), one.clone(), two.clone()];
    let refused = combine(&commitments, &repeated).unwrap_err();
    assert_eq!(
        refused,
        CombineError::NotEnough {
            good: 2,
            need: 3,
            bad: vec![]
        }
    );

    // A false repetition, before or after, takes nothing from a good share and accuses nobody.
    let forged = (
        one.0,
        Share {
            s: one.1.s + Scalar::ONE,
            b: one.1.b,
        },
    );
    for shares in [
        [forged.clone(), one.clone(), two.clone(), three.clone()],
        [one.clone(), two.clone(), three.clone(), forged.clone()],
    ] {
        let (secret, bad) = combine(&commitments, &shares).unwrap();
        assert_eq!((*secret, bad), (*dealing.secret, vec![]));
    }
    let refused = combine(&commitments, &[forged.clone(), forged, two.clone()]).unwrap_err();
    assert_eq!(
        refused,
        CombineError::NotEnough {
            good: 1,
            need: 3,
            bad: vec![x(1)]
        }
    );
}

#[test]
fn a_flipped_bit_in_a_share_names_its_seat() {
    let dealing = dealing(3, &[2, 5, 9, 300], 3);
    let commitments = Commitments::decode(&dealing.commitments).unwrap();
    let mut flips = 0;
    for bit in 0..512 {
        let mut bytes = [dealing.shares[1].1.s.to_bytes(), dealing.shares[1].1.b.to_bytes()];
        bytes[bit / 256][bit / 8 % 32] ^= 1 << (bit % 8);
        let [s, b] = bytes.map(|bytes| Scalar::from_canonical_bytes(bytes).into_option());
        let (Some(s), Some(b)) = (s, b) else { continue };
        let mut shares = dealing.shares.clone();
        shares[1].1 = Share { s, b };
        let (secret, bad) = combine(&commitments, &shares).unwrap();
        assert_eq!((*secret, bad), (*dealing.secret, vec![x(5)]), "bit {bit}");
        flips += 1;
    }
    assert!(flips > 490, "all but the top bits stay canonical");
}

#[test]
fn a_flipped_bit_in_a_commitment_fails_every_share() {
    let dealing = dealing(3, &[2, 3, 4], 4);
    for which in 0..3 {
        for bit in 0..256 {
            let mut commitments = dealing.commitments.clone();
            commitments[which].0[bit / 8] ^= 1 << (bit % 8);
            let Some(commitments) = Commitments::decode(&commitments) else {
                continue;
            };
            let mut shares = dealing.shares.iter();
            assert!(
                !shares.any(|(x, share)| commitments.check(*x, share)),
                "commitment {which}, bit {bit}"
            );
        }
    }
}

#[test]
fn exchanged_commitments_fail_from_seat_two_on() {
    let dealing = dealing(3, &[1, 2, 7], 5);
    let mut commitments = dealing.commitments.clone();
    commitments.swap(0, 1);
    let commitments = Commitments::decode(&commitments).unwrap();
    let passes: Vec<bool> = dealing
        .shares
        .iter()
        .map(|(x, share)| commitments.check(*x, share))
        .collect();
    // At x = 1 the check is the plain sum of the commitments, in whatever order (§19).
    assert_eq!(passes, [true, false, false]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_t_combine_and_fewer_never(
        seats in proptest::collection::btree_set(1u16.., 2..9),
        t in 1u8..9,
        seed: u64,
        order in any::<prop::sample::Index>(),
    ) {
        let seats: Vec<u16> = seats.into_iter().collect();
        let t = 1 + (t - 1) % u8::try_from(seats.len()).unwrap();
        let dealing = dealing(t, &seats, seed);
        let commitments = Commitments::decode(&dealing.commitments).unwrap();
        let mut shares = dealing.shares.clone();
        let turn = order.index(shares.len());
        shares.rotate_left(turn);

        let enough = &shares[..t.into()];
        let (secret, bad) = combine(&commitments, enough).unwrap();
        prop_assert_eq!(*secret, *dealing.secret);
        prop_assert_eq!(bad, vec![]);
        prop_assert_eq!(interpolate(enough), *dealing.secret);

        let fewer = &shares[..usize::from(t) - 1];
        let refused = combine(&commitments, fewer).unwrap_err();
        prop_assert_eq!(refused, CombineError::NotEnough { good: fewer.len(), need: t.into(), bad: vec![] });
        prop_assert_ne!(interpolate(fewer), *dealing.secret, "t−1 shares, interpolated anyway");
    }

    #[test]
    fn bad_seats_are_named_and_t_good_ones_suffice(
        bad in proptest::collection::btree_set(0usize..7, 0..5),
        seed: u64,
    ) {
        let dealing = dealing(3, &[1, 2, 3, 5, 8, 13, 21], seed);
        let commitments = Commitments::decode(&dealing.commitments).unwrap();
        let mut shares = dealing.shares.clone();
        for &i in &bad {
            shares[i].1.b += Scalar::ONE;
        }
        let culprits: Vec<MemberNumber> = bad.iter().map(|&i| shares[i].0).collect();
        let (secret, named) = combine(&commitments, &shares).unwrap();
        prop_assert_eq!(*secret, *dealing.secret);
        prop_assert_eq!(named, culprits);
    }

    #[test]
    fn shares_of_two_dealings_never_mix(one: u64, two: u64) {
        prop_assume!(one != two);
        let (one, two) = (dealing(3, &[1, 2, 3], one), dealing(3, &[1, 2, 3], two));
        let commitments = Commitments::decode(&one.commitments).unwrap();
        let mixed = [one.shares[0].clone(), one.shares[1].clone(), two.shares[2].clone()];
        let refused = combine(&commitments, &mixed).unwrap_err();
        prop_assert_eq!(refused, CombineError::NotEnough { good: 2, need: 3, bad: vec![x(3)] });
        prop_assert_ne!(interpolate(&mixed), *one.secret);
    }
}
