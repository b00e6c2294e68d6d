//! Office cells and buckets (§9.1, §9.3, §15.5, §15.7).

use crate::statement_fixture;

use proptest::prelude::*;
use protocol::age::{Identity, Recipient};
use protocol::drop::{BucketName, CELL_LEN, bucket_hash, cell_plaintext, open_cell, read_cell, seal_cell};
use protocol::{Digest, Envelope};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use statement_fixture::twin::twin;
use statement_fixture::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(9)
}

fn short() -> Envelope {
    Envelope::try_sign(&decision(), &[member(2).signing()]).unwrap()
}

fn long() -> Envelope {
    Envelope::try_sign(&request(), &[member(11).signing()]).unwrap()
}

#[test]
fn an_office_cell_opens_for_whom_it_is_meant_and_looks_alike() {
    let seats: Vec<Identity> = (1..=5).map(|n| Identity::from_seed([n; 32])).collect();
    let recipients: Vec<Recipient> = seats.iter().map(Identity::recipient).collect();
    let recipients: Vec<&Recipient> = recipients.iter().collect();
    let readable = [true, false, true, true, false];
    let cell = seal_cell(&recipients, &readable, &long(), Some(&twin()), &mut rng()).unwrap();
    assert_eq!(cell.len(), 16_079);
    let all = seal_cell(&recipients, &[true; 5], &short(), None, &mut rng()).unwrap();
    assert_eq!(all.len(), cell.len());
    for (seat, readable) in seats.iter().zip(readable) {
        let opened = open_cell(seat, &cell, 5);
        if readable {
            assert_eq!(opened.unwrap().unwrap(), (long(), Some(twin())));
        } else {
            assert!(opened.is_none());
        }
        assert_eq!(open_cell(seat, &all, 5).unwrap().unwrap(), (short(), None));
    }
    assert!(open_cell(&seats[0], &cell, 4).is_none(), "another number of stanzas");
    assert!(seal_cell(&recipients, &[true; 4], &short(), None, &mut rng()).is_err());
}

#[test]
fn a_cell_takes_what_fits_and_nothing_else() {
    let padded = |len: usize| {
        let mut bytes = short().bytes().to_vec();
        bytes.resize(len, b' ');
        Envelope::parse(&bytes).unwrap()
    };
    let full = cell_plaintext(&padded(CELL_LEN - 5), None).unwrap();
    assert_eq!(full.len(), CELL_LEN);
    assert_eq!(read_cell(&full).unwrap().0, padded(CELL_LEN - 5));
    assert!(cell_plaintext(&padded(CELL_LEN - 4), None).is_err());
    let good = cell_plaintext(&short(), None).unwrap();
    assert!(read_cell(&good[1..]).is_err());
    for (place, value) in [(0, 2), (CELL_LEN - 1, 1), (1, 0xff)] {
        let mut bad = good.clone();
        bad[place] = value;
        assert!(read_cell(&bad).is_err(), "byte {place}");
    }
    assert!(read_cell(&[]).is_err());
}

#[test]
fn buckets_of_the_specification() {
    // The recipient of the vector is no key, so the hash is made here by its formula.
    let hash = Digest::of_parts(&[b"resguardo/v1/bucket\0", &[0x66; 1_216]]);
    assert_eq!(
        hash.to_hex(),
        "8a2e0e9e83efd8b252e1aa389d3f97123d238ff64c0939e590c49a6cc0fb89dd"
    );
    let names = [
        (0, "-"),
        (1, "8"),
        (3, "8"),
        (4, "8"),
        (5, "88"),
        (7, "8a"),
        (8, "8a"),
        (9, "8a0"),
        (11, "8a2"),
    ];
    for (b, digits) in names {
        let name = BucketName::of(&hash, b);
        assert_eq!(name.to_string(), format!("{b}/{digits}"));
        assert_eq!(BucketName::from_parts(&b.to_string(), digits), Some(name));
        assert_eq!(name.depth(), b);
    }
    assert_eq!(BucketName::of(&hash, 32).to_string(), "32/8a2e0e9e");
    assert_eq!(BucketName::of(&hash, 33), BucketName::of(&hash, 32));
    let recipient = recipient(3);
    let formula = Digest::of_parts(&[b"resguardo/v1/bucket\0", recipient.as_bytes()]);
    assert_eq!(bucket_hash(&recipient), formula);
}

#[test]
fn a_bucket_has_one_name_at_each_depth() {
    for wrong in [
        "",
        "-",
        "8",
        "8a",
        "/",
        "0/",
        "0/0",
        "0/8",
        "1/-",
        "3/1",
        "5/8",
        "7/89",
        "8/8A",
        "8/8a0",
        "33/8a2e0e9e",
        "4/g",
        "8/é",
        "08/8a",
        "+8/8a",
        "8/8a/",
        "/8/8a",
        "8 /8a",
        "256/8a",
        "4/+",
    ] {
        assert_eq!(BucketName::parse(wrong), None, "{wrong}");
        let json = serde_json::to_string(wrong).unwrap();
        assert!(serde_json::from_str::<BucketName>(&json).is_err(), "{wrong}");
    }
    // What a form made at depth 1 names is no bucket of depth 2, though both are written with one digit.
    let one: BucketName = serde_json::from_str("\"1/8\"").unwrap();
    assert_ne!(one, BucketName::parse("2/8").unwrap());
    assert_eq!(serde_json::to_string(&one).unwrap(), "\"1/8\"");
}

#[test]
fn a_depth_has_all_its_buckets() {
    assert_eq!(BucketName::all(0).collect::<Vec<_>>(), [BucketName::WHOLE]);
    let three: Vec<String> = BucketName::all(3).map(|name| name.to_string()).collect();
    assert_eq!(three, ["3/0", "3/2", "3/4", "3/6", "3/8", "3/a", "3/c", "3/e"]);
    assert_eq!(BucketName::all(7).count(), 128);
}

proptest! {
    #[test]
    fn nothing_panics(kind in 0u8..3, bytes in prop::collection::vec(any::<u8>(), 0..60), fill in any::<u8>()) {
        let mut cell = [&[kind][..], &bytes].concat();
        cell.resize(CELL_LEN, fill);
        let _ = read_cell(&cell);
    }

    #[test]
    fn names_of_buckets_are_told_from_others(hash in any::<[u8; 32]>(), b in 0u8..=32) {
        let name = BucketName::of(&Digest(hash), b);
        prop_assert_eq!(BucketName::parse(&name.to_string()), Some(name));
    }
}
