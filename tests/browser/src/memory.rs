//! What the processes of a browser's pages hold in memory, as the kernel counts it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

const EVERY: Duration = Duration::from_millis(10);

/// Looks every 10 ms until it is dropped.
pub struct Watch {
    seen: Arc<Mutex<Vec<(f64, f64)>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches the largest page below the driver's process.
    pub(crate) fn begin(driver: u32) -> Self {
        let seen: Arc<Mutex<Vec<(f64, f64)>>> = Arc::default();
        let is_over: Arc<AtomicBool> = Arc::default();
        let (into, over) = (Arc::clone(&seen), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            while !over.load(Ordering::SeqCst) {
                if let (Ok(now), Some(mib)) = (SystemTime::now().duration_since(UNIX_EPOCH), largest_mib(driver)) {
                    let mut seen = into.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.push((now.as_secs_f64() * 1e3, mib));
                }
                std::thread::sleep(EVERY);
            }
        });
        Self {
            seen,
            is_over,
            thread: Some(thread),
        }
    }

    /// Resident MiB at `from`, and the most until `to`; both in milliseconds since 1970, as a page counts them.
    pub fn between(&self, from: f64, to: f64) -> Result<(f64, f64)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen
            .iter()
            .rev()
            .find(|(at, _)| *at <= from)
            .context("a look before")?
            .1;
        let during = seen.iter().filter(|(at, _)| (from..=to).contains(at));
        Ok((before, during.map(|(_, mib)| *mib).fold(before, f64::max)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Resident MiB of the largest renderer that descends from a process.
fn largest_mib(ancestor: u32) -> Option<f64> {
    let mut processes: Vec<(u32, u32)> = Vec::new();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        processes.push((pid, parent));
    }
    let mut below = BTreeSet::from([ancestor]);
    loop {
        let more: Vec<u32> = processes
            .iter()
            .filter(|(pid, parent)| below.contains(parent) && !below.contains(pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            break;
        }
        below.extend(more);
    }
    let renderers = below.into_iter().filter(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("--type=renderer")
    });
    renderers.filter_map(resident_mib).reduce(f64::max)
}

fn resident_mib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}
