//! The one connection that writes: each change is one statement, or two.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Params, params};
use tlog::tile::encode_hashes;

use super::disk::DatabaseCall;
use super::error::IOERR_WRITE;
use super::pack::{self, Packer};
use super::reader::{Db, EMPTY_PACKS};
use super::{Kept, guard, schema, signed};
use crate::error::Error;
use crate::store::{Change, CheckpointKind, StoreReader, StoreWriter, StoredCheckpoint};
use crate::submission::{Digest, Item, NewEntry};

/// Statements after which the write-ahead log is moved into the database. Each changes one or two pages.
const STATEMENTS_MAX: u64 = 20_000;

/// Bytes by which the log's file may grow in one go, for statements that carry more. The file does not shrink when
/// it is written from its beginning again, so its size alone says nothing.
const LOG_MAX: u64 = 64 << 20;

/// Lists whose next position is remembered from one transaction to the next.
const LISTS_KEPT: usize = 4_096;

/// A list: its number, the next position, and whether that has changed in this transaction.
struct List {
    id: i64,
    next: i64,
    changed: bool,
}

/// See the module.
pub(super) struct SqliteWriter {
    db: Db,
    kept: Arc<Kept>,
    packer: Packer,
    lists: HashMap<String, List>,
    /// Something was deleted: the log is emptied after this transaction, so that nothing deleted stays in it.
    purge: bool,
    /// Statements since the log was moved last, and the size of its file then.
    logged: (u64, u64),
}

impl SqliteWriter {
    pub(super) fn open(kept: &Arc<Kept>) -> Result<Self, Error> {
        let db = Db::new(schema::open_writer(&kept.folder)?, &kept.packs);
        let last = "SELECT id, size FROM pack ORDER BY id DESC LIMIT 1";
        let last = db.row(last, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let packer = Packer::new(last, &kept.folder, Arc::clone(&kept.disk));
        Ok(Self {
            db,
            kept: Arc::clone(kept),
            packer,
            lists: HashMap::new(),
            purge: false,
            logged: (0, 0),
        })
    }

    /// Runs a statement that changes something; gives the number of rows.
    fn run(&mut self, sql: &str, values: impl Params) -> Result<usize, Error> {
        self.logged.0 += 1;
        let mut values = Some(values);
        let mut rows = 0;
        self.kept.disk.database(DatabaseCall::Statement, &mut || {
            if let Some(values) = values.take() {
                let mut statement = self.db.sql.prepare_cached(sql)?;
                rows = statement.execute(values).map_err(|error| self.explain(error))?;
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// A write that the system refused: SQLite tells a full disk from a fault only for ENOSPC, so for the others
    /// (quota, largest file) the same write is tried beside it.
    fn explain(&self, error: rusqlite::Error) -> Error {
        let code = error.sqlite_error().map(|code| code.extended_code);
        if code == Some(IOERR_WRITE) && self.is_full() {
            return Error::Full;
        }
        error.into()
    }

    fn is_full(&self) -> bool {
        let end = self.kept.folder.log_size().unwrap_or(0);
        let probe = self.kept.folder.probe();
        let full = matches!(self.kept.disk.write(&probe, end, &[0; 65_536]), Err(Error::Full));
        if std::fs::remove_file(&probe).is_err() {
            tracing::warn!("a probe of the disk was left behind; it goes when the store is opened anew");
        }
        full
    }

    fn wait(&mut self, entry: &NewEntry, number: Option<u64>, turn: u64) -> Result<(), Error> {
        let class = entry.class.min(2);
        let number = match number {
            Some(number) => signed(number),
            None => {
                let next = "SELECT coalesce(max(id), 0) + 1 FROM waiting WHERE class = ?1";
                self.db.one(next, [class])?.unwrap_or(1)
            }
        };
        let sql = "INSERT INTO waiting (class, step, id, key, bytes, owner, turn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (step, turn) = (signed(entry.step), signed(turn));
        let values = params![class, step, number, entry.key, entry.bytes, entry.owner, turn];
        self.run(sql, values)?;
        Ok(())
    }

    fn put_checkpoint(&mut self, kind: CheckpointKind, checkpoint: &StoredCheckpoint) -> Result<(), Error> {
        let StoredCheckpoint { size, root, note } = checkpoint;
        let sql = "INSERT OR REPLACE INTO checkpoint (kind, size, root, note) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![kind as u8, signed(*size), root.0, &note[..]])?;
        Ok(())
    }

    fn publish(&mut self, old_size: u64, checkpoint: &StoredCheckpoint) -> Result<(), Error> {
        let published = self.db.checkpoint(CheckpointKind::Published)?;
        if published.map_or(0, |published| published.size) != old_size {
            return Err(Error::Moved);
        }
        self.put_checkpoint(CheckpointKind::Published, checkpoint)?;
        self.run(
            "DELETE FROM checkpoint WHERE kind = ?1",
            [CheckpointKind::Pending as u8],
        )?;
        Ok(())
    }

    fn put_step(&mut self, step: u64, checkpoint: &StoredCheckpoint) -> Result<(), Error> {
        if let Some(before) = self.db.steps(u64::MAX)? {
            let sql = "UPDATE step SET last = ?1 WHERE first = ?2";
            self.run(sql, [signed(step.saturating_sub(1)), signed(before.first)])?;
        }
        let sql = "INSERT INTO step (first, last, size, note) VALUES (?1, ?1, ?2, ?3)";
        self.run(
            sql,
            params![signed(step), signed(checkpoint.size), &checkpoint.note[..]],
        )?;
        Ok(())
    }

    fn drop_blob(&mut self, digest: &Digest) -> Result<(), Error> {
        let Some(place) = self.db.place(digest)? else {
            return Ok(());
        };
        self.run("DELETE FROM blob WHERE digest = ?1", [digest])?;
        if self.run("UPDATE pack SET live = live - 1 WHERE id = ?1", [place.pack])? == 0 {
            // The pack began in this very transaction.
            self.packer.forget_one();
        }
        if place.size > 0 {
            let values = [place.pack, signed(place.start), signed(place.size)];
            self.run("INSERT INTO erase (pack, start, size) VALUES (?1, ?2, ?3)", values)?;
        }
        self.purge = true;
        Ok(())
    }

    /// Forgets what was overwritten, and packs, except the last, of whose blobs none is left.
    fn forget_overwritten(&mut self) -> Result<(), Error> {
        let places = std::mem::take(&mut *guard(&self.kept.overwritten));
        for place in places {
            let sql = "DELETE FROM erase WHERE pack = ?1 AND start = ?2";
            self.run(sql, [place.pack, signed(place.start)])?;
        }
        let packs: Vec<i64> = self.db.rows(EMPTY_PACKS, [], |row| row.get(0))?;
        for pack in &packs {
            self.run("DELETE FROM pack WHERE id = ?1", [pack])?;
        }
        guard(&self.kept.emptied).extend(packs);
        Ok(())
    }

    fn put_item(&mut self, item: &Item, seq: Option<u64>) -> Result<(), Error> {
        let (list, seq) = self.seq(&item.list, seq)?;
        self.run(
            "INSERT INTO item (list, seq, expires, owner, blob, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![list, seq, item.expires.map(signed), item.owner, item.blob, item.bytes],
        )?;
        Ok(())
    }

    /// The number of a list, which is made when it is not there, and the position of its next item.
    fn seq(&mut self, name: &str, drawn: Option<u64>) -> Result<(i64, i64), Error> {
        if !self.lists.contains_key(name) {
            let sql = "SELECT id, next FROM list WHERE name = ?1";
            let found = self.db.row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let (id, next) = match found {
                Some(found) => found,
                None => {
                    self.run("INSERT INTO list (name, next) VALUES (?1, 0)", [name])?;
                    (self.db.sql.last_insert_rowid(), 0)
                }
            };
            let changed = false;
            self.lists.insert(name.to_owned(), List { id, next, changed });
        }
        let Some(list) = self.lists.get_mut(name) else {
            return Err(Error::Damaged("a list vanished".into()));
        };
        if let Some(drawn) = drawn {
            return Ok((list.id, signed(drawn)));
        }
        list.next += 1;
        list.changed = true;
        Ok((list.id, list.next - 1))
    }
}

impl StoreWriter for SqliteWriter {
    fn begin(&mut self) -> Result<(), Error> {
        self.kept.disk.database(DatabaseCall::Begin, &mut || {
            self.db.sql.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            Ok(())
        })
    }

    fn read(&self) -> &dyn StoreReader {
        &self.db
    }

    fn apply(&mut self, change: Change<'_>) -> Result<(), Error> {
        match change {
            Change::Use { key, expires } => {
                let sql = "INSERT INTO once (key, expires) VALUES (?1, ?2)";
                self.run(sql, params![key, signed(expires)])
            }
            Change::ForgetKeys { now, limit } => {
                let sql = "DELETE FROM once WHERE key IN
                           (SELECT key FROM once WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
                self.run(sql, [signed(now), signed(limit as u64)])
            }
            Change::Wait { entry, number, turn } => return self.wait(entry, number, turn),
            Change::Turn { owner, last } => {
                let sql = "INSERT INTO turn (owner, last) VALUES (?1, ?2) ON CONFLICT (owner) DO UPDATE SET last = ?2";
                self.run(sql, params![owner, signed(last)])
            }
            Change::Place { position, entry } => {
                let sql = "INSERT INTO leaf (position, key, bytes) VALUES (?1, ?2, ?3)";
                self.run(sql, params![signed(position), entry.key, entry.bytes])?;
                let Some((class, step, number)) = entry.waited else {
                    return Ok(());
                };
                let sql = "DELETE FROM waiting WHERE class = ?1 AND step = ?2 AND id = ?3";
                match self.run(sql, params![class, signed(step), signed(number)])? {
                    1 => return Ok(()),
                    _ => return Err(Error::Damaged("a waiting entry vanished".into())),
                }
            }
            Change::Tile { level, index, hashes } => {
                let sql = "INSERT INTO tile (level, place, hashes) VALUES (?1, ?2, ?3)";
                self.run(sql, params![level, signed(index), encode_hashes(hashes)])
            }
            Change::Pend(checkpoint) => return self.put_checkpoint(CheckpointKind::Pending, checkpoint),
            Change::Publish { old_size, checkpoint } => return self.publish(old_size, checkpoint),
            Change::Step { step, checkpoint } => return self.put_step(step, checkpoint),
            Change::Answer { form, answer, keys } => {
                let sql = "INSERT INTO act (form, answer, keys) VALUES (?1, ?2, ?3)";
                self.run(sql, params![form, answer, keys.concat()])
            }
            Change::Name { form, blob, stay } => {
                let sql = "INSERT OR REPLACE INTO name (digest, form, stay) VALUES (?1, ?2, ?3)";
                self.run(sql, params![blob, form, stay as u8])
            }
            Change::GiveUp(blob) => self.run("UPDATE name SET stay = 2 WHERE digest = ?1 AND stay = 1", [blob]),
            Change::Blob { digest, bytes } => {
                let place = self.packer.add(bytes);
                let sql = "INSERT INTO blob (digest, pack, start, size) VALUES (?1, ?2, ?3, ?4)";
                let values = params![digest, place.pack, signed(place.start), signed(place.size)];
                self.run(sql, values)
            }
            Change::DropBlob(digest) => return self.drop_blob(digest),
            Change::Overwritten => return self.forget_overwritten(),
            Change::LetGo(digest) => self.run("INSERT OR IGNORE INTO unlink (digest) VALUES (?1)", [digest]),
            Change::Removed(digest) => self.run("DELETE FROM unlink WHERE digest = ?1", [digest]),
            Change::Item { item, seq } => return self.put_item(item, seq),
            Change::DropItem { list, seq } => {
                self.purge = true;
                let sql = "DELETE FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq = ?2";
                self.run(sql, params![list, signed(seq)])
            }
            Change::Upload { name, digest, size } => {
                let sql = "INSERT OR REPLACE INTO upload (name, digest, size, since) VALUES (?1, ?2, ?3, 0)";
                self.run(sql, params![name, digest, signed(size)])
            }
            Change::NoteUploads { now } => self.run("UPDATE upload SET since = ?1 WHERE since = 0", [signed(now)]),
            Change::DropUpload(name) => self.run("DELETE FROM upload WHERE name = ?1", [name]),
            Change::Value { name, value } => {
                let sql = "INSERT OR REPLACE INTO value (name, bytes) VALUES (?1, ?2)";
                self.run(sql, params![name, value])
            }
        }
        .map(|_| ())
    }

    fn commit(&mut self) -> Result<(), Error> {
        let changed = self.lists.values().filter(|list| list.changed);
        let changed: Vec<[i64; 2]> = changed.map(|list| [list.id, list.next]).collect();
        for values in changed {
            self.run("UPDATE list SET next = ?2 WHERE id = ?1", values)?;
        }
        if let Some((pack, size, blobs)) = self.packer.write()? {
            self.run(pack::GROW, params![pack, size, blobs])?;
        }
        self.kept.disk.database(DatabaseCall::Commit, &mut || {
            let mut commit = self.db.sql.prepare_cached("COMMIT")?;
            commit.execute([]).map_err(|error| self.explain(error))?;
            Ok(())
        })?;
        self.packer.commit();
        self.lists.values_mut().for_each(|list| list.changed = false);
        if self.lists.len() > LISTS_KEPT {
            self.lists.clear();
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.lists.clear();
        self.packer.rollback();
        if !self.db.sql.is_autocommit() {
            self.db.sql.execute_batch("ROLLBACK")?;
        }
        Ok(())
    }

    /// Moves the write-ahead log into the database when it has grown; `all`, or a deletion before, also empties it. What
    /// the log holds may find room in the database, and leaves room itself. A reader in the way is not waited for long.
    fn maintain(&mut self, all: bool) -> Result<(), Error> {
        let all = std::mem::take(&mut self.purge) || all;
        let (statements, size) = self.logged;
        if !all && statements < STATEMENTS_MAX && self.kept.folder.log_size()? < size + LOG_MAX {
            return Ok(());
        }
        let sql = if all {
            "PRAGMA wal_checkpoint(TRUNCATE)"
        } else {
            "PRAGMA wal_checkpoint(PASSIVE)"
        };
        self.kept.disk.database(DatabaseCall::Checkpoint, &mut || {
            let moved = self.db.sql.query_row(sql, [], |_| Ok(()));
            moved.map_err(|error| self.explain(error))
        })?;
        self.logged = (0, self.kept.folder.log_size()?);
        Ok(())
    }
}
