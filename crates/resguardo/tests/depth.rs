//! The operator deepens the buckets (§9.1), with the program as it runs: what is under way meanwhile arrives, and she finds what
//! was written for either depth.

use crate::support;

use serde_json::Value;
use support::{Run, SEATS, World};

fn inbox(world: &World, words: &str) -> Vec<Value> {
    let Run { stdout, .. } = world.run(&["inbox", "--phrase-file", words, "--json"]).ok();
    let events = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["event"] == "filing").collect()
}

/// Digests of the statements of one name in the log.
fn stated(world: &World, name: &str) -> usize {
    let url = format!("{}/api/v1/public/index/{name}", world.base());
    let body = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
    serde_json::from_str::<Vec<String>>(&body).unwrap().len()
}

fn has_message(filing: &Value, of: usize) -> bool {
    filing["messages"]
        .as_array()
        .is_some_and(|messages| messages.len() >= of)
}

#[test]
fn what_is_under_way_while_the_buckets_deepen_arrives_and_is_found() {
    let mut world = World::start();
    world.file("phrase.txt", &[]);
    let code = world.acknowledge(&SEATS, "share");
    let write = |world: &World, what: &str| world.desk(SEATS[0], &["message", &code, "--template", what]).ok();
    write(&world, "received");
    world.until("the first message", || {
        has_message(&inbox(&world, "phrase.txt")[0], 1).then_some(())
    });
    // Sealed before the change, sent after it.
    world.file("later.txt", &["--package", "package"]);

    world.service = None;
    let config = world.path("operator/resguardo.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(!text.contains("[limits]"));
    std::fs::write(&config, format!("{text}\n[limits]\ndrop_depth = 1\n")).unwrap();
    world.serve();
    world.until("the deeper drop", || (stated(&world, "drop") == 2).then_some(()));

    world.run(&["send", "package", "--json"]).ok();
    world.acknowledge(&SEATS, "share");
    write(&world, "waiting");
    let hers = world.until("both messages", || {
        let filing = inbox(&world, "phrase.txt").swap_remove(0);
        has_message(&filing, 2).then_some(filing)
    });
    assert_eq!(hers["answer"]["answer"], "held", "{hers}");
    let later = world.until("the package, held", || {
        let filing = inbox(&world, "later.txt").into_iter().next()?;
        (filing["answer"]["answer"] == "held").then_some(filing)
    });
    assert_eq!(
        later["parts"]["hold"].as_array().map(Vec::len),
        Some(SEATS.len()),
        "{later}"
    );
    // The new records went into the deeper buckets, those before them into the one.
    let places = |bucket: &str| {
        let url = format!("{}/api/v1/drop/{bucket}", world.base());
        let body = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str::<Value>(&body).unwrap()["places"]
            .as_u64()
            .unwrap()
    };
    assert!(["0/-", "1/0", "1/8"].iter().all(|bucket| places(bucket) > 0));
}
