//! Deletion: blobs that are given up, list items, and all that expires. Bytes go when nothing holds them any more.

use rusqlite::params;

use crate::error::Error;
use crate::pack::Place;
use crate::reader;
use crate::submission::{Deleted, Digest, GivenUp, Stay};
use crate::upload::KEPT_S;
use crate::writer::{Writer, signed};

/// Rows deleted in one act, so that expiry never keeps filings waiting.
pub(crate) const CHUNK: usize = 1_000;

impl Writer {
    /// Takes a blob from the act that names it, unless it stays there as long as the log.
    pub(crate) fn give_up(&mut self, digest: &Digest) -> Result<GivenUp, Error> {
        match reader::stay(&self.db, digest)? {
            None => Ok(GivenUp::Unnamed),
            Some(Stay::Lasting) => Ok(GivenUp::Lasting),
            Some(Stay::UntilGivenUp) => {
                let sql = "UPDATE name SET stay = 2 WHERE digest = ?1 AND stay = 1";
                self.run(sql, [digest.as_slice()])?;
                self.let_go(digest)?;
                Ok(GivenUp::Done)
            }
        }
    }

    /// Notes that the bytes of a blob go, unless something still holds them. From here on nobody finds a small one.
    fn let_go(&mut self, digest: &Digest) -> Result<(), Error> {
        if reader::is_held(&self.db, digest)? {
            return Ok(());
        }
        if let Some(place) = reader::place(&self.db, digest)? {
            self.run("DELETE FROM blob WHERE digest = ?1", [digest.as_slice()])?;
            if self.run("UPDATE pack SET live = live - 1 WHERE id = ?1", [place.pack])? == 0 {
                // The pack began in this very transaction.
                self.packer.forget_one();
            }
            if place.size > 0 {
                let values = params![place.pack, signed(place.start), signed(place.size)];
                self.run("INSERT INTO erase (pack, start, size) VALUES (?1, ?2, ?3)", values)?;
            }
            self.purge_log();
        }
        if self.folder.blob_size(digest)?.is_some() {
            self.run("INSERT OR IGNORE INTO unlink (digest) VALUES (?1)", [digest.as_slice()])?;
        }
        Ok(())
    }

    /// Removes the files that nothing named when they were noted, and still nothing does.
    pub(crate) fn remove_unlinked(&mut self) -> Result<(), Error> {
        for digest in reader::unlinked(&self.db)? {
            if !reader::is_held(&self.db, &digest)? {
                self.disk.remove(&self.folder.blob(&digest))?;
            }
            self.run("DELETE FROM unlink WHERE digest = ?1", [digest.as_slice()])?;
        }
        Ok(())
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
        let found = {
            let sql =
                "SELECT list, seq, blob FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq = ?2";
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query_map(params![list, signed(seq)], Row::read)?;
            rows.next().transpose()?
        };
        found.map_or(Ok(false), |row| self.delete_row(&row).map(|()| true))
    }

    /// Deletes the items of these lists that name a blob and are `owner`'s. One without expiry stays, and then all do.
    pub(crate) fn delete_own(&mut self, lists: &[String], owner: u16, blob: &Digest) -> Result<Deleted, Error> {
        let (mut own, mut is_lasting, mut is_foreign) = (Vec::new(), false, false);
        {
            let sql =
                "SELECT list, seq, blob, owner, expires, name FROM item JOIN list ON list.id = list WHERE blob = ?1";
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query([blob.as_slice()])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(5)?;
                if !lists.contains(&name) {
                    continue;
                }
                if owner == 0 || row.get::<_, u16>(3)? != owner {
                    is_foreign = true;
                    continue;
                }
                is_lasting |= row.get::<_, Option<i64>>(4)?.is_none();
                own.push(Row::read(row)?);
            }
        }
        if is_lasting {
            return Ok(Deleted::Lasting);
        }
        if own.is_empty() {
            return Ok(if is_foreign { Deleted::Foreign } else { Deleted::Absent });
        }
        own.iter().try_for_each(|row| self.delete_row(row))?;
        Ok(Deleted::Done)
    }

    fn delete_row(&mut self, row: &Row) -> Result<(), Error> {
        self.run("DELETE FROM item WHERE list = ?1 AND seq = ?2", [row.list, row.seq])?;
        self.purge_log();
        row.blob.map_or(Ok(()), |blob| self.let_go(&blob))
    }

    /// Forgets up to [`CHUNK`] rows of each kind that expired by `now`, with what only they named; gives whether there
    /// may be more.
    pub(crate) fn expire(&mut self, now: u64) -> Result<bool, Error> {
        let (now, chunk) = (signed(now), CHUNK as i64);
        let once = "DELETE FROM once WHERE key IN (SELECT key FROM once WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
        let once = self.run(once, [now, chunk])?;
        let expired: Vec<Row> = {
            let sql = "SELECT list, seq, blob FROM item WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
            let mut statement = self.db.prepare_cached(sql)?;
            statement
                .query_map([now, chunk], Row::read)?
                .collect::<Result<_, _>>()?
        };
        expired.iter().try_for_each(|row| self.delete_row(row))?;
        Ok(once == CHUNK || expired.len() == CHUNK)
    }

    /// Notes a finished upload: it holds its blob for two days, whether an act names that or not.
    pub(crate) fn note_upload(&mut self, name: &Digest, digest: &Digest, size: u64) -> Result<(), Error> {
        let sql = "INSERT OR REPLACE INTO upload (name, digest, size, since) VALUES (?1, ?2, ?3, 0)";
        self.run(sql, params![name.as_slice(), digest.as_slice(), signed(size)])?;
        Ok(())
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

    /// Forgets a finished upload. Its blob goes too, unless something else holds it.
    pub(crate) fn drop_upload(&mut self, name: &Digest, digest: &Digest) -> Result<(), Error> {
        self.run("DELETE FROM upload WHERE name = ?1", [name.as_slice()])?;
        self.let_go(digest)
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

/// An item, as far as deleting it needs.
struct Row {
    list: i64,
    seq: i64,
    blob: Option<Digest>,
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            list: row.get(0)?,
            seq: row.get(1)?,
            blob: row.get(2)?,
        })
    }
}
