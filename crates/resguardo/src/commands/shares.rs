//! `resguardo shares check`: a seat checks what was delivered, and acknowledges or rejects it in the log.

use super::desk;
use crate::args::Shares;
use crate::console::{Console, Tone};
use crate::desk::{Delivered, Verdict};
use crate::failure::{Exit, Failure, Outcome};
use protocol::statement::{Check, Holds};
use serde_json::json;

pub(super) fn run(args: &Shares, console: &Console) -> Outcome<()> {
    let Shares::Check(args) = args;
    let holds = match args.keep.as_str() {
        "share" => Holds::Share,
        "all" => Holds::All,
        _ => Holds::Document,
    };
    let mut desk = desk(&args.desk, console)?;
    let deliveries = desk.deliveries()?;
    let mut progress = console.progress("shares", deliveries.len() as u64);
    let (mut ok, mut rejected, mut early) = (0u32, 0u32, 0u32);
    for item in &deliveries {
        let delivered = desk.check_delivery(item, holds)?;
        progress.advance(1);
        match &delivered.verdict {
            Verdict::Holds { .. } => ok += 1,
            Verdict::Rejected { .. } => rejected += 1,
            Verdict::Early => early += 1,
        }
        tell(&delivered, console);
    }
    drop(progress);
    let human = format!("{ok} hold and are acknowledged, {rejected} rejected, {early} not in the log yet");
    if rejected > 0 {
        console.line(
            Tone::Plain,
            &human,
            "summary",
            json!({ "ok": ok, "rejected": rejected, "early": early }),
        );
        return Err(Failure::new(
            Exit::Check,
            "shares-rejected",
            format!("{rejected} of the delivered shares fail a check"),
        )
        .why("each is named above with the check that it fails")
        .remedy("nothing to repair here: the other seats were told and can still open it"));
    }
    console.result(&human, json!({ "ok": ok, "rejected": rejected, "early": early }));
    Ok(())
}

fn tell(delivered: &Delivered, console: &Console) {
    match &delivered.verdict {
        Verdict::Holds { case, .. } => console.line(
            Tone::Good,
            &format!("✓ {} holds", case.code()),
            "share",
            json!({ "id": delivered.id, "verdict": "holds", "case": case, "code": case.code() }),
        ),
        Verdict::Rejected { check, got } => console.line(
            Tone::Bad,
            &format!("✗ delivery {}: {}", super::short(&delivered.id), describe(*check)),
            "share",
            json!({ "id": delivered.id, "verdict": "rejected", "check": check, "got": got }),
        ),
        Verdict::Early => console.line(
            Tone::Plain,
            &format!(
                "… delivery {} waits for its step of the log",
                super::short(&delivered.id)
            ),
            "share",
            json!({ "id": delivered.id, "verdict": "early" }),
        ),
    }
}

fn describe(check: Check) -> &'static str {
    match check {
        Check::Missing => "missing: no share file came",
        Check::Age => "age: the share file does not open with this seat's key",
        Check::Layout => "layout: it is not laid out as a share file of this seat",
        Check::Salt => "salt: the log's entry, the header file and the share do not fit together",
        Check::Header => "header: its statements do not verify or do not agree",
        Check::Digest => "digest: another share file than the testimony names",
        Check::Commitment => "commitment: the part does not match its commitments",
    }
}
