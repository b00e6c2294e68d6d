//! The log as this page has verified it: read from its beginning at each visit, for nothing is kept between two.
//!
//! The service is believed in nothing: every checkpoint is checked against the policy in force, every entry against
//! the checkpoint's root. Waiting times run from the first checkpoint that includes an entry (§8.3). That one is looked
//! for where it matters: for public statements, and for the acts on cases that are watched.

use std::collections::{BTreeSet, HashMap};
use std::pin::Pin;

use casework::clock::NoLogTime;
use casework::{Chronology, Clock, Fold, Freshness, Latest, LogTime, Registry, RootOfTrust};
use protocol::slot::{CaseSalt, Entry, SLOT_LOOKAHEAD};
use protocol::statement::Pace;
use protocol::{Digest, Envelope};
use tlog::policy::Trusted;
use tlog::tile::{self, TILE_WIDTH, TileKind, TileName};
use tlog::verify::Follower;
use tlog::{Checkpoint, Note, Policy};

use crate::failure::{Failure, Local, Outcome};
use crate::steps::Steps;
use crate::wire::{BATCH, Wire};

/// Reading the log, under way.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Outcome<()>> + 'a>>;

/// A log that is read and verified, however it is fetched and kept.
pub trait Following {
    /// Reads what is new, up to the latest checkpoint.
    ///
    /// # Errors
    /// [`Local::LogNotVerifiable`] when anything does not verify or history changed; the network.
    fn refresh<'a>(&'a mut self, wire: &'a Wire) -> Reading<'a>;

    /// Watches cases: from now on the times of their acts are exact, those that were read already too.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    fn watch<'a>(&'a mut self, wire: &'a Wire, salts: Vec<CaseSalt>) -> Reading<'a>;

    /// Everything read.
    fn fold(&self) -> &Fold;

    /// Councils and the operator's statements.
    fn registry(&self) -> &Registry {
        self.fold().registry()
    }

    /// The root of trust.
    fn root(&self) -> &RootOfTrust;

    /// The latest checkpoint.
    ///
    /// # Errors
    /// [`Local::NoCheckpoint`] before the first.
    fn latest(&self) -> Outcome<&(Note, Trusted)>;

    /// The present in the log's own time, for what must not rest on an old log: to grant, to release, to open.
    ///
    /// # Errors
    /// [`Local::CheckpointTooOld`] after 26 h, [`Local::CheckpointFromFuture`].
    fn moment(&self) -> Outcome<LogTime>;

    /// As [`Self::moment`], for what an old checkpoint cannot harm, with how this device's clock fits it.
    ///
    /// # Errors
    /// [`Local::CheckpointFromFuture`].
    fn moment_of_any_age(&self) -> Outcome<(LogTime, Freshness)>;

    /// The latest checkpoint with this device's clock, as the rules of a release ask for it.
    ///
    /// # Errors
    /// [`Local::NoCheckpoint`].
    fn latest_with_clock(&self) -> Outcome<Latest<'_>>;
}

/// The log, read from its beginning.
pub struct Log {
    root: RootOfTrust,
    fold: Fold,
    follower: Follower,
    latest: Option<(Note, Trusted)>,
    /// Entry tiles by index, each at its widest.
    tiles: HashMap<u64, Vec<u8>>,
    steps: Steps,
    watched: Vec<CaseSalt>,
    public: HashMap<Digest, Envelope>,
    /// What is known of the present beside this device's clock.
    clock: Clock,
    /// When the checkpoints were that this visit has seen.
    chronology: Chronology,
}

impl Log {
    /// From the root of trust that the page carries, and the time at which it was built (POSIX seconds).
    ///
    /// # Errors
    /// `log-not-verifiable` for a root that is none.
    pub fn new(root: RootOfTrust, built: u64) -> Outcome<Self> {
        let fold = Fold::new(&root).map_err(Failure::log)?;
        Ok(Self {
            root,
            fold,
            follower: Follower::new(),
            latest: None,
            tiles: HashMap::new(),
            steps: Steps::default(),
            watched: Vec::new(),
            public: HashMap::new(),
            clock: Clock {
                built,
                ..Clock::default()
            },
            chronology: Chronology::default(),
        })
    }

    async fn read_new(&mut self, wire: &Wire) -> Outcome<()> {
        let (bytes, date) = wire.dated("/log/checkpoint").await?;
        let note = parse_note(&bytes)?;
        let size = claimed(&note)?.size;
        let known = self.follower.frontier().size();
        if size < known {
            return Err(Failure::log("the log is shorter than it was: a fork"));
        }
        if size > known {
            fetch_tiles(wire, &mut self.tiles, known, size).await?;
            self.read_on(wire, &note).await?;
        }
        let trusted = self.check(&note)?;
        self.follower
            .advance(&trusted, |_| Err::<Vec<u8>, _>(()))
            .map_err(|_| Failure::log("its history is another than before: a fork"))?;
        self.chronology.saw(size, trusted.time()).map_err(Failure::log)?;
        self.clock = Clock {
            device: wire.now(),
            operator: date.unwrap_or(0),
            ..self.clock
        };
        // What is from the future is refused, and does not push the present on.
        if LogTime::of_any_age(&trusted, self.clock).is_ok() {
            self.clock.seen = self.clock.seen.max(trusted.time());
        }
        self.latest = Some((note, trusted));
        Ok(())
    }

    async fn watch_all(&mut self, wire: &Wire, salts: Vec<CaseSalt>) -> Outcome<()> {
        let is_known = |salt: &CaseSalt| self.watched.iter().any(|known| known.expose() == salt.expose());
        let fresh: Vec<CaseSalt> = salts.into_iter().filter(|salt| !is_known(salt)).collect();
        let is_read = fresh.iter().any(|salt| self.fold.slots().is_taken(salt, 0));
        self.watched.extend(fresh);
        let Some((note, _)) = self.latest.clone().filter(|_| is_read) else {
            return Ok(());
        };
        // Anew from the beginning, with what was fetched already.
        self.fold = Fold::new(&self.root).map_err(Failure::log)?;
        self.follower = Follower::new();
        let outcome = self.read_on(wire, &note).await;
        if outcome.is_err() {
            // Nothing may be done on a log that is read in part.
            self.latest = None;
        }
        outcome
    }

    /// Goes to a checkpoint by way of those that are the first to include an entry whose time matters.
    async fn read_on(&mut self, wire: &Wire, latest: &Note) -> Outcome<()> {
        let (known, end) = (self.follower.frontier().size(), claimed(latest)?.size);
        let wanted = self.wanted(known, end)?;
        if !wanted.is_empty() {
            self.look_for_steps(wire, latest).await?;
        }
        let total = wanted.len() as u64;
        for (done, index) in wanted.into_iter().enumerate() {
            wire.progress(done as u64, total);
            if index < self.follower.frontier().size() {
                continue;
            }
            let Some((step, note)) = self.steps.first_beyond(wire, index).await? else {
                break;
            };
            let size = claimed(&note)?.size;
            if size > end {
                break;
            }
            let trusted = self.check(&note)?;
            self.chronology
                .saw_step(step, self.steps.step_s(), size, trusted.time())
                .map_err(Failure::log)?;
            self.advance(wire, &trusted).await?;
        }
        if self.follower.frontier().size() < end {
            let trusted = self.check(latest)?;
            self.advance(wire, &trusted).await?;
        }
        Ok(())
    }

    /// Indexes from `from` to `end` of entries whose time matters, ascending.
    fn wanted(&self, from: u64, end: u64) -> Outcome<BTreeSet<u64>> {
        let mut wanted = BTreeSet::new();
        let mut slots: HashMap<[u8; 32], Vec<u64>> = HashMap::new();
        for tile in from / TILE_WIDTH..end.div_ceil(TILE_WIDTH) {
            let entries = self.tiles.get(&tile).and_then(|bytes| tile::decode_entries(bytes));
            let entries = entries.ok_or_else(|| Failure::log("a tile is none"))?;
            let placed = (tile * TILE_WIDTH..end)
                .zip(&entries)
                .filter(|(index, _)| *index >= from);
            for (index, entry) in placed {
                match Entry::parse(entry) {
                    Some(Entry::Opaque { slot, .. }) => slots.entry(slot).or_default().push(index),
                    _ => drop(wanted.insert(index)),
                }
            }
        }
        for salt in &self.watched {
            // Further than an act could be found: what is out of reach has a time, too, and does no harm.
            let mut last = self.fold.slots().all(salt).iter().map(|act| act.k).max();
            let mut k = 0;
            while k <= last.map_or(0, |last| last.saturating_add(SLOT_LOOKAHEAD)) {
                if let Some(indexes) = slots.get(&salt.slot(k)) {
                    wanted.extend(indexes);
                    last = last.max(Some(k));
                }
                k += 1;
            }
        }
        Ok(wanted)
    }

    /// Finds where the steps lie. Their length is read from the pace statement, at first unverified: it only says where
    /// checkpoints lie, and each of them is verified.
    async fn look_for_steps(&mut self, wire: &Wire, latest: &Note) -> Outcome<()> {
        let step_s = match self.fold.registry().pace() {
            Some(pace) => pace.step_s,
            None => pace_hint(wire, &self.tiles).await?.unwrap_or(1),
        };
        let latest_at = self.check(latest).map_or_else(|_| wire.now(), |trusted| trusted.time());
        self.steps = std::mem::take(&mut self.steps).lasting(u64::from(step_s.max(1)));
        self.steps.look_to(wire, latest_at).await
    }

    /// Takes the entries up to a checkpoint.
    async fn advance(&mut self, wire: &Wire, to: &Trusted) -> Outcome<()> {
        let entries = self
            .follower
            .advance(to, |name| cut(&self.tiles, name).ok_or(()))
            .map_err(|_| Failure::log("its entries do not lead to its checkpoint"))?;
        for bytes in entries {
            let digest = match Entry::parse(&bytes) {
                Some(Entry::Public(digest)) => Some(digest),
                _ => None,
            };
            let envelope = match digest {
                Some(digest) => self.public_statement(wire, &digest).await?,
                None => None,
            };
            self.fold.push(&bytes, to.time(), |_| envelope).map_err(Failure::log)?;
        }
        Ok(())
    }

    /// The envelope of a public statement; `None` when nobody shows it.
    async fn public_statement(&mut self, wire: &Wire, digest: &Digest) -> Outcome<Option<Envelope>> {
        if let Some(envelope) = self.public.get(digest) {
            return Ok(Some(envelope.clone()));
        }
        let bytes = wire.several(vec![format!("/api/v1/public/{digest}")]).await?;
        let envelope = bytes
            .into_iter()
            .flatten()
            .find_map(|bytes| Envelope::parse(&bytes).ok());
        let envelope = envelope.filter(|envelope| envelope.digest() == *digest);
        if let Some(envelope) = &envelope {
            self.public.insert(*digest, envelope.clone());
        }
        Ok(envelope)
    }

    fn check(&self, note: &Note) -> Outcome<Trusted> {
        let policy = match self.fold.registry().current() {
            Some(council) => council.policy().clone(),
            None => self.root.policy().map_err(Failure::log)?,
        };
        check(&policy, note, &self.root)
    }
}

impl Following for Log {
    fn refresh<'a>(&'a mut self, wire: &'a Wire) -> Reading<'a> {
        Box::pin(self.read_new(wire))
    }

    fn watch<'a>(&'a mut self, wire: &'a Wire, salts: Vec<CaseSalt>) -> Reading<'a> {
        Box::pin(self.watch_all(wire, salts))
    }

    fn fold(&self) -> &Fold {
        &self.fold
    }

    fn root(&self) -> &RootOfTrust {
        &self.root
    }

    fn latest(&self) -> Outcome<&(Note, Trusted)> {
        self.latest.as_ref().ok_or_else(|| Failure::new(Local::NoCheckpoint))
    }

    fn moment(&self) -> Outcome<LogTime> {
        let (_, trusted) = self.latest()?;
        LogTime::of(trusted, self.clock).map_err(|error| no_moment(&error))
    }

    fn moment_of_any_age(&self) -> Outcome<(LogTime, Freshness)> {
        let (_, trusted) = self.latest()?;
        LogTime::of_any_age(trusted, self.clock).map_err(|error| no_moment(&error))
    }

    fn latest_with_clock(&self) -> Outcome<Latest<'_>> {
        Ok(Latest {
            checkpoint: &self.latest()?.0,
            clock: self.clock,
        })
    }
}

fn no_moment(why: &NoLogTime) -> Failure {
    let code = match why {
        NoLogTime::FromFuture { .. } => Local::CheckpointFromFuture,
        NoLogTime::TooOld { .. } | NoLogTime::NoCouncil | NoLogTime::Untrusted(_) => Local::CheckpointTooOld,
    };
    Failure::new(code).why(why)
}

fn check(policy: &Policy, note: &Note, root: &RootOfTrust) -> Outcome<Trusted> {
    policy.check(note, root.origin.as_str()).map_err(Failure::log)
}

fn parse_note(bytes: &[u8]) -> Outcome<Note> {
    Note::parse(bytes).map_err(Failure::log)
}

/// What a checkpoint claims, before its signatures are looked at.
fn claimed(note: &Note) -> Outcome<Checkpoint> {
    Checkpoint::parse(note.text()).ok_or_else(|| Failure::log("not a checkpoint"))
}

/// Fetches the entry tiles from `known` to `size`, each at its widest.
async fn fetch_tiles(wire: &Wire, tiles: &mut HashMap<u64, Vec<u8>>, known: u64, size: u64) -> Outcome<()> {
    let (first, last) = (known / TILE_WIDTH, size.saturating_sub(1) / TILE_WIDTH);
    for from in (first..=last).step_by(BATCH) {
        let indexes = from..=(from + BATCH as u64 - 1).min(last);
        let name = |index: u64| TileName {
            kind: TileKind::Entries,
            index,
            width: (size - index * TILE_WIDTH).min(TILE_WIDTH) as u16,
        };
        let paths = indexes
            .clone()
            .map(|index| format!("/log/{}", name(index).path()))
            .collect();
        for (index, bytes) in indexes.zip(wire.several(paths).await?) {
            tiles.insert(index, bytes.ok_or_else(|| Failure::log("a tile is missing"))?);
        }
        wire.progress(from - first, last + 1 - first);
    }
    Ok(())
}

/// A tile at the width asked for, cut from the widest one.
fn cut(tiles: &HashMap<u64, Vec<u8>>, name: &TileName) -> Option<Vec<u8>> {
    if name.kind != TileKind::Entries {
        return None;
    }
    let entries = tile::decode_entries(tiles.get(&name.index)?)?;
    Some(tile::encode_entries(entries.into_iter().take(usize::from(name.width))))
}

/// Length of a step as the log's second entry says it, unverified.
async fn pace_hint(wire: &Wire, tiles: &HashMap<u64, Vec<u8>>) -> Outcome<Option<u32>> {
    let second = tiles
        .get(&0)
        .and_then(|tile| tile::decode_entries(tile)?.get(1).and_then(|entry| Entry::parse(entry)));
    let Some(Entry::Public(digest)) = second else {
        return Ok(None);
    };
    let bytes = wire.several(vec![format!("/api/v1/public/{digest}")]).await?;
    let envelope = bytes
        .into_iter()
        .flatten()
        .find_map(|bytes| Envelope::parse(&bytes).ok());
    Ok(envelope
        .and_then(|envelope| envelope.unverified::<Pace>().ok())
        .map(|pace| pace.step_s))
}
