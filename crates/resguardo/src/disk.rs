//! Files as this program writes them: whole or not at all, and readable by their owner only where they are private.

use crate::failure::{Exit, Failure, Outcome};
use indicatif::HumanBytes;
use std::io::Write as _;
use std::path::{Path, PathBuf};

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
    let folder = parent(path);
    let put = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        set_access(file.as_file(), access)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    put().map_err(|error| Failure::file("write", path, &error))
}

/// Makes a file that must not exist yet.
///
/// # Errors
/// Exit 6; exit 2 with code `exists` when it is there.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> Outcome<()> {
    if path.exists() {
        return Err(
            Failure::new(Exit::Usage, "exists", format!("{} is there already", path.display()))
                .why("nothing is overwritten")
                .remedy("choose another name, or move the old file away first"),
        );
    }
    write(path, bytes, access)
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
    if path.exists() {
        read(path, max).map(Some)
    } else {
        Ok(None)
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
