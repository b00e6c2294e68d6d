//! age files, keys and key files (§0, §2).

use crate::Pool;
use protocol::age::format::{AgeHeader, VERSION_LINE, open_with, write_header};
use protocol::age::passphrase::{SCRYPT_TAG, open_passphrase, seal_passphrase};
use protocol::age::payload::{NONCE_LEN, PayloadWriter};
use protocol::age::stream::Opener;
use protocol::age::{self, AgeError, Identity, Recipient, recipient, sealed_len};
use protocol::keys::MemberKeys;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use zeroize::Zeroizing;

/// The identity of docs/vectors/age.json.
fn identity() -> Identity {
    Identity::from_seed([0x5e; 32])
}

/// A header is read in one spelling only: all of it but the MAC is what its stanzas are written as.
pub fn header(data: &[u8]) -> bool {
    let Ok(header) = AgeHeader::parse(data) else {
        return false;
    };
    const MAC_LEN: usize = 44;
    let key = Zeroizing::new([7; 16]);
    let written = write_header(&header.stanzas, &key);
    assert_eq!(written.len(), header.len);
    assert_eq!(written[..header.len - MAC_LEN], data[..header.len - MAC_LEN]);
    let again = AgeHeader::parse(&written).expect("what was written is read");
    assert_eq!(again.stanzas, header.stanzas);
    assert_eq!(again.verify(&key), Ok(()));
    true
}

/// A file opens in one go exactly when it opens as a stream, to the same plaintext, of the one length that its own gives.
/// Where only the header's MAC keeps it from opening, the MAC is mended, so that what lies behind it is reached.
pub fn file(data: &[u8]) -> bool {
    if opens(data) {
        return true;
    }
    let Ok(header) = AgeHeader::parse(data) else {
        return false;
    };
    let Ok(Some(file_key)) = recipient::unwrap(&identity(), &header.stanzas) else {
        return false;
    };
    let mut mended = write_header(&header.stanzas, &file_key);
    let begin = mended.len();
    mended.extend_from_slice(&data[header.len..]);
    opens(&mended);

    // The same bytes as a plaintext: whatever is sealed opens again.
    mended.truncate(begin);
    PayloadWriter::new(&file_key, &[7; NONCE_LEN], &mut mended).finish(&data[header.len..], &mut mended);
    let plain = open_with(&mended, |_| Ok(Some(file_key.clone())));
    assert_eq!(plain.as_deref().map(Vec::as_slice), Ok(&data[header.len..]));
    let alone = header.stanzas.len() == 1;
    assert_eq!(opens(&mended), alone, "one stanza and no more");
    alone
}

fn opens(file: &[u8]) -> bool {
    let whole = age::open(&identity(), file);
    let streamed = stream(file);
    match (whole, streamed) {
        (Ok(plain), Ok(streamed)) => {
            assert_eq!(plain, streamed);
            assert_eq!(file.len(), sealed_len(plain.len(), 1));
            true
        }
        (Err(_), Err(_)) => false,
        (whole, streamed) => panic!("in one go {:?}, as a stream {:?}", whole.is_ok(), streamed.is_ok()),
    }
}

fn stream(file: &[u8]) -> Result<Zeroizing<Vec<u8>>, AgeError> {
    let mut opener = Opener::new(&identity());
    let mut plain = Zeroizing::new(Vec::new());
    for piece in file.chunks(1_000) {
        opener.push(piece, &mut plain)?;
    }
    opener.finish(&mut plain)?;
    Ok(plain)
}

pub fn files(pool: &Pool) -> Vec<Vec<u8>> {
    pool.derived(|item| item.starts_with(VERSION_LINE).then(|| item.to_vec()))
}

const PASSPHRASE: &str = "passphrase";

/// A file under a passphrase, where the work is little: one that asks for more is not tried.
pub fn passphrase(data: &[u8]) -> bool {
    let work = |header: &AgeHeader<'_>| {
        let stanza = header.stanzas.iter().find(|stanza| stanza.tag() == SCRYPT_TAG)?;
        stanza.args.get(2)?.parse::<u64>().ok()
    };
    if AgeHeader::parse(data).is_ok_and(|header| work(&header).is_some_and(|work| work > 4)) {
        return false;
    }
    let Ok(plain) = open_passphrase(PASSPHRASE, data) else {
        return false;
    };
    assert!(plain.len() < data.len());
    assert_eq!(age::open(&identity(), data), Err(AgeError::Header), "no file for a key");
    true
}

pub fn passphrase_files(_: &Pool) -> Vec<Vec<u8>> {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let texts: [&[u8]; 3] = [b"", b"key", &[b'x'; 200]];
    texts.map(|text| seal_passphrase(PASSPHRASE, 1, text, &mut rng)).into()
}

/// Recipients and identities have one spelling, and what is read is a key that can be used.
pub fn keys(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let recipient = Recipient::parse(text);
    if let Some(recipient) = &recipient {
        assert_eq!(recipient.to_string(), text);
        assert_eq!(Recipient::from_bytes(recipient.as_bytes()).as_ref(), Some(recipient));
        age::seal(&[recipient], b"", &mut ChaCha20Rng::from_seed([7; 32]));
    }
    let identity = Identity::parse(text);
    if let Some(identity) = &identity {
        assert_eq!(identity.to_text().as_str(), text);
        identity.recipient();
    }
    recipient.is_some() || identity.is_some()
}

/// A key file is read exactly as it is written.
pub fn key_file(data: &[u8]) -> bool {
    let keys = str::from_utf8(data)
        .ok()
        .and_then(|text| MemberKeys::from_key_file(text).ok());
    if let Some(keys) = &keys {
        assert_eq!(keys.to_key_file().as_bytes(), data);
    }
    keys.is_some()
}
