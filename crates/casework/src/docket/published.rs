//! The docket as a published log shows it: which twins stand in it, how far each request came, who owes what, and where twins
//! contradict each other (§10.3). The page, the command and every monitor compute it here.

use std::collections::BTreeMap;

use protocol::statement::{Council, DocketId, Payload as _, Twin, TwinAct};
use protocol::week::Week;
use protocol::{Digest, Envelope, MemberNumber};
use serde::{Deserialize, Serialize};

use super::{Course, Owers, Placed, Stage, TwinRefusal, check, due};
use crate::clock::DAY_S;
use crate::registry::Registry;

/// What is published later than this after it was due is late.
const LATE_S: u64 = 7 * DAY_S;
/// An act whose entry is in the log later than this after the act's week was dated back: a promise, and time to file again.
const DATED_BACK_S: u64 = 7 * DAY_S;

/// The entry that commits to a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its index.
    pub index: u64,
    /// Checkpoint time of its inclusion, POSIX seconds.
    pub at: u64,
}

/// A twin that stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicTwin {
    /// What it says.
    pub twin: Twin,
    /// D of it.
    pub digest: Digest,
    /// The entry that commits to it: when the act was.
    pub committed: Committed,
    /// The entry that publishes it.
    pub published: Committed,
}

/// The published twins of one request, or of one erasing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicDocket {
    /// Its name.
    pub id: DocketId,
    /// Its twins, by the entries that commit to them.
    pub twins: Vec<PublicTwin>,
    /// How far the request came; `None` of an erasing, and where the request is not there.
    pub course: Option<Course>,
    /// What is wrong with its twins.
    pub faults: Vec<DocketFault>,
}

/// Something about the twins of a docket that a stranger should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum DocketFault {
    /// A member signed two twins with one number: the proof against it.
    TwoTwins {
        /// The docket.
        docket: DocketId,
        /// The member.
        x: MemberNumber,
        /// The number.
        n: u32,
        /// The two.
        twins: [Digest; 2],
    },
    /// A twin does not name the one before it, of the same member.
    BrokenChain {
        /// The docket.
        docket: DocketId,
        /// The member.
        x: MemberNumber,
        /// Of the later one.
        n: u32,
    },
    /// The week that a twin says is not that in which the log had its act.
    Dated {
        /// The docket.
        docket: DocketId,
        /// The member.
        x: MemberNumber,
        /// Its number.
        n: u32,
        /// What it says.
        says: Week,
        /// When it was.
        was: Week,
    },
    /// A twin was published more than a week after it was due: every holder could have done it before.
    Late {
        /// The docket.
        docket: DocketId,
        /// The member.
        x: MemberNumber,
        /// Its number.
        n: u32,
        /// From when it was due, POSIX seconds.
        due: u64,
        /// When it was published, POSIX seconds.
        published_at: u64,
    },
}

impl PublicDocket {
    /// What is owed in it at a checkpoint time.
    pub fn owed(&self, at: u64) -> Option<DocketOwed> {
        let course = self.course.as_ref()?;
        let step = course.owed(at)?;
        Some(DocketOwed {
            docket: self.id,
            stage: step.stage,
            by: step.by,
            owers: course.owers(step.stage),
        })
    }
}

impl DocketFault {
    /// Whether it proves that a member contradicts itself, rather than that something came late.
    pub fn is_contradiction(&self) -> bool {
        !matches!(self, Self::Late { .. })
    }

    /// Of which docket, and whose twin with which number.
    pub fn about(&self) -> (DocketId, MemberNumber, u32) {
        match self {
            Self::TwoTwins { docket, x, n, .. }
            | Self::BrokenChain { docket, x, n }
            | Self::Dated { docket, x, n, .. }
            | Self::Late { docket, x, n, .. } => (*docket, *x, *n),
        }
    }
}

/// Something that is owed in a docket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocketOwed {
    /// Which docket.
    pub docket: DocketId,
    /// What.
    pub stage: Stage,
    /// The last second that was in time, POSIX.
    pub by: u64,
    /// Who owes it.
    pub owers: Owers,
}

/// The docket of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockets {
    dockets: BTreeMap<DocketId, PublicDocket>,
    refused: Vec<(u64, Digest, TwinRefusal)>,
}

impl Dockets {
    /// Reads it from the public statements. `committed`: the first entry that commits to a twin.
    pub fn of(registry: &Registry, mut committed: impl FnMut(Digest) -> Option<Committed>) -> Self {
        let mut found: BTreeMap<DocketId, Vec<PublicTwin>> = BTreeMap::new();
        let mut refused = Vec::new();
        for (index, at, envelope) in registry.included() {
            if envelope.name() != Some(Twin::NAME) {
                continue;
            }
            let published = Committed { index, at };
            match public_twin(registry, envelope, published, &mut committed) {
                Ok(twin) => {
                    let of_docket = found.entry(twin.twin.docket).or_default();
                    if of_docket.iter().all(|known| known.digest != twin.digest) {
                        of_docket.push(twin);
                    }
                }
                Err(refusal) => refused.push((index, envelope.digest(), refusal)),
            }
        }
        let dockets = found.into_iter();
        let dockets = dockets.map(|(id, twins)| (id, public_docket(registry, id, twins)));
        Self {
            dockets: dockets.collect(),
            refused,
        }
    }

    /// All, by name.
    pub fn all(&self) -> impl Iterator<Item = &PublicDocket> {
        self.dockets.values()
    }

    /// One.
    pub fn get(&self, id: &DocketId) -> Option<&PublicDocket> {
        self.dockets.get(id)
    }

    /// Twins that do not count, in log order: index of the entry, digest, why.
    pub fn refused(&self) -> &[(u64, Digest, TwinRefusal)] {
        &self.refused
    }

    /// What is owed at a checkpoint time, what has been owed longest first.
    pub fn owed(&self, at: u64) -> Vec<DocketOwed> {
        let mut owed: Vec<DocketOwed> = self.all().filter_map(|docket| docket.owed(at)).collect();
        owed.sort_by_key(|owed| (owed.by, owed.docket.0));
        owed
    }

    /// What is wrong with twins, by docket.
    pub fn faults(&self) -> impl Iterator<Item = &DocketFault> {
        self.all().flat_map(|docket| &docket.faults)
    }
}

fn public_twin(
    registry: &Registry,
    envelope: &Envelope,
    published: Committed,
    committed: &mut impl FnMut(Digest) -> Option<Committed>,
) -> Result<PublicTwin, TwinRefusal> {
    let mut entry = None;
    let checked = check(registry, envelope, |twin| {
        // What is committed to after it was published was made up at the time.
        entry = committed(twin).filter(|entry| entry.index < published.index);
        entry.map(|entry| entry.index)
    })?;
    Ok(PublicTwin {
        twin: checked.twin,
        digest: envelope.digest(),
        committed: entry.ok_or(TwinRefusal::NotCommitted)?,
        published,
    })
}

fn public_docket(registry: &Registry, id: DocketId, mut twins: Vec<PublicTwin>) -> PublicDocket {
    twins.sort_by_key(|twin| twin.committed.index);
    let course = course(registry, &twins);
    let mut faults = Vec::new();
    for (place, twin) in twins.iter().enumerate() {
        let (before, after) = (&twins[..place], &twins[place..]);
        faults.extend(contradictions(twin, before, after));
        faults.extend(late(twin, &twins, course.as_ref()));
    }
    PublicDocket {
        id,
        twins,
        course,
        faults,
    }
}

/// Of the request that the log had first, by the council of then.
fn course(registry: &Registry, twins: &[PublicTwin]) -> Option<Course> {
    let placed: Vec<Placed<'_>> = twins
        .iter()
        .map(|it| Placed {
            twin: &it.twin,
            at: it.committed.at,
        })
        .collect();
    let mut requests = twins.iter().filter(|it| it.twin.act == TwinAct::Request);
    requests.find_map(|request| {
        let council: &Council = registry.council_at(request.committed.index)?;
        Course::of(&placed, council)
    })
}

fn contradictions(twin: &PublicTwin, before: &[PublicTwin], after: &[PublicTwin]) -> Vec<DocketFault> {
    let (docket, x, n) = (twin.twin.docket, twin.twin.seat, twin.twin.n);
    let mut faults = Vec::new();
    let by_same = |it: &&PublicTwin| it.twin.seat == x;
    if let Some(other) = before.iter().filter(by_same).find(|it| it.twin.n == n) {
        let twins = [other.digest, twin.digest];
        faults.push(DocketFault::TwoTwins { docket, x, n, twins });
    }
    // Of the one before it, which may not be published; with two of that number either will do.
    let mut previous = before.iter().chain(after).filter(by_same);
    let previous: Vec<Digest> = previous
        .by_ref()
        .filter(|it| Some(it.twin.n) == n.checked_sub(1))
        .map(|it| it.digest)
        .collect();
    if !previous.is_empty() && twin.twin.prev.is_none_or(|prev| !previous.contains(&prev)) {
        faults.push(DocketFault::BrokenChain { docket, x, n });
    }
    let (says, at) = (twin.twin.week, twin.committed.at);
    if at < says.start() || at >= says.end().saturating_add(DATED_BACK_S) {
        let was = Week::of(at);
        faults.push(DocketFault::Dated {
            docket,
            x,
            n,
            says,
            was,
        });
    }
    faults
}

/// A request and an erasing run from when they were due by themselves; every other twin from the publication of the request.
fn late(twin: &PublicTwin, twins: &[PublicTwin], course: Option<&Course>) -> Option<DocketFault> {
    let due = match twin.twin.act {
        TwinAct::Request => course?.publish_from(),
        TwinAct::Erased => due(&twin.twin),
        _ => {
            let requests = twins.iter().filter(|it| it.twin.act == TwinAct::Request);
            let shown_at = requests.map(|it| it.published.at).min()?;
            Week::of(shown_at).end().max(due(&twin.twin))
        }
    };
    let published_at = twin.published.at;
    (published_at > due.saturating_add(LATE_S)).then_some(DocketFault::Late {
        docket: twin.twin.docket,
        x: twin.twin.seat,
        n: twin.twin.n,
        due,
        published_at,
    })
}
