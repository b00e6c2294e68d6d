//! The duty reports in the log (§10.2): which count, which are missing or late, and where two seats contradict each other.
//! Anybody computes the same from the public statements. [`Registry`] only knows that they are there, for whoever files a
//! testimony needs no more of them.

use std::collections::BTreeMap;

use protocol::envelope::EnvelopeError;
use protocol::statement::{Council, Count, Duty, Payload as _, PublicCount};
use protocol::{Digest, Envelope, MemberNumber, Month};
use serde::{Deserialize, Serialize};

use crate::clock::DAY_S;
use crate::registry::{CouncilRecord, Registry};

/// A report is in the log by the end of the 8th: signed on the 1st to 7th, with the day of a promise.
const DUE_S: u64 = 8 * DAY_S;

/// From when a report on a month is late, POSIX seconds.
pub fn due(month: Month) -> u64 {
    month.end().saturating_add(DUE_S)
}

/// The council that a month's reports are about: the newest that the log included before its end.
pub fn council_of(registry: &Registry, month: Month) -> Option<&CouncilRecord> {
    included_before(registry, month.end())
}

fn included_before(registry: &Registry, time: u64) -> Option<&CouncilRecord> {
    let councils = registry.councils().iter().rev();
    councils.into_iter().find(|council| council.included_at() < time)
}

/// Why a duty report does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DutyRefusal {
    /// Envelope or payload is malformed.
    #[error("the statement breaks a rule of form")]
    Form,
    /// The payload breaks a rule of its own.
    #[error("the statement breaks a rule of its own: {0}")]
    Rule(&'static str),
    /// Not of this log.
    #[error("a statement of another log")]
    Origin,
    /// Not by the seat that it names.
    #[error("the statement is not signed by its author")]
    Signature,
    /// Its month was before the log's first council.
    #[error("no council was in force in the month of the report")]
    NoCouncil,
    /// The author is no seat, or was none when the month ended.
    #[error("its author is no seat, or was none at the end of the month")]
    NotASeat,
    /// Other rows than the members of that council.
    #[error("its rows are not the seats and readers at the end of the month")]
    Rows,
    /// The log included it before the end of its month.
    #[error("the month of the report is not over")]
    Early,
    /// The seat has reported on the month before.
    #[error("this seat has reported on {0} before: the first report counts")]
    Again(Month),
}

/// A duty report that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedReport {
    /// Index of its entry.
    pub index: u64,
    /// Checkpoint time of its inclusion, POSIX seconds: whether it is late depends on this, never on what it says itself.
    pub included_at: u64,
    /// D of the statement.
    pub digest: Digest,
    /// What it says.
    pub duty: Duty,
}

impl CountedReport {
    /// Whether it came into the log after the 8th.
    pub fn is_late(&self) -> bool {
        self.included_at >= due(self.duty.month)
    }
}

/// Something about a month's reports that a stranger should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum DutyFinding {
    /// A seat has filed no report.
    Missing {
        /// On which month.
        month: Month,
        /// The seat.
        x: MemberNumber,
    },
    /// A seat's report came late.
    Late {
        /// On which month.
        month: Month,
        /// The seat.
        x: MemberNumber,
        /// When it came, POSIX seconds.
        included_at: u64,
    },
    /// A seat says less of itself than another saw of it. One that sees more cases never says less, so one of the two is wrong,
    /// or was not shown what the other was.
    Contradiction {
        /// On which month.
        month: Month,
        /// The seat.
        x: MemberNumber,
        /// Of what.
        count: Count,
        /// What it says itself.
        says: PublicCount,
        /// The other seat.
        by: MemberNumber,
        /// What that one saw.
        saw: PublicCount,
    },
}

impl DutyFinding {
    /// The month and the seat.
    pub fn about(&self) -> (Month, MemberNumber) {
        match self {
            Self::Missing { month, x } | Self::Late { month, x, .. } | Self::Contradiction { month, x, .. } => {
                (*month, *x)
            }
        }
    }
}

/// What a member owes, as the newest month with reports shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutiesOwed {
    /// The member.
    pub x: MemberNumber,
    /// What.
    pub debt: Debt,
    /// The first of the months on end that show it.
    pub since: Month,
}

/// A kind of debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Debt {
    /// The report itself.
    Report,
    /// Something that is counted, and the largest number that anybody says.
    Counted(Count, PublicCount),
}

/// The duty reports of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duties {
    reports: BTreeMap<Month, BTreeMap<MemberNumber, CountedReport>>,
    refused: Vec<(u64, Digest, DutyRefusal)>,
}

/// What one report by itself, and the councils before it, decide. `index`: of its entry, or any beyond the log for what is not
/// in it yet; `included_at`: POSIX seconds, likewise.
///
/// # Errors
/// [`DutyRefusal`].
pub fn check(registry: &Registry, index: u64, included_at: u64, envelope: &Envelope) -> Result<Duty, DutyRefusal> {
    let claimed: Duty = envelope.unverified().map_err(refusal)?;
    if claimed.origin != *registry.origin() {
        return Err(DutyRefusal::Origin);
    }
    let (month, x) = (claimed.month, claimed.x);
    if included_at < month.end() {
        return Err(DutyRefusal::Early);
    }
    let reported = council_of(registry, month).ok_or(DutyRefusal::NoCouncil)?;
    let author = registry.council_at(index).and_then(|council| council.seat(x));
    let author = author.filter(|_| reported.seat(x).is_some());
    let author = author.ok_or(DutyRefusal::NotASeat)?;
    if !names_all(&claimed, reported) {
        return Err(DutyRefusal::Rows);
    }
    let duty = envelope.verify::<Duty>(&[author.key]).map_err(refusal)?;
    Ok(duty.into_inner())
}

/// A row for each seat and reader, with the counts of its kind.
fn names_all(duty: &Duty, council: &Council) -> bool {
    let kind = |x: MemberNumber| match () {
        () if x == duty.x => Count::OWN,
        () if council.seat(x).is_some() => Count::SEAT,
        () => Count::READER,
    };
    duty.rows.len() == council.seats.len() + council.readers.len()
        && duty
            .rows
            .iter()
            .all(|row| council.member(row.x).is_some() && row.counts_exactly(kind(row.x)))
}

impl Duties {
    /// Reads them from the public statements.
    pub fn of(registry: &Registry) -> Self {
        let mut duties = Self::default();
        for (index, included_at, envelope) in registry.included() {
            if envelope.name() != Some(Duty::NAME) {
                continue;
            }
            if let Err(refusal) = duties.take(registry, index, included_at, envelope) {
                duties.refused.push((index, envelope.digest(), refusal));
            }
        }
        duties
    }

    fn take(
        &mut self,
        registry: &Registry,
        index: u64,
        included_at: u64,
        envelope: &Envelope,
    ) -> Result<(), DutyRefusal> {
        let duty = check(registry, index, included_at, envelope)?;
        let (month, x) = (duty.month, duty.x);
        let of_month = self.reports.entry(month).or_default();
        if of_month.contains_key(&x) {
            return Err(DutyRefusal::Again(month));
        }
        let report = CountedReport {
            index,
            included_at,
            digest: envelope.digest(),
            duty,
        };
        of_month.insert(x, report);
        Ok(())
    }

    /// Those that do not count, in log order: index of the entry, digest, why.
    pub fn refused(&self) -> &[(u64, Digest, DutyRefusal)] {
        &self.refused
    }

    /// The reports on a month that count, by seat.
    pub fn on(&self, month: Month) -> impl Iterator<Item = &CountedReport> {
        self.reports.get(&month).into_iter().flat_map(BTreeMap::values)
    }

    /// The report of a seat on a month.
    pub fn report(&self, month: Month, x: MemberNumber) -> Option<&CountedReport> {
        self.reports.get(&month)?.get(&x)
    }

    /// What stands out in the reports on a month, at a checkpoint time.
    pub fn findings(&self, registry: &Registry, month: Month, at: u64) -> Vec<DutyFinding> {
        let mut findings = Vec::new();
        for x in expected(registry, month) {
            match self.report(month, x) {
                None if at >= due(month) => findings.push(DutyFinding::Missing { month, x }),
                Some(report) if report.is_late() => findings.push(DutyFinding::Late {
                    month,
                    x,
                    included_at: report.included_at,
                }),
                _ => {}
            }
        }
        findings.extend(self.on(month).flat_map(|report| self.contradictions(report)));
        findings
    }

    /// Where other seats saw more of a seat than it says of itself.
    fn contradictions<'a>(&'a self, own: &'a CountedReport) -> impl Iterator<Item = DutyFinding> + 'a {
        let (month, x) = (own.duty.month, own.duty.x);
        let says = move |count: &Count| own.duty.row(x).and_then(|row| row.counts.get(count)).copied();
        let others = self.on(month).filter(move |other| other.duty.x != x);
        others.flat_map(move |other| {
            let seen = other.duty.row(x).into_iter().flat_map(|row| &row.counts);
            seen.filter_map(move |(count, saw)| {
                let says = says(count).filter(|says| says < saw)?;
                Some(DutyFinding::Contradiction {
                    month,
                    x,
                    count: *count,
                    says,
                    by: other.duty.x,
                    saw: *saw,
                })
            })
        })
    }

    /// The largest number that any report on a month says of a member.
    pub fn worst(&self, month: Month, x: MemberNumber, count: Count) -> Option<PublicCount> {
        let rows = self.on(month).filter_map(|report| report.duty.row(x));
        rows.filter_map(|row| row.counts.get(&count).copied()).max()
    }

    /// What is owed, what has been owed longest first: by the reports on the newest month on which they are due at a
    /// checkpoint time and that has any, and the reports that are missing on the newest month on which they are due.
    pub fn owed(&self, registry: &Registry, at: u64) -> Vec<DutiesOwed> {
        let mut owed = Vec::new();
        let newest = months_due(registry, at).next_back();
        // Not one that only who was quick has reported on.
        let reported = newest.and_then(|newest| self.reports.range(..=newest).next_back());
        if let Some((month, _)) = reported {
            let month = *month;
            let members = council_of(registry, month).map(members).unwrap_or_default();
            for (x, counts) in members {
                let debts = counts.iter().filter(|count| count.is_debt());
                owed.extend(debts.filter_map(|count| {
                    let of = |month| {
                        self.worst(month, x, *count)
                            .filter(|bucket| *bucket > PublicCount::None)
                    };
                    Some(DutiesOwed {
                        x,
                        debt: Debt::Counted(*count, of(month)?),
                        since: first_on_end(month, |month| of(month).is_some()),
                    })
                }));
            }
        }
        if let Some(month) = newest {
            let is_missing = |month, x| expected(registry, month).contains(&x) && self.report(month, x).is_none();
            let silent = expected(registry, month).into_iter().filter(|x| is_missing(month, *x));
            owed.extend(silent.map(|x| DutiesOwed {
                x,
                debt: Debt::Report,
                since: first_on_end(month, |month| is_missing(month, x)),
            }));
        }
        owed.sort_by_key(|owed| {
            let size = match owed.debt {
                Debt::Report => PublicCount::None,
                Debt::Counted(_, bucket) => bucket,
            };
            (owed.since, std::cmp::Reverse(size), owed.x)
        });
        owed
    }
}

/// The first of the months on end, back from one that is so, that are so.
fn first_on_end(month: Month, is_so: impl Fn(Month) -> bool) -> Month {
    let mut first = month;
    while let Some(before) = first.previous().filter(|before| is_so(*before)) {
        first = before;
    }
    first
}

/// Every seat and reader, with what of it is counted at most.
pub fn members(council: &CouncilRecord) -> Vec<(MemberNumber, &'static [Count])> {
    let seats = council.seats.iter().map(|seat| (seat.x, Count::OWN));
    let readers = council.readers.iter().map(|reader| (reader.x, Count::READER));
    let mut members: Vec<_> = seats.chain(readers).collect();
    members.sort_unstable_by_key(|(x, _)| *x);
    members
}

/// The months on which reports are due at a checkpoint time, the first one being that of the first council.
pub fn months_due(registry: &Registry, at: u64) -> impl DoubleEndedIterator<Item = Month> {
    let first = registry.councils().first();
    let begins = first.map(|council| Month::of(council.included_at()));
    // The month that was over eight days ago at least.
    let last = Month::of(at.saturating_sub(DUE_S)).previous();
    begins.zip(last).into_iter().flat_map(|(begins, last)| begins.to(last))
}

/// The seats that owe a report on a month: those that were seats at its end, and still are when it is due.
pub fn expected(registry: &Registry, month: Month) -> Vec<MemberNumber> {
    let (Some(then), Some(now)) = (council_of(registry, month), included_before(registry, due(month))) else {
        return Vec::new();
    };
    let stays = then.seats.iter().map(|seat| seat.x).filter(|x| now.seat(*x).is_some());
    stays.collect()
}

fn refusal(error: EnvelopeError) -> DutyRefusal {
    match error {
        EnvelopeError::Rule(rule) => DutyRefusal::Rule(rule),
        EnvelopeError::Missing { .. } | EnvelopeError::Stranger => DutyRefusal::Signature,
        EnvelopeError::Json(_) | EnvelopeError::Form(_) | EnvelopeError::Type => DutyRefusal::Form,
    }
}
