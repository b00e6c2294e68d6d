//! `POST /filings`: what is taken, what is refused, and what a promise means.

use crate::support;

use std::collections::HashSet;

use axum::body::Body;
use axum::http::Request;
use protocol::problem::Problem;
use protocol::{Digest, Origin};
use service::{PaceConfig, ServiceLimits, WorkBits};
use support::{Filing, N, STEP_S, Ways, World, bucket, random, x};
use tlog::receipt::Receipt;

#[tokio::test]
async fn a_promised_entry_is_in_the_next_checkpoint_and_its_receipt_verifies() {
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    let begun = world.now();
    world.pass(123);
    let promise = filing.file(&world).await;
    assert_eq!(promise.deadline, begun + 86_400, "counted from the step's beginning");
    for _ in 0..8 {
        let mut waits = Filing::new();
        waits.form.soon = false;
        waits.work(&world).await;
        let deadline = waits.file(&world).await.deadline;
        let from_its_step = deadline - 43_200;
        assert!(from_its_step.is_multiple_of(600) && deadline <= world.now() + 86_400);
        let position = world.service.ledger().waiting_by_step(0).unwrap();
        let is_its_step = position.iter().any(|(step, _)| step * 600 == from_its_step);
        assert!(
            is_its_step || deadline == begun + 86_400,
            "it tells the step drawn for it"
        );
    }
    world.next_step().await;
    let entries = world.entries().await;
    let index = entries
        .iter()
        .position(|entry| entry == filing.form.entry.as_bytes())
        .expect("in the log");
    let receipt = world.get(&format!("/log/proof/{index}")).await.ok();
    assert_eq!(receipt.header("content-type"), Some("text/plain; charset=utf-8"));
    let receipt = Receipt::parse(&receipt.body).unwrap();
    let policy = world.root().policy().unwrap();
    receipt
        .verify(filing.form.entry.as_bytes(), &policy, support::ORIGIN)
        .expect("a receipt");
    for (digest, bytes) in &filing.files {
        assert_eq!(&world.get(&format!("/api/v1/blobs/{digest}")).await.ok().body, bytes);
    }
}

#[tokio::test]
async fn the_same_form_again_gets_the_same_promise_whatever_its_work() {
    let mut world = World::new().await;
    let mut filing = Filing::worked(&world).await;
    let first = filing.post(&world).await.ok().body;
    world.pass(3_600);
    assert_eq!(
        filing.post(&world).await.ok().body,
        first,
        "the nonce is used and expired"
    );
    filing.form.work.counter += 1;
    assert_eq!(filing.post(&world).await.ok().body, first, "other work");
    filing.files.clear();
    assert_eq!(filing.post(&world).await.ok().body, first, "without its files");
    world.restart().await;
    assert_eq!(filing.post(&world).await.ok().body, first, "after a restart");
    world.next_step().await;
    assert_eq!(filing.post(&world).await.ok().body, first, "in the log");
    let entries = world.entries().await;
    assert_eq!(
        entries
            .iter()
            .filter(|entry| *entry == filing.form.entry.as_bytes())
            .count(),
        1
    );
}

#[tokio::test]
async fn a_slot_is_taken_by_filings_acts_and_padding_alike() {
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    let padding = world
        .entries()
        .await
        .into_iter()
        .rev()
        .find(|entry| entry.len() == 65)
        .unwrap();
    for slot in [filing.slot().to_vec(), padding[1..33].to_vec()] {
        let mut other = Filing::new();
        other.form.entry.0[1..33].copy_from_slice(&slot);
        other.work(&world).await;
        assert_eq!(other.problem(&world).await, Problem::SlotTaken);
        other.form.keep = 30;
        assert_eq!(
            other.problem(&world).await,
            Problem::SlotTaken,
            "refused work is not used up"
        );
    }
}

#[tokio::test]
async fn files_never_sent_are_named_and_nothing_is_kept() {
    let world = World::new().await;
    let filing = Filing::worked(&world).await;
    let mut without = filing.clone();
    let (gone, _) = without.files.pop_first().unwrap();
    let answer = without.post(&world).await;
    assert_eq!((answer.status, answer.problem()), (422, Problem::BlobsMissing));
    assert!(answer.detail().contains(&gone.to_hex()), "{}", answer.detail());
    for digest in filing.files.keys() {
        assert_eq!(world.get(&format!("/api/v1/blobs/{digest}")).await.status, 404);
    }
    filing.file(&world).await;
}

#[tokio::test]
async fn a_form_alone_is_taken_when_its_files_are_here() {
    let world = World::new().await;
    let mut filing = Filing::worked(&world).await;
    let large = random(300_000);
    let path = format!("/api/v1/uploads/{}", Digest(random(32).try_into().unwrap()));
    let put = Request::put(path)
        .header("content-range", "bytes 0-299999/300000")
        .body(Body::from(large.clone()));
    let answer = world.call(put.unwrap()).await.ok();
    assert_eq!(answer.text(), Digest::of(&large).to_hex());
    filing.form.objects.push(protocol::http::BlobRef {
        digest: Digest::of(&large),
        size: 300_000,
    });
    filing.form.objects.sort_by_key(|object| object.digest);
    filing.file(&world).await;
    assert_eq!(
        world
            .get(&format!("/api/v1/blobs/{}", Digest::of(&large)))
            .await
            .ok()
            .body,
        large
    );

    let mut wrong = filing.clone();
    wrong.form.entry = Filing::new().form.entry;
    wrong.files.clear();
    wrong.work(&world).await;
    let place = wrong
        .form
        .objects
        .iter()
        .position(|object| object.size == 300_000)
        .unwrap();
    wrong.form.objects[place].size = 299_999;
    assert_eq!(wrong.problem(&world).await, Problem::Form);
    wrong.form.objects[place].size = 300_000;
    let foreign = wrong.post(&world).await;
    assert_eq!((foreign.status, foreign.problem()), (422, Problem::Form));
    assert!(
        foreign.detail().contains("part of another filing"),
        "{}",
        foreign.detail()
    );

    let filing = Filing::worked(&world).await;
    for bytes in filing.files.values() {
        let path = format!("/api/v1/uploads/{}", Digest(random(32).try_into().unwrap()));
        let range = format!("bytes 0-{}/{}", bytes.len() - 1, bytes.len());
        let put = Request::put(path)
            .header("content-range", range)
            .body(Body::from(bytes.clone()));
        world.call(put.unwrap()).await.ok();
    }
    let json = protocol::json::write(&filing.form);
    let alone = Request::post("/api/v1/filings")
        .header("content-type", "application/json")
        .body(Body::from(json));
    world.call(alone.unwrap()).await.ok();
}

/// Changes a filing that would be taken, and says what it is refused for.
async fn refused(world: &World, change: impl FnOnce(&mut Filing)) -> Problem {
    let mut filing = Filing::new();
    change(&mut filing);
    filing.work(world).await;
    filing.problem(world).await
}

#[tokio::test]
async fn each_rule_of_the_form_refuses_alone() {
    let world = World::new().await;
    let world = &world;
    assert_eq!(
        refused(world, |f| f.form.origin = Origin::new("demo.other/log").unwrap()).await,
        Problem::Form
    );
    assert_eq!(refused(world, |f| f.form.entry.0[0] = 1).await, Problem::Form);
    assert_eq!(refused(world, |f| f.form.header.size += 1).await, Problem::Form);
    assert_eq!(refused(world, |f| f.form.shares[0].size -= 1).await, Problem::Form);
    assert_eq!(refused(world, |f| f.form.shares.swap(0, 1)).await, Problem::Form);
    assert_eq!(refused(world, |f| f.form.objects.clear()).await, Problem::Form);
    assert_eq!(refused(world, |f| f.form.objects[0].size = 1_786).await, Problem::Form);
    assert_eq!(refused(world, |f| f.form.objects[0].size += 1).await, Problem::Form);
    assert_eq!(
        refused(world, |f| f.form.greetings[0].bucket = bucket("1/8")).await,
        Problem::Form
    );
    assert_eq!(
        refused(world, |f| f
            .form
            .greetings
            .iter_mut()
            .for_each(|greeting| greeting.bucket = bucket("1/8")))
        .await,
        Problem::Bucket
    );
    assert_eq!(
        refused(world, |f| f.form.greetings[0] = f.form.greetings[1].clone()).await,
        Problem::Form
    );
    assert_eq!(refused(world, |f| f.form.keep = 7).await, Problem::Form);
    assert_eq!(
        refused(world, |f| f.form.quota = Some(protocol::http::Quota([1; 16]))).await,
        Problem::Quota
    );
    assert_eq!(
        refused(world, |f| {
            let extra = random(10);
            f.files.insert(Digest::of(&extra), extra);
        })
        .await,
        Problem::Form
    );
    assert_eq!(
        refused(world, |f| {
            let bytes = f.files.first_entry().unwrap().into_mut();
            bytes[5] ^= 1;
        })
        .await,
        Problem::DigestMismatch
    );
    let objects = |count: usize, size: u64| {
        move |f: &mut Filing| {
            let object = |_| protocol::http::BlobRef {
                digest: Digest(random(32).try_into().unwrap()),
                size,
            };
            f.form.objects = (0..count).map(object).collect();
            f.form.objects.sort_by_key(|object| object.digest);
        }
    };
    assert_eq!(refused(world, objects(25, 18_043)).await, Problem::Form);
    assert_eq!(refused(world, objects(2, 33 << 20)).await, Problem::TooLarge);
    assert_eq!(refused(world, objects(2, 31 << 20)).await, Problem::BlobsMissing);
    assert_eq!(
        refused(world, objects(3, u64::MAX / 2)).await,
        Problem::Malformed,
        "numbers end at 2^53"
    );
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_apart() {
    let world = World::new().await;
    let post = |kind: &str, body: Vec<u8>| {
        world.call(
            Request::post("/api/v1/filings")
                .header("content-type", kind)
                .body(Body::from(body))
                .unwrap(),
        )
    };
    assert_eq!(post("text/plain", b"{}".to_vec()).await.problem(), Problem::Malformed);
    assert_eq!(
        post("application/json", b"{".to_vec()).await.problem(),
        Problem::Malformed
    );
    assert_eq!(post("application/json", b"{}".to_vec()).await.problem(), Problem::Form);
    assert_eq!(
        post("application/json", vec![b' '; 65 * 1024]).await.problem(),
        Problem::TooLarge
    );
    assert_eq!(
        post("application/json", vec![b' '; (1 << 20) + 1]).await.problem(),
        Problem::TooLarge
    );
    let filing = Filing::worked(&world).await;
    let mut json = protocol::json::write(&filing.form);
    json.splice(0..1, b"{\"v\":1,".iter().copied());
    assert_eq!(
        post("application/json", json).await.problem(),
        Problem::Malformed,
        "a name twice"
    );
}

#[tokio::test]
async fn seats_must_be_of_a_council_that_takes_filings() {
    let world = World::with(Ways {
        keys_days: 1,
        ..Ways::default()
    })
    .await;
    let unknown = |f: &mut Filing| f.form.shares[4].x = x(9);
    assert_eq!(refused(&world, unknown).await, Problem::Council);
    assert_eq!(
        refused(&world, |f| f.form.shares[4].x = x(6)).await,
        Problem::Council,
        "a reader"
    );
    assert_eq!(
        refused(&world, |f| {
            let share = f.form.shares.pop().unwrap();
            f.files.remove(&share.digest);
        })
        .await,
        Problem::Form,
        "four seats where t_identity is four"
    );
    let filing = Filing::worked(&world).await;
    let first = filing.post(&world).await.ok().body;
    world.pass(2 * 86_400);
    assert_eq!(refused(&world, |_| ()).await, Problem::Council, "past keys_until");
    assert_eq!(
        filing.post(&world).await.ok().body,
        first,
        "what was promised stays promised"
    );
}

#[tokio::test]
async fn work_is_asked_done_and_used_once() {
    let world = World::new().await;
    let mut filing = Filing::new();
    assert_eq!(filing.problem(&world).await, Problem::Work, "missing");
    filing.work(&world).await;
    let good = filing.form.work.clone();
    // Sixteen counters in a row that all carry four zero bits would be a wonder.
    let bad = (0..16)
        .map(|add| good.counter + 1 + add)
        .find(|counter| protocol::http::work_bits(&good.nonce, &filing.id(), *counter) < 4);
    filing.form.work.counter = bad.unwrap();
    assert_eq!(filing.problem(&world).await, Problem::Work, "not enough");
    filing.form.work = good.clone();
    let mut late = filing.clone();
    filing.file(&world).await;
    let mut other = Filing::new();
    other.form.work = good.clone();
    other.form.entry.0[33..].copy_from_slice(&random(32));
    while protocol::http::work_bits(&good.nonce, &other.id(), other.form.work.counter) < 4 {
        other.form.work.counter += 1;
    }
    assert_eq!(other.problem(&world).await, Problem::Work, "reused");
    late.form.entry = Filing::new().form.entry;
    late.work(&world).await;
    world.pass(3_601);
    assert_eq!(late.problem(&world).await, Problem::Work, "expired");
}

#[tokio::test]
async fn without_a_council_filings_wait_outside_and_the_log_answers() {
    let world = World::before_council(Ways::default()).await;
    let filing = Filing::worked(&world).await;
    let answer = filing.post(&world).await;
    assert_eq!((answer.status, answer.problem()), (503, Problem::Capacity));
    assert!(answer.detail().contains("council"));
    assert_eq!(world.get("/log/checkpoint").await.problem(), Problem::NotFound);
    assert_eq!(world.next_step().await, service::StepOutcome::NoCouncil);
    assert_eq!(
        world.get("/healthz").await.ok().text(),
        r#"{"status":"ok","council":false,"size":0}"#
    );
}

#[tokio::test]
async fn a_full_queue_refuses_filings_and_never_acts() {
    let pace = PaceConfig {
        n: 4,
        step_s: 3_600,
        delivery_s: 86_400,
    };
    let ways = Ways {
        pace,
        work: WorkBits { base: 0, max: 0 },
        limits: ServiceLimits {
            pace_max: 4,
            ..ServiceLimits::default()
        },
        ..Ways::default()
    };
    let world = World::with(ways).await;
    // At the end of a step every form has had its turn.
    world.pass(3_599);
    // 12 steps hold two filings each.
    let mut steps = HashSet::new();
    for _ in 0..24 {
        let mut filing = Filing::new();
        filing.form.soon = false;
        filing.file(&world).await;
        let waiting = world.service.ledger().waiting_by_step(0).unwrap();
        assert!(waiting.iter().all(|(_, count)| *count <= 2), "{waiting:?}");
        steps.extend(waiting.into_iter().map(|(step, _)| step - world.step()));
    }
    assert_eq!(steps, (1..=12).collect(), "{steps:?}");
    let late = Filing::new();
    let answer = late.post(&world).await;
    assert_eq!((answer.status, answer.problem()), (503, Problem::Capacity));
    assert!(answer.header("retry-after").is_some());
    // As many as two steps of 4 carry beside their filings: more would raise N beyond the budget (§6.3).
    for number in 1..=4 {
        support::Act::new().post(&world, number, 0).await.ok();
    }
    assert_eq!(late.post(&world).await.problem(), Problem::Capacity);
    // A step later two of them are in the log, and the last step within 12 hours is free.
    world.next_step().await;
    world.pass(3_599);
    late.file(&world).await;
}

#[tokio::test]
async fn filings_take_at_most_half_of_a_step_and_acts_the_rest() {
    let world = World::with(Ways {
        work: WorkBits { base: 0, max: 0 },
        ..Ways::default()
    })
    .await;
    let mut filings = Vec::new();
    for _ in 0..5 {
        let filing = Filing::new();
        filing.file(&world).await;
        filings.push(filing.form.entry.0.to_vec());
    }
    let mut acts = Vec::new();
    for number in 1..=3 {
        let act = support::Act::new();
        act.post(&world, number, 0).await.ok();
        acts.push(act.form.entry.0.to_vec());
    }
    let count = |entries: &[Vec<u8>], known: &[Vec<u8>]| known.iter().filter(|entry| entries.contains(entry)).count();
    for (filed, acted) in [(2, 2), (4, 3), (5, 3)] {
        let before = world.entries().await.len();
        world.next_step().await;
        let entries = world.entries().await;
        assert_eq!(entries.len() - before, N as usize);
        assert_eq!((count(&entries, &filings), count(&entries, &acts)), (filed, acted));
    }
    assert_eq!(world.now() % STEP_S, 0);
}
