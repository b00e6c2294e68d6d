//! What a client keeps of the log between two runs: entries with their times, public statements, the last checkpoint.
//!
//! All of it is public, and none of it is believed: it is folded and checked anew at every start. But it is what this
//! client has seen: it is bound to its log, and a log that shows less or something else later is told (exit 1).

use super::history::{Seen, identity};
use super::read::public_statement;
use super::{Follow, Kept, check, out_of_time};
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use casework::clock::UNKNOWN_TIME;
use protocol::slot::Entry;
use protocol::{Digest, Envelope};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use tlog::Note;
use tlog::note::NoteError;
use tlog::tree::Frontier;
use tlog::verify::Follower;

/// Largest entry in bytes.
const ENTRY_MAX: usize = 65_535;
/// Largest cache in bytes.
const CACHE_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// Largest note in bytes.
const NOTE_MAX: u64 = 1024 * 1024;

const ENTRIES: &str = "log.entries";
const CHECKPOINT: &str = "log.checkpoint";
const IDENTITY: &str = "log.identity";
const PUBLIC: &str = "public";
const TIMES: &str = "log.times";

/// Takes the folder for this process.
pub(super) fn lock(folder: &Path) -> Outcome<File> {
    disk::private_folder(folder)?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| Failure::file("lock", &path, &error))?;
    file.try_lock().map_err(|_| {
        Failure::new(
            Exit::NotNow,
            "in-use",
            format!("another process is using {}", folder.display()),
        )
        .why("two at once would write over each other")
        .remedy("wait until it has ended, or give this one a --state folder of its own")
    })?;
    Ok(file)
}

/// A public statement that was kept.
pub(super) fn public(folder: &Path, digest: &Digest) -> Outcome<Option<Envelope>> {
    let path = folder.join(PUBLIC).join(digest.to_hex());
    let bytes = disk::read_if_there(&path, NOTE_MAX)?;
    Ok(bytes
        .and_then(|bytes| Envelope::parse(&bytes).ok())
        .filter(|envelope| envelope.digest() == *digest))
}

/// Keeps one.
pub(super) fn keep_public(folder: &Path, digest: &Digest, envelope: &Envelope) -> Outcome<()> {
    disk::folder(&folder.join(PUBLIC))?;
    disk::write(
        &folder.join(PUBLIC).join(digest.to_hex()),
        envelope.bytes(),
        Access::Public,
    )
}

/// Binds a folder to what it is of: the first use writes `value` into the file, every later one must come with the same.
///
/// # Errors
/// Exit 4 when the folder is of another; storage.
pub(crate) fn bind(folder: &Path, file: &str, value: &str, what: &str) -> Outcome<()> {
    if is_bound(folder, file, value, what)? {
        return Ok(());
    }
    disk::write(&folder.join(file), value.as_bytes(), Access::Private)
}

/// Whether a folder is bound already.
fn is_bound(folder: &Path, file: &str, value: &str, what: &str) -> Outcome<bool> {
    match disk::read_if_there(&folder.join(file), NOTE_MAX)? {
        Some(bytes) if bytes == value.as_bytes() => Ok(true),
        Some(_) => Err(of_another(folder, what)),
        None => Ok(false),
    }
}

fn of_another(folder: &Path, what: &str) -> Failure {
    Failure::new(
        Exit::NotNow,
        "state-of-another",
        format!("{} was kept for another {what}", folder.display()),
    )
    .why("what it has seen would be lost if it were used for this one")
    .remedy("nothing was changed; give the root.json and the key that it belongs to, or another --state folder")
}

impl Follow {
    /// Continues from the folder. Entries that do not lead to the checkpoint beside them are read anew, with a warning,
    /// and must lead to it then.
    pub(super) fn resume(&mut self, folder: &Path, console: &Console) -> Outcome<()> {
        let is_bound = is_bound(folder, IDENTITY, &identity(&self.trust.root), "log")?;
        let Some(bytes) = disk::read_if_there(&folder.join(CHECKPOINT), NOTE_MAX)? else {
            self.rewrite = true;
            let held = disk::read_if_there(&folder.join(ENTRIES), CACHE_MAX)?;
            return if is_bound || held.is_some_and(|bytes| !bytes.is_empty()) {
                Err(forgotten(folder, "its checkpoint is gone"))
            } else {
                Ok(())
            };
        };
        let note = self.seen_note(folder, &bytes)?;
        match self.load(folder, &note) {
            Ok(()) => Ok(()),
            Err(failure) if matches!(failure.exit, Exit::Check | Exit::NotFound) => {
                console.warn(&format!(
                    "what {} holds of the log is read anew, and must lead to the checkpoint that was seen: {failure}",
                    folder.display()
                ));
                let fresh = casework::Fold::new(&self.trust.root).map_err(|error| super::bad_log("root", error))?;
                (self.fold, self.follower, self.latest) = (fresh, Follower::new(), None);
                self.positions.clear();
                self.leaves.truncate(0);
                self.rewrite = true;
                let seen = super::claimed(&note)?;
                self.seen = (seen.size > 0).then(|| Seen::new(seen));
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    /// The checkpoint that was kept: the log's own signature tells a damaged one, and one of another log, from it.
    fn seen_note(&self, folder: &Path, bytes: &[u8]) -> Outcome<Note> {
        let key = self
            .trust
            .root
            .log_key()
            .map_err(|error| super::bad_log("root", error))?;
        let note = Note::parse(bytes).map_err(|error| forgotten(folder, error))?;
        let claim = super::claimed(&note).map_err(|failure| forgotten(folder, failure))?;
        match note.verify(&key) {
            Ok(()) if claim.origin == self.trust.origin().as_str() => Ok(note),
            Ok(()) | Err(NoteError::Missing) => Err(of_another(folder, "log")),
            Err(error) => Err(forgotten(folder, error)),
        }
    }

    fn load(&mut self, folder: &Path, note: &Note) -> Outcome<()> {
        let size = super::claimed(note)?.size;
        let bytes = disk::read(&folder.join(ENTRIES), CACHE_MAX)?;
        let times = times(folder)?;
        let mut frontier = Frontier::default();
        let mut rest = bytes.as_slice();
        while frontier.size() < size {
            let kept = take(&mut rest).ok_or_else(|| damaged(folder))?;
            frontier.append(tlog::leaf_hash(&kept.bytes));
            let time = times.get(&self.fold.size()).copied().unwrap_or(kept.included_at);
            let statement = match Entry::parse(&kept.bytes) {
                Some(Entry::Public(digest)) => public_statement(&self.remote, &digest, Some(folder))?,
                _ => None,
            };
            self.push(&kept.bytes, time, statement)?;
            if time != UNKNOWN_TIME {
                self.chronology.saw(frontier.size(), time).map_err(out_of_time)?;
            }
        }
        let trusted = check(&self.policy()?, note, &self.trust)?;
        if frontier.root() != trusted.checkpoint().root {
            return Err(damaged(folder));
        }
        if !rest.is_empty() {
            disk::write(
                &folder.join(ENTRIES),
                &bytes[..bytes.len() - rest.len()],
                Access::Private,
            )?;
        }
        self.follower = Follower::resume(frontier);
        self.chronology.saw(size, trusted.time()).map_err(out_of_time)?;
        self.present.seen = trusted.time();
        self.latest = Some((note.clone(), trusted));
        Ok(())
    }

    /// Keeps the new entries, then the checkpoint that they lead to. What is written whole is written the other way
    /// round: a checkpoint without its entries is made good by reading them again, entries without one are worth nothing.
    pub(super) fn remember(&mut self) -> Outcome<()> {
        let (Some(folder), Some((note, _))) = (&self.folder, &self.latest) else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(self.unsaved.len() * 80);
        for kept in &self.unsaved {
            put(kept, &mut bytes);
        }
        let path = folder.join(ENTRIES);
        let checkpoint = || disk::write(&folder.join(CHECKPOINT), note.to_string().as_bytes(), Access::Private);
        if self.rewrite {
            checkpoint()?;
            disk::write(&path, &bytes, Access::Private)?;
        } else {
            let append = || -> std::io::Result<()> {
                let mut file = File::options().create(true).append(true).open(&path)?;
                file.write_all(&bytes)?;
                file.sync_data()
            };
            append().map_err(|error| Failure::file("write", &path, &error))?;
            checkpoint()?;
        }
        bind(folder, IDENTITY, &identity(&self.trust.root), "log")?;
        (self.unsaved, self.rewrite) = (Vec::new(), false);
        Ok(())
    }
}

/// Keeps times that were looked up: `index u64 ‖ included_at u64`. They can be looked up again, so they need not be durable.
pub(super) fn keep_times(folder: &Path, times: &BTreeMap<u64, u64>) -> Outcome<()> {
    let path = folder.join(TIMES);
    let bytes: Vec<u8> = times
        .iter()
        .flat_map(|(index, time)| [index.to_be_bytes(), time.to_be_bytes()])
        .flatten()
        .collect();
    let append = || -> std::io::Result<()> {
        let mut file = File::options().create(true).append(true).open(&path)?;
        // What a torn writing left would shift all that follows.
        let whole = file.metadata()?.len() / 16 * 16;
        file.set_len(whole)?;
        file.write_all(&bytes)
    };
    append().map_err(|error| Failure::file("write", &path, &error))
}

/// Times that were looked up, by index.
fn times(folder: &Path) -> Outcome<HashMap<u64, u64>> {
    let bytes = disk::read_if_there(&folder.join(TIMES), CACHE_MAX)?.unwrap_or_default();
    let pairs = bytes.as_chunks::<8>().0.as_chunks::<2>().0;
    Ok(pairs
        .iter()
        .map(|[index, time]| (u64::from_be_bytes(*index), u64::from_be_bytes(*time)))
        .collect())
}

fn damaged(folder: &Path) -> Failure {
    Failure::new(
        Exit::Check,
        "cache-damaged",
        format!("the entries in {} do not lead to its checkpoint", folder.display()),
    )
    .why("a file in it was altered or torn")
    .remedy("the log is read anew; what was verified before is still compared")
}

/// The folder cannot say any more what was seen. To forget that is for a person to decide, never for us.
fn forgotten(folder: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Storage,
        "state-damaged",
        format!("{} does not say any more what was seen of the log", folder.display()),
    )
    .why(why)
    .remedy(
        "put it back from a copy; without one, rename the `log.*` files in it and run it again: the log is then read \
         anew, and only a cosigner can tell whether it is the same as before",
    )
    .why("a file in it was altered or torn")
    .remedy("the log is read anew; what was verified before is still compared")
}

/// `included_at u64 ‖ len u16 ‖ entry`.
fn put(kept: &Kept, to: &mut Vec<u8>) {
    debug_assert!(kept.bytes.len() <= ENTRY_MAX);
    to.extend_from_slice(&kept.included_at.to_be_bytes());
    to.extend_from_slice(&(kept.bytes.len() as u16).to_be_bytes());
    to.extend_from_slice(&kept.bytes);
}

fn take(from: &mut &[u8]) -> Option<Kept> {
    let (time, rest) = from.split_first_chunk::<8>()?;
    let (len, rest) = rest.split_first_chunk::<2>()?;
    let (bytes, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
    *from = rest;
    Some(Kept {
        bytes: bytes.to_vec(),
        included_at: u64::from_be_bytes(*time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_entries_are_read_back_and_a_torn_end_is_noticed() {
        let kept = Kept {
            bytes: vec![1; 33],
            included_at: 7,
        };
        let mut bytes = Vec::new();
        put(&kept, &mut bytes);
        put(&kept, &mut bytes);
        let mut rest = &bytes[..bytes.len() - 1];
        assert_eq!(take(&mut rest), Some(kept));
        assert_eq!(take(&mut rest), None);
    }

    #[test]
    fn a_folder_is_for_one_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = lock(folder.path()).expect("free");
        assert_eq!(lock(folder.path()).expect_err("held").code, "in-use");
        drop(held);
        lock(folder.path()).expect("free again");
    }
}
