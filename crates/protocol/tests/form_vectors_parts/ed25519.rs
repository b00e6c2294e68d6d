//! `ed25519.json`: strict verification (§0, §19), with signatures that laxer verifiers accept.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signer, SigningKey};
use protocol::envelope::verify_strict;
use protocol::ids::PublicKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::hex;

/// ℓ, little-endian.
const ORDER: [u8; 32] = *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\
\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
/// The neutral element with y written as p + 1.
const NEUTRAL_PLUS_P: [u8; 32] = *b"\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
/// The neutral element with a sign for its x = 0.
const NEUTRAL_SIGNED: [u8; 32] = *b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80";

const KEY: u64 = 1_234_567;
const NONCE: u64 = 7_654_321;

/// Key, message and signature.
type Signed = ([u8; 32], Vec<u8>, [u8; 64]);

pub fn vectors() -> Value {
    let mut cases = vec![
        honest("an honest signature of an empty message", b""),
        honest("an honest signature", b"a message"),
    ];
    cases.extend(changed());
    cases.extend(torsion());
    cases.extend(small_order());
    json!({
        "about": [
            "Strict Ed25519 (sections 0 and 19): A and R canonical and not of small order, S below the group's order,",
            "and the encoding of S*B - k*A equals R, k = SHA-512(R, A, message) mod the order. `lax` says whether the equation",
            "times the cofactor 8 holds once everything is decoded generously: those are where two verifiers may differ.",
            "Hex everywhere; the signature is R, then S.",
        ],
        "cases": cases,
    })
}

fn case(why: &str, (key, message, signature): &Signed, accepted: bool) -> Value {
    assert_eq!(verify_strict(&PublicKey(*key), message, signature), accepted, "{why}");
    json!({
        "why": why,
        "key": hex(key),
        "message": hex(message),
        "signature": hex(signature),
        "lax": holds_with_cofactor(key, message, signature),
        "accepted": accepted,
    })
}

/// 8·(S·B − k·A − R) = 0, with S reduced and points decoded however they are written.
fn holds_with_cofactor(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let point = |bytes: &[u8]| curve25519_dalek::edwards::CompressedEdwardsY(bytes.try_into().unwrap()).decompress();
    let (Some(a), Some(r)) = (point(key), point(&signature[..32])) else {
        return false;
    };
    let s = Scalar::from_bytes_mod_order(signature[32..].try_into().unwrap());
    let nonce: [u8; 32] = signature[..32].try_into().unwrap();
    let rest = ED25519_BASEPOINT_POINT * s - a * challenge(&nonce, key, message) - r;
    rest.mul_by_cofactor() == EIGHT_TORSION[0]
}

fn challenge(nonce: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new()
        .chain_update(nonce)
        .chain_update(key)
        .chain_update(message)
        .finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

fn sign(message: &[u8]) -> Signed {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let signature = signing.sign(message).to_bytes();
    (signing.verifying_key().to_bytes(), message.to_vec(), signature)
}

fn honest(why: &str, message: &[u8]) -> Value {
    case(why, &sign(message), true)
}

fn changed() -> Vec<Value> {
    let plain = sign(b"a message");
    let with = |change: fn(&mut Signed)| {
        let mut signed = plain.clone();
        change(&mut signed);
        signed
    };
    let plus_order = with(|(_, _, signature)| {
        let mut carry = 0u16;
        for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
            carry += u16::from(*byte) + u16::from(order);
            *byte = carry as u8;
            carry >>= 8;
        }
    });
    let not_a_point = with(|(key, ..)| *key = [2; 32]);
    vec![
        case("S + the group's order", &plus_order, false),
        case("another message", &with(|(_, message, _)| message.push(0)), false),
        case("a bit of R", &with(|(_, _, signature)| signature[0] ^= 1), false),
        case("a bit of S", &with(|(_, _, signature)| signature[32] ^= 1), false),
        case("the sign of A", &with(|(key, ..)| key[31] ^= 0x80), false),
        case("a key of bytes 02, whatever it decodes to", &not_a_point, false),
        case(
            "S = 0 and R the neutral element",
            &with(|(_, _, signature)| {
                *signature = [0; 64];
                signature[0] = 1;
            }),
            false,
        ),
    ]
}

/// `R = rB + nonce_torsion`, `S = r + k·a` for the key `aB + key_torsion`.
fn forge(key_torsion: EdwardsPoint, nonce_torsion: EdwardsPoint, message: &[u8]) -> (Signed, Scalar) {
    let (a, r) = (Scalar::from(KEY), Scalar::from(NONCE));
    let key = (ED25519_BASEPOINT_POINT * a + key_torsion).compress().0;
    let nonce = (ED25519_BASEPOINT_POINT * r + nonce_torsion).compress().0;
    let k = challenge(&nonce, &key, message);
    let signature = [nonce, (r + k * a).to_bytes()].concat().try_into().unwrap();
    ((key, message.to_vec(), signature), k)
}

/// Components of small order beside an honest key or nonce: only the equation without cofactor tells.
fn torsion() -> Vec<Value> {
    let none = EIGHT_TORSION[0];
    let found = |cancels: bool| {
        (0u8..=255)
            .map(|n| forge(EIGHT_TORSION[1], none, &[n]))
            .find(|(_, k)| (k.as_bytes()[0] % 8 == 0) == cancels)
            .unwrap()
            .0
    };
    vec![
        case(
            "R has a component of order 8: holds with cofactor only",
            &forge(none, EIGHT_TORSION[1], b"m").0,
            false,
        ),
        case(
            "R has a component of order 2: holds with cofactor only",
            &forge(none, EIGHT_TORSION[4], b"m").0,
            false,
        ),
        case(
            "A has a component of order 8, and k is not a multiple of 8: holds with cofactor only",
            &found(false),
            false,
        ),
        case(
            "A has a component of order 8, and k is a multiple of 8, so that it cancels: holds",
            &found(true),
            true,
        ),
    ]
}

/// The equation holds in all of these, but a point is of small order, or written in a second way.
fn small_order() -> Vec<Value> {
    let mut cases = Vec::new();
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        let order = [1, 8, 4, 8, 2, 8, 4, 8][i];
        let key = torsion.compress().0;
        cases.push(case(
            &format!("A of small order ({order})"),
            &for_any_key(*torsion, key),
            false,
        ));
    }
    for (why, key) in [
        ("A the neutral element, y written as p + 1", NEUTRAL_PLUS_P),
        ("A the neutral element, x = 0 with a sign", NEUTRAL_SIGNED),
    ] {
        cases.push(case(why, &for_any_key(EIGHT_TORSION[0], key), false));
    }
    for (why, nonce) in [
        ("R the neutral element", EIGHT_TORSION[0].compress().0),
        ("R the neutral element, y written as p + 1", NEUTRAL_PLUS_P),
        ("R the neutral element, x = 0 with a sign", NEUTRAL_SIGNED),
    ] {
        let a = Scalar::from(KEY);
        let key = (ED25519_BASEPOINT_POINT * a).compress().0;
        let s = challenge(&nonce, &key, b"m") * a;
        let signature = [nonce, s.to_bytes()].concat().try_into().unwrap();
        cases.push(case(why, &(key, b"m".to_vec(), signature), false));
    }
    cases
}

/// With A of small order anybody can sign: R = S·B − k·A holds for the first message of 8 bytes found.
fn for_any_key(torsion: EdwardsPoint, key: [u8; 32]) -> Signed {
    (0u64..)
        .find_map(|n| {
            let s = Scalar::from(n + 2);
            let nonce = (ED25519_BASEPOINT_POINT * s).compress().0;
            let message = n.to_be_bytes();
            let k = challenge(&nonce, &key, &message);
            let holds = (ED25519_BASEPOINT_POINT * s - torsion * k).compress().0 == nonce;
            let signature: [u8; 64] = [nonce, s.to_bytes()].concat().try_into().unwrap();
            holds.then(|| (key, message.to_vec(), signature))
        })
        .unwrap()
}
