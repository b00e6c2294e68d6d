//! Sealing and filing: what a declarant, or who helps her, does on a machine of their own (§5).
//!
//! What is sealed is first written as a package: the filing form and the blobs, all of it ciphertext. The package is
//! then sent, at once or by another way ([`crate::package`]).

use crate::console::Console;
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::t;
use crate::package::{NO_WORK, Package};
use crate::random;
use crate::refuse::not_now;
use casework::admit;
use casework::registry::CouncilRecord;
use client::{First, Local};
use protocol::age::stream::Sealer;
use protocol::age::{self, pad::evidence_size};
use protocol::ids::{Day, MemberNumber};
use protocol::phrase::{CaseKeys, Phrase, PhraseRoot};
use protocol::seal::{CompartmentKey, OBJECTS_MAX, Posting, SealError, SealRequest, seal};
use protocol::share::file::Flags;
use protocol::statement::{
    AccessPolicy, Compartment, ConsentChoice, Council, ObjectKind, ObjectRef, SealedBy, Use, WithdrawChoice,
};
use protocol::{Digest, Envelope, Origin};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use testimony::{Document, EvidenceFile, FileDigest};
use zeroize::Zeroizing;

/// Bytes read and sealed at once.
const PIECE: usize = 256 * 1024;
/// Largest filing in bytes (§5.2).
pub const FILING_MAX: u64 = 64 * 1024 * 1024;
/// What documents and headers may take of it.
const HEADROOM: u64 = 1024 * 1024;

/// What is to be sealed, and her choices.
#[derive(Debug)]
pub struct Telling {
    /// What happened.
    pub account: Zeroizing<String>,
    /// Who she is.
    pub identity: Option<Zeroizing<String>>,
    /// Evidence, with the account.
    pub evidence: Vec<PathBuf>,
    /// The two flags.
    pub flags: Flags,
    /// Seats that must not get a share.
    pub leave_out: Vec<MemberNumber>,
    /// Who opens it.
    pub consent: ConsentChoice,
    /// What it may be used for, ascending.
    pub allowed: Vec<Use>,
    /// She wishes to be asked only once so many accounts name the same person.
    pub ask_me_after: Option<u32>,
    /// Next step of the log.
    pub soon: bool,
    /// Days for which messages to her are kept.
    pub inbox_days: u32,
    /// How it can be withdrawn.
    pub withdraw: WithdrawChoice,
    /// The filing of the same words to which it adds: its choices and its seats hold instead of those above.
    pub first: Option<First>,
    /// The inbox of other words, which gets the second greeting (§9.2).
    pub second: Option<age::Recipient>,
}

/// Root  a phrase: Argon2id, 64 MiB.
///
/// # Errors
/// Exit 6 when this machine cannot allocate.
pub fn derive(phrase: &Phrase, origin: &Origin) -> Outcome<PhraseRoot> {
    phrase.root(origin).ok_or_else(|| {
        CliError::new(
            CliCode::Memory,
            t!("the eight words need 64 MiB of memory, which this machine did not give"),
        )
        .why(t!(
            "so much is needed so that guessing the words is as slow for everybody"
        ))
        .remedy(t!("close other programs and run it again; nothing was lost"))
    })
}

/// The lowest case number of a phrase, from `from` on, whose filing is not in the log.
pub fn free_case(follow: &Follow, root: &PhraseRoot, from: u32) -> (u32, CaseKeys) {
    let mut c = from;
    loop {
        let case = root.case(c);
        if !follow.log().fold().slots().is_taken(&case.case_salt, 0) {
            return (c, case);
        }
        c += 1;
    }
}

/// Seals a testimony into a package in `folder`, for case `case` of a phrase.
///
/// # Errors
/// Exit 4 when the council or the log does not allow it, exit 2 for content that is too much; storage.
pub fn seal_into(
    follow: &Follow,
    case: &CaseKeys,
    telling: &Telling,
    folder: &Path,
    console: &Console,
) -> Outcome<Package> {
    let moment = follow.log().moment_of_any_age()?.0;
    let record =
        admit::filing(follow.log().registry(), &moment).map_err(|no| not_now(t!("seal to this council"), &no))?;
    let greeting = follow.log().registry().greeting().ok_or_else(|| {
        CliError::new(
            CliCode::NoGreeting,
            t!("the log has no greeting yet, without which nothing is sealed"),
        )
        .why(t!("the log's operator has not begun it"))
        .remedy(t!("nothing was sealed; try again later"))
    })?;
    let seats = match &telling.first {
        Some(first) => first.seats.clone(),
        None => seats_dealt_to(record, &telling.leave_out)?,
    };
    let mut package = Package::begin(folder)?;
    let filled = Sealing {
        follow,
        case,
        telling,
        record,
        greeting,
        seats: &seats,
        day: Day::of(moment.time()),
    }
    .fill(&mut package, console);
    match filled {
        Ok(()) => Ok(package),
        Err(failure) => {
            package.discard()?;
            Err(failure)
        }
    }
}

/// One sealing, once the log allows it.
struct Sealing<'a> {
    follow: &'a Follow,
    case: &'a CaseKeys,
    telling: &'a Telling,
    record: &'a CouncilRecord,
    greeting: &'a Envelope,
    seats: &'a [MemberNumber],
    day: Day,
}

impl Sealing<'_> {
    /// Writes all of it into the package.
    fn fill(&self, package: &mut Package, console: &Console) -> Outcome<()> {
        let (telling, origin) = (self.telling, self.follow.trust().origin());
        let council: &Council = self.record;
        let policy = match &telling.first {
            Some(first) => first.policy.clone(),
            None => AccessPolicy {
                withdraw: telling.withdraw,
                inbox_days: telling.inbox_days,
                allowed: telling.allowed.clone(),
                ask_me_after: telling.ask_me_after,
                ..AccessPolicy::new(telling.consent, council, self.seats.len())
            },
        };
        let keep = policy.inbox_days;
        let compartments = self.compartments(&policy, package, console)?;
        let request = SealRequest {
            origin,
            council,
            council_digest: self.record.digest(),
            seats: self.seats,
            day: self.day,
            policy,
            flags: telling.flags,
            sealed_by: SealedBy::Cli,
            parent: telling.first.as_ref().map(|first| first.parent(self.case)),
            greeting: self.greeting,
            second_inbox: telling.second.as_ref(),
        };
        let sealed = seal(&request, self.case, compartments, &mut random::system()).map_err(seal_failure)?;
        for (digest, bytes) in sealed.blobs() {
            package.add(&digest, bytes)?;
        }
        let posting = Posting {
            b: self.follow.log().registry().drop_depth(),
            keep,
            soon: telling.soon,
            quota: None,
            work: NO_WORK,
        };
        package.finish(sealed.filing_form(origin, posting))
    }

    fn compartments(
        &self,
        policy: &AccessPolicy,
        package: &mut Package,
        console: &Console,
    ) -> Outcome<Vec<CompartmentKey>> {
        let (council, case, seats, telling): (&Council, _, _, _) = (self.record, self.case, self.seats, self.telling);
        let apart = [telling.identity.is_some(), policy.t_lapse.is_some()];
        if telling.evidence.len() + 1 + apart.into_iter().filter(|is| *is).count() > OBJECTS_MAX {
            return Err(seal_failure(SealError::Objects));
        }
        if seats.len() < usize::from(council.identity) + 1 {
            return Err(seal_failure(SealError::Seats {
                need: usize::from(council.identity) + 1,
            }));
        }
        let draw =
            |name, threshold| CompartmentKey::draw(name, threshold, policy.open, case, seats, &mut random::system());
        let mut account = draw(Compartment::Account, council.account);
        let files = evidence(&mut account, &telling.evidence, package, console)?;
        let document = Document {
            text: telling.account.to_string(),
            files,
            ..Document::default()
        };
        set_document(&mut account, &document)?;
        let mut all = vec![account];
        if let Some(text) = &telling.identity {
            let mut identity = draw(Compartment::Identity, council.identity);
            set_document(
                &mut identity,
                &Document {
                    text: text.to_string(),
                    ..Document::default()
                },
            )?;
            all.push(identity);
        }
        Ok(all)
    }
}

fn seats_dealt_to(council: &Council, leave_out: &[MemberNumber]) -> Outcome<Vec<MemberNumber>> {
    if let Some(stranger) = leave_out.iter().find(|x| council.seat(**x).is_none()) {
        return Err(CliError::usage(t!("the council has no seat {}", stranger))
            .why(t!("--leave-out names a seat of the current council by its number"))
            .remedy(t!("`resguardo council show` lists the seats")));
    }
    Ok(council
        .seats
        .iter()
        .map(|seat| seat.x)
        .filter(|x| !leave_out.contains(x))
        .collect())
}

fn set_document(key: &mut CompartmentKey, document: &Document) -> Outcome<()> {
    let json = document.to_json().map_err(|error| {
        CliError::usage(t!("the text cannot be sealed"))
            .why(error)
            .remedy(t!("shorten it, or file it in parts"))
    })?;
    key.set_document(&json, &mut random::system()).map_err(seal_failure)
}

/// Seals evidence as streams, each straight from its file into the package.
fn evidence(
    key: &mut CompartmentKey,
    paths: &[PathBuf],
    package: &mut Package,
    console: &Console,
) -> Outcome<Vec<EvidenceFile>> {
    let mut sizes = Vec::new();
    for path in paths {
        let meta = std::fs::metadata(path).map_err(|error| CliError::file("read", path, &error))?;
        if !meta.is_file() {
            return Err(CliError::usage(t!("{} is not a file", path.display()))
                .why(t!("evidence is sealed file by file"))
                .remedy(t!("give the files in it")));
        }
        sizes.push(meta.len());
    }
    let total = sizes.iter().map(|size| sealed_len(*size)).sum::<u64>() + HEADROOM;
    if total > FILING_MAX {
        return Err(CliError::usage(t!(
            "the evidence has {} MiB; a filing holds {} MiB",
            total.div_ceil(1 << 20),
            FILING_MAX >> 20
        ))
        .why(t!("one filing is sent and kept as a whole"))
        .remedy(t!("file it in parts, each with its own account")));
    }
    let mut progress = console.progress("sealing", sizes.iter().sum());
    let mut files = Vec::new();
    for (path, size) in paths.iter().zip(sizes) {
        files.push(seal_file(key, path, size, package, &mut |bytes| {
            progress.advance(bytes)
        })?);
    }
    Ok(files)
}

/// Bytes of the age file that a piece of evidence becomes.
fn sealed_len(size: u64) -> u64 {
    usize::try_from(evidence_size(size)).map_or(u64::MAX / 64, |size| age::sealed_len(size, 1) as u64)
}

/// Seals one file, bit for bit, filled with zeros to its Padmé size.
fn seal_file(
    key: &mut CompartmentKey,
    path: &Path,
    size: u64,
    package: &mut Package,
    seen: &mut dyn FnMut(u64),
) -> Outcome<EvidenceFile> {
    let unreadable = |error: std::io::Error| CliError::file("read", path, &error);
    let mut source = File::open(path).map_err(unreadable)?;
    let (mut plain_hash, mut sealed_hash) = (Sha256::new(), Sha256::new());
    let (mut file, mut sealed_size) = (package.scratch()?, 0u64);
    let (mut sealer, mut out) = Sealer::new(key.recipient(), &mut random::system());
    let mut emit = |out: &mut Vec<u8>| -> std::io::Result<()> {
        sealed_hash.update(&*out);
        sealed_size += out.len() as u64;
        file.write_all(out)?;
        out.clear();
        Ok(())
    };
    let unwritable = |error: std::io::Error| {
        CliError::new(CliCode::File, t!("the package cannot be written"))
            .why(error)
            .remedy(t!("nothing was sent; make room and run it again"))
    };
    let mut piece = Zeroizing::new(vec![0u8; PIECE]);
    let mut read = 0u64;
    loop {
        let count = source.read(&mut piece).map_err(unreadable)?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        plain_hash.update(bytes);
        sealer.push(bytes, &mut out);
        emit(&mut out).map_err(unwritable)?;
        read += bytes.len() as u64;
        seen(bytes.len() as u64);
    }
    if read != size {
        return Err(CliError::usage(t!("{} changed while it was sealed", path.display()))
            .why(t!("{} of {} bytes were read", read, size))
            .remedy(t!("nothing was sent; run it again once the file is complete")));
    }
    let zeros = vec![0u8; PIECE];
    let mut padding = evidence_size(size) - size;
    while padding > 0 {
        let now = padding.min(PIECE as u64);
        sealer.push(zeros.get(..now as usize).unwrap_or_default(), &mut out);
        emit(&mut out).map_err(unwritable)?;
        padding -= now;
    }
    sealer.finish(&mut out);
    emit(&mut out).map_err(unwritable)?;
    let object = Digest(sealed_hash.finalize().into());
    package.keep(file, &object)?;
    key.add_evidence(ObjectRef {
        digest: object,
        size: sealed_size,
        kind: ObjectKind::Evidence,
    });
    Ok(EvidenceFile {
        object: FileDigest(object.0),
        copy: None,
        size,
        copy_size: None,
        sha256: FileDigest(plain_hash.finalize().into()),
        name: file_name(path),
        date: None,
        media_type: media_type(path).to_owned(),
    })
}

/// The file's own name, at most 255 bytes with its ending.
fn file_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match testimony::shortened(&name, 255) {
        name if name.is_empty() => "file".to_owned(),
        name => name,
    }
}

/// Media type by the name's extension; the reader sees it as what she said, not as truth.
fn media_type(path: &Path) -> &'static str {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("")
        .to_ascii_lowercase();
    match extension.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "heic" => "image/heic",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

fn seal_failure(error: SealError) -> CliError {
    match error {
        SealError::Council(_) => CliError::new(CliCode::CouncilRule, t!("the council breaks a rule"))
            .why(error)
            .remedy(t!("nothing was sealed; tell the operator")),
        SealError::Seats { need } => CliError::new(Local::TooFewSeats, t!("too many seats are left out"))
            .why(t!(
                "at least {} seats must get a share, so that losing one does not lose the testimony",
                need
            ))
            .remedy(t!("leave fewer seats out")),
        other => CliError::usage(t!("it cannot be sealed so"))
            .why(other)
            .remedy(t!("nothing was sealed or sent")),
    }
}
