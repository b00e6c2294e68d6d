//! Writes what was opened: the words and the originals, byte for byte, under their own names. Each object stands alone:
//! who withholds or alters one keeps the others from nobody.

use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::names;
use crate::remote::Remote;
use casework::FollowedCase;
use casework::open::Unlocked;
use protocol::Digest;
use protocol::age::{self, stream::Opener};
use protocol::open::unpad_document;
use protocol::statement::{ObjectKind, ObjectRef};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use testimony::{Document, EvidenceFile, FileDigest, Read, safe_file_name};
use zeroize::Zeroizing;

/// Largest plaintext of a document in bytes.
const DOCUMENT_MAX: u64 = 300 * 1024;
/// Her words, as `open` writes them.
pub const ACCOUNT: &str = "account.txt";
/// What reports are made from, beside the content.
pub const RECORD: &str = "record.json";
/// Bytes read at once.
const PIECE: usize = 256 * 1024;

/// Calls for one object before it counts as unreachable.
const ATTEMPTS: u32 = 3;

/// Why an object is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service does not have it.
    Missing,
    /// The service gives other bytes than the header names.
    Altered,
    /// It came only in part, or nobody answered.
    Unreachable,
    /// It is what the header names, and the compartment's key does not open it.
    Sealed(age::AgeError),
}

impl Fault {
    /// Stable, machine-readable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Altered => "altered",
            Self::Unreachable => "unreachable",
            Self::Sealed(_) => "does-not-open",
        }
    }

    /// Whether it may be otherwise another time.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Sealed(_))
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("the service does not have it"),
            Self::Altered => f.write_str("the service gives other bytes than were sealed"),
            Self::Unreachable => f.write_str("it came only in part"),
            Self::Sealed(why) => write!(f, "it is what was sealed, and does not open: {why}"),
        }
    }
}

/// An object that is not opened; the others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unopened {
    /// Which.
    pub object: ObjectRef,
    /// Why.
    pub fault: Fault,
}

impl std::fmt::Display for Unopened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.object.kind {
            ObjectKind::Document => "the document",
            ObjectKind::Evidence => "a piece of evidence",
            ObjectKind::Copy => "a copy of evidence",
        };
        write!(f, "{kind} ({}): {}", self.object.digest, self.fault)
    }
}

/// What was written of one compartment.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Files with their sizes.
    pub files: Vec<(PathBuf, u64)>,
    /// What was not as it should be; the content is there all the same.
    pub remarks: Vec<String>,
    /// What the document says, if it is one.
    pub document: Option<Document>,
    /// What is not there.
    pub unopened: Vec<Unopened>,
}

/// Fetches the objects of the unlocked compartments into `store`, each on its own; those that are there already are not
/// asked for again. Gives what did not come.
///
/// # Errors
/// Storage.
pub fn fetch(
    held: &FollowedCase,
    unlocked: &[Unlocked],
    remote: &Remote,
    store: &Path,
    console: &Console,
) -> Outcome<Vec<Unopened>> {
    disk::private_folder(store)?;
    let objects: Vec<&ObjectRef> = unlocked
        .iter()
        .flat_map(|unlocked| objects_of(held, unlocked))
        .collect();
    let mut progress = console.progress("objects", objects.iter().map(|object| object.size).sum());
    let mut unopened = Vec::new();
    for object in objects {
        let fault = fetch_one(remote, object, &path_of(store, object), &mut |bytes| {
            progress.advance(bytes)
        })?;
        unopened.extend(fault.map(|fault| Unopened {
            object: object.clone(),
            fault,
        }));
    }
    Ok(unopened)
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
    let mut writer = Writer {
        out,
        store,
        absent,
        taken: taken(out)?,
        written: Written::default(),
    };
    let document = objects_of(held, unlocked).find(|object| object.kind == ObjectKind::Document);
    let read = document.map(|object| writer.document(object, unlocked)).transpose()?;
    if let Some(Some(Read::Document(document))) = read {
        writer.written.document = Some(document);
    }
    let known = writer.written.document.as_ref();
    let known = known.map(|document| document.files.clone()).unwrap_or_default();
    let evidence = objects_of(held, unlocked).filter(|object| object.kind != ObjectKind::Document);
    for (number, object) in evidence.enumerate() {
        writer.evidence(object, &known, unlocked, number)?;
    }
    Ok(writer.written)
}

/// Copies the sealed files of a compartment that are in `store` into a folder for other software.
///
/// # Errors
/// Storage.
pub fn copy_sealed(held: &FollowedCase, unlocked: &Unlocked, store: &Path, to: &Path) -> Outcome<()> {
    disk::private_folder(to)?;
    for object in objects_of(held, unlocked) {
        let (from, to) = (path_of(store, object), path_of(to, object));
        if from.exists() {
            std::fs::copy(&from, &to).map_err(|error| Failure::file("write", &to, &error))?;
        }
    }
    Ok(())
}

fn objects_of<'a>(held: &'a FollowedCase, unlocked: &Unlocked) -> impl Iterator<Item = &'a ObjectRef> {
    let compartment = held.core.compartment(unlocked.name).into_iter();
    compartment.flat_map(|compartment| &compartment.objects)
}

struct Writer<'a> {
    out: &'a Path,
    store: &'a Path,
    absent: &'a [Unopened],
    taken: BTreeSet<String>,
    written: Written,
}

impl Writer<'_> {
    /// The words, and the answers if there are any; whatever is no document is written as it is.
    fn document(&mut self, object: &ObjectRef, unlocked: &Unlocked) -> Outcome<Option<Read>> {
        let Some(file) = disk::read_if_there(&path_of(self.store, object), DOCUMENT_MAX)? else {
            return Ok(self.absent(object));
        };
        let plain = match age::open(&unlocked.identity, &file) {
            Ok(plain) => plain,
            Err(error) => return Ok(self.unopened(object, Fault::Sealed(error))),
        };
        let (content, padding_is_right) = unpad_document(&plain);
        if !padding_is_right {
            self.written
                .remarks
                .push("the document is not filled to its size as it should be".to_owned());
        }
        let name = names::compartment(unlocked.name);
        let read = testimony::read(content);
        match &read {
            Read::Document(document) => {
                self.put(&format!("{name}.txt"), document.text.as_bytes())?;
                if !document.answers.is_empty() {
                    let answers = serde_json::to_vec_pretty(&json!(document.answers));
                    let answers = answers.map_err(|_| Failure::bug("answers that cannot be written"))?;
                    self.put(&format!("{name}.answers.json"), &answers)?;
                }
            }
            Read::Raw(text) => {
                self.written
                    .remarks
                    .push("the document is of no known form; it is shown as it is".to_owned());
                self.put(&format!("{name}.txt"), text.as_bytes())?;
            }
        }
        Ok(Some(read))
    }

    /// One that is not in the store, with the reason that its fetching gave.
    fn absent<T>(&mut self, object: &ObjectRef) -> Option<T> {
        let told = self.absent.iter().find(|absent| absent.object.digest == object.digest);
        let fault = told.map_or(Fault::Missing, |absent| absent.fault.clone());
        self.unopened(object, fault)
    }

    fn unopened<T>(&mut self, object: &ObjectRef, fault: Fault) -> Option<T> {
        self.written.unopened.push(Unopened {
            object: object.clone(),
            fault,
        });
        None
    }

    /// One piece of evidence, at its true size when the document tells it, whole otherwise.
    fn evidence(
        &mut self,
        object: &ObjectRef,
        known: &[EvidenceFile],
        unlocked: &Unlocked,
        number: usize,
    ) -> Outcome<()> {
        let sealed = path_of(self.store, object);
        if !sealed.exists() {
            let _: Option<()> = self.absent(object);
            return Ok(());
        }
        let digest = FileDigest(object.digest.0);
        let told = known
            .iter()
            .find_map(|file| file.tells(&digest).map(|(size, is_original)| (file, size, is_original)));
        let wanted = match told {
            Some((file, _, _)) => file.name.clone(),
            None => {
                self.written
                    .remarks
                    .push(format!("evidence {} is not told of in the document", number + 1));
                format!("evidence-{}", number + 1)
            }
        };
        let end = told.map(|(_, size, _)| size);
        let opened = match open_stream(&sealed, unlocked, self.out, end)? {
            Ok(opened) => opened,
            Err(error) => {
                let _: Option<()> = self.unopened(object, Fault::Sealed(error));
                return Ok(());
            }
        };
        let name = safe_file_name(&wanted, &mut self.taken);
        let path = self.out.join(&name);
        if let Some((file, size, true)) = told
            && (opened.written != size || FileDigest(opened.sha256.0) != file.sha256)
        {
            self.written
                .remarks
                .push(format!("{name} is not what the document says: size or SHA-256 differ"));
        }
        if !opened.padding_is_zero {
            self.written
                .remarks
                .push(format!("{name} is not filled with zeros as it should be"));
        }
        disk::take_name(opened.file, &path)?;
        self.written.files.push((path, opened.written));
        Ok(())
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Outcome<()> {
        let path = self.out.join(safe_file_name(name, &mut self.taken));
        disk::create(&path, bytes, Access::Private)?;
        self.written.files.push((path, bytes.len() as u64));
        Ok(())
    }
}

struct Streamed {
    file: tempfile::NamedTempFile,
    written: u64,
    sha256: Digest,
    padding_is_zero: bool,
}

/// Opens evidence as a stream into a file that takes its name only when the last chunk has verified (§0).
fn open_stream(
    path: &Path,
    unlocked: &Unlocked,
    out: &Path,
    end: Option<u64>,
) -> Outcome<Result<Streamed, age::AgeError>> {
    let unreadable = |error: std::io::Error| Failure::file("read", path, &error);
    let unwritable = |error: std::io::Error| Failure::file("write into", out, &error);
    let source = File::open(path).map_err(unreadable)?;
    let mut source = BufReader::new(source);
    let mut file = tempfile::Builder::new()
        .prefix(".opening-")
        .tempfile_in(out)
        .map_err(unwritable)?;
    let mut hash = Sha256::new();
    let mut opener = Opener::new(&unlocked.identity);
    let (mut piece, mut plain) = (vec![0u8; PIECE], Zeroizing::new(Vec::new()));
    let (mut written, mut padding_is_zero) = (0u64, true);
    let mut take = |plain: &mut Zeroizing<Vec<u8>>| -> std::io::Result<()> {
        let room = end.map_or(usize::MAX, |end| usize::try_from(end - written).unwrap_or(usize::MAX));
        let (content, padding) = plain.split_at(room.min(plain.len()));
        hash.update(content);
        file.write_all(content)?;
        written += content.len() as u64;
        padding_is_zero &= padding.iter().all(|byte| *byte == 0);
        plain.clear();
        Ok(())
    };
    loop {
        let count = source.read(&mut piece).map_err(unreadable)?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        if let Err(error) = opener.push(bytes, &mut plain) {
            return Ok(Err(error));
        }
        take(&mut plain).map_err(unwritable)?;
    }
    if let Err(error) = opener.finish(&mut plain) {
        return Ok(Err(error));
    }
    take(&mut plain).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    Ok(Ok(Streamed {
        file,
        written,
        sha256: Digest(hash.finalize().into()),
        padding_is_zero,
    }))
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
) -> Outcome<Option<Fault>> {
    if is_there(path, object)? {
        seen(object.size);
        return Ok(None);
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    for attempt in 1.. {
        let mut file =
            tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::file("write into", folder, &error))?;
        let failure = match remote.blob_to(&object.digest, object.size, &mut file, seen) {
            Ok(()) => {
                let kept = file.as_file().sync_all();
                kept.map_err(|error| Failure::file("write", path, &error))?;
                file.persist(path)
                    .map_err(|error| Failure::file("write", path, &error.error))?;
                return Ok(None);
            }
            Err(failure) => failure,
        };
        match failure.exit {
            Exit::NotFound => return Ok(Some(Fault::Missing)),
            Exit::Check => return Ok(Some(Fault::Altered)),
            Exit::Network if attempt < ATTEMPTS => {}
            Exit::Network => break,
            _ => return Err(failure),
        }
    }
    Ok(Some(Fault::Unreachable))
}

/// Whether a ciphertext was fetched before, whole.
fn is_there(path: &Path, object: &ObjectRef) -> Outcome<bool> {
    let unreadable = |error: std::io::Error| Failure::file("read", path, &error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
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
