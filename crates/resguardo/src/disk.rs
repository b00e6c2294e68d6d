//! Files as this program writes them: whole or not at all, and readable by their owner only where they are private.

use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use indicatif::HumanBytes;
use std::io::{BufRead, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// What some editors put before UTF-8.
const MARK: &str = "\u{feff}";

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
        sync_names(parent(path))
    };
    put().map_err(|error| CliError::file("write", path, &error))
}

/// Adds to a file that only its owner can read; what was added is durable when it returns.
///
/// # Errors
/// Exit 6.
pub fn append(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let put = || -> std::io::Result<()> {
        let is_new = !path.exists();
        let mut file = std::fs::File::options().create(true).append(true).open(path)?;
        set_access(&file, Access::Private)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        if is_new { sync_names(parent(path)) } else { Ok(()) }
    };
    put().map_err(|error| CliError::file("write", path, &error))
}

/// Makes a file that must not exist yet: taking the name and asking whether it is free are one step.
///
/// # Errors
/// Exit 6; exit 2 with code `exists` when it is there.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> Outcome<()> {
    if path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    let file = durable(path, bytes, access).map_err(|error| CliError::file("write", path, &error))?;
    take_name(file, path)
}

/// Copies a file to a name that must not be taken, for its owner.
///
/// # Errors
/// As [`create`].
pub fn copy(from: &Path, to: &Path) -> Outcome<()> {
    let copied = || -> std::io::Result<NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(parent(to))?;
        std::io::copy(&mut std::fs::File::open(from)?, &mut file)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    take_name(copied().map_err(|error| CliError::file("write", to, &error))?, to)
}

/// Gives a finished file a name that must not be taken.
///
/// # Errors
/// As [`create`].
pub fn take_name(file: NamedTempFile, path: &Path) -> Outcome<()> {
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(parent(path)),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(CliError::file("write", path, &error.error)),
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

/// The failure for a path that is taken.
pub fn exists(path: &Path) -> CliError {
    CliError::new(CliCode::Exists, t!("{} is there already", path.display()))
        .why(t!("nothing is overwritten"))
        .remedy(t!("choose another name, or move the old file away first"))
}

/// Reads a file of at most `max` bytes, also one whose length nobody knows before its end: a pipe, a device.
///
/// # Errors
/// Exit 3 or 6; exit 1 when it is longer.
pub fn read(path: &Path, max: u64) -> Outcome<Vec<u8>> {
    let failure = |error: std::io::Error| CliError::file("read", path, &error);
    let file = std::fs::File::open(path).map_err(failure)?;
    let size = file.metadata().map_err(failure)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(max)).unwrap_or(0));
    file.take(max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failure)?;
    if bytes.len() as u64 > max {
        let what = t!("{} is larger than {}", path.display(), HumanBytes(max));
        return Err(CliError::new(CliCode::FileTooLarge, what)
            .why(t!("no file of this kind is so long"))
            .remedy(t!("check that it is the file you mean")));
    }
    Ok(bytes)
}

/// Reads a text that a person wrote, without the mark that an editor put before it.
///
/// # Errors
/// As [`read`]; exit 2 with code `not-text` when it is not in UTF-8.
pub fn text(path: &Path, max: u64) -> Outcome<Zeroizing<String>> {
    let bytes = Zeroizing::new(read(path, max)?);
    let text = std::str::from_utf8(unmarked(&bytes)).map_err(|_| not_text(path, &bytes))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads a note or a receipt as it was signed, whatever line ends an editor or a mail gave it.
///
/// # Errors
/// As [`text`].
pub fn note(path: &Path, max: u64) -> Outcome<String> {
    let text = text(path, max)?.replace("\r\n", "\n");
    Ok(format!("{}\n", text.trim_end_matches('\n')))
}

/// The bytes without UTF-8's mark before them.
pub fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK.as_bytes()).unwrap_or(bytes)
}

/// Says in which other way a text was saved, where that can be seen.
pub fn not_text(path: &Path, bytes: &[u8]) -> CliError {
    let why = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => t!("it was saved as UTF-16, which some editors call Unicode"),
        _ => t!("it is not in UTF-8"),
    };
    CliError::new(CliCode::NotText, t!("{} is not text", path.display()))
        .why(why)
        .remedy(t!("save it as plain text in UTF-8; nothing was done"))
}

/// Reads JSON that a person hands in: as strict as a statement's (§0), and whatever is wrong is told with its line and, for
/// a name that is twice there or unknown, that name.
///
/// # Errors
/// As [`read`]; what is wrong, without anything else of the content, for the caller's failure.
pub fn json<T: serde::de::DeserializeOwned>(path: &Path, max: u64, refuse: impl Fn(String) -> CliError) -> Outcome<T> {
    let bytes = read(path, max)?;
    let bytes = unmarked(&bytes);
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(not_text(path, bytes));
    }
    protocol::json::read_named(bytes, usize::try_from(max).unwrap_or(usize::MAX)).map_err(refuse)
}

/// Lines on end that are no text before the file counts as none: a device never ends.
const NO_TEXT_MAX: usize = 20;

/// A line of a file; where it is no UTF-8, the number of bytes before the first that is wrong.
pub type TextLine = Result<String, usize>;

/// Lines of a text, each of at most `max` bytes, with its number from 1; without their ends and without a mark before the first.
/// One that is no UTF-8 is told and the next read; after [`NO_TEXT_MAX`] of them on end the file is no text.
pub fn lines(source: impl BufRead, path: &Path, max: u64) -> impl Iterator<Item = Outcome<(usize, TextLine)>> {
    let (path, mut source, mut no_text) = (path.to_owned(), source, 0);
    (1..).map_while(move |number| {
        let mut line = Vec::new();
        let read = source.by_ref().take(max.saturating_add(1)).read_until(b'\n', &mut line);
        match read {
            Err(error) => return Some(Err(CliError::file("read", &path, &error))),
            Ok(0) => return None,
            Ok(_) => {}
        }
        if line.len() as u64 > max {
            let what = t!(
                "line {} of {} is longer than {}",
                number,
                path.display(),
                HumanBytes(max)
            );
            return Some(Err(CliError::new(CliCode::FileTooLarge, what)
                .why(t!("no line of this kind is so long"))
                .remedy(t!("check that it is the file you mean"))));
        }
        let text = if number == 1 { unmarked(&line) } else { &line };
        match std::str::from_utf8(text) {
            Ok(text) => {
                no_text = 0;
                Some(Ok((number, Ok(text.trim_end_matches(['\r', '\n']).to_owned()))))
            }
            Err(_) if no_text == NO_TEXT_MAX => Some(Err(not_text(&path, &line))),
            Err(error) => {
                no_text += 1;
                Some(Ok((number, Err(error.valid_up_to()))))
            }
        }
    })
}

/// Reads a file if it is there.
///
/// # Errors
/// As [`read`], except that a missing file is `None`.
pub fn read_if_there(path: &Path, max: u64) -> Outcome<Option<Vec<u8>>> {
    match read(path, max) {
        Err(failure) if failure.is(CliCode::FileNotFound) => Ok(None),
        other => other.map(Some),
    }
}

/// Makes a folder and those above it; they are durable when it returns.
///
/// # Errors
/// Exit 6.
pub fn folder(path: &Path) -> Outcome<()> {
    let put = || -> std::io::Result<()> {
        let whole = std::path::absolute(path)?;
        let new: Vec<&Path> = whole.ancestors().take_while(|above| !above.exists()).collect();
        std::fs::create_dir_all(&whole)?;
        new.iter().filter_map(|made| made.parent()).try_for_each(sync_names)
    };
    put().map_err(|error| CliError::file(t!("make the folder"), path, &error))
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
            .map_err(|error| CliError::file(t!("protect the folder"), path, &error))?;
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
    let failure = |error: std::io::Error| CliError::file("list", path, &error);
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

/// Whether a folder holds nothing, whatever its files are called.
///
/// # Errors
/// Exit 3 or 6.
pub fn is_empty(folder: &Path) -> Outcome<bool> {
    let mut items = std::fs::read_dir(folder).map_err(|error| CliError::file("list", folder, &error))?;
    Ok(items.next().is_none())
}

/// Makes the names in a folder durable.
///
/// # Errors
/// Exit 6.
pub fn sync_folder(folder: &Path) -> Outcome<()> {
    sync_names(folder).map_err(|error| CliError::file(t!("write into"), folder, &error))
}

/// As [`sync_folder`]: without it a power cut may take a file away whose content is on the disk.
fn sync_names(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// The folder that a path lies in.
pub fn parent(path: &Path) -> &Path {
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
    use crate::failure::Exit;

    #[test]
    fn writing_replaces_and_creating_refuses() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        write(&path, b"1", Access::Private).expect("written");
        write(&path, b"22", Access::Private).expect("replaced");
        assert_eq!(read(&path, 2).expect("read"), b"22");
        assert_eq!(read(&path, 1).expect_err("longer").exit(), Exit::Check);
        assert_eq!(
            create(&path, b"3", Access::Public).expect_err("there").code,
            CliCode::Exists.into()
        );
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
            assert!(refused.into_iter().all(|code| code.name() == "exists"), "{outcomes:?}");
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
