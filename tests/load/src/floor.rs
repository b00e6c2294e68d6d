//! The floor: the same bytes, appended to a file and fsynced by a bare program, with the same number of writers that
//! wait for durability. Writers that wait together share one fsync, as in the ledger.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Result;

type Waiter = mpsc::SyncSender<()>;

/// Units a second.
pub fn run(folder: &Path, writers: usize, unit: usize, time: Duration) -> Result<f64> {
    let path = folder.join("floor");
    let mut file = File::create(&path)?;
    let (sender, receiver) = mpsc::channel::<(Vec<u8>, Waiter)>();
    let start = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|writer| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let unit = vec![writer as u8; unit];
                let (done, wait) = mpsc::sync_channel(1);
                while start.elapsed() < time && sender.send((unit.clone(), done.clone())).is_ok() && wait.recv().is_ok()
                {
                }
            })
        })
        .collect();
    drop(sender);
    let mut count = 0_u64;
    while let Ok(first) = receiver.recv() {
        let mut waiters = vec![first.1];
        file.write_all(&first.0)?;
        while let Ok((unit, waiter)) = receiver.try_recv() {
            file.write_all(&unit)?;
            waiters.push(waiter);
        }
        file.sync_data()?;
        count += waiters.len() as u64;
        for waiter in waiters {
            let _ = waiter.send(());
        }
    }
    let rate = count as f64 / start.elapsed().as_secs_f64();
    threads.into_iter().for_each(|thread| drop(thread.join()));
    std::fs::remove_file(path)?;
    Ok(rate)
}
