//! What a client has seen of a log is never forgotten: not with a damaged cache, not with another root, not by our hand.
#![cfg(unix)]

use crate::support;

use resguardo::line::ServiceLine;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use support::World;

const INBOX: [&str; 6] = ["inbox", "--phrase-file", "phrase.txt", "--state", "seen", "--json"];

#[test]
fn a_log_that_shows_another_history_is_told_whatever_became_of_the_cache() {
    let mut world = World::start();
    world.file("phrase.txt", &["--receipt", "r", "--json"]);
    assert!(world.path("r").exists() && !world.path("r.promise").exists());
    world.service = None;
    world.cosigner = None;
    copy(&world, "operator", "operator.then");
    copy(&world, "cosigner-state", "cosigner-state.then");
    world.cosign();
    world.serve();
    let size = size(&world);
    world.until("eight more entries", || {
        world.run(&INBOX).ok();
        (self::size(&world) >= size + 8).then_some(())
    });
    another_root(&world);
    another_member(&world);
    lost_checkpoint(&world);
    world.service = None;
    world.cosigner = None;
    copy(&world, "operator.then", "operator");
    copy(&world, "cosigner-state.then", "cosigner-state");
    world.cosign();
    world.serve();
    let seen = files(&world.path("seen"));
    forked(&world, &seen);
    let now = self::size_after(&world);
    world.until("a longer log than the one that was seen", || {
        (self::size_after(&world) >= now + 24).then_some(())
    });
    forked(&world, &seen);
}

/// Exit 1 with a whole cache, a damaged one and none, as often as it is tried; what was seen stays.
fn forked(world: &World, seen: &BTreeMap<String, Vec<u8>>) {
    let entries = world.path("seen/log.entries");
    world.run(&INBOX).failed(1, "log-not-verifiable");
    let mut bytes = seen["log.entries"].clone();
    bytes[40] ^= 1;
    std::fs::write(&entries, bytes).expect("damaged");
    for _ in 0..2 {
        let run = world.run(&INBOX);
        assert!(run.stdout.contains("must lead to the checkpoint"), "{}", run.stdout);
        run.failed(1, "log-not-verifiable");
    }
    std::fs::remove_file(&entries).expect("removed");
    world.run(&INBOX).failed(1, "log-not-verifiable");
    assert_eq!(files(&world.path("seen"))["log.checkpoint"], seen["log.checkpoint"]);
    std::fs::write(&entries, &seen["log.entries"]).expect("put back");
}

/// A root of another council or log does not touch what was kept.
fn another_root(world: &World) {
    let seen = files(&world.path("seen"));
    assert!(seen.contains_key("log.identity"));
    let text = std::fs::read_to_string(world.path("root.json")).expect("a root");
    let council = &text[text.find("\"council\"").expect("a field")..];
    let digest: String = council
        .chars()
        .skip_while(|c| *c != ':')
        .filter(char::is_ascii_hexdigit)
        .take(64)
        .collect();
    std::fs::write(world.path("other.json"), text.replace(&digest, &"ab".repeat(32))).expect("written");
    let other = [&INBOX[..], &["--root", "other.json"]].concat();
    let failure = world.run(&other).failed(4, "state-of-another");
    assert!(
        failure["do"]
            .as_str()
            .is_some_and(|text| text.contains("nothing was changed"))
    );
    assert_eq!(files(&world.path("seen")), seen);
    std::fs::remove_file(world.path("seen/log.identity")).expect("removed");
    world.run(&other).failed(1, "log-not-verifiable");
    std::fs::write(world.path("seen/log.identity"), &seen["log.identity"]).expect("put back");
    assert_eq!(
        files(&world.path("seen")),
        seen,
        "also a folder without a name keeps all"
    );
}

/// A folder is of one member.
fn another_member(world: &World) {
    world.desk("shelter", &["queue"]).ok();
    world
        .desk("ombudsman", &["queue", "--state", "shelter.state"])
        .failed(4, "state-of-another");
    world.desk("shelter", &["queue"]).ok();
}

/// Without its checkpoint, or with a damaged one, a folder is not silently begun anew.
fn lost_checkpoint(world: &World) {
    let (path, seen) = (world.path("seen/log.checkpoint"), files(&world.path("seen")));
    let kept = &seen["log.checkpoint"];
    let mut altered = kept.clone();
    let digit = altered.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    altered[digit] = if altered[digit] == b'1' { b'2' } else { b'1' };
    std::fs::write(&path, altered).expect("damaged");
    world.run(&INBOX).failed(6, "state-damaged");
    std::fs::write(&path, "").expect("emptied");
    world.run(&INBOX).failed(6, "state-damaged");
    std::fs::remove_file(&path).expect("removed");
    world.run(&INBOX).failed(6, "state-damaged");
    std::fs::remove_file(world.path("seen/log.entries")).expect("removed");
    world.run(&INBOX).failed(6, "state-damaged");
    std::fs::write(&path, kept).expect("put back");
    world.run(&INBOX).ok();
    assert_eq!(files(&world.path("seen"))["log.identity"], seen["log.identity"]);
}

/// Size of the checkpoint that was kept.
fn size(world: &World) -> u64 {
    if !world.path("seen").exists() {
        world.run(&INBOX).ok();
    }
    size_of(&std::fs::read_to_string(world.path("seen/log.checkpoint")).expect("a checkpoint"))
}

/// Size of the log that is served now.
fn size_after(world: &World) -> u64 {
    let line = ServiceLine::over(resguardo::remote::Remote::new(&world.base()).expect("an address"));
    let checkpoint = line.run(line.wire().bytes("/log/checkpoint")).expect("a checkpoint");
    size_of(&String::from_utf8(checkpoint).expect("text"))
}

fn size_of(note: &str) -> u64 {
    note.lines().nth(1).and_then(|line| line.parse().ok()).expect("a size")
}

/// The files of a folder, but for its lock.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let items = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|item| item.expect("an item"));
    items
        .filter(|item| item.file_type().expect("a type").is_file() && item.file_name() != "lock")
        .map(|item| {
            let name = item.file_name().into_string().expect("text");
            (name, std::fs::read(item.path()).expect("read"))
        })
        .collect()
}

fn copy(world: &World, from: &str, to: &str) {
    let to = world.path(to);
    if to.exists() {
        std::fs::remove_dir_all(&to).expect("removed");
    }
    let status = Command::new("cp").arg("-a").arg(world.path(from)).arg(to).status();
    assert!(status.expect("cp runs").success());
}
