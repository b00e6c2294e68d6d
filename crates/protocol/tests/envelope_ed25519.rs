//! Strict Ed25519 (§0, §19) against RFC 8032, Wycheproof, the edge cases of CCTV and forgeries made here.
//!
//! The pinned vectors are those that `tlog` keeps in its `tests/vectors` (sources in ORIGIN there).

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signer, SigningKey};
use protocol::envelope::verify_strict;
use protocol::ids::PublicKey;
use serde_json::Value;
use sha2::{Digest, Sha512};

const WYCHEPROOF: &str = include_str!("../../tlog/tests/vectors/ed25519-wycheproof.json");
const EDGES: &str = include_str!("../../tlog/tests/vectors/ed25519-edge.json");
/// ℓ, little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

fn hex(text: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(text.as_bytes()).unwrap()
}

fn key(text: &str) -> PublicKey {
    PublicKey::from_hex(text).unwrap()
}

#[test]
fn rfc_8032_vectors_are_made_and_accepted() {
    let table = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (secret, public, message, signature) in table {
        let signing = SigningKey::from_bytes(&hex(secret).try_into().unwrap());
        assert_eq!(
            base16ct::lower::encode_string(signing.verifying_key().as_bytes()),
            public
        );
        let made = signing.sign(&hex(message)).to_bytes();
        assert_eq!(base16ct::lower::encode_string(&made), signature);
        assert!(verify_strict(&key(public), &hex(message), &made));
        assert!(!verify_strict(&key(public), b"another message", &made));
    }
}

#[test]
fn wycheproof_agrees() {
    let file: Value = serde_json::from_str(WYCHEPROOF).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in file["testGroups"].as_array().unwrap() {
        let key = key(group["publicKey"]["pk"].as_str().unwrap());
        for test in group["tests"].as_array().unwrap() {
            let message = hex(test["msg"].as_str().unwrap());
            let signature: Result<[u8; 64], _> = hex(test["sig"].as_str().unwrap()).try_into();
            let accepted = signature.is_ok_and(|signature| verify_strict(&key, &message, &signature));
            let expected = test["result"] == "valid";
            assert_eq!(accepted, expected, "{} {}", test["tcId"], test["comment"]);
            *(if expected { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert_eq!((valid, invalid), (88, 63));
}

#[test]
fn edge_cases_are_decided_by_their_flags() {
    let edges: Vec<Value> = serde_json::from_str(EDGES).unwrap();
    let mut accepted = 0;
    for edge in &edges {
        let flags: Vec<&str> = edge["flags"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|flag| flag.as_str().unwrap())
            .collect();
        // A component of small order does not matter where it cancels; all other flags break a rule of §19.
        let expected = flags.iter().all(|flag| flag.starts_with("low_order_component"));
        let signature = hex(edge["sig"].as_str().unwrap()).try_into().unwrap();
        let message = edge["msg"].as_str().unwrap().as_bytes();
        let is = verify_strict(&key(edge["key"].as_str().unwrap()), message, &signature);
        assert_eq!(is, expected, "{} {flags:?}", edge["number"]);
        accepted += usize::from(is);
    }
    assert!(accepted > 0 && accepted < edges.len());
}

/// A signature `R = rB + nonce_torsion`, `S = r + k·a` for the key `aB + key_torsion`, on `message`.
fn forge(key_torsion: EdwardsPoint, nonce_torsion: EdwardsPoint, message: &[u8]) -> (PublicKey, [u8; 64], Scalar) {
    let (a, r) = (Scalar::from(1_234_567u64), Scalar::from(7_654_321u64));
    let public = (ED25519_BASEPOINT_POINT * a + key_torsion).compress().0;
    let nonce = (ED25519_BASEPOINT_POINT * r + nonce_torsion).compress().0;
    let hash = Sha512::new()
        .chain_update(nonce)
        .chain_update(public)
        .chain_update(message)
        .finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    let signature = [nonce, (r + k * a).to_bytes()].concat().try_into().unwrap();
    (PublicKey(public), signature, k)
}

/// Whether 8·(S·B − k·A − R) = 0: what a verifier with cofactor asks.
fn verifies_with_cofactor(key: &PublicKey, signature: &[u8; 64], k: Scalar) -> bool {
    let point = |bytes: &[u8]| curve25519_dalek::edwards::CompressedEdwardsY(bytes.try_into().unwrap()).decompress();
    let s = Scalar::from_canonical_bytes(signature[32..].try_into().unwrap()).unwrap();
    let rest = ED25519_BASEPOINT_POINT * s - point(&key.0).unwrap() * k - point(&signature[..32]).unwrap();
    rest.mul_by_cofactor().is_identity()
}

#[test]
fn what_only_a_verifier_with_cofactor_accepts_is_refused() {
    let none = EIGHT_TORSION[0];
    for n in 0u8..16 {
        // A torsion component of R never cancels against a key without one.
        let (key, signature, k) = forge(none, EIGHT_TORSION[1], &[n]);
        assert!(verifies_with_cofactor(&key, &signature, k));
        assert!(!verify_strict(&key, &[n], &signature));
        // One of A does where k is a multiple of 8, and only there.
        let (key, signature, k) = forge(EIGHT_TORSION[1], none, &[n]);
        assert!(verifies_with_cofactor(&key, &signature, k));
        assert_eq!(verify_strict(&key, &[n], &signature), k.as_bytes()[0] % 8 == 0);
    }
    let (key, signature, _) = forge(none, none, b"honest");
    assert!(verify_strict(&key, b"honest", &signature));
}

#[test]
fn a_key_or_nonce_of_small_order_is_refused() {
    for torsion in EIGHT_TORSION {
        // With A of small order, R = S·B − k·A holds for anybody who picks S: try until it does.
        let found = (0u64..64).find_map(|n| {
            let s = Scalar::from(n + 2);
            let nonce = (ED25519_BASEPOINT_POINT * s).compress().0;
            let public = torsion.compress().0;
            let message = n.to_be_bytes();
            let hash = Sha512::new()
                .chain_update(nonce)
                .chain_update(public)
                .chain_update(message)
                .finalize();
            let k = Scalar::from_bytes_mod_order_wide(&hash.into());
            let holds = (ED25519_BASEPOINT_POINT * s - torsion * k).compress().0 == nonce;
            let signature: [u8; 64] = [nonce, s.to_bytes()].concat().try_into().unwrap();
            holds.then_some((PublicKey(public), message, signature))
        });
        let (key, message, signature) = found.unwrap();
        assert!(!verify_strict(&key, &message, &signature));
    }
    // R of small order: r = 0, S = k·a.
    let a = Scalar::from(99u64);
    let public = (ED25519_BASEPOINT_POINT * a).compress().0;
    let nonce = EIGHT_TORSION[0].compress().0;
    let hash = Sha512::new()
        .chain_update(nonce)
        .chain_update(public)
        .chain_update(b"m")
        .finalize();
    let s = Scalar::from_bytes_mod_order_wide(&hash.into()) * a;
    assert!(!verify_strict(
        &PublicKey(public),
        b"m",
        &[nonce, s.to_bytes()].concat().try_into().unwrap()
    ));
}

#[test]
fn s_plus_order_is_refused() {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let public = PublicKey(signing.verifying_key().to_bytes());
    let mut signature = signing.sign(b"once").to_bytes();
    assert!(verify_strict(&public, b"once", &signature));
    let mut carry = 0u16;
    for (byte, order) in signature[32..].iter_mut().zip(hex(ORDER)) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert_eq!(carry, 0);
    assert!(!verify_strict(&public, b"once", &signature));
}

#[test]
fn no_bit_of_key_message_or_signature_is_idle() {
    let signing = SigningKey::from_bytes(&[8; 32]);
    let public = PublicKey(signing.verifying_key().to_bytes());
    let message = *b"every bit counts";
    let signature = signing.sign(&message).to_bytes();
    assert!(verify_strict(&public, &message, &signature));
    for bit in 0..512 {
        let mut other = signature;
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify_strict(&public, &message, &other), "signature bit {bit}");
    }
    for bit in 0..256 {
        let mut other = public;
        other.0[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify_strict(&other, &message, &signature), "key bit {bit}");
    }
    for bit in 0..128 {
        let mut other = message;
        other[bit / 8] ^= 1 << (bit % 8);
        assert!(!verify_strict(&public, &other, &signature), "message bit {bit}");
    }
}
