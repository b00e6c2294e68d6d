//! A seat's duty report (§10.2): counted from the cases that it follows, kept with its nonce before it is sent, and sent as it
//! was.

use casework::clock::DAY_S;
use casework::duty::{self, Duties};
use casework::tally::Tally;
use protocol::ids::Version;
use protocol::statement::{Count, Duty, DutyRow, commit_counts};
use protocol::{CaseId, Envelope, Month, Nonce, age, json};
use serde::{Deserialize, Serialize};

use super::Seat;
use super::messages::{MESSAGES_A_DAY, messages_of};
use crate::failure::{Failure, Local, Outcome};
use crate::member::damaged;

/// Reports of this seat, by month.
const REPORTS: &str = "duty";
/// Counts of cases that this seat has erased, by month and case.
const ERASED: &str = "duty-erased";

/// A report of this seat, with what it keeps of it to itself: the exact counts and the nonce that shows them to be those of
/// the statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyReport {
    /// 1.
    pub v: Version,
    /// Which month.
    pub month: Month,
    /// Of the commitment, not of the statement.
    pub nonce: Nonce,
    /// The exact counts.
    pub rows: Vec<DutyRow<u32>>,
    /// The statement's envelope, as it is public.
    statement: String,
}

impl DutyReport {
    /// The statement.
    ///
    /// # Errors
    /// [`Local::StateDamaged`].
    pub fn statement(&self) -> Outcome<Envelope> {
        Envelope::parse(self.statement.as_bytes()).map_err(|error| damaged(&name(self.month), error))
    }

    /// Whether the statement commits to these counts under this nonce, and shows them in buckets: for an auditor to whom both
    /// were given.
    pub fn is_opened(&self) -> bool {
        let duty = self.statement().ok().and_then(|it| it.unverified::<Duty>().ok());
        duty.is_some_and(|duty| {
            duty.month == self.month
                && duty.commit == commit_counts(&self.nonce, &self.rows)
                && duty
                    .rows
                    .iter()
                    .eq(self.rows.iter().map(DutyRow::in_buckets).collect::<Vec<_>>().iter())
        })
    }
}

impl Seat {
    /// The report of this seat on a month, the last that is over where none is named: as it was made before, or made now. The
    /// deliveries were read before, or what was not looked at is not counted.
    ///
    /// # Errors
    /// [`Local::StatementRule`] for a month that cannot be reported; the store; what [`crate::Log::moment_of_any_age`] says.
    pub fn duty(&self, month: Option<Month>) -> Outcome<DutyReport> {
        let member = &self.member;
        let at = member.log.moment_of_any_age()?.0.time();
        let not_yet = || Failure::new(Local::StatementRule).why(duty::DutyRefusal::Early);
        let month = month.or(Month::of(at).previous()).ok_or_else(not_yet)?;
        if at < month.end() {
            return Err(not_yet());
        }
        if let Some(kept) = self.kept_report(month)?
            && (self.has_reported(month) || self.would_count(&kept, at).is_ok())
        {
            return Ok(kept);
        }
        let rows = self.counted(month, at)?;
        let nonce = Nonce::draw(&mut member.random.clone());
        let head = member.head();
        let duty = Duty {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            time: head.time.max(month.end()),
            x: member.x,
            month,
            rows: rows.iter().map(DutyRow::in_buckets).collect(),
            commit: commit_counts(&nonce, &rows),
        };
        let report = DutyReport {
            v: Version,
            month,
            nonce,
            rows,
            statement: String::from_utf8_lossy(member.sign(&duty)?.bytes()).into_owned(),
        };
        self.would_count(&report, at)?;
        Ok(report)
    }

    /// Files a report. It is kept before it is sent: while nobody has answered, it goes out as it was. Gives by when it is in
    /// the log, POSIX seconds; the promise is kept beside it, so that a broken one can be complained of.
    ///
    /// # Errors
    /// What the service says; the network; the store; [`Local::Promise`].
    pub async fn file_duty(&mut self, report: &DutyReport) -> Outcome<u64> {
        let statement = report.statement()?;
        self.member.keep_sealed(&name(report.month), &json::write(report))?;
        let promise = format!("{REPORTS}/{}.promise", report.month);
        let deadline = self.member.publish(&statement, &promise).await?;
        // What is counted of erased cases is of no use after the month that it is of.
        if let Some(before) = report.month.previous() {
            self.member.store.remove(&format!("{ERASED}/{before}"))?;
        }
        Ok(deadline)
    }

    /// Whether a report of this seat on a month stands in the log.
    pub fn has_reported(&self, month: Month) -> bool {
        let duties = Duties::of(self.member.log.registry());
        duties.report(month, self.member.x).is_some()
    }

    /// Keeps what a case adds to the counts of this month and the last, before this seat forgets it: the other seats count it
    /// still.
    pub(super) fn count_before_erasing(&self, id: &CaseId) -> Outcome<()> {
        let at = self.member.log.moment_of_any_age()?.0.time();
        let now = Month::of(at);
        for month in now.previous().into_iter().chain([now]) {
            let Some(council) = duty::council_of(self.member.log.registry(), month) else {
                continue;
            };
            let mut tally = Tally::new(council, self.member.x, month, at);
            tally.add(&self.member.case(id)?.case, self.first_written(id)?);
            let name = format!("{ERASED}/{month}/{id}.age");
            self.member.keep_sealed(&name, &json::write(&tally.rows()))?;
        }
        Ok(())
    }

    fn counted(&self, month: Month, at: u64) -> Outcome<Vec<DutyRow<u32>>> {
        let member = &self.member;
        let council = duty::council_of(member.log.registry(), month);
        let council = council.ok_or_else(|| Failure::new(Local::StatementRule).why(duty::DutyRefusal::NoCouncil))?;
        let mut tally = Tally::new(council, member.x, month, at);
        for held in member.cases() {
            tally.add(&held.case, self.first_written(&held.case.id())?);
        }
        tally.add_own(Count::ObjectsMissing, member.not_loaded);
        let folder = format!("{ERASED}/{month}");
        for file in member.store.names(&folder)? {
            let name = format!("{folder}/{file}");
            let sealed = member.store.read(&name)?.unwrap_or_default();
            let plain = age::open(member.keys.identity(), &sealed).map_err(|error| damaged(&name, error))?;
            let rows: Vec<DutyRow<u32>> = serde_json::from_slice(&plain).map_err(|error| damaged(&name, error))?;
            tally.add_rows(&rows);
        }
        Ok(tally.rows())
    }

    /// Whether the log would take it, as far as this seat has read it.
    fn would_count(&self, report: &DutyReport, at: u64) -> Outcome<Duty> {
        let checked = duty::check(self.member.log.registry(), u64::MAX, at, &report.statement()?);
        checked.map_err(|refusal| Failure::new(Local::StatementRule).why(refusal))
    }

    fn kept_report(&self, month: Month) -> Outcome<Option<DutyReport>> {
        let name = name(month);
        let Some(sealed) = self.member.store.read(&name)? else {
            return Ok(None);
        };
        let plain = age::open(self.member.keys.identity(), &sealed).map_err(|error| damaged(&name, error))?;
        serde_json::from_slice(&plain)
            .map_err(|error| damaged(&name, error))
            .map(Some)
    }

    /// The beginning of the day on which this seat first wrote to her, POSIX seconds: a message has no finer time.
    fn first_written(&self, id: &CaseId) -> Outcome<Option<u64>> {
        let names = self.member.store.names(&messages_of(id))?;
        let sent = names
            .iter()
            .filter_map(|name| name.strip_suffix(".age.sent")?.parse::<u32>().ok());
        Ok(sent.min().map(|n| u64::from(n / MESSAGES_A_DAY) * DAY_S))
    }
}

fn name(month: Month) -> String {
    format!("{REPORTS}/{month}.age")
}
