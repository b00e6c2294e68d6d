//! The same work as the page's, natively, with the same crate.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use browser::Stage;
use deployment::Deployment;
use protocol::Digest;
use protocol::http::{WorkNonce, work_search};
use protocol::phrase::Phrase;
use protocol::statement::SealedBy;
use rand_core::{Rng as _, UnwrapErr};
use sealing::{
    Choices, Clocks, FileInfo, ProvenStatement, TestimonyInput, TestimonySealer, TrustedCouncil, phrase_root,
};
use serde_json::{Value, json};

use crate::{PIECE, PIECES, ROUNDS};

/// What it took.
pub struct Took {
    pub argon_ms: f64,
    pub seal_ms: f64,
    pub evidence_mb_s: f64,
    pub stored_mb_s: f64,
    pub hashes_s: f64,
}

/// Hashes tried in a round of a search for work.
const TRIES: u64 = 1_000_000;

pub fn run(stage: &Stage) -> Result<Took> {
    let service = stage.service.borrow();
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let council = trusted(&service)?;
    let words = json!({"account": "Fue en marzo, había un letrero azul. ".repeat(110)}).to_string();
    let now = now_s()?;
    let (mut argon, mut seal) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let start = Instant::now();
        let root = phrase_root(&Phrase::draw(rng), council.origin())?;
        let sealer = TestimonySealer::begin(council.target()?, root.case(round), Choices::default(), rng)?;
        argon.push(start.elapsed().as_secs_f64() * 1e3);
        let input = TestimonyInput::parse(&words)?;
        let start = Instant::now();
        sealer.seal(&input, now, SealedBy::Browser, rng)?;
        seal.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let root = phrase_root(&Phrase::draw(rng), council.origin())?;
    let sealer = TestimonySealer::begin(council.target()?, root.case(0), Choices::default(), rng)?;
    let (sealed_s, sealed) = evidence(&sealer, rng)?;
    let stored_s = store(&service, &sealed, rng)?;
    let mb = (PIECES * PIECE) as f64 / 1e6;
    Ok(Took {
        argon_ms: median(argon),
        seal_ms: median(seal),
        evidence_mb_s: mb / sealed_s,
        stored_mb_s: mb / (sealed_s + stored_s),
        hashes_s: hashes(),
    })
}

/// Hashes a second in a search for work that finds nothing: the best of all rounds.
fn hashes() -> f64 {
    let (nonce, posted) = (WorkNonce([0; 16]), Digest::of(b"posted"));
    let round = |round: u32| {
        let start = Instant::now();
        let found = work_search(&nonce, &posted, 64, u64::from(round) * TRIES, TRIES);
        assert_eq!(found, None, "64 bits were found");
        TRIES as f64 / start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

fn trusted(service: &Deployment) -> Result<TrustedCouncil> {
    let text = |path: String| -> Result<String> { Ok(String::from_utf8(service.get(&path)?)?) };
    let mut shown = Vec::new();
    for kind in ["council", "drop", "greeting"] {
        let list: Vec<String> = serde_json::from_str(&text(format!("/api/v1/public/index/{kind}"))?)?;
        for digest in list {
            shown.push(ProvenStatement {
                envelope: text(format!("/api/v1/public/{digest}"))?,
                proof: text(format!("/api/v1/public/{digest}/proof"))?,
            });
        }
    }
    let mut root: Value = serde_json::from_slice(&std::fs::read(service.folder().join("root.json"))?)?;
    // The file also says where the service is; the root that a page carries does not.
    root.as_object_mut().context("an object")?.remove("base_url");
    let clocks = Clocks {
        device: now_s()?,
        ..Clocks::default()
    };
    Ok(TrustedCouncil::check(
        root.to_string().as_bytes(),
        &shown,
        &service.get("/log/checkpoint")?,
        clocks,
    )?)
}

/// Seals 48 MiB as the worker does, piece by piece; gives the time and the ciphertext.
fn evidence(sealer: &TestimonySealer, rng: &mut UnwrapErr<getrandom::SysRng>) -> Result<(f64, Vec<u8>)> {
    let mut piece = vec![0; PIECE];
    rng.fill_bytes(&mut piece);
    let info = FileInfo {
        name: "film.mp4".to_owned(),
        media_type: "video/mp4".to_owned(),
        date: "2026-11-20".to_owned(),
        size: (PIECES * PIECE) as u64,
    };
    let mut sealed = Vec::with_capacity(PIECES * PIECE + PIECE);
    let start = Instant::now();
    let mut file = sealer.begin_evidence(info, &mut sealed, rng)?;
    for _ in 0..PIECES {
        file.push(&piece, &mut sealed)?;
    }
    file.finish(&mut sealed)?;
    Ok((start.elapsed().as_secs_f64(), sealed))
}

/// Sends it in the largest chunks that the service takes; gives the time.
fn store(service: &Deployment, sealed: &[u8], rng: &mut UnwrapErr<getrandom::SysRng>) -> Result<f64> {
    let mut name = [0; 32];
    rng.fill_bytes(&mut name);
    let url = format!(
        "{}/api/v1/uploads/{}",
        service.base_url,
        base16ct::lower::encode_string(&name)
    );
    let agent = ureq::Agent::new_with_defaults();
    let start = Instant::now();
    let mut at = 0;
    for chunk in sealed.chunks(4 * PIECE) {
        let end = at + chunk.len();
        let total = if end == sealed.len() {
            end.to_string()
        } else {
            "*".to_owned()
        };
        let range = format!("bytes {at}-{}/{total}", end - 1);
        let response = agent.put(&url).header("Content-Range", range).send(chunk)?;
        ensure!(response.status().is_success(), "a chunk was refused");
        at = end;
    }
    Ok(start.elapsed().as_secs_f64())
}

fn now_s() -> Result<u64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Ok(now.context("a clock before 1970")?.as_secs())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
