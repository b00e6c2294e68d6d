//! Who erases what (§9.1, §9.6).

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use protocol::Digest;
use serde_json::json;

use crate::Figure;
use crate::junk::{self, Filing};
use crate::stage::{Answer, Member, Stage, Ways, until};

/// Greetings between a record and the attacker's copy of it.
const BETWEEN: usize = 1_040;

/// Every record in the public bucket.
fn public(stage: &Stage) -> Result<HashSet<Digest>> {
    let summary: serde_json::Value = serde_json::from_slice(&stage.get("/api/v1/drop/0/-").ok()?.body)?;
    let mut all = HashSet::new();
    for page in 0..summary["pages"].as_u64().unwrap_or(0) {
        let page = stage.get(&format!("/api/v1/drop/0/-/{page}")).ok()?.body;
        all.extend(page.chunks(3_707).map(Digest::of));
    }
    Ok(all)
}

/// Asks for 64 things at most to be deleted.
fn delete(stage: &Stage, by: &Member, files: &[Digest], records: &[Digest]) -> Result<Answer> {
    let records: Vec<_> = records
        .iter()
        .map(|digest| json!({"bucket": "0/-", "digest": digest}))
        .collect();
    let form = json!({"v": 1, "origin": stage.origin, "files": files, "records": records});
    let body = serde_json::to_vec(&form)?;
    Ok(stage.signed_post(by, "/api/v1/member/delete", "application/json", &body))
}

/// A seat writes `size` records; a reader posts the same bytes and deletes them.
pub(super) fn records_of_others(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let (seat, reader) = (stage.member("ombudsman")?, stage.member("lawyer")?);
    let (named, files) = junk::records(size, 30);
    junk::post_records(&stage, &seat, &named, &files)?.ok()?;
    let digests: Vec<Digest> = named.iter().map(|record| record.digest).collect();
    let left = |stage: &Stage| -> Result<usize> {
        let there = public(stage)?;
        Ok(digests.iter().filter(|digest| there.contains(digest)).count())
    };
    until("the records in public", || Ok((left(&stage)? == size).then_some(())))?;
    // So many places later that a search of the newest ones does not come to the originals first.
    for _ in 0..BETWEEN / 2 {
        Filing::new(&stage).post(&stage)?.ok()?;
    }
    until("the greetings in public", || {
        Ok((public(&stage)?.len() >= size + BETWEEN).then_some(()))
    })?;
    // Whether it is refused is the service's choice; what counts is what is left.
    let _ = junk::post_records(&stage, &reader, &named, &files)?;
    for digest in &digests {
        let _ = delete(&stage, &reader, &[], &[*digest])?;
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    let left = left(&stage)?;
    Ok(Figure::new(left == size, format!("{left} of {size} records are left")))
}

/// A second form names the first one's object; three seats delete what the second one named.
pub(super) fn blobs_of_others(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let seats = ["ombudsman", "shelter", "prosecutor"].map(|name| stage.member(name));
    let (mut left, mut taken) = (0, 0);
    for _ in 0..size {
        let mut honest = Filing::new(&stage);
        honest.post(&stage)?.ok()?;
        let object = honest.form.objects[0].digest;
        let mut spam = Filing::new(&stage);
        spam.form.objects = honest.form.objects.clone();
        spam.files.retain(|(digest, _)| {
            let form = &spam.form;
            let is_share = form.shares.iter().any(|share| share.digest == *digest);
            let is_greeting = form.greetings.iter().any(|greeting| greeting.digest == *digest);
            is_share || is_greeting || form.header.digest == *digest
        });
        // Seats delete what a filing in the log named: of a form that is refused they never hear.
        let is_taken = spam.post(&stage)?.is_ok();
        taken += usize::from(is_taken);
        for seat in seats.iter().filter(|_| is_taken) {
            let seat = seat.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
            let _ = delete(&stage, seat, &[object], &[])?;
        }
        left += usize::from(stage.get(&format!("/api/v1/blobs/{object}")).is_ok());
    }
    Ok(Figure::new(
        left == size,
        format!("{taken} of {size} such forms are taken; {left} of {size} objects are left"),
    ))
}

/// A seat files acts and deletes their records.
pub(super) fn own_act(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let seat = stage.member("prosecutor")?;
    let mut digests = Vec::new();
    for _ in 0..size {
        let (answer, _, digest) = junk::act(&stage, &seat)?;
        answer.ok()?;
        digests.push(digest);
    }
    let left = |stage: &Stage| -> Result<usize> {
        let there = public(stage)?;
        Ok(digests.iter().filter(|digest| there.contains(digest)).count())
    };
    until("the records in public", || Ok((left(&stage)? == size).then_some(())))?;
    for digest in &digests {
        let _ = delete(&stage, &seat, &[], &[*digest])?;
    }
    std::thread::sleep(std::time::Duration::from_secs(2));
    let left = left(&stage)?;
    Ok(Figure::new(left == size, format!("{left} of {size} records are left")))
}
