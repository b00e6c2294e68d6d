//! What the page's scripts call: one act at a time, each as JSON, turn by turn until it is done.

use casework::RootOfTrust;
use client::wire::{Answer, Running, Turn, Wire};
use client::{Act, Desk, Failure, Outcome, open_key_file};
use protocol::Digest;
use protocol::keys::MemberKeys;
use serde_json::{Value, json};

type Ended = (Desk, Outcome<Value>);

/// One key at its desk, from the passphrase until the page is left or locked.
pub struct Session {
    root: RootOfTrust,
    built: u64,
    desk: Option<Desk>,
    running: Option<Running<Ended>>,
}

impl Session {
    /// With the root of trust that the page carries.
    ///
    /// # Errors
    /// `log-not-verifiable` when that is none.
    pub fn new(root: &[u8]) -> Outcome<Self> {
        Ok(Self {
            root: RootOfTrust::parse(root).map_err(Failure::log)?,
            built: 0,
            desk: None,
            running: None,
        })
    }

    /// Of a page that was built at a time, POSIX seconds.
    #[must_use]
    pub fn built(self, built: u64) -> Self {
        Self { built, ..self }
    }

    /// Opens a key file. The key stays here.
    ///
    /// # Errors
    /// `wrong-passphrase`, `not-a-key-file`.
    pub fn unlock(&mut self, file: &[u8], passphrase: &str) -> Outcome<()> {
        self.unlock_with(open_key_file(file, passphrase)?)
    }

    /// As [`Self::unlock`], with keys at hand.
    ///
    /// # Errors
    /// `log-not-verifiable`.
    pub fn unlock_with(&mut self, keys: MemberKeys) -> Outcome<()> {
        self.desk = Some(Desk::new(self.root.clone(), self.built, keys, Wire::default())?);
        Ok(())
    }

    /// The desk, while no act is under way.
    pub fn desk(&self) -> Option<&Desk> {
        self.desk.as_ref()
    }

    /// The statements that an act would sign, one for each line; the same act then sends these.
    ///
    /// # Errors
    /// The rule that does not allow the act; `no-statement`; as [`Self::begin`].
    pub fn preview(&mut self, act: &str) -> Outcome<String> {
        let act = parse(act)?;
        let desk = self.desk.as_mut();
        desk.ok_or_else(|| Failure::new("locked"))?.preview(&act)
    }

    /// The file of a request, to be saved: before it is sent, and again as long as its key is here.
    pub fn request_file(&mut self, request: &Digest) -> Option<Vec<u8>> {
        self.desk.as_mut()?.hand_out(request)
    }

    /// Begins an act; `file`: what [`Act::Load`] takes.
    ///
    /// # Errors
    /// `busy` while another is under way; `locked` without a key; `internal` for what is no act.
    pub fn begin(&mut self, act: &str, file: &[u8]) -> Outcome<()> {
        let act = parse(act)?;
        if self.running.is_some() {
            return Err(Failure::new("busy"));
        }
        let mut desk = self.desk.take().ok_or_else(|| Failure::new("locked"))?;
        let (wire, file) = (desk.wire().clone(), file.to_vec());
        self.running = Some(Running::new(wire, async move {
            let outcome = desk.perform(&act, &file).await;
            (desk, outcome)
        }));
        Ok(())
    }

    /// Goes on with the answers to the last calls; gives new calls, or what came of the act with everything to show.
    ///
    /// # Errors
    /// What the act may say; `internal` when none is under way.
    pub fn turn(&mut self, now: u64, answers: Vec<Answer>) -> Outcome<Turn<Value>> {
        let running = self
            .running
            .as_mut()
            .ok_or_else(|| Failure::bug("no act is under way"))?;
        match running.turn(now, answers) {
            Turn::Calls(calls) => Ok(Turn::Calls(calls)),
            Turn::Done((desk, outcome)) => {
                self.running = None;
                let desk = self.desk.insert(desk);
                let done = outcome?;
                Ok(Turn::Done(json!({ "done": done, "view": desk.view()? })))
            }
        }
    }

    /// How far the act is, where it says so: done and total.
    pub fn progress(&self) -> Option<(u64, u64)> {
        let progress = self.running.as_ref()?.progress()?;
        Some((progress.done, progress.total))
    }
}

fn parse(act: &str) -> Outcome<Act> {
    serde_json::from_str(act).map_err(|error| Failure::bug(&error.to_string()))
}
