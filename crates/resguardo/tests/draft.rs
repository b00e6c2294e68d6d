//! What she has written so far is there on another machine, with the eight words alone, and nothing else is.

use crate::support;

use std::fs;

use support::{World, shown};

#[test]
fn a_draft_is_opened_with_the_words_alone_and_goes_when_it_is_erased() {
    let mut world = World::start();
    let text = |name: &str| fs::read_to_string(world.path(name)).expect("a file");
    fs::write(world.path("account.txt"), "In March they took\n").expect("written");
    let save = |more: &[&str]| world.run(&[&["draft", "save", "account.txt", "--json"], more].concat());
    let open = |words: &str, out: &str| world.run(&["draft", "open", "--phrase-file", words, "--out", out, "--json"]);
    save(&["--phrase-out", "phrase.txt"]).ok();
    let words = text("phrase.txt");
    assert_eq!(words.split_whitespace().count(), 8);
    open("phrase.txt", "first.txt").ok();
    assert_eq!(text("first.txt"), "In March they took\n");
    open("phrase.txt", "first.txt").failed(2, "exists");

    fs::write(world.path("account.txt"), "In March they took my papers.\n").expect("written");
    save(&["--phrase-file", "phrase.txt"]).ok();
    save(&["--phrase-out", "phrase.txt"]).failed(2, "exists");
    let told = open("phrase.txt", "second.txt").ok().event("result");
    assert_eq!(text("second.txt"), "In March they took my papers.\n");
    assert_eq!(told["other_fields"], serde_json::json!([]), "{told}");

    // More than a draft holds: what was saved before stands.
    fs::write(world.path("account.txt"), "a".repeat(32_760)).expect("written");
    save(&["--phrase-file", "phrase.txt"]).failed(2, "draft-too-long");
    open("phrase.txt", "third.txt").ok();
    assert_eq!(text("third.txt"), text("second.txt"));

    // Words that never had one, and words that have none any more, are told the same.
    let mut told = Vec::new();
    fs::write(world.path("account.txt"), "x\n").expect("written");
    save(&["--phrase-out", "other.txt"]).ok();
    for words in ["phrase.txt", "other.txt"] {
        world.run(&["draft", "erase", "--phrase-file", words, "--json"]).ok();
        told.push(open(words, "gone.txt").failed(3, "no-draft"));
        world
            .run(&["draft", "erase", "--phrase-file", words, "--json"])
            .failed(3, "no-draft");
    }
    world.file("never.txt", &[]);
    told.push(open("never.txt", "gone.txt").failed(3, "no-draft"));
    assert!(told.iter().all(|one| one == &told[0]), "{told:?}");
    assert!(!world.path("gone.txt").exists());

    // The service has learned neither words nor text.
    world.service = None;
    let log = world.log();
    assert_eq!(shown(words.trim(), &log), None);
    let mut files = vec![world.path("operator/store")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs::read_dir(path)
                    .expect("a folder")
                    .map(|item| item.expect("an item").path()),
            );
        } else {
            let bytes = fs::read(&path).expect("a file");
            let bytes = String::from_utf8_lossy(&bytes);
            assert!(
                !bytes.contains("my papers") && shown(words.trim(), &bytes).is_none(),
                "{path:?}"
            );
        }
    }
}
