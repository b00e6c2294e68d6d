//! 48 MiB of evidence, sealed as a stream and stored in chunks.

use std::sync::mpsc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use deployment::Deployment;
use protocol::age::{Identity, stream::StreamSealer};
use rand_core::{Rng as _, UnwrapErr};

use crate::machine;

const SIZE: usize = 48 << 20;
/// What is sealed at once.
const PIECE: usize = 1 << 20;
/// What is sent at once: the most that the service takes.
const CHUNK: usize = 4 << 20;
/// How often it is done.
const ROUNDS: usize = 5;

/// A file on its way.
struct Upload {
    agent: ureq::Agent,
    url: String,
}

impl Upload {
    fn begin(deployment: &Deployment) -> Self {
        let mut name = [0_u8; 32];
        UnwrapErr(getrandom::SysRng).fill_bytes(&mut name);
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            agent: ureq::Agent::new_with_defaults(),
            url: format!("{}/api/v1/uploads/{name}", deployment.base_url),
        }
    }

    /// Sends a chunk, which is durable when this returns; `total` is known with the last.
    fn put(&self, at: usize, chunk: &[u8], total: Option<usize>) -> Result<()> {
        let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
        let range = format!("bytes {at}-{}/{total}", at + chunk.len() - 1);
        let request = self.agent.put(&self.url).header("Content-Range", range);
        let response = request.send(chunk)?;
        ensure!(response.status().is_success(), "a chunk was refused");
        Ok(())
    }
}

/// Gives the sealed file in pieces of [`CHUNK`], the last of them with the whole size.
fn seal(mut give: impl FnMut(Vec<u8>, Option<usize>) -> Result<()>) -> Result<()> {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let identity = Identity::draw(rng);
    let plain = vec![0x5a_u8; PIECE];
    let (mut sealer, mut sealed) = StreamSealer::new(&identity.recipient(), rng);
    let mut size = 0;
    let mut full = |sealed: &mut Vec<u8>| -> Result<()> {
        while sealed.len() > CHUNK {
            let rest = sealed.split_off(CHUNK);
            size += CHUNK;
            give(std::mem::replace(sealed, rest), None)?;
        }
        Ok(())
    };
    for _ in 0..SIZE / PIECE {
        sealer.push(&plain, &mut sealed);
        full(&mut sealed)?;
    }
    sealer.finish(&mut sealed);
    full(&mut sealed)?;
    let size = size + sealed.len();
    give(sealed, Some(size))
}

/// Seals the whole file, then stores it, as the command line does, which files nothing before all is sealed. Gives the
/// seconds of both.
fn in_turn(deployment: &Deployment) -> Result<(f64, f64)> {
    let (mut chunks, start) = (Vec::new(), Instant::now());
    seal(|chunk, total| {
        chunks.push((chunk, total));
        Ok(())
    })?;
    let (sealing, start, upload) = (start.elapsed(), Instant::now(), Upload::begin(deployment));
    let mut at = 0;
    for (chunk, total) in &chunks {
        upload.put(at, chunk, *total)?;
        at += chunk.len();
    }
    Ok((sealing.as_secs_f64(), start.elapsed().as_secs_f64()))
}

/// Seals a chunk while the one before is stored, as the page does. Gives the seconds.
fn as_a_stream(deployment: &Deployment) -> Result<f64> {
    let (start, upload) = (Instant::now(), Upload::begin(deployment));
    let (sealed, chunks) = mpsc::sync_channel(1);
    std::thread::scope(|scope| {
        let sealing = scope.spawn(move || {
            // A receiver that is gone has failed, and says so itself.
            seal(|chunk, total| Ok(sealed.send((chunk, total))?))
        });
        let mut at = 0;
        for (chunk, total) in chunks {
            upload.put(at, &chunk, total)?;
            at += chunk.len();
        }
        sealing
            .join()
            .map_err(|_| anyhow::anyhow!("the sealing thread stopped"))?
    })?;
    Ok(start.elapsed().as_secs_f64())
}

/// Seals and stores in both ways, [`ROUNDS`] times; says how fast the middle one of each was, and how much memory the
/// service came to.
pub fn run(deployment: &Deployment) -> Result<String> {
    let pid = deployment.pid().context("the service runs")?;
    let before = machine::peak_mib(pid)?;
    let (mut sealing, mut storing, mut both, mut stream) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        let (sealed, stored) = in_turn(deployment)?;
        sealing.push(sealed);
        storing.push(stored);
        both.push(sealed + stored);
        stream.push(as_a_stream(deployment)?);
    }
    let speed = |mut times: Vec<f64>| {
        times.sort_unstable_by(f64::total_cmp);
        times.get(ROUNDS / 2).map_or(0.0, |time| SIZE as f64 / 1e6 / time)
    };
    Ok(format!(
        "48 MiB of evidence, the middle one of {ROUNDS} rounds: sealed and stored as a stream {:.0} MB/s; sealed alone {:.0} \
         MB/s, stored alone {:.0} MB/s, one after the other {:.0} MB/s; over {} uploads the service's peak memory grew by {:.1} MiB",
        speed(stream),
        speed(sealing),
        speed(storing),
        speed(both),
        2 * ROUNDS,
        machine::peak_mib(pid)? - before
    ))
}
