//! An opened testimony, in the page's memory only: it is shown by the page and gone with it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use casework::Filed;
use casework::open::{BadShare, Breach, PartSource};
use client::content::{self, Files, ObjectFault, OpenedContent, OpenedFile};
use client::{Code, Failure, Local, Outcome, Reader};
use protocol::ids::MemberNumber;
use protocol::statement::{Compartment, ObjectRef};
use protocol::{CaseId, Digest};
use serde::Serialize;
use zeroize::Zeroizing;

/// A file of an opened compartment.
pub struct ShownFile {
    /// Its name.
    pub name: String,
    /// As her device told it.
    pub media_type: String,
    /// Whether it is a copy that her device made for reading.
    pub is_copy: bool,
    /// Whether size and SHA-256 are those that the document tells.
    pub is_as_told: bool,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// An opened compartment.
pub struct ShownCompartment {
    /// The case.
    pub case: CaseId,
    /// The request.
    pub request: Digest,
    /// Which compartment.
    pub name: Compartment,
    /// Words, remarks, and what is not there.
    pub content: OpenedContent,
    /// Its files.
    pub files: Vec<ShownFile>,
    /// Seats that have signed for a bad share.
    pub bad: Vec<MemberNumber>,
    /// Where P came from, if it needed P.
    pub part: Option<PartSource>,
}

/// What opening gave, beside the content.
#[derive(Debug, Serialize)]
pub struct Opened {
    /// Acts that should stand in the log and do not.
    breaches: Vec<Breach>,
    /// Compartments that stay closed, with release files at hand and needed.
    closed: Vec<(Compartment, usize, u8)>,
    /// Compartments that enough seats have released, and that stay closed without her consent.
    lacking_part: Vec<Compartment>,
    /// Good shares of a key that is not the one in the header.
    useless: Vec<Compartment>,
    /// Bad shares, with the seats that signed for them.
    bad: Vec<BadShare>,
    /// Bad files that no seat has signed for: they say nothing of any seat.
    unsigned: usize,
    /// Objects that did not come or do not open.
    unopened: usize,
    /// The act `opened`, unless the log has one already, or lacks the request.
    filed: Option<Filed>,
}

/// Opens what was released for a request: fetches, unsigned, the sealed objects that are not here; files `opened`, signed; only then opens the
/// content. What does not come is named, and the request's key is kept until everything is there.
///
/// # Errors
/// As [`Reader::try_open`]; [`Local::ObjectsMissing`] when no object came, and nothing was filed; the network.
pub async fn open(
    reader: &mut Reader,
    opened: &mut Vec<ShownCompartment>,
    id: &CaseId,
    request: &Digest,
    even_so: bool,
) -> Outcome<Opened> {
    let opening = reader.try_open(id, request, even_so).await?;
    let fetched = fetch(reader, &reader.objects(id, &opening)?).await;
    if !fetched.is_empty() && fetched.values().all(Result::is_err) {
        return Err(Failure::new(Local::ObjectsMissing));
    }
    let filed = match reader.opened(id, request, opening.outcome, even_so)? {
        Some(draft) => match reader.file(&draft).await {
            Ok(filed) => Some(filed),
            Err(failure) => {
                keep(reader, fetched);
                return Err(failure);
            }
        },
        None => None,
    };
    let (mut unopened, mut may_pass) = (0, false);
    for unlocked in &opening.combined.unlocked {
        let core = &reader.member().case(id)?.core;
        let compartment = core
            .compartment(unlocked.name)
            .ok_or_else(|| Failure::bug("an unlocked compartment that the header does not have"))?;
        let mut memory = InMemory {
            fetched: &fetched,
            files: Vec::new(),
        };
        let content = content::open((&**core, compartment), unlocked, &mut memory, &mut BTreeSet::new())?;
        let bad = opening.combined.bad.iter().filter(|bad| bad.name == unlocked.name);
        let shown = ShownCompartment {
            case: *id,
            request: *request,
            name: unlocked.name,
            files: memory.files,
            content,
            bad: bad.map(|bad| bad.x).collect(),
            part: opening.combined.part,
        };
        unopened += shown.content.unopened.len();
        may_pass |= shown.content.unopened.iter().any(|unopened| unopened.fault.may_pass());
        opened.retain(|known| (known.request, known.name) != (*request, unlocked.name));
        opened.push(shown);
    }
    reader.finish(id, request, &opening, may_pass)?;
    Ok(Opened {
        breaches: opening.breaches,
        closed: opening.combined.closed,
        lacking_part: opening.combined.lacking_part,
        useless: opening.combined.useless,
        bad: opening.combined.bad,
        unsigned: opening.combined.unsigned,
        unopened,
        filed,
    })
}

/// Sealed objects by digest, or why they did not come.
type Fetched = BTreeMap<Digest, Result<Vec<u8>, ObjectFault>>;

/// Fetches sealed objects, each on its own.
async fn fetch(reader: &Reader, objects: &[ObjectRef]) -> Fetched {
    let wire = reader.member().wire();
    let total: u64 = content::in_memory(objects).map(|object| object.size).sum();
    let (mut fetched, mut done) = (Fetched::new(), 0);
    let held: BTreeSet<Digest> = content::in_memory(objects).map(|object| object.digest).collect();
    for object in objects {
        if !held.contains(&object.digest) {
            fetched.insert(object.digest, Err(ObjectFault::TooLarge));
            continue;
        }
        let file = match wire.blob(&object.digest).await {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(ObjectFault::Missing),
            Err(failure) if failure.code == Local::DigestDiffers => Err(ObjectFault::Altered),
            Err(_) => Err(ObjectFault::Unreachable),
        };
        fetched.insert(object.digest, file);
        done += object.size;
        wire.progress(done, total);
    }
    fetched
}

/// What was fetched stays for another try.
fn keep(reader: &Reader, fetched: Fetched) {
    for (digest, file) in fetched {
        if let Ok(file) = file {
            reader.member().wire().keep(digest, file);
        }
    }
}

struct InMemory<'a> {
    fetched: &'a Fetched,
    files: Vec<ShownFile>,
}

impl Files for InMemory<'_> {
    type File = Plain;
    type Error = Failure;

    fn sealed(&self, object: &ObjectRef) -> Outcome<Result<Box<dyn io::Read + '_>, ObjectFault>> {
        Ok(match self.fetched.get(&object.digest) {
            Some(Ok(file)) => Ok(Box::new(file.as_slice())),
            Some(Err(fault)) => Err(*fault),
            None => Err(ObjectFault::Missing),
        })
    }

    fn create(&self, size: u64) -> Outcome<Plain> {
        let room = usize::try_from(size).map_err(|_| Failure::new(Local::Store))?;
        // With all room taken at once, no piece of plaintext is left behind where a vector grew.
        Ok(Plain(Zeroizing::new(Vec::with_capacity(room))))
    }

    fn keep(&mut self, file: Plain, about: OpenedFile<'_>) -> Outcome<()> {
        self.files.push(ShownFile {
            name: about.name.to_owned(),
            media_type: about.told.map(|told| told.media_type.clone()).unwrap_or_default(),
            is_copy: about.is_copy,
            is_as_told: about.is_as_told,
            bytes: file.0,
        });
        Ok(())
    }

    fn trouble(&self, error: io::Error) -> Failure {
        Failure::new(Code::Local(Local::Store)).why(error)
    }
}

/// A file in memory, wiped when it goes.
struct Plain(Zeroizing<Vec<u8>>);

impl io::Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
