//! Fetches the sealed objects of a testimony into a folder, and writes what opens of them under its own name.

use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{CliError, Exit, Outcome};
use crate::language::{Language, of_error, of_process, t};
use crate::names;
use crate::remote::Remote;
use casework::FollowedCase;
use casework::open::Unlocked;
use client::content::{self, Answered, Files, ObjectFault, OpenedContent, OpenedFile, Unopened};
use protocol::Digest;
use protocol::statement::ObjectRef;
use protocol::text::visible;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use testimony::{Named, safe_file_name};

/// Her words, as `open` writes them.
pub const ACCOUNT: &str = "account.txt";
/// Her answers, as `open` writes them.
pub const ANSWERS: &str = "account.answers.json";
/// What reports are made from, beside the content.
pub const RECORD: &str = "record.json";
/// Bytes read at once.
const PIECE: usize = 256 * 1024;
/// Calls for one object before it counts as unreachable.
const ATTEMPTS: u32 = 3;

/// Fetches objects into `store`, each on its own; those that are there already are not asked for again. Gives what did not
/// come.
///
/// # Errors
/// Storage.
pub fn fetch(objects: &[ObjectRef], remote: &Remote, store: &Path, console: &Console) -> Outcome<Vec<Unopened>> {
    disk::private_folder(store)?;
    let mut progress = console.progress("objects", objects.iter().map(|object| object.size).sum());
    let mut unopened = Vec::new();
    for object in objects {
        let seen = &mut |bytes| progress.advance(bytes);
        if let Some(fault) = fetch_one(remote, object, &path_of(store, object), seen)? {
            let object = object.clone();
            unopened.push(Unopened { object, fault });
        }
    }
    Ok(unopened)
}

/// What was written of one compartment.
pub struct Written {
    /// Files with their sizes.
    pub files: Vec<(PathBuf, u64)>,
    /// What was opened, beside them.
    pub content: OpenedContent,
}

/// Opens the objects of a compartment that are in `store` and writes them into `out`. Each stands alone: what is not there
/// (`absent`, as [`fetch`] gave it) or does not open is named.
///
/// # Errors
/// Storage.
pub fn write(
    held: &FollowedCase,
    unlocked: &Unlocked,
    store: &Path,
    absent: &[Unopened],
    out: &Path,
) -> Outcome<Written> {
    disk::private_folder(out)?;
    let compartment = held.core.compartment(unlocked.name);
    let compartment =
        compartment.ok_or_else(|| CliError::bug("an unlocked compartment that the header does not have"))?;
    let (name, mut taken) = (names::compartment_file(unlocked.name), taken(out)?);
    let [text, answers, in_words] =
        ["txt", "answers.json", "answers.txt"].map(|end| safe_file_name(&format!("{name}.{end}"), &mut taken));
    let mut folder = Folder {
        store,
        absent,
        out,
        files: Vec::new(),
    };
    let content = content::open((&*held.core, compartment), unlocked, &mut folder, &mut taken)?;
    let mut files = Vec::new();
    let mut put = |name: &str, bytes: &[u8]| -> Outcome<()> {
        let path = out.join(name);
        disk::create(&path, bytes, Access::Private)?;
        files.push((path, bytes.len() as u64));
        Ok(())
    };
    if let Some(words) = &content.text {
        put(&text, words.as_bytes())?;
    }
    if let Some(document) = content
        .document
        .as_ref()
        .filter(|document| !document.answers.is_empty())
    {
        let bytes = serde_json::to_vec_pretty(&json!(document.answers));
        put(
            &answers,
            &bytes.map_err(|_| CliError::bug("answers that cannot be written"))?,
        )?;
        put(&in_words, said(&content).as_bytes())?;
    }
    files.append(&mut folder.files);
    Ok(Written { files, content })
}

/// Her answers in words, a line each, in the language of this run.
fn said(content: &OpenedContent) -> String {
    let line = |it: Answered| match of_process() {
        Language::Spanish => format!("{}: {}\n", it.field.es, it.answer.es),
        Language::English => format!("{}: {}\n", it.field.en, it.answer.en),
    };
    let answers: String = content.answers().into_iter().map(line).collect();
    answers + &identified(content)
}

/// The identifiers that she wrote of who hurt her, a line each: as she wrote it, then its normal form or why it has none.
fn identified(content: &OpenedContent) -> String {
    let named = content.named();
    if named.is_empty() {
        return String::new();
    }
    let line = |named: &Named| {
        // In one line, and nothing hidden in it: it stands beside what this program says of it.
        let text = visible(&named.text, &[]);
        let line = match named.identifier() {
            Ok(identifier) => format!("- {text} → {}", identifier.normal()),
            Err(why) => t!(
                "- {} → no normal form, kept as she wrote it: {}",
                text,
                of_error(&why.to_string())
            ),
        };
        line + "\n"
    };
    let lines: String = named.iter().map(line).collect();
    format!(
        "\n{}\n{lines}",
        t!("Identifiers of who hurt her, each with its normal form:")
    )
}

/// Copies the sealed files of a compartment that are in `store` into a folder for other software.
///
/// # Errors
/// Storage.
pub fn copy_sealed(held: &FollowedCase, unlocked: &Unlocked, store: &Path, to: &Path) -> Outcome<()> {
    disk::private_folder(to)?;
    let compartment = held.core.compartment(unlocked.name).into_iter();
    for object in compartment.flat_map(|compartment| &compartment.objects) {
        let (from, to) = (path_of(store, object), path_of(to, object));
        if from.exists() {
            disk::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// Sealed objects in one folder, opened files in another.
struct Folder<'a> {
    store: &'a Path,
    absent: &'a [Unopened],
    out: &'a Path,
    files: Vec<(PathBuf, u64)>,
}

impl Files for Folder<'_> {
    type File = NamedTempFile;
    type Error = CliError;

    fn sealed(&self, object: &ObjectRef) -> Outcome<Result<Box<dyn io::Read + '_>, ObjectFault>> {
        let path = path_of(self.store, object);
        match File::open(&path) {
            Ok(file) => Ok(Ok(Box::new(BufReader::new(file)))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let known = self.absent.iter().find(|absent| absent.object.digest == object.digest);
                Ok(Err(known.map_or(ObjectFault::Missing, |absent| absent.fault)))
            }
            Err(error) => Err(CliError::file("read", &path, &error)),
        }
    }

    fn create(&self, _: u64) -> Outcome<NamedTempFile> {
        let file = tempfile::Builder::new().prefix(".opening-").tempfile_in(self.out);
        file.map_err(|error| self.trouble(error))
    }

    fn keep(&mut self, file: NamedTempFile, about: OpenedFile<'_>) -> Outcome<()> {
        let path = self.out.join(about.name);
        file.as_file().sync_all().map_err(|error| self.trouble(error))?;
        disk::take_name(file, &path)?;
        self.files.push((path, about.size));
        Ok(())
    }

    fn trouble(&self, error: io::Error) -> CliError {
        CliError::file(t!("write into"), self.out, &error)
    }
}

/// Fetches a ciphertext into a file, unless it is there already; gives why it did not come.
///
/// # Errors
/// Storage.
pub fn fetch_one(
    remote: &Remote,
    object: &ObjectRef,
    path: &Path,
    seen: &mut dyn FnMut(u64),
) -> Outcome<Option<ObjectFault>> {
    if is_there(path, object)? {
        seen(object.size);
        return Ok(None);
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    for attempt in 1.. {
        let mut file =
            NamedTempFile::new_in(folder).map_err(|error| CliError::file(t!("write into"), folder, &error))?;
        let failure = match remote.blob_to(&object.digest, object.size, &mut file, seen) {
            Ok(()) => {
                let kept = file.as_file().sync_all();
                kept.map_err(|error| CliError::file("write", path, &error))?;
                file.persist(path)
                    .map_err(|error| CliError::file("write", path, &error.error))?;
                return Ok(None);
            }
            Err(failure) => failure,
        };
        match failure.exit() {
            Exit::NotFound => return Ok(Some(ObjectFault::Missing)),
            Exit::Check => return Ok(Some(ObjectFault::Altered)),
            Exit::Network if attempt < ATTEMPTS => {}
            Exit::Network => break,
            _ => return Err(failure),
        }
    }
    Ok(Some(ObjectFault::Unreachable))
}

/// Whether a ciphertext was fetched before, whole.
fn is_there(path: &Path, object: &ObjectRef) -> Outcome<bool> {
    let unreadable = |error: io::Error| CliError::file("read", path, &error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unreadable(error)),
    };
    let (mut hash, mut piece) = (Sha256::new(), vec![0u8; PIECE]);
    loop {
        let count = file.read(&mut piece).map_err(unreadable)?;
        match piece.get(..count).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => hash.update(bytes),
            None => return Ok(Digest(hash.finalize().into()) == object.digest),
        }
    }
}

fn path_of(folder: &Path, object: &ObjectRef) -> PathBuf {
    folder.join(format!("{}.age", object.digest))
}

/// Names that are taken in the folder already, folded, and the one that is kept for the record.
fn taken(folder: &Path) -> Outcome<BTreeSet<String>> {
    let names = disk::names(folder)?.into_iter().map(|name| testimony::folded(&name));
    Ok(names.chain([RECORD.to_owned()]).collect())
}
