//! What seats do that break the rules. Three seats hand out their shares without a word in the log. The reader's program says so first, in so many words,
//! and opens only when told to: what is opened then is evidence of a breach (§19).

use crate::support;

use client::wire::Signer;
use client::work::{self, Part};
use protocol::drop::{BucketName, bucket_hash, seal_act, seal_release_file};
use protocol::http::{RecordRef, RecordsForm};
use protocol::ids::{Nonce, Version};
use protocol::keys::MemberKeys;
use protocol::share::{ReleaseFile, ShareFile};
use protocol::statement::{Compartment, Referral, Release, ReleasedFile, Request};
use protocol::{CaseId, Digest, Envelope, MemberNumber, Origin, age};
use resguardo::ask::SecretSource;
use resguardo::console::Console;
use resguardo::keyfile;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use std::path::Path;
use support::{SEATS, World};

#[test]
fn releases_off_the_log_are_told_first() {
    let world = World::start();
    world.file("phrase.txt", &["--receipt", "r"]);
    let code = world.acknowledge(&SEATS[..3], "share");
    world.desk(SEATS[0], &["refer", &code, "--reader", "6"]).ok();
    let asking = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
    let asked = world.desk("lawyer", &asking).ok().event("result");
    let request = asked["request"].as_str().unwrap().to_owned();
    world.until("the request in the log", || {
        let queue = world.desk(SEATS[0], &["queue"]).ok();
        queue
            .events()
            .iter()
            .any(|event| event["task"] == "decide")
            .then_some(())
    });
    let case = CaseId::from_hex(asked["case"].as_str().unwrap()).unwrap();
    // First one seat writes a file in another's name, with a share that is not the other's.
    world.desk(SEATS[0], &["queue"]).ok();
    let digest = Digest::from_hex(&request).unwrap();
    let [one, two] = [1, 2].map(|x| MemberNumber::new(x).unwrap());
    hand_out(&world, SEATS[0], one, two, &case, &digest);
    for (x, name) in (1..).zip(&SEATS[..3]) {
        world.desk(name, &["queue"]).ok();
        let x = MemberNumber::new(x).unwrap();
        hand_out(&world, name, x, x, &case, &digest);
    }
    open(&world, &request);
}

/// A seat that is told to stall tells the reader of the case and names nobody but itself. Another seat tells it too, and
/// the request reaches that one.
#[test]
fn a_seat_that_leaves_out_the_others_does_not_keep_the_request_from_them() {
    let world = World::start();
    world.file("phrase.txt", &[]);
    let code = world.acknowledge(&SEATS[..3], "share");
    let keys = load(&world, SEATS[0]);
    let kept = std::fs::read_dir(world.path(&format!("{}.state/cases", SEATS[0]))).unwrap();
    let case = kept.into_iter().next().unwrap().unwrap().file_name();
    let [one, reader] = [1, 6].map(|x| MemberNumber::new(x).unwrap());
    let referral = Referral {
        v: Version,
        origin: origin(),
        nonce: Nonce([4; 32]),
        time: resguardo::clock::now(),
        case: CaseId::from_hex(case.to_str().unwrap()).unwrap(),
        x: one,
        reader,
        seats: vec![one],
    };
    let referral = Envelope::sign(&referral, &[keys.signing()]);
    let recipient = load(&world, "lawyer").identity().recipient();
    let records = seal_act(&recipient, &referral, None, &mut resguardo::random::system()).unwrap();
    post(&world, &keys, one, &recipient, &records);
    world.desk("lawyer", &["queue"]).ok();
    world.desk(SEATS[1], &["refer", &code, "--reader", "6"]).ok();
    let asking = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
    world.desk("lawyer", &asking).ok();
    world.until("the request at the seat that was left out", || {
        let queue = world.desk(SEATS[1], &["queue"]).ok();
        let mut events = queue.events().into_iter();
        events.find(|event| event["task"] == "decide").map(drop)
    });
}

fn open(world: &World, request: &str) {
    let failure = world
        .desk("lawyer", &["open", request, "--out", "opened"])
        .failed(4, "acts-missing");
    let why = failure["why"].as_str().unwrap();
    assert!(
        why.contains("account has 0 of 3 grants") && why.contains("seat 2 released account without"),
        "{why}"
    );
    assert!(!world.path("opened").exists(), "nothing is shown before it is told");
    let arguments = ["open", request, "--out", "opened", "--even-so"];
    let run = world.desk("lawyer", &arguments).ok();
    let events = run.events();
    let first = |name: &str| events.iter().position(|event| event["event"] == name).unwrap();
    assert!(first("breach") < first("file"), "breaches come before any content");
    assert_eq!(events.iter().filter(|event| event["breach"] == "release").count(), 3);
    assert_eq!(
        run.event("result")["opened"]["act"],
        "opened",
        "the opening leaves its trace all the same"
    );
    assert_eq!(
        std::fs::read_to_string(world.path("opened/account.txt")).unwrap(),
        "What happened.\n"
    );
}

/// What a seat does that breaks the rules: its release goes to the reader's bucket, in the name of seat `named`, and no
/// entry into the log.
fn hand_out(world: &World, name: &str, x: MemberNumber, named: MemberNumber, case: &CaseId, request: &Digest) {
    let keys = load(world, name);
    let kept = world.path(&format!("{name}.state/cases/{case}"));
    let share = std::fs::read(kept.join("share.age")).unwrap();
    let share = ShareFile::parse(&age::open(keys.identity(), &share).unwrap()).unwrap();
    let recipient = statement(&kept, &share).recipient;
    let mut rng = resguardo::random::system();
    let (name, part) = share.shares.into_iter().next().unwrap();
    assert_eq!(name, Compartment::Account);
    let file = ReleaseFile {
        request: *request,
        core: share.core,
        name,
        x: named,
        share: part,
        case_salt: share.case_salt,
    };
    let file = age::seal(&[&recipient], &file.to_bytes(), &mut rng);
    let release = release(
        &keys,
        named,
        case,
        request,
        &std::fs::read(kept.join("header.age")).unwrap(),
        &file,
    );
    let mut records = vec![seal_release_file(&recipient, &file, &mut rng).unwrap()];
    records.extend(seal_act(&recipient, &release, None, &mut rng).unwrap());
    post(world, &keys, x, &recipient, &records);
}

fn load(world: &World, name: &str) -> MemberKeys {
    let source = SecretSource {
        file: Some(world.path(&format!("{name}.pass"))),
        fd: None,
    };
    keyfile::load(&world.path(&format!("{name}.key")), &source, &Console::silent()).unwrap()
}

/// Posts records to somebody's bucket, and no entry into the log.
fn post(world: &World, keys: &MemberKeys, x: MemberNumber, recipient: &age::Recipient, records: &[Vec<u8>]) {
    let parts: Vec<Part<'_>> = records.iter().map(|bytes| Part::new(bytes)).collect();
    let bucket = BucketName::of(&bucket_hash(recipient), 0);
    let record = |part: &Part<'_>| RecordRef {
        bucket,
        keep: 30,
        digest: part.digest,
    };
    let form = RecordsForm {
        v: Version,
        origin: origin(),
        records: parts.iter().map(record).collect(),
    };
    let line = ServiceLine::over(Remote::new(&world.base()).unwrap());
    let signer = Signer {
        origin: &origin(),
        x,
        keys,
    };
    let call = work::form("/api/v1/records", "records", &form, parts);
    line.run(line.wire().signed(call, &signer)).unwrap();
}

/// The request, from the K-files that the seat keeps.
fn statement(kept: &Path, share: &ShareFile) -> Request {
    let mut assembler = protocol::drop::Assembler::default();
    let mut all = Vec::new();
    for record in std::fs::read_dir(kept.join("records")).unwrap() {
        let bytes = std::fs::read(record.unwrap().path()).unwrap();
        let record = protocol::drop::open_record(&share.case_salt.k(), &bytes)
            .unwrap()
            .unwrap();
        all.extend(assembler.push(record).map(|(statement, _)| statement));
    }
    all.iter()
        .find_map(|statement| statement.unverified::<Request>().ok())
        .unwrap()
}

fn release(
    keys: &MemberKeys,
    x: MemberNumber,
    case: &CaseId,
    request: &Digest,
    header: &[u8],
    file: &[u8],
) -> Envelope {
    let release = Release {
        v: Version,
        origin: origin(),
        nonce: Nonce([3; 32]),
        time: resguardo::clock::now(),
        case: *case,
        request: *request,
        x,
        header: Digest::of(header),
        // It stands in no log: what it says that it relies on is not there either.
        grants: vec![1],
        consent: Vec::new(),
        objections: Vec::new(),
        files: vec![ReleasedFile {
            name: Compartment::Account,
            digest: Digest::of(file),
            size: file.len() as u64,
        }],
    };
    Envelope::sign(&release, &[keys.signing()])
}

fn origin() -> Origin {
    Origin::new("demo.test/log").unwrap()
}
