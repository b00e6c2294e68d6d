//! All 143 vectors of the age project (C2SP CCTV), with the outcome that each one states.
//!
//! The file format is judged beneath this protocol's own rules ([`format::open_with`]), with an X25519
//! recipient written here for the vectors that need one; then [`open`] and [`open_passphrase`] are held to
//! the same outcome wherever the file is one of ours, and to a refusal of the header everywhere else.

use base64ct::{Base64Unpadded, Encoding as _};
use bech32::FromBase32;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use protocol::age::format::{self, AgeHeader, FileKey, Stanza};
use protocol::age::passphrase::{self, open_passphrase};
use protocol::age::payload::{NONCE_LEN, PayloadReader, PayloadWriter};
use protocol::age::stream::CHUNK;
use protocol::age::{AgeError, Identity, open, recipient};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// Files that this protocol refuses though another reader opens them or looks on: other or more stanzas.
const REFUSED_HERE: [&str; 5] = [
    "hybrid_and_x25519",
    "hybrid_grease",
    "hybrid_multiple_recipients",
    "hybrid_uppercase",
    "scrypt_uppercase",
];
/// Files of which the reference reader gives out one chunk more before it fails: a full one that claims to be
/// the last with more to come, or claims not to be the last with nothing to come. Ours knows first, and does not.
const HELD_BACK: [&str; 7] = [
    "stream_no_final_full",
    "stream_no_final_two_chunks_full",
    "stream_trailing_garbage_long",
    "stream_trailing_garbage_short",
    "stream_two_final_chunks",
    "stream_two_final_chunks_full",
    "stream_two_final_chunks_second",
];
/// Armored files: armor is not read here (§0), so that each of them is refused at its first line.
const ARMORED: usize = 33;
const ALL: usize = 143;

struct Vector {
    name: String,
    keys: BTreeMap<String, Vec<String>>,
    file: Vec<u8>,
}

impl Vector {
    /// All of them, read once.
    fn all() -> &'static [Self] {
        static ALL_VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(Vector::read_all);
        &ALL_VECTORS
    }

    fn read_all() -> Vec<Self> {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../crates/protocol/tests/vectors/cctv-age"
        );
        let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
        entries.retain(|entry| !["ORIGIN", ".gitattributes"].contains(&entry.file_name().to_str().unwrap()));
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let vectors: Vec<_> = entries.iter().map(Self::read).collect();
        assert_eq!(vectors.len(), ALL);
        vectors
    }

    fn read(entry: &std::fs::DirEntry) -> Self {
        let bytes = std::fs::read(entry.path()).unwrap();
        let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap();
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
            let (key, value) = line.split_once(": ").unwrap();
            keys.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        let mut file = bytes[end + 2..].to_vec();
        match keys.get("compressed").map(|how| how[0].as_str()) {
            None => {}
            Some("zlib") => {
                let mut plain = Vec::new();
                flate2::read::ZlibDecoder::new(file.as_slice())
                    .read_to_end(&mut plain)
                    .unwrap();
                file = plain;
            }
            Some(other) => panic!("unknown compression {other}"),
        }
        let name = entry.file_name().into_string().unwrap();
        Self { name, keys, file }
    }

    fn values(&self, key: &str) -> &[String] {
        self.keys.get(key).map_or(&[], Vec::as_slice)
    }

    fn is_armored(&self) -> bool {
        !self.values("armored").is_empty()
    }

    fn expected(&self) -> Result<(), AgeError> {
        match self.values("expect")[0].as_str() {
            "success" => Ok(()),
            "no match" => Err(AgeError::NoMatch),
            "HMAC failure" => Err(AgeError::Mac),
            "header failure" => Err(AgeError::Header),
            "payload failure" => Err(AgeError::Payload),
            other => panic!("{}: unknown outcome {other}", self.name),
        }
    }

    /// SHA-256 of what a streaming reader gives out, complete or not.
    fn payload_hash(&self) -> Option<&str> {
        self.values("payload").first().map(String::as_str)
    }

    fn file_key(&self) -> Option<FileKey> {
        let bytes = base16ct::lower::decode_vec(self.values("file key").first()?.as_bytes()).unwrap();
        Some(Zeroizing::new(bytes.try_into().ok()?))
    }

    /// Tries every identity and passphrase of the vector, in order.
    fn unwrap(&self, stanzas: &[Stanza]) -> Result<Option<FileKey>, AgeError> {
        for text in self.values("identity") {
            let found = match Identity::parse(text) {
                Some(identity) => recipient::unwrap(&identity, stanzas)?,
                None => x25519_unwrap(text, stanzas)?,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        for text in self.values("passphrase") {
            if let Some(file_key) = passphrase::unwrap(text, stanzas)? {
                return Ok(Some(file_key));
            }
        }
        Ok(None)
    }
}

/// The X25519 recipient of age.md, which this protocol does not use.
fn x25519_unwrap(identity: &str, stanzas: &[Stanza]) -> Result<Option<FileKey>, AgeError> {
    let (hrp, data, _) = bech32::decode(identity).unwrap();
    assert_eq!(hrp, "age-secret-key-");
    let secret: [u8; 32] = Vec::from_base32(&data).unwrap().try_into().unwrap();
    for stanza in stanzas.iter().filter(|stanza| stanza.tag() == "X25519") {
        let [_, share] = stanza.args.as_slice() else {
            return Err(AgeError::Header);
        };
        let share = Base64Unpadded::decode_vec(share).map_err(|_| AgeError::Header)?;
        let share: [u8; 32] = share.try_into().map_err(|_| AgeError::Header)?;
        let shared = MontgomeryPoint(share).mul_clamped(secret).0;
        if stanza.body.len() != 32 || shared == [0; 32] {
            return Err(AgeError::Header);
        }
        let salt = [share, MontgomeryPoint::mul_base_clamped(secret).0].concat();
        let mut key = [0; 32];
        let hkdf = Hkdf::<Sha256>::new(Some(&salt), &shared);
        hkdf.expand(b"age-encryption.org/v1/X25519", &mut key).unwrap();
        let cipher = ChaCha20Poly1305::new(&key.into());
        if let Ok(plain) = cipher.decrypt(&Nonce::default(), stanza.body.as_slice()) {
            return Ok(Some(Zeroizing::new(plain.try_into().unwrap())));
        }
    }
    Ok(None)
}

/// The plaintext of the chunk at `index`, under whichever of the two flags verifies.
fn next_chunk(file_key: &FileKey, payload: &[u8], index: usize) -> Vec<u8> {
    let (nonce, chunks) = payload.split_at(NONCE_LEN);
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(nonce), file_key.as_slice())
        .expand(b"payload", &mut key)
        .unwrap();
    let cipher = ChaCha20Poly1305::new(&key.into());
    let chunk = chunks.chunks(CHUNK + 16).nth(index).unwrap();
    let mut nonce = [0; 12];
    nonce[10] = u8::try_from(index).unwrap();
    let flags = [0, 1].into_iter();
    let opened = flags.map(|last| {
        nonce[11] = last;
        cipher.decrypt(&nonce.into(), chunk)
    });
    opened.flatten().next().unwrap()
}

fn hash(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

#[test]
fn every_binary_vector_has_its_outcome() {
    let mut run = 0;
    for vector in Vector::all().iter().filter(|vector| !vector.is_armored()) {
        let opened = format::open_with(&vector.file, |stanzas| vector.unwrap(stanzas));
        assert_eq!(
            opened.as_ref().map(|_| ()).map_err(|e| *e),
            vector.expected(),
            "{}",
            vector.name
        );
        if let Ok(plain) = opened {
            assert_eq!(Some(hash(&plain).as_str()), vector.payload_hash(), "{}", vector.name);
        }
        run += 1;
    }
    assert_eq!(run, ALL - ARMORED);
}

#[test]
fn every_armored_file_is_refused() {
    let armored: Vec<_> = Vector::all().iter().filter(|vector| vector.is_armored()).collect();
    for vector in &armored {
        let opened = format::open_with(&vector.file, |stanzas| vector.unwrap(stanzas));
        assert_eq!(opened, Err(AgeError::Header), "{}", vector.name);
    }
    assert_eq!(armored.len(), ARMORED);
}

#[test]
fn our_own_rules_change_no_outcome_but_the_named_ones() {
    let (mut refused, mut run) = (Vec::new(), 0);
    for vector in Vector::all().iter().filter(|vector| !vector.is_armored()) {
        let mut outcomes = Vec::new();
        for identity in vector
            .values("identity")
            .iter()
            .filter_map(|text| Identity::parse(text))
        {
            outcomes.push(open(&identity, &vector.file));
        }
        outcomes.extend(
            vector
                .values("passphrase")
                .iter()
                .map(|text| open_passphrase(text, &vector.file)),
        );
        for opened in outcomes {
            let outcome = opened.map(|plain| assert_eq!(Some(hash(&plain).as_str()), vector.payload_hash()));
            if outcome != vector.expected() {
                assert_eq!(outcome, Err(AgeError::Header), "{}", vector.name);
                refused.push(vector.name.clone());
            }
            run += 1;
        }
    }
    assert_eq!(refused, REFUSED_HERE);
    assert_eq!(
        run,
        18 + 24 + 2,
        "hybrid identities, passphrases, and the second one of scrypt_double"
    );
}

#[test]
fn a_stream_gives_out_exactly_what_each_vector_states() {
    let mut run = 0;
    for vector in Vector::all().iter().filter(|vector| !vector.is_armored()) {
        let Some(expected) = vector.payload_hash() else {
            continue;
        };
        let header = AgeHeader::parse(&vector.file).unwrap();
        let file_key = vector.unwrap(&header.stanzas).unwrap().unwrap();
        // Unoptimised, the largest files take a second each: once is enough for them.
        let steps = if vector.file.len() < 1 << 20 {
            &[17, 65_552, usize::MAX][..]
        } else {
            &[4_099]
        };
        for step in steps.iter().copied() {
            let mut reader = PayloadReader::new(file_key.clone());
            let mut out = Zeroizing::new(Vec::new());
            let mut pieces = vector.file[header.len..].chunks(step.min(vector.file.len()));
            let pushed = pieces.try_for_each(|piece| reader.push(piece, &mut out));
            let outcome = pushed.and_then(|()| reader.finish(&mut out));
            assert_eq!(outcome, vector.expected(), "{}", vector.name);
            if HELD_BACK.contains(&vector.name.as_str()) {
                let index = out.len() / CHUNK;
                out.extend_from_slice(&next_chunk(&file_key, &vector.file[header.len..], index));
            }
            assert_eq!(hash(&out), expected, "{}, {step} bytes at a time", vector.name);
        }
        run += 1;
    }
    assert_eq!(
        run,
        Vector::all()
            .iter()
            .filter(|v| !v.is_armored() && v.payload_hash().is_some())
            .count()
    );
    assert!(run >= 30, "{run}");
}

#[test]
fn what_was_read_is_written_again_byte_for_byte() {
    let (mut headers, mut payloads) = (0, 0);
    for vector in Vector::all().iter().filter(|vector| !vector.is_armored()) {
        let Ok(header) = AgeHeader::parse(&vector.file) else {
            continue;
        };
        let Some(file_key) = vector.file_key() else { continue };
        if header.verify(&file_key).is_ok() {
            assert_eq!(
                format::write_header(&header.stanzas, &file_key),
                vector.file[..header.len],
                "{}",
                vector.name
            );
            headers += 1;
        }
        if vector.expected().is_ok() && vector.file.len() < 1 << 20 {
            let plain = format::open_with(&vector.file, |_| Ok(Some(file_key.clone()))).unwrap();
            let payload = &vector.file[header.len..];
            let mut again = Vec::new();
            let mut writer = PayloadWriter::new(&file_key, payload[..NONCE_LEN].try_into().unwrap(), &mut again);
            plain.chunks(50_001).for_each(|piece| writer.push(piece, &mut again));
            writer.finish(&[], &mut again);
            assert_eq!(hash(&again), hash(payload), "{}", vector.name);
            payloads += 1;
        }
    }
    assert!(
        headers >= 50 && payloads >= 15,
        "{headers} headers, {payloads} payloads"
    );
}
