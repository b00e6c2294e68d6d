//! Who comes first on a case (§6.2, §8.3, §8.5).

use std::path::Path;

use anyhow::Result;

use crate::Figure;
use crate::case::{Case, again};
use crate::junk::Filing;
use crate::stage::{Stage, Ways, until};

const HONEST: [&str; 2] = ["ombudsman", "shelter"];
const ALL: [&str; 5] = ["ombudsman", "shelter", "prosecutor", "consulate", "university"];

/// Releases that an honest seat's queue calls a breach.
fn breaches(stage: &Stage) -> Result<usize> {
    let events = stage.desk("ombudsman", &["queue"])?;
    let is_breach = |event: &&serde_json::Value| event["event"] == "task" && event.to_string().contains("\"breach\"");
    Ok(events.iter().filter(is_breach).count())
}

/// Three bought seats, each with its own way to come before what honest seats did.
pub(super) fn rewrite(binary: &Path, _: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let bought = ["prosecutor", "consulate", "university"].map(|name| stage.member(name));
    let [granter, late, far] = bought;
    let (granter, late, far) = (granter?, late?, far?);
    let case = Case::file(&stage)?;
    case.acknowledge(&stage, &ALL)?;
    let request = case.ask(&stage)?;
    let short = &request.to_hex()[..12];
    for name in HONEST {
        again(&stage, name, &["grant", short])?;
    }
    let (_, top) = case.bounds(&stage)?;
    let grant = case.decision(&stage, &granter, request, true);
    case.act_in(&stage, &granter, top + 50, &grant, true)?;
    let hidden = case.objection(&stage, &late, request);
    let (free, _) = case.bounds(&stage)?;
    case.act_in(&stage, &late, free, &hidden, false)?;
    let beyond = case.objection(&stage, &far, request);
    case.act_in(&stage, &far, top + 140, &beyond, true)?;
    for name in HONEST {
        again(&stage, name, &["release", short])?;
    }
    let released = case.taken(&stage)?.len();
    until("the releases in the log", || {
        Ok((case.taken(&stage)?.len() >= released).then_some(()))
    })?;
    let before = breaches(&stage)?;
    let refusal = case.decision(&stage, &granter, request, false);
    let (free, _) = case.bounds(&stage)?;
    case.act_in(&stage, &granter, free, &refusal, true)?;
    case.show(&stage, &late, &hidden)?;
    let bridge = case.objection(&stage, &late, request);
    case.act_in(&stage, &far, top + 100, &bridge, false)?;
    std::thread::sleep(std::time::Duration::from_secs(3));
    let after = breaches(&stage)?.saturating_sub(before);
    Ok(Figure::new(
        after == 0,
        format!(
            "{} of 2 honest releases count afterwards",
            2_usize.saturating_sub(after)
        ),
    ))
}

/// `size` junk filings whose entries stand in the lowest free slots, promised and not yet in the log.
pub(super) fn slots(binary: &Path, size: usize) -> Result<Figure> {
    let ways = Ways {
        pace: 4,
        ..Ways::default()
    };
    let stage = Stage::set(binary, ways)?;
    let case = Case::file(&stage)?;
    case.acknowledge(&stage, &ALL[..1])?;
    let (free, _) = case.bounds(&stage)?;
    let mut taken = 0;
    for k in free..free + u32::try_from(size)? {
        let mut junk = Filing::new(&stage);
        junk.form.entry = case.junk_entry(k);
        taken += usize::from(junk.post(&stage)?.is_ok());
    }
    // The junk is delivered too, and a check of shares says so; a referral looks at the case alone.
    Ok(match stage.desk(ALL[0], &["refer", &case.code, "--reader", "6"]) {
        Ok(_) => Figure::new(true, format!("{taken} junk entries; the act is taken")),
        Err(error) => {
            let said = format!("{error:#}");
            let what = said
                .lines()
                .find(|line| line.contains("What"))
                .unwrap_or(&said)
                .trim()
                .to_owned();
            Figure::new(false, format!("{taken} junk entries; the act is refused: {what}"))
        }
    })
}
