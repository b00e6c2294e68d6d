//! A disk that fails: the n-th call, before or after it was performed, and then everything; with a power cut it also
//! loses what was not made durable. For tests; it works on real files, so that what is opened afterwards is what a
//! crash would have left.
//!
//! Of files it loses what was written since their last sync, and names made, changed or removed since the last sync
//! of their folder. Of the database it loses what was not committed: the write-ahead log is SQLite's own, and a
//! commit that returned is durable by its contract. A commit that fails *after* stands for an answer that was lost.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::faulty::{Fault, How, Verdict};
use ledger::Error;
use ledger::sqlite::disk::{DatabaseCall, Disk, Handle, Native};

/// What happened to a name since its folder was synced last, oldest first.
enum Change {
    Made(PathBuf),
    MadeFolder(PathBuf),
    Renamed {
        from: PathBuf,
        to: PathBuf,
        had_name: bool,
        replaced: Option<Vec<u8>>,
    },
    Removed {
        path: PathBuf,
        bytes: Vec<u8>,
    },
}

impl Change {
    fn path(&self) -> &Path {
        match self {
            Self::Made(path) | Self::MadeFolder(path) | Self::Removed { path, .. } => path,
            Self::Renamed { to, .. } => to,
        }
    }
}

#[derive(Default)]
struct State {
    /// Bytes of each file that are durable.
    durable: HashMap<PathBuf, u64>,
    /// What stood where durable bytes were overwritten since the file's last sync, oldest first.
    overwritten: Vec<(PathBuf, u64, Vec<u8>)>,
    changes: Vec<Change>,
}

/// See the module.
#[derive(Clone, Default)]
pub struct FaultyDisk {
    fault: Fault,
    /// Guards everything that the disk remembers.
    state: Arc<Mutex<State>>,
}

impl FaultyDisk {
    /// A disk whose `call`-th call, from 0, fails.
    pub fn new(call: u64, how: How) -> Self {
        let disk = Self::default();
        disk.fault.set(call, how);
        disk
    }

    /// Which of its calls fails.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Loses what was not durable. The ledger must be closed.
    ///
    /// # Errors
    /// The system's.
    pub fn cut_power(&self) -> io::Result<()> {
        self.fault.turn_off();
        let mut state = self.state();
        for (path, durable) in &state.durable {
            if let Ok(file) = std::fs::OpenOptions::new().write(true).open(path)
                && file.metadata()?.len() > *durable
            {
                file.set_len(*durable)?;
            }
        }
        while let Some((path, at, bytes)) = state.overwritten.pop() {
            if path.exists() {
                Native.open(&path)?.write(at, &bytes)?;
            }
        }
        while let Some(change) = state.changes.pop() {
            match change {
                Change::Made(path) => std::fs::remove_file(path)?,
                Change::MadeFolder(path) => std::fs::remove_dir_all(path)?,
                Change::Renamed {
                    from,
                    to,
                    had_name,
                    replaced,
                } => {
                    if had_name {
                        std::fs::rename(&to, from)?;
                    } else {
                        std::fs::remove_file(&to)?;
                    }
                    if let Some(bytes) = replaced {
                        std::fs::write(to, bytes)?;
                    }
                }
                Change::Removed { path, bytes } => std::fs::write(path, bytes)?,
            }
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.fault.verdict() {
            Verdict::Perform => act(),
            Verdict::Refuse(how) => Err(kind(how).into()),
            Verdict::PerformAndFail => act().and(Err(io::ErrorKind::Other.into())),
        }
    }
}

/// What the system says to a call that was not performed.
fn kind(how: How) -> io::ErrorKind {
    match how {
        How::Full => io::ErrorKind::StorageFull,
        How::Before | How::After => io::ErrorKind::Other,
    }
}

impl Disk for FaultyDisk {
    fn database(&self, _call: DatabaseCall, act: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        match self.fault.verdict() {
            Verdict::Perform => act(),
            Verdict::Refuse(how) => Err(io::Error::from(kind(how)).into()),
            Verdict::PerformAndFail => act().and(Err(Error::Storage("the answer was lost".into()))),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Handle>> {
        self.file(|| {
            let was_there = path.exists();
            let file = Native.open(path)?;
            let mut state = self.state();
            // What is in the database's own files is not ours to forget.
            if path.extension().is_none_or(|extension| extension != "sqlite") {
                let size = std::fs::metadata(path)?.len();
                state.durable.entry(path.to_path_buf()).or_insert(size);
            }
            if !was_there {
                state
                    .durable
                    .entry(path.to_path_buf())
                    .and_modify(|durable| *durable = 0);
                state.changes.push(Change::Made(path.to_path_buf()));
            }
            drop(state);
            Ok(Box::new(FaultyFile {
                disk: self.clone(),
                path: path.to_path_buf(),
                file,
            }) as Box<dyn Handle>)
        })
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.file(|| {
            let was_there = path.exists();
            Native.make_folder(path)?;
            if !was_there {
                self.state().changes.push(Change::MadeFolder(path.to_path_buf()));
            }
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.file(|| {
            let replaced = std::fs::read(to).ok();
            Native.rename(from, to)?;
            let mut state = self.state();
            let before = state.changes.len();
            state
                .changes
                .retain(|change| !matches!(change, Change::Made(path) if path == from));
            let had_name = state.changes.len() == before;
            let (from, to) = (from.to_path_buf(), to.to_path_buf());
            if let Some(durable) = state.durable.remove(&from) {
                state.durable.insert(to.clone(), durable);
            }
            state.changes.push(Change::Renamed {
                from,
                to,
                had_name,
                replaced,
            });
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.file(|| {
            let bytes = std::fs::read(path)?;
            Native.remove(path)?;
            let mut state = self.state();
            let durable = state.durable.remove(path).unwrap_or(bytes.len() as u64);
            let before = state.changes.len();
            state
                .changes
                .retain(|change| !matches!(change, Change::Made(made) if made == path));
            if state.changes.len() == before {
                let bytes = bytes
                    .into_iter()
                    .take(usize::try_from(durable).unwrap_or(usize::MAX))
                    .collect();
                state.changes.push(Change::Removed {
                    path: path.to_path_buf(),
                    bytes,
                });
            }
            Ok(())
        })
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.file(|| {
            Native.sync_folder(path)?;
            self.state()
                .changes
                .retain(|change| change.path().parent() != Some(path));
            Ok(())
        })
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    path: PathBuf,
    file: Box<dyn Handle>,
}

impl Handle for FaultyFile {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut write = |bytes: &[u8]| {
            let mut state = self.disk.state();
            let durable = state.durable.get(&self.path).copied().unwrap_or(0);
            let kept = usize::try_from(durable.saturating_sub(at)).map_or(bytes.len(), |kept| kept.min(bytes.len()));
            if kept > 0 {
                let mut old = vec![0; kept];
                std::fs::File::open(&self.path)?.read_exact_at(&mut old, at)?;
                state.overwritten.push((self.path.clone(), at, old));
            }
            drop(state);
            self.file.write(at, bytes)
        };
        match self.disk.fault.verdict() {
            Verdict::Perform => write(bytes),
            Verdict::PerformAndFail => write(bytes).and(Err(io::ErrorKind::Other.into())),
            Verdict::Refuse(how) => write(&bytes[..bytes.len() / 2]).and(Err(kind(how).into())),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let Self { disk, path, file } = self;
        disk.file(|| {
            file.sync()?;
            let size = std::fs::metadata(&*path)?.len();
            if let Some(durable) = disk.state().durable.get_mut(path) {
                *durable = size;
            }
            disk.state().overwritten.retain(|(other, ..)| other != path);
            Ok(())
        })
    }
}
