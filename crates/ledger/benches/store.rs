//! What a filing costs in stores of 10^3 to 10^6 entries: taken through the sequencer and SQLite, appended by a step,
//! published; and the memory of a process that does it. Prints a table; `cargo xtask bench` puts it into
//! docs/performance.md. `RESGUARDO_STORE_LARGEST=10000000` adds a store of that size.
//!
//! Stores are grown with random entries, as a quiet log is: 65 bytes each, taken and placed as any other. They take their
//! filings in turn, so that whatever else the machine does meets all of them alike.
#![expect(clippy::print_stdout, reason = "the table is the result")]

#[path = "../examples/filing/mod.rs"]
mod filing;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use filing::{digest, filing};
use ledger::Ledger;
use ledger::sqlite::{self, Options};

/// Entries before the first filing.
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Filings of a step. They are handed over together.
const FILINGS: u64 = 64;
/// Steps that are measured: enough for SQLite to move its log into the database on the way.
const STEPS: usize = 24;
/// Names one more store by its entries.
const LARGEST: &str = "RESGUARDO_STORE_LARGEST";
/// Names the store that a process of its own goes on with.
const ALONE: &str = "RESGUARDO_STORE_ALONE";
/// Random entries that are placed in one step while a store is grown.
const GROWTH: u64 = 50_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// One store, growing.
struct Store {
    ledger: Ledger,
    runtime: tokio::runtime::Runtime,
    size: u64,
    step: u64,
    filings: u64,
}

impl Store {
    /// Places what waits and random entries up to `fill`, and publishes.
    fn step(&mut self, fill: u64) -> Outcome<()> {
        let mut drawn = self.size;
        let mut padding = || {
            drawn += 1;
            (digest(drawn, "random"), vec![0; 65])
        };
        self.step += 1;
        let (step, count) = (self.step, usize::try_from(fill)?);
        let note = self.ledger.extend(
            step,
            [count, count],
            count,
            &mut padding,
            &mut |n| (0..n).collect(),
            &|size, root| [&size.to_be_bytes()[..], &root.0].concat(),
        )?;
        self.ledger.publish(step, self.size, self.size + fill, &note)?;
        self.size += fill;
        Ok(())
    }

    fn grow(&mut self, size: u64) -> Outcome<()> {
        while self.size < size {
            self.step((size - self.size).min(GROWTH))?;
            // An act of its own, after which the sequencer moves what SQLite's log holds, so that no filing pays for it.
            let grown = self.ledger.set_value("grown".into(), self.size.to_be_bytes().to_vec());
            self.runtime.block_on(grown)?;
        }
        Ok(())
    }

    /// Takes [`FILINGS`] at once, then appends and publishes them; how long both took.
    fn take(&mut self) -> Outcome<[Duration; 2]> {
        let filings: Vec<_> = (self.filings..self.filings + FILINGS).map(filing).collect();
        self.filings += FILINGS;
        let (ledger, start) = (&self.ledger, Instant::now());
        self.runtime.block_on(async {
            let waiting: Vec<_> = filings
                .into_iter()
                .map(|filing| {
                    let ledger = ledger.clone();
                    tokio::spawn(async move { ledger.submit(filing).await })
                })
                .collect();
            for filing in waiting {
                filing.await??;
            }
            Outcome::Ok(())
        })?;
        let taken = start.elapsed();
        self.step(FILINGS)?;
        Ok([taken, start.elapsed() - taken])
    }
}

/// Milliseconds: the middle one, and all of them over their number.
fn middle_and_mean(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    (ms(middle), ms(times.iter().sum::<Duration>()) / times.len() as f64)
}

/// The store in a folder, as it stands.
fn open(folder: PathBuf) -> Outcome<Store> {
    let inline_max = 256 << 10;
    let ledger = sqlite::open(&Options { folder, inline_max })?;
    let size = ledger.snapshot().map_or(0, |snapshot| snapshot.size);
    Ok(Store {
        ledger,
        runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?,
        size,
        // Filings are due at steps below this one. Another process has made fewer steps and filings than entries.
        step: 1_000 + size,
        filings: size,
    })
}

/// Goes on with a store in this process alone; prints the most memory that it had.
fn alone(folder: PathBuf) -> Outcome<()> {
    let mut store = open(folder)?;
    for _ in 0..STEPS {
        store.take()?;
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = peak.ok_or("VmHWM")?.trim().trim_end_matches(" kB").parse()?;
    println!("{:.1}", kib / 1024.0);
    Ok(())
}

/// The memory of a process that goes on with a store, in MiB.
fn memory(folder: &Path) -> Outcome<String> {
    let output = Command::new(std::env::current_exe()?).env(ALONE, folder).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn main() -> Outcome<()> {
    if let Some(folder) = std::env::var_os(ALONE) {
        return alone(folder.into());
    }
    let largest = std::env::var(LARGEST)
        .ok()
        .map(|size| size.parse::<u64>())
        .transpose()?;
    // On the disk of the target folder, for a temporary folder may be in memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut stores = Vec::new();
    for size in SIZES.into_iter().chain(largest) {
        let start = Instant::now();
        let mut store = open(folder.path().join(size.to_string()))?;
        store.grow(size)?;
        stores.push((size, store, start.elapsed()));
    }
    let mut times = vec![[const { Vec::new() }; 2]; stores.len()];
    for _ in 0..STEPS {
        for ((_, store, _), times) in stores.iter_mut().zip(&mut times) {
            let [taken, appended] = store.take()?;
            times[0].push(taken);
            times[1].push(appended);
        }
    }
    println!(
        "| entries before | {FILINGS} filings taken, ms: middle, mean | appended and published, ms: middle, mean | both, against the smallest | grown in s | MiB at most in a process of its own | against the smallest |"
    );
    println!("|---|---|---|---|---|---|---|");
    let (mut first, mut least) = (None, None);
    let sizes: Vec<_> = stores.iter().map(|(size, _, grown)| (*size, *grown)).collect();
    // Their files are another process's next.
    drop(stores);
    for ((size, grown), [taken, appended]) in sizes.into_iter().zip(times) {
        let (taken, appended) = (middle_and_mean(taken), middle_and_mean(appended));
        let both = taken.1 + appended.1;
        let against = both / *first.get_or_insert(both);
        let peak = memory(&folder.path().join(size.to_string()))?;
        let peak_mib: f64 = peak.parse()?;
        println!(
            "| {size} | {:.1}, {:.1} | {:.2}, {:.2} | {against:.2} | {:.1} | {peak} | {:.2} |",
            taken.0,
            taken.1,
            appended.0,
            appended.1,
            grown.as_secs_f64(),
            peak_mib / *least.get_or_insert(peak_mib)
        );
    }
    Ok(())
}
