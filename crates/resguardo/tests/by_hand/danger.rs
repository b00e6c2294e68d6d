//! Somebody is in danger: it stands first in every queue until a seat says what was done.

use serde_json::{Value, json};

use crate::support::{SEATS, World};

/// What waits for a seat, the first thing first.
fn tasks(world: &World, seat: &str) -> Vec<Value> {
    let queue = world.desk(seat, &["queue"]).ok();
    let events = queue.events().into_iter();
    events.filter(|event| event["event"] == "task").collect()
}

/// Until the first task of a seat is this one.
fn first(world: &World, seat: &str, task: &str) -> Value {
    world.until(task, || {
        tasks(world, seat).into_iter().next().filter(|it| it["task"] == task)
    })
}

/// The case `code` says so. It ends as it began for what comes after: a seat has said that it is over.
pub fn attended(world: &World, code: &str) {
    for seat in SEATS {
        let danger = first(world, seat, "danger");
        assert_eq!((&danger["code"], &danger["is_overdue"]), (&json!(code), &json!(false)));
    }
    for wrong in [
        &["attended", code, "called"][..],
        &["attended", code, "safe", "--hours", "3"],
    ] {
        assert_eq!(world.desk(SEATS[1], wrong).code, 2, "{wrong:?}");
    }
    world
        .desk(SEATS[1], &["attended", code, "called", "--hours", "24"])
        .ok();
    let told = first(world, SEATS[0], "attended");
    assert_eq!((&told["deed"], &told["what"]), (&json!("attended"), &json!("called")));
    let x = told["x"].clone();
    assert!(
        tasks(world, SEATS[1]).iter().all(|task| task["task"] != "attended"),
        "not to itself"
    );
    // The seat that did it lied: another contradicts, and what it says again changes nothing.
    world.desk(SEATS[0], &["attended", code, "stands"]).ok();
    let stands = first(world, SEATS[2], "danger");
    assert_ne!(stands["contradicted_by"], json!([x]));
    world.desk(SEATS[1], &["attended", code, "no-danger"]).ok();
    world.until("what it says again", || {
        let log = world.desk(SEATS[1], &["attended", code, "no-danger"]);
        (log.code == 4 && log.event("error")["code"] == "done").then_some(())
    });
    assert_eq!(
        first(world, SEATS[2], "danger")["contradicted_by"],
        stands["contradicted_by"]
    );
    world.desk(SEATS[0], &["attended", code, "safe"]).ok();
    assert_eq!(first(world, SEATS[2], "attended")["deed"], "attended");
}
