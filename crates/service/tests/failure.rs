//! Storage that fails: never a promise without what it promises, and nothing lost that was promised (§6.4).

use crate::support;

use std::sync::Arc;

use ledger::sqlite::{self, Options};
use protocol::problem::Problem;
use stores::disk::FaultyDisk;
use stores::faulty::How;
use support::{Act, Filing, Ways, World};

async fn world_on(disk: &FaultyDisk) -> World {
    let disk = Arc::new(disk.clone());
    World::with_ledger(Ways::default(), |folder| {
        let options = Options {
            folder: folder.join("store"),
            inline_max: 263_851,
        };
        sqlite::open_on(&options, disk).unwrap()
    })
    .await
}

/// Fails the `call`-th call of the disk while a filing is posted. Gives whether the fault happened at all.
async fn file_on_a_failing_disk(call: u64, how: How) -> bool {
    let disk = FaultyDisk::new(call, how);
    let mut world = world_on(&disk).await;
    let filing = Filing::worked(&world).await;
    let answer = filing.post(&world).await;
    if !disk.fault().has_fired() {
        return false;
    }
    if answer.status != 200 {
        let expected = match how {
            How::Full => (507, Problem::DiskFull),
            How::Before | How::After => (503, Problem::Storage),
        };
        assert_eq!((answer.status, answer.problem()), expected, "call {call} {how:?}");
    }
    if how != How::Full {
        let health = world.get("/healthz").await.status;
        assert!(answer.status == 200 || health == 503, "call {call} {how:?}: {health}");
        world.restart().await;
    }
    let first = if answer.status == 200 { Some(answer.body) } else { None };
    for digest in filing.files.keys().filter(|_| first.is_some()) {
        world.get(&format!("/api/v1/blobs/{digest}")).await.ok();
    }
    let mut again = filing.clone();
    if first.is_none() {
        // A nonce does not outlive the process.
        again.work(&world).await;
    }
    let promise = again.post(&world).await.ok().body;
    assert!(
        first.is_none_or(|first| first == promise),
        "the same form, the same promise"
    );
    world.next_step().await;
    let entries = world.entries().await;
    let count = entries
        .iter()
        .filter(|entry| *entry == filing.form.entry.as_bytes())
        .count();
    assert_eq!(count, 1, "call {call} {how:?}");
    true
}

#[tokio::test]
async fn a_filing_survives_every_failing_call_or_is_not_promised() {
    let disk = FaultyDisk::default();
    let world = world_on(&disk).await;
    let filing = Filing::worked(&world).await;
    let before = disk.fault().calls();
    filing.file(&world).await;
    let after = disk.fault().calls();
    assert!(after > before);
    for how in [How::Before, How::After, How::Full] {
        let mut fired = 0;
        for call in before..after {
            fired += u32::from(file_on_a_failing_disk(call, how).await);
        }
        assert!(fired > 0, "{how:?}");
    }
}

#[tokio::test]
async fn acts_and_uploads_are_not_answered_by_a_failed_disk() {
    let disk = FaultyDisk::default();
    drop(world_on(&disk).await);
    let calls = disk.fault().calls();
    let act = Act::new();
    let disk = FaultyDisk::new(calls, How::Before);
    let mut world = world_on(&disk).await;
    let answer = act.post(&world, 1, 0).await;
    assert_eq!((answer.status, answer.problem()), (503, Problem::Storage));
    let put = axum::http::Request::put(format!("/api/v1/uploads/{}", protocol::Digest([4; 32])))
        .header("content-range", "bytes 0-3/4")
        .body(axum::body::Body::from("abcd"));
    assert_eq!(world.call(put.unwrap()).await.status, 503);
    world.restart().await;
    act.post(&world, 1, 1).await.ok();
}

#[tokio::test]
async fn a_step_that_fails_is_taken_after_the_next_start() {
    let disk = FaultyDisk::default();
    let world = world_on(&disk).await;
    let filing = Filing::worked(&world).await;
    filing.file(&world).await;
    let before = disk.fault().calls();
    world.next_step().await;
    let after = disk.fault().calls();
    assert!(after - before > 4);
    for call in before..after {
        let disk = FaultyDisk::new(call, How::After);
        let mut world = world_on(&disk).await;
        let filing = Filing::worked(&world).await;
        filing.file(&world).await;
        world.pass(support::STEP_S);
        let step = world.step();
        // After its last answer the backend has its upkeep: where that fails the step stands, and the next act is refused.
        let failed = world.service.step(step).await.is_err() || world.service.forget().await.is_err();
        assert_eq!(failed, disk.fault().has_fired(), "call {call}");
        world.restart().await;
        world.service.step(step).await.unwrap();
        world.next_step().await;
        let entries = world.entries().await;
        assert_eq!(
            entries.len(),
            4 + 3 * 4,
            "call {call}: two steps added N each, none more"
        );
        assert_eq!(
            entries
                .iter()
                .filter(|entry| *entry == filing.form.entry.as_bytes())
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn a_step_on_a_full_disk_is_taken_when_there_is_room() {
    let disk = FaultyDisk::default();
    let world = world_on(&disk).await;
    let before = disk.fault().calls();
    world.next_step().await;
    let mut fired = 0;
    for call in before..disk.fault().calls() {
        let disk = FaultyDisk::new(call, How::Full);
        let world = world_on(&disk).await;
        world.pass(support::STEP_S);
        if world.service.step(world.step()).await.is_err() {
            fired += 1;
            assert_eq!(
                world.get("/healthz").await.ok().status,
                200,
                "call {call}: no reason to stop"
            );
            world.service.step(world.step()).await.unwrap();
        }
        assert_eq!(world.entries().await.len(), 4 + 2 * 4, "call {call}");
    }
    assert!(fired > 0);
}
