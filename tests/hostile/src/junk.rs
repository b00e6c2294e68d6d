//! Forms of the right shape around random bytes: the operator is blind, so to it they are as good as sealed ones.

use anyhow::{Context as _, Result};
use protocol::http::{
    ActForm, BlobRef, EntryHex, FilingForm, GreetingRef, RecordRef, RecordsForm, Work, WorkNonce, WorkOffer, multipart,
    work_search,
};
use protocol::ids::Version;
use protocol::statement::ShareRef;
use protocol::{Digest, Nonce};
use rand_core::UnwrapErr;

use crate::stage::{Answer, Member, Stage};

/// Sizes in bytes that the service asks of a filing's files (§15.6).
const HEADER: usize = 26_235;
const SHARE: usize = 1_979;
const DOCUMENT: usize = 18_043;
const RECORD: usize = 3_707;
/// An office cell for five seats.
const CELL: usize = 16_079;

/// Random bytes.
pub fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    rand_core::Rng::fill_bytes(&mut UnwrapErr(getrandom::SysRng), &mut bytes);
    bytes
}

/// 32 random bytes in hex.
pub fn name() -> String {
    Digest(Nonce::draw(&mut UnwrapErr(getrandom::SysRng)).0).to_hex()
}

/// An opaque entry that is nothing.
pub fn entry() -> EntryHex {
    let mut bytes = [0; 65];
    bytes[1..].copy_from_slice(&random(64));
    EntryHex(bytes)
}

/// A filing with the files that ride in it.
pub struct Filing {
    /// The form.
    pub form: FilingForm,
    /// The files.
    pub files: Vec<(Digest, Vec<u8>)>,
}

impl Filing {
    /// A bare account to all seats, which nobody will ever acknowledge; its work is not done.
    pub fn new(stage: &Stage) -> Self {
        let mut files = Vec::new();
        let mut add = |len: usize| {
            let bytes = random(len);
            let digest = Digest::of(&bytes);
            files.push((digest, bytes));
            BlobRef {
                digest,
                size: len as u64,
            }
        };
        let header = add(HEADER);
        let seats = stage.council.seats.iter();
        let shares = seats
            .map(|seat| {
                let BlobRef { digest, size } = add(SHARE);
                ShareRef {
                    x: seat.x,
                    digest,
                    size,
                }
            })
            .collect();
        let objects = vec![add(DOCUMENT)];
        let greetings = [0, 1].map(|_| GreetingRef {
            bucket: protocol::drop::BucketName::WHOLE,
            digest: add(RECORD).digest,
        });
        let form = FilingForm {
            v: Version,
            origin: stage.origin.clone(),
            entry: entry(),
            header,
            shares,
            objects,
            match_request: None,
            greetings,
            keep: 180,
            soon: true,
            quota: None,
            work: Work {
                nonce: WorkNonce([0; 16]),
                counter: 0,
            },
        };
        Self { form, files }
    }

    /// Does the work that is asked now and posts it.
    pub fn post(&mut self, stage: &Stage) -> Result<Answer> {
        self.form.work = work(stage, &Digest::of(self.form.entry.as_bytes()))?;
        let form = serde_json::to_vec(&self.form)?;
        let files = self.files.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
        let (kind, body) = multipart("c0ffee", "filing", &form, files);
        Ok(stage.post("/api/v1/filings", &kind, &[], &body))
    }
}

/// What the service asks now for something posted.
pub fn offer(stage: &Stage) -> Result<WorkOffer> {
    offer_at(stage, "/api/v1/work")
}

/// What work the service asks for an office cell.
pub fn office_offer(stage: &Stage) -> Result<WorkOffer> {
    offer_at(stage, "/api/v1/work?for=office")
}

fn offer_at(stage: &Stage, path: &str) -> Result<WorkOffer> {
    Ok(serde_json::from_slice(&stage.get(path).ok()?.body)?)
}

/// Does it.
pub fn work(stage: &Stage, posted: &Digest) -> Result<Work> {
    done(&offer(stage)?, posted)
}

/// Does what was offered.
pub fn done(offer: &WorkOffer, posted: &Digest) -> Result<Work> {
    let counter = work_search(&offer.nonce, posted, offer.bits, 0, 1 << 34).context("a counter")?;
    Ok(Work {
        nonce: offer.nonce,
        counter,
    })
}

/// Records that are nothing, for the one bucket there is.
pub fn records(count: usize, keep: u32) -> (Vec<RecordRef>, Vec<Vec<u8>>) {
    let files: Vec<Vec<u8>> = (0..count).map(|_| random(RECORD)).collect();
    let named = files.iter().map(|bytes| record(bytes, keep)).collect();
    (named, files)
}

/// A record by its digest.
pub fn record(bytes: &[u8], keep: u32) -> RecordRef {
    RecordRef {
        bucket: protocol::drop::BucketName::WHOLE,
        keep,
        digest: Digest::of(bytes),
    }
}

/// Posts an entry of a member with records.
pub fn post_act(
    stage: &Stage,
    member: &Member,
    entry: EntryHex,
    records: &[RecordRef],
    files: &[Vec<u8>],
) -> Result<Answer> {
    let form = ActForm {
        v: Version,
        origin: stage.origin.clone(),
        entry,
        twin_entry: None,
        records: records.to_vec(),
        insist: false,
    };
    let parts = files.iter().map(|bytes| (Digest::of(bytes), bytes.as_slice()));
    let (kind, body) = multipart("c0ffee", "act", &serde_json::to_vec(&form)?, parts);
    Ok(stage.signed_post(member, "/api/v1/acts", &kind, &body))
}

/// An act that is nothing, with one record that stays as long as the log.
pub fn act(stage: &Stage, member: &Member) -> Result<(Answer, EntryHex, Digest)> {
    let (named, files) = records(1, 0);
    let entry = entry();
    let answer = post_act(stage, member, entry, &named, &files)?;
    Ok((answer, entry, Digest::of(&files[0])))
}

/// Posts records of a member.
pub fn post_records(stage: &Stage, member: &Member, records: &[RecordRef], files: &[Vec<u8>]) -> Result<Answer> {
    let form = RecordsForm {
        v: Version,
        origin: stage.origin.clone(),
        records: records.to_vec(),
    };
    let parts = files.iter().map(|bytes| (Digest::of(bytes), bytes.as_slice()));
    let (kind, body) = multipart("c0ffee", "records", &serde_json::to_vec(&form)?, parts);
    Ok(stage.signed_post(member, "/api/v1/records", &kind, &body))
}

/// An office cell that is nothing.
pub fn cell() -> Vec<u8> {
    random(CELL)
}
