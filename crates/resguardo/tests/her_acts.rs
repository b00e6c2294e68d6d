//! What she sends after filing is filed once, whatever dies between her and the log: the line, the service, her own program.

use crate::support;

use std::sync::atomic::Ordering;

use protocol::Origin;
use protocol::drop::open_record;
use protocol::phrase::Phrase;
use serde_json::Value;
use support::{Run, SEATS, World};

/// A verb of hers, with the folder that keeps what does not show yet.
fn hers(world: &World, verb: &[&str]) -> Run {
    let more = ["--phrase-file", "phrase.txt", "--state", "hers", "--json"];
    world.run(&[verb, &more].concat())
}

/// Her filing as `inbox` shows it.
fn filing(world: &World) -> Value {
    hers(world, &["inbox"]).ok().event("filing")
}

fn acts(filing: &Value, name: &str) -> Vec<Value> {
    let all = filing["acts"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|act| act["body"]["act"] == name).collect()
}

/// A seat looks into the office, and files what is new.
fn seat_looks(world: &World) {
    world.desk(SEATS[0], &["queue"]).ok();
}

#[test]
fn what_she_sends_is_filed_once_whatever_dies_between() {
    let mut world = World::start();
    world.file("phrase.txt", &[]);
    world.acknowledge(&SEATS[..3], "share");
    world.until("her filing, held", || {
        (filing(&world)["answer"]["answer"] == "held").then_some(())
    });
    let parts = &filing(&world)["parts"];
    assert_eq!(
        (
            parts["hold"].as_array().unwrap().len(),
            parts["of"].as_array().unwrap().len()
        ),
        (3, 5)
    );
    an_answer_is_lost(&world);
    the_service_dies(&mut world);
    taken_back_before_it_shows(&world);
    said_twice(&world);
    refused_before_anything_is_sent(&world);
    let shown = filing(&world);
    assert_eq!(shown["sent"], Value::from(Vec::<Value>::new()), "{shown}");
    let twice = shown["acts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|act| act["standing"] != "counts");
    assert_eq!(twice.count(), 0, "{shown}");
}

/// The service took the cell and its answer was lost: it goes out again at the next look, and is filed once.
fn an_answer_is_lost(world: &World) {
    let lost = world.deafen("/api/v1/office", "deaf.json");
    hers(world, &["alive", "--root", "deaf.json"]).failed(5, "unreachable");
    assert!(lost.load(Ordering::SeqCst) > 0);
    let sent = filing(world)["sent"][0].clone();
    assert_eq!(
        (&sent["name"], &sent["state"]),
        (&"alive".into(), &"sent".into()),
        "{sent}"
    );
    world.until("the sign of life", || {
        seat_looks(world);
        (acts(&filing(world), "alive").len() == 1).then_some(())
    });
}

/// The service is killed after it took the cell, and again before a seat files it.
fn the_service_dies(world: &mut World) {
    let sent = hers(world, &["withdraw"]).ok().event("result");
    assert_eq!(sent["times"], 1, "{sent}");
    world.service = None;
    hers(world, &["inbox"]).failed(5, "unreachable");
    world.serve();
    let waiting = filing(world)["sent"].clone();
    assert_eq!(waiting[0]["statement"], sent["statement"], "{waiting}");
    assert_eq!(waiting[0]["times"], 1, "sent once: it is not late yet");
    world.until("the withdrawal", || {
        seat_looks(world);
        let found = acts(&filing(world), "withdraw");
        (found.len() == 1 && found[0]["who"]["who"] == "she").then_some(())
    });
    assert!(filing(world)["withdrawal"]["until"].is_u64());
}

/// She changes her mind twice before a seat looks: the highest counter counts, in whatever order they are filed.
fn taken_back_before_it_shows(world: &World) {
    hers(world, &["withdraw"]).failed(4, "done");
    hers(world, &["withdraw", "--take-back"]).ok();
    let again = hers(world, &["withdraw"]).ok().event("result");
    let back = hers(world, &["withdraw", "--take-back"]).ok().event("result");
    assert_ne!(again["statement"], back["statement"]);
    world.until("that it is withdrawn no more", || {
        seat_looks(world);
        let shown = filing(world);
        let is_settled = shown["sent"].as_array().is_some_and(Vec::is_empty);
        (shown["withdrawal"].is_null() && is_settled).then_some(())
    });
    hers(world, &["withdraw", "--take-back"]).failed(4, "not-withdrawn");
}

/// The same words twice before they show are one message.
fn said_twice(world: &World) {
    std::fs::write(world.path("words.txt"), "Not on Mondays.\n").expect("written");
    let first = hers(world, &["say", "words.txt"]).ok().event("result");
    let second = hers(world, &["say", "words.txt"]).ok().event("result");
    assert_eq!(first["statement"], second["statement"]);
    world.until("her message", || {
        seat_looks(world);
        let found = acts(&filing(world), "message");
        (found.len() == 1 && found[0]["body"]["text"] == "Not on Mondays.").then_some(())
    });
}

/// What cannot be said is told before anything is sent, and nothing of it is kept.
fn refused_before_anything_is_sent(world: &World) {
    std::fs::write(world.path("long.txt"), "a".repeat(1_501)).expect("written");
    hers(world, &["say", "long.txt"]).failed(2, "statement-rule");
    hers(world, &["consent", "ffffffff", "--yes"]).failed(3, "unknown-request");
    hers(world, &["alive", "R-0000-0000"]).failed(3, "unknown-name");
}

/// How many public records the inbox of these words opens.
fn records_to(world: &World, words: &str) -> usize {
    let text = std::fs::read_to_string(world.path(words)).expect("words");
    let phrase = Phrase::read(text.trim()).expect("a phrase").swap_remove(0);
    let root: Value = serde_json::from_slice(&std::fs::read(world.path("root.json")).expect("a root")).expect("JSON");
    let origin = Origin::new(root["origin"].as_str().expect("an origin")).expect("an origin");
    let inbox = phrase.root(&origin).expect("64 MiB").case(0).inbox;
    let page = |page: usize| {
        let mut answer = ureq::get(format!("{}/api/v1/drop/0/-/{page}", world.base()))
            .call()
            .ok()?;
        answer.body_mut().with_config().limit(1 << 20).read_to_vec().ok()
    };
    let pages = (0..).map_while(page);
    pages
        .map(|page| {
            page.chunks(3_707)
                .filter(|record| open_record(&inbox, record).is_some())
                .count()
        })
        .sum()
}

/// She has messages, and her filing, under eight new words: these read, answer and act; messages come there alone; the old
/// ones see it, and act as before.
#[test]
fn new_words_lead_to_the_filing_and_messages_go_there() {
    let world = World::start();
    world.file("phrase.txt", &[]);
    let code = world.acknowledge(&SEATS[..3], "share");
    world.until("her filing, held", || {
        (filing(&world)["answer"]["answer"] == "held").then_some(())
    });
    let of = |words: &str| world.run(&["inbox", "--phrase-file", words, "--json"]);
    world
        .run(&[
            "new-words",
            "--phrase-file",
            "phrase.txt",
            "--phrase-out",
            "phrase.txt",
            "--json",
        ])
        .failed(2, "output-is-input");
    let sent = hers(&world, &["new-words", "--phrase-out", "new.txt"])
        .ok()
        .event("result");
    assert_eq!(sent["filings"].as_array().map(Vec::len), Some(1), "{sent}");
    of("new.txt").failed(3, "no-entry");
    let moved = world.until("the filing, under the new words", || {
        seat_looks(&world);
        let run = of("new.txt");
        (run.code == 0).then(|| run.event("filing"))
    });
    assert_eq!(
        (&moved["code"], &moved["answer"]["answer"]),
        (&code.as_str().into(), &"held".into()),
        "{moved}"
    );
    assert!(moved["messages_elsewhere"].is_null(), "{moved}");
    assert!(filing(&world)["messages_elsewhere"].is_u64());
    assert_eq!(acts(&filing(&world), "inbox-change").len(), 1);

    assert_eq!(
        records_to(&world, "new.txt"),
        4,
        "the change, from the seat that filed it"
    );
    std::fs::write(world.path("reply.txt"), "We read it.\n").expect("written");
    world.desk(SEATS[1], &["message", &code, "--text", "reply.txt"]).ok();
    let shown = world.until("the message, under the new words", || {
        let shown = of("new.txt").ok().event("filing");
        (!shown["messages"].as_array()?.is_empty()).then_some(shown)
    });
    assert_eq!(shown["messages"][0]["text"], "We read it.", "{shown}");
    // The seat that filed it might have kept it back: who writes brings it once more.
    assert_eq!(
        records_to(&world, "new.txt"),
        9,
        "the change again, from another seat, and its message"
    );
    assert_eq!(
        filing(&world)["messages"],
        Value::from(Vec::<Value>::new()),
        "nothing comes to the old ones"
    );
    for (words, count) in [("new.txt", 1), ("phrase.txt", 2)] {
        world.run(&["alive", "--phrase-file", words]).ok();
        world.until("a sign of life", || {
            seat_looks(&world);
            (acts(&of(words).ok().event("filing"), "alive").len() == count).then_some(())
        });
    }
    // Moved on once more, what was the second finds it no less, and the third does.
    world
        .run(&["new-words", "--phrase-file", "new.txt", "--phrase-out", "third.txt"])
        .ok();
    world.until("the filing, under the third words", || {
        seat_looks(&world);
        (of("third.txt").code == 0).then_some(())
    });
    let second = of("new.txt").ok().event("filing");
    assert!(second["messages_elsewhere"].is_u64(), "{second}");
}
