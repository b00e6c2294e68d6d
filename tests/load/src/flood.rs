//! Honest filings and acts beside a flood: 10,000 junk filings and 10,000 junk acts, as fast as this machine can throw
//! them. Each run has a deployment of its own with steps of 600 s, so that the room of 12 hours is what it is in service.
//! What matters in steps is tested in `crates/service/tests/queues.rs`; here it is counted by the minute.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use deployment::{Deployment, Options, SEATS};
use protocol::age::passphrase::open_passphrase;
use protocol::http::{
    ActForm, BlobRef, EntryHex, FilingForm, GreetingRef, RecordRef, SIGNATURE_HEADER, SignedCall, TransportSignature,
    Work, WorkNonce, WorkOffer, multipart, work_search,
};
use protocol::ids::Version;
use protocol::keys::MemberKeys;
use protocol::statement::{Council, ShareRef};
use protocol::{Digest, Envelope, MemberNumber, Origin};
use rand_core::{Rng as _, UnwrapErr};

/// Junk of each kind.
const JUNK: u64 = 10_000;
/// A run ends after this time, whatever is left.
const TIME_MAX: Duration = Duration::from_secs(120);
/// An idle run.
const IDLE: Duration = Duration::from_secs(30);
/// Clients that throw filings; half as many throw acts.
const CLIENTS: usize = 8;
/// An honest filer files so often, an honest member acts a fifth as often.
const HONEST_EVERY: Duration = Duration::from_secs(2);

/// What one kind of posting came to.
#[derive(Default)]
struct Count {
    sent: AtomicU64,
    taken: AtomicU64,
    /// Milliseconds until the promise, all together, and of the slowest.
    waited_ms: AtomicU64,
    slowest_ms: AtomicU64,
}

impl Count {
    fn note(&self, is_taken: bool, waited: Duration) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        if is_taken {
            let waited = waited.as_millis() as u64;
            self.taken.fetch_add(1, Ordering::Relaxed);
            self.waited_ms.fetch_add(waited, Ordering::Relaxed);
            self.slowest_ms.fetch_max(waited, Ordering::Relaxed);
        }
    }

    fn of(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.taken.load(Ordering::Relaxed))
    }

    fn row(&self, wall: Duration) -> String {
        let (sent, taken) = self.of();
        format!(
            "{:.1} of {:.1} | {} | {}",
            taken as f64 * 60.0 / wall.as_secs_f64(),
            sent as f64 * 60.0 / wall.as_secs_f64(),
            self.waited_ms.load(Ordering::Relaxed) / taken.max(1),
            self.slowest_ms.load(Ordering::Relaxed)
        )
    }
}

/// A member and its key.
struct Member {
    x: MemberNumber,
    keys: MemberKeys,
}

/// Somebody who posts.
struct Client<'a> {
    agent: ureq::Agent,
    base_url: &'a str,
    origin: Origin,
}

/// All runs, as a table.
pub fn run(binary: &Path, folder: &Path) -> Result<String> {
    let mut table = String::from(
        "| run | junk filings taken | junk acts taken | honest filings a minute | mean ms | slowest ms | honest acts a minute | mean ms | slowest ms |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for (name, work_bits, has_junk) in [
        ("idle, 18 bits", 18, false),
        ("flood, 18 bits and more", 18, true),
        ("idle, no work", 0, false),
        ("flood, no work", 0, true),
    ] {
        let folder = folder.join(format!("flood-{work_bits}-{has_junk}"));
        let options = Options {
            pace: 4,
            step_s: 600,
            work_bits,
        };
        eprintln!("{name}: making a deployment");
        let deployment = Deployment::make(binary, &folder, options)?;
        table.push_str(&one(&deployment, name, has_junk)?);
    }
    Ok(table)
}

fn one(deployment: &Deployment, name: &str, has_junk: bool) -> Result<String> {
    let council = council(deployment)?;
    let member = |name: &str| member(deployment, &council, name);
    let (reader, hostile, honest) = (member("lawyer")?, member(SEATS[4])?, member(SEATS[0])?);
    let [junk_filings, junk_acts, filings, acts] = [(); 4].map(|()| Count::default());
    let left = [AtomicU64::new(JUNK), AtomicU64::new(JUNK)];
    let (start, is_over) = (Instant::now(), AtomicBool::new(false));
    let client = || Client::new(deployment, &council);
    let goes_on = |time: Duration| start.elapsed() < time && !is_over.load(Ordering::Relaxed);
    let take = |left: &AtomicU64| {
        let took = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        took.is_ok()
    };
    let until = if has_junk { TIME_MAX } else { IDLE };
    std::thread::scope(|scope| -> Result<()> {
        let mut junk = Vec::new();
        if has_junk {
            for _ in 0..CLIENTS {
                junk.push(scope.spawn(|| -> Result<()> {
                    let client = client();
                    while goes_on(TIME_MAX) && take(&left[0]) {
                        client.file(&junk_filings)?;
                    }
                    Ok(())
                }));
            }
            for author in [&reader, &hostile].into_iter().cycle().take(CLIENTS / 2) {
                let (client, left, junk_acts, goes_on, take) = (client(), &left[1], &junk_acts, &goes_on, &take);
                junk.push(scope.spawn(move || -> Result<()> {
                    while goes_on(TIME_MAX) && take(left) {
                        client.act(author, junk_acts)?;
                    }
                    Ok(())
                }));
            }
        }
        let filer = scope.spawn(|| -> Result<()> {
            let client = client();
            while goes_on(until) {
                let begun = Instant::now();
                client.file(&filings)?;
                std::thread::sleep(HONEST_EVERY.saturating_sub(begun.elapsed()));
            }
            Ok(())
        });
        let actor = scope.spawn(|| -> Result<()> {
            let client = client();
            while goes_on(until) {
                client.act(&honest, &acts)?;
                std::thread::sleep(HONEST_EVERY * 5);
            }
            Ok(())
        });
        let stopped = |_| anyhow::anyhow!("a client stopped");
        let threw: Vec<Result<()>> = junk.into_iter().map(|thread| thread.join().map_err(stopped)?).collect();
        if has_junk {
            is_over.store(true, Ordering::Relaxed);
        }
        filer.join().map_err(stopped)??;
        actor.join().map_err(stopped)??;
        threw.into_iter().collect()
    })?;
    let wall = start.elapsed();
    let ((sent, taken), (acts_sent, acts_taken)) = (junk_filings.of(), junk_acts.of());
    eprintln!("{name}: {:.0} s", wall.as_secs_f64());
    Ok(format!(
        "| {name} | {taken} of {sent} | {acts_taken} of {acts_sent} | {} | {} |\n",
        filings.row(wall),
        acts.row(wall)
    ))
}

fn council(deployment: &Deployment) -> Result<Council> {
    let list: Vec<Digest> = serde_json::from_slice(&deployment.get("/api/v1/public/index/council")?)?;
    let digest = list.last().context("the log has no council")?;
    Ok(Envelope::parse(&deployment.get(&format!("/api/v1/public/{digest}"))?)?.unverified()?)
}

fn member(deployment: &Deployment, council: &Council, name: &str) -> Result<Member> {
    let read = |ending: &str| std::fs::read(deployment.folder().join(format!("{name}.{ending}")));
    let passphrase = String::from_utf8(read("pass")?)?;
    let plain = open_passphrase(passphrase.trim(), &read("key")?)?;
    let keys = MemberKeys::from_key_file(std::str::from_utf8(&plain)?)?;
    let all = council.seats.iter().chain(&council.readers);
    let found = all.into_iter().find(|member| member.key == keys.public());
    let x = found.context("a member of the council")?.x;
    Ok(Member { x, keys })
}

fn random<const LEN: usize>() -> [u8; LEN] {
    let mut bytes = [0; LEN];
    UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    bytes
}

/// A file of this length that nobody has seen before.
fn file(len: usize) -> (Digest, Vec<u8>) {
    let mut bytes = vec![0x5a; len];
    bytes[..32].copy_from_slice(&random::<32>());
    (Digest::of(&bytes), bytes)
}

fn entry() -> EntryHex {
    let mut entry = random();
    entry[0] = 0;
    EntryHex(entry)
}

impl<'a> Client<'a> {
    fn new(deployment: &'a Deployment, council: &Council) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self {
            agent: config.into(),
            base_url: &deployment.base_url,
            origin: council.origin.clone(),
        }
    }

    /// Whether it was promised.
    fn post(&self, path: &str, kind: &str, signature: Option<&str>, body: &[u8]) -> Result<bool> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base_url))
            .header("Content-Type", kind);
        if let Some(signature) = signature {
            request = request.header(SIGNATURE_HEADER, signature);
        }
        let mut answer = request.send(body)?;
        let is_taken = answer.status().as_u16() == 200;
        // Read to its end, so that the connection serves again.
        answer.body_mut().read_to_vec()?;
        Ok(is_taken)
    }

    /// A filing of the right form around random bytes: to a blind operator as good as any.
    fn file(&self, count: &Count) -> Result<()> {
        let begun = Instant::now();
        let entry = entry();
        let posted = Digest::of(entry.as_bytes());
        let mut files = Vec::new();
        let mut add = |len: usize| {
            let (digest, bytes) = file(len);
            files.push((digest, bytes));
            digest
        };
        let blob = |digest, size: usize| BlobRef {
            digest,
            size: size as u64,
        };
        let header = blob(add(26_235), 26_235);
        let shares = (1..=5)
            .map(|x| {
                Ok(ShareRef {
                    x: MemberNumber::new(x).context("a number")?,
                    digest: add(1_979),
                    size: 1_979,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let objects = vec![blob(add(18_043), 18_043)];
        let greetings = [0, 1].map(|_| GreetingRef {
            bucket: protocol::drop::BucketName::WHOLE,
            digest: add(3_707),
        });
        let form = FilingForm {
            v: Version,
            origin: self.origin.clone(),
            entry,
            header,
            shares,
            objects,
            match_request: None,
            greetings,
            keep: 180,
            soon: false,
            quota: None,
            work: self.work(&posted)?,
        };
        let parts = files.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()));
        let (kind, body) = multipart("flood", "filing", &protocol::json::write(&form), parts);
        let is_taken = self.post("/api/v1/filings", &kind, None, &body)?;
        count.note(is_taken, begun.elapsed());
        Ok(())
    }

    fn work(&self, posted: &Digest) -> Result<Work> {
        let mut answer = self.agent.get(format!("{}/api/v1/work", self.base_url)).call()?;
        let offer: WorkOffer = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
        if offer.bits == 0 {
            return Ok(Work {
                nonce: WorkNonce([0; 16]),
                counter: 0,
            });
        }
        let counter = work_search(&offer.nonce, posted, offer.bits, 0, 1 << 30).context("a counter")?;
        Ok(Work {
            nonce: offer.nonce,
            counter,
        })
    }

    /// An act with its twin and one record.
    fn act(&self, author: &Member, count: &Count) -> Result<()> {
        let begun = Instant::now();
        let (digest, bytes) = file(3_707);
        let form = ActForm {
            v: Version,
            origin: self.origin.clone(),
            entry: entry(),
            twin_entry: Some(entry()),
            records: vec![RecordRef {
                bucket: protocol::drop::BucketName::WHOLE,
                keep: 30,
                digest,
            }],
            insist: false,
        };
        let parts = std::iter::once((digest, bytes.as_slice()));
        let (kind, body) = multipart("flood", "act", &protocol::json::write(&form), parts);
        let time = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let call = SignedCall {
            origin: self.origin.as_str(),
            method: "POST",
            path: "/api/v1/acts",
            body: &Digest::of(&body),
        };
        let signature = TransportSignature::sign(author.x, author.keys.signing(), &call, time).to_header();
        let is_taken = self.post(call.path, &kind, Some(&signature), &body)?;
        count.note(is_taken, begun.elapsed());
        Ok(())
    }
}
