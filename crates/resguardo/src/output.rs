//! Where a command writes. All of its outputs are planned before it files, opens or destroys anything, so that what it
//! cannot write is told while nothing is lost.
//!
//! An output is no input of the same command and no other output of it, whatever links, capitals or Unicode forms lie
//! between their names. It takes the place of nothing, unless `--force` says so. Devices and pipes are written into.

use crate::disk::{self, Access};
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use std::fs::Metadata;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use testimony::folded;

/// The outputs of one command.
#[derive(Debug, Default)]
pub struct Plan {
    inputs: Vec<Place>,
    files: Vec<Place>,
    folders: Vec<Place>,
    force: bool,
}

/// A planned file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a planned output is still to be written"]
pub struct Output {
    path: PathBuf,
    target: Target,
}

/// What is at the path of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// Nothing.
    Free,
    /// A file that may go.
    Old,
    /// A device or a pipe.
    Stream,
}

/// What a path means on this disk: the nearest folder or file above it that is there, and the names below that, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    there: Identity,
    below: Vec<String>,
}

/// The file itself, under whatever name.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = String;

impl Plan {
    /// A plan of a command that reads these; those that are not there are told when they are read.
    pub fn reading<'a>(inputs: impl IntoIterator<Item = &'a Path>) -> Self {
        let places = inputs.into_iter().filter(|path| path.exists());
        Self {
            inputs: places.filter_map(|path| Place::of(path).ok()).collect(),
            ..Self::default()
        }
    }

    /// Whether files that are there may be replaced; an input never is.
    #[must_use]
    pub fn forced(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Plans a file.
    ///
    /// # Errors
    /// Exit 2 with code `exists` for one that is there, `output-is-input` for one that the command reads or writes
    /// already; exit 3 or 6 where it cannot be written.
    pub fn file(&mut self, path: &Path) -> Outcome<Output> {
        if let Some(failure) = no_file_name(path) {
            return Err(failure);
        }
        let output = |target| Output {
            path: path.to_owned(),
            target,
        };
        if is_own_descriptor(path) {
            return Ok(output(Target::Stream));
        }
        let found = match std::fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(CliError::file("write", path, &error)),
        };
        if let Some(found) = &found
            && is_stream(found)
        {
            return Ok(output(Target::Stream));
        }
        self.apart(path, found.as_ref())?;
        let target = match &found {
            None if path.symlink_metadata().is_ok() => return Err(dangling(path)),
            None => {
                writable(disk::parent(path))?;
                Target::Free
            }
            Some(_) if !self.force => return Err(exists(path)),
            Some(_) => {
                let real = path
                    .canonicalize()
                    .map_err(|error| CliError::file("write", path, &error))?;
                writable(disk::parent(&real))?;
                Target::Old
            }
        };
        self.files.push(Place::of(path)?);
        Ok(output(target))
    }

    /// Plans a folder that the command fills: there is nothing in it, and no other output lies in it.
    ///
    /// # Errors
    /// As [`Self::file`].
    pub fn folder(&mut self, path: &Path) -> Outcome<()> {
        if path.as_os_str().is_empty() {
            return Err(nameless(path));
        }
        let found = match std::fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(CliError::file(t!("write into"), path, &error)),
        };
        match &found {
            Some(found) if !found.is_dir() => {
                return Err(
                    CliError::new(CliCode::Exists, t!("{} is there already", path.display()))
                        .why(t!("it is not a folder, and nothing is overwritten"))
                        .remedy(t!("choose another name, or move the old file away first")),
                );
            }
            Some(_) if !disk::is_empty(path)? => {
                return Err(CliError::new(CliCode::Exists, t!("{} is not empty", path.display()))
                    .why(t!(
                        "what is written needs a folder of its own, so that nothing is overwritten"
                    ))
                    .remedy(t!("give a new folder")));
            }
            None if path.symlink_metadata().is_ok() => return Err(dangling(path)),
            _ => {}
        }
        self.apart(path, None)?;
        let place = Place::of(path)?;
        if self.files.iter().any(|file| file.is_in(&place)) {
            return Err(used_twice(path));
        }
        let above = nearest(path);
        if above
            .canonicalize()
            .is_ok_and(|above| above.ancestors().any(|above| self.is_read(above)))
        {
            return Err(
                CliError::new(CliCode::OutputIsInput, t!("{} lies in what is read", path.display()))
                    .why(t!("a copy in its own original would grow without end"))
                    .remedy(t!("give a folder outside; nothing was done")),
            );
        }
        writable(above)?;
        self.folders.push(place);
        Ok(())
    }

    fn is_read(&self, path: &Path) -> bool {
        Place::of(path).is_ok_and(|place| self.inputs.contains(&place))
    }

    /// Refuses what this command reads, and what it writes already.
    fn apart(&self, path: &Path, found: Option<&Metadata>) -> Outcome<()> {
        if found.is_some_and(Metadata::is_dir) {
            return Err(CliError::usage(t!("{} is a folder", path.display()))
                .why(t!("a file is to be written there"))
                .remedy(t!("give the name of a file, in that folder if you like")));
        }
        let place = Place::of(path)?;
        if self.inputs.contains(&place) {
            let what = t!("{} is read by this command, and would be written", path.display());
            return Err(CliError::new(CliCode::OutputIsInput, what)
                .why(t!(
                    "what it holds would be lost; links and other capitals lead to the same file"
                ))
                .remedy(t!("choose another name for the output; nothing was done")));
        }
        let is_inside = |folder: &Place| place.is_in(folder) || place == *folder;
        if self.files.contains(&place) || self.folders.iter().any(is_inside) {
            return Err(used_twice(path));
        }
        Ok(())
    }
}

impl Output {
    /// Writes all of it: a new file is durable before it takes its name, and takes the place of none that came meanwhile.
    ///
    /// # Errors
    /// Exit 6; exit 2 with code `exists`.
    pub fn write(&self, bytes: &[u8], access: Access) -> Outcome<()> {
        match self.target {
            Target::Free => disk::create(&self.path, bytes, access),
            Target::Old => {
                // The file that a link names is replaced, not the link.
                let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
                disk::write(&path, bytes, access)
            }
            Target::Stream => self
                .pour(bytes)
                .map_err(|error| CliError::file("write", &self.path, &error)),
        }
    }

    fn pour(&self, bytes: &[u8]) -> std::io::Result<()> {
        match descriptor(&self.path) {
            Some(1) => {
                let mut stdout = std::io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Some(2) => std::io::stderr().lock().write_all(bytes),
            _ => {
                let mut file = std::fs::File::options().append(true).open(&self.path)?;
                file.write_all(bytes)?;
                file.flush()
            }
        }
    }

    /// Whether it is a device or a pipe.
    pub fn is_stream(&self) -> bool {
        self.target == Target::Stream
    }

    /// Removes what was written, if it is a file that was not there before.
    pub fn take_back(&self) {
        if self.target == Target::Free {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// As it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Place {
    fn of(path: &Path) -> Outcome<Self> {
        let failure = |error: std::io::Error| CliError::file("write", path, &error);
        let path = std::path::absolute(path).map_err(failure)?;
        let mut below = Vec::new();
        let mut above = path.as_path();
        loop {
            match identity(above) {
                Ok(there) => {
                    below.reverse();
                    return Ok(Self { there, below });
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(failure(error)),
            }
            // `..` leads out of a folder that is not there to nowhere: the file system says so when it is written.
            below.push(folded(&above.file_name().unwrap_or_default().to_string_lossy()));
            let Some(parent) = above.parent() else {
                return Err(nameless(&path));
            };
            above = parent;
        }
    }

    fn is_in(&self, folder: &Self) -> bool {
        self.there == folder.there && self.below.len() > folder.below.len() && self.below.starts_with(&folder.below)
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> std::io::Result<Identity> {
    path.canonicalize().map(|path| folded(&path.to_string_lossy()))
}

/// Neither file nor folder: what is written into it stays where it is.
fn is_stream(found: &Metadata) -> bool {
    !found.is_file() && !found.is_dir()
}

/// Standard output and error by their names, and other descriptors of this process: never a file to replace, although one
/// may stand behind them.
fn is_own_descriptor(path: &Path) -> bool {
    descriptor(path).is_some() && path.exists()
}

fn descriptor(path: &Path) -> Option<u32> {
    let text = path.to_str()?;
    match text {
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        _ => {
            let number = text
                .strip_prefix("/dev/fd/")
                .or_else(|| text.strip_prefix("/proc/self/fd/"))?;
            number.parse().ok()
        }
    }
}

/// Whether a file can be made in `folder`: one without a name is made there, which also shows a disk that is read-only.
fn writable(folder: &Path) -> Outcome<()> {
    tempfile::tempfile_in(folder)
        .map(drop)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                let what = t!("there is no folder {}", folder.display());
                CliError::new(CliCode::FileNotFound, what)
                    .why(t!("an output is to be written into it"))
                    .remedy(t!("make the folder first, or give another one; nothing was done"))
            }
            _ => CliError::file(t!("write into"), folder, &error)
                .also(t!("give a folder that you may write into; nothing was done")),
        })
}

/// The path itself or the first above it that is there.
fn nearest(path: &Path) -> &Path {
    let mut above = path;
    while above.symlink_metadata().is_err() && above != Path::new(".") {
        above = disk::parent(above);
    }
    above
}

fn no_file_name(path: &Path) -> Option<CliError> {
    let text = path.as_os_str().to_string_lossy();
    if text == "-" {
        return Some(
            CliError::usage(t!("an output named `-` could be a file or standard output"))
                .why(t!("both are meant by some"))
                .remedy(t!("give /dev/stdout, or ./- for a file of that name")),
        );
    }
    if text.is_empty() || text.ends_with('/') || text.ends_with("/.") || path.file_name().is_none() {
        return Some(nameless(path));
    }
    None
}

fn nameless(path: &Path) -> CliError {
    CliError::usage(t!("`{}` names no file", path.display()))
        .why(t!("it is empty, or ends as a folder does"))
        .remedy(t!("give the name of a file; nothing was done"))
}

fn exists(path: &Path) -> CliError {
    disk::exists(path)
}

fn dangling(path: &Path) -> CliError {
    CliError::new(CliCode::Exists, t!("{} is a link that leads nowhere", path.display()))
        .why(t!(
            "nothing is overwritten, and no link is followed to a place that is not there"
        ))
        .remedy(t!("choose another name, or remove the link"))
}

fn used_twice(path: &Path) -> CliError {
    let what = t!("{} is written twice by this command", path.display());
    CliError::new(CliCode::OutputIsInput, what)
        .why(t!("two outputs have one name, or one lies in the folder of the other; capitals and accents do not tell names apart on every disk"))
        .remedy(t!("give each output a name of its own; nothing was done"))
}
