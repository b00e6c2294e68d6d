//! What is sent again, and the store: checked, copied, put back.

use crate::support::{World, run_with};

/// A package is sent twice and gets the same promise; her objection reaches the case.
pub fn package(world: &World) {
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-file",
        "phrase.txt",
        "--package",
        "pack",
        "--soon",
    ];
    world.run(&seal).ok();
    world.run(&seal).failed_plainly(2);
    let first = world.run(&["send", "pack", "--json"]).ok().event("result");
    let again = world.run(&["seal", "--send", "pack", "--json"]).ok().event("result");
    assert_eq!(first, again, "the same form gets the same promise");
    let form = std::fs::read_to_string(world.path("pack/filing.json")).unwrap();
    std::fs::write(
        world.path("pack/filing.json"),
        form.replace("\"soon\": true", "\"soon\": false"),
    )
    .unwrap();
    world.run(&["send", "pack", "--json"]).failed(4, "slot-taken");
}

/// fsck, backup while it serves, restore, rebuild.
pub fn store(world: &mut World) {
    for fsck in [&["fsck", "--json"][..], &["fsck", "operator/store", "--json"]] {
        world.run(fsck).failed(4, "store-busy");
    }
    let by_time = world.run(&["backup", "--json"]).ok().event("result");
    let by_time = by_time["to"].as_str().unwrap().to_owned();
    let folder = world.path("operator/backups");
    assert!(by_time.starts_with(folder.to_str().unwrap()), "{by_time}");
    let copied = world
        .run(&["backup", "operator/store", "copy", "--json"])
        .ok()
        .event("result");
    let verified = world.until("a step after the copy", || {
        let verified = world.run(&["log", "verify", "--json"]).ok().event("result");
        (verified["size"].as_u64() > copied["size"].as_u64()).then_some(verified)
    });
    std::fs::write(world.path("last.checkpoint"), checkpoint(world)).unwrap();
    let watcher = ["inbox", "--phrase-file", "phrase.txt", "--state", "watcher", "--json"];
    world.run(&watcher).ok();
    world.service = None;
    world.run(&["rebuild", "operator/store"]).ok();
    let config = world.path("operator/resguardo.toml");
    let variable = [("RESGUARDO_CONFIG", config.to_str().unwrap())];
    run_with(&folder, &variable, &["fsck"]).ok();
    run_with(&folder, &[], &["fsck", "--json"]).failed(3, "file-not-found");
    run_with(&world.path("operator"), &[], &["rebuild"]).ok();
    let into = [
        &["backup", "../../third", "--json"][..],
        &["--config", config.to_str().unwrap()],
    ]
    .concat();
    run_with(&folder, &[], &into).ok();
    assert!(
        world.path("third").is_dir(),
        "the store of the configuration, into the one folder that is named"
    );
    let down = world.run(&["log", "verify", "--json"]).failed(5, "unreachable");
    assert!(down["do"].as_str().unwrap().contains("nothing was lost"));
    let older = ["restore", "copy", "older", "--old", "operator/store", "--json"];
    world.run(&older).failed(1, "rolls-back");
    assert!(
        !world.path("older").exists(),
        "nothing is there of a copy that was refused"
    );
    world.run(&["restore", "copy", "other", "--json"]).failed(2, "usage");
    std::fs::rename(world.path("operator/store"), world.path("lost")).unwrap();
    world.run(&["backup", "lost", "copy-2"]).ok();
    world
        .run(&["restore", "copy-2", "operator/store", "--checkpoint", "last.checkpoint"])
        .ok();
    world.serve();
    let later = world.run(&["log", "verify", "--json"]).ok().event("result");
    assert!(later["size"].as_u64() >= verified["size"].as_u64());
    world.run(&watcher).ok();
    world.service = None;
    std::fs::remove_dir_all(world.path("operator/store")).unwrap();
    let newest = world.run(&["restore", "--unchecked", "--json"]).ok().event("result");
    assert_eq!(
        world.path(newest["from"].as_str().unwrap()),
        std::path::PathBuf::from(by_time)
    );
    world.serve();
    let rolled_back = world.run(&watcher);
    assert_eq!(rolled_back.event("filing")["answer"]["answer"], "not-verifiable");
    let failure = rolled_back.failed(1, "log-not-verifiable");
    assert!(failure["why"].as_str().unwrap().contains("a fork"), "{failure}");
}

fn checkpoint(world: &World) -> Vec<u8> {
    let line = resguardo::line::ServiceLine::over(resguardo::remote::Remote::new(&world.base()).unwrap());
    line.run(line.wire().bytes("/log/checkpoint")).unwrap()
}
