//! The whole way by hand: every verb on loopback, each in a process of its own.

mod danger;
mod store;
use crate::support;

use serde_json::Value;
use support::{SEATS, World};

/// A file of the size of a small recording, so that it is uploaded before the filing.
fn recording() -> Vec<u8> {
    (0u32..700_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

#[test]
fn from_cards_to_a_finding() {
    let mut world = World::start();
    let words = file(&world);
    let code = acknowledge(&world);
    her_answer(&world, &words);
    danger::attended(&world, &code);
    let request = ask(&world, &code);
    promised(&mut world, &request);
    decide(&world, &request);
    release_and_open(&world, &request);
    finding(&world, &request);
    aid(&world, &code);
    reports(&world, &code, &request);
    log_and_receipts(&world);
    custody(&world, &code);
    objections(&world);
    store::package(&world);
    store::store(&mut world);
}

/// A photograph with a comment that says where it was taken.
fn photo() -> Vec<u8> {
    let (start, picture) = include_bytes!("../../assets/demo.jpg").split_at(2);
    [start, b"\xff\xfe\0\x13GPS 20.67,-103.34", picture].concat()
}

/// A text, an identity and two pieces of evidence, filed with a receipt.
fn file(world: &World) -> String {
    std::fs::write(world.path("account.txt"), "What happened, with an ñ.\n").unwrap();
    std::fs::write(world.path("identity.txt"), "Who she is.\n").unwrap();
    std::fs::write(world.path("photo.jpg"), photo()).unwrap();
    std::fs::write(world.path("sound.ogg"), recording()).unwrap();
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--identity",
        "identity.txt",
        "photo.jpg",
        "sound.ogg",
        "--soon",
    ];
    let more = [
        "--danger",
        "--phrase-out",
        "phrase.txt",
        "--receipt",
        "filing.receipt",
        "--json",
    ];
    let run = world.run(&[&seal[..], &more].concat()).ok();
    let sealing: Vec<Value> = run
        .events()
        .into_iter()
        .filter(|event| event["step"] == "sealing")
        .collect();
    let last = sealing.last().unwrap();
    assert!(
        sealing.len() <= 10 && last["done"] == last["total"],
        "one event for every tenth at most"
    );
    let words = std::fs::read_to_string(world.path("phrase.txt")).unwrap();
    assert_eq!(words.split_whitespace().count(), 8);
    assert_eq!(
        support::shown(words.trim(), &run.stdout),
        None,
        "the words never stand in what a program reads"
    );
    let verified = world
        .run(&["receipt", "verify", "filing.receipt", "--json"])
        .ok()
        .event("result");
    assert_eq!(verified["index"], run.event("result")["index"]);
    words
}

fn acknowledge(world: &World) -> String {
    let code = world.acknowledge(&SEATS, "document");
    let again = world.desk(SEATS[0], &["shares", "check"]).ok().event("result");
    assert_eq!(again["ok"], 0, "a delivery is dealt with once");
    let queue = world.desk(SEATS[0], &["queue"]).ok();
    assert!(
        queue.events().iter().any(|event| event["flag"] == "danger"),
        "{}",
        queue.stdout
    );
    code
}

/// From the words alone: in the log and held.
fn her_answer(world: &World, words: &str) {
    world.until("the acknowledgements", || {
        let run = world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"]).ok();
        let filing = run.event("filing");
        (filing["answer"]["answer"] == "held" && filing["parts"]["hold"].as_array()?.len() == 5).then_some(())
    });
    let through_fd = std::process::Command::new("sh")
        .current_dir(world.folder.path())
        .args([
            "-c",
            &format!(
                "{} inbox --phrase-fd 7 7<phrase.txt --receipt again.receipt",
                support::PROGRAM
            ),
        ])
        .output()
        .unwrap();
    assert!(
        through_fd.status.success(),
        "{}",
        String::from_utf8_lossy(&through_fd.stderr)
    );
    assert!(String::from_utf8_lossy(&through_fd.stdout).contains("held"));
    world.run(&["receipt", "verify", "again.receipt"]).ok();
    let capitals = words.to_uppercase();
    std::fs::write(world.path("capitals.txt"), capitals).unwrap();
    world.run(&["inbox", "--phrase-file", "capitals.txt"]).ok();
}

fn ask(world: &World, code: &str) -> String {
    let asking = [
        "request",
        code,
        "--purpose",
        "inquiry",
        "--basis",
        "art. 1",
        "--identity",
    ];
    world.desk("lawyer", &asking).failed(3, "unknown-name");
    world.desk(SEATS[0], &asking).failed(7, "wrong-office");
    world.desk(SEATS[1], &["refer", code, "--reader", "6"]).ok();
    world
        .desk(SEATS[1], &["refer", code, "--reader", "9"])
        .failed(2, "usage");
    let seat = world
        .desk(SEATS[1], &["refer", code, "--reader", "1"])
        .failed(2, "usage");
    assert!(seat["what"].as_str().unwrap().contains("1 is a seat"), "{seat}");
    let request = world.desk("lawyer", &asking).ok().event("result")["request"]
        .as_str()
        .unwrap()
        .to_owned();
    world.until("the request in the log", || {
        let queue = world.desk(SEATS[2], &["queue"]).ok();
        let task = queue.events().into_iter().find(|event| event["task"] == "decide")?;
        assert_eq!(task["request"], request.as_str());
        Some(())
    });
    request
}

/// While the cosigner is away no step is published: what a seat has granted is promised, and does not count yet.
fn promised(world: &mut World, request: &str) {
    world.cosigner = None;
    let grant = ["grant", &request[..10]];
    let first = world.desk(SEATS[0], &grant).ok().event("result");
    let early = world.desk(SEATS[0], &["release", &request[..10]]);
    let code = early.event("error")["code"].as_str().unwrap().to_owned();
    let early = early.failed(4, &code);
    let (what, remedy) = (early["what"].as_str().unwrap(), early["do"].as_str().unwrap());
    assert!(
        what.contains("waits for the next step of the log, which takes decision"),
        "{early}"
    );
    assert!(remedy.contains("next step"), "{early}");
    let again = world.desk(SEATS[0], &grant).ok().event("result");
    assert_eq!(again, first, "granted twice within a step, it is the same promise");
    world.cosign();
    world.until("the grant in the log", || {
        let queue = world.desk(SEATS[0], &["queue"]).ok();
        (!queue.events().iter().any(|event| event["task"] == "decide")).then_some(())
    });
}

fn decide(world: &World, request: &str) {
    let short = &request[..10];
    world.desk(SEATS[0], &["release", short]).failed(4, "too-few-grants");
    world.desk(SEATS[1], &["grant", short]).ok();
    // The third grants the account, and not who she is: for that there is a reason, and nothing else is half done.
    for half in [&["--only", "account"][..], &["--reason", "policy"]] {
        world
            .desk(SEATS[2], &[&["grant", short], half].concat())
            .failed(2, "usage");
    }
    let only = ["grant", short, "--only", "account", "--reason", "policy"];
    world.desk(SEATS[2], &only).ok();
    let again = world.desk(SEATS[2], &only);
    assert!(
        again.code == 0 || again.event("error")["code"] == "done",
        "{}",
        again.stdout
    );
    world.desk(SEATS[3], &["refuse", short, "--reason", "policy"]).ok();
    let early = world.desk(SEATS[4], &["release", short]);
    let codes = ["too-few-grants", "objection-time", "not-granted"];
    assert_eq!(early.code, 4);
    assert!(
        codes.contains(&early.event("error")["code"].as_str().unwrap()),
        "{}",
        early.stdout
    );
    world
        .desk(SEATS[0], &["grant", "ffffffffffffffff"])
        .failed(3, "unknown-name");
    // She reads which of both each seat granted.
    world.until("the decisions in her list", || {
        let inbox = world.run(&["inbox", "--phrase-file", "capitals.txt", "--json"]).ok();
        let events = inbox.events();
        let acts = events.iter().find_map(|event| event["acts"].as_array())?.clone();
        let decisions = acts.iter().filter(|act| act["body"]["act"] == "decision");
        let said = |x: u16| decisions.clone().find(|act| act["body"]["x"] == x);
        let split = said(3)?;
        assert_eq!(split["body"]["grants"], serde_json::json!([1]));
        assert_eq!(split["body"]["refuses"], serde_json::json!([2]));
        assert_eq!(said(2)?["body"]["refuses"], serde_json::json!([]));
        Some(())
    });
}

fn release_and_open(world: &World, request: &str) {
    let open = [
        "open",
        request,
        "--out",
        "opened",
        "--objects",
        "objects",
        "--identity-out",
        "identity.key",
    ];
    world.desk("lawyer", &open).failed(4, "nothing-released");
    for name in &SEATS[..3] {
        world.until("the objection time", || {
            let run = world.desk(name, &["release", request]);
            match run.code {
                0 => {
                    assert_eq!(run.event("result")["compartments"], serde_json::json!([1]));
                    Some(())
                }
                4 => None,
                _ => panic!("{}", run.stdout),
            }
        });
    }
    let queue = world.desk("lawyer", &["queue"]).ok();
    let waiting = queue.event("request");
    assert_eq!(waiting["released_by"], serde_json::json!([1, 2, 3]), "{}", queue.stdout);
    altered(world, request);
    let opened = world.until("the releases in the log", || {
        let run = world.desk("lawyer", &open);
        (run.code != 4).then(|| run.ok())
    });
    let closed = opened.event("closed");
    assert_eq!(
        (&closed["compartment"], &closed["need"]),
        (&Value::from(2), &Value::from(4))
    );
    for (name, bytes) in [
        ("account.txt", "What happened, with an ñ.\n".as_bytes().to_vec()),
        ("photo.jpg", photo()),
        (
            "photo.copy.jpg",
            scrub::scrubbed(include_bytes!("../../assets/demo.jpg")).unwrap(),
        ),
        ("sound.ogg", recording()),
    ] {
        assert!(
            std::fs::read(world.path("opened").join(name)).unwrap() == bytes,
            "{name} byte for byte"
        );
    }
    assert!(!world.path("opened/identity.txt").exists());
    assert_eq!(std::fs::read_dir(world.path("objects")).unwrap().count(), 4);
    let identity = std::fs::read_to_string(world.path("identity.key")).unwrap();
    let line = identity
        .lines()
        .find(|line| line.starts_with("AGE-SECRET-KEY-PQ-1"))
        .unwrap();
    let identity = protocol::age::Identity::parse(line).unwrap();
    for file in std::fs::read_dir(world.path("objects")).unwrap() {
        let file = std::fs::read(file.unwrap().path()).unwrap();
        protocol::age::open(&identity, &file).expect("the printed identity opens every object");
    }
    let again = world
        .desk("lawyer", &["open", request, "--out", "twice"])
        .failed(4, "opened-already");
    assert!(
        again["what"].as_str().unwrap().contains("its key was destroyed"),
        "{again}"
    );
    let early = world.desk("lawyer", &["finding", request, "--outcome", "protected"]);
    if early.code != 0 {
        let early = early.failed(4, "not-opened");
        assert!(
            early["what"].as_str().unwrap().contains("waits for the next step"),
            "{early}"
        );
        assert!(early["do"].as_str().unwrap().contains("next step"), "{early}");
    }
}

/// A bit of the recording is flipped in the store: its digest is named, and put right it opens.
fn altered(world: &World, request: &str) {
    let folders = std::fs::read_dir(world.path("operator/store/blobs")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    let [path] = files.as_slice() else {
        panic!("one large file: {files:?}")
    };
    let good = std::fs::read(path).unwrap();
    let mut bad = good.clone();
    bad[good.len() / 2] ^= 1;
    std::fs::write(path, bad).unwrap();
    let failed = world.until("the releases in the log", || {
        let run = world.desk("lawyer", &["open", request, "--out", "altered"]);
        (run.code != 4).then_some(run)
    });
    let digest = path.file_name().unwrap().to_str().unwrap();
    let unopened = failed.event("unopened");
    assert_eq!(
        (&unopened["object"], &unopened["why"]),
        (&digest.into(), &"altered".into())
    );
    let failed = failed.failed(3, "objects-missing");
    assert!(failed["why"].as_str().unwrap().contains(digest), "{failed}");
    assert!(world.path("altered/account.txt").exists(), "all else is there");
    std::fs::write(path, good).unwrap();
}

fn finding(world: &World, request: &str) {
    world.until("the opening in the log", || {
        let run = world.desk("lawyer", &["finding", request, "--outcome", "protected"]);
        let is_there = run.code == 0 || run.event("error")["code"] == "reported-already";
        is_there.then_some(())
    });
    world.until("the finding in her inbox", || {
        let run = world.run(&["inbox", "--phrase-file", "phrase.txt"]).ok();
        run.stdout.contains("finding: protection was given").then_some(())
    });
    // A second report corrects nothing: it is told before it goes out, on a machine that knows nothing but the key too.
    world.until("the finished case, known from the key alone", || {
        let elsewhere = world.desk("lawyer", &["queue", "--state", "elsewhere"]).ok();
        let events = elsewhere.events();
        let said = events.iter().find(|event| event["event"] == "said")?;
        assert_eq!(said["findings"], serde_json::json!(["protected"]), "{said}");
        assert!(!events.iter().any(|event| event["event"] == "referral"), "{events:?}");
        Some(())
    });
    for outcome in ["no-action", "protected"] {
        let second = ["finding", request, "--outcome", outcome];
        let told = world.desk("lawyer", &second).failed(4, "reported-already");
        let what = told["what"].as_str().unwrap();
        assert!(what.ends_with("protection was given"), "{told}");
    }
    let inbox = world
        .run(&["inbox", "--phrase-file", "phrase.txt", "--json"])
        .ok()
        .event("filing");
    let acts = inbox["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 20, "nothing was filed twice: {inbox}");
    assert!(acts.iter().all(|act| act["standing"] == "counts"), "{inbox}");
    let late = world.run(&[
        "inbox",
        "--phrase-file",
        "phrase.txt",
        "--object",
        &request[..12],
        "--json",
    ]);
    late.failed(4, "released");
}

/// Assistance that was offered and is overdue waits in the reader's queue until it is delivered; she sees each word.
fn aid(world: &World, code: &str) {
    let word = |measure: &str, status: &str, more: &[&str]| {
        let verb = [
            "aid",
            code,
            "--measure",
            measure,
            "--provider",
            "Refugio A",
            "--status",
            status,
        ];
        world.desk("lawyer", &[&verb[..], more].concat())
    };
    let misspelt = word("sheltre", "offered", &[]).failed(2, "usage");
    assert!(misspelt["why"].as_str().unwrap().contains("shelter"), "{misspelt}");
    word("shelter", "offered", &["--due", "yesterday"]).failed(2, "usage");
    word("shelter", "delivered", &["--due", "2020-01-01"]).failed(2, "statement-rule");
    word("shelter", "offered", &["--request", "ffffffff"]).failed(3, "unknown-name");
    word("shelter", "offered", &["--due", "2020-01-01"]).ok();
    word("x-transport", "accepted", &[]).ok();
    let waits = |run: &support::Run| run.events().into_iter().find(|event| event["task"] == "aid");
    world.until("the aid in the queue", || {
        let task = waits(&world.desk("lawyer", &["queue"]).ok())?;
        assert_eq!(
            (&task["measure"], &task["is_overdue"]),
            (&"shelter".into(), &true.into()),
            "{task}"
        );
        Some(())
    });
    word("shelter", "accepted", &[]).ok();
    world.until("the accepted aid, due as before", || {
        let task = waits(&world.desk("lawyer", &["queue"]).ok())?;
        assert_eq!(task["due"], "2020-01-01", "{task}");
        (task["status"] == "accepted").then_some(())
    });
    word("shelter", "delivered", &[]).ok();
    world.until("nothing owed", || {
        waits(&world.desk("lawyer", &["queue"]).ok()).is_none().then_some(())
    });
    let hers = world.run(&["inbox", "--phrase-file", "phrase.txt"]).ok().stdout;
    for line in [
        "refugios y albergues; refugios especializados en trata by Refugio A: offered, due 2020-01-01",
        "refugios especializados en trata by Refugio A: delivered",
        "aid: transport by",
    ] {
        assert!(hers.contains(line), "{line} in {hers}");
    }
    let spanish = world
        .run(&["--lang", "es", "inbox", "--phrase-file", "phrase.txt"])
        .ok()
        .stdout;
    let key = support::key_arguments("lawyer");
    let key: Vec<&str> = key.iter().map(String::as_str).collect();
    let queue = world.run(&[&["queue", "--lang", "es"], &key[..]].concat()).ok().stdout;
    for said in [&hers, &spanish, &queue] {
        no_codes(said);
    }
}

/// No code of a closed list stands where a person reads. Codes that are words in English too are told by their kind.
fn no_codes(said: &str) {
    let library = law_data::library().unwrap();
    let measures = library.measures.iter().map(|owed| owed.shown.id.as_str());
    let lists = [
        json_names(&protocol::statement::OpeningOutcome::ALL),
        json_names(&protocol::statement::Reason::ALL),
        json_names(&protocol::statement::Attention::ALL),
    ];
    let codes = lists.iter().flatten().map(String::as_str).chain(measures);
    for code in codes.filter(|code| code.contains(['_', '-'])) {
        assert!(!said.contains(code), "{code} in {said}");
    }
}

fn json_names(list: &[impl serde::Serialize]) -> Vec<String> {
    let name = |one| serde_json::to_value(one).unwrap().as_str().unwrap().to_owned();
    list.iter().map(name).collect()
}

/// Reports from what `open` left: acts and digests are the log's, her words stay where they are.
fn reports(world: &World, code: &str, request: &str) {
    let record = std::fs::read_to_string(world.path("opened/record.json")).unwrap();
    assert!(
        record.contains(request) && !record.contains("What happened"),
        "{record}"
    );
    let facts = r#"{"date":"2019-05-10","entity":"MX-TLA","forum":"local","facts":{"act_recruit":true},
        "passages":{"act_recruit":"with an ñ"}}"#;
    std::fs::write(world.path("facts.json"), facts).unwrap();
    let report = |kind: &str, more: &[&str]| world.run(&[&["report", kind, "opened", "--json"], more].concat());
    let page = |name: &str| std::fs::read_to_string(world.path(name)).unwrap();
    let told = report("custody", &[]).ok().event("result");
    let custody = page("opened/custody.html");
    for words in [
        code,
        request,
        told["sha256"].as_str().unwrap(),
        "photo.jpg",
        "size: letter",
        SEATS[0],
    ] {
        assert!(custody.contains(words), "{words}");
    }
    assert_eq!(
        custody.matches("<mark>").count(),
        told["gaps"].as_array().unwrap().len()
    );
    report("assessment", &[]).failed(2, "usage");
    let assessed = report("assessment", &["--facts", "facts.json", "--paper", "a4"]).ok();
    assert!(page("opened/assessment.html").contains("«with an ñ»") && assessed.code == 0);
    std::fs::write(world.path("facts.json"), facts.replace("with an ñ", "never said")).unwrap();
    let invented = report("assessment", &["--facts", "facts.json", "--force"]).failed(2, "passage");
    assert!(invented["what"].as_str().unwrap().contains("never said"), "{invented}");
    for kind in ["evidence", "measures"] {
        report(kind, &["--format", "docx", "--out", "report.docx", "--force"]).ok();
        assert!(std::fs::read(world.path("report.docx")).unwrap().starts_with(b"PK"));
    }
    let nothing = world.run(&["report", "custody", "objects", "--json"]);
    nothing.failed(3, "no-record");
}

/// A message to her is no act; declining is one; nothing lapses or is erased before its time.
fn custody(world: &World, code: &str) {
    let write = |text: &str| {
        std::fs::write(world.path("answer.txt"), text).unwrap();
        world.desk(SEATS[0], &["message", code, "--text", "answer.txt"])
    };
    for text in ["", "a\ttab", "\u{202e}", &"a".repeat(1_501)] {
        write(text).failed(2, "usage");
    }
    for text in ["¿Podemos vernos?", "Tell us your eight words.", "Haz un depósito."] {
        write(text).failed(2, "asks-her");
    }
    std::fs::write(world.path("answer.txt"), "¿Podemos vernos?").unwrap();
    world
        .desk(SEATS[1], &["message", code, "--text", "answer.txt", "--even-so"])
        .ok();
    world
        .desk(
            SEATS[1],
            &["message", code, "--template", "received", "--language", "en"],
        )
        .ok();
    assert_eq!(
        world.desk(SEATS[1], &["message", code]).code,
        2,
        "neither a text nor a template"
    );
    std::fs::write(world.path("answer.txt"), "Buenas tardes.").unwrap();
    world
        .desk("lawyer", &["message", code, "--text", "answer.txt"])
        .failed(7, "wrong-office");
    let first = write("Leímos tu testimonio.\nNo tienes que hacer nada.\n")
        .ok()
        .event("result");
    let second = write("Aquí seguimos.").ok().event("result");
    assert_ne!(first["statement"], second["statement"]);
    let step = |step: &str| world.desk(SEATS[0], &["lapse", code, "--step", step]);
    step("inquiry").failed(4, "no-lapse");
    step("decide").failed(4, "no-lapse");
    world.desk(SEATS[0], &["erased", code]).failed(4, "nothing-to-erase");
    let declined = world.desk(SEATS[0], &["decline", code]).ok().event("result");
    let again = world.desk(SEATS[0], &["decline", code]);
    assert!(
        again.code == 0 || again.event("error")["code"] == "done",
        "{}",
        again.stdout
    );
    if again.code == 0 {
        assert_eq!(again.event("result"), declined, "within a step it is the same promise");
    }
    world.until("the declining in her inbox", || {
        let hers = world.run(&["inbox", "--phrase-file", "phrase.txt"]).ok().stdout;
        hers.contains("declines: no testimony").then_some(())
    });
    world.desk(SEATS[0], &["erased", code]).failed(4, "nothing-to-erase");
}

fn log_and_receipts(world: &World) {
    let verified = world.run(&["log", "verify", "--json"]).ok().event("result");
    assert!(verified["size"].as_u64().unwrap() > 20 && verified["skipped"] == 0);
    let human = world.run(&["log", "verify", &world.base()]).ok();
    world.run(&["log", "verify", "root.json"]).ok();
    let alone = ["log", "verify", &world.base(), "--root", "none.json", "--json"];
    world.run(&alone).failed(3, "file-not-found");
    assert_eq!(
        human.stdout.lines().count(),
        6,
        "five lines and the result\n{}",
        human.stdout
    );
    world.run(&["log", "proof", "3", "--out", "three.proof"]).ok();
    world.run(&["receipt", "verify", "three.proof"]).ok();
    world.run(&["log", "proof", "999999", "--json"]).failed(3, "no-entry");
    let text = std::fs::read_to_string(world.path("filing.receipt")).unwrap();
    let bad: String = text.replacen("index ", "index 1", 1);
    std::fs::write(world.path("bad.receipt"), bad).unwrap();
    world
        .run(&["receipt", "verify", "bad.receipt", "--json"])
        .failed(1, "receipt");
    let doctor = ["doctor", "--root", "root.json", "--config", "operator/resguardo.toml"];
    let told = world.run(&[&doctor[..], &["--json"]].concat()).ok().events();
    // Each cosigner has a line of its own.
    let checks = told.iter().filter_map(|event| event["check"].as_str());
    let mut checks: Vec<&str> = checks.filter(|check| *check != "cosigner").collect();
    checks.sort_unstable();
    let twice = checks.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None, "each check stands once: {checks:?}");
    for name in [
        "address",
        "checkpoint",
        "clock",
        "config",
        "council",
        "keys",
        "log",
        "root",
        "store",
    ] {
        assert!(checks.contains(&name), "{name} in {checks:?}");
    }
    let shown = world.run(&["council", "show", "--json"]).ok().event("result");
    let local = world
        .run(&["council", "show", "operator/council.json", "--json"])
        .ok()
        .event("result");
    assert_eq!(shown["fingerprint"], local["fingerprint"]);
}

/// Her objection by office cell, a seat's after it, and an urgent request by another way.
fn objections(world: &World) {
    let seal = [
        "seal",
        "--account",
        "account.txt",
        "--phrase-out",
        "second.txt",
        "--soon",
        "--receipt",
        "second.receipt",
    ];
    world.run(&seal).ok();
    let code = world.acknowledge(&SEATS, "all");
    world.desk(SEATS[4], &["refer", &code, "--reader", "6"]).ok();
    let asking = [
        "request",
        &code,
        "--purpose",
        "danger to life",
        "--basis",
        "art. 2",
        "--urgent",
    ];
    let request = world.desk("lawyer", &asking).ok().event("result")["request"]
        .as_str()
        .unwrap()
        .to_owned();
    world.until("the request in the log", || {
        let queue = world.desk(SEATS[4], &["queue"]).ok();
        let task = queue.events().into_iter().find(|event| event["task"] == "decide")?;
        assert_eq!(
            (&task["request"], &task["urgent"]),
            (&Value::from(request.as_str()), &Value::from(true))
        );
        Some(())
    });
    world.until("her objection", || {
        let run = world.run(&[
            "inbox",
            "--phrase-file",
            "second.txt",
            "--object",
            &request[..12],
            "--json",
        ]);
        (run.code == 0).then_some(())
    });
    world.until("her objection in her slots", || {
        world.desk(SEATS[0], &["queue"]).ok();
        let run = world.run(&["inbox", "--phrase-file", "second.txt"]).ok();
        run.stdout.contains("she objects").then_some(())
    });
    world.desk(SEATS[1], &["grant", &request]).ok();
    // Each party has an objection of its own, hers before it or not.
    world.desk(SEATS[1], &["object", &request]).ok();
    let early = world.until("the grant in the log", || {
        let run = world.desk(SEATS[1], &["release", &request]);
        (run.event("error")["code"] != "not-granted").then_some(run)
    });
    assert_eq!(early.code, 4, "{}", early.stdout);
    let second = ["request", &code, "--purpose", "inquiry", "--basis", "art. 3"];
    let told = world.desk("lawyer", &second).failed(4, "asked-already");
    assert!(told["why"].as_str().unwrap().contains(&request[..12]), "{told}");
    assert!(told["do"].as_str().unwrap().contains("--again"), "{told}");
    let again = [&second[..], &["--again"]].concat();
    let request = world.desk("lawyer", &again).ok().event("result")["request"]
        .as_str()
        .unwrap()
        .to_owned();
    world.until("the second request in the log", || {
        let run = world.desk(SEATS[2], &["object", &request]);
        (run.code == 0).then_some(())
    });
    world.until("the seat's objection in her slots", || {
        let run = world.run(&["inbox", "--phrase-file", "second.txt"]).ok();
        run.stdout.contains("seat 3 objects").then_some(())
    });
}
