//! From waiting entries to a published checkpoint: extend, sign, publish by compare-and-swap.

use tlog::Hash;
use tlog::edge::{Edge, Full, subtree};
use tlog::hash::leaf_hash;
use tlog::tile::TILE_WIDTH;

use crate::batch::Batch;
use crate::error::Error;
use crate::store::{Change, CheckpointKind, Picked, StoreReader, StoredCheckpoint};
use crate::submission::{Digest, ENTRY_MAX};

/// What a step takes from the waiting entries, and how it is filled.
pub(crate) struct Plan<'a> {
    pub(crate) step: u64,
    pub(crate) limits: [usize; 2],
    pub(crate) fill: usize,
    pub(crate) padding: &'a mut dyn FnMut() -> (Digest, Vec<u8>),
    pub(crate) shuffle: &'a mut dyn FnMut(usize) -> Vec<usize>,
    pub(crate) sign: &'a dyn Fn(u64, Hash) -> Vec<u8>,
}

impl Batch {
    /// Appends what the plan picks and keeps the signed root as the pending checkpoint, all in the open transaction.
    pub(crate) fn extend(&mut self, edge: &mut Edge, plan: &mut Plan<'_>) -> Result<StoredCheckpoint, Error> {
        let mut entries = self.read().due(2, plan.step, usize::MAX)?;
        let mut opaque = self.read().due(0, plan.step, plan.limits[0].min(plan.fill))?;
        let room = plan.fill - opaque.len();
        opaque.extend(self.read().due(1, plan.step, plan.limits[1].min(room))?);
        while opaque.len() < plan.fill {
            opaque.push(self.draw_padding(plan)?);
        }
        let order = (plan.shuffle)(opaque.len());
        entries.extend(permute(opaque, &order)?);

        let mut full = Vec::new();
        for entry in &entries {
            self.place(edge, &mut full, entry)?;
        }
        for Full { level, index, hashes } in &full {
            let (level, index) = (*level, *index);
            self.apply(Change::Tile { level, index, hashes })?;
        }
        let root = edge.root();
        let note = (plan.sign)(edge.size(), root).into();
        let pending = StoredCheckpoint {
            size: edge.size(),
            root,
            note,
        };
        self.apply(Change::Pend(&pending))?;
        Ok(pending)
    }

    /// Padding has a key like any entry. Its 32 random bytes meet a taken key only if the randomness is broken.
    fn draw_padding(&self, plan: &mut Plan<'_>) -> Result<Picked, Error> {
        let (key, bytes) = (plan.padding)();
        if bytes.len() > ENTRY_MAX || self.read().is_taken(&key)? {
            return Err(Error::Damaged("padding is too long or repeats a key".into()));
        }
        Ok(Picked {
            waited: None,
            key,
            bytes,
        })
    }

    fn place(&mut self, edge: &mut Edge, full: &mut Vec<Full>, entry: &Picked) -> Result<(), Error> {
        let position = edge.size();
        self.apply(Change::Place { position, entry })?;
        if let Some((class, step, _)) = entry.waited {
            self.waited(class, step, -1);
        }
        edge.append(leaf_hash(&entry.bytes), full);
        Ok(())
    }

    /// Puts a cosigned note in the place of the published one: the pending checkpoint's, or, when none is pending,
    /// a fresh note on the published tree.
    pub(crate) fn publish(
        &mut self,
        step: u64,
        old_size: u64,
        size: u64,
        note: &[u8],
    ) -> Result<StoredCheckpoint, Error> {
        let current = match self.read().checkpoint(CheckpointKind::Pending)? {
            Some(pending) => pending,
            None => self.read().checkpoint(CheckpointKind::Published)?.ok_or(Error::Moved)?,
        };
        if current.size != size {
            return Err(Error::Moved);
        }
        let checkpoint = StoredCheckpoint {
            size,
            root: current.root,
            note: note.into(),
        };
        self.apply(Change::Publish {
            old_size,
            checkpoint: &checkpoint,
        })?;
        // A clock that went back must not stop publishing; the steps that had a checkpoint keep it.
        if self.read().steps(u64::MAX)?.is_none_or(|steps| steps.last < step) {
            self.apply(Change::Step {
                step,
                checkpoint: &checkpoint,
            })?;
        }
        Ok(checkpoint)
    }
}

/// The edge of a stored tree, from its last entries and its full tiles.
pub(crate) fn read_edge(store: &dyn StoreReader) -> Result<Edge, Error> {
    let size = store.size()?;
    let width = TILE_WIDTH;
    let (mut levels, mut count) = (Vec::new(), size);
    while count > 0 {
        let first = count - count % width;
        let hashes = match u8::try_from(levels.len()).ok().and_then(|level| level.checked_sub(1)) {
            None => {
                let entries = store.entries(first, width)?;
                entries.iter().map(|entry| leaf_hash(entry)).collect()
            }
            Some(below) => {
                let mut hashes = Vec::new();
                for index in first..count {
                    match store.tile(below, index)? {
                        Some(tile) => hashes.push(subtree(&tile)),
                        None => break,
                    }
                }
                hashes
            }
        };
        if hashes.len() as u64 != count % width {
            return Err(Error::Damaged("entries and tiles do not fit together".into()));
        }
        levels.push(hashes);
        count /= width;
    }
    Edge::from_levels(size, levels).ok_or_else(|| Error::Damaged("the edge of the tree has gaps".into()))
}

fn permute(entries: Vec<Picked>, order: &[usize]) -> Result<Vec<Picked>, Error> {
    let wrong = || Error::Damaged("the order of a step is not a permutation".into());
    if order.len() != entries.len() {
        return Err(wrong());
    }
    let mut entries: Vec<Option<Picked>> = entries.into_iter().map(Some).collect();
    order
        .iter()
        .map(|&place| entries.get_mut(place).and_then(Option::take).ok_or_else(wrong))
        .collect()
}
