//! Reading the log: at once up to the newest checkpoint where that can be trusted now, else step by step.

use super::{
    Follow, Kept, Steps, Tiles, Times, bad_log, cache, check, claimed, history_changed, out_of_time, parse_note,
    read_error,
};
use crate::clock::{self, Stopwatch};
use crate::console::{Console, Progress};
use crate::failure::{Failure, Outcome};
use crate::remote::Remote;
use casework::InvalidLog;
use casework::clock::UNKNOWN_TIME;
use protocol::slot::Entry;
use protocol::statement::Pace;
use protocol::{Digest, Envelope};
use std::collections::BTreeMap;
use std::path::Path;
use tlog::policy::Trusted;
use tlog::tile::{self, TileName};
use tlog::{Note, leaf_hash};

/// Reading that is done within this is not told of.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Progress of a reading that takes long.
struct Reading<'a> {
    console: &'a Console,
    watch: Stopwatch,
    /// First entry to be read, and the one after the last.
    range: (u64, u64),
    done: u64,
    progress: Option<Progress<'a>>,
}

impl<'a> Reading<'a> {
    fn begin(console: &'a Console, from: u64, to: u64) -> Self {
        Self {
            console,
            watch: Stopwatch::start(),
            range: (from, to),
            done: from,
            progress: None,
        }
    }

    /// All entries before `now` are read.
    fn tell(&mut self, now: u64) {
        let now = now.clamp(self.done, self.range.1);
        if self.progress.is_none() && self.watch.elapsed() > PATIENCE && now < self.range.1 {
            let mut progress = self.console.progress("log", self.range.1 - self.range.0);
            progress.advance(now - self.range.0);
            self.progress = Some(progress);
        } else if let Some(progress) = &mut self.progress {
            progress.advance(now - self.done);
        }
        self.done = now;
    }
}

impl Follow {
    /// Reads what is new, up to the latest checkpoint, and times the acts on watched cases.
    pub(super) fn read_on(&mut self, console: &Console) -> Outcome<()> {
        let (bytes, date) = self.remote.checkpoint_dated()?;
        let note = parse_note(&bytes)?;
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
            let mut reading = Reading::begin(console, known, size);
            if !self.leap(&note, &mut tiles, &mut reading)? {
                self.walk(&note, &mut tiles, &mut reading)?;
            }
        }
        let trusted = check(&self.policy()?, &note, &self.trust)?;
        let mut nothing = |_: &TileName| -> Outcome<Vec<u8>> { Err(Failure::bug("a tile beyond the log's end")) };
        self.follower.advance(&trusted, &mut nothing).map_err(read_error)?;
        if self.seen.is_some() {
            return Err(history_changed());
        }
        self.chronology.saw(size, trusted.time()).map_err(out_of_time)?;
        self.present.operator = date.unwrap_or(0);
        // What is from the future is refused, and does not push the present on.
        if casework::LogTime::of_any_age(&trusted, self.clock()).is_ok() {
            self.present.seen = self.present.seen.max(trusted.time());
        }
        self.latest = Some((note, trusted));
        self.remember()?;
        self.time_watched()
    }

    /// Reads to the newest checkpoint at once. `false`, with nothing changed, where it or a checkpoint on the way is signed
    /// for a council that only the entries on the way make known.
    fn leap(&mut self, note: &Note, tiles: &mut Tiles<'_>, reading: &mut Reading<'_>) -> Outcome<bool> {
        let Ok(trusted) = check(&self.policy()?, note, &self.trust) else {
            return Ok(false);
        };
        let mut follower = self.follower.clone();
        let first = follower.frontier().size();
        let fetch = |name: &TileName| {
            reading.tell(name.index.saturating_mul(tile::TILE_WIDTH));
            tiles.read(name)
        };
        let entries = follower.advance(&trusted, fetch).map_err(read_error)?;
        let mut statements = BTreeMap::new();
        for (index, bytes) in (first..).zip(&entries) {
            if let Some(Entry::Public(digest)) = Entry::parse(bytes) {
                statements.insert(index, public_statement(&self.remote, &digest, self.folder.as_deref())?);
            }
        }
        let known = self.leaves.len();
        entries.iter().for_each(|bytes| self.leaves.push(leaf_hash(bytes)));
        let times = match self.times {
            Times::AsRead => Ok(Some(BTreeMap::new())),
            Times::Exact => {
                let public: Vec<u64> = statements.keys().copied().collect();
                self.prepare_steps(tiles, &trusted)
                    .and_then(|()| self.times_of(&public, &trusted))
            }
        };
        let times = match times {
            Ok(Some(times)) => times,
            other => {
                self.leaves.truncate(known);
                return other.map(|_| false);
            }
        };
        // From here on nothing fails but a log that is invalid.
        self.leaves.truncate(known);
        self.follower = follower;
        for (index, bytes) in (first..).zip(entries) {
            let included_at = match (self.times, times.get(&index)) {
                (Times::AsRead, _) => trusted.time(),
                (Times::Exact, Some(time)) => *time,
                (Times::Exact, None) => UNKNOWN_TIME,
            };
            self.take(bytes, included_at, statements.remove(&index).flatten())?;
        }
        Ok(true)
    }

    /// Reads from step to step: each of them is checked against the council that is known by then.
    fn walk(&mut self, note: &Note, tiles: &mut Tiles<'_>, reading: &mut Reading<'_>) -> Outcome<()> {
        let end = claimed(note)?.size;
        let latest_at = check(&self.policy()?, note, &self.trust).map_or_else(|_| clock::now(), |t| t.time());
        let mut steps = self.steps_up_to(tiles, latest_at)?;
        while self.follower.frontier().size() < end {
            let to = self.next_checkpoint(&mut steps, note)?;
            let entries = self
                .follower
                .advance(&to, |name| tiles.read(name))
                .map_err(read_error)?;
            for bytes in entries {
                let statement = match Entry::parse(&bytes) {
                    Some(Entry::Public(digest)) => public_statement(&self.remote, &digest, self.folder.as_deref())?,
                    _ => None,
                };
                self.take(bytes, to.time(), statement)?;
            }
            reading.tell(self.follower.frontier().size());
        }
        self.steps = Some(steps);
        Ok(())
    }

    /// The next checkpoint of a step that is larger than what was read; the latest one where no step is kept.
    fn next_checkpoint(&mut self, steps: &mut Steps, latest: &Note) -> Outcome<Trusted> {
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
                let trusted = check(&policy, &note, &self.trust)?;
                let size = trusted.checkpoint().size;
                self.chronology
                    .saw_step(step, steps.step_s(), size, trusted.time())
                    .map_err(out_of_time)?;
                Ok(trusted)
            }
            _ => check(&policy, latest, &self.trust),
        }
    }

    /// Takes the next entry into what is known and into what is kept. What was read stays to be kept, also when a later
    /// checkpoint cannot be reached.
    fn take(&mut self, bytes: Vec<u8>, included_at: u64, statement: Option<Envelope>) -> Outcome<()> {
        if let Some(seen) = &mut self.seen
            && seen.take(&bytes).map_err(|_| history_changed())?
        {
            self.seen = None;
        }
        self.push(&bytes, included_at, statement)?;
        if self.folder.is_some() {
            self.unsaved.push(Kept { bytes, included_at });
        }
        Ok(())
    }

    /// Folds one entry, with the statement that it stands for if it is a public one.
    pub(super) fn push(&mut self, bytes: &[u8], included_at: u64, statement: Option<Envelope>) -> Outcome<()> {
        if let Some(Entry::Opaque { slot, .. }) = Entry::parse(bytes) {
            self.positions.entry(slot).or_insert(self.fold.size());
        }
        self.fold
            .push(bytes, included_at, |_| statement)
            .map_err(|error: InvalidLog| bad_log("log", error))?;
        self.leaves.push(leaf_hash(bytes));
        Ok(())
    }

    /// The steps of this log up to a time. Their length is read from the pace statement, at first unverified: it only says
    /// where checkpoints lie, and each of them is verified.
    pub(super) fn steps_up_to(&mut self, tiles: &mut Tiles<'_>, latest_at: u64) -> Outcome<Steps> {
        if let Some(mut steps) = self.steps.take() {
            steps.go_on(latest_at)?;
            return Ok(steps);
        }
        let known = self.fold.registry().pace().map(|pace| pace.step_s);
        let step_s = match known {
            Some(step_s) => step_s,
            None => pace_hint(&self.remote, tiles)?.unwrap_or(1),
        };
        Steps::new(&self.remote, u64::from(step_s), latest_at)
    }
}

/// The envelope of a public statement, from the folder or the service; `None` when nobody shows it.
pub(super) fn public_statement(remote: &Remote, digest: &Digest, folder: Option<&Path>) -> Outcome<Option<Envelope>> {
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
