//! Copies of a store: made while it runs, and brought back without ever rolling the log back.

use std::collections::BTreeSet;
use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tlog::Hash;

use super::disk::{DatabaseCall, Metered, Native};
use super::folder::Folder;
use super::fsck::{fsck, root_of};
use super::reader::{Db, Readers};
use super::unsigned;
use crate::error::Error;
use crate::ledger::Ledger;
use crate::store::StoreReader as _;

/// Writes a copy of a running ledger of this backend into the folder `to`: [`Ledger::backup`].
///
/// # Errors
/// Storage; the running store is as good as before.
pub fn copy_of(ledger: &Ledger, to: &Path) -> Result<(), Error> {
    ledger.backup(to.to_str().ok_or_else(not_utf8)?)
}

fn not_utf8() -> Error {
    Error::Storage("the backup's path is not UTF-8".into())
}

/// Writes a consistent copy of a running store: the database as of one moment, then packs and large blobs, which
/// were durable before. No bytes may be removed meanwhile. Uploads that are still arriving are not in it.
pub(super) fn backup(from: &Folder, readers: &Readers, disk: &Metered, to: &Path) -> Result<(), Error> {
    let draft = draft_of(to)?;
    let copy = Folder::new(&draft);
    disk.make_folder(&draft)?;
    let target = copy.database().into_os_string().into_string();
    let target = target.map_err(|_| not_utf8())?;
    // SQLite takes an empty file for the copy: this one is its owner's already.
    copy.prepare(disk)?;
    readers.ask(|db| {
        disk.database(DatabaseCall::Statement, &mut || {
            db.sql.execute("VACUUM INTO ?1", [&target])?;
            Ok(())
        })
    })?;
    let db = Db::open(&copy)?;
    copy_blobs(&db, from, &copy, disk)?;
    copy_packs(&db, from, &copy, disk)?;
    disk.database(DatabaseCall::Commit, &mut || {
        Ok(db.sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    })?;
    drop(db);
    finish(&copy, disk, to)
}

/// Brings a backup back as the store `to`, which must not exist. Nothing is there before the copy has been checked
/// whole.
///
/// `floor` is the largest tree that anybody is known to have signed (docs/protocol.md §6.6): of the old store, of
/// the cosigners, of a mirror. A backup whose tree is smaller, or does not begin with it, would give the log a second
/// history and is refused.
///
/// # Errors
/// [`Error::RollsBack`], [`Error::Damaged`] when the backup is, [`Error::Newer`], [`Error::Full`], [`Error::Storage`].
pub fn restore(from: &Path, to: &Path, floor: Option<(u64, Hash)>) -> Result<(), Error> {
    let disk = Metered::new(Arc::new(Native));
    let from = Folder::new(from);
    if from.format()?.is_none() {
        return Err(Error::Damaged("there is no backup here".into()));
    }
    let draft = draft_of(to)?;
    let copy = Folder::new(&draft);
    disk.make_folder(&draft)?;
    {
        // A folder that is somebody's store right now is no backup: the lock tells. Read-only media have no lock.
        let _lock = match from.lock() {
            Err(busy @ Error::Busy(_)) => return Err(busy),
            lock => lock.ok(),
        };
        copy_file(&from.database(), &copy.database(), &disk)?;
        let log = [from.log(), copy.log()];
        if log[0].exists() {
            copy_file(&log[0], &log[1], &disk)?;
        }
        copy.prepare(&disk)?;
        let db = Db::open(&copy)?;
        copy_blobs(&db, &from, &copy, &disk)?;
        copy_packs(&db, &from, &copy, &disk)?;
        copy.seal_format(&disk)?;
    }
    let report = fsck(&draft)?;
    if let Some(fault) = report.faults.first() {
        return Err(Error::Damaged(format!(
            "{} faults, the first: {fault}",
            report.faults.len()
        )));
    }
    if let Some((size, root)) = floor {
        let db = Db::open(&copy)?;
        if root_of(&db, size)? != Some(root) {
            return Err(Error::RollsBack {
                size: report.size,
                floor: size,
            });
        }
    }
    finish(&copy, &disk, to)
}

/// Where a copy grows until it is complete. What an earlier copy left there goes; a folder of anything else stays.
fn draft_of(to: &Path) -> Result<PathBuf, Error> {
    if to.symlink_metadata().is_ok() {
        return Err(Error::Storage("the target of the copy exists".into()));
    }
    let mut draft = to.to_path_buf().into_os_string();
    draft.push(".partial");
    let draft = PathBuf::from(draft);
    if draft.symlink_metadata().is_ok() {
        if !is_unfinished(&draft)? {
            let name = draft.display();
            return Err(Error::Storage(format!(
                "{name} is there and is not an unfinished copy; move it away"
            )));
        }
        std::fs::remove_dir_all(&draft)?;
    }
    Ok(draft)
}

/// Whether a path is a folder that holds nothing but parts of a store.
fn is_unfinished(draft: &Path) -> Result<bool, Error> {
    if !draft.symlink_metadata()?.is_dir() {
        return Ok(false);
    }
    for entry in std::fs::read_dir(draft)? {
        if !Folder::is_part(&entry?.file_name()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the copy durable and gives it its name.
fn finish(copy: &Folder, disk: &Metered, to: &Path) -> Result<(), Error> {
    disk.write(&copy.database(), 0, &[])?;
    if copy.format()?.is_none() {
        copy.seal_format(disk)?;
    }
    copy.settle(disk)?;
    disk.sync_folder(copy.root())?;
    let parent = to
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    disk.rename(copy.root(), to)?;
    disk.sync_folder(parent)
}

/// Copies the large blobs that the copied database holds; others came later, or were about to go.
fn copy_blobs(db: &Db, from: &Folder, to: &Folder, disk: &Metered) -> Result<(), Error> {
    let mut folders = BTreeSet::new();
    for folder in std::fs::read_dir(from.blobs())? {
        let folder = folder?;
        let target = to.blobs().join(folder.file_name());
        disk.make_folder(&target)?;
        for file in std::fs::read_dir(folder.path())? {
            let file = file?;
            if is_held(db, &file.file_name())? {
                copy_file(&file.path(), &target.join(file.file_name()), disk)?;
            }
        }
        folders.insert(target);
    }
    folders.iter().try_for_each(|folder| disk.sync_folder(folder))
}

fn is_held(db: &Db, name: &std::ffi::OsStr) -> Result<bool, Error> {
    let digest = base16ct::lower::decode_vec(name.as_encoded_bytes()).ok();
    match digest.and_then(|digest| digest.try_into().ok()) {
        Some(digest) => db.is_held(&digest),
        None => Ok(false),
    }
}

/// Copies the packs that a copied database names, up to their size there. One that is missing is told by `fsck`.
fn copy_packs(db: &Db, from: &Folder, to: &Folder, disk: &Metered) -> Result<(), Error> {
    for (pack, size) in db.pack_sizes()? {
        if !from.pack(pack).exists() {
            continue;
        }
        copy_file(&from.pack(pack), &to.pack(pack), disk)?;
        let file = OpenOptions::new().write(true).open(to.pack(pack))?;
        if file.metadata()?.len() > unsigned(size) {
            file.set_len(unsigned(size))?;
        }
        file.sync_all()?;
    }
    disk.sync_folder(&to.packs())
}

/// Copies a file for its owner only, and makes the copy durable.
fn copy_file(from: &Path, to: &Path, disk: &Metered) -> Result<(), Error> {
    std::fs::copy(from, to)?;
    std::fs::set_permissions(to, Permissions::from_mode(0o600))?;
    disk.write(to, 0, &[])
}
