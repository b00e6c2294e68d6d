//! A deployment made with the real verbs, each in a process of its own.
#![allow(dead_code, reason = "each test binary uses a part of it")]

mod deaf;
pub mod english;
pub mod filing;

use deployment::{Founding, free_ports};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

pub use deployment::key_arguments;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_resguardo");
/// Names of the seats' files, in the order of their numbers.
pub const SEATS: [&str; 5] = ["ombudsman", "shelter", "university", "consulate", "bar"];
/// Longest wait for the log.
const PATIENCE: Duration = Duration::from_secs(180);

/// A process that is killed when dropped.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A deployment in a folder of its own.
pub struct World {
    pub folder: tempfile::TempDir,
    pub ports: [u16; 3],
    pub cosigner: Option<Running>,
    pub service: Option<Running>,
}

/// What a verb gave.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Events of `--json`.
    pub fn events(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
            .collect()
    }

    /// The last event of a name.
    pub fn event(&self, name: &str) -> Value {
        let found = self.events().into_iter().rfind(|event| event["event"] == name);
        found.unwrap_or_else(|| panic!("no {name} in\n{}{}", self.stdout, self.stderr))
    }

    /// The run, which must have succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// The failure of `--json`, with the exit status that it names.
    #[track_caller]
    pub fn failed(self, exit: i32, code: &str) -> Value {
        let error = self.event("error");
        assert_eq!(
            (self.code, error["code"].as_str()),
            (exit, Some(code)),
            "{error}\n{}",
            self.stderr
        );
        assert_eq!(error["exit"], exit);
        error
    }
}

/// Two neighbouring words of a secret that stand together in a text. One alone may be a word of the program.
pub fn shown<'a>(secret: &'a str, text: &str) -> Option<&'a str> {
    let starts = || {
        secret
            .char_indices()
            .filter(|(at, _)| *at == 0 || secret[..*at].ends_with(' '))
    };
    let pairs = starts().zip(starts().skip(2).map(|(at, _)| at - 1).chain([secret.len()]));
    let mut pairs = pairs.map(|((from, _), to)| &secret[from..to]);
    pairs.find(|pair| text.contains(pair))
}

impl World {
    /// Keys, council, cosigner and service.
    pub fn start() -> Self {
        let mut world = Self::prepared();
        world.cosign();
        world.council();
        world.serve();
        world
    }

    /// A folder with operator and keys, nothing running.
    pub fn prepared() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let world = Self {
            folder,
            ports: free_ports().expect("three ports"),
            cosigner: None,
            service: None,
        };
        let others = [("stranger", "seat")];
        let made = world.founding().prepare(&others, &|arguments| world.verb(arguments));
        made.expect("an operator and keys");
        world
    }

    fn founding(&self) -> Founding<'_> {
        Founding {
            folder: self.folder.path(),
            addresses: [0, 1, 2].map(|number| self.address(number)),
            seats: &SEATS,
            institution: |name| name,
            step_s: 1,
            pace: 4,
            work_bits: 8,
            waits_s: [2, 1],
        }
    }

    /// Runs a verb that must succeed; gives its standard output.
    fn verb(&self, arguments: &[&str]) -> anyhow::Result<String> {
        Ok(self.run(arguments).ok().stdout)
    }

    /// Starts the cosigner.
    pub fn cosign(&mut self) {
        let arguments = self.founding().cosign().expect("the log's key");
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.cosigner = Some(self.spawn(&arguments, "cosigner.log"));
    }

    /// From cards to a published council.
    pub fn council(&self) {
        let made = self.founding().council(&|arguments| self.verb(arguments));
        made.expect("a council");
    }

    /// Starts the service and waits for its first checkpoint.
    pub fn serve(&mut self) {
        self.service = Some(self.spawn(&self.serve_arguments(), "service.log"));
        self.until("the first checkpoint", || {
            let run = self.run(&["log", "verify", "--json"]);
            (run.code == 0).then_some(())
        });
    }

    /// What `serve` is called with.
    pub fn serve_arguments(&self) -> Vec<&'static str> {
        vec![
            "serve",
            "--config",
            "operator/resguardo.toml",
            "--passphrase-file",
            "operator.pass",
        ]
    }

    /// Runs a verb in the folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        run_in(self.folder.path(), arguments)
    }

    /// Runs a verb with `--json` and somebody's key.
    pub fn desk(&self, name: &str, arguments: &[&str]) -> Run {
        let key = key_arguments(name);
        let key: Vec<&str> = key.iter().map(String::as_str).collect();
        self.run(&[arguments, &key, &["--json"]].concat())
    }

    /// Files an account under new words, which are written into `words`.
    #[track_caller]
    pub fn file(&self, words: &str, more: &[&str]) -> Run {
        std::fs::write(self.path("account.txt"), "What happened.\n").expect("written");
        let seal = ["seal", "--account", "account.txt", "--soon", "--phrase-out", words];
        self.run(&[&seal[..], more].concat()).ok()
    }

    /// Each of these seats waits for a delivery and acknowledges it; gives the case's code.
    #[track_caller]
    pub fn acknowledge(&self, names: &[&str], keep: &str) -> String {
        let mut code = String::new();
        for name in names {
            let share = self.until("a delivery", || {
                let run = self.desk(name, &["shares", "check", "--keep", keep]).ok();
                let mut events = run.events().into_iter();
                // A delivery may be there before the step that logs its filing.
                events.find(|event| event["event"] == "share" && event["verdict"] != "early")
            });
            assert_eq!(share["verdict"], "holds", "{share}");
            code = share["code"].as_str().expect("a code").to_owned();
        }
        code
    }

    /// Looks again until there is something.
    #[track_caller]
    pub fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{what} did not come; service: {}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Writes a root of trust whose service gives no answer to what is posted to `path`; counts the answers that are lost.
    pub fn deafen(&self, path: &str, root: &str) -> Arc<AtomicUsize> {
        let service = SocketAddr::from(([127, 0, 0, 1], self.ports[0]));
        let (address, lost) = deaf::deaf_line(service, path);
        let own = std::fs::read(self.path("root.json")).expect("a root");
        let mut deaf: Value = serde_json::from_slice(&own).expect("JSON");
        deaf["base_url"] = address.into();
        std::fs::write(self.path(root), deaf.to_string()).expect("written");
        lost
    }

    /// The service's log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("service.log")).unwrap_or_default()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Address of the service.
    pub fn base(&self) -> String {
        format!("http://{}", self.address(0))
    }

    fn address(&self, number: usize) -> String {
        format!("127.0.0.1:{}", self.ports[number])
    }

    /// Starts a verb that goes on; what it says goes into a file.
    pub fn spawn(&self, arguments: &[&str], log: &str) -> Running {
        let log = std::fs::File::create(self.path(log)).expect("a log");
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env("RUST_LOG", "info,service=trace,ledger=trace,cosigner=trace")
            .stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        Running(command.spawn().expect("the program starts"))
    }
}

/// Runs the program in a folder, without a terminal.
pub fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    run_with(folder, &[], arguments)
}

/// As [`run_in`], with variables of the environment.
pub fn run_with(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env_remove("RESGUARDO_CONFIG").envs(variables.iter().copied());
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    Run {
        code: status.code().expect("an exit status"),
        stdout: String::from_utf8(stdout).expect("text"),
        stderr: String::from_utf8(stderr).expect("text"),
    }
}

/// As [`run_in`] with `--json`, beside servers that this test runs itself: exit status and events.
pub async fn events_of(folder: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let folder = folder.to_owned();
    let arguments: Vec<String> = arguments.iter().chain(&["--json"]).map(|&it| it.to_owned()).collect();
    let run = move || run_in(&folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let run = tokio::task::spawn_blocking(run).await.expect("it does not panic");
    (run.code, run.events())
}

impl Run {
    /// A failure told to a person: exit status, and what, why and do on standard error only.
    #[track_caller]
    pub fn failed_plainly(self, exit: i32) {
        assert_eq!(self.code, exit, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(self.stdout.is_empty(), "{}", self.stdout);
        assert!(
            self.stderr.contains("error: ") && self.stderr.contains("What: "),
            "{}",
            self.stderr
        );
    }
}
