//! 48 MiB of evidence, sealed as a stream and stored in chunks.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use deployment::Deployment;
use protocol::age::{Identity, stream::Sealer};
use rand_core::{Rng as _, UnwrapErr};

use crate::machine;

const SIZE: usize = 48 << 20;
const CHUNK: usize = 1 << 20;

/// Seals and stores; says how fast, and how much memory the service came to.
pub fn run(deployment: &Deployment) -> Result<String> {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let identity = Identity::draw(rng);
    let plain = vec![0x5a_u8; CHUNK];
    let pid = deployment.pid().context("the service runs")?;
    let before = machine::peak_mib(pid)?;

    let start = Instant::now();
    let (mut sealer, mut sealed) = Sealer::new(&identity.recipient(), rng);
    for _ in 0..SIZE / CHUNK {
        sealer.push(&plain, &mut sealed);
    }
    sealer.finish(&mut sealed);
    let sealing = start.elapsed().as_secs_f64();

    let mut name = [0_u8; 32];
    rng.fill_bytes(&mut name);
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    let url = format!("{}/api/v1/uploads/{name}", deployment.base_url);
    let agent = ureq::Agent::new_with_defaults();
    let start = Instant::now();
    let chunks: Vec<&[u8]> = sealed.chunks(4 * CHUNK).collect();
    let mut at = 0;
    for (i, chunk) in chunks.iter().enumerate() {
        let end = at + chunk.len();
        let total = if i + 1 == chunks.len() {
            sealed.len().to_string()
        } else {
            "*".to_owned()
        };
        let range = format!("bytes {at}-{}/{total}", end - 1);
        let response = agent.put(&url).header("Content-Range", range).send(*chunk)?;
        ensure!(response.status().is_success(), "a chunk was refused");
        at = end;
    }
    let storing = start.elapsed().as_secs_f64();
    let mb = SIZE as f64 / 1e6;
    Ok(format!(
        "48 MiB of evidence: sealed at {:.0} MB/s, stored at {:.0} MB/s, both one after the other {:.0} MB/s; \
         the service's peak memory grew by {:.1} MiB",
        mb / sealing,
        mb / storing,
        mb / (sealing + storing),
        machine::peak_mib(pid)? - before
    ))
}
