//! What everybody reads: tiles, proofs and pages over loopback; a log of a million entries verified, over loopback and from a
//! copy on disk; the memory of a cosigner and a mirror beside it.

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use casework::RootOfTrust;
use client::Log;
use client::wire::{HttpAnswer, RunningAct, Turn, Wire};
use deployment::{Deployment, Options};

use crate::drive::answer;
use crate::machine;

/// Entries that the log has at least.
const ENTRIES: u64 = 1_000_000;
/// Entries a step: so that it is there in a minute.
const PACE: u32 = 16_384;
/// Connections at once.
const CLIENTS: usize = 32;
/// How long each path is asked for.
const TIME: Duration = Duration::from_secs(5);
/// Longest wait for the log, and for a mirror of it.
const PATIENCE: Duration = Duration::from_secs(600);

/// Which path is asked for, by the number of the call.
type Asked = dyn Fn(u64) -> String + Sync;

/// Runs all of it; gives the tables.
pub fn run(binary: &Path, folder: &Path) -> Result<String> {
    let options = Options {
        pace: PACE,
        step_s: 1,
        work_bits: 0,
    };
    let mut deployment = Deployment::make(binary, &folder.join("reads"), options)?;
    let start = Instant::now();
    while size(&deployment)? < ENTRIES {
        if start.elapsed() > PATIENCE {
            bail!("the log did not reach {ENTRIES} entries: {}", deployment.log());
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    let cosigner = machine::peak_mib(deployment.cosigner_pid().context("the cosigner runs")?)?;
    // Nothing grows any more while it is read.
    deployment.stop_cosigner()?;
    let size = size(&deployment)?;
    let mut table = format!(
        "A log of {size} entries, {CLIENTS} connections, {} s each, clients and service on the same cores.\n\n\
         | what is asked for | a second | server CPU µs each | bytes each |\n|---|---|---|---|\n",
        TIME.as_secs()
    );
    let fixed = |path: &'static str| move |_: u64| path.to_owned();
    let proof = |number: u64| format!("/log/proof/{}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size);
    let asked: [(&str, Box<Asked>); 6] = [
        ("the checkpoint", Box::new(fixed("/log/checkpoint"))),
        ("a full tile of hashes", Box::new(fixed("/log/tile/0/000"))),
        ("a full tile of entries", Box::new(fixed("/log/tile/entries/000"))),
        ("a proof, of any entry", Box::new(proof)),
        ("the landing", Box::new(fixed("/es/"))),
        ("the page that seals", Box::new(fixed("/es/nuevo"))),
    ];
    for (name, path) in &asked {
        let (count, wall, bytes, cpu) = read(&deployment, path)?;
        let per_second = count as f64 / wall.as_secs_f64();
        eprintln!("{name}: {per_second:.0} a second");
        table.push_str(&format!(
            "| {name} | {per_second:.0} | {:.0} | {} |\n",
            cpu * 1e6 / count.max(1) as f64,
            bytes / count.max(1)
        ));
    }
    let over_loopback = timed(|| deployment.verb(&["log", "verify", "--json"]))?;
    deployment
        .verb(&["log", "monitor", "--state", "watching", "--mirror", "copy", "--json"])
        .or_else(lags)?;
    let from_disk = timed(|| verify_copy(&deployment))?;
    let mirror = mirror(binary, &deployment, size)?;
    Ok(format!(
        "{table}\n| a log of {size} entries in {} steps | |\n|---|---|\n\
         | verified over loopback, by `log verify` | {:.1} s |\n\
         | verified from a copy on disk, on one core | {:.1} s |\n\
         | memory of `node cosign`, at most | {cosigner:.1} MiB |\n\
         | memory of `node mirror` that copied it, at most | {mirror:.1} MiB |\n",
        size / u64::from(PACE),
        over_loopback.as_secs_f64(),
        from_disk.as_secs_f64(),
    ))
}

/// A log that stands still lags behind, which ends a look with 4; its copy is made all the same.
fn lags(error: anyhow::Error) -> Result<String> {
    let text = format!("{error:#}");
    if text.contains("log-lags") {
        Ok(text)
    } else {
        Err(error)
    }
}

fn timed<T>(act: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let start = Instant::now();
    act()?;
    Ok(start.elapsed())
}

fn size(deployment: &Deployment) -> Result<u64> {
    let note = String::from_utf8(deployment.get("/log/checkpoint")?)?;
    Ok(note.lines().nth(1).context("a size")?.parse()?)
}

/// Asks for paths in a closed loop: how many answers, in which time, their bytes, the server's seconds on its processors.
fn read(deployment: &Deployment, path: &Asked) -> Result<(u64, Duration, u64, f64)> {
    let address = deployment.base_url.trim_start_matches("http://");
    let pid = deployment.pid().context("the service runs")?;
    let (cpu, start) = (machine::cpu_s(pid)?, Instant::now());
    let client = |number: u64| -> Result<(u64, u64)> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut writer = stream;
        let (mut count, mut bytes) = (0, 0);
        while start.elapsed() < TIME {
            let path = path(count * CLIENTS as u64 + number);
            let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: br\r\n\r\n");
            writer.write_all(head.as_bytes())?;
            let (status, body) = answer(&mut reader)?;
            if status != 200 {
                bail!("{path} was answered {status}");
            }
            count += 1;
            bytes += body.len() as u64;
        }
        Ok((count, bytes))
    };
    let (mut count, mut bytes) = (0, 0);
    std::thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..CLIENTS as u64)
            .map(|number| scope.spawn(move || client(number)))
            .collect();
        for thread in threads {
            let (more, sent) = thread.join().map_err(|_| anyhow::anyhow!("a client stopped"))??;
            (count, bytes) = (count + more, bytes + sent);
        }
        Ok(())
    })?;
    Ok((count, start.elapsed(), bytes, machine::cpu_s(pid)? - cpu))
}

/// Verifies the copy of a log as `log verify` does, with files for answers and on this thread alone.
fn verify_copy(deployment: &Deployment) -> Result<()> {
    let (copy, wire) = (deployment.folder().join("copy"), Wire::default());
    let mut root: serde_json::Value = serde_json::from_slice(&std::fs::read(deployment.folder().join("root.json"))?)?;
    root.as_object_mut().context("a root of trust")?.remove("base_url");
    let root: RootOfTrust = serde_json::from_value(root)?;
    let line = wire.clone();
    let act = async move {
        let mut log = Log::new(root)?;
        log.refresh(&line).await?;
        client::audit::run(&mut log, &line).await
    };
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs();
    let mut running = RunningAct::new(wire, act);
    let mut answers = Vec::new();
    loop {
        let calls = match running.turn(now, std::mem::take(&mut answers)) {
            Turn::Calls(calls) => calls,
            Turn::Done(Ok(audit)) if audit.steps.faults.is_empty() && audit.size >= ENTRIES => return Ok(()),
            Turn::Done(Ok(audit)) => bail!(
                "the copy has {} entries and faults: {:?}",
                audit.size,
                audit.steps.faults
            ),
            Turn::Done(Err(failure)) => bail!("the copy does not verify: {failure:?}"),
        };
        answers.extend(calls.iter().map(|call| {
            let file = std::fs::read(copy.join(call.path.trim_start_matches('/')));
            HttpAnswer {
                status: if file.is_ok() { 200 } else { 404 },
                date: Some(now),
                body: file.unwrap_or_default(),
                ..HttpAnswer::default()
            }
        }));
    }
}

/// Has a mirror copy the log; gives the most memory that it had, in MiB.
fn mirror(binary: &Path, deployment: &Deployment, size: u64) -> Result<f64> {
    let key = [
        "key",
        "new",
        "--low-work",
        "--role",
        "mirror",
        "--institution",
        "Archive",
    ];
    deployment.verb(&[&key[..], &["--passphrase-out", "mirror.pass", "mirror"]].concat())?;
    let [port] = deployment::free_ports()?;
    let listen = format!("127.0.0.1:{port}");
    let log = std::fs::File::create(deployment.folder().join("mirror.log"))?;
    let mut process = Command::new(binary)
        .current_dir(deployment.folder())
        .args([
            "node",
            "mirror",
            "--name",
            "mirror.test",
            "--state",
            "mirror-state",
            "--every",
            "1",
        ])
        .args([
            "--listen",
            &listen,
            "--key",
            "mirror.key",
            "--passphrase-file",
            "mirror.pass",
        ])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let start = Instant::now();
    let has_all = || -> Option<bool> {
        let stream = TcpStream::connect(&listen).ok()?;
        let mut writer = stream.try_clone().ok()?;
        let head = format!("GET /log/checkpoint HTTP/1.1\r\nHost: {listen}\r\n\r\n");
        writer.write_all(head.as_bytes()).ok()?;
        let (status, body) = answer(&mut BufReader::new(stream)).ok()?;
        let shown: u64 = String::from_utf8(body).ok()?.lines().nth(1)?.parse().ok()?;
        Some(status == 200 && shown >= size)
    };
    while has_all() != Some(true) {
        if start.elapsed() > PATIENCE {
            process.kill()?;
            process.wait()?;
            bail!("the mirror did not copy the log");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let peak = machine::peak_mib(process.id());
    process.kill()?;
    process.wait()?;
    peak
}
