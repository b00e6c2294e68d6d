//! Who waits for whom (§6.3).

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Figure;
use crate::junk::{self, Filing};
use crate::stage::{Member, Stage, Ways, until};

/// Steps until a member's act is in the log, the step under way not counted.
fn steps(stage: &Stage, member: &Member, pace: u64) -> Result<u64> {
    let size = stage.size()?;
    let (answer, entry, _) = junk::act(stage, member)?;
    answer.ok()?;
    let index = stage.included(entry.as_bytes())?;
    Ok(index.saturating_sub(size) / pace)
}

/// A reader's acts first, then one of a seat.
pub(super) fn acts_of_one(binary: &Path, size: usize) -> Result<Figure> {
    let ways = Ways {
        pace: 4,
        ..Ways::default()
    };
    let stage = Stage::set(binary, ways)?;
    let (reader, seat) = (stage.member("lawyer")?, stage.member("ombudsman")?);
    let mut taken = 0;
    for _ in 0..size {
        taken += usize::from(junk::act(&stage, &reader)?.0.is_ok());
    }
    let waited = until("the other member's act", || steps(&stage, &seat, 4).map(Some))?;
    Ok(Figure::new(
        waited <= 2,
        format!("{taken} acts of one reader; another member's waits {waited} steps"),
    ))
}

/// Junk filings, and whether an honest one is taken after them. Steps of 20 s: 12 h hold 8,640 entries.
pub(super) fn junk_filings(binary: &Path, size: usize) -> Result<Figure> {
    let ways = Ways {
        pace: 4,
        step_s: 20,
        work_bits: 4,
    };
    let stage = Stage::set(binary, ways)?;
    let (before, since) = (junk::offer(&stage)?.bits, Instant::now());
    let (left, taken, refused) = (AtomicUsize::new(size), AtomicUsize::new(0), AtomicUsize::new(0));
    // The attacker has one machine and so much patience.
    let patience = Duration::from_secs(if size > 5_000 { 600 } else { 25 });
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while since.elapsed() < patience
                    && refused.load(Ordering::Relaxed) < 20
                    && left
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                        .is_ok()
                {
                    let is_taken = Filing::new(&stage).post(&stage).is_ok_and(|answer| answer.is_ok());
                    if is_taken { &taken } else { &refused }.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let (taken, spent) = (taken.into_inner(), since.elapsed().as_secs_f64());
    let bits = junk::offer(&stage)?.bits;
    let mut honest = Filing::new(&stage);
    honest.form.soon = false;
    let answer = honest.post(&stage)?;
    let said = if answer.is_ok() { "is taken" } else { "is refused" };
    Ok(Figure::new(
        answer.is_ok(),
        format!(
            "{taken} junk filings in {spent:.0} s; an honest one {said} ({}); its work went from {before} to {bits} bits",
            answer.status
        ),
    ))
}

/// What honest people got done in a while.
struct Honest {
    filings: usize,
    acts: usize,
    refused: usize,
    /// Most steps that an act waited.
    waited: u64,
}

/// One filing and one act after the other until the time is over.
fn honest(stage: &Stage, seat: &Member, time: Duration) -> Result<Honest> {
    let mut done = Honest {
        filings: 0,
        acts: 0,
        refused: 0,
        waited: 0,
    };
    let since = Instant::now();
    while since.elapsed() < time {
        if Filing::new(stage).post(stage)?.is_ok() {
            done.filings += 1;
        } else {
            done.refused += 1;
        }
        done.waited = done.waited.max(steps(stage, seat, 64)?);
        done.acts += 1;
    }
    Ok(done)
}

/// Honest filings and acts, alone and then beside the flood.
pub(super) fn flood(binary: &Path, size: usize) -> Result<Figure> {
    let stage = Stage::set(binary, Ways::default())?;
    let (reader, seat) = (stage.member("lawyer")?, stage.member("ombudsman")?);
    let time = Duration::from_secs(if size > 1_000 { 60 } else { 6 });
    let idle = honest(&stage, &seat, time)?;
    let stop = AtomicBool::new(false);
    let (filings, acts) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let next = |count: &AtomicUsize| !stop.load(Ordering::Relaxed) && count.fetch_add(1, Ordering::Relaxed) < size;
    let beside = std::thread::scope(|scope| {
        scope.spawn(|| {
            while next(&filings) {
                let _ = Filing::new(&stage).post(&stage);
            }
        });
        scope.spawn(|| {
            while next(&acts) {
                let _ = junk::act(&stage, &reader);
            }
        });
        let done = honest(&stage, &seat, time);
        stop.store(true, Ordering::Relaxed);
        done
    })?;
    let minute = |count: usize| count as f64 * 60.0 / time.as_secs_f64();
    let (filings, acts) = (filings.into_inner().min(size), acts.into_inner().min(size));
    Ok(Figure::new(
        beside.refused == 0 && beside.waited <= 2,
        format!(
            "beside {filings} junk filings and {acts} junk acts: {:.0} filings and {:.0} acts a minute, {} refused, an act \
             waits {} steps at most; idle: {:.0} and {:.0}",
            minute(beside.filings),
            minute(beside.acts),
            beside.refused,
            beside.waited,
            minute(idle.filings),
            minute(idle.acts)
        ),
    ))
}
