//! The floor under the ledger's speed: the same bytes, appended to one file and made durable, by a bare program.
//!
//! `floor FOLDER THREADS SECONDS [BATCH]`: each of THREADS appends units of 61,580 bytes; an fsync covers BATCH units
//! (default 1). Prints one JSON object.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes of a filing at n = 5: five share files, the header, two greetings, the document.
const UNIT: usize = 5 * 1_979 + 26_235 + 2 * 3_707 + 18_043;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, threads, seconds, rest @ ..] = arguments.as_slice() else {
        return Err("floor FOLDER THREADS SECONDS [BATCH]".into());
    };
    let (threads, seconds): (u64, u64) = (threads.parse()?, seconds.parse()?);
    let batch: u64 = rest.first().map_or(Ok(1), |batch| batch.parse())?;
    let path = Path::new(folder).join("floor");
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)?;
    let (units, fsyncs, end) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let start = Instant::now();
    let until = start + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        let append = || append(&file, until, batch, &units, &fsyncs, &end);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(append)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| std::io::Error::other("a thread failed"))?)
    })?;
    let per_second = units.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    let fsyncs = fsyncs.load(Ordering::Relaxed);
    std::fs::remove_file(path)?;
    writeln!(
        std::io::stdout(),
        r#"{{"threads":{threads},"batch":{batch},"unit":{UNIT},"units_per_s":{per_second:.1},"fsyncs":{fsyncs}}}"#
    )?;
    Ok(())
}

fn append(
    file: &File,
    until: Instant,
    batch: u64,
    units: &AtomicU64,
    fsyncs: &AtomicU64,
    end: &AtomicU64,
) -> std::io::Result<()> {
    let unit: Vec<u8> = (0..UNIT).map(|place| (place * 31 % 251) as u8).collect();
    while Instant::now() < until {
        for _ in 0..batch {
            file.write_all_at(&unit, end.fetch_add(UNIT as u64, Ordering::Relaxed))?;
        }
        file.sync_data()?;
        fsyncs.fetch_add(1, Ordering::Relaxed);
        units.fetch_add(batch, Ordering::Relaxed);
    }
    Ok(())
}
