//! `resguardo refer`: a seat tells a reader of a case.

use super::{desk, tell_filed};
use crate::args::Refer;
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use protocol::MemberNumber;

pub(super) fn run(args: &Refer, console: &Console) -> Outcome<()> {
    let reader = MemberNumber::new(args.reader).ok_or_else(|| {
        Failure::usage("there is no reader 0")
            .why("members are numbered from 1")
            .remedy("`resguardo council show` lists them")
    })?;
    let mut desk = desk(&args.desk, console)?;
    let case = desk.case_id(&args.case)?;
    let filed = desk.refer(&case, reader)?;
    tell_filed(console, "referral", &filed);
    Ok(())
}
