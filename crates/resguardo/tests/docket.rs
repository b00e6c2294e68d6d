//! The docket (§10.1), with the program as it runs.

use crate::support;

use protocol::Day;
use serde_json::{Value, json};
use support::{Run, SEATS, World};

/// A testimony that wants the docket: asked for, granted, released, opened, and a finding reported. Gives what each of the acts
/// that have a twin was said to make public, before it was filed.
pub fn whole(world: &World, more: &[&str]) -> Vec<Value> {
    let sealed = world.file("phrase.txt", &[&["--docket", "normal"], more].concat());
    assert!(
        sealed.stderr.contains("--docket counts-only"),
        "she is told: {}",
        sealed.stderr
    );
    let code = world.acknowledge(&SEATS, "all");
    world.desk(SEATS[0], &["refer", &code, "--reader", "6"]).ok();
    let asking = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
    let asked = world.desk("lawyer", &asking).ok();
    let request = asked.event("result")["request"].as_str().unwrap().to_owned();
    let mut said = vec![public(&asked)];
    assert_eq!(said[0]["at_once"], "nothing", "it goes to the seats: {}", said[0]);
    assert_eq!(
        said[0]["docket"]["is_chosen"], false,
        "a reader does not know her choice: {}",
        said[0]
    );
    for name in &SEATS[..3] {
        let granted = world.until("the request at a seat", || {
            let run = world.desk(name, &["grant", &request]);
            (run.code == 0).then_some(run)
        });
        let shown = public(&granted);
        assert_eq!(
            (&shown["at_once"], &shown["counted"]),
            (&json!("closed"), &json!("decided"))
        );
        assert_eq!(shown["docket"]["is_chosen"], true, "{shown}");
        said.push(shown);
    }
    for name in &SEATS[..3] {
        let released = world.until("a release", || {
            let run = world.desk(name, &["release", &request]);
            (run.code == 0).then_some(run)
        });
        let shown = public(&released);
        assert_eq!(
            (&shown["at_once"], &shown["docket"]["shows"]),
            (&json!("closed"), &json!("no-twin"))
        );
    }
    let opened = world.until("an opening", || {
        let run = world.desk("lawyer", &["open", &request, "--out", "opened", "--at-once"]);
        (run.code == 0).then_some(run)
    });
    said.push(public(&opened));
    let found = world.until("a finding", || {
        let run = world.desk("lawyer", &["finding", &request, "--outcome", "protected"]);
        (run.code == 0).then_some(run)
    });
    said.push(public(&found));
    said
}

/// What a verb says that its act makes public.
fn public(run: &Run) -> Value {
    run.event("public")["public"].clone()
}

/// What was said before is what the twin says: nothing less, and no day that is finer.
fn is_as_said(said: &Value, twins: &[Value]) {
    let shown = &said["docket"];
    assert_eq!(
        (&shown["shows"], &shown["is_open"]),
        (&json!("twin"), &json!(false)),
        "{said}"
    );
    let is_its = |twin: &&Value| ["act", "seat"].iter().all(|name| twin[*name] == shown[*name]);
    let event = twins.iter().find(|event| is_its(&&event["twin"]));
    let event = event.unwrap_or_else(|| panic!("no twin of {said}"));
    let twin = &event["twin"];
    if let Some(from) = event["from"].as_str() {
        let (from, said_from) = (Day::parse(&from[..10]), Day::of(shown["from"].as_u64().unwrap()));
        assert!(from >= Some(said_from), "{from:?} is before {said_from}");
    }
    for name in ["outcome", "week", "due", "urgent"] {
        assert_eq!(twin[name], shown[name], "{name} of {said}");
    }
}

#[test]
fn a_testimony_with_twins_is_opened_and_every_act_counts() {
    let world = World::start();
    let said = whole(&world, &[]);
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
    open_docket(&world, &said);
}

/// As many seats as open an account sign one file in turn, and one of them says that it is to be filed. What is not due is listed
/// and stays where it is.
fn open_docket(world: &World, said: &[Value]) {
    let told = |name: &str, arguments: &[&str]| world.desk(name, arguments).ok().event("result");
    let before = told(SEATS[0], &["docket", "publish"]);
    assert_eq!((&before["is_open"], &before["published"]), (&false.into(), &0.into()));
    for (at, name) in SEATS[..3].iter().enumerate() {
        let signed = told(name, &["docket", "open", "docket-open.json"]);
        assert_eq!((&signed["signed"], &signed["need"]), (&(at + 1).into(), &3.into()));
        assert!(
            signed["deadline"].is_null(),
            "nothing is filed before it is said: {signed}"
        );
    }
    let filed = told(SEATS[2], &["docket", "open", "docket-open.json", "--yes"]);
    assert!(filed["deadline"].is_string(), "{filed}");
    world.until("the docket, open", || {
        let open = world
            .desk(SEATS[3], &["docket", "open", "another.json"])
            .ok()
            .event("result");
        (open["is_open"] == true).then_some(())
    });
    let listed = world.desk("lawyer", &["docket", "publish"]).ok();
    let twins = listed.events().into_iter().filter(|event| event["twin"].is_object());
    let twins: Vec<_> = twins.collect();
    assert!(
        twins.len() >= 6,
        "of a request, three decisions, an opening and a finding: {}",
        twins.len()
    );
    assert!(twins.iter().all(|twin| twin["is_due"] == false), "{twins:?}");
    for said in said {
        is_as_said(said, &twins);
    }
    let after = listed.event("result");
    assert_eq!((&after["is_open"], &after["published"]), (&true.into(), &0.into()));
    let wrong = world.desk(SEATS[0], &["docket", "open", "phrase.txt"]);
    assert_ne!(wrong.code, 0, "a file that is no statement is not replaced");
}
