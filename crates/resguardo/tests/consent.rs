//! Her consent as part of the key, with the program as it runs: what five seats were dealt, all of it together, opens nothing
//! without P; with P it opens (§8.4).

use crate::support;

use std::path::{Path, PathBuf};

use protocol::age::{self, Identity};
use protocol::open::{Header, open_header_file, verify_header};
use protocol::phrase::{CaseKeys, Phrase, PhraseRoot};
use protocol::share::consent::read_lapse_document;
use protocol::share::{Commitments, ShareFile, combine, compartment};
use protocol::statement::{Compartment, Opening, Parent};
use protocol::{CaseId, Digest, Secret};
use resguardo::keyfile;
use resguardo::trust::Trust;
use serde_json::Value;
use support::{SEATS, World};

const TEXT: &str = "What happened.\n";
const CONTENT: [Compartment; 2] = [Compartment::Account, Compartment::Identity];

/// What the seats hold of one testimony, taken from the folders in which their programs keep it.
struct Dealt {
    header: Header,
    shares: Vec<ShareFile>,
    objects: Vec<Vec<u8>>,
    case: CaseKeys,
}

impl Dealt {
    fn of(world: &World, code: &str, words: &str) -> Self {
        let words = std::fs::read_to_string(world.path(words)).unwrap();
        let mut shares: Vec<ShareFile> = Vec::new();
        let mut headers = Vec::new();
        let mut objects: Vec<Vec<u8>> = Vec::new();
        for name in SEATS {
            let passphrase = std::fs::read_to_string(world.path(&format!("{name}.pass"))).unwrap();
            let key = world.path(&format!("{name}.key"));
            let keys = keyfile::open(&key, &std::fs::read(&key).unwrap(), passphrase.trim()).unwrap();
            for path in files(world.folder.path()) {
                let Some("share.age") = path.file_name().and_then(|name| name.to_str()) else {
                    continue;
                };
                let Ok(plain) = age::open(keys.identity(), &std::fs::read(&path).unwrap()) else {
                    continue;
                };
                let share = ShareFile::parse(&plain).unwrap();
                let header = std::fs::read(path.with_file_name("header.age")).unwrap();
                let (core, testimony) = open_header_file(&share.case_salt.k(), &header).unwrap();
                let header = verify_header(core, testimony).unwrap();
                if header.core.case.code() == code {
                    let stored = files(&path.with_file_name("objects"));
                    objects.extend(stored.iter().map(|path| std::fs::read(path).unwrap()));
                    shares.push(share);
                    headers.push(header);
                }
            }
        }
        assert_eq!(shares.len(), SEATS.len(), "every seat holds its share");
        let header = headers.remove(0);
        let root = Phrase::read(&words).unwrap()[0].root(&header.core.origin).unwrap();
        Self {
            case: root.case(0),
            header,
            shares,
            objects,
        }
    }

    /// The key of a compartment, made from S of so many seats' shares and a part.
    fn key(&self, name: Compartment, seats: usize, part: Option<&Secret<[u8; 32]>>) -> Option<Identity> {
        let commitments = &self.header.core.compartment(name)?.commitments;
        let shares = self.shares.iter().take(seats);
        let shares: Vec<_> = shares.map(|file| (file.x, file.share(name).unwrap().clone())).collect();
        let (secret, _) = combine(&Commitments::decode(commitments).unwrap(), &shares).ok()?;
        Some(compartment::identity(&secret, part, &self.case.id, name))
    }

    /// The objects of a compartment, as the service gave them to the seats.
    fn objects(&self, name: Compartment) -> Vec<&[u8]> {
        let objects = &self.header.core.compartment(name).unwrap().objects;
        let stored = |digest| self.objects.iter().find(|bytes| Digest::of(bytes) == digest).unwrap();
        objects.iter().map(|object| stored(object.digest).as_slice()).collect()
    }

    /// Which compartments of content a key, made from all shares and this part, opens whole.
    fn opened_with(&self, part: Option<&Secret<[u8; 32]>>) -> Vec<Compartment> {
        let opens = |name: &Compartment| {
            let key = self.key(*name, SEATS.len(), part).unwrap();
            self.objects(*name).iter().all(|object| age::open(&key, object).is_ok())
        };
        CONTENT.into_iter().filter(opens).collect()
    }

    /// Whatever keys all seats can make of what they hold, P aside: none opens an object of content.
    fn no_key_of_theirs_opens(&self) {
        let mut parts: Vec<Secret<[u8; 32]>> = vec![Secret::new([0; 32]), Secret::new(*self.case.case_salt.expose())];
        for (_, share) in self.shares.iter().flat_map(|file| &file.shares) {
            parts.push(Secret::new(share.s.to_bytes()));
            parts.push(Secret::new(share.b.to_bytes()));
        }
        let mut keys: Vec<Identity> = vec![self.case.case_salt.k()];
        for name in CONTENT {
            keys.extend(self.key(name, SEATS.len(), None));
            keys.extend(parts.iter().filter_map(|part| self.key(name, SEATS.len(), Some(part))));
        }
        for object in CONTENT.iter().flat_map(|name| self.objects(*name)) {
            assert!(keys.iter().all(|key| age::open(key, object).is_err()));
        }
    }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let items = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let below = items.flat_map(|item| match item.file_type() {
        Ok(kind) if kind.is_dir() => files(&item.path()),
        _ => vec![item.path()],
    });
    below.collect()
}

/// Files an account, an identity and a photograph under a choice; every seat takes its share and the objects.
fn filed(world: &World, words: &str, choice: &[&str]) -> Dealt {
    std::fs::write(world.path("identity.txt"), "Who she is.\n").unwrap();
    std::fs::write(world.path("photo.jpg"), include_bytes!("../assets/demo.jpg")).unwrap();
    let more = ["photo.jpg", "--identity", "identity.txt"];
    world.file(words, &[&more, choice].concat());
    let code = world.acknowledge(&SEATS, "all");
    Dealt::of(world, &code, words)
}

#[test]
fn all_shares_of_a_running_council_open_nothing_without_p() {
    let world = World::start();
    refused(&world);

    let open = filed(&world, "open.words", &[]);
    assert_eq!(open.header.core.policy.open, Opening::OnRequest);
    assert_eq!(open.opened_with(None), CONTENT, "without the choice five seats open it");

    let strict = filed(&world, "strict.words", &["--consent", "strict"]);
    assert_eq!(strict.header.core.policy.open, Opening::WithMyConsent);
    assert_eq!(strict.header.core.policy.t_lapse, None);
    strict.no_key_of_theirs_opens();
    assert_eq!(strict.opened_with(None), []);
    assert_eq!(
        strict.opened_with(Some(&open.case.consent_part)),
        [],
        "P of another phrase"
    );
    assert_eq!(strict.opened_with(Some(&strict.case.consent_part)), CONTENT);

    let lapse = filed(&world, "lapse.words", &["--consent", "lapse", "--lapse-days", "180"]);
    let policy = &lapse.header.core.policy;
    assert_eq!((policy.lapse_days, policy.t_lapse), (Some(180), Some(4)));
    lapse.no_key_of_theirs_opens();
    assert_eq!(lapse.opened_with(None), []);
    assert!(
        lapse.key(Compartment::Consent, 3, None).is_none(),
        "three seats are too few"
    );
    let key = lapse.key(Compartment::Consent, 4, None).unwrap();
    let document = age::open(&key, lapse.objects(Compartment::Consent)[0]).unwrap();
    let part = read_lapse_document(&document).unwrap();
    assert_eq!(lapse.opened_with(Some(&part)), CONTENT);

    added(&world);
}

/// Somebody who knows her case, and has not her words, files what says that it adds to it: a seat is told that it does
/// not, and she never sees it among hers.
fn forged(world: &World, case: &str) {
    let trust = Trust::load(&world.path("root.json")).unwrap();
    let case = CaseId::from_hex(case).unwrap();
    let his = support::filing::file(&trust, None, |adds| {
        let stranger = PhraseRoot::from_bytes([7; 32]).case(0);
        let Parent { proof, .. } = Parent::new(&stranger, adds);
        Some(Parent { case, proof })
    });
    let refuted = world.until("his filing at a seat", || {
        world.desk(SEATS[0], &["shares", "check"]).ok();
        let mut events = world.desk(SEATS[0], &["queue"]).ok().events().into_iter();
        events.find(|event| event["event"] == "parent" && event["code"] == his.code())
    });
    assert_eq!(
        (&refuted["adds"], &refuted["parent"]),
        (&"refuted".into(), &case.to_hex().into())
    );
    let inbox = world.run(&["inbox", "--phrase-file", "strict.words", "--json"]).ok();
    assert!(!inbox.stdout.contains(&his.to_hex()));
}

/// What a seat is shown of so many requests that it has to decide on.
fn asked(world: &World, count: usize) -> Option<Vec<Value>> {
    let events = world.desk(SEATS[2], &["queue"]).ok().events();
    let asked = events.into_iter().filter(|event| event["event"] == "asked");
    let asked: Vec<Value> = asked.collect();
    (asked.len() == count).then_some(asked)
}

/// The whole way: a reader asks, seats grant, nothing is released before she consents, and with her part it opens.
#[test]
fn a_reader_opens_with_her_consent_and_not_before() {
    let world = World::start();
    let wishes = [
        "--consent",
        "strict",
        "--allow",
        "support",
        "interview",
        "--ask-me-after",
        "2",
    ];
    let code = filed(&world, "strict.words", &wishes).header.core.case.code();
    world.desk(SEATS[0], &["refer", &code, "--reader", "6"]).ok();
    let asking = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
    let request = world.desk("lawyer", &asking).ok().event("result")["request"].clone();
    let request = request.as_str().unwrap();
    let asked = world.until("the request in the log", || asked(&world, 1)).remove(0);
    assert_eq!((&asked["use"], &asked["is_allowed"]), (&Value::Null, &false.into()));
    assert_eq!(asked["allowed"], serde_json::json!(["interview", "support"]));
    assert_eq!(asked["ask_me_after"], 2);
    let again = [&asking[..], &["--use", "support", "--again"]].concat();
    world.desk("lawyer", &again).ok();
    let both = world.until("the second request in the log", || self::asked(&world, 2));
    let second = both.iter().find(|asked| asked["request"] != request).unwrap();
    assert_eq!(
        (&second["use"], &second["is_allowed"]),
        (&"support".into(), &true.into())
    );
    for name in &SEATS[..3] {
        world.until("the request at a seat", || {
            let run = world.desk(name, &["grant", request]);
            if run.code == 0 {
                let public = &run.event("public")["public"];
                assert_eq!(
                    public["docket"]["shows"], "not-chosen",
                    "she chose numbers alone: {public}"
                );
            }
            (run.code == 0).then_some(())
        });
    }
    let early = world.until("the grants in the log", || {
        let run = world.desk(SEATS[0], &["release", request]);
        let code = run.event("error")["code"].as_str()?.to_owned();
        (code == "no-answer").then_some(run)
    });
    assert_eq!(early.code, 4, "{}", early.stdout);
    world
        .desk("lawyer", &["open", request, "--out", "early"])
        .failed(4, "nothing-released");
    let consent = [
        "consent",
        &request[..10],
        "--phrase-file",
        "strict.words",
        "--yes",
        "--json",
    ];
    world.until("the request in her inbox", || {
        (world.run(&consent).code == 0).then_some(())
    });
    for name in &SEATS[..3] {
        world.until("her consent in the log", || {
            (world.desk(name, &["release", request]).code == 0).then_some(())
        });
    }
    let opened = world.until("the releases in the log", || {
        let run = world.desk("lawyer", &["open", request, "--out", "opened", "--at-once"]);
        (run.code != 4).then(|| run.ok())
    });
    assert_eq!(opened.event("part")["from"], "consent");
    assert_eq!(std::fs::read_to_string(world.path("opened/account.txt")).unwrap(), TEXT);
}

/// A choice that says nothing is refused before anything is sealed.
fn refused(world: &World) {
    std::fs::write(world.path("account.txt"), TEXT).unwrap();
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "never.words",
        "--json",
    ];
    for wrong in [
        &["--lapse-days", "180"][..],
        &["--consent", "strict", "--lapse-days", "180"],
    ] {
        let failure = world.run(&[&seal, wrong].concat()).failed(2, "usage");
        assert!(failure["what"].as_str().unwrap().contains("--lapse-days"), "{failure}");
    }
    for wrong in [
        &["--consent", "maybe"][..],
        &["--consent", "lapse", "--lapse-days", "90"],
    ] {
        assert_eq!(world.run(&[&seal, wrong].concat()).code, 2);
    }
    assert!(!world.path("never.words").exists());
}

/// More of the same words: a filing of its own, that names the first.
fn added(world: &World) {
    let add = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-file",
        "strict.words",
        "--soon",
        "--json",
    ];
    let failure = world
        .run(&[&add[..], &["--parent", "7"]].concat())
        .failed(3, "no-entry");
    assert!(failure["what"].as_str().unwrap().contains('7'), "{failure}");
    // What she chose then holds: it cannot be chosen again.
    let again = world.run(&[&add[..], &["--parent", "0", "--leave-out", "2"]].concat());
    assert_eq!(again.code, 2);
    world.run(&[&add[..], &["--parent", "0"]].concat()).ok();
    let code = world.acknowledge(&SEATS, "all");
    let inbox = || world.run(&["inbox", "--phrase-file", "strict.words", "--json"]).ok();
    let filings: Vec<Value> = world.until("both filings", || {
        let filings: Vec<Value> = inbox()
            .events()
            .into_iter()
            .filter(|event| event["event"] == "filing")
            .collect();
        // What a filing adds to is known from the acknowledgements, which come after it.
        let is_known = filings.len() == 2 && !filings[1]["parent"].is_null();
        is_known.then_some(filings)
    });
    assert_eq!(filings[1]["code"], code.as_str());
    assert_eq!(filings[1]["parent"], filings[0]["case"]);
    assert_eq!(filings[1]["policy"], filings[0]["policy"]);
    assert_eq!(filings[1]["policy"]["open"], "with_my_consent");
    let queue = world.desk(SEATS[0], &["queue"]).ok();
    let shown: Vec<Value> = queue
        .events()
        .into_iter()
        .filter(|event| event["event"] == "parent")
        .collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!((&shown[0]["code"], &shown[0]["adds"]), (&code.into(), &"proven".into()));
    assert_eq!(shown[0]["parent"], filings[0]["case"]);
    forged(world, filings[0]["case"].as_str().unwrap());
}
