//! The scene in which seats do not answer a request: its clock begins five weeks ago and is moved, so that the weeks pass in
//! which what is owed becomes public, and shows to whoever looks.

use super::{Tour, later, wait, wrong};
use crate::clock::{self, Stopwatch, readable};
use crate::console::{Console, Tone};
use crate::demo::report::Ready;
use crate::demo::setup::{Place, STEP_S};
use crate::desk::Seat;
use crate::failure::{CliError, Outcome};
use crate::language::t;
use casework::docket::Stage;
use client::RoutineStep;
use protocol::statement::{Compartment, ConsentChoice, Holds};
use protocol::{CaseId, Digest};
use serde_json::json;

/// When its twins are due: the day for the grants and the Monday after it have passed.
const DUE_S: i64 = 13 * 86_400;

impl Tour<'_> {
    pub(super) fn stall(mut self) -> Outcome<Ready> {
        let declared = self.declare(ConsentChoice::NotAsked)?;
        self.receipt(&declared)?;
        self.acknowledge(&declared.promised)?;
        let request = self.ask(&declared.case)?;
        self.held(&declared)?;
        self.one_seat_answers(&declared.case, &request)?;
        self.docket_opens()?;
        self.nothing_is_due()?;
        self.weeks_pass_and_what_is_due_is_published(&declared.case)?;
        self.overdue_shows()?;
        self.ready(&declared, &request, None)
    }

    /// The others are silent.
    fn one_seat_answers(&mut self, case: &CaseId, request: &Digest) -> Outcome<()> {
        let watch = Stopwatch::start();
        let (machine, seats) = (self.machine, &mut self.seats);
        let seat = seats
            .first_mut()
            .ok_or_else(|| CliError::bug("a council without seats"))?;
        wait(machine, t!("the request in the log"), || {
            later(seat.run(async |seat| {
                seat.refresh().await?;
                let draft = seat.decide(case, request, &[Compartment::Account, Compartment::Identity], None)?;
                seat.file(&draft).await
            }))
        })?;
        wait(machine, t!("the grant in the log"), || {
            seat.run(async |seat| seat.refresh().await)?;
            Ok((seat.member().held_twins().len() > 1).then_some(()))
        })?;
        self.done(t!("one seat grants, four are silent"), &watch);
        Ok(())
    }

    fn docket_opens(&mut self) -> Outcome<()> {
        let watch = Stopwatch::start();
        let mut signed = None;
        for seat in self.seats.iter_mut().take(super::GRANTING) {
            signed = Some(seat.run(async |seat| seat.member().sign_docket_open(signed.as_ref()))?);
        }
        let signed = signed.ok_or_else(|| CliError::bug("a council without seats"))?;
        let (machine, seats) = (self.machine, &mut self.seats);
        let seat = seats
            .first_mut()
            .ok_or_else(|| CliError::bug("a council without seats"))?;
        seat.run(async |seat| seat.publish(&signed).await)?;
        wait(machine, t!("the docket, open"), || {
            seat.run(async |seat| seat.refresh().await)?;
            let registry = seat.member().log().registry();
            Ok(registry.docket_open().is_some().then_some(()))
        })?;
        self.done(t!("three seats open the docket"), &watch);
        Ok(())
    }

    /// To so many seconds before now, between two steps: one that is under way would be dated outside itself.
    fn move_clock(&mut self, before_now_s: i64) -> Outcome<()> {
        let (machine, follow) = (self.machine, &mut self.follow);
        let mut seen = follow.log().latest()?.1.checkpoint().size;
        wait(machine, t!("the next step"), || {
            follow.refresh(&Console::silent())?;
            let size = follow.log().latest()?.1.checkpoint().size;
            let is_between = size > seen && clock::now().is_multiple_of(u64::from(STEP_S));
            seen = size;
            Ok(is_between.then(|| machine.move_clock(before_now_s)))
        })
    }

    /// The docket is open, and the routine of a seat publishes nothing of what is not due.
    fn nothing_is_due(&mut self) -> Outcome<()> {
        let seat = silent(&mut self.seats)?;
        seat.run(async |seat| seat.refresh().await)?;
        let member = seat.member();
        if member.log().registry().docket_open().is_none() || member.held_twins().len() < 2 || is_publishing(seat)? {
            return Err(wrong(t!("nothing is due before its day")));
        }
        Ok(())
    }

    /// Seat 2, which did not answer, holds the twins as all do; its routine publishes them, once.
    fn weeks_pass_and_what_is_due_is_published(&mut self, case: &CaseId) -> Outcome<()> {
        let watch = Stopwatch::start();
        self.move_clock(DUE_S)?;
        let (machine, seat) = (self.machine, silent(&mut self.seats)?);
        // The first look may still show the log as it was before the weeks passed.
        wait(machine, t!("the twins in the log"), || {
            seat.run(async |seat| seat.refresh().await)?;
            seat.member().case(case)?;
            let steps = seat.office().routine()?;
            for done in seat.run(async |seat| seat.perform(&steps, |_| Holds::Share).await)? {
                done.outcome?;
            }
            // What is promised is not published again.
            if is_publishing(seat)? {
                return Err(wrong(t!("what is promised is published again")));
            }
            let held = seat.member().held_twins();
            Ok(held.iter().all(|twin| twin.is_published).then_some(()))
        })?;
        // Nor does another seat publish what is there.
        for seat in self.seats.iter_mut().skip(2).take(1) {
            seat.run(async |seat| seat.refresh().await)?;
            if is_publishing(seat)? {
                return Err(wrong(t!("what is published is published again")));
            }
        }
        self.done(t!("weeks pass, twins are published"), &watch);
        Ok(())
    }

    /// By today's clock, from the log alone: four seats owe an answer, and the page says so.
    fn overdue_shows(&mut self) -> Outcome<()> {
        let watch = Stopwatch::start();
        self.move_clock(0)?;
        let (machine, follow) = (self.machine, &mut self.follow);
        let owed = wait(machine, t!("what is overdue"), || {
            follow.refresh(&Console::silent())?;
            let today = later(follow.log().moment().map_err(CliError::from))?;
            let dockets = follow.dockets(&Console::silent())?;
            Ok(today.and_then(|today| dockets.owed(today.time()).into_iter().next()))
        })?;
        let silent = Place::seats().count() - 1;
        if owed.stage != Stage::Grants || owed.owers.owe.len() != silent {
            return Err(wrong(t!("four seats must owe an answer")));
        }
        self.done(t!("overdue, for everybody to see"), &watch);
        let (base, docket) = (self.place.base_url(), owed.docket);
        let (all, one) = (
            format!("{base}/es/registro/actos"),
            format!("{base}/es/registro/acto/{docket}"),
        );
        let human = t!(
            "    four seats have owed an answer since {}: look at\n    {}\n    {}\n    resguardo docket verify",
            readable(owed.by + 1),
            all,
            one
        );
        let value = json!({ "docket": docket, "by": owed.by, "address": one, "list": all });
        self.console.line(Tone::Plain, &human, "overdue", value);
        Ok(())
    }
}

/// A seat that does not answer.
fn silent(seats: &mut [Seat]) -> Outcome<&mut Seat> {
    seats.get_mut(1).ok_or_else(|| CliError::bug("a council without seats"))
}

/// Whether a seat's routine would publish anything.
fn is_publishing(seat: &Seat) -> Outcome<bool> {
    let steps = seat.office().routine()?;
    Ok(steps.iter().any(|step| matches!(step, RoutineStep::Publish { .. })))
}
