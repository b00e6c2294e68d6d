//! What was opened and what the log says of it, in a form that reports are made from: `open` leaves it beside the
//! content as `record.json`, the desk holds it in memory.

use casework::Case;
use casework::case::{Act, Body, Standing};
use casework::registry::Registry;
use law::Library;
use protocol::ids::Origin;
use protocol::statement::{Compartment, Core, CouncilMember};
use protocol::{Digest, MemberNumber};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testimony::EvidenceFile;

use crate::words;

/// Her answers to the form, by the name of the field.
pub type Answers = BTreeMap<String, Value>;

/// Everything that a report may say of the testimony and of the acts on it, but not its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    /// 1.
    pub v: u32,
    /// The log's name.
    pub origin: Origin,
    /// Case code.
    pub code: String,
    /// D(request), under which it was opened.
    pub request: Digest,
    /// What the reader asked for, as the request says.
    pub purpose: Option<String>,
    /// Its legal basis, as the request says.
    pub basis: Option<String>,
    /// Checkpoint time up to which the log was read, POSIX seconds, and its size.
    pub read_to: (u64, u64),
    /// Index and checkpoint time of the filing.
    pub filed: (u64, u64),
    /// SHA-256 of the entry of the filing.
    pub entry: Digest,
    /// D(testimony).
    pub testimony: Digest,
    /// D of the council that it was sealed to.
    pub council: Digest,
    /// SHA-256 of the header file.
    pub header: Option<Digest>,
    /// Who may hold and who may read.
    pub members: Vec<MemberRecord>,
    /// Compartments that were opened, with the SHA-256 of their words.
    pub words: Vec<(Compartment, Digest)>,
    /// The same for her answers: SHA-256 of their JSON, names in order, without blanks.
    pub answers: Vec<(Compartment, Digest)>,
    /// Sealed objects of what was opened: compartment, kind in Spanish, digest, bytes.
    pub objects: Vec<(Compartment, String, Digest, u64)>,
    /// Evidence, as the document tells it.
    pub files: Vec<FileLine>,
    /// Every act, in log order.
    pub acts: Vec<ActLine>,
    /// What was not as it should be when it was opened.
    pub remarks: Vec<String>,
}

/// A member of the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRecord {
    /// Number.
    pub x: MemberNumber,
    /// Institution.
    pub institution: String,
    /// Where.
    pub jurisdiction: String,
    /// Reads; otherwise it holds a seat.
    pub is_reader: bool,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLine {
    /// Its name on her device.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes of the original.
    pub size: u64,
    /// SHA-256 of the original, as she sealed it.
    pub sha256: String,
    /// Its date, as her device tells it.
    pub date: Option<String>,
    /// Digest of the sealed original.
    pub object: String,
    /// Digest of the sealed copy without metadata.
    pub copy: Option<String>,
}

/// An act in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActLine {
    /// Slot.
    pub k: u32,
    /// Index in the log.
    pub index: u64,
    /// Checkpoint time, POSIX seconds.
    pub time: u64,
    /// D of its statement; nothing where nobody shows it.
    pub statement: Option<Digest>,
    /// Who signed: a member's number, or nothing for her or for a gap.
    pub author: Option<MemberNumber>,
    /// What it says, in Spanish; of assistance without the measure.
    pub says: Option<String>,
    /// Of assistance the measure, by its id in the law files or behind `x-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Whether it counts.
    pub counts: bool,
}

/// An opened compartment.
pub struct OpenedText<'a> {
    /// Which.
    pub name: Compartment,
    /// Her words; only their digest is kept.
    pub text: &'a str,
    /// Her answers; only their digest is kept.
    pub answers: &'a Answers,
    /// What the document tells of each piece of evidence.
    pub files: &'a [EvidenceFile],
}

/// What a record is made from.
pub struct RecordSource<'a> {
    /// The acts, judged.
    pub case: &'a Case,
    /// The header.
    pub core: &'a Core,
    /// Councils.
    pub registry: &'a Registry,
    /// Under which request.
    pub request: Digest,
    /// Checkpoint time up to which the log was read, POSIX seconds, and its size.
    pub read_to: (u64, u64),
    /// What was opened.
    pub documents: &'a [OpenedText<'a>],
    /// What was not as it should be.
    pub remarks: Vec<String>,
}

impl CaseRecord {
    /// Gathers it.
    #[must_use]
    pub fn of(source: RecordSource<'_>) -> Self {
        let (case, facts) = (source.case, source.case.facts());
        let asked = case.request(&source.request).map(|state| &state.request);
        let is_open = |name: Compartment| source.documents.iter().any(|words| words.name == name);
        let opened = source
            .core
            .compartments
            .iter()
            .filter(|compartment| is_open(compartment.name));
        let objects = opened.flat_map(|compartment| {
            let object = |object: &protocol::statement::ObjectRef| {
                let kind = words::object(object.kind).to_owned();
                (compartment.name, kind, object.digest, object.size)
            };
            compartment.objects.iter().map(object).collect::<Vec<_>>()
        });
        let mut acts: Vec<ActLine> = case.acts().map(line).collect();
        acts.sort_by_key(|act| act.index);
        Self {
            v: 1,
            origin: source.registry.origin().clone(),
            code: case.id().code(),
            request: source.request,
            purpose: asked.map(|request| request.purpose.clone()),
            basis: asked.map(|request| request.basis.clone()),
            read_to: source.read_to,
            filed: (case.filed().index, case.filed().included_at),
            entry: facts.entry,
            testimony: facts.testimony,
            council: facts.council,
            header: facts.header_file,
            members: members(source.registry, &facts.council),
            words: source
                .documents
                .iter()
                .map(|words| (words.name, Digest::of(words.text.as_bytes())))
                .collect(),
            answers: source
                .documents
                .iter()
                .map(|words| (words.name, digest(words.answers)))
                .collect(),
            objects: objects.collect(),
            files: source
                .documents
                .iter()
                .flat_map(|words| words.files)
                .map(file)
                .collect(),
            acts,
            remarks: source.remarks,
        }
    }

    /// Whether a compartment was opened.
    #[must_use]
    pub fn is_open(&self, name: Compartment) -> bool {
        self.words.iter().any(|(opened, _)| *opened == name)
    }

    /// Whether this is the account that was opened, by its SHA-256.
    #[must_use]
    pub fn holds(&self, account: &str) -> bool {
        self.words
            .contains(&(Compartment::Account, Digest::of(account.as_bytes())))
    }

    /// Whether these are the answers of the account that was opened.
    #[must_use]
    pub fn holds_answers(&self, answers: &Answers) -> bool {
        self.answers.contains(&(Compartment::Account, digest(answers)))
    }

    /// The institution of a member.
    #[must_use]
    pub fn institution(&self, x: MemberNumber) -> Option<&str> {
        let member = self.members.iter().find(|member| member.x == x);
        member.map(|member| member.institution.as_str())
    }
}

fn digest(answers: &Answers) -> Digest {
    Digest::of(json!(answers).to_string().as_bytes())
}

/// Of the council sealed to, and of the one in force: a reader may have come later.
fn members(registry: &Registry, sealed_to: &Digest) -> Vec<MemberRecord> {
    let councils = [registry.council(sealed_to), registry.current()];
    let mut members: Vec<MemberRecord> = Vec::new();
    for council in councils.into_iter().flatten() {
        let seats = council.seats.iter().map(|seat| member(seat, false));
        let readers = council.readers.iter().map(|reader| member(reader, true));
        for member in seats.chain(readers) {
            if !members.iter().any(|known| known.x == member.x) {
                members.push(member);
            }
        }
    }
    members.sort_by_key(|member| member.x);
    members
}

fn member(member: &CouncilMember, is_reader: bool) -> MemberRecord {
    MemberRecord {
        x: member.x,
        institution: member.institution.clone(),
        jurisdiction: member.jurisdiction.clone(),
        is_reader,
    }
}

fn file(file: &EvidenceFile) -> FileLine {
    let hex = |digest: &testimony::FileDigest| Digest(digest.0).to_hex();
    FileLine {
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size: file.size,
        sha256: hex(&file.sha256),
        date: file.date.clone(),
        object: hex(&file.object),
        copy: file.copy.as_ref().map(hex),
    }
}

fn line(act: &Act) -> ActLine {
    ActLine {
        k: act.found.k,
        index: act.found.index,
        time: act.found.included_at,
        statement: act.statement,
        author: act.author,
        says: act.body.as_ref().map(says),
        measure: act.body.as_ref().and_then(measure),
        counts: act.standing == Standing::Counts,
    }
}

impl ActLine {
    /// What it says, in words: no id of a measure.
    pub(crate) fn said(&self, library: &Library) -> Option<String> {
        let says = self.says.as_ref()?;
        Some(match &self.measure {
            Some(measure) => format!("{says}; medida: {}", words::label(library.measure(measure))),
            None => says.clone(),
        })
    }
}

fn measure(body: &Body) -> Option<String> {
    match body {
        Body::Aid(aid) => Some(aid.measure.clone()),
        _ => None,
    }
}

/// An act in one line.
fn says(body: &Body) -> String {
    match body {
        Body::Ack(ack) => format!("comprobó lo que recibió y conserva {}", words::holds(ack.holds)),
        Body::Reject(_) => "rechazó lo que recibió: no pasó una comprobación".to_owned(),
        Body::Referral(referral) => format!("dio noticia del caso al lector {}", referral.reader),
        Body::Request(request) => format!(
            "pidió {}; fin: «{}»; fundamento: «{}»",
            words::compartments(&request.compartments),
            request.purpose,
            request.basis
        ),
        Body::Decision(decision) => {
            let (grants, refuses) = (&decision.grants, &decision.refuses);
            let granted = (!grants.is_empty()).then(|| format!("concedió {}", words::compartments(grants)));
            let refused = (!refuses.is_empty()).then(|| {
                let reason = decision.reason.map_or("sin razón", words::reason);
                format!("negó {}: {reason}", words::compartments(refuses))
            });
            granted.into_iter().chain(refused).collect::<Vec<_>>().join("; ")
        }
        Body::Objection(_) => "se opuso a la petición".to_owned(),
        Body::Hers(hers) => words::hers(hers).to_owned(),
        Body::Attended(attended) => {
            let until = attended.until;
            let until = until.map_or_else(String::new, |until| {
                format!(", con nuevo aviso a más tardar {}", words::instant(until))
            });
            format!("{}{until}", words::attention(attended.what))
        }
        Body::Lapse(lapse) => words::lapse(lapse.step).to_owned(),
        Body::Erased(_) => "destruyó su parte".to_owned(),
        Body::Decline(_) => "declinó: sostiene que no es un testimonio".to_owned(),
        Body::Release(release) => {
            let names: Vec<_> = release.files.iter().map(|file| file.name).collect();
            format!(
                "entregó su parte de la llave al lector: {}",
                words::compartments(&names)
            )
        }
        Body::Opened(opened) => words::outcome(opened.outcome).to_owned(),
        Body::Finding(finding) => format!("informó: {}", words::outcome(finding.outcome)),
        Body::Aid(aid) => {
            let due = aid.due.map_or_else(String::new, |due| format!(", a más tardar {due}"));
            format!("asistencia por {}: {}{due}", aid.provider, words::aid(aid.status))
        }
    }
}
