//! What everybody reads: tiles, proofs and pages over loopback; a log of a million entries verified, over loopback and from a
//! copy on disk; the memory of a cosigner and a mirror beside it.

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use deployment::{Deployment, Options};

use crate::drive::answer;
use crate::machine;

/// Entries that the log has at least.
const ENTRIES: u64 = 1_000_000;
/// The newest entries, for which proofs are asked most: whoever filed waits for a receipt.
const NEW: u64 = 65_536;
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
    let proof = move |number: u64| format!("/log/proof/{}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size);
    // What the service keeps in memory holds these; of all entries it holds a part.
    let new_proof = move |number: u64| {
        format!(
            "/log/proof/{}",
            size - 1 - number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % NEW
        )
    };
    let asked: [(&str, Box<Asked>); 8] = [
        ("the checkpoint", Box::new(fixed("/log/checkpoint"))),
        ("a full tile of hashes", Box::new(fixed("/log/tile/0/000"))),
        ("a full tile of entries", Box::new(fixed("/log/tile/entries/000"))),
        ("a proof, of one of the newest 65,536 entries", Box::new(new_proof)),
        ("a proof, of any entry", Box::new(proof)),
        ("the landing", Box::new(fixed("/es/"))),
        ("the page that seals", Box::new(fixed("/es/nuevo"))),
        ("the page of the log", Box::new(fixed("/es/registro/"))),
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
    let folder = deployment.folder();
    let over_loopback = measured(binary, folder, &["log", "verify", "--json"], &[0])?;
    // A log that stands still lags behind after some steps, which ends a look with 4; its copy is made all the same.
    let copy = ["log", "monitor", "--state", "watching", "--mirror", "copy", "--json"];
    let copied = measured(binary, folder, &copy, &[0, 4])?;
    let from_disk = measured(binary, folder, &["log", "verify", "copy", "--json"], &[0])?;
    let mirror = mirror(binary, &deployment, size)?;
    let row = |what: &str, run: &Run| {
        let Run {
            wall_s,
            cpu_s,
            peak_mib,
        } = run;
        format!("| {what} | {wall_s:.1} | {cpu_s:.1} | {peak_mib:.0} |\n")
    };
    Ok(format!(
        "{table}\n| a log of {size} entries in {} steps | s | s of one core | MiB at most |\n|---|---|---|---|\n{}{}{}\
         | `node cosign` while it grew | – | – | {cosigner:.1} |\n\
         | `node mirror` that copied it | – | – | {mirror:.1} |\n",
        size / u64::from(PACE),
        row("verified over loopback (`log verify`)", &over_loopback),
        row("copied to a folder (`log monitor --mirror`)", &copied),
        row("verified from that folder (`log verify FOLDER`)", &from_disk),
    ))
}

/// What a verb took: time, seconds on the processors, and the most memory that it had.
struct Run {
    wall_s: f64,
    cpu_s: f64,
    peak_mib: f64,
}

/// Runs a verb in a folder, which ends with one of `exits`.
fn measured(binary: &Path, folder: &Path, arguments: &[&str], exits: &[i32]) -> Result<Run> {
    let start = Instant::now();
    let log = std::fs::File::create(folder.join("measured.log"))?;
    let mut command = Command::new(binary);
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    let mut process = command.stdout(log.try_clone()?).stderr(log).spawn()?;
    // One that has ended and is not waited for yet still tells its seconds.
    let mut peak_mib: f64 = 0.0;
    while !machine::has_ended(process.id())? {
        peak_mib = machine::peak_mib(process.id()).map_or(peak_mib, |now| now.max(peak_mib));
        std::thread::sleep(Duration::from_millis(5));
    }
    let (wall_s, cpu_s) = (start.elapsed().as_secs_f64(), machine::cpu_s(process.id())?);
    let status = process.wait()?;
    let said = std::fs::read_to_string(folder.join("measured.log"))?;
    ensure!(
        status.code().is_some_and(|code| exits.contains(&code)),
        "`{}` ended with {status}: {said}",
        arguments.join(" ")
    );
    Ok(Run {
        wall_s,
        cpu_s,
        peak_mib,
    })
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
