//! The log as this program follows it, for an act of [`client`].

use super::line::Trouble;
use crate::console::Console;
use crate::failure::Failure;
use crate::follow::Follow;
use crate::remote::Remote;
use crate::trust::Trust;
use casework::{Fold, Freshness, Latest, LogTime, RootOfTrust};
use client::wire::Wire;
use client::{Following, Local, Outcome, Reading};
use protocol::slot::CaseSalt;
use std::path::Path;
use tlog::Note;
use tlog::policy::Trusted;

/// A log that is kept in a folder. It fetches by itself, at once.
pub(super) struct FollowedLog {
    follow: Follow,
    trouble: Trouble,
    /// Where the first reading is told; later ones are silent.
    console: Option<Console>,
}

impl FollowedLog {
    /// Begins, or continues from a folder.
    ///
    /// # Errors
    /// As [`Follow::open`].
    pub fn open(
        trust: Trust,
        remote: Remote,
        folder: &Path,
        trouble: Trouble,
        console: &Console,
    ) -> crate::failure::Outcome<Self> {
        Ok(Self {
            follow: Follow::open(trust, remote, Some(folder), console)?,
            trouble,
            console: Some(console.clone()),
        })
    }

    /// What an act is told of trouble with the log.
    fn kept<T>(&self, outcome: Result<T, Failure>) -> Outcome<T> {
        outcome.map_err(|failure| {
            let local = Local::ALL.iter().find(|local| local.code() == failure.code);
            self.trouble.keep(failure, local.copied().unwrap_or(Local::Store))
        })
    }

    fn read(&mut self) -> Result<(), Failure> {
        match self.console.take() {
            Some(console) => {
                self.follow.refresh(&console)?;
                self.follow.warn_of_clock(&console);
                Ok(())
            }
            None => self.follow.refresh(&Console::silent()),
        }
    }
}

impl Following for FollowedLog {
    fn refresh<'a>(&'a mut self, _: &'a Wire) -> Reading<'a> {
        let outcome = self.read();
        let outcome = self.kept(outcome);
        Box::pin(std::future::ready(outcome))
    }

    fn watch<'a>(&'a mut self, _: &'a Wire, salts: Vec<CaseSalt>) -> Reading<'a> {
        let outcome = salts.iter().try_for_each(|salt| self.follow.watch(salt));
        let outcome = self.kept(outcome);
        Box::pin(std::future::ready(outcome))
    }

    fn fold(&self) -> &Fold {
        self.follow.fold()
    }

    fn root(&self) -> &RootOfTrust {
        &self.follow.trust().root
    }

    fn latest(&self) -> Outcome<&(Note, Trusted)> {
        self.kept(self.follow.latest())
    }

    fn moment(&self) -> Outcome<LogTime> {
        self.kept(self.follow.moment())
    }

    fn moment_of_any_age(&self) -> Outcome<(LogTime, Freshness)> {
        let moment = self.kept(self.follow.moment_of_any_age())?;
        let freshness = casework::clock::freshness(moment.time(), self.follow.clock());
        Ok((moment, freshness))
    }

    fn latest_with_clock(&self) -> Outcome<Latest<'_>> {
        let newest = self.kept(self.follow.newest())?;
        Ok(Latest {
            checkpoint: &newest.0,
            clock: self.follow.clock(),
        })
    }
}
