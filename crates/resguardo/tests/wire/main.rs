//! What the wire shows of those who file, hold and open: a recording proxy and relay between the program and the service
//! see that no connection carries both signed and unsigned calls, that each purpose has a line of its own, and that with
//! a proxy nothing goes past it (§15.8, §17).

mod recorder;
use crate::support;

use deployment::Call;
use recorder::{Answer, Line, Recorder};
use std::collections::BTreeSet;
use support::{Run, SEATS, World, key_arguments};

/// A name that no resolver knows (RFC 6761): whoever reaches it reached it by way of the proxy.
const HOST: &str = "resguardo.invalid";
/// A file that is uploaded before its filing.
const LARGE: usize = 600_000;

/// A world seen through a recorder.
struct Watched {
    world: World,
    recorder: Recorder,
    /// What every verb is called with.
    more: Vec<String>,
}

impl Watched {
    fn by_proxy() -> Self {
        let world = World::start();
        let recorder = Recorder::socks(service(&world));
        point(&world, &format!("http://{HOST}:8443"));
        let proxy = format!("socks5h://{}", recorder.address);
        let more = ["--root", "seen.json", "--proxy", &proxy].map(str::to_owned).to_vec();
        Self { world, recorder, more }
    }

    fn by_relay() -> Self {
        let world = World::start();
        let recorder = Recorder::relay(service(&world));
        point(&world, &format!("http://{}", recorder.address));
        let more = ["--root", "seen.json"].map(str::to_owned).to_vec();
        Self { world, recorder, more }
    }

    /// Runs a verb; gives what went over the wire meanwhile.
    fn run(&self, key: Option<&str>, arguments: &[&str]) -> (Run, Vec<Line>) {
        let key: Vec<String> = key.map(key_arguments).into_iter().flatten().collect();
        let more = key.iter().chain(&self.more).map(String::as_str);
        let all: Vec<&str> = arguments.iter().copied().chain(more).chain(["--json"]).collect();
        let run = self.world.run(&all).ok();
        let lines = self.recorder.take();
        check(&lines, arguments[0]);
        (run, lines)
    }

    /// From a filing to the releases; gives the request.
    fn release(&self) -> (String, Vec<Line>) {
        let world = &self.world;
        std::fs::write(world.path("account.txt"), "What happened.\n").unwrap();
        std::fs::write(world.path("sound.ogg"), vec![7u8; LARGE]).unwrap();
        std::fs::write(world.path("note.txt"), "A note.\n").unwrap();
        let seal = ["seal", "--account", "account.txt", "sound.ogg", "note.txt", "--soon"];
        let (_, sealed) = self.run(None, &[&seal[..], &["--phrase-out", "phrase.txt"]].concat());
        let code = world.acknowledge(&SEATS[1..3], "share");
        let (_, asked) = self.run(None, &["inbox", "--phrase-file", "phrase.txt"]);
        let (mut lines, mut is_held) = ([sealed, asked].concat(), false);
        while !is_held {
            let (run, more) = self.run(Some(SEATS[0]), &["shares", "check", "--keep", "all"]);
            is_held = run.events().iter().any(|event| event["verdict"] == "holds");
            lines.extend(more);
        }
        lines.extend(self.run(Some(SEATS[0]), &["refer", &code, "--reader", "6"]).1);
        let asking = ["request", &code, "--purpose", "inquiry", "--basis", "art. 1"];
        let (run, more) = self.run(Some("lawyer"), &asking);
        lines.extend(more);
        let request = run.event("result")["request"].as_str().unwrap().to_owned();
        for verb in ["grant", "release"] {
            for seat in &SEATS[..3] {
                world.until(verb, || (world.desk(seat, &[verb, &request]).code == 0).then_some(()));
            }
        }
        (request, lines)
    }

    /// Opens what was released, into a folder, once all releases are in the log.
    fn open(&self, request: &str, out: &str) -> (Run, Vec<Line>) {
        self.world.until("the releases in the log", || {
            let key = key_arguments("lawyer");
            let more = key.iter().chain(&self.more).map(String::as_str);
            let open = ["open", request, "--out", out, "--json"].into_iter().chain(more);
            let run = self.world.run(&open.collect::<Vec<_>>());
            let lines = self.recorder.take();
            check(&lines, "open");
            (run.code != 4).then_some((run, lines))
        })
    }
}

fn service(world: &World) -> std::net::SocketAddr {
    world.base().trim_start_matches("http://").parse().unwrap()
}

/// A root that leads to another address.
fn point(world: &World, base: &str) {
    let text = std::fs::read_to_string(world.path("root.json")).unwrap();
    let mut root: serde_json::Value = serde_json::from_str(&text).unwrap();
    root["base_url"] = base.into();
    std::fs::write(world.path("seen.json"), root.to_string()).unwrap();
}

/// What must never share a line.
fn purpose(call: &Call) -> &'static str {
    let path = call.path.strip_prefix("/api/v1/").unwrap_or(&call.path);
    let first = path.split(['/', '?']).find(|part| !part.is_empty()).unwrap_or_default();
    match first {
        _ if call.is_signed => "member",
        "blobs" => "objects",
        "drop" => "drop",
        "work" | "filings" | "uploads" | "office" => "posting",
        "log" | "public" | "healthz" => "log",
        other => panic!("{other} of {call:?}"),
    }
}

/// One purpose a connection, and one a name at the proxy; no cookie anywhere.
fn check(lines: &[Line], verb: &str) {
    assert!(!lines.is_empty(), "{verb} goes by way of the recorder");
    let mut names: std::collections::BTreeMap<_, BTreeSet<&str>> = Default::default();
    for (number, line) in lines.iter().enumerate() {
        let purposes: BTreeSet<&str> = line.calls.iter().map(|(_, call)| purpose(call)).collect();
        assert!(purposes.len() <= 1, "{verb}: one connection for {purposes:?}: {line:?}");
        assert!(line.calls.iter().all(|(_, call)| !call.has_cookie), "{verb}: {line:?}");
        let name = line.name.clone().unwrap_or((number.to_string(), String::new()));
        names.entry(name).or_default().extend(purposes);
    }
    for (name, purposes) in names {
        assert!(purposes.len() <= 1, "{verb}: one circuit {name:?} for {purposes:?}");
    }
}

/// Calls for a purpose, each with its place among all.
fn placed<'a>(lines: &'a [Line], wanted: &'a str) -> impl Iterator<Item = &'a (usize, Call)> {
    let all = lines.iter().flat_map(|line| &line.calls);
    all.filter(move |(_, call)| purpose(call) == wanted)
}

fn calls<'a>(lines: &'a [Line], wanted: &'a str) -> impl Iterator<Item = &'a Call> {
    placed(lines, wanted).map(|(_, call)| call)
}

/// Acts that were filed, each with its place among all calls.
fn acts(lines: &[Line]) -> impl Iterator<Item = &(usize, Call)> {
    placed(lines, "member").filter(|(_, call)| call.path == "/api/v1/acts")
}

/// Every object is here before the signed act, over a line that carries nothing else.
fn objects_come_first(lines: &[Line]) {
    let signed = acts(lines).map(|(order, _)| *order).min().unwrap();
    let objects: Vec<usize> = placed(lines, "objects").map(|(order, _)| *order).collect();
    assert!(objects.len() >= 3, "header, document and evidence: {objects:?}");
    assert!(
        objects.iter().all(|order| *order < signed),
        "an object was fetched after the signed act: {lines:#?}"
    );
}

#[test]
fn no_connection_carries_signed_and_unsigned_calls() {
    let watched = Watched::by_relay();
    let (request, lines) = watched.release();
    for wanted in ["member", "objects", "drop", "posting", "log"] {
        assert!(
            calls(&lines, wanted).next().is_some(),
            "the story has calls for {wanted}"
        );
    }
    let (run, lines) = watched.open(&request, "opened");
    run.ok();
    objects_come_first(&lines);
}

#[test]
fn behind_a_proxy_each_purpose_has_a_circuit_and_nothing_goes_past_it() {
    let watched = Watched::by_proxy();
    let (request, mut lines) = watched.release();
    let (run, opening) = watched.open(&request, "opened");
    run.ok();
    objects_come_first(&opening);
    lines.extend(opening);
    let hosts: BTreeSet<_> = lines.iter().map(|line| line.host.clone().unwrap()).collect();
    assert_eq!(
        hosts,
        BTreeSet::from([HOST.to_owned()]),
        "names are resolved by the proxy"
    );
    for name in lines.iter().filter_map(|line| line.name.as_ref()) {
        assert!(name.0.len() == 32 && name.1.len() == 32, "{name:?}");
    }
    // The service is reachable, and the proxy is not: nothing goes past it.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let proxy = format!("socks5h://{closed}");
    let direct = Recorder::relay(service(&watched.world));
    point(&watched.world, &format!("http://{}", direct.address));
    for verb in [
        vec!["log", "verify", "--root", "seen.json"],
        vec!["inbox", "--root", "seen.json", "--phrase-file", "phrase.txt"],
    ] {
        let run = watched.world.run(&[&verb[..], &["--proxy", &proxy, "--json"]].concat());
        run.failed(5, "unreachable");
    }
    assert!(direct.take().is_empty(), "not one connection past the proxy");
}

/// Two processes of one person have no name in common.
#[test]
fn no_circuit_outlives_its_process() {
    let watched = Watched::by_proxy();
    let names = || -> BTreeSet<_> {
        let (_, lines) = watched.run(Some("lawyer"), &["queue"]);
        lines.into_iter().filter_map(|line| line.name).collect()
    };
    let (one, two) = (names(), names());
    assert!(!one.is_empty() && one.is_disjoint(&two), "{one:?} {two:?}");
}

#[test]
fn a_proxy_that_would_resolve_names_here_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for proxy in [
        "socks5://127.0.0.1:9050",
        "http://127.0.0.1:8080",
        "socks5h://a:b@127.0.0.1",
    ] {
        let run = support::run_in(folder.path(), &["log", "verify", "--proxy", proxy, "--json"]);
        run.failed(2, "usage");
    }
}

/// Digests of the sealed objects with their sizes, ascending by size: the document, the note, the sound.
fn objects(world: &World) -> Vec<(u64, String)> {
    let cases = world.path(&format!("{}.state/cases", SEATS[0]));
    let case = std::fs::read_dir(cases).unwrap().next().unwrap().unwrap().path();
    let files = std::fs::read_dir(case.join("objects")).unwrap().map(Result::unwrap);
    let mut objects: Vec<(u64, String)> = files
        .map(|file| (file.metadata().unwrap().len(), file.file_name().into_string().unwrap()))
        .collect();
    objects.sort();
    objects
}

/// The service spoils one share and one cell: the others are dealt with, and what was spoilt is not lost.
#[test]
fn a_spoilt_file_stops_no_seat() {
    let watched = Watched::by_relay();
    let world = &watched.world;
    for words in ["one.txt", "two.txt"] {
        world.file(words, &[]);
        // One after the other: they may come in different steps.
        world.acknowledge(&SEATS[1..3], "share");
    }
    let key = key_arguments(SEATS[0]);
    let seen = |verb: &[&str]| {
        let more = key.iter().chain(&watched.more).map(String::as_str);
        world.run(&verb.iter().copied().chain(more).chain(["--json"]).collect::<Vec<_>>())
    };
    let delivered = world.until("both deliveries", || {
        let queue = seen(&["queue"]).ok();
        let mut events = queue.events().into_iter();
        events.find(|event| event["event"] == "deliveries" && event["count"] == 2)
    });
    assert_eq!(delivered["count"], 2);
    watched.recorder.withhold_next_blob(Answer::Altered);
    let (mut holds, mut rejected) = (0, Vec::new());
    world.until("verdicts on both", || {
        for event in seen(&["shares", "check"]).events() {
            holds += usize::from(event["verdict"] == "holds");
            rejected.extend(event["check"].as_str().map(str::to_owned));
        }
        (holds + rejected.len() >= 2).then_some(())
    });
    assert_eq!((holds, rejected), (1, vec!["age".to_owned()]));

    // The rejection lies in a cell; another seat's first look at it is spoilt.
    let key = key_arguments(SEATS[1]);
    let more = key.iter().chain(&watched.more).map(String::as_str);
    let queue: Vec<&str> = ["queue", "--json"].into_iter().chain(more).collect();
    watched.recorder.withhold_next_blob(Answer::Altered);
    world.run(&queue).ok();
    world.until("the rejection, taken from its cell", || {
        let run = world.run(&queue).ok();
        run.events()
            .iter()
            .any(|event| event["task"] == "rejected")
            .then_some(())
    });
}

/// Where the reader keeps the keys of requests that are not done with.
fn kept_keys(world: &World) -> usize {
    let cases = std::fs::read_dir(world.path("lawyer.state/requests"))
        .unwrap()
        .map(Result::unwrap);
    let files = cases.flat_map(|case| std::fs::read_dir(case.path()).unwrap().map(Result::unwrap));
    files
        .filter(|file| file.path().extension().is_some_and(|name| name == "age"))
        .count()
}

#[test]
fn who_withholds_or_alters_an_object_keeps_nothing_else_closed() {
    let watched = Watched::by_relay();
    let world = &watched.world;
    let (request, _) = watched.release();
    let paths: Vec<String> = objects(world)
        .into_iter()
        .map(|(_, digest)| format!("/api/v1/blobs/{digest}"))
        .collect();
    let [document, note, sound] = paths.as_slice() else {
        panic!("three objects: {paths:?}")
    };

    // Nothing comes: nothing is shown, so nothing is filed.
    let all = paths.iter().map(|path| (path.clone(), Answer::Missing));
    watched.recorder.withhold(&all.collect::<Vec<_>>());
    let (run, lines) = watched.open(&request, "nothing");
    assert!(acts(&lines).next().is_none(), "{lines:#?}");
    let failure = run.failed(3, "objects-missing");
    assert!(!failure.to_string().contains("address"), "{failure}");
    assert_eq!(kept_keys(world), 1);

    // One of three comes: it is shown, the others are named, and the key stays.
    let withheld = [(document.clone(), Answer::Missing), (note.clone(), Answer::Altered)];
    watched.recorder.withhold(&withheld);
    let (run, lines) = watched.open(&request, "part");
    assert!(acts(&lines).next().is_some());
    assert_eq!(run.event("result")["opened"]["act"], "opened");
    assert_eq!(run.event("result")["key_kept"], true);
    let named: BTreeSet<(String, String)> = run
        .events()
        .iter()
        .filter(|event| event["event"] == "unopened")
        .map(|event| {
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            (format!("/api/v1/blobs/{}", text("object")), text("why"))
        })
        .collect();
    let expected = [(document, "missing"), (note, "altered")];
    assert_eq!(named, expected.map(|(path, why)| (path.clone(), why.to_owned())).into());
    let failure = run.failed(3, "objects-missing");
    assert!(!failure.to_string().contains("address"), "{failure}");
    let shown = std::fs::read_dir(world.path("part")).unwrap().map(Result::unwrap);
    let sizes: Vec<u64> = shown.map(|file| file.metadata().unwrap().len()).collect();
    assert!(
        sizes.iter().any(|size| *size >= LARGE as u64),
        "the sound is there: {sizes:?}"
    );
    assert_eq!(kept_keys(world), 1);

    // Later all is there: what came is not fetched again, `opened` is not filed again, and the key goes.
    watched.recorder.withhold(&[]);
    let (run, lines) = watched.open(&request, "whole");
    let run = run.ok();
    assert!(calls(&lines, "objects").all(|call| call.path != *sound), "{lines:#?}");
    assert!(acts(&lines).next().is_none(), "{lines:#?}");
    assert_eq!(run.event("result")["key_kept"], false);
    let read = |name: &str| std::fs::read(world.path(&format!("whole/{name}"))).unwrap();
    assert_eq!(read("account.txt"), b"What happened.\n");
    assert_eq!(read("note.txt"), b"A note.\n");
    assert_eq!(read("sound.ogg"), vec![7u8; LARGE]);
    assert_eq!(kept_keys(world), 0);
}
