//! The command line by itself: help, exit statuses, manners. No network.

use crate::support;

use clap::{Command, CommandFactory as _};
use resguardo::args::Cli;
use support::{run_in, run_with};

/// Every verb with its path.
fn verbs(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let path = [path, &[verb.get_name().to_owned()]].concat();
        verbs(verb, &path, found);
        found.push((path, verb.clone()));
    }
}

fn all() -> Vec<(Vec<String>, Command)> {
    let mut found = Vec::new();
    verbs(&Cli::command(), &[], &mut found);
    found
}

#[test]
fn every_help_begins_with_an_example_of_that_verb() {
    let folder = tempfile::tempdir().expect("a folder");
    let verbs = all();
    assert!(verbs.len() > 35, "{} verbs", verbs.len());
    for (path, _) in verbs {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let run = run_in(folder.path(), &arguments).ok();
        let first = run.stdout.lines().next().unwrap_or_default();
        let example = format!("Example: resguardo {}", path.join(" "));
        assert!(first.starts_with(&example), "`{}` begins with: {first}", path.join(" "));
    }
}

#[test]
fn publishing_a_council_says_that_no_passphrase_is_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = run_in(folder.path(), &["council", "publish", "--help"]).ok().stdout;
    assert!(help.contains("no passphrase is asked for"), "{help}");
}

#[test]
fn every_example_is_a_command_line_that_parses() {
    for (path, verb) in all().into_iter().filter(|(_, verb)| !verb.has_subcommands()) {
        let help = verb.get_before_help().expect("an example").to_string();
        let line = help.trim().trim_start_matches("Example: ");
        let words = split(line);
        let parsed = Cli::command().try_get_matches_from(words);
        assert!(
            parsed.is_ok(),
            "`{}`: {line}\n{}",
            path.join(" "),
            parsed.err().map_or(String::new(), |e| e.to_string())
        );
    }
}

/// Splits a line as a shell would, with double quotes only.
fn split(line: &str) -> Vec<String> {
    let pieces = line.split('"').enumerate();
    let mut words: Vec<String> = Vec::new();
    for (number, piece) in pieces {
        if number % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn no_option_takes_a_phrase_or_a_passphrase() {
    let secret = |name: &str| name.contains("phrase") || name.contains("secret") || name.contains("password");
    for (path, verb) in all() {
        for option in verb.get_arguments() {
            let name = option.get_id().as_str();
            let source = ["_file", "_fd", "_out"].iter().any(|suffix| name.ends_with(suffix));
            assert!(!secret(name) || source, "`{}` takes {name}", path.join(" "));
        }
    }
}

#[test]
fn wrong_use_is_2_a_missing_file_3_and_a_wrong_key_7() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    for arguments in [
        &["nothing"][..],
        &[],
        &["seal"],
        &["refuse", "ab", "--reason", "because", "--key", "k"],
    ] {
        assert_eq!(run(arguments).code, 2, "{arguments:?}");
    }
    run(&["receipt", "verify", "none", "--json"]).failed(3, "file-not-found");
    run(&["key", "show", "none.card", "--json"]).failed(3, "file-not-found");
    run(&["init", "--origin", "Wrong Name", "--passphrase-out", "p", "--json"]).failed(2, "usage");
    run(&["doctor", "--json"]).failed(2, "usage");
    for verb in ["serve", "fsck", "rebuild", "backup", "restore"] {
        let refused = run(&[verb, "--json"]).failed(3, "file-not-found");
        assert!(
            refused["do"].as_str().expect("a text").contains("RESGUARDO_CONFIG"),
            "{refused}"
        );
        let nowhere = [("RESGUARDO_CONFIG", "nowhere.toml")];
        run_with(folder.path(), &nowhere, &[verb, "--json"]).failed(3, "file-not-found");
    }
    for verb in ["fsck", "rebuild"] {
        run(&[verb, "nowhere", "--json"]).failed(3, "no-store");
    }
    run(&["backup", "nowhere", "copy", "--json"]).failed(3, "no-store");
    run(&["restore", "nowhere", "store", "--unchecked", "--json"]).failed(3, "no-copy");
    std::fs::create_dir(folder.path().join("there")).expect("made");
    run(&["restore", "nowhere", "there", "--unchecked", "--json"]).failed(2, "exists");
    let new = ["key", "new", "--role", "seat", "--institution", "I", "--low-work", "k"];
    run(&[&new[..], &["--json"]].concat()).failed(2, "usage");
    run(&[&new[..], &["--passphrase-out", "k.pass"]].concat()).ok();
    run(&[&new[..], &["--passphrase-out", "other.pass", "--json"]].concat()).failed(2, "exists");
    run(&["key", "check", "--key", "k.key", "--passphrase-file", "k.pass"]).ok();
    run(&[
        "key",
        "check",
        "--key",
        "k.card",
        "--passphrase-file",
        "k.pass",
        "--json",
    ])
    .failed(7, "not-a-key-file");
    run(&["key", "check", "--key", "k.key", "--json"]).failed(7, "nobody-to-ask");
    std::fs::write(folder.path().join("wrong.pass"), "one two three four five six\n").expect("written");
    let wrong = run(&[
        "key",
        "check",
        "--key",
        "k.key",
        "--passphrase-file",
        "wrong.pass",
        "--json",
    ]);
    wrong.failed(7, "wrong-passphrase");
    run(&["key", "show", "k.key", "--json"]).failed(7, "not-a-card");
}

#[test]
fn a_failure_says_what_why_and_do_on_standard_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run_in(folder.path(), &["receipt", "verify", "none"]);
    assert!(run.stdout.is_empty());
    for part in ["error: file not found (exit 3)", "  What: ", "  Why:  ", "  Do:   "] {
        assert!(run.stderr.contains(part), "{part:?} in {}", run.stderr);
    }
    assert!(!run.stderr.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn a_key_file_is_for_its_owner_and_its_passphrase_is_not_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = [
        "key",
        "new",
        "--role",
        "reader",
        "--institution",
        "I",
        "--low-work",
        "--passphrase-out",
        "k.pass",
        "k",
    ];
    let run = run_in(folder.path(), &new).ok();
    let passphrase = std::fs::read_to_string(folder.path().join("k.pass")).expect("written");
    assert_eq!(passphrase.split_whitespace().count(), 6);
    assert!(!run.stdout.contains(passphrase.trim()) && !run.stderr.contains(passphrase.trim()));
    #[cfg(unix)]
    for name in ["k.key", "k.pass"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join(name))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn a_low_work_factor_is_for_demos_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let init = [
        "init",
        "--low-work",
        "--passphrase-out",
        "p",
        "--origin",
        "real.example/log",
        "--json",
    ];
    run_in(folder.path(), &init).failed(2, "usage");
    assert!(!folder.path().join("operator").exists());
}

/// Verbs whose example needs no file and no network: it succeeds anywhere.
const NEED_NOTHING: [&str; 7] = [
    "law explain",
    "law sources",
    "law ask",
    "law search",
    "law new",
    "law schema",
    "law export",
];

/// Each verb fails in its own way, as one error event with all its parts and nothing that is not JSON.
#[test]
fn every_verb_tells_its_failure_as_json_with_what_why_and_do() {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, verb) in all() {
        let name = path.join(" ");
        let mut wrong: Vec<&str> = path.iter().map(String::as_str).collect();
        wrong.extend(["--no-such-option", "--json"]);
        whole(&name, run_in(folder.path(), &wrong), Some((2, "usage")));
        if verb.has_subcommands() {
            let bare: Vec<&str> = path.iter().map(String::as_str).chain(["--json"]).collect();
            whole(&name, run_in(folder.path(), &bare), Some((2, "usage")));
            continue;
        }
        if name == "demo" {
            continue;
        }
        // The example of its help, in a folder where nothing is that it names.
        let help = verb.get_before_help().expect("an example").to_string();
        let words = split(help.trim().trim_start_matches("Example: resguardo "));
        let mut example: Vec<&str> = words.iter().map(String::as_str).collect();
        example.push("--json");
        let run = run_in(folder.path(), &example);
        if NEED_NOTHING.contains(&name.as_str()) {
            assert!(!run.ok().events().is_empty(), "`{name}` answers in JSON");
        } else {
            whole(&name, run, None);
        }
    }
}

#[track_caller]
fn whole(name: &str, run: support::Run, expected: Option<(i32, &str)>) {
    assert!(
        run.code != 0 && run.code != 70,
        "`{name}`: {}\n{}{}",
        run.code,
        run.stdout,
        run.stderr
    );
    assert!(
        run.stderr.is_empty(),
        "`{name}` under --json writes to standard error: {}",
        run.stderr
    );
    let error = run.event("error");
    assert_eq!(
        run.events().last(),
        Some(&error),
        "`{name}`: the error is the last event"
    );
    for part in ["code", "what", "why", "do"] {
        let text = error[part].as_str().unwrap_or_default();
        assert!(!text.trim().is_empty(), "`{name}`: no {part} in {error}");
    }
    assert_eq!(error["exit"], run.code, "`{name}`");
    if let Some((exit, code)) = expected {
        assert_eq!(
            (run.code, error["code"].as_str()),
            (exit, Some(code)),
            "`{name}`: {error}"
        );
    }
}

#[test]
fn a_misspelt_command_line_is_told_in_words_and_help_stays_help() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run_in(folder.path(), &["refuse", "ab", "--reason", "because", "--key", "k"]);
    for part in [
        "error: usage (exit 2)",
        "  What: ",
        "  Why:  it can be no-basis, policy, other",
        "  Do:   ",
    ] {
        assert!(run.stderr.contains(part), "{part:?} in {}", run.stderr);
    }
    let missing = run_in(folder.path(), &["send", "--json"]).failed(2, "usage");
    assert!(
        missing["why"].as_str().is_some_and(|why| why.contains("PACKAGE")),
        "{missing}"
    );
    let near = run_in(folder.path(), &["seel", "--json"]).failed(2, "usage");
    assert!(near["why"].as_str().is_some_and(|why| why.contains("seal")), "{near}");
    let version = run_in(folder.path(), &["--version", "--json"]).ok();
    assert!(version.stdout.starts_with("resguardo "));
}

/// Seats that one authority can order are told in words at every step, and never by accident.
#[test]
fn a_council_under_one_authority_is_told_in_words() {
    let world = support::World::prepared();
    for number in 1..=5 {
        let (name, pass) = (format!("s{number}"), format!("s{number}.pass"));
        let new = ["key", "new", "--role", "seat", "--institution", &name, "--low-work"];
        let more = ["--controller", "One ministry", "--passphrase-out", &pass, &name];
        world.run(&[&new[..], &more].concat()).ok();
    }
    let log = std::fs::read_to_string(world.path("operator/log.vkey")).expect("a vkey");
    let show = [
        "node",
        "cosign",
        "--name",
        "c.test",
        "--log",
        log.trim(),
        "--state",
        "c",
        "--show-vkey",
    ];
    let key = ["--key", "cosigner.key", "--passphrase-file", "cosigner.pass"];
    let vkey = world.run(&[&show[..], &key].concat()).ok().stdout;
    for (name, role) in [(support::SEATS[0], "seat"), ("lawyer", "reader")] {
        let key = support::key_arguments(name);
        let key: Vec<&str> = key.iter().map(String::as_str).chain(["--json"]).collect();
        let refused = world.run(&[&show[..], &key].concat()).failed(7, "wrong-role");
        let what = refused["what"].as_str().unwrap_or_default();
        assert!(
            what.contains(&format!("the key of a {role}, not of a cosigner")),
            "{refused}"
        );
        assert!(
            refused["do"]
                .as_str()
                .is_some_and(|text| text.contains("--role cosigner")),
            "{refused}"
        );
    }
    let cosigner = format!("{} http://127.0.0.1:1", vkey.trim());
    let cards = [
        "council", "draft", "s1.card", "s2.card", "s3.card", "s4.card", "s5.card",
    ];
    let more = [
        "--account",
        "3",
        "--identity",
        "4",
        "--config",
        "operator/resguardo.toml",
        "--json",
    ];
    let draft = [&cards[..], &more, &["--cosigners", &cosigner]].concat();
    world.run(&draft).failed(2, "bad-council");
    let told = world
        .run(&[&draft[..], &["--concentrated"]].concat())
        .ok()
        .event("concentrated");
    assert_eq!(
        (&told["controller"], &told["seats"]),
        (&"One ministry".into(), &5.into())
    );
    let shown = world.run(&["council", "show", "draft.json"]).ok().stdout;
    assert!(
        shown.contains("One ministry can order 5 of 5 seats") && shown.contains("under One ministry"),
        "{shown}"
    );
    let sign = [
        "council",
        "sign",
        "draft.json",
        "--key",
        "s1.key",
        "--passphrase-file",
        "s1.pass",
        "--json",
    ];
    assert_eq!(world.run(&sign).ok().event("concentrated")["seats"], 5);
}
