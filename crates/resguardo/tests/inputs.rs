//! Files as people hand them in: empty, endless, marked by an editor, with a name twice, with text that acts.
#![cfg(unix)]

use crate::support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use support::{Run, World, run_in};

/// How long reading what never ends may take on a slow machine; without a bound it takes all memory first.
const BOUNDED: Duration = Duration::from_secs(180);

/// How an editor or a mail can save a text of UTF-8.
fn marked(text: &str) -> [(&'static str, Vec<u8>); 4] {
    let crlf = text.replace('\n', "\r\n");
    [
        ("mark", format!("\u{feff}{text}").into_bytes()),
        ("crlf", crlf.clone().into_bytes()),
        ("both", format!("\u{feff}{crlf}").into_bytes()),
        ("no end", text.trim_end().as_bytes().to_vec()),
    ]
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn marks_and_line_ends_of_editors_are_passed_over() {
    let world = World::start();
    world.file("words", &["--receipt", "my.receipt", "--identity", "account.txt"]);
    let read = |name: &str| fs::read_to_string(world.path(name)).unwrap();
    let pass = read("lawyer.pass");
    type Try<'a> = (&'a str, String, &'a [&'a str]);
    let tries: [Try<'_>; 6] = [
        (
            "lawyer.pass",
            pass.clone(),
            &["key", "check", "--key", "lawyer.key", "--passphrase-file", "tried"],
        ),
        ("words", read("words"), &["inbox", "--phrase-file", "tried"]),
        ("my.receipt", read("my.receipt"), &["receipt", "verify", "tried"]),
        ("root.json", read("root.json"), &["log", "verify", "tried"]),
        ("bar.card", read("bar.card"), &["key", "show", "tried"]),
        ("draft.json", read("draft.json"), &["council", "show", "tried"]),
    ];
    for (name, text, arguments) in &tries {
        for (how, bytes) in marked(text) {
            fs::write(world.path("tried"), bytes).unwrap();
            let run = world.run(arguments);
            assert_eq!(run.code, 0, "{name} {how}: {}{}", run.stdout, run.stderr);
        }
        fs::write(world.path("tried"), utf16(text)).unwrap();
        let run = world.run(&[arguments, &["--json"][..]].concat());
        let error = run.event("error").to_string();
        if name.ends_with(".json")
            || name.ends_with(".card")
            || name.ends_with("pass")
            || *name == "words"
            || name.ends_with("receipt")
        {
            let named = error.contains("UTF-16") || *name == "draft.json";
            assert!(named && run.code != 0, "{name}: {error}");
        }
    }
    let words: Vec<String> = read("words").split_whitespace().map(str::to_owned).collect();
    let numbered = words
        .iter()
        .zip(1..)
        .map(|(word, number)| format!("{number}. {word}\n"));
    let listed = words.iter().map(|word| format!("- «{}»\n", word.to_uppercase()));
    for text in [
        numbered.collect::<String>(),
        listed.collect(),
        words.join("\n\n"),
        words.join(", "),
    ] {
        for (how, bytes) in marked(&text) {
            fs::write(world.path("tried"), bytes).unwrap();
            let run = world.run(tries[1].2);
            assert_eq!(run.code, 0, "{how} {text}: {}", run.stderr);
        }
    }
    // A mark within is no mark of an editor.
    fs::write(world.path("tried"), format!("{}\u{feff}", pass.trim())).unwrap();
    assert_eq!(world.run(tries[0].2).code, 7);
    // Facts and law files.
    for (how, bytes) in marked("{\"facts\":{\"act_recruit\":true}}\n{}\n") {
        fs::write(world.path("cases"), bytes).unwrap();
        let answered = world.run(&["law", "assess", "cases", "--json"]).ok();
        assert_eq!(answered.stdout.lines().count(), 2, "{how}");
    }
    blank_and_endless(&world);
    foreign_text(&world);
}

/// Nothing is filed that says nothing, and nothing is read without an end.
fn blank_and_endless(world: &World) {
    let size = |world: &World| world.run(&["inbox", "--phrase-file", "words", "--json"]).code;
    let seal = ["seal", "--phrase-out", "never", "--json", "--account"];
    for (name, text) in [
        ("empty", ""),
        ("blank", " \n\t\r\n\u{a0}\u{2003}"),
        ("mark only", "\u{feff}"),
        ("hidden", "\u{200e}\u{202e}\n"),
    ] {
        fs::write(world.path("blank"), text).unwrap();
        let error = world.run(&[&seal[..], &["blank"]].concat()).failed(2, "usage");
        assert!(
            error["what"].as_str().unwrap().contains("holds no words"),
            "{name}: {error}"
        );
        let identity = [&seal[..], &["account.txt", "--identity", "blank"]].concat();
        world.run(&identity).failed(2, "usage");
    }
    for length in [262_145, 300 << 10] {
        fs::write(world.path("long"), "a".repeat(length)).unwrap();
        let error = world
            .run(&[&seal[..], &["long"]].concat())
            .failed(2, "usage")
            .to_string();
        assert!(
            error.contains("262144 bytes") && error.contains("too long for a text"),
            "{error}"
        );
        assert!(!error.contains("files"), "{error}");
    }
    assert!(!world.path("never").exists());
    assert_eq!(size(world), 0);
    if !Path::new("/dev/zero").exists() {
        return;
    }
    let since = Instant::now();
    let refused = |arguments: &[&str]| {
        let run = world.run(&[arguments, &["--json"]].concat());
        assert!(![0, 70].contains(&run.code), "{arguments:?}: {}", run.stdout);
    };
    for endless in ["/dev/zero", "/dev/urandom"] {
        refused(&["seal", "--phrase-out", "never", "--account", endless]);
        refused(&[
            "seal",
            "--phrase-out",
            "never",
            "--account",
            "account.txt",
            "--identity",
            endless,
        ]);
        refused(&["seal", "--phrase-out", "never", "--account", "account.txt", endless]);
        refused(&["inbox", "--phrase-file", endless]);
        refused(&["inbox", "--phrase-file", "words", "--root", endless]);
        refused(&["queue", "--key", endless, "--passphrase-file", "lawyer.pass"]);
        refused(&["queue", "--key", "lawyer.key", "--passphrase-file", endless]);
        refused(&["key", "show", endless]);
        refused(&[
            "key",
            "check",
            "--key",
            "lawyer.key",
            "--passphrase-file",
            "lawyer.pass",
            "--card",
            endless,
        ]);
        refused(&["council", "show", endless]);
        refused(&[
            "council",
            "draft",
            endless,
            "--account",
            "3",
            "--identity",
            "4",
            "--config",
            endless,
        ]);
        refused(&["receipt", "verify", endless]);
        refused(&["law", "assess", endless]);
        refused(&["doctor", "--root", endless, "--config", endless]);
        refused(&["restore", "operator", "new-store", "--checkpoint", endless]);
    }
    assert!(since.elapsed() < BOUNDED * 2, "{:?}", since.elapsed());
}

/// What others wrote acts on nobody's terminal.
fn foreign_text(world: &World) {
    let acts = "\u{1b}[2K\u{1b}]0;x\u{7}";
    for (arguments, text) in [
        (
            &[
                "aid",
                "R-0000-0000",
                "--measure",
                "x-a",
                "--status",
                "offered",
                "--provider",
            ][..],
            format!("A{acts}"),
        ),
        (
            &[
                "aid",
                "R-0000-0000",
                "--measure",
                "x-a",
                "--status",
                "offered",
                "--provider",
            ],
            "A\n9999-12-31  seat 2 grants".to_owned(),
        ),
        (
            &["request", "R-0000-0000", "--basis", "x", "--purpose"],
            "a\u{202e}b".to_owned(),
        ),
        (
            &["request", "R-0000-0000", "--purpose", "x", "--basis"],
            "a\u{9b}2Kb".to_owned(),
        ),
    ] {
        world
            .desk("lawyer", &[arguments, &[text.as_str()]].concat())
            .failed(2, "usage");
    }
}

#[test]
fn names_that_act_make_no_key_and_no_card() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = [
        "a\nb",
        "a\u{1b}[2J",
        "a\u{202e}b",
        "\u{2066}a",
        "a\u{85}b",
        "",
        "\u{200f}",
    ];
    for text in hostile {
        for option in ["--institution", "--controller", "--jurisdiction"] {
            let mut arguments = vec![
                "key",
                "new",
                "--role",
                "seat",
                "--passphrase-out",
                "p",
                "--json",
                option,
                text,
            ];
            if option != "--institution" {
                arguments.extend(["--institution", "A"]);
            }
            arguments.push("k");
            run_in(folder.path(), &arguments).failed(2, "usage");
        }
        let init = [
            "init",
            "--origin",
            "demo.test/log",
            "--passphrase-out",
            "p",
            "--json",
            "--institution",
            text,
        ];
        run_in(folder.path(), &init).failed(2, "usage");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{text:?}");
    }
    // A card that another program wrote is read as strictly, and its text is shown, not obeyed.
    let new = [
        "key",
        "new",
        "--low-work",
        "--role",
        "seat",
        "--institution",
        "A",
        "--passphrase-out",
        "p",
        "k",
    ];
    run_in(folder.path(), &new).ok();
    let card = fs::read_to_string(folder.path().join("k.card")).unwrap();
    for text in ["a\\nb", "a\\u001b[2J", "a\u{202e}b", "\\u2066a"] {
        let written = card.replace("\"institution\": \"A\"", &format!("\"institution\": \"{text}\""));
        assert_ne!(written, card);
        fs::write(folder.path().join("bad.card"), written).unwrap();
        run_in(folder.path(), &["key", "show", "bad.card", "--json"]).failed(7, "not-a-card");
    }
    for name in ["a\u{1b}[2Jb", "a\u{202e}b", "a\nb"] {
        let run = run_in(folder.path(), &["key", "show", name]);
        assert_eq!(run.code, 3);
        assert!(
            !run.stderr.contains(name) && run.stderr.contains("⟨U+"),
            "{}",
            run.stderr
        );
        let run = run_in(folder.path(), &["key", "show", name, "--json"]);
        assert!(!run.stdout.contains(name) && run.event("error")["what"].as_str().unwrap().contains(name));
    }
}

/// What is wrong with a JSON file is told by name and line, whichever file it is.
#[test]
fn a_name_that_is_twice_there_or_unknown_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let new = [
        "key",
        "new",
        "--low-work",
        "--role",
        "seat",
        "--institution",
        "A",
        "--passphrase-out",
        "p",
        "k",
    ];
    run_in(folder.path(), &new).ok();
    let card = fs::read_to_string(folder.path().join("k.card")).unwrap();
    let told = |run: Run, name: &str, line: &str| {
        assert_ne!(run.code, 0);
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(text.contains(name) && text.contains(line), "{name} {line}: {text}");
    };
    let show = |text: String| {
        fs::write(folder.path().join("t.card"), text).unwrap();
        run_in(folder.path(), &["key", "show", "t.card"])
    };
    told(
        show(card.replacen('{', "{\n\"role\": \"reader\",", 1)),
        "`role` stands twice",
        "line 4",
    );
    told(
        show(card.replacen('{', "{\r\n\"rôle\": 1,", 1)),
        "no field `rôle`",
        "line 2",
    );
    told(
        show(format!(
            "\u{feff}{}",
            card.replacen("\"role\"", "\"role\": \"seat\",\n\"role\"", 1)
        )),
        "`role` stands twice",
        "line 4",
    );
    let council = "00".repeat(32);
    let root = format!(
        r#"{{"v":1,"origin":"demo.test/log","log_key":"x","policy":"x","council":"{council}","base_url":"http://x","base_url":"http://y"}}"#
    );
    fs::write(folder.path().join("root.json"), &root).unwrap();
    told(
        run_in(folder.path(), &["log", "verify"]),
        "`base_url` stands twice",
        "line 1",
    );
    fs::write(
        folder.path().join("root.json"),
        root.replacen("\"base_url\":\"http://y\"", "\n\"bas_url\":1", 1),
    )
    .unwrap();
    told(
        run_in(folder.path(), &["log", "verify"]),
        "no field `bas_url`",
        "line 2",
    );
    let cases = [
        (
            r#"{"facts":{"act_recruit":true,"act_recruit":false}}"#,
            "`act_recruit` stands twice",
        ),
        (
            r#"{"facts":{"act_recruit":true},"facts":{}}"#,
            "duplicate field `facts`",
        ),
        (r#"{"date":"2019-05-10","Date":"2019-05-10"}"#, "unknown field `Date`"),
        (r#"{"facts":{"act_recrut":true}}"#, "`act_recrut`"),
        (r#"{"facts":{"\ud800":true}}"#, "column"),
        ("{\"facts\":{\"a\0\":true}}", "column"),
    ];
    let text: String = cases.iter().map(|(line, _)| format!("{line}\n")).collect();
    fs::write(folder.path().join("cases"), format!("{{}}\n{text}")).unwrap();
    let run = run_in(folder.path(), &["law", "assess", "cases"]);
    assert_eq!(run.code, 2);
    for (number, (_, name)) in cases.iter().enumerate() {
        let line = run
            .stdout
            .lines()
            .find(|line| line.starts_with(&format!("line {}:", number + 2)));
        assert!(line.is_some_and(|line| line.contains(name)), "{name}: {}", run.stdout);
    }
    told(
        run_in(folder.path(), &["law", "ask", "act_recruit,!act_recruit"]),
        "`act_recruit`",
        "twice",
    );
}
