//! The content of an opened compartment: the words and the originals, byte for byte. Each object stands alone: who
//! withholds or alters one keeps the others from nobody.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Write};

use casework::open::Unlocked;
use protocol::Digest;
use protocol::age::{self, AgeError, stream::Opener};
use protocol::http::FILING_MAX;
use protocol::open::unpad_document;
use protocol::statement::{CompartmentHeader, Core, ObjectKind, ObjectRef, SealedBy};
use sha2::{Digest as _, Sha256};
use testimony::{Document, EvidenceFile, FileDigest, Named, Read, safe_file_name};
use zeroize::Zeroizing;

pub use testimony::Answered;

/// Bytes opened at once.
const PIECE: usize = 256 * 1024;
/// Largest sealed document in bytes.
const DOCUMENT_MAX: u64 = 300 * 1024;

/// Why an object is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFault {
    /// The service does not have it.
    Missing,
    /// The service gives other bytes than the header names.
    Altered,
    /// It did not come, or only in part.
    Unreachable,
    /// It is more than is opened here: a page holds all in memory.
    TooLarge,
    /// It is what the header names, and the compartment's key does not open it.
    Sealed(AgeError),
}

impl ObjectFault {
    /// Stable, kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Altered => "altered",
            Self::Unreachable => "unreachable",
            Self::TooLarge => "too-large",
            Self::Sealed(_) => "does-not-open",
        }
    }

    /// Whether it may be otherwise another time.
    pub fn may_pass(self) -> bool {
        !matches!(self, Self::Sealed(_))
    }
}

impl std::fmt::Display for ObjectFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("the service does not have it"),
            Self::Altered => f.write_str("the service gives other bytes than were sealed"),
            Self::Unreachable => f.write_str("it came only in part, or not at all"),
            Self::TooLarge => f.write_str("it is more than is opened here"),
            Self::Sealed(why) => write!(f, "it is what was sealed, and does not open: {why}"),
        }
    }
}

/// Which of a testimony's sealed objects are fetched where all of them are held in memory: documents, and in their order what is
/// still within the bytes of a filing without an upload code (§5.2). What is left out the command line opens, which streams.
pub fn in_memory<'a>(objects: impl IntoIterator<Item = &'a ObjectRef>) -> impl Iterator<Item = &'a ObjectRef> {
    let mut left = FILING_MAX;
    objects.into_iter().filter(move |object| {
        if object.kind == ObjectKind::Document && object.size <= DOCUMENT_MAX {
            return true;
        }
        let rest = left.checked_sub(object.size);
        left = rest.unwrap_or(left);
        rest.is_some()
    })
}

/// An object that is not opened; the others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unopened {
    /// Which.
    pub object: ObjectRef,
    /// Why.
    pub fault: ObjectFault,
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

/// What is not as it should be; the content is there all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The server sealed it, of its form without scripts (§14.4).
    SealedByServer,
    /// The document is not filled to its size as it should be.
    DocumentPadding,
    /// The document is of no known form; it is shown as it is.
    UnknownForm,
    /// The document does not tell of this file.
    NotTold(String),
    /// Size or SHA-256 are not those that the document tells.
    Differs(String),
    /// A file is not filled with zeros as it should be.
    Padding(String),
}

impl Remark {
    /// Stable, kebab-case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SealedByServer => "sealed-by-server",
            Self::DocumentPadding | Self::Padding(_) => "padding",
            Self::UnknownForm => "unknown-form",
            Self::NotTold(_) => "not-told",
            Self::Differs(_) => "differs",
        }
    }
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SealedByServer => f.write_str(
                "the service sealed it, not a device of hers: whoever ran the service could read it then, and her words",
            ),
            Self::DocumentPadding => f.write_str("the document is not filled to its size as it should be"),
            Self::UnknownForm => f.write_str("the document is of no known form; it is shown as it is"),
            Self::NotTold(name) => write!(f, "{name} is not named in the document"),
            Self::Differs(name) => write!(f, "{name} is not what the document says: size or SHA-256 differ"),
            Self::Padding(name) => write!(f, "{name} is not filled with zeros as it should be"),
        }
    }
}

/// Where sealed objects lie, and where opened files go.
pub trait Files {
    /// A file that takes its name only when its last chunk has verified (§0).
    type File: Write;
    /// Why a file cannot be read or written here.
    type Error;

    /// A sealed object; the fault where it is not here.
    ///
    /// # Errors
    /// When it cannot be read.
    fn sealed(&self, object: &ObjectRef) -> Result<Result<Box<dyn io::Read + '_>, ObjectFault>, Self::Error>;

    /// A new file for `size` bytes at most.
    ///
    /// # Errors
    /// When none can be written.
    fn create(&self, size: u64) -> Result<Self::File, Self::Error>;

    /// Gives a file its name.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn keep(&mut self, file: Self::File, about: OpenedFile<'_>) -> Result<(), Self::Error>;

    /// A sealed object could not be read, or a file not be written.
    fn trouble(&self, error: io::Error) -> Self::Error;
}

/// An opened file.
pub struct OpenedFile<'a> {
    /// Its name, which no other of the same opening has.
    pub name: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// What the document tells of it, if it does.
    pub told: Option<&'a EvidenceFile>,
    /// Whether it is a copy that her device made for reading, not the original.
    pub is_copy: bool,
    /// Whether size and SHA-256 are those that the document tells.
    pub is_as_told: bool,
}

/// What was opened of a compartment, beside the files.
#[derive(Default)]
pub struct OpenedContent {
    /// Her words.
    pub text: Option<Zeroizing<String>>,
    /// The document, if it is one.
    pub document: Option<Document>,
    /// What was not as it should be.
    pub remarks: Vec<Remark>,
    /// What is not there.
    pub unopened: Vec<Unopened>,
}

/// Opens the objects of a compartment of `core`. Each stands alone: what is not there or does not open is named. `taken`: names that
/// files must not have.
///
/// # Errors
/// Where files cannot be read or written.
pub fn open<F: Files>(
    (core, compartment): (&Core, &CompartmentHeader),
    unlocked: &Unlocked,
    files: &mut F,
    taken: &mut BTreeSet<String>,
) -> Result<OpenedContent, F::Error> {
    let mut content = OpenedContent::default();
    if core.sealed_by == SealedBy::Server {
        content.remarks.push(Remark::SealedByServer);
    }
    let is_document = |object: &&ObjectRef| object.kind == ObjectKind::Document;
    if let Some(object) = compartment.objects.iter().find(is_document) {
        open_document(&mut content, object, unlocked, files)?;
    }
    let told = content
        .document
        .as_ref()
        .map_or(Vec::new(), |document| document.files.clone());
    let evidence = compartment.objects.iter().filter(|object| !is_document(object));
    for (number, object) in evidence.enumerate() {
        open_evidence(&mut content, object, &told, unlocked, files, (number + 1, &mut *taken))?;
    }
    Ok(content)
}

impl OpenedContent {
    /// Her answers in words; none where what opened is no document.
    pub fn answers(&self) -> Vec<Answered> {
        let document = self.document.as_ref();
        document.map_or_else(Vec::new, |document| testimony::in_words(&document.answers))
    }

    /// The identifiers of those who hurt her, as she wrote them.
    pub fn named(&self) -> Vec<Named> {
        let document = self.document.as_ref();
        document.map_or_else(Vec::new, |document| testimony::named(&document.answers))
    }

    fn not_opened(&mut self, object: &ObjectRef, fault: ObjectFault) {
        self.unopened.push(Unopened {
            object: object.clone(),
            fault,
        });
    }
}

/// The words, and the answers if there are any; whatever is no document is taken as it is.
fn open_document<F: Files>(
    content: &mut OpenedContent,
    object: &ObjectRef,
    unlocked: &Unlocked,
    files: &F,
) -> Result<(), F::Error> {
    let mut sealed = Vec::new();
    match files.sealed(object)? {
        Ok(source) => source.take(DOCUMENT_MAX).read_to_end(&mut sealed),
        Err(fault) => {
            content.not_opened(object, fault);
            return Ok(());
        }
    }
    .map_err(|error| files.trouble(error))?;
    let plain = match age::open(&unlocked.identity, &sealed) {
        Ok(plain) => plain,
        Err(error) => {
            content.not_opened(object, ObjectFault::Sealed(error));
            return Ok(());
        }
    };
    let (inside, padding_is_right) = unpad_document(&plain);
    if !padding_is_right {
        content.remarks.push(Remark::DocumentPadding);
    }
    match testimony::read(inside) {
        Read::Document(document) => {
            content.text = Some(Zeroizing::new(document.text.clone()));
            content.document = Some(document);
        }
        Read::Raw(text) => {
            content.remarks.push(Remark::UnknownForm);
            content.text = Some(Zeroizing::new(text));
        }
    }
    Ok(())
}

/// One piece of evidence, at its true size when the document tells it, whole otherwise.
fn open_evidence<F: Files>(
    content: &mut OpenedContent,
    object: &ObjectRef,
    known: &[EvidenceFile],
    unlocked: &Unlocked,
    files: &mut F,
    (number, taken): (usize, &mut BTreeSet<String>),
) -> Result<(), F::Error> {
    let digest = FileDigest(object.digest.0);
    let told = known
        .iter()
        .find_map(|file| file.tells(&digest).map(|(size, is_original)| (file, size, is_original)));
    let mut file = files.create(object.size)?;
    let opened = match files.sealed(object)? {
        Ok(source) => open_stream(source, unlocked, &mut file, told.map(|(_, size, _)| size)),
        Err(fault) => {
            content.not_opened(object, fault);
            return Ok(());
        }
    };
    let streamed = match opened.map_err(|error| files.trouble(error))? {
        Ok(streamed) => streamed,
        Err(error) => {
            content.not_opened(object, ObjectFault::Sealed(error));
            return Ok(());
        }
    };
    let wanted = match told {
        Some((file, _, true)) => file.name.clone(),
        Some((file, _, false)) => copy_name(&file.name),
        None => format!("evidence-{number}"),
    };
    let name = safe_file_name(&wanted, taken);
    let is_as_told = match told {
        Some((file, size, is_original)) => {
            streamed.size == size && (!is_original || FileDigest(streamed.sha256.0) == file.sha256)
        }
        None => false,
    };
    match told {
        None => content.remarks.push(Remark::NotTold(name.clone())),
        Some(_) if !is_as_told => content.remarks.push(Remark::Differs(name.clone())),
        Some(_) => {}
    }
    if !streamed.padding_is_zero {
        content.remarks.push(Remark::Padding(name.clone()));
    }
    let about = OpenedFile {
        name: &name,
        size: streamed.size,
        told: told.map(|(file, ..)| file),
        is_copy: told.is_some_and(|(.., is_original)| !is_original),
        is_as_told,
    };
    files.keep(file, about)
}

/// The name of a copy without metadata beside its original: `photo.copy.jpg`.
fn copy_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem}.copy.{ending}"),
        _ => format!("{name}.copy"),
    }
}

struct Streamed {
    size: u64,
    sha256: Digest,
    padding_is_zero: bool,
}

/// Opens a file chunk by chunk; what lies beyond `end` is padding.
fn open_stream(
    mut source: impl io::Read,
    unlocked: &Unlocked,
    file: &mut impl Write,
    end: Option<u64>,
) -> io::Result<Result<Streamed, AgeError>> {
    let (mut hash, mut opener) = (Sha256::new(), Opener::new(&unlocked.identity));
    let (mut piece, mut plain) = (vec![0u8; PIECE], Zeroizing::new(Vec::new()));
    let (mut size, mut padding_is_zero) = (0u64, true);
    let mut take = |plain: &mut Zeroizing<Vec<u8>>| -> io::Result<()> {
        let room = end.map_or(usize::MAX, |end| usize::try_from(end - size).unwrap_or(usize::MAX));
        let (inside, padding) = plain.split_at(room.min(plain.len()));
        hash.update(inside);
        file.write_all(inside)?;
        size += inside.len() as u64;
        padding_is_zero &= padding.iter().all(|byte| *byte == 0);
        plain.clear();
        Ok(())
    };
    loop {
        let count = source.read(&mut piece)?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        if let Err(error) = opener.push(bytes, &mut plain) {
            return Ok(Err(error));
        }
        take(&mut plain)?;
    }
    if let Err(error) = opener.finish(&mut plain) {
        return Ok(Err(error));
    }
    take(&mut plain)?;
    Ok(Ok(Streamed {
        size,
        sha256: Digest(hash.finalize().into()),
        padding_is_zero,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fetches_64_mib_and_passes_over_what_is_beyond() {
        let object = |n: u8, size: u64| ObjectRef {
            digest: Digest([n; 32]),
            size,
            kind: ObjectKind::Evidence,
        };
        let held = |sizes: &[u64]| {
            let all: Vec<_> = (0..).zip(sizes).map(|(n, size)| object(n, *size)).collect();
            in_memory(&all).map(|object| object.digest.0[0]).collect::<Vec<_>>()
        };
        assert_eq!(
            held(&[18_043, 1 << 30, 1_000_000, FILING_MAX]),
            [0, 2],
            "a small one after a large one"
        );
        assert_eq!(held(&[FILING_MAX]), [0]);
        assert_eq!(held(&[FILING_MAX + 1, u64::MAX]), Vec::<u8>::new());
        assert_eq!(held(&[FILING_MAX - 5, 6, 5, 1]), [0, 2]);
        // The words of another compartment come whatever evidence stands before them; what only calls itself a document does not.
        let document = |size: u64| ObjectRef {
            kind: ObjectKind::Document,
            ..object(9, size)
        };
        let all = [
            object(0, FILING_MAX),
            document(18_043),
            document(DOCUMENT_MAX + 1),
            object(1, 1),
        ];
        let sizes: Vec<u64> = in_memory(&all).map(|object| object.size).collect();
        assert_eq!(sizes, [FILING_MAX, 18_043]);
    }
}
