//! The content of an opened compartment: the words and the originals, byte for byte, in the page's memory only.

use std::collections::BTreeSet;

use docket::open::Unlocked;
use protocol::age::{self, stream::Opener};
use protocol::open::unpad_document;
use protocol::statement::{ObjectKind, ObjectRef};
use protocol::{CaseId, Digest};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testimony::{EvidenceFile, FileDigest, Read, safe_file_name};
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::failure::{Failure, Outcome};
use crate::opening::{Shown, ShownFile};

/// Bytes opened at once.
const PIECE: usize = 256 * 1024;

/// Fetches, checks and opens the objects of a compartment.
///
/// # Errors
/// `object-altered`, `object-gone`, `digest-differs`; the network.
pub(crate) async fn open(desk: &Desk, id: &CaseId, request: &Digest, unlocked: &Unlocked) -> Outcome<Shown> {
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
        bad: unlocked.bad.clone(),
    };
    let total: u64 = compartment.objects.iter().map(|object| object.size).sum();
    let (mut done, mut known, mut taken) = (0, Vec::new(), BTreeSet::new());
    let is_document = |object: &&ObjectRef| object.kind == ObjectKind::Document;
    if let Some(object) = compartment.objects.iter().find(is_document) {
        let file = fetch(desk, object).await?;
        known = take_document(&mut shown, object, &file, unlocked)?;
        shown.told.clone_from(&known);
        done += object.size;
        desk.wire.progress(done, total);
    }
    for object in compartment.objects.iter().filter(|object| !is_document(object)) {
        let file = fetch(desk, object).await?;
        let opened = evidence(&mut shown, object, &known, &file, unlocked, &mut taken)?;
        shown.files.push(opened);
        done += object.size;
        desk.wire.progress(done, total);
    }
    Ok(shown)
}

async fn fetch(desk: &Desk, object: &ObjectRef) -> Outcome<Vec<u8>> {
    let file = desk.wire.blob(&object.digest).await?;
    file.ok_or_else(|| Failure::new("object-gone").why(object.digest))
}

/// The words, and the answers if there are any; whatever is no document is shown as it is.
fn take_document(
    shown: &mut Shown,
    object: &ObjectRef,
    file: &[u8],
    unlocked: &Unlocked,
) -> Outcome<Vec<EvidenceFile>> {
    let plain = age::open(&unlocked.identity, file).map_err(|error| altered(object, &error))?;
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
) -> Outcome<ShownFile> {
    let digest = FileDigest(object.digest.0);
    let told = known
        .iter()
        .find_map(|file| file.tells(&digest).map(|(size, is_original)| (file, size, is_original)));
    let mut bytes = open_whole(object, file, unlocked)?;
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
fn open_whole(object: &ObjectRef, file: &[u8], unlocked: &Unlocked) -> Outcome<Zeroizing<Vec<u8>>> {
    // With all room taken at once, no piece of plaintext is left behind where a vector grew.
    let mut all = Zeroizing::new(Vec::with_capacity(file.len()));
    let (mut opener, mut plain) = (Opener::new(&unlocked.identity), Zeroizing::new(Vec::new()));
    for piece in file.chunks(PIECE) {
        opener
            .push(piece, &mut plain)
            .map_err(|error| altered(object, &error))?;
        all.extend_from_slice(&plain);
        plain.clear();
    }
    opener.finish(&mut plain).map_err(|error| altered(object, &error))?;
    all.extend_from_slice(&plain);
    Ok(all)
}

fn altered(object: &ObjectRef, why: &age::AgeError) -> Failure {
    Failure::new("object-altered").why(format!("{}: {why}", object.digest))
}
