//! Makes anew what is derived: full tiles and the database's indexes. For a store whose `fsck` says that these are
//! wrong while the entries are right.

use std::path::Path;

use rusqlite::{Connection, params};
use tlog::edge::Edge;
use tlog::leaf_hash;
use tlog::tile::encode_hashes;

use super::folder::Folder;
use super::reader::Db;
use super::{schema, signed};
use crate::batch::DRAWN;
use crate::error::Error;
use crate::store::{CheckpointKind, StoreReader as _};

/// Rebuilds a store that nobody has open, in one transaction; gives the size of the tree. The entries must lead to
/// the root that was signed last, else nothing is changed.
///
/// # Errors
/// [`Error::Busy`], [`Error::Newer`], [`Error::Full`], [`Error::Damaged`] when the entries themselves are wrong.
pub fn rebuild(folder: &Path) -> Result<u64, Error> {
    let folder = Folder::new(folder);
    if folder.format()?.is_none() {
        return Err(Error::Damaged("there is no store here".into()));
    }
    let _lock = folder.lock()?;
    let db = Db::open(&folder)?;
    schema::make_tables(&db.sql)?;
    let transaction = db.sql.unchecked_transaction()?;
    transaction.execute_batch(&format!(
        "DELETE FROM tile;
         UPDATE list SET next = max(next, coalesce(
           (SELECT max(seq) + 1 FROM item WHERE item.list = list.id AND seq < {DRAWN}), 0));"
    ))?;
    let edge = put_tiles(&transaction)?;
    let signed_last = match db.checkpoint(CheckpointKind::Pending)? {
        Some(pending) => Some(pending),
        None => db.checkpoint(CheckpointKind::Published)?,
    };
    let (size, root) = (edge.size(), edge.root());
    if signed_last.map_or(size != 0, |last| (last.size, last.root) != (size, root)) {
        return Err(Error::Damaged(
            "the entries do not lead to the root that was signed last".into(),
        ));
    }
    transaction.commit()?;
    db.sql.execute_batch("REINDEX")?;
    db.sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(size)
}

fn put_tiles(db: &Connection) -> Result<Edge, Error> {
    let (mut edge, mut full) = (Edge::default(), Vec::new());
    let mut leaves = db.prepare("SELECT position, bytes FROM leaf ORDER BY position")?;
    let mut tile = db.prepare("INSERT INTO tile (level, place, hashes) VALUES (?1, ?2, ?3)")?;
    let mut rows = leaves.query([])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? != signed(edge.size()) {
            return Err(Error::Damaged(format!("entry {} is missing", edge.size())));
        }
        edge.append(leaf_hash(row.get_ref(1)?.as_blob().unwrap_or_default()), &mut full);
        for new in full.drain(..) {
            tile.execute(params![new.level, signed(new.index), encode_hashes(&new.hashes)])?;
        }
    }
    Ok(edge)
}
