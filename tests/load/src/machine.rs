//! What the machine and the kernel say.

use anyhow::{Context as _, Result};
use deployment::Deployment;

/// Processor, cores, kernel, commit.
pub fn describe() -> Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or(": unknown");
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let commit = std::process::Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output();
    let commit = commit.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    let cores = std::thread::available_parallelism()?.get();
    Ok(format!(
        "{}, {cores} cores, Linux {}, commit {commit}",
        model.trim_start_matches([':', '\t', ' ']),
        kernel.trim()
    ))
}

/// User and system time of a process so far, in seconds.
pub fn cpu_s(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after = stat.rsplit_once(") ").context("a stat line")?.1;
    let ticks: f64 = after
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse().unwrap_or(0.0))
        .sum();
    Ok(ticks / 100.0)
}

/// Whether a process has ended and only waits to be waited for.
pub fn has_ended(pid: u32) -> Result<bool> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Ok(stat.rsplit_once(") ").context("a stat line")?.1.starts_with('Z'))
}

/// Most memory a process has had resident, in MiB.
pub fn peak_mib(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}

/// A counter of the service's metrics.
pub fn counter(deployment: &Deployment, name: &str) -> Result<u64> {
    let metrics = deployment.metrics()?;
    let line = metrics
        .lines()
        .find(|line| line.split(' ').next() == Some(name))
        .with_context(|| name.to_owned())?;
    Ok(line.rsplit(' ').next().context("a value")?.parse::<f64>()? as u64)
}
