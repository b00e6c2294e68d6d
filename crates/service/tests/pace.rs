//! The log: its beginning, its constant pace, its checkpoints, and what a restart may not change.

use crate::support;

use std::sync::atomic::Ordering;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use protocol::statement::Pace as PaceStatement;
use protocol::{Digest, Envelope};
use service::{FoundingError, StepOutcome};
use support::{Act, Filing, N, ORIGIN, Ways, World};
use tlog::receipt::Receipt;
use tlog::{Checkpoint, Note};
use tower::ServiceExt as _;

#[tokio::test]
async fn the_log_begins_with_four_public_entries_that_count() {
    let world = World::new().await;
    let entries = world.entries().await;
    assert_eq!(entries.len(), 4 + N as usize);
    let root = world.root();
    let mut registry = casework::Registry::new(&root).unwrap();
    for (index, entry) in (0u64..).zip(&entries[..4]) {
        assert_eq!((entry.len(), entry[0]), (33, 1));
        let digest = Digest(entry[1..].try_into().unwrap());
        let answer = world.get(&format!("/api/v1/public/{digest}")).await.ok();
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let envelope = Envelope::parse(&answer.body).unwrap();
        assert_eq!(envelope.digest(), digest);
        registry.apply(index, &envelope, world.now()).expect("it counts");
        let name = envelope.name().unwrap().to_owned();
        assert_eq!(name, ["council", "pace", "drop", "greeting"][index as usize]);
        let named = world.get(&format!("/api/v1/public/index/{name}")).await.ok();
        assert_eq!(named.text(), format!("[\"{digest}\"]"));
        let proof = Receipt::parse(&world.get(&format!("/api/v1/public/{digest}/proof")).await.ok().body).unwrap();
        assert_eq!(proof.index, index);
        proof.verify(entry, &root.policy().unwrap(), ORIGIN).expect("included");
    }
    assert_eq!(
        entries[4..]
            .iter()
            .filter(|entry| entry.len() == 65 && entry[0] == 0)
            .count(),
        N as usize
    );
    assert_eq!(world.get("/api/v1/public/index/docket").await.ok().text(), "[]");
    assert_eq!(
        world.get(&format!("/api/v1/public/{}", Digest([9; 32]))).await.status,
        404
    );
}

#[tokio::test]
async fn every_step_adds_exactly_n_opaque_entries_whatever_happens() {
    let mut world = World::new().await;
    let mut sizes = Vec::new();
    for round in 0..8 {
        for _ in 0..round % 4 {
            Filing::worked(&world).await.file(&world).await;
            Act::new().post(&world, 1, 0).await.ok();
            world.pass(1);
        }
        if round == 5 {
            world.restart().await;
        }
        assert_eq!(world.next_step().await, StepOutcome::Published);
        assert_eq!(
            world.service.step(world.step()).await.unwrap(),
            StepOutcome::Published,
            "a step is taken once"
        );
        sizes.push(world.checkpoint().await.1.size);
    }
    let grown: Vec<u64> = sizes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(grown.iter().all(|grown| *grown == u64::from(N)), "{sizes:?}");
    let entries = world.entries().await;
    let slots: std::collections::HashSet<&[u8]> = entries[4..].iter().map(|entry| &entry[1..33]).collect();
    assert_eq!(slots.len(), entries.len() - 4, "no slot twice");
}

#[tokio::test]
async fn each_step_keeps_its_checkpoint_and_missed_steps_the_last_one() {
    let world = World::new().await;
    let size = async |step: u64| {
        let answer = world.get(&format!("/log/step/{step}")).await;
        (answer.status == 200).then(|| {
            Checkpoint::parse(Note::parse(&answer.body).unwrap().text())
                .unwrap()
                .size
        })
    };
    let first = world.step();
    world.pass(3 * support::STEP_S);
    world.next_step().await;
    let last = world.step();
    assert_eq!(last, first + 4);
    assert_eq!(size(first - 1).await, None);
    for missed in first..last {
        assert_eq!(size(missed).await, Some(8), "nothing was added in a missed step");
    }
    assert_eq!(size(last).await, Some(12));
    assert_eq!(size(last + 1).await, None);
    assert_eq!(world.get(&format!("/log/step/0{last}")).await.status, 404);
}

#[tokio::test]
async fn without_cosigners_the_checkpoint_waits_and_nothing_grows() {
    let mut world = World::new().await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    let (before, _) = world.checkpoint().await;
    world.cosigner.silence(true);
    for round in 0..3 {
        assert_eq!(world.next_step().await, StepOutcome::Waiting);
        assert_eq!(world.checkpoint().await.0, before);
        if round == 1 {
            world.restart().await;
        }
    }
    let pending = world.service.ledger().pending().unwrap().unwrap();
    assert_eq!(pending.0, 12, "one step beyond what is published");
    world.cosigner.silence(false);
    assert_eq!(world.next_step().await, StepOutcome::Published);
    assert_eq!(world.checkpoint().await.1.size, 12, "what was pending");
    let in_step = async |step| Note::parse(&world.get(&format!("/log/step/{step}")).await.ok().body).unwrap();
    let (late, _) = world.checkpoint().await;
    assert_eq!(
        in_step(world.step()).await,
        late,
        "it belongs to the step in which it was cosigned"
    );
    for missed in 1..=3 {
        assert_eq!(in_step(world.step() - missed).await, before);
    }
    world.next_step().await;
    assert_eq!(world.checkpoint().await.1.size, 16);
    assert!(
        world
            .entries()
            .await
            .iter()
            .any(|entry| entry == filing.form.entry.as_bytes())
    );
}

#[tokio::test]
async fn a_checkpoint_that_was_pending_at_a_crash_is_finished_and_no_other_is_signed() {
    let mut world = World::new().await;
    world.cosigner.silence(true);
    assert_eq!(world.next_step().await, StepOutcome::Waiting);
    let pending = world.service.ledger().pending().unwrap().unwrap().1;
    world.restart().await;
    world.cosigner.silence(false);
    assert_eq!(world.service.step(world.step()).await.unwrap(), StepOutcome::Published);
    let (note, _) = world.checkpoint().await;
    assert_eq!(note.text(), Note::parse(&pending).unwrap().text());
}

/// What the service says to its operator.
async fn metric(world: &World, line: &str) -> bool {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = world.service.admin_router().oneshot(request).await.unwrap();
    let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8_lossy(&text).lines().any(|found| found == line)
}

#[tokio::test]
async fn a_cosigner_that_dates_its_cosignatures_wrong_is_not_taken_and_named() {
    const HOUR: i64 = 3_600;
    for (skew, is_taken) in [
        (72 * HOUR, false),
        (301, false),
        (-301, false),
        (-72 * HOUR, false),
        (300, true),
        (0, true),
    ] {
        let world = World::new().await;
        world.cosigner_skew.store(skew, Ordering::SeqCst);
        // The clocks of log and cosigner are one, but for this.
        world.pass(600);
        let (before, _) = world.checkpoint().await;
        let expected = if is_taken {
            StepOutcome::Published
        } else {
            StepOutcome::Waiting
        };
        assert_eq!(world.next_step().await, expected, "{skew}");
        assert_eq!(world.checkpoint().await.0 != before, is_taken, "{skew}");
        let ahead = format!("resguardo_cosigner_clock_ahead_seconds{{cosigner=\"cosigner.example\"}} {skew}");
        assert!(metric(&world, &ahead).await, "{skew}");
        let wrong = "resguardo_cosigner_clock_wrong_total 1";
        assert_eq!(metric(&world, wrong).await, !is_taken, "{skew}");
    }
}

#[tokio::test]
async fn the_time_of_the_log_does_not_go_back_with_a_cosigners_clock() {
    let world = World::new().await;
    world.cosigner_skew.store(300, Ordering::SeqCst);
    assert_eq!(world.next_step().await, StepOutcome::Published);
    let time = async || {
        let (note, _) = world.checkpoint().await;
        world.root().policy().unwrap().check(&note, ORIGIN).unwrap().time()
    };
    let before = time().await;
    world.cosigner_skew.store(-300, Ordering::SeqCst);
    world.pass(599);
    assert_eq!(
        world.service.step(world.step() + 1).await.unwrap(),
        StepOutcome::Waiting
    );
    assert_eq!(time().await, before);
    world.pass(1);
    assert_eq!(world.service.step(world.step()).await.unwrap(), StepOutcome::Published);
    assert_eq!(time().await, before, "as old, not older");
}

#[tokio::test]
async fn a_log_begins_once_and_with_its_own_operator() {
    let world = World::before_council(Ways::default()).await;
    let first = world.founding();
    let root = world.service.publish_council(&first).await.unwrap();
    assert_eq!(
        world.service.publish_council(&first).await.unwrap(),
        root,
        "the same council again"
    );
    let mut other = world.council();
    other.nonce.0[0] ^= 1;
    let seats: Vec<_> = (1..=5).map(support::seat).collect();
    let keys: Vec<_> = seats.iter().map(protocol::keys::MemberKeys::signing).collect();
    let sign = |council: &_| service::Founding {
        council: Envelope::sign(council, &keys),
        greeting: first.greeting.clone(),
    };
    assert!(matches!(
        world.service.publish_council(&sign(&other)).await,
        Err(FoundingError::Begun)
    ));
    other.operator.key.0[0] ^= 1;
    assert!(matches!(
        world.service.publish_council(&sign(&other)).await,
        Err(FoundingError::Operator)
    ));
    let unsigned = service::Founding {
        council: Envelope::sign(&world.council(), &keys[..4]),
        greeting: first.greeting.clone(),
    };
    assert!(matches!(
        world.service.publish_council(&unsigned).await,
        Err(FoundingError::Refused(_))
    ));
    world.next_step().await;
    assert_eq!(world.entries().await.len(), 8);
}

#[tokio::test]
async fn the_pace_is_the_statements_not_the_configurations() {
    let mut world = World::new().await;
    world.next_step().await;
    world.ways.pace.n = 64;
    world.restart().await;
    let before = world.checkpoint().await.1.size;
    world.next_step().await;
    assert_eq!(world.checkpoint().await.1.size - before, u64::from(N));
    let digests: Vec<Digest> = serde_json::from_slice(&world.get("/api/v1/public/index/pace").await.ok().body).unwrap();
    let envelope = Envelope::parse(&world.get(&format!("/api/v1/public/{}", digests[0])).await.ok().body).unwrap();
    assert_eq!(envelope.unverified::<PaceStatement>().unwrap().n, N);
}

#[tokio::test]
async fn proofs_are_given_for_any_index_and_no_other() {
    let world = World::new().await;
    let entries = world.entries().await;
    let policy = world.root().policy().unwrap();
    for (index, entry) in entries.iter().enumerate() {
        let receipt = Receipt::parse(&world.get(&format!("/log/proof/{index}")).await.ok().body).unwrap();
        receipt.verify(entry, &policy, ORIGIN).expect("a proof");
    }
    for path in [
        "/log/proof/8",
        "/log/proof/08",
        "/log/proof/x",
        "/log/tile/0/001",
        "/log/tile/00/000",
        "/log/tile/../x",
    ] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_store_that_lost_its_history_gets_no_cosignature_ever() {
    let world = World::new().await;
    for steps in [0, 2] {
        for _ in 0..steps {
            world.next_step().await;
        }
        let empty = tempfile::tempdir().unwrap();
        let other = service::Service::open(support::config(empty.path(), &world.clock, world.ways)).unwrap();
        other.publish_council(&world.founding()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(other.step(world.step()).await.unwrap(), StepOutcome::Waiting, "{steps}");
        }
        assert!(
            other.ledger().snapshot().is_none(),
            "a second history is never published"
        );
    }
    assert_eq!(world.next_step().await, StepOutcome::Published, "the first one goes on");
}
