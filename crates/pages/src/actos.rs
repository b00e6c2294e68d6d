//! `/{l}/registro/actos` and `/{l}/registro/acto/{docket}`: single acts, where whoever told wanted that, by their twins (§10.1,
//! §10.3). What is overdue comes first, what has been longest first. The same as JSON, CSV and Atom.

mod days;
mod files;
mod words;

use std::collections::BTreeMap;

use askama::Template;
use casework::Registry;
use casework::docket::{Course, DocketFault, DocketOwed, Dockets, PublicDocket, PublicTwin, Stage, Step};
use protocol::statement::{DocketId, TwinAct, TwinOutcome};
use protocol::week::Week;
use protocol::{Digest, MemberNumber};
use serde::Serialize;

pub use days::{DayPlot, DaysOf, DaysRow};

use crate::Frame;
use crate::deberes::{MemberName, named};
use crate::registro::When;

/// Of an institution with fewer acts than these no counts and no list are shown.
pub const SHOWN_FROM: usize = 5;
/// Rows of each list on the page; the files have all.
const ROWS_MAX: usize = 200;

/// `web/pages/actos.html`.
#[derive(Template)]
#[template(path = "pages/actos.html")]
pub struct Actos<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// What it shows.
    pub record: &'a ActRecord,
}

/// `web/pages/acto.html`: one docket.
#[derive(Template)]
#[template(path = "pages/acto.html")]
pub struct Acto<'a> {
    /// Around it.
    pub frame: Frame<'a>,
    /// What it shows, of this docket alone.
    pub record: &'a ActRecord,
    /// The docket.
    pub docket: &'a DocketView,
}

/// What the published twins of a log say, the same in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActRecord {
    /// The log's name.
    pub origin: String,
    /// Time of the checkpoint that it goes by, POSIX seconds.
    pub as_of: u64,
    /// When the council opened the docket, POSIX seconds; null before.
    pub open_since: Option<u64>,
    /// What is owed, what has been owed longest first.
    pub owed: Vec<OwedAct>,
    /// Every institution with a published act.
    pub institutions: Vec<InstitutionActs>,
    /// How long things took, by institution.
    pub days: Vec<DaysOf>,
    /// Requests, the newest first: those that were ever late, and those of institutions with five acts or more.
    pub dockets: Vec<DocketView>,
    /// Requests and erasings that are not listed, for their institution has fewer than five acts.
    pub withheld: usize,
}

/// Something that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwedAct {
    /// In which docket.
    pub docket: DocketId,
    /// What.
    pub stage: Stage,
    /// Who owes it.
    pub owe: Vec<MemberName>,
    /// Who may be the cause instead: of an opening the seats that granted.
    pub perhaps: Vec<MemberName>,
    /// The last second that was in time, POSIX.
    pub by: u64,
    /// Whole days since.
    pub days_late: u64,
}

/// What an institution did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstitutionActs {
    /// Who.
    #[serde(flatten)]
    pub member: MemberName,
    /// Its acts, by kind and outcome; null where there are fewer than five.
    pub acts: Option<Vec<ActCount>>,
    /// What it owes now: always shown.
    pub owed: usize,
}

/// A kind of act, and how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActCount {
    /// Which.
    pub act: TwinAct,
    /// What came of it.
    pub outcome: Option<TwinOutcome>,
    /// How many.
    pub number: usize,
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocketStatus {
    /// It waits for something that is not due yet.
    Waiting,
    /// Something is owed.
    Overdue,
    /// So many seats refused that too few are left.
    Refused,
    /// Every seat has answered, and too few granted in time.
    Lapsed,
    /// It does not open.
    DoesNotOpen,
    /// The reader has said what was done.
    Reported,
    /// A testimony was destroyed.
    Erased,
    /// Its request is not published.
    NoRequest,
}

/// A docket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocketView {
    /// Its name.
    pub docket: DocketId,
    /// Who asked; of an erasing who destroyed.
    pub member: Option<MemberName>,
    /// Whether it is urgent.
    pub urgent: bool,
    /// The week of its first act.
    pub week: Week,
    /// How it stands.
    pub status: DocketStatus,
    /// Whether anything of it was ever late.
    pub was_late: bool,
    /// Grants that it needs.
    pub need: usize,
    /// What was called for.
    pub steps: Vec<StepView>,
    /// Its acts.
    pub acts: Vec<ActView>,
    /// What is wrong with them.
    pub faults: Vec<DocketFault>,
}

/// Something that was called for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// What.
    pub stage: Stage,
    /// The last second that is in time, POSIX.
    pub by: u64,
    /// The week in which it was there.
    pub done: Option<Week>,
    /// Whole days that it took, or has taken: of grants from the request on, of the others from what went before.
    pub days: u64,
    /// Whether it came too late, or is overdue.
    pub is_late: bool,
}

/// An act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActView {
    /// Whose.
    #[serde(flatten)]
    pub member: MemberName,
    /// Which.
    pub act: TwinAct,
    /// What came of it.
    pub outcome: Option<TwinOutcome>,
    /// The week that it says.
    pub week: Week,
    /// Its number among the author's own in this docket.
    pub n: u32,
    /// D of the statement.
    pub digest: Digest,
    /// Index of the entry that commits to it.
    pub entry: u64,
    /// When it was published, POSIX seconds.
    pub published_at: u64,
}

impl ActRecord {
    /// From the public statements and the docket, at a checkpoint time.
    #[must_use]
    pub fn new(registry: &Registry, dockets: &Dockets, at: u64) -> Self {
        let names = Names(registry);
        let owed = dockets.owed(at).into_iter();
        let owed: Vec<OwedAct> = owed.map(|owed| owed_act(&names, owed, at)).collect();
        let counts = counts(dockets);
        let is_shown = |docket: &DocketView| {
            let author = docket.member.as_ref();
            docket.was_late || author.is_some_and(|author| acts_of(&counts, author.x) >= SHOWN_FROM)
        };
        let all = dockets.all().map(|docket| docket_view(registry, docket, at));
        let (mut shown, withheld): (Vec<DocketView>, Vec<DocketView>) = all.partition(is_shown);
        shown.sort_by_key(|docket| (std::cmp::Reverse(docket.week), docket.docket.0));
        Self {
            origin: registry.origin().as_str().to_owned(),
            as_of: at,
            open_since: registry.docket_open().map(|open| open.included_at),
            institutions: institutions(&names, &counts, &owed),
            days: days::all(&names, dockets),
            owed,
            dockets: shown,
            withheld: withheld.len(),
        }
    }

    /// One docket of it, whatever the lists show; `None` where nothing of it is published.
    #[must_use]
    pub fn of_docket(registry: &Registry, dockets: &Dockets, at: u64, id: &DocketId) -> Option<Self> {
        let docket = dockets.get(id)?;
        let owed = docket.owed(at).map(|owed| owed_act(&Names(registry), owed, at));
        Some(Self {
            origin: registry.origin().as_str().to_owned(),
            as_of: at,
            open_since: registry.docket_open().map(|open| open.included_at),
            owed: owed.into_iter().collect(),
            institutions: Vec::new(),
            days: Vec::new(),
            dockets: vec![docket_view(registry, docket, at)],
            withheld: 0,
        })
    }
}

fn owed_act(names: &Names<'_>, owed: DocketOwed, at: u64) -> OwedAct {
    OwedAct {
        docket: owed.docket,
        stage: owed.stage,
        owe: names.all(owed.owers.owe),
        perhaps: names.all(owed.owers.perhaps),
        by: owed.by,
        days_late: at.saturating_sub(owed.by) / DAY_S,
    }
}

const DAY_S: u64 = 86_400;

/// Acts by member, kind and outcome.
type Counts = BTreeMap<MemberNumber, BTreeMap<(TwinAct, Option<TwinOutcome>), usize>>;

/// Institutions by number, as the newest council that has it names it.
struct Names<'a>(&'a Registry);

impl Names<'_> {
    fn one(&self, x: MemberNumber) -> Option<MemberName> {
        self.0.councils().iter().rev().find_map(|council| named(council, x))
    }

    fn all(&self, members: impl IntoIterator<Item = MemberNumber>) -> Vec<MemberName> {
        members.into_iter().filter_map(|x| self.one(x)).collect()
    }
}

fn counts(dockets: &Dockets) -> Counts {
    let mut counts = Counts::new();
    for twin in dockets.all().flat_map(|docket| &docket.twins) {
        let of_member = counts.entry(twin.twin.seat).or_default();
        *of_member.entry((twin.twin.act, twin.twin.outcome)).or_default() += 1;
    }
    counts
}

fn acts_of(counts: &Counts, x: MemberNumber) -> usize {
    counts.get(&x).map_or(0, |acts| acts.values().sum())
}

fn institutions(names: &Names<'_>, counts: &Counts, owed: &[OwedAct]) -> Vec<InstitutionActs> {
    let owed_by = |x: MemberNumber| owed.iter().filter(|it| it.owe.iter().any(|name| name.x == x)).count();
    // Who owes something and has done nothing is among them.
    let silent = owed.iter().flat_map(|it| it.owe.iter().map(|name| name.x));
    let members: std::collections::BTreeSet<MemberNumber> = counts.keys().copied().chain(silent).collect();
    let of_member = |x: MemberNumber| {
        let acts = counts.get(&x).into_iter().flatten();
        let acts = acts.map(|((act, outcome), number)| ActCount {
            act: *act,
            outcome: *outcome,
            number: *number,
        });
        Some(InstitutionActs {
            member: names.one(x)?,
            acts: (acts_of(counts, x) >= SHOWN_FROM).then(|| acts.collect()),
            owed: owed_by(x),
        })
    };
    members.into_iter().filter_map(of_member).collect()
}

fn docket_view(registry: &Registry, docket: &PublicDocket, at: u64) -> DocketView {
    let names = Names(registry);
    let first = docket.twins.first();
    let course = docket.course.as_ref();
    let author = course.map(|course| course.reader).or(first.map(|it| it.twin.seat));
    let requested = docket.twins.iter().find(|it| it.twin.act == TwinAct::Request);
    DocketView {
        docket: docket.id,
        member: author.and_then(|x| names.one(x)),
        urgent: course.is_some_and(|course| course.urgent),
        week: requested
            .or(first)
            .map_or_else(|| Week::of(at), |it| Week::of(it.committed.at)),
        status: status(docket, at),
        was_late: course.is_some_and(|course| course.first_overdue(at).is_some()),
        need: course.map_or(0, |course| course.need),
        steps: course.map_or_else(Vec::new, |course| steps(course, at)),
        acts: docket
            .twins
            .iter()
            .filter_map(|twin| act_view(registry, &names, twin))
            .collect(),
        faults: docket.faults.clone(),
    }
}

fn status(docket: &PublicDocket, at: u64) -> DocketStatus {
    let Some(course) = &docket.course else {
        return match docket.twins.iter().all(|it| it.twin.act == TwinAct::Erased) {
            true => DocketStatus::Erased,
            false => DocketStatus::NoRequest,
        };
    };
    match (course.ended_at, course.outcome) {
        (Some(_), Some(TwinOutcome::DoesNotOpen)) => DocketStatus::DoesNotOpen,
        (Some(_), Some(_)) => DocketStatus::Reported,
        (Some(_), None) => DocketStatus::Refused,
        (None, _) if course.owed(at).is_some() => DocketStatus::Overdue,
        (None, _)
            if course
                .steps
                .iter()
                .any(|step| step.done.is_none() && step.is_overdue(at)) =>
        {
            DocketStatus::Lapsed
        }
        (None, _) => DocketStatus::Waiting,
    }
}

fn steps(course: &Course, at: u64) -> Vec<StepView> {
    let mut from = course.asked_at;
    let view = |step: &Step| {
        let days = step.done.unwrap_or(at).saturating_sub(from) / DAY_S;
        from = step.done.unwrap_or(from);
        StepView {
            stage: step.stage,
            by: step.by,
            done: step.done.map(Week::of),
            days,
            is_late: step.is_overdue(at),
        }
    };
    course.steps.iter().map(view).collect()
}

fn act_view(registry: &Registry, names: &Names<'_>, twin: &PublicTwin) -> Option<ActView> {
    let x = twin.twin.seat;
    let council = registry.council_at(twin.committed.index);
    Some(ActView {
        member: council.and_then(|council| named(council, x)).or_else(|| names.one(x))?,
        act: twin.twin.act,
        outcome: twin.twin.outcome,
        week: twin.twin.week,
        n: twin.twin.n,
        digest: twin.digest,
        entry: twin.committed.index,
        published_at: twin.published.at,
    })
}

impl Actos<'_> {
    fn as_of(&self) -> When {
        When::of(self.record.as_of)
    }

    fn owed(&self) -> &[OwedAct] {
        head(&self.record.owed)
    }

    fn dockets(&self) -> &[DocketView] {
        head(&self.record.dockets)
    }

    /// Rows that are only in the files.
    fn more(&self) -> usize {
        let beyond = |all: usize| all.saturating_sub(ROWS_MAX);
        beyond(self.record.owed.len()) + beyond(self.record.dockets.len())
    }
}

fn head<T>(all: &[T]) -> &[T] {
    all.get(..ROWS_MAX).unwrap_or(all)
}

impl Acto<'_> {
    fn as_of(&self) -> When {
        When::of(self.record.as_of)
    }
}
