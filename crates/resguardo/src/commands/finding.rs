//! `resguardo finding`: a reader says what was done with an opened testimony.

use super::{desk, public, tell_filed};
use crate::args::Finding;
use crate::console::Console;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::names;
use protocol::statement::OpeningOutcome;

pub(super) fn run(args: &Finding, console: &Console) -> Outcome<()> {
    let outcome = match args.outcome.as_str() {
        "referred" => OpeningOutcome::Referred,
        "protected" => OpeningOutcome::Protected,
        "investigated" => OpeningOutcome::Investigated,
        "charged" => OpeningOutcome::Charged,
        "no-action" => OpeningOutcome::NoAction,
        other => return Err(CliError::bug(format!("an outcome `{other}`"))),
    };
    let mut desk = desk(&args.desk, console)?.reader()?;
    let (case, request) = desk.request_id(&args.request)?;
    let reported = desk.office().reported(&case, &request);
    let is_reporting = desk.office().is_reporting(&case, &request, outcome);
    if !args.again && !is_reporting && !reported.is_empty() {
        let reported: Vec<&str> = reported.into_iter().map(names::outcome).collect();
        return Err(CliError::new(
            CliCode::ReportedAlready,
            t!(
                "this reader has reported on {} already: {}",
                case.code(),
                reported.join("; ")
            ),
        )
        .why(t!(
            "a further report stands beside that one for good, and does not correct it"
        ))
        .remedy(t!("nothing was filed; `--again` files it")));
    }
    let filed = desk.run(async |reader| {
        let draft = reader.finding(&case, &request, outcome)?;
        public::of(reader.member(), &draft, console);
        reader.file(&draft).await
    })?;
    tell_filed(console, "finding", &filed);
    Ok(())
}
