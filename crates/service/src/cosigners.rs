//! Asks the cosigners of the policy for their cosignatures (`tlog-witness`, §6.5).

mod gather;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use casework::clock::SKEW_S;
use ledger::Ledger;
use tlog::note::{Note, NoteSignature, VerifierKey};
use tlog::witness::AddCheckpoint;
use tlog::{cosign, proof};

/// How long a cosigner may take.
const WAIT_S: u64 = 10;
/// A cosigner that answers with its own size is asked again, at most this often.
const TRIES: u32 = 3;
/// Longest answer in bytes.
const ANSWER_MAX: u64 = 16 * 1024;

/// Why a cosigner gave no cosignature. Says nothing of its address.
#[derive(Debug, thiserror::Error)]
enum Unsigned {
    #[error("the cosigner does not answer")]
    Away,
    #[error("the cosigner answered {0}")]
    Status(u16),
    #[error("the cosigner's answer is not a cosignature of this checkpoint")]
    Answer,
    #[error("the cosigner has signed a larger tree than this log has: this store was rolled back")]
    Ahead,
    #[error("the cosigner's size changes faster than it is asked")]
    Restless,
    #[error(
        "the cosigner's clock is {by_s} s {way} this machine's; {SKEW_S} are allowed: its cosignature is not taken"
    )]
    Clock { by_s: u64, way: &'static str },
    #[error("the cosignature is dated {by_s} s before the last published checkpoint; it is not taken")]
    Back { by_s: u64 },
    #[error("the tree cannot be read")]
    Tree(#[from] ledger::Error),
}

/// Whom to ask, and what each has signed last as far as is known.
pub(crate) struct Cosigners {
    agent: ureq::Agent,
    /// Size last signed, by key. Guards itself; never held while asking.
    sizes: Arc<Mutex<HashMap<Box<[u8]>, u64>>>,
}

impl Cosigners {
    /// Nothing is known of anybody.
    pub fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(WAIT_S)))
            .user_agent("resguardo")
            .build();
        Self {
            agent: config.new_agent(),
            sizes: Arc::default(),
        }
    }
}

/// Whether a cosignature dated `time` is taken at `now`, after a checkpoint of the time `published`.
fn in_time(time: u64, now: u64, published: u64) -> Result<(), Unsigned> {
    let by_s = time.abs_diff(now);
    if by_s > SKEW_S {
        let way = if time > now { "ahead of" } else { "behind" };
        return Err(Unsigned::Clock { by_s, way });
    }
    match published.checked_sub(time) {
        None | Some(0) => Ok(()),
        Some(by_s) => Err(Unsigned::Back { by_s }),
    }
}

/// One cosigner to be asked about one checkpoint.
struct Question {
    agent: ureq::Agent,
    sizes: Arc<Mutex<HashMap<Box<[u8]>, u64>>>,
    ledger: Ledger,
    note: Note,
    size: u64,
    key: VerifierKey,
    url: String,
}

impl Question {
    /// Posts `add-checkpoint`, from the size that the cosigner is believed or says to have.
    fn ask(&self) -> Result<(u64, NoteSignature), Unsigned> {
        let url = format!("{}/add-checkpoint", self.url.trim_end_matches('/'));
        let mut old_size = self.known();
        for _ in 0..TRIES {
            if old_size > self.size {
                return Err(Unsigned::Ahead);
            }
            // From nothing and to the same size the proof is empty (`tlog-witness`).
            let proof = if old_size == 0 || old_size == self.size {
                Vec::new()
            } else {
                proof::consistency(old_size, self.size, &self.ledger.nodes())?.ok_or(Unsigned::Ahead)?
            };
            let request = AddCheckpoint {
                old_size,
                proof,
                checkpoint: self.note.clone(),
            };
            let response = self
                .agent
                .post(&url)
                .content_type("text/plain; charset=utf-8")
                .send(request.to_text())
                .map_err(|_| Unsigned::Away)?;
            let status = response.status().as_u16();
            let answer = response
                .into_body()
                .into_with_config()
                .limit(ANSWER_MAX)
                .read_to_string();
            let answer = answer.map_err(|_| Unsigned::Away)?;
            match status {
                200 => {
                    let signature = self.signature(&answer).ok_or(Unsigned::Answer)?;
                    self.learn(self.size);
                    return Ok(signature);
                }
                409 => {
                    old_size = answer.trim_end_matches('\n').parse().map_err(|_| Unsigned::Answer)?;
                    self.learn(old_size);
                }
                status => return Err(Unsigned::Status(status)),
            }
        }
        Err(Unsigned::Restless)
    }

    /// This cosigner's signature among the lines it answered, with its time; others are ignored.
    fn signature(&self, lines: &str) -> Option<(u64, NoteSignature)> {
        let answered = Note::parse(format!("{}{lines}", self.note).as_bytes()).ok()?;
        let is_its = |signature: &&NoteSignature| signature.name == self.key.name() && signature.id == self.key.id();
        let signature = answered.signatures().iter().rev().find(is_its).cloned()?;
        // The time of this line: another one of the answer may say another.
        let time = cosign::verify(&self.note.clone().with(signature.clone()), &self.key).ok()?;
        Some((time, signature))
    }

    fn known(&self) -> u64 {
        self.lock().get(self.key.key()).copied().unwrap_or(0)
    }

    fn learn(&self, size: u64) {
        self.lock().insert(self.key.key().into(), size);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Box<[u8]>, u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
