//! The tables, and how connections to them are opened.
//!
//! All of it is truth but `tile`, which `rebuild` makes anew from the entries.
//!
//! No table tells in which order things came: what outlives its step is found by a digest or by a number drawn at
//! random. Only lists whose items ask for it, and public entries, keep the order of arrival.
//!
//! **What holds a blob.** Bytes stay while a row of `name` that was not given up, of `item` or of `upload` names them.
//! These rows are the count; they come and go in the transaction of the act, the item or the upload itself. The same
//! transaction that takes the last one away notes the bytes in `erase` or `unlink`; a crash later, they still go.

use rusqlite::{Connection, OpenFlags};

use super::folder::Folder;
use crate::error::Error;

/// Bytes of a database page.
const PAGE: u32 = 4_096;

/// Prepared statements kept for each connection.
const STATEMENTS: usize = 64;

const TABLES: &str = "
-- Entries in the tree; the index refuses an entry a second place.
CREATE TABLE IF NOT EXISTS leaf (position INTEGER PRIMARY KEY, key BLOB NOT NULL, bytes BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS leaf_key ON leaf (key);
-- Entries that wait for their step; those with an owner are placed by turn. `id` is drawn at random; public ones are
-- numbered as they come.
CREATE TABLE IF NOT EXISTS waiting (class INTEGER, step INTEGER, id INTEGER, key BLOB NOT NULL, bytes BLOB NOT NULL,
  owner INTEGER, turn INTEGER NOT NULL, PRIMARY KEY (class, step, id)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS waiting_key ON waiting (key);
CREATE INDEX IF NOT EXISTS waiting_turn ON waiting (turn) WHERE owner IS NOT NULL;
-- The last turn that each owner was given.
CREATE TABLE IF NOT EXISTS turn (owner INTEGER PRIMARY KEY, last INTEGER NOT NULL);
-- Full hash tiles.
CREATE TABLE IF NOT EXISTS tile (level INTEGER, place INTEGER, hashes BLOB NOT NULL, PRIMARY KEY (level, place));
-- Accepted forms: their answer, the keys of their entries, 32 bytes each.
CREATE TABLE IF NOT EXISTS act (form BLOB PRIMARY KEY, answer BLOB NOT NULL, keys BLOB NOT NULL) WITHOUT ROWID;
-- The blobs that a form names. `stay`: 0 as long as the log, 1 until it is given up, 2 given up.
CREATE TABLE IF NOT EXISTS name (digest BLOB, form BLOB, stay INTEGER NOT NULL, PRIMARY KEY (digest, form)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS once (key BLOB PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS once_expires ON once (expires);
-- Files of small blobs: their committed size, and how many of their blobs were not deleted.
CREATE TABLE IF NOT EXISTS pack (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, live INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS blob (digest BLOB PRIMARY KEY, pack INTEGER NOT NULL, start INTEGER NOT NULL,
  size INTEGER NOT NULL) WITHOUT ROWID;
-- Deleted, and still to be overwritten.
CREATE TABLE IF NOT EXISTS erase (pack INTEGER, start INTEGER, size INTEGER NOT NULL, PRIMARY KEY (pack, start)) WITHOUT ROWID;
-- Files of large blobs that nothing named when this was noted, still to be removed.
CREATE TABLE IF NOT EXISTS unlink (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS list (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, next INTEGER NOT NULL);
-- `blob` is what the item names, `owner` who may delete it, 0 nobody.
CREATE TABLE IF NOT EXISTS item (list INTEGER, seq INTEGER, expires INTEGER, owner INTEGER NOT NULL, blob BLOB,
  bytes BLOB NOT NULL, PRIMARY KEY (list, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_blob ON item (blob) WHERE blob IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_expires ON item (expires) WHERE expires IS NOT NULL;
-- 0 published, 1 pending.
CREATE TABLE IF NOT EXISTS checkpoint (kind INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
  note BLOB NOT NULL);
-- The checkpoint of the steps `first` to `last`.
CREATE TABLE IF NOT EXISTS step (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, size INTEGER NOT NULL,
  note BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
-- Finished uploads and the blob that each became; `since` is when `expire` first saw it, 0 before.
CREATE TABLE IF NOT EXISTS upload (name BLOB PRIMARY KEY, digest BLOB NOT NULL, size INTEGER NOT NULL,
  since INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS upload_digest ON upload (digest);
";

/// The one connection that writes. Its log is moved into the database by the sequencer, never by a commit.
///
/// `synchronous = FULL`: a commit returns when the log is on the disk. `secure_delete`: what is deleted is
/// overwritten.
pub(super) fn open_writer(folder: &Folder) -> Result<Connection, Error> {
    let db = Connection::open_with_flags(
        folder.database(),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.execute_batch(&format!(
        "PRAGMA page_size = {PAGE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -131072; PRAGMA busy_timeout = 200;
         PRAGMA journal_size_limit = 268435456;"
    ))?;
    Ok(db)
}

/// Makes what is not there yet.
pub(super) fn make_tables(db: &Connection) -> Result<(), Error> {
    Ok(db.execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} COMMIT;"))?)
}

/// A connection that only reads; it never keeps the writer waiting.
pub(super) fn open_reader(folder: &Folder) -> Result<Connection, Error> {
    let db = Connection::open_with_flags(
        folder.database(),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192;")?;
    Ok(db)
}
