//! Sealing and filing: what a declarant, or who helps her, does on a machine of their own (§5). The sealing itself is
//! [`sealing`], as on her page.
//!
//! What is sealed is first written as a package: the filing form and the blobs, all of it ciphertext. The package is
//! then sent, at once or by another way ([`crate::package`]).

use crate::console::Console;
use crate::copies::{CopyReader, plan_of};
use crate::failure::{CliCode, CliError, Outcome};
use crate::follow::Follow;
use crate::language::{said, t};
use crate::package::Package;
use crate::random;
use crate::refuse::not_now;
use casework::admit;
use client::Local;
use protocol::Origin;
use protocol::age::Recipient;
use protocol::http::{FILING_LARGE_MAX, FILING_MAX, Quota};
use protocol::phrase::{CaseKeys, Phrase, PhraseRoot};
use protocol::statement::SealedBy;
use scrub::Plan;
use sealing::{
    Choices, FileInfo, First, SealTarget, SealedEvidence, SealingError, TestimonyInput, TestimonySealer, fits,
    phrase_root, sealed_size,
};
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Bytes read and sealed at once.
const PIECE: usize = 256 * 1024;

/// What becomes of what a file says beside its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// A copy without it is sealed beside each original of which one can be made.
    #[default]
    Beside,
    /// The copy is sealed in the original's place; a file of which none can be made is refused.
    Only,
    /// Originals alone.
    None,
}

/// What is to be sealed, and her choices.
#[derive(Debug, Default)]
pub struct ToSeal {
    /// Her words and flags.
    pub input: TestimonyInput,
    /// Evidence, with the account.
    pub evidence: Vec<PathBuf>,
    /// Copies without metadata.
    pub copies: Copies,
    /// Her choices.
    pub choices: Choices,
    /// The filing of the same words to which it adds: its choices and its seats hold instead of [`Self::choices`].
    pub first: Option<First>,
    /// Upload codes for an addition that is too large without, in the order in which they are tried (§5.2).
    pub codes: Vec<Quota>,
    /// The inbox of other words, which gets the second greeting (§9.2).
    pub second: Option<Recipient>,
}

/// Root of a phrase: Argon2id, 64 MiB.
///
/// # Errors
/// Exit 6 when this machine cannot allocate.
pub fn derive(phrase: &Phrase, origin: &Origin) -> Outcome<PhraseRoot> {
    phrase_root(phrase, origin).map_err(sealing_failure)
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

/// Seals a testimony into a package in `folder`, for case `case` of a phrase; `refused`: how many of its upload codes the service
/// did not take.
///
/// # Errors
/// Exit 4 when the council or the log does not allow it, exit 2 for content that is too much; storage.
pub fn seal_into(
    follow: &Follow,
    case: &CaseKeys,
    (to_seal, refused): (&ToSeal, usize),
    folder: &Path,
    console: &Console,
) -> Outcome<Package> {
    let (log, rng) = (follow.log(), &mut random::system());
    let moment = log.moment_of_any_age()?.0;
    let record = admit::filing(log.registry(), &moment).map_err(|no| not_now(t!("seal to this council"), &no))?;
    let target = SealTarget::of(&follow.trust().root, log.registry(), record).map_err(sealing_failure)?;
    let mut sealer = match &to_seal.first {
        Some(first) => TestimonySealer::adding(target, case.copy(), first, rng),
        None => TestimonySealer::begin(target, case.copy(), to_seal.choices.clone(), rng).map_err(sealing_failure)?,
    };
    if let Some(second) = &to_seal.second {
        sealer.greet(second.clone());
    }
    let mut package = Package::begin(folder)?;
    let code = to_seal.codes.get(refused).copied();
    let filled = fill(&mut package, sealer, (to_seal, code), follow.remote().now(), console);
    match filled {
        Ok(()) => Ok(package),
        Err(failure) => {
            package.discard()?;
            Err(failure)
        }
    }
}

/// Writes all of it into the package; `device`: the time by this machine, POSIX seconds.
fn fill(
    package: &mut Package,
    mut sealer: TestimonySealer,
    (to_seal, code): (&ToSeal, Option<Quota>),
    device: u64,
    console: &Console,
) -> Outcome<()> {
    let mut files = Vec::with_capacity(to_seal.evidence.len());
    for path in &to_seal.evidence {
        files.push(Evidence::look_at(path, to_seal.copies, console)?);
    }
    let sizes: Vec<u64> = files.iter().flat_map(Evidence::sizes).collect();
    let read = sizes.iter().fold(0u64, |sum, size| sum.saturating_add(*size));
    let sealed = sizes
        .iter()
        .fold(0u64, |sum, size| sum.saturating_add(sealed_size(*size)));
    let is_large = !fits(&sizes, FILING_MAX) && fits(&sizes, FILING_LARGE_MAX);
    match code.filter(|_| is_large) {
        Some(code) => {
            console.note(t!(
                "an upload code that a seat sent is used: the operator sees that somebody whom a seat has answered adds to a \
                 filing, not who, to which, or what"
            ));
            sealer.enlarge(code);
        }
        None if sealed > FILING_MAX => return Err(too_much(code.map_or(FILING_MAX, |_| FILING_LARGE_MAX))),
        None => {}
    }
    let mut progress = console.progress("sealing", read);
    for file in &files {
        file.seal(&mut sealer, package, &mut |bytes| progress.advance(bytes))?;
    }
    let sealed = sealer.seal(&to_seal.input, device, SealedBy::Cli, &mut random::system());
    let sealed = sealed.map_err(sealing_failure)?;
    for (digest, bytes) in sealed.blobs() {
        package.add(&digest, bytes)?;
    }
    package.finish(sealed.form().clone())
}

fn too_much(max: u64) -> CliError {
    CliError::usage(t!("the evidence is more than the {} MiB that a filing holds", max >> 20))
        .why(t!("one filing is sent and kept as a whole"))
        .remedy(t!(
            "file it in parts, each with its own account; or add it to a filing (--parent) after a seat has sent an upload code, \
             for 2 GiB at once"
        ))
}

/// A file of evidence, before it is sealed.
struct Evidence<'a> {
    path: &'a Path,
    /// Bytes of the original, where it is sealed.
    original: Option<u64>,
    /// The copy without metadata.
    copy: Option<Plan>,
}

impl<'a> Evidence<'a> {
    /// Reads what a copy is made from; nothing is sealed yet.
    fn look_at(path: &'a Path, copies: Copies, console: &Console) -> Outcome<Self> {
        let size = size_of(path)?;
        let copy = match copies {
            Copies::None => Err(None),
            Copies::Beside | Copies::Only => plan_of(path, size).map_err(Some),
        };
        let (original, copy) = match (copies, copy) {
            (Copies::Only, Ok(copy)) => (None, Some(copy)),
            (_, Ok(copy)) => (Some(size), Some(copy)),
            (_, Err(None)) => (Some(size), None),
            (Copies::Only, Err(Some(why))) => {
                return Err(
                    CliError::usage(t!("of {} no copy without metadata can be made", path.display()))
                        .why(why)
                        .remedy(t!(
                            "nothing was sealed; leave it out, or seal originals with `--copies beside`"
                        )),
                );
            }
            (_, Err(Some(why))) => {
                console.warn(&t!(
                    "{}: {}; it is sealed with all that it says",
                    path.display(),
                    said(&why.to_string())
                ));
                (Some(size), None)
            }
        };
        Ok(Self { path, original, copy })
    }

    fn sizes(&self) -> impl Iterator<Item = u64> {
        let copy = self.copy.as_ref().map(Plan::size);
        [self.original, copy].into_iter().flatten()
    }

    /// Seals it straight into the package: the original bit for bit, then the copy; `seen` is called with the bytes that were read.
    fn seal(&self, sealer: &mut TestimonySealer, package: &mut Package, seen: &mut dyn FnMut(u64)) -> Outcome<()> {
        let unread = |error| CliError::file("read", self.path, &error);
        if let Some(size) = self.original {
            let mut source = File::open(self.path).map_err(unread)?;
            let sealed = seal_stream(sealer, self.path, &mut source, size, package, seen)?;
            sealer.add_evidence(sealed);
        }
        if let Some(copy) = &self.copy {
            let mut source = CopyReader::open(self.path, copy).map_err(unread)?;
            let sealed = seal_stream(sealer, self.path, &mut source, copy.size(), package, seen)?;
            match self.original {
                Some(_) => sealer.add_copy(sealed).map_err(sealing_failure)?,
                None => sealer.add_evidence(sealed),
            }
        }
        Ok(())
    }
}

/// Bytes of a file of evidence.
fn size_of(path: &Path) -> Outcome<u64> {
    let meta = std::fs::metadata(path).map_err(|error| CliError::file("read", path, &error))?;
    if !meta.is_file() {
        return Err(CliError::usage(t!("{} is not a file", path.display()))
            .why(t!("evidence is sealed file by file"))
            .remedy(t!("give the files in it")));
    }
    Ok(meta.len())
}

/// Seals `size` bytes of a source; `path` is where they came from.
fn seal_stream(
    sealer: &TestimonySealer,
    path: &Path,
    source: &mut dyn Read,
    size: u64,
    package: &mut Package,
    seen: &mut dyn FnMut(u64),
) -> Outcome<SealedEvidence> {
    let unwritable = |error: std::io::Error| {
        CliError::new(CliCode::File, t!("the package cannot be written"))
            .why(error)
            .remedy(t!("nothing was sent; make room and run it again"))
    };
    let refused = |error| match error {
        SealingError::FileChanged => CliError::usage(t!("{} changed while it was sealed", path.display()))
            .why(t!("it does not hold the {} bytes that it held at first", size))
            .remedy(t!("nothing was sent; run it again once the file is complete")),
        other => sealing_failure(other),
    };
    let mut file = package.scratch()?;
    let info = FileInfo {
        name: path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        media_type: media_type(path).to_owned(),
        date: String::new(),
        size,
    };
    let mut out = Vec::new();
    let mut evidence = sealer
        .begin_evidence(info, &mut out, &mut random::system())
        .map_err(refused)?;
    let mut piece = Zeroizing::new(vec![0u8; PIECE]);
    loop {
        let count = source
            .read(&mut piece)
            .map_err(|error| CliError::file("read", path, &error))?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        evidence.push(bytes, &mut out).map_err(refused)?;
        file.write_all(&out).map_err(unwritable)?;
        out.clear();
        seen(bytes.len() as u64);
    }
    let sealed = evidence.finish(&mut out).map_err(refused)?;
    file.write_all(&out).map_err(unwritable)?;
    package.keep(file, &sealed.digest())?;
    Ok(sealed)
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
        "3gp" => "video/3gpp",
        "webm" => "video/webm",
        "mkv" => "video/x-matroska",
        "aac" => "audio/aac",
        "amr" => "audio/amr",
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

fn sealing_failure(error: SealingError) -> CliError {
    let unsent = t!("nothing was sealed or sent");
    match error {
        SealingError::Memory => CliError::new(
            CliCode::Memory,
            t!("the eight words need 64 MiB of memory, which this machine did not give"),
        )
        .why(t!(
            "so much is needed so that guessing the words is as slow for everybody"
        ))
        .remedy(t!("close other programs and run it again; nothing was lost")),
        SealingError::Greeting => CliError::new(
            CliCode::NoGreeting,
            t!("the log has no greeting yet, without which nothing is sealed"),
        )
        .why(t!("the log's operator has not begun it"))
        .remedy(t!("nothing was sealed; try again later")),
        SealingError::Council => CliError::new(CliCode::CouncilRule, t!("the council breaks a rule"))
            .why(error)
            .remedy(t!("nothing was sent; tell the operator")),
        SealingError::Stranger(x) => CliError::usage(t!("the council has no seat {}", x))
            .why(t!("--leave-out names a seat of the current council by its number"))
            .remedy(t!("`resguardo council show` lists the seats")),
        SealingError::Seats { need } => CliError::new(Local::TooFewSeats, t!("too many seats are left out"))
            .why(t!(
                "at least {} seats must get a share, so that losing one does not lose the testimony",
                need
            ))
            .remedy(t!("leave fewer seats out")),
        other => CliError::usage(t!("it cannot be sealed so")).why(other).remedy(unsent),
    }
}
