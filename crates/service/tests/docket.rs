//! Twins and the opening of the docket, as the service takes them (§10.1, §15.8).

use crate::support;

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use protocol::ids::Version;
use protocol::problem::Problem;
use protocol::slot::Entry;
use protocol::statement::{DocketId, DocketOpen, Twin, TwinAct, TwinOutcome};
use protocol::week::Week;
use protocol::{Day, Envelope, Nonce, Origin};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use service::{PaceConfig, StepOutcome};
use support::{Act, Answer, ORIGIN, Ways, World, now, random, seat, x};

const STEP_S: u64 = 3_600;
const DAY: u64 = 86_400;
const READER: u8 = 6;
const DOCKET: DocketId = DocketId([7; 16]);

fn nonce() -> Nonce {
    Nonce(random(32).try_into().unwrap())
}

/// The twin of a request that was made at a time.
fn asked(at: u64) -> Twin {
    let week = Week::of(at);
    Twin {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: nonce(),
        time: week.start(),
        docket: DOCKET,
        n: 0,
        act: TwinAct::Request,
        seat: x(READER.into()),
        urgent: false,
        week,
        due: Some(Day::of(at + 14 * DAY)),
        outcome: None,
        prev: None,
    }
}

fn granted(at: u64, number: u8) -> Twin {
    Twin {
        act: TwinAct::Decision,
        seat: x(number.into()),
        due: None,
        outcome: Some(TwinOutcome::Granted),
        nonce: nonce(),
        ..asked(at)
    }
}

fn signed(twin: &Twin, number: u8) -> Envelope {
    Envelope::sign(twin, &[seat(number).signing()])
}

fn opening(numbers: &[u8]) -> Envelope {
    let open = DocketOpen {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        nonce: nonce(),
        time: now(),
    };
    let keys: Vec<_> = numbers.iter().map(|number| seat(*number)).collect();
    Envelope::sign(&open, &keys.iter().map(|keys| keys.signing()).collect::<Vec<_>>())
}

async fn post(world: &World, statement: &Envelope) -> Answer {
    let request = Request::post("/api/v1/public").header("content-type", "application/json");
    let body = Body::from(statement.bytes().to_vec());
    world.call(request.body(body).unwrap()).await
}

/// Why a twin is not published.
async fn refused(world: &World, statement: &Envelope) -> String {
    let answer = post(world, statement).await;
    assert_eq!(answer.problem(), Problem::Form);
    let detail = answer.detail();
    assert!(detail.ends_with("Nothing was stored."), "{detail}");
    detail
}

async fn step_at(world: &World, time: u64) {
    world.clock.store(time, Ordering::SeqCst);
    let progress = world.service.step(time / STEP_S).await.unwrap();
    assert_eq!(progress, StepOutcome::Published);
}

/// A member files an act that nobody else can read, and commits to a twin with it.
async fn commit(world: &World, twin: &Envelope, number: u8, insist: bool) {
    let mut rng = ChaCha20Rng::from_seed(random(32).try_into().unwrap());
    let entry: [u8; 65] = Entry::twin(twin.digest(), &mut rng).to_bytes().try_into().unwrap();
    let mut act = Act::new();
    act.form.twin_entry = Some(protocol::http::EntryHex(entry));
    act.form.insist = insist;
    act.post(world, number, 0).await.ok();
}

/// A log, at a Tuesday noon some weeks ago.
async fn begun() -> (World, u64) {
    let ways = Ways::default();
    let pace = PaceConfig {
        step_s: STEP_S as u32,
        n: 16,
        ..ways.pace
    };
    let mut world = World::before_council(Ways { pace, ..ways }).await;
    let begin = Week::of(now() - 70 * DAY).start() + DAY + DAY / 2;
    world.clock.store(begin, Ordering::SeqCst);
    world.restart().await;
    world.service.publish_council(&world.founding()).await.unwrap();
    step_at(&world, begin).await;
    (world, begin)
}

async fn open(world: &World) {
    post(world, &opening(&[1, 2, 3])).await.ok();
    step_at(world, world.now() + STEP_S).await;
}

#[tokio::test]
async fn the_docket_is_opened_once_by_t_account_seats() {
    let (world, _) = begun().await;
    let few = refused(&world, &opening(&[1, 2])).await;
    assert!(few.contains("2 seats have signed, 3 must"), "{few}");
    let first = opening(&[1, 2, 3]);
    let promise = post(&world, &first).await.ok().body;
    assert_eq!(post(&world, &first).await.ok().body, promise);
    assert_eq!(post(&world, &opening(&[1, 2, 4])).await.problem(), Problem::Changed);
    step_at(&world, world.now() + STEP_S).await;
    let listed = world.get("/api/v1/public/index/docket-open").await.ok().body;
    let listed: Vec<String> = serde_json::from_slice(&listed).unwrap();
    assert_eq!(listed, [first.digest().to_hex()]);
}

#[tokio::test]
async fn a_made_up_twin_is_told_that_nothing_commits_to_it_and_no_day() {
    let (world, begin) = begun().await;
    let made_up = signed(&asked(begin), READER);
    let before = refused(&world, &made_up).await;
    assert!(before.contains("nothing in the log commits to it"), "{before}");
    open(&world).await;
    let after = refused(&world, &made_up).await;
    assert!(after.contains("nothing in the log commits to it"), "{after}");
    // In no checkpoint yet is not in the log.
    commit(&world, &made_up, READER, false).await;
    let promised = refused(&world, &made_up).await;
    assert!(promised.contains("nothing in the log commits to it"), "{promised}");
    // Of another author than it names, it is told neither.
    let stolen = signed(&asked(begin), 3);
    commit(&world, &stolen, 3, false).await;
    step_at(&world, world.now() + STEP_S).await;
    let stolen = refused(&world, &stolen).await;
    assert!(stolen.contains("not signed by its author"), "{stolen}");
    let due = refused(&world, &made_up).await;
    assert!(due.contains("it is due on"), "{due}");
}

#[tokio::test]
async fn twins_are_published_when_they_are_due_and_each_once() {
    let (world, begin) = begun().await;
    let request = signed(&asked(begin), READER);
    let grant = signed(&granted(begin + DAY, 2), 2);
    commit(&world, &request, 1, false).await;
    commit(&world, &grant, 2, true).await;
    step_at(&world, begin + STEP_S).await;
    let closed = refused(&world, &request).await;
    assert!(closed.contains("has not opened the docket"), "{closed}");
    open(&world).await;
    // Asked on a Tuesday: the last day for its grants is a Tuesday too, and the next Monday 6 days later.
    let monday = Week::of(begin + 14 * DAY).end();
    step_at(&world, monday - STEP_S).await;
    let early = refused(&world, &request).await;
    assert!(early.contains(&Day::of(monday).to_string()), "{early}");
    let alone = refused(&world, &grant).await;
    assert!(
        alone.contains("the twin of its request is not published yet"),
        "{alone}"
    );
    step_at(&world, monday + 1).await;
    let promise = post(&world, &request).await.ok().body;
    post(&world, &grant).await.ok();
    step_at(&world, monday + 2 * STEP_S).await;
    assert_eq!(
        post(&world, &request).await.ok().body,
        promise,
        "from whoever has it, as often as they like"
    );
    let path = format!("/api/v1/docket/{DOCKET}/6/0");
    assert_eq!(world.get(&path).await.ok().body, request.bytes());
    let path = format!("/api/v1/docket/{DOCKET}/2/0");
    assert_eq!(world.get(&path).await.ok().body, grant.bytes());
    for none in [format!("{DOCKET}/2/1"), format!("{DOCKET}/3/0"), "7/2/0".to_owned()] {
        assert_eq!(
            world.get(&format!("/api/v1/docket/{none}")).await.problem(),
            Problem::NotFound
        );
    }
    let listed = world.get("/api/v1/public/index/docket").await.ok().body;
    let listed: Vec<String> = serde_json::from_slice(&listed).unwrap();
    assert_eq!(listed.len(), 2, "each once");
}

/// Two twins of one author with one number are the proof against it: neither keeps out the other.
#[tokio::test]
async fn twins_that_contradict_each_other_are_both_taken() {
    let (world, begin) = begun().await;
    let (request, first, second) = (
        signed(&asked(begin), READER),
        signed(&granted(begin, 2), 2),
        signed(&granted(begin, 2), 2),
    );
    for twin in [&request, &first, &second] {
        commit(&world, twin, 2, false).await;
    }
    step_at(&world, begin + STEP_S).await;
    open(&world).await;
    step_at(&world, Week::of(begin + 14 * DAY).end() + 1).await;
    for twin in [&request, &first, &second] {
        post(&world, twin).await.ok();
    }
}
