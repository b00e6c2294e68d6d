//! The docket (§10.1), with the program as it runs.

use crate::support;

use support::{SEATS, World};

/// A testimony that wants the docket: asked for, granted, released, opened, and a finding reported. Gives the request.
fn whole(world: &World) -> String {
    let sealed = world.file("phrase.txt", &["--docket", "normal"]);
    assert!(
        sealed.stderr.contains("--docket counts-only"),
        "she is told: {}",
        sealed.stderr
    );
    let code = world.acknowledge(&SEATS, "all");
    world.desk(SEATS[0], &["refer", &code, "--reader", "6"]).ok();
    let asking = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
    let asked = world.desk("lawyer", &asking).ok().event("result");
    let request = asked["request"].as_str().unwrap().to_owned();
    for name in &SEATS[..3] {
        world.until("the request at a seat", || {
            (world.desk(name, &["grant", &request]).code == 0).then_some(())
        });
    }
    for name in &SEATS[..3] {
        world.until("a release", || {
            (world.desk(name, &["release", &request]).code == 0).then_some(())
        });
    }
    world.until("an opening", || {
        let run = world.desk("lawyer", &["open", &request, "--out", "opened", "--at-once"]);
        (run.code == 0).then_some(())
    });
    world.until("a finding", || {
        let run = world.desk("lawyer", &["finding", &request, "--outcome", "protected"]);
        (run.code == 0).then_some(())
    });
    request
}

#[test]
fn a_testimony_with_twins_is_opened_and_every_act_counts() {
    let world = World::start();
    whole(&world);
    let filing = world.until("the finding in her list", || {
        let run = world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"]).ok();
        let filing = run.events().into_iter().find(|event| event["acts"].is_array())?;
        filing["requests"][0]["findings"][0].is_object().then_some(filing)
    });
    let acts = filing["acts"].as_array().unwrap();
    assert!(acts.len() >= 14, "{filing}");
    for act in acts {
        assert_eq!(act["standing"], "counts", "{act}");
    }
}
