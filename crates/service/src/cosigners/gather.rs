//! Cosignatures for a checkpoint.

use std::sync::Arc;

use tlog::Checkpoint;
use tlog::note::Note;
use tlog::policy::{Policy, Trusted};

use super::{Cosigners, Question, Unsigned, in_time};
use crate::app::Shared;

impl Cosigners {
    /// Asks all at once; gives the note with the cosignatures that came, and the trust that they make, if they do.
    ///
    /// A cosignature that is dated more than [`SKEW_S`] from this machine's clock, or before the last published checkpoint,
    /// is not taken (§6.5): no cosigner moves the time of the log.
    pub async fn gather(&self, app: &Shared, policy: &Policy, note: &Note) -> Option<(Note, Trusted)> {
        let checkpoint = Checkpoint::parse(note.text())?;
        let mut asking = tokio::task::JoinSet::new();
        for (key, url) in policy.witnesses() {
            let Some(url) = url else { continue };
            let question = Question {
                agent: self.agent.clone(),
                sizes: Arc::clone(&self.sizes),
                ledger: app.ledger.clone(),
                note: note.clone(),
                size: checkpoint.size,
                key,
                url,
            };
            asking.spawn_blocking(move || {
                let name = question.key.name().to_owned();
                (name, question.ask())
            });
        }
        let published = published_time(app, policy);
        let mut cosigned = note.clone();
        while let Some(answer) = asking.join_next().await {
            let Ok((cosigner, answer)) = answer else {
                tracing::error!("asking a cosigner panicked");
                continue;
            };
            let now = app.now();
            if let Ok((time, _)) = answer {
                app.telemetry.cosigner_clock(&cosigner, time as f64 - now as f64);
            }
            match answer.and_then(|(time, signature)| in_time(time, now, published).map(|()| signature)) {
                Ok(signature) => cosigned = cosigned.with(signature),
                Err(Unsigned::Ahead) => {
                    app.telemetry.count("resguardo_cosigner_ahead_total");
                    tracing::error!(cosigner, "{}", Unsigned::Ahead);
                }
                Err(reason @ (Unsigned::Clock { .. } | Unsigned::Back { .. })) => {
                    app.telemetry.count("resguardo_cosigner_clock_wrong_total");
                    tracing::error!(cosigner, "{reason}");
                }
                Err(reason) => {
                    app.telemetry.count("resguardo_cosigner_silent_total");
                    tracing::warn!(cosigner, %reason, "no cosignature");
                }
            }
        }
        let trusted = policy.check(&cosigned, app.origin.as_str()).ok()?;
        Some((cosigned, trusted))
    }
}

/// Time of the last published checkpoint, 0 where there is none. One that this policy does not accept was cosigned under an
/// older one: the next is then held to the operator's clock alone.
fn published_time(app: &Shared, policy: &Policy) -> u64 {
    let time = || {
        let note = Note::parse(&app.ledger.snapshot()?.checkpoint).ok()?;
        Some(policy.check(&note, app.origin.as_str()).ok()?.time())
    };
    time().unwrap_or(0)
}
