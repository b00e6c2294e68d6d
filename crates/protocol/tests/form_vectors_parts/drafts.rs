//! `drafts.json`: the keys of a phrase's draft, a draft whole, and files that open to nothing (§9.5).

use protocol::age::payload::{FileKey, PayloadWriter};
use protocol::draft::{DRAFT_LEN, Draft, DraftKeys, TEXT_MAX};
use protocol::keys::hkdf;
use protocol::phrase::PhraseRoot;
use protocol::{Digest, label};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};

use super::hex;

const SAVED: u64 = 1_795_478_400;
const NONCE: [u8; 16] = [0x77; 16];

/// What she has written so far.
fn draft() -> Draft {
    let fields = [("account", "No sé por dónde empezar.\nFue en marzo."), ("danger", "no")];
    Draft::new(
        SAVED,
        fields.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
    )
}

pub fn vectors() -> Value {
    let case = PhraseRoot::from_bytes([0x11; 32]).case(0);
    let keys = DraftKeys::derive(&case.draft);
    let key = hkdf(case.draft.expose(), &[label::DRAFT_KEY]);
    let file = keys.seal(&draft(), &mut ChaCha20Rng::seed_from_u64(5)).unwrap();
    assert_eq!(keys.open(&file), Some(draft()));
    let text = String::from_utf8(protocol::json::write(&draft())).unwrap();
    let mut drawn = FileKey::default();
    drawn.copy_from_slice(&key[..16]);
    assert_eq!(sealed(&drawn, &plain(&text), file.first_chunk().unwrap()), file);
    let refused = |why: &str, plain: &[u8]| {
        let file = sealed(&drawn, plain, &NONCE);
        assert_eq!(keys.open(&file), None, "{why}");
        json!({ "why": why, "plain_begins": hex(&plain[..plain.len().min(96)]), "plain_size": plain.len(),
            "nonce": hex(NONCE), "file_sha256": Digest::of(&file) })
    };
    let mut marked = plain(&text);
    marked[DRAFT_LEN - 1] = 1;
    let mut beyond = plain(&text);
    beyond[..2].copy_from_slice(&((TEXT_MAX + 1) as u16).to_be_bytes());
    json!({
        "about": [
            "Drafts (section 9.5) of the phrase with root 32 x 11, c = 0. A file is its nonce (16 bytes) and one chunk of an",
            "age payload under the key's first 16 bytes: 32,768 bytes of plaintext, length u16, text, zeros.",
            "`refused`: what is sealed rightly and is no draft; what follows `plain_begins` up to the size is zeros but for the",
            "mark, which is the last byte.",
        ],
        "draft_key": hex(case.draft.expose()),
        "key": hex(drawn.as_slice()),
        "write": hex(hkdf(case.draft.expose(), &[label::DRAFT_WRITE]).as_slice()),
        "name": keys.name(),
        "header_of_the_first": keys.header(None).as_str(),
        "header_of_the_next": keys.header(Some(&Digest::of(&file))).as_str(),
        "text": text,
        "nonce": hex(&file[..16]),
        "file_size": file.len(),
        "file_sha256": Digest::of(&file),
        "refused": [
            refused("a mark in the padding", &marked),
            refused("a length beyond the plaintext", &beyond),
            refused("a shorter plaintext", &plain(&text)[..DRAFT_LEN - 1]),
            refused("another version", &plain(&text.replace("\"v\":1", "\"v\":2"))),
            refused("a field of the text that there is not", &plain(&text.replace("\"v\":1", "\"v\":1,\"x\":1"))),
        ],
    })
}

fn plain(text: &str) -> Vec<u8> {
    let mut plain = [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat();
    plain.resize(DRAFT_LEN, 0);
    plain
}

fn sealed(key: &FileKey, plain: &[u8], nonce: &[u8; 16]) -> Vec<u8> {
    let mut file = Vec::new();
    PayloadWriter::new(key, nonce, &mut file).finish(plain, &mut file);
    file
}
