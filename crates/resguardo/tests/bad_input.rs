//! Bad input at the edge: each a clear failure with the right status, and nothing lost.

use crate::support;

use client::wire::{HttpCall, Signer};
use client::work::{self, Part};
use client::{Checked, Local};
use protocol::Origin;
use protocol::http::{DeliveryItem, FilingForm, WorkNonce};
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::problem::Problem;
use protocol::statement::{Check, Holds};
use resguardo::ask::SecretSource;
use resguardo::console::Console;
use resguardo::desk::{Desk, Seat};
use resguardo::failure::{CliError, Exit};
use resguardo::follow::{Follow, clock_warning};
use resguardo::keyfile;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use support::{SEATS, World};

#[test]
fn each_is_told_and_nothing_is_lost() {
    let mut world = World::start();
    world.file("phrase.txt", &["--receipt", "r", "--json"]);
    words(&world);
    keys(&world);
    trust(&world);
    packages(&world);
    forms(&world);
    signatures(&world);
    wrong_clock(&world);
    share_of_another_seat(&world);
    cache(&world);
    doctor(&world);
    stores(&mut world);
    let inbox = world
        .run(&["inbox", "--phrase-file", "phrase.txt", "--json"])
        .ok()
        .event("filing");
    assert_eq!(
        inbox["answer"]["answer"], "withheld",
        "after all of this the filing is still there"
    );
}

fn keys_of(world: &World, name: &str) -> MemberKeys {
    let source = SecretSource {
        file: Some(world.path(&format!("{name}.pass"))),
        fd: None,
    };
    keyfile::load(&world.path(&format!("{name}.key")), &source, &Console::silent()).expect("a key")
}

fn trust_of(world: &World) -> Trust {
    Trust::load(&world.path("root.json")).expect("a root")
}

/// Which word is wrong, with suggestions; never the words themselves.
fn words(world: &World) {
    let right = std::fs::read_to_string(world.path("phrase.txt")).expect("words");
    let mut words: Vec<String> = right.split_whitespace().map(str::to_owned).collect();
    let inbox = |text: String| {
        std::fs::write(world.path("try.txt"), text).expect("written");
        world.run(&["inbox", "--phrase-file", "try.txt", "--json"])
    };
    let third = std::mem::replace(&mut words[2], "abxndon".to_owned());
    let failure = inbox(words.join(" ")).failed(7, "wrong-words");
    let why = failure["why"].as_str().expect("a reason");
    assert!(why.contains("word 3: perhaps") && why.contains("abandon"), "{why}");
    words[2] = third;
    let (first, distinct) = (
        words[0].clone(),
        words.iter().position(|word| *word != words[0]).unwrap_or(1),
    );
    words[0] = words[distinct].clone();
    words[distinct] = first;
    let swapped = inbox(words.join(" "));
    let told = swapped.event("error");
    let is_checksum = swapped.code == 7 && told["why"].as_str().is_some_and(|why| why.contains("changed places"));
    // One order in sixteen has a right checksum: it is then another phrase, of which nothing is in the log.
    assert!(is_checksum || swapped.code == 3, "{told}");
    inbox("one two three".to_owned()).failed(7, "wrong-words");
}

/// A key of nobody, and a card in place of a key.
fn keys(world: &World) {
    world.desk("stranger", &["queue"]).failed(7, "not-of-council");
    let queue = [
        "queue",
        "--key",
        "shelter.key",
        "--passphrase-file",
        "bar.pass",
        "--json",
    ];
    world.run(&queue).failed(7, "wrong-passphrase");
    let card = [
        "queue",
        "--key",
        "shelter.card",
        "--passphrase-file",
        "shelter.pass",
        "--json",
    ];
    world.run(&card).failed(7, "not-a-key-file");
    let sign = [
        "council",
        "sign",
        "draft.json",
        "--key",
        "stranger.key",
        "--passphrase-file",
        "stranger.pass",
        "--json",
    ];
    world.run(&sign).failed(7, "not-of-council");
}

/// A root of another council, of another log, and none at all.
fn trust(world: &World) {
    let text = std::fs::read_to_string(world.path("root.json")).expect("a root");
    let council = &text[text.find("\"council\"").expect("a field")..];
    let digest: String = council
        .chars()
        .skip_while(|c| *c != ':')
        .filter(char::is_ascii_hexdigit)
        .take(64)
        .collect();
    let other = text.replace(&digest, &"ab".repeat(32));
    assert_ne!(text, other);
    std::fs::write(world.path("other.json"), other).expect("written");
    world
        .run(&["log", "verify", "--root", "other.json", "--json"])
        .failed(1, "log-not-verifiable");
    let inbox = ["inbox", "--root", "other.json", "--phrase-file", "phrase.txt", "--json"];
    let run = world.run(&inbox);
    assert_eq!(run.event("filing")["answer"]["answer"], "not-verifiable");
    run.failed(1, "log-not-verifiable");
    std::fs::write(world.path("none.json"), "{}").expect("written");
    world
        .run(&["log", "verify", "--root", "none.json", "--json"])
        .failed(1, "not-a-root");
    let seal = [
        "seal",
        "--root",
        "other.json",
        "--account",
        "account.txt",
        "--phrase-out",
        "never.txt",
        "--json",
    ];
    world.run(&seal).failed(1, "log-not-verifiable");
    assert!(
        !world.path("never.txt").exists(),
        "nothing is sealed to a council that does not verify"
    );
}

/// Packages that were altered or are incomplete, and evidence over the limit.
fn packages(world: &World) {
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-file",
        "phrase.txt",
        "--package",
        "pack",
        "--json",
    ];
    world.run(&seal).ok();
    let blob = std::fs::read_dir(world.path("pack"))
        .expect("a package")
        .map(|item| item.expect("a file").path());
    let blob = blob
        .into_iter()
        .find(|path| path.extension().is_none())
        .expect("a blob");
    let bytes = std::fs::read(&blob).expect("read");
    let mut altered = bytes.clone();
    altered[100] ^= 1;
    std::fs::write(&blob, altered).expect("written");
    world.run(&["send", "pack", "--json"]).failed(1, "package-altered");
    std::fs::remove_file(&blob).expect("removed");
    world.run(&["send", "pack", "--json"]).failed(3, "file-not-found");
    std::fs::write(&blob, bytes).expect("written");
    world.run(&["send", "pack", "--json"]).ok();
    std::fs::File::create(world.path("large.mov"))
        .and_then(|file| file.set_len(65 << 20))
        .expect("a sparse file");
    let large = [
        "seal",
        "--account",
        "account.txt",
        "large.mov",
        "--phrase-out",
        "large.txt",
        "--json",
    ];
    world.run(&large).failed(2, "usage");
    let nobody = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "few.txt",
        "--leave-out",
        "1",
        "--json",
    ];
    world.run(&nobody).failed(4, "too-few-seats");
}

/// Forms that name blobs which were never sent, and work that is missing or used.
fn forms(world: &World) {
    let remote = Remote::new(&world.base()).expect("an address");
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "form.txt",
        "--package",
        "form",
        "--json",
    ];
    world.run(&seal).ok();
    let form = std::fs::read(world.path("form/filing.json")).expect("a form");
    let form: FilingForm = serde_json::from_slice(&form).expect("a form");
    let posted = protocol::Digest::of(&form.entry.0);
    let line = ServiceLine::over(remote);
    let post = |form: &FilingForm, parts: &[Part<'_>]| {
        let call = work::form("/api/v1/filings", "filing", form, parts.iter().copied());
        line.run(line.wire().taken(call)).map(|answer| answer.body)
    };
    assert!(failure(post(&form, &[])).is(Problem::Work));
    let offered = || {
        let done = async { Ok(work::work(line.wire(), &work::offer(line.wire(), None).await?, &posted).await) };
        line.run(done).expect("an offer")
    };
    let worked = FilingForm {
        work: offered(),
        ..form.clone()
    };
    let missing = failure(post(&worked, &[]));
    assert_eq!(
        (&*missing.code.name(), missing.exit()),
        ("blobs-missing", Exit::Network)
    );
    let blobs: Vec<Vec<u8>> = std::fs::read_dir(world.path("form"))
        .expect("a package")
        .map(|item| item.expect("a file").path())
        .filter(|path| path.extension().is_none())
        .map(|path| std::fs::read(path).expect("read"))
        .collect();
    let parts: Vec<Part<'_>> = blobs.iter().map(|bytes| Part::new(bytes)).collect();
    let mut unlike: Vec<Part<'_>> = parts.clone();
    unlike[0].digest = protocol::Digest([7; 32]);
    let refused = failure(post(
        &FilingForm {
            work: offered(),
            ..form.clone()
        },
        &unlike,
    ));
    assert_eq!(refused.exit(), Exit::Check, "{refused}");
    let good = FilingForm {
        work: offered(),
        ..form.clone()
    };
    let promise = post(&good, &parts).expect("a promise");
    let again = FilingForm {
        work: protocol::http::Work {
            nonce: WorkNonce([1; 16]),
            counter: 1,
        },
        ..form
    };
    assert_eq!(post(&again, &parts).expect("the same promise"), promise);
}

/// Signed calls by nobody, with another's key, and by a clock that is an hour off.
fn signatures(world: &World) {
    let remote = Remote::new(&world.base()).expect("an address");
    let (mine, other) = (keys_of(world, SEATS[0]), keys_of(world, "stranger"));
    let x = MemberNumber::new(1).expect("a number");
    let [here, elsewhere] = ["demo.test/log", "other.test/log"].map(|name| Origin::new(name).expect("an origin"));
    let signer = |x, keys| Signer { origin: &here, x, keys };
    let list = |remote: &Remote, signer: &Signer<'_>| {
        let line = ServiceLine::over(remote.clone());
        line.run(
            line.wire()
                .signed(HttpCall::get("/api/v1/member/delivery?from=0"), signer),
        )
    };
    let forged = failure(list(&remote, &signer(x, &other)));
    assert_eq!((&*forged.code.name(), forged.exit()), ("signature", Exit::Key));
    let nobody = failure(list(&remote, &signer(MemberNumber::new(99).expect("a number"), &mine)));
    assert!(nobody.is(Problem::Signature), "{nobody}");
    let for_another_log = Signer {
        origin: &elsewhere,
        ..signer(x, &mine)
    };
    assert!(failure(list(&remote, &for_another_log)).is(Problem::Signature));
    for hours in [-3600, 3600] {
        let late = failure(list(&remote.clone().with_clock_skew(hours), &signer(x, &mine)));
        assert_eq!((&*late.code.name(), late.exit()), ("clock", Exit::NotNow));
        assert!(
            late.why.contains("60 min") && late.why.contains("at most 5 min"),
            "{late}"
        );
        assert!(late.remedy.contains("clock"));
    }
    let all: Vec<_> = (0..3).map(|_| list(&remote, &signer(x, &mine))).collect();
    assert!(
        all.iter().all(Result::is_ok),
        "the same call again within a second is signed anew"
    );
}

/// A clock that is days ahead: the cosigners say so, and everybody goes on (§3).
fn wrong_clock(world: &World) {
    let trust = trust_of(world);
    let remote = Remote::new(&trust.base_url)
        .expect("an address")
        .with_clock_skew(40 * 86_400);
    let mut follow = Follow::open_as_read(trust, remote, &Console::silent()).expect("a root");
    follow.refresh(&Console::silent()).expect("the log");
    let moment = follow.log().moment().expect("the cosigner signs the same tree again");
    assert_eq!(moment.size(), follow.log().fold().size());
    let warning = clock_warning(follow.log()).expect("a warning");
    assert!(warning.contains("40 d ahead of the cosigners"), "{warning}");
}

/// A share for another seat is rejected, the others are told, and the first that holds the case files it.
fn share_of_another_seat(world: &World) {
    let open = |name: &str| {
        let folder = world.path(&format!("{name}.library"));
        let desk = Desk::open(trust_of(world), keys_of(world, name), &folder, &Console::silent());
        desk.and_then(Desk::seat).expect("a seat")
    };
    let (mut first, mut second) = (open(SEATS[0]), open(SEATS[1]));
    let listed = |seat: &mut Seat| {
        let list = seat.run(async |seat| seat.list_deliveries().await);
        list.expect("a list")
    };
    let check = |seat: &mut Seat, item: DeliveryItem| {
        let id = item.id;
        let checked = seat.run(async |seat| {
            seat.refresh().await?;
            seat.check_deliveries(vec![item]).await
        });
        checked.expect("checked");
        let mut deliveries = seat.office().deliveries();
        let found = deliveries.find(|(delivery, _)| **delivery == id).expect("the delivery");
        found.1.clone()
    };
    let theirs = world.until("a delivery to the first", || listed(&mut first).first().cloned());
    let mine = world.until("a delivery to the second", || {
        listed(&mut second).into_iter().find(|item| item.id == theirs.id)
    });
    let Checked::Holds(case) = check(&mut first, theirs.clone()) else {
        panic!("the first seat's share holds");
    };
    let acknowledged = first.run(async |seat| {
        let ack = seat.ack(&case, Holds::All)?;
        seat.file(&ack).await
    });
    acknowledged.expect("promised");
    let swapped = DeliveryItem {
        share: theirs.share,
        ..mine
    };
    let Checked::Failed(rejected) = check(&mut second, swapped) else {
        panic!("another seat's share fails");
    };
    assert_eq!((rejected.check, rejected.got), (Check::Age, Some(theirs.share)));
    let told = second.run(async |seat| {
        let rejection = seat.reject(&theirs.id)?;
        seat.tell(&rejection).await?;
        Ok(seat.reject(&theirs.id).map(drop))
    });
    assert_eq!(told.expect("told").expect_err("told once").code, Local::NoSuchDelivery);
    let filed = world.until("the rejection", || {
        let taken = first.run(async |seat| {
            seat.refresh().await?;
            seat.read_cells().await?;
            seat.take_office().await
        });
        taken.expect("cells").into_iter().find(|taken| taken.name == "reject")
    });
    world.until("the rejection in the log", || {
        first.run(async |seat| seat.refresh().await).expect("the log");
        let is_logged = first.member().is_logged(&filed.case, &filed.filed.statement);
        is_logged.then_some(())
    });
    drop((first, second));
}

/// A key file that others can read is found, with what to do.
#[cfg(unix)]
fn doctor(world: &World) {
    use std::os::unix::fs::PermissionsExt as _;
    let key = world.path("operator/log.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("changed");
    let doctor = ["doctor", "--config", "operator/resguardo.toml", "--json"];
    let run = world.run(&doctor);
    let bad = run
        .events()
        .into_iter()
        .find(|event| event["state"] == "failed")
        .expect("a failed check");
    assert_eq!(bad["check"], "log key");
    assert!(bad["do"].as_str().is_some_and(|text| text.contains("chmod 600")));
    run.failed(1, "doctor");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("changed");
    world.run(&doctor).ok();
}

#[cfg(not(unix))]
fn doctor(_world: &World) {}

/// A cache that was damaged is read anew, with a warning; two processes do not share one.
fn cache(world: &World) {
    let inbox = ["inbox", "--phrase-file", "phrase.txt", "--state", "seen", "--json"];
    world.run(&inbox).ok();
    let path = world.path("seen/log.entries");
    let mut bytes = std::fs::read(&path).expect("a cache");
    bytes[40] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    let run = world.run(&inbox).ok();
    assert!(
        run.event("warning")["text"]
            .as_str()
            .is_some_and(|text| text.contains("read anew"))
    );
    let quiet = world.run(&inbox).ok();
    assert!(!quiet.stdout.contains("read anew"), "{}", quiet.stdout);
    let lock = std::fs::File::open(world.path("seen/lock")).expect("a lock");
    lock.lock().expect("locked");
    world.run(&inbox).failed(4, "in-use");
}

/// A second service on the same store, a taken port, a store of a newer program.
fn stores(world: &mut World) {
    let serve = world.serve_arguments();
    let with_json = [&serve[..], &["--json"]].concat();
    world.run(&with_json).failed(5, "port-taken");
    let [a, b] = deployment::free_ports().expect("two ports");
    let config = std::fs::read_to_string(world.path("operator/resguardo.toml")).expect("a configuration");
    let other = config
        .replace(&format!(":{}\"", world.ports[1]), &format!(":{b}\""))
        .replace(
            &format!("listen = \"127.0.0.1:{}\"", world.ports[0]),
            &format!("listen = \"127.0.0.1:{a}\""),
        );
    std::fs::write(world.path("operator/second.toml"), other).expect("written");
    let second = [
        "serve",
        "--config",
        "operator/second.toml",
        "--passphrase-file",
        "operator.pass",
        "--json",
    ];
    world.run(&second).failed(4, "store-busy");
    std::fs::write(world.path("operator/bad.toml"), format!("{config}\nunknown = 1\n")).expect("written");
    let bad = [
        "serve",
        "--config",
        "operator/bad.toml",
        "--passphrase-file",
        "operator.pass",
        "--json",
    ];
    world.run(&bad).failed(2, "config");
    world.service = None;
    let format = world.path("operator/store/format");
    let ours = std::fs::read(&format).expect("the store's format");
    std::fs::write(&format, "99\n").expect("written");
    world.run(&with_json).failed(6, "store-newer");
    world
        .run(&["fsck", "operator/store", "--json"])
        .failed(6, "store-newer");
    std::fs::write(&format, ours).expect("written");
    world.serve();
}

#[track_caller]
fn failure<T>(outcome: Result<T, CliError>) -> CliError {
    match outcome {
        Ok(_) => panic!("it was accepted"),
        Err(failure) => failure,
    }
}
