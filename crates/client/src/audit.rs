//! A check of the whole log from its tiles: forms, tree, every step's checkpoint, pace, public statements.

use std::collections::BTreeMap;

use casework::Chronology;
use protocol::slot::Entry;
use tlog::tile::{self, TileKind, TileName};
use tlog::tree::Frontier;
use tlog::verify::{Follower, check_hash_tiles};

use crate::failure::{Failure, Outcome};
use crate::log::Log;
use crate::steps::Steps;
use crate::tiles::{self, Tiles};
use crate::wire::{BATCH, Wire};

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
    /// Checkpoints of steps that were verified.
    pub checkpoints: u64,
    /// Steps whose checkpoint is that of the step before.
    pub missed_steps: u64,
    /// N of the pace in force.
    pub pace: u32,
    /// Public statements that do not count, with the reason.
    pub skipped: Vec<String>,
    /// Everything that is wrong.
    pub faults: Vec<String>,
}

/// Checks everything up to the latest checkpoint of `log`, which has read it.
///
/// # Errors
/// [`crate::Local::LogNotVerifiable`] when entries or tiles do not lead to the root; the network. Other faults are in
/// [`Audit::faults`].
pub async fn run(log: &Log, wire: &Wire) -> Outcome<Audit> {
    let (_, trusted) = log.latest()?;
    let (size, root) = (trusted.checkpoint().size, trusted.checkpoint().root);
    let read = Tiles::fetch(wire, 0, size).await?;
    let entries = Follower::new()
        .advance(trusted, |name| read.cut(name).ok_or(()))
        .map_err(|_| Failure::log("its entries do not lead to its checkpoint"))?;
    drop(read);
    check_tiles(wire, size, root, &entries).await?;
    let skipped = log.registry().refused().iter();
    let mut audit = Audit {
        size,
        root_hex: protocol::Digest(root.0).to_hex(),
        time: trusted.time(),
        pace: log.registry().pace_at(trusted.time()).map_or(0, |pace| pace.n),
        skipped: skipped
            .map(|refused| format!("entry {}: {}", refused.index, refused.reason))
            .collect(),
        ..Audit::default()
    };
    let is_public: Vec<bool> = entries
        .iter()
        .map(|entry| matches!(Entry::parse(entry), Some(Entry::Public(_))))
        .collect();
    audit.public = is_public.iter().filter(|is_public| **is_public).count() as u64;
    audit.opaque = size - audit.public;
    steps(log, wire, &entries, &is_public, &mut audit).await?;
    Ok(audit)
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

/// Every step's checkpoint: cosigned, a beginning of the tree, and N opaque entries more than the one before.
async fn steps(log: &Log, wire: &Wire, entries: &[Vec<u8>], is_public: &[bool], audit: &mut Audit) -> Outcome<()> {
    let step_s = log.registry().pace().map_or(1, |pace| u64::from(pace.step_s));
    let mut steps = Steps::default().lasting(step_s.max(1), u64::from(audit.pace.max(1)));
    steps.look_to(wire, audit.time).await?;
    let (Some(first), Some(last)) = (steps.find_first(wire).await?, steps.last()) else {
        audit.faults.push("no step has a checkpoint".to_owned());
        return Ok(());
    };
    let mut frontier = Frontier::default();
    // Entries of the checkpoint before, and the step that made it.
    let mut before: Option<(u64, u64)> = None;
    let mut times = Chronology::default();
    let (mut next, mut ready) = (first, first);
    while next <= last {
        let step = next;
        if step >= ready {
            ready = step + BATCH as u64;
            steps.forget_before(step);
            steps.fetch(wire, step..=(ready - 1).min(last)).await?;
        }
        // What was missed while the service stood still is looked at where it begins and ends.
        let end = steps.end_of_run(wire, step).await?;
        audit.missed_steps += end - step;
        next = end + 1;
        wire.progress(step - first, last + 1 - first);
        let Some(note) = steps.note(wire, step).await? else {
            audit.faults.push(format!("step {step} has no checkpoint"));
            continue;
        };
        let trusted = match log.check_at(&note) {
            Ok(trusted) => trusted,
            Err(failure) => {
                audit.faults.push(format!(
                    "the checkpoint of step {step}: {}",
                    failure.detail.unwrap_or_default()
                ));
                continue;
            }
        };
        let size = trusted.checkpoint().size;
        if size > entries.len() as u64 && trusted.time() > audit.time {
            // The log went on while it was checked.
            break;
        }
        if size < frontier.size() || size > entries.len() as u64 {
            audit.faults.push(format!(
                "the checkpoint of step {step} has {size} entries: out of order"
            ));
            continue;
        }
        while frontier.size() < size {
            let entry = entries.get(frontier.size() as usize).map_or(&[][..], Vec::as_slice);
            frontier.append(tlog::leaf_hash(entry));
        }
        if frontier.root() != trusted.checkpoint().root {
            audit
                .faults
                .push(format!("the checkpoint of step {step} is of another tree"));
        }
        // A missed step repeats the checkpoint of the one before.
        if before.is_none_or(|(before, _)| before != size)
            && let Err(fault) = times.saw_step(step, step_s, size, trusted.time())
        {
            audit.faults.push(fault.to_string());
        }
        audit.checkpoints += 1;
        if let Some(before) = before {
            pace(log, step, before, size, is_public, audit);
        }
        if before.is_none_or(|(before, _)| before != size) {
            before = Some((size, step));
        }
    }
    Ok(())
}

/// N opaque entries were appended at a step, or none when the service stood still.
fn pace(log: &Log, step: u64, before: (u64, u64), size: u64, is_public: &[bool], audit: &mut Audit) {
    let (before, made_in) = before;
    let step_s = log.registry().pace().map_or(1, |pace| u64::from(pace.step_s));
    let wanted_at = |step: u64| {
        let pace = log.registry().pace_after(before, step * step_s);
        pace.map(|pace| u64::from(pace.n))
    };
    let Some(wanted) = wanted_at(step) else {
        return;
    };
    let new = is_public.get(before as usize..size as usize).unwrap_or_default();
    let opaque = new.iter().filter(|is_public| !**is_public).count() as u64;
    if size == before {
        audit.missed_steps += 1;
    } else if opaque != wanted && Some(opaque) != wanted_at(made_in + 1) {
        // One that waited for its cosigners was made at an earlier step than the one that it belongs to.
        audit.faults.push(format!(
            "step {step} appended {opaque} opaque entries, the pace is {wanted}"
        ));
    }
}
