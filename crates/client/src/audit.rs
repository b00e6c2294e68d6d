//! A check of the whole log from its tiles: forms, tree, every step's checkpoint, pace, public statements.

use std::collections::BTreeMap;

use casework::Chronology;
use casework::duty::Duties;
use protocol::slot::Entry;
use serde::{Deserialize, Serialize};
use tlog::tile::{self, TileKind, TileName};
use tlog::verify::{Follower, check_hash_tiles};

use crate::failure::{Failure, Outcome};
use crate::log::Log;
use crate::steps::Steps;
use crate::tiles::{self, Tiles};
use crate::wire::{BATCH, Wire};

/// What is wrong with a step's checkpoint, or with what the step added (§6.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum StepFault {
    /// No step has a checkpoint.
    NoSteps,
    /// A step after the first has no checkpoint.
    NoCheckpoint {
        /// Which.
        step: u64,
    },
    /// Its checkpoint is not signed as the policy in force asks.
    NotCosigned {
        /// Which.
        step: u64,
    },
    /// Its checkpoint has fewer entries than an earlier one, or more than the latest.
    OutOfOrder {
        /// Which.
        step: u64,
        /// The entries that it claims.
        size: u64,
    },
    /// Its checkpoint is of another tree.
    OtherTree {
        /// Which.
        step: u64,
        /// The entries that it claims.
        size: u64,
    },
    /// Its checkpoint is not dated in its step, or before an earlier one.
    Dated {
        /// Which.
        step: u64,
        /// Its time, POSIX seconds.
        time: u64,
    },
    /// It did not add N opaque entries.
    Pace {
        /// Which.
        step: u64,
        /// Opaque entries that it added.
        opaque: u64,
        /// N.
        wanted: u64,
    },
}

/// What was checked, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Entries.
    pub size: u64,
    /// Opaque ones.
    pub opaque: u64,
    /// Public ones.
    pub public: u64,
    /// Root of the whole, in hex.
    pub root_hex: String,
    /// Time of the latest checkpoint.
    pub time: u64,
    /// N of the pace in force.
    pub pace: u32,
    /// Public statements that do not count, with the reason.
    pub skipped: Vec<String>,
    /// The steps.
    pub steps: CheckedSteps,
}

/// The steps that were checked.
#[derive(Clone, Debug, Default)]
pub struct CheckedSteps {
    /// Checkpoints that were verified.
    pub checkpoints: u64,
    /// Steps in which nothing was added, first and last of each run of them: the service or its cosigners stood still.
    pub stood_still: Vec<(u64, u64)>,
    /// Everything that is wrong.
    pub faults: Vec<StepFault>,
    /// Where a later check goes on. The newest step is not among them: what it shows may still change. `None` before the
    /// first checkpoint.
    pub end: Option<LastStep>,
}

impl CheckedSteps {
    /// Steps in which nothing was added.
    pub fn missed(&self) -> u64 {
        self.stood_still.iter().map(|(first, last)| last - first + 1).sum()
    }

    fn stood_still(&mut self, first: u64, last: u64) {
        if last < first {
            return;
        }
        match self.stood_still.last_mut() {
            Some(run) if run.1 + 1 == first => run.1 = last,
            _ => self.stood_still.push((first, last)),
        }
    }
}

/// The last step that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastStep {
    /// Its number.
    pub step: u64,
    /// Entries of its checkpoint.
    pub size: u64,
    /// Time of its checkpoint, POSIX seconds.
    pub time: u64,
    /// The step that made this checkpoint.
    pub made_in: u64,
}

/// Checks everything up to the latest checkpoint of `log`, which has read it.
///
/// # Errors
/// [`crate::Local::LogNotVerifiable`] when entries or tiles do not lead to the root; the network. Other faults are in
/// [`Audit::steps`].
pub async fn run(log: &mut Log, wire: &Wire) -> Outcome<Audit> {
    let trusted = log.latest()?.1.clone();
    let (size, root) = (trusted.checkpoint().size, trusted.checkpoint().root);
    let read = Tiles::fetch(wire, 0, size).await?;
    let entries = Follower::new()
        .advance(&trusted, |name| read.cut(name).ok_or(()))
        .map_err(|_| Failure::log("its entries do not lead to its checkpoint"))?;
    drop(read);
    check_tiles(wire, size, root, &entries).await?;
    let is_public = |entry: &&Vec<u8>| matches!(Entry::parse(entry), Some(Entry::Public(_)));
    let public = entries.iter().filter(is_public).count() as u64;
    let skipped = log.registry().refused().iter();
    let skipped = skipped.map(|refused| format!("entry {}: {}", refused.index, refused.reason));
    let duties = Duties::of(log.registry());
    let reports = duties.refused().iter();
    let skipped = skipped.chain(reports.map(|(index, _, reason)| format!("entry {index}: {reason}")));
    Ok(Audit {
        size,
        opaque: size - public,
        public,
        root_hex: protocol::Digest(root.0).to_hex(),
        time: trusted.time(),
        pace: log.registry().pace_at(trusted.time()).map_or(0, |pace| pace.n),
        skipped: skipped.collect(),
        steps: check_steps(log, wire, None).await?,
    })
}

/// The hash tiles agree with the entries.
async fn check_tiles(wire: &Wire, size: u64, root: tlog::Hash, entries: &[Vec<u8>]) -> Outcome<()> {
    let is_hashes = |name: &TileName| name.kind != TileKind::Entries;
    let names: Vec<TileName> = tile::tiles_of(size).into_iter().filter(is_hashes).collect();
    let mut hashes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for batch in names.chunks(BATCH) {
        let fetched = tiles::fetch(wire, batch).await?;
        hashes.extend(batch.iter().map(TileName::path).zip(fetched));
    }
    let served = |name: &TileName| match name.kind {
        TileKind::Entries => {
            let from = (name.index * tile::TILE_WIDTH) as usize;
            let within = entries.get(from..from + usize::from(name.width)).ok_or(())?;
            Ok(tile::encode_entries(within.iter().map(Vec::as_slice)))
        }
        TileKind::Hash(_) => hashes.get(&name.path()).cloned().ok_or(()),
    };
    check_hash_tiles(size, root, served).map_err(|_| Failure::log("its tiles do not lead to its checkpoint"))
}

/// Checks the checkpoint of every step after `from`, up to the latest that `log` has read: cosigned, a beginning of the
/// tree, dated in its step, and N opaque entries more than the one before.
///
/// # Errors
/// The network; [`crate::Local::LogNotVerifiable`] for a note that cannot be read.
pub(crate) async fn check_steps(log: &mut Log, wire: &Wire, from: Option<LastStep>) -> Outcome<CheckedSteps> {
    let trusted = log.latest()?.1.clone();
    let (end, latest_at) = (trusted.checkpoint().size, trusted.time());
    let mut steps = Steps::of(log.registry().pace());
    let step_s = steps.step_s();
    steps.look_to(wire, latest_at).await?;
    let mut checked = CheckedSteps {
        end: from,
        ..CheckedSteps::default()
    };
    let first = match from {
        Some(from) => Some(from.step + 1),
        None => steps.find_first(wire).await?,
    };
    let (Some(first), Some(last)) = (first, steps.last()) else {
        checked.faults.push(StepFault::NoSteps);
        return Ok(checked);
    };
    let mut times = Chronology::default();
    if let Some(from) = from {
        times.saw(from.size, from.time).map_err(Failure::log)?;
    }
    let (mut next, mut ready, mut before) = (first, first, from);
    while next <= last {
        let step = next;
        if step >= ready {
            ready = step + BATCH as u64;
            steps.forget_before(step);
            steps.fetch(wire, step..=(ready - 1).min(last)).await?;
        }
        // Of the steps that were missed while the service stood still only the first and the last are looked at.
        let until = steps.end_of_run(wire, step).await?;
        next = until + 1;
        wire.progress(step - first, last + 1 - first);
        let Some(note) = steps.note(wire, step).await? else {
            checked.faults.push(StepFault::NoCheckpoint { step });
            continue;
        };
        let Ok(trusted) = log.check_at(&note) else {
            checked.faults.push(StepFault::NotCosigned { step });
            continue;
        };
        let (size, time) = (trusted.checkpoint().size, trusted.time());
        // Two steps may be dated in one second.
        if size > end && time >= latest_at {
            // The log went on while it was checked.
            break;
        }
        if size > end || before.is_some_and(|before| size < before.size) {
            checked.faults.push(StepFault::OutOfOrder { step, size });
            continue;
        }
        if log.root_at(size) != Some(trusted.checkpoint().root) {
            checked.faults.push(StepFault::OtherTree { step, size });
        }
        checked.checkpoints += 1;
        let is_new = before.is_none_or(|before| before.size != size);
        if is_new {
            // A missed step repeats the checkpoint of the one before.
            if times.saw_step(step, step_s, size, time).is_err() {
                checked.faults.push(StepFault::Dated { step, time });
            }
            checked
                .faults
                .extend(before.and_then(|before| off_pace(log, step_s, step, before, size)));
        }
        let settled = until.min(last - 1);
        checked.stood_still(if is_new { step + 1 } else { step }, settled);
        before = Some(LastStep {
            step: settled,
            size,
            time,
            made_in: before.filter(|_| !is_new).map_or(step, |before| before.made_in),
        });
        if step < last {
            checked.end = before;
        }
    }
    Ok(checked)
}

/// A step that did not add N opaque entries.
fn off_pace(log: &Log, step_s: u64, step: u64, before: LastStep, size: u64) -> Option<StepFault> {
    let wanted_at = |step: u64| {
        let pace = log.registry().pace_after(before.size, step * step_s);
        pace.map(|pace| u64::from(pace.n))
    };
    let (wanted, opaque) = (wanted_at(step)?, log.opaque(before.size, size));
    // One that waited for its cosigners was made at an earlier step than the one that it belongs to.
    let is_right = opaque == wanted || Some(opaque) == wanted_at(before.made_in + 1);
    (!is_right).then_some(StepFault::Pace { step, opaque, wanted })
}
