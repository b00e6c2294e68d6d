//! A deployment to be attacked, and the calls that any client can make.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use deployment::{Deployment, Options};
use protocol::age::passphrase::open_passphrase;
use protocol::http::{SIGNATURE_HEADER, SignedCall, TransportSignature};
use protocol::keys::MemberKeys;
use protocol::statement::Council;
use protocol::{Digest, Envelope, MemberNumber, Origin};
use serde_json::Value;
use tempfile::TempDir;
use tlog::Note;
use tlog::policy::{Policy, Trusted};
use tlog::verify::Follower;

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// A deployment in a folder of its own.
pub struct Stage {
    /// Its processes end before its folder goes.
    pub deployment: Deployment,
    _folder: TempDir,
    /// The log's name.
    pub origin: Origin,
    /// Who is who.
    pub council: Council,
    /// What makes a checkpoint trusted.
    pub policy: Policy,
    agent: ureq::Agent,
    signed: AtomicU64,
}

/// A member whose keys the attack has.
pub struct Member {
    /// Number in the council.
    pub x: MemberNumber,
    /// Its keys.
    pub keys: MemberKeys,
}

/// What a call answered.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status; 0 when the connection broke.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether it was taken.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer, which must be a success.
    pub fn ok(self) -> Result<Self> {
        let said = || String::from_utf8_lossy(&self.body).into_owned();
        ensure!(self.is_ok(), "{}: {}", self.status, said());
        Ok(self)
    }
}

/// How a stage differs from the ordinary.
#[derive(Clone, Copy)]
pub struct Ways {
    /// Entries a step.
    pub pace: u32,
    /// Seconds a step.
    pub step_s: u32,
    /// Zero bits asked of a filing when idle.
    pub work_bits: u8,
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            pace: 64,
            step_s: 1,
            work_bits: 4,
        }
    }
}

impl Stage {
    /// Founds a deployment of this binary and starts it.
    pub fn set(binary: &Path, ways: Ways) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = Options {
            pace: ways.pace,
            step_s: ways.step_s,
            work_bits: ways.work_bits,
        };
        let deployment = Deployment::make(binary, &folder.path().join("deployment"), options)?;
        let list: Vec<Digest> = serde_json::from_slice(&deployment.get("/api/v1/public/index/council")?)?;
        let digest = list.first().context("a council")?;
        let council: Council = Envelope::parse(&deployment.get(&format!("/api/v1/public/{digest}"))?)?.unverified()?;
        Ok(Self {
            origin: council.origin.clone(),
            policy: Policy::parse(&council.policy)?,
            council,
            agent: agent(PATIENCE),
            deployment,
            _folder: folder,
            signed: AtomicU64::new(0),
        })
    }

    /// The same, with another patience for answers.
    pub fn patient(mut self, patience: Duration) -> Self {
        self.agent = agent(patience);
        self
    }

    /// Host and port of the service.
    pub fn address(&self) -> &str {
        self.deployment.base_url.trim_start_matches("http://")
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        answer(self.agent.get(self.url(path)).call())
    }

    /// POST.
    pub fn post(&self, path: &str, kind: &str, headers: &[(&str, String)], body: &[u8]) -> Answer {
        let request = self.agent.post(self.url(path)).header("Content-Type", kind);
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, value));
        answer(request.send(body))
    }

    /// A chunk of an upload.
    pub fn put(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Answer {
        let request = self.agent.put(self.url(path));
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, value));
        answer(request.send(body))
    }

    /// POST by a member.
    pub fn signed_post(&self, member: &Member, path: &str, kind: &str, body: &[u8]) -> Answer {
        let value = self.signature(member, "POST", path, body);
        self.post(path, kind, &[(SIGNATURE_HEADER, value)], body)
    }

    /// Each signature is another one: its second goes round within what the service allows.
    fn signature(&self, member: &Member, method: &str, path: &str, body: &[u8]) -> String {
        let time = now() + 1 + self.signed.fetch_add(1, Ordering::Relaxed) % 200;
        let call = SignedCall {
            origin: self.origin.as_str(),
            method,
            path,
            body: &Digest::of(body),
        };
        TransportSignature::sign(member.x, member.keys.signing(), &call, time).to_header()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.deployment.base_url)
    }

    /// A member of the council by the name of its key file, as somebody who stole or bought it has it.
    pub fn member(&self, name: &str) -> Result<Member> {
        let keys = self.keys(name)?;
        let all = self.council.seats.iter().chain(&self.council.readers);
        let found = all.clone().find(|member| member.key == keys.public());
        let x = found.with_context(|| format!("{name} is in the council"))?.x;
        Ok(Member { x, keys })
    }

    /// The keys in a key file.
    pub fn keys(&self, name: &str) -> Result<MemberKeys> {
        let read = |ending: &str| std::fs::read(self.path(&format!("{name}.{ending}")));
        let words = String::from_utf8(read("pass")?)?;
        let plain = open_passphrase(words.trim(), &read("key")?)?;
        Ok(MemberKeys::from_key_file(std::str::from_utf8(&plain)?)?)
    }

    /// A path in the deployment's folder.
    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.deployment.folder().join(name)
    }

    /// The newest checkpoint, whose cosignatures satisfy the policy.
    pub fn checkpoint(&self) -> Result<(Note, Trusted)> {
        let note = Note::parse(&self.get("/log/checkpoint").ok()?.body)?;
        let trusted = self.policy.check(&note, self.origin.as_str())?;
        Ok((note, trusted))
    }

    /// All entries of the log, read as a stranger reads them.
    pub fn entries(&self) -> Result<Vec<Vec<u8>>> {
        let (_, trusted) = self.checkpoint()?;
        let fetch = |tile: &tlog::tile::TileName| self.deployment.get(&format!("/log/{}", tile.path()));
        let read = Follower::new().advance(&trusted, fetch);
        read.map_err(|error| anyhow::anyhow!("the log does not verify: {error:?}"))
    }

    /// Entries in the newest checkpoint.
    pub fn size(&self) -> Result<u64> {
        Ok(self.checkpoint()?.1.checkpoint().size)
    }

    /// Waits until an entry is in the log; its index.
    pub fn included(&self, entry: &[u8]) -> Result<u64> {
        until("an entry in the log", || {
            let entries = self.entries()?;
            let found = entries.iter().position(|found| found == entry);
            Ok(found.map(|index| index as u64))
        })
    }

    /// Runs a verb with somebody's key and `--json`; its events, or what it said when it failed.
    pub fn desk(&self, name: &str, arguments: &[&str]) -> Result<Vec<Value>> {
        self.deployment.desk(name, arguments)
    }

    /// Resident memory of the service in MiB.
    pub fn memory_mib(&self) -> Result<u64> {
        let pid = self.deployment.pid().context("the service runs")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = line.context("VmRSS")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024)
    }

    /// Files in the store, and the KiB that they take on disk.
    pub fn store(&self) -> Result<(u64, u64)> {
        use std::os::unix::fs::MetadataExt as _;
        let (mut files, mut blocks) = (0, 0);
        let mut folders = vec![self.path("operator/store")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                // A file that goes while it is counted is gone.
                let Ok(entry) = entry else { continue };
                let Ok(about) = entry.metadata() else { continue };
                if about.is_dir() {
                    folders.push(entry.path());
                } else {
                    files += 1;
                    blocks += about.blocks();
                }
            }
        }
        Ok((files, blocks / 2))
    }
}

fn agent(patience: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false);
    config.build().into()
}

fn answer(outcome: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let Ok(mut response) = outcome else {
        return Answer {
            status: 0,
            body: Vec::new(),
        };
    };
    let body = response.body_mut().with_config().limit(1 << 28).read_to_vec();
    Answer {
        status: response.status().as_u16(),
        body: body.unwrap_or_default(),
    }
}

/// POSIX seconds.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs()
}

/// Looks again until there is something.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let since = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if since.elapsed() > PATIENCE {
            bail!("{what} did not come within {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
