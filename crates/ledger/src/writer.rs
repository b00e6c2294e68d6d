//! The one connection that writes, and the acts on it. An act reads and refuses before it writes, so that acts of
//! one transaction need no savepoints: a refused one has nothing to undo ([`Writer::perform`] asserts it).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::disk::{Call, Metered};
use crate::error::{Error, IOERR_WRITE, Refused};
use crate::folder::Folder;
use crate::pack::{self, Packer};
use crate::schema;
use crate::submission::{Accepted, Digest, ENTRY_MAX, ITEM_MAX, Submission};

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
    packer: Packer,
    inline_max: usize,
    lists: HashMap<String, List>,
    next_id: i64,
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
        let next_id = db.query_row(
            "SELECT 1 + max(coalesce((SELECT max(id) FROM leaf), 0), coalesce((SELECT max(id) FROM waiting), 0))",
            [],
            |row| row.get(0),
        )?;
        let packer = Packer::open(&db, folder, Arc::clone(&disk))?;
        let (lists, changes) = (HashMap::new(), Vec::new());
        Ok(Self {
            db,
            disk,
            folder: folder.clone(),
            packer,
            inline_max,
            lists,
            next_id,
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
        self.one(
            "SELECT answer FROM act WHERE id = (SELECT act FROM form WHERE digest = ?1)",
            [form.as_slice()],
        )
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
            self.put_item(&item.list, &item.bytes, item.expires)?;
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
        let mut missing = Vec::new();
        let here: HashSet<&Digest> = submission.blobs.iter().map(|(digest, _)| digest).collect();
        for need in &submission.needs {
            if !here.contains(need) && !self.has_blob(need)? {
                missing.push(*need);
            }
        }
        // Large ones were written before the act was handed over; one that was deleted since is asked for again.
        for (digest, bytes) in &submission.blobs {
            if bytes.len() > self.inline_max && !self.has_blob(digest)? {
                missing.push(*digest);
            }
        }
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Refused::Missing(missing).into())
        }
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
        Ok(self
            .one::<i64>("SELECT 1 FROM taken WHERE key = ?1", [key.as_slice()])?
            .is_some())
    }

    fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self.has_small(digest)? || self.folder.blob_size(digest)?.is_some())
    }

    fn has_small(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(self
            .one::<i64>("SELECT 1 FROM blob WHERE digest = ?1", [digest.as_slice()])?
            .is_some())
    }

    /// Marks a key as taken; gives the number of the entry.
    pub(crate) fn take_key(&mut self, key: &Digest) -> Result<i64, Error> {
        let id = self.next_id;
        self.next_id += 1;
        self.run(
            "INSERT INTO taken (key, id) VALUES (?1, ?2)",
            params![key.as_slice(), id],
        )?;
        Ok(id)
    }

    pub(crate) fn change(&mut self, class: u8, step: u64, difference: i64) {
        self.changes.push((class, step, difference));
    }

    fn put_blobs(&mut self, submission: &Submission) -> Result<(), Error> {
        let mut seen: HashSet<&Digest> = HashSet::new();
        for (digest, bytes) in &submission.blobs {
            if bytes.len() > self.inline_max || !seen.insert(digest) || self.has_small(digest)? {
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
        let own = submission.blobs.iter().map(|(digest, _)| digest);
        let blobs: Vec<u8> = own.chain(&submission.needs).flatten().copied().collect();
        self.run(
            "INSERT INTO act (form, answer, keys, blobs) VALUES (?1, ?2, ?3, ?4)",
            params![
                form.as_slice(),
                submission.answer.as_slice(),
                keys.as_slice(),
                blobs.as_slice()
            ],
        )?;
        let id = self.db.last_insert_rowid();
        self.run(
            "INSERT INTO form (digest, act) VALUES (?1, ?2)",
            params![form.as_slice(), id],
        )?;
        Ok(())
    }

    fn put_item(&mut self, name: &str, bytes: &[u8], expires: Option<u64>) -> Result<(), Error> {
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
        let (id, seq) = (list.id, list.next);
        list.next += 1;
        list.changed = true;
        self.run(
            "INSERT INTO item (list, seq, expires, bytes) VALUES (?1, ?2, ?3, ?4)",
            params![id, seq, expires.map(signed), bytes],
        )?;
        Ok(())
    }
}

/// SQLite's integers are signed; times, steps and sizes beyond its range mean «never» and are held at its end.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Back from SQLite; what we stored is never negative.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
