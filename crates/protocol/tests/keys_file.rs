//! The key file of a member (§2, §19).

use protocol::age::Identity;
use protocol::keys::{KeyFileError, MemberKeys};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const TEXT: &str = "# resguardo-seed: 9999999999999999999999999999999999999999999999999999999999999999\n";

fn keys() -> MemberKeys {
    MemberKeys::from_seed(&[0x99; 32])
}

#[test]
fn two_lines_seed_then_identity() {
    let text = keys().to_key_file();
    assert_eq!(*text, format!("{TEXT}{}\n", *keys().identity().to_text()));
    let read = MemberKeys::from_key_file(&text).unwrap();
    assert_eq!(read.seed(), &[0x99; 32]);
    assert_eq!(read.public(), keys().public());
    assert_eq!(read.identity().seed(), keys().identity().seed());
}

#[test]
fn lines_that_disagree_are_refused() {
    let other = Identity::from_seed([1; 32]).to_text();
    let text = format!("{TEXT}{}\n", *other);
    assert_eq!(MemberKeys::from_key_file(&text).unwrap_err(), KeyFileError::Disagree);
}

#[test]
fn any_other_form_is_refused() {
    let good = keys().to_key_file().to_string();
    let identity = keys().identity().to_text().to_string();
    let check = |text: &str| {
        assert_eq!(
            MemberKeys::from_key_file(text).unwrap_err(),
            KeyFileError::Form,
            "{text:?}"
        );
    };
    check("");
    check("\n");
    check(TEXT);
    check(&identity);
    check(good.trim_end());
    check(&format!("{good}\n"));
    check(&format!("{good}# more\n"));
    check(&good.replace('\n', "\r\n"));
    check(&good.replacen("9999", "999", 1));
    check(&good.replacen("99", "9g", 1));
    check(&good.replacen("# resguardo-seed: 99", "# resguardo-seed: AB", 1));
    check(&good.replacen("# ", "#", 1));
    check(&format!("{identity}\n{TEXT}"));
    check(&good.to_lowercase());
}

#[test]
fn drawn_keys_differ_and_stay_out_of_debug() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let (a, b) = (MemberKeys::draw(&mut rng), MemberKeys::draw(&mut rng));
    assert_ne!(a.seed(), b.seed());
    assert_ne!(a.identity().seed(), a.seed());
    assert_ne!(a.signing().as_bytes(), a.seed());
    assert_ne!(a.identity().seed(), a.signing().as_bytes());
    assert_eq!(format!("{a:?}"), "MemberKeys(…)");
}
