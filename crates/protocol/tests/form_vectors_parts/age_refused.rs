//! Age files that are refused, each for one reason: header, stanza and MAC are right but for it.

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use protocol::age::format::{AgeHeader, FileKey, Stanza, VERSION_LINE, write_header};
use protocol::age::{self, AgeError, Identity};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};
use sha2::Sha256;

use super::age::{content, file, identity};
use super::{base64, hex};

const LOW_ORDER: &[u8] = include_bytes!("../vectors/cctv-age/hybrid_low_order");
const CHUNK: usize = 65_536;
const TAG: usize = 16;

/// A good file taken apart.
struct Apart {
    file_key: FileKey,
    stanza: Stanza,
    header_len: usize,
    nonce: [u8; 16],
    bytes: Vec<u8>,
}

impl Apart {
    fn of(size: usize) -> Self {
        let bytes = file(size);
        let header = AgeHeader::parse(&bytes).unwrap();
        let file_key = age::recipient::unwrap(&identity(), &header.stanzas).unwrap().unwrap();
        let (stanza, header_len) = (header.stanzas[0].clone(), header.len);
        Self {
            file_key,
            stanza,
            header_len,
            nonce: bytes[header_len..header_len + 16].try_into().unwrap(),
            bytes,
        }
    }

    fn payload(&self) -> &[u8] {
        &self.bytes[self.header_len..]
    }

    /// The same payload behind these stanzas, with the MAC that they need.
    fn behind(&self, stanzas: &[Stanza]) -> Vec<u8> {
        [&write_header(stanzas, &self.file_key), self.payload()].concat()
    }

    /// The header's text changed, with the MAC that it then needs.
    fn retyped(&self, change: impl FnOnce(String) -> String) -> Vec<u8> {
        let header = std::str::from_utf8(&self.bytes[..self.header_len]).unwrap();
        let covered = change(header[..header.rfind(' ').unwrap()].to_owned());
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, self.file_key.as_slice())
            .expand(b"header", &mut key)
            .unwrap();
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key).unwrap();
        mac.update(covered.as_bytes());
        let mac = Base64Unpadded::encode_string(&mac.finalize().into_bytes());
        [format!("{covered} {mac}\n").as_bytes(), self.payload()].concat()
    }

    /// One chunk sealed under this file's key.
    fn chunk(&self, plain: &[u8], counter: u8, last: bool) -> Vec<u8> {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(&self.nonce), self.file_key.as_slice())
            .expand(b"payload", &mut key)
            .unwrap();
        let mut nonce = [0; 12];
        (nonce[10], nonce[11]) = (counter, u8::from(last));
        ChaCha20Poly1305::new(&key.into())
            .encrypt(&Nonce::from(nonce), plain)
            .unwrap()
    }
}

pub fn refused() -> Vec<Value> {
    let mut cases = headers();
    cases.extend(keys());
    cases.extend(payloads());
    cases.extend(cuts());
    cases
}

/// What `age::open` says, in a word.
fn word(error: AgeError) -> &'static str {
    match error {
        AgeError::Header => "header",
        AgeError::NoMatch => "no-match",
        AgeError::Mac => "mac",
        AgeError::Payload => "payload",
    }
}

fn whole(why: &str, fault: &str, bytes: &[u8]) -> Value {
    assert_eq!(age::open(&identity(), bytes).map_err(word), Err(fault), "{why}");
    json!({ "why": why, "fault": fault, "base64": base64(bytes) })
}

fn part(why: &str, fault: &str, of: usize, first: usize, then: &[u8]) -> Value {
    let bytes = [&file(of)[..first], then].concat();
    assert_eq!(age::open(&identity(), &bytes).map_err(word), Err(fault), "{why}");
    json!({ "why": why, "fault": fault, "of": of, "first_bytes": first, "then_hex": hex(then) })
}

/// The grammar of the header; the MAC is right in all of these but the last two.
fn headers() -> Vec<Value> {
    let good = Apart::of(1);
    let (stanza, tag) = (&good.stanza, "mlkem768x25519");
    assert_eq!(good.retyped(|text| text), good.bytes);
    let end = "\n---";
    let other = Stanza {
        args: vec!["X25519".to_owned(), Base64Unpadded::encode_string(&[9; 32])],
        body: vec![1; 32],
    };
    let grease = Stanza {
        args: vec!["something-grease".to_owned()],
        body: vec![],
    };
    let mut extra = stanza.clone();
    extra.args.push("more".to_owned());
    let mut short = stanza.clone();
    short.body.pop();
    let mac_at = good.header_len - 2;
    let mut idle = good.bytes.clone();
    idle[mac_at] = idle_bit(idle[mac_at], 2);
    let mut flipped = good.bytes.clone();
    flipped[mac_at - 20] ^= 1;
    let flipped_fault = if flipped[mac_at - 20].is_ascii_alphanumeric() {
        "mac"
    } else {
        "header"
    };
    vec![
        whole("armor", "header", armored(&good.bytes).as_bytes()),
        whole(
            "version 2",
            "header",
            &good.retyped(|text| text.replacen("/v1", "/v2", 1)),
        ),
        whole(
            "lines ended by CR LF",
            "header",
            &good.retyped(|text| text.replace('\n', "\r\n")),
        ),
        whole(
            "no stanza",
            "header",
            &good.retyped(|_| format!("{}---", str(VERSION_LINE))),
        ),
        whole(
            "two spaces",
            "header",
            &good.retyped(|text| text.replacen(tag, &format!(" {tag}"), 1)),
        ),
        whole(
            "a tag in upper case",
            "header",
            &good.retyped(|text| text.replacen("mlkem", "MLKEM", 1)),
        ),
        whole("an argument more", "header", &good.behind(&[extra])),
        whole("a body of 31 bytes", "header", &good.behind(&[short])),
        whole(
            "a body with padding",
            "header",
            &good.retyped(|text| text.replacen(end, &format!("={end}"), 1)),
        ),
        whole(
            "a body that is not canonical base64",
            "header",
            &good.retyped(|text| idle_before(&text, end, 2)),
        ),
        whole(
            "an empty line after the body",
            "header",
            &good.retyped(|text| text.replacen(end, &format!("\n{end}"), 1)),
        ),
        whole(
            "an encapsulated key that is not canonical base64",
            "header",
            &good.retyped(|text| {
                let argument = text.find(tag).unwrap();
                let line_end = argument + text[argument..].find('\n').unwrap();
                let (first, rest) = text.split_at(line_end);
                format!(
                    "{}{rest}",
                    idle_before(&format!("{first}|"), "|", 4).trim_end_matches('|')
                )
            }),
        ),
        whole(
            "a stanza of another type beside it",
            "header",
            &good.behind(&[stanza.clone(), other]),
        ),
        whole(
            "a stanza of an unknown type before it",
            "header",
            &good.behind(&[grease, stanza.clone()]),
        ),
        whole(
            "the same stanza twice",
            "header",
            &good.behind(&[stanza.clone(), stanza.clone()]),
        ),
        whole("a MAC that is not canonical base64", "header", &idle),
        whole("a MAC changed", flipped_fault, &flipped),
    ]
}

/// Who can open.
fn keys() -> Vec<Value> {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let (own, strange) = (identity().recipient(), Identity::from_seed([0x5f; 32]).recipient());
    let two = age::seal(&[&own, &strange], &content(1), &mut rng);
    let to_another = age::seal(&[&strange], &content(1), &mut rng);
    let flip = |at: usize| {
        let good = Apart::of(1);
        let mut changed = good.stanza.clone();
        if at < 32 {
            changed.body[at] ^= 1;
        } else {
            let mut enc = Base64Unpadded::decode_vec(&changed.args[1]).unwrap();
            enc[at - 32] ^= 1;
            changed.args[1] = Base64Unpadded::encode_string(&enc);
        }
        good.behind(&[changed])
    };
    vec![
        whole("two stanzas, of which one is for this key", "header", &two),
        whole("to another key", "no-match", &to_another),
        whole("a bit of the wrapped file key", "no-match", &flip(0)),
        whole("a bit of the ML-KEM ciphertext", "no-match", &flip(32)),
        whole("a bit of the X25519 share", "no-match", &flip(32 + 1_088)),
        low_order(),
    ]
}

/// C2SP CCTV's file, which only the rule about the share refuses.
fn low_order() -> Value {
    let text = std::str::from_utf8(&LOW_ORDER[..LOW_ORDER.windows(2).position(|two| two == b"\n\n").unwrap()]).unwrap();
    let identity = text.lines().find_map(|line| line.strip_prefix("identity: ")).unwrap();
    let bytes = &LOW_ORDER[text.len() + 2..];
    let why = "an X25519 share of low order (C2SP CCTV hybrid_low_order), for `identity`";
    assert_eq!(
        age::open(&Identity::parse(identity).unwrap(), bytes).map_err(word),
        Err("header"),
        "{why}"
    );
    json!({ "why": why, "fault": "header", "identity": identity, "base64": base64(bytes) })
}

/// Chunks.
fn payloads() -> Vec<Value> {
    let (empty, one, two) = (Apart::of(0), Apart::of(1), Apart::of(CHUNK + 1));
    let first = two.header_len + 16;
    let with = |apart: &Apart, chunk: &[u8]| [&apart.bytes[..apart.header_len + 16], chunk].concat();
    let mut flipped = one.bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let twice = two.chunk(&content(1), 0, true);
    vec![
        whole("a bit of the last tag", "payload", &flipped),
        whole("a byte after the end", "payload", &[&one.bytes[..], &[0]].concat()),
        whole(
            "a line feed after the end",
            "payload",
            &[&one.bytes[..], b"\n"].concat(),
        ),
        whole(
            "a second file after the first",
            "payload",
            &[&one.bytes[..], &one.bytes].concat(),
        ),
        whole(
            "the only chunk not marked as the last",
            "payload",
            &with(&one, &one.chunk(&content(1), 0, false)),
        ),
        whole(
            "the only chunk counted as the second",
            "payload",
            &with(&one, &one.chunk(&content(1), 1, true)),
        ),
        whole(
            "an empty chunk not marked as the last",
            "payload",
            &with(&empty, &empty.chunk(&[], 0, false)),
        ),
        part(
            "an empty last chunk after a full one",
            "payload",
            CHUNK + 1,
            first + CHUNK + TAG,
            &two.chunk(&[], 1, true),
        ),
        part(
            "a second chunk counted as the first",
            "payload",
            CHUNK + 1,
            first + CHUNK + TAG,
            &twice,
        ),
        part(
            "a last chunk marked as one of the others",
            "payload",
            CHUNK + 1,
            first + CHUNK + TAG,
            &two.chunk(&content(1), 1, false),
        ),
    ]
}

/// Files cut short.
fn cuts() -> Vec<Value> {
    let header = Apart::of(1).header_len;
    vec![
        part("nothing", "header", 1, 0, &[]),
        part("cut within the first line", "header", 1, 10, &[]),
        part("cut within the stanza", "header", 1, 900, &[]),
        part("cut before the header's last line feed", "header", 1, header - 1, &[]),
        part("cut after the header", "header", 1, header, &[]),
        part("cut within the nonce", "header", 1, header + 15, &[]),
        part("cut after the nonce", "payload", 1, header + 16, &[]),
        part("cut within the only chunk", "payload", 1, header + 16 + TAG, &[]),
        part("cut by one byte", "payload", CHUNK, header + 16 + CHUNK + TAG - 1, &[]),
        part(
            "cut between two chunks",
            "payload",
            CHUNK + 1,
            header + 16 + CHUNK + TAG,
            &[],
        ),
        part(
            "cut within the second chunk",
            "payload",
            CHUNK + 1,
            header + 16 + CHUNK + TAG + TAG,
            &[],
        ),
        part(
            "cut between two full chunks",
            "payload",
            2 * CHUNK,
            header + 16 + CHUNK + TAG,
            &[],
        ),
    ]
}

fn armored(bytes: &[u8]) -> String {
    let text = Base64::encode_string(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(str).collect();
    format!(
        "-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n",
        lines.join("\n")
    )
}

fn str(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A base64 digit whose lowest bit is turned, one of `bits` that decoding drops.
fn idle_bit(digit: u8, bits: u32) -> u8 {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = ALPHABET.iter().position(|c| *c == digit).unwrap();
    assert_eq!(value & ((1 << bits) - 1), 0, "these bits are zero in canonical base64");
    ALPHABET[value ^ 1]
}

/// The digit before `end` with an idle bit set.
fn idle_before(text: &str, end: &str, bits: u32) -> String {
    let at = text.find(end).unwrap() - 1;
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = idle_bit(bytes[at], bits);
    String::from_utf8(bytes).unwrap()
}
