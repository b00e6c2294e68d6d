//! The acts of a member, as a page or a command asks for them.

use casework::{Aiding, Asking};
use protocol::ids::MemberNumber;
use protocol::statement::{Outcome as Found, Reason, Vote};
use protocol::{CaseId, Digest};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::failure::Outcome;

/// An act, as it is asked for.
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

impl Desk {
    /// Does an act; `file`: what [`Act::Load`] takes. Gives what the page is told of it.
    ///
    /// # Errors
    /// The rule that does not allow the act; the log; the network.
    pub async fn perform(&mut self, act: &Act, file: &[u8]) -> Outcome<Value> {
        Ok(match act {
            Act::Refresh => {
                self.refresh().await?;
                Value::Null
            }
            Act::Load => {
                self.load(file).await?;
                Value::Null
            }
            Act::Take => json!(self.take_office().await?),
            Act::Open { case, request, even_so } => json!(self.open_request(case, request, *even_so).await?),
            Act::Ack { .. } => json!(self.send(act).await?),
            _ => self.send(act).await?.pop().unwrap_or_default(),
        })
    }
}
