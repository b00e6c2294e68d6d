//! `filing.json`: one whole filing with every secret, and its opening.

use curve25519_dalek::Scalar;
use protocol::age::{self, Identity};
use protocol::http::{Work, WorkNonce, work_bits, work_search};
use protocol::keys::MemberKeys;
use protocol::open::{combine_releases, header_of_release, open_header_file, unpad_document, unpad_evidence};
use protocol::phrase::{CaseKeys, Language, Phrase};
use protocol::seal::{CompartmentKey, Posting, Sealed, seal};
use protocol::share::{Coefficients, ReleaseFile, ShareFile, compartment};
use protocol::statement::{Compartment, ObjectKind, Opening};
use protocol::{Digest, MemberNumber};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::derivations::{case_values, identity, root_of};
use super::{base64, file, hex, statement};
use crate::filing_support::{ORIGIN, World};

const SEED: [u8; 32] = [0x2a; 32];
const ENTROPY: [u8; 11] = *b"\x01\x11\x21\x31\x41\x51\x61\x71\x81\x91\xa0";
const REQUEST: Digest = Digest([0x51; 32]);
const PHOTOGRAPH: &[u8] = b"\xff\xd8\xff\xe0 not a photograph, but bytes that begin like one \xff\xd9";

/// One compartment with the secrets that sealing forgets.
struct Part {
    name: Compartment,
    threshold: u8,
    a: Zeroizing<Vec<Scalar>>,
    b: Zeroizing<Vec<Scalar>>,
    json: String,
    evidence: Option<Vec<u8>>,
}

pub fn vectors() -> Value {
    let world = World::new(5, 3, 4);
    let phrase = Phrase::from_entropy(ENTROPY).unwrap();
    let case = phrase.root(&world.origin).unwrap().case(0);
    let mut rng = ChaCha20Rng::from_seed(SEED);
    let (sealed, parts) = file_testimony(&world, &case, &mut rng);
    json!({
        "about": [
            "One whole filing with every secret, and its opening: the account (threshold 3) from the releases of seats 1, 3",
            "and 5, the identity (threshold 4) from those of all five, one more than needed. Enough to test an opener and a seat.",
            "Randomness is ChaCha20 (20 rounds, 64-bit counter from 0, nonce 0) under `rng_seed`, used up in the",
            "order of sealing; a second implementation need not reproduce the ciphertexts, only open them.",
            "Scalars are 32 bytes little-endian. Files are age files, base64.",
        ],
        "rng_seed": hex(SEED),
        "origin": ORIGIN,
        "day": crate::filing_support::DAY,
        "council": statement(&world.council_envelope),
        "greeting": statement(&world.greeting),
        "seats": world.council.seats.iter().map(|seat| member(seat.x, world.keys(seat.x))).collect::<Vec<_>>(),
        "operator": { "seed": hex(world.operator.seed()), "key": world.operator.public() },
        "phrase": {
            "entropy": hex(ENTROPY),
            "words_english": phrase.words(Language::English).as_str(),
            "words_spanish": phrase.words(Language::Spanish).as_str(),
            "root": hex(root_of(&ENTROPY, &world.origin)),
        },
        "case": case_values(&case),
        "k": identity(&case.case_salt.k()),
        "compartments": parts.iter().zip(&sealed.documents).map(|(part, document)| compartment_values(part, document, &case)).collect::<Vec<_>>(),
        "header": header(&sealed, &case),
        "shares": sealed.shares.iter().map(|(x, bytes)| share(*x, bytes, &world)).collect::<Vec<_>>(),
        "greetings": sealed.greetings.iter().map(|(bucket, record)| greeting(bucket, record, &case)).collect::<Vec<_>>(),
        "entry": hex(sealed.entry.to_bytes()),
        "entry_sha256": sealed.id(),
        "form": form(&world, &sealed),
        "opening": opening(&world, &sealed, &parts),
    })
}

fn file_testimony(world: &World, case: &CaseKeys, rng: &mut ChaCha20Rng) -> (Sealed, Vec<Part>) {
    let mut keys = Vec::new();
    let mut parts = Vec::new();
    for name in [Compartment::Account, Compartment::Identity] {
        let threshold = world.council.threshold(name).unwrap();
        let (a, b) = coefficients(threshold, rng.clone());
        let mut key = CompartmentKey::draw(name, threshold, Opening::OnRequest, case, &world.xs(), rng);
        let evidence = (name == Compartment::Account).then(|| key.seal_evidence(PHOTOGRAPH, ObjectKind::Evidence, rng));
        let json = document(name, evidence.as_deref());
        key.set_document(json.as_bytes(), rng).unwrap();
        keys.push(key);
        parts.push(Part {
            name,
            threshold,
            a,
            b,
            json,
            evidence,
        });
    }
    (seal(&world.request(&world.xs()), case, keys, rng).unwrap(), parts)
}

/// What a drawing takes first: t coefficients of s, then t of b, 64 bytes each, little-endian mod ℓ.
fn coefficients(t: u8, mut rng: ChaCha20Rng) -> (Zeroizing<Vec<Scalar>>, Zeroizing<Vec<Scalar>>) {
    let mut draw = || {
        let mut wide = [0; 64];
        rng.fill_bytes(&mut wide);
        Scalar::from_bytes_mod_order_wide(&wide)
    };
    let mut next = || Zeroizing::new((0..t).map(|_| draw()).collect());
    (next(), next())
}

fn document(name: Compartment, evidence: Option<&[u8]>) -> String {
    let files: Vec<Value> = evidence.iter().map(|file| evidence_line(file)).collect();
    let text = match name {
        Compartment::Account => "Me quitaron el pasaporte en la segunda semana.",
        _ => "María",
    };
    format!(
        r#"{{"v":1,"text":"{text}","answers":{{}},"files":{}}}"#,
        serde_json::to_string(&files).unwrap()
    )
}

fn evidence_line(file: &[u8]) -> Value {
    json!({
        "object": Digest::of(file),
        "copy": null,
        "size": PHOTOGRAPH.len(),
        "copy_size": null,
        "sha256": Digest::of(PHOTOGRAPH),
        "name": "foto.jpg",
        "date": "2026-11-20",
        "type": "image/jpeg",
    })
}

fn member(x: MemberNumber, keys: &MemberKeys) -> Value {
    json!({
        "x": x,
        "seed": hex(keys.seed()),
        "kem": identity(keys.identity()),
        "sign": { "seed": hex(keys.signing().to_bytes()), "key": keys.public() },
    })
}

fn scalars(values: &[Scalar]) -> Vec<String> {
    values.iter().map(|value| hex(value.as_bytes())).collect()
}

fn compartment_values(part: &Part, document: &[u8], case: &CaseKeys) -> Value {
    let t = compartment::identity(&part.a[0], None, &case.id, part.name);
    let dealing = Coefficients::new(part.a.clone(), part.b.clone())
        .unwrap()
        .deal(&[])
        .unwrap();
    let plain = age::open(&t, document).unwrap();
    assert_eq!(unpad_document(&plain), (part.json.as_bytes(), true));
    let evidence = part.evidence.as_ref().map(|sealed| {
        let plain = age::open(&t, sealed).unwrap();
        assert_eq!(
            unpad_evidence(&plain, PHOTOGRAPH.len() as u64),
            Some((PHOTOGRAPH, true))
        );
        json!({ "original_base64": base64(PHOTOGRAPH), "padded_size": plain.len(), "file": file(sealed) })
    });
    json!({
        "name": u8::from(part.name),
        "threshold": part.threshold,
        "secret": hex(part.a[0].as_bytes()),
        "a": scalars(&part.a),
        "b": scalars(&part.b),
        "commitments": dealing.commitments,
        "t": identity(&t),
        "document": {
            "json": part.json,
            "padded_size": plain.len(),
            "padded_sha256": Digest::of(&plain),
            "file": file(document),
        },
        "evidence": evidence,
    })
}

fn header(sealed: &Sealed, case: &CaseKeys) -> Value {
    let k = case.case_salt.k();
    let plain = age::open(&k, &sealed.header).unwrap();
    let (core, testimony) = open_header_file(&k, &sealed.header).unwrap();
    json!({
        "core": statement(&core),
        "testimony": statement(&testimony),
        "plaintext_sha256": Digest::of(&plain),
        "plaintext_size": plain.len(),
        "file": file(&sealed.header),
    })
}

fn share(x: MemberNumber, bytes: &[u8], world: &World) -> Value {
    let plain = age::open(world.keys(x).identity(), bytes).unwrap();
    json!({ "x": x, "plaintext": hex(&*plain), "file": file(bytes) })
}

fn greeting(bucket: &Digest, record: &[u8], case: &CaseKeys) -> Value {
    let hers = age::open(&case.inbox, record).ok();
    json!({
        "bucket_hash": bucket,
        "hers": hers.is_some(),
        "plaintext_sha256": hers.map(|plain| Digest::of(&plain)),
        "file": file(record),
    })
}

/// Work of 8 bits, so that the vectors are made fast.
fn form(world: &World, sealed: &Sealed) -> Value {
    let nonce = WorkNonce([0x77; 16]);
    let counter = work_search(&nonce, &sealed.id(), 8, 0, u64::MAX).unwrap();
    assert!(work_bits(&nonce, &sealed.id(), counter) >= 8);
    let posting = Posting {
        b: 0,
        keep: 180,
        soon: false,
        quota: None,
        work: Work { nonce, counter },
    };
    serde_json::to_value(sealed.filing_form(&world.origin, posting)).unwrap()
}

/// Seats 1, 3 and 5 release the account, all five the identity, to a request of which only D matters here.
fn opening(world: &World, sealed: &Sealed, parts: &[Part]) -> Value {
    let shares: Vec<ShareFile> = sealed
        .shares
        .iter()
        .map(|(x, file)| ShareFile::parse(&age::open(world.keys(*x).identity(), file).unwrap()).unwrap())
        .collect();
    let release = |seat: usize, name| -> ReleaseFile { shares[seat].release(REQUEST, name).unwrap() };
    let choices = [
        (Compartment::Account, vec![0, 2, 4]),
        (Compartment::Identity, vec![0, 1, 2, 3, 4]),
    ];
    let opened = choices.iter().zip(parts).map(|((name, seats), part)| {
        let releases: Vec<ReleaseFile> = seats.iter().map(|seat| release(*seat, *name)).collect();
        let header = header_of_release(&releases[0], &sealed.header).unwrap();
        let (t, bad) = combine_releases(REQUEST, &header.core, *name, &releases, None).unwrap();
        assert!(bad.is_empty() && opens(&t, &sealed.documents, &part.json));
        json!({
            "name": u8::from(*name),
            "release_files": releases.iter().map(|release| hex(&*release.to_bytes())).collect::<Vec<_>>(),
            "secret": hex(part.a[0].as_bytes()),
            "t": t.to_text().as_str(),
        })
    });
    json!({ "d_request": REQUEST, "compartments": opened.collect::<Vec<_>>() })
}

fn opens(t: &Identity, documents: &[Vec<u8>], json: &str) -> bool {
    let plains = documents.iter().filter_map(|file| age::open(t, file).ok());
    plains
        .map(|plain| unpad_document(&plain).0.to_vec())
        .eq([json.as_bytes().to_vec()])
}
