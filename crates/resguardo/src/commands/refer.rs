//! `resguardo refer`: a seat tells a reader of a case.

use super::{desk, public, tell_filed};
use crate::args::Refer;
use crate::console::Console;
use crate::desk::Seat;
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::line::no_council;
use protocol::MemberNumber;

pub(super) fn run(args: &Refer, console: &Console) -> Outcome<()> {
    let reader = MemberNumber::new(args.reader).ok_or_else(|| {
        CliError::usage(t!("there is no reader 0"))
            .why(t!("members are numbered from 1"))
            .remedy(t!("`resguardo council show` lists them"))
    })?;
    let mut desk = desk(&args.desk, console)?.seat()?;
    let case = desk.case_id(&args.case)?;
    is_reader(&desk, reader)?;
    let filed = desk.run(async |seat| {
        let draft = seat.refer(&case, reader)?;
        public::of(seat.member(), &draft, console);
        seat.file(&draft).await
    })?;
    tell_filed(console, "referral", &filed);
    Ok(())
}

/// A number of nobody, or of a seat, is told with those that would do.
fn is_reader(desk: &Seat, x: MemberNumber) -> Outcome<()> {
    let Some(council) = desk.member().log().registry().current() else {
        return Err(no_council());
    };
    if council.reader(x).is_some() {
        return Ok(());
    }
    let what = match council.seat(x) {
        Some(seat) => t!("{} is a seat ({}), not a reader", x, seat.institution),
        None => t!("the council has no reader {}", x),
    };
    let readers: Vec<String> = council.readers.iter().map(|reader| reader.x.to_string()).collect();
    Err(CliError::usage(what)
        .why(t!("its readers are: {}", readers.join(", ")))
        .remedy(t!("give --reader with one of them")))
}
