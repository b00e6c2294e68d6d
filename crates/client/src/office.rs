//! Office cells (§9.3): what a seat reads there and files in its case, and what members send.

use std::collections::HashSet;

use casework::proposed::{Proposed, open_cell};
use casework::{Filed, FollowedCase, Office, admit};
use protocol::age::Recipient;
use protocol::drop::seal_cell;
use protocol::ids::MemberNumber;
use protocol::{CaseId, Digest, Envelope};

use crate::desk::Desk;
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
                let statement = cell.and_then(|cell| open_cell(self.keys.identity(), &cell, self.log.registry()));
                self.cells.insert(*digest, statement.map_or(Cell::Closed, Cell::Open));
            }
        }
        self.cells_to = next;
        Ok(())
    }

    /// Statements from cells that belong to a case of this seat, are not in the log, and may be filed; each once, though
    /// its author, left without an answer, may have posted it in several cells.
    pub(crate) fn to_take(&self) -> Vec<(CaseId, Proposed, &Envelope)> {
        let open = self.cells.values().filter_map(|cell| match cell {
            Cell::Open(statement) => Some(statement),
            Cell::Closed => None,
        });
        let mut seen = HashSet::new();
        let wanted = open.filter_map(|statement| {
            let proposed = Proposed::read(statement)?;
            let held = self.cases.values().find(|held| proposed.is_on(held))?;
            let digest = statement.digest();
            if !seen.insert(digest) {
                return None;
            }
            let waits = self.pending.iter().any(|pending| pending.filed.statement == digest);
            let is_wanted = !held.stands(&digest) && !waits && self.may_file(held, &proposed, statement).is_ok();
            is_wanted.then_some((held.case.id(), proposed, statement))
        });
        wanted.collect()
    }

    /// Files what came in office cells for cases of this seat.
    ///
    /// # Errors
    /// A rule of the log; the network.
    pub async fn take_office(&mut self) -> Outcome<Vec<Filed>> {
        self.require(Office::Seat)?;
        let wanted: Vec<(CaseId, Proposed, Envelope)> = self
            .to_take()
            .into_iter()
            .map(|(case, proposed, statement)| (case, proposed, statement.clone()))
            .collect();
        let mut taken = Vec::new();
        for (case, proposed, statement) in wanted {
            match self.may_file(self.held(&case)?, &proposed, &statement) {
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

    /// Author, signature and rule of a statement that came in a cell.
    fn may_file(&self, held: &FollowedCase, proposed: &Proposed, statement: &Envelope) -> Outcome<()> {
        let registry = self.log.registry();
        let verified = proposed.verify(statement, held, registry);
        verified.map_err(|error| Failure::new("office-cell").why(error))?;
        let allowed = match proposed {
            Proposed::Request(request) => {
                admit::request(&held.case, request, &self.log.moment_of_any_age()?.0, registry)
            }
            Proposed::Reject(reject) => admit::reject(&held.case, reject.x, registry),
            Proposed::DeclarantObjection(objection) => admit::objection(
                &held.case,
                &objection.request,
                None,
                &self.log.moment_of_any_age()?.0,
                registry,
            ),
        };
        allowed.map_err(|no| Failure::not_now(&no))
    }

    /// Posts a statement to those seats of the council that `readable` names; all cells look alike.
    pub(crate) async fn post_cell(&self, statement: &Envelope, readable: impl Fn(MemberNumber) -> bool) -> Outcome<()> {
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
