//! What is fetched for eight words does not tell whether they are right (§9.1): right ones, wrong ones, a decoy's and those
//! of a filing that never came are followed by the same calls, byte for byte, the same answers and the same work on them.

use crate::support;

use std::rc::Rc;

use casework::view::Answer;
use client::wire::{Running, Turn, Wire};
use client::{Declarant, Log, Memory, Random, View};
use protocol::phrase::{Phrase, PhraseRoot};
use resguardo::remote::Remote;
use resguardo::trust::Trust;
use resguardo::{declare, random};
use support::{SEATS, World};

#[test]
fn the_calls_do_not_tell_whether_the_words_are_right() {
    let mut world = World::start();
    let trust = Trust::load(&world.path("root.json")).unwrap();
    let root = |phrase: &Phrase| declare::derive(phrase, trust.origin()).unwrap();
    let [wrong, decoy, never] = [0, 1, 2].map(|_| Phrase::draw(&mut random::system()));
    world.file("phrase.txt", &[]);
    let code = world.acknowledge(&SEATS, "share");
    release(&world, &code);
    // A filing whose second greeting goes to the first inbox of another phrase (§9.2).
    support::filing::file(&trust, Some(&root(&decoy).case(0).inbox.recipient()), |_| None);
    let words = std::fs::read_to_string(world.path("phrase.txt")).unwrap();
    let right = || root(&Phrase::read(&words).unwrap()[0]);
    let package = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "never.txt",
        "--package",
        "pk",
    ];
    world.run(&package).ok();
    world.until(
        "acks of every seat and releases, public, and the decoy's greeting",
        || {
            let (view, calls, _) = look(&trust, right());
            let held = view
                .filings
                .iter()
                .any(|filing| filing.parts.as_ref().is_some_and(|parts| parts.hold.len() == 5));
            let released = view.filings.iter().flat_map(|filing| &filing.requests);
            let released = released.filter(|request| request.state.is_released()).count() == 1;
            (held && released && calls.iter().any(|call| call.answer_len > 8 * 3_707)).then_some(())
        },
    );
    // Without a cosigner no step is taken: all of them look at the same log.
    world.cosigner = None;
    let (view, first, tried) = settled(&trust, &right);
    assert!(tried > 0);
    assert!(matches!(view.filings[0].answer, Answer::Held { .. }));
    assert!(first.iter().any(|call| call.path.starts_with("/api/v1/drop/")));
    for (name, root) in [
        ("wrong", root(&wrong)),
        ("decoy", root(&decoy)),
        ("never", root(&never)),
    ] {
        let (view, calls, work) = look(&trust, root);
        assert!(matches!(view.answer, Some(Answer::NoEntry { .. })), "{name}");
        assert!(view.by.is_some() && view.messages.is_empty(), "{name}");
        assert_eq!(calls, first, "{name}");
        assert_eq!(work, tried, "{name}: a record takes as much work");
    }
}

/// A reader asks, three seats grant and release.
fn release(world: &World, code: &str) {
    world.desk(SEATS[0], &["refer", code, "--reader", "6"]).ok();
    let asking = ["request", code, "--purpose", "inquiry", "--basis", "art. 1"];
    let request = world.desk("lawyer", &asking).ok().event("result")["request"].clone();
    let request = request.as_str().unwrap();
    for verb in ["grant", "release"] {
        for name in &SEATS[..3] {
            world.until(verb, || {
                world.desk(name, &["queue"]).ok();
                (world.desk(name, &[verb, request]).code == 0).then_some(())
            });
        }
    }
}

/// A call, and how long its answer was.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    status: u16,
    answer_len: usize,
}

/// Until two looks in a row make the same calls: what was on its way when the steps ended is there.
fn settled(trust: &Trust, root: &dyn Fn() -> PhraseRoot) -> (View, Vec<Seen>, usize) {
    let mut before = look(trust, root());
    for _ in 0..50 {
        let now = look(trust, root());
        if now.1 == before.1 {
            return now;
        }
        before = now;
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    panic!("the log goes on");
}

/// One visit, with two readings: what was called, in order, and how often a record was tried with a key.
fn look(trust: &Trust, root: PhraseRoot) -> (View, Vec<Seen>, usize) {
    let remote = Remote::new(&trust.base_url).unwrap();
    let wire = Wire::default();
    let log = Box::new(Log::new(trust.root.clone()).unwrap());
    let store = Rc::new(Memory::default());
    let mut declarant = Declarant::new(log, vec![root], wire.clone(), store, Random::default());
    let mut seen = Vec::new();
    for _ in 0..2 {
        let mut running = Running::new(wire.clone(), declarant.refresh());
        let mut answers = Vec::new();
        loop {
            match running.turn(remote.now(), std::mem::take(&mut answers)) {
                Turn::Done(outcome) => break outcome.unwrap(),
                Turn::Calls(calls) => {
                    for call in calls {
                        let (answer, _) = remote.carry(&call).unwrap();
                        seen.push(Seen {
                            method: call.method,
                            path: call.path,
                            headers: call.headers,
                            body: call.body,
                            status: answer.status,
                            answer_len: answer.body.len(),
                        });
                        answers.push(answer);
                    }
                }
            }
        }
    }
    (declarant.view(), seen, declarant.tried())
}
