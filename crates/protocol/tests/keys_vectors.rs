//! Published vectors of what keys are made with: RFC 5869, RFC 7914, RFC 9106, X-Wing, and HPKE in age's suite.

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hkdf::Hkdf;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng};
use protocol::age::Identity;
use protocol::keys::hkdf;
use rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;

fn hex(text: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(text.as_bytes()).unwrap()
}

/// «Randomness» that a vector fixes, and that must be used to the last byte.
struct Given(Vec<u8>);

impl TryRng for Given {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("only bytes are asked for")
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("only bytes are asked for")
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
        to.copy_from_slice(&self.0[..to.len()]);
        self.0.drain(..to.len());
        Ok(())
    }
}

impl TryCryptoRng for Given {}

#[test]
fn hkdf_of_rfc_5869() {
    let check = |ikm: &[u8], salt: &[u8], info: &[u8], okm: &str| {
        let mut out = vec![0; okm.len() / 2];
        Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, &mut out).unwrap();
        assert_eq!(base16ct::lower::encode_string(&out), okm);
    };
    let range = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
    let third = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    check(
        &[0x0b; 22],
        &range(0x00, 0x0c),
        &range(0xf0, 0xf9),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
    check(
        &range(0x00, 0x4f),
        &range(0x60, 0xaf),
        &range(0xb0, 0xff),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
         da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    );
    check(&[0x0b; 22], &[], &[], third);
    // Ours has no salt and gives 32 bytes: the third case, cut.
    assert_eq!(base16ct::lower::encode_string(&*hkdf(&[0x0b; 22], &[])), third[..64]);
}

#[test]
fn hkdf_joins_its_info() {
    let whole = hkdf(b"key", &[b"resguardo/v1/id\0\0\0\0\x01"]);
    assert_eq!(hkdf(b"key", &[b"resguardo/v1/id\0", &1u32.to_be_bytes()]), whole);
    assert_ne!(hkdf(b"key", &[b"resguardo/v1/id\0", &2u32.to_be_bytes()]), whole);
}

#[test]
fn scrypt_of_rfc_7914() {
    let check = |password: &str, salt: &str, log_n, r, p, expected: &str| {
        let mut out = [0; 64];
        let params = scrypt::Params::new(log_n, r, p).unwrap();
        scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut out).unwrap();
        assert_eq!(base16ct::lower::encode_string(&out), expected);
    };
    check(
        "password",
        "NaCl",
        10,
        8,
        16,
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830da\
         c727afb94a83ee6d8360cbdfa2cc0640",
    );
    check(
        "pleaseletmein",
        "SodiumChloride",
        14,
        8,
        1,
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9\
         e61e85dc0d651e40dfcf017b45575887",
    );
}

#[test]
fn argon2id_of_rfc_9106() {
    let mut params = ParamsBuilder::new();
    params
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap());
    let argon2 =
        Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params.build().unwrap()).unwrap();
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    assert_eq!(
        base16ct::lower::encode_string(&tag),
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    );
}

#[test]
fn keys_and_encapsulation_of_the_x_wing_draft() {
    let vectors: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("vectors/x-wing/test-vectors.json")).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let field = |name: &str| hex(vector[name].as_str().unwrap());
        let recipient = Identity::from_seed(field("seed").try_into().unwrap()).recipient();
        assert_eq!(recipient.as_bytes().as_slice(), field("pk"));
        let public = <XWing as Kem>::PublicKey::from_bytes(recipient.as_bytes()).unwrap();
        let mut given = Given(field("eseed"));
        let (enc, _) =
            setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(&OpModeS::Base, &public, b"", &mut given)
                .unwrap();
        assert_eq!(enc.to_bytes().as_slice(), field("ct"));
        assert!(given.0.is_empty());
    }
}

#[test]
fn hpke_in_the_suite_of_the_hybrid_recipient() {
    let vector: serde_json::Value =
        serde_json::from_str(include_str!("vectors/hpke/xwing-hkdf-sha256-chacha20poly1305.json")).unwrap();
    let field = |value: &serde_json::Value, name: &str| hex(value[name].as_str().unwrap());
    let identity = Identity::from_seed(field(&vector, "skRm").try_into().unwrap());
    assert_eq!(identity.recipient().as_bytes().as_slice(), field(&vector, "pkRm"));

    let info = field(&vector, "info");
    let public = <XWing as Kem>::PublicKey::from_bytes(&field(&vector, "pkRm")).unwrap();
    let mut given = Given(field(&vector, "ikmE"));
    let (enc, mut sender) =
        setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(&OpModeS::Base, &public, &info, &mut given)
            .unwrap();
    assert_eq!(enc.to_bytes().as_slice(), field(&vector, "enc"));
    assert!(given.0.is_empty());

    let private = <XWing as Kem>::PrivateKey::from_bytes(identity.seed()).unwrap();
    let mut receiver =
        setup_receiver::<ChaCha20Poly1305, HkdfSha256, XWing>(&OpModeR::Base, &private, &enc, &info).unwrap();
    let encryptions = vector["encryptions"].as_array().unwrap();
    assert_eq!(encryptions.len(), 10);
    // Later ones skip sequence numbers, which a one-shot recipient never reaches.
    for step in &encryptions[..3] {
        let (aad, plain, sealed) = (field(step, "aad"), field(step, "pt"), field(step, "ct"));
        assert_eq!(sender.seal(&plain, &aad).unwrap(), sealed);
        assert_eq!(receiver.open(&sealed, &aad).unwrap(), plain);
    }
}
