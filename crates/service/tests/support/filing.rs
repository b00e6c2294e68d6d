//! Forms of the right shape around random bytes: the operator is blind, so to it they are as good as sealed ones.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use protocol::drop::BucketName;
use protocol::http::{ActForm, BlobRef, EntryHex, FilingForm, GreetingRef, RecordRef, RecordsForm, Work, WorkNonce};
use protocol::ids::Version;
use protocol::problem::Problem;
use protocol::statement::ShareRef;
use protocol::{Digest, Origin};
use tlog::Note;
use tlog::promise::Promise;

use super::{Answer, ORIGIN, World, x};

pub fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// A bucket by its name.
pub fn bucket(name: &str) -> BucketName {
    BucketName::parse(name).unwrap()
}

fn entry() -> [u8; 65] {
    let mut entry: [u8; 65] = random(65).try_into().unwrap();
    entry[0] = 0;
    entry
}

/// A form and the files that ride in it.
#[derive(Clone)]
pub struct Filing {
    pub form: FilingForm,
    pub files: BTreeMap<Digest, Vec<u8>>,
}

impl Filing {
    /// A bare account for five seats, without its work.
    pub fn new() -> Self {
        let mut files = BTreeMap::new();
        let mut add = |len: usize| {
            let bytes = random(len);
            let digest = Digest::of(&bytes);
            files.insert(digest, bytes);
            BlobRef {
                digest,
                size: len as u64,
            }
        };
        let header = add(26_235);
        let shares = (1..=5)
            .map(|number| {
                let BlobRef { digest, size } = add(1_979);
                ShareRef {
                    x: x(number),
                    digest,
                    size,
                }
            })
            .collect();
        let objects = vec![add(18_043)];
        let greetings = [0, 1].map(|_| GreetingRef {
            bucket: BucketName::WHOLE,
            digest: add(3_707).digest,
        });
        let form = FilingForm {
            v: Version,
            origin: Origin::new(ORIGIN).unwrap(),
            entry: EntryHex(entry()),
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

    /// With its work done.
    pub async fn worked(world: &World) -> Self {
        let mut filing = Self::new();
        filing.work(world).await;
        filing
    }

    pub async fn work(&mut self, world: &World) {
        self.form.work = world.work(&self.id()).await;
    }

    pub fn id(&self) -> Digest {
        Digest::of(self.form.entry.as_bytes())
    }

    pub fn slot(&self) -> [u8; 32] {
        self.form.entry.as_bytes()[1..33].try_into().unwrap()
    }

    pub fn request(&self) -> Request<Body> {
        let files = self.files.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
        let (kind, body) = multipart("filing", &protocol::json::write(&self.form), files);
        Request::post("/api/v1/filings")
            .header("content-type", kind)
            .body(Body::from(body))
            .unwrap()
    }

    pub async fn post(&self, world: &World) -> Answer {
        world.call(self.request()).await
    }

    /// Posts it and checks the promise.
    pub async fn file(&self, world: &World) -> Promise {
        let answer = self.post(world).await.ok();
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        let note = Note::parse(&answer.body).unwrap();
        let promise = Promise::verify(&note, &world.service.log_key()).unwrap();
        assert_eq!(promise.entry, self.id().0);
        assert_eq!(promise.origin, ORIGIN);
        promise
    }

    pub async fn problem(&self, world: &World) -> Problem {
        let answer = self.post(world).await;
        let problem = answer.problem();
        assert_eq!(answer.status, problem.status());
        problem
    }
}

/// An act of a member, with one K-file.
#[derive(Clone)]
pub struct Act {
    pub form: ActForm,
    pub files: BTreeMap<Digest, Vec<u8>>,
}

impl Act {
    pub fn new() -> Self {
        let (mut records, files) = records(1);
        records[0].keep = 0;
        let origin = Origin::new(ORIGIN).unwrap();
        Self {
            form: ActForm {
                v: Version,
                origin,
                entry: EntryHex(entry()),
                twin_entry: None,
                insist: false,
                records,
            },
            files,
        }
    }

    pub fn request(&self, world: &World, number: u8, skew: i64) -> Request<Body> {
        let files = self.files.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
        let (kind, body) = multipart("act", &protocol::json::write(&self.form), files);
        world.signed(number, "POST", "/api/v1/acts", &kind, body, skew)
    }

    pub async fn post(&self, world: &World, number: u8, skew: i64) -> Answer {
        world.call(self.request(world, number, skew)).await
    }
}

fn records(count: usize) -> (Vec<RecordRef>, BTreeMap<Digest, Vec<u8>>) {
    let files: BTreeMap<Digest, Vec<u8>> = (0..count)
        .map(|_| {
            let bytes = random(3_707);
            (Digest::of(&bytes), bytes)
        })
        .collect();
    (refs(&files), files)
}

fn refs(files: &BTreeMap<Digest, Vec<u8>>) -> Vec<RecordRef> {
    let record = |digest: &Digest| RecordRef {
        bucket: BucketName::WHOLE,
        keep: 30,
        digest: *digest,
    };
    files.keys().map(record).collect()
}

/// A body of `POST /records` with its content type, and the records' digests.
pub fn records_form(count: usize) -> (String, Vec<u8>, Vec<Digest>) {
    posting(records(count))
}

/// As [`records_form`], of records that exist already.
pub fn posting_again(again: &[Vec<u8>]) -> (String, Vec<u8>, Vec<Digest>) {
    let files: BTreeMap<Digest, Vec<u8>> = again.iter().map(|bytes| (Digest::of(bytes), bytes.clone())).collect();
    posting((refs(&files), files))
}

fn posting((records, files): (Vec<RecordRef>, BTreeMap<Digest, Vec<u8>>)) -> (String, Vec<u8>, Vec<Digest>) {
    let form = RecordsForm {
        v: Version,
        origin: Origin::new(ORIGIN).unwrap(),
        records,
    };
    let parts = files.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
    let (kind, body) = multipart("records", &protocol::json::write(&form), parts);
    (kind, body, files.into_keys().collect())
}

/// `multipart/form-data` as §19 wants it: content type and body.
pub fn multipart<'a>(name: &str, form: &[u8], files: impl Iterator<Item = (Digest, &'a [u8])>) -> (String, Vec<u8>) {
    protocol::http::multipart("boundary", name, form, files)
}
