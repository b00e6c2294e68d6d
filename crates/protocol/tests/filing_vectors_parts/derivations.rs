//! `derivations.json`: every value of §15.1 to §15.5, with its inputs.

use curve25519_dalek::Scalar;
use protocol::age::Identity;
use protocol::drop::BucketName;
use protocol::keys::MemberKeys;
use protocol::phrase::{CaseKeys, Language, Phrase, PhraseRoot, fingerprint_words};
use protocol::share::compartment;
use protocol::share::deal::pedersen_h;
use protocol::slot::CaseSalt;
use protocol::statement::{Compartment, Council, payload_type};
use protocol::{CaseId, Digest, Origin, Secret, label};
use serde_json::{Value, json};

use super::{hex, phrase_reading};

pub fn vectors() -> Value {
    json!({
        "about": [
            "Every derivation of sections 4 and 15.1 to 15.5, with its inputs. Bytes are hex.",
            "L(p) is the ASCII text resguardo/v1/ followed by p and a zero byte; `labels` lists them as bytes.",
            "HKDF is RFC 5869 with SHA-256, 32 bytes out, salt empty unless given. Integers are big-endian.",
        ],
        "labels": labels(),
        "pedersen_h": json!({
            "input": format!("SHA-512 of {}", hex(label::PEDERSEN_H)),
            "h": hex(pedersen_h().compress().to_bytes()),
        }),
        "phrase": phrase(),
        "phrase_reading": phrase_reading::vectors(),
        "fingerprint": fingerprint(),
        "from_root": [from_root(0), from_root(1)],
        "from_case_salt": [from_case_salt(0), from_case_salt(1)],
        "docket_twin": json!({
            "d": hex([0x33; 32]),
            "entry_bytes_1_to_32": Digest::of_parts(&[label::DOCKET, &[0x33; 32]]),
        }),
        "compartment_seeds": compartment_seeds(),
        "member": member(),
        "statement_digest": statement_digest(),
        "bucket": bucket(),
        "upload_code": json!({
            "code": hex([0x88; 16]),
            "sha256": protocol::http::Quota([0x88; 16]).digest(),
        }),
    })
}

fn labels() -> Value {
    let named = |label: &&[u8]| {
        let text = std::str::from_utf8(&label[..label.len() - 1]).unwrap();
        (
            text.trim_start_matches("resguardo/v1/").to_owned(),
            Value::from(hex(label)),
        )
    };
    Value::Object(label::ALL.iter().map(named).collect())
}

fn phrase() -> Value {
    let origin = Origin::new("demo.example/log").unwrap();
    let entropy = *b"\x01\x11\x21\x31\x41\x51\x61\x71\x81\x91\xa0";
    let phrase = Phrase::from_entropy(entropy).unwrap();
    let root = phrase.root(&origin).unwrap();
    let length = u16::try_from(origin.as_str().len()).unwrap().to_be_bytes();
    let check = Digest::of_parts(&[label::PHRASE, &entropy]).0[0] >> 4;
    let cases = [0, 1].map(|c| json!({ "c": c, "values": case_values(&root.case(c)) }));
    json!({
        "entropy": hex(entropy),
        "checksum_4_bits": check,
        "words_english": phrase.words(Language::English).as_str(),
        "words_spanish": phrase.words(Language::Spanish).as_str(),
        "origin": origin,
        "argon2id_salt": Digest::of_parts(&[label::PHRASE_SALT, &length, origin.as_str().as_bytes()]),
        "argon2id": { "version": 19, "m_kib": 65_536, "t": 3, "p": 1, "length": 32 },
        "root": hex(root_of(&entropy, &origin)),
        "id_of_case_0": root.case(0).id,
        "cases": cases,
    })
}

/// Argon2id a second time, for [`PhraseRoot`] keeps its bytes to itself.
pub fn root_of(entropy: &[u8; 11], origin: &Origin) -> [u8; 32] {
    let length = u16::try_from(origin.as_str().len()).unwrap().to_be_bytes();
    let salt = Digest::of_parts(&[label::PHRASE_SALT, &length, origin.as_str().as_bytes()]);
    let params = argon2::Params::new(65_536, 3, 1, Some(32)).unwrap();
    let mut root = [0; 32];
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(entropy, &salt.0, &mut root)
        .unwrap();
    let phrase = Phrase::from_entropy(*entropy).unwrap();
    assert_eq!(
        phrase.root(origin).unwrap().case(0).id,
        PhraseRoot::from_bytes(root).case(0).id
    );
    root
}

fn fingerprint() -> Value {
    let bits = Council::fingerprint(Digest([0x33; 32]));
    json!({
        "d_council": hex([0x33; 32]),
        "bits": hex(bits),
        "words_english": fingerprint_words(&bits, Language::English),
        "words_spanish": fingerprint_words(&bits, Language::Spanish),
    })
}

/// What root gives for one case, as numbers and as keys.
pub fn case_values(case: &CaseKeys) -> Value {
    json!({
        "id": case.id,
        "code": case.id.code(),
        "case_salt": hex(case.case_salt.expose()),
        "inbox_kem": identity(&case.inbox),
        "inbox_sign": { "seed": hex(case.signing.to_bytes()), "key": hex(case.signing.verifying_key().to_bytes()) },
        "consent_part": hex(case.consent_part.expose()),
        "draft": hex(case.draft.expose()),
    })
}

/// An age identity in both its forms.
pub fn identity(identity: &Identity) -> Value {
    json!({
        "seed": hex(identity.seed()),
        "identity": identity.to_text().as_str(),
        "recipient": identity.recipient(),
    })
}

fn from_root(c: u32) -> Value {
    let case = PhraseRoot::from_bytes([0x11; 32]).case(c);
    json!({ "root": hex([0x11; 32]), "c": c, "values": case_values(&case) })
}

fn from_case_salt(k: u32) -> Value {
    let salt = CaseSalt::new([0x22; 32]);
    let d = Digest([0x33; 32]);
    let entry = salt.entry(k, d, None).to_bytes();
    let with_aux = salt.entry(k, d, Some(Digest([0x88; 32]))).to_bytes();
    json!({
        "case_salt": hex([0x22; 32]),
        "case_kem": identity(&salt.k()),
        "k": k,
        "slot": hex(salt.slot(k)),
        "leaf_nonce": hex(salt.leaf_nonce(k)),
        "d": d,
        "commit_without_aux": hex(salt.commit(k, d, None)),
        "entry_without_aux": hex(&entry),
        "entry_sha256": Digest::of(&entry),
        "rfc6962_leaf_hash": Digest::of_parts(&[&[0], &entry]),
        "aux": hex([0x88; 32]),
        "entry_with_aux": hex(with_aux),
    })
}

fn compartment_seeds() -> Value {
    let case = CaseId([0x44; 16]);
    let part = Secret::new([0x55; 32]);
    let one = |name: Compartment, part: Option<&Secret<[u8; 32]>>| {
        json!({
            "s": hex(Scalar::ONE.as_bytes()),
            "p": part.map(|part| hex(part.expose())),
            "id": case,
            "name": u8::from(name),
            "t": identity(&compartment::identity(&Scalar::ONE, part, &case, name)),
        })
    };
    json!([
        one(Compartment::Account, None),
        one(Compartment::Account, Some(&part)),
        one(Compartment::Identity, None)
    ])
}

fn member() -> Value {
    let keys = MemberKeys::from_seed(&[0x99; 32]);
    json!({
        "seed": hex([0x99; 32]),
        "kem": identity(keys.identity()),
        "sign": { "seed": hex(keys.signing().to_bytes()), "key": keys.public() },
        "key_file": keys.to_key_file().as_str(),
    })
}

fn statement_digest() -> Value {
    let (kind, payload) = (payload_type("alive"), r#"{"v":1}"#);
    let pae = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    json!({ "payload_type": kind, "payload": payload, "pae": pae, "d": Digest::of(pae.as_bytes()) })
}

fn bucket() -> Value {
    let hash = Digest::of_parts(&[label::BUCKET, &[0x66; 1216]]);
    let names = [0, 1, 3, 4, 7, 8, 13, 32].map(|b: u8| json!({ "b": b, "bucket": BucketName::of(&hash, b) }));
    json!({ "recipient": "1,216 bytes of 66", "hash": hash, "names": names })
}
