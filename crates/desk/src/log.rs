//! The log as this page has verified it: read from its beginning at each visit, for nothing is kept between two.
//!
//! The service is believed in nothing: every checkpoint is checked against the policy in force, every entry against
//! the checkpoint's root. Waiting times run from the first checkpoint that includes an entry (§8.3), so the
//! checkpoints of all steps are read.

use std::collections::HashMap;

use docket::{Clock, Fold, Latest, Moment, Registry, Root};
use protocol::slot::Entry;
use protocol::statement::Pace;
use protocol::{Digest, Envelope};
use tlog::policy::Trusted;
use tlog::tile::{self, TILE_WIDTH, TileKind, TileName};
use tlog::verify::Follower;
use tlog::{Checkpoint, Note, Policy};

use crate::failure::{Failure, Outcome};
use crate::wire::Wire;

/// Files that are asked for at once.
const BATCH: u64 = 64;
/// Steps beyond the latest checkpoint's own time at which its number is looked for.
const LATE_STEPS: u64 = 2;

/// The log, followed.
pub struct Log {
    root: Root,
    fold: Fold,
    follower: Follower,
    latest: Option<(Note, Trusted)>,
    /// The step after the last one that was read.
    next_step: Option<u64>,
    public: HashMap<Digest, Envelope>,
    now: u64,
}

impl Log {
    /// From the root of trust that the page carries.
    ///
    /// # Errors
    /// `log-not-verifiable` for a root that is none.
    pub fn new(root: Root) -> Outcome<Self> {
        let fold = Fold::new(&root).map_err(Failure::log)?;
        Ok(Self {
            root,
            fold,
            follower: Follower::new(),
            latest: None,
            next_step: None,
            public: HashMap::new(),
            now: 0,
        })
    }

    /// Reads what is new, up to the latest checkpoint.
    ///
    /// # Errors
    /// `log-not-verifiable` when anything does not verify or history changed; the network.
    pub async fn refresh(&mut self, wire: &Wire) -> Outcome<()> {
        let note = parse_note(&wire.bytes("/log/checkpoint").await?)?;
        let size = claimed(&note)?.size;
        let known = self.follower.frontier().size();
        if size < known {
            return Err(Failure::log("the log is shorter than it was: a fork"));
        }
        if size > known {
            let bundles = bundles(wire, known, size).await?;
            self.follow_steps(wire, &bundles, &note).await?;
            if self.follower.frontier().size() < size {
                let trusted = self.check(&note)?;
                self.advance(wire, &trusted, &bundles).await?;
            }
        }
        let trusted = self.check(&note)?;
        self.follower
            .advance(&trusted, |_| Err::<Vec<u8>, _>(()))
            .map_err(|_| Failure::log("its history is another than before: a fork"))?;
        self.latest = Some((note, trusted));
        self.now = wire.now();
        Ok(())
    }

    /// Goes from step to step, so that each entry has the time of the first checkpoint that includes it.
    async fn follow_steps(&mut self, wire: &Wire, bundles: &HashMap<u64, Vec<u8>>, latest: &Note) -> Outcome<()> {
        let end = claimed(latest)?.size;
        let step_s = match self.fold.registry().pace() {
            Some(pace) => pace.step_s,
            None => pace_hint(wire, bundles).await?.unwrap_or(1),
        };
        let step_s = u64::from(step_s.max(1));
        // Until the first council stands, the latest checkpoint's time is a claim; it only says where to look.
        let latest_at = self.check(latest).map_or_else(|_| wire.now(), |trusted| trusted.time());
        let Some(last) = last_step(wire, latest_at / step_s + 1).await? else {
            return Ok(());
        };
        let mut from = match (self.next_step, &self.latest) {
            (Some(step), _) => step,
            (None, Some((_, trusted))) => (trusted.time() / step_s).saturating_sub(1),
            (None, None) => first_step(wire, last).await?,
        };
        let begin = from;
        while from <= last && self.follower.frontier().size() < end {
            let to = (from + BATCH - 1).min(last);
            let paths = (from..=to).map(|step| format!("/log/step/{step}")).collect();
            for (step, bytes) in (from..=to).zip(wire.several(paths).await?) {
                let Some(bytes) = bytes else { continue };
                let note = parse_note(&bytes)?;
                let size = claimed(&note)?.size;
                if size > end {
                    return Ok(());
                }
                if size > self.follower.frontier().size() {
                    let trusted = self.check(&note)?;
                    self.advance(wire, &trusted, bundles).await?;
                }
                self.next_step = Some(step + 1);
            }
            from = to + 1;
            wire.progress(from - begin, last + 1 - begin);
        }
        Ok(())
    }

    /// Takes the entries up to a checkpoint.
    async fn advance(&mut self, wire: &Wire, to: &Trusted, bundles: &HashMap<u64, Vec<u8>>) -> Outcome<()> {
        let entries = self
            .follower
            .advance(to, |name| cut(bundles, name).ok_or(()))
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

    /// Everything read.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Councils and the operator's statements.
    pub fn registry(&self) -> &Registry {
        self.fold.registry()
    }

    /// The root of trust.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The latest checkpoint.
    ///
    /// # Errors
    /// `no-checkpoint` before the first.
    pub fn latest(&self) -> Outcome<&(Note, Trusted)> {
        self.latest.as_ref().ok_or_else(|| Failure::new("no-checkpoint"))
    }

    /// The present in the log's own time.
    ///
    /// # Errors
    /// `checkpoint-too-old` after 26 h.
    pub fn moment(&self) -> Outcome<Moment> {
        let (_, trusted) = self.latest()?;
        Moment::of(trusted, self.clock()).map_err(|error| Failure::new("checkpoint-too-old").why(error))
    }

    /// The latest checkpoint with this device's clock, as the rules of a release ask for it.
    ///
    /// # Errors
    /// `no-checkpoint`.
    pub fn latest_with_clock(&self) -> Outcome<Latest<'_>> {
        Ok(Latest {
            checkpoint: &self.latest()?.0,
            clock: self.clock(),
        })
    }

    fn clock(&self) -> Clock {
        Clock {
            device: self.now,
            built: 0,
        }
    }

    fn check(&self, note: &Note) -> Outcome<Trusted> {
        let policy = match self.fold.registry().current() {
            Some(council) => council.policy().clone(),
            None => self.root.policy().map_err(Failure::log)?,
        };
        check(&policy, note, &self.root)
    }
}

fn check(policy: &Policy, note: &Note, root: &Root) -> Outcome<Trusted> {
    policy.check(note, root.origin.as_str()).map_err(Failure::log)
}

fn parse_note(bytes: &[u8]) -> Outcome<Note> {
    Note::parse(bytes).map_err(Failure::log)
}

/// What a checkpoint claims, before its signatures are looked at.
fn claimed(note: &Note) -> Outcome<Checkpoint> {
    Checkpoint::parse(note.text()).ok_or_else(|| Failure::log("not a checkpoint"))
}

/// The entry tiles from `known` to `size`, each at its widest, by index.
async fn bundles(wire: &Wire, known: u64, size: u64) -> Outcome<HashMap<u64, Vec<u8>>> {
    let (first, last) = (known / TILE_WIDTH, size.saturating_sub(1) / TILE_WIDTH);
    let mut bundles = HashMap::new();
    for from in (first..=last).step_by(BATCH as usize) {
        let indexes = from..=(from + BATCH - 1).min(last);
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
            bundles.insert(index, bytes.ok_or_else(|| Failure::log("a tile is missing"))?);
        }
    }
    Ok(bundles)
}

/// A tile at the width asked for, cut from the widest one.
fn cut(bundles: &HashMap<u64, Vec<u8>>, name: &TileName) -> Option<Vec<u8>> {
    if name.kind != TileKind::Entries {
        return None;
    }
    let entries = tile::decode_entries(bundles.get(&name.index)?)?;
    Some(tile::encode_entries(entries.into_iter().take(usize::from(name.width))))
}

/// Length of a step as the log's second entry says it, unverified.
async fn pace_hint(wire: &Wire, bundles: &HashMap<u64, Vec<u8>>) -> Outcome<Option<u32>> {
    let second = bundles.get(&0).and_then(|bundle| {
        tile::decode_entries(bundle)?
            .get(1)
            .and_then(|entry| Entry::parse(entry))
    });
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

/// The last step that has a checkpoint.
async fn last_step(wire: &Wire, newest: u64) -> Outcome<Option<u64>> {
    let steps: Vec<u64> = (newest.saturating_sub(LATE_STEPS)..=newest).collect();
    let found = wire
        .several(steps.iter().map(|step| format!("/log/step/{step}")).collect())
        .await?;
    let there = steps.iter().zip(found).filter(|(_, bytes)| bytes.is_some());
    Ok(there.map(|(step, _)| *step).max())
}

/// The first step that has one, given that every later one has.
async fn first_step(wire: &Wire, last: u64) -> Outcome<u64> {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = wire.several(vec![format!("/log/step/{middle}")]).await?;
        if found.iter().any(Option::is_some) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}
