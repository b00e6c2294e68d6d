//! `resguardo release`: a seat releases its share, if all lines of §8.5 hold.

use super::decide::tell;
use super::{desk, filed_json, public, short};
use crate::args::Decide;
use crate::clock;
use crate::console::{Console, Tone};
use crate::failure::Outcome;
use crate::language::t;
use crate::names;
use serde_json::json;

pub(super) fn run(args: &Decide, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?.seat()?;
    let (case, request) = desk.request_id(&args.request)?;
    tell(&desk, &case, &request, console)?;
    let asked = desk.member().case(&case)?.case.request(&request);
    let asked = asked.map_or_else(Vec::new, |state| state.request.compartments.clone());
    let (filed, allowed) = desk.run(async |seat| {
        let (draft, allowed) = seat.release(&case, &request)?;
        public::of(seat.member(), &draft, console);
        Ok((seat.file(&draft).await?, allowed))
    })?;
    let open = allowed.compartments;
    let mut value = filed_json("release", &filed);
    value["compartments"] = json!(open);
    let left: Vec<_> = asked.into_iter().filter(|name| !open.contains(name)).collect();
    let by = clock::readable(filed.deadline);
    let what = names::compartments(&open);
    console.result(
        &t!("✓ released {} to request {}: promised by {}", what, short(&request), by),
        value,
    );
    if !left.is_empty() {
        let what = names::compartments(&left);
        let human = t!("  left out: {}; a seat releases once for each request", what);
        console.line(Tone::Warning, &human, "left-out", json!({ "compartments": left }));
    }
    Ok(())
}
