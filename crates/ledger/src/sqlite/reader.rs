//! Reading: a pool of connections that never keep the writer waiting, and the questions asked over them.

use std::sync::{Arc, Mutex};

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use tlog::Hash;
use tlog::tile::{TILE_WIDTH, decode_hashes};

use super::folder::Folder;
use super::pack::{Packs, Place};
use super::{guard, schema, signed, unsigned};
use crate::error::Error;
use crate::store::{CheckpointKind, Picked, Queue, Steps, StoreReader, StoredCheckpoint};
use crate::submission::{Digest, ListEntry, Stay};

/// Connections kept for the next reader.
const KEPT: usize = 8;

/// A pool; each question takes a connection and puts it back.
pub(super) struct Readers {
    folder: Folder,
    packs: Arc<Packs>,
    /// Guards the idle connections.
    idle: Mutex<Vec<Db>>,
}

impl Readers {
    pub(super) fn new(folder: &Folder, packs: &Arc<Packs>) -> Self {
        Self {
            folder: folder.clone(),
            packs: Arc::clone(packs),
            idle: Mutex::default(),
        }
    }

    /// Asks one question; a connection on which it failed is not used again.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Db) -> Result<T, Error>) -> Result<T, Error> {
        let idle = guard(&self.idle).pop();
        let db = match idle {
            Some(db) => db,
            None => Db::new(schema::open_reader(&self.folder)?, &self.packs),
        };
        let answer = question(&db)?;
        let mut idle = guard(&self.idle);
        if idle.len() < KEPT {
            idle.push(db);
        }
        Ok(answer)
    }

    /// Closes what is idle.
    pub(super) fn close(&self) {
        guard(&self.idle).clear();
    }
}

/// A connection, and the packs that its rows name.
pub(super) struct Db {
    pub(super) sql: Connection,
    pub(super) packs: Arc<Packs>,
}

impl Db {
    pub(super) fn new(sql: Connection, packs: &Arc<Packs>) -> Self {
        let packs = Arc::clone(packs);
        Self { sql, packs }
    }

    /// A store that nobody has open.
    pub(super) fn open(folder: &Folder) -> Result<Self, Error> {
        Ok(Self::new(schema::open_writer(folder)?, &Arc::new(Packs::new(folder))))
    }

    /// Reads the first column of at most one row.
    pub(super) fn one<T: FromSql>(&self, sql: &str, values: impl Params) -> Result<Option<T>, Error> {
        self.row(sql, values, |row| row.get(0))
    }

    /// Whether there is a row.
    pub(super) fn any(&self, sql: &str, values: impl Params) -> Result<bool, Error> {
        Ok(self.row(sql, values, |_| Ok(()))?.is_some())
    }

    /// Reads at most one row.
    pub(super) fn row<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Error> {
        Ok(self.sql.prepare_cached(sql)?.query_row(values, read).optional()?)
    }

    /// Reads all rows.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.sql.prepare_cached(sql)?;
        Ok(statement.query_map(values, read)?.collect::<Result<_, _>>()?)
    }

    /// Where a small blob lies.
    pub(super) fn place(&self, digest: &Digest) -> Result<Option<Place>, Error> {
        self.row(
            "SELECT pack, start, size FROM blob WHERE digest = ?1",
            [digest],
            Place::read,
        )
    }

    /// Every pack with the bytes that count of it.
    pub(super) fn pack_sizes(&self) -> Result<Vec<(i64, i64)>, Error> {
        self.rows("SELECT id, size FROM pack", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Places that are still to be overwritten.
    pub(super) fn to_erase(&self) -> Result<Vec<Place>, Error> {
        self.rows("SELECT pack, start, size FROM erase", [], Place::read)
    }

    /// Whether a pack but the last has no blob any more, and nothing to be overwritten.
    pub(super) fn has_empty_packs(&self) -> Result<bool, Error> {
        self.any(EMPTY_PACKS, [])
    }

    pub(super) fn has_pack(&self, pack: i64) -> Result<bool, Error> {
        self.any("SELECT 1 FROM pack WHERE id = ?1", [pack])
    }
}

/// Packs, except the last, of whose blobs none is left and all are overwritten.
pub(super) const EMPTY_PACKS: &str = "SELECT id FROM pack WHERE live = 0 AND id < (SELECT max(id) FROM pack)
    AND id NOT IN (SELECT pack FROM erase)";

/// Columns of an item, as [`item`] reads them.
const ITEM: &str = "seq, bytes, expires, blob, owner";

fn item(row: &Row<'_>) -> rusqlite::Result<ListEntry> {
    Ok(ListEntry {
        seq: number(row, 0)?,
        bytes: row.get(1)?,
        expires: row.get::<_, Option<i64>>(2)?.map(unsigned),
        blob: row.get(3)?,
        owner: row.get(4)?,
    })
}

fn named_item(row: &Row<'_>) -> rusqlite::Result<(String, ListEntry)> {
    Ok((row.get(5)?, item(row)?))
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(unsigned)
}

impl StoreReader for Db {
    fn answer(&self, form: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.one("SELECT answer FROM act WHERE form = ?1", [form])
    }

    fn is_used(&self, key: &Digest) -> Result<bool, Error> {
        self.any("SELECT 1 FROM once WHERE key = ?1", [key])
    }

    fn has_expired_keys(&self, now: u64) -> Result<bool, Error> {
        self.any("SELECT 1 FROM once WHERE expires <= ?1 LIMIT 1", [signed(now)])
    }

    fn size(&self) -> Result<u64, Error> {
        let size = self.one("SELECT coalesce(max(position) + 1, 0) FROM leaf", [])?;
        Ok(size.map_or(0, unsigned))
    }

    fn entries(&self, first: u64, count: u64) -> Result<Vec<Vec<u8>>, Error> {
        let sql = "SELECT bytes FROM leaf WHERE position >= ?1 AND position < ?2 ORDER BY position";
        let range = [signed(first), signed(first.saturating_add(count))];
        self.rows(sql, range, |row| row.get(0))
    }

    fn tile(&self, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Error> {
        let sql = "SELECT hashes FROM tile WHERE level = ?1 AND place = ?2";
        let Some(bytes) = self.one::<Vec<u8>>(sql, params![level, signed(index)])? else {
            return Ok(None);
        };
        let hashes = decode_hashes(&bytes).filter(|hashes| hashes.len() as u64 == TILE_WIDTH);
        let damaged = || Error::Damaged("a full tile is not 256 hashes".into());
        hashes.map(Some).ok_or_else(damaged)
    }

    fn position(&self, key: &Digest) -> Result<Option<u64>, Error> {
        let position = self.one("SELECT position FROM leaf WHERE key = ?1", [key])?;
        Ok(position.map(unsigned))
    }

    fn is_taken(&self, key: &Digest) -> Result<bool, Error> {
        let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM leaf WHERE key = ?1)
                   OR EXISTS (SELECT 1 FROM waiting WHERE key = ?1)";
        self.any(sql, [key])
    }

    fn checkpoint(&self, kind: CheckpointKind) -> Result<Option<StoredCheckpoint>, Error> {
        let sql = "SELECT size, root, note FROM checkpoint WHERE kind = ?1";
        self.row(sql, [kind as u8], |row| {
            Ok(StoredCheckpoint {
                size: number(row, 0)?,
                root: Hash(row.get(1)?),
                note: row.get::<_, Vec<u8>>(2)?.into(),
            })
        })
    }

    fn steps(&self, step: u64) -> Result<Option<Steps>, Error> {
        let sql = "SELECT first, last, note FROM step WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
        self.row(sql, [signed(step)], |row| {
            Ok(Steps {
                first: number(row, 0)?,
                last: number(row, 1)?,
                note: row.get(2)?,
            })
        })
    }

    fn waiting(&self) -> Result<Vec<Queue>, Error> {
        let sql = "SELECT class, step, count(*) FROM waiting GROUP BY class, step";
        self.rows(sql, [], |row| {
            Ok(Queue {
                class: row.get(0)?,
                step: number(row, 1)?,
                count: number(row, 2)?,
            })
        })
    }

    fn waiting_by_owner(&self) -> Result<Vec<(u16, u64)>, Error> {
        let sql = "SELECT owner, count(*) FROM waiting WHERE owner IS NOT NULL GROUP BY owner";
        self.rows(sql, [], |row| Ok((row.get(0)?, number(row, 1)?)))
    }

    fn due(&self, class: u8, step: u64, limit: usize) -> Result<Vec<Picked>, Error> {
        let sql = "WITH had AS (SELECT owner, count(*) AS waiting FROM waiting WHERE owner IS NOT NULL GROUP BY owner)
                   SELECT step, id, key, bytes FROM waiting LEFT JOIN had USING (owner)
                   WHERE class = ?1 AND step <= ?2 ORDER BY turn, step, had.waiting, id LIMIT ?3";
        self.rows(sql, params![class, signed(step), signed(limit as u64)], |row| {
            Ok(Picked {
                waited: Some((class, number(row, 0)?, number(row, 1)?)),
                key: row.get(2)?,
                bytes: row.get(3)?,
            })
        })
    }

    fn served_turn(&self) -> Result<u64, Error> {
        let sql = "SELECT coalesce((SELECT min(turn) FROM waiting WHERE owner IS NOT NULL), max(last), 1) FROM turn";
        Ok(self.one(sql, [])?.map_or(1, unsigned))
    }

    fn last_turn(&self, owner: u16) -> Result<Option<u64>, Error> {
        let last = self.one("SELECT last FROM turn WHERE owner = ?1", [owner])?;
        Ok(last.map(unsigned))
    }

    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.place(digest)?.map(|place| self.packs.read(place)).transpose()
    }

    fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        Ok(self.place(digest)?.map(|place| place.size))
    }

    fn stay(&self, digest: &Digest) -> Result<Option<Stay>, Error> {
        let stay = self.one::<u8>("SELECT stay FROM name WHERE digest = ?1 AND stay < 2", [digest])?;
        Ok(stay.map(|stay| match stay {
            0 => Stay::Lasting,
            _ => Stay::UntilGivenUp,
        }))
    }

    fn is_listed(&self, digest: &Digest) -> Result<bool, Error> {
        self.any("SELECT 1 FROM item WHERE blob = ?1 LIMIT 1", [digest])
    }

    fn is_uploaded(&self, digest: &Digest) -> Result<bool, Error> {
        self.any("SELECT 1 FROM upload WHERE digest = ?1 LIMIT 1", [digest])
    }

    fn upload(&self, name: &Digest) -> Result<Option<(Digest, u64)>, Error> {
        let sql = "SELECT digest, size FROM upload WHERE name = ?1";
        self.row(sql, [name], |row| Ok((row.get(0)?, number(row, 1)?)))
    }

    fn old_uploads(&self, before: u64) -> Result<Vec<(Digest, Digest)>, Error> {
        let sql = "SELECT name, digest FROM upload WHERE since BETWEEN 1 AND ?1";
        self.rows(sql, [signed(before)], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn let_go(&self) -> Result<Vec<Digest>, Error> {
        self.rows("SELECT digest FROM unlink", [], |row| row.get(0))
    }

    fn item(&self, list: &str, seq: u64) -> Result<Option<ListEntry>, Error> {
        let sql = format!("SELECT {ITEM} FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq = ?2");
        self.row(&sql, params![list, signed(seq)], item)
    }

    fn list(&self, list: &str, from: u64, limit: usize, now: u64) -> Result<Vec<ListEntry>, Error> {
        let sql = format!(
            "SELECT {ITEM} FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq >= ?2
             AND (expires IS NULL OR expires > ?3) ORDER BY seq LIMIT ?4"
        );
        let values = params![list, signed(from), signed(now), signed(limit as u64)];
        self.rows(&sql, values, item)
    }

    fn list_len(&self, list: &str) -> Result<u64, Error> {
        let next = self.one("SELECT next FROM list WHERE name = ?1", [list])?;
        Ok(next.map_or(0, unsigned))
    }

    fn items_naming(&self, blob: &Digest) -> Result<Vec<(String, ListEntry)>, Error> {
        let sql = format!("SELECT {ITEM}, name FROM item JOIN list ON list.id = list WHERE blob = ?1");
        self.rows(&sql, [blob], named_item)
    }

    fn expired_items(&self, now: u64, limit: usize) -> Result<Vec<(String, ListEntry)>, Error> {
        let sql = format!(
            "SELECT {ITEM}, name FROM item JOIN list ON list.id = list WHERE expires <= ?1 ORDER BY expires LIMIT ?2"
        );
        self.rows(&sql, [signed(now), signed(limit as u64)], named_item)
    }

    fn value(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.one("SELECT bytes FROM value WHERE name = ?1", [name])
    }
}
