//! Deletion: blobs on request, list items, and all that expires.

use rusqlite::params;

use crate::error::Error;
use crate::reader;
use crate::submission::Digest;
use crate::upload::KEPT_S;
use crate::writer::{Writer, signed};

/// Rows deleted in one act, so that expiry never keeps filings waiting.
pub(crate) const CHUNK: usize = 1_000;

impl Writer {
    /// Deletes a small blob: its bytes in the pack are overwritten, and the pack goes with its last blob. That it is
    /// gone on purpose is noted for large ones too. Gives whether a small one was here.
    pub(crate) fn delete_blob(&mut self, digest: &Digest) -> Result<bool, Error> {
        let sql =
            "SELECT pack.id, pack.live, blob.start, blob.size, pack.bytes FROM blob JOIN pack ON pack.id = blob.pack
                   WHERE blob.digest = ?1";
        type Row = (i64, i64, i64, i64, Vec<u8>);
        let found: Option<Row> = {
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query([digest.as_slice()])?;
            match rows.next()? {
                Some(row) => Some((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
                None => None,
            }
        };
        let is_large = self.folder.blob_size(digest)?.is_some();
        if found.is_some() || is_large {
            self.run("INSERT OR IGNORE INTO gone (digest) VALUES (?1)", [digest.as_slice()])?;
        }
        let Some((pack, live, start, size, mut bytes)) = found else {
            return Ok(false);
        };
        self.run("DELETE FROM blob WHERE digest = ?1", [digest.as_slice()])?;
        if live == 1 {
            self.run("DELETE FROM pack WHERE id = ?1", [pack])?;
        } else {
            let range = usize::try_from(start)
                .ok()
                .zip(usize::try_from(start.saturating_add(size)).ok());
            let range = range.and_then(|(start, end)| bytes.get_mut(start..end));
            range
                .ok_or_else(|| Error::Damaged("a blob ends beyond its pack".into()))?
                .fill(0);
            self.run(
                "UPDATE pack SET live = live - 1, bytes = ?2 WHERE id = ?1",
                params![pack, bytes],
            )?;
        }
        self.purge_log();
        Ok(true)
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
        self.run("UPDATE upload SET since = ?1 WHERE since = 0", [now])?;
        self.run(
            "DELETE FROM upload WHERE since <= ?1",
            [now.saturating_sub(signed(KEPT_S))],
        )?;
        if items > 0 {
            self.purge_log();
        }
        Ok(once == CHUNK || items == CHUNK)
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
