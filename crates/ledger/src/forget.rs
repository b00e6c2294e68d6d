//! Deletion: blobs on request, list items, and all that expires.

use std::collections::HashSet;

use rusqlite::params;

use crate::error::Error;
use crate::pack::Place;
use crate::reader;
use crate::submission::Digest;
use crate::upload::KEPT_S;
use crate::writer::{Writer, signed};

/// Rows deleted in one act, so that expiry never keeps filings waiting.
pub(crate) const CHUNK: usize = 1_000;

impl Writer {
    /// Deletes a small blob: nobody finds it any more, and its bytes are noted to be overwritten. That it is gone on
    /// purpose is noted for large ones too. Gives whether a small one was here.
    pub(crate) fn delete_blob(&mut self, digest: &Digest) -> Result<bool, Error> {
        let found = reader::place(&self.db, digest)?;
        if found.is_some() || self.folder.blob_size(digest)?.is_some() {
            self.run("INSERT OR IGNORE INTO gone (digest) VALUES (?1)", [digest.as_slice()])?;
        }
        let Some(place) = found else { return Ok(false) };
        self.run("DELETE FROM blob WHERE digest = ?1", [digest.as_slice()])?;
        self.run("UPDATE pack SET live = live - 1 WHERE id = ?1", [place.pack])?;
        if place.size > 0 {
            let values = params![place.pack, signed(place.start), signed(place.size)];
            self.run("INSERT INTO erase (pack, start, size) VALUES (?1, ?2, ?3)", values)?;
        }
        Ok(true)
    }

    /// These were overwritten.
    pub(crate) fn erased(&mut self, places: &[Place]) -> Result<(), Error> {
        for place in places {
            self.run(
                "DELETE FROM erase WHERE pack = ?1 AND start = ?2",
                params![place.pack, signed(place.start)],
            )?;
        }
        Ok(())
    }

    /// Forgets packs, except the last, of whose blobs none is left and all are overwritten; gives their numbers.
    pub(crate) fn drop_empty_packs(&mut self) -> Result<Vec<i64>, Error> {
        let sql = "SELECT id FROM pack WHERE live = 0 AND id < (SELECT max(id) FROM pack)
                   AND id NOT IN (SELECT pack FROM erase)";
        let packs: Vec<i64> = {
            let mut statement = self.db.prepare_cached(sql)?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for pack in &packs {
            self.run("DELETE FROM pack WHERE id = ?1", [pack])?;
        }
        Ok(packs)
    }

    /// Deletes one item of a list; its position is not given out again.
    pub(crate) fn delete_item(&mut self, list: &str, seq: u64) -> Result<bool, Error> {
        let sql = "DELETE FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq = ?2";
        let deleted = self.run(sql, params![list, signed(seq)])? > 0;
        if deleted {
            self.purge_log();
        }
        Ok(deleted)
    }

    /// Forgets up to [`CHUNK`] rows of each kind that expired by `now`; gives whether there may be more.
    pub(crate) fn expire(&mut self, now: u64) -> Result<bool, Error> {
        let (now, chunk) = (signed(now), CHUNK as i64);
        let once = "DELETE FROM once WHERE key IN (SELECT key FROM once WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
        let items = "DELETE FROM item WHERE (list, seq) IN
                     (SELECT list, seq FROM item WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
        let once = self.run(once, [now, chunk])?;
        let items = self.run(items, [now, chunk])?;
        if items > 0 {
            self.purge_log();
        }
        Ok(once == CHUNK || items == CHUNK)
    }

    /// Uploads that were finished [`KEPT_S`] before `now`, with their digests; those never seen here are noted with `now`.
    pub(crate) fn old_uploads(&mut self, now: u64) -> Result<Vec<(Digest, Digest)>, Error> {
        self.run("UPDATE upload SET since = ?1 WHERE since = 0", [signed(now).max(1)])?;
        let mut statement = self
            .db
            .prepare_cached("SELECT name, digest FROM upload WHERE since <= ?1")?;
        let mut rows = statement.query([signed(now.saturating_sub(KEPT_S))])?;
        let mut old = Vec::new();
        while let Some(row) = rows.next()? {
            let column = |at| reader::digest(row.get_ref(at)?.as_blob().ok());
            old.push((column(0)?, column(1)?));
        }
        Ok(old)
    }

    /// Forgets a finished upload. Its blob goes too, unless an act names it (`is_named` tells of those up to number
    /// `up_to`, later ones are looked at here) or another upload gave the same and is not old yet.
    pub(crate) fn drop_upload(
        &mut self,
        name: &Digest,
        digest: &Digest,
        is_named: bool,
        up_to: i64,
    ) -> Result<(), Error> {
        self.run("DELETE FROM upload WHERE name = ?1", [name.as_slice()])?;
        let another = "SELECT 1 FROM upload WHERE digest = ?1 LIMIT 1";
        if is_named || self.one::<i64>(another, [digest.as_slice()])?.is_some() {
            return Ok(());
        }
        let later = HashSet::from([*digest]);
        if reader::named_after(&self.db, &later, up_to, i64::MAX)?.0.is_empty() {
            self.disk.remove(&self.folder.blob(digest))?;
        }
        Ok(())
    }

    /// Sets a named value.
    pub(crate) fn set_value(&mut self, name: &str, value: &[u8]) -> Result<(), Error> {
        if reader::value(&self.db, name)?.as_deref() != Some(value) {
            self.run(
                "INSERT OR REPLACE INTO value (name, bytes) VALUES (?1, ?2)",
                params![name, value],
            )?;
        }
        Ok(())
    }
}
