//! The clients: each has one connection and posts the next filing when the last one has its promise.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use deployment::{Deployment, Prepared};

use crate::machine;

const FSYNCS: &str = "resguardo_ledger_fsyncs_total";
const BYTES: &str = "resguardo_ledger_bytes_total";

/// A whole HTTP request.
pub struct Posting {
    pub request: Vec<u8>,
}

impl Posting {
    pub fn new(base_url: &str, filing: &Prepared) -> Self {
        let host = base_url.trim_start_matches("http://");
        let head = format!(
            "POST /api/v1/filings HTTP/1.1\r\nHost: {host}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            filing.content_type,
            filing.body.len()
        );
        Self {
            request: [head.as_bytes(), &filing.body].concat(),
        }
    }
}

/// What one client count did.
pub struct Round {
    times: Vec<Duration>,
    wall: Duration,
    pub cpu_s: f64,
    pub fsyncs: u64,
    pub bytes: u64,
}

impl Round {
    pub fn count(&self) -> usize {
        self.times.len().max(1)
    }

    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.wall.as_secs_f64()
    }

    pub fn percentile_ms(&self, part: f64) -> f64 {
        let at = ((self.times.len() as f64 * part) as usize).min(self.times.len().saturating_sub(1));
        self.times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Runs `clients` connections until time or filings are used up.
pub fn run(deployment: &Deployment, clients: usize, filings: Vec<Posting>, time: Duration) -> Result<Round> {
    let pid = deployment.pid().context("the service runs")?;
    let address = deployment.base_url.trim_start_matches("http://").to_owned();
    let waiting = Mutex::new(filings);
    let (fsyncs, bytes) = (
        machine::counter(deployment, FSYNCS)?,
        machine::counter(deployment, BYTES)?,
    );
    let (cpu, start) = (machine::cpu_s(pid)?, Instant::now());
    let times = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let threads: Vec<_> = (0..clients)
            .map(|_| scope.spawn(|| client(&address, &waiting, start + time)))
            .collect();
        let mut times = Vec::new();
        for thread in threads {
            times.extend(thread.join().map_err(|_| anyhow::anyhow!("a client stopped"))??);
        }
        Ok(times)
    });
    let wall = start.elapsed();
    let mut times = times?;
    times.sort_unstable();
    Ok(Round {
        times,
        wall,
        cpu_s: machine::cpu_s(pid)? - cpu,
        fsyncs: machine::counter(deployment, FSYNCS)? - fsyncs,
        bytes: machine::counter(deployment, BYTES)? - bytes,
    })
}

fn client(address: &str, waiting: &Mutex<Vec<Posting>>, until: Instant) -> Result<Vec<Duration>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let mut times = Vec::new();
    while Instant::now() < until {
        let Some(posting) = waiting.lock().map_err(|_| anyhow::anyhow!("a client stopped"))?.pop() else {
            break;
        };
        let start = Instant::now();
        writer.write_all(&posting.request)?;
        let (status, body) = answer(&mut reader)?;
        if status != 200 {
            bail!(
                "a good filing was answered {status}: {}",
                String::from_utf8_lossy(&body)
            );
        }
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Reads one answer: its status and its body.
pub fn answer(reader: &mut BufReader<TcpStream>) -> Result<(u16, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("a status line")?;
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((status, body))
}
