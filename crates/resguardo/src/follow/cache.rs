//! What a client keeps of the log between two runs: entries with their times, public statements, the last checkpoint.
//!
//! All of it is public, and none of it is believed: it is folded and checked anew at every start.

use super::{Follow, Kept, check, parse_note};
use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use protocol::{Digest, Envelope};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
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
const PUBLIC: &str = "public";

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

impl Follow {
    /// Continues from the folder; begins anew, with a warning, when what lies there does not verify.
    pub(super) fn resume(&mut self, folder: &Path, console: &Console) -> Outcome<()> {
        let Some(note) = disk::read_if_there(&folder.join(CHECKPOINT), NOTE_MAX)? else {
            return Ok(());
        };
        match self.load(folder, &note) {
            Ok(()) => Ok(()),
            Err(failure) if failure.exit == Exit::Check => {
                console.warn(&format!(
                    "what {} holds of the log is read anew: {failure}",
                    folder.display()
                ));
                let fresh = docket::Fold::new(&self.trust.root).map_err(|error| super::bad_log("root", error))?;
                (self.fold, self.follower, self.latest) = (fresh, Follower::new(), None);
                disk::write(&folder.join(ENTRIES), b"", Access::Private)
            }
            Err(failure) => Err(failure),
        }
    }

    fn load(&mut self, folder: &Path, note: &[u8]) -> Outcome<()> {
        let note = parse_note(note)?;
        let size = super::claimed(&note)?.size;
        let bytes = disk::read(&folder.join(ENTRIES), CACHE_MAX)?;
        let mut frontier = Frontier::default();
        let mut rest = bytes.as_slice();
        while frontier.size() < size {
            let kept = take(&mut rest).ok_or_else(|| damaged(folder))?;
            frontier.append(tlog::leaf_hash(&kept.bytes));
            self.push(&kept.bytes, kept.included_at, Some(folder))?;
        }
        let trusted = check(&self.policy()?, &note, &self.trust)?;
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
        self.latest = Some((note, trusted));
        Ok(())
    }

    /// Keeps the new entries, then the checkpoint that they lead to.
    pub(super) fn remember(&self, new: &[Kept]) -> Outcome<()> {
        let (Some(folder), Some((note, _))) = (&self.folder, &self.latest) else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(new.len() * 80);
        for kept in new {
            put(kept, &mut bytes);
        }
        let path = folder.join(ENTRIES);
        let append = || -> std::io::Result<()> {
            let mut file = File::options().create(true).append(true).open(&path)?;
            file.write_all(&bytes)?;
            file.sync_data()
        };
        append().map_err(|error| Failure::file("write", &path, &error))?;
        disk::write(&folder.join(CHECKPOINT), note.to_string().as_bytes(), Access::Private)
    }
}

fn damaged(folder: &Path) -> Failure {
    Failure::new(
        Exit::Check,
        "cache-damaged",
        format!("{} does not lead to its checkpoint", folder.display()),
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
