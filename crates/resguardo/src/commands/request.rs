//! `resguardo request`: a reader asks for a testimony.

use super::{desk, line, public, short};
use crate::args::Request;
use crate::console::Console;
use crate::desk::Reader;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use casework::Asking;
use protocol::CaseId;
use protocol::statement::Compartment;
use serde_json::json;

pub(super) fn run(args: &Request, console: &Console) -> Outcome<()> {
    line("--purpose", &args.purpose)?;
    line("--basis", &args.basis)?;
    let mut desk = desk(&args.desk, console)?.reader()?;
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
        for_use: args.for_use,
        basis: args.basis.clone(),
        urgent: args.urgent,
    };
    let request = desk.run(async |reader| {
        let question = reader.request(&case, asking)?;
        public::tell(&reader.member().made_public(&case, question.statement()), console);
        reader.ask(&question).await
    })?;
    let human = t!(
        "✓ request {} sent to the seats of {}; the first to take it files it",
        short(&request),
        case.code()
    );
    console.result(&human, json!({ "request": request, "case": case, "code": case.code() }));
    Ok(())
}

/// A request of this reader that is not opened yet is told before a second one goes out.
fn is_first(desk: &Reader, case: &CaseId) -> Outcome<()> {
    let own = desk.office().requests().iter();
    let of_case = own.filter(|(_, own)| own.request.case == *case);
    let open: Vec<String> = of_case.map(|(digest, _)| short(digest)).collect();
    if open.is_empty() {
        return Ok(());
    }
    let what = t!("this reader has asked for case {} already", case.code());
    Err(CliError::new(CliCode::AskedAlready, what)
        .why(t!(
            "{} is not opened yet, and a second request is decided anew, with its own waiting time",
            open.join(", ")
        ))
        .remedy(t!(
            "wait for it: `resguardo queue` shows it; where it came to nothing, `--again` asks once more"
        )))
}
