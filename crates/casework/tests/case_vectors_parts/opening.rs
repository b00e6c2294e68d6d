//! `opening.json`: one case after its filing, as a reader with release files finds it (§6.2, §8.1, §21).

use protocol::age::{self, Identity};
use protocol::drop::{seal_act, seal_release_file};
use protocol::open::{OpenError, open_header_file};
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::seal::{CompartmentKey, SealRequest, Sealed, seal};
use protocol::share::CombineError;
use protocol::share::file::{Flags, ReleaseFile, ShareFile};
use protocol::statement::{
    AccessPolicy, Compartment, DocketChoice, Opening, Release, ReleasedFile, Request, SealedBy, WithdrawChoice,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Origin};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::reader::{self, Reading};
use super::tree::{SEEDS, Tree};
use super::{base64, beginning, file, hex};
use crate::support::{
    self, Filing, HOUR, Log, OBJECTION_S, ORIGIN, READER, T0, Vote, Wish, council, keys, policy_text, rng, sign, x,
};

const SEED: u64 = 0x6f70_656e;
const STEP: u64 = 600;
const ACCOUNT: &str =
    r#"{"v":1,"text":"Me quitaron el pasaporte en la segunda semana.","answers":{"when":"2026"},"files":[]}"#;
const IDENTITY: &str = r#"{"v":1,"text":"María","answers":{},"files":[]}"#;
/// The seat whose released share is not the one that it was dealt.
const BAD: u16 = 2;
/// The seat whose release file answers another request.
const STRAY: u16 = 5;
/// D of that other request.
const OTHER: Digest = Digest([0x51; 32]);

/// The log, the filing, and what lies in the drop.
struct World {
    log: Log,
    filing: Filing,
    request: Envelope,
    asker: Identity,
    records: Vec<Vec<u8>>,
    releases: Vec<(u16, Vec<u8>)>,
    gaps: Vec<u64>,
}

pub fn vectors() -> Value {
    let mut rng = rng(SEED);
    let world = world(&mut rng);
    let entries: Vec<Vec<u8>> = world.log.entries.iter().map(|(bytes, _)| bytes.clone()).collect();
    let filed = entries
        .iter()
        .position(|entry| *entry == world.filing.entry.to_bytes())
        .unwrap();
    let receipt = Tree(&entries).receipt(filed as u64, world.log.now);
    let mut vectors = json!({
        "about": [
            "A case after its filing (sections 6.2, 7, 8, 21): five seats acknowledge, one refers it to reader 11, who asks for the",
            "account (threshold 3); seats 1 to 4 grant and release. Two entries are gaps, one of them in the slot of the first ack.",
            "Before the filing another entry stands in slot 0, which is nothing.",
            "`bucket`: records of the one bucket (b = 0), oldest first; the copies of acts that section 8.1 sends to the reader and",
            "to the request's recipient are left out. Besides the acts under K (two records are pieces of the request) it has the",
            "greetings, the five release files, and three records that must not count: a decoy (opens with K, holds a statement of",
            "seat 5, but no entry commits to it), a malformed one (opens with K, first byte 09), and a foreign one.",
            "The release file of seat 2 carries a false share; that of seat 5 answers another request and is nobody's `release`.",
            "`expected` is what a reader finds from all else; `refused` are sets of release files that open nothing.",
            "Seeds: seats and readers 32 x their number, operator 32 x 5a, log 5b, cosigner 5c, the request's identity 77.",
            "The log here keeps no pace; log-steps.json shows one that does. In `refused`, `named_seats` are those in whose names bad files came;",
            "`bad_seats` are those whose own `release` in the log names a bad file: nobody is accused of a file that he has not signed for;",
            "`good_shares` and `need` are null where the set is refused before its shares are counted.",
            "Files are base64; scalars 32 bytes little-endian; an entry's time is that of the first checkpoint that includes it.",
        ],
        "root": serde_json::to_value(support::root()).unwrap(),
        "policy": policy_text(),
        "seeds": SEEDS.map(|byte| hex([byte; 32])),
        "public": beginning(),
        "entries": entries.iter().map(hex).collect::<Vec<_>>(),
        "checkpoints": checkpoints(&world.log, &entries),
        "receipt": receipt.to_text(),
        "case": case(&world.filing),
        "reader": { "x": READER, "seed": hex(keys(READER).seed()) },
        "request": {
            "identity": world.asker.to_text().as_str(),
            "envelope_base64": base64(world.request.bytes()),
            "d": world.request.digest(),
        },
        "header": file(&world.filing.sealed.header),
        "documents": world.filing.sealed.documents.iter().map(|bytes| file(bytes)).collect::<Vec<_>>(),
        "shares": shares(&world.filing),
        "bucket": world.records.iter().map(base64).collect::<Vec<_>>(),
    });
    let all: Vec<u16> = world.releases.iter().map(|(seat, _)| *seat).collect();
    let reading = reader::read(&vectors, &all).unwrap();
    expect(&reading, &world);
    vectors["refused"] = refused(&vectors);
    vectors["expected"] = reading.json;
    vectors
}

/// The checkpoint at each time at which the log grew.
fn checkpoints(log: &Log, entries: &[Vec<u8>]) -> Value {
    let mut sizes: Vec<(u64, u64)> = Vec::new();
    for (index, (_, time)) in (1..).zip(&log.entries) {
        match sizes.last_mut() {
            Some((size, last)) if last == time => *size = index,
            _ => sizes.push((index, *time)),
        }
    }
    let one = |(size, time): (u64, u64)| json!({ "size": size, "time": time, "checkpoint": Tree(entries).note(size, time).to_string() });
    sizes.into_iter().map(one).collect()
}

fn case(filing: &Filing) -> Value {
    json!({
        "root": hex([0x21; 32]),
        "c": 0,
        "id": filing.keys.id,
        "case_salt": hex(filing.salt().expose()),
        "k": filing.salt().k().to_text().as_str(),
        "inbox_kem": filing.keys.inbox.to_text().as_str(),
        "inbox_key": hex(filing.keys.signing.verifying_key().to_bytes()),
    })
}

fn shares(filing: &Filing) -> Value {
    let one = |(x, bytes): &(MemberNumber, Vec<u8>)| json!({ "x": x, "file": file(bytes) });
    filing.sealed.shares.iter().map(one).collect()
}

/// What the story was made for, stated once more.
fn expect(reading: &Reading, world: &World) {
    assert_eq!((reading.bad.as_slice(), reading.unsigned), (&[x(BAD)][..], 1));
    assert_eq!(reading.gaps, world.gaps);
    assert_eq!(reading.document, ACCOUNT);
    assert_eq!((reading.skipped, reading.decoys), (1, 1));
    assert_eq!(reading.acts, 17);
}

fn refused(vectors: &Value) -> Value {
    let cases: [(&str, &[u16]); 4] = [
        ("two release files", &[1, 3]),
        ("three, of which one has a false share", &[1, BAD, 3]),
        (
            "three, of which one answers another request: releases never pool",
            &[1, 3, STRAY],
        ),
        ("one release file three times", &[1, 1, 1]),
    ];
    cases
        .into_iter()
        .map(|(why, seats)| {
            let error = reader::read(vectors, seats).err().unwrap();
            let (good, need, named) = match error {
                OpenError::Shares(CombineError::NotEnough { good, need, bad }) => (json!(good), json!(need), bad),
                OpenError::Foreign { x } => (Value::Null, Value::Null, vec![x]),
                other => panic!("{why}: {other}"),
            };
            json!({ "why": why, "seats": seats, "good_shares": good, "need": need, "named_seats": named })
        })
        .collect()
}

fn world(rng: &mut ChaCha20Rng) -> World {
    let mut log = Log::new();
    let (keys, sealed) = sealed(rng);
    let (core, testimony) = open_header_file(&keys.case_salt.k(), &sealed.header).unwrap();
    let filing = Filing {
        entry: sealed.entry,
        keys,
        core,
        testimony,
        sealed,
    };
    let wait = |log: &mut Log, seconds: u64| log.wait_until(log.now + seconds);
    wait(&mut log, STEP);
    log.append(&filing.salt().entry(0, Digest([0xad; 32]), None));
    log.append(&filing.entry);
    log.padding();
    wait(&mut log, STEP);
    for seat in 1..=5 {
        log.ack(&filing, seat);
    }
    wait(&mut log, STEP);
    let referral = log.referral_of(&filing, 2, READER);
    log.act(&filing, &sign(&referral, &[2]));
    wait(&mut log, STEP);
    let asker = Identity::from_seed([0x77; 32]);
    let payload: Request = log.request_of(&filing, &Wish::default());
    assert_eq!(payload.recipient, asker.recipient());
    let request = sign(&payload, &[READER]);
    log.act(&filing, &request);
    wait(&mut log, HOUR);
    let granted = log.now;
    log.grant(&filing, request.digest(), &[1, 2, 3, 4]);
    // An act that nobody can show, and a second entry in the slot of the first ack.
    let gap = log.next_slot(&filing);
    let gaps = vec![
        log.append(&filing.salt().entry(gap, Digest([0xab; 32]), None)),
        log.append(&filing.salt().entry(1, Digest([0xac; 32]), None)),
    ];
    log.wait_until(granted + OBJECTION_S);
    let mut releases = Vec::new();
    for seat in 1..=4 {
        let bytes = release_file(&filing, request.digest(), seat, rng, &asker);
        let release = release(&log, &filing, request.digest(), seat, &bytes);
        log.act(&filing, &sign(&release, &[seat]));
        releases.push((seat, bytes));
    }
    releases.push((STRAY, release_file(&filing, OTHER, STRAY, rng, &asker)));
    log.padding();
    let records = records(&log, &filing, request.digest(), &releases, &asker, rng);
    World {
        log,
        filing,
        request,
        asker,
        records,
        releases,
        gaps,
    }
}

/// Both documents of 16 KiB, to seats 1 to 5.
fn sealed(rng: &mut ChaCha20Rng) -> (CaseKeys, Sealed) {
    let keys = PhraseRoot::from_bytes([0x21; 32]).case(0);
    let council = council();
    let seats: Vec<MemberNumber> = (1..=5).map(x).collect();
    let documents = [(Compartment::Account, ACCOUNT), (Compartment::Identity, IDENTITY)];
    let compartments = documents.map(|(name, json)| {
        let threshold = council.threshold(name).unwrap();
        let mut compartment = CompartmentKey::draw(name, threshold, Opening::OnRequest, &keys, &seats, rng);
        compartment.set_document(json.as_bytes(), rng).unwrap();
        compartment
    });
    let statements = support::beginning();
    let request = SealRequest {
        origin: &Origin::new(ORIGIN).unwrap(),
        council: &council,
        council_digest: statements[0].digest(),
        seats: &seats,
        day: Day::of(T0),
        policy: neutral(),
        flags: Flags::default(),
        sealed_by: SealedBy::Cli,
        parent: None,
        greeting: &statements[3],
        second_inbox: None,
    };
    let sealed = seal(&request, &keys, compartments.into(), rng).unwrap();
    (keys, sealed)
}

/// The choices of stage A (§15.9).
fn neutral() -> AccessPolicy {
    AccessPolicy {
        open: Opening::OnRequest,
        lapse_days: None,
        t_lapse: None,
        ask_me_after: None,
        allowed: Vec::new(),
        withdraw: WithdrawChoice::After,
        inbox_days: 180,
        docket: DocketChoice::CountsOnly,
    }
}

/// What a seat releases: its own share, but for the one that cheats.
fn release_file(filing: &Filing, request: Digest, seat: u16, rng: &mut ChaCha20Rng, to: &Identity) -> Vec<u8> {
    let (_, sealed) = &filing.sealed.shares[usize::from(seat) - 1];
    let plain = age::open(keys(seat).identity(), sealed).unwrap();
    let share = ShareFile::parse(&plain).unwrap();
    let mut release: ReleaseFile = share.release(request, Compartment::Account).unwrap();
    if seat == BAD {
        release.share.s += release.share.b;
    }
    age::seal(&[&to.recipient()], &release.to_bytes(), rng)
}

fn release(log: &Log, filing: &Filing, request: Digest, seat: u16, bytes: &[u8]) -> Release {
    let files = vec![ReleasedFile {
        name: Compartment::Account,
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    }];
    Release {
        files,
        ..log.release_of(filing, request, seat, &[Compartment::Account])
    }
}

/// Everything in the one bucket, in an order that is not that of the acts.
fn records(
    log: &Log,
    filing: &Filing,
    request: Digest,
    releases: &[(u16, Vec<u8>)],
    asker: &Identity,
    rng: &mut ChaCha20Rng,
) -> Vec<Vec<u8>> {
    let k = filing.salt().k().recipient();
    let mut records: Vec<Vec<u8>> = filing
        .sealed
        .greetings
        .iter()
        .map(|(_, record)| record.clone())
        .collect();
    for statement in log.statements.iter().rev() {
        records.extend(seal_act(&k, statement, None, rng).unwrap());
    }
    let decoy = sign(&log.decision_of(filing, request, 5, Vote::Refuse), &[5]);
    records.extend(seal_act(&k, &decoy, None, rng).unwrap());
    let mut malformed = vec![0; 2_048];
    malformed[0] = 9;
    records.push(age::seal(&[&k], &malformed, rng));
    let foreign = Identity::from_seed([0xee; 32]).recipient();
    records.extend(seal_act(&foreign, &decoy, None, rng).unwrap());
    for (_, bytes) in releases {
        records.push(seal_release_file(&asker.recipient(), bytes, rng).unwrap());
    }
    let half = records.len() / 2;
    records.rotate_left(half);
    records
}
