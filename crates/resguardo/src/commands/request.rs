//! `resguardo request`: a reader asks for a testimony.

use super::{desk, short};
use crate::args::Request;
use crate::console::Console;
use crate::desk::Desk;
use crate::failure::{Exit, Failure, Outcome};
use casework::Asking;
use protocol::CaseId;
use protocol::statement::Compartment;
use serde_json::json;

pub(super) fn run(args: &Request, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?;
    let case = desk.case_id(&args.case)?;
    if !args.again {
        is_first(&desk, &case)?;
    }
    let mut compartments = vec![Compartment::Account];
    if args.identity {
        compartments.push(Compartment::Identity);
    }
    let asking = Asking {
        compartments,
        purpose: args.purpose.clone(),
        basis: args.basis.clone(),
        urgent: args.urgent,
    };
    let request = desk.request(&case, asking)?;
    let human = format!(
        "✓ request {} sent to the seats of {}; the first to take it files it",
        short(&request),
        case.code()
    );
    console.result(&human, json!({ "request": request, "case": case, "code": case.code() }));
    Ok(())
}

/// A request of this reader that is not opened yet is told before a second one goes out.
fn is_first(desk: &Desk, case: &CaseId) -> Outcome<()> {
    let told = desk.referred().find(|told| told.referral.case == *case);
    let open: Vec<String> = told.map_or_else(Vec::new, |told| told.requests.iter().map(short).collect());
    if open.is_empty() {
        return Ok(());
    }
    let what = format!("this reader has asked for case {} already", case.code());
    Err(Failure::new(Exit::NotNow, "asked-already", what)
        .why(format!(
            "{} is not opened yet, and a second request is decided anew, with its own waiting time",
            open.join(", ")
        ))
        .remedy("wait for it: `resguardo queue` shows it; where it came to nothing, `--again` asks once more"))
}
