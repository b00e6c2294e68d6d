//! What must be known of a testimony to judge acts on it.

use protocol::ids::PublicKey;
use protocol::statement::{Compartment, DocketChoice, Opening};
use protocol::{CaseId, Digest, X};

/// From the header; or from acks and the council at filing, when there is only the phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Case id.
    pub case: CaseId,
    /// D(testimony).
    pub testimony: Digest,
    /// SHA-256 of the match request file.
    pub match_request: Option<Digest>,
    /// D(core); `None` from the phrase alone.
    pub core: Option<Digest>,
    /// SHA-256 of the slot-0 K-file; `None` from the phrase alone.
    pub header_file: Option<Digest>,
    /// D of the council sealed to (from the phrase alone: the newest before the filing).
    pub council: Digest,
    /// The seats dealt to, ascending.
    pub dealt: Vec<X>,
    /// Compartments with their threshold, ascending. From the phrase alone: those the council knows.
    pub compartments: Vec<(Compartment, u8)>,
    /// t_account of that council.
    pub account: u8,
    /// t_identity of that council.
    pub identity: u8,
    /// Verifies what she sends.
    pub inbox_key: PublicKey,
    /// How it may be opened.
    pub open: Opening,
    /// Twins or not.
    pub docket: DocketChoice,
}

/// Why a case cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// Slot 0 is not in the log.
    #[error("the filing is not in the log")]
    NotFiled,
    /// Slot 0 does not commit to this testimony.
    #[error("the log's entry does not commit to this testimony")]
    Commitment,
    /// Too few acks stand for the header.
    #[error("the filing is in the log, but {have} of {need} seats show what it holds")]
    Withheld {
        /// Seats whose ack recomputes the commitment and that agree.
        have: usize,
        /// t_account.
        need: usize,
    },
    /// Header of another log.
    #[error("a testimony of another log")]
    Origin,
    /// The council is unknown, or was included after the filing.
    #[error("the council that this was sealed to does not count")]
    Council,
    /// Thresholds are not those of the council.
    #[error("the thresholds are not those of the council")]
    Thresholds,
    /// Seats repeat, are not of the council, or are fewer than t_identity + 1.
    #[error("the seats dealt to are not right")]
    Seats,
}
