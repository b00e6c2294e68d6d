//! The commands that a demo prints, run word for word in a shell while it is up.

use crate::support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deployment::free_ports;
use support::{PROGRAM, Run, Running};

/// Longest wait for the log or for a delivery.
const PATIENCE: Duration = Duration::from_secs(180);

/// A demo that is up, and what it has printed.
fn demo(folder: &Path) -> (Running, Vec<String>) {
    let [port, ..] = free_ports::<3>().unwrap();
    let port = port.to_string();
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .args(["demo", "--folder", "state", "--port", &port]);
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut printed = Vec::new();
    for line in BufReader::new(running.0.stdout.take().unwrap()).lines() {
        printed.push(line.unwrap());
        if printed.last().unwrap().starts_with("Ctrl-C ends everything") {
            return (running, printed);
        }
    }
    panic!("the demo ended by itself: {printed:?}");
}

/// Whoever reads the block puts in what its capitals stand for, and does what its remarks say.
struct Reader {
    first: String,
    folder: std::path::PathBuf,
}

impl Reader {
    fn run(&self, line: &str) -> Run {
        let output = Command::new("sh")
            .args(["-c", &format!("{} && {line}", self.first.trim())])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a line again until it gives what is waited for: an act stands in the log after its step.
    #[track_caller]
    fn until<T>(&self, line: &str, mut look: impl FnMut(&Run) -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            let run = self.run(line);
            if let Some(found) = look(&run) {
                return found;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "`{line}`: {}\n{}{}",
                run.code,
                run.stdout,
                run.stderr
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    #[track_caller]
    fn until_done(&self, line: &str) -> Run {
        self.until(line, |run| {
            (run.code == 0).then(|| Run {
                code: 0,
                stdout: run.stdout.clone(),
                stderr: run.stderr.clone(),
            })
        })
    }
}

#[test]
fn every_command_that_a_demo_prints_works_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let (_demo, printed) = demo(folder.path());
    let block = printed.iter().position(|line| line.starts_with("By hand")).unwrap();
    let mut lines = printed[block + 1..].iter().take_while(|line| line.starts_with("  "));
    let reader = Reader {
        first: lines.next().unwrap().clone(),
        folder: folder.path().to_owned(),
    };
    let commands: Vec<&str> = lines.map(|line| line.trim()).collect();
    assert_eq!(commands.len(), 13, "{commands:#?}");
    let (mut case, mut request) = (String::new(), String::new());
    let mut done = Vec::new();
    for command in commands {
        let line = command.replace("CASE", &case).replace("REQUEST", &request);
        assert!(!line.contains("CASE") && !line.contains("REQUEST"), "{line}");
        let verb = line.split(' ').nth(1).unwrap();
        done.push(verb.to_owned());
        let seats = |count: u32| (1..=count).map(|seat| line.replace("seat-1", &format!("seat-{seat}")));
        match verb {
            "shares" => {
                assert!(line.contains("# and seat-2 to seat-5"), "{line}");
                for line in seats(5) {
                    reader.until(&line, |run| run.stdout.contains(&format!("{case} holds")).then_some(()));
                }
            }
            "seal" => {
                let told = reader.until_done(&line).stdout;
                case = told
                    .split("case code ")
                    .nth(1)
                    .unwrap()
                    .split(',')
                    .next()
                    .unwrap()
                    .to_owned();
            }
            "request" => {
                let told = reader.until_done(&line).stdout;
                request = told
                    .split("request ")
                    .nth(1)
                    .unwrap()
                    .split(' ')
                    .next()
                    .unwrap()
                    .to_owned();
            }
            "queue" if !request.is_empty() => reader.until(&line, |run| {
                (run.code == 0 && run.stdout.contains(&request)).then_some(())
            }),
            "grant" | "release" => {
                assert!(
                    line.contains("three seats") || line.contains("the same three"),
                    "{line}"
                );
                for line in seats(3) {
                    reader.until_done(&line);
                }
            }
            _ => {
                reader.until_done(&line);
            }
        }
    }
    let verbs = [
        "log", "receipt", "inbox", "seal", "shares", "queue", "refer", "request", "queue", "grant", "release", "open",
        "finding",
    ];
    assert_eq!(done, verbs);
    for name in ["account.txt", "photo.jpg"] {
        let opened = std::fs::read(folder.path().join("state/opened").join(name)).unwrap();
        let told = printed.iter().find_map(|line| {
            let path = line.split("--account ").nth(1)?.split(' ').next()?;
            Some(Path::new(path).parent()?.join(name))
        });
        let told = std::fs::read(folder.path().join("state").join(told.unwrap())).unwrap();
        assert!(opened == told, "{name} comes out as it went in");
    }
}
