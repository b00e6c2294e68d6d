//! What time it is for this client: the log's own time, beside a device's clock that may be wrong (§3).

use super::Follow;
use crate::clock::span;
use crate::console::Console;
use crate::failure::{Exit, Failure, Outcome};
use docket::clock::{NoMoment, SKEW_S};
use docket::{Clock, Freshness, Moment};

impl Follow {
    /// This device's clock.
    pub fn clock(&self) -> Clock {
        Clock {
            device: self.remote.now(),
            built: 0,
        }
    }

    /// The present in the log's own time; refused when the newest checkpoint is older than 26 h.
    ///
    /// # Errors
    /// Exit 4.
    pub fn moment(&self) -> Outcome<Moment> {
        let (_, trusted) = self.latest()?;
        Moment::of(trusted, self.clock()).map_err(|error| too_old(&error))
    }

    /// As [`Self::moment`], for a declarant: where only this device's clock disagrees, warns and goes on, for a wrong
    /// clock must not push anybody to an unsealed path (§3), nor keep her from her inbox. The reason comes back where the
    /// server's clock finds the checkpoint too old as well.
    ///
    /// # Errors
    /// Exit 3 before the first refresh; network.
    pub fn present(&self, console: &Console) -> Outcome<Result<Moment, NoMoment>> {
        let (_, trusted) = self.latest()?;
        let mine = Moment::of(trusted, self.clock());
        if mine.is_ok() {
            return Ok(mine);
        }
        let server = self
            .remote
            .server_time()?
            .filter(|server| server.abs_diff(self.remote.now()) > SKEW_S);
        match server.map(|device| Moment::of(trusted, Clock { device, built: 0 })) {
            Some(Ok(moment)) => {
                let ahead = span(self.remote.now().saturating_sub(trusted.time()));
                console.warn(&format!(
                    "this machine's clock is {ahead} ahead of the log and of the server; set it, and if it was right, \
                     the log is being withheld: ask a cosigner"
                ));
                Ok(Ok(moment))
            }
            _ => Ok(mine),
        }
    }

    /// As [`Self::present`], for sealing.
    ///
    /// # Errors
    /// Exit 4; network.
    pub fn moment_to_seal(&self, console: &Console) -> Outcome<Moment> {
        self.present(console)?.map_err(|error| too_old(&error))
    }

    /// Warns when this device's clock disagrees with the log.
    pub fn warn_of_clock(&self, console: &Console) {
        let Some((_, trusted)) = &self.latest else { return };
        if let Freshness::ClockBehind { by_s } = docket::clock::freshness(trusted.time(), self.clock()) {
            console.warn(&format!(
                "this machine's clock is {} behind the log; set it",
                span(by_s)
            ));
        }
    }
}

fn too_old(why: &NoMoment) -> Failure {
    Failure::new(
        Exit::NotNow,
        "checkpoint-too-old",
        "the newest checkpoint is too old to act on",
    )
    .why(why)
    .remedy("check this machine's clock; if it is right, the log has stopped or is withheld: ask a cosigner")
}
