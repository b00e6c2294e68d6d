//! What a declarant meets when something is wrong on her side: a clock, a file, a broken copy, an impatient Ctrl-C.

use crate::support;

use protocol::phrase::Phrase;
use resguardo::console::Console;
use resguardo::declare::{self, ToSeal};
use resguardo::follow::Follow;
use resguardo::random;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use sealing::TestimonyInput;
use serde_json::Value;
use support::World;

#[test]
fn her_side_may_be_wrong_and_nothing_is_lost() {
    let world = World::start();
    std::fs::write(world.path("account.txt"), "What happened.\n").expect("written");
    for hours in [-72, -1, 0, 1, 72] {
        clock(&world, hours * 3600);
    }
    a_failed_seal_leaves_nothing(&world);
    wrong_files(&world);
    broken_packages(&world);
    no_such_entry(&world);
    #[cfg(unix)]
    stopped(&world);
}

#[track_caller]
fn whole(failure: &Value) {
    for part in ["what", "why", "do"] {
        assert!(
            failure[part].as_str().is_some_and(|text| !text.is_empty()),
            "{part} of {failure}"
        );
    }
}

/// With a clock that is wrong she files, the promise verifies, and the log's time is there for her inbox (§3).
fn clock(world: &World, skew_s: i64) {
    let trust = Trust::load(&world.path("root.json")).expect("a root");
    let remote = Remote::new(&trust.base_url)
        .expect("an address")
        .with_clock_skew(skew_s);
    let silent = Console::silent();
    let mut follow = Follow::open_as_read(trust, remote, &silent).expect("a root");
    follow.refresh(&silent).expect("the log");
    let (moment, _) = follow.log().present().expect("read").expect("a moment");
    assert_eq!(moment.size(), follow.log().fold().size(), "{skew_s}");
    let to_seal = ToSeal {
        input: TestimonyInput::parse(r#"{"account":"What happened.","soon":true}"#).expect("an input"),
        ..ToSeal::default()
    };
    let phrase = Phrase::draw(&mut random::system());
    let root = declare::derive(&phrase, follow.trust().origin()).expect("a root");
    let folder = tempfile::tempdir().expect("a folder");
    let package = declare::seal_into(&follow, &root.case(0), (&to_seal, 0), folder.path(), &silent).expect("sealed");
    let promised = package
        .send(&follow, &silent)
        .unwrap_or_else(|unsent| panic!("{skew_s}: {unsent:?}"));
    assert!(promised.deadline > moment.time());
}

/// Words are written when all is sealed; a command that failed can be corrected and run again as it stands.
fn a_failed_seal_leaves_nothing(world: &World) {
    std::fs::File::create(world.path("large.mov"))
        .and_then(|file| file.set_len(65 << 20))
        .expect("a sparse file");
    std::fs::write(world.path("small.jpg"), "x").expect("written");
    let seal = ["seal", "--account", "account.txt", "--phrase-out", "p", "--json"];
    let package = [&seal[..], &["--package", "pk"]].concat();
    for (exit, code, wrong) in [
        (3, "file-not-found", vec!["nofile"]),
        (2, "usage", vec!["large.mov"]),
        (2, "usage", vec!["--leave-out", "9"]),
        (4, "too-few-seats", vec!["--leave-out", "1", "2", "3"]),
    ] {
        for command in [&seal[..], &package[..]] {
            let failure = world.run(&[command, &wrong].concat()).failed(exit, code);
            assert!(
                !world.path("p").exists(),
                "{wrong:?} left words that hold nothing: {failure}"
            );
        }
    }
    let many = world.run(&[&package[..], &["small.jpg"; 24]].concat());
    assert_ne!(many.code, 0);
    assert!(!world.path("p").exists());
    let failure = world.run(&[&package[..], &["large.mov"]].concat()).failed(2, "usage");
    assert!(
        failure["what"].as_str().is_some_and(|text| text.contains("64 MiB")),
        "{failure}"
    );
    world.run(&package).ok();
    let words = std::fs::read_to_string(world.path("p")).expect("words");
    assert_eq!(words.split_whitespace().count(), 8);
    let failure = world.run(&seal).failed(2, "exists");
    whole(&failure);
    assert_eq!(std::fs::read_to_string(world.path("p")).expect("words"), words);
}

/// Files that are not what they should be: the status says whose business it is.
fn wrong_files(world: &World) {
    std::fs::write(world.path("binary"), [0xff, 0xfe, 0, 1]).expect("written");
    whole(
        &world
            .run(&["inbox", "--phrase-file", "binary", "--json"])
            .failed(7, "secret-not-text"),
    );
    let seal = ["seal", "--phrase-out", "q", "--json", "--account"];
    std::fs::write(world.path("long.txt"), "a".repeat(300 << 10)).expect("written");
    for (name, code) in [("long.txt", "usage"), ("binary", "not-text")] {
        whole(&world.run(&[&seal[..], &[name]].concat()).failed(2, code));
    }
    let rootless = ["inbox", "--phrase-file", "p", "--root", "nowhere.json", "--json"];
    let failure = world.run(&rootless).failed(3, "file-not-found");
    assert!(
        failure["what"]
            .as_str()
            .is_some_and(|text| text.contains("root of trust")),
        "{failure}"
    );
    assert!(!world.path("q").exists());
}

/// A package that was cut off on its way is noticed before anything is filed; copied again, it is filed.
fn broken_packages(world: &World) {
    let blob = std::fs::read_dir(world.path("pk"))
        .expect("a package")
        .map(|item| item.expect("a file").path())
        .find(|path| path.extension().is_none())
        .expect("a blob");
    for (path, code) in [
        (blob, "package-altered"),
        (world.path("pk/filing.json"), "not-a-package"),
    ] {
        let bytes = std::fs::read(&path).expect("read");
        for end in [0, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..end]).expect("cut off");
            whole(&world.run(&["send", "pk", "--json"]).failed(1, code));
        }
        std::fs::write(&path, bytes).expect("put back");
    }
}

/// Words of which the log holds nothing, before the package is sent; and not yet, just after.
fn no_such_entry(world: &World) {
    let inbox = ["inbox", "--phrase-file", "p", "--json"];
    let run = world.run(&inbox);
    assert_eq!(run.event("filing")["answer"]["answer"], "no-entry");
    whole(&run.failed(3, "no-entry"));
    let human = world.run(&inbox[..3]);
    assert!(
        human
            .stdout
            .contains("if it was filed within the last 24 hours: not yet"),
        "{}",
        human.stdout
    );
    world.run(&["send", "pk", "--json"]).ok();
}

/// Ctrl-C while it waits for the receipt: exit 130, and what to do now.
#[cfg(unix)]
fn stopped(world: &World) {
    use std::process::{Command, Stdio};
    let out = std::fs::File::create(world.path("waiting")).expect("a file");
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "w",
        "--receipt",
        "never",
        "--json",
    ];
    let mut child = Command::new(support::PROGRAM)
        .current_dir(world.folder.path())
        .args(seal)
        .stdin(Stdio::null())
        .stdout(out)
        .spawn()
        .expect("the program starts");
    let told = || std::fs::read_to_string(world.path("waiting")).expect("read");
    world.until("the waiting", || told().contains("waiting for the log").then_some(()));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    let failure: Value = serde_json::from_str(told().lines().last().expect("a line")).expect("JSON");
    assert_eq!(
        (failure["code"].as_str(), failure["exit"].as_i64()),
        (Some("stopped"), Some(130))
    );
    whole(&failure);
    assert!(
        failure["do"]
            .as_str()
            .is_some_and(|text| text.contains("inbox --receipt never")),
        "{failure}"
    );
    assert!(world.path("w").exists() && !world.path("never").exists());
    // The promise is kept: until the receipt is there, it alone proves that the filing must come.
    let complain = world.run(&["complain", "make", "never.promise", "--json"]);
    let code = complain.event("error")["code"].clone();
    assert!(code == "not-due" || code == "promise-kept", "{code}");
}
