//! A verb whose answer is lost on the way says so, and run again files nothing twice.

use crate::support;

use std::sync::atomic::Ordering;

use support::World;

/// Acts of a kind in the case that her words lead to, and the log's time, POSIX seconds.
fn acts(world: &World, name: &str) -> (usize, u64) {
    let run = world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"]).ok();
    let time = run.event("result")["time"].as_u64().expect("a time");
    let filing = run.event("filing");
    let acts = filing["acts"].as_array().cloned().unwrap_or_default();
    (acts.iter().filter(|act| act["body"]["act"] == name).count(), time)
}

#[test]
fn an_act_whose_answer_is_lost_is_filed_once() {
    let mut world = World::start();
    let lost = world.deafen("/api/v1/acts", "deaf.json");
    world.file("phrase.txt", &[]);
    let case = world.acknowledge(&support::SEATS, "all");
    world.until("every acknowledgement in the log", || {
        (acts(&world, "ack").0 == support::SEATS.len()).then_some(())
    });
    // Without a cosigner no step is taken, so that what was sent is promised and not in the log.
    world.cosigner = None;
    let refer = ["refer", &case, "--reader", "6"];
    let deaf = [&refer[..], &["--root", "deaf.json"]].concat();
    world.desk("ombudsman", &deaf).failed(5, "unreachable");
    let sent = lost.load(Ordering::SeqCst);
    assert!(sent > 1, "it was sent again and again, and nobody answered: {sent}");
    world.desk("ombudsman", &refer).ok();
    world.desk("ombudsman", &refer).ok();
    world.cosign();
    let logged = world.until("the referral in the log", || {
        let (count, time) = acts(&world, "referral");
        (count > 0).then_some(time)
    });
    world.desk("ombudsman", &refer).failed(4, "done");
    // A second one would be in one of the next steps, of a second each.
    let count = world.until("three steps more", || {
        let (count, time) = acts(&world, "referral");
        (time > logged + 3).then_some(count)
    });
    assert_eq!(count, 1);
}
