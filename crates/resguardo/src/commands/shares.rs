//! `resguardo shares check`: a seat checks what was delivered, and acknowledges or rejects it in the log.

use super::{desk, public};
use crate::args::Shares;
use crate::console::{Console, Tone};
use crate::content;
use crate::desk::Seat;
use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use crate::names;
use client::{Checked, MadePublic};
use protocol::share::check::Rejected;
use protocol::statement::{Holds, ObjectKind};
use protocol::{CaseId, Digest};
use serde_json::json;

pub(super) fn run(args: &Shares, console: &Console) -> Outcome<()> {
    let Shares::Check(args) = args;
    let holds = holds(&args.keep);
    let mut desk = desk(&args.desk, console)?.seat()?;
    desk.run(async |seat| seat.read_deliveries().await)?;
    let (mut ok, mut rejected, mut early) = (0u32, 0u32, 0u32);
    let deliveries = deliveries(&desk);
    if deliveries
        .iter()
        .any(|(_, checked)| matches!(checked, Checked::Holds(_)))
    {
        public::tell(&MadePublic::ACK, console);
    }
    for (id, checked) in deliveries {
        match &checked {
            Checked::Holds(case) => {
                acknowledge(&mut desk, case, holds, console)?;
                ok += 1;
            }
            Checked::Failed(_) => {
                desk.run(async |seat| {
                    let rejection = seat.reject(&id)?;
                    seat.tell(&rejection).await
                })?;
                rejected += 1;
            }
            Checked::Told(_) => rejected += 1,
            Checked::Early => early += 1,
        }
        tell(&desk, &id, &checked, console);
    }
    let human = t!(
        "{} hold and are acknowledged, {} rejected, {} not in the log yet",
        ok,
        rejected,
        early
    );
    if rejected > 0 {
        console.line(
            Tone::Plain,
            &human,
            "summary",
            json!({ "ok": ok, "rejected": rejected, "early": early }),
        );
        return Err(CliError::new(
            CliCode::SharesRejected,
            t!("{} of the delivered shares fail a check", rejected),
        )
        .why(t!("each is named above with the check that it fails"))
        .remedy(t!(
            "nothing to repair here: the other seats were told and can still open it"
        )));
    }
    console.result(&human, json!({ "ok": ok, "rejected": rejected, "early": early }));
    Ok(())
}

/// What `--keep` asks for.
pub(super) fn holds(keep: &str) -> Holds {
    match keep {
        "share" => Holds::Share,
        "all" => Holds::All,
        _ => Holds::Document,
    }
}

/// Deliveries that were looked at, and what the checks said.
pub(crate) fn deliveries(desk: &Seat) -> Vec<(Digest, Checked)> {
    let deliveries = desk.office().deliveries();
    deliveries.map(|(id, checked)| (*id, checked.clone())).collect()
}

/// Fetches what this seat wants to keep, then acknowledges a share that holds. One that was acknowledged before is.
pub(crate) fn acknowledge(desk: &mut Seat, case: &CaseId, holds: Holds, console: &Console) -> Outcome<()> {
    let holds = keep_objects(desk, case, holds, console)?;
    desk.run(async |seat| seat.acknowledge(case, holds).await.map(drop))
}

/// Fetches the objects that this seat wants to keep; says less where one is missing or altered, for that must not keep
/// the seat from saying that it holds its share.
pub(super) fn keep_objects(desk: &Seat, id: &CaseId, wanted: Holds, console: &Console) -> Outcome<Holds> {
    if wanted == Holds::Share {
        return Ok(Holds::Share);
    }
    let (held, folder) = (desk.member().case(id)?, desk.object_store(id));
    disk::private_folder(&folder)?;
    let mut kept = wanted;
    let compartments = held.core.compartments.iter();
    for object in compartments.flat_map(|compartment| &compartment.objects) {
        if wanted == Holds::Document && object.kind != ObjectKind::Document {
            continue;
        }
        let path = folder.join(object.digest.to_hex());
        if let Some(fault) = content::fetch_one(desk.remote(), object, &path, &mut |_| ())? {
            console.warn(&t!("object {} of {} is not kept: {}", object.digest, id.code(), fault));
            kept = Holds::Share;
        }
    }
    Ok(kept)
}

fn tell(desk: &Seat, id: &Digest, checked: &Checked, console: &Console) {
    match checked {
        Checked::Holds(case) => {
            let held = desk.member().case(case).ok();
            let docket = held.map(|held| held.core.policy.docket);
            let public = docket.map_or("", names::docket_choice);
            console.line(
                Tone::Good,
                &t!("✓ {} holds; public: {}", case.code(), public),
                "share",
                json!({ "id": id, "verdict": "holds", "case": case, "code": case.code(), "docket": docket }),
            );
        }
        Checked::Failed(Rejected { check, got }) | Checked::Told(Rejected { check, got }) => console.line(
            Tone::Bad,
            &t!("✗ delivery {}: {}", super::short(id), names::check(*check)),
            "share",
            json!({ "id": id, "verdict": "rejected", "check": check, "got": got }),
        ),
        Checked::Early => console.line(
            Tone::Plain,
            &t!("… delivery {} waits for its step of the log", super::short(id)),
            "share",
            json!({ "id": id, "verdict": "early" }),
        ),
    }
}
