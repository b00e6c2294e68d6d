//! What the operator and the public see (§9.1, §15.8, §17).

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use deployment::Call;

use crate::Figure;
use crate::case::{Case, again};
use crate::junk::{self, Filing};
use crate::relay::{Lies, Relay};
use crate::stage::{Stage, Ways, until};

const ALL: [&str; 5] = ["ombudsman", "shelter", "prosecutor", "consulate", "university"];

/// The whole way, and the reader's opening over a relay.
pub(super) fn who_opens(binary: &Path, _: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let case = Case::file(&stage)?;
    case.acknowledge(&stage, &ALL)?;
    let request = case.ask(&stage)?;
    let short = &request.to_hex()[..12];
    for name in &ALL[..3] {
        again(&stage, name, &["grant", short])?;
    }
    for name in &ALL[..3] {
        again(&stage, name, &["release", short])?;
    }
    let relay = Relay::start(&stage, Lies::default())?;
    let root = relay.root(&stage)?;
    let root = root.to_string_lossy();
    again(&stage, "lawyer", &["open", short, "--out", "opened", "--root", &root])?;
    let connections = relay.connections();
    let is_mixed =
        |calls: &&Vec<Call>| calls.iter().any(|call| call.is_signed) && calls.iter().any(|call| !call.is_signed);
    let mixed = connections.iter().filter(is_mixed).count();
    let signed = connections.iter().flatten().filter(|call| call.is_signed).count();
    let calls: Vec<&Call> = connections.iter().flatten().collect();
    let objects = calls
        .iter()
        .filter(|call| call.path.starts_with("/api/v1/blobs/"))
        .count();
    anyhow::ensure!(
        signed > 0 && objects > 0,
        "the reader neither signs nor fetches over the relay"
    );
    Ok(Figure::new(
        mixed == 0,
        format!(
            "{mixed} of {} connections carry signed and unsigned requests ({signed} signed, {objects} files fetched)",
            connections.len()
        ),
    ))
}

pub(super) fn file_host(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let mut served = 0;
    for _ in 0..size {
        let bytes = junk::random(4_096);
        let range = [("Content-Range", "bytes 0-4095/4096".to_owned())];
        let answer = stage
            .put(&format!("/api/v1/uploads/{}", junk::name()), &range, &bytes)
            .ok()?;
        let digest = String::from_utf8(answer.body)?;
        let got = stage.get(&format!("/api/v1/blobs/{}", digest.trim()));
        served += usize::from(got.is_ok() && got.body == bytes);
    }
    Ok(Figure::new(
        served == 0,
        format!("{served} of {size} unnamed files are served"),
    ))
}

/// Places in the public bucket.
fn places(stage: &Stage) -> Result<u64> {
    let summary: serde_json::Value = serde_json::from_slice(&stage.get("/api/v1/drop/0/-").ok()?.body)?;
    summary["places"].as_u64().context("places")
}

pub(super) fn greeting_timing(binary: &Path, size: usize) -> Result<Figure> {
    let step_s = 6;
    let ways = Ways {
        step_s,
        ..Ways::default()
    };
    let stage = Stage::set(binary, ways)?;
    let (mut at_once, mut smallest) = (0, u64::MAX);
    for _ in 0..size {
        // Just after a step, so that none falls between the two looks.
        let step_ms = u128::from(step_s) * 1_000;
        let since = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() % step_ms;
        std::thread::sleep(Duration::from_millis(u64::try_from(step_ms - since)? + 1_500));
        let before = places(&stage)?;
        Filing::new(&stage).post(&stage)?.ok()?;
        let grown = places(&stage)? - before;
        at_once += grown;
        let published = until("the publication", || {
            Ok(Some(places(&stage)?).filter(|now| *now > before))
        })?;
        smallest = smallest.min(published - before);
    }
    Ok(Figure::new(
        at_once == 0 && smallest >= 8,
        format!("{at_once} records of {size} filings are public at once; a publication adds {smallest} at least"),
    ))
}
