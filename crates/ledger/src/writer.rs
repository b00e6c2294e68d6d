//! The one connection that writes, and the acts on it. An act reads and refuses before it writes, so that acts of
//! one transaction need no savepoints: a refused one has nothing to undo ([`Writer::perform`] asserts it).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::disk::{Call, Metered};
use crate::error::{Error, IOERR_WRITE, Refused};
use crate::folder::Folder;
use crate::pack::{self, Packer};
use crate::reader;
use crate::schema;
use crate::submission::{Accepted, Digest, ENTRY_MAX, ITEM_MAX, Item, Order, Stay, Submission};

/// Statements after which the write-ahead log is moved into the database. Each changes one or two pages.
const STATEMENTS_MAX: u64 = 20_000;

/// Bytes by which the log's file may grow in one go, for statements that carry more. The file does not shrink when
/// it is written from its beginning again, so its size alone says nothing.
const LOG_MAX: u64 = 64 << 20;

/// Lists whose next position is remembered from one transaction to the next.
const LISTS_KEPT: usize = 4_096;

/// Change of the number of waiting entries: class, first step, difference.
pub(crate) type Change = (u8, u64, i64);

/// A list: its number, the next position, and whether that has changed in this transaction.
struct List {
    id: i64,
    next: i64,
    changed: bool,
}

/// See the module.
pub(crate) struct Writer {
    pub(crate) db: Connection,
    pub(crate) disk: Arc<Metered>,
    pub(crate) folder: Folder,
    pub(crate) packer: Packer,
    inline_max: usize,
    lists: HashMap<String, List>,
    changes: Vec<Change>,
    wrote: bool,
    purge: bool,
    /// Statements since the log was moved last, and the size of its file then.
    logged: (u64, u64),
}

impl Writer {
    pub(crate) fn open(folder: &Folder, disk: Arc<Metered>, inline_max: usize) -> Result<Self, Error> {
        let db = schema::open_writer(folder)?;
        schema::make_tables(&db)?;
        let packer = Packer::open(&db, folder, Arc::clone(&disk))?;
        let (lists, changes) = (HashMap::new(), Vec::new());
        Ok(Self {
            db,
            disk,
            folder: folder.clone(),
            packer,
            inline_max,
            lists,
            changes,
            wrote: false,
            purge: false,
            logged: (0, 0),
        })
    }

    /// Opens a transaction.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        self.changes.clear();
        self.disk.database(Call::Begin, &mut || {
            self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            Ok(())
        })
    }

    /// Performs one act of the open transaction. When it is refused it must have written nothing.
    pub(crate) fn perform<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.wrote = false;
        match act(self) {
            Err(Error::Refused(_) | Error::Moved) if self.wrote => {
                Err(Error::Damaged("an act was refused after it had begun to write".into()))
            }
            outcome => outcome,
        }
    }

    /// Makes the transaction durable; gives what changed in the waiting entries.
    pub(crate) fn commit(&mut self) -> Result<Vec<Change>, Error> {
        let changed: Vec<(i64, i64)> = self
            .lists
            .values()
            .filter(|list| list.changed)
            .map(|list| (list.id, list.next))
            .collect();
        for (id, next) in changed {
            self.run("UPDATE list SET next = ?2 WHERE id = ?1", params![id, next])?;
        }
        if let Some((pack, size, blobs)) = self.packer.write()? {
            self.run(pack::GROW, params![pack, size, blobs])?;
        }
        let disk = Arc::clone(&self.disk);
        disk.database(Call::Commit, &mut || {
            self.db
                .prepare_cached("COMMIT")?
                .execute([])
                .map_err(|error| self.explain(error))?;
            Ok(())
        })?;
        self.packer.commit();
        self.lists.values_mut().for_each(|list| list.changed = false);
        if self.lists.len() > LISTS_KEPT {
            self.lists.clear();
        }
        Ok(std::mem::take(&mut self.changes))
    }

    /// Undoes the transaction, if one is open.
    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.changes.clear();
        self.lists.clear();
        self.packer.rollback();
        if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        Ok(())
    }

    /// Moves the write-ahead log into the database when it has grown; `all`, or a deletion before, also empties it,
    /// so that nothing deleted stays in it. A reader in the way is not waited for long.
    pub(crate) fn checkpoint(&mut self, all: bool) -> Result<(), Error> {
        let all = std::mem::take(&mut self.purge) || all;
        let (statements, size) = self.logged;
        if !all && statements < STATEMENTS_MAX && self.folder.log_size()? < size + LOG_MAX {
            return Ok(());
        }
        let sql = if all {
            "PRAGMA wal_checkpoint(TRUNCATE)"
        } else {
            "PRAGMA wal_checkpoint(PASSIVE)"
        };
        self.disk.database(Call::Checkpoint, &mut || {
            self.db
                .query_row(sql, [], |_| Ok(()))
                .map_err(|error| self.explain(error))
        })?;
        self.logged = (0, self.folder.log_size()?);
        Ok(())
    }

    /// Something was deleted: the log is emptied after this transaction.
    pub(crate) fn purge_log(&mut self) {
        self.purge = true;
    }

    /// Runs a statement that changes something; gives the number of rows.
    pub(crate) fn run(&mut self, sql: &str, values: impl Params) -> Result<usize, Error> {
        self.wrote = true;
        self.logged.0 += 1;
        let mut values = Some(values);
        let mut rows = 0;
        self.disk.database(Call::Statement, &mut || {
            if let Some(values) = values.take() {
                rows = self
                    .db
                    .prepare_cached(sql)?
                    .execute(values)
                    .map_err(|error| self.explain(error))?;
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// Reads at most one row.
    pub(crate) fn one<T: rusqlite::types::FromSql>(&self, sql: &str, values: impl Params) -> Result<Option<T>, Error> {
        Ok(self
            .db
            .prepare_cached(sql)?
            .query_row(values, |row| row.get(0))
            .optional()?)
    }

    /// A write that the system refused: SQLite tells a full disk from a fault only for ENOSPC, so for the others
    /// (quota, largest file) the same write is tried beside it.
    fn explain(&self, error: rusqlite::Error) -> Error {
        if error
            .sqlite_error()
            .is_some_and(|code| code.extended_code == IOERR_WRITE)
            && self.is_full()
        {
            return Error::Full;
        }
        error.into()
    }

    fn is_full(&self) -> bool {
        let end = self.folder.log_size().unwrap_or(0);
        let probe = self.folder.uploads().join("probe");
        let full = matches!(self.disk.write(&probe, end, &[0; 65_536]), Err(Error::Full));
        if std::fs::remove_file(&probe).is_err() {
            tracing::warn!("a probe of the disk was left behind; it goes when uploads expire");
        }
        full
    }

    /// The stored answer of a form.
    pub(crate) fn answer(&self, form: &Digest) -> Result<Option<Vec<u8>>, Error> {
        reader::answer(&self.db, form)
    }

    /// Puts an act into the open transaction, or refuses it.
    pub(crate) fn submit(&mut self, submission: &Submission) -> Result<Accepted, Error> {
        if let Some(form) = &submission.form
            && let Some(answer) = self.answer(form)?
        {
            if submission.is_fresh {
                self.check_once(submission)?;
                self.use_up(submission)?;
            }
            return Ok(Accepted::Again(answer));
        }
        self.check(submission)?;
        self.use_up(submission)?;
        self.put_entries(&submission.entries)?;
        self.put_blobs(submission)?;
        for item in &submission.items {
            self.put_item(item)?;
        }
        for (list, seq) in &submission.removes {
            self.delete_item(list, *seq)?;
        }
        if let Some(form) = &submission.form {
            self.put_form(form, submission)?;
        }
        Ok(Accepted::New)
    }

    fn check(&self, submission: &Submission) -> Result<(), Error> {
        if submission.entries.iter().any(|entry| entry.bytes.len() > ENTRY_MAX)
            || submission.items.iter().any(|item| item.bytes.len() > ITEM_MAX)
        {
            return Err(Refused::Oversize.into());
        }
        let mut seen = HashSet::new();
        for entry in &submission.entries {
            if !seen.insert(&entry.key) || self.is_taken(&entry.key)? {
                return Err(Refused::Taken.into());
            }
        }
        self.check_once(submission)?;
        for (list, seq) in &submission.removes {
            if !self.has_item(list, *seq)? {
                return Err(Refused::Changed.into());
            }
        }
        let mut missing = Vec::new();
        let here: HashSet<&Digest> = submission.blobs.iter().map(|(digest, _)| digest).collect();
        for named in named(submission) {
            if !here.contains(named) && !self.has_blob(named)? {
                missing.push(*named);
            }
        }
        // Large ones were written before the act was handed over; one that was deleted since is asked for again.
        for (digest, bytes) in &submission.blobs {
            if bytes.len() > self.inline_max && !self.has_blob(digest)? {
                missing.push(*digest);
            }
        }
        if !missing.is_empty() {
            return Err(Refused::Missing(missing).into());
        }
        let mut foreign = Vec::new();
        for (digest, _) in names(submission) {
            if reader::stay(&self.db, digest)?.is_some() {
                foreign.push(*digest);
            }
        }
        if !foreign.is_empty() {
            return Err(Refused::Named(foreign).into());
        }
        Ok(())
    }

    fn has_item(&self, list: &str, seq: u64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM item WHERE list = (SELECT id FROM list WHERE name = ?1) AND seq = ?2";
        Ok(self.one::<i64>(sql, params![list, signed(seq)])?.is_some())
    }

    fn check_once(&self, submission: &Submission) -> Result<(), Error> {
        let mut seen = HashSet::new();
        let used = "SELECT 1 FROM once WHERE key = ?1";
        for once in &submission.once {
            if !seen.insert(&once.key) || self.one::<i64>(used, [once.key.as_slice()])?.is_some() {
                return Err(Refused::Used.into());
            }
        }
        Ok(())
    }

    fn use_up(&mut self, submission: &Submission) -> Result<(), Error> {
        for once in &submission.once {
            let values = params![once.key.as_slice(), signed(once.expires)];
            self.run("INSERT INTO once (key, expires) VALUES (?1, ?2)", values)?;
        }
        Ok(())
    }

    pub(crate) fn is_taken(&self, key: &Digest) -> Result<bool, Error> {
        reader::is_taken(&self.db, key)
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.has_small(digest)? || self.folder.blob_size(digest)?.is_some())
    }

    fn has_small(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(reader::place(&self.db, digest)?.is_some())
    }

    /// The number of an entry among those that wait: at random, so that it does not tell what came first; of public
    /// ones the next, for the log begins with four in their order.
    pub(crate) fn number(&self, class: u8) -> Result<i64, Error> {
        if class < 2 {
            return draw();
        }
        let next = self.one("SELECT coalesce(max(id), 0) + 1 FROM waiting WHERE class = ?1", [class])?;
        Ok(next.unwrap_or(1))
    }

    pub(crate) fn change(&mut self, class: u8, step: u64, difference: i64) {
        self.changes.push((class, step, difference));
    }

    fn put_blobs(&mut self, submission: &Submission) -> Result<(), Error> {
        let mut wanted: HashSet<&Digest> = named(submission).collect();
        for (digest, bytes) in &submission.blobs {
            if bytes.len() > self.inline_max || !wanted.remove(digest) || self.has_small(digest)? {
                continue;
            }
            let place = self.packer.add(bytes);
            let sql = "INSERT INTO blob (digest, pack, start, size) VALUES (?1, ?2, ?3, ?4)";
            self.run(sql, pack::row(digest, place))?;
        }
        Ok(())
    }

    fn put_form(&mut self, form: &Digest, submission: &Submission) -> Result<(), Error> {
        let keys: Vec<u8> = submission.entries.iter().flat_map(|entry| entry.key).collect();
        self.run(
            "INSERT INTO act (form, answer, keys) VALUES (?1, ?2, ?3)",
            params![form.as_slice(), submission.answer.as_slice(), keys.as_slice()],
        )?;
        for (digest, stay) in &submission.names {
            self.run(
                "INSERT OR REPLACE INTO name (digest, form, stay) VALUES (?1, ?2, ?3)",
                params![digest.as_slice(), form.as_slice(), *stay as u8],
            )?;
        }
        Ok(())
    }

    fn put_item(&mut self, item: &Item) -> Result<(), Error> {
        let name = item.list.as_str();
        if !self.lists.contains_key(name) {
            let sql = "SELECT id, next FROM list WHERE name = ?1";
            let found = self
                .db
                .prepare_cached(sql)?
                .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)));
            let (id, next) = match found.optional()? {
                Some(found) => found,
                None => {
                    self.run("INSERT INTO list (name, next) VALUES (?1, 0)", [name])?;
                    (self.db.last_insert_rowid(), 0)
                }
            };
            self.lists.insert(
                name.to_owned(),
                List {
                    id,
                    next,
                    changed: false,
                },
            );
        }
        let Some(list) = self.lists.get_mut(name) else {
            return Ok(());
        };
        let (id, seq) = match item.order {
            Order::Arrival => {
                list.next += 1;
                list.changed = true;
                (list.id, list.next - 1)
            }
            Order::Drawn => (list.id, draw()?),
        };
        self.run(
            "INSERT INTO item (list, seq, expires, owner, blob, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                id,
                seq,
                item.expires.map(signed),
                item.owner,
                item.blob.as_ref().map(<[u8; 32]>::as_slice),
                item.bytes.as_slice()
            ],
        )?;
        Ok(())
    }
}

/// Blobs that an act or its items name.
fn named(submission: &Submission) -> impl Iterator<Item = &Digest> {
    let items = submission.items.iter().filter_map(|item| item.blob.as_ref());
    names(submission).iter().map(|(digest, _)| digest).chain(items)
}

/// What an act names: it is its form that does.
fn names(submission: &Submission) -> &[(Digest, Stay)] {
    if submission.form.is_some() {
        &submission.names
    } else {
        &[]
    }
}

/// Positions from here on are drawn; those below are given out one after another.
pub(crate) const DRAWN: i64 = 1 << 61;

/// A number between [`DRAWN`] and its double, from the system's randomness.
fn draw() -> Result<i64, Error> {
    let number = getrandom::u64().map_err(|_| Error::Storage("the system gives no randomness".into()))?;
    Ok(signed(number >> 3) | DRAWN)
}

/// SQLite's integers are signed; times, steps and sizes beyond its range mean «never» and are held at its end.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Back from SQLite; what we stored is never negative.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
