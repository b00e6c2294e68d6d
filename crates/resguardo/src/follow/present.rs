//! What time it is for this client: the log's own time, beside a device's clock that may be wrong (§3).

use super::Follow;
use super::cosigners::{Opinion, ask_all};
use crate::clock::span;
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use casework::clock::NoLogTime;
use casework::{Clock, Freshness, LogTime};
use std::time::Duration;
use tlog::Note;
use tlog::policy::Trusted;

/// Pauses before the log is read again where a cosigner has signed more than is shown: it may be about to be published.
const PUBLISHED_SOON_S: [u64; 3] = [1, 3, 6];

/// What is known of the present beside this device's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Present {
    /// `Date` of the answer that proposed the newest checkpoint; 0 where it had none.
    pub operator: u64,
    /// The newest checkpoint time ever taken, also in earlier runs.
    pub seen: u64,
    pub asked: Asked,
}

/// What the cosigners said, where the newest checkpoint is too old by this device's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// There was no need.
    #[default]
    Not,
    /// A quorum signed this very tree again, now: this device's clock is ahead.
    Fresh {
        /// Their time, POSIX seconds.
        time: u64,
    },
    /// One has signed a larger tree.
    Withheld {
        /// Its entries.
        size: u64,
    },
    /// Too few answered.
    Silent,
}

impl Follow {
    /// Reads what is new, up to the latest checkpoint, and times the acts on watched cases. Where that checkpoint is too old
    /// by this device's clock, the policy's cosigners are asked themselves.
    ///
    /// # Errors
    /// Exit 1 when anything does not verify or history changed, 3 before the first checkpoint; network.
    pub fn refresh(&mut self, console: &Console) -> Outcome<()> {
        let mut pauses = PUBLISHED_SOON_S.iter();
        loop {
            self.read_on(console)?;
            (self.present.asked, self.cosigned_again) = (Asked::Not, None);
            self.present.asked = self.ask()?;
            match (self.present.asked, pauses.next()) {
                (Asked::Withheld { .. }, Some(pause)) => std::thread::sleep(Duration::from_secs(*pause)),
                _ => return Ok(()),
            }
        }
    }

    fn ask(&mut self) -> Outcome<Asked> {
        let (note, trusted) = self.latest()?;
        let freshness = casework::clock::freshness(trusted.time(), self.clock());
        if !matches!(freshness, Freshness::TooOld { .. }) {
            return Ok(Asked::Not);
        }
        match ask_all(&self.remote, &self.policy()?, note, self.trust.origin().as_str()) {
            Opinion::Fresh(fresh) if fresh.1.time() >= trusted.time() => {
                let time = fresh.1.time();
                self.cosigned_again = Some(*fresh);
                Ok(Asked::Fresh { time })
            }
            Opinion::Fresh(_) | Opinion::Silent => Ok(Asked::Silent),
            Opinion::Withheld { size } => Ok(Asked::Withheld { size }),
        }
    }

    /// The latest checkpoint with the cosignatures that say most of the present.
    ///
    /// # Errors
    /// Exit 3 before the first refresh.
    pub fn newest(&self) -> Outcome<&(Note, Trusted)> {
        self.cosigned_again.as_ref().map_or_else(|| self.latest(), Ok)
    }

    /// What this client knows of the present. Where the cosigners have said it themselves, their word stands for this
    /// device's clock.
    pub fn clock(&self) -> Clock {
        let device = match self.present.asked {
            Asked::Fresh { time } => time,
            _ => self.remote.now(),
        };
        Clock {
            device,
            built: 0,
            seen: self.present.seen,
            operator: self.present.operator,
        }
    }

    /// The present in the log's own time.
    ///
    /// # Errors
    /// Exit 4 when the newest checkpoint is older than 26 h and the cosigners do not say otherwise; exit 1 when it is from
    /// the future, or when a newer one is withheld.
    pub fn moment(&self) -> Outcome<LogTime> {
        let (_, trusted) = self.newest()?;
        LogTime::of(trusted, self.clock()).map_err(|error| self.refused(&error))
    }

    /// As [`Self::moment`], for what an old checkpoint cannot harm: a wrong clock must not push a declarant to an unsealed
    /// path (§3), nor keep anybody from objecting. [`Self::warn_of_clock`] tells that it is old.
    ///
    /// # Errors
    /// Exit 1 when it is from the future, or when a newer one is withheld.
    pub fn moment_of_any_age(&self) -> Outcome<LogTime> {
        self.present()?.map_err(|error| self.refused(&error))
    }

    /// As [`Self::moment_of_any_age`]; the reason comes back.
    ///
    /// # Errors
    /// Exit 3 before the first refresh.
    pub fn present(&self) -> Outcome<Result<LogTime, NoLogTime>> {
        let (_, trusted) = self.newest()?;
        Ok(match LogTime::of_any_age(trusted, self.clock()) {
            Ok((_, Freshness::TooOld { age_s })) if matches!(self.present.asked, Asked::Withheld { .. }) => {
                Err(NoLogTime::TooOld { age_s })
            }
            Ok((moment, _)) => Ok(moment),
            Err(error) => Err(error),
        })
    }

    /// Warns when this device's clock disagrees with the log.
    pub fn warn_of_clock(&self, console: &Console) {
        if let Some(text) = self.clock_warning() {
            console.warn(&text);
        }
    }

    /// What is wrong with this device's clock, or may be.
    pub fn clock_warning(&self) -> Option<String> {
        let (_, trusted) = self.latest.as_ref()?;
        if let Asked::Fresh { time } = self.present.asked {
            let by = span(self.remote.now().abs_diff(time));
            return Some(format!("this machine's clock is {by} ahead of the cosigners; set it"));
        }
        match casework::clock::freshness(trusted.time(), self.clock()) {
            Freshness::ClockBehind { by_s } => {
                let by = span(by_s);
                Some(format!(
                    "this machine's clock is {by} behind the log and the service; set it"
                ))
            }
            Freshness::TooOld { age_s } => {
                let age = span(age_s);
                Some(format!(
                    "by this machine's clock the log ends {age} ago, and the cosigners do not answer; set the clock, and if it \
                     was right, the log has stopped or what is new is withheld: ask a cosigner"
                ))
            }
            Freshness::Fresh | Freshness::FromFuture { .. } => None,
        }
    }

    fn refused(&self, why: &NoLogTime) -> Failure {
        match (why, self.present.asked) {
            (NoLogTime::TooOld { .. }, Asked::Withheld { size }) => {
                let shown = self.fold.size();
                let what = "what is new in the log is withheld";
                Failure::new(Exit::Check, "checkpoint-withheld", what)
                    .why(format!(
                        "a cosigner has signed a log of {size} entries, the service shows {shown}; {why}"
                    ))
                    .remedy("nothing was done; do not act on it, tell the council and the other cosigners")
            }
            (NoLogTime::FromFuture { .. }, _) => {
                let what = "the newest checkpoint is dated in the future";
                Failure::new(Exit::Check, "checkpoint-from-future", what)
                    .why(why)
                    .remedy(
                        "nothing was done; tell the operator and the council: a cosigner's clock is wrong, or it lies",
                    )
            }
            _ => {
                let what = "the newest checkpoint is too old to act on";
                Failure::new(Exit::NotNow, "checkpoint-too-old", what)
                    .why(format!("{why}, and too few cosigners answer"))
                    .remedy(
                        "nothing was done; set this machine's clock; if it is right, the log has stopped or is withheld: ask a \
                         cosigner",
                    )
            }
        }
    }
}
