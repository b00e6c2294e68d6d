//! Twins that are due, published by whoever holds them (§10.1), with an operator that keeps its promises and one that does not.

use crate::service_support as support;
use crate::stage::{Operator, Stage, asking};

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use client::{Checked, KeptPromise, RoutineStep};
use protocol::Digest;
use protocol::statement::{DocketChoice, Holds, TwinAct};
use resguardo::console::Console;
use resguardo::desk::Seat;
use resguardo::follow::Follow;
use resguardo::keyfile;
use sealing::Choices;
use serde_json::{Value, json};
use support::{STEP_S, now, seat, x};

use crate::support::events_of;

const DAY_S: u64 = 86_400;

/// A request on a testimony that wants the docket, which is open; nobody has answered, and its twin is due.
fn due() -> Stage {
    let choices = Choices {
        docket: DocketChoice::Normal,
        ..Choices::default()
    };
    let stage = Stage::filed(30, choices);
    let id = stage.id();
    for number in 1..=5 {
        let mut desk = stage.seat(number);
        desk.run(async |seat| {
            seat.read_deliveries().await?;
            assert!(seat.deliveries().any(|(_, checked)| *checked == Checked::Holds(id)));
            let ack = seat.ack(&id, Holds::Share)?;
            seat.file(&ack).await
        })
        .unwrap();
        stage.step(2);
    }
    let mut desk = stage.seat(3);
    desk.run(async |seat| {
        let referral = seat.refer(&id, x(6))?;
        seat.file(&referral).await
    })
    .unwrap();
    drop(desk);
    stage.publish();
    let asking = asking();
    let mut reader = stage.reader();
    reader
        .run(async |reader| {
            let question = reader.request(&id, asking)?;
            reader.ask(&question).await
        })
        .unwrap();
    drop(reader);
    let mut desk = stage.seat(4);
    let taken = desk.run(async |seat| {
        seat.read_cells().await?;
        seat.take_office().await
    });
    assert_eq!(taken.unwrap()[0].name, "request");
    let mut signed = None;
    for number in [1, 2, 3] {
        let mut desk = stage.seat(number);
        signed = Some(
            desk.run(async |seat| seat.member().sign_docket_open(signed.as_ref()))
                .unwrap(),
        );
    }
    desk.run(async |seat| seat.publish(&signed.unwrap()).await).unwrap();
    drop(desk);
    stage.step(3);
    assert_eq!(twins_to_publish(&stage.seat(2)), [], "nothing is due before its day");
    stage.world.pass(21 * DAY_S);
    stage.step(2);
    stage
}

/// D of the twins that a seat's routine would publish.
fn twins_to_publish(desk: &Seat) -> Vec<Digest> {
    let steps = desk.office().routine().unwrap().into_iter();
    steps
        .filter_map(|step| match step {
            RoutineStep::Publish { twin, statement } => {
                assert_eq!(twin.act, TwinAct::Request);
                Some(statement)
            }
            _ => None,
        })
        .collect()
}

/// What the routine of seat 2 says of the one twin that it publishes; nothing where it publishes none.
fn routine(stage: &Stage) -> Option<Result<(), String>> {
    let mut desk = stage.seat(2);
    let steps = desk.office().routine().unwrap();
    let performed = desk
        .run(async |seat| seat.perform(&steps, |_| Holds::Share).await)
        .unwrap();
    let mut published = performed
        .into_iter()
        .filter(|done| matches!(done.step, RoutineStep::Publish { .. }));
    let one = published.next()?;
    assert!(published.next().is_none(), "there is one twin");
    Some(
        one.outcome
            .map(drop)
            .map_err(|failure| failure.code.name().into_owned()),
    )
}

/// The promise that seat 2 holds for a twin.
fn promise(stage: &Stage, twin: &Digest) -> PathBuf {
    stage.folder(2).join(format!("public/{twin}.promise"))
}

#[test]
fn a_promise_for_a_twin_that_is_not_kept_is_told_after_its_day_and_stays_the_proof() {
    let stage = due();
    let twins = twins_to_publish(&stage.seat(2));
    let [twin] = twins[..] else { panic!("{twins:?}") };
    stage.operator(Operator::PromisesAlone);
    assert_eq!(routine(&stage), Some(Ok(())), "it is promised");
    let first = std::fs::read(promise(&stage, &twin)).unwrap();
    stage.step(2);
    assert_eq!(routine(&stage), None, "until its day nobody can say that it is broken");

    // Each day a new promise: the first one stays, and each that is over is told.
    for _ in 0..2 {
        stage.world.pass(DAY_S);
        stage.step(2);
        assert_eq!(routine(&stage), Some(Err("promise-broken".to_owned())));
        assert_eq!(std::fs::read(promise(&stage, &twin)).unwrap(), first);
        assert_eq!(routine(&stage), None, "it is promised anew");
    }
    let (kept, silent): (KeptPromise, _) = (serde_json::from_slice(&first).unwrap(), Console::silent());
    let mut follow = Follow::open(stage.trust.clone(), stage.remote(), None, &silent).unwrap();
    follow.refresh(&silent).unwrap();
    let (complaint, _) = follow.complain(&kept, &silent).unwrap().unwrap();
    assert!(complaint.verify(&stage.trust.root).is_ok(), "a third person sees it");

    // An operator that gives in: it is sent again, is in the log, and nothing is left to do.
    stage.operator(Operator::Honest);
    stage.world.pass(DAY_S);
    stage.step(2);
    assert_eq!(routine(&stage), Some(Err("promise-broken".to_owned())));
    stage.step(2);
    assert_eq!(routine(&stage), None);
    let desk = stage.seat(2);
    assert!(desk.member().held_twins().iter().all(|held| held.is_published));
}

/// By the program as it runs, whose clock is today's.
#[test]
fn the_program_publishes_what_is_due_and_says_so() {
    let stage = due();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    stage.trust.save(&path.join("root.json")).unwrap();
    keyfile::save(&path.join("seat.key"), &seat(2), "uno dos tres", 1).unwrap();
    std::fs::write(path.join("pass"), "uno dos tres").unwrap();
    // The last step was just now.
    stage.world.clock.store(now() - 2 * STEP_S, Ordering::SeqCst);
    stage.step(1);
    stage.world.clock.store(now(), Ordering::SeqCst);
    let state = stage.folder(2).display().to_string();
    let key = ["--key", "seat.key", "--passphrase-file", "pass", "--state", &state];
    let run = |verb: &[&str]| {
        let (exit, events) = stage.runtime.block_on(events_of(path, &[verb, &key].concat()));
        assert_eq!(exit, 0, "{events:?}");
        let of = |name: &str| events.iter().filter(|event| event["event"] == name).cloned().collect();
        (of("twin"), of("result"))
    };
    let listed: (Vec<Value>, Vec<Value>) = run(&["docket", "publish", "--list"]);
    assert_eq!(
        (listed.0.len(), &listed.0[0]["is_due"]),
        (1, &json!(true)),
        "{listed:?}"
    );
    assert_eq!(listed.0[0]["twin"]["act"], "request");
    assert_eq!(listed.1[0]["published"], 0, "it was only listed");
    let placed = || {
        let twin = &listed.0[0]["twin"];
        let path = format!("/api/v1/docket/{}/{}/0", twin["docket"].as_str().unwrap(), twin["seat"]);
        stage.runtime.block_on(stage.world.get(&path)).status
    };
    assert_eq!(placed(), 404);
    let (_, result) = run(&["docket", "publish"]);
    assert_eq!(result[0]["published"], 1, "{result:?}");
    assert_eq!(placed(), 200, "anybody reads it");
    let (_, result) = run(&["docket", "publish"]);
    assert_eq!(result[0]["published"], 0, "what is promised is not published again");
}
