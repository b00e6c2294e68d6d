//! Office cells (§9.3): what a seat reads there and files in her case, and what members send.

use super::Desk;
use crate::disk::{self, Access};
use crate::failure::{Exit, Failure, Outcome};
use crate::random;
use crate::refuse::not_now;
use casework::proposed::{Proposed, open_cell};
use casework::{Filed, FollowedCase, Office, admit};
use indicatif::HumanBytes;
use protocol::age::Recipient;
use protocol::drop::seal_cell;
use protocol::ids::MemberNumber;
use protocol::share::check::Rejected;
use protocol::statement::Member;
use protocol::{CaseId, Digest, Envelope};

/// Marks of cells that were read.
const CELLS: &str = "cells";
/// Plaintext of a cell in bytes.
const CELL_LEN: usize = protocol::drop::CELL_LEN;
/// Why a statement is not filed now and may be later: the cell is then read again.
const NOT_YET: [&str; 4] = ["checkpoint-too-old", "not-read-to-the-end", "untrusted", "no-request"];

/// A statement that was taken from an office cell and filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The case.
    pub case: CaseId,
    /// Name of the statement.
    pub name: &'static str,
    /// Where it was filed.
    pub filed: Filed,
}

impl Desk {
    /// Reads the office cells that are new and files what belongs to a case of this seat and is not in the log.
    ///
    /// # Errors
    /// Network, storage.
    pub fn take_office(&mut self) -> Outcome<Vec<Taken>> {
        self.require(Office::Seat)?;
        let folder = self.folder.join(CELLS);
        let done = disk::names(&folder)?;
        let mut taken = Vec::new();
        for digest in self.listed(|desk, from| desk.follow.remote().office(&desk.signer(), from))? {
            if done.contains(&digest.to_hex()) {
                continue;
            }
            let is_final = match self.follow.remote().blob_as_sent(&digest)? {
                Some(cell) if Digest::of(&cell) == digest => {
                    match open_cell(self.keys.identity(), &cell, self.follow.registry()) {
                        Some(statement) => self.take_statement(&statement, &mut taken)?,
                        None => true,
                    }
                }
                // Withheld or altered, it is asked for again, and keeps no other cell from being read.
                Some(_) | None => false,
            };
            if is_final {
                disk::private_folder(&folder)?;
                disk::write(&folder.join(digest.to_hex()), b"", Access::Private)?;
            }
        }
        Ok(taken)
    }

    /// Files a statement from a cell; whether the cell need not be read again.
    fn take_statement(&mut self, statement: &Envelope, taken: &mut Vec<Taken>) -> Outcome<bool> {
        let Some(proposed) = Proposed::read(statement) else {
            return Ok(true);
        };
        let Some(held) = self.cases.values().find(|held| proposed.is_on(held)) else {
            // The case may become known with a later delivery.
            return Ok(false);
        };
        let case = held.case.id();
        if self.promised(&case, statement)?.is_some() {
            return Ok(false);
        }
        if held.stands(&statement.digest()) {
            return Ok(true);
        }
        if let Err(failure) = self.may_file(held, &proposed, statement) {
            if NOT_YET.contains(&failure.code.as_ref()) {
                return Ok(false);
            }
            self.console.warn(&format!(
                "a statement for case {} was not filed: {failure}",
                case.code()
            ));
            return Ok(true);
        }
        let filed = self.file_act(&case, statement, &[])?;
        let name = proposed.name();
        taken.push(Taken { case, name, filed });
        Ok(false)
    }

    /// Author, signature and rule of a statement that came in a cell.
    fn may_file(&self, held: &FollowedCase, proposed: &Proposed, statement: &Envelope) -> Outcome<()> {
        let registry = self.follow.registry();
        proposed.verify(statement, held, registry).map_err(|error| {
            Failure::new(
                Exit::Check,
                "office-cell",
                "a statement from an office cell does not verify",
            )
            .why(error)
            .remedy("nothing to do here: it is not filed")
        })?;
        let (what, allowed) = match proposed {
            Proposed::Request(request) => {
                let moment = self.follow.moment_of_any_age()?;
                (
                    "file this request",
                    admit::request(&held.case, request, &moment, registry),
                )
            }
            Proposed::Reject(reject) => ("file this rejection", admit::reject(&held.case, reject.x, registry)),
            Proposed::DeclarantObjection(objection) => {
                let moment = self.follow.moment_of_any_age()?;
                let allowed = admit::objection(&held.case, &objection.request, None, &moment, registry);
                ("file her objection", allowed)
            }
        };
        allowed.map_err(|no| not_now(what, &no))
    }

    /// Tells the other seats that a delivery failed a check.
    pub(super) fn reject(&self, entry: Digest, rejected: Rejected) -> Outcome<()> {
        let reject = self.head().reject(entry, self.x, &rejected);
        let statement = self.sign(&reject)?;
        let me = self.x;
        self.post_cell(&statement, |x| x != me)
    }

    /// Posts a statement to those seats of the council that `readable` names.
    pub(super) fn post_cell(&self, statement: &Envelope, readable: impl Fn(MemberNumber) -> bool) -> Outcome<()> {
        let council = self
            .follow
            .registry()
            .current()
            .ok_or_else(|| Failure::bug("no council to write to"))?;
        let cell = make_cell(&council.seats, statement, readable)?;
        self.follow.remote().post_office_signed(&self.signer(), &cell)
    }
}

/// An office cell to the seats of a council (§9.3).
pub(crate) fn make_cell(
    seats: &[Member],
    statement: &Envelope,
    readable: impl Fn(MemberNumber) -> bool,
) -> Outcome<Vec<u8>> {
    let recipients: Vec<&Recipient> = seats.iter().map(|seat| &seat.recipient).collect();
    let readable: Vec<bool> = seats.iter().map(|seat| readable(seat.x)).collect();
    seal_cell(&recipients, &readable, statement, None, &mut random::system()).map_err(|_| {
        Failure::usage(format!(
            "the statement does not fit into an office cell of {}",
            HumanBytes(CELL_LEN as u64)
        ))
        .why("cells have one length, so that nobody can tell them apart")
        .remedy("shorten its texts; nothing was sent")
    })
}
