//! The content of an opened compartment: the words and the originals, byte for byte, in the page's memory only.

use std::collections::{BTreeMap, BTreeSet};

use casework::open::Unlocked;
use protocol::age::{self, stream::Opener};
use protocol::open::unpad_document;
use protocol::statement::{ObjectKind, ObjectRef};
use protocol::{CaseId, Digest, MemberNumber};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testimony::{EvidenceFile, FileDigest, Read, safe_file_name};
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::failure::{Failure, Outcome};
use crate::opening::{Shown, ShownFile};

/// Bytes opened at once.
const PIECE: usize = 256 * 1024;

/// Why an object is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// The service does not have it.
    Missing,
    /// The service gives other bytes than the header names.
    Altered,
    /// It did not come.
    Unreachable,
    /// It is what the header names, and the compartment's key does not open it.
    DoesNotOpen,
}

impl Fault {
    /// Whether it may be otherwise another time.
    pub fn may_pass(self) -> bool {
        self != Self::DoesNotOpen
    }
}

/// An object that is not opened; the others are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Unopened {
    pub object: Digest,
    pub kind: ObjectKind,
    pub why: Fault,
}

/// Sealed objects by digest, or why they did not come.
pub(crate) type Fetched = BTreeMap<Digest, Result<Vec<u8>, Fault>>;

/// Fetches the sealed objects of the unlocked compartments, each on its own.
pub(crate) async fn fetch(desk: &Desk, id: &CaseId, unlocked: &[Unlocked]) -> Outcome<Fetched> {
    let core = &desk.held(id)?.core;
    let compartments = unlocked.iter().filter_map(|unlocked| core.compartment(unlocked.name));
    let objects: Vec<&ObjectRef> = compartments.flat_map(|compartment| &compartment.objects).collect();
    let total: u64 = objects.iter().map(|object| object.size).sum();
    let (mut fetched, mut done) = (Fetched::new(), 0);
    for object in objects {
        let file = match desk.wire.blob(&object.digest).await {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(Fault::Missing),
            Err(failure) if failure.code == "digest-differs" => Err(Fault::Altered),
            Err(_) => Err(Fault::Unreachable),
        };
        fetched.insert(object.digest, file);
        done += object.size;
        desk.wire.progress(done, total);
    }
    Ok(fetched)
}

/// Opens the objects of a compartment. Each stands alone: what did not come or does not open is named.
///
/// # Errors
/// A bug.
pub(crate) fn open(
    desk: &Desk,
    id: &CaseId,
    request: &Digest,
    unlocked: &Unlocked,
    bad: Vec<MemberNumber>,
    fetched: &Fetched,
) -> Outcome<Shown> {
    let compartment = desk.held(id)?.core.compartment(unlocked.name);
    let compartment =
        compartment.ok_or_else(|| Failure::bug("an unlocked compartment that the header does not have"))?;
    let mut shown = Shown {
        case: *id,
        request: *request,
        name: unlocked.name,
        text: Zeroizing::default(),
        answers: Value::Null,
        told: Vec::new(),
        files: Vec::new(),
        remarks: Vec::new(),
        unopened: Vec::new(),
        bad,
    };
    let (mut known, mut taken) = (Vec::new(), BTreeSet::new());
    let sealed = |object: &ObjectRef| match fetched.get(&object.digest) {
        Some(Ok(file)) => Ok(file.as_slice()),
        Some(Err(fault)) => Err(*fault),
        None => Err(Fault::Missing),
    };
    let is_document = |object: &&ObjectRef| object.kind == ObjectKind::Document;
    if let Some(object) = compartment.objects.iter().find(is_document) {
        match sealed(object).and_then(|file| take_document(&mut shown, file, unlocked)) {
            Ok(told) => known = told,
            Err(fault) => shown.not_opened(object, fault),
        }
        shown.told.clone_from(&known);
    }
    for object in compartment.objects.iter().filter(|object| !is_document(object)) {
        match sealed(object).and_then(|file| evidence(&mut shown, object, &known, file, unlocked, &mut taken)) {
            Ok(opened) => shown.files.push(opened),
            Err(fault) => shown.not_opened(object, fault),
        }
    }
    Ok(shown)
}

impl Shown {
    fn not_opened(&mut self, object: &ObjectRef, why: Fault) {
        self.unopened.push(Unopened {
            object: object.digest,
            kind: object.kind,
            why,
        });
    }
}

/// The words, and the answers if there are any; whatever is no document is shown as it is.
fn take_document(shown: &mut Shown, file: &[u8], unlocked: &Unlocked) -> Result<Vec<EvidenceFile>, Fault> {
    let plain = age::open(&unlocked.identity, file).map_err(|_| Fault::DoesNotOpen)?;
    let (content, padding_is_right) = unpad_document(&plain);
    if !padding_is_right {
        shown.remarks.push("padding");
    }
    match testimony::read(content) {
        Read::Document(document) => {
            shown.text = Zeroizing::new(document.text);
            shown.answers = json!(document.answers);
            Ok(document.files)
        }
        Read::Raw(text) => {
            shown.remarks.push("unknown-form");
            shown.text = Zeroizing::new(text);
            Ok(Vec::new())
        }
    }
}

/// One piece of evidence, at its true size when the document tells it, whole otherwise.
fn evidence(
    shown: &mut Shown,
    object: &ObjectRef,
    known: &[EvidenceFile],
    file: &[u8],
    unlocked: &Unlocked,
    taken: &mut BTreeSet<String>,
) -> Result<ShownFile, Fault> {
    let digest = FileDigest(object.digest.0);
    let told = known
        .iter()
        .find_map(|file| file.tells(&digest).map(|(size, is_original)| (file, size, is_original)));
    let mut bytes = open_whole(file, unlocked)?;
    let end = told
        .and_then(|(_, size, _)| usize::try_from(size).ok())
        .unwrap_or(bytes.len());
    let is_long_enough = bytes.len() >= end;
    let padding_is_zero = bytes.iter().skip(end).all(|byte| *byte == 0);
    bytes.truncate(end);
    if !padding_is_zero {
        shown.remarks.push("padding");
    }
    let is_as_told = match told {
        Some((file, _, true)) => is_long_enough && FileDigest(Sha256::digest(&bytes[..]).into()) == file.sha256,
        Some((_, _, false)) => is_long_enough,
        None => {
            shown.remarks.push("not-told");
            false
        }
    };
    let number = shown.files.len() + 1;
    let wanted = told.map_or_else(|| format!("evidence-{number}"), |(file, _, _)| file.name.clone());
    Ok(ShownFile {
        name: safe_file_name(&wanted, taken),
        media_type: told.map(|(file, _, _)| file.media_type.clone()).unwrap_or_default(),
        is_copy: told.is_some_and(|(_, _, is_original)| !is_original),
        is_as_told,
        bytes,
    })
}

/// Opens a file chunk by chunk; nothing of it is given before the last chunk has verified (§0).
fn open_whole(file: &[u8], unlocked: &Unlocked) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // With all room taken at once, no piece of plaintext is left behind where a vector grew.
    let mut all = Zeroizing::new(Vec::with_capacity(file.len()));
    let (mut opener, mut plain) = (Opener::new(&unlocked.identity), Zeroizing::new(Vec::new()));
    for piece in file.chunks(PIECE) {
        opener.push(piece, &mut plain).map_err(|_| Fault::DoesNotOpen)?;
        all.extend_from_slice(&plain);
        plain.clear();
    }
    opener.finish(&mut plain).map_err(|_| Fault::DoesNotOpen)?;
    all.extend_from_slice(&plain);
    Ok(all)
}
