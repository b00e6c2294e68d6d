//! Strict Ed25519 (RFC 8032; docs/protocol.md §19): whatever one verifier accepts, every verifier accepts.

use ed25519_dalek::{Signature, VerifyingKey};

/// A public key that strict verification can ever accept: canonical encoding of a point that is not of small order.
pub(crate) fn public_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    if !is_canonical(bytes) {
        return None;
    }
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

/// `encode(S·B − k·A) = R`, with A and R canonical and not of small order, S < ℓ.
///
/// `verify_strict` compares encodings, so that a non-canonical R fails, and refuses small order and S ≥ ℓ. What it
/// leaves out is the encoding of A, which [`public_key`] checks.
pub(crate) fn verify(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Some(key) = public_key(key) else { return false };
    let Ok(signature) = Signature::from_slice(signature) else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

/// Whether the y-coordinate is below p = 2^255 − 19 (the top bit is the sign of x).
///
/// The other non-canonical form, x = 0 with its sign set, encodes points of small order only.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = bytes;
    !(*first >= 0xed && middle.iter().all(|b| *b == 0xff) && last & 0x7f == 0x7f)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{public_key, verify};

    #[derive(Deserialize)]
    struct Edge {
        key: String,
        sig: String,
        msg: String,
        flags: Option<Vec<String>>,
    }

    fn unhex(text: &str) -> Vec<u8> {
        base16ct::lower::decode_vec(text.as_bytes()).expect("hex")
    }

    /// Every edge case of A and R: refused if either is of small order or not canonical, or if it holds only up to
    /// the cofactor; accepted otherwise.
    #[test]
    fn edge_cases_are_decided_strictly() {
        let edges: Vec<Edge> =
            serde_json::from_str(include_str!("../tests/vectors/ed25519-edge.json")).expect("vectors");
        let refused = [
            "low_order_A",
            "low_order_R",
            "non_canonical_A",
            "non_canonical_R",
            "low_order_residue",
        ];
        let mut accepted = 0;
        for edge in &edges {
            let key: [u8; 32] = unhex(&edge.key).try_into().expect("32 bytes");
            let flags = edge.flags.as_deref().unwrap_or_default();
            let expected = !flags.iter().any(|flag| refused.contains(&flag.as_str()));
            assert_eq!(
                verify(&key, edge.msg.as_bytes(), &unhex(&edge.sig)),
                expected,
                "{flags:?}"
            );
            accepted += usize::from(expected);
        }
        assert!(accepted > 0 && accepted < edges.len(), "{accepted} of {}", edges.len());
    }

    #[test]
    fn wycheproof_is_decided_as_it_says() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../tests/vectors/ed25519-wycheproof.json")).expect("vectors");
        let mut seen = 0;
        for group in file["testGroups"].as_array().expect("groups") {
            let key: [u8; 32] = unhex(group["publicKey"]["pk"].as_str().expect("key"))
                .try_into()
                .expect("32 bytes");
            for test in group["tests"].as_array().expect("tests") {
                let field = |name: &str| unhex(test[name].as_str().expect("hex"));
                let expected = test["result"] == "valid";
                assert_eq!(verify(&key, &field("msg"), &field("sig")), expected, "{}", test["tcId"]);
                seen += 1;
            }
        }
        assert_eq!(seen, file["numberOfTests"].as_u64().expect("count"));
    }

    /// All encodings with y from p to 2^255 − 1, either sign, whether or not they decode to a point.
    #[test]
    fn no_key_has_a_second_encoding() {
        for first in 0xed..=0xff_u8 {
            for last in [0x7f, 0xff] {
                let mut key = [0xff; 32];
                (key[0], key[31]) = (first, last);
                assert!(public_key(&key).is_none());
            }
        }
    }
}
