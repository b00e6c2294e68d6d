//! The constant pace (§6.3): at every step exactly N opaque entries, whatever happens, and one checkpoint.
//!
//! A step is: extend, cosign, publish. Between them a crash is clean: what was extended and not published is finished
//! first after a start, and never extended twice. While cosigners do not answer, the checkpoint waits and the tree does
//! not grow further; the steps that pass keep the last checkpoint, and the one in which it is cosigned at last is the
//! step that it belongs to, for its time lies there.

use std::time::Duration;

use ledger::Error;
use protocol::slot::Entry;
use tlog::policy::Policy;
use tlog::{Checkpoint, Hash, Note};
use tokio::sync::watch;

use crate::app::{Shared, blocking};
use crate::capacity::{ACKS_VALUE, filings};
use crate::founding;
use crate::projection::included_value;
use crate::{depth, random, stated};

/// A checkpoint that waits is taken to the cosigners again after this many milliseconds at most.
const RETRY_MS_MAX: u64 = 5_000;
/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// No council was published: there is nobody to cosign, and the log has not begun.
    NoCouncil,
    /// The step's checkpoint is published.
    Published,
    /// The checkpoint waits for its cosignatures.
    Waiting,
}

/// Takes the log to `step`.
///
/// # Errors
/// Storage; the process must stop then.
pub(crate) async fn advance(app: &Shared, step: u64) -> Result<StepOutcome, Error> {
    let view = app.projection.view();
    let Some(policy) = view.policy() else {
        return Ok(StepOutcome::NoCouncil);
    };
    let is_taken = blocking(app, move |app| Ok(app.ledger.step(step)?.is_some())).await?;
    let note = match app.ledger.pending()? {
        Some((_, note)) => note,
        None if is_taken => return Ok(StepOutcome::Published),
        None => {
            let rate = view.rate(app.now());
            extend(app, step, u64::from(view.pace(step * rate.step_s).n)).await?
        }
    };
    Ok(if finish(app, policy, step, &note).await? {
        StepOutcome::Published
    } else {
        StepOutcome::Waiting
    })
}

/// Appends one step's entries: up to N/2 filings, members' entries in the rest, padding to fill.
async fn extend(app: &Shared, step: u64, n: u64) -> Result<Vec<u8>, Error> {
    blocking(app, move |app| {
        let due: u64 = app
            .ledger
            .waiting_by_step(0)?
            .iter()
            .filter(|(at, _)| *at <= step)
            .map(|(_, count)| count)
            .sum();
        let filings = due.min(filings(n));
        let limits = [filings as usize, (n - filings) as usize];
        let mut padding = || {
            let entry = Entry::padding(&mut random::source());
            let Entry::Opaque { slot, .. } = entry else {
                unreachable!("padding is opaque")
            };
            (slot, entry.to_bytes())
        };
        let mut shuffle = random::permutation;
        let sign = |size: u64, root: Hash| sign(app, size, root);
        app.ledger
            .extend(step, limits, n as usize, &mut padding, &mut shuffle, &sign)
    })
    .await
}

/// The log's note on a tree.
fn sign(app: &Shared, size: u64, root: Hash) -> Vec<u8> {
    let checkpoint = Checkpoint {
        origin: app.origin.as_str().to_owned(),
        size,
        root,
        extensions: Vec::new(),
    };
    let text = checkpoint.to_text();
    let signature = app.log_key.sign(&text);
    match Note::new(text) {
        Some(note) => note.with(signature).to_string().into_bytes(),
        None => Vec::new(),
    }
}

/// Has a pending checkpoint cosigned and publishes it under `step`. False when it must wait.
async fn finish(app: &Shared, policy: &Policy, step: u64, note: &[u8]) -> Result<bool, Error> {
    let damaged = || Error::Damaged("the pending checkpoint cannot be read".to_owned());
    let note = Note::parse(note).map_err(|_| damaged())?;
    let Some((cosigned, trusted)) = app.cosigners.gather(app, policy, &note).await else {
        app.telemetry.count("resguardo_checkpoints_waiting_total");
        tracing::warn!("the checkpoint waits: too few cosigners have signed");
        return Ok(false);
    };
    let size = trusted.checkpoint().size;
    blocking(app, move |app| {
        let old_size = app.ledger.snapshot().map_or(0, |snapshot| snapshot.size);
        app.ledger
            .publish(step, old_size, size, cosigned.to_string().as_bytes())
    })
    .await?;
    app.telemetry.count("resguardo_checkpoints_published_total");
    settle(app).await?;
    Ok(true)
}

/// What follows a published checkpoint: statements that it includes count now, room is counted anew.
async fn settle(app: &Shared) -> Result<(), Error> {
    blocking(app, |app| app.projection.refresh(&app.ledger)).await?;
    let view = app.projection.view();
    for (digest, included_at) in view.unkept() {
        let name = included_value(&digest);
        app.ledger.set_value(name, included_at.to_be_bytes().to_vec()).await?;
        app.projection.keep(&digest);
    }
    let rate = app.projection.view().rate(app.now());
    blocking(app, move |app| app.capacity.refresh(&app.ledger, rate, false)).await?;
    keep_acks(app).await?;
    depth::keep_deep(app).await?;
    keep_up(app).await
}

/// States another N when what waits asks for it (§6.3): a greater one, up to the operator's budget, before room is
/// short; a smaller one after a day and a half at least that did not need it. Whoever lets an entry in calls this before
/// the entry is durable: a step that takes the entry then never comes before the one that takes the statement.
///
/// # Errors
/// Storage.
pub(crate) async fn keep_up(app: &Shared) -> Result<(), Error> {
    if wanted(app).is_none() {
        return Ok(());
    }
    let _pacing = app.pacing.lock().await;
    // Somebody may have stated it meanwhile.
    let Some(n) = wanted(app) else { return Ok(()) };
    founding::state_pace(app, n).await?;
    app.telemetry.count("resguardo_paces_stated_total");
    tracing::info!(n, "another pace was stated");
    Ok(())
}

/// The N to be stated now, if another.
fn wanted(app: &Shared) -> Option<u32> {
    let view = app.projection.view();
    let council = view.council()?;
    if council.operator.key != app.operator.public() {
        return None;
    }
    let now = app.now();
    let rate = view.rate(now);
    let (least, most) = (u64::from(app.pace.n), u64::from(app.limits.pace_max));
    let needed = app.capacity.needed(rate, now, most).max(least);
    let n = if needed > rate.then {
        // Less than what is in force would be a fall, which counts in 7 days only.
        needed.max(rate.next)
    } else {
        let stated = u64::from(view.registry()?.pace()?.n);
        let lower = app.capacity.peak()?.max(least);
        (view.announced().is_none() && lower < stated).then_some(lower)?
    };
    u32::try_from(n).ok()
}

/// Writes the acks to come when they changed.
async fn keep_acks(app: &Shared) -> Result<(), Error> {
    let acks = app.capacity.acks();
    let stored = blocking(app, |app| app.ledger.value(ACKS_VALUE)).await?;
    if stored.as_deref() != Some(acks.as_slice()) {
        app.ledger.set_value(ACKS_VALUE.to_owned(), acks).await?;
    }
    Ok(())
}

/// Keeps the pace until told to stop. A failure of storage ends it and is noted.
pub(crate) async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut done = None;
    if let Err(error) = stated::keep_stated(&app).await {
        app.fail(&error);
    }
    loop {
        let step_ms = app.projection.view().rate(app.now()).step_s.max(1) * 1_000;
        let now_ms = app.clock.now_ms();
        let step = now_ms / step_ms;
        let mut wait_ms = step_ms - now_ms % step_ms;
        if done != Some(step) {
            let taken = async {
                let outcome = advance(&app, step).await?;
                // What a step brings into force may change the pages: a council, above all.
                stated::keep_stated(&app).await?;
                Ok(outcome)
            };
            match taken.await {
                Ok(StepOutcome::Published) => {
                    done = Some(step);
                    app.published.notify_one();
                }
                Ok(StepOutcome::Waiting | StepOutcome::NoCouncil) => {
                    wait_ms = wait_ms.min(RETRY_MS_MAX).min(step_ms / 4)
                }
                Err(Error::Full) => {
                    app.fail(&Error::Full);
                    wait_ms = wait_ms.min(RETRY_MS_MAX).min(step_ms / 4);
                }
                Err(error) => return app.fail(&error),
            }
        }
        app.telemetry.upkeep();
        let elapsed_ms = app.clock.now_ms().saturating_sub(now_ms);
        let sleep = tokio::time::sleep(Duration::from_millis(wait_ms.saturating_sub(elapsed_ms).max(1)));
        tokio::select! {
            () = sleep => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
