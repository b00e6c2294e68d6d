//! Files as this program writes them: whole or not at all, and readable by their owner only where they are private.

use crate::failure::{Exit, Failure, Outcome};
use indicatif::HumanBytes;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Its owner.
    Private,
}

/// Replaces a file at once: the new content is durable before it takes the name.
///
/// # Errors
/// Exit 6.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> Outcome<()> {
    let put = || -> std::io::Result<()> {
        durable(path, bytes, access)?.persist(path)?;
        Ok(())
    };
    put().map_err(|error| Failure::file("write", path, &error))
}

/// Makes a file that must not exist yet: taking the name and asking whether it is free are one step.
///
/// # Errors
/// Exit 6; exit 2 with code `exists` when it is there.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> Outcome<()> {
    if path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    let file = durable(path, bytes, access).map_err(|error| Failure::file("write", path, &error))?;
    take_name(file, path)
}

/// Gives a finished file a name that must not be taken.
///
/// # Errors
/// As [`create`].
pub fn take_name(file: NamedTempFile, path: &Path) -> Outcome<()> {
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(Failure::file("write", path, &error.error)),
    }
}

/// A durable file beside `path` that has no name of its own yet.
fn durable(path: &Path, bytes: &[u8], access: Access) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(parent(path))?;
    file.write_all(bytes)?;
    set_access(file.as_file(), access)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn exists(path: &Path) -> Failure {
    Failure::new(Exit::Usage, "exists", format!("{} is there already", path.display()))
        .why("nothing is overwritten")
        .remedy("choose another name, or move the old file away first")
}

/// Reads a file of at most `max` bytes.
///
/// # Errors
/// Exit 3 or 6; exit 1 when it is longer.
pub fn read(path: &Path, max: u64) -> Outcome<Vec<u8>> {
    let failure = |error: std::io::Error| Failure::file("read", path, &error);
    let size = std::fs::metadata(path).map_err(failure)?.len();
    if size > max {
        let what = format!("{} is larger than {}", path.display(), HumanBytes(max));
        return Err(Failure::new(Exit::Check, "file-too-large", what)
            .why("no file of this kind is so long")
            .remedy("check that it is the file you mean"));
    }
    std::fs::read(path).map_err(failure)
}

/// Reads a file if it is there.
///
/// # Errors
/// As [`read`], except that a missing file is `None`.
pub fn read_if_there(path: &Path, max: u64) -> Outcome<Option<Vec<u8>>> {
    match read(path, max) {
        Err(failure) if failure.exit == Exit::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Makes a folder and those above it.
///
/// # Errors
/// Exit 6.
pub fn folder(path: &Path) -> Outcome<()> {
    std::fs::create_dir_all(path).map_err(|error| Failure::file("make the folder", path, &error))
}

/// Makes a folder that only its owner can enter.
///
/// # Errors
/// Exit 6.
pub fn private_folder(path: &Path) -> Outcome<()> {
    folder(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .map_err(|error| Failure::file("protect the folder", path, &error))?;
    }
    Ok(())
}

/// Names of the files in a folder, sorted; none when it is not there.
///
/// # Errors
/// Exit 6.
pub fn names(path: &Path) -> Outcome<Vec<String>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let failure = |error: std::io::Error| Failure::file("list", path, &error);
    let mut names = Vec::new();
    for item in std::fs::read_dir(path).map_err(failure)? {
        names.extend(item.map_err(failure)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// The absolute form of a path, whether or not it is there.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn set_access(file: &std::fs::File, access: Access) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if access == Access::Private { 0o600 } else { 0o644 };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_access(_file: &std::fs::File, _access: Access) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_replaces_and_creating_refuses() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        write(&path, b"1", Access::Private).expect("written");
        write(&path, b"22", Access::Private).expect("replaced");
        assert_eq!(read(&path, 2).expect("read"), b"22");
        assert_eq!(read(&path, 1).expect_err("longer").exit, Exit::Check);
        assert_eq!(create(&path, b"3", Access::Public).expect_err("there").code, "exists");
        assert_eq!(names(folder.path()).expect("names"), ["a"], "no temporary file stays");
    }

    #[test]
    fn of_many_who_make_a_file_at_once_one_does_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        for round in 0..20 {
            let path = folder.path().join(round.to_string());
            let start = std::sync::Barrier::new(8);
            let make = |content: u8| {
                start.wait();
                create(&path, &[content], Access::Private)
                    .map(|()| content)
                    .map_err(|failure| failure.code)
            };
            let outcomes: Vec<_> = std::thread::scope(|scope| {
                let makers: Vec<_> = (0..8).map(|content| scope.spawn(move || make(content))).collect();
                makers.into_iter().map(|maker| maker.join().expect("made")).collect()
            });
            let made: Vec<u8> = outcomes
                .iter()
                .filter_map(|outcome| outcome.as_ref().ok().copied())
                .collect();
            assert_eq!(made.len(), 1, "{outcomes:?}");
            assert_eq!(read(&path, 1).expect("read"), made);
            let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
            assert!(refused.into_iter().all(|code| code == "exists"), "{outcomes:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_for_their_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k");
        create(&path, b"1", Access::Private).expect("written");
        assert_eq!(
            std::fs::metadata(&path).expect("there").permissions().mode() & 0o777,
            0o600
        );
    }
}
