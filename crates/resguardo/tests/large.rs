//! Large evidence (§5.2), with the program as it runs: a seat sends an upload code with a message, and what she adds may then
//! have more than 64 MiB, once.

use crate::support;

use std::fs::File;

use serde_json::Value;
use support::{Run, SEATS, World};

/// More than a filing holds without a code.
const LARGE: u64 = 66 << 20;

fn inbox(world: &World) -> Run {
    world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"])
}

/// Her filings as `inbox` shows them.
fn filings(world: &World) -> Vec<Value> {
    let mut events = inbox(world).ok().events();
    events.retain(|event| event["event"] == "filing");
    events
}

/// A file of zeros, which takes no room before it is sealed.
fn video(world: &World, name: &str, size: u64) -> String {
    let path = world.path(name);
    File::create(&path).unwrap().set_len(size).unwrap();
    name.to_owned()
}

/// A filing that seats hold, and a code that one of them sent for it.
fn held_with_code() -> World {
    let world = World::start();
    world.file("phrase.txt", &[]);
    let code = world.acknowledge(&SEATS[..3], "share");
    world.until("her filing, held", || {
        (filings(&world)[0]["answer"]["answer"] == "held").then_some(())
    });
    world.desk(SEATS[0], &["message", &code, "--template", "large"]).ok();
    world.until("the message with its code", || has_code(&world));
    world
}

fn has_code(world: &World) -> Option<()> {
    let messages = filings(world)[0]["messages"].clone();
    messages.as_array()?.iter().find(|it| it["quota"].is_string())?;
    Some(())
}

/// What a filing with a code holds at most, in zeros: 1,990 MiB in one file are taken, and 2 GiB are refused before anything of
/// them is sent.
#[test]
#[ignore = "run by `cargo xtask large`: it takes minutes and 5 GB"]
fn with_a_code_nearly_2_gib_are_filed() {
    let world = held_with_code();
    let (whole, over) = (
        video(&world, "whole.mp4", 1_990 << 20),
        video(&world, "over.mp4", 2 << 30),
    );
    let refused = adds(&world, &over, &[]).failed(2, "usage");
    assert!(refused.to_string().contains("2 GiB"), "{refused}");
    adds(&world, &whole, &[]).ok();
    world.until("what she added", || filings(&world).into_iter().nth(1));
    // The code is used: another needs one of its own.
    let next = video(&world, "next.mp4", LARGE);
    adds(&world, &next, &[]).failed(4, "quota");
}

fn adds(world: &World, file: &str, more: &[&str]) -> Run {
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--parent",
        "0",
        "--soon",
        "--phrase-file",
        "phrase.txt",
    ];
    world.run(&[&seal[..], &[file, "--json"], more].concat())
}

#[test]
fn with_the_code_in_a_message_she_adds_large_evidence_once() {
    let world = World::start();
    world.file("phrase.txt", &[]);
    let code = world.acknowledge(&SEATS[..3], "share");
    world.until("her filing, held", || {
        (filings(&world)[0]["answer"]["answer"] == "held").then_some(())
    });
    let (first, second) = (video(&world, "first.mp4", LARGE), video(&world, "second.mp4", LARGE));
    let refused = adds(&world, &first, &[]).failed(2, "usage");
    assert!(
        refused.to_string().contains("64 MiB") && refused.to_string().contains("upload code"),
        "{refused}"
    );
    let sent = world.desk(SEATS[0], &["message", &code, "--template", "large"]).ok();
    assert_eq!(sent.event("result")["with_code"], true);
    world.until("the message with its code", || has_code(&world));
    // Sealed on one machine and sent from another, twice: an answer may be lost.
    adds(&world, &first, &["--package", "package"]).ok();
    let send = || world.run(&["send", "package", "--json"]).ok().event("result");
    let promised = send();
    assert_eq!(
        send()["deadline"],
        promised["deadline"],
        "the code is used, by this very form"
    );
    let shown = world.until("what she added", || filings(&world).into_iter().nth(1));
    assert!(shown["case"].is_string(), "{shown}");
    adds(&world, &second, &[]).failed(4, "quota");
    // A second code from another seat comes to be tried after the first, which is used, is refused.
    let other = world.desk(SEATS[1], &["message", &code, "--template", "large", "--language", "en"]);
    other.ok();
    world.until("a second code", || {
        let messages = filings(&world)[0]["messages"].clone();
        let codes = messages.as_array()?.iter().filter(|it| it["quota"].is_string());
        (codes.count() == 2).then_some(())
    });
    adds(&world, &second, &[]).ok();
    assert_eq!(inbox(&world).ok().code, 0);
}
