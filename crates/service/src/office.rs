//! Office cells (§9.3): from anybody with work, handed over with the next delivery; from members at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::{MethodRouter, post};
use ledger::{Accepted, Error, Item, Order, Refused, Submission};
use protocol::problem::Problem;
use protocol::{Day, Digest, MemberNumber};

use crate::app::Shared;
use crate::config::Limits;
use crate::delivery::{OFFICE_LIST, OFFICE_WAITING_LIST};
use crate::limits::{CELL_KEEP_DAYS, CELLS_QUIET, DAY_S, FORM_COPIES, cell_len};
use crate::problem::Refusal;
use crate::well::Well;
use crate::{body, signature, work};

/// Largest cell: one stanza for each of 24 seats.
const CELL_MAX: usize = cell_len(24);

pub(crate) fn routes() -> [(&'static str, MethodRouter<Shared>); 1] {
    [("/api/v1/office", post(write))]
}

async fn write(
    State(app): State<Shared>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let whole = body::read(&app.memory, &headers, body, CELL_MAX, FORM_COPIES).await?;
    let cell = whole.bytes;
    let digest = Digest::of(&cell);
    let now = app.now();
    let is_signed = signature::is_signed(&headers);
    let (once, writer) = if is_signed {
        let caller = signature::caller(&app, &method, &uri, &headers, &digest)?;
        (Some(caller.once), Some(caller.x))
    } else {
        match app.work.check_crowd(&headers, &digest, now, app.cells.crowd(now)) {
            Ok(once) => (once, None),
            Err(refusal) => return again(&app, &digest, refusal).await,
        }
    };
    let view = app.projection.view();
    let Some(council) = view.council() else {
        return Err(Refusal::new(
            Problem::Capacity,
            "No council has been published here yet. Nothing was stored.",
        ));
    };
    if cell.len() != cell_len(council.seats.len()) {
        return Err(Refusal::form(
            "An office cell has 8,192 bytes sealed to one stanza for each seat of the council.",
        ));
    }
    let list = if is_signed { OFFICE_LIST } else { OFFICE_WAITING_LIST };
    let submission = Submission {
        form: Some(identity(&digest)),
        once: once.into_iter().collect(),
        is_fresh: is_signed,
        items: vec![Item {
            list: list.to_owned(),
            expires: Some(Day::of(now).end() + u64::from(CELL_KEEP_DAYS) * DAY_S),
            blob: Some(digest.0),
            order: if is_signed { Order::Arrival } else { Order::Drawn },
            ..Item::default()
        }],
        blobs: vec![(digest.0, cell.into())],
        ..Submission::default()
    };
    app.cells.take(writer, now)?;
    let outcome = app.ledger.submit(submission).await;
    if !matches!(outcome, Ok(Accepted::New)) {
        app.cells.give_back(writer, now);
    }
    match outcome {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(Error::Refused(Refused::Used)) if !is_signed => Err(work::reused()),
        Err(error) => Err(app.refusal(error)),
    }
}

fn identity(digest: &Digest) -> [u8; 32] {
    Digest::of_parts(&[b"office\0", &digest.0]).0
}

/// The same cell again was taken already, whatever its work is worth now.
async fn again(app: &Shared, digest: &Digest, refusal: Refusal) -> Result<StatusCode, Refusal> {
    let form = identity(digest);
    match app.read(move |ledger| ledger.answer(&form)).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(refusal),
    }
}

/// How many cells were taken: from each member today, from strangers together of late. In memory only: a restart begins
/// anew.
pub(crate) struct Cells {
    by_member: u64,
    /// Day and counts of members. Guards itself.
    members: Mutex<(u64, HashMap<MemberNumber, u64>)>,
    /// Guards itself; strangers have no number.
    strangers: Mutex<Well>,
}

impl Cells {
    /// With the operator's limits.
    pub fn new(limits: &Limits) -> Self {
        Self {
            by_member: limits.office_cells_per_member,
            members: Mutex::default(),
            strangers: Mutex::new(Well::new(limits.office_cells, DAY_S)),
        }
    }

    /// Cells by strangers of late, above those of a quiet day: what work is asked by.
    pub fn crowd(&self, now: u64) -> u64 {
        self.strangers().level(now).saturating_sub(CELLS_QUIET)
    }

    /// Takes a cell off a member's number of today, or off what strangers may write.
    ///
    /// # Errors
    /// `allowance` for a member, `capacity` for strangers.
    pub fn take(&self, writer: Option<MemberNumber>, now: u64) -> Result<(), Refusal> {
        let Some(x) = writer else {
            let mut strangers = self.strangers();
            if !strangers.has_room(1, now) {
                return Err(Refusal::new(
                    Problem::Capacity,
                    "Too many messages to the office have come. Nothing was stored: send the same again in a minute, for room \
                     comes back all the time.",
                ));
            }
            strangers.fill(1, now);
            return Ok(());
        };
        let max = self.by_member;
        let is_granted = self.of_member(x, now, |written| {
            let is_granted = *written < max;
            *written += u64::from(is_granted);
            is_granted
        });
        if is_granted {
            return Ok(());
        }
        Err(Refusal::new(
            Problem::Allowance,
            format!("A member may write {max} office cells a day. Nothing was stored; try again tomorrow (UTC)."),
        ))
    }

    /// Gives back what was taken for a cell that was not stored.
    pub fn give_back(&self, writer: Option<MemberNumber>, now: u64) {
        match writer {
            Some(x) => self.of_member(x, now, |written| *written = written.saturating_sub(1)),
            None => self.strangers().give_back(1),
        }
    }

    fn strangers(&self) -> MutexGuard<'_, Well> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_member<T>(&self, x: MemberNumber, now: u64, change: impl FnOnce(&mut u64) -> T) -> T {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let day = Day::of(now).start();
        if members.0 != day {
            *members = (day, HashMap::new());
        }
        change(members.1.entry(x).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_by_member_and_day_and_strangers_never_close_the_office_for_long() {
        let cells = Cells::new(&Limits {
            office_cells: 200,
            office_cells_per_member: 2,
            ..Limits::default()
        });
        let problem = |writer, now| cells.take(writer, now).err().map(|refused| refused.problem);
        let (one, two) = (MemberNumber::new(1), MemberNumber::new(2));
        assert_eq!([problem(one, 0), problem(one, 0)], [None, None]);
        assert_eq!(problem(one, 0), Some(Problem::Allowance));
        assert_eq!(problem(two, 0), None, "each has its own");
        assert!((0..100).all(|_| problem(None, 0).is_none()));
        assert_eq!(problem(None, 0), Some(Problem::Capacity));
        assert_eq!(problem(two, 0), None, "strangers take nothing from members");
        assert_eq!(cells.crowd(0), 36);
        cells.give_back(None, 0);
        assert_eq!((problem(None, 0), problem(None, 1)), (None, Some(Problem::Capacity)));
        assert_eq!(problem(None, 900), None, "a place comes back in a quarter of an hour");
        assert_eq!((cells.crowd(86_400), problem(one, 86_400)), (0, None));
    }
}
