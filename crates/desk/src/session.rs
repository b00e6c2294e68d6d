//! The face that the page's scripts call: one act at a time, each as JSON, turn by turn until it is done.

use casework::{Aiding, Asking, RootOfTrust};
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::statement::{Outcome as Found, Reason, Vote};
use protocol::{CaseId, Digest};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::{Desk, open_key_file};
use crate::failure::{Failure, Outcome};
use crate::wire::{Answer, Running, Turn, Wire};

/// An act, as the page asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Reads what is new.
    Refresh,
    /// Acknowledges what passed the checks.
    Ack {
        /// The cases.
        cases: Vec<CaseId>,
    },
    /// Tells the other seats of a delivery that failed.
    Reject {
        /// The delivery.
        id: Digest,
    },
    /// Files what came in office cells.
    Take,
    /// Tells a reader of a case.
    Refer {
        /// The case.
        case: CaseId,
        /// The reader.
        reader: MemberNumber,
    },
    /// Asks for a testimony.
    Request {
        /// The case.
        case: CaseId,
        /// For what and why.
        asking: Asking,
    },
    /// Grants or refuses.
    Decide {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
        /// Which.
        vote: Vote,
        /// For a refusal, from the closed list.
        reason: Option<Reason>,
    },
    /// Objects.
    Object {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
    },
    /// Releases this seat's share.
    Release {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
    },
    /// Opens what was released.
    Open {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
        /// Although acts are missing from the log.
        even_so: bool,
    },
    /// Says what was done.
    Finding {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
        /// What.
        outcome: Found,
    },
    /// Says where assistance stands.
    Aid {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
        /// What is said of which measure.
        aiding: Aiding,
    },
    /// Takes a file of an earlier visit; its bytes come beside.
    Load,
}

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
        let (wire, file) = (desk.wire.clone(), file.to_vec());
        self.running = Some(Running::new(wire, async move {
            let outcome = perform(&mut desk, &act, &file).await;
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

async fn perform(desk: &mut Desk, act: &Act, file: &[u8]) -> Outcome<Value> {
    Ok(match act {
        Act::Refresh => {
            desk.refresh().await?;
            Value::Null
        }
        Act::Load => {
            desk.load(file).await?;
            Value::Null
        }
        Act::Take => json!(desk.take_office().await?),
        Act::Open { case, request, even_so } => json!(desk.open_request(case, request, *even_so).await?),
        Act::Ack { .. } => json!(desk.send(act).await?),
        _ => desk.send(act).await?.pop().unwrap_or_default(),
    })
}
