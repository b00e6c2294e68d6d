//! A client's own view of the log: every entry read from the tiles, every checkpoint verified against the policy,
//! folded, and kept on disk between two runs.
//!
//! The service is believed in nothing. A cache that does not lead to its own verified checkpoint is read anew, but that
//! checkpoint stays: the log must still pass through it.

use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use crate::remote::Remote;
use crate::trust::Trust;
use casework::{Chronology, Fold, Registry};
use protocol::slot::{CaseSalt, Entry};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tlog::policy::Trusted;
use tlog::tile::{self, TileName};
use tlog::verify::{Follower, ReadError};
use tlog::{Checkpoint, Note, Policy};

mod cache;
mod cosigners;
mod history;
mod present;
mod read;
mod steps;
mod times;

pub(crate) use cache::bind;
pub(crate) use cosigners::{Said, ask};
pub use steps::Steps;

use history::Seen;
use present::Present;
use times::Leaves;

/// The log as this client has verified it so far.
pub struct Follow {
    trust: Trust,
    remote: Remote,
    folder: Option<PathBuf>,
    _lock: Option<std::fs::File>,
    fold: Fold,
    follower: Follower,
    latest: Option<(Note, Trusted)>,
    next_step: Option<u64>,
    positions: HashMap<[u8; 32], u64>,
    leaves: Leaves,
    times: Times,
    /// When the checkpoints were that this client has seen.
    chronology: Chronology,
    present: Present,
    /// The latest checkpoint as the cosigners signed it again, where they were asked.
    cosigned_again: Option<(Note, Trusted)>,
    /// Cases whose acts are timed at every reading.
    watched: Vec<CaseSalt>,
    steps: Option<Steps>,
    seen: Option<Seen>,
    unsaved: Vec<Kept>,
    rewrite: bool,
}

/// How exactly the times of inclusion must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The first checkpoint that includes each public statement and each act on a watched case: what waiting times run
    /// from (§8.3).
    Exact,
    /// The checkpoint that this client read first with it: enough to seal, to find an entry, to take a proof.
    AsRead,
}

/// An entry as it is kept: its bytes, and the time of the first checkpoint that includes it, if that was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stands in the log.
    pub bytes: Vec<u8>,
    /// Checkpoint time, POSIX seconds (§8.3); [`casework::clock::UNKNOWN_TIME`] until it is looked up.
    pub included_at: u64,
}

impl Follow {
    /// Begins, or continues from `folder`.
    ///
    /// # Errors
    /// Exit 1 for a root that is none, 4 when another process uses the folder or it is of another log, 6 for storage and
    /// for a folder that has lost what it says it has seen.
    pub fn open(trust: Trust, remote: Remote, folder: Option<&Path>, console: &Console) -> Outcome<Self> {
        let fold = Fold::new(&trust.root).map_err(|error| bad_log("root", error))?;
        let lock = folder.map(cache::lock).transpose()?;
        let mut follow = Self {
            trust,
            remote,
            folder: folder.map(Path::to_owned),
            _lock: lock,
            fold,
            follower: Follower::new(),
            latest: None,
            next_step: None,
            positions: HashMap::new(),
            leaves: Leaves::default(),
            times: Times::Exact,
            chronology: Chronology::default(),
            present: Present::default(),
            cosigned_again: None,
            watched: Vec::new(),
            steps: None,
            seen: None,
            unsaved: Vec::new(),
            rewrite: false,
        };
        if let Some(folder) = folder {
            follow.resume(folder, console)?;
        }
        Ok(follow)
    }

    /// Begins anew, for what needs no times: far fewer checkpoints are fetched. Nothing is kept on disk.
    ///
    /// # Errors
    /// Exit 1 for a root that is none.
    pub fn open_as_read(trust: Trust, remote: Remote, console: &Console) -> Outcome<Self> {
        let follow = Self::open(trust, remote, None, console)?;
        Ok(Self {
            times: Times::AsRead,
            ..follow
        })
    }

    /// The fold of everything read.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Councils and the operator's statements.
    pub fn registry(&self) -> &Registry {
        self.fold.registry()
    }

    /// The root of trust.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The connection.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// The latest checkpoint that was verified.
    ///
    /// # Errors
    /// Exit 3 before the first refresh.
    pub fn latest(&self) -> Outcome<&(Note, Trusted)> {
        self.latest.as_ref().ok_or_else(no_checkpoint)
    }

    /// The index of an opaque entry that counts.
    pub fn index_of(&self, entry: &Entry) -> Option<u64> {
        let Entry::Opaque { slot, .. } = entry else { return None };
        self.positions
            .get(slot)
            .copied()
            .filter(|_| self.fold.slots().holds(&entry.to_bytes()))
    }

    /// Checks a checkpoint against the policy of any council that counts, the newest first, or of the root.
    ///
    /// # Errors
    /// Exit 1 when it satisfies none.
    pub fn check_at(&self, note: &Note) -> Outcome<Trusted> {
        let councils = self.fold.registry().councils().iter().rev();
        let mut policies: Vec<Policy> = councils.map(|council| council.policy().clone()).collect();
        policies.push(self.trust.root.policy().map_err(|error| bad_log("root", error))?);
        let mut outcome = Err(bad_log("checkpoint", "no policy accepts it"));
        for policy in &policies {
            outcome = check(policy, note, &self.trust);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    fn policy(&self) -> Outcome<Policy> {
        match self.fold.registry().current() {
            Some(council) => Ok(council.policy().clone()),
            None => self.trust.root.policy().map_err(|error| bad_log("root", error)),
        }
    }
}

/// Entry tiles, each fetched once at its widest; narrower ones are cut from it.
pub(crate) struct Tiles<'a> {
    /// Where from.
    pub remote: &'a Remote,
    /// Size of the tree that they are read for.
    pub size: u64,
    /// The tile at hand.
    pub held: Option<(u64, Vec<u8>)>,
}

impl Tiles<'_> {
    /// One tile, at the width asked for.
    pub fn read(&mut self, name: &TileName) -> Outcome<Vec<u8>> {
        if name.kind != tile::TileKind::Entries {
            return self.remote.tile(name);
        }
        if self.held.as_ref().is_none_or(|(index, _)| *index != name.index) {
            let left = self
                .size
                .saturating_sub(name.index * tile::TILE_WIDTH)
                .clamp(1, tile::TILE_WIDTH);
            let widest = TileName {
                width: left as u16,
                ..*name
            };
            self.held = Some((name.index, self.remote.tile(&widest)?));
        }
        let bundle = self.held.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let entries = tile::decode_entries(bundle).ok_or_else(|| bad_log("log", "a bundle of entries is malformed"))?;
        Ok(tile::encode_entries(entries.into_iter().take(usize::from(name.width))))
    }
}

/// Reads a checkpoint's note.
pub(crate) fn parse_note(bytes: &[u8]) -> Outcome<Note> {
    Note::parse(bytes).map_err(|error| bad_log("checkpoint", error))
}

/// What a checkpoint claims, before its signatures are looked at.
pub(crate) fn claimed(note: &Note) -> Outcome<Checkpoint> {
    Checkpoint::parse(note.text()).ok_or_else(|| bad_log("checkpoint", "not a checkpoint"))
}

/// Checks a checkpoint against a policy.
pub(crate) fn check(policy: &Policy, note: &Note, trust: &Trust) -> Outcome<Trusted> {
    policy
        .check(note, trust.origin().as_str())
        .map_err(|error| bad_log("checkpoint", error))
}

/// The log does not verify.
pub(crate) fn bad_log(what: &str, why: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Check, "log-not-verifiable", format!("the {what} does not verify"))
        .why(why)
        .remedy("do not act on it; try once more, and if it stays so, tell the council and a cosigner")
}

/// A checkpoint is dated as none can be.
fn out_of_time(why: casework::clock::OutOfTime) -> Failure {
    bad_log("checkpoint", why)
}

fn history_changed() -> Failure {
    bad_log(
        "log",
        "its history is shorter than, or different from, what was read before: a fork",
    )
}

fn no_checkpoint() -> Failure {
    Failure::new(Exit::NotFound, "no-checkpoint", "the log has no checkpoint yet")
        .why("the service has not made its first step")
        .remedy("wait for the first step and run it again")
}

/// From a reader's error to ours.
pub(crate) fn read_error(error: ReadError<Failure>) -> Failure {
    match error {
        ReadError::Fetch(failure) => failure,
        ReadError::Fork => history_changed(),
        other @ ReadError::Tile(_) => bad_log("log", other),
    }
}
