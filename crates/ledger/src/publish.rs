//! From waiting entries to a published checkpoint: extend, sign, publish by compare-and-swap.

use rusqlite::params;
use tlog::hash::leaf_hash;
use tlog::tile::encode_hashes;
use tlog::{Hash, tile::decode_hashes};

use crate::edge::{Edge, Full, subtree};
use crate::error::Error;
use crate::reader::digest;
use crate::submission::{Digest, ENTRY_MAX};
use crate::writer::{Writer, signed, unsigned};

/// A checkpoint as the ledger keeps it: it does not read the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
    pub(crate) note: std::sync::Arc<[u8]>,
}

/// The two checkpoints of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Published = 0,
    Pending = 1,
}

/// What a step takes from the waiting entries, and how it is filled.
pub(crate) struct Plan<'a> {
    pub(crate) step: u64,
    pub(crate) limits: [usize; 2],
    pub(crate) fill: usize,
    pub(crate) padding: &'a mut dyn FnMut() -> (Digest, Vec<u8>),
    pub(crate) shuffle: &'a mut dyn FnMut(usize) -> Vec<usize>,
    pub(crate) sign: &'a dyn Fn(u64, Hash) -> Vec<u8>,
}

/// An entry on its way into the tree.
struct Picked {
    /// Class, step and number under which it waited; `None` for padding.
    waited: Option<(u8, i64, i64)>,
    key: Digest,
    bytes: Vec<u8>,
}

impl Writer {
    /// One of the two checkpoints.
    pub(crate) fn checkpoint_of(&self, kind: Kind) -> Result<Option<Checkpoint>, Error> {
        crate::reader::checkpoint(&self.db, kind)
    }

    /// Appends what the plan picks and keeps the signed root as the pending checkpoint, all in the open transaction.
    pub(crate) fn extend(&mut self, edge: &mut Edge, plan: &mut Plan<'_>) -> Result<Checkpoint, Error> {
        let mut entries = self.waiting_due(2, plan.step, usize::MAX)?;
        let mut opaque = self.waiting_due(0, plan.step, plan.limits[0].min(plan.fill))?;
        let room = plan.fill - opaque.len();
        opaque.extend(self.waiting_due(1, plan.step, plan.limits[1].min(room))?);
        while opaque.len() < plan.fill {
            let padding = self.draw_padding(plan)?;
            opaque.push(padding);
        }
        let order = (plan.shuffle)(opaque.len());
        entries.extend(permute(opaque, &order)?);

        let mut full = Vec::new();
        for entry in entries {
            self.place(edge, &mut full, entry)?;
        }
        for tile in full {
            self.run(
                "INSERT INTO tile (level, place, hashes) VALUES (?1, ?2, ?3)",
                params![tile.level, signed(tile.index), encode_hashes(&tile.hashes)],
            )?;
        }
        let root = edge.root()?;
        let note = (plan.sign)(edge.size(), root).into();
        let pending = Checkpoint {
            size: edge.size(),
            root,
            note,
        };
        self.put_checkpoint(Kind::Pending, &pending)?;
        Ok(pending)
    }

    /// Waiting entries of a class that are due by a step: in turns where they have owners, within a turn those first whose
    /// owner has fewest waiting, then oldest step first.
    fn waiting_due(&self, class: u8, step: u64, limit: usize) -> Result<Vec<Picked>, Error> {
        let sql = "WITH had AS (SELECT owner, count(*) AS waiting FROM waiting WHERE owner IS NOT NULL GROUP BY owner)
                   SELECT step, id, key, bytes FROM waiting LEFT JOIN had USING (owner)
                   WHERE class = ?1 AND step <= ?2 ORDER BY turn, had.waiting, step, id LIMIT ?3";
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params![class, signed(step), signed(limit as u64)])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let key = digest(row.get_ref(2)?.as_blob().ok())?;
            due.push(Picked {
                waited: Some((class, row.get(0)?, row.get(1)?)),
                key,
                bytes: row.get(3)?,
            });
        }
        Ok(due)
    }

    /// Padding has a key like any entry. Its 32 random bytes meet a taken key only if the randomness is broken.
    fn draw_padding(&mut self, plan: &mut Plan<'_>) -> Result<Picked, Error> {
        let (key, bytes) = (plan.padding)();
        if bytes.len() > ENTRY_MAX || self.is_taken(&key)? {
            return Err(Error::Damaged("padding is too long or repeats a key".into()));
        }
        Ok(Picked {
            waited: None,
            key,
            bytes,
        })
    }

    fn place(&mut self, edge: &mut Edge, full: &mut Vec<Full>, entry: Picked) -> Result<(), Error> {
        self.run(
            "INSERT INTO leaf (position, key, bytes) VALUES (?1, ?2, ?3)",
            params![signed(edge.size()), entry.key.as_slice(), entry.bytes.as_slice()],
        )?;
        if let Some((class, step, id)) = entry.waited {
            let sql = "DELETE FROM waiting WHERE class = ?1 AND step = ?2 AND id = ?3";
            if self.run(sql, params![class, step, id])? != 1 {
                return Err(Error::Damaged("a waiting entry vanished".into()));
            }
            self.change(class, unsigned(step), -1);
        }
        edge.append(leaf_hash(&entry.bytes), full);
        Ok(())
    }

    fn put_checkpoint(&mut self, kind: Kind, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.run(
            "INSERT OR REPLACE INTO checkpoint (kind, size, root, note) VALUES (?1, ?2, ?3, ?4)",
            params![
                kind as u8,
                signed(checkpoint.size),
                checkpoint.root.0.as_slice(),
                &checkpoint.note[..]
            ],
        )?;
        Ok(())
    }

    /// Puts a cosigned note in the place of the published one: the pending checkpoint's, or, when none is pending,
    /// a fresh note on the published tree.
    pub(crate) fn publish(&mut self, step: u64, old_size: u64, size: u64, note: &[u8]) -> Result<Checkpoint, Error> {
        let published = self.checkpoint_of(Kind::Published)?;
        let pending = self.checkpoint_of(Kind::Pending)?;
        let current = pending.as_ref().or(published.as_ref()).ok_or(Error::Moved)?;
        if published.as_ref().map_or(0, |published| published.size) != old_size || current.size != size {
            return Err(Error::Moved);
        }
        let checkpoint = Checkpoint {
            size,
            root: current.root,
            note: note.into(),
        };
        self.put_checkpoint(Kind::Published, &checkpoint)?;
        self.run("DELETE FROM checkpoint WHERE kind = ?1", [Kind::Pending as u8])?;
        let last = self.one::<i64>("SELECT last FROM step ORDER BY first DESC LIMIT 1", [])?;
        // A clock that went back must not stop publishing; the steps that had a checkpoint keep it.
        if last.is_none_or(|last| last < signed(step)) {
            // Those that were missed answer with the one before.
            self.run(
                "UPDATE step SET last = ?1 WHERE last = ?2",
                params![signed(step.saturating_sub(1)), last],
            )?;
            self.run(
                "INSERT INTO step (first, last, size, note) VALUES (?1, ?1, ?2, ?3)",
                params![signed(step), signed(size), note],
            )?;
        }
        Ok(checkpoint)
    }
}

/// The edge of a stored tree, from its last entries and its full tiles.
pub(crate) fn read_edge(db: &rusqlite::Connection) -> Result<Edge, Error> {
    let size: i64 = db.query_row("SELECT coalesce(max(position) + 1, 0) FROM leaf", [], |row| row.get(0))?;
    let size = unsigned(size);
    let mut levels = Vec::new();
    let mut count = size;
    while count > 0 {
        let first = signed(count - count % 256);
        let hashes = if levels.is_empty() {
            let mut statement = db.prepare("SELECT bytes FROM leaf WHERE position >= ?1 ORDER BY position")?;
            let rows = statement.query_map([first], |row| Ok(leaf_hash(row.get_ref(0)?.as_blob()?)))?;
            rows.collect::<Result<Vec<_>, _>>()?
        } else {
            let below = levels.len() as i64 - 1;
            let mut statement =
                db.prepare("SELECT hashes FROM tile WHERE level = ?1 AND place >= ?2 ORDER BY place")?;
            let rows = statement.query_map([below, first], |row| row.get::<_, Vec<u8>>(0))?;
            let mut hashes = Vec::new();
            for tile in rows {
                let tile = decode_hashes(&tile?).filter(|tile| tile.len() == 256);
                hashes.push(subtree(
                    &tile.ok_or_else(|| Error::Damaged("a full tile is not 256 hashes".into()))?,
                ));
            }
            hashes
        };
        if hashes.len() as u64 != count % 256 {
            return Err(Error::Damaged("entries and tiles do not fit together".into()));
        }
        levels.push(hashes);
        count >>= 8;
    }
    Ok(Edge::from_levels(size, levels))
}

fn permute(entries: Vec<Picked>, order: &[usize]) -> Result<Vec<Picked>, Error> {
    let wrong = || Error::Damaged("the order of a step is no permutation".into());
    if order.len() != entries.len() {
        return Err(wrong());
    }
    let mut entries: Vec<Option<Picked>> = entries.into_iter().map(Some).collect();
    order
        .iter()
        .map(|&place| entries.get_mut(place).and_then(Option::take).ok_or_else(wrong))
        .collect()
}
