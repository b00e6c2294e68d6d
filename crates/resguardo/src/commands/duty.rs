//! `resguardo duty report`: what a seat did and owed in a month, and what it saw of the others (§10.2).

use super::open_desk;
use crate::args::{Duty, DutyReport};
use crate::clock;
use crate::console::{Console, Tone};
use crate::failure::Outcome;
use crate::language::t;
use crate::names;
use casework::duty::{council_of, due};
use protocol::statement::{DutyRow, PublicCount};
use serde_json::json;

pub(super) fn run(args: &Duty, console: &Console) -> Outcome<()> {
    match args {
        Duty::Report(args) => report(args, console),
    }
}

fn report(args: &DutyReport, console: &Console) -> Outcome<()> {
    let mut desk = open_desk(&args.desk, console)?.seat()?;
    // What was delivered and not looked at would not be counted.
    desk.run(async |seat| seat.read_deliveries().await)?;
    let report = desk.office().duty(args.month)?;
    let month = report.month;
    let registry = desk.member().log().registry();
    let council = council_of(registry, month);
    for row in &report.rows {
        let member = council.and_then(|council| council.member(row.x));
        let institution = member.map_or("", |member| member.institution.as_str());
        tell(row, institution, row.x == desk.member().x(), console);
    }
    let about = json!({ "month": month, "due": clock::rfc3339(due(month)) });
    if desk.office().has_reported(month) {
        let human = t!("✓ this seat has reported on {}: the report stands in the log", month);
        console.result(&human, json!({ "act": "duty", "about": about, "is_filed": true }));
        return Ok(());
    }
    if !args.yes {
        let human = t!(
            "nothing was filed. `--yes` files it: under this seat's name everybody reads the ranges in brackets, for ever; the \
             exact numbers stay here, sealed. It is due by {}",
            clock::readable(due(month))
        );
        console.result(&human, json!({ "act": "duty", "about": about, "is_filed": false }));
        return Ok(());
    }
    let deadline = desk.run(async |seat| seat.file_duty(&report).await)?;
    let human = t!(
        "✓ duty report on {}: promised for the log by {}",
        month,
        clock::readable(deadline)
    );
    console.result(
        &human,
        json!({ "act": "duty", "about": about, "is_filed": true, "deadline": clock::rfc3339(deadline) }),
    );
    Ok(())
}

/// A member's counts: exact, and as they become public.
fn tell(row: &DutyRow<u32>, institution: &str, is_own: bool, console: &Console) {
    let heading = match is_own {
        true => t!("{} · {} (this seat)", row.x, institution),
        false => format!("{} · {}", row.x, institution),
    };
    let value =
        json!({ "x": row.x, "institution": institution, "counts": row.counts, "public": row.in_buckets().counts });
    console.line(Tone::Plain, &heading, "member", value);
    for (count, number) in row.counts.iter().filter(|_| !console.is_json()) {
        let bucket = PublicCount::of(*number);
        let tone = match count.is_debt() && bucket > PublicCount::None {
            true => Tone::Bad,
            false => Tone::Plain,
        };
        let text = format!("  {}: {number} [{}]", names::count(*count), bucket.name());
        console.line(tone, &text, "count", json!({}));
    }
}
