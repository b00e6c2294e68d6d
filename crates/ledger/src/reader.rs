//! Reading: a pool of connections that never keep the writer waiting, and the questions asked over them.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use tlog::Hash;
use tlog::tile::decode_hashes;

use crate::error::Error;
use crate::folder::Folder;
use crate::pack::Place;
use crate::publish::{Checkpoint, Kind};
use crate::schema;
use crate::submission::{Digest, ListEntry, Stay};
use crate::writer::{signed, unsigned};

/// Connections kept for the next reader.
const KEPT: usize = 8;

/// A pool; each question takes a connection and puts it back.
pub(crate) struct Readers {
    folder: Folder,
    /// Guards the idle connections.
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Asks one question; a connection on which it failed is not used again.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => schema::open_reader(&self.folder)?,
        };
        let answer = question(&db)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(db);
        }
        Ok(answer)
    }

    /// Closes what is idle.
    pub(crate) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Reads a column of 32 bytes.
pub(crate) fn digest(bytes: Option<&[u8]>) -> Result<Digest, Error> {
    let bytes = bytes.and_then(|bytes| Digest::try_from(bytes).ok());
    bytes.ok_or_else(|| Error::Damaged("a digest is not 32 bytes".into()))
}

/// Reads the first column of at most one row.
fn one<T: rusqlite::types::FromSql>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<T>, Error> {
    Ok(db.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}

pub(crate) fn checkpoint(db: &Connection, kind: Kind) -> Result<Option<Checkpoint>, Error> {
    let sql = "SELECT size, root, note FROM checkpoint WHERE kind = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([kind as u8])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let note: Vec<u8> = row.get(2)?;
    let root = Hash(digest(row.get_ref(1)?.as_blob().ok())?);
    Ok(Some(Checkpoint {
        size: unsigned(row.get(0)?),
        root,
        note: note.into(),
    }))
}

pub(crate) fn answer(db: &Connection, form: &Digest) -> Result<Option<Vec<u8>>, Error> {
    one(db, "SELECT answer FROM act WHERE form = ?1", [form.as_slice()])
}

pub(crate) fn step(db: &Connection, step: u64) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT last, note FROM step WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
    let row = db
        .prepare_cached(sql)?
        .query_row([signed(step)], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
    Ok(row
        .optional()?
        .filter(|(last, _)| *last >= signed(step))
        .map(|(_, note)| note))
}

pub(crate) fn entry(db: &Connection, index: u64) -> Result<Option<Vec<u8>>, Error> {
    one(db, "SELECT bytes FROM leaf WHERE position = ?1", [signed(index)])
}

/// Entries from `first` on, `count` of them; fewer when the tree ends.
pub(crate) fn entries(db: &Connection, first: u64, count: u64) -> Result<Vec<Vec<u8>>, Error> {
    let sql = "SELECT bytes FROM leaf WHERE position >= ?1 AND position < ?2 ORDER BY position";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([signed(first), signed(first.saturating_add(count))], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn position(db: &Connection, key: &Digest) -> Result<Option<u64>, Error> {
    let sql = "SELECT position FROM leaf WHERE key = ?1";
    Ok(one(db, sql, [key.as_slice()])?.map(unsigned))
}

pub(crate) fn is_taken(db: &Connection, key: &Digest) -> Result<bool, Error> {
    let sql =
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM leaf WHERE key = ?1) OR EXISTS (SELECT 1 FROM waiting WHERE key = ?1)";
    Ok(one::<i64>(db, sql, [key.as_slice()])?.is_some())
}

/// A full hash tile.
pub(crate) fn full_tile(db: &Connection, level: u8, index: u64) -> Result<Option<Vec<Hash>>, Error> {
    let sql = "SELECT hashes FROM tile WHERE level = ?1 AND place = ?2";
    let Some(bytes) = one::<Vec<u8>>(db, sql, params![level, signed(index)])? else {
        return Ok(None);
    };
    let hashes = decode_hashes(&bytes).filter(|hashes| hashes.len() == crate::edge::WIDTH);
    hashes
        .map(Some)
        .ok_or_else(|| Error::Damaged("a full tile is not 256 hashes".into()))
}

/// Where a small blob lies.
pub(crate) fn place(db: &Connection, digest: &Digest) -> Result<Option<Place>, Error> {
    let sql = "SELECT pack, start, size FROM blob WHERE digest = ?1";
    let row = db.prepare_cached(sql)?.query_row([digest.as_slice()], |row| {
        Ok(Place {
            pack: row.get(0)?,
            start: unsigned(row.get(1)?),
            size: unsigned(row.get(2)?),
        })
    });
    Ok(row.optional()?)
}

/// How long a blob stays with the act that names it; `None` when none does, or none any more.
pub(crate) fn stay(db: &Connection, digest: &Digest) -> Result<Option<Stay>, Error> {
    let sql = "SELECT stay FROM name WHERE digest = ?1 AND stay < 2";
    let stay = one::<u8>(db, sql, [digest.as_slice()])?;
    Ok(stay.map(|stay| match stay {
        0 => Stay::Lasting,
        _ => Stay::UntilGivenUp,
    }))
}

/// Whether an act or an item names a blob.
pub(crate) fn is_named(db: &Connection, digest: &Digest) -> Result<bool, Error> {
    let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM name WHERE digest = ?1 AND stay < 2)
               OR EXISTS (SELECT 1 FROM item WHERE blob = ?1)";
    Ok(one::<i64>(db, sql, [digest.as_slice()])?.is_some())
}

/// Whether anything holds a blob: an act, an item, an upload that is not old yet.
pub(crate) fn is_held(db: &Connection, digest: &Digest) -> Result<bool, Error> {
    let upload = "SELECT 1 FROM upload WHERE digest = ?1 LIMIT 1";
    Ok(is_named(db, digest)? || one::<i64>(db, upload, [digest.as_slice()])?.is_some())
}

/// Files that nothing named when they were noted.
pub(crate) fn unlinked(db: &Connection) -> Result<Vec<Digest>, Error> {
    let mut statement = db.prepare_cached("SELECT digest FROM unlink")?;
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|row| digest(Some(&row?))).collect()
}

pub(crate) fn list(db: &Connection, name: &str, from: u64, limit: usize, now: u64) -> Result<Vec<ListEntry>, Error> {
    let sql = "SELECT seq, bytes, expires, blob, owner FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq >= ?2
               AND (expires IS NULL OR expires > ?3) ORDER BY seq LIMIT ?4";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![name, signed(from), signed(now), signed(limit as u64)], |row| {
        let expires: Option<i64> = row.get(2)?;
        Ok(ListEntry {
            seq: unsigned(row.get(0)?),
            bytes: row.get(1)?,
            expires: expires.map(unsigned),
            blob: row.get(3)?,
            owner: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn list_len(db: &Connection, name: &str) -> Result<u64, Error> {
    Ok(one(db, "SELECT next FROM list WHERE name = ?1", [name])?.map_or(0, unsigned))
}

pub(crate) fn value(db: &Connection, name: &str) -> Result<Option<Vec<u8>>, Error> {
    one(db, "SELECT bytes FROM value WHERE name = ?1", [name])
}

/// Owners with waiting entries: owner, number.
pub(crate) fn waiting_by_owner(db: &Connection) -> Result<Vec<(u16, u64)>, Error> {
    let sql = "SELECT owner, count(*) FROM waiting WHERE owner IS NOT NULL GROUP BY owner";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Waiting entries: class, first step, number.
pub(crate) fn waiting(db: &Connection) -> Result<Vec<(u8, u64, u64)>, Error> {
    let mut statement = db.prepare("SELECT class, step, count(*) FROM waiting GROUP BY class, step")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, unsigned(row.get(1)?), unsigned(row.get(2)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
