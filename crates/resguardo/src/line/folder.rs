//! What a member keeps, in a folder.

use super::Trouble;
use crate::disk::{self, Access};
use crate::failure::CliError;
use client::{Local, Outcome, Store};
use std::path::{Path, PathBuf};

/// Largest file in bytes.
const FILE_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// A folder that only its owner can read, or that others serve.
pub(crate) struct Folder {
    path: PathBuf,
    access: Access,
    trouble: Trouble,
}

impl Folder {
    /// At a path; only its owner can read it.
    pub fn new(path: &Path, trouble: Trouble) -> Self {
        Self {
            path: path.to_owned(),
            access: Access::Private,
            trouble,
        }
    }

    /// At a path, for what is public: others can read it.
    pub fn public(path: &Path, trouble: Trouble) -> Self {
        Self {
            access: Access::Public,
            ..Self::new(path, trouble)
        }
    }

    /// Binds the folder to what it is of: the first use writes `value` under `name`, every later one must come with the same.
    ///
    /// # Errors
    /// [`Local::StateOfAnother`]; storage.
    pub fn bind(&self, name: &str, value: &[u8]) -> Outcome<()> {
        match self.read(name)? {
            Some(bytes) if bytes == value => Ok(()),
            Some(_) => Err(client::Failure::new(Local::StateOfAnother)),
            None => self.write(name, value),
        }
    }

    fn kept<T>(&self, outcome: crate::failure::Outcome<T>) -> Outcome<T> {
        outcome.map_err(|failure| self.trouble.keep(failure, Local::Store))
    }
}

impl Store for Folder {
    fn read(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
        self.kept(disk::read_if_there(&self.path.join(name), FILE_MAX))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        let path = self.path.join(name);
        let within = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folders = within.match_indices('/').map(|(end, _)| &within[..end]).chain([within]);
        for folder in folders.filter(|folder| !folder.is_empty()) {
            let folder = self.path.join(folder);
            self.kept(match self.access {
                Access::Private => disk::private_folder(&folder),
                Access::Public => disk::folder(&folder),
            })?;
        }
        self.kept(disk::write(&path, bytes, self.access))
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        self.kept(disk::append(&self.path.join(name), bytes))
    }

    fn names(&self, folder: &str) -> Outcome<Vec<String>> {
        self.kept(disk::names(&self.path.join(folder)))
    }

    fn remove(&self, name: &str) -> Outcome<()> {
        let path = self.path.join(name);
        let removed = match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                self.kept(Err(CliError::file("remove", &path, &error)))
            }
            _ => Ok(()),
        }
    }
}
