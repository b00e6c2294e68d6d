//! Crate `age` as a second opinion.
//!
//! Its version 0.11 knows no hybrid recipient and adds a stanza of random length to every file that it seals
//! to keys, so the two can only meet at files under a passphrase: exactly one stanza, as here. The hybrid
//! files are held against another implementation by the vectors in `age_cctv.rs` and by `tests/interop`.

use age::secrecy::SecretString;
use age::{Decryptor, Encryptor};
use protocol::age::passphrase::{open_passphrase, seal_passphrase};
use protocol::age::{AgeError, Identity, open, seal};
use protocol::keys::MemberKeys;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::io::{Read, Write};
use std::str::FromStr;

const PASSPHRASE: &str = "abrir marco encargo lluvia atar porción";
const LENGTHS: [usize; 7] = [0, 1, 1_000, 65_535, 65_536, 65_537, 200_000];

fn plaintext(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 249) as u8).collect()
}

#[test]
fn it_opens_our_files_under_a_passphrase() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    for len in LENGTHS {
        let file = seal_passphrase(PASSPHRASE, 8, &plaintext(len), &mut rng);
        let mut identity = age::scrypt::Identity::new(SecretString::from(PASSPHRASE));
        identity.set_max_work_factor(8);
        let decryptor = Decryptor::new(file.as_slice()).unwrap();
        let mut plain = Vec::new();
        let identities = std::iter::once(&identity as &dyn age::Identity);
        decryptor.decrypt(identities).unwrap().read_to_end(&mut plain).unwrap();
        assert_eq!(plain, plaintext(len));
    }
}

#[test]
fn we_open_its_files_under_a_passphrase() {
    for len in LENGTHS {
        let mut recipient = age::scrypt::Recipient::new(SecretString::from(PASSPHRASE));
        recipient.set_work_factor(8);
        let recipients = std::iter::once(&recipient as &dyn age::Recipient);
        let mut file = Vec::new();
        let mut writer = Encryptor::with_recipients(recipients)
            .unwrap()
            .wrap_output(&mut file)
            .unwrap();
        writer.write_all(&plaintext(len)).unwrap();
        writer.finish().unwrap();
        assert_eq!(*open_passphrase(PASSPHRASE, &file).unwrap(), plaintext(len));
        assert_eq!(open_passphrase("another", &file), Err(AgeError::NoMatch));
    }
}

#[test]
fn it_reads_our_key_files_as_stock_age_would() {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    let keys = MemberKeys::draw(&mut rng);
    let file = seal_passphrase(PASSPHRASE, 8, keys.to_key_file().as_bytes(), &mut rng);
    let identity = age::scrypt::Identity::new(SecretString::from(PASSPHRASE));
    let decryptor = Decryptor::new(file.as_slice()).unwrap();
    let mut text = String::new();
    let identities = std::iter::once(&identity as &dyn age::Identity);
    decryptor
        .decrypt(identities)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    // Stock age skips comments; one identity is left.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, [keys.identity().to_text().as_str()]);
    assert_eq!(Identity::parse(lines[0]).unwrap().seed(), keys.identity().seed());
}

#[test]
fn its_files_to_keys_are_refused_here_and_ours_have_no_match_there() {
    let key = age::x25519::Identity::generate();
    let recipient = key.to_public();
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let mut file = Vec::new();
    let mut writer = Encryptor::with_recipients(recipients)
        .unwrap()
        .wrap_output(&mut file)
        .unwrap();
    writer.write_all(b"text").unwrap();
    writer.finish().unwrap();
    let ours = Identity::from_seed([1; 32]);
    assert_eq!(open(&ours, &file), Err(AgeError::Header));

    // It reads our header, whole, and then says that no stanza is for its key.
    let mut rng = ChaCha20Rng::seed_from_u64(13);
    let file = seal(&[&ours.recipient()], b"text", &mut rng);
    let refused = Decryptor::new(file.as_slice())
        .unwrap()
        .decrypt(std::iter::once(&key as &dyn age::Identity));
    assert!(matches!(refused, Err(age::DecryptError::NoMatchingKeys)));
    // This version cannot parse our strings: when a later one can, the hybrid files belong in this test.
    assert!(age::x25519::Recipient::from_str(&ours.recipient().to_string()).is_err());
}
