//! DSSE envelopes (§0, §19): form, digest, who must sign and who may.

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use protocol::envelope::{ENVELOPE_MAX, Envelope, EnvelopeError, SIGNATURES_MAX, pae};
use protocol::ids::{Nonce, Origin, PublicKey, Version};
use protocol::json::JsonError;
use protocol::statement::{BucketDepth, Pace, Payload};

fn signer(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn public(n: u8) -> PublicKey {
    PublicKey(signer(n).verifying_key().to_bytes())
}

fn depth(b: u8) -> BucketDepth {
    let origin = Origin::new("demo.example/log").unwrap();
    BucketDepth {
        v: Version,
        origin,
        nonce: Nonce([1; 32]),
        time: 1_795_478_400,
        b,
    }
}

fn signed(b: u8, signers: &[u8]) -> Envelope {
    let keys: Vec<SigningKey> = signers.iter().map(|n| signer(*n)).collect();
    Envelope::sign(&depth(b), &keys.iter().collect::<Vec<_>>())
}

/// An envelope around any payload text, signed by key 1.
fn around(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    use ed25519_dalek::Signer;
    let signature = signer(1).sign(&pae(payload_type, payload)).to_bytes();
    format!(
        r#"{{"payload":"{}","payloadType":"{payload_type}","signatures":[{{"sig":"{}"}}]}}"#,
        Base64::encode_string(payload),
        Base64::encode_string(&signature)
    )
    .into_bytes()
}

const DROP: &str = "application/vnd.resguardo.drop.v1+json";

#[test]
fn digest_of_the_specification() {
    let bytes = around("application/vnd.resguardo.alive.v1+json", br#"{"v":1}"#);
    let envelope = Envelope::parse(&bytes).unwrap();
    assert_eq!(
        envelope.digest().to_hex(),
        "19d8278544bdfb7f0cc7f146906db3dae12ad5f494f2e43d4c2746b7a289a4f8"
    );
    assert_eq!(pae("t", b"ab"), b"DSSEv1 1 t 2 ab");
    assert_eq!(pae("é", b""), "DSSEv1 2 é 0 ".as_bytes(), "lengths count bytes");
}

#[test]
fn what_is_signed_is_read_and_verified() {
    let envelope = signed(3, &[1]);
    let read = Envelope::parse(envelope.bytes()).unwrap();
    assert_eq!(read, envelope);
    assert_eq!(read.payload_type(), DROP);
    assert_eq!(read.name(), Some("drop"));
    assert_eq!(read.unverified::<BucketDepth>().unwrap(), depth(3));
    let verified = read.verify::<BucketDepth>(&[public(1)]).unwrap();
    assert_eq!(*verified, depth(3));
    assert_eq!(verified.digest(), envelope.digest());
    assert_eq!(Envelope::try_sign(&depth(3), &[&signer(1)]).unwrap(), envelope);
}

#[test]
fn a_statement_of_a_later_stage_is_an_envelope() {
    let read = Envelope::parse(&around(
        "application/vnd.resguardo.duty.v1+json",
        br#"{"v":1,"rows":[]}"#,
    ))
    .unwrap();
    assert_eq!(read.name(), Some("duty"));
    assert!(read.is_signed_by(&public(1)));
    assert_eq!(read.unverified::<BucketDepth>(), Err(EnvelopeError::Type));
    for other in [
        "text/plain",
        "application/vnd.resguardo..v1+json",
        "application/vnd.resguardo.drop.v2+json",
    ] {
        assert_eq!(Envelope::parse(&around(other, b"{}")).unwrap().name(), None, "{other}");
    }
}

#[test]
fn every_author_signs_and_nobody_else() {
    let two = signed(3, &[1, 2]);
    assert!(two.verify::<BucketDepth>(&[public(1), public(2)]).is_ok());
    assert!(two.verify::<BucketDepth>(&[public(2), public(1)]).is_ok());
    assert_eq!(two.verify::<BucketDepth>(&[public(1)]), Err(EnvelopeError::Stranger));
    assert!(two.verify_open::<BucketDepth>(&[public(1)]).is_ok());
    let missing = Err(EnvelopeError::Missing { key: public(3) });
    assert_eq!(two.verify::<BucketDepth>(&[public(1), public(3)]), missing);
    assert_eq!(two.verify_open::<BucketDepth>(&[public(3)]), missing);
    assert_eq!(two.verify::<BucketDepth>(&[]), Err(EnvelopeError::Stranger));
    assert_eq!(two.verify_open::<BucketDepth>(&[]), Err(EnvelopeError::Stranger));
    assert_eq!(
        signed(3, &[]).verify_open::<BucketDepth>(&[]),
        Err(EnvelopeError::Stranger)
    );
    assert_eq!(
        signed(3, &[]).verify::<BucketDepth>(&[public(1)]),
        Err(EnvelopeError::Missing { key: public(1) })
    );
    assert_eq!(two.verify::<Pace>(&[public(1), public(2)]), Err(EnvelopeError::Type));
}

#[test]
fn signatures_gather_without_changing_the_statement() {
    let one = signed(3, &[1]);
    let two = one.with_signature(&signer(2));
    assert_eq!(two.digest(), one.digest());
    assert_eq!(two.signature_count(), 2);
    assert_eq!(
        two.with_signature(&signer(1)),
        two,
        "who has signed does not sign again"
    );
    assert!(
        Envelope::parse(two.bytes())
            .unwrap()
            .verify::<BucketDepth>(&[public(1), public(2)])
            .is_ok()
    );
    let merged = two.merge(&signed(3, &[3, 1])).unwrap();
    assert_eq!(merged.signature_count(), 3);
    assert!(merged.verify::<BucketDepth>(&[public(1), public(2), public(3)]).is_ok());
    assert_eq!(two.merge(&signed(4, &[1])), Err(EnvelopeError::Type));

    let most: Vec<u8> = (1..=24).collect();
    let full = signed(3, &most);
    assert_eq!(full.signature_count(), SIGNATURES_MAX);
    assert!(Envelope::parse(full.bytes()).is_ok());
    assert_eq!(full.with_signature(&signer(25)), full);
    assert!(matches!(full.merge(&signed(3, &[25])), Err(EnvelopeError::Form(_))));
    let all: Vec<u8> = (1..=25).collect();
    assert!(matches!(
        Envelope::parse(signed(3, &all).bytes()),
        Err(EnvelopeError::Form(_))
    ));
}

#[test]
fn the_form_is_exact() {
    let good = String::from_utf8(signed(3, &[1]).bytes().to_vec()).unwrap();
    let payload = Base64::encode_string(signed(3, &[1]).payload());
    let spaced = good.replace(',', " ,\n ");
    let kept = Envelope::parse(spaced.as_bytes()).unwrap();
    assert_eq!(kept.bytes(), spaced.as_bytes(), "bytes are kept as they came");
    assert!(kept.verify::<BucketDepth>(&[public(1)]).is_ok());

    let json = [
        good.replace("{\"payload\"", "{\"keyid\":\"\",\"payload\""),
        good.replace("{\"sig\"", "{\"keyid\":\"\",\"sig\""),
        good.replace("\"signatures\":[{", "\"signatures\":{")
            .replace("}]}", "}}"),
        good.replace("payloadType", "payloadtype"),
        good.replace("{\"payload\"", "{\"payload\":\"\",\"payload\""),
        format!("{good} x"),
        format!("\u{feff}{good}"),
        format!("[{good}]"),
        "[\"e30=\",\"t\",[]]".to_owned(),
        "{\"payload\":\"e30=\",\"payloadType\":\"t\",\"signatures\":[[\"\"]]}".to_owned(),
        "{\"payload\":\"e30=\",\"payloadType\":\"t\"}".to_owned(),
        "{\"payload\":null,\"payloadType\":\"t\",\"signatures\":[]}".to_owned(),
        String::new(),
    ];
    for text in json {
        assert!(
            matches!(Envelope::parse(text.as_bytes()), Err(EnvelopeError::Json(_))),
            "{text}"
        );
    }
    let unpadded = payload.trim_end_matches('=');
    assert_ne!(unpadded, payload, "the example must have padding");
    let form = [
        good.replace(&payload, unpadded),
        good.replace(&payload, &format!("{payload}=")),
        good.replace(&payload, &payload.replace('/', "_"))
            .replace("eyJ2", "eyJ-"),
        good.replace(&payload, &format!("{} {}", &payload[..8], &payload[8..])),
        good.replace(&payload, "e31="),
        good.replace("==\"}]", "\"}]"),
        good.replace("\"sig\":\"", "\"sig\":\"AAAA"),
        "{\"payload\":\"e30=\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"\"}]}".to_owned(),
    ];
    for text in form {
        assert!(
            matches!(Envelope::parse(text.as_bytes()), Err(EnvelopeError::Form(_))),
            "{text}"
        );
    }
}

#[test]
fn the_payload_is_strict_json_within_its_limit() {
    for payload in ["", "{\"a\":1,\"a\":1}", "{\"a\":1.0}", "{} {}", "\u{feff}{}"] {
        let read = Envelope::parse(&around(DROP, payload.as_bytes()));
        assert!(
            matches!(read, Err(EnvelopeError::Json(JsonError::Syntax { .. }))),
            "{payload}"
        );
    }
    let filled = |len: usize| format!("{{}}{}", " ".repeat(len - 2)).into_bytes();
    assert!(Envelope::parse(&around(DROP, &filled(65_536))).is_ok());
    assert_eq!(
        Envelope::parse(&around(DROP, &filled(65_537))),
        Err(EnvelopeError::Json(JsonError::Size { max: 65_536 }))
    );
    let mut long = around(DROP, &filled(65_536));
    long.resize(ENVELOPE_MAX, b' ');
    assert!(Envelope::parse(&long).is_ok());
    long.push(b' ');
    assert_eq!(
        Envelope::parse(&long),
        Err(EnvelopeError::Json(JsonError::Size { max: ENVELOPE_MAX }))
    );
}

#[test]
fn a_payload_that_breaks_its_rules_is_refused_by_reader_and_careful_writer() {
    let bad = depth(33);
    let rule = bad.check().unwrap_err();
    let envelope = Envelope::sign(&bad, &[&signer(1)]);
    assert_eq!(
        envelope.verify::<BucketDepth>(&[public(1)]),
        Err(EnvelopeError::Rule(rule))
    );
    assert_eq!(envelope.unverified::<BucketDepth>(), Err(EnvelopeError::Rule(rule)));
    assert_eq!(Envelope::try_sign(&bad, &[&signer(1)]), Err(EnvelopeError::Rule(rule)));
    let late = BucketDepth {
        time: 1 << 53,
        ..depth(3)
    };
    assert!(matches!(
        Envelope::try_sign(&late, &[&signer(1)]),
        Err(EnvelopeError::Json(_))
    ));
}

#[test]
fn debug_shows_no_content() {
    assert_eq!(format!("{:?}", signed(3, &[1])), format!("Envelope({DROP})"));
}

proptest! {
    #[test]
    fn a_flipped_bit_never_verifies_as_something_else(bit in 0usize..8 * 600, signers in 1u8..4) {
        let all: Vec<u8> = (1..=signers).collect();
        let good = signed(5, &all);
        let keys: Vec<PublicKey> = all.iter().map(|n| public(*n)).collect();
        let mut bytes = good.bytes().to_vec();
        let bit = bit % (8 * bytes.len());
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = Envelope::parse(&bytes)
            && let Ok(verified) = read.verify::<BucketDepth>(&keys)
        {
            prop_assert_eq!(&*verified, &depth(5));
            prop_assert_eq!(verified.digest(), good.digest());
        }
    }

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Envelope::parse(&bytes);
        let _ = Envelope::parse(&around(DROP, &bytes)).map(|envelope| envelope.unverified::<BucketDepth>());
    }
}
