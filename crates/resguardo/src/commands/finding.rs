//! `resguardo finding`: a reader says what was done with an opened testimony.

use super::{desk, tell_filed};
use crate::args::Finding;
use crate::console::Console;
use crate::failure::{CliError, Outcome};
use protocol::statement::Outcome as Found;

pub(super) fn run(args: &Finding, console: &Console) -> Outcome<()> {
    let outcome = match args.outcome.as_str() {
        "referred" => Found::Referred,
        "protected" => Found::Protected,
        "investigated" => Found::Investigated,
        "charged" => Found::Charged,
        "no-action" => Found::NoAction,
        other => return Err(CliError::bug(format!("an outcome `{other}`"))),
    };
    let mut desk = desk(&args.desk, console)?.reader()?;
    let (case, request) = desk.request_id(&args.request)?;
    let filed = desk.run(async |reader| {
        let draft = reader.finding(&case, &request, outcome)?;
        reader.file(&draft).await
    })?;
    tell_filed(console, "finding", &filed);
    Ok(())
}
