//! The text forms of recipient and identity, and what a hybrid stanza may not be.

use base64ct::{Base64Unpadded, Encoding as _};
use bech32::{ToBase32, Variant, u5};
use proptest::prelude::*;
use protocol::age::format::{AgeHeader, FileKey, write_header};
use protocol::age::recipient::{ENC_LEN, RECIPIENT_LEN, STANZA_LEN};
use protocol::age::{AgeError, Identity, Recipient, open, seal};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// Identity of age.md's example.
const EXAMPLE: &str = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
/// First and last characters of its recipient there.
const EXAMPLE_BEGIN: &str =
    "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtzdxz95paef6caq5aapdmwjjqpjfdyx";
const EXAMPLE_END: &str = "qdkmhh6gjtqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k";

/// Encodings of the points of low order on Curve25519 and its twist, the not reduced ones among them.
const LOW_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn low_order_points() -> impl Iterator<Item = [u8; 32]> {
    LOW_ORDER.into_iter().flat_map(|text| {
        let point: [u8; 32] = base16ct::lower::decode_vec(text.as_bytes())
            .unwrap()
            .try_into()
            .unwrap();
        let mut with_high_bit = point;
        with_high_bit[31] |= 0x80;
        [point, with_high_bit]
    })
}

#[test]
fn the_example_of_the_specification() {
    let identity = Identity::parse(EXAMPLE).unwrap();
    assert_eq!(identity.to_text().as_str(), EXAMPLE);
    let text = identity.recipient().to_string();
    assert!(text.starts_with(EXAMPLE_BEGIN) && text.ends_with(EXAMPLE_END));
    assert_eq!(text.len(), 7 + (RECIPIENT_LEN * 8).div_ceil(5) + 6);
    assert_eq!(Recipient::parse(&text), Some(identity.recipient()));
}

#[test]
fn each_string_has_one_case() {
    let identity = Identity::from_seed([5; 32]);
    let (secret, public) = (identity.to_text(), identity.recipient().to_string());
    assert!(Identity::parse(&secret.to_lowercase()).is_none());
    assert!(Recipient::parse(&public.to_uppercase()).is_none());
    assert!(Recipient::parse(&public.replacen('a', "A", 1)).is_none());
    assert!(Identity::parse(&secret.replacen('A', "a", 1)).is_none());
}

#[test]
fn other_strings_are_refused() {
    let identity = Identity::from_seed([5; 32]);
    let recipient = identity.recipient();
    let write = |hrp: &str, bytes: &[u8], variant| bech32::encode(hrp, bytes.to_base32(), variant).unwrap();
    assert!(Recipient::parse(&write("age1pq", recipient.as_bytes(), Variant::Bech32)).is_some());
    assert!(Recipient::parse(&write("age1pq", recipient.as_bytes(), Variant::Bech32m)).is_none());
    assert!(Recipient::parse(&write("age", recipient.as_bytes(), Variant::Bech32)).is_none());
    assert!(Recipient::parse(&write("age1tagpq", recipient.as_bytes(), Variant::Bech32)).is_none());
    assert!(Recipient::parse(&write("age1pq", &recipient.as_bytes()[1..], Variant::Bech32)).is_none());
    assert!(Recipient::parse(&write("age1pq", &[], Variant::Bech32)).is_none());
    let secret = |bytes: &[u8]| write("age-secret-key-pq-", bytes, Variant::Bech32).to_uppercase();
    assert!(Identity::parse(&secret(&[5; 32])).is_some());
    assert!(Identity::parse(&secret(&[5; 31])).is_none());
    assert!(Identity::parse(&secret(&[5; 33])).is_none());
    let x25519 = write("age-secret-key-", &[5; 32], Variant::Bech32).to_uppercase();
    assert!(Identity::parse(&x25519).is_none());
    for text in ["", "1", "age1pq1", " ", "é"] {
        assert!(Recipient::parse(text).is_none() && Identity::parse(text).is_none());
    }
}

#[test]
fn bits_after_the_last_byte_are_few_and_zero() {
    let recipient = Identity::from_seed([5; 32]).recipient();
    let groups = |bytes: &[u8]| bytes.to_base32();
    let public = |groups: Vec<u5>| Recipient::parse(&bech32::encode("age1pq", groups, Variant::Bech32).unwrap());
    let secret = |groups: Vec<u5>| {
        let text = bech32::encode("age-secret-key-pq-", groups, Variant::Bech32).unwrap();
        Identity::parse(&text.to_uppercase())
    };
    // 1,216 bytes leave 2 bits in their last group, 32 bytes leave 4.
    for bit in 0..2 {
        assert!(public(with_bit(groups(recipient.as_bytes()), bit)).is_none(), "{bit}");
    }
    for bit in 0..4 {
        assert!(secret(with_bit(groups(&[5; 32]), bit)).is_none(), "{bit}");
    }
    let longer = |mut groups: Vec<u5>| {
        groups.push(u5::default());
        groups
    };
    assert!(public(longer(groups(recipient.as_bytes()))).is_none());
    assert!(secret(longer(groups(&[5; 32]))).is_none());
    assert!(public(groups(recipient.as_bytes())).is_some() && secret(groups(&[5; 32])).is_some());
}

/// The last group with one more bit set.
fn with_bit(mut groups: Vec<u5>, bit: u8) -> Vec<u5> {
    let last = groups.last_mut().unwrap();
    assert_eq!(last.to_u8() & 1 << bit, 0);
    *last = u5::try_from_u8(last.to_u8() | 1 << bit).unwrap();
    groups
}

#[test]
fn a_recipient_with_a_bad_half_is_refused() {
    let good = *Identity::from_seed([5; 32]).recipient().as_bytes();
    // ML-KEM's coefficients are below 3,329; twelve set bits are 4,095.
    let mut unreduced = good;
    unreduced[0] = 0xff;
    unreduced[1] |= 0x0f;
    assert!(Recipient::from_bytes(&unreduced).is_none());
    for point in low_order_points() {
        let mut low = good;
        low[RECIPIENT_LEN - 32..].copy_from_slice(&point);
        assert!(Recipient::from_bytes(&low).is_none());
    }
    assert!(Recipient::from_bytes(&good).is_some());
}

#[test]
fn json_is_the_string() {
    let recipient = Identity::from_seed([5; 32]).recipient();
    let json = serde_json::to_string(&recipient).unwrap();
    assert_eq!(json, format!("\"{recipient}\""));
    assert_eq!(serde_json::from_str::<Recipient>(&json).unwrap(), recipient);
    assert!(serde_json::from_str::<Recipient>("\"age1pq1\"").is_err());
}

#[test]
fn nothing_secret_is_shown() {
    let identity = Identity::from_seed([5; 32]);
    assert_eq!(format!("{identity:?}"), "Identity(…)");
    assert_eq!(format!("{:?}", identity.recipient()), "Recipient");
}

/// A file with its stanza altered and its MAC made good again would need the file key; here it is not needed,
/// because the header is judged before any key is tried.
fn with_stanza(alter: impl FnOnce(&mut Vec<String>, &mut Vec<u8>)) -> Result<(), AgeError> {
    let identity = Identity::from_seed([5; 32]);
    let file = seal(&[&identity.recipient()], b"text", &mut ChaCha20Rng::seed_from_u64(1));
    let header = AgeHeader::parse(&file).unwrap();
    let mut stanza = header.stanzas[0].clone();
    alter(&mut stanza.args, &mut stanza.body);
    let mut altered = write_header(&[stanza], &FileKey::default());
    altered.extend_from_slice(&file[header.len..]);
    open(&identity, &altered).map(|_| ())
}

#[test]
fn malformed_stanzas_are_header_errors() {
    assert_eq!(with_stanza(|_, _| {}), Err(AgeError::Mac), "the stanza itself is good");
    assert_eq!(with_stanza(|args, _| args.push("x".into())), Err(AgeError::Header));
    assert_eq!(with_stanza(|args, _| args.truncate(1)), Err(AgeError::Header));
    assert_eq!(with_stanza(|args, _| args[0] = "X25519".into()), Err(AgeError::Header));
    assert_eq!(
        with_stanza(|args, _| args[0] = "MLKEM768X25519".into()),
        Err(AgeError::Header)
    );
    assert_eq!(with_stanza(|_, body| body.truncate(31)), Err(AgeError::Header));
    assert_eq!(with_stanza(|_, body| body.push(0)), Err(AgeError::Header));
    for len in [ENC_LEN - 1, ENC_LEN + 1, 0] {
        let enc = Base64Unpadded::encode_string(&vec![1; len]);
        // An empty argument breaks the grammar, the others the stanza's own rule.
        assert_eq!(with_stanza(|args, _| args[1] = enc), Err(AgeError::Header));
    }
    assert_eq!(with_stanza(|args, _| args[1].push('=')), Err(AgeError::Header));
    assert_eq!(with_stanza(|_, body| body[0] ^= 1), Err(AgeError::NoMatch));
}

#[test]
fn low_order_shares_are_header_errors() {
    let mut run = 0;
    for point in low_order_points() {
        let outcome = with_stanza(|args, _| {
            let mut enc = Base64Unpadded::decode_vec(&args[1]).unwrap();
            enc[ENC_LEN - 32..].copy_from_slice(&point);
            args[1] = Base64Unpadded::encode_string(&enc);
        });
        assert_eq!(outcome, Err(AgeError::Header));
        run += 1;
    }
    assert_eq!(run, 14);
    let other = with_stanza(|args, _| {
        let mut enc = Base64Unpadded::decode_vec(&args[1]).unwrap();
        enc[ENC_LEN - 32..].copy_from_slice(&[9; 32]);
        args[1] = Base64Unpadded::encode_string(&enc);
    });
    assert_eq!(other, Err(AgeError::NoMatch), "another point is another key");
}

#[test]
fn a_header_is_bounded_and_needs_a_stanza() {
    let identity = Identity::from_seed([5; 32]);
    let recipient = identity.recipient();
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    // 24 is the most that this protocol writes; 41 hybrid stanzas fit in 64 KiB, 43 do not.
    for (stanzas, read) in [(24, true), (41, true), (43, false)] {
        let file = seal(&vec![&recipient; stanzas], b"", &mut rng);
        assert_eq!(AgeHeader::parse(&file).is_ok(), read, "{} bytes", stanzas * STANZA_LEN);
    }
    let empty = write_header(&[], &FileKey::default());
    assert_eq!(AgeHeader::parse(&empty).unwrap_err(), AgeError::Header);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn strings_round_trip(seed in any::<[u8; 32]>()) {
        let identity = Identity::from_seed(seed);
        let read = Identity::parse(&identity.to_text()).unwrap();
        prop_assert_eq!(read.seed(), &seed);
        let recipient = identity.recipient();
        prop_assert_eq!(Recipient::parse(&recipient.to_string()), Some(recipient));
    }

    #[test]
    fn one_wrong_character_is_noticed(at in any::<prop::sample::Index>(), other in "[qpzry9x8gf2tvdw0s3jn54khce6mua7l]") {
        let text = Identity::from_seed([5; 32]).recipient().to_string();
        let at = 7 + at.index(text.len() - 7);
        prop_assume!(!text[at..].starts_with(&other));
        let altered = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        prop_assert!(Recipient::parse(&altered).is_none());
    }
}
