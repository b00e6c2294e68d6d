//! Office cells (§9.3): what a seat reads there and files in its case, and what members send.

use std::collections::HashSet;

use docket::{Held, admit};
use protocol::age::Recipient;
use protocol::drop::{open_cell, seal_cell};
use protocol::ids::X;
use protocol::statement::{HerObjection, Member, Payload as _, Reject, Request};
use protocol::{CaseId, Digest, Envelope};

use crate::act::Filed;
use crate::desk::{Desk, Office};
use crate::failure::{Failure, Outcome};
use crate::random;
use crate::wire::{BATCH, Call};

/// Why a statement is not filed now and may be later.
const NOT_YET: [&str; 5] = [
    "checkpoint-too-old",
    "not-read-to-the-end",
    "untrusted",
    "no-request",
    "no-checkpoint",
];

/// A cell that was read in this visit.
pub(crate) enum Cell {
    /// For other seats, or unreadable.
    Closed,
    /// It carries a statement.
    Open(Envelope),
}

impl Desk {
    /// Reads the office cells that are new; nothing is sent.
    pub(crate) async fn read_cells(&mut self) -> Outcome<()> {
        let (digests, next) = self.listed::<Digest>("office", self.cells_to).await?;
        for (batch, part) in digests.chunks(BATCH).enumerate() {
            self.wire.progress((batch * BATCH) as u64, digests.len() as u64);
            for (digest, cell) in part.iter().zip(self.wire.blobs_as_sent(part.iter().copied()).await?) {
                let statement = cell.and_then(|cell| self.open_cell(&cell));
                self.cells.insert(*digest, statement.map_or(Cell::Closed, Cell::Open));
            }
        }
        self.cells_to = next;
        Ok(())
    }

    /// A cell has one stanza for each seat of the council at its time; the newest councils are tried first.
    fn open_cell(&self, cell: &[u8]) -> Option<Envelope> {
        let mut councils = self.log.registry().councils().iter().rev();
        councils.find_map(|council| {
            let opened = open_cell(self.keys.identity(), cell, council.seats.len())?;
            opened.ok().map(|(statement, _)| statement)
        })
    }

    /// Statements from cells that belong to a case of this seat, are not in the log, and may be filed; each once, though
    /// its author, left without an answer, may have posted it in several cells.
    pub(crate) fn to_take(&self) -> Vec<(CaseId, &'static str, &Envelope)> {
        let open = self.cells.values().filter_map(|cell| match cell {
            Cell::Open(statement) => Some(statement),
            Cell::Closed => None,
        });
        let mut seen = HashSet::new();
        let wanted = open.filter_map(|statement| {
            let (case, name) = self.case_of(statement)?;
            let held = self.cases.get(&case)?;
            let digest = statement.digest();
            if !seen.insert(digest) {
                return None;
            }
            let waits = self.pending.iter().any(|pending| pending.filed.statement == digest);
            let is_wanted = !held.stands(&digest) && !waits && self.may_file(held, statement).is_ok();
            is_wanted.then_some((case, name, statement))
        });
        wanted.collect()
    }

    /// Files what came in office cells for cases of this seat.
    ///
    /// # Errors
    /// A rule of the log; the network.
    pub async fn take_office(&mut self) -> Outcome<Vec<Filed>> {
        self.require(Office::Seat)?;
        let wanted: Vec<(CaseId, Envelope)> = self
            .to_take()
            .into_iter()
            .map(|(case, _, statement)| (case, statement.clone()))
            .collect();
        let mut taken = Vec::new();
        for (case, statement) in wanted {
            match self.may_file(self.held(&case)?, &statement) {
                Ok(()) => {
                    let records = self.records(&case, &statement, None)?;
                    taken.push(self.file_act(&case, &statement, &records).await?);
                }
                Err(failure) if NOT_YET.contains(&failure.code.as_str()) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(taken)
    }

    /// The case that a statement is on; `reject` names it by its entry.
    fn case_of(&self, statement: &Envelope) -> Option<(CaseId, &'static str)> {
        match statement.name()? {
            name if name == Request::NAME => {
                let request = statement.unverified::<Request>().ok()?;
                Some((request.case, Request::NAME))
            }
            name if name == HerObjection::NAME => {
                let objection = statement.unverified::<HerObjection>().ok()?;
                Some((objection.case, HerObjection::NAME))
            }
            name if name == Reject::NAME => {
                let reject = statement.unverified::<Reject>().ok()?;
                let mut cases = self.cases.values();
                let held = cases.find(|held| held.case.facts().entry == reject.entry)?;
                Some((held.case.id(), Reject::NAME))
            }
            _ => None,
        }
    }

    /// Author, signature and rule of a statement that came in a cell.
    fn may_file(&self, held: &Held, statement: &Envelope) -> Outcome<()> {
        let registry = self.log.registry();
        let council = registry.current().ok_or_else(|| Failure::new("no-council"))?;
        let refuse = |why: &dyn std::fmt::Display| Failure::new("office-cell").why(why);
        let author = |member: Option<&Member>| {
            let key = member.map(|member| member.key);
            key.ok_or_else(|| refuse(&"its author is of no council"))
        };
        if statement.name() == Some(Request::NAME) {
            let claimed: Request = statement.unverified().map_err(|error| refuse(&error))?;
            let key = author(council.reader(claimed.reader))?;
            let request = statement.verify::<Request>(&[key]).map_err(|error| refuse(&error))?;
            admit::request(&held.case, &request, &self.log.moment()?, registry).map_err(|no| Failure::not_now(&no))
        } else if statement.name() == Some(Reject::NAME) {
            let claimed: Reject = statement.unverified().map_err(|error| refuse(&error))?;
            let key = author(council.seat(claimed.x))?;
            statement.verify::<Reject>(&[key]).map_err(|error| refuse(&error))?;
            admit::reject(&held.case, claimed.x, registry).map_err(|no| Failure::not_now(&no))
        } else {
            let objection = statement
                .verify::<HerObjection>(&[held.core.inbox.key])
                .map_err(|error| refuse(&error))?;
            admit::objection(&held.case, &objection.request, None, &self.log.moment()?, registry)
                .map_err(|no| Failure::not_now(&no))
        }
    }

    /// Posts a statement to those seats of the council that `readable` names; all cells look alike.
    pub(crate) async fn post_cell(&self, statement: &Envelope, readable: impl Fn(X) -> bool) -> Outcome<()> {
        let council = self
            .log
            .registry()
            .current()
            .ok_or_else(|| Failure::new("no-council"))?;
        let recipients: Vec<&Recipient> = council.seats.iter().map(|seat| &seat.recipient).collect();
        let readable: Vec<bool> = council.seats.iter().map(|seat| readable(seat.x)).collect();
        let cell = seal_cell(&recipients, &readable, statement, None, &mut random::system());
        let cell = cell.map_err(|_| Failure::new("too-large"))?;
        let call = Call::post("/api/v1/office", "application/octet-stream".to_owned(), cell);
        self.signed(call).await.map(drop)
    }
}
