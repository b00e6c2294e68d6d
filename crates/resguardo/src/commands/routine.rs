//! `resguardo routine`: what a seat or a reader does every day without judging anything, and what is left for a person.

use super::{open_desk, queue, shares};
use crate::args::Routine;
use crate::console::{Console, Tone};
use crate::desk::{Desk, Seat};
use crate::failure::{CliError, Outcome};
use crate::language::t;
use crate::names;
use client::{Performed, RoutineStep};
use protocol::statement::Holds;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn run(args: &Routine, console: &Console) -> Outcome<()> {
    let mut desk = open_desk(&args.desk, console)?;
    let (mut done, mut failed) = (0, None);
    let steps = match &mut desk {
        Desk::Seat(seat) => read(seat)?,
        Desk::Reader(reader) => reader.office().routine()?,
    };
    for step in &steps {
        let (tone, human, value) = describe(step);
        console.line(tone, &t!("to do: {}", human), "step", value);
    }
    let performed = match &mut desk {
        _ if args.list => Vec::new(),
        Desk::Seat(seat) => perform(seat, &steps, shares::holds(&args.keep), console)?,
        Desk::Reader(reader) => reader.run(async |reader| Ok(reader.perform(&steps).await))?,
    };
    for performed in performed {
        tell(&performed, console);
        match performed.outcome {
            Ok(_) => done += 1,
            Err(failure) => failed = failed.or(Some(CliError::from(failure))),
        }
    }
    let count = queue::tell_for_holder(&mut desk, console)?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    let human = match (args.list, count) {
        (true, _) => t!("nothing was done; for you to decide or to look at: {}", count),
        (false, 0) => t!("done: {}; nothing is left for you", done),
        (false, _) => t!(
            "done: {}; for you to decide or to look at: {} (`resguardo queue` says more)",
            done,
            count
        ),
    };
    console.result(&human, json!({ "done": done, "count": count }));
    Ok(())
}

/// Reads what came for a seat; gives what the routine would do.
pub(super) fn read(seat: &mut Seat) -> Outcome<Vec<RoutineStep>> {
    seat.run(async |seat| {
        seat.read_deliveries().await?;
        seat.read_cells().await?;
        seat.routine()
    })
}

/// Does it; what this seat wants to keep of each case is fetched before it says that it holds it.
pub(super) fn perform(
    seat: &mut Seat,
    steps: &[RoutineStep],
    wanted: Holds,
    console: &Console,
) -> Outcome<Vec<Performed>> {
    let mut holds = BTreeMap::new();
    for step in steps {
        if let RoutineStep::Ack { case } = step {
            holds.insert(*case, shares::keep_objects(seat, case, wanted, console)?);
        }
    }
    let kept = |case: &protocol::CaseId| holds.get(case).copied().unwrap_or(Holds::Share);
    seat.run(async |seat| seat.perform(steps, kept).await)
}

fn describe(step: &RoutineStep) -> (Tone, String, Value) {
    let (tone, human) = match step {
        RoutineStep::Ack { case } => (
            Tone::Plain,
            t!("acknowledge the share of {}, which was checked", case.code()),
        ),
        RoutineStep::Reject { delivery, check } => (
            Tone::Bad,
            t!(
                "tell the other seats that delivery {} fails: {}",
                super::short(delivery),
                names::check(*check)
            ),
        ),
        RoutineStep::Destroy { case } => (
            Tone::Plain,
            t!("destroy here what this seat said that it destroyed of {}", case.code()),
        ),
        RoutineStep::Take { case, name, .. } => (
            Tone::Plain,
            t!("file what came for {}: {}", case.code(), names::cell(name)),
        ),
        RoutineStep::Publish { twin, .. } => (Tone::Plain, t!("publish what is due for ever: {}", names::twin(twin))),
    };
    (tone, human, json!(step))
}

fn tell(performed: &Performed, console: &Console) {
    let (tone, human, value) = describe(&performed.step);
    let (tone, human, outcome) = match &performed.outcome {
        Ok(filed) => (
            tone,
            format!("✓ {human}"),
            json!({ "filed": filed.map(|filed| filed.statement) }),
        ),
        Err(failure) => {
            let failure = CliError::from(failure.clone());
            (
                Tone::Bad,
                format!("✗ {human}: {failure}"),
                json!({ "failure": failure.code.name() }),
            )
        }
    };
    let mut all = value;
    if let (Value::Object(fields), Value::Object(more)) = (&mut all, outcome) {
        fields.extend(more);
    }
    console.line(tone, &human, "done", all);
}
