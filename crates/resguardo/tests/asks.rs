//! A question without a filing: every seat reads it, one answers, and the words of the question lead to the answer (§9.2).
//! Words without an answer, a decoy's and those that nobody ever had are told the same.

use crate::desk_page::Page;
use crate::support;

use std::fs;
use std::rc::Rc;

use client::wire::{HttpAnswer, RunningAct, Turn, Wire};
use client::{Declarant, Log, MemoryStore, Random};
use protocol::phrase::PhraseRoot;
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use serde_json::{Value, json};
use support::{SEATS, World};

const QUESTION: &str = "¿Quién puede leer lo que escriba?\nNo quiero dar mi nombre.";

fn asks(world: &World, seat: &str) -> Vec<Value> {
    let events = world.desk(seat, &["queue"]).ok().events();
    events.into_iter().filter(|event| event["event"] == "ask").collect()
}

/// How many questions the page of a seat shows at a login.
fn asks_anew(world: &World, seat: &str) -> usize {
    let page = Page::open(world, seat);
    page.view["asks"].as_array().expect("a list").len()
}

/// What words show that hold no filing, without the time by which one would show; and what is said of it.
fn inbox(world: &World, words: &str) -> (Value, Value) {
    let run = world.run(&["inbox", "--phrase-file", words, "--json"]);
    let (mut shown, error) = (run.event("filing"), run.event("error"));
    assert_eq!((run.code, &error["code"]), (3, &"no-entry".into()), "{}", run.stdout);
    shown["by"] = Value::Null;
    shown["answer"]["up_to"] = Value::Null;
    (shown, error)
}

#[test]
fn a_question_without_a_filing_is_answered_to_the_inbox_of_its_words() {
    let world = World::start();
    let write = |name: &str, text: &str| fs::write(world.path(name), text).expect("written");
    write("question.txt", &format!("{QUESTION}\n"));
    write("answer.txt", "Nadie, si no lo sellas.\n");
    write("long.txt", &"a".repeat(1_501));
    let ask = |text: &str, more: &[&str]| world.run(&[&["ask", text, "--json"], more].concat());
    ask("long.txt", &["--phrase-out", "none.txt"]).failed(2, "statement-rule");
    assert!(
        !world.path("none.txt").exists(),
        "words that hold nothing are taken back"
    );
    ask("question.txt", &["--phrase-out", "words.txt"]).ok();
    let told = world.until("the question", || asks(&world, SEATS[1]).pop());
    let name = told["statement"]
        .as_str()
        .and_then(|name| name.get(..12))
        .expect("a digest");
    for seat in SEATS {
        let seen = asks(&world, seat);
        assert_eq!(seen.len(), 1, "{seat}");
        assert_eq!(seen[0]["text"], QUESTION);
    }
    let message = |seat: &str, more: &[&str]| world.desk(seat, &[&["message", name], more].concat());
    message(SEATS[1], &["--text", "answer.txt"]).ok();
    assert!(asks(&world, SEATS[1]).is_empty(), "it is answered here");
    message(SEATS[1], &["--put-away"]).failed(3, "no-such-ask");
    message(SEATS[0], &["--put-away"]).ok();
    assert!(asks(&world, SEATS[0]).is_empty());
    assert_eq!(
        asks(&world, SEATS[2]).len(),
        1,
        "what one seat does hides it from no other"
    );
    // Another login with the same key knows it: nothing of this machine is there.
    for (seat, shown) in [(SEATS[0], 0), (SEATS[1], 0), (SEATS[2], 1)] {
        assert_eq!(asks_anew(&world, seat), shown, "{seat}");
    }
    // What nobody should ask of her is not asked in an answer either.
    write("meet.txt", "Mándame tus ocho palabras y tu dirección.\n");
    message(SEATS[2], &["--text", "meet.txt"]).failed(2, "asks-her");

    let answered = world.until("the answer", || {
        inbox(&world, "words.txt").0["messages"].get(0).cloned()
    });
    assert_eq!(answered["text"], "Nadie, si no lo sellas.");
    assert_eq!(answered["from"]["institution"], SEATS[1]);
    // Another question with the same words is of the same inbox.
    write("question.txt", "¿Y si pierdo las palabras?\n");
    ask("question.txt", &["--phrase-file", "words.txt"]).ok();
    let second = world.until("the second question", || {
        asks(&world, SEATS[3]).into_iter().find(|ask| ask["n"] == 2)
    });
    assert_eq!(second["inbox"], told["inbox"]);

    sent_again_it_is_one_question(&world);

    // A testimony with other words for whoever forces her: they, words that asked, and words of nobody look alike.
    world.file("phrase.txt", &["--decoy-out", "decoy.txt"]).ok();
    let decoy = fs::read_to_string(world.path("decoy.txt")).expect("words");
    assert_eq!(decoy.split_whitespace().count(), 8);
    ask("question.txt", &["--phrase-out", "asked.txt"]).ok();
    world.file("other.txt", &["--package", "never"]).ok();
    world.until("her filing", || {
        (world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"]).code == 0).then_some(())
    });
    let decoys = inbox(&world, "decoy.txt");
    assert_eq!(decoys.0["messages"], json!([]));
    for words in ["asked.txt", "other.txt"] {
        assert_eq!(inbox(&world, words), decoys, "{words}");
    }
    // Whoever has a testimony asks its seats in a message on it.
    ask("question.txt", &["--phrase-file", "phrase.txt"]).failed(2, "filed-already");
    // An outcome that leaves nothing filed leaves no words of either kind.
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "p.txt",
        "--decoy-out",
        "d.txt",
    ];
    let refused = world.run(&[&seal[..], &["--leave-out", "1", "2", "3"]].concat());
    assert_ne!(refused.code, 0);
    assert!(!world.path("p.txt").exists() && !world.path("d.txt").exists());
}

/// Left without an answer from the service, her page posts the question again: each seat shows it once, and no more when it
/// has put it away, though another cell comes.
fn sent_again_it_is_one_question(world: &World) {
    let trust = Trust::load(&world.path("root.json")).expect("a root");
    let (remote, wire) = (Remote::new(&trust.base_url).expect("an address"), Wire::default());
    let log = Box::new(Log::new(trust.root.clone()).expect("a policy"));
    let roots = vec![PhraseRoot::from_bytes([0x51; 32])];
    let mut her = Declarant::new(
        log,
        roots,
        wire.clone(),
        Rc::new(MemoryStore::default()),
        Random::default(),
    );
    let mut run = |is_lost: bool, text: Option<&str>| {
        let act = async {
            match text {
                Some(text) => her.ask(text).await.map(drop),
                None => her.refresh().await,
            }
        };
        let (mut running, mut answers) = (RunningAct::new(wire.clone(), act), Vec::new());
        let mut posted = 0;
        loop {
            match running.turn(remote.now(), std::mem::take(&mut answers)) {
                Turn::Done(outcome) => break (outcome.is_ok(), posted),
                Turn::Calls(calls) => answers.extend(calls.iter().map(|call| {
                    let (answer, _) = remote.carry(call).expect("a service");
                    posted += usize::from(call.path == "/api/v1/office");
                    let is_lost = is_lost && call.method == "POST";
                    if is_lost { HttpAnswer::default() } else { answer }
                })),
            }
        }
    };
    assert_eq!(run(false, None), (true, 0));
    assert_eq!(run(true, Some("Is anybody there?")), (false, 1));
    let of = |seat: &str| {
        let all = asks(world, seat).into_iter();
        all.filter(|ask| ask["text"] == "Is anybody there?").collect::<Vec<_>>()
    };
    let first = world.until("the question", || of(SEATS[0]).pop());
    let name = first["statement"]
        .as_str()
        .and_then(|name| name.get(..12))
        .expect("a digest");
    world.desk(SEATS[0], &["message", name, "--put-away"]).ok();
    assert_eq!(of(SEATS[2]).len(), 1);
    assert_eq!(run(false, None), (true, 1), "the same, in another cell");
    assert_eq!(run(false, None), (true, 0));
    for (seat, shown) in [(SEATS[0], 0), (SEATS[1], 1), (SEATS[2], 1)] {
        assert_eq!(of(seat).len(), shown, "{seat}");
    }
}
