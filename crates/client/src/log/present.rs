//! What time it is for this client: the log's own time, beside a device's clock that may be wrong (§3).

use casework::clock::{NoLogTime, freshness};
use casework::{Clock, Freshness, Latest, LogTime};
use tlog::Note;
use tlog::policy::Trusted;

use super::Log;
use crate::cosigners::{Opinion, ask_all};
use crate::failure::{Failure, Local, Outcome};
use crate::wire::Wire;

/// What the cosigners said, where the newest checkpoint is too old by this device's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CosignersSaid {
    /// There was no need, or they cannot be asked.
    #[default]
    Not,
    /// A quorum signed this very tree again, now: this device's clock is ahead.
    Fresh {
        /// By how many seconds.
        ahead_s: u64,
    },
    /// One has signed a larger tree.
    Withheld {
        /// Its entries.
        size: u64,
    },
    /// Too few answered.
    Silent,
}

impl Log {
    /// Takes the clocks as they are at a reading. `date`: that of the answer that brought the newest checkpoint.
    pub(super) fn look_at_clock(&mut self, wire: &Wire, newest: &Trusted, date: Option<u64>) {
        self.clock = Clock {
            device: wire.now(),
            operator: date.unwrap_or(0),
            ..self.clock
        };
        // What is from the future is refused, and does not push the present on.
        if LogTime::of_any_age(newest, self.clock).is_ok() {
            self.clock.seen = self.clock.seen.max(newest.time());
        }
    }

    /// Asks the cosigners where the newest checkpoint is too old by this device's clock. Where they say the time
    /// themselves, it stands for the device's.
    pub(super) async fn ask(&mut self, wire: &Wire) -> Outcome<()> {
        (self.asked, self.cosigned_again) = (CosignersSaid::Not, None);
        let (note, trusted) = self.latest()?.clone();
        let is_old = matches!(freshness(trusted.time(), self.clock), Freshness::TooOld { .. });
        if !self.asks || !is_old {
            return Ok(());
        }
        self.asked = match ask_all(wire, &self.policy()?, &note, self.root.origin.as_str()).await {
            Opinion::Fresh(fresh) if fresh.1.time() >= trusted.time() => {
                let ahead_s = self.clock.device.abs_diff(fresh.1.time());
                self.clock.device = fresh.1.time();
                self.cosigned_again = Some(*fresh);
                CosignersSaid::Fresh { ahead_s }
            }
            Opinion::Fresh(_) | Opinion::Silent => CosignersSaid::Silent,
            Opinion::Withheld { size } => CosignersSaid::Withheld { size },
        };
        Ok(())
    }

    /// What the cosigners said at the last reading.
    pub fn asked(&self) -> CosignersSaid {
        self.asked
    }

    /// What this client knew of the present at the last reading.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The latest checkpoint with the cosignatures that say most of the present.
    fn newest(&self) -> Outcome<&(Note, Trusted)> {
        self.cosigned_again.as_ref().map_or_else(|| self.latest(), Ok)
    }

    /// The present in the log's own time, for what must not rest on an old log: to grant, to release, to open.
    ///
    /// # Errors
    /// [`Local::CheckpointTooOld`] after 26 h unless the cosigners say otherwise, [`Local::CheckpointWithheld`],
    /// [`Local::CheckpointFromFuture`].
    pub fn moment(&self) -> Outcome<LogTime> {
        let (_, trusted) = self.newest()?;
        LogTime::of(trusted, self.clock).map_err(|error| self.no_moment(&error))
    }

    /// As [`Self::moment`], for what an old checkpoint cannot harm, with how this device's clock fits it: a wrong clock must
    /// not push a declarant to an unsealed path (§3), nor keep anybody from objecting.
    ///
    /// # Errors
    /// [`Local::CheckpointFromFuture`], [`Local::CheckpointWithheld`].
    pub fn moment_of_any_age(&self) -> Outcome<(LogTime, Freshness)> {
        self.present()?.map_err(|error| self.no_moment(&error))
    }

    /// As [`Self::moment_of_any_age`]; the reason comes back.
    ///
    /// # Errors
    /// [`Local::NoCheckpoint`] before the first reading.
    pub fn present(&self) -> Outcome<Result<(LogTime, Freshness), NoLogTime>> {
        let (_, trusted) = self.newest()?;
        Ok(match LogTime::of_any_age(trusted, self.clock) {
            Ok((_, Freshness::TooOld { age_s })) if matches!(self.asked, CosignersSaid::Withheld { .. }) => {
                Err(NoLogTime::TooOld { age_s })
            }
            other => other,
        })
    }

    /// The latest checkpoint with this device's clock, as the rules of a release ask for it.
    ///
    /// # Errors
    /// [`Local::NoCheckpoint`].
    pub fn latest_with_clock(&self) -> Outcome<Latest<'_>> {
        Ok(Latest {
            checkpoint: &self.newest()?.0,
            clock: self.clock,
        })
    }

    fn no_moment(&self, why: &NoLogTime) -> Failure {
        match (why, self.asked) {
            (NoLogTime::TooOld { .. }, CosignersSaid::Withheld { size }) => {
                let shown = self.fold.size();
                Failure::new(Local::CheckpointWithheld).why(format!(
                    "a cosigner has signed a log of {size} entries, the service shows {shown}; {why}"
                ))
            }
            (NoLogTime::FromFuture { .. }, _) => Failure::new(Local::CheckpointFromFuture).why(why),
            _ => Failure::new(Local::CheckpointTooOld).why(why),
        }
    }
}
