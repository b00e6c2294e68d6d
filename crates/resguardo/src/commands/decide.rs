//! `resguardo grant`, `refuse`, `object`: a seat's decision on a request.

use super::queue::tell_request;
use super::{desk, public, tell_filed};
use crate::args::{Decide, DeskArgs, Grant, Refuse};
use crate::console::Console;
use crate::desk::Seat;
use crate::failure::Outcome;
use protocol::statement::{Compartment, Reason};
use protocol::{CaseId, Digest};

pub(super) fn grant(args: &Grant, console: &Console) -> Outcome<()> {
    let only = args.only.as_deref().map(|name| match name {
        "identity" => Compartment::Identity,
        _ => Compartment::Account,
    });
    let reason = args.reason.as_deref().map(reason);
    decided(
        "grant",
        &args.desk,
        &args.request,
        console,
        |asked| match only {
            Some(only) => vec![only],
            None => asked.to_vec(),
        },
        reason,
    )
}

pub(super) fn refuse(args: &Refuse, console: &Console) -> Outcome<()> {
    let why = Some(reason(&args.reason));
    decided("refusal", &args.desk, &args.request, console, |_| Vec::new(), why)
}

/// One of the list in the arguments.
fn reason(name: &str) -> Reason {
    match name {
        "no-basis" => Reason::NoBasis,
        "policy" => Reason::Policy,
        _ => Reason::Other,
    }
}

fn decided(
    what: &str,
    args: &DeskArgs,
    request: &str,
    console: &Console,
    grants: impl Fn(&[Compartment]) -> Vec<Compartment>,
    reason: Option<Reason>,
) -> Outcome<()> {
    let mut desk = desk(args, console)?.seat()?;
    let (case, request) = desk.request_id(request)?;
    tell(&desk, &case, &request, console)?;
    let asked = desk.member().case(&case)?.case.request(&request);
    let grants = grants(asked.map_or(&[], |state| &state.request.compartments));
    let filed = desk.run(async |seat| {
        let draft = seat.decide(&case, &request, &grants, reason)?;
        public::of(seat.member(), &draft, console);
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
        public::of(seat.member(), &draft, console);
        seat.file(&draft).await
    })?;
    tell_filed(console, "objection", &filed);
    Ok(())
}

/// What is asked stands above what the seat says to it.
pub(super) fn tell(seat: &Seat, case: &CaseId, request: &Digest, console: &Console) -> Outcome<()> {
    let member = seat.member();
    let held = member.case(case)?;
    let (moment, _) = member.log().moment_of_any_age()?;
    tell_request(&held.case, request, member.log().registry(), moment.time(), console);
    Ok(())
}
