//! The published values of §15.2, §15.3 and the key part of §15.5.

use protocol::ids::Origin;
use protocol::keys::MemberKeys;
use protocol::label;
use protocol::phrase::{Language, Phrase, PhraseRoot, fingerprint_words};
use sha2::{Digest as _, Sha256};

fn hex<const N: usize>(text: &str) -> [u8; N] {
    base16ct::lower::decode_vec(text.as_bytes())
        .unwrap()
        .try_into()
        .unwrap()
}

const ENGLISH: &str = "absurd math era live bid rhythm alien culture";
const SPANISH: &str = "abrir marco encargo lluvia atar porción agudo cojín";

#[test]
fn words_of_the_published_entropy() {
    let phrase = Phrase::from_entropy(hex("01112131415161718191a0")).unwrap();
    assert_eq!(phrase.words(Language::English).as_str(), ENGLISH);
    assert_eq!(phrase.words(Language::Spanish).as_str(), SPANISH);
    assert!(Phrase::from_entropy(hex("01112131415161718191a1")).is_none());
}

#[test]
fn root_of_the_published_phrase() {
    let origin = Origin::new("demo.example/log").unwrap();
    for words in [ENGLISH, SPANISH] {
        let read = Phrase::read(words).unwrap();
        let [phrase] = read.as_slice() else {
            panic!("one candidate")
        };
        let root = phrase.root(&origin).unwrap();
        // Root  no way out; equality of everything that is derived from it stands for equality.
        let expected = PhraseRoot::from_bytes(hex("9fcfc74d51b03af358cdda69651e6f456836130dbc0fc1d019de055d264a3ac2"));
        let (got, expected) = (root.case(0), expected.case(0));
        assert_eq!(got.id, expected.id);
        assert_eq!(got.case_salt.expose(), expected.case_salt.expose());
        assert_eq!(got.consent_part.expose(), expected.consent_part.expose());
    }
}

#[test]
fn council_fingerprint() {
    let hash = Sha256::new()
        .chain_update(label::COUNCIL)
        .chain_update([0x33; 32])
        .finalize();
    let bits = hash[..11].try_into().unwrap();
    let words = fingerprint_words(&bits, Language::English);
    assert_eq!(words, "east squeeze nest either engine ostrich pink captain");
}

#[test]
fn everything_of_a_case() {
    let keys = PhraseRoot::from_bytes([0x11; 32]).case(0);
    assert_eq!(keys.id.0, hex("9ca11ec1ba6e3732628fc24f8b1d7ed6"));
    assert_eq!(keys.id.code(), "R-KJGH-XGDT");
    let check = |got: &[u8; 32], expected| assert_eq!(got, &hex::<32>(expected));
    check(
        keys.case_salt.expose(),
        "83525d9548fb5cb21384f7a3fd0939a5fe3d91c17dbcf4e5576363e348366fb2",
    );
    check(
        keys.inbox.seed(),
        "c88c97622147e98efd3067ecc3c92112b5baab7b2833aa52479b146c59649a97",
    );
    check(
        keys.signing.as_bytes(),
        "ca5a46422b26132d35a6b5b848b28f6d3759c2c3e87b41077d4b2fbb17b247cb",
    );
    check(
        keys.consent_part.expose(),
        "97ed99cabc06c3710c01baf8c0654bdb88d22f7f2ff86d72bef60ff735d9cb9b",
    );
    check(
        keys.draft.expose(),
        "c1510b24f98af1c3bc11a2d6c0a89ee1497e151d3ded4c68d15180267fc3146e",
    );
}

#[test]
fn another_case_shares_nothing() {
    let root = PhraseRoot::from_bytes([0x11; 32]);
    let (a, b) = (root.case(0), root.case(1));
    assert_ne!(a.id, b.id);
    assert_ne!(a.case_salt.expose(), b.case_salt.expose());
    assert_ne!(a.inbox.seed(), b.inbox.seed());
    assert_ne!(a.signing.as_bytes(), b.signing.as_bytes());
}

#[test]
fn keys_of_a_member() {
    let keys = MemberKeys::from_seed(&[0x99; 32]);
    let kem = hex::<32>("fdf4ae6bff452a5d30ba6ef1fe13b16813a8c2ac1ab0b15885d6ce9d67303c3f");
    let sign = hex::<32>("85ddd29d37aaf5d5671981d360035a3f81d956aecec22eb91b0119d0dab08360");
    assert_eq!(keys.identity().seed(), &kem);
    assert_eq!(keys.signing().as_bytes(), &sign);
}
