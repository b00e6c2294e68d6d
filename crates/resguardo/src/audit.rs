//! A check of the whole log from its tiles: forms, tree, every step's checkpoint, pace, public statements.

use crate::console::Console;
use crate::failure::Outcome;
use crate::follow::{self, Follow, Steps, Tiles};
use casework::Chronology;
use protocol::slot::Entry;
use tlog::tree::Frontier;
use tlog::verify::{Follower, check_hash_tiles};

/// Checkpoints that are fetched at once.
const BATCH: u64 = 64;

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

/// Checks everything up to the latest checkpoint of `follow`, which has read it.
///
/// # Errors
/// Exit 1 when entries or tiles do not lead to the root; network. Other faults are in [`Audit::faults`].
pub fn run(follow: &Follow, console: &Console) -> Outcome<Audit> {
    let (_, trusted) = follow.latest()?;
    let size = trusted.checkpoint().size;
    let mut tiles = Tiles {
        remote: follow.remote(),
        size,
        held: None,
    };
    let mut follower = Follower::new();
    let entries = follower
        .advance(trusted, |name| tiles.read(name))
        .map_err(follow::read_error)?;
    let root = trusted.checkpoint().root;
    check_hash_tiles(size, root, |name| follow.remote().tile(name)).map_err(follow::read_error)?;
    let skipped = follow.registry().refused().iter();
    let mut audit = Audit {
        size,
        root_hex: data_encoding::HEXLOWER.encode(&root.0),
        time: trusted.time(),
        pace: follow.registry().pace_at(trusted.time()).map_or(0, |pace| pace.n),
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
    steps(follow, &entries, &is_public, &mut audit, console)?;
    Ok(audit)
}

/// Every step's checkpoint: cosigned, a beginning of the tree, and N opaque entries more than the one before.
fn steps(
    follow: &Follow,
    entries: &[Vec<u8>],
    is_public: &[bool],
    audit: &mut Audit,
    console: &Console,
) -> Outcome<()> {
    let step_s = follow.registry().pace().map_or(1, |pace| u64::from(pace.step_s));
    let mut steps = Steps::new(follow.remote(), step_s, audit.time)?;
    let (Some(first), Some(last)) = (steps.first()?, steps.last()) else {
        audit.faults.push("no step has a checkpoint".to_owned());
        return Ok(());
    };
    let mut progress = console.progress("checkpoints", last - first + 1);
    let mut frontier = Frontier::default();
    // Entries of the checkpoint before, and the step that made it.
    let mut before: Option<(u64, u64)> = None;
    let mut times = Chronology::default();
    let (mut next, mut ready) = (first, first);
    while next <= last {
        let step = next;
        if step >= ready {
            ready = step + BATCH;
            steps.prefetch(step, (ready - 1).min(last))?;
        }
        // What was missed while the service stood still is looked at where it begins and ends.
        let end = steps.end_of_run(step)?;
        audit.missed_steps += end - step;
        next = end + 1;
        progress.advance(next - step);
        let Some(note) = steps.note(step)? else {
            audit.faults.push(format!("step {step} has no checkpoint"));
            continue;
        };
        let trusted = match follow.check_at(&note) {
            Ok(trusted) => trusted,
            Err(failure) => {
                audit.faults.push(format!("the checkpoint of step {step}: {failure}"));
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
            pace(follow, step, before, size, is_public, audit);
        }
        if before.is_none_or(|(before, _)| before != size) {
            before = Some((size, step));
        }
    }
    Ok(())
}

/// N opaque entries were appended at a step, or none when the service stood still.
fn pace(follow: &Follow, step: u64, before: (u64, u64), size: u64, is_public: &[bool], audit: &mut Audit) {
    let (before, made_in) = before;
    let step_s = follow.registry().pace().map_or(1, |pace| u64::from(pace.step_s));
    let wanted_at = |step: u64| {
        let pace = follow.registry().pace_after(before, step * step_s);
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
