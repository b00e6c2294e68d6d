//! `resguardo aid`: a reader says what assistance she was offered, and what came of it.

use super::{desk, line, public, tell_filed};
use crate::args::Aid;
use crate::console::Console;
use crate::desk::Reader;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use casework::Aiding;
use law::{Library, UNLISTED};
use protocol::statement::AidStatus;
use protocol::{CaseId, Day, Digest};

pub(super) fn run(args: &Aid, console: &Console) -> Outcome<()> {
    let status = match args.status.as_str() {
        "offered" => AidStatus::Offered,
        "accepted" => AidStatus::Accepted,
        "declined" => AidStatus::Declined,
        "delivered" => AidStatus::Delivered,
        other => return Err(CliError::bug(format!("a status `{other}`"))),
    };
    let due = args.due.as_deref().map(day).transpose()?;
    known(&args.measure)?;
    line("--provider", &args.provider)?;
    let mut desk = desk(&args.desk, console)?.reader()?;
    let case = desk.case_id(&args.case)?;
    let request = opened(&desk, &case, args.request.as_deref())?;
    let aiding = Aiding {
        measure: args.measure.clone(),
        provider: args.provider.clone(),
        status,
        due,
    };
    let filed = desk.run(async |reader| {
        let draft = reader.aid(&case, &request, aiding)?;
        public::of(reader.member(), &draft, console);
        reader.file(&draft).await
    })?;
    tell_filed(console, "aid", &filed);
    Ok(())
}

/// The request that is named, or the last one of this case that this reader opened.
fn opened(desk: &Reader, case: &CaseId, name: Option<&str>) -> Outcome<Digest> {
    let requests = desk.member().case(case)?.case.requests().iter();
    let mine: Vec<_> = requests
        .filter(|state| state.request.reader == desk.member().x())
        .collect();
    let state = match name.map(str::to_lowercase) {
        Some(name) => mine.iter().rfind(|state| state.digest.to_hex().starts_with(&name)),
        None => mine.iter().rfind(|state| state.opened.is_some()).or(mine.last()),
    };
    let state = state.ok_or_else(|| {
        CliError::new(CliCode::UnknownName, t!("no request of this key on this case is known"))
            .why(t!("assistance is followed up on what was opened"))
            .remedy(t!(
                "`resguardo queue` lists the requests; a new one shows after the next step of the log"
            ))
    })?;
    Ok(state.digest)
}

fn day(text: &str) -> Outcome<Day> {
    Day::parse(text).ok_or_else(|| {
        CliError::usage(t!("that is not a day"))
            .why(t!("a day is written as 2026-12-24"))
            .remedy(t!("give the last day by which it is owed"))
    })
}

/// The statement stands in the log for good: a misspelt measure would never be found again.
fn known(measure: &str) -> Outcome<()> {
    let library = super::law::library()?;
    if measure.starts_with(UNLISTED) || library.measures.iter().any(|owed| owed.shown.id == measure) {
        return Ok(());
    }
    Err(CliError::usage(t!("no measure of the law files has this name"))
        .why(nearest(library, measure))
        .remedy(t!(
            "`resguardo law assess` lists what is owed; a name of your own begins with `x-`"
        )))
}

fn nearest(library: &Library, measure: &str) -> String {
    let shared = |id: &str| id.chars().zip(measure.chars()).take_while(|(a, b)| a == b).count();
    let best = library.measures.iter().max_by_key(|owed| shared(&owed.shown.id));
    best.filter(|owed| shared(&owed.shown.id) > 1).map_or_else(
        || t!("a measure is named as in laws/mx/assistance.toml").to_owned(),
        |owed| t!("perhaps {} was meant: {}", owed.shown.id, owed.shown.measure),
    )
}
