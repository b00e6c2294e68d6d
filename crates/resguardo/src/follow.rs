//! A client's own view of the log: every entry read from the tiles, every checkpoint verified against the policy,
//! folded, and kept on disk between two runs.
//!
//! The service is believed in nothing. A cache that does not lead to its own verified checkpoint is read anew, but that
//! checkpoint stays: the log must still pass through it.

use crate::clock;
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use crate::remote::Remote;
use crate::trust::Trust;
use docket::{Fold, InvalidLog, Registry};
use protocol::slot::Entry;
use protocol::statement::Pace;
use protocol::{Digest, Envelope};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tlog::policy::Trusted;
use tlog::tile::{self, TileName};
use tlog::verify::{Follower, ReadError};
use tlog::{Checkpoint, Note, Policy};

mod cache;
mod history;
mod present;
mod steps;

pub(crate) use cache::bind;
pub use steps::Steps;

use history::Seen;

/// Reading that is done within this is not told of.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

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
    times: Times,
    seen: Option<Seen>,
    unsaved: Vec<Kept>,
    rewrite: bool,
}

/// How exactly the times of inclusion must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The first checkpoint that includes each entry: what waiting times run from (§8.3).
    Exact,
    /// The checkpoint that this client read first with it: enough to seal, to find an entry, to take a proof.
    AsRead,
}

/// An entry as it is kept: its bytes, and the time of the first checkpoint that includes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stands in the log.
    pub bytes: Vec<u8>,
    /// Checkpoint time, POSIX seconds (§8.3).
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
            times: Times::Exact,
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

    /// Reads what is new, up to the latest checkpoint.
    ///
    /// # Errors
    /// Exit 1 when anything does not verify or history changed, 3 before the first checkpoint; network.
    pub fn refresh(&mut self, console: &Console) -> Outcome<()> {
        let note = parse_note(&self.remote.checkpoint()?)?;
        let size = claimed(&note)?.size;
        let known = self.follower.frontier().size();
        if size < known || self.seen.as_ref().is_some_and(|seen| size < seen.size()) {
            return Err(history_changed());
        }
        if size > known {
            let remote = self.remote.clone();
            let mut tiles = Tiles {
                remote: &remote,
                size,
                held: None,
            };
            let mut steps = match self.times {
                Times::Exact => Some(self.steps(&remote, &mut tiles, &note)?),
                Times::AsRead => None,
            };
            let watch = clock::Stopwatch::start();
            let mut progress = None;
            while self.follower.frontier().size() < size {
                let step = match &mut steps {
                    Some(steps) => self.next_checkpoint(steps, &note)?,
                    None => check(&self.policy()?, &note, &self.trust)?,
                };
                let from = self.follower.frontier().size();
                self.advance(&step, &mut tiles)?;
                let now = self.follower.frontier().size();
                if progress.is_none() && watch.elapsed() > PATIENCE && now < size {
                    progress = Some(console.progress("log", size - now));
                } else if let Some(progress) = &mut progress {
                    progress.advance(now - from);
                }
            }
        }
        let trusted = check(&self.policy()?, &note, &self.trust)?;
        let mut nothing = |_: &TileName| -> Outcome<Vec<u8>> { Err(Failure::bug("a tile beyond the log's end")) };
        self.follower.advance(&trusted, &mut nothing).map_err(read_error)?;
        if self.seen.is_some() {
            return Err(history_changed());
        }
        self.latest = Some((note, trusted));
        self.remember()
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

    /// The steps of this log. Their length is read from the pace statement, at first unverified: it only says where
    /// checkpoints lie, and each of them is verified.
    fn steps<'a>(&self, remote: &'a Remote, tiles: &mut Tiles<'_>, latest: &Note) -> Outcome<Steps<'a>> {
        let known = self.fold.registry().pace().map(|pace| pace.step_s);
        let step_s = match known {
            Some(step_s) => step_s,
            None => pace_hint(remote, tiles)?.unwrap_or(1),
        };
        let latest_at = check(&self.policy()?, latest, &self.trust).map_or_else(|_| clock::now(), |t| t.time());
        Steps::new(remote, u64::from(step_s), latest_at)
    }

    /// The next checkpoint of a step that is larger than what was read; the latest one where no step is kept.
    fn next_checkpoint(&mut self, steps: &mut Steps<'_>, latest: &Note) -> Outcome<Trusted> {
        let from = match (self.next_step, &self.latest) {
            (Some(step), _) => Some(step),
            (None, Some((_, trusted))) => Some((trusted.time() / steps.step_s()).saturating_sub(1)),
            (None, None) => steps.first()?,
        };
        let known = self.follower.frontier().size();
        let found = from.map(|from| steps.first_beyond(from, known)).transpose()?.flatten();
        let policy = self.policy()?;
        let end = claimed(latest)?.size;
        match found {
            Some((step, note)) if claimed(&note)?.size <= end => {
                self.next_step = Some(step + 1);
                check(&policy, &note, &self.trust)
            }
            _ => check(&policy, latest, &self.trust),
        }
    }

    /// Reads on to a checkpoint. What was read stays to be kept, also when a later checkpoint cannot be reached.
    fn advance(&mut self, to: &Trusted, tiles: &mut Tiles<'_>) -> Outcome<()> {
        let entries = self.follower.advance(to, |name| tiles.read(name)).map_err(read_error)?;
        for bytes in entries {
            if let Some(seen) = &mut self.seen
                && seen.take(&bytes).map_err(|_| history_changed())?
            {
                self.seen = None;
            }
            self.push(&bytes, to.time(), None)?;
            if self.folder.is_some() {
                self.unsaved.push(Kept {
                    bytes,
                    included_at: to.time(),
                });
            }
        }
        Ok(())
    }

    /// Folds one entry; public statements come from `folder` or from the service.
    fn push(&mut self, bytes: &[u8], included_at: u64, folder: Option<&Path>) -> Outcome<()> {
        let mut failure = None;
        let (remote, keep) = (&self.remote, self.folder.as_deref());
        let statement = |digest: &Digest| match public_statement(remote, digest, folder.or(keep)) {
            Ok(envelope) => envelope,
            Err(error) => {
                failure = Some(error);
                None
            }
        };
        if let Some(Entry::Opaque { slot, .. }) = Entry::parse(bytes) {
            self.positions.entry(slot).or_insert(self.fold.size());
        }
        self.fold
            .push(bytes, included_at, statement)
            .map_err(|error: InvalidLog| bad_log("log", error))?;
        failure.map_or(Ok(()), Err)
    }
}

/// The envelope of a public statement, from the folder or the service; `None` when nobody shows it.
fn public_statement(remote: &Remote, digest: &Digest, folder: Option<&Path>) -> Outcome<Option<Envelope>> {
    if let Some(folder) = folder
        && let Some(envelope) = cache::public(folder, digest)?
    {
        return Ok(Some(envelope));
    }
    let Some(bytes) = remote.public(digest)? else {
        return Ok(None);
    };
    let envelope = Envelope::parse(&bytes)
        .ok()
        .filter(|envelope| envelope.digest() == *digest);
    if let (Some(envelope), Some(folder)) = (&envelope, folder) {
        cache::keep_public(folder, digest, envelope)?;
    }
    Ok(envelope)
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

/// Length of a step as the log's second entry says it, unverified.
fn pace_hint(remote: &Remote, tiles: &mut Tiles<'_>) -> Outcome<Option<u32>> {
    let width = tiles.size.clamp(1, tile::TILE_WIDTH) as u16;
    let bundle = tiles.read(&TileName {
        kind: tile::TileKind::Entries,
        index: 0,
        width,
    })?;
    let second = tile::decode_entries(&bundle).and_then(|entries| entries.get(1).map(|entry| entry.to_vec()));
    let Some(Entry::Public(digest)) = second.and_then(|entry| Entry::parse(&entry)) else {
        return Ok(None);
    };
    let envelope = remote.public(&digest)?.and_then(|bytes| Envelope::parse(&bytes).ok());
    Ok(envelope
        .and_then(|envelope| envelope.unverified::<Pace>().ok())
        .map(|pace| pace.step_s))
}

/// The log does not verify.
pub(crate) fn bad_log(what: &str, why: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Check, "log-not-verifiable", format!("the {what} does not verify"))
        .why(why)
        .remedy("do not act on it; try once more, and if it stays so, tell the council and a cosigner")
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
