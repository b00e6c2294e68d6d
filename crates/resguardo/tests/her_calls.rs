//! What is fetched for eight words does not tell whether they are right (§9.1): right ones, wrong ones, a decoy's and those
//! of a filing that never came are followed by the same calls, byte for byte, the same answers and the same work on them:
//! as many keys are tried, and words that lead nowhere take the same time on the processor.

use crate::support;

use std::rc::Rc;
use std::time::{Duration, Instant};

use casework::view::CaseAnswer;
use client::wire::{self, HttpCall, RunningAct, Turn, Wire};
use client::{Declarant, DeclarantView, Log, MemoryStore, Random};
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
            (held && released && calls.iter().any(|call| call.answer.body.len() > 8 * 3_707)).then_some(())
        },
    );
    // Without a cosigner no step is taken: all of them look at the same log.
    world.cosigner = None;
    let (view, first, tried) = settled(&trust, &right);
    assert!(tried > 0);
    assert!(matches!(view.filings[0].answer, CaseAnswer::Held { .. }));
    assert!(first.iter().any(|call| call.path.starts_with("/api/v1/drop/")));
    let nowhere = [("wrong", &wrong), ("decoy", &decoy), ("never", &never)];
    for (name, words) in nowhere {
        let (view, calls, work) = look(&trust, root(words));
        assert!(matches!(view.answer, Some(CaseAnswer::NoEntry { .. })), "{name}");
        assert!(view.by.is_some() && view.messages.is_empty(), "{name}");
        assert_eq!(calls, first, "{name}");
        assert_eq!(work, tried, "{name}: a record takes as much work");
    }
    takes_the_same_time(&trust, &first, nowhere.map(|(_, words)| root(words)));
}

/// Looks that are compared at least and at most: the least of so many is what a look costs where nothing disturbs it.
const LOOKS: std::ops::Range<usize> = 12..200;

/// The least time on the processor that a look takes differs by 10 % at most. The answers are those that were seen, so that
/// neither network nor server is measured; the looks go round, so that a machine that is busy for a while is so for each.
fn takes_the_same_time(trust: &Trust, seen: &[Seen], roots: [PhraseRoot; 3]) {
    let now = Remote::new(&trust.base_url).unwrap().now();
    let mut least = [Duration::MAX; 3];
    for round in 0..LOOKS.end {
        for turn in 0..roots.len() {
            let which = (round + turn) % roots.len();
            least[which] = least[which].min(time_of(trust, seen, roots[which].copy(), now));
        }
        let (shortest, longest) = (least.iter().min().unwrap(), least.iter().max().unwrap());
        if round >= LOOKS.start && *longest * 10 <= *shortest * 11 {
            return;
        }
    }
    panic!("wrong words, a decoy's and those of no filing took {least:?}");
}

/// How long a look at these answers takes on the processor.
fn time_of(trust: &Trust, seen: &[Seen], root: PhraseRoot, now: u64) -> Duration {
    let mut answers = seen.iter();
    let begun = on_the_processor();
    let looked = visit(trust, root, now, |call| {
        let seen = answers.next().expect("no more calls than were seen");
        assert_eq!(call.path, seen.path);
        seen.answer.clone()
    });
    let took = on_the_processor().saturating_sub(begun);
    assert!(looked.0.filings.is_empty());
    took
}

/// Time that this thread has had on the processor; where the system does not say, time.
fn on_the_processor() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
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

/// A call, and its answer.
#[derive(Debug)]
struct Seen {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    answer: wire::HttpAnswer,
}

/// What tells one call from another, and how long its answer was.
impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        let what = |seen: &Self| (seen.answer.status, seen.answer.body.len());
        (self.method, &self.path, &self.headers, &self.body) == (other.method, &other.path, &other.headers, &other.body)
            && what(self) == what(other)
    }
}

/// Until two looks in a row make the same calls: what was on its way when the steps ended is there.
fn settled(trust: &Trust, root: &dyn Fn() -> PhraseRoot) -> (DeclarantView, Vec<Seen>, usize) {
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

/// One visit: what was called, in order, and how often a record was tried with a key.
fn look(trust: &Trust, root: PhraseRoot) -> (DeclarantView, Vec<Seen>, usize) {
    let remote = Remote::new(&trust.base_url).unwrap();
    let mut seen = Vec::new();
    let (view, tried) = visit(trust, root, remote.now(), |call| {
        let (answer, _) = remote.carry(call).unwrap();
        seen.push(Seen {
            method: call.method,
            path: call.path.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
            answer: answer.clone(),
        });
        answer
    });
    (view, seen, tried)
}

/// Two readings, their calls answered one after another.
fn visit(
    trust: &Trust,
    root: PhraseRoot,
    now: u64,
    mut answer: impl FnMut(&HttpCall) -> wire::HttpAnswer,
) -> (DeclarantView, usize) {
    let wire = Wire::default();
    let log = Box::new(Log::new(trust.root.clone()).unwrap());
    let store = Rc::new(MemoryStore::default());
    let mut declarant = Declarant::new(log, vec![root], wire.clone(), store, Random::default());
    for _ in 0..2 {
        let mut running = RunningAct::new(wire.clone(), declarant.refresh());
        let mut answers = Vec::new();
        loop {
            match running.turn(now, std::mem::take(&mut answers)) {
                Turn::Done(outcome) => break outcome.unwrap(),
                Turn::Calls(calls) => answers.extend(calls.iter().map(&mut answer)),
            }
        }
    }
    (declarant.view(), declarant.tried())
}
