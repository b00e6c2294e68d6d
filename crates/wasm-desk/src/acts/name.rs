//! Acts by their names and fields, as the page hands them over.

use casework::{Aiding, Asking};
use protocol::ids::MemberNumber;
use protocol::statement::{Attention, Compartment, LapseStep, OpeningOutcome, Reason};
use protocol::{CaseId, Digest};
use serde::Deserialize;

/// An act of a seat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SeatAct {
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
    /// Does all that needs no judgement.
    Routine,
    /// Tells a reader of a case.
    Refer {
        /// The case.
        case: CaseId,
        /// The reader.
        reader: MemberNumber,
    },
    /// Says what was done about danger.
    Attend {
        /// The case.
        case: CaseId,
        /// What.
        what: Attention,
        /// Hours within which a seat says more.
        hours: Option<u32>,
    },
    /// Writes to her.
    Write {
        /// The case.
        case: CaseId,
        /// What.
        text: String,
        /// Although it asks for what nobody should ask her for.
        even_so: bool,
        /// An upload code goes with it.
        with_code: bool,
    },
    /// Answers a question without a filing.
    Answer {
        /// Its statement.
        ask: Digest,
        /// What.
        text: String,
        /// Although it asks for what nobody should ask her for.
        even_so: bool,
    },
    /// Shows a question without a filing no more.
    PutAway {
        /// Its statement.
        ask: Digest,
    },
    /// Takes a step towards opening without her.
    Lapse {
        /// The case.
        case: CaseId,
        /// Which.
        step: LapseStep,
    },
    /// Holds that it is no testimony.
    Decline {
        /// The case.
        case: CaseId,
    },
    /// Destroys what this seat holds, and says so.
    Erase {
        /// The case.
        case: CaseId,
    },
    /// Grants or refuses.
    Decide {
        /// The case.
        case: CaseId,
        /// The request.
        request: Digest,
        /// What of it is granted; the rest is refused.
        grants: Vec<Compartment>,
        /// Where something is refused, from the closed list.
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
}

/// An act of a reader.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReaderAct {
    /// Reads what is new.
    Refresh,
    /// Takes a file of an earlier visit; its bytes come beside.
    Load,
    /// Does all that needs no judgement.
    Routine,
    /// Asks for a testimony.
    Request {
        /// The case.
        case: CaseId,
        /// For what and why.
        asking: Asking,
    },
    /// Fetches the sealed files of what was released, without the reader's name.
    Fetch {
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
        outcome: OpeningOutcome,
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
}
