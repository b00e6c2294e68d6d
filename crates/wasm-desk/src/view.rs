//! What the page shows: handles, numbers, institutions, clocks and codes. No name of a person and no text of a
//! testimony stands here; an opened document is handed over apart ([`DocumentView`]).

use std::collections::BTreeMap;

use casework::open::PartSource;
use casework::view::{OpenTerm, Task, next_term};
use casework::{CouncilRole, FollowedCase, Freshness, LogTime, NotNow};
use client::content::{Answered, Remark};
use client::{AskView, Checked, Code, Failure, Member, Outcome, Reader, Seat, Waiting};
use protocol::phrase::{Language, fingerprint_words};
use protocol::statement::{Check, Compartment, Council, CouncilMember, ObjectKind};
use protocol::{CaseId, Digest, MemberNumber, Origin};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::opening::ShownCompartment;
use crate::routine::StepView;

mod case;
mod cell;
mod reader;

use case::CaseView;
use cell::{CellView, signed};
use reader::ReferredView;

/// Everything that the page shows outside an opened document.
#[derive(Serialize)]
pub struct DeskView<'a> {
    member: MemberView<'a>,
    log: LogView<'a>,
    tasks: Vec<TaskView>,
    next: Option<NextView>,
    deliveries: Vec<DeliveryView<'a>>,
    cells: Vec<CellView<'a>>,
    /// Questions without a filing that wait for an answer.
    asks: Vec<AskView>,
    /// What the daily routine would do now.
    routine: Vec<StepView>,
    /// What its holder should see to, by names that stay.
    waiting: Vec<Digest>,
    cases: Vec<CaseView<'a>>,
    readers: Vec<Named<'a>>,
    referred: Vec<ReferredView<'a>>,
    opened: Vec<OpenedView<'a>>,
}

/// A member of the council with its institution.
#[derive(Serialize)]
struct Named<'a> {
    x: MemberNumber,
    institution: Option<&'a str>,
}

/// The member at work and its council.
#[derive(Serialize)]
struct MemberView<'a> {
    x: MemberNumber,
    office: CouncilRole,
    institution: Option<&'a str>,
    epoch: Option<u32>,
    account: Option<u8>,
    identity: Option<u8>,
    seats: Option<usize>,
    objection_s: Option<u64>,
    key: Fingerprint,
    council: Option<Fingerprint>,
}

/// A fingerprint as eight words of each language.
#[derive(Serialize)]
struct Fingerprint {
    es: String,
    en: String,
}

#[derive(Serialize)]
struct LogView<'a> {
    size: u64,
    time: u64,
    origin: &'a Origin,
    demo: bool,
    clock: Freshness,
    step_s: Option<u32>,
}

/// Something that waits for this key.
#[derive(Serialize)]
struct TaskView {
    #[serde(flatten)]
    task: Task,
    case: CaseId,
    code: String,
    danger: bool,
    interpreter: bool,
    /// Of assistance: the end of its day, POSIX seconds. Other tasks have their own `by`.
    #[serde(rename = "by", skip_serializing_if = "Option::is_none")]
    ends_at: Option<u64>,
    /// Of what waits: why, in place of the task's own.
    #[serde(rename = "not_now", skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
    /// Whether what is asked for is promised already and only waits for its step of the log.
    sent: bool,
}

/// The next term that ends on any case, and for a reader on any request.
#[derive(Serialize)]
struct NextView {
    at: u64,
    code: String,
    what: OpenTerm,
}

/// A delivery and what became of it.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum DeliveryView<'a> {
    Holds { id: &'a Digest, code: String },
    Early { id: &'a Digest, check: Option<Check> },
    Failed { id: &'a Digest, check: Check },
    Told { id: &'a Digest, check: Check },
}

/// Which compartment is open in this page, without its content.
#[derive(Serialize)]
struct OpenedView<'a> {
    case: &'a CaseId,
    code: String,
    request: &'a Digest,
    name: Compartment,
    unopened: usize,
}

/// A rule that does not allow an act now: its code with its own values, and from when it will.
#[derive(Serialize)]
struct Refused {
    code: String,
    from: Option<u64>,
    line: Option<u8>,
    #[serde(flatten)]
    about: Map<String, Value>,
}

impl DeskView<'_> {
    /// Of a seat.
    ///
    /// # Errors
    /// What [`client::Log::moment_of_any_age`] may say.
    pub fn of_seat(seat: &Seat) -> Outcome<DeskView<'_>> {
        let member = seat.member();
        let (moment, freshness) = member.log().moment_of_any_age()?;
        let queue = |held: &FollowedCase| seat.tasks(held, &moment);
        let cases = member.cases().map(|held| CaseView::of_seat(seat, held, &moment));
        let deliveries = seat.deliveries().map(|(id, checked)| delivery(id, checked));
        let cells = seat.waiting_cells().into_iter();
        let cells = cells.map(|(case, name, statement)| CellView::of(member, case, name, statement));
        Ok(DeskView {
            member: MemberView::of(member, CouncilRole::Seat),
            log: LogView::of(member, &moment, freshness),
            tasks: tasks(member, queue),
            next: next(terms(member, moment.time())),
            deliveries: deliveries.collect(),
            cells: cells.collect(),
            asks: seat.asks(),
            routine: seat.routine()?.into_iter().map(StepView::of).collect(),
            waiting: names(seat.waiting()?),
            cases: cases.collect::<Outcome<_>>()?,
            readers: readers(member),
            referred: Vec::new(),
            opened: Vec::new(),
        })
    }

    /// Of a reader, with the compartments that are open in its page.
    ///
    /// # Errors
    /// What [`client::Log::moment_of_any_age`] may say.
    pub fn of_reader<'a>(reader: &'a Reader, opened: &'a [ShownCompartment]) -> Outcome<DeskView<'a>> {
        let member = reader.member();
        let (moment, freshness) = member.log().moment_of_any_age()?;
        let at = moment.time();
        let queue = |held: &FollowedCase| reader.tasks(held, &moment);
        let unknown = reader.requests().values().map(|own| &own.request);
        let unknown = unknown.filter(|request| member.case(&request.case).is_err() && request.decide_by > at);
        let decisions = unknown.map(|request| (request.decide_by, request.case, OpenTerm::Decisions));
        let cases = member.cases().map(|held| CaseView::of_reader(reader, held, &moment));
        Ok(DeskView {
            member: MemberView::of(member, CouncilRole::Reader),
            log: LogView::of(member, &moment, freshness),
            tasks: tasks(member, queue),
            next: next(terms(member, at).chain(decisions)),
            deliveries: Vec::new(),
            cells: Vec::new(),
            asks: Vec::new(),
            routine: reader.routine()?.into_iter().map(StepView::of).collect(),
            waiting: names(reader.waiting()?),
            cases: cases.collect(),
            readers: readers(member),
            referred: ReferredView::all(reader, at),
            opened: opened.iter().map(OpenedView::of).collect(),
        })
    }
}

fn names(waiting: Vec<Waiting>) -> Vec<Digest> {
    waiting.into_iter().map(|one| one.name).collect()
}

fn terms(member: &Member, at: u64) -> impl Iterator<Item = (u64, CaseId, OpenTerm)> {
    member.cases().filter_map(move |held| {
        let (ends_at, what) = next_term(&held.case, at)?;
        Some((ends_at, held.case.id(), what))
    })
}

fn next(terms: impl Iterator<Item = (u64, CaseId, OpenTerm)>) -> Option<NextView> {
    let (at, case, what) = terms.min_by_key(|(ends_at, ..)| *ends_at)?;
    let code = case.code();
    Some(NextView { at, code, what })
}

/// What waits for a key: danger first, then what ends first before the rest.
fn tasks(member: &Member, queue: impl Fn(&FollowedCase) -> Vec<Task>) -> Vec<TaskView> {
    let of_case = |held| {
        queue(held)
            .into_iter()
            .map(move |task| TaskView::of(member, held, task))
    };
    let mut tasks: Vec<TaskView> = member.cases().flat_map(of_case).collect();
    tasks.sort_by_key(|line| {
        let danger = line.task.danger_by().unwrap_or(u64::MAX);
        (danger, line.task.by().unwrap_or(u64::MAX), !line.danger)
    });
    tasks
}

fn readers(member: &Member) -> Vec<Named<'_>> {
    let council = member.log().registry().current();
    let readers = council.map(|council| council.readers.iter()).into_iter().flatten();
    readers.map(Named::of).collect()
}

fn delivery<'a>(id: &'a Digest, checked: &Checked) -> DeliveryView<'a> {
    match checked {
        Checked::Holds(case) => DeliveryView::Holds { id, code: case.code() },
        Checked::Early => DeliveryView::Early { id, check: None },
        Checked::Failed(rejected) => DeliveryView::Failed {
            id,
            check: rejected.check,
        },
        Checked::Told(rejected) => DeliveryView::Told {
            id,
            check: rejected.check,
        },
    }
}

impl<'a> Named<'a> {
    fn of(entry: &'a CouncilMember) -> Self {
        Self {
            x: entry.x,
            institution: Some(&entry.institution),
        }
    }

    /// A member by its number in the current council.
    fn by_number(member: &'a Member, x: MemberNumber) -> Self {
        Self {
            x,
            institution: institution(member, x),
        }
    }
}

/// The institution of a member, for a line.
fn institution(member: &Member, x: MemberNumber) -> Option<&str> {
    let council = member.log().registry().current()?;
    Some(council.member(x)?.institution.as_str())
}

impl Fingerprint {
    fn of(digest: Digest) -> Self {
        let bits = Council::fingerprint(digest);
        Self {
            es: fingerprint_words(&bits, Language::Spanish),
            en: fingerprint_words(&bits, Language::English),
        }
    }
}

impl<'a> MemberView<'a> {
    fn of(member: &'a Member, office: CouncilRole) -> Self {
        let council = member.log().registry().current();
        Self {
            x: member.x(),
            office,
            institution: institution(member, member.x()),
            epoch: council.map(|council| council.epoch),
            account: council.map(|council| council.account),
            identity: council.map(|council| council.identity),
            seats: council.map(|council| council.seats.len()),
            objection_s: council.map(|council| council.objection_s),
            key: Fingerprint::of(Digest::of(&member.key().0)),
            council: council.map(|council| Fingerprint::of(council.digest())),
        }
    }
}

impl<'a> LogView<'a> {
    fn of(member: &'a Member, moment: &LogTime, clock: Freshness) -> Self {
        let (log, origin) = (member.log(), &member.log().root().origin);
        Self {
            size: moment.size(),
            time: moment.time(),
            origin,
            demo: origin.is_demo(),
            clock,
            step_s: log.registry().pace().map(|pace| pace.step_s),
        }
    }
}

impl TaskView {
    fn of(member: &Member, held: &FollowedCase, task: Task) -> Self {
        let ends_at = match &task {
            Task::Aid { due, .. } => Some(due.end()),
            _ => None,
        };
        let refused = match &task {
            Task::Wait { not_now, .. } => Some(Refused::of(not_now.clone())),
            _ => None,
        };
        Self {
            case: held.case.id(),
            code: held.case.id().code(),
            danger: held.flags.danger,
            interpreter: held.flags.interpreter,
            ends_at,
            refused,
            sent: member.is_sent(&held.case.id(), &task),
            task,
        }
    }
}

impl Refused {
    fn of(no: NotNow) -> Self {
        let (from, line) = (no.from, no.line);
        let Failure { code, mut about, .. } = Failure::not_now(no);
        about.remove("from");
        Self {
            code: Code::name(&code).into_owned(),
            from,
            line,
            about,
        }
    }
}

impl<'a> OpenedView<'a> {
    fn of(shown: &'a ShownCompartment) -> Self {
        Self {
            case: &shown.case,
            code: shown.case.code(),
            request: &shown.request,
            name: shown.name,
            unopened: shown.content.unopened.len(),
        }
    }
}

/// An opened document with the names of its files: what is shown after `opened` was filed.
#[derive(Serialize)]
pub struct DocumentView<'a> {
    code: String,
    request: &'a Digest,
    name: Compartment,
    text: &'a str,
    /// Her answers in words.
    answers: Vec<Answered>,
    /// The same as they stand in the document: for reports, and for what reads the identifiers among them.
    told: Option<&'a BTreeMap<String, Value>>,
    remarks: Vec<&'static str>,
    bad: &'a [MemberNumber],
    part: Option<PartSource>,
    unopened: Vec<UnopenedView<'a>>,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct UnopenedView<'a> {
    object: &'a Digest,
    kind: ObjectKind,
    why: &'static str,
}

#[derive(Serialize)]
struct FileView<'a> {
    name: &'a str,
    media_type: &'a str,
    size: usize,
    is_copy: bool,
    is_as_told: bool,
}

impl<'a> DocumentView<'a> {
    /// Of an opened compartment.
    pub fn of(shown: &'a ShownCompartment) -> Self {
        let content = &shown.content;
        // What differs from what the document tells stands beside the file.
        let remarks = content.remarks.iter();
        let remarks = remarks.filter(|remark| !matches!(remark, Remark::Differs(_)));
        let unopened = content.unopened.iter().map(|unopened| UnopenedView {
            object: &unopened.object.digest,
            kind: unopened.object.kind,
            why: unopened.fault.code(),
        });
        let files = shown.files.iter().map(|file| FileView {
            name: &file.name,
            media_type: &file.media_type,
            size: file.bytes.len(),
            is_copy: file.is_copy,
            is_as_told: file.is_as_told,
        });
        Self {
            code: shown.case.code(),
            request: &shown.request,
            name: shown.name,
            text: content.text.as_ref().map_or("", |text| text.as_str()),
            answers: content.answers(),
            told: content.document.as_ref().map(|document| &document.answers),
            remarks: remarks.map(Remark::code).collect(),
            bad: &shown.bad,
            part: shown.part,
            unopened: unopened.collect(),
            files: files.collect(),
        }
    }
}

/// What reports on an opened request are made from, as JSON.
pub fn record(reader: &Reader, opened: &[ShownCompartment], shown: &ShownCompartment) -> Option<String> {
    let same = opened.iter().filter(|other| other.request == shown.request);
    let contents: Vec<_> = same.map(|shown| (shown.name, &shown.content)).collect();
    let record = reader.record(&shown.case, &shown.request, &contents).ok()?;
    serde_json::to_string(&record).ok()
}
