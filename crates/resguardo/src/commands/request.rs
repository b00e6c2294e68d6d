//! `resguardo request`: a reader asks for a testimony.

use super::{desk, short};
use crate::args::Request;
use crate::console::Console;
use crate::desk::Asking;
use crate::failure::Outcome;
use protocol::statement::Compartment;
use serde_json::json;

pub(super) fn run(args: &Request, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?;
    let case = desk.case_id(&args.case)?;
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
    let request = desk.request(&case, &asking)?;
    let human = format!(
        "✓ request {} sent to the seats of {}; the first to take it files it",
        short(&request),
        case.code()
    );
    console.result(&human, json!({ "request": request, "case": case, "code": case.code() }));
    Ok(())
}
