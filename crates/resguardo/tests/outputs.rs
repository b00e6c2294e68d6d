//! Where commands write: never over what they read, never over what is there, into devices and not in their place; and
//! what they print is not believed to be printed.
#![cfg(unix)]

use crate::support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use resguardo::args::Cli;
use support::{PROGRAM, Run, SEATS, World, run_in};

/// Runs a shell line in a folder; `resguardo` is the program under test.
fn shell(folder: &Path, line: &str) -> Run {
    let output = Command::new("sh")
        .args(["-c", &format!("resguardo() {{ {PROGRAM} \"$@\"; }}; {line}")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn key_new<'a>(name: &'a str, passphrase_out: &'a str) -> [&'a str; 10] {
    let out = ["--passphrase-out", passphrase_out, "--json", name];
    let [a, b, c, d] = out;
    ["key", "new", "--role", "seat", "--institution", "Registry", a, b, c, d]
}

/// Everything in a folder: name, and what it is.
fn listing(folder: &Path) -> BTreeSet<String> {
    let items = fs::read_dir(folder).unwrap().map(Result::unwrap);
    items
        .map(|item| format!("{:?} {:?}", item.file_name(), item.file_type().unwrap()))
        .collect()
}

#[test]
fn two_outputs_with_one_name_are_refused_under_whatever_spelling() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    symlink("sub", folder.path().join("link")).unwrap();
    let absolute = folder.path().join("k.key");
    let cases = [
        ("k", "k.key"),
        ("k", "k.card"),
        ("k", "./k.key"),
        ("k", "sub/../k.card"),
        ("k", absolute.to_str().unwrap()),
        ("k", "K.KEY"),
        ("sub/k", "link/k.key"),
        ("sub/k", "link/../sub/k.card"),
        ("declaracio\u{301}n", "declaración.key"),
        ("DECLARACIÓN", "declaracio\u{301}n.CARD"),
        ("straße", "STRASSE.key"),
    ];
    let before = listing(folder.path());
    for (name, out) in cases {
        run_in(folder.path(), &key_new(name, out)).failed(2, "output-is-input");
        assert_eq!(listing(folder.path()), before, "{name} {out}");
    }
}

#[test]
fn what_cannot_be_an_output_is_told_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("there"), "kept").unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    symlink("there", folder.path().join("alias")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    let long = "x".repeat(300);
    let before = listing(folder.path());
    for (out, exit) in [
        ("there", 2),
        ("alias", 2),
        ("dangling", 2),
        ("sub", 2),
        ("sub/", 2),
        ("sub/.", 2),
        ("new/", 2),
        ("new/.", 2),
        ("..", 2),
        (".", 2),
        ("", 2),
        ("-", 2),
        ("none/pass", 3),
        ("none/../pass", 3),
        ("there/pass", 6),
        ("loop", 6),
        (&long, 6),
        ("/proc/pass", 3),
    ] {
        let run = run_in(folder.path(), &key_new("k", out));
        let error = run.event("error");
        // /proc takes no file: which of two errors it gives is the kernel's.
        let right = run.code == exit || (out.starts_with("/proc") && [3, 6].contains(&run.code));
        assert!(right, "{out}: {error}");
        assert!(!error["do"].as_str().unwrap().is_empty(), "{out}");
        assert_eq!(listing(folder.path()), before, "{out}");
    }
    assert_eq!(fs::read(folder.path().join("there")).unwrap(), b"kept");
    for name in ["there/k", "none/k", "dangling/k"] {
        let run = run_in(folder.path(), &key_new(name, "p"));
        assert!([3, 6].contains(&run.code), "{name}: {}", run.stdout);
        assert_eq!(listing(folder.path()), before, "{name}");
    }
}

#[test]
fn devices_and_pipes_are_written_into_and_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let run = shell(
        folder.path(),
        "mkfifo pipe; cat pipe > got & resguardo key new --low-work --role seat --institution A --passphrase-out pipe k >&2; wait",
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        fs::symlink_metadata(folder.path().join("pipe"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
    let got = fs::read_to_string(folder.path().join("got")).unwrap();
    assert_eq!(
        got.split_whitespace().count(),
        6,
        "the passphrase went through the pipe"
    );
    let new = "resguardo key new --low-work --role seat --institution A";
    for out in ["/dev/stdout", "/dev/fd/1", "/dev/fd/5"] {
        let name = out.replace('/', "_");
        let run = shell(
            folder.path(),
            &format!("{new} --passphrase-out {out} {name} 5>five | cat"),
        )
        .ok();
        let five = fs::read_to_string(folder.path().join("five")).unwrap();
        let words = if five.is_empty() { run.stdout } else { five };
        assert_eq!(words.lines().next().unwrap().split_whitespace().count(), 6, "{words}");
        let opens = shell(
            folder.path(),
            &format!(
                "echo '{}' > pass; resguardo key check --key {name}.key --passphrase-file pass",
                words.lines().next().unwrap()
            ),
        );
        opens.ok();
    }
    // Standard output that leads into a file is that file, at its end: what is printed after it stands after it.
    let run = shell(
        folder.path(),
        &format!("{new} --passphrase-out /dev/stdout f > file; cat file"),
    );
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next().unwrap().split_whitespace().count(), 6, "{}", run.stdout);
    assert!(lines.next().unwrap().contains("f.key"), "{}", run.stdout);
    if cfg!(target_os = "linux") {
        let before = listing(folder.path());
        run_in(folder.path(), &key_new("full", "/dev/full")).failed(6, "file");
        assert_eq!(
            listing(folder.path()),
            before,
            "no key stays whose passphrase nobody has"
        );
        assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
    }
}

#[test]
fn an_input_is_never_an_output_not_even_by_force() {
    let world = World::prepared();
    let keep = |name: &str| (name.to_owned(), fs::read(world.path(name)).unwrap());
    let names = [
        "bar.card",
        "operator/resguardo.toml",
        "lawyer.card",
        "bar.key",
        "bar.pass",
    ];
    let before: Vec<_> = names.iter().map(|name| keep(name)).collect();
    fs::hard_link(world.path("bar.card"), world.path("hard")).unwrap();
    symlink("bar.card", world.path("soft")).unwrap();
    symlink(".", world.path("here")).unwrap();
    let cards: Vec<String> = SEATS.iter().map(|name| format!("{name}.card")).collect();
    let mut draft = vec![
        "council",
        "draft",
        "--readers",
        "lawyer.card",
        "--account",
        "3",
        "--identity",
        "4",
    ];
    draft.extend(["--config", "operator/resguardo.toml", "--json", "--cosigners", "x"]);
    for out in [
        "bar.card",
        "./bar.card",
        "hard",
        "soft",
        "here/bar.card",
        "here/hard",
        "lawyer.card",
        "operator/resguardo.toml",
        "operator/../bar.card",
    ] {
        for force in [&[][..], &["--force"]] {
            let mut arguments: Vec<&str> = draft.clone();
            arguments.extend(["--out", out]);
            arguments.extend(force);
            arguments.push("--");
            arguments.extend(cards.iter().map(String::as_str));
            world.run(&arguments).failed(2, "output-is-input");
        }
    }
    let after: Vec<_> = names.iter().map(|name| keep(name)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_filing_loses_no_words_and_an_opening_no_account() {
    let world = World::start();
    fs::write(world.path("account.txt"), "What happened, with an ñ.\n").unwrap();
    fs::write(world.path("photo.jpg"), [7; 100]).unwrap();
    fs::create_dir(world.path("sub")).unwrap();
    symlink("account.txt", world.path("alias")).unwrap();
    fs::hard_link(world.path("account.txt"), world.path("hard")).unwrap();
    let before = listing(world.folder.path());
    let seal = ["seal", "--account", "account.txt", "photo.jpg", "--soon", "--json"];
    for (words, receipt, code) in [
        ("w", "w", "output-is-input"),
        ("w", "./w", "output-is-input"),
        ("w", "sub/../w", "output-is-input"),
        ("w", "W", "output-is-input"),
        ("account.txt", "r", "output-is-input"),
        ("w", "account.txt", "output-is-input"),
        ("w", "alias", "output-is-input"),
        ("hard", "r", "output-is-input"),
        ("w", "photo.jpg", "output-is-input"),
        ("w", "root.json", "output-is-input"),
        ("w", "none/r", "file-not-found"),
        ("w", "sub", "usage"),
        ("w", "bar.key", "exists"),
        ("bar.key", "r", "exists"),
    ] {
        let run = world.run(&[&seal[..], &["--phrase-out", words, "--receipt", receipt]].concat());
        let error = run.event("error");
        assert_eq!(error["code"], code, "{words} {receipt}: {error}");
        assert_eq!(
            listing(world.folder.path()),
            before,
            "{words} {receipt}: nothing was done"
        );
    }
    // By force a receipt is replaced, words and inputs never.
    fs::write(world.path("old"), "old").unwrap();
    let forced = [&seal[..], &["--force"]].concat();
    world
        .run(&[&forced[..], &["--phrase-out", "old", "--receipt", "r"]].concat())
        .failed(2, "exists");
    world
        .run(&[&forced[..], &["--phrase-out", "w", "--receipt", "photo.jpg"]].concat())
        .failed(2, "output-is-input");
    world
        .run(&[&seal[..], &["--package", "pk", "--phrase-out", "pk/w"]].concat())
        .failed(2, "output-is-input");
    symlink("old", world.path("link")).unwrap();
    world
        .run(&[&forced[..], &["--phrase-out", "w", "--receipt", "link"]].concat())
        .ok();
    assert!(
        fs::symlink_metadata(world.path("link"))
            .unwrap()
            .file_type()
            .is_symlink(),
        "the link stays"
    );
    assert!(
        fs::read_to_string(world.path("old"))
            .unwrap()
            .starts_with("c2sp.org/tlog-proof")
    );
    let words = fs::read(world.path("w")).unwrap();
    let inbox = ["inbox", "--phrase-file", "w", "--json"];
    for (receipt, more, code) in [
        ("w", &["--force"][..], "output-is-input"),
        ("root.json", &["--force"], "output-is-input"),
        ("old", &[], "exists"),
    ] {
        world
            .run(&[&inbox[..], &["--receipt", receipt], more].concat())
            .failed(2, code);
    }
    assert_eq!(fs::read(world.path("w")).unwrap(), words);
    for out in ["root.json", "old"] {
        let code = if out == "old" { "exists" } else { "output-is-input" };
        world
            .run(&["log", "proof", "0", "--out", out, "--json"])
            .failed(2, code);
    }
    opening(&world);
}

/// From the delivery to the opening, each act into a full disk: it is told, and the act stands. Then the outputs of `open`
/// and `report`.
fn opening(world: &World) {
    let full = |name: &str, arguments: &str| {
        let line = format!("resguardo {arguments} --key {name}.key --passphrase-file {name}.pass > /dev/full");
        let run = shell(world.folder.path(), &line);
        assert!(
            run.code != 6 || run.stderr.contains("standard output did not take the result"),
            "{arguments}: {}",
            run.stderr
        );
        run.code
    };
    let told = |name: &str, arguments: &str| world.until(arguments, || (full(name, arguments) == 6).then_some(()));
    let code = world.acknowledge(&SEATS, "document");
    told(SEATS[4], "shares check");
    told(SEATS[1], &format!("refer {code} --reader 6"));
    let asked = format!("request {code} --purpose inquiry --basis 'art. 1'");
    told("lawyer", &asked);
    let request = world.until("the request", || {
        let queue = world.desk(SEATS[2], &["queue"]).ok();
        let task = queue.events().into_iter().find(|event| event["task"] == "decide")?;
        let shown = queue
            .events()
            .into_iter()
            .find(|event| event["event"] == "asked")
            .unwrap();
        assert_eq!(
            [&shown["purpose"], &shown["basis"], &shown["institution"]],
            ["inquiry", "art. 1", "lawyer"],
            "{shown}"
        );
        Some(task["request"].as_str().unwrap().to_owned())
    });
    let plain = shell(
        world.folder.path(),
        &format!(
            "resguardo grant {request} --key {0}.key --passphrase-file {0}.pass",
            SEATS[0]
        ),
    )
    .ok();
    let shown = plain.stdout.find("inquiry").unwrap();
    assert!(
        shown < plain.stdout.find("✓ grant").unwrap(),
        "what is asked stands first: {}",
        plain.stdout
    );
    told(SEATS[4], &format!("refuse {request} --reason policy"));
    for name in &SEATS[1..3] {
        told(name, &format!("grant {request}"));
    }
    for name in &SEATS[..3] {
        told(name, &format!("release {request}"));
    }
    told("lawyer", "queue");
    outputs_of_open(world, &request);
    told("lawyer", &format!("finding {request} --outcome protected"));
    told(
        "lawyer",
        &format!("aid {code} --measure x-shelter --provider A --status offered"),
    );
    outputs_of_report(world);
    told(SEATS[1], &format!("message {code} --text account.txt"));
    told(SEATS[1], &format!("decline {code}"));
    hers(world, &request);
    // On this case they are refused, and that is told although nothing can be printed.
    for verb in ["lapse --step inquiry CASE", "erased CASE", "attended CASE safe"] {
        assert_eq!(full(SEATS[1], &verb.replace("CASE", &code)), 4, "{verb}");
    }
    printed(world);
}

/// What she sends is sent, and that nobody could be told is exit 6.
fn hers(world: &World, request: &str) {
    for (arguments, code) in [
        ("alive", 6),
        ("say account.txt", 6),
        ("withdraw", 6),
        ("new-words --phrase-out new.words", 6),
        (&format!("consent {request} --no"), 4),
    ] {
        let line = format!("resguardo {arguments} --phrase-file w > /dev/full");
        let run = shell(world.folder.path(), &line);
        assert_eq!(run.code, code, "{arguments}: {}", run.stderr);
    }
}

fn outputs_of_open(world: &World, request: &str) {
    fs::create_dir(world.path("full")).unwrap();
    fs::write(world.path("full").join(std::ffi::OsStr::new("x")), "").unwrap();
    symlink("nowhere", world.path("lost")).unwrap();
    let open = |more: &[&str]| world.desk("lawyer", &[&["open", request, "--at-once"], more].concat());
    for (more, code) in [
        (&["--out", "full"][..], "exists"),
        (&["--out", "bar.key"], "exists"),
        (&["--out", "lost"], "exists"),
        (&["--out", "bar.key/x"], "file"),
        (&["--out", "o", "--objects", "o"], "output-is-input"),
        (&["--out", "o", "--objects", "./sub/../o"], "output-is-input"),
        (&["--out", "o", "--objects", "o/inside"], "output-is-input"),
        (&["--out", "o", "--identity-out", "o/key"], "output-is-input"),
        (&["--out", "o", "--identity-out", "lawyer.key"], "output-is-input"),
        (&["--out", "o", "--identity-out", "lawyer.pass"], "output-is-input"),
        (&["--out", "o", "--identity-out", "none/key"], "file-not-found"),
    ] {
        let error = open(more).event("error");
        assert_eq!(error["code"], code, "{more:?}: {error}");
        assert!(!world.path("o").exists(), "{more:?}");
    }
    // A disk that fails half-way: the request's key is kept, and it opens into another folder.
    if Path::new("/dev/full").exists() {
        let broken = world.until("the releases in the log", || {
            let run = open(&["--out", "half", "--identity-out", "/dev/full"]);
            (run.code != 4).then_some(run)
        });
        broken.failed(6, "file");
    }
    let run = world.until("the releases in the log", || {
        let run = open(&["--out", "opened", "--objects", "sealed", "--identity-out", "identity"]);
        (run.code != 4).then_some(run)
    });
    run.ok();
    assert_eq!(
        fs::read_to_string(world.path("opened/account.txt")).unwrap(),
        "What happened, with an ñ.\n"
    );
}

fn outputs_of_report(world: &World) {
    let report = |more: &[&str]| world.run(&[&["report", "custody", "opened", "--json"], more].concat());
    let before: Vec<_> = ["account.txt", "record.json", "photo.jpg"]
        .iter()
        .map(|name| fs::read(world.path("opened").join(name)).unwrap())
        .collect();
    symlink("opened/account.txt", world.path("to-account")).unwrap();
    for force in [&[][..], &["--force"]] {
        for out in [
            "opened/account.txt",
            "opened/record.json",
            "./opened/../opened/photo.jpg",
            "to-account",
        ] {
            report(&[&["--out", out], force].concat()).failed(2, "output-is-input");
        }
    }
    report(&[]).ok();
    report(&[]).failed(2, "exists");
    report(&["--force"]).ok();
    report(&["--out", "/dev/null"]).ok();
    report(&["--out", "/dev/full"]).failed(6, "file");
    let facts = |passages: &str| {
        fs::write(
            world.path("facts.json"),
            format!(r#"{{"facts":{{"act_recruit":true}},"passages":{passages}}}"#),
        )
        .unwrap();
        world.run(&[
            "report",
            "assessment",
            "opened",
            "--facts",
            "facts.json",
            "--force",
            "--json",
        ])
    };
    let invented = facts(r#"{"act_recruit":["with an ñ","never said"]}"#).failed(2, "passage");
    assert!(
        invented["what"]
            .as_str()
            .unwrap()
            .contains("passage 2 for act_recruit, «never said»"),
        "{invented}"
    );
    assert!(!world.path("opened/assessment.html").exists(), "nothing is printed");
    facts(r#"{"act_recruit":"What\nhappened"}"#).ok();
    // Words that were written into the file afterwards are not hers.
    fs::write(world.path("opened/account.txt"), "What happened, never said.\n").unwrap();
    let altered = facts(r#"{"act_recruit":"never said"}"#).failed(2, "passage");
    assert!(altered["what"].as_str().unwrap().contains("account.txt"), "{altered}");
    fs::write(world.path("opened/account.txt"), &before[0]).unwrap();
    let unknown = facts(r#"{"act_recrut":"What happened"}"#).failed(2, "usage");
    assert!(unknown["what"].as_str().unwrap().contains("act_recrut"), "{unknown}");
    facts(r#"{"act_recruit":"What happened","act_recruit":"x"}"#).failed(2, "usage");
    world
        .run(&[
            "report",
            "custody",
            "opened",
            "--facts",
            "facts.json",
            "--out",
            "facts.json",
            "--force",
            "--json",
        ])
        .failed(2, "output-is-input");
    let after: Vec<_> = ["account.txt", "record.json", "photo.jpg"]
        .iter()
        .map(|name| fs::read(world.path("opened").join(name)).unwrap())
        .collect();
    assert_eq!(before, after);
}

/// A store that is open in the service is not checked, and on a busy machine a log is late: both are said on standard error.
fn may_be_refused(line: &str) -> bool {
    line.starts_with("fsck") || line.starts_with("log monitor")
}

/// Every verb that prints a result, into a full disk and into a pipe that nobody reads.
fn printed(world: &World) {
    fs::write(world.path("case.jsonl"), "{}\n").unwrap();
    fs::write(world.path("dated.jsonl"), "{\"date\":\"2019\"}\n").unwrap();
    fs::copy(world.path("old"), world.path("my.receipt")).unwrap();
    let laws = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../laws/mx");
    let laws = format!("law check {}", laws.display());
    let key = "--key lawyer.key --passphrase-file lawyer.pass";
    let (queue, routine) = (format!("queue {key}"), format!("routine {key}"));
    let check = format!("key check {key}");
    let vkey = fs::read_to_string(world.path("operator/log.vkey")).unwrap();
    let cosign = format!(
        "node cosign --name cosigner.test --state cosigner-state --log {} --key cosigner.key --passphrase-file cosigner.pass --show-vkey",
        vkey.trim()
    );
    // What the story above printed into a full disk, what runs until it is stopped, what stands still below, and what
    // needs an operator who breaks a promise (`monitor`) or a month that is over (`duty`).
    let elsewhere = [
        "shares check",
        "refer",
        "request",
        "grant",
        "refuse",
        "release",
        "finding",
        "aid",
        "message",
        "decline",
        "lapse",
        "erased",
        "attended",
        "alive",
        "say",
        "new-words",
        "withdraw",
        "consent",
        "serve",
        "node mirror",
        "watch",
        "demo",
        "object",
        "open",
        "seal",
        "rebuild",
        "council publish",
        "draft save",
        "draft erase",
        "ask",
        "complain make",
        "duty report",
        "docket open",
        "docket publish",
        "complain verify",
    ];
    let run = shell(
        world.folder.path(),
        "resguardo draft save account.txt --phrase-out draft.words > /dev/full",
    );
    assert_eq!(run.code, 6, "{}", run.stderr);
    let asked = "resguardo ask account.txt --phrase-out asked.words > /dev/full";
    assert_eq!(shell(world.folder.path(), asked).code, 6);
    makers(world, &cosign);
    let makers = [
        "send",
        "restore",
        "backup",
        "init",
        "key new",
        "council draft",
        "council sign",
        "law new",
        "law export",
    ];
    let elsewhere = [&elsewhere[..], &makers].concat();
    let table = [
        "log verify",
        "docket verify",
        "log proof 0",
        "log monitor --state watching",
        "log compare watching/log.checkpoint --state watching",
        "verify-site",
        "council show",
        "receipt verify my.receipt",
        "inbox --phrase-file w",
        "draft open --phrase-file draft.words --out draft.txt --force",
        &queue,
        &routine,
        &check,
        "key show bar.card",
        "law assess case.jsonl",
        "law explain 13",
        "law sources",
        &laws,
        "law ask act_recruit --date 2019-05-10",
        "law search no nos dejaban salir",
        "law schema answer",
        "law export --openfisca dated.jsonl",
        "doctor --root root.json",
        "report custody opened --force",
        &cosign,
        "fsck operator/store",
        "--help",
        "--version",
        "law --help",
        "help seal",
    ];
    let covered = |verb: &str| table.iter().any(|line| line.starts_with(verb)) || elsewhere.contains(&verb);
    for verb in leaves(&Cli::command(), "") {
        assert!(covered(&verb), "`{verb}` is not tried with a full disk");
    }
    for line in table {
        for json in ["", "--json"] {
            if line.contains("help") || line.contains("version") && !json.is_empty() {
                continue;
            }
            let run = shell(world.folder.path(), &format!("resguardo {line} {json} > /dev/full"));
            if run.code == 4 && may_be_refused(line) {
                continue;
            }
            assert_eq!(run.code, 6, "{line} {json}: {}", run.stderr);
            assert!(run.stderr.contains("No space left"), "{line} {json}: {}", run.stderr);
        }
        let run = shell(
            world.folder.path(),
            &format!("{{ resguardo {line} 2>err; echo $? >code; }} | true; cat code err"),
        );
        let quiet =
            run.stdout.lines().next() == Some("0") && !run.stdout.contains("error") && !run.stdout.contains("panic");
        let refused = may_be_refused(line) && !run.stdout.contains("panic");
        assert!(quiet || refused, "{line}: {}", run.stdout);
    }
    let erase = "resguardo draft erase --phrase-file draft.words > /dev/full";
    assert_eq!(shell(world.folder.path(), erase).code, 6);
    for line in ["--help", "--version", "law --help", "help seal", "seal --help"] {
        assert_eq!(
            shell(world.folder.path(), &format!("resguardo {line} > /dev/full")).code,
            6,
            "{line}"
        );
    }
    // A failure is told somewhere even where its JSON cannot be written, with its own status.
    let run = shell(world.folder.path(), "resguardo log proof 999999 --json > /dev/full");
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("counted from 0"), "{}", run.stderr);
}

/// Verbs that make something and then say so: what they made stands, and that nobody could be told is exit 6.
fn makers(world: &World, cosign: &str) {
    let shell = |line: &str| shell(world.folder.path(), &format!("resguardo {line}"));
    let vkey = shell(cosign).stdout;
    let cards = SEATS.map(|seat| format!("{seat}.card")).join(" ");
    let [first, ..] = SEATS;
    let package = "seal --account account.txt --package pack --phrase-out pack.words";
    assert_eq!(shell(package).code, 0);
    for (line, made) in [
        (
            "init --low-work --origin demo.full/log --folder made --passphrase-out made.pass".to_owned(),
            "made/resguardo.toml",
        ),
        (
            "key new --low-work --role seat --institution x --passphrase-out new.pass new".to_owned(),
            "new.card",
        ),
        (
            format!(
                "council draft {cards} --account 3 --identity 4 --objection-s 4 --urgent-s 2 --out new.json \
                 --config operator/resguardo.toml --cosigners '{} http://127.0.0.1:1'",
                vkey.trim()
            ),
            "new.json",
        ),
        (
            format!("council sign new.json --key {first}.key --passphrase-file {first}.pass --out new.signed"),
            "new.signed",
        ),
        ("backup operator/store copy".to_owned(), "copy/format"),
        ("restore copy again --unchecked".to_owned(), "again/format"),
        ("send pack".to_owned(), "pack"),
        ("law new MX-TLA state".to_owned(), "state/cases/cases.toml"),
        ("law export --akn akn".to_owned(), "akn/CPF.xml"),
    ] {
        let run = shell(&format!("{line} > /dev/full"));
        assert_eq!(run.code, 6, "{line}: {}", run.stderr);
        assert!(run.stderr.contains("No space left"), "{line}: {}", run.stderr);
        assert!(world.path(made).exists(), "{line} made nothing");
    }
}

/// The verbs that do something, with their paths.
fn leaves(command: &clap::Command, path: &str) -> Vec<String> {
    let verbs: Vec<_> = command
        .get_subcommands()
        .filter(|verb| verb.get_name() != "help")
        .collect();
    if verbs.is_empty() {
        return vec![path.trim().to_owned()];
    }
    let named = verbs
        .iter()
        .map(|verb| leaves(verb, &format!("{path} {}", verb.get_name())));
    named.flatten().collect()
}
