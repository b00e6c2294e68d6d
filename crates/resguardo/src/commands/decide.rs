//! `resguardo grant`, `refuse`, `object`: a seat's word on a request.

use super::{desk, tell_filed};
use crate::args::{Decide, Refuse};
use crate::console::Console;
use crate::failure::Outcome;
use protocol::statement::{Reason, Vote};

pub(super) fn grant(args: &Decide, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?;
    let (case, request) = desk.request_id(&args.request)?;
    let filed = desk.decide(&case, &request, Vote::Grant, None)?;
    tell_filed(console, "grant", &filed);
    Ok(())
}

pub(super) fn refuse(args: &Refuse, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?;
    let (case, request) = desk.request_id(&args.request)?;
    let reason = match args.reason.as_str() {
        "no-basis" => Reason::NoBasis,
        "policy" => Reason::Policy,
        _ => Reason::Other,
    };
    let filed = desk.decide(&case, &request, Vote::Refuse, Some(reason))?;
    tell_filed(console, "refusal", &filed);
    Ok(())
}

pub(super) fn object(args: &Decide, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?;
    let (case, request) = desk.request_id(&args.request)?;
    let filed = desk.object(&case, &request)?;
    tell_filed(console, "objection", &filed);
    Ok(())
}
