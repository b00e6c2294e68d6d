//! The bare ledger under load, without HTTP: a closed loop of submissions of the size of a filing.
//!
//! `load FOLDER CLIENTS SECONDS [PREFILL]`: PREFILL submissions come first, unmeasured. Prints one JSON object.

mod filing;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use filing::filing;
use ledger::Ledger;
use ledger::sqlite::{self, Options};

/// Seconds of CPU that this process has used.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, clients, seconds, rest @ ..] = arguments.as_slice() else {
        return Err("load FOLDER CLIENTS SECONDS [PREFILL]".into());
    };
    let (clients, seconds): (usize, u64) = (clients.parse()?, seconds.parse()?);
    let prefill: u64 = rest.first().map_or(Ok(0), |prefill| prefill.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let folder = Path::new(folder).join("load");
    let ledger = sqlite::open(&Options {
        folder: folder.clone(),
        inline_max: 256 << 10,
    })?;
    let next = Arc::new(AtomicU64::new(0));
    runtime.block_on(run(&ledger, 64, &next, move |number, _| number >= prefill))?;
    let (before, cpu, start) = (ledger.counters(), cpu_seconds(), Instant::now());
    let until = start + Duration::from_secs(seconds);
    let mut times = runtime.block_on(run(&ledger, clients, &next, move |_, now| now >= until))?;
    let (wall, cpu) = (
        start.elapsed().as_secs_f64(),
        cpu_seconds().zip(cpu).map_or(0.0, |(end, start)| end - start),
    );
    let after = ledger.counters();
    times.sort_unstable();
    let count = times.len().max(1) as f64;
    let at = |share: f64| {
        times
            .get((count * share) as usize)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    writeln!(
        std::io::stdout(),
        r#"{{"clients":{clients},"per_s":{:.0},"p50_ms":{:.2},"p99_ms":{:.2},"max_ms":{:.1},"cpu_ms":{:.3},"fsyncs":{:.3},"batch":{:.1}}}"#,
        count / wall,
        at(0.50),
        at(0.99),
        at(0.999_999),
        cpu * 1e3 / count,
        (after.fsyncs - before.fsyncs) as f64 / count,
        count / (after.batches - before.batches).max(1) as f64,
    )?;
    drop(ledger);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// Submits from many clients until told to stop; gives how long each took.
async fn run(
    ledger: &Ledger,
    clients: usize,
    next: &Arc<AtomicU64>,
    stop: impl Fn(u64, Instant) -> bool + Clone + Send + 'static,
) -> Result<Vec<Duration>, Box<dyn std::error::Error>> {
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (ledger, next, stop) = (ledger.clone(), Arc::clone(next), stop.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if stop(number, Instant::now()) {
                        return Ok::<_, ledger::Error>(times);
                    }
                    let filing = filing(number);
                    let start = Instant::now();
                    ledger.submit(filing).await?;
                    times.push(start.elapsed());
                }
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    Ok(times)
}
