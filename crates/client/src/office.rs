//! Office cells (§9.3): what a seat reads there and files in its case, and what members send.

use std::collections::HashSet;

use casework::case::ActRefusal;
use casework::proposed::{Proposed, open_cell};
use casework::twin::check_shown;
use casework::{Body, DeclarantAct, Filed, FollowedCase, NotNow, Why, admit};
use protocol::age::Recipient;
use protocol::drop::seal_cell;
use protocol::ids::MemberNumber;
use protocol::statement::{CouncilMember, DocketChoice, InboxChange, Request};
use protocol::{CaseId, Digest, Envelope};
use rand_core::CryptoRng;

use crate::act::SignedStatement;
use crate::failure::{Failure, Local, Outcome};
use crate::filing::Copies;
use crate::member::{Member, Warning};
use crate::seat::Seat;
use crate::seat::messages::ASKS_MAX;
use crate::wire::{BATCH, HttpCall};

/// Marks of cells that need not be read again, and of questions that came in them.
const CELLS: &str = "cells";

/// A statement in an office cell that may be filed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The case.
    pub case: CaseId,
    /// Name of the statement.
    pub name: &'static str,
    /// The statement.
    pub statement: Digest,
}

/// A statement that was taken from an office cell and filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiledCell {
    /// The case.
    pub case: CaseId,
    /// Name of the statement.
    pub name: &'static str,
    /// Its promise.
    pub filed: Filed,
}

/// What is to be done with a statement from a cell.
enum Next {
    /// It is filed.
    File(CaseId, &'static str),
    /// It may be filed later.
    Later,
    /// Nothing: it stands in the log, or is of no use.
    Nothing,
    /// It is refused.
    Refuse(CaseId, Failure),
}

impl Seat {
    /// Reads the office cells that are new; nothing is sent.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn read_cells(&mut self) -> Outcome<()> {
        let mut done: HashSet<String> = self.member.store.names(CELLS)?.into_iter().collect();
        let (listed, next) = self.member.listed::<Digest>("office", self.cells_to).await?;
        self.unread
            .extend(listed.into_iter().filter(|digest| !done.contains(&digest.to_hex())));
        self.cells_to = next;
        if !self.unread.is_empty() {
            // What this seat did with questions it knows from its own records, whatever this machine has kept.
            done.extend(self.handled().await?.iter().map(Digest::to_hex));
        }
        let (unread, wire) = (Vec::from_iter(self.unread.iter().copied()), self.member.wire.clone());
        let mut asks = self.asks().len();
        for (batch, part) in unread.chunks(BATCH).enumerate() {
            wire.progress((batch * BATCH) as u64, unread.len() as u64);
            for (digest, cell) in part.iter().zip(wire.blobs_as_sent(part.iter().copied()).await?) {
                // Withheld or altered, it is asked for again, and keeps no other cell from being read.
                let Some(cell) = cell.filter(|cell| Digest::of(cell) == *digest) else {
                    continue;
                };
                self.unread.remove(digest);
                match open_cell(self.member.keys.identity(), &cell, self.member.log.registry()) {
                    // A question that was answered here or put away, and that she sent again.
                    Some((statement, _)) if done.contains(&statement.digest().to_hex()) => self.is_read(digest)?,
                    // One more question is read once there is room, at another visit.
                    Some((statement, _)) if asks >= ASKS_MAX && self.ask(&statement).is_some() => {}
                    Some((statement, twin)) => {
                        self.twins.extend(twin.map(|twin| (twin.digest(), twin)));
                        asks += usize::from(self.ask(&statement).is_some());
                        self.cells.insert(*digest, statement);
                    }
                    None => self.is_read(digest)?,
                }
            }
        }
        self.sort_cells()
    }

    /// Statements from cells that may be filed now. Each once, though its author, left without an answer, may have posted
    /// it in several cells; of hers the highest counter first: in a flood it is what counts.
    pub fn to_take(&self) -> Vec<Offered> {
        let waiting = self.waiting_cells().into_iter();
        let offered = waiting.map(|(case, name, statement)| Offered {
            case,
            name,
            statement: statement.digest(),
        });
        offered.collect()
    }

    /// As [`Self::to_take`], with the statement: its author and signature are right.
    pub fn waiting_cells(&self) -> Vec<(CaseId, &'static str, &Envelope)> {
        let mut statements = Vec::from_iter(self.cells.values());
        statements.sort_by_key(|statement| {
            let hers = DeclarantAct::read(statement, None).and_then(Result::ok);
            std::cmp::Reverse(hers.map_or(0, |hers| hers.n()))
        });
        let mut seen = HashSet::new();
        let once = statements
            .into_iter()
            .filter(|statement| seen.insert(statement.digest()));
        once.filter_map(|statement| match self.next(statement) {
            Next::File(case, name) => Some((case, name, statement)),
            _ => None,
        })
        .collect()
    }

    /// Files what came in office cells for cases of this seat.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn take_office(&mut self) -> Outcome<Vec<FiledCell>> {
        let mut taken = Vec::new();
        for offered in self.to_take() {
            taken.extend(self.take(&offered.statement).await?);
        }
        Ok(taken)
    }

    /// Files one of them; `None` where nothing is to be done with it any more.
    ///
    /// # Errors
    /// The network; the store.
    pub async fn take(&mut self, statement: &Digest) -> Outcome<Option<FiledCell>> {
        let offered = self.cells.values().find(|offered| offered.digest() == *statement);
        let Some(offered) = offered.cloned() else {
            return Ok(None);
        };
        let Next::File(case, name) = self.next(&offered) else {
            return Ok(None);
        };
        let copies = self.to_new_words(&offered)?;
        let twin = self.twin_of(self.member.case(&case)?, &offered).cloned();
        let signed = SignedStatement {
            statement: offered,
            twin,
        };
        let draft = self.member.draft(&case, signed, copies)?;
        let filed = self.member.file(&draft).await?;
        Ok(Some(FiledCell { case, name, filed }))
    }

    /// The twin that came with a request, where she chose the docket: else nobody files it (§10.1).
    fn twin_of(&self, held: &FollowedCase, statement: &Envelope) -> Option<&Envelope> {
        let request = statement.unverified::<Request>().ok()?;
        let named = request
            .twin
            .filter(|_| held.core.policy.docket == DocketChoice::Normal)?;
        self.twins.get(&named)
    }

    /// Whether the twin of a request, where it must have one, came with it and says what it may.
    fn check_twin(&self, held: &FollowedCase, request: &Request, statement: &Envelope) -> Result<(), ActRefusal> {
        if held.core.policy.docket == DocketChoice::CountsOnly {
            return Ok(());
        }
        let twin = self.twin_of(held, statement).ok_or(ActRefusal::Twin)?;
        let registry = self.member.log.registry();
        let author = registry.current().and_then(|council| council.reader(request.reader));
        let author = author.ok_or(ActRefusal::NotOfCouncil { x: request.reader })?;
        let body = Body::Request(request.clone());
        check_shown(&body, author.x, &author.key, registry.origin(), twin).map(drop)
    }

    /// A change of her inbox goes there too.
    fn to_new_words(&self, offered: &Envelope) -> Outcome<Option<Copies>> {
        let Ok(change) = offered.unverified::<InboxChange>() else {
            return Ok(None);
        };
        let records = self.member.sealed(&change.inbox.recipient, offered)?;
        Ok(Some(Copies::to_her(change.inbox.recipient, records)))
    }

    /// Puts away the cells with which nothing is to be done any more.
    fn sort_cells(&mut self) -> Outcome<()> {
        for digest in Vec::from_iter(self.cells.keys().copied()) {
            let next = self.cells.get(&digest).map(|statement| self.next(statement));
            match next {
                None | Some(Next::File(..) | Next::Later) => continue,
                Some(Next::Refuse(case, why)) => self.member.warnings.push(Warning::NotFiled { case, why }),
                Some(Next::Nothing) => {}
            }
            self.cells.remove(&digest);
            self.is_read(&digest)?;
        }
        Ok(())
    }

    pub(crate) fn is_read(&self, digest: &Digest) -> Outcome<()> {
        self.member.store.write(&format!("{CELLS}/{digest}"), b"")
    }

    fn next(&self, statement: &Envelope) -> Next {
        let Some(proposed) = Proposed::read(statement) else {
            // A question waits until it is answered or put away.
            return self.ask(statement).map_or(Next::Nothing, |_| Next::Later);
        };
        let Some(held) = self.member.cases.values().find(|held| proposed.is_on(held)) else {
            // The case may become known with a later delivery.
            return Next::Later;
        };
        let (case, digest) = (held.case.id(), statement.digest());
        if held.stands(&digest) {
            return Next::Nothing;
        }
        if self
            .member
            .pending
            .iter()
            .any(|pending| pending.filed.statement == digest)
        {
            return Next::Later;
        }
        match self.may_file(held, &proposed, statement) {
            Ok(()) => Next::File(case, proposed.name()),
            Err(failure) if failure.code.is_not_yet() => Next::Later,
            Err(failure) => Next::Refuse(case, failure),
        }
    }

    /// Author, signature and rule of a statement that came in a cell.
    fn may_file(&self, held: &FollowedCase, proposed: &Proposed, statement: &Envelope) -> Outcome<()> {
        let log = &self.member.log;
        let verified = proposed.verify(statement, held, log.registry());
        verified.map_err(|error| Failure::new(Local::OfficeCell).why(error))?;
        let allowed = match proposed {
            Proposed::Request(request) => {
                let refused = |reason| NotNow {
                    line: None,
                    why: Why::BadRequest { reason },
                    from: None,
                };
                admit::request(&held.case, request, &log.moment_of_any_age()?.0, log.registry())
                    .and_then(|()| self.check_twin(held, request, statement).map_err(refused))
            }
            Proposed::Reject(reject) => admit::reject(&held.case, reject.x, log.registry()),
            Proposed::Hers(hers) => {
                let waiting = self.member.pending_of_hers(&held.case.id());
                admit::hers(&held.case, hers, waiting, &log.moment_of_any_age()?.0, log.registry())
            }
        };
        allowed.map_err(Failure::not_now)
    }
}

impl Member {
    /// Posts a statement to those seats of the council that `readable` names; all cells look alike.
    pub(crate) async fn post_cell(
        &self,
        (statement, twin): (&Envelope, Option<&Envelope>),
        readable: impl Fn(MemberNumber) -> bool,
    ) -> Outcome<()> {
        let council = self.log.registry().current();
        let council = council.ok_or_else(|| Failure::new(Local::NoCouncil))?;
        let cell = cell(&council.seats, (statement, twin), readable, &mut self.random.clone())?;
        let call = HttpCall::post("/api/v1/office", "application/octet-stream".to_owned(), cell);
        self.signed(call).await.map(drop)
    }
}

/// An office cell to the seats of a council, readable for those that `readable` names: a statement, and its twin if it has one.
///
/// # Errors
/// [`Local::StatementTooLong`].
pub fn cell(
    seats: &[CouncilMember],
    (statement, twin): (&Envelope, Option<&Envelope>),
    readable: impl Fn(MemberNumber) -> bool,
    rng: &mut impl CryptoRng,
) -> Outcome<Vec<u8>> {
    let recipients: Vec<&Recipient> = seats.iter().map(|seat| &seat.recipient).collect();
    let readable: Vec<bool> = seats.iter().map(|seat| readable(seat.x)).collect();
    let cell = seal_cell(&recipients, &readable, statement, twin, rng);
    cell.map_err(|_| Failure::new(Local::StatementTooLong))
}
