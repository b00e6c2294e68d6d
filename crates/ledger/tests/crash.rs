//! A process that is killed, and a disk that fills up: what it had printed as accepted is there afterwards.
//!
//! The child is this program again, started on one of its ignored tests.

use crate::support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ledger::sqlite::{self, Options};
use ledger::{Error, Submission};
use support::{Blobs, act, assert_sound, assert_whole, options, read_note, step};

const FOLDER: &str = "LEDGER_TEST_FOLDER";
const FIRST: &str = "LEDGER_TEST_FIRST";

/// Acts that the children of one round may try.
const PER_ROUND: u64 = 1_000_000;

fn variable(name: &str) -> String {
    std::env::var(name).expect("only started by another test of this file")
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes())
        .and_then(|()| out.flush())
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of `killed_at_random_moments`"]
async fn child_that_is_killed() {
    let ledger = sqlite::open(&options(Path::new(&variable(FOLDER)))).unwrap();
    let first: u64 = variable(FIRST).parse().unwrap();
    for client in 0..8 {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            for number in (first + client..first + PER_ROUND).step_by(8) {
                ledger.submit(act(number)).await.unwrap();
                say(&format!("accepted {number}"));
            }
        });
    }
    tokio::task::spawn_blocking(move || {
        for at in first.. {
            let note = step(&ledger, at, 64).unwrap();
            let (size, root) = read_note(&note);
            say(&format!("note {size} {}", base16ct::lower::encode_string(&root.0)));
        }
    })
    .await
    .unwrap();
}

fn start(command: &mut Command, test: &str, folder: &Path, first: u64) -> Child {
    command
        .args(["--exact", test, "--ignored", "--nocapture", "--quiet"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[test]
fn killed_at_random_moments() {
    let folder = tempfile::tempdir().unwrap();
    let mut accepted: Vec<u64> = Vec::new();
    let mut notes: Vec<(u64, String)> = Vec::new();
    for round in 0..5 {
        let first = 5 + round * PER_ROUND;
        let mut child = start(
            &mut Command::new(std::env::current_exe().unwrap()),
            "crash::child_that_is_killed",
            folder.path(),
            first,
        );
        let out = BufReader::new(child.stdout.take().unwrap());
        let (line, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            // Ends with the child.
            out.lines().map_while(Result::ok).try_for_each(|found| line.send(found))
        });
        // Random moments of its work, not of its start, which on a busy machine takes long.
        let mut said = vec![lines.recv_timeout(Duration::from_secs(60)).unwrap()];
        while !said.last().is_some_and(|line| line.starts_with("accepted")) {
            said.push(lines.recv_timeout(Duration::from_secs(60)).unwrap());
        }
        let wait = u64::from(getrandom::u32().unwrap() % 500);
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        said.extend(lines);
        for line in said {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["accepted", number] => accepted.push(number.parse().unwrap()),
                ["note", size, root] if root.len() == 64 => notes.push((size.parse().unwrap(), (*root).to_owned())),
                _ => {}
            }
        }
        assert_sound(folder.path());
        let ledger = sqlite::open(&options(folder.path())).unwrap();
        for number in &accepted {
            let mut act = act(*number);
            // Looking through the whole list for each is left to fsck.
            act.items.clear();
            assert_whole(&ledger, &act);
        }
        let listed = ledger.list("office", 0, usize::MAX, 0).unwrap();
        let listed: std::collections::HashSet<Vec<u8>> = listed.into_iter().map(|item| item.bytes).collect();
        assert!(
            accepted
                .iter()
                .all(|number| listed.contains(number.to_be_bytes().as_slice()))
        );
        for (size, root) in &notes {
            let found = tlog::proof::root(*size, &ledger.nodes()).unwrap();
            assert_eq!(
                &base16ct::lower::encode_string(&found.0),
                root,
                "round {round}, after {wait} ms"
            );
        }
    }
    assert!(
        accepted.len() > 20 && notes.len() > 2,
        "{} acts, {} notes",
        accepted.len(),
        notes.len()
    );
}

/// An act with a blob of 20,000 bytes for the database.
fn bulky(number: u64) -> Submission {
    let bytes: Vec<u8> = number.to_be_bytes().iter().copied().cycle().take(20_000).collect();
    act(number).with_blobs([bytes])
}

fn roomy(folder: &Path) -> Options {
    Options {
        inline_max: 100_000,
        ..options(folder)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of `a_full_disk_refuses_and_loses_nothing`"]
async fn child_without_room() {
    let ledger = sqlite::open(&roomy(Path::new(&variable(FOLDER)))).unwrap();
    let huge = vec![7; 8 << 20];
    let large = act(999).with_blobs([huge.clone()]);
    assert!(
        matches!(ledger.submit(large).await, Err(Error::Full)),
        "a file without room"
    );
    assert!(matches!(
        ledger.uploads().put(&[1; 32], 0, &huge, None, 1 << 30),
        Err(Error::Full)
    ));
    let mut refused = 0;
    for number in 0..10_000 {
        match ledger.submit(bulky(number)).await {
            Ok(_) => say(&format!("accepted {number}")),
            Err(Error::Full) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5);
    say("full");
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    // No file may pass 4 MiB; the signal that tells so is ignored, so that the write fails instead.
    shell
        .args(["-c", r#"trap '' XFSZ; ulimit -f 8192; exec "$0" "$@""#])
        .arg(std::env::current_exe().unwrap());
    let child = start(&mut shell, "crash::child_without_room", folder.path(), 0);
    let output = child.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && lines.contains("full"), "{lines}");
    let accepted: Vec<u64> = lines
        .lines()
        .filter_map(|line| line.strip_prefix("accepted ")?.parse().ok())
        .collect();
    assert!(accepted.len() > 50, "{}", accepted.len());
    assert_sound(folder.path());
    let ledger = sqlite::open(&roomy(folder.path())).unwrap();
    accepted
        .iter()
        .for_each(|number| assert_whole(&ledger, &bulky(*number)));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(ledger.submit(bulky(50_000))).unwrap();
}
