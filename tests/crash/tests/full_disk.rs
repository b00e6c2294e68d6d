//! The disk of the service, then that of the cosigner, is full and has room again: both say so, take nothing that they
//! cannot keep, and go on by themselves. Each has a small tmpfs of its own, for which this needs root.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod support;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use deployment::{Declarant, Deployment, Options, Prepared};
use support::Reader;
use tlog::Note;

/// How long anything may take on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(60);

/// A small file system in the place of a folder; unmounted when dropped.
struct Small(PathBuf);

impl Small {
    /// Puts a tmpfs of `mib` MiB in the folder's place, with what the folder holds. Nobody may have it open.
    fn mount(folder: &Path, mib: u32) -> Self {
        let aside = folder.with_extension("aside");
        run("cp", &["-a", text(folder), text(&aside)]);
        let size = format!("size={mib}m");
        run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", text(folder)]);
        run("cp", &["-a", &format!("{}/.", text(&aside)), text(folder)]);
        Self(folder.to_owned())
    }

    /// Takes all its room.
    fn fill(&self) {
        let mut ballast = std::fs::File::create(self.ballast()).expect("a file");
        for size in [1 << 16, 1 << 12, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Gives it back.
    fn free(&self) {
        std::fs::remove_file(self.ballast()).expect("the ballast");
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours")
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().expect(program);
    assert!(status.success(), "{program} {arguments:?}: this test needs root");
}

fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "in vain for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Status, and the promise or the problem's text.
fn post(deployment: &Deployment, filing: &Prepared) -> (u16, Vec<u8>) {
    until("an answer", || support::post(&deployment.base_url, filing))
}

/// Entries of the newest published checkpoint.
fn size(deployment: &Deployment) -> Option<u64> {
    let note = Note::parse(&deployment.get("/log/checkpoint").ok()?).ok()?;
    Some(tlog::Checkpoint::parse(note.text())?.size)
}

/// A deployment with steps of a second; on small file systems once they are mounted.
fn deploy() -> (tempfile::TempDir, Deployment) {
    let binary = PathBuf::from(std::env::var_os("RESGUARDO_BIN").expect("run by `cargo xtask test crash`"));
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options {
        pace: 64,
        step_s: 1,
        work_bits: 0,
    };
    let deployment = Deployment::make(&binary, folder.path(), options).expect("a deployment");
    (folder, deployment)
}

#[test]
#[ignore = "needs root; run by `cargo xtask test crash`"]
fn a_service_whose_disk_was_full_goes_on_and_has_lost_nothing() {
    let (folder, mut deployment) = deploy();
    deployment.kill().expect("stopped");
    let disk = Small::mount(&folder.path().join("operator/store"), 16);
    deployment.start().expect("starts on the small disk");
    let pid = deployment.pid();
    let declarant = Declarant::draw(&deployment).expect("a phrase");
    let mut promised = Vec::new();
    let mut case = 0;
    let mut next = |deployment: &Deployment| {
        case += 1;
        declarant.prepare(case, deployment).expect("sealed")
    };
    for _ in 0..8 {
        let filing = next(&deployment);
        let (status, promise) = post(&deployment, &filing);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&promise));
        promised.push((filing, promise));
    }

    disk.fill();
    let (refused, said) = until("a filing for which there is no room", || {
        let filing = next(&deployment);
        let (status, answer) = post(&deployment, &filing);
        if status == 200 {
            promised.push((filing, answer));
            return None;
        }
        assert_eq!(status, 507, "{}", String::from_utf8_lossy(&answer));
        Some((filing, String::from_utf8(answer).expect("text")))
    });
    eprintln!("full: {said}");
    assert!(
        said.contains("disk-full") && said.contains("Nothing was stored"),
        "{said}"
    );
    // Steps that cannot be written: the log stands still, and the process lives.
    let stands = until("a log that stands still", || {
        let before = size(&deployment)?;
        std::thread::sleep(Duration::from_secs(3));
        (size(&deployment)? == before).then_some(before)
    });
    assert!(deployment.get("/healthz").is_ok() && deployment.pid() == pid);
    let log = deployment.log();
    eprintln!("the operator is told: {}", log.lines().last().unwrap_or_default());
    assert!(log.contains("no room") || log.contains("full"), "{log}");

    disk.free();
    let since = Instant::now();
    let promise = until("the same filing to be taken", || {
        let (status, answer) = post(&deployment, &refused);
        (status == 200).then_some(answer)
    });
    promised.push((refused, promise));
    let grown = until("the log to go on", || size(&deployment).filter(|size| *size > stands));
    eprintln!(
        "room again: it goes on within {:.1} s, from {stands} to {grown}",
        since.elapsed().as_secs_f64()
    );
    assert_eq!(deployment.pid(), pid, "without a restart");
    let mut log = Reader::new(&deployment);
    for (filing, promise) in &promised {
        support::check_promise(&deployment, filing, promise);
        until("a promised entry in the log", || {
            log.read(&deployment);
            let found = log.entries.iter().filter(|entry| **entry == filing.entry);
            (found.count() == 1).then_some(())
        });
    }
    deployment.kill().expect("stopped");
    let said = deployment.verb(&["fsck", "operator/store"]);
    assert!(said.is_ok(), "{said:?}");
}

#[test]
#[ignore = "needs root; run by `cargo xtask test crash`"]
fn a_cosigner_whose_disk_was_full_goes_on_and_signs_no_fork() {
    let (folder, mut deployment) = deploy();
    deployment.stop_cosigner().expect("stopped");
    let disk = Small::mount(&folder.path().join("cosigner-state"), 1);
    deployment.start_cosigner().expect("starts on the small disk");
    let pid = deployment.cosigner_pid();
    let begun = until("a checkpoint", || size(&deployment));
    until("the log to go on", || size(&deployment).filter(|size| *size > begun));

    disk.fill();
    let stands = until("a log that nobody cosigns", || {
        let before = size(&deployment)?;
        std::thread::sleep(Duration::from_secs(3));
        (size(&deployment)? == before).then_some(before)
    });
    let told = |log: String| {
        log.lines()
            .rfind(|line| line.contains("nothing is signed"))
            .map(str::to_owned)
    };
    let told = told(deployment.cosigner_log()).expect("the cosigner says why");
    eprintln!("the cosigner's operator is told: {told}");

    disk.free();
    let since = Instant::now();
    let grown = until("the log to go on", || size(&deployment).filter(|size| *size > stands));
    eprintln!(
        "room again: it signs within {:.1} s, from {stands} to {grown}",
        since.elapsed().as_secs_f64()
    );
    assert_eq!(deployment.cosigner_pid(), pid, "without a restart");
    deployment.verb(&["log", "verify"]).expect("one history");
}
