//! `resguardo grant`, `refuse`, `object`: a seat's decision on a request.

use super::queue::tell_request;
use super::{desk, tell_filed};
use crate::args::{Decide, DeskArgs, Refuse};
use crate::console::Console;
use crate::desk::Seat;
use crate::failure::Outcome;
use protocol::statement::{Reason, Vote};
use protocol::{CaseId, Digest};

pub(super) fn grant(args: &Decide, console: &Console) -> Outcome<()> {
    decided("grant", &args.desk, &args.request, Vote::Grant, None, console)
}

pub(super) fn refuse(args: &Refuse, console: &Console) -> Outcome<()> {
    let reason = match args.reason.as_str() {
        "no-basis" => Reason::NoBasis,
        "policy" => Reason::Policy,
        _ => Reason::Other,
    };
    decided(
        "refusal",
        &args.desk,
        &args.request,
        Vote::Refuse,
        Some(reason),
        console,
    )
}

fn decided(
    what: &str,
    args: &DeskArgs,
    request: &str,
    vote: Vote,
    reason: Option<Reason>,
    console: &Console,
) -> Outcome<()> {
    let mut desk = desk(args, console)?.seat()?;
    let (case, request) = desk.request_id(request)?;
    tell(&desk, &case, &request, console)?;
    let filed = desk.run(async |seat| {
        let draft = seat.decide(&case, &request, vote, reason)?;
        seat.file(&draft).await
    })?;
    tell_filed(console, what, &filed);
    Ok(())
}

pub(super) fn object(args: &Decide, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?.seat()?;
    let (case, request) = desk.request_id(&args.request)?;
    tell(&desk, &case, &request, console)?;
    let filed = desk.run(async |seat| {
        let draft = seat.object(&case, &request)?;
        seat.file(&draft).await
    })?;
    tell_filed(console, "objection", &filed);
    Ok(())
}

/// What is asked stands above what the seat says to it.
fn tell(seat: &Seat, case: &CaseId, request: &Digest, console: &Console) -> Outcome<()> {
    let member = seat.member();
    let held = member.case(case)?;
    let (moment, _) = member.log().moment_of_any_age()?;
    tell_request(&held.case, request, member.log().registry(), moment.time(), console);
    Ok(())
}
