//! Sockets, memory and files of the service.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use protocol::Digest;
use protocol::http::{WORK_HEADER, work_header};

use crate::Figure;
use crate::junk;
use crate::sockets::{drip, established, stall};
use crate::stage::{Answer, Stage, Ways};

/// How long an honest client waits.
const HONEST: Duration = Duration::from_secs(40);

/// An honest call beside the attack: its status, and the seconds it took.
fn timed(call: impl FnOnce() -> Answer) -> (u16, f64) {
    let since = Instant::now();
    let answer = call();
    (answer.status, since.elapsed().as_secs_f64())
}

fn port(stage: &Stage) -> Result<u16> {
    let (_, port) = stage.address().rsplit_once(':').context("a port")?;
    Ok(port.parse()?)
}

/// Waits until most of the sockets stand, or no more come.
fn standing(stage: &Stage, count: usize) -> Result<()> {
    let port = port(stage)?;
    for _ in 0..40 {
        if established(port)? >= count {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

pub(super) fn dripped_headers(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?.patient(HONEST);
    let held = drip(stage.address(), size, b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Drip: ");
    standing(&stage, size)?;
    std::thread::sleep(Duration::from_secs(1));
    let (status, took) = timed(|| stage.get("/log/checkpoint"));
    drop(held);
    let said = if status == 200 {
        format!("answered after {took:.1} s")
    } else {
        format!("not answered within {took:.0} s")
    };
    Ok(Figure::new(
        status == 200 && took <= 20.0,
        format!("{size} dripping sockets; an honest request is {said}"),
    ))
}

pub(super) fn idle_uploads(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?.patient(HONEST);
    let head = format!(
        "PUT /api/v1/uploads/{} HTTP/1.1\r\nHost: a\r\nContent-Range: bytes 0-65535/*\r\nContent-Length: 65536\r\n\r\n",
        junk::name()
    );
    let held = stall(stage.address(), size, head.into_bytes());
    standing(&stage, size)?;
    std::thread::sleep(Duration::from_millis(500));
    let chunk = junk::random(65_536);
    let range = [("Content-Range", "bytes 0-65535/65536".to_owned())];
    let path = format!("/api/v1/uploads/{}", junk::name());
    let (status, took) = timed(|| stage.put(&path, &range, &chunk));
    drop(held);
    Ok(Figure::new(
        (200..300).contains(&status) && took <= 10.0,
        format!("{size} idle uploads; an honest chunk is answered {status} after {took:.1} s"),
    ))
}

/// Crowds of half-sent bodies, one after the other: memory that did not come back would add up.
const CROWDS: usize = 3;

pub(super) fn half_bodies(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?.patient(HONEST);
    let idle = stage.memory_mib()?;
    let length = 1 << 20;
    let mut bytes = format!(
        "POST /api/v1/filings HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=a\r\n\
         Content-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    bytes.resize(bytes.len() + length - 64, b'x');
    let mut peaks = Vec::with_capacity(CROWDS);
    for _ in 0..CROWDS {
        let held = stall(stage.address(), size, bytes.clone());
        peaks.push(peak(&stage)?);
        drop(held);
        gone(&stage)?;
    }
    let after = stage.memory_mib()?;
    Ok(Figure::new(
        peaks.iter().all(|peak| *peak < 256),
        format!(
            "{CROWDS} times {size} half-sent bodies: {idle} MiB before, {peaks:?} at the peaks, {after} afterwards"
        ),
    ))
}

/// Most MiB of the service, once it has grown no more for three seconds, or after fifteen.
fn peak(stage: &Stage) -> Result<u64> {
    let (mut peak, mut same) = (stage.memory_mib()?, 0);
    for _ in 0..60 {
        std::thread::sleep(Duration::from_millis(250));
        let now = stage.memory_mib()?;
        same = if now > peak { 0 } else { same + 1 };
        peak = peak.max(now);
        if same > 12 {
            break;
        }
    }
    Ok(peak)
}

/// Waits until the service has closed its side of all connections.
fn gone(stage: &Stage) -> Result<()> {
    let port = port(stage)?;
    let since = Instant::now();
    while established(port)? > 0 {
        anyhow::ensure!(since.elapsed() < HONEST, "the service keeps connections that ended");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Calls a function `count` times from four threads.
fn many(count: usize, call: impl Fn() -> Result<Answer> + Sync) -> usize {
    let (left, taken) = (AtomicUsize::new(count), AtomicUsize::new(0));
    let next = || {
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while next() {
                    if call().is_ok_and(|answer| answer.is_ok()) {
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    taken.into_inner()
}

pub(super) fn tiny_uploads(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let (files, kib) = stage.store()?;
    let range = [("Content-Range", "bytes 0-0/*".to_owned())];
    let taken = many(size, || {
        Ok(stage.put(&format!("/api/v1/uploads/{}", junk::name()), &range, b"x"))
    });
    let (files_now, kib_now) = stage.store()?;
    let (files, kib) = (files_now.saturating_sub(files), kib_now.saturating_sub(kib));
    Ok(Figure::new(
        taken * 4 <= size,
        format!("{taken} of {size} are taken; {files} files and {kib} KiB on disk"),
    ))
}

pub(super) fn office_cells(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let reader = stage.member("lawyer")?;
    let kind = "application/octet-stream";
    let by_member = many(size, || {
        Ok(stage.signed_post(&reader, "/api/v1/office", kind, &junk::cell()))
    });
    let before = junk::office_offer(&stage)?.bits;
    let since = Instant::now();
    let by_stranger = many(size, || {
        if since.elapsed() > Duration::from_secs(if size > 1_000 { 120 } else { 15 }) {
            anyhow::bail!("out of patience");
        }
        stranger_cell(&stage)
    });
    let bits = junk::office_offer(&stage)?.bits;
    Ok(Figure::new(
        by_member * 2 <= size && (by_stranger * 2 <= size || bits > before),
        format!(
            "{by_member} of a member's {size} are taken, {by_stranger} of a stranger's; work went from {before} to {bits} bits"
        ),
    ))
}

/// Posts a cell as a stranger, with the work that is asked for it now.
fn stranger_cell(stage: &Stage) -> Result<Answer> {
    let cell = junk::cell();
    let work = work_header(&junk::done(&junk::office_offer(stage)?, &Digest::of(&cell))?);
    let kind = "application/octet-stream";
    Ok(stage.post("/api/v1/office", kind, &[(WORK_HEADER, work)], &cell))
}

/// A stranger writes until the office takes no more, and stops; another then sends hers until it is taken.
pub(super) fn office_closed(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let is_closed = AtomicBool::new(false);
    let taken = many(size, || {
        anyhow::ensure!(!is_closed.load(Ordering::Relaxed), "it is closed");
        let answer = stranger_cell(&stage)?;
        is_closed.fetch_or(answer.status == 503, Ordering::Relaxed);
        Ok(answer)
    });
    anyhow::ensure!(is_closed.into_inner(), "{taken} cells did not close it");
    let since = Instant::now();
    let mut answer = stranger_cell(&stage)?;
    while !answer.is_ok() && since.elapsed() < HONEST {
        std::thread::sleep(Duration::from_secs(1));
        answer = stranger_cell(&stage)?;
    }
    let (s, how) = (
        since.elapsed().as_secs(),
        if answer.is_ok() { "taken" } else { "not taken" },
    );
    Ok(Figure::new(
        answer.is_ok(),
        format!("{taken} junk cells close it; an honest one is {how} within {s} s of the last"),
    ))
}
