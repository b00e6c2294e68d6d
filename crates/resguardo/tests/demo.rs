//! The demo, end to end: a tour in a new folder, another in the same one, taken ports, and no process left behind.

use crate::support;

use deployment::free_ports;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{PROGRAM, Running, run_in};

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A scene in a folder of its own, to its last step.
fn scene(folder: &Path, name: &str) -> support::Run {
    let ports: [u16; 3] = free_ports().unwrap();
    let port = ports[0].to_string();
    let demo = [
        "demo", "--once", "--folder", "state", "--port", &port, "--scene", name, "--json",
    ];
    let run = run_in(folder, &demo).ok();
    let mut events = run.events().into_iter();
    let last = events.rfind(|event| event["step"].is_string()).unwrap();
    assert_eq!(last["done"], last["total"], "{last}");
    run
}

#[test]
fn she_comes_back_consents_and_takes_a_withdrawal_back() {
    let folder = tempfile::tempdir().unwrap();
    let run = scene(folder.path(), "back");
    let steps: Vec<Value> = run.events().iter().map(|event| event["step"].clone()).collect();
    for step in ["she consents", "she sees the finding", "withdrawn, and taken back"] {
        assert!(steps.contains(&step.into()), "{step} in {steps:?}");
    }
    let back = run.event("come-back");
    assert!(back["address"].as_str().unwrap().ends_with("/es/volver"), "{back}");
    assert_eq!(back["phrase"].as_str().unwrap().split_whitespace().count(), 8);
}

#[test]
fn an_operator_who_takes_a_testimony_out_is_refused_and_proven_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let run = scene(folder.path(), "fork");
    let forged = run.event("forged")["checkpoint"].as_str().unwrap().to_owned();
    // Offline, for nothing runs any more: the forged checkpoint is of another history than the log that was read, and the
    // one that was kept of it is not.
    let state = folder.path().join("state");
    let compare = |checkpoint: &str| {
        let compare = ["log", "compare", checkpoint, "--state", "monitor", "--json"];
        run_in(&state, &compare)
    };
    let compared = compare(&forged);
    assert_eq!(compared.code, 1, "{}", compared.stderr);
    assert_eq!(compared.event("error")["code"], "log-breach");
    assert_eq!(compare("monitor/log.checkpoint").code, 0);
}

/// What seats do not answer shows to a stranger, who computes it from a log that begins weeks ago.
#[test]
fn a_case_that_stalls_shows_to_whoever_looks() {
    let folder = tempfile::tempdir().unwrap();
    let run = scene(folder.path(), "stall");
    let overdue = run.event("overdue");
    let address = overdue["address"].as_str().unwrap();
    assert!(address.contains("/es/registro/acto/"), "{overdue}");
    // Its clock began weeks ago, and a log does not go back.
    let again = ["demo", "--once", "--folder", "state", "--scene", "stall", "--json"];
    let refused = run_in(folder.path(), &again);
    assert_eq!(
        (refused.code, refused.event("error")["code"].as_str()),
        (2, Some("usage")),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_tour_shows_what_it_says_and_the_next_start_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let ports: [u16; 3] = free_ports().unwrap();
    let port = ports[0].to_string();
    std::fs::create_dir(folder.path().join("state")).unwrap();
    std::fs::write(folder.path().join("state/demo.partial"), "").unwrap();
    std::fs::write(folder.path().join("state/torn"), "of a start that was cut off").unwrap();
    let demo = [
        "demo",
        "--once",
        "--folder",
        "state",
        "--port",
        &port,
        "--ready-file",
        "ready.json",
    ];
    let since = Instant::now();
    let run = run_in(folder.path(), &demo).ok();
    assert!(
        since.elapsed() < Duration::from_secs(180),
        "the tour took {:?}",
        since.elapsed()
    );
    assert!(run.stdout.contains("identity stays closed"));
    assert!(!folder.path().join("state/torn").exists());
    let first = read(&folder.path().join("ready.json"));
    ready(&first);
    let json = run_in(
        folder.path(),
        &[&demo[..4], &["--ready-file", "again.json", "--json"]].concat(),
    )
    .ok();
    let second = read(&folder.path().join("again.json"));
    ready(&second);
    assert_eq!(json.event("result")["ready"], second, "the result is the ready file");
    assert_eq!(
        (&first["log_vkey"], &first["council"]),
        (&second["log_vkey"], &second["council"]),
        "one log goes on"
    );
    assert_ne!(first["phrase"], second["phrase"]);
    let progress: Vec<Value> = json
        .events()
        .into_iter()
        .filter(|event| event["event"] == "progress")
        .collect();
    let last = progress.last().unwrap();
    assert_eq!(last["done"], last["total"]);
    assert_eq!(progress.len(), second["steps"].as_array().unwrap().len());
    let other = ["demo", "--once", "--folder", "state", "--port", "1", "--json"];
    run_in(folder.path(), &other).failed(2, "usage");
    stopped(folder.path(), ports);
    fresh(folder.path());
    newer(folder.path());
    taken(folder.path(), ports);
}

/// Everything that the ready file names is there and holds.
fn ready(ready: &Value) {
    let text = |name: &str| ready[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
    for name in ["base_url", "log_url", "log_vkey", "phrase", "identity"] {
        assert!(!text(name).is_empty());
    }
    let (told, opened) = (text("testimony_in"), text("testimony_out"));
    for name in ["account.txt", "photo.jpg"] {
        assert!(
            std::fs::read(Path::new(&told).join(name)).unwrap()
                == std::fs::read(Path::new(&opened).join(name)).unwrap()
        );
    }
    assert_eq!(
        std::fs::read_dir(&opened).unwrap().count(),
        2,
        "nothing but what was sealed"
    );
    let identity = protocol::age::Identity::parse(&text("identity")).expect("AGE-SECRET-KEY-PQ-1…");
    let mut objects = 0;
    for file in std::fs::read_dir(text("objects_dir")).unwrap() {
        protocol::age::open(&identity, &std::fs::read(file.unwrap().path()).unwrap()).expect("opens");
        objects += 1;
    }
    assert_eq!(objects, 2);
    let receipts = ready["receipts"].as_array().unwrap();
    assert_eq!(
        receipts.len(),
        17,
        "filing, 5 acks, referral, request, 4 decisions, 3 releases, opened, finding"
    );
    let trust = Path::new(&text("keys_dir")).parent().unwrap().join("root.json");
    let trust = resguardo::trust::Trust::load(&trust).unwrap();
    for receipt in receipts {
        let bytes = std::fs::read(receipt["path"].as_str().unwrap()).unwrap();
        let entry = base16ct::lower::decode_vec(receipt["entry"].as_str().unwrap().as_bytes()).unwrap();
        let parsed = tlog::receipt::Receipt::parse(&bytes).unwrap();
        resguardo::promise::check_receipt(&parsed, &entry, &trust).unwrap();
    }
    let council = protocol::Envelope::parse(&std::fs::read(text("council")).unwrap()).unwrap();
    assert_eq!(council.signature_count(), 5);
    assert!(
        ready["steps"]
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["ms"].is_u64() && step["name"].is_string())
    );
    assert_eq!(ready["cosigner_vkeys"].as_array().unwrap().len(), 1);
}

/// A folder of a newer program is refused, and a folder that is not a demo's is never emptied.
fn newer(folder: &Path) {
    std::fs::create_dir(folder.join("newer")).unwrap();
    std::fs::write(folder.join("newer/demo.json"), r#"{"demo":99,"port":8620}"#).unwrap();
    run_in(folder, &["demo", "--once", "--folder", "newer", "--json"]).failed(6, "demo-newer");
    std::fs::create_dir(folder.join("mine")).unwrap();
    std::fs::write(folder.join("mine/letter.txt"), "keep").unwrap();
    run_in(folder, &["demo", "--once", "--fresh", "--folder", "mine", "--json"]).failed(2, "not-a-demo");
    assert!(folder.join("mine/letter.txt").exists());
}

/// `--fresh` begins anew, with other keys and another log.
fn fresh(folder: &Path) {
    let vkey = || std::fs::read(folder.join("state/operator/log.vkey")).unwrap();
    let (before, port) = (vkey(), read(&folder.join("state/demo.json"))["port"].clone());
    std::fs::write(folder.join("state/mine"), "left in a demo's folder").unwrap();
    interrupt(&mut up_with(folder, &["--fresh", "--port", &port.to_string()]).0);
    assert!(vkey() != before, "another log");
    assert!(!folder.join("state/mine").exists(), "the folder was emptied");
}

/// A demo that runs in a process of its own, once it has told its addresses.
fn up(folder: &Path) -> Running {
    let (running, ms) = up_with(folder, &[]);
    assert!(ms < 3000, "addresses within 3 s of a warm start: {ms}");
    running
}

/// As [`up`], with the milliseconds that it took.
fn up_with(folder: &Path, more: &[&str]) -> (Running, u64) {
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .args(["demo", "--folder", "state", "--json"])
        .args(more);
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let told = lines.find_map(|line| {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        (event["event"] == "addresses").then_some(event)
    });
    (running, told.unwrap()["ms"].as_u64().unwrap())
}

fn interrupt(demo: &mut Running) {
    let pid = demo.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(demo.0.wait().unwrap().code(), Some(130));
}

/// Ctrl-C during the tour ends everything that was started, with 130.
fn stopped(folder: &Path, ports: [u16; 3]) {
    interrupt(&mut up(folder));
    for port in ports {
        std::net::TcpListener::bind(("127.0.0.1", port)).expect("nothing is left behind");
    }
}

/// A taken port is told in one line; the demo that runs ends its cosigner with it, even when it is killed.
fn taken(folder: &Path, ports: [u16; 3]) {
    let mut running = up(folder);
    let root = std::fs::read(folder.join("state/root.json")).unwrap();
    run_in(folder, &["demo", "--once", "--folder", "state", "--json"]).failed(4, "demo-running");
    run_in(folder, &["demo", "--once", "--fresh", "--folder", "state", "--json"]).failed(4, "demo-running");
    assert!(
        root == std::fs::read(folder.join("state/root.json")).unwrap(),
        "a demo that runs keeps its folder"
    );
    let port = ports[0].to_string();
    let other = ["demo", "--once", "--folder", "other", "--port", &port, "--json"];
    let failure = run_in(folder, &other).failed(5, "port-taken");
    assert!(failure["what"].as_str().unwrap().contains(&port));
    assert!(!folder.join("other").exists(), "nothing is made for a start that fails");
    let lost = [
        "demo",
        "--once",
        "--folder",
        "other",
        "--ready-file",
        "none/ready.json",
        "--json",
    ];
    run_in(folder, &lost).failed(3, "file-not-found");
    assert!(!folder.join("other").exists());
    run_in(folder, &["backup", "state/operator/store", "copy", "--json"]).ok();
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let since = Instant::now();
    while std::net::TcpListener::bind(("127.0.0.1", ports[2])).is_err() {
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "the cosigner outlives a demo that was killed"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
