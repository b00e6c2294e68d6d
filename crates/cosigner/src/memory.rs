//! What a cosigner has signed, on disk: one small file, replaced whole.
//!
//! | file | what |
//! |---|---|
//! | `lock` | locked by the one cosigner that uses the folder |
//! | `seen` | `resguardo-cosigner/v1`, then origin, size and root of each log in order of origin, an empty line, and a hash over all that precedes it |
//! | `seen.new` | the next `seen` while it is written; a torn one is left over by a crash and means nothing |
//! | `begun` | there has been a `seen`; if it is gone, somebody removed it |

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tlog::witness::Seen;
use tlog::{Checkpoint, leaf_hash};

const HEADER: &str = "resguardo-cosigner/v1\n";

/// Why the memory of a cosigner cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Another process holds the folder.
    #[error("another process uses the folder {}", .0.display())]
    InUse(PathBuf),
    /// The file is not what a cosigner wrote.
    #[error("{} is damaged; restore it, never start from nothing: the cosigner could sign a fork", .0.display())]
    Damaged(PathBuf),
    /// The file has been there and is not.
    #[error("{} is missing; restore it, never start from nothing: the cosigner could sign a fork", .0.display())]
    Missing(PathBuf),
    /// Reading or writing failed.
    #[error("the cosigner's folder: {0}")]
    Io(#[from] io::Error),
}

/// The last tree signed for each log, as it is durable. After a write that failed the file may hold a tree beyond it, which
/// was not signed: the next write replaces it whole, and a start that reads it knows of no less than was signed.
#[derive(Debug)]
pub(super) struct Memory {
    folder: PathBuf,
    seen: BTreeMap<String, Seen>,
    /// Locked for as long as the cosigner lives.
    lock: File,
}

impl Drop for Memory {
    fn drop(&mut self) {
        // To close the file is not enough: a child that another thread has just forked shares the lock until it runs
        // its program. Where unlocking fails, closing is what is left.
        let _ = self.lock.unlock();
    }
}

impl Memory {
    /// Locks the folder and reads what was signed.
    pub(super) fn open(folder: &Path) -> Result<Self, MemoryError> {
        create_folder(folder)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(MemoryError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let path = folder.join("seen");
        let begun = folder.join("begun");
        let seen = match fs::read(&path) {
            Ok(bytes) => decode(&bytes).ok_or(MemoryError::Damaged(path))?,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Err(_) if begun.try_exists()? => return Err(MemoryError::Missing(path)),
            Err(_) => BTreeMap::new(),
        };
        let memory = Self {
            folder: folder.to_owned(),
            seen,
            lock,
        };
        if !begun.try_exists()? {
            // In this order, so that a crash in between leaves a folder that opens.
            memory.write(&memory.seen)?;
            File::create(&begun)?.sync_all()?;
            sync_folder(folder)?;
        }
        Ok(memory)
    }

    /// The last tree signed for a log.
    pub(super) fn seen(&self, origin: &str) -> Option<Seen> {
        self.seen.get(origin).copied()
    }

    /// Remembers a tree. When this returns without an error, it is durable; with one, nothing may be signed, and it can be
    /// tried again: a full disk that has room again needs no restart.
    pub(super) fn remember(&mut self, origin: &str, tree: Seen) -> Result<(), MemoryError> {
        if self.seen(origin) == Some(tree) {
            return Ok(());
        }
        let mut next = self.seen.clone();
        next.insert(origin.to_owned(), tree);
        self.write(&next)?;
        self.seen = next;
        Ok(())
    }

    /// Writes the file beside, forces it to disk, puts it in place, and forces the folder to disk.
    fn write(&self, seen: &BTreeMap<String, Seen>) -> io::Result<()> {
        let beside = self.folder.join("seen.new");
        let mut file = File::create(&beside)?;
        file.write_all(encode(seen).as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, self.folder.join("seen"))?;
        sync_folder(&self.folder)
    }
}

/// Makes the folder and those above it durably: a power cut must not take the memory away with its folder.
fn create_folder(folder: &Path) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    let new: Vec<&Path> = folder.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    fs::create_dir_all(&folder)?;
    new.iter().filter_map(|made| made.parent()).try_for_each(sync_folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn encode(seen: &BTreeMap<String, Seen>) -> String {
    let mut text = HEADER.to_owned();
    for (origin, tree) in seen {
        let record = Checkpoint {
            origin: origin.clone(),
            size: tree.size,
            root: tree.root,
            extensions: Vec::new(),
        };
        text.push_str(&record.to_text());
    }
    let hash = leaf_hash(text.as_bytes()).to_base64();
    format!("{text}\n{hash}\n")
}

/// Reads what [`encode`] writes, and nothing else.
fn decode(bytes: &[u8]) -> Option<BTreeMap<String, Seen>> {
    let text = str::from_utf8(bytes).ok()?;
    let records = text
        .rsplit_once("\n\n")
        .map(|(before, _)| before)?
        .strip_prefix(HEADER.trim_end())?;
    let lines: Vec<&str> = records.split('\n').skip(1).collect();
    let mut seen = BTreeMap::new();
    for record in lines.chunks(3) {
        let Checkpoint { origin, size, root, .. } = Checkpoint::parse(&format!("{}\n", record.join("\n")))?;
        seen.insert(origin, Seen { size, root });
    }
    // The one writing of these records, hash included: everything that was looked over above shows here.
    (encode(&seen) == text).then_some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(size: u64) -> Seen {
        Seen {
            size,
            root: leaf_hash(&size.to_be_bytes()),
        }
    }

    #[test]
    fn every_damaged_byte_and_every_torn_end_is_seen() {
        for logs in 0..3_u64 {
            let seen: BTreeMap<_, _> = (0..logs).map(|i| (format!("log {i}"), tree(i * 1000))).collect();
            let bytes = encode(&seen).into_bytes();
            assert_eq!(decode(&bytes), Some(seen));
            for at in 0..bytes.len() {
                assert_eq!(decode(&bytes[..at]), None, "torn at {at}");
                for bit in 0..8 {
                    let mut damaged = bytes.clone();
                    damaged[at] ^= 1 << bit;
                    assert_eq!(decode(&damaged), None, "bit {bit} of byte {at}");
                }
            }
            assert_eq!(decode(&[&bytes[..], b"\n"].concat()), None);
        }
        assert_eq!(decode(b""), None);
    }

    #[test]
    fn what_could_not_be_written_is_not_remembered_until_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cosigner");
        let mut memory = Memory::open(&path).expect("opens");
        memory.remember("log", tree(1)).expect("writes");
        fs::rename(&path, folder.path().join("away")).expect("moves");
        assert!(memory.remember("log", tree(2)).is_err());
        assert_eq!(memory.seen("log"), Some(tree(1)));
        fs::rename(folder.path().join("away"), &path).expect("moves back");
        memory.remember("log", tree(2)).expect("writes again");
        drop(memory);
        assert_eq!(Memory::open(&path).expect("opens").seen("log"), Some(tree(2)));
    }

    #[test]
    fn what_is_remembered_twice_is_not_written_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut memory = Memory::open(folder.path()).expect("opens");
        memory.remember("log", tree(1)).expect("writes");
        fs::remove_file(folder.path().join("seen")).expect("removes");
        memory.remember("log", tree(1)).expect("nothing to do");
        assert!(!folder.path().join("seen").exists());
    }

    /// A crash after the first `seen` and before `begun`.
    #[test]
    fn a_first_start_that_was_cut_short_opens() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Memory::open(folder.path()).expect("opens"));
        fs::remove_file(folder.path().join("begun")).expect("removes");
        drop(Memory::open(folder.path()).expect("opens"));
        assert!(folder.path().join("begun").exists());
    }

    /// A process that was forked while the lock was held has the file open as well.
    #[test]
    fn the_lock_is_free_although_a_child_has_the_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(folder.path()).unwrap();
        let of_a_child = memory.lock.try_clone().unwrap();
        assert!(matches!(Memory::open(folder.path()), Err(MemoryError::InUse(_))));
        drop(memory);
        Memory::open(folder.path()).unwrap();
        drop(of_a_child);
    }
}
