//! Writes what was opened: the words and the originals, byte for byte, under their own names.

use crate::console::Console;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::names;
use crate::remote::Remote;
use docket::Held;
use docket::open::Unlocked;
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

/// What was written of one compartment.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Files with their sizes.
    pub files: Vec<(PathBuf, u64)>,
    /// What was not as it should be; the content is there all the same.
    pub remarks: Vec<String>,
    /// What the document says, if it is one.
    pub document: Option<Document>,
}

/// Fetches, checks, opens and writes the objects of a compartment into `out`; ciphertexts into `objects` if given.
///
/// # Errors
/// Exit 1 when a ciphertext is altered, 3 when it is gone; storage.
pub fn write(
    held: &Held,
    unlocked: &Unlocked,
    remote: &Remote,
    out: &Path,
    objects: Option<&Path>,
    console: &Console,
) -> Outcome<Written> {
    let Some(compartment) = held.core.compartment(unlocked.name) else {
        return Err(Failure::bug("an unlocked compartment that the header does not have"));
    };
    disk::private_folder(out)?;
    let scratch = tempfile::tempdir_in(out).map_err(|error| Failure::file("write into", out, &error))?;
    let store = match objects {
        Some(folder) => {
            disk::private_folder(folder)?;
            folder.to_owned()
        }
        None => scratch.path().to_owned(),
    };
    let total = compartment.objects.iter().map(|object| object.size).sum();
    let mut progress = console.progress("objects", total);
    for object in &compartment.objects {
        fetch(remote, object, &store, &mut |bytes| progress.advance(bytes))?;
    }
    let mut writer = Writer {
        out,
        store: &store,
        taken: taken(out)?,
        written: Written::default(),
    };
    let document = compartment
        .objects
        .iter()
        .find(|object| object.kind == ObjectKind::Document);
    let read = document.map(|object| writer.document(object, unlocked)).transpose()?;
    let document = match read {
        Some(Read::Document(document)) => Some(document),
        _ => None,
    };
    let known = document
        .as_ref()
        .map(|document| document.files.clone())
        .unwrap_or_default();
    for (number, object) in compartment
        .objects
        .iter()
        .filter(|o| o.kind != ObjectKind::Document)
        .enumerate()
    {
        writer.evidence(object, &known, unlocked, number)?;
    }
    writer.written.document = document;
    Ok(writer.written)
}

struct Writer<'a> {
    out: &'a Path,
    store: &'a Path,
    taken: BTreeSet<String>,
    written: Written,
}

impl Writer<'_> {
    /// The words, and the answers if there are any; whatever is no document is written as it is.
    fn document(&mut self, object: &ObjectRef, unlocked: &Unlocked) -> Outcome<Read> {
        let file = disk::read(&path_of(self.store, object), DOCUMENT_MAX)?;
        let plain = age::open(&unlocked.identity, &file).map_err(|error| altered(object, &error))?;
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
        Ok(read)
    }

    /// One piece of evidence, at its true size when the document tells it, whole otherwise.
    fn evidence(
        &mut self,
        object: &ObjectRef,
        known: &[EvidenceFile],
        unlocked: &Unlocked,
        number: usize,
    ) -> Outcome<()> {
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
        let name = safe_file_name(&wanted, &mut self.taken);
        let path = self.out.join(&name);
        let end = told.map(|(_, size, _)| size);
        let opened = open_stream(&path_of(self.store, object), object, unlocked, self.out, end)?;
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
        opened
            .file
            .persist_noclobber(&path)
            .map_err(|error| Failure::file("write", &path, &error.error))?;
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
    object: &ObjectRef,
    unlocked: &Unlocked,
    out: &Path,
    end: Option<u64>,
) -> Outcome<Streamed> {
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
        opener
            .push(bytes, &mut plain)
            .map_err(|error| altered(object, &error))?;
        take(&mut plain).map_err(unwritable)?;
    }
    opener.finish(&mut plain).map_err(|error| altered(object, &error))?;
    take(&mut plain).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    Ok(Streamed {
        file,
        written,
        sha256: Digest(hash.finalize().into()),
        padding_is_zero,
    })
}

/// Fetches a ciphertext into the folder, under its digest.
fn fetch(remote: &Remote, object: &ObjectRef, folder: &Path, seen: &mut dyn FnMut(u64)) -> Outcome<()> {
    let path = path_of(folder, object);
    let mut file =
        tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::file("write into", folder, &error))?;
    remote.blob_to(&object.digest, object.size, &mut file, seen)?;
    file.persist(&path)
        .map_err(|error| Failure::file("write", &path, &error.error))?;
    Ok(())
}

fn path_of(folder: &Path, object: &ObjectRef) -> PathBuf {
    folder.join(format!("{}.age", object.digest))
}

/// Names that are taken in the folder already, folded, and the one that is kept for the record.
fn taken(folder: &Path) -> Outcome<BTreeSet<String>> {
    let names = disk::names(folder)?.into_iter().map(|name| testimony::folded(&name));
    Ok(names.chain([RECORD.to_owned()]).collect())
}

fn altered(object: &ObjectRef, why: &age::AgeError) -> Failure {
    Failure::new(
        Exit::Check,
        "object-altered",
        format!("the object {} does not open", object.digest),
    )
    .why(why)
    .remedy("keep the file; tell the council that it is not what the header says")
}
