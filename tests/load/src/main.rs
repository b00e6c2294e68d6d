//! A closed loop of complete filings over loopback, beside a bare floor measured in the same run. Run by
//! `cargo xtask bench`. Loopback only, bounded in count and time.
#![expect(clippy::print_stdout, reason = "the table is the result")]

mod drive;
mod evidence;
mod flood;
mod floor;
mod machine;
mod reads;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use deployment::{Declarant, Deployment, Options};

use crate::drive::{Posting, Round};

/// Clients at once, in turn.
const CLIENTS: [usize; 4] = [1, 4, 16, 64];
/// Filings sealed beforehand for each client count: what 15 s can take at most, bounded.
const SEALED: [usize; 4] = [6_000, 12_000, 24_000, 30_000];
/// How long each count runs.
const TIME: Duration = Duration::from_secs(15);

/// `load [filings|evidence|flood|reads]`: one part by itself; all without, but for `reads`, which has a section of its own.
fn main() -> Result<()> {
    let part = std::env::args().nth(1);
    let is_asked = |name: &str| part.as_deref().is_none_or(|part| part == name);
    let binary = PathBuf::from(std::env::var_os("RESGUARDO_BIN").context("run by `cargo xtask bench`")?);
    let folder = tempfile::tempdir_in(std::env::current_dir()?)?;
    println!("{}\n", machine::describe()?);
    if is_asked("flood") {
        println!("{}", flood::run(&binary, folder.path())?);
    }
    if part.as_deref() == Some("reads") {
        println!("{}", reads::run(&binary, folder.path())?);
    }
    if !is_asked("filings") && !is_asked("evidence") {
        return Ok(());
    }
    let deployment = Deployment::make(
        &binary,
        folder.path(),
        Options {
            pace: 4096,
            step_s: 2,
            work_bits: 0,
        },
    )?;
    if is_asked("filings") {
        println!("{}", filings(&deployment, folder.path())?);
    }
    if is_asked("evidence") {
        println!("{}", evidence::run(&deployment)?);
    }
    Ok(())
}

/// The table of filings.
fn filings(deployment: &Deployment, folder: &Path) -> Result<String> {
    let declarant = Declarant::draw(deployment)?;
    let case = AtomicU32::new(0);

    let mut table = String::from(
        "| clients | filings/s | p50 ms | p99 ms | server CPU ms a filing | KiB a filing | fsyncs a filing | floor/s | of the floor |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for (clients, sealed) in CLIENTS.into_iter().zip(SEALED) {
        eprintln!("sealing {sealed} filings for {clients} clients");
        let filings = prepare(sealed, &case, &declarant, deployment)?;
        let bytes = filings.first().map_or(0, |filing| filing.request.len());
        let round = drive::run(deployment, clients, filings, TIME)?;
        let floor = floor::run(folder, clients, bytes, TIME / 3)?;
        table.push_str(&row(clients, &round, floor));
        eprintln!("{clients} clients: {:.0} filings/s", round.per_second());
    }
    Ok(table)
}

/// Seals on as many threads as there are processors.
fn prepare(count: usize, case: &AtomicU32, declarant: &Declarant, deployment: &Deployment) -> Result<Vec<Posting>> {
    let threads = std::thread::available_parallelism()?.get();
    let done = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| -> Result<()> {
        let work = || -> Result<()> {
            for _ in 0..count / threads {
                let filing = declarant.prepare(case.fetch_add(1, Ordering::Relaxed), deployment)?;
                let posting = Posting::new(&deployment.base_url, &filing);
                done.lock()
                    .map_err(|_| anyhow::anyhow!("a sealing thread stopped"))?
                    .push(posting);
            }
            Ok(())
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow::anyhow!("a sealing thread stopped"))?)
    })?;
    done.into_inner()
        .map_err(|_| anyhow::anyhow!("a sealing thread stopped"))
}

fn row(clients: usize, round: &Round, floor: f64) -> String {
    format!(
        "| {clients} | {:.0} | {:.1} | {:.1} | {:.2} | {:.1} | {:.3} | {floor:.0} | {:.0} % |\n",
        round.per_second(),
        round.percentile_ms(0.50),
        round.percentile_ms(0.99),
        round.cpu_s * 1000.0 / round.count() as f64,
        round.bytes as f64 / 1024.0 / round.count() as f64,
        round.fsyncs as f64 / round.count() as f64,
        round.per_second() * 100.0 / floor,
    )
}
