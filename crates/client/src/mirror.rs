//! A copy of the log as files that any static host can serve (§6.1): tiles, checkpoints of steps, public statements.
//!
//! Every byte is checked against the log that was read before it is written, and the newest checkpoint is written last, so
//! that whoever reads the copy while it grows finds all that the checkpoint leads to.

use protocol::slot::Entry;
use tlog::tile::{self, TILE_WIDTH, TileKind, TileName};
use tlog::tree::Frontier;
use tlog::{Hash, Note, leaf_hash};

use crate::failure::{Failure, Local, Outcome};
use crate::log::Log;
use crate::steps::{Steps, claimed};
use crate::store::Store;
use crate::tiles;
use crate::wire::{BATCH, Wire};

const CHECKPOINT: &str = "log/checkpoint";

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Entries that the copy had before.
    pub before: u64,
    /// Entries that it has now.
    pub size: u64,
}

/// Brings a copy up to the latest checkpoint that `log` has read.
///
/// # Errors
/// [`Local::StateOfAnother`] when the copy is of another log or of another history; [`Local::LogNotVerifiable`] for what the
/// service shows beside the log; the network, the store.
pub async fn mirror(log: &mut Log, wire: &Wire, to: &dyn Store) -> Outcome<Mirrored> {
    let (note, trusted) = log.latest()?.clone();
    let size = trusted.checkpoint().size;
    let before = match to.read(CHECKPOINT)? {
        None => 0,
        Some(bytes) => {
            let copied = Note::parse(&bytes).ok().and_then(|note| claimed(&note).ok());
            let copied = copied.filter(|copied| log.root_at(copied.size) == Some(copied.root));
            copied.ok_or_else(|| Failure::new(Local::StateOfAnother))?.size
        }
    };
    let levels = levels(log.leaves().take(size as usize).copied().collect());
    let new: Vec<TileName> = tile::new_tiles(before, size);
    for batch in new.chunks(BATCH) {
        for (name, bytes) in batch.iter().zip(tiles::fetch(wire, batch).await?) {
            if !is_of(name, &bytes, &levels) {
                return Err(Failure::log(format!("{} is not of the log that was read", name.path())));
            }
            to.write(&format!("log/{}", name.path()), &bytes)?;
            if u64::from(name.width) == TILE_WIDTH {
                // Those that were narrower are cut from it by nobody who reads up to the newest checkpoint.
                to.remove(&format!("log/{}.p", name.path()))?;
            }
        }
    }
    let public = log.registry().statements().skip_while(|(index, _)| *index < before);
    for (_, envelope) in public {
        if let Ok(envelope) = envelope {
            to.write(&format!("api/v1/public/{}", envelope.digest()), envelope.bytes())?;
        }
    }
    steps(log, wire, to).await?;
    to.write(CHECKPOINT, note.to_string().as_bytes())?;
    Ok(Mirrored { before, size })
}

/// Copies the checkpoints of the steps that are not there yet, those that were missed under each number of theirs.
async fn steps(log: &mut Log, wire: &Wire, to: &dyn Store) -> Outcome<()> {
    let latest_at = log.latest()?.1.time();
    let mut steps = Steps::of(log.registry().pace());
    steps.look_to(wire, latest_at).await?;
    let names = to.names("log/step")?;
    let copied = names.iter().filter_map(|name| name.parse::<u64>().ok()).max();
    let first = match copied {
        // What the newest one shows may have changed since.
        Some(copied) => Some(copied),
        None => steps.find_first(wire).await?,
    };
    let (Some(first), Some(last)) = (first, steps.last()) else {
        return Err(Failure::log("no step has a checkpoint"));
    };
    for from in (first..=last).step_by(BATCH) {
        let batch = from..=last.min(from + BATCH as u64 - 1);
        steps.fetch(wire, batch.clone()).await?;
        for step in batch {
            let Some(note) = steps.note(wire, step).await? else {
                continue;
            };
            let trusted = log.check_at(&note)?;
            let checkpoint = trusted.checkpoint();
            match log.root_at(checkpoint.size) {
                Some(root) if root == checkpoint.root => {
                    to.write(&format!("log/step/{step}"), note.to_string().as_bytes())?;
                }
                // The log went on meanwhile.
                None => return Ok(()),
                Some(_) => {
                    return Err(Failure::log(format!(
                        "the checkpoint of step {step} is of another tree"
                    )));
                }
            }
        }
        steps.forget_before(from);
    }
    Ok(())
}

/// The hashes of each level of tiles, from the leaves up: one of a level stands for a full tile of the one below.
fn levels(leaves: Vec<Hash>) -> Vec<Vec<Hash>> {
    let mut levels = vec![leaves];
    while let Some(top) = levels.last().filter(|top| top.len() as u64 >= TILE_WIDTH) {
        let full = top.as_chunks::<{ TILE_WIDTH as usize }>().0;
        let above = full
            .iter()
            .map(|tile| tile.iter().copied().collect::<Frontier>().root());
        let above = above.collect();
        levels.push(above);
    }
    levels
}

fn is_of(name: &TileName, bytes: &[u8], levels: &[Vec<Hash>]) -> bool {
    let hashes = match name.kind {
        TileKind::Hash(_) => tile::decode_hashes(bytes),
        TileKind::Entries => tile::decode_entries(bytes).and_then(|entries| {
            // Nothing but the two forms of §6.1 is served in our name.
            let known = entries.iter().all(|entry| Entry::parse(entry).is_some());
            known.then(|| entries.into_iter().map(leaf_hash).collect())
        }),
    };
    let level = match name.kind {
        TileKind::Hash(level) => usize::from(level),
        TileKind::Entries => 0,
    };
    let from = (name.index * TILE_WIDTH) as usize;
    let wanted = levels
        .get(level)
        .and_then(|level| level.get(from..from + usize::from(name.width)));
    hashes.is_some_and(|hashes| wanted == Some(hashes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_of_the_log_whose_leaves_it_holds() {
        let entries: Vec<Vec<u8>> = (0..300_u16)
            .map(|n| [&[0][..], &n.to_be_bytes(), &[7; 62]].concat())
            .collect();
        let levels = levels(entries.iter().map(|entry| leaf_hash(entry)).collect());
        assert_eq!((levels[0].len(), levels[1].len()), (300, 1));
        for name in tile::tiles_of(300) {
            let from = (name.index * TILE_WIDTH) as usize;
            let within = from..from + usize::from(name.width);
            let bytes = match name.kind {
                TileKind::Entries => tile::encode_entries(entries[within].iter().map(Vec::as_slice)),
                TileKind::Hash(level) => tile::encode_hashes(&levels[usize::from(level)][within]),
            };
            assert!(is_of(&name, &bytes, &levels), "{}", name.path());
            for at in [2, bytes.len() - 1] {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                assert!(!is_of(&name, &changed, &levels), "{} at {at}", name.path());
            }
            assert!(!is_of(&name, &bytes[..bytes.len() - 1], &levels), "{} cut", name.path());
        }
    }
}
