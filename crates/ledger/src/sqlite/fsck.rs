//! Checks a store that nobody has open: the invariant of docs/protocol.md §6.4 as far as bytes know it.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tlog::edge::Edge;
use tlog::tile::encode_hashes;
use tlog::{Hash, Note, leaf_hash};

use super::folder::{Folder, open, size_of};
use super::pack::Place;
use super::reader::Db;
use super::unsigned;
use crate::batch::DRAWN;
use crate::error::Error;
use crate::progress::Progress;
use crate::publish::read_edge;
use crate::store::{CheckpointKind, StoreReader as _};
use crate::submission::{Digest, ENTRY_MAX, ITEM_MAX};

/// Faults of one kind that are written out; more are counted.
const SHOWN: usize = 20;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct FsckReport {
    /// Entries in the tree.
    pub size: u64,
    /// Waiting entries.
    pub waiting: u64,
    /// Blobs looked at.
    pub blobs: u64,
    /// Blobs of forms that were given up: their absence is right.
    pub given_up: u64,
    /// Everything that is wrong, in words.
    pub faults: Vec<String>,
}

/// Reads everything: every root recomputed from entries, tiles, pending and published checkpoints' sizes and roots,
/// every accepted form's entries present once, every blob that a form needed present and of its digest, every list
/// item well-formed.
///
/// # Errors
/// When the store cannot be opened at all: [`Error::Busy`] while it runs, [`Error::Newer`], [`Error::Damaged`] where
/// there is none.
pub fn fsck(folder: &Path) -> Result<FsckReport, Error> {
    let folder = Folder::new(folder);
    if folder.format()?.is_none() {
        return Err(Error::Damaged("there is no store here".into()));
    }
    let _lock = folder.lock()?;
    let db = Db::open(&folder)?;
    let mut check = Check {
        db: &db,
        folder: &folder,
        report: FsckReport::default(),
    };
    check.run()?;
    Ok(check.report)
}

/// Size and root of the tree in a store or a backup that nobody has open; what a restore must not fall behind.
///
/// # Errors
/// As [`fsck`].
pub fn head(folder: &Path) -> Result<(u64, Hash), Error> {
    let folder = Folder::new(folder);
    if folder.format()?.is_none() {
        return Err(Error::Damaged("there is no store here".into()));
    }
    let _lock = folder.lock()?;
    let edge = read_edge(&Db::open(&folder)?)?;
    Ok((edge.size(), edge.root()))
}

/// Root over the first `size` entries, from the entries themselves.
pub(super) fn root_of(db: &Db, size: u64) -> Result<Option<Hash>, Error> {
    let (mut edge, mut full) = (Edge::default(), Vec::new());
    let mut statement = db.sql.prepare("SELECT bytes FROM leaf ORDER BY position")?;
    let mut rows = statement.query([])?;
    while edge.size() < size {
        let Some(row) = rows.next()? else { return Ok(None) };
        edge.append(leaf_hash(row.get_ref(0)?.as_blob().unwrap_or_default()), &mut full);
        full.clear();
    }
    Ok(Some(edge.root()))
}

/// Reads a column of 32 bytes.
fn digest(bytes: Option<&[u8]>) -> Result<Digest, Error> {
    let bytes = bytes.and_then(|bytes| Digest::try_from(bytes).ok());
    bytes.ok_or_else(|| Error::Damaged("a digest is not 32 bytes".into()))
}

struct Check<'a> {
    db: &'a Db,
    folder: &'a Folder,
    report: FsckReport,
}

impl Check<'_> {
    fn run(&mut self) -> Result<(), Error> {
        self.database()?;
        let roots = self.tree()?;
        self.checkpoints(&roots)?;
        self.keys()?;
        let here = self.blobs()?;
        self.acts(&here)?;
        self.lists()
    }

    fn fault(&mut self, fault: impl Into<String>) {
        self.report.faults.push(fault.into());
    }

    fn count(&self, sql: &str) -> Result<i64, Error> {
        Ok(self.db.one(sql, [])?.unwrap_or(0))
    }

    /// Counts rows that should not be.
    fn none(&mut self, fault: &str, sql: &str) -> Result<(), Error> {
        let count = self.count(sql)?;
        if count != 0 {
            self.fault(format!("{fault}: {count}"));
        }
        Ok(())
    }

    fn database(&mut self) -> Result<(), Error> {
        let lines: Vec<String> = self.db.rows("PRAGMA integrity_check(20)", [], |row| row.get(0))?;
        for line in lines.into_iter().filter(|line| line != "ok") {
            self.fault(format!("database: {line}"));
        }
        Ok(())
    }

    /// Recomputes the tree from its entries; gives the root at each size that a checkpoint names.
    fn tree(&mut self) -> Result<BTreeMap<u64, Hash>, Error> {
        let sql = "SELECT size FROM step UNION SELECT size FROM checkpoint";
        let sizes: HashSet<i64> = self.db.rows(sql, [], |row| row.get(0))?.into_iter().collect();
        let mut roots = BTreeMap::from([(0, tlog::hash::empty_root())]);
        let (mut edge, mut full) = (Edge::default(), Vec::new());
        let mut tiles = 0;
        let mut statement = self
            .db
            .sql
            .prepare("SELECT position, bytes FROM leaf ORDER BY position")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let position: i64 = row.get(0)?;
            if unsigned(position) != edge.size() || position < 0 {
                self.fault(format!(
                    "entry {} is missing; nothing after it was checked",
                    edge.size()
                ));
                break;
            }
            let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
            if bytes.len() > ENTRY_MAX {
                self.fault(format!("entry {position} is too long for a tile"));
            }
            edge.append(leaf_hash(bytes), &mut full);
            for tile in full.drain(..) {
                tiles += 1;
                let stored = self.db.tile(tile.level, tile.index).unwrap_or_default();
                if stored.map(|stored| encode_hashes(&stored)) != Some(encode_hashes(&tile.hashes)) {
                    self.fault(format!(
                        "tile {} of level {} is not that of its entries",
                        tile.index, tile.level
                    ));
                }
            }
            if sizes.contains(&(position + 1)) {
                roots.insert(edge.size(), edge.root());
            }
        }
        self.report.size = edge.size();
        roots.insert(edge.size(), edge.root());
        let stored = self.count("SELECT count(*) FROM tile")?;
        if stored != tiles {
            self.fault(format!("{stored} full tiles are stored, the tree has {tiles}"));
        }
        Ok(roots)
    }

    /// The published and the pending checkpoint, and that of each step.
    fn checkpoints(&mut self, roots: &BTreeMap<u64, Hash>) -> Result<(), Error> {
        let published = self.db.checkpoint(CheckpointKind::Published)?;
        let pending = self.db.checkpoint(CheckpointKind::Pending)?;
        for (name, checkpoint) in [("published", &published), ("pending", &pending)] {
            let Some(checkpoint) = checkpoint else { continue };
            if roots.get(&checkpoint.size) != Some(&checkpoint.root) {
                self.fault(format!(
                    "the {name} checkpoint's root is not that of its {} entries",
                    checkpoint.size
                ));
            }
            self.note(
                &format!("the {name} checkpoint"),
                &checkpoint.note,
                checkpoint.size,
                roots,
            );
        }
        let published_size = published.as_ref().map_or(0, |published| published.size);
        let last = pending.as_ref().map_or(published_size, |pending| pending.size);
        if last != self.report.size || published_size > last {
            self.fault(format!(
                "the tree has {} entries, the last signed checkpoint {last}",
                self.report.size
            ));
        }
        let mut statement = self
            .db
            .sql
            .prepare("SELECT first, last, size, note FROM step ORDER BY first")?;
        let mut rows = statement.query([])?;
        let (mut next, mut least) = (None, 0);
        while let Some(row) = rows.next()? {
            let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
            let size = unsigned(row.get(2)?);
            if next.is_some_and(|next| next != first) || last < first {
                self.fault(format!("the steps before step {first} do not lead up to it"));
            }
            if size < least || size > published_size {
                self.fault(format!("the checkpoint of step {first} goes back"));
            }
            self.note(
                &format!("the checkpoint of step {first}"),
                row.get_ref(3)?.as_blob().unwrap_or_default(),
                size,
                roots,
            );
            (next, least) = (Some(last + 1), size);
        }
        Ok(())
    }

    /// What a note says must be the tree at that size.
    fn note(&mut self, name: &str, note: &[u8], size: u64, roots: &BTreeMap<u64, Hash>) {
        let checkpoint = Note::parse(note)
            .ok()
            .and_then(|note| tlog::Checkpoint::parse(note.text()));
        match checkpoint {
            None => self.fault(format!("{name} is not a checkpoint")),
            Some(checkpoint) if checkpoint.size != size || roots.get(&size) != Some(&checkpoint.root) => {
                self.fault(format!("{name} says another size or root than the entries"));
            }
            Some(_) => {}
        }
    }

    /// No entry is both placed and waiting; keys are told apart by the indexes.
    fn keys(&mut self) -> Result<(), Error> {
        self.report.waiting = unsigned(self.count("SELECT count(*) FROM waiting")?);
        self.none(
            "entries both placed and waiting",
            "SELECT count(*) FROM waiting JOIN leaf USING (key)",
        )?;
        let sql = format!("SELECT count(*) FROM waiting WHERE length(bytes) > {ENTRY_MAX} OR class NOT IN (0, 1, 2)");
        self.none("waiting entries of a wrong form", &sql)
    }

    /// Hashes every blob; gives the digests of all that are here.
    fn blobs(&mut self) -> Result<HashSet<Digest>, Error> {
        let mut here = HashSet::new();
        let mut statement = self
            .db
            .sql
            .prepare("SELECT pack, start, size, digest FROM blob ORDER BY pack, start")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let place = Place::read(row)?;
            let digest = digest(row.get_ref(3)?.as_blob().ok())?;
            let bytes = self.db.packs.read(place).ok();
            if bytes.map(|bytes| Digest::from(Sha256::digest(bytes))) != Some(digest) {
                self.fault(format!(
                    "blob {} is not what its digest says",
                    base16ct::lower::encode_string(&digest)
                ));
            }
            here.insert(digest);
        }
        self.none(
            "packs with a wrong number of blobs",
            "SELECT count(*) FROM pack LEFT JOIN (SELECT pack AS id, count(*) AS found FROM blob GROUP BY pack) USING (id)
             WHERE live <> coalesce(found, 0)",
        )?;
        self.none(
            "blobs beyond the end of their pack",
            "SELECT count(*) FROM blob LEFT JOIN pack ON pack.id = blob.pack
             WHERE pack.id IS NULL OR blob.start + blob.size > pack.size",
        )?;
        for (pack, size) in self.db.pack_sizes()? {
            if size_of(&self.folder.pack(pack))?.unwrap_or(0) < unsigned(size) {
                self.fault(format!("pack {pack} is too short"));
            }
        }
        for folder in std::fs::read_dir(self.folder.blobs())? {
            for file in std::fs::read_dir(folder?.path())? {
                self.large(&file?.path(), &mut here)?;
            }
        }
        self.report.blobs = here.len() as u64;
        Ok(here)
    }

    fn large(&mut self, path: &Path, here: &mut HashSet<Digest>) -> Result<(), Error> {
        let name = path
            .file_name()
            .map(std::ffi::OsStr::as_encoded_bytes)
            .unwrap_or_default();
        let digest = base16ct::lower::decode_vec(name)
            .ok()
            .and_then(|name| Digest::try_from(name).ok());
        let Some(digest) = digest.filter(|digest| self.folder.blob(digest) == path) else {
            self.fault("a file among the blobs has no digest as its name");
            return Ok(());
        };
        if Digest::from(Progress::of(open(path)?.as_deref())?.hash.finalize()) != digest {
            self.fault(format!(
                "blob {} is not what its digest says",
                base16ct::lower::encode_string(&digest)
            ));
        }
        here.insert(digest);
        Ok(())
    }

    /// What was promised with a form is here: its entries, and its blobs unless they were given up. What an item names
    /// is here too, and nothing is here that nothing holds.
    fn acts(&mut self, here: &HashSet<Digest>) -> Result<(), Error> {
        let mut lost = Vec::new();
        let mut statement = self.db.sql.prepare("SELECT form, keys FROM act")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let form = base16ct::lower::encode_string(row.get_ref(0)?.as_blob().unwrap_or_default());
            for key in row.get_ref(1)?.as_blob().unwrap_or_default().chunks(32) {
                if !self.db.is_taken(&digest(Some(key))?)? {
                    lost.push(format!("form {form} lost an entry"));
                }
            }
        }
        let mut statement = self.db.sql.prepare("SELECT digest, form, stay FROM name")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let blob = digest(row.get_ref(0)?.as_blob().ok())?;
            if row.get::<_, u8>(2)? == 2 {
                self.report.given_up += 1;
            } else if !here.contains(&blob) {
                let form = base16ct::lower::encode_string(row.get_ref(1)?.as_blob().unwrap_or_default());
                lost.push(format!(
                    "form {form} lost blob {}",
                    base16ct::lower::encode_string(&blob)
                ));
            }
        }
        let mut statement = self.db.sql.prepare("SELECT blob FROM item WHERE blob IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let blob = digest(row.get_ref(0)?.as_blob().ok())?;
            if !here.contains(&blob) {
                lost.push(format!(
                    "a list item lost blob {}",
                    base16ct::lower::encode_string(&blob)
                ));
            }
        }
        let unlinked: HashSet<Digest> = self.db.let_go()?.into_iter().collect();
        for blob in here.iter().filter(|blob| !unlinked.contains(*blob)) {
            if !self.db.is_held(blob)? {
                lost.push(format!(
                    "nothing holds blob {}, and it is here",
                    base16ct::lower::encode_string(blob)
                ));
            }
        }
        let count = lost.len();
        self.report.faults.extend(lost.into_iter().take(SHOWN));
        if count > SHOWN {
            self.fault(format!("and {} more of these", count - SHOWN));
        }
        self.none(
            "blobs that a form names which nobody promised",
            "SELECT count(*) FROM name WHERE form NOT IN (SELECT form FROM act)",
        )?;
        self.none(
            "blobs that several forms name",
            "SELECT count(*) FROM (SELECT 1 FROM name WHERE stay < 2 GROUP BY digest HAVING count(*) > 1)",
        )
    }

    fn lists(&mut self) -> Result<(), Error> {
        let sql = format!(
            "SELECT count(*) FROM item LEFT JOIN list ON list.id = item.list
             WHERE list.id IS NULL OR seq < 0 OR (seq >= list.next AND seq < {DRAWN})
               OR length(bytes) > {ITEM_MAX}"
        );
        self.none("list items of a wrong form", &sql)
    }
}
