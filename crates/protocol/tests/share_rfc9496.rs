//! RFC 9496, appendix A: the group that the sharing stands on (§0).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::{RistrettoPoint, Scalar};
use protocol::share::Commitments;
use protocol::share::deal::Commitment;

#[derive(serde::Deserialize)]
struct Vectors {
    multiples: Vec<Commitment>,
    invalid: Vec<Commitment>,
    one_way_map: Vec<Pair>,
    one_way_map_same: Same,
}

#[derive(serde::Deserialize)]
struct Pair {
    input: String,
    output: Commitment,
}

#[derive(serde::Deserialize)]
struct Same {
    inputs: Vec<String>,
    output: Commitment,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/rfc9496/ristretto255.json")).unwrap()
}

fn encoding(point: &RistrettoPoint) -> Commitment {
    Commitment(point.compress().to_bytes())
}

fn map(input: &str) -> Commitment {
    let bytes: [u8; 64] = base16ct::lower::decode_vec(input.as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    encoding(&RistrettoPoint::from_uniform_bytes(&bytes))
}

#[test]
fn multiples_of_the_generator() {
    let vectors = vectors();
    assert_eq!(vectors.multiples.len(), 16);
    let mut sum = RistrettoPoint::default();
    for (k, expected) in (0u64..).zip(&vectors.multiples) {
        assert_eq!(encoding(&sum), *expected, "{k}·B, added up");
        assert_eq!(
            encoding(&RistrettoPoint::mul_base(&Scalar::from(k))),
            *expected,
            "{k}·B"
        );
        // As a commitment, every multiple but the identity is accepted.
        assert_eq!(Commitments::decode(&[*expected]).is_some(), k > 0, "{k}·B");
        sum += RISTRETTO_BASEPOINT_POINT;
    }
}

#[test]
fn invalid_encodings_are_no_commitments() {
    let vectors = vectors();
    assert_eq!(vectors.invalid.len(), 29);
    for bad in &vectors.invalid {
        assert!(Commitments::decode(&[*bad]).is_none(), "{bad}");
        assert!(
            Commitments::decode(&[vectors.multiples[1], *bad]).is_none(),
            "{bad}, second"
        );
    }
}

#[test]
fn one_way_map() {
    let vectors = vectors();
    assert_eq!(
        (vectors.one_way_map.len(), vectors.one_way_map_same.inputs.len()),
        (7, 4)
    );
    for pair in &vectors.one_way_map {
        assert_eq!(map(&pair.input), pair.output);
    }
    for input in &vectors.one_way_map_same.inputs {
        assert_eq!(map(input), vectors.one_way_map_same.output, "{input}");
    }
}
