//! A reader of opening.json, from what is in the file only: log, bucket, header, shares, document.

use casework::case::Standing;
use casework::open::{Received, breaches, may_open, signed_for};
use casework::{Case, Fold, RootOfTrust};
use protocol::age::{self, Identity};
use protocol::drop::{Assembler, Record, open_record};
use protocol::open::{OpenError, combine_releases, header_of_release, unpad_document};
use protocol::share::deal::Commitment;
use protocol::share::{Commitments, ReleaseFile, combine};
use protocol::statement::Compartment;
use protocol::{Digest, Envelope, MemberNumber};
use serde_json::{Value, json};
use tlog::leaf_hash;
use tlog::note::Note;
use tlog::policy::Policy;
use tlog::receipt::Receipt;
use tlog::tree::Frontier;

use super::{hex, list, text, unbase64, unhex};

/// What was found.
pub struct Reading {
    /// Seats that signed for a bad file.
    pub bad: Vec<MemberNumber>,
    /// Bad files that no seat signed for.
    pub unsigned: usize,
    pub gaps: Vec<u64>,
    pub acts: usize,
    pub document: String,
    /// Records under K that are malformed.
    pub skipped: usize,
    /// Statements under K that no entry commits to.
    pub decoys: usize,
    pub json: Value,
}

/// All records, opened with both keys.
#[derive(Default)]
struct Bucket {
    statements: Vec<Envelope>,
    releases: Vec<Received>,
    skipped: usize,
    foreign: usize,
}

/// Opens the account from the release files of these seats.
pub fn read(vectors: &Value, seats: &[u16]) -> Result<Reading, OpenError> {
    let fold = fold(vectors);
    let request = Envelope::parse(&unbase64(&vectors["request"]["envelope_base64"])).unwrap();
    let request = request.digest();
    let asker = Identity::parse(text(&vectors["request"]["identity"])).unwrap();
    let released = bucket(vectors, &[&asker]).releases;
    let chosen = |seat: &u16| released.iter().find(|received| received.file.x.get() == *seat).unwrap();
    let received: Vec<&Received> = seats.iter().map(chosen).collect();
    let files: Vec<ReleaseFile> = received.iter().map(|received| take(&received.file)).collect();

    // A release carries case_salt: with it the header and the acts are found.
    let header_file = unbase64(&vectors["header"]["base64"]);
    let header = header_of_release(&files[0], &header_file).unwrap();
    let salt = || protocol::slot::CaseSalt::new(*files[0].case_salt.expose());
    let under_k = bucket(vectors, &[&salt().k()]);
    let mut case = Case::new(salt(), &header, Digest::of(&header_file), &fold).unwrap();
    let found = case.filed();
    case.follow(&fold, &under_k.statements);
    assert_eq!(may_open(&case, &request), Ok(vec![Compartment::Account]));

    let (t, named) = combine_releases(request, &header.core, Compartment::Account, &files, None)?;
    // A bad file accuses the seat whose `release` in the log names it, and nobody else.
    let wrong = received.iter().filter(|received| named.contains(&received.file.x));
    let signers: Vec<Option<MemberNumber>> = wrong.map(|received| signed_for(&case, &request, received)).collect();
    let bad: Vec<MemberNumber> = signers.iter().copied().flatten().collect();
    let unsigned = signers.len() - bad.len();
    let object = header.core.compartment(Compartment::Account).unwrap().objects[0].digest;
    let sealed = list(&vectors["documents"]).iter().map(|file| unbase64(&file["base64"]));
    let sealed: Vec<Vec<u8>> = sealed.filter(|bytes| Digest::of(bytes) == object).collect();
    let plain = age::open(&t, &sealed[0]).unwrap();
    let (document, is_padded) = unpad_document(&plain);
    assert!(is_padded);

    let committed = |envelope: &&Envelope| case.acts().any(|act| act.statement == Some(envelope.digest()));
    let decoys = under_k
        .statements
        .iter()
        .filter(|envelope| !committed(envelope))
        .count();
    let files_of: Vec<(Compartment, MemberNumber)> = files.iter().map(|file| (file.name, file.x)).collect();
    let json = json!({
        "filed": { "index": found.index, "time": found.included_at },
        "acts": acts(&case, &under_k.statements),
        "records": { "of_other_keys": under_k.foreign, "malformed": under_k.skipped, "not_committed_to": decoys },
        "may_open": ["account"],
        "breaches": serde_json::to_value(breaches(&case, &request, &files_of)).unwrap(),
        "release_files": files.iter().map(|file| hex(&*file.to_bytes())).collect::<Vec<_>>(),
        "bad_seats": bad,
        "unsigned_bad_files": unsigned,
        "secret": secret(&header.core.compartment(Compartment::Account).unwrap().commitments, &files, request),
        "t": t.to_text().as_str(),
        "object": object,
        "padded_sha256": Digest::of(&plain),
        "document": std::str::from_utf8(document).unwrap(),
    });
    Ok(Reading {
        gaps: case.gaps().map(|act| act.found.index).collect(),
        acts: case.acts().count(),
        document: String::from_utf8(document.to_vec()).unwrap(),
        skipped: under_k.skipped,
        bad,
        unsigned,
        decoys,
        json,
    })
}

fn take(file: &ReleaseFile) -> ReleaseFile {
    ReleaseFile::parse(&file.to_bytes()).unwrap()
}

/// Tiles and checkpoints, each entry at its time.
fn fold(vectors: &Value) -> Fold {
    let root: RootOfTrust = serde_json::from_value(vectors["root"].clone()).unwrap();
    let policy = Policy::parse(text(&vectors["policy"])).unwrap();
    let envelopes: Vec<Envelope> = list(&vectors["public"])
        .iter()
        .map(|public| Envelope::parse(&unbase64(&public["envelope_base64"])).unwrap())
        .collect();
    let entries: Vec<Vec<u8>> = list(&vectors["entries"]).iter().map(unhex).collect();
    let (mut fold, mut frontier) = (Fold::new(&root).unwrap(), Frontier::default());
    for checkpoint in list(&vectors["checkpoints"]) {
        let note = Note::parse(text(&checkpoint["checkpoint"]).as_bytes()).unwrap();
        let trusted = policy.check(&note, root.origin.as_str()).unwrap();
        assert_eq!(Some(trusted.time()), checkpoint["time"].as_u64());
        let from = usize::try_from(fold.size()).unwrap();
        for entry in &entries[from..usize::try_from(trusted.checkpoint().size).unwrap()] {
            frontier.append(leaf_hash(entry));
            let public = |digest: &Digest| envelopes.iter().find(|envelope| envelope.digest() == *digest).cloned();
            fold.push(entry, trusted.time(), public).unwrap();
        }
        assert_eq!(frontier.root(), trusted.checkpoint().root);
    }
    assert_eq!(fold.size(), entries.len() as u64);
    let receipt = Receipt::parse(text(&vectors["receipt"]).as_bytes()).unwrap();
    receipt
        .verify(receipt.extra.as_ref().unwrap(), &policy, root.origin.as_str())
        .unwrap();
    fold
}

/// Every record of the bucket, tried with each key.
fn bucket(vectors: &Value, keys: &[&Identity]) -> Bucket {
    let (mut bucket, mut assembler) = (Bucket::default(), Assembler::default());
    for record in list(&vectors["bucket"]).iter().map(unbase64) {
        let opened = keys
            .iter()
            .find_map(|key| open_record(key, &record).map(|record| (*key, record)));
        match opened {
            None => bucket.foreign += 1,
            Some((_, Err(_))) => bucket.skipped += 1,
            Some((key, Ok(Record::File(file)))) => {
                let plain = age::open(key, &file).unwrap();
                bucket.releases.push(Received {
                    digest: Digest::of(&file),
                    file: ReleaseFile::parse(&plain).unwrap(),
                });
            }
            Some((_, Ok(record))) => bucket.statements.extend(assembler.push(record).map(|(act, _)| act)),
        }
    }
    bucket
}

fn acts(case: &Case, statements: &[Envelope]) -> Value {
    let one = |act: &casework::Act| {
        let envelope = statements
            .iter()
            .find(|envelope| Some(envelope.digest()) == act.statement);
        let standing = match &act.standing {
            Standing::Counts => "counts",
            Standing::Gap => "gap",
            Standing::Undecided(_) => "undecided",
            Standing::Refused(_) => "refused",
        };
        json!({
            "k": act.found.k,
            "index": act.found.index,
            "time": act.found.included_at,
            "name": envelope.and_then(Envelope::name),
            "author": act.author,
            "d": act.statement,
            "standing": standing,
        })
    };
    case.acts().map(one).collect()
}

/// S, from the shares that fit the commitments.
fn secret(commitments: &[Commitment], files: &[ReleaseFile], request: Digest) -> String {
    let commitments = Commitments::decode(commitments).unwrap();
    let own = files.iter().filter(|file| file.request == request);
    let shares: Vec<_> = own.map(|file| (file.x, file.share.clone())).collect();
    hex(combine(&commitments, &shares).unwrap().0.as_bytes())
}
